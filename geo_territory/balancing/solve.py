"""Shares units out among territories: power diagrams first, then repair, then the search along borders, in several rounds."""

from __future__ import annotations

import numpy as np
from threadpoolctl import threadpool_limits

from geo_territory.balancing.diagrams import draw_diagrams
from geo_territory.balancing.numbering import numbered_as_before, numbered_by_place
from geo_territory.balancing.problem import Problem
from geo_territory.balancing.reasons import reasons_about, reasons_against
from geo_territory.balancing.result import Result, bound_of, disruption_of, imbalance_of, inertia_of, pieces_of
from geo_territory.balancing.rounds import coarse, refined, run_rounds, smooth
from geo_territory.balancing.stop import FirstOf, MaxSeconds, StoppingCriterion, WithinTolerance
from geo_territory.balancing.strip import along_borders
from geo_territory.balancing.terrain import Terrain, contract, terrain_of
from geo_territory.balancing.watch import Progress, Watch
from geo_territory.contiguity import graph_pieces
from geo_territory.errors import InfeasibleError

MANY = 50_000  # units beyond which only a strip along the borders of one diagram is searched
POINTS = 20_000  # points without neighbours beyond which a power diagram within tolerance is taken as it is


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
        return measured(problem, territory, tolerance, watch)


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


def measured(problem: Problem, territory: np.ndarray, tolerance: float, watch: Watch) -> Result:
    """Return any whole alignment (n,) of the problem as a Result, with its bound and what stands in its way."""
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
    diagrams = draw_diagrams(small, seed, refined(small), coarse(small), watch.beat)
    size = max(diagrams[0].inertia, 1e-12)
    small, terrain = small.scaled(size**-0.5), terrain.scaled(size**-0.5)
    ready = numbered_as_before(small, diagrams[0].cell)
    if not terrain.whole and n > POINTS and terrain.imbalance(ready) <= terrain.tolerance:
        territory, watch.reason = ready, watch.reason or "within tolerance"
    elif terrain.whole and small.units > MANY and (lined := along_borders(small, ready, seed, watch)) is not None:
        territory, watch.reason = lined[parent], watch.reason or "within tolerance"
    else:
        territory = run_rounds(small, diagrams, seed, bool(reasons_against(problem, terrain.tolerance)), watch)[parent]
    if len(parent) > small.units:
        territory = smooth(terrain, territory, seed, watch)
    if terrain.home.max() < 0:
        territory = numbered_by_place(terrain, territory)
    return territory
