"""The ledger of a draft: what each edit did to both sides, made again from the list of edits, so that it survives a restart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import shapely

from geo_territory.redraw.basis import Basis
from geo_territory.redraw.draft import NOBODY, Draft
from geo_territory.redraw.edits import Change, Edit
from geo_territory.redraw.history import History
from geo_territory.tables import Accounts

SHOWN = 200  # entries a browser is given; older ones stay in the draft

Title = Callable[[Edit], str]


class Ledger:
    """The effects of a draft's edits, in their order."""

    def __init__(self, basis: Basis, draft: Draft) -> None:
        """Begin with a draft that has no edits."""
        self._basis = basis
        self._effects: list[list[dict[str, Any]]] = []
        self._sums = _sums(basis, draft)
        self._bounds = shapely.bounds(basis.design.unit_map.units.geometry.to_numpy())
        planned = basis.design.attention.planned
        self._places = planned[[Accounts.lon, Accounts.lat]].reindex(basis.accounts).to_numpy(float)

    def add(self, edit: Edit, before: Draft, after: Draft) -> None:
        """Add what an edit did: index, accounts and value of the territories it touched, before and after."""
        touched = _touched(edit.change)
        was, now = self._sums, self._sums
        if touched:
            now = self._sums = _sums(self._basis, after)
        lines = {**before.territories, **after.territories}
        self._effects.append(
            [
                {"territory": name, "name": lines[name].name, "before": _side(was, before, name), "after": _side(now, after, name)}
                for name in touched
            ]
        )

    def entries(self, history: History, have: int, title: Title) -> list[dict[str, Any]]:
        """Return the entries that are new after revision `have` or stand differently since, of the newest 200, oldest first."""
        revs = {*range(have + 1, history.rev + 1), *history.turned_after(have)}
        return [self._entry(history, rev, title) for rev in sorted(revs) if rev > history.rev - SHOWN]

    def entries_before(self, history: History, rev: int, title: Title) -> list[dict[str, Any]]:
        """Return the newest 200 entries before revision `rev`, oldest first."""
        return [self._entry(history, earlier, title) for earlier in range(max(1, rev - SHOWN), min(rev, history.rev + 1))]

    def _entry(self, history: History, rev: int, title: Title) -> dict[str, Any]:
        edit = history.edit(rev)
        return {
            "rev": rev,
            "kind": edit.kind,
            "title": title(edit),
            "who": edit.who,
            "at": edit.at.isoformat(timespec="seconds") + "Z",
            "reason": edit.reason,
            "sides": self._effects[rev - 1],
            "standing": history.is_standing(rev),
            "undone": history.is_undone(rev),
            "of": edit.of,
            "units": edit.change.units,
            "box": self._box(edit.change),
        }

    def _box(self, change: Change) -> list[float] | None:
        """Return west, south, east and north [degree] of the units and accounts of a change; None when it has none."""
        boxes = [self._bounds[self._basis.units.get_indexer(list(h.units))] for h in change.handovers]
        if change.exceptions:
            place = self._places[self._basis.accounts.get_indexer(list(change.exceptions))]
            boxes.append(np.hstack([place, place]))
        every = np.vstack(boxes) if boxes else np.empty((0, 4))
        every = every[~np.isnan(every).any(axis=1)]
        if not len(every):
            return None
        return [*every[:, :2].min(axis=0).tolist(), *every[:, 2:].max(axis=0).tolist()]


def slots_of_accounts(basis: Basis, draft: Draft) -> np.ndarray:
    """Return the slot of each account's territory, (a,) int, -1 for nobody: its exception's, else its unit's."""
    slot = draft.owner[basis.unit_of_account]
    if draft.exceptions:
        place = basis.accounts.get_indexer(list(draft.exceptions))
        slot[place[place >= 0]] = [draft.slot_of[to] for p, to in zip(place, draft.exceptions.values(), strict=True) if p >= 0]
    return slot


def _touched(change: Change) -> list[str]:
    """Return the territories whose accounts, or whose hours, a change touches, and those that come or go."""
    ids: set[str] = {name for h in change.handovers for name in (h.before, h.after)}
    ids |= {name for pair in change.exceptions.values() for name in pair if name}
    return sorted((ids | set(change.territories)) - {""})


def _sums(basis: Basis, draft: Draft) -> np.ndarray:
    """Return weight, accounts, value and target by slot, (4, slots)."""
    slot, slots = slots_of_accounts(basis, draft), len(draft.slots)
    held = slot != NOBODY
    amounts = basis.amounts(draft.channels).values
    weight, value = amounts[0][held], amounts[3][held]
    living = np.array([name in draft.territories for name in draft.slots])
    capacity = basis.capacity.reindex(list(draft.slots)).fillna(basis.new_capacity).to_numpy(float) * living
    sums = [np.bincount(slot[held], amount, slots) for amount in (weight, None, value)]
    return np.vstack([*sums, sums[0].sum() * capacity / max(capacity.sum(), 1e-300)])


def _side(sums: np.ndarray, draft: Draft, name: str) -> dict[str, Any] | None:
    if name not in draft.territories:
        return None
    weight, accounts, value, target = (float(figure) for figure in sums[:, draft.slot_of[name]])
    return {"index": 100 * weight / target if target > 0 else None, "accounts": int(accounts), "value": value}
