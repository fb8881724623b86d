"""The border search: annealed moves, swaps and chains; descent to a local optimum; flows along the territory graph.

Single moves, two-unit swaps (A gives to B, B gives to A) and chains (A gives to B gives to C) are all built from `moves`.
Sources: Kirkpatrick, Gelatt, Vecchi 1983 (annealing); Rios-Mercado, Fernandez 2009 (local search for territory design).
"""

from __future__ import annotations

import numba as nb
import numpy as np

from geo_territory.balancing.border.board import BARE, BARE_HOT, FLAGS, SIZE, standing
from geo_territory.balancing.border.moves import change, detach, hand_over, may_go, may_go_together
from geo_territory.balancing.border.pool import note

SURE = 1e-13  # an improvement smaller than this is rounding


@nb.njit(**BARE_HOT)
def uniform(state):
    """Return a random number in [0, 1) (xorshift64*, Vigna 2016)."""
    z = state[0]
    z ^= z >> np.uint64(12)
    z ^= z << np.uint64(25)
    z ^= z >> np.uint64(27)
    state[0] = z
    return np.float64((z * np.uint64(2685821657736338717)) >> np.uint64(11)) / 9007199254740992.0


@nb.njit(**BARE_HOT)
def foreign_neighbor(board, u):
    """Return the territory of a random neighbour of `u`, -1 when it is its own."""
    degree = board.indptr[u + 1] - board.indptr[u]
    if degree == 0:
        return -1
    other = board.unit[board.indices[board.indptr[u] + np.int64(uniform(board.random) * degree)]].territory
    return -1 if other == board.unit[u].territory else other


@nb.njit(**BARE_HOT)
def accepted(board, delta, temperature):
    """Return the verdict of the Metropolis rule."""
    return delta <= 0.0 or (delta < 30.0 * temperature and uniform(board.random) < np.exp(-delta / temperature))


@nb.njit(**BARE)
def try_move(board, prices, temperature, reach):
    """Try to hand a random border unit to a random neighbour; return True when done."""
    u = board.border[np.int64(uniform(board.random) * board.counter[SIZE])]
    receiver = foreign_neighbor(board, u)
    if receiver < 0 or not board.unit[u].free or not may_go(board, u, receiver):
        return False
    board.group[0] = u
    delta = change(board, prices, board.group, 1, receiver)
    if not accepted(board, delta, temperature):
        return False
    size = detach(board, u, board.group, reach)
    if size == 0:
        return False
    if size > 1 and not may_go_together(board, board.group, size, receiver):
        return False
    if size > 1 and not accepted(board, change(board, prices, board.group, size, receiver), temperature):
        return False
    hand_over(board, board.group, size, receiver)
    return True


@nb.njit(**BARE)
def partner(board, giver, tries):
    """Return a random free border unit of territory `giver`, -1 when none was met."""
    for _ in range(tries):
        v = board.border[np.int64(uniform(board.random) * board.counter[SIZE])]
        if board.unit[v].territory == giver and board.unit[v].free:
            return v
    return -1


@nb.njit(**BARE)
def try_chain(board, prices, temperature, reach):
    """Try A gives to B gives to C, a swap when C is A; judged as one move, taken back when refused."""
    u = board.border[np.int64(uniform(board.random) * board.counter[SIZE])]
    donor, between = board.unit[u].territory, foreign_neighbor(board, u)
    if between < 0 or not board.unit[u].free:
        return False
    v = partner(board, between, 2 * len(board.area))
    if v < 0:
        return False
    last = foreign_neighbor(board, v)
    size = detach(board, u, board.group, reach) if last >= 0 and may_go(board, u, between) else 0
    if size == 0 or (size > 1 and not may_go_together(board, board.group, size, between)):
        return False
    first = change(board, prices, board.group, size, between)
    hand_over(board, board.group, size, between)
    more = detach(board, v, board.second, reach) if may_go(board, v, last) and touches(board, v, last) else 0
    if more > 1 and not may_go_together(board, board.second, more, last):
        more = 0
    if more > 0 and accepted(board, first + change(board, prices, board.second, more, last), temperature):
        hand_over(board, board.second, more, last)
        return True
    hand_over(board, board.group, size, donor)
    return False


@nb.njit(**BARE_HOT)
def touches(board, u, territory):
    """Return True when `u` has a neighbour in `territory`."""
    met = False
    for p in range(board.indptr[u], board.indptr[u + 1]):
        met |= board.unit[board.indices[p]].territory == territory
    return met


