"""The flow from planned attention to a scored alignment: units, balancing, borders, scorecard.

The command line and the Design screen both call `design`; neither holds logic of its own. `assess` scores the
territories there are today by the same measures.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.optimize import linear_sum_assignment
from scipy.spatial import cKDTree

from geo_territory.alignment import Alignment, start_from_accounts, territory_of_account
from geo_territory.attention import Attention
from geo_territory.balancing import Result
from geo_territory.balancing.frontier import USUAL_PRICE
from geo_territory.balancing.limits import NO_LIMITS, Limits
from geo_territory.balancing.tables import balance
from geo_territory.boundaries import PALETTE, planar_territories, territory_shapes
from geo_territory.contiguity import pieces
from geo_territory.errors import InfeasibleError, PlaceError, UnitsError
from geo_territory.holdings import scorecard_of
from geo_territory.policy import DesignPolicy
from geo_territory.progress import Clock, Progress, silent
from geo_territory.scorecard import imbalance, score
from geo_territory.tables import Accounts, Scorecard, Territories
from geo_territory.units import UnitMap, build_units, neighbor_matrix, place_names, sums_by_unit, unit_of_account, unit_totals

# Borders are drawn to this distance of the units' own [m].
BORDER_TOLERANCE_M = 250.0

# Starting from today, moving 1 % of the weight must make the map this many % more compact.
DISRUPTION_PRICE = USUAL_PRICE

# Where balancing and drawing begin in the progress of the whole.
BALANCING, DRAWING = 0.25, 0.85

# Of its target, what a territory has room for at least, however much exceptions have taken of it.
LEAST_ROOM = 0.01

# What the solver's phases do, in words for a person who waits.
PHASES = {
    "centres": "finding centres",
    "flow": "sharing out units",
    "repair": "joining pieces",
    "border search": "moving borders",
    "settling": "moving borders",
    "measuring": "measuring",
    "done": "measuring",
}


@dataclass(frozen=True)
class Design:
    """A scored alignment with everything it was made from.

    `unit_id` and `territory_id` are by planned account, NA for one that is not on the map; `territories` are simplified
    shapes in EPSG:4326 with colour and a name, their largest town; `scorecard` has a row per territory; `result` is the
    solver's answer with bound and explanations; `start` is the territory by account the design began from; `seconds` by phase.
    `exceptions` names the territory by account_id of accounts that are in another one than their unit; `capacity` by
    territory_id is what targets follow, None in a design saved before it was kept.
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
    exceptions: Mapping[str, str] = field(default_factory=dict)
    capacity: pd.Series | None = None

    @property
    def not_on_map(self) -> pd.DataFrame:
        """The planned accounts without a usable place: they stay in the plan, and in no territory."""
        return self.attention.planned[self.unit_id.isna()]

    @property
    def contiguous(self) -> bool:
        """Whether every territory that has a unit is in one piece, sea crossings counted as links."""
        return bool((self.scorecard[Scorecard.pieces] <= 1).all())


@dataclass(frozen=True, eq=False)
class Prepared:
    """The planned accounts on basic units, ready to be balanced in one way or several.

    `unit_id` and `weight` (what is balanced) by planned account, `unit_weight` by unit; `begin` is the current territory by
    unit, None without a start; `capacity` by territory_id; `named` says that start, capacity or limits name the territories.
    `exceptions` are as in Design: their weight is in their territory's, not in their unit's.
    """

    attention: Attention
    unit_map: UnitMap
    unit_id: pd.Series
    totals: pd.DataFrame
    weight: pd.Series
    unit_weight: pd.Series
    begin: pd.Series | None
    capacity: pd.Series
    limits: Limits
    named: bool
    start: pd.Series | None
    exceptions: Mapping[str, str] = field(default_factory=dict)

    @property
    def room(self) -> pd.Series:
        """What the solver may fill by territory_id: capacity less what exceptions have taken of it, in the unit of the weight."""
        if not self.exceptions:
            return self.capacity
        given = pd.Series(self.exceptions).reindex(self.weight.index[self.unit_id.notna()]).dropna()
        taken = self.weight[given.index].groupby(given).sum().reindex(self.capacity.index).fillna(0.0)
        target = (self.unit_weight.sum() + taken.sum()) * self.capacity / self.capacity.sum()
        return (target - taken).clip(lower=LEAST_ROOM * target)

    @property
    def policy(self) -> DesignPolicy:
        """What the design is asked for."""
        return self.attention.policy.design


