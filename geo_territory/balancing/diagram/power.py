"""Balanced power diagrams: units go to the centre of least squared distance minus an offset, offsets chosen to balance.

A power diagram is the most compact way to share units out for given centres and weights held (Aurenhammer, Hoffmann, Aronov,
"Minkowski-type theorems and least-squares clustering", Algorithmica 20, 1998); moving each centre to its centroid and balancing
again gives balanced, centroidal cells (Cohen-Addad, Klein, Young, "Balanced centroidal power diagrams for redistricting",
SIGSPATIAL 2018, arXiv 1710.03358). The offsets maximise the transport dual, found by a damped Newton step whose Hessian is a
Laplacian over neighbouring cells (Kitagawa, Merigot, Thibert, "Convergence of a Newton algorithm for semi-discrete optimal
transport", J. Eur. Math. Soc. 21, 2019, arXiv 1603.05579). Nearest cells: see `nearest`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
from scipy import linalg
from scipy.linalg import lapack

from geo_territory.balancing.diagram import nearest
from geo_territory.balancing.diagram.nearest import MASS, SQUARED, X, Y
from geo_territory.balancing.diagram.shipping import ship

TINY = 1e-30
NEARLY = 0.1  # error below which a step that fails says that whole sites can't balance any better
ROUGH = 0.02  # error from which a step that fails may say that no site is near a border: then mass is shipped
SHIPPED = 500_000  # sites times cells up to which mass is shipped


@dataclass(frozen=True, eq=False)
class Sites:
    """What is shared out: points (n, 2), their mass (n,), the target (k,), forced (n,) cell or -1, and bases that pull centres.

    Any order of the sites gives the same diagram; one in which neighbours follow each other (`nearest.along_curve`) gives it sooner.
    """

    points: np.ndarray
    mass: np.ndarray
    target: np.ndarray
    forced: np.ndarray
    base: np.ndarray
    pull: np.ndarray

    @cached_property
    def boxes(self) -> tuple[np.ndarray, np.ndarray]:
        """The boxes of the runs of sites, and of the stretches of runs."""
        return nearest.boxes_of(self.points, nearest.RUN), nearest.boxes_of(self.points, nearest.RUN * nearest.RUNS)

    def aiming_at(self, target: np.ndarray) -> Sites:
        """Return the same sites with other targets."""
        other = replace(self, target=target)
        other.__dict__["boxes"] = self.boxes  # the same for the same sites
        return other

    def thinned(self, most: int) -> Sites:
        """Return about `most` sites: those that follow each other drawn together at their centroid, forced ones only with their like."""
        order = np.argsort(self.forced, kind="stable")
        points, mass, forced = self.points[order], self.mass[order], self.forced[order]
        length = -(-len(mass) // most)
        first = np.flatnonzero((np.arange(len(mass)) % length == 0) | (np.diff(forced, prepend=forced[0]) != 0))
        total = np.add.reduceat(mass, first)
        middle = np.add.reduceat(points * mass[:, None], first) / total[:, None]
        again = nearest.along_curve(middle)
        return replace(self, points=middle[again], mass=total[again], forced=forced[first][again])


class Cells(NamedTuple):
    """A power diagram: centers (k, 2), offset (k,), and per site its cell, the second best and the gap between.

    sums (k, 4) over each cell: mass, mass x, mass y, mass times squared distance to the centre.
    """

    centers: np.ndarray
    offset: np.ndarray
    near: np.ndarray
    second: np.ndarray
    gap: np.ndarray
    sums: np.ndarray

    @property
    def held(self) -> np.ndarray:
        """Mass of each cell, (k,)."""
        return self.sums[:, MASS]

    @property
    def spread(self) -> float:
        """Mass times squared distance to the centres, summed."""
        return float(self.sums[:, SQUARED].sum())


def draw(sites: Sites, centers: np.ndarray, offset: np.ndarray) -> Cells:
    """Return the power diagram of these centres and offsets; forced sites go where they must."""
    n, k = len(sites.mass), len(centers)
    near, second, gap = np.empty(n, np.int32), np.empty(n, np.int32), np.empty(n)
    cell = np.column_stack([centers, offset, np.arange(k)])
    runs, stretches = sites.boxes
    sums = nearest.in_shares(
        lambda begin, end: nearest.survey(sites.points, sites.mass, sites.forced, runs, stretches, cell, begin, end, near, second, gap), n
    )
    return Cells(centers, offset, near, second, gap, sums)


def error(sites: Sites, cells: Cells) -> float:
    """Return the share of mass that is in the wrong cell, twice."""
    return float(np.abs(cells.held - sites.target).sum() / sites.target.sum())


def radius(cells: Cells) -> np.ndarray:
    """Return the root mean square distance to the centre in each cell, (k,)."""
    return np.sqrt(cells.sums[:, SQUARED] / np.maximum(cells.held, TINY)) + 1e-9


def _solved(matrix: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return the solution of a symmetric positive definite system; LAPACK is called directly, for k is small and calls are many."""
    solution, failed = lapack.dposv(matrix, right)[1:]
    return linalg.solve(matrix, right, assume_a="sym") if failed else solution


