"""Islands as problems of their own: territories are allotted to the pieces of the graph by weight and each piece is solved alone.

The other way, linking pieces by sea crossings, is the caller's before `solve`; here only pieces too light for a territory are linked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy import sparse
from scipy.spatial import cKDTree

from geo_territory.balancing.ordering import in_order
from geo_territory.balancing.problem import NOBODY, Problem
from geo_territory.balancing.reasons.obstacles import counted, or_accept
from geo_territory.balancing.reasons.told import over_caps
from geo_territory.balancing.result import Result
from geo_territory.balancing.rules import forced_units
from geo_territory.balancing.solve import measured, solve, tolerances_of
from geo_territory.balancing.stop import MaxRounds, StoppingCriterion
from geo_territory.balancing.watch import Progress, Watch
from geo_territory.contiguity import graph_pieces
from geo_territory.errors import InfeasibleError

HALF = 0.5  # of a territory's share a piece must hold to have a territory of its own


def solve_pieces(
    problem: Problem,
    tolerance: float | Sequence[float] | np.ndarray = 0.05,
    seed: int = 0,
    stop: StoppingCriterion | None = None,
    progress: Progress | None = None,
    disruption_price: float = 0.0,
) -> Result:
    """Return an alignment in which no territory spans two pieces of the graph, arguments as for `solve`; `stop` holds for each piece.

    A piece with less than half a territory's share, or nothing of some criterion, joins the nearest piece; every other gets at least
    one territory, the rest go by largest remainder, and territories that are locked, based or now in a piece stay there. What a piece
    can't share out evenly because its weight isn't a whole number of territories is said in `reasons`; imbalance is measured over the
    whole problem, pieces with the crossings that joined them.
    Raises InfeasibleError when locks or bases keep a territory in two pieces or leave a piece none, and what `solve` raises.
    Source for the allotment: Hamilton's method of largest remainders (1792).
    """
    tolerances = tolerances_of(problem, tolerance)
    if problem.neighbors is None or graph_pieces(problem.neighbors).max() == 0:
        return solve(problem, tolerances, seed, stop, progress, disruption_price)
    steady, row = in_order(problem)
    linked, group = _link_light_pieces(steady)
    owner = allot(linked, group)
    _require_territories(linked, group, owner)
    watch, territory, told = Watch(stop or MaxRounds(1), None, float(tolerances.min())), np.empty(problem.units, np.int64), []
    for g in range(int(group.max()) + 1):
        units, territories = np.flatnonzero(group == g), np.flatnonzero(owner == g)
        part = solve(_part(linked, units, territories), tolerances, seed, stop, progress, disruption_price)
        territory[units] = territories[part.territory]
        told += [*_misfit(linked, units, territories, tolerances), *part.reasons]
        watch.reason = part.stopped_by
    told += [said for said in over_caps(linked, territory) if said not in told]
    watch.enter("measuring")
    result = measured(linked, territory, tolerances, watch)
    unsorted = np.empty_like(territory)
    unsorted[row] = territory
    return replace(result, territory=unsorted, reasons=tuple(told) if told or result.within_tolerance else result.reasons)


def _require_territories(problem: Problem, group: np.ndarray, owner: np.ndarray) -> None:
    """Raise InfeasibleError when locks or bases hold all territories in other pieces, or a unit in a piece its territory isn't in."""
    forced = forced_units(problem)[0]
    astray = np.flatnonzero((forced >= 0) & (owner[forced] != group))
    if len(astray):
        unit, where = problem.name_of_unit(int(astray[0])), problem.name_of_territory(int(forced[astray[0]]))
        raise InfeasibleError(f"{unit} is held in {where} by a lock or base, which lies in another piece: link the pieces or release it.")
    bare = np.setdiff1d(group, owner)
    if len(bare):
        unit = problem.name_of_unit(int(np.flatnonzero(group == bare[0])[0]))
        raise InfeasibleError(f"No territory is left for the piece with {unit}: link it to another, or release a lock or base elsewhere.")


def allot(problem: Problem, group: np.ndarray) -> np.ndarray:
    """Return the group of units each territory works in, (k,) int, given the group of each unit (n,) 0…g-1; at least one each."""
    share, k = problem.share.mean(1), problem.territories
    weight, owner = np.bincount(group, share), np.full(k, NOBODY)
    forced = forced_units(problem)[0]
    for of_unit in (forced, problem.start):
        if of_unit is None:
            continue
        known = of_unit >= 0
        there = np.zeros((k, len(weight)))
        np.add.at(there, (of_unit[known], group[known]), share[known] + 1e-12)
        owner = np.where((owner < 0) & (there.sum(1) > 0), there.argmax(1), owner)
    room = np.maximum(_whole_numbers(weight * k, k), np.bincount(owner[forced[forced >= 0]], minlength=len(weight)) > 0)
    for t in np.argsort(-problem.capacity, kind="stable"):
        if owner[t] >= 0 and room[owner[t]] > 0:
            room[owner[t]] -= 1
        elif not (forced == t).any():
            owner[t] = NOBODY
    for t in np.flatnonzero(owner == NOBODY):
        missing = weight - np.bincount(owner[owner >= 0], problem.target[owner >= 0], len(weight))
        owner[t] = int(np.where(room > 0, missing, missing - 10).argmax())
        room[owner[t]] -= 1
    return owner


