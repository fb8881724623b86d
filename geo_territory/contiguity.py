"""Whether territories are whole: their pieces, and which units join or part them.

Works on arrays: `territory` (n,) int with -1 for a unit nobody covers, and `neighbors`, a symmetric (n, n)
scipy.sparse graph whose stored entries are pairs of neighbours.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph


def piece_of_unit(territory: np.ndarray, neighbors: sparse.csr_array) -> np.ndarray:
    """Return the piece each unit lies in, (n,) int in 0…pieces-1; units of one piece share a territory and are connected."""
    n = len(territory)
    row = np.repeat(np.arange(n, dtype=np.int32), np.diff(neighbors.indptr))
    inside = territory[row] == territory[neighbors.indices]
    kept = np.concatenate(([0], np.cumsum(inside)))[neighbors.indptr]
    graph = sparse.csr_array((np.ones(kept[-1], np.int8), neighbors.indices[inside], kept), shape=(n, n))
    return csgraph.connected_components(graph, directed=False)[1]


def pieces(territory: np.ndarray, neighbors: sparse.csr_array, territories: int | None = None) -> np.ndarray:
    """Return the number of pieces of each territory, (k,) int: 1 is whole, 0 is empty.

    territories: k; by default the highest number in `territory` plus one.
    """
    k = int(territory.max(initial=-1)) + 1 if territories is None else territories
    piece = piece_of_unit(territory, neighbors)
    first = np.unique(piece, return_index=True)[1]
    owner = territory[first]
    return np.bincount(owner[owner >= 0], minlength=k)


def is_contiguous(territory: np.ndarray, neighbors: sparse.csr_array) -> bool:
    """Return True when every territory that has a unit is in one piece."""
    return bool((pieces(territory, neighbors) <= 1).all())


def graph_pieces(neighbors: sparse.csr_array) -> np.ndarray:
    """Return the connected component of each unit of the neighbour graph itself, (n,) int."""
    return csgraph.connected_components(neighbors, directed=False)[1]


def stray_units(territory: np.ndarray, neighbors: sparse.csr_array, importance: np.ndarray) -> np.ndarray:
    """Return which units lie outside the main piece of their territory, (n,) bool.

    The main piece has the largest total `importance` (n,); more units decide between equals, then the lower unit number.
    """
    piece = piece_of_unit(territory, neighbors)
    count = int(piece.max(initial=-1)) + 1
    owner = territory[np.unique(piece, return_index=True)[1]]
    order = np.lexsort((-np.bincount(piece, minlength=count), -np.bincount(piece, importance, count), owner))
    main = np.zeros(count, bool)
    main[order[np.concatenate(([True], np.diff(owner[order]) != 0))]] = True
    return ~main[piece]


def may_leave(unit: int, territory: np.ndarray, neighbors: sparse.csr_array) -> bool:
    """Return True when the territory of `unit` keeps a unit and stays in as many pieces without it."""
    rest = np.flatnonzero(territory == territory[unit])
    before = neighbors[rest][:, rest]
    kept = np.flatnonzero(rest != unit)
    after = before[kept][:, kept]
    count = csgraph.connected_components(before, directed=False)[0]
    return len(kept) > 0 and csgraph.connected_components(after, directed=False)[0] <= count
