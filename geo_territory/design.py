"""The flow from planned attention to a scored alignment: units, balancing, borders, scorecard.

The command line and the Design screen both call `design`; neither holds logic of its own.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from geo_territory.alignment import Alignment, start_from_accounts, territory_of_account
from geo_territory.attention import Attention, Progress, silent
from geo_territory.balancing import Result
from geo_territory.balancing.tables import balance
from geo_territory.boundaries import planar_territories, territory_shapes
from geo_territory.errors import PlaceError
from geo_territory.policy import DesignPolicy
from geo_territory.scorecard import score
from geo_territory.tables import Scorecard, Territories, UnitTotals
from geo_territory.units import UnitMap, build_units, place_names, unit_of_account, unit_totals

# Borders are drawn to this distance of the units' own [m].
BORDER_TOLERANCE_M = 250.0


@dataclass(frozen=True)
class Design:
    """A scored alignment with everything it was made from.

    `unit_id` and `territory_id` are by planned account, NA for one that is not on the map; `territories` are simplified
    shapes in EPSG:4326 with colour and a name, their largest town; `scorecard` has a row per territory; `result` is the solver's answer with
    bound and explanations; `start` is the territory by account the design began from; `seconds` by phase.
    """

    policy: DesignPolicy
    attention: Attention
    unit_map: UnitMap
    totals: pd.DataFrame
    unit_id: pd.Series
    territory_id: pd.Series
    alignment: Alignment
    result: Result
    territories: gpd.GeoDataFrame
    scorecard: pd.DataFrame
    start: pd.Series | None
    seconds: dict[str, float]

    @property
    def not_on_map(self) -> pd.DataFrame:
        """The planned accounts without a usable place: they stay in the plan, and in no territory."""
        return self.attention.planned[self.unit_id.isna()]

    @property
    def contiguous(self) -> bool:
        """Whether every territory is in one piece, sea crossings counted as links."""
        return bool((self.scorecard[Scorecard.pieces] == 1).all())


class Clock:
    """Seconds by phase, and the progress that goes with them."""

    def __init__(self, progress: Progress) -> None:
        """Start with no phase measured."""
        self.seconds: dict[str, float] = {}
        self.progress = progress

    @contextmanager
    def phase(self, name: str, begins: float) -> Iterator[None]:
        """Measure one phase that begins at a share in [0, 1] of the whole work."""
        self.progress(name, begins)
        since = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - since, 3)


def design(
    attention: Attention,
    *,
    capacity: pd.Series | None = None,
    start: pd.Series | None = None,
    progress: Progress = silent,
) -> Design:
    """Return territories for the planned accounts: contiguous, balanced, compact.

    `attention.policy.design` says what is asked. `capacity` by territory_id (any unit, only shares count) names the
    territories; without it they are equal. `start` by account_id is the territory each account is in now.
    Raises PlaceError when no planned account has a place, UnitsError and InfeasibleError with their remedies.
    """
    asked, clock = attention.policy.design, Clock(progress)
    weight = attention.weight(asked.balance, asked.role)
    if weight.empty:
        raise PlaceError("There is no account to plan: every row is closed or was rejected. The row report says why.")
    with clock.phase("Building units", 0.0):
        unit_map = build_units(asked.units, attention.planned, weight, asked.territories)
        unit_id = unit_of_account(attention.planned, unit_map)
        totals = unit_totals(unit_map, unit_id, attention.hours(asked.role), attention.value)
        unit_weight = weight.groupby(unit_id).sum()
    with clock.phase("Balancing", 0.25):
        begin = None if start is None else start_from_accounts(start, unit_id, weight)
        if capacity is None:
            capacity = equal_capacity(asked.territories, begin, unit_weight)
        alignment, result = balance(
            unit_map, unit_weight, capacity,
            role=asked.role, tolerance=asked.tolerance, seed=asked.seed, start=begin,
            progress=lambda phase, fraction, imbalance: progress(f"Balancing: {phase}, imbalance {imbalance:.1%}", 0.25 + 0.6 * fraction),
        )  # fmt: skip
        territory_id = territory_of_account(unit_id, alignment)
    with clock.phase("Drawing borders", 0.85):
        exact = planar_territories(unit_map, alignment)
        territories = territory_shapes(unit_map, alignment, BORDER_TOLERANCE_M)
        territories[Territories.name] = place_names(exact.to_numpy(), unit_map.plane)
    with clock.phase("Scoring", 0.97):
        rows = score(_territory_totals(alignment, totals, unit_weight), capacity, _pieces(result, capacity), exact)
    progress("Done", 1.0)
    return Design(asked, attention, unit_map, totals, unit_id, territory_id, alignment, result, territories, rows, start, clock.seconds)


def equal_capacity(territories: int, start: pd.Series | None, unit_weight: pd.Series) -> pd.Series:
    """Return an equal capacity for each of `territories` territories, by territory_id.

    With a `start` by unit_id its names are kept, the heaviest first when there are more of them than territories asked
    for; territories without a name are numbered T01, T02 … in the order that is free.
    """
    kept: list[str] = []
    if start is not None:
        heaviest = unit_weight.reindex(start.index).fillna(0.0).groupby(start).sum().sort_index()
        kept = sorted(heaviest.sort_values(ascending=False, kind="stable").index[:territories])
    digits = max(2, len(str(territories)))
    free = (name for i in range(1, 2 * territories + 1) if (name := f"T{i:0{digits}d}") not in kept)
    names = kept + [next(free) for _ in range(territories - len(kept))]
    return pd.Series(1.0, index=pd.Index(names, name=Territories.territory_id, dtype="str"))


def _territory_totals(alignment: Alignment, totals: pd.DataFrame, unit_weight: pd.Series) -> pd.DataFrame:
    """Return weight, workload, value, accounts and number of units by territory."""
    columns = {Scorecard.weight: unit_weight.reindex(totals.index).fillna(0.0), Scorecard.units: 1}
    rows = totals[[UnitTotals.workload, UnitTotals.value, UnitTotals.accounts]].assign(**columns)
    return rows.groupby(alignment.territory_of.reindex(totals.index)).sum()


def _pieces(result: Result, capacity: pd.Series) -> pd.Series:
    return pd.Series(np.asarray(result.pieces), index=capacity.index)
