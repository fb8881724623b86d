"""Why an operation is refused, in words: who changed what when, what is locked, why an edit can't be taken back by itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from geo_territory.errors import TerritoryError
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


def clash(edit: Edit, units: np.ndarray, keys: Sequence[Key], draft: Draft, history: History, names: Names, who: str, now: datetime) -> str:
    """Return who changed some units (positions) or keys, and when, such as: Ana moved Franklin to Dallas a moment ago."""
    did = _moved(units, draft, history, names) if len(units) else _did(keys[0], draft, history, names)
    doer, where = ("You", " in another tab") if edit.who == who else (edit.who or "Somebody", "")
    return f"{doer} {did}{where} {ago(edit.at, now)}."


def locked(locks: Sequence[tuple[str, str]], history: History, names: Names) -> str:
    """Return that some locks stand against it, and what to do."""
    one = len(locks) == 1
    return (
        f"{locked_things(locks, history.territory_names, names)} {'is' if one else 'are'} locked: unlock {'it' if one else 'them'} first."
    )


def why_not(edit: Edit, history: History, draft: Draft, names: Names, who: str, now: datetime) -> str:
    """Return why an edit can't be taken back by itself."""
    if edit.kind in (UNDO, REDO):
        return "This took an edit back or did it again: revert that edit instead."
    if history.is_undone(edit.rev):
        return "This was taken back already."
    found = history.changed_by_others(edit.change, edit.rev, None)
    if found is not None:
        changed, units, keys = found
        return f"{clash(changed, units, keys, draft, history, names, who, now)} So this can't be taken back by itself."
    made = [name for name, (before, _) in edit.change.territories.items() if before is None]
    if made:
        name = history.territory_names[made[0]]
        return f"{name} has got more units or accounts since: move them elsewhere, then take this back."
    return "The territory it came from is no longer there, so this can't be taken back by itself."


def _moved(units: np.ndarray, draft: Draft, history: History, names: Names) -> str:
    to = {draft.owner_of(int(unit)) for unit in units}
    name = next(iter(to)) if len(to) == 1 else None
    where = "other territories" if name is None else history.territory_names.get(name, name) if name else NOBODY_NAME
    return f"moved {names.some_units([draft.ground.ids[int(unit)] for unit in units[:1]] * len(units))} to {where}"


def _did(key: Key, draft: Draft, history: History, names: Names) -> str:
    kind, name = key
    account = names.accounts.get(name, name)
    if kind == "territory":
        called = history.territory_names.get(name, name)
        return f"changed {called}" if name in draft.territories else f"removed {called}"
    if kind == "exception":
        to = draft.exceptions.get(name)
        return f"moved {account} " + (f"to {history.territory_names.get(to, to)}" if to else "back to where it lies")
    if kind == "channel":
        return f"changed how {account} is called on"
    lock = (kind.removeprefix("lock "), name)
    return f"{'locked' if lock in draft.locks else 'unlocked'} {locked_things([lock], history.territory_names, names)}"
