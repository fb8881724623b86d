"""What edits are called: titles for the list of edits, and who did what when, in plain words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from geo_territory.redraw.edits import LOCK_TERRITORY, LOCK_UNIT, NOBODY_ID, REDO, REVERT, UNDO, Change, Edit
from geo_territory.tables import Accounts, Reps, Units

if TYPE_CHECKING:
    from geo_territory.redraw.basis import Basis

NOBODY_NAME = "nobody"
SOLVE = "solve"
STEPS = {UNDO: "Undid", REDO: "Did again", REVERT: "Reverted"}
MINUTE, HOUR, DAY = 60, 3600, 86400
K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, eq=False)
class Names:
    """What people call units, accounts and reps, by id; who has no name is called by the id.

    accounts_in: how many accounts lie in a unit, by unit_id, 0 where it isn't named; unit_of: the unit_id of each account on the map.
    """

    units: Mapping[str, str]
    accounts: Mapping[str, str]
    reps: Mapping[str, str]
    accounts_in: Mapping[str, int]
    unit_of: Mapping[str, str]

    @classmethod
    def of(cls, basis: Basis) -> Names:
        """Return the names of a basis, made once for all its drafts."""
        known = basis.kept.get("names")
        if not isinstance(known, Names):
            units, accounts = basis.design.unit_map.units[Units.name], basis.design.attention.planned[Accounts.name]
            unit_of = dict(zip(basis.accounts, basis.units[basis.unit_of_account], strict=True))
            reps, count = basis.reps[Reps.name].to_dict(), Counter(unit_of.values())
            known = cls(units.dropna().to_dict(), accounts.dropna().to_dict(), reps, count, unit_of)
            basis.kept["names"] = known
        return known

    def some_units(self, units: Sequence[str]) -> str:
        """Return the first unit's name and how many more there are."""
        return _some(self.units.get(units[0], units[0]), len(units), "unit")

    def some_accounts(self, accounts: Sequence[str]) -> str:
        """Return the first account's name and how many more there are."""
        return _some(self.accounts.get(accounts[0], accounts[0]), len(accounts), "account")


def title(edit: Edit, edits: Sequence[Edit], territories: Mapping[str, str], names: Names) -> str:
    """Return what an edit did, in one line; `edits` are all by revision, `territories` names by territory_id, gone ones too."""
    if edit.kind in STEPS and edit.of is not None:
        return f"{STEPS[edit.kind]}: {title(edits[edit.of - 1], edits, territories, names)}"
    said = {"add": _made, "territory": _described, "merge": _merged, "split": _parted, "delete": _deleted}
    if edit.kind in said:
        return said[edit.kind](edit.change, territories, names)
    told = changed(edit.change, territories, names, _apart(edits[: edit.rev - 1]))
    return f"Solve: {told}" if edit.kind == SOLVE else told


def changed(change: Change, territories: Mapping[str, str], names: Names, apart: Collection[str] = ()) -> str:
    """Return what a change of units, accounts, locks or channels did, in one line; accounts `apart` don't go with their unit."""
    parts = []
    if change.handovers:
        parts.append(_handed(change, territories, names, apart))
    for to, accounts in _grouped({account: after for account, (_, after) in change.exceptions.items()}).items():
        where = "back to where " + ("they lie" if len(accounts) > 1 else "it lies") if to is None else f"to {_territory(to, territories)}"
        parts.append(f"{_counted(accounts, names.accounts, 'account')} {where}")
    for channel, accounts in _grouped({account: after for account, (_, after) in change.channels.items()}).items():
        parts.append(f"{_counted(accounts, names.accounts, 'account')} {f'by {channel}' if channel else 'called on as planned'}")
    for on, locks in _grouped({lock: after for lock, (_, after) in change.locks.items()}).items():
        parts.append(f"{'Locked' if on else 'Unlocked'} {locked_things(locks, territories, names)}")
    return "; ".join(parts) or "Nothing"


def locked_things(locks: Sequence[tuple[str, str]], territories: Mapping[str, str], names: Names) -> str:
    """Return what some locks are on, such as Denver, 3 units or everything."""
    units = [name for kind, name in locks if kind == LOCK_UNIT]
    ids = [name for kind, name in locks if kind == LOCK_TERRITORY]
    parts = [_counted(ids, territories, "territory")] if ids else []
    parts += [_counted(units, names.units, "unit")] if units else []
    return " and ".join(parts) or "everything"


