"""Many units: only a strip along the borders is searched; what lies deep inside a territory is one unit that stays.

A good diagram leaves little to do but at its borders, and inertia, balance and wholeness of the whole map can be read off the strip
and the cores. Source: Chevalier, Pellegrini, "Improvement of the efficiency of genetic algorithms for scalable parallel graph
partitioning in a multi-level framework", Euro-Par 2006 (band graphs).
"""

from __future__ import annotations

from dataclasses import replace

import numba as nb
import numpy as np
from scipy import sparse

from geo_territory.balancing.border.board import FLAGS
from geo_territory.balancing.border.search import Heat, improve, prices_for
from geo_territory.balancing.problem import plain_graph
from geo_territory.balancing.repair import make_whole
from geo_territory.balancing.terrain import Terrain, first_of_each, merged
from geo_territory.balancing.watch import Watch
from geo_territory.contiguity import piece_of_unit, stray_units

DEPTH = 4  # units from a border that may still change hands
PASSES = 4  # strips searched, each along the borders the last one left, until the tolerance is met
TIDY = 50_000  # points up to which each is looked at again after the diagram
TIDYING = 3  # tries for each of them
TRIES = 2  # of the border search for each unit of the strip


def along_borders(terrain: Terrain, territory: np.ndarray, seed: int, watch: Watch) -> np.ndarray | None:
    """Return better territories (n,), whole and within the tolerance, from ones (n,) nearly balanced; None when that fails."""
    territory = np.where(terrain.forced >= 0, terrain.forced, territory)
    for turn in range(PASSES):
        strip, parent, speaker = strip_of(terrain, territory)
        start = make_whole(strip, territory[speaker])
        heat = Heat(TRIES * strip.units, hot=0.1 * strip.units / terrain.units, cold=0.002 * strip.units / terrain.units, soft=200.0)
        found, _ = improve(strip, start, prices_for(strip, start), heat, seed * 1000 + turn, watch.beat)
        territory = found[parent]
        watch.imbalance = terrain.imbalance(territory)
        if watch.imbalance <= terrain.tolerance and terrain.permits(territory):
            return territory
        if watch.beat("border search", 1.0):
            break
    return None


def tidied(terrain: Terrain, territory: np.ndarray, watch: Watch) -> np.ndarray | None:
    """Return better territories (n,), within the tolerance, from those of a diagram of points that need not be connected, or None.

    Very many points stay as they are when they are within the tolerance: a diagram leaves next to nothing to gain there.
    """
    ready = terrain.imbalance(territory) <= terrain.tolerance
    if not ready or terrain.units <= TIDY:
        prices = prices_for(terrain, territory)._replace(cut=0.0)
        heat = Heat(TIDYING * terrain.units, hot=0.3, cold=0.01, soft=50.0)
        territory = improve(terrain, territory, prices, heat, 0, watch.beat)[0]
    return territory if terrain.permits(territory) and terrain.imbalance(territory) <= terrain.tolerance else None


def strip_of(terrain: Terrain, territory: np.ndarray) -> tuple[Terrain, np.ndarray, np.ndarray]:
    """Return (terrain of the strip, its unit of each unit, a unit of each of its units); cores are locked where they are."""
    graph = terrain.graph
    indptr, indices = graph.indptr.astype(np.int32, copy=False), graph.indices.astype(np.int32, copy=False)
    stray = stray_units(territory, graph, terrain.mass + 2.0 * (terrain.forced >= 0))
    stray |= terrain.rules.bars(np.arange(terrain.units), territory, terrain.forced)
    near = _near_borders(indptr, indices, territory, stray, DEPTH)
    core = piece_of_unit(np.where(near, terrain.territories, territory), graph)
    is_core = np.zeros(int(core.max()) + 1, bool)
    is_core[core[~near]] = True
    parent = np.where(near, np.cumsum(near), near.sum() + np.cumsum(is_core)[core]) - 1
    strip = merged(terrain, parent, _strip_graph(graph, near, parent))
    speaker = first_of_each(parent)
    cores = np.arange(strip.units) >= near.sum()
    return replace(strip, forced=np.where(cores, territory[speaker], strip.forced)), parent, speaker


def _strip_graph(graph: sparse.csr_array, near: np.ndarray, parent: np.ndarray) -> sparse.csr_array:
    """Return the graph of the strip and the cores: two cores never touch."""
    inside, count = np.flatnonzero(near), int(parent.max()) + 1
    degree = np.diff(graph.indptr)[inside]
    row = np.repeat(parent[inside], degree)
    col = parent[graph[inside].indices]
    out = col >= len(inside)
    row, col = np.concatenate([row, col[out]]), np.concatenate([col, row[out]])
    return plain_graph(sparse.csr_array((np.ones(len(row), np.int32), (row, col)), shape=(count, count)))


@nb.njit(**FLAGS)
def _near_borders(indptr, indices, territory, stray, depth):
    """Return which units are strays or fewer than `depth` steps from a unit with a foreign or stray neighbour, (n,) bool."""
    n = len(territory)
    near, queue, tail = stray.copy(), np.empty(n, np.int32), 0
    for u in range(n):
        for p in range(indptr[u], indptr[u + 1]):
            if not near[u] and (territory[indices[p]] != territory[u] or stray[indices[p]]):
                near[u], queue[tail] = True, u
                tail += 1
    head = 0
    for _ in range(depth - 1):
        for q in range(head, tail):
            u = queue[q]
            for p in range(indptr[u], indptr[u + 1]):
                v = indices[p]
                if not near[v]:
                    near[v], queue[tail] = True, v
                    tail += 1
            head = q + 1
    return near
