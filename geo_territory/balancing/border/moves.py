"""Moves across borders that keep donor and receiver whole, compiled with numba.

A move hands one unit over, together with any small piece of the donor that only hung on that unit: a cape beyond a bay,
an island behind a bridge. Whether the donor stays whole is asked near the unit first; only when its neighbours don't meet
again there does the search widen, up to `reach` units.
Source: King, Jacobson, Sewell, "Efficient geo-graph contiguity and hole algorithms for geographic zoning and dynamic plane graph
partitioning", Mathematical Programming 149, 2015 (contiguity from the units around the one that moves).
"""

from __future__ import annotations

import numba as nb

from geo_territory.balancing.border.board import BARE, BARE_HOT, TICK, add, breach, refresh, spread

WHOLE, CLOSED, LARGE, MERGED = 0, 1, 2, 3


@nb.njit(**BARE)
def explore(board, u, start, base, piece, missing, reach):
    """Walk the donor's units around `u` from its neighbour `start`; return (finding, units seen, neighbours of `u` still missing).

    WHOLE: every wanted neighbour was met (first piece only). CLOSED: a piece that hangs on `u` alone, in queue[:seen].
    LARGE: `reach` units and more to come. MERGED: met a piece that was walked before.
    """
    donor, own = board.unit[u].territory, base + 1 + piece
    board.mark[start] = own
    board.queue[0] = start
    head, tail, missing = 0, 1, missing - 1
    while head < tail:
        if piece == 0 and missing == 0:
            return WHOLE, tail, missing
        if head >= reach:
            return LARGE, tail, missing
        v = board.queue[head]
        head += 1
        for p in range(board.indptr[v], board.indptr[v + 1]):
            t = board.indices[p]
            if board.unit[t].territory != donor or t == u or board.mark[t] == own:
                continue
            if board.mark[t] > base:
                return MERGED, tail, missing
            if board.mark[t] == base:
                missing -= 1
            board.mark[t] = own
            board.queue[tail] = t
            tail += 1
    return CLOSED, tail, missing


@nb.njit(**BARE)
def wanted_neighbors(board, u):
    """Mark the neighbours of `u` in its own territory with the current tick; return how many there are."""
    wanted = 0
    for p in range(board.indptr[u], board.indptr[u + 1]):
        v = board.indices[p]
        if board.unit[v].territory == board.unit[u].territory:
            board.mark[v] = board.counter[TICK]
            wanted += 1
    return wanted


@nb.njit(**BARE)
def detach(board, u, group, reach):
    """Put `u` and the pieces that hang on it alone in `group`; return how many units, or 0 when the donor would fall apart.

    reach: units to walk before two pieces count as apart; 0 when territories need not be whole.
    """
    if board.area[board.unit[u].territory].count < 1.5:
        return 0
    group[0] = u
    if reach == 0:
        return 1
    board.counter[TICK] += 1
    base = board.counter[TICK]
    missing = wanted_neighbors(board, u)
    board.counter[TICK] += board.indptr[u + 1] - board.indptr[u] + 1
    if missing <= 1:
        return 1
    size, piece, large, main_from, main_size = 1, 0, False, 0, 0
    for p in range(board.indptr[u], board.indptr[u + 1]):
        v = board.indices[p]
        if board.mark[v] != base:
            continue
        finding, seen, missing = explore(board, u, v, base, piece, missing, reach)
        piece += 1
        if finding == WHOLE:
            return 1
        if finding == LARGE:
            if large:
                return 0
            large = True
        elif finding == CLOSED:
            if seen > main_size:
                main_from, main_size = size, seen
            for q in range(seen):
                group[size + q] = board.queue[q]
            size += seen
    return take_strays(board, group, size, large, main_from, main_size)


@nb.njit(**BARE)
def take_strays(board, group, size, large, main_from, main_size):
    """Drop the main piece from the group unless a larger one was met; return the group's size, 0 when a stray is locked."""
    if not large:
        for q in range(main_from, size - main_size):
            group[q] = group[q + main_size]
        size -= main_size
    for q in range(1, size):
        if not board.unit[group[q]].free:
            return 0
    return size


@nb.njit(**BARE_HOT)
def may_go(board, u, receiver):
    """Return True when no rule keeps unit `u` alone from going to `receiver`: forbidden pairs, caps, locked territories.

    Whether the unit itself is locked, or holds a base, is `unit.free`. Costs one look at a flag where no rule is set.
    """
    return not board.unit[u].ruled or obeys(board, u, receiver)


