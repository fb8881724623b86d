"""The best cover: of all territories in the pool, those that take every unit once at the least value.

This is set partitioning. A linear relaxation prices the units; what a territory is dearer than its units (its reduced cost)
bounds every cover it is part of, so only the few territories within the slack above the relaxation are enumerated, exactly.
Sources: Garfinkel, Nemhauser, "Optimal political districting by implicit enumeration techniques", Management Science 16, 1970;
Mehrotra, Johnson, Nemhauser, "An optimization based heuristic for political districting", Management Science 44, 1998.
"""

from __future__ import annotations

import numba as nb
import numpy as np
from scipy import sparse
from scipy.optimize import linprog

from geo_territory.balancing.border.board import FLAGS
from geo_territory.balancing.border.pool import Pool, bits_of

FIRST_SLACK, WIDER = 0.003, 3.0  # slack above the relaxation tried first, and how much more each time that finds nothing
NODES = 2_000_000  # steps of the enumeration, so that it ends after the same work everywhere
SMALL = 1e-9
INFEASIBLE = 2  # what HiGHS calls a relaxation without a solution


def best_cover(pool: Pool, units: int) -> np.ndarray | None:
    """Return (n,) territories of the cheapest cover by territories of the pool, None when none was found.

    The cheapest whenever the enumeration ends within `NODES`, else the cheapest it met.
    """
    return prove_cover(pool, units)[0]


def prove_cover(pool: Pool, units: int, most: int = NODES) -> tuple[np.ndarray | None, bool]:
    """Return (the cheapest cover found as (n,) territories or None, whether it is proved that none is cheaper); `most` steps are made."""
    members, kind, value, room = _columns(pool, units)
    if not members.any(0).all() or (np.bincount(kind, minlength=len(room)) < room).any():
        return None, True
    priced = _relax(members, kind, value, room)
    if priced is None:
        return None, True
    least, extra = priced
    slack, dearest = FIRST_SLACK * least, np.sort(extra)[-len(pool.kinds) :].sum() + SMALL
    while True:
        near = np.flatnonzero(extra < slack)
        chosen, nodes = _enumerate(members[near], kind[near], extra[near], room, slack, most)
        if len(chosen) or slack >= dearest or nodes >= most:
            break
        slack *= WIDER
    territory = _numbered(members[near[chosen]], kind[near[chosen]], pool.kinds) if len(chosen) else None
    return territory, nodes < most


def _columns(pool: Pool, units: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return members (m, n) bool, kind and value (m,), and how many territories there are of each kind."""
    size = int(pool.size[0])
    return bits_of(pool, units), pool.kind[:size], pool.value[:size], np.bincount(pool.kinds)


def _relax(members: np.ndarray, kind: np.ndarray, value: np.ndarray, room: np.ndarray) -> tuple[float, np.ndarray] | None:
    """Return the value of the linear relaxation and the reduced cost of each column, none below 0; None without a cover."""
    size, n = members.shape
    kinds = sparse.coo_array((np.ones(size), (kind, np.arange(size))), shape=(len(room), size))
    rows = sparse.vstack([sparse.csr_array(members.T, dtype=float), kinds]).tocsc()
    right = np.concatenate([np.ones(n), room])
    solved = linprog(value, A_eq=rows, b_eq=right, method="highs-ds")
    if solved.status == INFEASIBLE:
        return None
    extra = value - rows.T @ solved.eqlin.marginals
    below = np.zeros(len(room))
    np.minimum.at(below, kind, extra)
    return float(solved.fun - below @ room), extra - below[kind]


def _enumerate(
    members: np.ndarray, kind: np.ndarray, extra: np.ndarray, room: np.ndarray, slack: float, most: int
) -> tuple[np.ndarray, int]:
    """Return the columns of the cover with the least sum of `extra` below `slack`, none without one, and the steps made.

    Units are ranked by how few columns have them; each column waits at its first unit, cheapest first.
    """
    size, n = members.shape
    ranked = members[:, np.argsort(members.sum(0), kind="stable")]
    first = np.where(ranked.any(1), ranked.argmax(1), n)
    order = np.lexsort((extra, first))
    padded = np.zeros((size, 64 * -(-n // 64)), bool)
    padded[:, :n] = ranked[order]
    bits = np.packbits(padded, axis=1, bitorder="little").view(np.uint64)
    begin = np.searchsorted(first[order], np.arange(n + 1))
    chosen = np.full(int(room.sum()), -1)
    nodes = _search(bits, kind[order], extra[order], begin, room.copy(), slack, most, chosen)
    return order[chosen[chosen >= 0]], nodes


@nb.njit(**FLAGS)
def _search(bits, kind, extra, begin, room, slack, limit, chosen):
    """Leave the cheapest cover in `chosen`; return the steps made. Depth first: the first unit not yet covered is covered next."""
    n, k, words = len(begin) - 1, len(chosen), bits.shape[1]
    covered, spent = np.zeros((k + 1, words), np.uint64), np.zeros(k + 1)
    unit, at, pick = np.zeros(k + 1, np.int64), np.zeros(k + 1, np.int64), np.zeros(k + 1, np.int64)
    depth, nodes = 0, 0
    while depth >= 0 and nodes < limit:
        c = at[depth]
        if c >= begin[unit[depth] + 1] or spent[depth] + extra[c] >= slack:
            depth -= 1
            if depth >= 0:
                room[kind[pick[depth]]] += 1
            continue
        at[depth] += 1
        nodes += 1
        if room[kind[c]] == 0 or overlap(bits[c], covered[depth]):
            continue
        pick[depth] = c
        spent[depth + 1] = spent[depth] + extra[c]
        for w in range(words):
            covered[depth + 1, w] = covered[depth, w] | bits[c, w]
        u = unit[depth] + 1
        while u < n and (covered[depth + 1, u >> 6] >> np.uint64(u & 63)) & np.uint64(1):
            u += 1
        if u == n and depth + 1 == k:
            slack = spent[k]
            chosen[:] = pick[:k]
        elif u < n and depth + 1 < k:
            room[kind[c]] -= 1
            depth += 1
            unit[depth], at[depth] = u, begin[u]
    return nodes


@nb.njit(**FLAGS)
def overlap(some, others):
    """Return True when two sets of units have one in common."""
    shared = np.uint64(0)
    for w in range(len(some)):
        shared |= some[w] & others[w]
    return shared != np.uint64(0)


def _numbered(members: np.ndarray, kind: np.ndarray, kinds: np.ndarray) -> np.ndarray:
    """Return (n,) the number of the territory each unit is in, from one row of members per territory."""
    numbers = np.empty(len(kinds), np.int64)
    numbers[np.argsort(kind, kind="stable")] = np.argsort(kinds, kind="stable")
    return numbers[members.argmax(0)]
