"""The land that units cover: the US states and the countries that hold accounts, and the states between them."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo_territory import reference
from geo_territory.errors import PlaceError
from geo_territory.projection import Plane, plane_around
from geo_territory.tables import Accounts, Areas, Countries, States
from geo_territory.units.coverage import GRID_M

OFFSHORE_KM = 50.0
STEP_DEGREES = 0.2
APART_KM = 500.0
REACH_KM = 200.0
ENORMOUS = 4.0
SEAM_M = 5_000.0
CLEAR_DEGREES = 3.0
KM_PER_DEGREE = 111.0
US = "US"
US_ISLANDS = ("AS", "GU", "MP", "PR", "VI")
NOT_CONTIGUOUS = ("AK", "HI", *US_ISLANDS)


@dataclass(frozen=True, eq=False)
class Region:
    """Where territories are drawn: named areas that don't overlap, on a plane.

    `areas` is a table of Areas in the order of `planar`, their shapes on the plane [m]; `land` is their union.
    """

    areas: pd.DataFrame
    planar: np.ndarray
    land: shapely.Geometry
    plane: Plane
    notes: tuple[str, ...] = ()

    @property
    def area_km2(self) -> float:
        """Area of the land [km2]."""
        return float(self.land.area / 1e6)


def placed(accounts: pd.DataFrame) -> pd.DataFrame:
    """Return the accounts that have a place, ordered by id.

    Raises PlaceError when none has.
    """
    found = accounts[accounts[Accounts.lat].notna() & accounts[Accounts.lon].notna()].sort_index()
    if found.empty:
        raise PlaceError("No account has a place: give latitude and longitude, a postal code, or a city and state.")
    return found


def positions(accounts: pd.DataFrame, plane: Plane) -> np.ndarray:
    """Return where accounts lie on the plane [m], (n, 2)."""
    return plane.project(accounts[Accounts.lon].to_numpy(float), accounts[Accounts.lat].to_numpy(float))


def all_areas() -> gpd.GeoDataFrame:
    """Return US states (first) and the countries but the US as one table of Areas in EPSG:4326, by code."""
    states, countries = reference.states(), reference.countries()
    countries = countries[~countries[Countries.country].isin((US, *US_ISLANDS))].sort_values([Countries.country, Countries.name])
    codes = countries[Countries.country].fillna("") + "/" + countries[Countries.name]
    columns = {
        Areas.name: np.concatenate([states[States.name], countries[Countries.name]]),
        Areas.state: np.concatenate([states[States.state], np.full(len(countries), "")]),
        Areas.country: np.concatenate([np.full(len(states), US), countries[Countries.country].fillna("")]),
    }
    index = pd.Index([f"{US}-{state}" for state in states[States.state]] + codes.tolist(), name=Areas.area_id)
    table = gpd.GeoDataFrame(columns, geometry=np.concatenate([states.geometry, countries.geometry]), crs=states.crs, index=index)
    doubled = table[Areas.name].duplicated(keep=False) & table[Areas.state].eq("")
    return table.assign(**{Areas.name: table[Areas.name].mask(doubled, table[Areas.name] + " (country)")})


def same_country(written: pd.Series, area: pd.DataFrame) -> np.ndarray:
    """Return whether the country an account names agrees with the Areas row beside it; one that names none agrees."""
    code = written.fillna("").to_numpy(dtype=object)
    island = np.isin(area[Areas.state], US_ISLANDS) & (code == area[Areas.state].to_numpy(dtype=object))
    return (code == "") | (code == area[Areas.country].to_numpy(dtype=object)) | island


def locate_in(shapes: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Return the number of the shape each point lies in, -1 for none; on a shared border the lowest number.

    shapes: (m,) polygons; points: (n,) shapely points of the same plane.
    """
    found = np.full(len(points), len(shapes))
    shape, point = shapely.STRtree(points).query(shapes, predicate="intersects")
    np.minimum.at(found, point, shape)
    return np.where(found == len(shapes), -1, found)


def area_of(accounts: pd.DataFrame, areas: gpd.GeoDataFrame) -> np.ndarray:
    """Return the number of the area of each account, -1 when none of its country lies within 50 km."""
    points = shapely.points(accounts[Accounts.lon].to_numpy(float), accounts[Accounts.lat].to_numpy(float))
    shapes = areas.geometry.to_numpy()
    written = accounts[Accounts.country].fillna("")
    found = np.full(len(points), -1)
    for country in sorted(set(written)):
        mine = np.flatnonzero(written == country)
        allowed = np.flatnonzero(same_country(pd.Series(country, index=areas.index), areas))
        if len(allowed):
            inside = locate_in(shapes[allowed], points[mine])
            found[mine] = np.where(inside < 0, -1, allowed[inside])
            off = mine[inside < 0]
            found[off] = _nearest_area(points[off], shapes[allowed], allowed)
    return found


