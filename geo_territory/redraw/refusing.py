"""Why an operation is refused, in words: who changed what when, what is locked, why an edit can't be taken back by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from geo_territory.errors import TerritoryError
from geo_territory.redraw.basis import Basis
from geo_territory.redraw.draft import Draft
from geo_territory.redraw.edits import REDO, UNDO, Edit, Key
from geo_territory.redraw.history import History
from geo_territory.redraw.words import NOBODY_NAME, Names, ago, locked_things


class RefusedError(TerritoryError):
    """An operation is refused; `units` are the positions of the units in its way."""

    def __init__(self, reason: str, units: Sequence[int] = ()) -> None:
        """Say why."""
        super().__init__(reason)
        self.units = units


@dataclass(frozen=True, eq=False)
class Asked:
    """An operation and all it is judged by."""

    op: Mapping[str, Any]
    draft: Draft
    history: History
    basis: Basis
    names: Names
    who: str
    tab: str
    at: datetime


def clash(edit: Edit, units: np.ndarray, keys: Sequence[Key], op: Asked) -> str:
    """Return who changed some units (positions) or keys, and when, such as: Ana moved Franklin to Dallas a moment ago."""
    did = _moved(units, op) if len(units) else _did(keys[0], op)
    who = "You" if edit.who == op.who else edit.who or "Somebody"
    where = " in another tab" if edit.who == op.who and edit.tab != op.tab else ""
    return f"{who} {did}{where} {ago(edit.at, op.at)}."


def locked(locks: Sequence[tuple[str, str]], op: Asked) -> str:
    """Return that some locks stand against it, and what to do."""
    are, them = ("is", "it") if len(locks) == 1 else ("are", "them")
    return f"{locked_things(locks, op.history.territory_names, op.names)} {are} locked: unlock {them} first."


def why_not(edit: Edit, op: Asked) -> str:
    """Return why an edit can't be taken back by itself."""
    if edit.kind in (UNDO, REDO):
        return "This took an edit back or did it again: revert that edit instead."
    if op.history.is_undone(edit.rev):
        return "This was taken back already."
    found = op.history.changed_by_others(edit.change, edit.rev, None)
    if found is not None:
        return f"{clash(*found, op)} So this can't be taken back by itself."
    made = [name for name, (before, _) in edit.change.territories.items() if before is None]
    if made:
        name = op.history.territory_names[made[0]]
        return f"{name} has got more units or accounts since: move them elsewhere, then take this back."
    return "The territory it came from is no longer there, so this can't be taken back by itself."


def _moved(units: np.ndarray, op: Asked) -> str:
    to = sorted({op.draft.owner_of(int(unit)) for unit in units})
    called = op.history.territory_names
    where = "other territories" if len(to) > 1 else called.get(to[0], to[0]) if to[0] else NOBODY_NAME
    return f"moved {op.names.some_units([op.draft.ground.ids[int(unit)] for unit in units])} to {where}"


def _did(key: Key, op: Asked) -> str:
    kind, name = key
    called = op.history.territory_names
    account = op.names.accounts.get(name, name)
    if kind == "territory":
        return f"{'changed' if name in op.draft.territories else 'removed'} {called.get(name, name)}"
    if kind == "exception":
        to = op.draft.exceptions.get(name)
        return f"moved {account} " + (f"to {called.get(to, to)}" if to else "back to where it lies")
    if kind == "channel":
        return f"changed how {account} is called on"
    lock = (kind.removeprefix("lock "), name)
    return f"{'locked' if lock in op.draft.locks else 'unlocked'} {locked_things([lock], called, op.names)}"