@dataclass(frozen=True)
class Assessment:
    """The territories there are today, scored like a Design but not made by the solver.

    `territory_id` is each planned account's own, NA for one without a territory or not on the map; measures count
    accounts by it. `alignment` and `territories` draw it: a unit belongs to most of its accounts' weight, a unit without
    a placed account to the nearest one that has some. Other fields as in Design.
    """

    policy: DesignPolicy
    attention: Attention
    unit_map: UnitMap
    unit_id: pd.Series
    territory_id: pd.Series
    alignment: Alignment
    territories: gpd.GeoDataFrame
    scorecard: pd.DataFrame


def design(
    attention: Attention,
    *,
    capacity: pd.Series | None = None,
    start: pd.Series | None = None,
    limits: Limits = NO_LIMITS,
    exceptions: Mapping[str, str] | None = None,
    progress: Progress = silent,
) -> Design:
    """Return territories for the planned accounts: contiguous, balanced, compact.

    `attention.policy.design` says what is asked. `capacity` by territory_id (any unit, only shares count) names the
    territories; without it they are equal. `start` by account_id is the territory each account is in now. `limits` is what
    must be kept to besides. `exceptions` names the territory by account_id of accounts that stay in it wherever their unit goes.
    Raises PlaceError when no planned account has a place, UnitsError and InfeasibleError with their remedies.
    """
    clock = Clock(progress)
    asked = prepare(attention, clock, capacity=capacity, start=start, limits=limits, exceptions=exceptions or {})
    with clock.phase("Balancing", BALANCING):
        alignment, result = balance(
            asked.unit_map, asked.unit_weight, asked.room,
            role=asked.policy.role, tolerance=asked.policy.tolerance, seed=asked.policy.seed, start=asked.begin,
            limits=asked.limits, disruption_price=DISRUPTION_PRICE, progress=balancing_progress(progress, BALANCING, DRAWING),
        )  # fmt: skip
        asked, alignment, result = with_known_names(asked, alignment, result)
    return complete(asked, alignment, result, clock)


def prepare(
    attention: Attention,
    clock: Clock,
    *,
    capacity: pd.Series | None,
    start: pd.Series | None,
    limits: Limits = NO_LIMITS,
    exceptions: Mapping[str, str] = MappingProxyType({}),
) -> Prepared:
    """Return the planned accounts on basic units, ready to be balanced; parameters and errors as in `design`."""
    asked = attention.policy.design
    weight = attention.weight(asked.balance, asked.role)
    if weight.empty:
        raise PlaceError("There is no account to plan: every row is closed or was rejected. The row report says why.")
    _expect_enough(int((weight > 0).sum()), len(capacity) if capacity is not None else asked.territories)
    with clock.phase("Building units", 0.0):
        told = clock.progress
        unit_map = build_units(asked.units, attention.planned, weight, asked.territories, lambda phase, _: told(phase, 0.0))
        unit_id = unit_of_account(attention.planned, unit_map)
        totals = unit_totals(unit_map, unit_id, attention.hours(asked.role), attention.value)
        unit_weight = sums_by_unit(weight, unit_id[~unit_id.index.isin(list(exceptions))])
        _expect_weight(unit_id, unit_weight, asked)
    begin = None if start is None else nearest_known(start_from_accounts(start, unit_id, weight), unit_map)
    named = start is not None or capacity is not None or limits is not NO_LIMITS or bool(exceptions)
    if capacity is None:
        capacity = equal_capacity(asked.territories, begin, unit_weight)
    _expect_known(exceptions, capacity)
    return Prepared(attention, unit_map, unit_id, totals, weight, unit_weight, begin, capacity, limits, named, start, dict(exceptions))


def balancing_progress(progress: Progress, begins: float, ends: float) -> Callable[[str, float, float], None]:
    """Return what the solver may call with (phase, fraction, imbalance), for the part of the work from `begins` to `ends`."""
    return lambda phase, fraction, imbalance: progress(_balancing(phase, imbalance), begins + (ends - begins) * fraction)


def with_known_names(asked: Prepared, alignment: Alignment, result: Result) -> tuple[Prepared, Alignment, Result]:
    """Return all three with territories called after the current ones they share most with, where nothing else names them."""
    if asked.named:
        return asked, alignment, result
    current = asked.attention.planned[Accounts.territory_id]
    names = _known_names(alignment, asked.capacity, current, asked.unit_id, asked.weight)
    renamed = dataclasses.replace(asked, capacity=asked.capacity.rename(names))
    return renamed, _renamed(alignment, names), _told_by_name(result, names)


