"""GeoJSON as RFC 7946 wants it, and a check that says where a file departs from it."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo_territory.errors import FileError, UnitsError
from geo_territory.projection import require_wgs84
from geo_territory.units.exchange import DECIMALS, cut_at_antimeridian

NESTING = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}


def feature_collection(table: gpd.GeoDataFrame) -> bytes:
    """Return a table with shapes as a GeoJSON FeatureCollection, UTF-8 (RFC 7946).

    Longitude and latitude in WGS 84 with seven decimals, exterior rings counterclockwise, shapes cut at the antimeridian,
    no crs member. The index is each feature's id, as text, and a property; features are ordered by it. Text stays text,
    numbers stay numbers, dates are ISO 8601, and a missing or infinite value is null. The same table gives the same bytes.
    Raises ProjectionError without a coordinate system, UnitsError when two rows have one id.
    """
    degrees = require_wgs84(table, "The table to publish")
    ids = degrees.index.astype("str")
    if ids.has_duplicates:
        raise UnitsError(f"Two rows have the id {ids[ids.duplicated()][0]!r}: give each its own before publishing.")
    order = np.argsort(ids.to_numpy(dtype=object), kind="stable")
    shapes = _as_published(degrees.geometry.to_numpy())
    properties = pd.DataFrame(degrees.drop(columns=degrees.geometry.name))
    properties.insert(0, degrees.index.name or "id", ids, allow_duplicates=True)
    columns = [[_plain(value) for value in properties.iloc[:, i]] for i in range(properties.shape[1])]
    names = [str(name) for name in properties.columns]
    features = []
    for i in order:
        facts = json.dumps({name: values[i] for name, values in zip(names, columns, strict=True)}, **_COMPACT)
        shape = "null" if shapes[i] is None else shapely.to_geojson(shapes[i])
        features.append(f'{{"type":"Feature","id":{json.dumps(ids[i], **_COMPACT)},"properties":{facts},"geometry":{shape}}}')
    return ('{"type":"FeatureCollection","features":[\n' + ",\n".join(features) + "\n]}\n").encode("utf-8")


_COMPACT: dict[str, Any] = {"ensure_ascii": False, "allow_nan": False, "separators": (",", ":")}


def write_geojson(table: gpd.GeoDataFrame, path: Path) -> None:
    """Write a table with shapes as GeoJSON; raises FileError when the file can't be written."""
    content = feature_collection(table)
    try:
        path.write_bytes(content)
    except OSError as error:
        raise FileError(f"{path} can't be written: {error.strerror}. Choose another folder.") from error


def _as_published(shapes: np.ndarray) -> np.ndarray:
    """Return shapes of seven decimals, valid, cut at the antimeridian and wound to the right; None for an empty one."""
    rounded = shapely.transform(shapely.force_2d(shapes), lambda xy: np.round(xy, DECIMALS) + 0.0)
    cut = cut_at_antimeridian(rounded)
    collapsed = ~shapely.is_valid(cut) & ~shapely.is_missing(cut)
    cut[collapsed] = shapely.make_valid(cut[collapsed], method="structure", keep_collapsed=False)
    wound = shapely.orient_polygons(cut, exterior_cw=False)
    wound[shapely.is_empty(wound) | shapely.is_missing(wound)] = None
    return wound


def _plain(value: Any) -> Any:
    """Return a value as JSON knows it: null, true, a number or text."""
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if value is None or pd.isna(value):
        return None
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, (bool, int, float)) else str(value)


def check_rfc7946(collection: bytes | str | Mapping[str, Any]) -> list[str]:
    """Return what departs from RFC 7946, one sentence each; empty when nothing does.

    Looks at the members, ids, coordinate ranges, closed rings, winding, and edges that jump across the antimeridian.
    """
    parsed = collection if isinstance(collection, Mapping) else json.loads(collection)
    faults = []
    if parsed.get("type") != "FeatureCollection" or not isinstance(parsed.get("features"), list):
        return ["The top level is not a FeatureCollection with features."]
    if "crs" in parsed:
        faults.append("There is a crs member: coordinates are WGS 84, and nothing else says so (section 4).")
    seen: set[str] = set()
    for number, feature in enumerate(parsed["features"]):
        where = f"Feature {feature.get('id', number)!r}"
        faults += [f"{where}: {fault}" for fault in _feature_faults(feature)]
        if feature.get("id") in seen:
            faults.append(f"{where}: another feature has the same id.")
        seen.add(feature.get("id"))
    return faults


def _feature_faults(feature: Mapping[str, Any]) -> Iterator[str]:
    if feature.get("type") != "Feature" or not {"properties", "geometry"} <= feature.keys():
        yield "it is not a Feature with properties and geometry (section 3.2)."
        return
    if not isinstance(feature.get("id"), str):
        yield "its id is not text."
    geometry = feature["geometry"]
    if geometry is None:
        return
    kind, coordinates = geometry.get("type"), geometry.get("coordinates")
    if kind not in NESTING or not isinstance(coordinates, list):
        yield f"its geometry is a {kind}, which has no coordinates."
        return
    faults = list(_position_faults(list(_lines(coordinates, NESTING[kind] - 1) if NESTING[kind] else [[coordinates]])))
    yield from faults
    if faults:
        return
    for polygon in {"Polygon": [coordinates], "MultiPolygon": coordinates}.get(kind, []):
        yield from _ring_faults(polygon)


def _lines(coordinates: Sequence[Any], depth: int) -> Iterator[Sequence[Sequence[float]]]:
    """Yield the lists of positions that lie `depth` levels down."""
    if depth == 0:
        yield coordinates
        return
    for part in coordinates:
        yield from _lines(part, depth - 1)


def _position_faults(lines: Sequence[Sequence[Sequence[float]]]) -> Iterator[str]:
    positions = [position for line in lines for position in line]
    if any(len(position) < 2 or not all(isinstance(v, (int, float)) for v in position) for position in positions):
        yield "a position is not longitude and latitude (section 3.1.1)."
        return
    if any(abs(lon) > 180 or abs(lat) > 90 for lon, lat, *_ in positions):
        yield "a coordinate is outside longitude -180…180 or latitude -90…90 (section 4)."
    if any(abs(b[0] - a[0]) > 180 for line in lines for a, b in pairwise(line)):
        yield "an edge jumps across the antimeridian instead of being cut there (section 3.1.9)."


def _ring_faults(polygon: Sequence[Sequence[Sequence[float]]]) -> Iterator[str]:
    for number, ring in enumerate(polygon):
        name = f"hole {number}" if number else "the exterior"
        if len(ring) < 4 or ring[0] != ring[-1]:
            yield f"{name} is not closed, or has fewer than four positions (section 3.1.6)."
            continue
        turn = sum((b[0] - a[0]) * (b[1] + a[1] - 2 * ring[0][1]) for a, b in pairwise(ring))
        if turn == 0 or (turn < 0) != (number == 0):
            yield f"{name} winds the wrong way: exteriors are counterclockwise, holes clockwise (section 3.1.6)."
