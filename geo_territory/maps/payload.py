"""What a map's layers are drawn from: compact bytes that a browser fetches once and decodes into typed arrays.

A payload is `GT1\\n`, a header length (uint32), a JSON header, then typed arrays, each aligned to eight bytes. The header
names every array with its type, offset and length. Coordinates are steps of 1e-5 degree (about one metre), each written as
the difference from the one before. Everything is little-endian, and the same tables always give the same bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo_territory.projection import WGS84, require_wgs84
from geo_territory.tables import Accounts, Territories, Tiers

STEPS_PER_DEGREE = 100_000
MEDIA_TYPE = "application/octet-stream"
MAGIC = b"GT1\n"
SIZE_STEPS = 255


@dataclass(frozen=True)
class Payload:
    """Bytes a map layer is drawn from; the same content has the same `hash`, so a browser may keep it for ever."""

    content: bytes
    media_type: str = MEDIA_TYPE

    @cached_property
    def hash(self) -> str:
        """The first 32 hexadecimal digits of the content's SHA-256."""
        return hashlib.sha256(self.content).hexdigest()[:32]


def pack(header: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Payload:
    """Return `header` and the named one-dimensional arrays (uint8, uint32, int32 or float32) as one payload."""
    blocks, listed, offset = [], {}, 0
    for name, array in arrays.items():
        data = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<")).tobytes()
        listed[name] = {"type": array.dtype.name, "offset": offset, "length": len(array)}
        blocks.append(data + bytes(-len(data) % 8))
        offset += len(blocks[-1])
    text = json.dumps({**header, "arrays": listed}, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
    text += b" " * (-(len(MAGIC) + 4 + len(text)) % 8)
    return Payload(MAGIC + len(text).to_bytes(4, "little") + text + b"".join(blocks))


def steps(degrees: np.ndarray) -> np.ndarray:
    """Return degrees as differences between consecutive steps of 1e-5 degree, int32, shape (n,)."""
    return np.diff(np.rint(np.asarray(degrees, float) * STEPS_PER_DEGREE).astype("int32"), prepend=np.int32(0))


def shapes_payload(areas: gpd.GeoDataFrame, names: pd.Series | None = None) -> Payload:
    """Return areas as rings of vertices, with ids, names and a point inside each.

    The areas keep the order they come in. One without a shape keeps its place and has no ring; its point is NaN in
    the browser (the array holds the smallest int32).
    """
    areas = require_wgs84(areas, "The table of areas")
    shapes = areas.geometry.to_numpy()
    ring_area, ring_first, xy = _rings(shapes)
    center_x, center_y = _points_inside(shapes)
    header = {"kind": "shapes", "ids": [str(i) for i in areas.index], "names": _texts(names if names is not None else areas.index)}
    arrays = {
        "area_ring": np.searchsorted(ring_area, np.arange(len(shapes) + 1)).astype("uint32"),
        "ring_vertex": ring_first.astype("uint32"),
        "x": steps(xy[:, 0]),
        "y": steps(xy[:, 1]),
        "center_x": center_x,
        "center_y": center_y,
    }
    return pack(header, arrays)


def points_payload(accounts: pd.DataFrame, tiers: tuple[str, ...]) -> Payload:
    """Return accounts as points with tier, size and value; those without a place or of no listed tier are left out.

    `accounts`: Accounts joined with Tiers, in the order of `placed`. Size is the square root of value, 255 at the
    98th percentile: the area of a dot follows the value.
    """
    value = accounts[Tiers.value_used].to_numpy("float32") if Tiers.value_used in accounts else np.full(len(accounts), np.nan, "float32")
    arrays = {
        "x": steps(accounts[Accounts.lon].to_numpy()),
        "y": steps(accounts[Accounts.lat].to_numpy()),
        "tier": pd.Categorical(accounts[Tiers.tier], categories=tiers).codes.astype("uint8"),
        "size": _sizes(value),
        "value": value,
    }
    return pack({"kind": "points", "tiers": list(tiers)}, arrays)


def names_payload(names: pd.Series, ids: pd.Index | None = None) -> Payload:
    """Return names for tooltips, and ids where they are asked for, aligned to a points payload of the same table."""
    return pack({"kind": "names", "names": _texts(names), **({} if ids is None else {"ids": [str(i) for i in ids]})}, {})


def placed(accounts: pd.DataFrame, tiers: tuple[str, ...]) -> pd.DataFrame:
    """Return the accounts that have a place and one of `tiers`, sorted by id."""
    on_map = accounts[Accounts.lat].notna() & accounts[Accounts.lon].notna() & accounts[Tiers.tier].isin(tiers)
    return accounts[on_map].sort_index()


def area_names(areas: gpd.GeoDataFrame) -> pd.Series | None:
    """Return the name of each area where the table has names, its id where a name is missing."""
    if Territories.name not in areas:
        return None
    return areas[Territories.name].astype("object").where(areas[Territories.name].notna(), areas.index.to_series())


def _rings(shapes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return per ring its area's position; first vertex of each ring (one more than rings); vertices (n, 2), ends not repeated."""
    polygons, polygon_area = shapely.get_parts(shapes, return_index=True)
    kept = shapely.get_type_id(polygons) == shapely.GeometryType.POLYGON
    rings, ring_polygon = shapely.get_rings(polygons[kept], return_index=True)
    xy, vertex_ring = shapely.get_coordinates(rings, return_index=True)
    closing = np.append(vertex_ring[1:] != vertex_ring[:-1], True) if len(xy) else np.zeros(0, bool)
    xy, vertex_ring = xy[~closing], vertex_ring[~closing]
    return polygon_area[kept][ring_polygon], np.searchsorted(vertex_ring, np.arange(len(rings) + 1)), xy


def _points_inside(shapes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return a point inside the largest part of each shape, in steps; the smallest int32 where there is no shape."""
    missing = np.iinfo("int32").min
    x, y = np.full(len(shapes), missing, "int32"), np.full(len(shapes), missing, "int32")
    parts, of = shapely.get_parts(shapes, return_index=True)
    order = np.lexsort((shapely.area(parts), of))
    last = np.append(of[order][1:] != of[order][:-1], True) if len(of) else np.zeros(0, bool)
    largest, of = parts[order][last], of[order][last]
    inside = shapely.point_on_surface(largest)
    found = ~shapely.is_empty(inside)
    x[of[found]] = np.rint(shapely.get_x(inside[found]) * STEPS_PER_DEGREE)
    y[of[found]] = np.rint(shapely.get_y(inside[found]) * STEPS_PER_DEGREE)
    return x, y


def _sizes(value: np.ndarray) -> np.ndarray:
    positive = np.nan_to_num(value, nan=0.0).clip(min=0)
    reference = np.quantile(positive[positive > 0], 0.98) if (positive > 0).any() else 1.0
    return np.rint(np.sqrt(np.minimum(positive / reference, 1)) * SIZE_STEPS).astype("uint8")


def _texts(names: pd.Series | pd.Index) -> list[str]:
    return ["" if pd.isna(name) else str(name) for name in names]


def frame_of(areas: gpd.GeoDataFrame) -> tuple[float, float, float, float]:
    """Return (west, south, east, north) in degrees around the areas.

    When they lie on both sides of the antimeridian, parts on the side with fewer vertices are left out of the frame
    (they are drawn all the same): a map of the United States is not a map of the world because of the Aleutian Islands.
    """
    parts = shapely.get_parts(require_wgs84(areas, "The table of areas").geometry.to_numpy())
    parts = parts[~shapely.is_empty(parts)]
    bounds = shapely.bounds(parts)
    if len(bounds) and bounds[:, 2].max() - bounds[:, 0].min() > 180:
        middle = (bounds[:, 0] + bounds[:, 2]) / 2
        vertices = shapely.get_num_coordinates(parts)
        east = vertices[middle > 0].sum() > vertices[middle <= 0].sum()
        far = (middle < -100) if east else (middle > 100)
        bounds = bounds[~far]
    if not len(bounds):
        return (-180.0, -60.0, 180.0, 75.0)
    west, south = bounds[:, :2].min(axis=0)
    east_, north = bounds[:, 2:].max(axis=0)
    return (float(west), float(south), float(east_), float(north))


def frame_of_points(accounts: pd.DataFrame) -> tuple[float, float, float, float]:
    """Return (west, south, east, north) in degrees around the accounts that have a place."""
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(accounts[Accounts.lon], accounts[Accounts.lat]), crs=WGS84)
    return frame_of(points)


def frame_of_crowd(accounts: pd.DataFrame) -> tuple[float, float, float, float]:
    """Return (west, south, east, north) in degrees around all but the outermost one percent of accounts on each side."""
    place = accounts[[Accounts.lon, Accounts.lat]]
    (west, south), (east, north) = place.quantile(0.01).to_numpy(), place.quantile(0.99).to_numpy()
    wide, high = 0.03 * (east - west), 0.03 * (north - south)
    return (float(west - wide), float(south - high), float(east + wide), float(north + high))