def complete(asked: Prepared, alignment: Alignment, result: Result, clock: Clock) -> Design:
    """Return an alignment of prepared units as a Design: drawn and scored."""
    territory_id = territory_of_account(asked.unit_id, alignment, asked.exceptions)
    with clock.phase("Drawing borders", DRAWING):
        _, territories = _drawn(asked.unit_map, alignment)
    with clock.phase("Scoring", 0.97):
        capacity = asked.capacity.sort_index()
        rows = scorecard_of(asked.attention, asked.unit_map, asked.unit_id, alignment, capacity, asked.exceptions)
        if asked.exceptions:
            result = _with_exceptions(result, rows, asked.policy.tolerance)
    clock.progress("Done", 1.0)
    return Design(
        asked.policy, asked.attention, asked.unit_map, asked.totals, asked.unit_id, territory_id, alignment, result,
        territories, rows, asked.start, clock.seconds, asked.exceptions, capacity,
    )  # fmt: skip


def _with_exceptions(result: Result, rows: pd.DataFrame, tolerance: float) -> Result:
    """Return the result with the imbalance of what territories hold together with their exceptions, which the solver doesn't see."""
    reached = imbalance(rows[Scorecard.weight], rows[Scorecard.target])
    return dataclasses.replace(result, imbalance=reached, within_tolerance=result.within_tolerance and reached <= tolerance)


def assess(attention: Attention, current: pd.Series, *, progress: Progress = silent) -> Assessment:
    """Return the territories there are today, scored: nothing is moved and nothing is solved.

    `current` by account_id is the territory each account is in now. Territories have equal targets.
    `attention.policy.design` names the units it is drawn on and what is balanced.
    Raises PlaceError when no planned account has both a place and a territory, UnitsError with its remedy.
    """
    asked = attention.policy.design
    weight = attention.weight(asked.balance, asked.role)
    progress("Building units", 0.0)
    unit_map = build_units(asked.units, attention.planned, weight, asked.territories)
    unit_id = unit_of_account(attention.planned, unit_map)
    territory_id = current.reindex(unit_id.index).replace("", pd.NA).where(unit_id.notna()).astype("str").rename(Territories.territory_id)
    known = start_from_accounts(territory_id, unit_id, weight)
    if known.empty:
        raise PlaceError("No account has both a place and a territory, so there are no current territories to show.")
    progress("Drawing borders", 0.6)
    alignment = Alignment(nearest_known(known, unit_map), asked.role)
    exact, territories = _drawn(unit_map, alignment)
    totals = pd.DataFrame(
        {
            Scorecard.weight: weight,
            Scorecard.workload: attention.hours(asked.role),
            Scorecard.travel_hours: attention.travel_hours(asked.role),
            Scorecard.value: attention.value.clip(lower=0.0).fillna(0.0),
            Scorecard.accounts: 1,
        }
    )
    totals = totals.groupby(territory_id).sum().sort_index()
    names = totals.index
    number = names.get_indexer(alignment.territory_of.reindex(unit_map.units.index))
    parts = pd.Series(pieces(number, neighbor_matrix(unit_map), len(names)), index=names)
    totals[Scorecard.units] = np.bincount(number, minlength=len(names))
    rows = score(totals, pd.Series(1.0, index=names), parts, shape_for_each(exact, names))
    return Assessment(asked, attention, unit_map, unit_id, territory_id, alignment, _row_for_each(territories, names), rows)


def _expect_enough(accounts: int, territories: int) -> None:
    """Raise InfeasibleError when there are more territories than accounts to share out."""
    if 0 < accounts < territories:
        raise InfeasibleError(f"{territories:,} territories are more than the accounts to share out: ask for at most {accounts:,}.")


def _expect_known(exceptions: Mapping[str, str], capacity: pd.Series) -> None:
    """Raise UnitsError when an account is kept for a territory that there is not."""
    lost = sorted(account for account, territory in exceptions.items() if territory not in capacity.index)
    if lost:
        raise UnitsError(f"Account {lost[0]} is kept for territory {exceptions[lost[0]]}, which there is not: let go of it first.")


def _expect_weight(unit_id: pd.Series, unit_weight: pd.Series, asked: DesignPolicy) -> None:
    """Raise PlaceError when nothing that is to be balanced lies on the map."""
    if unit_id.isna().all():
        raise PlaceError(
            f"No account lies in a unit of {asked.units}: it covers another part of the world. Choose other units, such as h3."
        )
    if unit_weight.sum() <= 0:
        raise PlaceError(
            f"Nothing on the map to balance: no account with a place has any {asked.balance}. Give those that have some a place."
        )


