"""First centres: bisection into equal shares, and which territory each becomes."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment
from sklearn.cluster import KMeans

from geo_territory.balancing.threads import thread_pools


def bisect(points: np.ndarray, mass: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Return (n,) groups holding shares of mass near `target` (k,), by recursive halving across the longest axis; n >= k.

    Source: Kalcsics, Nickel, Schroder, "Towards a unified territorial design approach", TOP 13(1), 2005 (recursive partitioning).
    """
    group = np.zeros(len(mass), np.int64)
    waiting = [(np.arange(len(mass)), np.arange(len(target)))]
    while waiting:
        units, labels = waiting.pop()
        if len(labels) == 1:
            group[units] = labels[0]
            continue
        half = len(labels) // 2
        order = units[np.argsort((points[units] - points[units].mean(0)) @ _longest_axis(points[units], mass[units]), kind="stable")]
        filled = np.cumsum(mass[order])
        cut = int(np.searchsorted(filled, filled[-1] * target[labels[:half]].sum() / target[labels].sum()))
        cut = min(max(cut, half), len(units) - (len(labels) - half))
        waiting += [(order[:cut], labels[:half]), (order[cut:], labels[half:])]
    return group


def _longest_axis(points: np.ndarray, mass: np.ndarray) -> np.ndarray:
    """Return the direction (2,) along which the mass spreads most."""
    centred = points - np.average(points, axis=0, weights=mass)
    axis = np.linalg.eigh((centred * mass[:, None]).T @ centred)[1][:, -1]
    return axis if (axis[0], axis[1]) > (0, 0) else -axis


def first_centers(points: np.ndarray, mass: np.ndarray, target: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Return centres (k, 2) of equal shares, from bisection in a randomly turned and squeezed plane."""
    angle, squeeze = random.uniform(0, np.pi), random.uniform(0.6, 1)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) * [1, squeeze]
    group = bisect(points @ turn, mass, target)
    held = np.bincount(group, mass, len(target))
    return np.column_stack([np.bincount(group, mass * p, len(target)) / held for p in points.T])


def scattered_centers(points: np.ndarray, mass: np.ndarray, k: int, random: np.random.Generator) -> np.ndarray:
    """Return centres (k, 2) of a short k-means weighted by mass: drawn far apart, heavy places first, then settled a little.

    Source: Arthur, Vassilvitskii, "k-means++: the advantages of careful seeding", SODA 2007; scikit-learn's KMeans.
    """
    step = max(1, len(points) // max(4000, 4 * k))  # sites lie along a curve: every so many-th of them cover all
    points, mass = points[::step], mass[::step]
    if len(np.unique(points, axis=0)) < k:
        return points[random.choice(len(points), k, replace=len(points) < k)]
    kmeans = KMeans(k, init="k-means++", n_init=1, max_iter=6, random_state=int(random.integers(2**31)))
    with thread_pools().limit(limits=1, user_api="openmp"):  # threads add up in any order: one gives the same centres every time
        return kmeans.fit(points, sample_weight=mass).cluster_centers_


def match_to_anchors(centers: np.ndarray, anchors: np.ndarray) -> np.ndarray:
    """Return the centres reordered so that territories with an anchor (finite row) get those nearest in all.

    Source: Kuhn 1955 (assignment problem).
    """
    anchored = np.flatnonzero(np.isfinite(anchors).all(1))
    if len(anchored) == 0:
        return centers
    apart = ((anchors[anchored, None] - centers[None]) ** 2).sum(2)
    row, col = linear_sum_assignment(apart)
    order = np.full(len(centers), -1)
    order[anchored[row]] = col
    order[order < 0] = np.setdiff1d(np.arange(len(centers)), col)
    return centers[order]