def ago(then: datetime, now: datetime) -> str:
    """Return how long ago a moment was, both UTC, such as 3 minutes ago."""
    seconds = (now - then).total_seconds()
    if seconds < MINUTE:
        return "a moment ago"
    for size, unit in ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute")):
        if seconds >= size:
            count = int(seconds // size)
            return f"{count:,} {unit}{'' if count == 1 else 's'} ago"
    return "a moment ago"


def _apart(edits: Sequence[Edit]) -> set[str]:
    """Return the accounts that were in another territory than their unit after some edits."""
    apart: dict[str, str | None] = {}
    for edit in edits:
        apart.update({account: after for account, (_, after) in edit.change.exceptions.items()})
    return {account for account, to in apart.items() if to is not None}


def _handed(change: Change, territories: Mapping[str, str], names: Names, apart: Collection[str]) -> str:
    units = [unit for handover in change.handovers for unit in handover.units]
    sources = list(dict.fromkeys(handover.before for handover in change.handovers))
    targets = list(dict.fromkeys(handover.after for handover in change.handovers))
    what, whence = _counted(units, names.units, "unit"), _counted(sources, {**territories, NOBODY_ID: NOBODY_NAME}, "territory")
    moved = set(units)
    held = sum(names.accounts_in.get(unit, 0) for unit in units) - sum(names.unit_of.get(account) in moved for account in apart)
    some = f"{held:,} account{'' if held == 1 else 's'}" if held else "no accounts"
    return f"{what} ({some}) from {whence} to {_counted(targets, {**territories, NOBODY_ID: NOBODY_NAME}, 'territory')}"


def _made(change: Change, territories: Mapping[str, str], names: Names) -> str:
    made = _lines(change, born=True)
    units = [unit for handover in change.handovers for unit in handover.units]
    return f"New territory {', '.join(made)} with {_counted(units, names.units, 'unit')}" if units else f"New territory {', '.join(made)}"


def _described(change: Change, territories: Mapping[str, str], names: Names) -> str:
    parts = []
    for before, after in change.territories.values():
        if before is None or after is None:
            continue
        if after.name != before.name:
            parts.append(f"{before.name} renamed to {after.name}")
        if after.rep_id != before.rep_id:
            parts.append(f"{after.name} given to {names.reps.get(after.rep_id, after.rep_id) if after.rep_id else NOBODY_NAME}")
        if after.color != before.color:
            parts.append(f"{after.name} in another colour")
    return "; ".join(parts) or changed(change, territories, names)


def _merged(change: Change, territories: Mapping[str, str], names: Names) -> str:
    into = next((handover.after for handover in change.handovers), None)
    gone = ", ".join(_lines(change, born=False))
    return f"{gone} merged into {_territory(into, territories)}" if into else f"{gone} merged"


def _parted(change: Change, territories: Mapping[str, str], names: Names) -> str:
    whole = next((handover.before for handover in change.handovers), NOBODY_ID)
    return f"{_territory(whole, territories)} split in two: {', '.join(_lines(change, born=True))} is new"


def _deleted(change: Change, territories: Mapping[str, str], names: Names) -> str:
    gone = ", ".join(_lines(change, born=False))
    units = [unit for handover in change.handovers for unit in handover.units]
    targets = list(dict.fromkeys(handover.after for handover in change.handovers))
    if not units:
        return f"{gone} deleted"
    return f"{gone} deleted, {_counted(units, names.units, 'unit')} to {_counted(targets, territories, 'territory')}"


def _lines(change: Change, *, born: bool) -> list[str]:
    """Return the names of the territories a change made, or ended."""
    pairs = [pair if born else pair[::-1] for pair in change.territories.values()]
    return [after.name for before, after in pairs if before is None and after is not None]


def _territory(territory_id: str, territories: Mapping[str, str]) -> str:
    return territories.get(territory_id, territory_id) if territory_id else NOBODY_NAME


def _grouped(values: Mapping[K, V]) -> dict[V, list[K]]:
    groups: dict[V, list[K]] = {}
    for name, value in values.items():
        groups.setdefault(value, []).append(name)
    return groups


def _counted(ids: Sequence[str], names: Mapping[str, str], one: str) -> str:
    """Return the name of the only one, or how many there are."""
    return names.get(ids[0], ids[0]) if len(ids) == 1 else f"{len(ids):,} {_plural(one)}"


def _some(first: str, count: int, one: str) -> str:
    return first if count == 1 else f"{first} and {count - 1:,} more {one if count == 2 else _plural(one)}"


def _plural(one: str) -> str:
    return one[:-1] + "ies" if one.endswith("y") else one + "s"
