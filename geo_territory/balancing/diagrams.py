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
LAST = 8  # steps on all units to get the last cell within the tolerance
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
    heavy = _units_along_curve(terrain)
    sites = _sites(terrain, heavy)
    most = max(SAMPLE, 100 * terrain.territories)
    few = sites.thinned(most) if len(sites.mass) > 2 * most else sites
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
    found = found + quick[refined:] if few is sites else [_on_all(terrain, sites, cells) for cells in found]
    return [Diagram(cells.spread / sites.mass.sum(), _price(cells), _all_units(terrain, heavy, cells)) for cells in found]


def _value(sites: power.Sites, cells: power.Cells) -> float:
    """Return the inertia, dearer the more mass is in the wrong cell: what balance will still cost."""
    wrong = power.error(sites, cells)
    return cells.spread * (1 + wrong + 20 * max(0.0, wrong - 0.1))


def _price(cells: power.Cells) -> float:
    return float(np.abs(cells.offset - cells.offset.mean()).max())


def _units_along_curve(terrain: Terrain) -> np.ndarray:
    """Return the units with weight in the order of a curve, all units when those are few."""
    heavy = np.flatnonzero(terrain.share > 0)
    heavy = heavy if len(heavy) >= 2 * terrain.territories else np.arange(terrain.units)
    return heavy[along_curve(terrain.position[heavy])]


def _sites(terrain: Terrain, heavy: np.ndarray) -> power.Sites:
    """Return the units `heavy` as sites."""
    return power.Sites(terrain.position[heavy], terrain.mass[heavy], terrain.target, terrain.forced[heavy], terrain.base, terrain.pull)


def _centers(terrain: Terrain, few: power.Sites, random: np.random.Generator, start: int) -> np.ndarray:
    """Return first centres: bisected on even starts, scattered on odd ones; bases stay where they fix the centre."""
    if start % 2:
        centers = scattered_centers(few.points, few.mass, terrain.territories, random)
    else:
        centers = first_centers(few.points, few.mass, few.target, random)
    centers = match_to_anchors(centers, _anchors(terrain))
    return np.where((terrain.pull < 1)[:, None], centers, terrain.base)


def _on_all(terrain: Terrain, sites: power.Sites, cells: power.Cells) -> power.Cells:
    """Return the cells balanced once more on all sites, when they were drawn on fewer."""
    total, slack = sites.mass.sum(), LEEWAY * terrain.tolerance
    wanted = power.nearest_within(cells.held, sites.target * (1 - slack), sites.target * (1 + slack), total)
    leaning = sites.aiming_at(wanted)
    cells = power.balance(leaning, power.draw(leaning, cells.centers, cells.offset), 3, 0.01)
    cells = power.balance(leaning, power.recenter(leaning, cells), 4, 1e-3)
    cells = power.balance(leaning, power.recenter(leaning, cells), 3, 1e-3)
    for _ in range(LAST):
        if np.abs(cells.held / sites.target - 1).max() <= terrain.tolerance:
            break
        cells = power.balance(leaning, cells, 1, 1e-5)
    return cells


def _all_units(terrain: Terrain, heavy: np.ndarray, cells: power.Cells) -> np.ndarray:
    """Return the cell of every unit, those without weight included, (n,) int."""
    cell = np.full(terrain.units, -1)
    cell[heavy] = cells.near
    rest = np.flatnonzero(cell < 0)
    if len(rest):
        cell[rest] = nearest_cells(terrain.position[rest], cells.centers, cells.offset)
    return cell


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
