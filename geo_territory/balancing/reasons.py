"""Why an alignment can't be within the tolerance, or isn't: the unit or lock in the way and the smallest remedy."""

from __future__ import annotations

import numpy as np

from geo_territory.balancing.problem import Problem
from geo_territory.balancing.result import imbalance_of, pieces_of

NAMED = 5  # units named one by one before the rest are counted


def reasons_against(problem: Problem, tolerance: float) -> list[str]:
    """Return what makes the tolerance impossible whatever the alignment; empty when nothing is known to."""
    return [*_too_few_units(problem), *_too_heavy(problem, tolerance), *_locks(problem, tolerance)]


def reasons_about(problem: Problem, territory: np.ndarray, tolerance: float) -> list[str]:
    """Return what an alignment found falls short of, each with a remedy; empty when it is whole and within the tolerance."""
    known, found = reasons_against(problem, tolerance), []
    count = pieces_of(problem, territory)
    for t in np.flatnonzero(count > 1):
        found.append(f"{_cap(problem.name_of_territory(int(t)))} is in {count[t]} pieces because locks bar the way: unlock a unit between.")
    for t in np.flatnonzero(count == 0):
        found.append(f"{_cap(problem.name_of_territory(int(t)))} has no unit: ask for fewer territories or use smaller units.")
    imbalance = imbalance_of(problem, territory)
    if imbalance > tolerance and not known:
        found.append(
            f"The best alignment found is off by {imbalance:.1%} in {_worst(problem, territory)}: "
            f"units near it are too coarse for {tolerance:.1%}; use smaller units or accept {imbalance:.1%}."
        )
    return known + found


def _worst(problem: Problem, territory: np.ndarray) -> str:
    held = np.column_stack([np.bincount(territory, w, problem.territories) for w in problem.share.T])
    return problem.name_of_territory(int(np.abs(held / problem.target[:, None] - 1).max(1).argmax()))


def _too_few_units(problem: Problem) -> list[str]:
    n, k = problem.units, problem.territories
    if n < k:
        return [f"{_count(n, 'unit', 'units')} can't make {k} territories: use smaller units or ask for fewer territories."]
    weighted = int((problem.share > 0).any(1).sum())
    if weighted < k:
        some = _count(weighted, "unit has", "units have")
        return [f"Only {some} weight, too few for {k} territories: use smaller units or fewer territories."]
    return []


def _too_heavy(problem: Problem, tolerance: float) -> list[str]:
    most = problem.target.max() * (1 + tolerance)
    worst = problem.share.max(1)
    over = np.flatnonzero(worst > most * (1 + 1e-12))
    heavy = [int(u) for u in over[np.argsort(-worst[over], kind="stable")]]
    told = [
        f"{problem.name_of_unit(u)} alone weighs {worst[u] / problem.target.max():.2f} times what a territory should hold: "
        f"split it, accept a tolerance of {worst[u] / problem.target.max() - 1:.0%}, or ask for at most "
        f"{_count(max(1, int((1 + tolerance) / worst[u])), 'territory', 'territories')}."
        for u in heavy[:NAMED]
    ]
    return told + ([f"{len(heavy) - NAMED} more units are too heavy for one territory."] if len(heavy) > NAMED else [])


def _locks(problem: Problem, tolerance: float) -> list[str]:
    locked = problem.held
    if problem.start is None or not locked.any():
        return []
    told = []
    for c, share in enumerate(problem.share.T):
        held = np.bincount(problem.start[locked], share[locked], problem.territories)
        for t in np.flatnonzero(held > problem.target * (1 + tolerance) * (1 + 1e-12)):
            what = "" if problem.weight.shape[1] == 1 else f" of criterion {c}"
            told.append(
                f"Locked units give {problem.name_of_territory(int(t))} {held[t] / problem.target[t]:.2f} times what it should hold{what}: "
                "unlock some of them."
            )
    if locked.all() and not told and imbalance_of(problem, problem.start) > tolerance:
        told.append("Every unit is locked: unlock some.")
    return told


def _cap(text: str) -> str:
    return text[0].upper() + text[1:]


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
