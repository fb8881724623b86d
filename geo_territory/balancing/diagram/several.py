"""Several balanced power diagrams to begin from: many quick ones on fewer sites, the best of them refined."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from geo_territory.balancing.diagram import power
from geo_territory.balancing.diagram.nearest import along_curve, nearest_cells, nearest_within
from geo_territory.balancing.diagram.seeds import first_centers, match_to_anchors, scattered_centers
from geo_territory.balancing.terrain import Terrain

FEWEST, FEW = (2_000, 60), (20_000, 100)  # sites that starts, and the best of them, are drawn on: in all, or for each territory
QUICK, THOROUGH, LEANING = 6, 24, 15  # rounds of moving centres: for each start, for the best, and towards the tolerance
EXACT = 6  # rounds of sharing out exactly and moving centres
LOOSE_START, LOOSE = 0.8, 0.9  # shares of the inertia: with a bound below, a start or a diagram is shared out exactly
LAST = 8  # steps to get the last cells within the tolerance
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
    few, fewest = _at_most(sites, *FEW), _at_most(sites, *FEWEST)
    quick: list[power.Cells] = []
    for start in range(_starts(terrain, len(fewest.mass))):
        if beat("centres", 0.0) and quick:
            break
        cells = power.first_cells(fewest, _centers(terrain, fewest, np.random.default_rng([seed, start]), start))
        quick.append(power.fit(fewest, cells, 0 if varied else QUICK))
    quick = _best_first(terrain, fewest, quick, varied)
    found: list[power.Cells] = []
    for cells in quick[:refined]:
        if beat("centres", 0.0) and found:
            break
        cells = power.fit(few, _drawn_on(few, fewest, cells), THOROUGH)
        cells = power.lean(few, cells, LEEWAY * terrain.tolerance, LEANING)
        if _loose(terrain, few, cells, LOOSE):
            cells = power.lean_exactly(few, cells, LEEWAY * terrain.tolerance, EXACT)
        found.append(cells)
    found.sort(key=lambda cells: cells.spread)
    if few is not sites:
        found = [_on_all(terrain, sites, found[0])]
    found[0] = _within_tolerance(terrain, sites, found[0])
    found += [_drawn_on(sites, fewest, cells) for cells in quick[refined:]] if few is sites else []
    return [Diagram(cells.spread / sites.mass.sum(), _price(cells), _all_units(terrain, heavy, cells)) for cells in found]


def _at_most(sites: power.Sites, least: int, each: int) -> power.Sites:
    """Return the sites, thinned when they are more than twice `least` and twice `each` for each territory."""
    most = max(least, each * len(sites.target))
    return sites.thinned(most) if len(sites.mass) > 2 * most else sites


def _best_first(terrain: Terrain, sites: power.Sites, quick: list[power.Cells], varied: bool) -> list[power.Cells]:
    """Return the starts in the order of their inertia; where balance costs much of it, all use the tolerance first."""
    if varied or not any(_loose(terrain, sites, cells, LOOSE_START) for cells in quick):
        return sorted(quick, key=lambda cells: _value(sites, cells))
    leant = [power.lean_exactly(sites, cells, LEEWAY * terrain.tolerance, 2) for cells in quick]
    return sorted(leant, key=lambda cells: cells.spread)


def _loose(terrain: Terrain, sites: power.Sites, cells: power.Cells, share: float) -> bool:
    """Return whether sharing out exactly is quick and may pay: the bound is below this share of the inertia, or cells are off."""
    if not power.few_enough(sites):
        return False
    off = np.abs(cells.held / sites.target - 1).max() > 1.2 * terrain.tolerance and power.balanceable(sites)
    return off or power.lower_bound(sites, cells, LEEWAY * terrain.tolerance) < share * cells.spread


def _drawn_on(sites: power.Sites, before: power.Sites, cells: power.Cells) -> power.Cells:
    return cells if sites is before else power.draw(sites, cells.centers, cells.offset)


def _value(sites: power.Sites, cells: power.Cells) -> float:
    """Return the inertia once all cells are balanced, as the dual tells it; far dearer when much mass is still in the wrong cell."""
    return power.dual(sites, cells) * (1 + 20 * max(0.0, power.error(sites, cells) - 0.1))


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
    leaning = _leaning(terrain, sites, cells)
    cells = power.balance(leaning, power.draw(leaning, cells.centers, cells.offset), 3, 0.01)
    cells = power.balance(leaning, power.recenter(leaning, cells), 4, 1e-3)
    return power.balance(leaning, power.recenter(leaning, cells), 3, 1e-3)


def _leaning(terrain: Terrain, sites: power.Sites, cells: power.Cells) -> power.Sites:
    """Return the sites aiming at what the cells hold now, drawn in to the part of the tolerance that diagrams may use."""
    slack = LEEWAY * terrain.tolerance
    low, high = sites.target * (1 - slack), sites.target * (1 + slack)
    return sites.aiming_at(nearest_within(cells.held, low, high, float(sites.mass.sum())))


def _within_tolerance(terrain: Terrain, sites: power.Sites, cells: power.Cells) -> power.Cells:
    """Return the cells after a few more steps for the last ones outside the tolerance."""
    leaning = _leaning(terrain, sites, cells)
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


def _starts(terrain: Terrain, sites: int) -> int:
    """Return how many quick diagrams to draw: as many as cost a fraction of a second, between 4 and 24; 4 for many points alone."""
    return int(np.clip(30_000 / (sites + 30 * terrain.territories), 4, 24 if terrain.whole or terrain.units <= 5000 else 4))


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
