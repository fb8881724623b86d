"""The solver for tables: converts once on the way in and once on the way out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import shapely

from geo_territory.alignment import Alignment
from geo_territory.balancing.frontier import Alternative, frontier
from geo_territory.balancing.problem import NOBODY, Problem
from geo_territory.balancing.result import Result
from geo_territory.balancing.solve import solve
from geo_territory.balancing.stop import WithinTolerance
from geo_territory.tables import Units
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
    disruption_price: float = 0.0,
    progress: Callable[[str, float, float], None] | None = None,
) -> tuple[Alignment, Result]:
    """Share out basic units among territories: contiguous, balanced, compact.

    `weight` by unit_id (0 or more, any unit of measure) is what is balanced; `capacity` by territory_id, only shares
    count; `start` by unit_id names the current territory of a unit, NA for none; `disruption_price` (0 or more) is how many percent
    more compact the map must be for each percent of weight that leaves its start. `tolerance` in (0, 1) is the accepted
    imbalance. Returns the alignment of `role` and the solver's result with its bound and its explanations.
    """
    problem = problem_of(unit_map, weight, capacity, start)
    # no time limit: rounds end the search, so that a slow machine gives the same alignment as a fast one
    result = solve(problem, tolerance=tolerance, seed=seed, stop=WithinTolerance(), progress=progress, disruption_price=disruption_price)
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
    progress: Callable[[str, float, float], None] | None = None,
) -> tuple[tuple[Alignment, Alternative], ...]:
    """Share out basic units in up to nine ways of which none is better than another in balance, compactness and disruption.

    Parameters as in `balance`. Returns each alignment of `role` with the alternative it was made from.
    """
    found = frontier(problem_of(unit_map, weight, capacity, start), tolerance=tolerance, seed=seed, progress=progress)
    return tuple((alignment_of(unit_map, capacity, one.result.territory, role), one) for one in found)


def problem_of(unit_map: UnitMap, weight: pd.Series, capacity: pd.Series, start: pd.Series | None = None) -> Problem:
    """Return what is asked as arrays, units and territories in the order of their tables; parameters as in `balance`."""
    units, territories = unit_map.units.index, capacity.index
    return Problem(
        position=shapely.get_coordinates(shapely.point_on_surface(np.asarray(unit_map.planar))),
        weight=weight.reindex(units).fillna(0.0).to_numpy(float),
        neighbors=neighbor_matrix(unit_map),
        capacity=capacity.to_numpy(float),
        start=None if start is None else _numbers(start.reindex(units), territories),
        unit_names=[f"{name} ({unit})" for unit, name in unit_map.units[Units.name].items()],
        territory_names=list(territories),
    )


def alignment_of(unit_map: UnitMap, capacity: pd.Series, territory: np.ndarray, role: str) -> Alignment:
    """Return the alignment of `role` that an array of territory numbers (n,) stands for."""
    return Alignment(pd.Series(capacity.index.to_numpy()[territory], index=unit_map.units.index), role)


def _numbers(labels: pd.Series, territories: pd.Index) -> np.ndarray:
    """Return the position of each label among `territories`, -1 for a label that is not one of them."""
    numbers = territories.get_indexer(labels)
    return np.where(numbers < 0, NOBODY, numbers)
