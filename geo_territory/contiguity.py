"""Whether territories are whole: their pieces, and which units join or part them.

Works on arrays: `territory` (n,) int with -1 for a unit nobody covers, and `neighbors`, a symmetric (n, n)
scipy.sparse graph whose stored entries are pairs of neighbours.
"""

from __future__ import annotations

import numba as nb
import numpy as np
from scipy import sparse
from scipy.sparse import csgraph


def piece_of_unit(territory: np.ndarray, neighbors: sparse.csr_array) -> np.ndarray:
    """Return the piece each unit lies in, (n,) int in 0…pieces-1; units of one piece share a territory and are connected.

    Pieces are numbered in the order of their first unit.
    """
    indptr, indices = neighbors.indptr.astype(np.int32, copy=False), neighbors.indices.astype(np.int32, copy=False)
    return _flooded(indptr, indices, np.ascontiguousarray(territory, np.int64))


@nb.njit(cache=True, nogil=True)
def _flooded(indptr, indices, territory):
    """Return the piece of each unit, by flooding from every unit that is still dry."""
    n, count = len(territory), 0
    piece, queue = np.full(n, -1, np.int64), np.empty(n, np.int32)
    for u in range(n):
        if piece[u] >= 0:
            continue
        piece[u], queue[0], head, tail = count, u, 0, 1
        while head < tail:
            v = queue[head]
            head += 1
            for p in range(indptr[v], indptr[v + 1]):
                t = indices[p]
                if piece[t] < 0 and territory[t] == territory[u]:
                    piece[t], queue[tail] = count, t
                    tail += 1
        count += 1
    return piece


def pieces(territory: np.ndarray, neighbors: sparse.csr_array, territories: int | None = None) -> np.ndarray:
    """Return the number of pieces of each territory, (k,) int: 1 is whole, 0 is empty.

    territories: k; by default the highest number in `territory` plus one.
    """
    k = int(territory.max(initial=-1)) + 1 if territories is None else territories
    owner = territory[_first_units(piece_of_unit(territory, neighbors))]
    return np.bincount(owner[owner >= 0], minlength=k)


def is_contiguous(territory: np.ndarray, neighbors: sparse.csr_array) -> bool:
    """Return True when every territory that has a unit is in one piece."""
    return bool((pieces(territory, neighbors) <= 1).all())


def graph_pieces(neighbors: sparse.csr_array) -> np.ndarray:
    """Return the connected component of each unit of the neighbour graph itself, (n,) int."""
    return piece_of_unit(np.zeros(neighbors.shape[0], np.int64), neighbors)


def _first_units(piece: np.ndarray) -> np.ndarray:
    """Return the first unit of each piece, pieces being numbered in that order."""
    return np.flatnonzero(np.diff(np.maximum.accumulate(piece), prepend=-1))


def stray_units(territory: np.ndarray, neighbors: sparse.csr_array, importance: np.ndarray) -> np.ndarray:
    """Return which units lie outside the main piece of their territory, (n,) bool.

    The main piece has the largest total `importance` (n,); more units decide between equals, then the lower unit number.
    """
    piece = piece_of_unit(territory, neighbors)
    count = int(piece.max(initial=-1)) + 1
    owner = territory[_first_units(piece)]
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
