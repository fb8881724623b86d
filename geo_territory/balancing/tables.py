"""The solver and what stands on it, for tables: converts once on the way in and once on the way out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import shapely

from geo_territory.alignment import Alignment
from geo_territory.balancing.explain import explain
from geo_territory.balancing.frontier import Alternative, frontier
from geo_territory.balancing.headcount import Headcount, headcount
from geo_territory.balancing.limits import NO_LIMITS, Limits
from geo_territory.balancing.problem import NOBODY, Problem
from geo_territory.balancing.result import Result
from geo_territory.balancing.solve import solve
from geo_territory.balancing.stop import WithinTolerance
from geo_territory.tables import Handings, UnitMoves, Units
from geo_territory.units import UnitMap, neighbor_matrix


def balance(
    unit_map: UnitMap,
    weight: pd.Series,
    capacity: pd.Series,
    *,
    role: str,
    tolerance: float,
    seed: int = 0,
    start: pd.Series | None = None,
    limits: Limits = NO_LIMITS,
    disruption_price: float = 0.0,
    progress: Callable[[str, float, float], None] | None = None,
) -> tuple[Alignment, Result]:
    """Share out basic units among territories: contiguous, balanced, compact.

    `weight` by unit_id (0 or more, any unit of measure) is what is balanced; `capacity` by territory_id, only shares
    count; `start` by unit_id names the current territory of a unit, NA for none; `limits` is what must be kept to besides;
    `disruption_price` (0 or more) is how many percent more compact the map must be for each percent of weight that leaves its
    start. `tolerance` in (0, 1) is the accepted imbalance. Returns the alignment of `role` and the solver's result with its
    bound and its explanations.
    """
    problem = problem_of(unit_map, weight, capacity, start, limits)
    # no time limit: rounds end the search, so that a slow machine gives the same alignment as a fast one
    asked = tolerance_of(tolerance, limits)
    result = solve(problem, tolerance=asked, seed=seed, stop=WithinTolerance(), progress=progress, disruption_price=disruption_price)
    return alignment_of(unit_map, capacity, result.territory, role), result


def alternatives(
    unit_map: UnitMap,
    weight: pd.Series,
    capacity: pd.Series,
    *,
    role: str,
    tolerance: float,
    seed: int = 0,
    start: pd.Series | None = None,
    limits: Limits = NO_LIMITS,
    progress: Callable[[str, float, float], None] | None = None,
) -> tuple[tuple[Alignment, Alternative], ...]:
    """Share out basic units in up to nine ways of which none is better than another in balance, compactness and disruption.

    Parameters as in `balance`. Returns each alignment of `role` with the alternative it was made from.
    """
    problem = problem_of(unit_map, weight, capacity, start, limits)
    found = frontier(problem, tolerance=tolerance_of(tolerance, limits), seed=seed, progress=progress)
    return tuple((alignment_of(unit_map, capacity, one.result.territory, role), one) for one in found)


def headcounts(
    unit_map: UnitMap,
    weight: pd.Series,
    capacity: pd.Series,
    *,
    counts: Sequence[int] | None,
    tolerance: float,
    seed: int = 0,
    start: pd.Series | None = None,
    limits: Limits = NO_LIMITS,
    disruption_price: float = 0.0,
    progress: Callable[[str, float, float], None] | None = None,
) -> tuple[Headcount, ...]:
    """Share out basic units among each number of territories of `counts`, as `headcount` does; parameters as in `balance`."""
    problem = problem_of(unit_map, weight, capacity, start, limits)
    return headcount(problem, counts, np.asarray(tolerance_of(tolerance, limits)), seed, disruption_price, progress)


def explained(
    unit_map: UnitMap, weight: pd.Series, capacity: pd.Series, start: pd.Series, alignment: Alignment
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return why units change hands between `start` (territory_id by unit_id) and an alignment: (UnitMoves, Handings).

    Other parameters as in `balance`; a territory of either that `capacity` lacks counts as none.
    """
    problem, names = problem_of(unit_map, weight, capacity, start), capacity.index.to_numpy()
    territory = _numbers(alignment.territory_of.reindex(unit_map.units.index), capacity.index)
    handings, reasons = explain(problem, territory)
    moved, total = np.array(sorted(reasons), dtype=np.int64), problem.weight[:, 0].sum()
    assert problem.start is not None
    units = pd.DataFrame(
        {
            UnitMoves.before: names[problem.start[moved]],
            UnitMoves.after: names[territory[moved]],
            UnitMoves.weight: problem.weight[moved, 0],
            UnitMoves.reason: [reasons[int(u)] for u in moved],
        },
        index=unit_map.units.index[moved],
    )
    pairs = {
        Handings.giver: [names[one.giver] for one in handings],
        Handings.receiver: [names[one.receiver] for one in handings],
        Handings.units: [len(one.units) for one in handings],
        Handings.weight: [one.weight * total for one in handings],
        Handings.weight_share: [one.weight for one in handings],
        Handings.giver_before: [100 + 100 * one.giver_over[0] for one in handings],
        Handings.giver_after: [100 + 100 * one.giver_over[1] for one in handings],
        Handings.receiver_before: [100 + 100 * one.receiver_over[0] for one in handings],
        Handings.receiver_after: [100 + 100 * one.receiver_over[1] for one in handings],
        Handings.misplaced_change: [one.off for one in handings],
        Handings.inertia_change: [one.inertia for one in handings],
        Handings.reason: [one.reason for one in handings],
    }
    return UnitMoves.check(units), Handings.check(pd.DataFrame(pairs))


def problem_of(
    unit_map: UnitMap, weight: pd.Series, capacity: pd.Series, start: pd.Series | None = None, limits: Limits = NO_LIMITS
) -> Problem:
    """Return what is asked as arrays, units and territories in the order of their tables; parameters as in `balance`."""
    units, territories = unit_map.units.index, capacity.index
    columns = [weight] if limits.also is None else [weight, *(limits.also[name] for name in limits.also)]
    return Problem(
        position=shapely.get_coordinates(shapely.point_on_surface(np.asarray(unit_map.planar))),
        weight=np.column_stack([column.reindex(units).fillna(0.0).to_numpy(float) for column in columns]),
        neighbors=neighbor_matrix(unit_map),
        capacity=capacity.to_numpy(float),
        start=None if start is None else _numbers(start.reindex(units), territories),
        unit_names=[f"{name} ({unit})" for unit, name in unit_map.units[Units.name].items()],
        territory_names=list(territories),
        criterion_names=[str(column.name) for column in columns],
        **limits.arrays(unit_map, territories),  # type: ignore[arg-type]
    )


def tolerance_of(tolerance: float, limits: Limits) -> float | tuple[float, ...]:
    """Return the tolerance of every criterion: one number when only one is balanced."""
    return (tolerance, *limits.also_tolerance) if limits.also is not None else tolerance


def alignment_of(unit_map: UnitMap, capacity: pd.Series, territory: np.ndarray, role: str) -> Alignment:
    """Return the alignment of `role` that an array of territory numbers (n,) stands for."""
    return Alignment(pd.Series(capacity.index.to_numpy()[territory], index=unit_map.units.index), role)


def _numbers(labels: pd.Series, territories: pd.Index) -> np.ndarray:
    """Return the position of each label among `territories`, -1 for a label that is not one of them."""
    numbers = territories.get_indexer(labels)
    return np.where(numbers < 0, NOBODY, numbers)