@nb.njit(**BARE)
def within(board):
    """Return True when no territory holds too much or too little of any criterion."""
    for t in range(len(board.area)):
        for c in range(board.held.shape[1]):
            if board.held[t, c] < board.low[t, c] or board.held[t, c] > board.high[t, c]:
                return False
    return True


@nb.njit(**BARE)
def remember(board, prices, best, kept):
    """Copy the territories to `kept` (n,) when they are better than `best` (1,)."""
    inertia, _, parted, left = standing(board, prices)
    value = inertia + prices.cut * parted + left
    if value < best[0]:
        best[0] = value
        for u in range(len(kept)):
            kept[u] = board.unit[u].territory


@nb.njit(**BARE)
def anneal(board, prices, steps, hot, cold, chains, reach, best, kept, pool):
    """Make `steps` tries while the temperature falls from `hot` to `cold`; `chains` is the share of tries with two moves.

    The best territories met within tolerance are left in `kept` (n,) and their value in `best` (1,); balanced ones in the pool.
    """
    temperature, fall, rest = hot, (cold / hot) ** (64.0 / max(steps, 64)), 0
    for step in range(steps):
        if step % 64 == 63:
            temperature *= fall
        if board.counter[SIZE] == 0:
            return
        if uniform(board.random) < chains:
            moved = try_chain(board, prices, temperature, reach)
        else:
            moved = try_move(board, prices, temperature, reach)
        if moved and len(pool.value) > 0:
            note(board, prices, pool)
        if moved and step >= rest and within(board):
            remember(board, prices, best, kept)
            rest = step + len(kept) // 16


@nb.njit(**BARE)
def best_receiver(board, prices, u):
    """Return (receiver, change) of the best move of unit `u` alone."""
    best, least = -1, -SURE
    board.group[0] = u
    for p in range(board.indptr[u], board.indptr[u + 1]):
        receiver = board.unit[board.indices[p]].territory
        if receiver != board.unit[u].territory and receiver != best and may_go(board, u, receiver):
            delta = change(board, prices, board.group, 1, receiver)
            if delta < least:
                best, least = receiver, delta
    return best, least


@nb.njit(**FLAGS)
def descend(board, prices, reach):
    """Try every border unit once and keep what improves; return the number of moves made."""
    done, waiting = 0, board.border[: board.counter[SIZE]].copy()
    for u in waiting:
        if not board.unit[u].free:
            continue
        receiver, _ = best_receiver(board, prices, u)
        if receiver < 0:
            continue
        size = detach(board, u, board.group, reach)
        if size == 0 or (size > 1 and not may_go_together(board, board.group, size, receiver)):
            continue
        if size > 1 and change(board, prices, board.group, size, receiver) > -SURE:
            continue
        hand_over(board, board.group, size, receiver)
        done += 1
    return done


@nb.njit(**BARE)
def weight_of(board, group, size):
    """Return the mean weight share of group[:size] over the criteria."""
    total = 0.0
    for q in range(size):
        for c in range(board.weight.shape[1]):
            total += board.weight[group[q], c]
    return total / board.weight.shape[1]


@nb.njit(**BARE)
def push(board, order, wanted, reach):
    """Move the units of `order` where a flow is still `wanted` (k, k), nearest receiver first; return the number moved."""
    done = 0
    for u in order:
        donor, receiver, least = board.unit[u].territory, -1, np.inf
        board.group[0] = u
        part = weight_of(board, board.group, 1)
        for p in range(board.indptr[u], board.indptr[u + 1]):
            t = board.unit[board.indices[p]].territory
            if t != donor and wanted[donor, t] > 0.5 * part and may_go(board, u, t):
                dx = board.unit[u].x - board.area[t].mx / board.area[t].mass
                dy = board.unit[u].y - board.area[t].my / board.area[t].mass
                if dx * dx + dy * dy < least:
                    receiver, least = t, dx * dx + dy * dy
        size = detach(board, u, board.group, reach) if receiver >= 0 and board.unit[u].free else 0
        part = weight_of(board, board.group, size)
        if size == 0 or wanted[donor, receiver] <= 0.5 * part or (size > 1 and not may_go_together(board, board.group, size, receiver)):
            continue
        wanted[donor, receiver] -= part
        wanted[receiver, donor] += part
        hand_over(board, board.group, size, receiver)
        done += 1
    return done
