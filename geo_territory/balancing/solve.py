"""Shares units out among territories: power diagrams first, then repair, then the search along borders, in several rounds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from threadpoolctl import threadpool_limits

from geo_territory.balancing import power
from geo_territory.balancing.numbering import numbered_as_before, numbered_by_place
from geo_territory.balancing.problem import Problem
from geo_territory.balancing.reasons import reasons_about
from geo_territory.balancing.repair import make_whole
from geo_territory.balancing.result import Result, bound_of, disruption_of, imbalance_of, inertia_of, pieces_of
from geo_territory.balancing.search import Heat, improve, prices_for
from geo_territory.balancing.seeds import first_centers, match_to_anchors
from geo_territory.balancing.stop import FirstOf, MaxSeconds, StoppingCriterion, WithinTolerance
from geo_territory.balancing.terrain import Terrain, contract, terrain_of
from geo_territory.balancing.watch import Progress, Watch
from geo_territory.contiguity import graph_pieces
from geo_territory.errors import InfeasibleError

SAMPLE = 20_000  # units the first diagrams are drawn on, or 100 a territory when that is more
WORK = 5_000_000  # tries of the border search that the planned rounds share


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
        stopped_by=watch.reason,
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
    watch.enter("centres")
    diagrams = _diagrams(small, seed, watch)
    size = max(diagrams[0][0], 1e-12)
    small, terrain = small.scaled(size**-0.5), terrain.scaled(size**-0.5)
    territory = _rounds(small, [near for _, near in diagrams], seed, watch)[parent]
    if len(parent) > small.units:
        territory = _smooth(terrain, territory, seed, watch)
    if terrain.home.max() < 0:
        territory = numbered_by_place(terrain, territory)
    return territory


def _diagrams(terrain: Terrain, seed: int, watch: Watch) -> list[tuple[float, np.ndarray]]:
    """Return (inertia, cell of each unit) of several balanced power diagrams, best first."""
    k, found = terrain.territories, []
    heavy = np.flatnonzero(terrain.share > 0)
    heavy = heavy if len(heavy) >= 2 * k else np.arange(terrain.units)
    sites = power.Sites(terrain.position[heavy], terrain.mass[heavy], terrain.target, terrain.forced[heavy], terrain.base, terrain.pull)
    most = max(SAMPLE, 100 * k)
    few = sites.sample(np.random.default_rng(seed).permutation(len(heavy))[:most]) if len(heavy) > 2 * most else sites
    for start in range(_starts(len(few.mass), k)):
        if watch.beat("centres", 0.0) and found:
            break
        random = np.random.default_rng([seed, start])
        centers = match_to_anchors(first_centers(few.points, few.mass, few.target, random), _anchors(terrain))
        centers = np.where((terrain.pull < 1)[:, None], centers, terrain.base)
        cells = power.fit(few, centers, 30)
        found.append((power.spread_of(few, cells) / few.mass.sum() * (1 + 3 * power.error(few, cells)), start, cells))
    found.sort(key=lambda entry: entry[:2])
    return [(value, _all_units(terrain, sites, cells, few is sites)) for value, _, cells in found]


def _all_units(terrain: Terrain, sites: power.Sites, cells: power.Cells, complete: bool) -> np.ndarray:
    """Return the cell of every unit, after a last balancing on all sites when the cells were drawn on a sample."""
    if not complete:
        cells = power.revive(sites, power.draw(sites, cells.centers, cells.offset))
        cells = power.balance(sites, power.recenter(sites, power.balance(sites, cells, 3, 0.01)), 8, 1e-3)
    return power.nearest_cells(terrain.position, cells.centers, cells.offset)[0]


def _starts(sites: int, k: int) -> int:
    """Return how many diagrams to draw: as many as cost about half a second, between 3 and 24."""
    return int(np.clip(150_000 / (sites + 30 * k), 3, 24))


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


def _rounds(terrain: Terrain, diagrams: list[np.ndarray], seed: int, watch: Watch) -> np.ndarray:
    """Return the best territories of several rounds, each from another start."""
    first = make_whole(terrain, numbered_as_before(terrain, diagrams[0]))
    prices = prices_for(terrain, first)
    tries = int(np.clip(300 * terrain.units, 100_000, 4_000_000))
    watch.planned = int(np.clip(WORK // tries, 1, 40))
    best, score = first, None
    for turn in range(4 * watch.planned):
        watch.beat("repair", 0.0)
        territory = first if turn == 0 and not _warm(terrain, turn) else _start_of(terrain, diagrams, turn)
        territory, now = improve(terrain, territory, prices, Heat(tries), seed * 1000 + turn, watch.beat)
        if now.better_than(score):
            best, score = territory, now
            watch.imbalance = terrain.imbalance(best)
        watch.rounds += 1
        if watch.beat("border search", 0.0):
            break
    watch.reason = watch.reason or "search exhausted"
    return best


def _warm(terrain: Terrain, turn: int) -> bool:
    return terrain.home.max() >= 0 and turn % 2 == 0


def _start_of(terrain: Terrain, diagrams: list[np.ndarray], turn: int) -> np.ndarray:
    if _warm(terrain, turn):
        return make_whole(terrain, terrain.home)
    return make_whole(terrain, numbered_as_before(terrain, diagrams[turn % len(diagrams)]))


def _smooth(terrain: Terrain, territory: np.ndarray, seed: int, watch: Watch) -> np.ndarray:
    """Return the territories after a cool search over all units, also those without weight."""
    prices = prices_for(terrain, territory)
    heat = Heat(int(np.clip(100 * terrain.units, 100_000, 4_000_000)), hot=0.02, chains=0.0, soft=200.0)
    return improve(terrain, make_whole(terrain, territory), prices, heat, seed, watch.beat)[0]