def _whole_numbers(quota: np.ndarray, total: int) -> np.ndarray:
    """Return whole numbers >= 1 near `quota` that add up to `total` (at least their count): largest remainders first."""
    number = np.maximum(np.floor(quota), 1).astype(np.int64)
    while number.sum() < total:
        number[(quota - number).argmax()] += 1
    while number.sum() > total and (number > 1).any():
        number[np.where(number > 1, quota - number, np.inf).argmin()] -= 1
    return number


def _link_light_pieces(problem: Problem) -> tuple[Problem, np.ndarray]:
    """Return (the problem with light pieces linked to the nearest by their shortest crossing, the piece of each unit then)."""
    share, bare, links = problem.share.mean(1), problem.share == 0, []
    group = graph_pieces(problem.graph)
    while True:
        weight = np.bincount(group, share)
        lacking = np.column_stack([np.bincount(group, ~empty) == 0 for empty in bare.T]).any(1)
        light = np.flatnonzero((weight < HALF * problem.target.min()) | lacking | (len(weight) > problem.territories))
        if len(light) == 0 or len(weight) == 1:
            break
        inside = group == light[weight[light].argmin()]
        ours, theirs = np.flatnonzero(inside), np.flatnonzero(~inside)
        apart, nearest = cKDTree(problem.position[theirs]).query(problem.position[ours])
        links.append((int(ours[apart.argmin()]), int(theirs[nearest[apart.argmin()]])))
        group = np.unique(np.where(inside, group[links[-1][1]], group), return_inverse=True)[1]
    if not links:
        return problem, group
    a, b = np.array(links).T
    more = sparse.coo_array((np.ones(2 * len(a), np.int8), (np.append(a, b), np.append(b, a))), shape=problem.graph.shape)
    return replace(problem, neighbors=problem.graph + more), group


def _part(problem: Problem, units: np.ndarray, territories: np.ndarray) -> Problem:
    """Return the problem of some units and territories alone."""
    unit_number, number = np.full(problem.units + 1, NOBODY), np.full(problem.territories + 1, NOBODY)
    unit_number[units], number[territories] = np.arange(len(units)), np.arange(len(territories))
    rows = {name: getattr(problem, name) for name in ("position", "weight", "locked", "accounts")}
    rows = {name: None if value is None else value[units] for name, value in rows.items()}
    columns = {
        name: getattr(problem, name) for name in ("capacity", "bases", "locked_territories", "least", "most", "most_given", "most_taken")
    }
    columns = {name: None if value is None else value[territories] for name, value in columns.items()}
    pairs = problem.forbidden
    if pairs is not None:
        pairs = np.column_stack([unit_number[pairs[:, 0]], number[pairs[:, 1]]])
        pairs = pairs[(pairs >= 0).all(1)]
    start = None if problem.start is None else number[problem.start[units]]
    if start is not None and rows["locked"] is not None:
        rows["locked"] = rows["locked"] & (start >= 0)
    return replace(
        problem,
        neighbors=problem.graph[units][:, units],
        start=start,
        forbidden=pairs,
        base_units=None if problem.base_units is None else unit_number[problem.base_units[territories]],
        unit_names=[problem.name_of_unit(int(u)).removeprefix("Unit ") for u in units],
        territory_names=[problem.name_of_territory(int(t)).removeprefix("territory ") for t in territories],
        **rows,
        **columns,
    )


def _misfit(problem: Problem, units: np.ndarray, territories: np.ndarray, tolerances: np.ndarray) -> list[str]:
    """Return why a piece can't be shared out evenly among its territories, when its weight isn't near a whole number of them."""
    off = problem.share[units].sum(0) / problem.target[territories].sum() - 1
    c = int(np.abs(off / tolerances).argmax())
    if abs(off[c]) <= tolerances[c]:
        return []
    many = counted(len(territories), "territory", "territories")
    return [
        f"The piece with {problem.name_of_unit(int(units[0]))} has {1 + off[c]:.2f} times the weight its {many} should hold: "
        f"link it to the rest{or_accept(abs(off[c]))}."
    ]