@nb.njit(**BARE)
def obeys(board, u, receiver):
    """Return True when unit `u` alone may go to `receiver` by the rules."""
    for p in range(board.barred_from[u], board.barred_from[u + 1]):
        if board.barred[p] == receiver:
            return False
    unit, donor, new = board.unit[u], board.area[board.unit[u].territory], board.area[receiver]
    if new.shut > 0.0 or donor.shut > 0.0:
        return False
    moved = board.accounts[u]
    if moved == 0.0 or unit.home < 0:
        return True
    if unit.home == unit.territory and donor.given + moved > donor.most_given:
        return False
    return unit.home == receiver or new.taken + moved <= new.most_taken


@nb.njit(**BARE)
def may_go_together(board, group, size, receiver):
    """Return True when no rule keeps group[:size], all of one territory, from going to `receiver` at once."""
    donor, given, taken = board.unit[group[0]].territory, 0.0, 0.0
    for q in range(size):
        unit = board.unit[group[q]]
        if not unit.ruled:
            continue
        if not obeys(board, group[q], receiver):
            return False
        if unit.home >= 0:
            given += board.accounts[group[q]] if unit.home == donor else 0.0
            taken += board.accounts[group[q]] if unit.home != receiver else 0.0
    if given > 0.0 and board.area[donor].given + given > board.area[donor].most_given:
        return False
    return taken == 0.0 or board.area[receiver].taken + taken <= board.area[receiver].most_taken


@nb.njit(**BARE)
def hand_over(board, group, size, receiver):
    """Give the units group[:size], all of one territory, to `receiver`."""
    donor = board.unit[group[0]].territory
    for q in range(size):
        add(board, group[q], donor, -1.0)
        add(board, group[q], receiver, 1.0)
        board.unit[group[q]].territory = receiver
    for q in range(size):
        u = group[q]
        refresh(board, u)
        for p in range(board.indptr[u], board.indptr[u + 1]):
            refresh(board, board.indices[p])


@nb.njit(**BARE_HOT)
def spread_change(board, group, size, receiver):
    """Return by how much the inertia changes when group[:size] goes to `receiver`."""
    mass, mx, my, mq = 0.0, 0.0, 0.0, 0.0
    for q in range(size):
        unit = board.unit[group[q]]
        mass += unit.mass
        mx += unit.mass * unit.x
        my += unit.mass * unit.y
        mq += unit.mass * (unit.x * unit.x + unit.y * unit.y)
    a, b = board.area[board.unit[group[0]].territory], board.area[receiver]
    before = spread(a, 0.0, 0.0, 0.0, 0.0) + spread(b, 0.0, 0.0, 0.0, 0.0)
    return spread(a, -mass, -mx, -my, -mq) + spread(b, mass, mx, my, mq) - before


@nb.njit(**BARE_HOT)
def breach_change(board, group, size, receiver):
    """Return by how much the weight outside what territories may hold changes, over all criteria."""
    donor, change = board.unit[group[0]].territory, 0.0
    ta, tb = board.area[donor].target, board.area[receiver].target
    for c in range(board.weight.shape[1]):
        part = 0.0
        for q in range(size):
            part += board.weight[group[q], c]
        a, b = board.held[donor, c], board.held[receiver, c]
        low, high = board.low[donor, c], board.high[donor, c]
        change += breach(a - part, low, high, ta) - breach(a, low, high, ta)
        low, high = board.low[receiver, c], board.high[receiver, c]
        change += breach(b + part, low, high, tb) - breach(b, low, high, tb)
    return change


@nb.njit(**BARE_HOT)
def border_change(board, group, size, receiver):
    """Return (change in neighbour pairs parted, change in the price of what left home)."""
    donor, parted, left = board.unit[group[0]].territory, 0, 0.0
    board.counter[TICK] += 1
    inside = board.counter[TICK]
    for q in range(size):
        board.mark[group[q]] = inside
    for q in range(size):
        u = group[q]
        if board.unit[u].home == donor:
            left += board.unit[u].stay
        elif board.unit[u].home == receiver:
            left -= board.unit[u].stay
        for p in range(board.indptr[u], board.indptr[u + 1]):
            v = board.indices[p]
            if board.unit[v].territory == receiver:
                parted -= 1
            elif board.unit[v].territory == donor and board.mark[v] != inside:
                parted += 1
    return parted, left


@nb.njit(**BARE)
def change(board, prices, group, size, receiver):
    """Return by how much the objective changes when group[:size] goes to `receiver`."""
    parted, left = border_change(board, group, size, receiver)
    beyond = breach_change(board, group, size, receiver)
    return spread_change(board, group, size, receiver) + prices.breach * beyond + prices.cut * parted + left
