"""Shares units out among territories: power diagrams first, then repair, then the search along borders, in several rounds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from threadpoolctl import threadpool_limits

from geo_territory.balancing.diagrams import Diagram, draw_diagrams
from geo_territory.balancing.numbering import numbered_as_before, numbered_by_place
from geo_territory.balancing.problem import Problem
from geo_territory.balancing.reasons import reasons_about, reasons_against
from geo_territory.balancing.repair import make_whole
from geo_territory.balancing.result import Result, bound_of, disruption_of, imbalance_of, inertia_of, pieces_of
from geo_territory.balancing.search import Heat, improve, prices_for
from geo_territory.balancing.stop import FirstOf, MaxSeconds, StoppingCriterion, WithinTolerance
from geo_territory.balancing.terrain import Terrain, contract, terrain_of
from geo_territory.balancing.watch import Progress, Watch
from geo_territory.contiguity import graph_pieces
from geo_territory.errors import InfeasibleError

SAME = 12  # starts that must lead to the same best again before the search counts as done
POINTS = 20_000  # points without neighbours beyond which a power diagram within tolerance is taken as it is
FINE = (Heat(hot=1.0, cold=0.01), Heat(hot=0.3, cold=0.002), Heat(hot=3.0, cold=0.01))
COARSE = (
    Heat(hot=3.0, cold=1.0, chains=0.5, soft=40.0, hard=40.0),
    Heat(hot=5.0, cold=0.1, chains=0.5, soft=5.0, hard=100.0),
    Heat(hot=4.0, cold=1.5, chains=0.7, soft=30.0, hard=60.0),
    Heat(hot=10.0, cold=0.1, chains=0.5, soft=5.0, hard=50.0),
)


def solve(
    problem: Problem,
    tolerance: float = 0.05,
    seed: int = 0,
    stop: StoppingCriterion | None = None,
    progress: Progress | None = None,
    disruption_price: float = 0.0,
) -> Result:
    """Return the most compact contiguous alignment found whose imbalance is within the tolerance.

    tolerance: accepted imbalance, in (0, 1); 0.05 means five percent. seed: the same seed gives the same answer.
    stop: by default when the planned rounds are done within the tolerance, or after 20 s; a search that has tried four times
    the planned rounds ends by itself. progress: called with (phase, fraction done, imbalance of the best) several times a second;
    what it raises (errors.Cancelled) ends the solve. disruption_price: >= 0; 1 means that moving 1 % of the weight must buy a
    1 % lower inertia.
    When the tolerance can't be met the best alignment found comes back with `within_tolerance` False and the `reasons`.
    Raises InfeasibleError when the neighbour graph is in pieces (link them first), ValueError for a value outside its range.
    Source: engine F18-F24; see `power`, `border` and `repair` for the papers.
    """
    if not 0 < tolerance < 1:
        raise ValueError("Expected tolerance in (0, 1): 0.05 means five percent.")
    if not disruption_price >= 0:
        raise ValueError("Expected disruption_price >= 0.")
    _require_one_graph(problem)
    watch = Watch(stop or FirstOf(WithinTolerance(), MaxSeconds(20)), progress, tolerance)
    with threadpool_limits(1, "blas"):
        territory = _share_out(problem, terrain_of(problem, tolerance, disruption_price), seed, watch)
        watch.enter("measuring")
        return _measured(problem, territory, tolerance, watch)


def _require_one_graph(problem: Problem) -> None:
    if problem.neighbors is None:
        return
    piece = graph_pieces(problem.neighbors)
    if piece.max() > 0:
        size = np.bincount(piece)
        lone = int(np.flatnonzero(piece != size.argmax())[0])
        raise InfeasibleError(
            f"The neighbour graph is in {len(size)} pieces; {problem.name_of_unit(lone)} can't be reached from the largest: "
            "link the pieces by their shortest crossings, or solve each by itself."
        )


def _measured(problem: Problem, territory: np.ndarray, tolerance: float, watch: Watch) -> Result:
    imbalance = imbalance_of(problem, territory)
    inertia = inertia_of(problem, territory)
    return Result(
        territory=territory,
        imbalance=imbalance,
        inertia=inertia,
        bound=min(bound_of(problem, territory, max(tolerance, imbalance)), inertia),
        pieces=pieces_of(problem, territory),
        disruption=disruption_of(problem, territory),
        within_tolerance=imbalance <= tolerance,
        reasons=tuple(reasons_about(problem, territory, tolerance)),
        stopped_by="out of reach" if watch.reason == "within tolerance" and imbalance > tolerance else watch.reason,
        seconds=watch.finish(),
    )


def _share_out(problem: Problem, terrain: Terrain, seed: int, watch: Watch) -> np.ndarray:
    """Return the territory of each unit, (n,) int."""
    n, k = terrain.units, terrain.territories
    if k == 1 or n <= k:
        watch.reason = "nothing to choose"
        heaviest, largest = np.argsort(-terrain.share, kind="stable"), np.argsort(-problem.capacity, kind="stable")
        territory = np.empty(n, np.int64)
        territory[heaviest] = 0 if k == 1 else largest[:n]
        return np.where(terrain.forced >= 0, terrain.forced, territory) if n > k else territory
    small, parent = contract(terrain)
    diagrams = draw_diagrams(small, seed, _refined(small), _coarse(small), watch.beat)
    size = max(diagrams[0].inertia, 1e-12)
    small, terrain = small.scaled(size**-0.5), terrain.scaled(size**-0.5)
    ready = numbered_as_before(small, diagrams[0].cell)
    if not terrain.whole and n > POINTS and terrain.imbalance(ready) <= terrain.tolerance:
        territory, watch.reason = ready, watch.reason or "within tolerance"
    else:
        territory = _rounds(small, diagrams, seed, bool(reasons_against(problem, terrain.tolerance)), watch)[parent]
    if len(parent) > small.units:
        territory = _smooth(terrain, territory, seed, watch)
    if terrain.home.max() < 0:
        territory = numbered_by_place(terrain, territory)
    return territory


def _rounds(terrain: Terrain, diagrams: list[Diagram], seed: int, hopeless: bool, watch: Watch) -> np.ndarray:
    """Return the best territories of several rounds: from the current map and each diagram first, then from the best so far.

    Rounds end early when several starts have led to the same best, and don't go on past the plan when the tolerance is known
    to be out of reach (`hopeless`).
    """
    starts = ([terrain.home] if terrain.home.max() >= 0 else []) + [numbered_as_before(terrain, d.cell) for d in _varied(terrain, diagrams)]
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
    few = _refined(terrain)
    if not _coarse(terrain) or len(diagrams) <= 2 * few:
        return diagrams
    pairs = [diagram for pair in zip(diagrams[:few], diagrams[few : 2 * few], strict=True) for diagram in pair]
    return pairs + diagrams[2 * few :]


def _coarse(terrain: Terrain) -> bool:
    """Return True when single units are large beside the tolerance, so that balance is a puzzle."""
    return terrain.tolerance * terrain.target.mean() < 0.5 / terrain.units


def _plan(terrain: Terrain) -> tuple[int, int]:
    """Return (tries a round, planned rounds) of the border search."""
    n = terrain.units
    if _coarse(terrain):
        return int(np.clip(6000 * n, 30_000, 400_000)), 20
    tries = int(np.clip(300 * n, 60_000, 3_000_000))
    return tries, 15 if n <= 2000 else max(1, 2_000_000 // tries)


def _refined(terrain: Terrain) -> int:
    """Return how many diagrams to refine: few where balance is a puzzle, for there many different starts do better than good ones."""
    if _coarse(terrain):
        return 4
    return 8 if terrain.units <= 2000 else 2 if terrain.units <= 20_000 else 1


def _heat(terrain: Terrain, turn: int, tries: int, soft: float, late: bool) -> Heat:
    """Return the heat of a round; hot ones where balance is a puzzle, or nothing else has helped.

    soft: price of a breach below which weight in a cell is worth more than keeping to the tolerance.
    """
    if late or _coarse(terrain):
        return replace(COARSE[turn % len(COARSE)], tries=tries)
    return replace(FINE[turn % len(FINE)], tries=tries, soft=max(2.0, soft), hard=max(200.0, 20 * soft))


def _smooth(terrain: Terrain, territory: np.ndarray, seed: int, watch: Watch) -> np.ndarray:
    """Return the territories after a cool search over all units, also those without weight."""
    prices = prices_for(terrain, territory)
    heat = Heat(int(np.clip(100 * terrain.units, 100_000, 4_000_000)), hot=0.02, chains=0.0, soft=200.0)
    return improve(terrain, make_whole(terrain, territory), prices, heat, seed, watch.beat)[0]