def newton_step(sites: Sites, cells: Cells, bridges: np.ndarray) -> np.ndarray:
    """Return the Newton step of the offsets towards the targets, from the mass near each common border.

    bridges (k, k): conductance added between far groups of cells.
    """
    band = min(0.5, max(0.01, 3 * error(sites, cells)))
    stick = nearest.yardsticks(cells.centers, radius(cells))
    # Every pair of neighbours keeps a little conductance, and so does a tree of all centres: cells with no site near a border,
    # or groups of cells far from all others, would make the Laplacian singular and the step endless.
    value = nearest.in_shares(
        lambda begin, end: nearest.conductance(sites.mass, cells.near, cells.second, cells.gap, stick, band, 0.05, begin, end),
        len(sites.mass),
    )
    return _solved(nearest.laplacian(value + bridges, 1e-9), sites.target - cells.held)


def _bridges(sites: Sites, centers: np.ndarray) -> np.ndarray:
    """Return (k, k) conductance along the shortest tree of the centres: a thirtieth of the target over the squared distance."""
    row, col, squared = nearest.shortest_tree(centers)
    value = np.zeros((len(centers), len(centers)))
    value[row, col] = np.minimum(sites.target[row], sites.target[col]) / (30 * squared + 1e-12)
    return value


def dual(sites: Sites, cells: Cells) -> float:
    """Return the value of the transport dual, concave in the offsets and greatest where the cells are in balance."""
    return cells.spread + float((cells.offset * (sites.target - cells.held)).sum())


def balance(sites: Sites, cells: Cells, steps: int, enough: float) -> Cells:
    """Take Newton steps until the error is `enough`, each damped until the dual rises and no cell starves.

    Where they stall far from balance, mass is shipped from cell to cell.
    """
    value, bridges = dual(sites, cells), _bridges(sites, cells.centers)
    for _ in range(steps):
        if error(sites, cells) <= enough:
            break
        step, damping = newton_step(sites, cells, bridges), 1.0
        rise = float(step @ (sites.target - cells.held))
        floor = 0.2 * min(cells.held.min(), sites.target.min())
        while damping > (1 / 200 if error(sites, cells) > NEARLY else 1 / 10):
            tried = draw(sites, cells.centers, cells.offset + damping * (step - step.mean()))
            reached = dual(sites, tried)
            if tried.held.min() >= floor and reached > value + 0.1 * damping * rise:
                break
            damping /= 2
        else:
            return _shipped(sites, cells, enough)
        cells, value = tried, reached
    return cells


