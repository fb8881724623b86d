"""Goes on from territories there are: several solves of one problem share what does not change between them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from geo_territory.balancing.border.search import Beat, Heat, improve, prices_for
from geo_territory.balancing.problem import NOBODY, Problem
from geo_territory.balancing.repair import make_whole
from geo_territory.balancing.rounds import coarse
from geo_territory.balancing.terrain import Terrain, contract, terrain_of
from geo_territory.balancing.watch import Watch

SURE = 1e-9  # weight share beyond the tolerance that counts as none


@dataclass(frozen=True, eq=False)
class Ground:
    """A problem made ready for one tolerance, to be searched again and again from different territories.

    whole: the terrain of all units; small: of units joined so that each weighs something; parent (n,): the joined unit of each
    unit; speaker: the heaviest unit of each joined one.
    """

    whole: Terrain
    small: Terrain
    parent: np.ndarray
    speaker: np.ndarray

    def joined(self, territory: np.ndarray) -> np.ndarray:
        """Return the territory of each joined unit, that of its heaviest unit."""
        return territory[self.speaker]

    def smoothed(self, territory: np.ndarray, seed: int, watch: Watch) -> np.ndarray:
        """Return the territories (n,) after a cool search that also moves units without weight, where there are any."""
        if len(self.speaker) == len(self.parent):
            return territory
        heat = Heat(int(np.clip(25 * self.whole.units, 100_000, 1_000_000)), hot=0.02, chains=0.0, soft=200.0)
        begin = make_whole(self.whole, territory)
        return improve(self.whole, begin, prices_for(self.whole, begin), heat, seed, watch.beat)[0]


def ground_of(problem: Problem, tolerance: float | np.ndarray, like: np.ndarray) -> Ground:
    """Return the problem made ready for a tolerance, one or (m,), lengths scaled so that territories `like` (n,) have inertia 1."""
    terrain = terrain_of(problem, tolerance, 0.0)
    small, parent = contract(terrain)
    order = np.lexsort((np.arange(len(parent)), -terrain.share, parent))
    speaker = order[np.concatenate(([True], np.diff(parent[order]) != 0))]
    scale = max(small.inertia(make_whole(small, like[speaker])), 1e-12) ** -0.5
    return Ground(terrain.scaled(scale), small.scaled(scale), parent, speaker)


def resume(ground: Ground, territory: np.ndarray, price: float, seed: int, beat: Beat) -> np.ndarray:
    """Return territories (n,) found by one round of the border search from `territory` (n,), -1 for units nobody covers.

    price: of disruption, >= 0, as in `solve`. The same seed and territories give the same answer.
    """
    terrain = replace(ground.small, price=price)
    begin = make_whole(terrain, ground.joined(territory))
    found, _ = improve(terrain, begin, prices_for(terrain, begin), _heat(terrain), seed, beat)
    return found[ground.parent]


def merit(ground: Ground, territory: np.ndarray, price: float) -> tuple[float, float]:
    """Return (weight share beyond the limits, inertia + price x disruption): the smaller pair is the better alignment."""
    terrain, mine = ground.small, ground.joined(territory)
    held = terrain.held(mine)
    beyond = float(np.maximum(held - terrain.high, 0.0).sum() + np.maximum(terrain.low - held, 0.0).sum())
    left = (terrain.home != NOBODY) & (terrain.home != mine)
    return (beyond if beyond > SURE else 0.0, terrain.inertia(mine) + price * float(terrain.share[left].sum()))


def _heat(terrain: Terrain) -> Heat:
    """Return a warm round: hot enough to leave the hollow it begins in, too cool to forget where it began."""
    if coarse(terrain):
        tries = int(np.clip(2000 * terrain.units, 30_000, 200_000))
        return Heat(tries, hot=3.0, cold=0.1, chains=0.5, soft=10.0, hard=100.0)
    tries, dear = int(np.clip(250 * terrain.units, 60_000, 1_000_000)), max(1.0, terrain.price)
    return Heat(tries, hot=0.5 * dear, cold=0.005 * dear, soft=max(2.0, dear), hard=max(200.0, 20.0 * dear))
