"""Polygons that people bring: counties of another country, ZIP areas, sales regions; checked, and repaired with a report."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo_territory.errors import FileError, UnitsError
from geo_territory.projection import Plane, plane_around, require_wgs84
from geo_territory.tables import Accounts, Units
from geo_territory.units.coverage import cleaned, joined, whole_shapes
from geo_territory.units.unit_map import UnitMap, map_units

CENSUS_IDS = ("geoid", "geoid10", "geoid20", "zcta", "zcta5", "zcta5ce10", "zcta5ce20")
OTHER_IDS = ("zip", "zip_code", Accounts.postal_code, "postcode", "code", "fips", "county_fips", "gid", "name", "name_en", "name:en")
ID_COLUMNS = (Units.unit_id, "id", *CENSUS_IDS, *OTHER_IDS)
NAME_COLUMNS = ("name", "name_en", "name:en", "namelsad", "label", "title")
NARROW = 0.02
SPECK_M2 = 1.0
LISTED = 3
M_PER_DEGREE = 111_000.0


def read_polygons(path: Path) -> gpd.GeoDataFrame:
    """Return the table of a polygon file: GeoParquet, or anything GDAL reads (GeoJSON, GeoPackage, shapefile, TopoJSON…).

    Raises FileError when it can't be read.
    """
    if not path.is_file():
        raise FileError(f"There is no file {path.name} to take units from: name a polygon file, or choose h3, voronoi or counties.")
    try:
        table = gpd.read_parquet(path) if path.suffix.lower() in (".parquet", ".geoparquet") else gpd.read_file(path)
    except (ValueError, OSError, RuntimeError) as error:
        raise FileError(f"{path.name} can't be read as polygons: {error}. Save it as GeoPackage, GeoJSON or GeoParquet.") from error
    if not isinstance(table, gpd.GeoDataFrame):
        raise FileError(f"{path.name} holds no shapes: name a file of polygons, or choose h3, voronoi or counties.")
    return table


def given_polygons(table: gpd.GeoDataFrame, id_column: str | None = None) -> UnitMap:
    """Return a map of the polygons of `table`, which names its coordinate system.

    id_column: the column of unit ids; by default unit_id, id, GEOID, ZCTA, NAME… whichever is there first. Rows of one id
    are one unit. Overlaps and gaps are counted in the notes and repaired: an overlap goes to one side, gaps narrower than
    2 % of a usual unit are filled. Raises ProjectionError without a coordinate system, UnitsError without polygons or ids.
    """
    degrees = require_wgs84(table, "The polygon file")
    notes: list[str] = []
    outlines = _polygons_of(degrees.geometry.to_numpy())
    ids = _ids(degrees, id_column)
    usable = ~shapely.is_empty(outlines) & ids.notna()
    if not usable.any():
        raise UnitsError("The file holds no polygon with an id: give one row per unit with its outline and its id.")
    if not usable.all():
        notes.append(f"Rows left out, without a polygon or an id: {(~usable).sum():,}{_listed(ids[~usable].dropna())}.")
    names = _names(degrees, ids)[usable].groupby(ids[usable]).first()
    plane = _plane(outlines[usable])
    unit_id, shapes = _one_per_id(ids[usable], outlines[usable], notes)
    planar = whole_shapes(plane.project_shapes(_repaired(unit_id, shapes, plane, notes)))
    planar = planar if shapely.is_valid(planar).all() and shapely.coverage_is_valid(planar) else cleaned(planar)
    gaps = _gaps(shapely.coverage_union_all(planar))
    if len(gaps):
        notes.append(f"Gaps left open, water or land nobody listed: {len(gaps):,}, the largest of {gaps[0] / 1e6:,.1f} km2.")
    columns = {Units.name: names.reindex(unit_id), Units.kind: "given", Units.region: ""}
    return map_units(unit_id, planar, plane, columns, tuple(notes))


def _polygons_of(shapes: np.ndarray) -> np.ndarray:
    """Return the polygons of each shape, as one shape; empty where it has none."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    while (shapely.get_type_id(parts) > shapely.GeometryType.POLYGON).any():
        parts, within = shapely.get_parts(parts, return_index=True)
        owner = owner[within]
    areal = (shapely.get_type_id(parts) == shapely.GeometryType.POLYGON) & ~shapely.is_empty(parts)
    return joined(parts[areal], owner[areal], len(shapes))


def _ids(table: gpd.GeoDataFrame, id_column: str | None) -> pd.Series:
    """Return the id of each row as text."""
    if id_column is not None and id_column not in table.columns:
        present = ", ".join(map(str, table.columns.drop(table.geometry.name)))
        raise UnitsError(f"The polygon file has no column {id_column!r}: it has {present}.")
    column = id_column or _first_of(table, ID_COLUMNS)
    if column is None:
        numbers = np.arange(1, len(table) + 1).astype("str")
        counted = pd.Series(numbers, index=table.index, dtype="str").str.zfill(len(str(len(table))))
        return counted if isinstance(table.index, pd.RangeIndex) else table.index.to_series().astype("str")
    values = table[column]
    whole = values.dtype.kind == "f" and bool((values.dropna() % 1 == 0).all())
    text = (values.astype("Int64") if whole else values).astype("str").str.strip()
    return text.mask(values.isna() | (text == ""))


