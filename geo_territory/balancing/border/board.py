"""The board of the border search: who holds which unit, kept in arrays that compiled kernels read and change in place.

`Board` is a named tuple of arrays, so that numba kernels take it as one argument. Lengths are in typical territory radii,
weights and mass are shares of their totals, so every number below is of order one whatever the data. All integers are 64 bits
wide, so that each kernel is compiled once.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numba as nb
import numpy as np
from numba.core import options

FLAGS: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy"}
HOT = {**FLAGS, "forceinline": True}
# Kernels on a board allocate nothing, so they may do without counting references to its many arrays at every call: that is
# most of the time of a move. A kernel that allocates takes FLAGS; numba refuses to compile it with BARE. The option is numba's own
# and undocumented: a version that lacks it compiles the same kernels, slower.
BARE: dict[str, Any] = {**FLAGS, "_nrt": False} if hasattr(options.DefaultOptions, "_nrt") else FLAGS
BARE_HOT = {**BARE, "forceinline": True}


UNIT = np.dtype(
    [
        ("x", "f8"),
        ("y", "f8"),
        ("mass", "f8"),
        ("stay", "f8"),
        ("territory", "i8"),
        ("home", "i8"),
        ("slot", "i8"),
        ("free", "b1"),
        ("ruled", "b1"),
    ],
    align=True,
)
SUMS = ("mass", "mx", "my", "mq", "target", "pull", "base_x", "base_y", "count", "given", "taken")
AREA = np.dtype([(name, "f8") for name in (*SUMS, "most_given", "most_taken", "shut")])
SIZE, TICK = 0, 1  # places in Board.counter: units on the border list, the current mark


class Board(NamedTuple):
    """n units, k territories, m criteria.

    unit (n,) records: place x, y; mass that compactness is measured with (never zero); stay, the price of leaving home;
    territory now; home, the territory before or -1; slot on the border list or -1; free to change hands; ruled: `may_go` must look.
    area (k,) records that follow every move: mass, mass x, mass y, mass (x^2 + y^2), target share to hold, pull and base (see
    Problem), count of units, accounts given and taken against home and the most that may be, shut to any change (0 or 1).
    weight (n, m) shares that must be balanced; held (k, m) what territories hold of them, to be within low and high (k, m).
    accounts (n,) in each unit; barred[barred_from[u]:barred_from[u + 1]] territories that unit u may never be in.
    border: units with a foreign neighbour in border[:counter[SIZE]]; mark, queue, group, second: scratch (n,);
    random (1,) state of the generator.
    """

    indptr: np.ndarray
    indices: np.ndarray
    unit: np.ndarray
    area: np.ndarray
    weight: np.ndarray
    held: np.ndarray
    low: np.ndarray
    high: np.ndarray
    accounts: np.ndarray
    barred_from: np.ndarray
    barred: np.ndarray
    border: np.ndarray
    mark: np.ndarray
    queue: np.ndarray
    group: np.ndarray
    second: np.ndarray
    counter: np.ndarray
    random: np.ndarray


class Prices(NamedTuple):
    """What the search weighs against inertia (about 1 in all).

    breach: price of one unit of weight share beyond what a territory may hold. cut: price of one neighbour pair parted.
    """

    breach: float
    cut: float


@nb.njit(**BARE)
def tally(board):
    """Recount what every territory holds and which units lie on a border."""
    board.held[:] = 0.0
    board.counter[SIZE] = 0
    for t in range(len(board.area)):
        area = board.area[t]
        area.mass, area.mx, area.my, area.mq, area.count, area.given, area.taken = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for u in range(len(board.unit)):
        board.unit[u].slot = -1
        add(board, u, board.unit[u].territory, 1.0)
    for u in range(len(board.unit)):
        refresh(board, u)


@nb.njit(**BARE_HOT)
def add(board, u, t, sign):
    """Count unit `u` into (sign 1) or out of (sign -1) territory `t`."""
    unit, area = board.unit[u], board.area[t]
    mass = sign * unit.mass
    area.mass += mass
    area.mx += mass * unit.x
    area.my += mass * unit.y
    area.mq += mass * (unit.x * unit.x + unit.y * unit.y)
    area.count += sign
    for c in range(board.weight.shape[1]):
        board.held[t, c] += sign * board.weight[u, c]
    if unit.ruled and unit.home >= 0 and unit.home != t:
        area.taken += sign * board.accounts[u]
        board.area[unit.home].given += sign * board.accounts[u]


@nb.njit(**BARE_HOT)
def refresh(board, u):
    """Put unit `u` on the list of border units, or take it off."""
    unit, foreign = board.unit[u], False
    for p in range(board.indptr[u], board.indptr[u + 1]):
        if board.unit[board.indices[p]].territory != unit.territory:
            foreign = True
            break
    if foreign and unit.slot < 0:
        unit.slot = board.counter[SIZE]
        board.border[unit.slot] = u
        board.counter[SIZE] += 1
    elif not foreign and unit.slot >= 0:
        board.counter[SIZE] -= 1
        last = board.border[board.counter[SIZE]]
        board.border[unit.slot] = last
        board.unit[last].slot = unit.slot
        unit.slot = -1


@nb.njit(**BARE_HOT)
def spread(area, mass, mx, my, mq):
    """Return the inertia of a territory with these sums added, the share `pull` of it measured to its base."""
    mass, mx, my, mq = area.mass + mass, area.mx + mx, area.my + my, area.mq + mq
    if mass <= 0.0:
        return 0.0
    own = mq - (mx * mx + my * my) / mass
    if area.pull == 0.0:
        return own
    based = mq - 2.0 * (area.base_x * mx + area.base_y * my) + mass * (area.base_x * area.base_x + area.base_y * area.base_y)
    return (1.0 - area.pull) * own + area.pull * based


@nb.njit(**BARE_HOT)
def breach(held, low, high, target):
    """Return how much weight share a territory holds outside low…high, counting far outside more than in proportion.

    Being convex, it spreads a surplus that can't be absorbed at once over the neighbours, who pass it on.
    """
    over = max(0.0, max(low - held, held - high))
    return over * (1.0 + 10.0 * over / target)


@nb.njit(**BARE)
def standing(board, prices):
    """Return (inertia, breach, pairs parted, price of what left home) of the board as it is."""
    inertia, beyond, parted, left = 0.0, 0.0, 0, 0.0
    for t in range(len(board.area)):
        inertia += spread(board.area[t], 0.0, 0.0, 0.0, 0.0)
        for c in range(board.held.shape[1]):
            beyond += breach(board.held[t, c], board.low[t, c], board.high[t, c], board.area[t].target)
    for u in range(len(board.unit)):
        unit = board.unit[u]
        if unit.home >= 0 and unit.home != unit.territory:
            left += unit.stay
        for p in range(board.indptr[u], board.indptr[u + 1]):
            parted += board.unit[board.indices[p]].territory != unit.territory
    return inertia, beyond, parted // 2, left
