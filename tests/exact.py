"""Proofs to hold the solver against: the best alignment there is, found by looking at all of them or by a proving solver.

Three models, each exact for what it says:
- `best_of_all`: every way to give n units to k territories, tried (n up to 12);
- `best_by_sets`: every connected set of units that weighs right, then the cheapest k of them that cover all units once: set
  partitioning (Garfinkel and Nemhauser, "Optimal political districting by implicit enumeration techniques", Management Science
  16(8), 1970), solved by HiGHS; exact for inertia about true centroids (tens of units);
- `least_for_centres`: the transportation problem for fixed centres of Hess, Weaver et al., "Nonpartisan political redistricting by
  computer", Operations Research 13(6), 1965; no alignment with those centroids can be below it, split units and pieces allowed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy import sparse
from scipy.optimize import LinearConstraint, linprog, milp

from geo_territory.balancing import Problem
from geo_territory.balancing.result import inertia_of
from geo_territory.contiguity import is_contiguous

ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class Optimum:
    """A proved best alignment: territory (n,) int, its inertia [weight m^2], and how many candidates were looked at."""

    territory: np.ndarray
    inertia: float
    candidates: int


def best_of_all(problem: Problem, tolerance: float) -> Optimum | None:
    """Return the least inertia of all contiguous alignments within the tolerance, None when there is none; one criterion."""
    n, k = problem.units, problem.territories
    each = [range(k)] * n
    if np.ptp(problem.capacity) == 0:
        each[0] = range(1)
    label = np.fromiter(product(*each), np.dtype((np.int8, n)))
    share, inertia = problem.share[:, 0], np.zeros(len(label))
    fits = np.ones(len(label), bool)
    for territory, target in enumerate(problem.target):
        inside = (label == territory).astype(float)
        fits &= np.abs(inside @ share / target - 1) <= tolerance + ROUNDING
        inertia += _inertia_of_sets(problem, inside)
    found = np.flatnonzero(fits)
    for candidate in found[np.argsort(inertia[found], kind="stable")]:
        territory = label[candidate].astype(np.int64)
        if is_contiguous(territory, problem.neighbors):
            return Optimum(territory, inertia_of(problem, territory), len(label))
    return None


def best_by_sets(problem: Problem, tolerance: float) -> Optimum | None:
    """Return the least inertia of all contiguous alignments within the tolerance, None when there is none; equal capacities."""
    share, k = problem.share[:, 0], problem.territories
    least, most = (1 - tolerance) / k - ROUNDING, (1 + tolerance) / k + ROUNDING
    inside = np.array([members for members, weight in _connected_sets(problem, most) if weight >= least], dtype=float)
    if not len(inside):
        return None
    inside = inside.reshape(-1, len(share))
    once = LinearConstraint(np.vstack([inside.T, np.ones(len(inside))]), [*np.ones(len(share)), k], [*np.ones(len(share)), k])
    cost = _inertia_of_sets(problem, inside)
    solved = milp(cost / cost.mean(), constraints=once, integrality=np.ones(len(cost)), bounds=(0, 1), options={"mip_rel_gap": 0.0})
    if solved.x is None:
        return None
    chosen = inside[solved.x > 0.5]
    territory = chosen.argmax(0).astype(np.int64)
    return Optimum(territory, inertia_of(problem, territory), len(inside))


def least_for_centres(problem: Problem, centres: np.ndarray, tolerance: float) -> float:
    """Return the least weight times squared distance [weight m^2] to given centres (k, 2), any share of a unit anywhere."""
    n, k = problem.units, problem.territories
    share = problem.share[:, 0]
    squared = ((problem.position[:, None] - centres[None]) ** 2).sum(2)
    scale = squared.max()
    whole = sparse.kron(sparse.eye_array(n), np.ones((1, k)), format="csr")
    held = sparse.kron(share[None], sparse.eye_array(k), format="csr")
    solved = linprog(
        (share[:, None] * squared / scale).ravel(),
        A_ub=sparse.vstack([held, -held]),
        b_ub=np.concatenate([(1 + tolerance) * problem.target, -(1 - tolerance) * problem.target]),
        A_eq=whole,
        b_eq=np.ones(n),
        method="highs",
    )
    return float(solved.fun * scale * problem.weight[:, 0].sum())


def _inertia_of_sets(problem: Problem, inside: np.ndarray) -> np.ndarray:
    """Return the inertia [weight m^2] of each set of units, rows of `inside` (m, n) being 0 or 1."""
    weight, place = problem.weight[:, 0], problem.position - problem.position.mean(0)
    held, first, second = inside @ weight, inside @ (weight[:, None] * place), inside @ (weight * (place**2).sum(1))
    return second - (first**2).sum(1) / np.maximum(held, 1e-300)


def _connected_sets(problem: Problem, most: float) -> Iterator[tuple[np.ndarray, float]]:
    """Yield (members (n,) bool, share) of each connected set of units that holds at most the share `most`, each once.

    A set grows from its lowest unit; each neighbour met is either taken or left out for good.
    """
    share, graph = problem.share[:, 0], problem.neighbors
    around = [sum(1 << int(other) for other in graph.indices[graph.indptr[u] : graph.indptr[u + 1]]) for u in range(problem.units)]
    for root in range(problem.units):
        if share[root] > most:
            continue
        lower = (1 << (root + 1)) - 1
        waiting = [(1 << root, around[root] & ~lower, lower, float(share[root]))]
        while waiting:
            taken, border, closed, weight = waiting.pop()
            if not border:
                yield np.array([taken >> u & 1 for u in range(problem.units)], bool), weight
                continue
            unit = (border & -border).bit_length() - 1
            closed |= 1 << unit
            waiting.append((taken, border & ~closed, closed, weight))
            if weight + share[unit] <= most:
                waiting.append((taken | 1 << unit, (border | around[unit]) & ~closed, closed, weight + float(share[unit])))
