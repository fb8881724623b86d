"""Exact balance for given centres: mass is shipped from cell to cell along shortest paths, compiled with numba.

Towns far apart have no sites near a common border, and sites on one place change cells all at once: there the slope of the dual
says nothing and Newton steps stall. Sites in a power diagram are shared out at the least inertia for what its cells hold; shipping
along shortest paths keeps that true (successive shortest paths, Ahuja, Magnanti, Orlin, "Network Flows", 1993, ch. 9.7), on the
graph of the k cells instead of that of the n sites. The offsets are read off the lengths of the shortest paths, halfway between
the least and the most they may be.
"""

from __future__ import annotations

import numba as nb
import numpy as np

from geo_territory.balancing.border.board import FLAGS

LEAST = 1e-9  # share of the mass that may stay where it is too much, and of the largest squared distance that isn't worth a journey
ROUNDING = 1e-13  # of that distance: what rounding may hide


@nb.njit(**FLAGS)
def ship(points, mass, near, forced, centers, target, low, high, most):
    """Return (cell of each site, offsets) of the least inertia with every cell between `low` and `high`, all (k,).

    near (n,) is that of any power diagram with these centres; mass is shipped until cells hold their `target`, then on while that
    lowers the inertia and keeps within `low` and `high`. most: journeys from a cell to another. Sites may be split between cells
    on the way; in the end each is where most of it is.
    """
    n, k = len(mass), len(centers)
    room = n + most
    site, part, cell = np.empty(room, np.int64), np.empty(room), np.full(room, -1)
    after, before, head = np.full(room, -1), np.full(room, -1), np.full(k, -1)
    held, far, little = np.zeros(k), 16 * _width(points, centers), LEAST * mass.sum()
    for i in range(n):
        site[i], part[i] = i, mass[i]
        held[near[i]] += mass[i]
        if forced[i] < 0:
            _enter(i, near[i], cell, after, before, head)
    dear, leaves = np.full((k, k), far), np.full((k, k), -1)
    for a in range(k):
        _look(a, site, after, head, points, centers, dear, leaves, far)
    used, floor, ceiling = n, target, target
    for _ in range(most):
        last, came, length = _shortest(held - floor > little, ceiling - held > little, dear, leaves, ROUNDING * far)
        if last < 0 or (floor is low and length >= -LEAST * far):
            if floor is low:
                break
            floor, ceiling = low, high
            continue
        if used + k > room:
            break
        amount = _amount(last, came, held - floor, ceiling[last] - held[last], part, leaves)
        used = _send(last, came, amount, little, held, site, part, cell, after, before, head, used, points, centers, dear, leaves, far)
    return _mostly(n, used, site, part, cell, near), _offsets(dear, held - low > little, high - held > little)


@nb.njit(**FLAGS)
def _width(points, centers):
    """Return the squared diagonal of the box around the points and centres."""
    width = 1e-300
    for c in range(2):
        low, high = min(points[:, c].min(), centers[:, c].min()), max(points[:, c].max(), centers[:, c].max())
        width += (high - low) ** 2
    return width


@nb.njit(**FLAGS)
def _enter(p, a, cell, after, before, head):
    """Put parcel p into cell a."""
    cell[p], after[p], before[p] = a, head[a], -1
    if head[a] >= 0:
        before[head[a]] = p
    head[a] = p


@nb.njit(**FLAGS)
def _leave(p, cell, after, before, head):
    """Take parcel p out of its cell."""
    if before[p] >= 0:
        after[before[p]] = after[p]
    else:
        head[cell[p]] = after[p]
    if after[p] >= 0:
        before[after[p]] = before[p]


@nb.njit(**FLAGS)
def _weigh(p, a, site, points, centers, dear, leaves):
    """Note to which cells parcel p of cell a would go at less than the others of that cell."""
    x, y = points[site[p], 0], points[site[p], 1]
    own = (x - centers[a, 0]) ** 2 + (y - centers[a, 1]) ** 2
    for b in range(len(centers)):
        more = (x - centers[b, 0]) ** 2 + (y - centers[b, 1]) ** 2 - own
        if b != a and more < dear[a, b]:
            dear[a, b], leaves[a, b] = more, p


