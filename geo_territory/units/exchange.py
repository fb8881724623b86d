"""From the plane to degrees: EPSG:4326 shapes of seven decimals that still share every vertex and are still valid.

A straight edge on the plane is not straight in degrees. Where a long edge would therefore cross a vertex that lies
close to it, points are added along the edge, the same ones for both neighbours.
"""

from __future__ import annotations

import antimeridian
import numpy as np
import shapely

from geo_territory.errors import UnitsError
from geo_territory.projection import Plane
from geo_territory.units.coverage import directed_edges, edge_names, joined

DECIMALS = 7
ROUNDS = 12


def to_degrees(planar: np.ndarray, plane: Plane) -> np.ndarray:
    """Return a coverage of the plane [m], (n,), in degrees: a coverage of valid shapes, cut at the antimeridian.

    Coordinates have seven decimals (1 cm). Raises UnitsError when the shapes are no coverage on the plane.
    """
    dense = planar
    for _ in range(ROUNDS):
        wide = _unwrapped(dense, plane)
        faulty = ~shapely.is_valid(wide) | ~shapely.is_empty(shapely.coverage_invalid_edges(wide))
        if not faulty.any():
            return cut_at_antimeridian(wide)
        dense = _halve_edges(dense, faulty)
    if not shapely.coverage_is_valid(planar):
        raise UnitsError("The shapes overlap or their borders don't match on the plane: repair them before they are turned into degrees.")
    return cut_at_antimeridian(_cleaned(wide))


def roughly_in_degrees(planar: np.ndarray, plane: Plane) -> np.ndarray:
    """Return shapes of the plane in degrees, cut at the antimeridian; one may cross itself where a coast is intricate."""
    return cut_at_antimeridian(_unwrapped(planar, plane))


def _cleaned(wide: np.ndarray) -> np.ndarray:
    """Return rounded shapes made a coverage again, when no amount of extra points did it (vertices 1 cm apart).

    What a coarse simplification folded to a line is left out; a shape without area comes back empty.
    """
    valid, owner = shapely.get_parts(shapely.make_valid(wide, method="structure", keep_collapsed=False), return_index=True)
    parts, inner = shapely.get_parts(valid, return_index=True)  # a collection may hold multipolygons
    areal = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    polygons = joined(parts[areal], owner[inner[areal]], len(wide))
    return shapely.transform(shapely.coverage_clean(polygons), lambda xy: np.round(xy, DECIMALS))


def _unwrapped(planar: np.ndarray, plane: Plane) -> np.ndarray:
    """Return shapes in rounded degrees; longitudes run on past 180 where a part crosses the antimeridian."""
    parts, owner = shapely.get_parts(planar, return_index=True)
    middle = shapely.get_coordinates(shapely.point_on_surface(parts))
    lon = plane.unproject(middle)[:, 0] if len(parts) else np.empty(0)
    lon = plane.lon + _half_turn(lon - plane.lon)
    points, part = shapely.get_coordinates(parts, return_index=True)
    degrees = plane.unproject(points)
    degrees[:, 0] = lon[part] + _half_turn(degrees[:, 0] - lon[part])
    moved = shapely.set_coordinates(parts.copy(), np.round(degrees, DECIMALS) + 0.0)
    return joined(moved, owner, len(planar))


def _half_turn(angle: np.ndarray) -> np.ndarray:
    """Return angles [degree] brought into [-180, 180)."""
    return (angle + 180.0) % 360.0 - 180.0


