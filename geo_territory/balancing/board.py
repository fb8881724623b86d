"""The board of the border search: who holds which unit, kept in arrays that compiled kernels read and change in place.

`Board` is a named tuple of arrays, so that numba kernels take it as one argument. Lengths are in typical territory radii,
weights and mass are shares of their totals, so every number below is of order one whatever the data.
"""

from __future__ import annotations

from typing import NamedTuple

import numba as nb
import numpy as np

FLAGS = {"cache": True, "nogil": True}


class Board(NamedTuple):
    """n units, k territories, m criteria; `unit` arrays (n, …) stay, `territory` arrays (k, …) follow every move.

    weight (n, m) shares that must be balanced; mass (n,) what compactness is measured with (never zero);
    free (n,) may change hands; home (n,) territory before, -1 none; stay (n,) price of leaving home.
    target (k,) share to hold; pull (k,) and base (k, 2) see Problem.
    held (k, m) weight held; sums (k, 4) mass, mass x, mass y, mass (x^2 + y^2); count (k,) units.
    border: units with a foreign neighbour in border[:size[0]]; place (n,) their position there or -1.
    mark, queue, group, second: scratch (n,); tick (1,) the current mark; random (1,) state of the generator.
    """

    indptr: np.ndarray
    indices: np.ndarray
    place_x: np.ndarray
    place_y: np.ndarray
    weight: np.ndarray
    mass: np.ndarray
    free: np.ndarray
    home: np.ndarray
    stay: np.ndarray
    target: np.ndarray
    pull: np.ndarray
    base: np.ndarray
    territory: np.ndarray
    held: np.ndarray
    sums: np.ndarray
    count: np.ndarray
    border: np.ndarray
    slot: np.ndarray
    size: np.ndarray
    mark: np.ndarray
    queue: np.ndarray
    group: np.ndarray
    second: np.ndarray
    tick: np.ndarray
    random: np.ndarray


class Prices(NamedTuple):
    """What the search weighs against inertia (about 1 in all).

    tolerance: accepted imbalance. breach: price of one unit of weight share beyond it. cut: price of one neighbour pair parted.
    """

    tolerance: float
    breach: float
    cut: float


@nb.njit(**FLAGS)
def tally(board):
    """Recount what every territory holds and which units lie on a border."""
    board.held[:] = 0.0
    board.sums[:] = 0.0
    board.count[:] = 0
    board.size[0] = 0
    for u in range(len(board.territory)):
        t, x, y, mass = board.territory[u], board.place_x[u], board.place_y[u], board.mass[u]
        for c in range(board.weight.shape[1]):
            board.held[t, c] += board.weight[u, c]
        board.sums[t, 0] += mass
        board.sums[t, 1] += mass * x
        board.sums[t, 2] += mass * y
        board.sums[t, 3] += mass * (x * x + y * y)
        board.count[t] += 1
        board.slot[u] = -1
        refresh(board, u)


@nb.njit(**FLAGS)
def refresh(board, u):
    """Put unit `u` on the list of border units, or take it off."""
    t, foreign = board.territory[u], False
    for p in range(board.indptr[u], board.indptr[u + 1]):
        if board.territory[board.indices[p]] != t:
            foreign = True
            break
    at = board.slot[u]
    if foreign and at < 0:
        board.border[board.size[0]] = u
        board.slot[u] = board.size[0]
        board.size[0] += 1
    elif not foreign and at >= 0:
        board.size[0] -= 1
        last = board.border[board.size[0]]
        board.border[at] = last
        board.slot[last] = at
        board.slot[u] = -1


@nb.njit(**FLAGS)
def spread(mass, mx, my, mq, pull, bx, by):
    """Return the inertia of a territory from its sums, the share `pull` of it measured to its base."""
    if mass <= 0.0:
        return 0.0
    own = mq - (mx * mx + my * my) / mass
    if pull == 0.0:
        return own
    return (1.0 - pull) * own + pull * (mq - 2.0 * (bx * mx + by * my) + mass * (bx * bx + by * by))


@nb.njit(**FLAGS)
def breach(held, target, tolerance):
    """Return how much weight share a territory holds beyond the tolerance, either way."""
    over = abs(held - target) - tolerance * target
    return over if over > 0.0 else 0.0


@nb.njit(**FLAGS)
def standing(board, prices):
    """Return (inertia, breach, pairs parted, price of what left home) of the board as it is."""
    inertia, beyond, parted, left = 0.0, 0.0, 0, 0.0
    for t in range(len(board.target)):
        s = board.sums[t]
        inertia += spread(s[0], s[1], s[2], s[3], board.pull[t], board.base[t, 0], board.base[t, 1])
        for c in range(board.held.shape[1]):
            beyond += breach(board.held[t, c], board.target[t], prices.tolerance)
    for u in range(len(board.territory)):
        t = board.territory[u]
        if board.home[u] >= 0 and board.home[u] != t:
            left += board.stay[u]
        for p in range(board.indptr[u], board.indptr[u + 1]):
            if board.territory[board.indices[p]] != t:
                parted += 1
    return inertia, beyond, parted // 2, left
