"""The state of a draft: who owns which unit, the territories there are, exceptions, locks and channels."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import pandas as pd

from geo_territory.alignment import Alignment
from geo_territory.errors import UnitsError
from geo_territory.redraw.edits import EVERYTHING, LOCK_TERRITORY, LOCK_UNIT, NOBODY_ID, Change, Edit, Handover, TerritoryLine

if TYPE_CHECKING:
    from geo_territory.redraw.basis import Basis

NOBODY = -1
T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Ground:
    """What no edit changes: the unit_ids in their order, the position of each, and the role that is aligned."""

    ids: tuple[str, ...]
    position: Mapping[str, int]
    role: str

    def positions(self, units: Iterable[str]) -> np.ndarray:
        """Return the positions of unit_ids, (k,) int32; raises UnitsError for one that is not on the map."""
        try:
            return np.fromiter((self.position[unit] for unit in units), np.int32)
        except KeyError as error:
            raise UnitsError(f"Units that are not on the map: {error.args[0]}. Load the map again.") from error


@dataclass(frozen=True, eq=False)
class Draft:
    """A version after some edits; immutable, `after` returns the next one.

    rev: revision, 0 is the version itself; owner: (n,) int32 slot of each unit's territory, NOBODY for none, read only; slots:
    territory_id of every slot, gone ones too; territories: the living ones; exceptions: account_id -> territory_id; channels:
    account_id -> channel; locks: ("unit", unit_id), ("territory", territory_id), ("all", "").
    """

    ground: Ground
    rev: int
    owner: np.ndarray
    slots: tuple[str, ...]
    territories: Mapping[str, TerritoryLine]
    exceptions: Mapping[str, str]
    channels: Mapping[str, str]
    locks: frozenset[tuple[str, str]]

    @classmethod
    def begin(cls, basis: Basis) -> Draft:
        """Return the version of a basis before any edit."""
        ids = tuple(map(str, basis.units))
        ground = Ground(ids, {unit: position for position, unit in enumerate(ids)}, basis.design.alignment.role)
        slots = tuple(map(str, basis.territories))
        lines = {name: basis.lines[name] for name in slots}
        owner = _frozen(np.array(basis.owner, np.int32))
        return cls(ground, 0, owner, slots, lines, dict(basis.exceptions), dict(basis.channels), frozenset())

    def after(self, done: Edit | Change, rev: int | None = None) -> Draft:
        """Return the draft after an edit or a change; the revision is the edit's, `rev`, or this one's plus 1.

        Raises UnitsError for a unit that is not on the map.
        """
        change = done.change if isinstance(done, Edit) else done
        if rev is None:
            rev = done.rev if isinstance(done, Edit) else self.rev + 1
        slots = self.slots + tuple(name for name, (_, line) in change.territories.items() if line is not None and name not in self.slots)
        return dataclasses.replace(
            self,
            rev=rev,
            slots=slots,
            owner=self._owner_after(change.handovers, slots),
            territories=_changed(self.territories, change.territories),
            exceptions=_changed(self.exceptions, change.exceptions),
            channels=_changed(self.channels, change.channels),
            locks=self._locks_after(change.locks),
        )

    def alignment(self) -> Alignment:
        """Return unit -> territory of the covered units; with every edit taken back it is the version's, byte by byte."""
        covered = np.flatnonzero(self.owner != NOBODY)
        names = np.array(self.slots, dtype=object)[self.owner[covered]]
        units = np.array(self.ground.ids, dtype=object)[covered]
        return Alignment(pd.Series(names, index=pd.Index(units, dtype="str"), dtype="str"), self.ground.role)

    def owner_of(self, position: int) -> str:
        """Return the territory_id of the unit at a position, "" for nobody."""
        slot = int(self.owner[position])
        return NOBODY_ID if slot == NOBODY else self.slots[slot]

    def units_of(self, territory_id: str) -> np.ndarray:
        """Return the positions of the units of a territory ("" for those of nobody), ascending, (k,) int."""
        slot = self.slot_of.get(territory_id)
        return np.flatnonzero(self.owner == slot) if slot is not None else np.empty(0, np.int64)

    def handing(self, moves: Sequence[tuple[np.ndarray, str]]) -> tuple[Handover, ...]:
        """Return what changes hands when the units at some positions go to a territory each ("" is nobody), in their order.

        Units that are there already are left out. A territory that is not there yet may be named: it is about to be made.
        """
        slot_of = dict(self.slot_of)
        owner = self.owner.copy()
        for positions, to in moves:
            owner[positions] = slot_of.setdefault(to, len(slot_of) - 1)
        moved = np.flatnonzero(owner != self.owner)
        names = {slot: name for name, slot in slot_of.items()}
        pair = (self.owner[moved] + np.int64(1)) * len(slot_of) + owner[moved] + 1
        order = np.argsort(pair, kind="stable")
        parts = np.split(moved[order], np.flatnonzero(np.diff(pair[order])) + 1) if len(moved) else []
        return tuple(
            Handover(tuple(self.ground.ids[p] for p in part), names[int(self.owner[part[0]])], names[int(owner[part[0]])]) for part in parts
        )

    @cached_property
    def slot_of(self) -> Mapping[str, int]:
        """The slot of each territory_id, gone ones too; "" is NOBODY."""
        return {NOBODY_ID: NOBODY, **{name: slot for slot, name in enumerate(self.slots)}}

    @property
    def is_all_locked(self) -> bool:
        """Whether everything is locked at once."""
        return EVERYTHING in self.locks

    def is_locked(self, territory_id: str) -> bool:
        """Return whether nothing may go into or out of a territory."""
        return self.is_all_locked or (LOCK_TERRITORY, territory_id) in self.locks

    def locked_units(self) -> np.ndarray:
        """Return which units may not change hands, (n,) bool, read only."""
        return self._locked_units

    @cached_property
    def _locked_units(self) -> np.ndarray:
        if self.is_all_locked:
            return _frozen(np.ones(len(self.owner), bool))
        slot_locked = np.zeros(len(self.slots) + 1, bool)  # the last one stands for nobody, who is never locked
        slot_locked[[self.slot_of[name] for kind, name in self.locks if kind == LOCK_TERRITORY]] = True
        locked = slot_locked[self.owner]
        locked[self.ground.positions(name for kind, name in self.locks if kind == LOCK_UNIT)] = True
        return _frozen(locked)

    def _owner_after(self, handovers: tuple[Handover, ...], slots: tuple[str, ...]) -> np.ndarray:
        if not handovers:
            return self.owner
        owner = self.owner.copy()
        for handover in handovers:
            to = NOBODY if handover.after == NOBODY_ID else slots.index(handover.after)
            owner[self.ground.positions(handover.units)] = to
        return _frozen(owner)

    def _locks_after(self, changed: Mapping[tuple[str, str], tuple[bool, bool]]) -> frozenset[tuple[str, str]]:
        if not changed:
            return self.locks
        return (self.locks | {lock for lock, (_, on) in changed.items() if on}) - {lock for lock, (_, on) in changed.items() if not on}


def _changed(values: Mapping[str, T], pairs: Mapping[str, tuple[T | None, T | None]]) -> Mapping[str, T]:
    """Return the values after (before, after) pairs, None for none, by id; unchanged ones are the same object."""
    if not pairs:
        return values
    new = {**values, **{name: after for name, (_, after) in pairs.items() if after is not None}}
    gone = {name for name, (_, after) in pairs.items() if after is None}
    return {name: new[name] for name in sorted(new) if name not in gone}


def _frozen(array: np.ndarray) -> np.ndarray:
    array.setflags(write=False)
    return array
