"""Territories parted and dissolved: one in two equal halves, or its units shared out among the neighbours."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.spatial import cKDTree

from geo_territory.balancing.problem import NOBODY, Problem
from geo_territory.balancing.solve import solve
from geo_territory.balancing.stop import FirstOf, MaxRounds, WithinTolerance
from geo_territory.contiguity import graph_pieces, may_leave

EQUAL = 0.03  # halves this near to each other count as equal
ROUNDS = 6  # of the search for halves
SURE = 1e-12


def halves(position: np.ndarray, weight: np.ndarray, neighbors: sparse.csr_array, anchor: int = NOBODY, aside: float = 0.0) -> np.ndarray:
    """Return 0 or 1 for each unit of one territory: two connected parts that weigh the same, or as nearly as can be, (n,) int.

    position (n, 2) [m], weight (n,) 0 or more, n >= 2; anchor: the unit part 0 must hold, -1 for any; aside: weight part 0 has
    besides its units. A territory in pieces is linked across its gaps first, so each part has at most the pieces there were.
    """
    counted = weight if weight.sum() > 0 else np.ones(len(weight))
    total = float(counted.sum())
    first = np.clip(((total + aside) / 2 - aside) / total, 0.05, 0.5)
    problem = Problem(
        position, counted, linked(neighbors, position), np.array([first, 1 - first]), base_units=np.array([anchor, NOBODY])
    )  # fmt: skip
    return solve(problem, EQUAL, stop=FirstOf(WithinTolerance(), MaxRounds(ROUNDS))).territory


def linked(neighbors: sparse.csr_array, position: np.ndarray) -> sparse.csr_array:
    """Return the graph with its pieces joined to one another by the shortest ways, (n, n)."""
    piece = graph_pieces(neighbors)
    if piece.max(initial=0) == 0:
        return neighbors
    joined = set(np.flatnonzero(piece == 0).tolist())
    ends = []
    while len(joined) < len(piece):
        inside = np.zeros(len(piece), bool)
        inside[list(joined)] = True
        here, there = np.flatnonzero(inside), np.flatnonzero(~inside)
        apart, near = cKDTree(position[here]).query(position[there])
        nearest = int(np.argmin(apart))
        ends.append((int(here[near[nearest]]), int(there[nearest])))
        joined |= set(np.flatnonzero(piece == piece[there[nearest]]).tolist())
    a, b = np.array(ends).T
    old = sparse.coo_array(neighbors)
    rows, columns = np.concatenate([old.row, a, b]), np.concatenate([old.col, b, a])
    return sparse.coo_array((np.ones(len(rows), np.int8), (rows, columns)), shape=neighbors.shape).tocsr()


def dissolved(problem: Problem, territory: np.ndarray, freed: np.ndarray, aside: np.ndarray | None = None) -> np.ndarray:
    """Return the alignment (n,) after the units `freed` went to the territories around them, so that balance suffers least.

    freed: unit numbers; whose they are in `territory` (n,) doesn't matter. aside: (k,) weight each territory holds whatever its units
    are, in the unit of `weight`. Each unit joins a territory it touches, each time the one furthest below its target; then single
    units change over while that helps. Locked territories take nothing. A unit with nobody around, or none but those, goes to
    the nearest territory that takes units. Raises ValueError when there is none.
    """
    open_ = np.ones(problem.territories, bool) if problem.locked_territories is None else ~problem.locked_territories
    aside = np.zeros(problem.territories) if aside is None else aside
    after = territory.copy()
    after[freed] = NOBODY
    takers = (after >= 0) & open_[after]
    if not takers.any():
        raise ValueError("Expected a territory that may take units.")
    share = problem.weight[:, 0] / (problem.weight[:, 0].sum() + aside.sum())
    covered = after >= 0
    held = aside / (problem.weight[:, 0].sum() + aside.sum()) + np.bincount(after[covered], share[covered], problem.territories)
    _grown(problem, after, share, held, freed, open_)
    lost = freed[after[freed] == NOBODY]
    if len(lost):
        near = cKDTree(problem.position[takers]).query(problem.position[lost])[1]
        after[lost] = territory[takers][near]
        np.add.at(held, after[lost], share[lost])
    _evened(problem, after, share, held, freed, open_)
    return after


def _around(problem: Problem, unit: int) -> np.ndarray:
    graph = problem.graph
    return graph.indices[graph.indptr[unit] : graph.indptr[unit + 1]]


def _grown(problem: Problem, after: np.ndarray, share: np.ndarray, held: np.ndarray, freed: np.ndarray, open_: np.ndarray) -> None:
    """Hand the units `freed` to the open territories they touch, in place, as long as any touches one."""
    waiting, weight = set(freed.tolist()), share + 1e-9
    beside: dict[int, set[int]] = {}
    middle: dict[int, np.ndarray] = {}

    def reach(unit: int, t: int) -> None:
        if t >= 0 and open_[t]:
            beside.setdefault(t, set()).add(unit)
            if t not in middle:
                mine = after == t
                middle[t] = np.average(problem.position[mine], axis=0, weights=weight[mine])

    for unit in freed.tolist():
        for t in np.unique(after[_around(problem, unit)]).tolist():
            reach(unit, t)
    while any(beside.values()):
        taker = min((t for t in beside if beside[t]), key=lambda t: (held[t] / problem.target[t], t))
        units = np.array(sorted(beside[taker]))
        unit = int(units[np.argmin(((problem.position[units] - middle[taker]) ** 2).sum(1))])
        after[unit] = taker
        held[taker] += share[unit]
        waiting.discard(unit)
        for touching in beside.values():
            touching.discard(unit)
        for near in _around(problem, unit).tolist():
            if near in waiting:
                reach(near, taker)


def _evened(problem: Problem, after: np.ndarray, share: np.ndarray, held: np.ndarray, freed: np.ndarray, open_: np.ndarray) -> None:
    """Move single freed units on to another territory they touch, in place, while that makes the two more even."""
    target = problem.target
    for _ in range(len(freed)):
        changed = False
        for unit in freed.tolist():
            giver, w = int(after[unit]), share[unit]
            for taker in np.unique(after[_around(problem, unit)]).tolist():
                if taker < 0 or taker == giver or not open_[taker] or w <= 0:
                    continue
                now = max(abs(held[giver] / target[giver] - 1), abs(held[taker] / target[taker] - 1))
                then = max(abs((held[giver] - w) / target[giver] - 1), abs((held[taker] + w) / target[taker] - 1))
                if then < now - SURE and may_leave(unit, after, problem.graph):
                    after[unit] = taker
                    held[giver] -= w
                    held[taker] += w
                    changed = True
                    break
        if not changed:
            return