@nb.njit(**FLAGS)
def _look(a, site, after, head, points, centers, dear, leaves, far):
    """Find the cheapest parcel from cell a to each other cell."""
    dear[a], leaves[a] = far, -1
    p = head[a]
    while p >= 0:
        _weigh(p, a, site, points, centers, dear, leaves)
        p = after[p]


@nb.njit(**FLAGS)
def _shortest(gives, takes, dear, leaves, rounding):
    """Return (cell that takes and is cheapest to reach from one that gives or -1, the cell before each on its path, what it costs)."""
    k = len(gives)
    length, came, news = np.where(gives, 0.0, np.inf), np.full(k, -1), gives.copy()
    for _ in range(k):
        for a in range(k):
            if not news[a]:
                continue
            news[a] = False
            for b in range(k):
                if length[a] + dear[a, b] < length[b] - rounding and leaves[a, b] >= 0:
                    length[b], came[b], news[b] = length[a] + dear[a, b], a, True
        if not news.any():
            break
    last = -1
    for b in range(k):
        if takes[b] and came[b] >= 0 and (last < 0 or length[b] < length[last]):
            last = b
    return last, came, length[last]


@nb.njit(**FLAGS)
def _amount(last, came, spare, wanted, part, leaves):
    """Return how much can go along the path that ends in `last`."""
    amount, b = wanted, last
    for _ in range(len(came)):
        if came[b] < 0:
            break
        amount, b = min(amount, part[leaves[came[b], b]]), came[b]
    return min(amount, spare[b])


@nb.njit(**FLAGS)
def _send(last, came, amount, little, held, site, part, cell, after, before, head, used, points, centers, dear, leaves, far):
    """Ship this amount along the path that ends in `last`; return the number of parcels."""
    b, steps = last, 0
    while came[b] >= 0 and steps < len(came):
        b, steps = came[b], steps + 1
    held[b], held[last] = held[b] - amount, held[last] + amount
    path, b = np.full(steps, -1), last
    for s in range(steps):
        path[s], b = leaves[came[b], b], came[b]
    b = last
    for s in range(steps):
        p, a = path[s], came[b]
        if part[p] - amount > little:
            part[p] -= amount
            p, site[used], part[used] = used, site[p], amount
            used += 1
        else:
            _leave(p, cell, after, before, head)
        _enter(p, b, cell, after, before, head)
        _weigh(p, b, site, points, centers, dear, leaves)
        b = a
    b = last
    for s in range(steps):
        a = came[b]
        if cell[path[s]] != a:
            _look(a, site, after, head, points, centers, dear, leaves, far)
        b = a
    return used


@nb.njit(**FLAGS)
def _mostly(n, used, site, part, cell, near):
    """Return the cell of each site that holds the largest part of it."""
    largest, where = np.zeros(n), near.copy()
    for p in range(used):
        if cell[p] >= 0 and part[p] > largest[site[p]]:
            largest[site[p]], where[site[p]] = part[p], cell[p]
    return where


@nb.njit(**FLAGS)
def _offsets(dear, gives, takes):
    """Return offsets (k,) that keep every parcel where it is, in the middle of all those.

    No cell is dearer than `dear` to another, none that takes more is cheaper than one that gives (row k: the price in between).
    """
    k = len(dear)
    length = np.full((k + 1, k + 1), dear.max())
    length[:k, :k] = dear
    for a in range(k):
        length[k, a] = 0.0 if gives[a] else length[k, a]
        length[a, k] = 0.0 if takes[a] else length[a, k]
    for a in range(k + 1):
        length[a, a] = 0.0
    for c in range(k + 1):
        for a in range(k + 1):
            for b in range(k + 1):
                length[a, b] = min(length[a, b], length[a, c] + length[c, b])
    offset = np.zeros(k)
    for b in range(k):
        for r in range(k + 1):
            offset[b] += (length[r, b] - length[b, r]) / (2 * k + 2)
    return offset
