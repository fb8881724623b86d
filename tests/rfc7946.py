"""Where a GeoJSON file departs from RFC 7946."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

NESTING = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}


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
