"""The pool: every balanced territory the border search has met, whatever the other territories looked like then.

A search that balances all territories but one throws away good ones; the pool keeps them for `puzzle.cover` to put together anew.
Source: Blum, Pinacho, Lopez-Ibanez, Lozano, "Construct, merge, solve & adapt", Computers & OR 68, 2016.
"""

from __future__ import annotations

from typing import NamedTuple

import numba as nb
import numpy as np

from geo_territory.balancing.border.board import FLAGS, spread
from geo_territory.balancing.terrain import Terrain

MOST = 20_000  # territories kept, fewer when units are many
BYTES = 50_000_000  # that their members may take


class Pool(NamedTuple):
    """m places for territories of n units; kinds are numbers of territories that may be exchanged for each other.

    members (m, ceil(n / 64)) bits of the units in each; kind (m,); value (m,) its part of the objective; size (1,) places taken.
    kinds (k,) kind of each territory; code (n + k,) random numbers whose exclusive or tells sets of units and kinds apart;
    table: hashed places of the codes seen, 0 for none; last (k,) fingerprint of each territory when it was looked at last.
    """

    members: np.ndarray
    kind: np.ndarray
    value: np.ndarray
    size: np.ndarray
    kinds: np.ndarray
    code: np.ndarray
    table: np.ndarray
    last: np.ndarray


def empty_pool(terrain: Terrain, most: int = MOST) -> Pool:
    """Return a pool for the territories of `terrain` without any; `most` 0 gives one that takes none."""
    n, k = terrain.units, terrain.territories
    words = -(-n // 64)
    most = min(most, BYTES // (8 * words))
    code = np.random.default_rng(n).integers(1, 2**63, n + k).astype(np.uint64)
    table = np.zeros(1 << int(np.ceil(np.log2(2 * most + 2))), np.uint64)
    members = np.zeros((most, words), np.uint64)
    return Pool(members, np.zeros(most, np.int64), np.zeros(most), np.zeros(1, np.int64), kinds_of(terrain), code, table, np.zeros(k))


def kinds_of(terrain: Terrain) -> np.ndarray:
    """Return (k,) numbers, equal for territories that may exchange all their units: same limits, nothing that names them."""
    k, rules = terrain.territories, terrain.rules
    named = (terrain.pull > 0) | rules.shut
    for owner in (terrain.home, terrain.forced, rules.barred[:, 1]):
        named[owner[owner >= 0]] = True
    limits = np.column_stack([terrain.target, terrain.low, terrain.high, np.where(named, np.arange(k) + 1.0, 0.0)])
    return np.unique(limits.round(12), axis=0, return_inverse=True)[1].ravel().astype(np.int64)


@nb.njit(**FLAGS)
def note(board, prices, pool):
    """Put the territories that changed since the last look and hold what they may in the pool."""
    for t in range(len(board.area)):
        if board.area[t].mq != pool.last[t] and balanced(board, t):
            pool.last[t] = board.area[t].mq
            if is_new(board, pool, t):
                keep(board, prices, pool, t)


@nb.njit(**FLAGS)
def balanced(board, t):
    """Return True when territory `t` holds neither too much nor too little of any criterion."""
    fits = True
    for c in range(board.held.shape[1]):
        fits &= board.low[t, c] <= board.held[t, c] <= board.high[t, c]
    return fits


@nb.njit(**FLAGS)
def is_new(board, pool, t):
    """Return True when the units of territory `t` weren't met before in a territory of its kind; from now on they were."""
    code = pool.code[len(board.unit) + pool.kinds[t]]
    for u in range(len(board.unit)):
        if board.unit[u].territory == t:
            code ^= pool.code[u]
    return enter(pool, code)


@nb.njit(**FLAGS)
def enter(pool, code):
    """Enter the code of a territory in the table; return False when it was there or the pool is full."""
    last = np.uint64(len(pool.table) - 1)
    place = code & last
    while pool.table[place] != 0:
        if pool.table[place] == code:
            return False
        place = (place + np.uint64(1)) & last
    if pool.size[0] == len(pool.value):
        return False
    pool.table[place] = code
    return True


@nb.njit(**FLAGS)
def keep(board, prices, pool, t):
    """Add territory `t` to the pool, its value the part of `standing` that is its own."""
    place, parted, left = pool.size[0], 0, 0.0
    pool.size[0] += 1
    for u in range(len(board.unit)):
        unit = board.unit[u]
        if unit.territory != t:
            continue
        pool.members[place, u >> 6] |= np.uint64(1) << np.uint64(u & 63)
        left += unit.stay if unit.home >= 0 and unit.home != t else 0.0
        for p in range(board.indptr[u], board.indptr[u + 1]):
            parted += board.unit[board.indices[p]].territory != t
    pool.kind[place] = pool.kinds[t]
    pool.value[place] = spread(board.area[t], 0.0, 0.0, 0.0, 0.0) + 0.5 * prices.cut * parted + left


def bits_of(pool: Pool, units: int) -> np.ndarray:
    """Return which units are in which territory of the pool, (m, n) bool."""
    size = int(pool.size[0])
    return np.unpackbits(pool.members[:size].view(np.uint8), axis=1, bitorder="little")[:, :units].astype(bool)
