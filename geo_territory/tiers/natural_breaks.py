"""Fisher-Jenks natural breaks, exact at any size (F4)."""

from __future__ import annotations

import numpy as np
import pandas as pd


def natural_breaks(values: np.ndarray, groups: int) -> np.ndarray:
    """Return the lowest value of each group but the first, rising: the breaks that minimise the variance within groups.

    `values` are finite numbers of shape (n,), `groups` is 1 or more; equal values never part, so fewer distinct
    values than groups give fewer breaks. Exact dynamic programming in O(groups n log n): the best start of the
    last group never falls as the range grows, so each row of the table is filled by halving.
    Source: Fisher, "On grouping for maximum homogeneity", JASA 53 (1958), doi:10.1080/01621459.1958.10501479.
    """
    level, count = np.unique(np.asarray(values, float), return_counts=True)
    groups = min(groups, len(level))
    if groups < 2:
        return np.array([])
    sums = _Sums(level, count)
    ends = np.arange(len(level))
    within = sums.variance(np.zeros(len(level), int), ends)
    starts = []
    for group in range(1, groups):
        within, start = _one_more_group(within, sums, group)
        starts.append(start)
    breaks, end = [], len(level) - 1
    for start in reversed(starts):
        breaks.append(level[start[end]])
        end = start[end] - 1
    return np.array(breaks[::-1])


def goodness_of_variance_fit(values: pd.Series, group: pd.Series) -> float | None:
    """Return GVF = 1 - SSW / SST in [0, 1] of `values` parted into `group` (F4); None when the values don't vary."""
    known = values.dropna()
    total = ((known - known.mean()) ** 2).sum()
    if known.empty or total == 0:
        return None
    within = known.groupby(group.reindex(known.index)).transform("mean")
    return float(1 - ((known - within) ** 2).sum() / total)


class _Sums:
    """Prefix sums over rising distinct values, scaled to unit spread so that any currency keeps its precision."""

    def __init__(self, level: np.ndarray, count: np.ndarray) -> None:
        scaled = (level - np.average(level, weights=count)) / (level[-1] - level[0])
        self.number = np.concatenate([[0], np.cumsum(count)])
        self.total = np.concatenate([[0], np.cumsum(count * scaled)])
        self.square = np.concatenate([[0], np.cumsum(count * scaled**2)])

    def variance(self, first: np.ndarray, last: np.ndarray) -> np.ndarray:
        """Return the squared deviations from the mean of the values `first` to `last`, both included."""
        number, total, square = (s[last + 1] - s[first] for s in (self.number, self.total, self.square))
        return np.maximum(square - total**2 / number, 0)


def _one_more_group(within: np.ndarray, sums: _Sums, group: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the least variance up to each value in one more group, and where that group starts.

    `within` is the least variance in `group` groups; a range must hold a value for each group. All ranges that
    halve at the same depth are filled together.
    """
    n = len(within)
    best, start = np.full(n, np.inf), np.zeros(n, int)
    low, high = np.array([group]), np.array([n - 1])
    first, last = np.array([group]), np.array([n - 1])
    while low.size:
        middle = (low + high) // 2
        stop = np.minimum(last, middle)
        width = stop - first + 1
        offset = np.concatenate([[0], np.cumsum(width)[:-1]])
        owner = np.repeat(np.arange(len(middle)), width)
        candidate = np.arange(width.sum()) - offset[owner] + first[owner]
        variance = within[candidate - 1] + sums.variance(candidate, middle[owner])
        least = np.minimum.reduceat(variance, offset)
        hit = np.flatnonzero(variance == least[owner])
        chosen = candidate[hit[np.searchsorted(owner[hit], np.arange(len(middle)))]]
        best[middle], start[middle] = least, chosen
        left, right = low < middle, middle < high
        low, high, first, last = (
            np.concatenate([low[left], middle[right] + 1]),
            np.concatenate([middle[left] - 1, high[right]]),
            np.concatenate([first[left], chosen[right]]),
            np.concatenate([chosen[left], last[right]]),
        )
    return best, start
