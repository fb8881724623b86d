"""The rounds of the search: from the current map and every diagram first, then again from the best so far."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from geo_territory.balancing.border.search import HOT_HEATS, Heat, improve, prices_for
from geo_territory.balancing.diagram.several import Diagram
from geo_territory.balancing.numbering import numbered_as_before
from geo_territory.balancing.puzzle.census import least_imbalance, take_census
from geo_territory.balancing.puzzle.cycles import coarse, run_cycles
from geo_territory.balancing.repair import make_whole
from geo_territory.balancing.terrain import Terrain
from geo_territory.balancing.watch import Watch

SAME = 12  # starts that must lead to the same best again before the search counts as done
FINE = (Heat(hot=1.0, cold=0.01), Heat(hot=0.3, cold=0.002), Heat(hot=3.0, cold=0.01))


def run_rounds(terrain: Terrain, diagrams: list[Diagram], seed: int, hopeless: bool, watch: Watch) -> np.ndarray:
    """Return the best territories there are, proved, where units are few enough to try every way; else the best of the rounds."""
    census = take_census(terrain)
    if census.territory is not None:
        watch.imbalance, watch.reason = terrain.imbalance(census.territory), "out of reach" if hopeless else "every way tried"
        return census.territory
    watch.none_fits = census.proved and not hopeless
    least = least_imbalance(terrain) if watch.none_fits else None
    if least is None:
        return search_rounds(terrain, diagrams, seed, hopeless or census.proved, watch)
    watch.imbalance, watch.reason = terrain.imbalance(least), "every way tried"
    return least


def search_rounds(terrain: Terrain, diagrams: list[Diagram], seed: int, hopeless: bool, watch: Watch) -> np.ndarray:
    """Return the best territories of several rounds: from the current map and each diagram first, then from the best so far.

    Rounds end early when several starts have led to the same best, and don't go on past the plan when the tolerance is known
    to be out of reach (`hopeless`).
    """
    drawn = [] if terrain.rules.capped else [numbered_as_before(terrain, d.cell) for d in _varied(terrain, diagrams)]
    starts = ([terrain.home] if terrain.home.max() >= 0 else []) + drawn
    if coarse(terrain):
        return run_cycles(terrain, starts, seed, hopeless, watch)
    prices = prices_for(terrain, make_whole(terrain, starts[-1]))
    tries, watch.planned = _plan(terrain)
    price = diagrams[0].price / max(diagrams[0].inertia, 1e-12)
    best, score, met = starts[-1], None, 0
    for turn in range(watch.planned if hopeless else 4 * watch.planned):
        if watch.beat("repair", 0.0) and score is not None:
            break
        start = make_whole(terrain, starts[turn]) if turn < len(starts) else best
        heat = _heat(terrain, turn, tries, 2 * price, turn >= watch.planned)
        territory, now = improve(terrain, start, prices, heat, seed * 1000 + turn, watch.beat)
        met += turn < len(starts) and now.equals(score)
        if now.better_than(score):
            best, score, met = territory, now, 0
            watch.imbalance = terrain.imbalance(best)
        watch.rounds += 1
        if met >= SAME:
            watch.planned = watch.rounds
    watch.beat("border search", 0.0)
    watch.reason = watch.reason or "search exhausted"
    return best


def _varied(terrain: Terrain, diagrams: list[Diagram]) -> list[Diagram]:
    """Return the diagrams in the order to start from: best first, but good and quick ones in turn where balance is a puzzle."""
    few = refined(terrain)
    if not coarse(terrain) or len(diagrams) <= 2 * few:
        return diagrams
    pairs = [diagram for pair in zip(diagrams[:few], diagrams[few : 2 * few], strict=True) for diagram in pair]
    return pairs + diagrams[2 * few :]


def _plan(terrain: Terrain) -> tuple[int, int]:
    """Return (tries a round, planned rounds) of the border search."""
    n = terrain.units
    tries = int(np.clip(300 * n, 60_000, 3_000_000))
    return tries, 15 if n <= 2000 else max(1, 2_000_000 // tries)


def refined(terrain: Terrain) -> int:
    """Return how many diagrams to refine: few where balance is a puzzle, for there many different starts do better than good ones."""
    if coarse(terrain):
        return 4
    return 8 if terrain.units <= 2000 else 2 if terrain.units <= 20_000 else 1


def _heat(terrain: Terrain, turn: int, tries: int, soft: float, late: bool) -> Heat:
    """Return the heat of a round; hot ones when nothing else has helped.

    soft: price of a breach below which weight in a cell is worth more than keeping to the tolerance.
    """
    if late:
        return replace(HOT_HEATS[turn % len(HOT_HEATS)], tries=tries)
    return replace(FINE[turn % len(FINE)], tries=tries, soft=max(2.0, soft), hard=max(200.0, 20 * soft))


def smooth(terrain: Terrain, territory: np.ndarray, seed: int, watch: Watch) -> np.ndarray:
    """Return the territories after a cool search over all units, also those without weight."""
    prices = prices_for(terrain, territory)
    heat = Heat(int(np.clip(100 * terrain.units, 100_000, 4_000_000)), hot=0.02, chains=0.0, soft=200.0)
    return improve(terrain, make_whole(terrain, territory), prices, heat, seed, watch.beat)[0]