def _shipped(sites: Sites, cells: Cells, enough: float) -> Cells:
    """Return the cells balanced by shipping where that may help: further off than whole sites explain, and not too many of them."""
    if error(sites, cells) <= max(ROUGH, enough, _grain(sites)) or not few_enough(sites):
        return cells
    return shared(sites, cells, 0.0)


def _grain(sites: Sites) -> float:
    """Return the error that whole sites explain."""
    return len(sites.target) * float((sites.mass**2).sum()) / float(sites.mass.sum()) ** 2


def balanceable(sites: Sites) -> bool:
    """Return whether whole sites are small beside a cell."""
    return _grain(sites) < ROUGH


def few_enough(sites: Sites) -> bool:
    """Return whether mass can be shipped in a moment."""
    return len(sites.mass) * len(sites.target) <= SHIPPED


def shared(sites: Sites, cells: Cells, tolerance: float) -> Cells:
    """Return cells with the same centres whose mass times squared distance is least within the tolerance, but for split sites."""
    low, high = sites.target * (1 - tolerance), sites.target * (1 + tolerance)
    first = nearest.nearest_within(cells.held, low, high, float(sites.mass.sum())) if tolerance else sites.target
    drawn = draw(sites, cells.centers, cells.offset)
    near, offset = ship(
        sites.points, sites.mass, drawn.near.astype(np.int64), sites.forced, cells.centers, first, low, high, 2 * len(sites.mass)
    )
    return _as_shared(sites, draw(sites, cells.centers, offset), near)


def _as_shared(sites: Sites, cells: Cells, near: np.ndarray) -> Cells:
    """Return the cells with the sites in `near` (n,), which differs from theirs on borders only."""
    squared = ((sites.points - cells.centers[near]) ** 2).sum(1)
    terms = (sites.mass, *(sites.mass * axis for axis in sites.points.T), sites.mass * squared)
    sums = np.column_stack([np.bincount(near, term, len(cells.held)) for term in terms])
    second = np.where(near == cells.near, cells.second, cells.near).astype(np.int32)
    return cells._replace(near=near.astype(np.int32), second=second, sums=sums)


def recenter(sites: Sites, cells: Cells) -> Cells:
    """Move centres to centroids (towards bases where they pull) and refit the offsets so that borders stay where they are.

    Without the refit the iteration diverges on clustered data. A move that would starve a cell is halved, then dropped.
    """
    held = cells.held[:, None]
    middle = np.where(held > 0, cells.sums[:, [X, Y]] / np.maximum(held, TINY), cells.centers)
    centers = (1 - sites.pull[:, None]) * middle + sites.pull[:, None] * sites.base
    floor = 0.1 * min(cells.held.min(), sites.target.min())
    for part in (1.0, 0.5):
        moved = cells.centers + part * (centers - cells.centers)
        tried = draw(sites, moved, _refit(sites, cells, moved))
        if tried.held.min() > floor:
            return tried
    return cells


def _refit(sites: Sites, cells: Cells, centers: np.ndarray) -> np.ndarray:
    """Return offsets that keep each border's place in least squares over the sites beside it."""
    stick = nearest.yardsticks(cells.centers, radius(cells))
    value, wanted = nearest.in_shares(
        lambda begin, end: nearest.beside_borders(
            sites.points, sites.mass, cells.near, cells.second, cells.gap, stick, 0.3, centers, begin, end
        ),
        len(sites.mass),
    )
    hold = 1e-6 * 2 * value.sum() / len(value)
    return _solved(nearest.laplacian(value, 1e-6), wanted.sum(1) - wanted.sum(0) + hold * cells.offset)


