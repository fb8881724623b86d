"""What one edit of a draft changed: values before and after, so that every edit can be told, stored and taken back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

NOBODY_ID = ""
UNDO, REDO, REVERT = "undo", "redo", "revert"
KINDS = (
    "move",
    "move_accounts",
    "lock",
    "add",
    "territory",
    "merge",
    "split",
    "delete",
    "channel",
    "repair",
    "solve",
    UNDO,
    REDO,
    REVERT,
)
LOCK_UNIT, LOCK_TERRITORY, LOCK_ALL = "unit", "territory", "all"
EVERYTHING = (LOCK_ALL, "")

# What a territory, an account or a lock is known by beside units: ("territory", id), ("exception", account_id),
# ("channel", account_id), ("lock unit", unit_id), ("lock territory", id), ("lock all", "").
Key = tuple[str, str]


@dataclass(frozen=True)
class Handover:
    """Units that went from one territory to another; `before` and `after` are territory_ids, "" is nobody."""

    units: tuple[str, ...]
    before: str
    after: str


@dataclass(frozen=True)
class TerritoryLine:
    """What is said of a territory: its name, its colour #rrggbb, and the rep_id of who works it, "" for nobody."""

    name: str
    color: str
    rep_id: str = ""


@dataclass(frozen=True)
class Change:
    """What changed, each as (before, after).

    `exceptions` account_id -> territory_id, None for none; `territories` territory_id -> line, None before for a new one and
    after for one that is gone; `locks` ("unit", unit_id), ("territory", territory_id) or ("all", "") -> whether locked;
    `channels` account_id -> channel its visits of the aligned role are made by, None for the plan's.
    """

    handovers: tuple[Handover, ...] = ()
    exceptions: Mapping[str, tuple[str | None, str | None]] = field(default_factory=dict)
    territories: Mapping[str, tuple[TerritoryLine | None, TerritoryLine | None]] = field(default_factory=dict)
    locks: Mapping[tuple[str, str], tuple[bool, bool]] = field(default_factory=dict)
    channels: Mapping[str, tuple[str | None, str | None]] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether nothing changed."""
        return not (self.handovers or self.exceptions or self.territories or self.locks or self.channels)

    @property
    def units(self) -> int:
        """How many units changed hands."""
        return sum(len(handover.units) for handover in self.handovers)

    def things(self) -> Iterator[Key]:
        """Yield what changed beside the units."""
        yield from (("territory", name) for name in self.territories)
        yield from (("exception", name) for name in self.exceptions)
        yield from (("channel", name) for name in self.channels)
        yield from ((f"lock {kind}", name) for kind, name in self.locks)

    def inverse(self) -> Change:
        """Return the change that takes this one back."""
        return Change(
            tuple(Handover(h.units, h.after, h.before) for h in self.handovers),
            _swapped(self.exceptions),
            _swapped(self.territories),
            _swapped(self.locks),
            _swapped(self.channels),
        )

    def to_json(self) -> dict[str, Any]:
        """Return the change as plain JSON values; what is empty is left out."""
        stored = {
            "units": [[h.before, h.after, list(h.units)] for h in self.handovers],
            "exceptions": {name: list(pair) for name, pair in self.exceptions.items()},
            "territories": {name: [_plain(line) for line in pair] for name, pair in self.territories.items()},
            "locks": [[*lock, *pair] for lock, pair in self.locks.items()],
            "channels": {name: list(pair) for name, pair in self.channels.items()},
        }
        return {name: values for name, values in stored.items() if values}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Change:
        """Return the change that `to_json` wrote."""
        return cls(
            tuple(Handover(tuple(units), before, after) for before, after, units in stored.get("units", ())),
            {name: (before, after) for name, (before, after) in stored.get("exceptions", {}).items()},
            {name: (_line(before), _line(after)) for name, (before, after) in stored.get("territories", {}).items()},
            {(kind, name): (before, after) for kind, name, before, after in stored.get("locks", ())},
            {name: (before, after) for name, (before, after) in stored.get("channels", {}).items()},
        )


@dataclass(frozen=True)
class Edit:
    """One entry of a draft's list.

    `rev` counts from 1 without gaps; `kind` is one of KINDS; `at` is UTC; `tab` and `seq` name the operation of a browser tab
    it came from; `of` is the revision an undo, redo or revert speaks of.
    """

    rev: int
    kind: str
    change: Change
    who: str
    at: datetime
    tab: str = ""
    seq: int = 0
    reason: str = ""
    of: int | None = None


def _swapped(pairs: Mapping[Any, tuple[Any, Any]]) -> dict[Any, tuple[Any, Any]]:
    return {name: (after, before) for name, (before, after) in pairs.items()}


def _plain(line: TerritoryLine | None) -> list[str] | None:
    return None if line is None else [line.name, line.color, line.rep_id]


def _line(stored: list[str] | None) -> TerritoryLine | None:
    return None if stored is None else TerritoryLine(*stored)