def _halve_edges(planar: np.ndarray, faulty: np.ndarray) -> np.ndarray:
    """Return `planar` with the middle of every edge of a faulty shape inserted, in each shape that has the edge."""
    start, end, owner = directed_edges(planar)
    name = edge_names(start, end)
    mine = faulty[owner]
    touched = np.unique(owner[np.isin(name, name[mine])])
    kind, points, offsets = shapely.to_ragged_array(planar[touched])
    ends_ring = np.isin(np.arange(1, len(points) + 1), offsets[0])
    before = np.flatnonzero(~ends_ring)
    names = edge_names(np.concatenate([start[mine], points[before]]), np.concatenate([end[mine], points[before + 1]]))
    before = before[np.isin(names[mine.sum() :], names[: mine.sum()])]
    middle = (points[before] + points[before + 1]) / 2
    rings = offsets[0] + np.searchsorted(before, offsets[0], side="left")
    halved = shapely.from_ragged_array(kind, np.insert(points, before + 1, middle, axis=0), (rings, *offsets[1:]))
    result = planar.copy()
    parts, number = shapely.get_parts(halved, return_index=True)
    result[touched] = joined(parts, number, len(touched))
    return result


def cut_at_antimeridian(shapes: np.ndarray) -> np.ndarray:
    """Return shapes in degrees cut where they cross the antimeridian (RFC 7946, 3.1.9), longitudes in [-180, 180].

    shapes: (n,) whose longitudes either run on past 180 or jump from 180 to -180 where they cross it.
    """
    bounds = shapely.bounds(shapes)
    with np.errstate(invalid="ignore"):
        wide = (bounds[:, 2] - bounds[:, 0] > 180) | (bounds[:, 0] < -180) | (bounds[:, 2] > 180)
    cut = shapes.copy()
    cut[wide] = [_cut(shape) for shape in shapes[wide]]
    return cut


def _cut(shape: shapely.Geometry) -> shapely.Geometry:
    if shapely.get_dimensions(shape) == 0:
        return shapely.transform(shape, lambda xy: np.column_stack([_half_turn(xy[:, 0]), xy[:, 1]]))
    if shapely.get_dimensions(shape) == 1:
        cut = [
            part for line in shapely.get_parts(shape) for part in shapely.get_parts(antimeridian.fix_line_string(line, great_circle=False))
        ]
        return cut[0] if len(cut) == 1 else shapely.MultiLineString(cut)
    pieces = [piece for part in shapely.get_parts(shape) for piece in _cut_part(part)]
    return pieces[0] if len(pieces) == 1 else shapely.MultiPolygon(pieces)


def _cut_part(part: shapely.Polygon) -> list[shapely.Polygon]:
    shell = _run_on(np.asarray(part.exterior.coords))
    if abs(shell[-1, 0] - shell[0, 0]) > 180:
        return list(shapely.get_parts(antimeridian.fix_polygon(part, great_circle=False)))
    holes = [_beside(_run_on(np.asarray(ring.coords)), shell) for ring in part.interiors]
    whole = shapely.Polygon(shell, holes)
    west, _, east, _ = whole.bounds
    pieces = []
    for turn in range(int(np.floor((west + 180) / 360)), int(np.ceil((east - 180) / 360)) + 1):
        world = shapely.box(360 * turn - 180, -90, 360 * turn + 180, 90)
        inside = whole if shapely.covers(world, whole) else shapely.intersection(whole, world)
        home = shapely.transform(inside, lambda xy, turn=turn: np.round(xy - [360 * turn, 0], DECIMALS) + 0.0)
        pieces += [p for p in shapely.get_parts(home) if p.geom_type == "Polygon" and p.area > 0]
    return pieces


def _run_on(ring: np.ndarray) -> np.ndarray:
    """Return a ring whose longitudes never jump by more than half a turn between neighbours."""
    step = _half_turn(np.diff(ring[:, 0]))
    jumps = np.abs(np.diff(ring[:, 0])) > 180
    if not jumps.any():
        return ring
    turns = np.round((step - np.diff(ring[:, 0])) / 360)
    return np.column_stack([ring[:, 0] + 360 * np.concatenate(([0], np.cumsum(turns))), ring[:, 1]])


def _beside(hole: np.ndarray, shell: np.ndarray) -> np.ndarray:
    """Return the hole moved by whole turns to lie inside its shell."""
    turns = np.round((shell[:, 0].mean() - hole[:, 0].mean()) / 360)
    return np.column_stack([hole[:, 0] + 360 * turns, hole[:, 1]])
