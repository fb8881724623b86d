"""Which units hold their territory together: without one of them it would be in more pieces."""

from __future__ import annotations

import numba as nb
import numpy as np
from scipy import sparse

from geo_territory.balancing.border.board import FLAGS


def joints(territory: np.ndarray, neighbors: sparse.csr_array) -> np.ndarray:
    """Return whether the territory of each unit would be in more pieces without it, (n,) bool; False for -1 units.

    Linear in the size of the graph. Source: Hopcroft, Tarjan 1973 (cut vertices), doi:10.1145/362248.362272.
    """
    found = np.zeros(len(territory), np.bool_)
    mark(neighbors.indptr.astype(np.int64), neighbors.indices.astype(np.int64), np.asarray(territory, np.int64), -1, found)
    return found


@nb.njit(**FLAGS)
def mark(indptr, indices, territory, only, found):
    """Mark the joints of territory `only`, of all when it is -1, in `found`; return the number of pieces walked.

    Walks depth first; a unit is a joint when nothing below a child of it reaches above it.
    """
    pieces = 0
    n = len(territory)
    order, low, above, turn = np.zeros(n, np.int64), np.zeros(n, np.int64), np.full(n, -1), indptr[:-1].copy()
    count = 0
    for root in range(n):
        if order[root] > 0 or territory[root] < 0 or (only >= 0 and territory[root] != only):
            continue
        pieces += 1
        count += 1
        order[root] = low[root] = count
        children, u = 0, root
        while u >= 0:
            if turn[u] < indptr[u + 1]:
                v = indices[turn[u]]
                turn[u] += 1
                if territory[v] != territory[u] or v == above[u]:
                    continue
                if order[v] > 0:
                    low[u] = min(low[u], order[v])
                    continue
                count += 1
                order[v] = low[v] = count
                above[v] = u
                u = v
                continue
            parent = above[u]
            if parent == root:
                children += 1
            elif parent >= 0 and low[u] >= order[parent]:
                found[parent] = True
            if parent >= 0:
                low[parent] = min(low[parent], low[u])
            u = parent
        found[root] = children > 1
    return pieces
