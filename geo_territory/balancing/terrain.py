"""The problem in numbers of order one, and a coarser one in which every unit weighs something."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph
from scipy.spatial import cKDTree

from geo_territory.balancing.bands import reachable_bands
from geo_territory.balancing.problem import NOBODY, Problem, plain_graph
from geo_territory.balancing.rules import Rules, forced_units, rules_of

EMPTY_MASS = 0.01  # of an average unit: keeps units without weight compact without moving any centre noticeably


@dataclass(frozen=True, eq=False)
class Terrain:
    """What every stage of the solver works on.

    position (n, 2) in typical territory radii; weight (n, m) shares of each criterion's total; mass (n,) mean share, never zero.
    links (n, n) of neighbours, None when territories need not be connected. target (k,) share to hold, raised where one unit or
    the locks exceed it; low, high (k, m) shares to stay between. forced (n,) territory a unit must be in, -1 for any. rules: what
    may not happen else. home (n,) territory before, -1 none. base (k, 2), pull (k,) see Problem. tolerances (m,) asked for, tolerance
    the tightest. price: of disruption.
    """

    position: np.ndarray
    weight: np.ndarray
    mass: np.ndarray
    links: sparse.csr_array | None
    target: np.ndarray
    low: np.ndarray
    high: np.ndarray
    forced: np.ndarray
    rules: Rules
    home: np.ndarray
    base: np.ndarray
    pull: np.ndarray
    tolerances: np.ndarray
    price: float

    @property
    def whole(self) -> bool:
        """True when territories must be connected in the graph."""
        return self.links is not None

    @cached_property
    def graph(self) -> sparse.csr_array:
        """Who neighbours whom, (n, n); each one's nearest when territories need not be connected."""
        return _near_graph(self.position) if self.links is None else self.links

    @property
    def tolerance(self) -> float:
        """The tightest tolerance of all criteria, a fraction."""
        return float(self.tolerances.min())

    @property
    def units(self) -> int:
        """The number of units, n."""
        return len(self.mass)

    @property
    def territories(self) -> int:
        """The number of territories, k."""
        return len(self.target)

    @property
    def share(self) -> np.ndarray:
        """Mean share of weight of each unit over the criteria, (n,)."""
        return self.weight.mean(1)

    def held(self, territory: np.ndarray) -> np.ndarray:
        """Return the weight share held per territory and criterion, (k, m)."""
        return np.column_stack([np.bincount(territory, w, self.territories) for w in self.weight.T])

    def imbalance(self, territory: np.ndarray) -> float:
        """Return the largest departure from the middle of the bands, over territories and criteria, `tolerance` at their ends.

        With one tolerance and no limits this is max of abs(held / target - 1).
        """
        half = (self.high - self.low) / 2
        apart = np.abs(self.held(territory) - (self.high + self.low) / 2)
        beyond = 1 + (apart - half) / (self.tolerances * self.target[:, None])
        return float(self.tolerance * np.where(apart <= half, apart / np.maximum(half, 1e-300), beyond).max())

    def permits(self, territory: np.ndarray) -> bool:
        """Return True when no unit is where it may not be and no territory gives or takes more than its cap."""
        units, placed = np.arange(self.units), (self.forced < 0) | (self.forced == territory)
        if not placed.all() or self.rules.bars(units, territory, self.forced).any():
            return False
        given, taken = self.changed(territory)
        return bool((given <= self.rules.most_given).all() and (taken <= self.rules.most_taken).all())

    def changed(self, territory: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the number of accounts each territory has (given away, taken over) against home, both (k,)."""
        moved = (self.home >= 0) & (self.home != territory)
        accounts, k = self.rules.accounts[moved], self.territories
        return np.bincount(self.home[moved], accounts, k), np.bincount(territory[moved], accounts, k)

    def centroids(self, territory: np.ndarray) -> np.ndarray:
        """Return the centre of mass of each territory, (k, 2); NaN where it has no unit."""
        mass = np.bincount(territory, self.mass, self.territories)
        with np.errstate(invalid="ignore"):
            return np.column_stack([np.bincount(territory, self.mass * p, self.territories) / mass for p in self.position.T])

    def inertia(self, territory: np.ndarray) -> float:
        """Return the mass times squared distance to the centroids, summed."""
        return float((self.mass * ((self.position - self.centroids(territory)[territory]) ** 2).sum(1)).sum())

    def scaled(self, factor: float) -> Terrain:
        """Return the terrain with every length multiplied by `factor`."""
        return replace(self, position=self.position * factor, base=self.base * factor)


def terrain_of(problem: Problem, tolerance: float | np.ndarray, price: float) -> Terrain:
    """Return the problem in shares and territory radii, with targets that units and locks allow; tolerance: one or (m,)."""
    tolerances = np.broadcast_to(np.asarray(tolerance, float), problem.criteria)
    n, k = problem.units, problem.territories
    share = problem.share.mean(1)
    middle = np.average(problem.position, axis=0, weights=share)
    spread = (share * ((problem.position - middle) ** 2).sum(1)).sum()
    scale = 1 / np.sqrt(spread / k) if spread > 0 else 1.0
    home = np.full(n, NOBODY) if problem.start is None else problem.start
    bases = np.full((k, 2), np.nan) if problem.bases is None else (problem.bases - middle) * scale
    based = np.asarray(np.isfinite(bases).all(1))
    terrain = Terrain(
        position=(problem.position - middle) * scale,
        weight=problem.share,
        mass=np.where(share > 0, share, EMPTY_MASS / n),
        links=problem.neighbors,
        target=problem.target,
        low=np.zeros((k, problem.criteria)),
        high=np.ones((k, problem.criteria)),
        forced=forced_units(problem)[0],
        rules=rules_of(problem),
        home=home,
        base=np.where(based[:, None], bases, 0.0),
        pull=np.where(based, problem.base_pull, 0.0),
        tolerances=tolerances,
        price=price,
    )
    return _allow_giants(problem, terrain)


def _near_graph(position: np.ndarray) -> sparse.csr_array:
    """Return each point's six nearest as neighbours, for points whose territories need not be connected."""
    n, near = len(position), min(7, len(position))
    col = cKDTree(position).query(position, k=np.arange(1, near + 1))[1].ravel().astype(np.int32)
    row = np.repeat(np.arange(n, dtype=np.int32), near)
    graph = sparse.csr_array((np.ones(len(row), np.int8), (row, col)), shape=(n, n))
    return plain_graph(graph + graph.T)


def _allow_giants(problem: Problem, terrain: Terrain) -> Terrain:
    """Give each unit too heavy for any territory one of its own, and let the others share what is left evenly."""
    forced, taken = terrain.forced.copy(), terrain.rules.shut.copy()
    bands = reachable_bands(problem, terrain.tolerances, forced, terrain.rules.shut)
    for u in _heaviest(terrain.weight.max(1), terrain.territories):
        if forced[u] >= 0:
            taken[forced[u]] |= bool((terrain.weight[u] > bands.target[forced[u]] * (1 + terrain.tolerances)).any())
            continue
        if taken.all() or not (terrain.weight[u] > bands.high[~taken].max(0)).any():
            break
        place = _place_for_giant(terrain, int(u), forced, taken)
        if place < 0:
            continue
        forced[u], taken[place] = place, True
        bands = reachable_bands(problem, terrain.tolerances, forced, terrain.rules.shut)
    return replace(terrain, forced=forced, target=bands.target.mean(1), low=bands.low, high=bands.high)


def _heaviest(weight: np.ndarray, count: int) -> np.ndarray:
    """Return the `count` heaviest units, heaviest first, the lower number first among equals."""
    least = np.partition(weight, -count)[-count] if count < len(weight) else -np.inf
    some = np.flatnonzero(weight >= least)
    return some[np.argsort(-weight[some], kind="stable")][:count]


def _place_for_giant(terrain: Terrain, unit: int, forced: np.ndarray, taken: np.ndarray) -> int:
    """Return the territory a giant gets: its own of before, else the largest without locks or base, the nearest of several; -1 for none."""
    every = np.arange(terrain.territories)
    open_ = ~taken & ~terrain.rules.bars(np.full(len(every), unit), every, forced)
    if not open_.any():
        return NOBODY
    home = terrain.home[unit]
    if home >= 0 and terrain.rules.capped:
        return int(home) if open_[home] else NOBODY
    if home >= 0 and open_[home] and terrain.target[home] >= terrain.target[open_].max() * (1 - 1e-9):
        return int(home)
    free = open_ & (np.bincount(forced[forced >= 0], minlength=len(every)) == 0)
    open_ = free if free.any() else open_
    candidates = every[open_ & (terrain.target >= terrain.target[open_].max() * (1 - 1e-9))]
    distance = ((terrain.base[candidates] - terrain.position[unit]) ** 2).sum(1) * (terrain.pull[candidates] > 0)
    return int(candidates[np.argmin(distance)])


def contract(terrain: Terrain) -> tuple[Terrain, np.ndarray]:
    """Join every unit without weight to the nearest unit with weight along the graph; return (smaller terrain, its unit of each unit).

    Each unit of the smaller terrain is connected, so a territory that is whole there is whole on the map. Units are joined only
    within one current territory and never across a lock. Nothing is joined when little would be gained.
    """
    empty = terrain.share <= 0
    heavy = np.flatnonzero(~empty)
    if not terrain.whole or empty.mean() < 0.2 or len(heavy) < 4 * terrain.territories:
        return terrain, np.arange(terrain.units)
    graph = _lengths_within(terrain)
    nearest = csgraph.dijkstra(graph, directed=False, indices=heavy, min_only=True, return_predecessors=True)[2]
    lonely = nearest < 0
    piece = csgraph.connected_components(graph, directed=False)[1]
    group = np.where(lonely, terrain.units + piece, nearest)
    parent = np.unique(group, return_inverse=True)[1]
    join = sparse.csr_array((np.ones(terrain.units, np.int32), parent, np.arange(terrain.units + 1)))
    return merged(terrain, parent, plain_graph(join.T @ (terrain.graph.astype(np.int32) @ join))), parent


def _lengths_within(terrain: Terrain) -> sparse.csr_array:
    """Return the graph with edge lengths, without edges between different current territories or locks."""
    graph = terrain.graph
    row = np.repeat(np.arange(terrain.units, dtype=np.int32), np.diff(graph.indptr))
    same = (terrain.home[row] == terrain.home[graph.indices]) & (terrain.forced[row] == terrain.forced[graph.indices])
    if len(terrain.rules.barred):
        picky = terrain.rules.picky()
        same &= ~picky[row] & ~picky[graph.indices]
    row, col = row[same], graph.indices[same]
    length = np.sqrt(((terrain.position[row] - terrain.position[col]) ** 2).sum(1)) + 1e-9
    return sparse.csr_array((length, (row, col)), shape=graph.shape)


def first_of_each(parent: np.ndarray) -> np.ndarray:
    """Return the lowest unit of each group of equal `parent`, groups numbered from 0 without a gap."""
    first = np.empty(int(parent.max()) + 1, np.int64)
    first[parent[::-1]] = np.arange(len(parent) - 1, -1, -1)
    return first


def merged(terrain: Terrain, parent: np.ndarray, links: sparse.csr_array) -> Terrain:
    """Return the terrain whose units are the groups of equal `parent`, neighbours by `links`."""
    n = int(parent.max()) + 1
    first = first_of_each(parent)
    weight = np.column_stack([np.bincount(parent, w, n) for w in terrain.weight.T])
    share = weight.mean(1)
    anchor = np.where(terrain.share > 0, terrain.share, 1e-12)
    total = np.bincount(parent, anchor, n)
    return replace(
        terrain,
        position=np.column_stack([np.bincount(parent, anchor * p, n) / total for p in terrain.position.T]),
        weight=weight,
        mass=np.where(share > 0, share, EMPTY_MASS / n),
        links=links,
        forced=terrain.forced[first],
        home=terrain.home[first],
        rules=terrain.rules.joined(parent),
    )


def open_part(terrain: Terrain) -> tuple[Terrain, np.ndarray, np.ndarray]:
    """Return (terrain without the territories that are shut, its units, its territories); the same terrain where none is."""
    shut, every = terrain.rules.shut, np.arange(terrain.units)
    if not shut.any():
        return terrain, every, np.arange(terrain.territories)
    units, territories = np.flatnonzero((terrain.forced < 0) | ~shut[terrain.forced]), np.flatnonzero(~shut)
    number = np.append(np.where(shut, NOBODY, np.cumsum(~shut) - 1), NOBODY)
    part = replace(
        terrain,
        **{name: getattr(terrain, name)[units] for name in ("position", "weight", "mass")},
        **{name: getattr(terrain, name)[territories] for name in ("target", "low", "high", "base", "pull")},
        links=None if terrain.links is None else terrain.links[units][:, units],
        forced=number[terrain.forced[units]],
        home=number[terrain.home[units]],
        rules=terrain.rules.part(units, territories),
    )
    return part, units, territories
