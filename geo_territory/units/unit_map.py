"""The map of basic units: their shapes, their neighbours, and which unit an account lies in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy import sparse

from geo_territory.errors import UnitsError
from geo_territory.projection import WGS84, Plane
from geo_territory.tables import Accounts, Borders, Crossings, OffMap, Units, UnitTotals
from geo_territory.units.exchange import to_degrees
from geo_territory.units.land import OFFSHORE_KM, all_areas, locate_in, positions, same_country
from geo_territory.units.neighbors import borders_of


@dataclass(frozen=True, eq=False)
class UnitMap:
    """Basic units, the smallest areas assigned whole, and who borders whom.

    `units` is a table of Units with shapes in EPSG:4326, ordered by unit_id. `planar` holds the same shapes on
    `plane` [m], (n,), an exact coverage: measure and unite these. `borders` is a table of Borders; a crossing_km above
    0 is a sea crossing that links an island. `notes` are sentences for the person about what was repaired or left out.
    """

    units: gpd.GeoDataFrame
    planar: np.ndarray
    borders: pd.DataFrame
    plane: Plane
    notes: tuple[str, ...] = ()

    @cached_property
    def position(self) -> np.ndarray:
        """Centroids on the plane [m], (n, 2)."""
        return shapely.get_coordinates(shapely.centroid(self.planar))


def map_units(unit_id: np.ndarray, planar: np.ndarray, plane: Plane, columns: Mapping[str, object], notes: tuple[str, ...] = ()) -> UnitMap:
    """Return the UnitMap of shapes that are an exact coverage on `plane`; empty ones are left out.

    columns: values for name, kind and region of Units, aligned to `unit_id`. Raises UnitsError when nothing is left.
    """
    order = np.argsort(np.asarray(unit_id, dtype=object), kind="stable")
    order = order[~shapely.is_empty(planar[order])]
    if not len(order):
        raise UnitsError("No unit has any land: check the places of the accounts, or choose another kind of unit.")
    ids, shapes = np.asarray(unit_id, dtype=object)[order], planar[order]
    values = {name: value if isinstance(value, str) else np.asarray(value, dtype=object)[order] for name, value in columns.items()}
    index = pd.Index(ids, name=Units.unit_id, dtype="str")
    table = gpd.GeoDataFrame(
        {**values, Units.area_km2: shapely.area(shapes) / 1e6}, index=index, geometry=to_degrees(shapes, plane), crs=WGS84
    )
    return UnitMap(Units.check(table), shapes, borders_of(index, shapes, plane), plane, notes)


def neighbor_matrix(units: UnitMap) -> sparse.csr_array:
    """Return which units are neighbours, by land or crossing: (n, n) bool, symmetric, in the order of `units.units`."""
    index = units.units.index
    a = index.get_indexer(units.borders[Borders.unit_a])
    b = index.get_indexer(units.borders[Borders.unit_b])
    matrix = sparse.coo_array((np.ones(2 * len(a), bool), (np.concatenate([a, b]), np.concatenate([b, a]))), shape=(len(index),) * 2)
    return matrix.tocsr()


def unit_of_account(accounts: pd.DataFrame, units: UnitMap) -> pd.Series:
    """Return the unit_id of each account, aligned to `accounts`; missing when it is not on the map.

    A point in no unit (off the coast) goes to the nearest unit of the same country within 50 km; a point on a border to
    the unit that comes first.
    """
    found = np.full(len(accounts), -1)
    known = np.flatnonzero(accounts[Accounts.lat].notna() & accounts[Accounts.lon].notna())
    if len(known):
        points = shapely.points(positions(accounts.iloc[known], units.plane))
        found[known] = locate_in(units.planar, points)
        outside = np.flatnonzero(found[known] < 0)
        found[known[outside]] = _nearest(accounts.iloc[known[outside]], points[outside], units)
    unit = pd.Series(units.units.index.to_numpy(dtype=object)[found], index=accounts.index, dtype="str", name=Units.unit_id)
    return unit.mask(found < 0)


def _nearest(accounts: pd.DataFrame, points: np.ndarray, units: UnitMap) -> np.ndarray:
    """Return the number of the nearest unit within 50 km whose country agrees, else -1, (n,)."""
    found = np.full(len(points), -1)
    areas = all_areas().set_index(Units.name)
    region = units.units[Units.region]
    for country, mine in accounts.reset_index(drop=True).groupby(accounts[Accounts.country].fillna("").to_numpy()).groups.items():
        known = region.isin(areas.index)
        area = areas.loc[region[known]]
        agrees = np.ones(len(region), bool)
        agrees[known.to_numpy()] = same_country(pd.Series(country, index=area.index), area)
        allowed = np.flatnonzero(agrees)
        if len(allowed):
            near, shape = shapely.STRtree(units.planar[allowed]).query_nearest(points[mine], max_distance=OFFSHORE_KM * 1000)
            found[np.asarray(mine)[near[::-1]]] = allowed[shape[::-1]]
    return found


def accounts_off_map(accounts: pd.DataFrame, unit_of: pd.Series) -> pd.DataFrame:
    """Return the accounts that lie in no unit, a table of OffMap with the reason for each."""
    off = accounts[unit_of.reindex(accounts.index).isna()].sort_index()
    placed = off[Accounts.lat].notna() & off[Accounts.lon].notna()
    reason = placed.map({True: f"No unit of its country within {OFFSHORE_KM:.0f} km of its place.", False: "It has no place."})
    return OffMap.check(pd.DataFrame({OffMap.name: off[Accounts.name], OffMap.reason: reason}).rename_axis(OffMap.account_id))


def unit_totals(units: UnitMap, unit_of: pd.Series, workload: pd.Series, value: pd.Series) -> pd.DataFrame:
    """Return what the accounts of each unit add up to, a table of UnitTotals; units without an account have zeros.

    unit_of: account -> unit; workload [h/year] and value [currency/year] per account, missing and negative ones count as 0.
    """
    on_map = unit_of.dropna()
    amounts = {UnitTotals.workload: workload, UnitTotals.value: value, UnitTotals.accounts: pd.Series(1.0, index=on_map.index)}
    totals = {name: sums_by_unit(amount, on_map) for name, amount in amounts.items()}
    return UnitTotals.check(pd.DataFrame(totals).reindex(units.units.index, fill_value=0.0).rename_axis(Units.unit_id))


def sums_by_unit(amount: pd.Series, unit_of: pd.Series) -> pd.Series:
    """Return the sum of an amount per account over each unit that has an account on the map, by unit_id.

    unit_of: account -> unit; missing and negative amounts count as 0. Added up by size, so that neither the order of the rows
    nor the ids of the accounts change the last digit.
    """
    on_map = unit_of.dropna()
    code, names = pd.factorize(on_map, sort=True)
    amounts = amount.reindex(on_map.index).fillna(0.0).clip(lower=0.0).to_numpy(float)
    order = np.argsort(amounts, kind="stable")
    return pd.Series(np.bincount(code[order], amounts[order], len(names)), index=pd.Index(names, name=Units.unit_id, dtype="str"))


def crossings(units: UnitMap) -> pd.DataFrame:
    """Return the sea crossings that link the pieces of the map, by name, longest first: a table of Crossings."""
    rows = units.borders[units.borders[Borders.crossing_km] > 0]
    names = units.units[Units.name]
    table = pd.DataFrame(
        {
            Crossings.unit_a: rows[Borders.unit_a],
            Crossings.unit_b: rows[Borders.unit_b],
            Crossings.name_a: names.reindex(rows[Borders.unit_a]).to_numpy(),
            Crossings.name_b: names.reindex(rows[Borders.unit_b]).to_numpy(),
            Crossings.crossing_km: rows[Borders.crossing_km],
        }
    )
    ordered = table.sort_values([Crossings.crossing_km, Crossings.unit_a, Crossings.unit_b], ascending=[False, True, True])
    return Crossings.check(ordered.reset_index(drop=True))
