"""Several balanced power diagrams to begin from: many quick ones on fewer sites, the best of them refined."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from geo_territory.balancing import power
from geo_territory.balancing.nearest import along_curve, nearest_cells
from geo_territory.balancing.seeds import first_centers, match_to_anchors, scattered_centers
from geo_territory.balancing.terrain import Terrain

SAMPLE = 20_000  # sites the diagrams are drawn on, or 100 a territory when that is more
QUICK, THOROUGH, LEANING = 6, 24, 15  # rounds of moving centres: for each start, for the best, and towards the tolerance
LEEWAY = 0.85  # of the tolerance the diagrams use up, so that whole units still fit


class Diagram(NamedTuple):
    """A balanced power diagram: its inertia, the dearest price of weight in it (largest offset either way), the cell of each unit."""

    inertia: float
    price: float
    cell: np.ndarray


def draw_diagrams(terrain: Terrain, seed: int, refined: int, varied: bool, beat: Callable[[str, float], bool]) -> list[Diagram]:
    """Return several balanced power diagrams: the best `refined` ones made better, then the quick ones as they are.

    varied: leave the quick ones as different from each other as they start out.
    """
    sites = _sites(terrain)
    most = max(SAMPLE, 100 * terrain.territories)
    few = _thinned(sites, most) if len(sites.mass) > 2 * most else sites
    starts = _starts(len(few.mass), terrain.territories)
    quick: list[power.Cells] = []
    for start in range(starts):
        if beat("centres", 0.0) and quick:
            break
        cells = power.first_cells(few, _centers(terrain, few, np.random.default_rng([seed, start]), start))
        quick.append(power.fit(few, cells, 0 if varied else QUICK))
    quick.sort(key=lambda cells: _value(few, cells))
    found: list[power.Cells] = []
    for cells in quick[:refined]:
        if beat("centres", 0.0) and found:
            break
        cells = power.lean(few, power.fit(few, cells, THOROUGH), LEEWAY * terrain.tolerance, LEANING)
        found.append(cells)
    found.sort(key=lambda cells: _value(few, cells))
    return [
        Diagram(cells.spread / few.mass.sum(), _price(cells), _all_units(terrain, sites, cells, few is sites))
        for cells in found + (quick[refined:] if few is sites else [])
    ]


def _value(sites: power.Sites, cells: power.Cells) -> float:
    """Return the inertia, dearer the more mass is in the wrong cell: what balance will still cost."""
    wrong = power.error(sites, cells)
    return cells.spread * (1 + wrong + 20 * max(0.0, wrong - 0.1))


def _price(cells: power.Cells) -> float:
    return float(np.abs(cells.offset - cells.offset.mean()).max())


def _sites(terrain: Terrain) -> power.Sites:
    """Return the units with weight as sites along a curve, all units when those are few."""
    heavy = np.flatnonzero(terrain.share > 0)
    heavy = heavy if len(heavy) >= 2 * terrain.territories else np.arange(terrain.units)
    heavy = heavy[along_curve(terrain.position[heavy])]
    return power.Sites(terrain.position[heavy], terrain.mass[heavy], terrain.target, terrain.forced[heavy], terrain.base, terrain.pull)


def _thinned(sites: power.Sites, most: int) -> power.Sites:
    """Return about `most` sites: neighbours along the curve drawn together at their centroid, forced ones only with their like."""
    order = np.argsort(sites.forced, kind="stable")
    points, mass, forced = sites.points[order], sites.mass[order], sites.forced[order]
    length = -(-len(mass) // most)
    first = np.flatnonzero((np.arange(len(mass)) % length == 0) | (np.diff(forced, prepend=forced[0]) != 0))
    total = np.add.reduceat(mass, first)
    middle = np.add.reduceat(points * mass[:, None], first) / total[:, None]
    again = along_curve(middle)
    return replace(sites, points=middle[again], mass=total[again], forced=forced[first][again])


def _centers(terrain: Terrain, few: power.Sites, random: np.random.Generator, start: int) -> np.ndarray:
    """Return first centres: bisected on even starts, scattered on odd ones; bases stay where they fix the centre."""
    if start % 2:
        centers = scattered_centers(few.points, few.mass, terrain.territories, random)
    else:
        centers = first_centers(few.points, few.mass, few.target, random)
    centers = match_to_anchors(centers, _anchors(terrain))
    return np.where((terrain.pull < 1)[:, None], centers, terrain.base)


def _all_units(terrain: Terrain, sites: power.Sites, cells: power.Cells, complete: bool) -> np.ndarray:
    """Return the cell of every unit, after a last balancing on all sites when the cells were drawn on fewer."""
    if not complete:
        leaning = sites.aiming_at(cells.held * sites.mass.sum() / cells.held.sum())
        cells = power.balance(leaning, power.draw(leaning, cells.centers, cells.offset), 3, 0.01)
        cells = power.balance(leaning, power.recenter(leaning, cells), 8, 1e-3)
    return nearest_cells(terrain.position, cells.centers, cells.offset)


def _starts(sites: int, k: int) -> int:
    """Return how many quick diagrams to draw: as many as cost a fraction of a second, between 4 and 24."""
    return int(np.clip(30_000 / (sites + 30 * k), 4, 24))


def _anchors(terrain: Terrain) -> np.ndarray:
    """Return where territories already are, (k, 2): their base, locked units or current units; NaN for a new one."""
    anchors = np.full((terrain.territories, 2), np.nan)
    for owner in (terrain.home, terrain.forced):
        known = owner >= 0
        if known.any():
            part = replace(terrain, position=terrain.position[known], mass=terrain.mass[known])
            centre = part.centroids(owner[known])
            anchors = np.where(np.isfinite(centre), centre, anchors)
    return np.where((terrain.pull > 0)[:, None], terrain.base, anchors)
