"""Rules no alignment may break: units that must be in a territory, territories they may never be in, and caps on change."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.spatial import cKDTree

from geo_territory.balancing.problem import NOBODY, Problem
from geo_territory.errors import InfeasibleError

NAMED = 5  # units named one by one


@dataclass(frozen=True, eq=False)
class Rules:
    """What may not happen to n units and k territories.

    barred: (p, 2) int, sorted pairs of a unit and a territory it may never be in. shut: (k,) bool territories that nothing enters
    or leaves. accounts: (n,) number in each unit; most_given, most_taken: (k,) how many of them a territory may give away and take
    over against home, infinite without a cap. limited: (k,) bool territories with a least or most of their own.
    """

    barred: np.ndarray
    shut: np.ndarray
    accounts: np.ndarray
    most_given: np.ndarray
    most_taken: np.ndarray
    limited: np.ndarray

    @property
    def named(self) -> np.ndarray:
        """Which territories have rules of their own and so can't change numbers with others, (k,) bool."""
        named = self.shut | self.limited | np.isfinite(self.most_given) | np.isfinite(self.most_taken)
        named[self.barred[:, 1]] = True
        return named

    @property
    def capped(self) -> bool:
        """True when some territory may give or take only so much."""
        return bool(np.isfinite(self.most_given).any() or np.isfinite(self.most_taken).any())

    @property
    def any(self) -> bool:
        """True when there is any rule at all."""
        return len(self.barred) > 0 or bool(self.shut.any()) or self.capped

    def bars(self, unit: np.ndarray, territory: np.ndarray, forced: np.ndarray) -> np.ndarray:
        """Return where `unit` (q,) may not be in `territory` (q,); `forced` (n,) names what shut territories hold anyway."""
        barred = self.shut[territory] & (forced[unit] != territory)
        if len(self.barred):
            k = len(self.shut)
            barred |= np.isin(unit * k + territory, self.barred[:, 0] * k + self.barred[:, 1])
        return barred

    def barred_from(self) -> np.ndarray:
        """Return where the pairs of each unit begin in `barred`, (n + 1,)."""
        return np.searchsorted(self.barred[:, 0], np.arange(len(self.accounts) + 1))

    def picky(self) -> np.ndarray:
        """Return which units have a forbidden territory, (n,) bool."""
        return np.diff(self.barred_from()) > 0

    def joined(self, parent: np.ndarray) -> Rules:
        """Return the rules of groups of units; a group may not be where any of its units may not."""
        barred = np.unique(np.column_stack([parent[self.barred[:, 0]], self.barred[:, 1]]), axis=0)
        return replace(self, barred=barred, accounts=np.bincount(parent, self.accounts))

    def part(self, units: np.ndarray, territories: np.ndarray) -> Rules:
        """Return the rules among some units and territories, numbered anew in the order given (ascending)."""
        inside = np.isin(self.barred[:, 0], units) & np.isin(self.barred[:, 1], territories)
        barred = np.column_stack([np.searchsorted(units, self.barred[inside, 0]), np.searchsorted(territories, self.barred[inside, 1])])
        caps = (self.most_given[territories], self.most_taken[territories], self.limited[territories])
        return Rules(barred, self.shut[territories], self.accounts[units], *caps)


def rules_of(problem: Problem) -> Rules:
    """Return the rules of a problem."""
    n, k = problem.units, problem.territories
    pairs = np.zeros((0, 2), np.int64) if problem.forbidden is None else np.unique(problem.forbidden, axis=0)
    placed = problem.start is not None and bool((problem.start >= 0).any())  # where nothing is anybody's yet, nothing is given or taken
    return Rules(
        barred=pairs,
        shut=np.zeros(k, bool) if problem.locked_territories is None else problem.locked_territories,
        accounts=np.ones(n) if problem.accounts is None else problem.accounts,
        most_given=_cap(problem.most_given if placed else None, k),
        most_taken=_cap(problem.most_taken if placed else None, k),
        limited=_given(problem.least, k) | _given(problem.most, k),
    )


def _cap(most: np.ndarray | None, k: int) -> np.ndarray:
    return np.full(k, np.inf) if most is None else np.where(np.isnan(most), np.inf, most)


def _given(limit: np.ndarray | None, k: int) -> np.ndarray:
    return np.zeros(k, bool) if limit is None else np.isfinite(limit).any(1)


def locked_units(problem: Problem) -> np.ndarray:
    """Return which units stay where `start` has them, by themselves or with their territory, (n,) bool."""
    locked = problem.held.copy()
    if problem.locked_territories is not None and problem.start is not None:
        locked |= (problem.start >= 0) & problem.locked_territories[problem.start]
    return locked


def base_units(problem: Problem) -> np.ndarray:
    """Return the unit that holds each territory's base, (k,) int: the one given, else the nearest; -1 without a base."""
    if problem.base_units is not None:
        return problem.base_units
    unit = np.full(problem.territories, NOBODY)
    if problem.bases is not None:
        based = np.isfinite(problem.bases).all(1)
        unit[based] = cKDTree(problem.position).query(problem.bases[based])[1]
    return unit


@dataclass(frozen=True)
class Outside:
    """A base that can't be inside its territory: the territory, the unit, and the territory that has the unit (-1: forbidden pair)."""

    territory: int
    unit: int
    holder: int


def forced_units(problem: Problem) -> tuple[np.ndarray, list[Outside]]:
    """Return (the territory each unit must be in or -1, the bases that must stay outside).

    Locks come before bases, forbidden pairs too, and of two bases in one unit the first territory has it.
    """
    rules, locked = rules_of(problem), locked_units(problem)
    forced = np.full(problem.units, NOBODY)
    if problem.start is not None:
        forced[locked] = problem.start[locked]
    outside = []
    for t, unit in enumerate(base_units(problem)):
        if unit < 0 or forced[unit] == t:
            continue
        if forced[unit] >= 0 or rules.bars(np.array([unit]), np.array([t]), forced)[0]:
            outside.append(Outside(t, int(unit), int(forced[unit])))
        else:
            forced[unit] = t
    return forced, outside


def require_possible(problem: Problem) -> None:
    """Raise InfeasibleError when rules leave a unit no territory, naming the unit and the smallest remedy."""
    rules, k, told = rules_of(problem), problem.territories, []
    locked = locked_units(problem)
    first = rules.barred_from()
    for u in np.flatnonzero((np.diff(first) > 0) | rules.shut.all()):
        barred = rules.barred[first[u] : first[u + 1], 1]
        if locked[u] and problem.start is not None and problem.start[u] in barred:
            where = problem.name_of_territory(int(problem.start[u]))
            told.append(f"{problem.name_of_unit(int(u))} is locked in {where}, where it may not be: unlock it or lift the forbidden pair.")
        elif not locked[u] and np.union1d(barred, np.flatnonzero(rules.shut)).size == k:
            remedy = "lift one of its forbidden pairs" if len(barred) else "unlock a territory or lock the unit in one"
            told.append(f"{problem.name_of_unit(int(u))} may be in no territory: {remedy}.")
        if len(told) == NAMED:
            break
    if told:
        raise InfeasibleError(" ".join(told))