def _drawn(unit_map: UnitMap, alignment: Alignment) -> tuple[gpd.GeoSeries, gpd.GeoDataFrame]:
    """Return the exact shapes on the plane [m], and simplified ones in EPSG:4326 with colour and largest town."""
    exact = planar_territories(unit_map, alignment)
    territories = territory_shapes(unit_map, alignment, BORDER_TOLERANCE_M)
    territories[Territories.name] = place_names(exact.to_numpy(), unit_map.plane)
    return exact, territories


def nearest_known(known: pd.Series, unit_map: UnitMap) -> pd.Series:
    """Return the territory of every unit: its own, else that of the nearest unit that has one."""
    if known.empty:
        return known
    units = unit_map.units.index
    places = shapely.get_coordinates(shapely.point_on_surface(np.asarray(unit_map.planar)))
    place = units.get_indexer(known.index)
    nearest = cKDTree(places[place]).query(places)[1]
    return known.reindex(units).fillna(pd.Series(known.to_numpy()[nearest], index=units))


def shape_for_each(shapes: gpd.GeoSeries, names: pd.Index) -> gpd.GeoSeries:
    """Return a shape by territory, an empty one where it has no unit of its own."""
    held = [shapes.get(name, shapely.Polygon()) for name in names]
    return gpd.GeoSeries(held, index=names, crs=shapes.crs)


def _row_for_each(territories: gpd.GeoDataFrame, names: pd.Index) -> gpd.GeoDataFrame:
    """Return a row by territory; one without a unit of its own is named by its id and has an empty shape."""
    rows = pd.DataFrame(territories.drop(columns="geometry")).reindex(names)
    rows = rows.fillna({Territories.name: pd.Series(names, index=names), Territories.color: PALETTE[0]})
    return Territories.check(gpd.GeoDataFrame(rows, geometry=shape_for_each(territories.geometry, names), crs=territories.crs))


def _known_names(alignment: Alignment, capacity: pd.Series, current: pd.Series, unit_id: pd.Series, weight: pd.Series) -> dict[str, str]:
    """Return a name for each territory: that of the current one it shares most weight with, else the next free number.

    Names are given so that the weight that keeps its territory's name is largest.
    """
    new = territory_of_account(unit_id, alignment)
    old = current.reindex(new.index).replace("", pd.NA)
    both = new.notna() & old.notna()
    if not both.any():
        return {}
    table = pd.crosstab(new[both], old[both], weight[both], aggfunc="sum").fillna(0.0)
    shared = table.to_numpy()
    row, column = linear_sum_assignment(-shared)
    names = {table.index[r]: table.columns[c] for r, c in zip(row, column, strict=True) if shared[r, c] > 0}
    free = _free_names(len(capacity), set(names.values()))
    return names | {name: next(free) for name in capacity.index if name not in names}


def _renamed(alignment: Alignment, names: Mapping[str, str]) -> Alignment:
    return Alignment(alignment.territory_of.map(names), alignment.role) if names else alignment


def _told_by_name(result: Result, names: Mapping[str, str]) -> Result:
    """Return the result with the territories in its explanations called by their new names."""
    told = (re.sub(r"(?<=erritory )\w+", lambda found: names.get(found[0], found[0]), reason) for reason in result.reasons)
    return dataclasses.replace(result, reasons=tuple(told))


def _balancing(phase: str, imbalance: float) -> str:
    reached = f", imbalance {100 * imbalance:.1f} %" if np.isfinite(imbalance) else ""
    return f"Balancing: {PHASES.get(phase, phase)}{reached}"


def _free_names(territories: int, taken: Collection[str]) -> Iterator[str]:
    """Yield the names T01, T02 … that are not taken."""
    digits = max(2, len(str(territories)))
    return (name for i in range(1, 2 * territories + len(taken) + 1) if (name := f"T{i:0{digits}d}") not in taken)


def equal_capacity(territories: int, start: pd.Series | None, unit_weight: pd.Series) -> pd.Series:
    """Return an equal capacity for each of `territories` territories, by territory_id.

    With a `start` by unit_id its names are kept, the heaviest first when there are more of them than territories asked
    for; territories without a name are numbered T01, T02 … in the order that is free.
    """
    kept: list[str] = []
    if start is not None:
        heaviest = unit_weight.reindex(start.index).fillna(0.0).groupby(start).sum().sort_index()
        kept = sorted(heaviest.sort_values(ascending=False, kind="stable").index[:territories])
    free = _free_names(territories, kept)
    names = kept + [next(free) for _ in range(territories - len(kept))]
    return pd.Series(1.0, index=pd.Index(names, name=Territories.territory_id, dtype="str"))