def _nearest_area(points: np.ndarray, shapes: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """Return the number of the nearest of `shapes` in degrees within 50 km of each point, else -1."""
    degrees = OFFSHORE_KM / KM_PER_DEGREE / np.cos(np.radians(np.minimum(np.abs(shapely.get_y(points)), 85.0)))
    near, shape = shapely.STRtree(shapes).query(points, predicate="dwithin", distance=degrees)
    distance = np.full((len(points), len(shapes)), np.inf)
    for number in np.unique(shape):
        mine = near[shape == number]
        spots = shapely.get_coordinates(points[mine])
        plane = plane_around(spots[:, 0], spots[:, 1])
        distance[mine, number] = shapely.distance(plane.project_shapes(points[mine]), _on_plane(shapes[[number]], plane))
    best = np.argmin(distance, axis=1)
    return np.where(distance[np.arange(len(points)), best] <= OFFSHORE_KM * 1000, numbers[best], -1)


def region_of(accounts: pd.DataFrame, *, only_us: bool = False) -> Region:
    """Return the land around the accounts that have a place.

    US states that hold an account, those in the midst of the contiguous ones that do, and other countries that hold
    one (whole, but without parts far away, and for enormous countries only the neighbourhood of the accounts).
    only_us: leave other countries out. Raises PlaceError when no account has a place on land.
    """
    known = placed(accounts)
    areas = all_areas()
    if only_us:
        areas = areas[areas[Areas.country] == US]
    area = area_of(known, areas)
    if (area < 0).all():
        raise PlaceError(
            "No account lies within 50 km of land of the country it names"
            + (" in the United States: choose hexagons for other countries." if only_us else ": check latitude, longitude and country.")
        )
    on_land = known[area >= 0]
    plane = _clear_plane(on_land, areas.iloc[np.unique(area[area >= 0])])
    where = positions(known, plane)
    states = np.flatnonzero(areas[Areas.country].eq(US) & ~areas[Areas.state].isin(NOT_CONTIGUOUS))
    chosen = np.union1d(np.unique(area[area >= 0]), _enclosed(states, areas, where[np.isin(area, states)], plane))
    planar = _on_plane(areas.geometry.to_numpy()[chosen], plane)
    shapes = [_part_in_use(areas.iloc[i], shape, where[area == i]) for i, shape in zip(chosen, planar, strict=True)]
    return _region(areas.iloc[chosen], shapes, plane)


def _clear_plane(known: pd.DataFrame, areas: gpd.GeoDataFrame) -> Plane:
    """Return the plane around the accounts, turned until the point opposite its centre, which it can't show, is at sea."""
    plane = plane_around(known[Accounts.lon].to_numpy(), known[Accounts.lat].to_numpy())
    turned = [Plane(plane.lat, round((plane.lon + turn + 180) % 360 - 180, 4)) for turn in range(0, 360, 10)]
    opposite = shapely.points([(p.lon % 360 - 180, -p.lat) for p in turned])
    near_land = np.isin(np.arange(len(turned)), areas.sindex.query(opposite, predicate="dwithin", distance=CLEAR_DEGREES)[0])
    return turned[int(np.argmin(near_land))]


def _on_plane(shapes: np.ndarray, plane: Plane) -> np.ndarray:
    """Return shapes in degrees on the plane; long edges follow the parallel they are drawn along."""
    planar = plane.project_shapes(shapely.segmentize(shapes, STEP_DEGREES))
    faulty = ~shapely.is_valid(planar)
    planar[faulty] = shapely.make_valid(planar[faulty], method="structure", keep_collapsed=False)
    return planar


def _enclosed(states: np.ndarray, areas: gpd.GeoDataFrame, where: np.ndarray, plane: Plane) -> np.ndarray:
    """Return those of the contiguous states, numbered in `areas`, whose middle lies in the hull of positions `where`."""
    if not len(where):
        return states[:0]
    middle = plane.project_shapes(shapely.point_on_surface(areas.geometry.to_numpy()[states]))
    return states[shapely.intersects(shapely.convex_hull(shapely.multipoints(where)), middle)]


def _part_in_use(area: pd.Series, shape: shapely.Geometry, where: np.ndarray) -> shapely.Geometry:
    """Return a US state whole; of another country the parts near its accounts (Guiana is not near Paris)."""
    if area[Areas.country] == US:
        return shape
    hull = shapely.convex_hull(shapely.multipoints(where))
    parts = shapely.get_parts(shape)
    near = shapely.union_all(parts[shapely.dwithin(parts, hull, APART_KM * 1000)])
    reach = shapely.buffer(hull, REACH_KM * 1000)
    return shapely.intersection(near, reach) if near.area > ENORMOUS * reach.area else near


def _region(chosen: gpd.GeoDataFrame, shapes: list[shapely.Geometry], plane: Plane) -> Region:
    """Return the region; where states and countries of different scales meet, states win and slivers are filled."""
    abroad = np.flatnonzero(~chosen[Areas.country].eq(US))
    drawn = np.array(shapes, dtype=object)
    if 0 < len(abroad) < len(drawn):
        every_state = reference.states().geometry.to_numpy()
        us = shapely.union_all(_on_plane(every_state, plane), grid_size=GRID_M)
        beside_us = shapely.buffer(shapely.simplify(us, SEAM_M / 5), SEAM_M)
        for i in abroad[shapely.dwithin(drawn[abroad], us, SEAM_M)]:
            seam = shapely.intersection(shapely.buffer(shapely.simplify(drawn[i], SEAM_M / 5), SEAM_M), beside_us)
            drawn[i] = shapely.difference(shapely.union(drawn[i], seam), us, grid_size=GRID_M)
    land = shapely.union_all(drawn, grid_size=GRID_M)
    return Region(pd.DataFrame(chosen.drop(columns="geometry")), drawn, land, plane)
