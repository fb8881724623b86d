"""Shares units out among territories: power diagrams first, then repair, then the search along borders, in several rounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from geo_territory.balancing.bands import asked_bands
from geo_territory.balancing.border.strip import along_borders, tidied
from geo_territory.balancing.diagram.several import Diagram, draw_diagrams
from geo_territory.balancing.numbering import numbered_as_before, numbered_by_place
from geo_territory.balancing.ordering import in_order
from geo_territory.balancing.problem import Problem
from geo_territory.balancing.reasons.told import reasons_about, reasons_against
from geo_territory.balancing.repair import make_whole, one_each
from geo_territory.balancing.result import Result, bound_of, breaches_of, disruption_of, imbalance_of, inertia_of, pieces_of
from geo_territory.balancing.rounds import coarse, refined, run_rounds, smooth
from geo_territory.balancing.rules import require_possible
from geo_territory.balancing.stop import FirstOf, MaxSeconds, StoppingCriterion, WithinTolerance
from geo_territory.balancing.terrain import Terrain, contract, open_part, terrain_of
from geo_territory.balancing.threads import one_thread
from geo_territory.balancing.watch import Progress, Watch
from geo_territory.contiguity import graph_pieces
from geo_territory.errors import InfeasibleError

WIDE = 1_000  # units a territory has at least where the strip along its borders is a small part of it
MANY = 50_000  # units beyond which only a strip along the borders of one diagram is searched
POINTS = 5_000  # points without neighbours beyond which one power diagram is enough


def solve(
    problem: Problem,
    tolerance: float | Sequence[float] | np.ndarray = 0.05,
    seed: int = 0,
    stop: StoppingCriterion | None = None,
    progress: Progress | None = None,
    disruption_price: float = 0.0,
) -> Result:
    """Return the most compact contiguous alignment found whose imbalance is within the tolerance.

    tolerance: accepted imbalance, in (0, 1), one for every criterion or (m,) one each; 0.05 means five percent. seed: the same seed
    gives the same answer, whatever the order of the units.
    stop: by default when the planned rounds are done within the tolerance, or after 20 s; a search that has tried four times
    the planned rounds ends by itself. progress: called with (phase, fraction done, imbalance of the best) several times a second;
    what it raises (errors.Cancelled) ends the solve. disruption_price: >= 0; 1 means that moving 1 % of the weight must buy a
    1 % lower inertia.
    When the tolerance can't be met the best alignment found comes back with `within_tolerance` False and the `reasons`.
    Raises InfeasibleError where no alignment can exist: the neighbour graph is in pieces (link them, or `solve_pieces`), or rules
    leave a unit no territory; ValueError for a value outside its range.
    Source: the methods and their papers are named in the modules of `diagram`, `border` and `puzzle`; disruption is F22.
    """
    tolerances = tolerances_of(problem, tolerance)
    if not disruption_price >= 0:
        raise ValueError("Expected disruption_price >= 0.")
    _require_one_graph(problem)
    require_possible(problem)
    watch = Watch(stop or FirstOf(WithinTolerance(), MaxSeconds(20)), progress, float(tolerances.min()))
    with one_thread():
        steady, row = in_order(problem)
        territory = _share_out(steady, terrain_of(steady, tolerances, disruption_price), seed, watch)
        watch.enter("measuring")
        result = measured(steady, territory, tolerances, watch)
    unsorted = np.empty_like(territory)
    unsorted[row] = territory
    return replace(result, territory=unsorted)


def tolerances_of(problem: Problem, tolerance: float | Sequence[float] | np.ndarray) -> np.ndarray:
    """Return the tolerance of each criterion, (m,); raises ValueError unless there is one, or one for each, in (0, 1)."""
    given = np.asarray(tolerance, np.float64)
    if given.shape not in ((), (problem.criteria,)):
        raise ValueError(f"Expected one tolerance or {problem.criteria}, one for each criterion, got {given.shape}.")
    if not ((given > 0) & (given < 1)).all():
        raise ValueError("Expected tolerance in (0, 1): 0.05 means five percent.")
    return np.broadcast_to(given, problem.criteria).copy()


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


def measured(problem: Problem, territory: np.ndarray, tolerance: float | np.ndarray, watch: Watch) -> Result:
    """Return any whole alignment (n,) of the problem as a Result, with its bound and what stands in its way."""
    tolerance = tolerances_of(problem, tolerance)
    imbalance, within = imbalance_of(problem, territory), not breaches_of(problem, territory, tolerance).any()
    inertia = inertia_of(problem, territory)
    return Result(
        territory=territory,
        imbalance=imbalance,
        inertia=inertia,
        bound=min(bound_of(problem, territory, max(float(tolerance.mean()), imbalance)), inertia),
        pieces=pieces_of(problem, territory),
        disruption=disruption_of(problem, territory),
        within_tolerance=within,
        reasons=tuple(reasons_about(problem, territory, tolerance, watch.none_fits)),
        stopped_by="out of reach" if watch.reason == "within tolerance" and not within else watch.reason,
        seconds=watch.finish(),
    )


def _share_out(problem: Problem, terrain: Terrain, seed: int, watch: Watch) -> np.ndarray:
    """Return the territory of each unit, (n,) int."""
    n, k = terrain.units, terrain.territories
    if k == 1 or n <= k:
        watch.reason = "nothing to choose"
        return np.zeros(n, np.int64) if k == 1 else one_each(terrain)
    small, parent = contract(terrain)
    open_, units, territories = open_part(small)
    if len(territories) == 0 or open_.units <= open_.territories:
        watch.reason = "nothing to choose"
        return make_whole(terrain, terrain.home)
    diagrams = draw_open_diagrams(small, open_, units, territories, seed, watch)
    size = max(diagrams[0].inertia, 1e-12)
    small, terrain = small.scaled(size**-0.5), terrain.scaled(size**-0.5)
    ready = numbered_as_before(small, diagrams[0].cell)
    enough = None
    if terrain.home.max() < 0:  # a current map is a start of its own, which rounds weigh against the diagrams
        enough = _from_one_diagram(small, ready, seed, watch)
    if enough is not None:
        territory, watch.reason = enough[parent], watch.reason or "within tolerance"
    else:
        territory = run_rounds(small, diagrams, seed, bool(reasons_against(problem, terrain.tolerances)), watch)[parent]
    watch.none_fits &= len(parent) == small.units and _as_asked(problem, terrain)
    if len(parent) > small.units:
        territory = smooth(terrain, territory, seed, watch)
    if terrain.home.max() < 0:
        territory = numbered_by_place(terrain, territory)
    return territory


def _as_asked(problem: Problem, terrain: Terrain) -> bool:
    """Return True when territories are to hold what is asked for, not merely what comes nearest to it."""
    asked = asked_bands(problem, terrain.tolerances)
    return bool(np.allclose(terrain.low, asked.low, 1e-9, 0.0) and np.allclose(terrain.high, asked.high, 1e-9, 0.0))


def _from_one_diagram(terrain: Terrain, ready: np.ndarray, seed: int, watch: Watch) -> np.ndarray | None:
    """Return territories (n,) within the tolerance close to those of a diagram, where units are many; None where that won't do."""
    if not terrain.whole and terrain.units > POINTS:
        return tidied(terrain, ready, watch)
    if terrain.whole and terrain.units > max(MANY, WIDE * terrain.territories):
        return along_borders(terrain, ready, seed, watch)
    return None


def draw_open_diagrams(
    terrain: Terrain, open_: Terrain, units: np.ndarray, territories: np.ndarray, seed: int, watch: Watch
) -> list[Diagram]:
    """Return diagrams of the whole terrain, drawn on its part that isn't shut."""
    if open_.territories == 1:
        return [Diagram(terrain.inertia(whole), 0.0, whole) for whole in [_around(terrain, units, territories, np.zeros(len(units), int))]]
    drawn = draw_diagrams(open_, seed, refined(open_), coarse(open_), watch.beat)
    return drawn if open_ is terrain else [d._replace(cell=_around(terrain, units, territories, d.cell)) for d in drawn]


def _around(terrain: Terrain, units: np.ndarray, territories: np.ndarray, cell: np.ndarray) -> np.ndarray:
    """Return the territory of every unit when `units` are in `cell` of `territories` and the others where they are locked."""
    territory = terrain.forced.copy()
    territory[units] = territories[cell]
    return territory
