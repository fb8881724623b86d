"""The two cheapest cells of every site of a power diagram, exactly, and sums over the cells, compiled with numba.

Sites lie in runs; a run's box decides which centres its sites need to look at. The difference of two power distances is linear
in the place, so its sign over a box is known from the box's middle and its half sides. Runs of nearby sites (`along_curve`) look
at few centres each. Sources: Kanungo, Mount, Netanyahu, Piatko, Silverman, Wu, "An efficient k-means clustering algorithm: analysis
and implementation", IEEE TPAMI 24(7), 2002 (filtering); Skilling, "Programming the Hilbert curve", AIP 707, 2004 (order of sites).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import numba as nb
import numpy as np

from geo_territory.balancing.border.board import FLAGS, HOT

RUN, RUNS = 32, 32  # sites in a run; runs in a stretch, which is looked at first
SHARE = 65_536  # sites worked on at a time: fixed shares, added up in order, give the same sums on any number of cores
TINY = 1e-30  # keeps divisions by nothing finite
SLACK = 1e-12  # of a squared distance: what rounding may hide
MASS, X, Y, SQUARED = 0, 1, 2, 3  # columns of the sums over a cell


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(os.cpu_count() or 1, "geo-territory-nearest")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_threads.cache_clear)  # a forked process has none of its parent's threads


def boxes_of(points: np.ndarray, length: int) -> np.ndarray:
    """Return (middle x, middle y, half width, half height) of every run of `length` sites, (runs, 4)."""
    first = np.arange(0, len(points), length)
    low, high = np.minimum.reduceat(points, first), np.maximum.reduceat(points, first)
    return np.column_stack([(low + high) / 2, (high - low) / 2])


def nearest_cells(points: np.ndarray, centers: np.ndarray, offset: np.ndarray) -> np.ndarray:
    """Return the cheapest cell of each point in a power diagram, (n,) int."""
    n, order = len(points), along_curve(points)
    near, second, gap = np.empty(n, np.int32), np.empty(n, np.int32), np.empty(n)
    cell = np.column_stack([centers, offset, np.arange(len(centers))])
    placed, free, nothing = points[order], np.full(n, -1), np.zeros(n)
    runs, stretches = boxes_of(placed, RUN), boxes_of(placed, RUN * RUNS)
    in_shares(lambda begin, end: survey(placed, nothing, free, runs, stretches, cell, begin, end, near, second, gap), n)
    out = np.empty(n, np.int64)
    out[order] = near
    return out


def along_curve(points: np.ndarray) -> np.ndarray:
    """Return the order (n,) of the points along a Hilbert curve: those near each other on it are near each other in the plane."""
    low = points.min(0)
    side = max(float((points - low).max()), 1e-300)
    number = _curve_number(np.ascontiguousarray((points - low) * (65_535 / side)))
    order = np.argsort((number & 65_535).astype(np.uint16), kind="stable")  # two passes of a radix sort
    return order[np.argsort((number >> 16).astype(np.uint16)[order], kind="stable")]


@nb.njit(**FLAGS)
def _curve_number(place):
    """Return how far along a Hilbert curve of 2^16 x 2^16 squares each place lies."""
    number = np.empty(len(place), np.uint32)
    for i in range(len(place)):
        x, y, d = np.int64(place[i, 0]), np.int64(place[i, 1]), np.int64(0)
        s = np.int64(32_768)
        while s > 0:
            right, up = np.int64((x & s) != 0), np.int64((y & s) != 0)
            d = 4 * d + ((3 * right) ^ up)
            turned = up - 1  # all bits set in a lower quarter, which is mirrored on the diagonal (the other one when on the right)
            flip = -right & turned
            x, y = x ^ flip, y ^ flip
            swap = (x ^ y) & turned
            x, y = x ^ swap, y ^ swap
            s >>= 1
        number[i] = d
    return number


def in_shares(work: Callable[[int, int], np.ndarray], sites: int) -> np.ndarray:
    """Return the sum of work(first, last) over fixed shares of the sites, several at a time."""
    bounds = [(first, min(first + SHARE, sites)) for first in range(0, sites, SHARE)]
    if len(bounds) == 1:
        return work(*bounds[0])
    parts = _threads().map(lambda bound: work(*bound), bounds)
    total = next(parts)
    for part in parts:
        total += part
    return total


@nb.njit(**HOT)
def rivals(box, cell, count, out):
    """Copy to `out` the centres of cell[:count] (rows x, y, offset, number) that are first or second somewhere in the box.

    Returns how many. A centre dearer than two others all over the box is neither.
    """
    first, second, least, next_ = 0, 0, np.inf, np.inf
    for j in range(count):
        d = (box[0] - cell[j, 0]) ** 2 + (box[1] - cell[j, 1]) ** 2 - cell[j, 2]
        if d < least:
            first, second, least, next_ = j, first, d, least
        elif d < next_:
            second, next_ = j, d
    kept = 0
    for j in range(count):
        d = (box[0] - cell[j, 0]) ** 2 + (box[1] - cell[j, 1]) ** 2 - cell[j, 2]
        near = d - least - 2 * (box[2] * abs(cell[j, 0] - cell[first, 0]) + box[3] * abs(cell[j, 1] - cell[first, 1]))
        if near > SLACK * (abs(d) + abs(least)):
            near = d - next_ - 2 * (box[2] * abs(cell[j, 0] - cell[second, 0]) + box[3] * abs(cell[j, 1] - cell[second, 1]))
            if near > SLACK * (abs(d) + abs(next_)):
                continue
        for c in range(4):
            out[kept, c] = cell[j, c]
        kept += 1
    return kept


@nb.njit(**HOT)
def two_cheapest(x, y, cell, count):
    """Return (row of the cheapest, row of the second, their power distances)."""
    first, second, least, next_ = 0, 0, np.inf, np.inf
    for j in range(count):
        d = (x - cell[j, 0]) ** 2 + (y - cell[j, 1]) ** 2 - cell[j, 2]
        if d < least:
            first, second, least, next_ = j, first, d, least
        elif d < next_:
            second, next_ = j, d
    return first, second, least, next_


@nb.njit(**FLAGS)
def survey(points, mass, forced, runs, stretches, cell, begin, end, near, second, gap):
    """Fill in cell, second best and gap of sites begin…end-1; return the sums over cells, (k, 4): mass, mass x, mass y, mass d^2.

    Forced sites go where they must, with an infinite gap. cell (k, 4): x, y, offset, number.
    """
    k = len(cell)
    sums, wide, close = np.zeros((k, 4)), np.empty((k, 4)), np.empty((k, 4))
    for s in range(begin // (RUN * RUNS), (end + RUN * RUNS - 1) // (RUN * RUNS)):
        some = rivals(stretches[s], cell, k, wide)
        for r in range(s * RUNS, min((s + 1) * RUNS, len(runs))):
            few = rivals(runs[r], wide, some, close)
            for i in range(r * RUN, min((r + 1) * RUN, end)):
                x, y = points[i, 0], points[i, 1]
                a, b, least, next_ = two_cheapest(x, y, close, few)
                t = np.int64(close[a, 3])
                second[i], gap[i] = np.int64(close[b, 3]), next_ - least
                squared = least + close[a, 2]
                if forced[i] >= 0:
                    t, gap[i] = forced[i], np.inf
                    squared = (x - cell[t, 0]) ** 2 + (y - cell[t, 1]) ** 2
                near[i] = t
                sums[t, MASS] += mass[i]
                sums[t, X] += mass[i] * x
                sums[t, Y] += mass[i] * y
                sums[t, SQUARED] += mass[i] * squared
    return sums


@nb.njit(**FLAGS)
def conductance(mass, near, second, gap, stick, band, keep, begin, end):
    """Return (k, k) mass per length of gap near each border of sites begin…end-1, one-sided.

    stick (k, k): the gap one cell radius from the border; band: share of it that counts as near; keep: share every pair keeps.
    """
    value = np.zeros(stick.shape)
    for i in range(begin, end):
        a, b = near[i], second[i]
        if gap[i] < np.inf:
            value[a, b] += mass[i] / stick[a, b] * (keep + (0.5 / band if gap[i] <= band * stick[a, b] else 0.0))
    return value


@nb.njit(**FLAGS)
def beside_borders(points, mass, near, second, gap, stick, band, centers, begin, end):
    """Return (2, k, k) over sites near borders of begin…end-1: mass per stick, and that times the offset difference wanted.

    Wanted: the difference of offsets (own minus other) that keeps the site's gap when the centres move to `centers`.
    """
    value = np.zeros((2, *stick.shape))
    for i in range(begin, end):
        a, b = near[i], second[i]
        if gap[i] <= band * stick[a, b]:
            x, y = points[i, 0], points[i, 1]
            own = (x - centers[a, 0]) ** 2 + (y - centers[a, 1]) ** 2
            other = (x - centers[b, 0]) ** 2 + (y - centers[b, 1]) ** 2
            value[0, a, b] += mass[i] / stick[a, b]
            value[1, a, b] += mass[i] / stick[a, b] * (own - other + gap[i])
    return value


@nb.njit(**FLAGS)
def yardsticks(centers, radius):
    """Return (k, k) the gap of a site one (smaller) cell radius from its border: a city cell beside a rural one needs the smaller."""
    k = len(centers)
    stick = np.full((k, k), TINY)
    for a in range(k):
        for b in range(a):
            apart = np.sqrt((centers[a, 0] - centers[b, 0]) ** 2 + (centers[a, 1] - centers[b, 1]) ** 2)
            stick[a, b] = stick[b, a] = 2 * apart * min(radius[a], radius[b]) + TINY
    return stick


@nb.njit(**FLAGS)
def laplacian(one_sided, hold):
    """Return the graph Laplacian (k, k) of the conductances added to their mirror image, `hold` times its mean diagonal added."""
    k = len(one_sided)
    matrix, total = np.zeros((k, k)), 0.0
    for a in range(k):
        for b in range(a):
            value = one_sided[a, b] + one_sided[b, a]
            matrix[a, b] = matrix[b, a] = -value
            matrix[a, a] += value
            matrix[b, b] += value
            total += 2 * value
    for a in range(k):
        matrix[a, a] += hold * total / k + TINY
    return matrix


@nb.njit(**FLAGS)
def nearest_within(wanted, low, high, total):
    """Return the nearest values to `wanted` between `low` and `high`, all (k,), that add up to `total`."""
    down, up = (low - wanted).min(), (high - wanted).max()
    for _ in range(60):
        shift = (down + up) / 2
        if np.minimum(np.maximum(wanted + shift, low), high).sum() < total:
            down = shift
        else:
            up = shift
    return np.minimum(np.maximum(wanted + shift, low), high)


@nb.njit(**FLAGS)
def shortest_tree(centers):
    """Return (from, to, squared length) of the edges of the shortest tree of the centres (Prim 1957)."""
    k = len(centers)
    parent, apart, joined = np.zeros(k, np.int64), np.full(k, np.inf), np.zeros(k, np.bool_)
    row, col, length, last = np.empty(k - 1, np.int64), np.empty(k - 1, np.int64), np.empty(k - 1), 0
    joined[0] = True
    for e in range(k - 1):
        best = -1
        for t in range(k):
            if joined[t]:
                continue
            d = (centers[t, 0] - centers[last, 0]) ** 2 + (centers[t, 1] - centers[last, 1]) ** 2
            if d < apart[t]:
                apart[t], parent[t] = d, last
            if best < 0 or apart[t] < apart[best]:
                best = t
        row[e], col[e], length[e] = parent[best], best, apart[best]
        joined[best], last = True, best
    return row, col, length
