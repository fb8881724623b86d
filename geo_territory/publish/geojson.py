"""GeoJSON as RFC 7946 wants it."""

from __future__ import annotations

import json
import math
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import shapely.geometry

from geo_territory.errors import UnitsError
from geo_territory.projection import require_wgs84
from geo_territory.units.exchange import DECIMALS, cut_at_antimeridian


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
        # Python writes a rounded number in its shortest form; GEOS's writer makes 55.8551240 into 55.855124000000004 once in 600.
        shape = json.dumps(None if shapes[i] is None else shapely.geometry.mapping(shapes[i]), **_COMPACT)
        features.append(f'{{"type":"Feature","id":{json.dumps(ids[i], **_COMPACT)},"properties":{facts},"geometry":{shape}}}')
    return ('{"type":"FeatureCollection","features":[\n' + ",\n".join(features) + "\n]}\n").encode("utf-8")


_COMPACT: dict[str, Any] = {"ensure_ascii": False, "allow_nan": False, "separators": (",", ":")}


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
