"""Who borders whom: shared borders of positive length, and the shortest sea crossings that link what is apart.

Source of the linking: Boruvka's spanning tree (1926): every piece takes its shortest way to another, until all are one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from scipy import sparse
from scipy.sparse import csgraph
from scipy.spatial import cKDTree

from geo_territory.projection import Plane, haversine_km
from geo_territory.tables import Borders
from geo_territory.units.coverage import Edges, edges

SHORE_STEP_M = 2_000.0
NEAREST = 32
SMALL = 2_000
SAMPLED = 100
AT_LEAST_KM = 0.001


def borders_of(unit_id: pd.Index, planar: np.ndarray, plane: Plane) -> pd.DataFrame:
    """Return the table of Borders of an exact coverage (n,) on the plane, connected by sea crossings where it is in pieces."""
    shared = edges(planar)
    a, b, length = _shared_lengths(shared, len(planar))
    crossing = _crossings(shared, a, b, planar, plane)
    columns = {
        Borders.unit_a: unit_id.to_numpy(dtype=object)[np.concatenate([a, crossing.a])],
        Borders.unit_b: unit_id.to_numpy(dtype=object)[np.concatenate([b, crossing.b])],
        Borders.border_m: np.concatenate([length, np.zeros(len(crossing.a))]),
        Borders.crossing_km: np.concatenate([np.zeros(len(a)), crossing.km]),
    }
    return Borders.check(pd.DataFrame(columns).sort_values([Borders.unit_a, Borders.unit_b], ignore_index=True))


def _shared_lengths(shared: Edges, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the pairs of neighbours and their border's length [m]: (p,), (p,), (p,)."""
    inner = ~shared.outer
    pair = shared.owner[inner, 0] * np.int64(n) + shared.owner[inner, 1]
    pairs, index = np.unique(pair, return_inverse=True)
    return pairs // n, pairs % n, np.bincount(index, shared.length[inner], minlength=len(pairs))


@dataclass(frozen=True)
class _Links:
    a: np.ndarray
    b: np.ndarray
    km: np.ndarray


def _crossings(shared: Edges, a: np.ndarray, b: np.ndarray, planar: np.ndarray, plane: Plane) -> _Links:
    """Return the shortest links that make the graph of pairs (a, b) connected; a < b."""
    n = len(planar)
    piece = _pieces(a, b, n)
    found: list[tuple[int, int]] = []
    if piece.max(initial=0) > 0:
        owner, shore = _shore(shared, plane)
        tree = cKDTree(shore)
        while piece.max() > 0:
            found += _shortest_links(piece, owner, shore, tree)
            ends = np.array(found)
            piece = _pieces(np.concatenate([a, ends[:, 0]]), np.concatenate([b, ends[:, 1]]), n)
    pairs = np.array(sorted(set(found)), dtype=int).reshape(-1, 2)
    return _Links(pairs[:, 0], pairs[:, 1], _distance_km(planar[pairs[:, 0]], planar[pairs[:, 1]], plane))


def _pieces(a: np.ndarray, b: np.ndarray, n: int) -> np.ndarray:
    graph = sparse.coo_array((np.ones(len(a), np.int8), (a, b)), shape=(n, n))
    return csgraph.connected_components(graph, directed=False)[1]


def _shore(shared: Edges, plane: Plane) -> tuple[np.ndarray, np.ndarray]:
    """Return points along the outer boundary, at most SHORE_STEP_M apart: owner (m,) and position on the unit sphere (m, 3).

    A point that units share belongs to the first of them.
    """
    outer = shared.outer
    owner, start, end = shared.owner[outer, 0], shared.start[outer], shared.end[outer]
    steps = np.maximum(np.ceil(shared.length[outer] / SHORE_STEP_M), 1).astype(int)
    edge = np.repeat(np.arange(len(steps)), steps)
    along = (np.arange(len(edge)) - np.repeat(np.cumsum(steps) - steps, steps)) / steps[edge]
    points = np.concatenate([start[edge] + along[:, None] * (end - start)[edge], end])
    owner = np.concatenate([owner[edge], owner])
    first = np.argsort(owner, kind="stable")
    first = first[np.unique(points[first, 0] + 1j * points[first, 1], return_index=True)[1]]
    points, owner = points[first], owner[first]
    lon, lat = np.radians(plane.unproject(points)).T
    sphere = np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
    return owner, sphere


def _shortest_links(piece: np.ndarray, owner: np.ndarray, shore: np.ndarray, tree: cKDTree) -> list[tuple[int, int]]:
    """Return the shortest link of each small piece to another as (unit a, unit b), a < b; of one piece when all are large.

    A large piece is linked when smaller ones reach it; looking for its own shortest link takes long.
    """
    of_point = piece[owner]
    order = np.argsort(of_point, kind="stable")
    members = np.split(order, np.flatnonzero(np.diff(of_point[order])) + 1)
    members.sort(key=len)
    links: list[tuple[int, int]] = []
    for mine in members[:-1]:
        if len(mine) > SMALL and links:
            break
        near, chord = _nearest_elsewhere(tree, shore, of_point, mine)
        ties = np.flatnonzero(chord <= chord.min() * (1 + 1e-9) + 1e-15)
        a, b = min(np.sort(np.column_stack([owner[mine[ties]], owner[near[ties]]]), axis=1).tolist())
        links.append((a, b))
    return links


def _nearest_elsewhere(tree: cKDTree, shore: np.ndarray, of_point: np.ndarray, mine: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return for the points `mine` of one piece the nearest point of another piece and the chord to it.

    The chord is infinite for a point that can't hold the shortest one.
    """
    chord, near = np.full(len(mine), np.inf), np.zeros(len(mine), int)
    if len(mine) > SMALL:
        others = np.flatnonzero(of_point != of_point[mine[0]])
        away = cKDTree(shore[others])
        bound = away.query(shore[mine[::SAMPLED]])[0].min() * (1 + 1e-9)
        chord, index = away.query(shore[mine], distance_upper_bound=bound)
        return others[np.minimum(index, len(others) - 1)], chord
    open_, k = np.arange(len(mine)), NEAREST
    while len(open_):
        k = min(k, len(mine) + 1, len(shore))
        reach, found = tree.query(shore[mine[open_]], k=[*range(1, k + 1)])
        elsewhere = np.where(of_point[found] == of_point[mine[0]], np.inf, reach)
        first = np.argmin(elsewhere, axis=1)
        rows = np.arange(len(open_))
        chord[open_], near[open_] = elsewhere[rows, first], found[rows, first]
        open_ = open_[np.isinf(chord[open_]) & (reach[:, -1] < chord.min())]
        k *= 4
    return near, chord


def _distance_km(from_: np.ndarray, to: np.ndarray, plane: Plane) -> np.ndarray:
    """Return the great-circle distance between the nearest points of each pair of shapes [km], at least a metre."""
    lines = shapely.shortest_line(from_, to)
    ends = plane.unproject(shapely.get_coordinates(lines)).reshape(-1, 2, 2)
    km = haversine_km(ends[:, 0, 0], ends[:, 0, 1], ends[:, 1, 0], ends[:, 1, 1])
    return np.maximum(km, AT_LEAST_KM)