def revive(sites: Sites, cells: Cells) -> Cells:
    """Restart cells that (nearly) vanished beside the heaviest ones."""
    for _ in range(10):
        gone = np.flatnonzero((cells.held < 0.02 * sites.target) & (sites.pull < 1))
        if len(gone) == 0:
            break
        heavy = np.argsort(-cells.held / sites.target, kind="stable")[: len(gone)]
        side = 0.5 * radius(cells)[heavy, None] * np.array([0.6, 0.8])
        centers, offset = cells.centers.copy(), cells.offset.copy()
        centers[gone], offset[gone] = centers[heavy] + side, offset[heavy]
        centers[heavy] = np.where(sites.pull[heavy, None] < 1, centers[heavy] - side, centers[heavy])
        cells = draw(sites, centers, offset)
    return cells


def first_cells(sites: Sites, centers: np.ndarray) -> Cells:
    """Return a roughly balanced power diagram with these centres, no cell empty."""
    return balance(sites, revive(sites, draw(sites, centers, np.zeros(len(centers)))), 15, 0.02)


def fit(sites: Sites, cells: Cells, rounds: int) -> Cells:
    """Return a balanced centroidal power diagram found from this one."""
    size = np.sqrt(np.ptp(sites.points, axis=0).prod() / len(cells.held)) + TINY
    for _ in range(rounds):
        moved = recenter(sites, cells)
        shift = np.sqrt(((moved.centers - cells.centers) ** 2).sum(1)).mean()
        cells = balance(sites, revive(sites, moved), 3, 0.03)
        if shift < 2e-3 * size:
            break
    return balance(sites, cells, 8, 0.002)


def lean(sites: Sites, cells: Cells, tolerance: float, rounds: int) -> Cells:
    """Return a more compact diagram that uses the tolerance: cells that are dear to fill hold less, cheap ones more.

    The offset of a cell is the price of one more unit of mass in it, so targets go down that slope, projected on what the
    tolerance allows (projected gradient on the value of the transport problem as a function of its targets). Few cells are very
    dear or cheap, so steps are cut off at the typical price, and they shorten from round to round.
    """
    best, least, target = cells, cells.spread, sites.target
    low, high = sites.target * (1 - tolerance), sites.target * (1 + tolerance)
    for turn in range(rounds):
        price = cells.offset - np.median(cells.offset)
        slope, step = np.tanh(price / (np.median(np.abs(price)) + TINY)), 0.7 * tolerance / (1 + turn / 2)
        target = nearest.nearest_within(target - step * sites.target * slope, low, high, sites.target.sum())
        leaning = sites.aiming_at(target)
        cells = balance(leaning, recenter(leaning, cells), 3, 0.1 * tolerance)
        spread = cells.spread * (1 + error(leaning, cells))
        if spread < least:
            best, least = cells, spread
    return best


def lean_exactly(sites: Sites, cells: Cells, tolerance: float, rounds: int) -> Cells:
    """Return a more compact diagram that uses the tolerance in the best way for its centres, each at its centroid in the end.

    Sharing out for the centres and moving them to their centroids both lower the inertia (Lloyd 1982).
    """
    best = shared(sites, cells, tolerance)
    for _ in range(rounds):
        cells = shared(sites, recenter(sites, best), tolerance)
        if not cells.spread < best.spread * (1 - 1e-4):
            break
        best = cells
    return best


def lower_bound(sites: Sites, cells: Cells, tolerance: float) -> float:
    """Return a proved lower bound on mass times squared distance to these centres, for any sharing within the tolerance.

    Weak duality: for any offsets h, sum of mass (d^2 - h) over the cheapest cells, plus the least that sum h_j W_j can be
    when every W_j is within the tolerance of its target and all add up (a fractional knapsack).
    """
    low, high = sites.target * (1 - tolerance), sites.target * (1 + tolerance)
    order = np.argsort(cells.offset, kind="stable")
    spare, room = sites.mass.sum() - low.sum(), (high - low)[order]
    extra = np.clip(spare - (np.cumsum(room) - room), 0, room)
    cheapest = cells.spread - (cells.offset * cells.held).sum()
    return float(cheapest + (cells.offset * low).sum() + (cells.offset[order] * extra).sum())
