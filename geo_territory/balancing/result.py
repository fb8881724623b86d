"""What a solve hands back, and the measures of any sharing out of a problem."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo_territory.balancing.bands import limits_of
from geo_territory.balancing.diagram import power
from geo_territory.balancing.diagram.nearest import along_curve
from geo_territory.balancing.problem import Problem
from geo_territory.contiguity import pieces

ROUNDING = 1e-12  # of a territory's share, what adding up in another order may change
FEW = 50_000  # sites the bound's offsets are found on first
LOOSE = 0.98  # of the inertia, bounds below which are looked at again exactly


@dataclass(frozen=True, eq=False)
class Result:
    """An alignment found by `solve`, measured.

    territory: (n,) int in 0…k-1. imbalance: max over territories and criteria of abs(weight / target - 1), a fraction.
    inertia: weight times squared distance [m^2] to the weighted centroid, summed; for several criteria the weight is the mean of
    their shares times the first criterion's total. bound: no sharing of the units within the tolerance (or this imbalance, when larger)
    has less, measured to these centroids; see `bound_of` for what exactly is proved.
    gap: inertia / bound - 1, infinite when the bound is 0.
    pieces: (k,) pieces of each territory, 1 is whole; all 1 for a problem without neighbors. disruption: share of weight that
    changes hands against `start`, None without one. stopped_by: why the search ended ("out of reach": balanced as
    far as a unit or lock too heavy allows). seconds: by phase and "total".
    within_tolerance: whether every criterion is within its tolerance and every territory within its limits. reasons: what stands in
    the way when something does, with the remedy.
    """

    territory: np.ndarray
    imbalance: float
    inertia: float
    bound: float
    pieces: np.ndarray
    disruption: float | None
    within_tolerance: bool
    reasons: tuple[str, ...]
    stopped_by: str
    seconds: dict[str, float]

    @property
    def gap(self) -> float:
        """How far the inertia is above the proved bound, a fraction."""
        if self.inertia <= 0:
            return 0.0
        return self.inertia / self.bound - 1 if self.bound > 0 else float("inf")


def imbalance_of(problem: Problem, territory: np.ndarray) -> float:
    """Return max over territories and criteria of abs(weight / (total x capacity share) - 1), a fraction."""
    held = np.column_stack([np.bincount(territory, w, problem.territories) for w in problem.share.T])
    return float(np.abs(held / problem.target[:, None] - 1).max())


def breaches_of(problem: Problem, territory: np.ndarray, tolerance: np.ndarray) -> np.ndarray:
    """Return how much of each criterion's total every territory holds beyond its tolerance (m,) or limits, (k, m): + over, - under."""
    held = np.column_stack([np.bincount(territory, w, problem.territories) for w in problem.share.T])
    target, (least, most) = problem.target[:, None], limits_of(problem)
    over = np.maximum(held - np.minimum(target * (1 + tolerance), most), 0.0)
    under = np.maximum(np.maximum(target * (1 - tolerance), least) - held, 0.0)
    return np.where(np.maximum(over, under) > ROUNDING * target, over - under, 0.0)


def inertia_of(problem: Problem, territory: np.ndarray) -> float:
    """Return weight times squared distance to the weighted centroids, summed [weight m^2]."""
    share = problem.share.mean(1)
    apart = problem.position - _centroids(problem, territory)[territory]
    return float((share * (apart**2).sum(1)).sum() * problem.weight[:, 0].sum())


def disruption_of(problem: Problem, territory: np.ndarray) -> float | None:
    """Return the share of weight that changes hands against `start`; None without a start."""
    if problem.start is None:
        return None
    moved = (problem.start >= 0) & (problem.start != territory)
    return float(problem.share.mean(1)[moved].sum())


def pieces_of(problem: Problem, territory: np.ndarray) -> np.ndarray:
    """Return the number of pieces of each territory, (k,) int."""
    if problem.neighbors is None:
        return (np.bincount(territory, minlength=problem.territories) > 0).astype(np.int64)
    return pieces(territory, problem.neighbors, problem.territories)


def bound_of(problem: Problem, territory: np.ndarray, tolerance: float) -> float:
    """Return a proved lower bound [weight m^2] on the inertia measured to the centroids of these territories.

    Proved: however the units are shared out among these territories (whole or split, connected or not, locks and rules kept or
    not), so long as each holds within `tolerance` of its capacity share (within what these territories are off, when that is more),
    the sum of weight times squared distance to the centroids of `territory` is no less. For several criteria weight is the mean
    of their shares, so the bound holds for every sharing that keeps each criterion within the tolerance. Bases play no part: inertia
    is measured to centroids. Alignments whose centroids lie elsewhere may have less: the bound says how far the units are from
    their best for these centres, not how good the centres are.
    Any offsets prove a bound (weak duality, see `power.lower_bound`); good ones come from balancing a power diagram about the
    centroids that holds what the territories hold, on fewer sites first. Units without weight play no part.
    """
    share = problem.share.mean(1)
    heavy = np.flatnonzero(share > 0)
    used = np.unique(territory[heavy])
    if len(used) < 2:
        return inertia_of(problem, territory) * (1 - 1e-9)
    middle = problem.position.mean(0)
    scale = max(float(np.ptp(problem.position, axis=0).max()), 1e-9)
    heavy = heavy[along_curve(problem.position[heavy])]
    points = (problem.position[heavy] - middle) / scale
    centers = (_centroids(problem, territory)[used] - middle) / scale
    held = np.bincount(np.searchsorted(used, territory[heavy]), share[heavy], len(used))
    sites = power.Sites(points, share[heavy], held, np.full(len(heavy), -1), np.zeros_like(centers), np.zeros(len(used)))
    few = sites.thinned(FEW) if len(heavy) > 2 * FEW else sites
    cells = power.balance(few, power.draw(few, centers, np.zeros(len(used))), 12, 1e-3)
    if few is not sites:
        cells = power.balance(sites, power.draw(sites, centers, cells.offset), 3, 1e-3)
    target = problem.target[used] + (1 - problem.target[used].sum()) / len(used)
    slack = max(tolerance, float(np.abs(held / target - 1).max()))
    aim, slack = sites.aiming_at(target), slack * (1 + 1e-12)
    bound = power.lower_bound(aim, cells, slack)
    if bound < LOOSE * inertia_of(problem, territory) / (scale**2 * problem.weight[:, 0].sum()) and power.few_enough(sites):
        shared = power.shared(aim, cells, slack)
        bound = max(bound, power.lower_bound(aim, power.draw(aim, centers, shared.offset), slack))
    return max(bound, 0.0) * scale**2 * problem.weight[:, 0].sum()


def _centroids(problem: Problem, territory: np.ndarray) -> np.ndarray:
    share, k = problem.share.mean(1), problem.territories
    held = np.bincount(territory, share, k)
    middle = np.column_stack([np.bincount(territory, share * p, k) for p in problem.position.T])
    with np.errstate(invalid="ignore"):
        return np.where(held[:, None] > 0, middle / np.where(held > 0, held, 1.0)[:, None], 0.0)
