"""The search where balance is a puzzle: few, heavy units beside a tight tolerance.

Cycles of three steps, until two in a row bring nothing: hot rounds from different starts fill a pool with balanced territories, the
best cover of the map is put together from the pool, and neighbouring territories of the best map are recombined.
Source: Blum, Pinacho, Lopez-Ibanez, Lozano, "Construct, merge, solve & adapt", Computers & OR 68, 2016.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from geo_territory.balancing.border.board import Prices
from geo_territory.balancing.border.pool import MOST, Pool, empty_pool
from geo_territory.balancing.border.search import HOT_HEATS, Score, improve, prices_for, rate
from geo_territory.balancing.puzzle.cover import best_cover
from geo_territory.balancing.puzzle.recombine import TOGETHER, recombine
from geo_territory.balancing.repair import make_whole
from geo_territory.balancing.terrain import Terrain
from geo_territory.balancing.watch import Watch

ROUNDS, FEWER = 16, 5  # hot rounds in a cycle; fewer, but longer, on maps too large to cover from a pool
AROUND = 12  # recombinations in a cycle, at most
CYCLES, IDLE = 4, 2  # cycles planned, twice as many while outside the tolerance; cycles in a row that bring nothing and end the search
COVERED = 250  # units up to which the whole map is covered from the pool
FEW = 16  # units a territory up to which larger maps are puzzles too: above it warm rounds end as near the optimum fifty times sooner


@dataclass
class Best:
    """The best territories (n,) so far and their score; the one thing that changes while the cycles run."""

    territory: np.ndarray
    score: Score | None = None

    def take(self, territory: np.ndarray, score: Score) -> None:
        """Keep these territories when they are better."""
        if score.better_than(self.score):
            self.territory, self.score = territory, score


def coarse(terrain: Terrain) -> bool:
    """Return True when single units are large beside the tolerance and few, so that balance is a puzzle."""
    few = terrain.units <= max(COVERED, FEW * terrain.territories)
    return few and terrain.tolerance * terrain.target.mean() < 0.5 / terrain.units


def run_cycles(terrain: Terrain, starts: list[np.ndarray], seed: int, hopeless: bool, watch: Watch) -> np.ndarray:
    """Return the best territories of several cycles; only inertia and disruption count, not how ragged borders of few units are.

    starts: territories (n,) the first rounds begin from. hopeless: the tolerance is known to be out of reach, so there are no
    cycles beyond the plan.
    """
    prices = prices_for(terrain, make_whole(terrain, starts[0]))._replace(cut=0.0)
    pool = empty_pool(terrain, MOST if terrain.units <= COVERED else 0)
    around = np.random.default_rng(seed).permutation(terrain.territories)
    recombined = min(AROUND, len(around)) if len(around) > TOGETHER else 0
    best, idle = Best(starts[0]), 0
    watch.planned = CYCLES * (_rounds(terrain) + recombined)
    for cycle in range(CYCLES if hopeless else 2 * CYCLES):
        before = best.score
        _heat_up(terrain, starts, prices, pool, seed, cycle, best, watch)
        _recombine(terrain, prices, np.roll(around, -cycle * recombined)[:recombined], seed * 100 + cycle, best, watch)
        idle = 0 if best.score is not None and best.score.better_than(before) else idle + 1
        if idle == IDLE:
            watch.planned = min(watch.rounds, watch.planned)
        if watch.beat("border search", 1.0) or idle == IDLE:
            break
    watch.reason = watch.reason or "search exhausted"
    return best.territory


def _heat_up(
    terrain: Terrain, starts: list[np.ndarray], prices: Prices, pool: Pool, seed: int, cycle: int, best: Best, watch: Watch
) -> None:
    """Run the hot rounds of a cycle, from starts not used yet or from the best, then cover the map from the pool."""
    rounds = _rounds(terrain)
    for turn in range(cycle * rounds, (cycle + 1) * rounds):
        if best.score is not None and watch.beat("repair", 0.0):
            return
        start = make_whole(terrain, starts[turn]) if turn < len(starts) else best.territory
        heat = replace(HOT_HEATS[turn % len(HOT_HEATS)], tries=_tries(terrain.units))
        best.take(*improve(terrain, start, prices, heat, seed * 1000 + turn, watch.beat, pool))
        watch.imbalance = terrain.imbalance(best.territory)
        watch.rounds += 1
    cover = best_cover(pool, terrain.units)
    if cover is not None and terrain.permits(cover):
        best.take(cover, rate(terrain, cover, prices))
        watch.imbalance = terrain.imbalance(best.territory)


def _recombine(terrain: Terrain, prices: Prices, around: np.ndarray, seed: int, best: Best, watch: Watch) -> None:
    """Recombine the territories near each of `around` in turn."""
    tries = _tries(terrain.units * TOGETHER / terrain.territories)
    for turn, center in enumerate(around):
        if watch.beat("border search", turn / len(around)):
            return
        best.take(*recombine(terrain, best.territory, prices, int(center), tries, seed * 1000 + turn, watch.beat))
        watch.imbalance = terrain.imbalance(best.territory)
        watch.rounds += 1


def _rounds(terrain: Terrain) -> int:
    """Return the hot rounds of a cycle: half as many where territories are few, for their pool fills faster."""
    if terrain.units > COVERED:
        return FEWER
    return ROUNDS if terrain.territories > TOGETHER else ROUNDS // 2


def _tries(units: float) -> int:
    """Return the tries of a hot round on so many units."""
    return int(np.clip(1500 * units, 20_000, 100_000 if units <= COVERED else 400_000))
