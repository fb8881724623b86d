"""A draft as a problem for the engine, and what people call its territories and units."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from geo_territory.balancing.problem import NOBODY, Problem
from geo_territory.redraw.basis import Basis
from geo_territory.redraw.draft import Draft
from geo_territory.redraw.edits import LOCK_UNIT
from geo_territory.tables import Units

NOTHING = 1e-9  # weight of every unit where none has any
LEAST_CAPACITY = 1e-6  # share of the mean that a territory without capacity has, since the engine needs some


@dataclass(frozen=True, eq=False)
class Posed:
    """A draft in numbers.

    problem: its units by position, its territories in the order of `ids` (sorted), weights as the draft counts them, without the
    exceptions; a locked unit that nobody covers is forbidden to all. territory: (n,) number of each unit's territory, -1 for nobody.
    aside: (k,) weight of the accounts a territory has by exception. vacant: (k,) territories without capacity.
    """

    problem: Problem
    territory: np.ndarray
    ids: tuple[str, ...]
    aside: np.ndarray
    vacant: np.ndarray

    @property
    def total(self) -> float:
        """The weight of everything on the map, in the unit of what is balanced."""
        return float(self.problem.weight[:, 0].sum() + self.aside.sum())

    def index(self, territory: np.ndarray) -> np.ndarray:
        """Return the index of each territory [points] in an alignment (n,): of what is covered (F19), NaN without capacity."""
        covered = territory != NOBODY
        held = self.aside + np.bincount(territory[covered], self.problem.weight[covered, 0], len(self.ids))
        target = np.where(self.vacant, np.nan, self.problem.target * held.sum())
        return 100.0 * held / np.where(target > 0, target, np.nan)

    @property
    def has_takers(self) -> bool:
        """Whether some territory that isn't locked has a unit."""
        shut = self.problem.locked_territories
        covered = self.territory[self.territory != NOBODY]
        return len(covered) > 0 and (shut is None or not shut[covered].all())


def posed(basis: Basis, draft: Draft, *, without: str | None = None) -> Posed:
    """Return a draft as a problem; `without` leaves out a territory, whose units are then nobody's."""
    ids = tuple(sorted(name for name in draft.territories if name != without))
    number = np.full(len(draft.slots) + 1, NOBODY)  # the last one stands for nobody
    number[[draft.slot_of[name] for name in ids]] = np.arange(len(ids))
    territory = number[draft.owner]
    weight, aside = weighed(basis, draft, ids)
    capacity = np.array([float(basis.capacity.get(name, basis.new_capacity)) for name in ids])
    vacant = ~(capacity > 0)
    mean = capacity[~vacant].mean() if (~vacant).any() else 1.0
    called = territory_names(draft)
    kept_out = np.flatnonzero(_locked_by_themselves(draft) & (territory == NOBODY))
    problem = Problem(
        position=basis.design.unit_map.position,
        weight=weight,
        neighbors=basis.neighbors,
        capacity=np.where(vacant, LEAST_CAPACITY * mean, capacity),
        start=territory,
        locked=draft.locked_units() & (territory != NOBODY),
        locked_territories=np.array([draft.is_locked(name) for name in ids]),
        forbidden=np.column_stack([np.repeat(kept_out, len(ids)), np.tile(np.arange(len(ids)), len(kept_out))]),
        unit_names=unit_names(basis),
        territory_names=[called[name] for name in ids],
    )
    return Posed(problem, territory, ids, aside, vacant)


def _locked_by_themselves(draft: Draft) -> np.ndarray:
    """Return the units that are locked one by one, (n,) bool."""
    locked = np.zeros(len(draft.owner), bool)
    locked[draft.ground.positions(name for kind, name in draft.locks if kind == LOCK_UNIT)] = True
    return locked


def weighed(basis: Basis, draft: Draft, ids: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return what is balanced by unit, (n,), without the accounts that are in another territory than their unit, and those by
    territory of `ids`, (k,)."""
    amount = basis.amounts(draft.channels).values[0]
    place = {name: i for i, name in enumerate(ids)}
    excepted = [account for account, name in draft.exceptions.items() if name in place]
    found = basis.accounts.get_indexer(excepted)
    known = np.flatnonzero(found >= 0)
    to = np.array([place[draft.exceptions[excepted[i]]] for i in known], dtype=np.int64)
    staying = np.ones(len(amount), bool)
    staying[found[known]] = False
    weight = np.bincount(basis.unit_of_account[staying], amount[staying], len(basis.units))
    if weight.sum() <= 0:
        weight = np.full(len(weight), NOTHING)
    return weight, np.bincount(to, amount[found[known]], len(ids))


def territory_names(draft: Draft) -> Mapping[str, str]:
    """Return what people call each living territory: its name, with the id where two are called the same."""
    count = Counter(line.name for line in draft.territories.values())
    return {name: line.name if count[line.name] == 1 else f"{line.name} ({name})" for name, line in draft.territories.items()}


def unit_names(basis: Basis) -> list[str]:
    """Return what people call each unit: its name, else its id."""
    names = basis.design.unit_map.units[Units.name]
    return names.where(names.notna(), names.index.to_series()).tolist()


def counted(number: int, what: str) -> str:
    """Return a number with its noun: 1 unit, 1,200 units."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"
