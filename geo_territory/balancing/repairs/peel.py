"""Hands units over a border one by one, both territories staying whole: compiled, for repairs that follow the hand."""

from __future__ import annotations

import numba as nb
import numpy as np

from geo_territory.balancing.border.board import FLAGS
from geo_territory.balancing.reasons.joints import mark


@nb.njit(**FLAGS)
def peel(indptr, indices, territory, share, place, free, giver, receiver, need, most):
    """Move units of `giver` that border `receiver` in `territory` (n,) until `need` of the weight share moved, never above `most`.

    Each time the unit is taken that is nearest to the receiver's centroid beside its own, among those `free` (n,) whose loss
    leaves the giver whole. Returns the units moved, in their order; too few when no more may go.
    """
    n = len(territory)
    moved, count, total = np.empty(n, np.int64), 0, 0.0
    joint = np.zeros(n, np.bool_)
    left = 0
    for u in range(n):
        left += territory[u] == giver
    while total < need and left > 1:
        joint[:] = False
        mark(indptr, indices, territory, giver, joint)
        ax, ay = centroid(territory, share, place, giver)
        bx, by = centroid(territory, share, place, receiver)
        best, least = -1, np.inf
        for u in range(n):
            if territory[u] != giver or joint[u] or not free[u] or total + share[u] > most:
                continue
            touches = False
            for p in range(indptr[u], indptr[u + 1]):
                touches = touches or territory[indices[p]] == receiver
            x, y = place[u, 0], place[u, 1]
            apart = (x - bx) ** 2 + (y - by) ** 2 - (x - ax) ** 2 - (y - ay) ** 2
            if touches and apart < least:
                best, least = u, apart
        if best < 0:
            break
        territory[best] = receiver
        moved[count] = best
        count += 1
        left -= 1
        total += share[best]
    return moved[:count]


@nb.njit(**FLAGS)
def centroid(territory, share, place, t):
    """Return the weighted centroid of a territory, every unit with a little weight of its own."""
    weight, x, y = 0.0, 0.0, 0.0
    for u in range(len(territory)):
        if territory[u] == t:
            w = share[u] + 1e-9
            weight += w
            x += w * place[u, 0]
            y += w * place[u, 1]
    return (x / weight, y / weight) if weight > 0 else (0.0, 0.0)
