"""Recombination: a few neighbouring territories are taken apart and shared out anew, the others stay as they are.

Hot annealing on the part fills a pool with balanced territories, the best cover of the part is put back when it is better.
Sources: DeFord, Duchin, Solomon, "Recombination: a family of Markov chains for redistricting", Harvard Data Science Review 3(1),
2021 (merging neighbours and splitting them anew); Shaw, "Using constraint programming and local search methods to solve vehicle
routing problems", CP 1998 (large neighbourhoods).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from geo_territory.balancing.border.board import Prices
from geo_territory.balancing.border.pool import empty_pool
from geo_territory.balancing.border.search import HOT_HEATS, Beat, Score, improve, rate
from geo_territory.balancing.problem import NOBODY
from geo_territory.balancing.puzzle.cover import best_cover
from geo_territory.balancing.terrain import Terrain

TOGETHER = 4  # territories recombined at a time
MOST_MET = 20_000  # balanced territories kept while doing so


def recombine(
    terrain: Terrain, territory: np.ndarray, prices: Prices, around: int, tries: int, seed: int, beat: Beat
) -> tuple[np.ndarray, Score]:
    """Return territories (n,) and their score, those near `around` shared out anew where that found something better."""
    near = neighborhood(terrain, territory, around, TOGETHER)
    if len(near) < 2:  # a territory without units, or the only one
        return territory, rate(terrain, territory, prices)
    units = np.flatnonzero(np.isin(territory, near))
    part, now = part_of(terrain, units, near), np.searchsorted(near, territory[units])
    pool = empty_pool(part, MOST_MET)
    best, score = now, rate(part, now, prices)
    for turn, heat in enumerate(HOT_HEATS):
        found, value = improve(part, now, prices, replace(heat, tries=tries), len(HOT_HEATS) * seed + turn, beat, pool)
        best, score = (found, value) if value.better_than(score) else (best, score)
    cover = best_cover(pool, part.units)
    if cover is not None and rate(part, cover, prices).better_than(score):
        best = cover
    whole = territory.copy()
    whole[units] = near[best]
    whole = whole if terrain.permits(whole) else territory
    return whole, rate(terrain, whole, prices)


def neighborhood(terrain: Terrain, territory: np.ndarray, around: int, most: int) -> np.ndarray:
    """Return `around` and the territories nearest to it across borders, at most `most` in all, ascending."""
    row = np.repeat(np.arange(terrain.units), np.diff(terrain.graph.indptr))
    a, b = territory[row], territory[terrain.graph.indices]
    centre = terrain.centroids(territory)
    apart = ((centre - centre[around]) ** 2).sum(1)
    chosen = [around]
    while len(chosen) < most:
        beside = np.setdiff1d(b[np.isin(a, chosen)], chosen)
        if len(beside) == 0:
            break
        chosen.append(int(beside[np.argmin(apart[beside])]))
    return np.sort(chosen)


def part_of(terrain: Terrain, units: np.ndarray, territories: np.ndarray) -> Terrain:
    """Return the terrain of some units and the territories that share them, both ascending and numbered anew."""
    number = np.full(terrain.territories + 1, NOBODY)
    number[territories] = np.arange(len(territories))
    return replace(
        terrain,
        **{name: getattr(terrain, name)[units] for name in ("position", "weight", "mass")},
        **{name: getattr(terrain, name)[territories] for name in ("target", "low", "high", "base", "pull")},
        links=None if terrain.links is None else terrain.links[units][:, units],
        forced=number[terrain.forced[units]],
        home=number[terrain.home[units]],
        rules=terrain.rules.part(units, territories),
    )
