"""Exact coverages on the plane: cells cut out of land so that neighbours share every vertex, and who borders whom.

Vertices lie on a grid of GRID_M metres. It is a power of two, so a vertex computed twice is the same number twice.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from geo_territory.errors import UnitsError

GRID_M = 0.125


@dataclass(frozen=True)
class Edges:
    """The edges of a coverage, each once: owners (m, 2) int with -1 for none, start and end (m, 2) metres.

    `owner[:, 0] < owner[:, 1]` where an edge has two owners; an edge of the outer boundary has its owner in column 0.
    """

    owner: np.ndarray
    start: np.ndarray
    end: np.ndarray

    @property
    def length(self) -> np.ndarray:
        """Length of each edge [m], (m,)."""
        return np.hypot(*(self.end - self.start).T)

    @property
    def outer(self) -> np.ndarray:
        """Which edges have one owner only, (m,) bool."""
        return self.owner[:, 1] < 0


def edges(shapes: np.ndarray) -> Edges:
    """Return the edges of a coverage given as (n,) polygons or multipolygons on the plane.

    Edges with the same unit on both sides (a seam inside it) are left out.
    """
    start, end, owner = directed_edges(shapes)
    key = edge_names(start, end)
    order = np.lexsort((owner, key))
    key, owner = key[order], owner[order]
    first = np.flatnonzero(np.concatenate(([True], key[1:] != key[:-1])))
    count = np.diff(np.append(first, len(key)))
    second = np.where(count > 1, owner[np.minimum(first + 1, len(owner) - 1)], -1)
    pairs = np.column_stack([owner[first], second])
    kept = pairs[:, 0] != pairs[:, 1]
    return Edges(pairs[kept], start[order][first][kept], end[order][first][kept])


def directed_edges(shapes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return every ring's edges as start (m, 2), end (m, 2) and the number of the shape (m,) they belong to."""
    parts, shape = shapely.get_parts(shapes, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    joined = ring[1:] == ring[:-1]
    return points[:-1][joined], points[1:][joined], shape[part[ring[:-1][joined]]]


def edge_names(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Return a number for each edge (m,), the same for the same two ends in either direction."""
    points = np.concatenate([start, end]) + 0.0
    _, vertex = np.unique(points[:, 0] + 1j * points[:, 1], return_inverse=True)
    a, b = vertex[: len(start)], vertex[len(start) :]
    return np.minimum(a, b) * np.int64(len(points)) + np.maximum(a, b)


def to_grid(shapes: np.ndarray) -> np.ndarray:
    """Return geometries with every vertex moved to the grid of GRID_M metres."""
    return shapely.transform(shapes, lambda xy: np.floor(xy / GRID_M + 0.5) * GRID_M)


def partition(cells: np.ndarray, land: shapely.Geometry) -> np.ndarray:
    """Return the part of each cell that is land, (n,) on the plane [m]; together an exact coverage of `land`.

    cells: (n,) polygons that tile the neighbourhood of `land`; shared borders may differ by less than GRID_M, and one
    side may lack vertices of the other.
    Empty where a cell has no land. Land outside every cell goes to the nearest cell.
    Every line is noded once with all others (snap rounding), and the faces are handed out, so no two neighbours can
    disagree about a vertex. Source: Hobby, "Practical segment intersection with finite precision output" (1999).
    """
    shapes = to_grid(cells)
    tree = shapely.STRtree(shapes)
    shapely.prepare(land)
    single = edges(shapes)
    cut = np.union1d(single.owner[single.outer, 0], np.flatnonzero(~shapely.contains_properly(land, shapes)))
    cut = np.union1d(cut, tree.query(shapely.box(*shapely.bounds(shapes[cut]).T))[1]) if len(cut) else cut
    if len(cut):
        faces = _faces(np.append(shapely.boundary(cells[cut]), shapely.boundary(land)))
        shapes[cut] = shapely.Polygon()
        shapes = _hand_out(faces, shapes, cut, tree, land)
    return _confirmed(shapes)


def _faces(lines: np.ndarray) -> np.ndarray:
    noded = shapely.union_all(lines, grid_size=GRID_M)
    return shapely.get_parts(shapely.polygonize([noded]))


def _hand_out(faces: np.ndarray, shapes: np.ndarray, cut: np.ndarray, tree: shapely.STRtree, land: shapely.Geometry) -> np.ndarray:
    """Return `shapes` with each face on land joined to the cell it lies in, for the cells numbered in `cut`."""
    spot = shapely.point_on_surface(faces)
    on_land = shapely.contains_xy(land, shapely.get_x(spot), shapely.get_y(spot))
    faces, spot = faces[on_land], spot[on_land]
    owner = np.full(len(faces), -1)
    face, cell = tree.query(spot, predicate="intersects")
    owner[face[::-1]] = cell[::-1]
    lost = np.flatnonzero(owner < 0)
    if len(lost):
        face, cell = tree.query_nearest(spot[lost])
        owner[lost[face[::-1]]] = cell[::-1]
    kept = np.isin(owner, cut)
    shapes = shapes.copy()
    owners, unions = union_by(owner[kept], faces[kept])
    shapes[owners] = unions
    return shapes


def union_by(group: np.ndarray, shapes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the groups in order and the exact union of each one's members; `shapes` must be an exact coverage."""
    order = np.argsort(group, kind="stable")
    groups, first = np.unique(group[order], return_index=True)
    members = np.split(shapes[order], first[1:])
    unions = [part[0] if len(part) == 1 else shapely.coverage_union_all(part) for part in members]
    return groups, _as_array(unions)


def joined(parts: np.ndarray, owner: np.ndarray, count: int) -> np.ndarray:
    """Return `count` shapes made of polygons and the number of the shape each belongs to: multipolygons where it has several."""
    shapes = np.full(count, shapely.Polygon(), dtype=object)
    single = np.bincount(owner, minlength=count) == 1
    shapes[owner[single[owner]]] = parts[single[owner]]
    several = ~single[owner]
    if several.any():
        owners, index = np.unique(owner[several], return_inverse=True)
        shapes[owners] = shapely.multipolygons(parts[several], indices=index)
    return shapes


def whole_shapes(shapes: np.ndarray) -> np.ndarray:
    """Return shapes with the seams taken out where parts of one shape share a border (it was cut at the antimeridian)."""
    seamed = (shapely.get_num_geometries(shapes) > 1) & ~shapely.is_valid(shapes)
    whole = shapes.copy()
    whole[seamed] = [shapely.union_all(shapely.get_parts(shape)) for shape in shapes[seamed]]
    return whole


def _as_array(shapes: list[shapely.Geometry]) -> np.ndarray:
    array = np.empty(len(shapes), dtype=object)
    array[:] = shapes
    return array


def _confirmed(shapes: np.ndarray) -> np.ndarray:
    """Return `shapes` when they are an exact coverage, else cleaned."""
    return shapes if shapely.coverage_is_valid(shapes) else cleaned(shapes)


def cleaned(shapes: np.ndarray, gap_m: float = 0.0) -> np.ndarray:
    """Return shapes made an exact coverage: overlaps go to one side, gaps narrower than `gap_m` [m] are filled.

    Raises UnitsError when cleaning does not make them one.
    """
    valid = shapely.make_valid(shapes, method="structure", keep_collapsed=False)
    exact = shapely.coverage_clean(valid, gap_width=gap_m)
    if not shapely.coverage_is_valid(exact):
        raise UnitsError("The shapes overlap or their borders don't match, even after cleaning: choose another kind of unit.")
    return exact
