"""What each territory may hold of each criterion: the tolerance around its share, and the least and most asked for.

Where the two exclude each other, or what is forced into a territory exceeds them, the band moves as little as possible and the
other territories share the rest evenly.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from geo_territory.balancing.problem import Problem

LEAST = 1e-9  # share aimed at where a territory is locked without weight: what it holds is compared with it


class Bands(NamedTuple):
    """Shares of each criterion's total, all (k, m): what to aim at, the least and the most to hold."""

    target: np.ndarray
    low: np.ndarray
    high: np.ndarray


def limits_of(problem: Problem) -> tuple[np.ndarray, np.ndarray]:
    """Return (least, most) as shares of each criterion's total, (k, m); 0 and infinite without a limit."""
    shape, total = (problem.territories, problem.criteria), problem.weight.sum(0)
    least = np.zeros(shape) if problem.least is None else np.nan_to_num(problem.least, nan=0.0) / total
    most = np.full(shape, np.inf) if problem.most is None else np.where(np.isnan(problem.most), np.inf, problem.most) / total
    return least, most


def asked_bands(problem: Problem, tolerance: np.ndarray) -> Bands:
    """Return the bands as they are asked for, low above high where tolerance (m,) and limits exclude each other."""
    least, most = limits_of(problem)
    target = np.repeat(problem.target[:, None], problem.criteria, axis=1)
    return Bands(target, np.maximum(target * (1 - tolerance), least), np.minimum(target * (1 + tolerance), most))


def reachable_bands(problem: Problem, tolerance: np.ndarray, forced: np.ndarray, shut: np.ndarray) -> Bands:
    """Return bands some sharing of the total can keep, given the units `forced` (n,) into territories, `shut` (k,) holding no others."""
    inside, k = forced >= 0, problem.territories
    asked, (least, most) = asked_bands(problem, tolerance), limits_of(problem)
    columns = []
    for c in range(problem.criteria):
        held = np.bincount(forced[inside], problem.share[inside, c], k)
        bands = Bands(*(band[:, c] for band in asked))
        columns.append(_reachable(bands, held, shut, least[:, c], most[:, c], tolerance[c]))
    return Bands(*(np.column_stack(column) for column in zip(*columns, strict=True)))


def _reachable(asked: Bands, held: np.ndarray, shut: np.ndarray, least: np.ndarray, most: np.ndarray, tolerance: float) -> Bands:
    """Return the bands of one criterion, all (k,)."""
    low, high = np.where(shut, held, asked.low), np.where(shut, held, asked.high)
    target = asked.target
    if (low > high).any() or (held > high * (1 + 1e-12)).any() or low.sum() > 1 or high.sum() < 1:
        target = _shared_anew(asked, held, shut, least, most)
        low = np.clip(target * (1 - tolerance), np.minimum(least, most), most)
        high = np.maximum(np.clip(target * (1 + tolerance), np.minimum(least, most), most), held)
    elif (target < low).any() or (target > high).any():
        target = _scaled(target, low, high)
    low, high = np.where(shut, held * (1 - tolerance), low), np.where(shut, held * (1 + tolerance), high)
    return Bands(np.maximum(target, LEAST), np.minimum(low, high), high)


def _shared_anew(asked: Bands, held: np.ndarray, shut: np.ndarray, least: np.ndarray, most: np.ndarray) -> np.ndarray:
    """Return targets in which those that can't be in their band have what comes nearest, the others the rest by capacity."""
    wanted = asked.target
    target, fixed = wanted.copy(), np.zeros(len(wanted), bool)
    low, high = asked.low / wanted, asked.high / wanted
    nearest = np.where(shut, held, np.clip(np.maximum(wanted, held), np.minimum(least, most), np.maximum(most, held)))
    for _ in range(len(wanted)):
        out = (held > target * np.maximum(high, 1)) | (least > target * np.maximum(high, 1)) | (most < target * np.minimum(low, 1)) | shut
        more = ~fixed & out
        if not more.any() or (fixed | more).all():
            break
        fixed |= more
        rest = 1 - nearest[fixed].sum()
        if rest <= 0:
            return wanted
        target = np.where(fixed, nearest, wanted * rest / wanted[~fixed].sum())
    return target


def _scaled(target: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Return the targets times one factor, cut to low…high, so that they add up to 1 (low.sum() <= 1 <= high.sum())."""
    small, large = 0.0, float((high / target).max()) + 1
    for _ in range(60):
        factor = (small + large) / 2
        if np.clip(factor * target, low, high).sum() < 1:
            small = factor
        else:
            large = factor
    return np.clip(factor * target, low, high)