def _names(table: pd.DataFrame, ids: pd.Series) -> pd.Series:
    column = _first_of(table, NAME_COLUMNS)
    return ids if column is None else table[column].astype("str").fillna(ids)


def _first_of(table: pd.DataFrame, wanted: tuple[str, ...]) -> str | None:
    """Return the first wanted column the table has, whatever its letter case."""
    present = {str(column).lower(): column for column in reversed(table.columns)}
    return next((present[name] for name in wanted if name in present), None)


def _plane(shapes: np.ndarray) -> Plane:
    spots = shapely.get_coordinates(shapely.centroid(shapes))
    return plane_around(spots[:, 0], spots[:, 1])


def _one_per_id(ids: pd.Series, shapes: np.ndarray, notes: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return sorted ids and one valid shape in degrees for each; what was wrong is noted."""
    invalid = ~shapely.is_valid(shapes)
    shapes = np.where(invalid, shapely.make_valid(shapes, method="structure", keep_collapsed=False), shapes)
    if invalid.any():
        notes.append(f"Outlines that crossed themselves, repaired: {invalid.sum():,}{_listed(ids[invalid])}.")
    gone = shapely.is_empty(shapes)
    if gone.any():
        notes.append(f"Outlines without area, left out: {gone.sum():,}{_listed(ids[gone])}.")
    ids, shapes = ids[~gone], shapes[~gone]
    doubled = ids[ids.duplicated(keep=False)].drop_duplicates()
    if len(doubled):
        notes.append(f"Ids on several rows, joined into one unit each: {len(doubled):,}{_listed(doubled)}.")
    groups = pd.Series(shapes, index=ids.to_numpy(dtype=object)).groupby(level=0, sort=True)
    whole = groups.agg(lambda parts: parts.iloc[0] if len(parts) == 1 else shapely.union_all(parts.to_numpy()))
    return whole.index.to_numpy(dtype=object), whole.to_numpy(dtype=object)


def _repaired(ids: np.ndarray, shapes: np.ndarray, plane: Plane, notes: list[str]) -> np.ndarray:
    """Return an exact coverage in degrees; overlaps and gaps are counted, and listed by their worst."""
    if shapely.coverage_is_valid(shapes):
        return shapes
    usual = float(np.median(np.sqrt(shapely.area(plane.project_shapes(shapes)))))
    result = cleaned(shapes, NARROW * usual / M_PER_DEGREE)
    overlaps = _overlaps(ids, shapes, plane)
    if overlaps:
        worst = "; ".join(f"{a} and {b} by {area / 1e6:,.2f} km2" for area, a, b in overlaps[:LISTED])
        notes.append(f"Pairs of units that overlapped, now given to one of the two: {len(overlaps):,} ({worst}).")
    filled = len(_gaps(shapely.union_all(shapes))) - len(_gaps(shapely.coverage_union_all(result)))
    if filled > 0:
        notes.append(f"Gaps narrower than about {NARROW * usual:,.0f} m, filled: {filled:,}.")
    lost = ids[shapely.is_empty(result)]
    if len(lost):
        notes.append(f"Units wholly under others, left out: {len(lost):,}{_listed(pd.Series(lost))}.")
    notes.append("The borders of neighbours did not match everywhere; they do now.")
    return result


def _overlaps(ids: np.ndarray, shapes: np.ndarray, plane: Plane) -> list[tuple[float, str, str]]:
    """Return the overlapping pairs as (area [m2], id, id), largest first; specks below 1 m2 are none."""
    at_fault = np.flatnonzero(~shapely.is_empty(shapely.coverage_invalid_edges(shapes)))
    a, b = at_fault[shapely.STRtree(shapes[at_fault]).query(shapes[at_fault], predicate="intersects")]
    a, b = a[a < b], b[a < b]
    area = shapely.area(plane.project_shapes(shapely.intersection(shapes[a], shapes[b])))
    found = [(float(m2), str(ids[i]), str(ids[j])) for m2, i, j in zip(area, a, b, strict=True) if m2 > SPECK_M2]
    return sorted(found, key=lambda pair: (-pair[0], pair[1:]))


def _gaps(union: shapely.Geometry) -> np.ndarray:
    """Return the areas of the holes of a union of units, in its own square units, largest first."""
    parts = shapely.get_parts(union)
    holes = [hole for part in parts[shapely.get_num_interior_rings(parts) > 0] for hole in part.interiors]
    return np.sort(shapely.area(shapely.polygons(holes)))[::-1] if holes else np.empty(0)


def _listed(ids: pd.Series) -> str:
    """Return the first few ids in brackets, empty for none."""
    names = [str(i) for i in ids][:LISTED]
    return f" ({', '.join(names)}{' …' if len(ids) > LISTED else ''})" if names else ""
