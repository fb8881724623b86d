"""Balanced power diagrams: units go to the centre of least squared distance minus an offset, offsets chosen to balance.

A power diagram is the most compact way to share units out for given centres and weights held (Aurenhammer, Hoffmann, Aronov,
"Minkowski-type theorems and least-squares clustering", Algorithmica 20, 1998); moving each centre to its centroid and balancing
again gives balanced, centroidal cells (Cohen-Addad, Klein, Young, "Balanced centroidal power diagrams for redistricting",
SIGSPATIAL 2018, arXiv 1710.03358). The offsets maximise the transport dual, found by a damped Newton step whose Hessian is a
Laplacian over neighbouring cells (Kitagawa, Merigot, Thibert, "Convergence of a Newton algorithm for semi-discrete optimal
transport", J. Eur. Math. Soc. 21, 2019, arXiv 1603.05579). Nearest cells come from a KD-tree on centres lifted to three dimensions.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from scipy import linalg, sparse
from scipy.sparse import csgraph
from scipy.spatial import cKDTree

TINY = 1e-30


@dataclass(frozen=True, eq=False)
class Sites:
    """What is shared out: points (n, 2), their mass (n,), the target (k,), forced (n,) cell or -1, and bases that pull centres."""

    points: np.ndarray
    mass: np.ndarray
    target: np.ndarray
    forced: np.ndarray
    base: np.ndarray
    pull: np.ndarray

    def sample(self, chosen: np.ndarray) -> Sites:
        """Return a part of the sites, targets in proportion."""
        part = self.mass[chosen].sum() / self.mass.sum()
        return Sites(self.points[chosen], self.mass[chosen], self.target * part, self.forced[chosen], self.base, self.pull)


class Cells(NamedTuple):
    """A power diagram: centers (k, 2), offset (k,), and per site its cell, the second best and the gap between; held (k,) mass."""

    centers: np.ndarray
    offset: np.ndarray
    near: np.ndarray
    second: np.ndarray
    gap: np.ndarray
    held: np.ndarray


def nearest_cells(points: np.ndarray, centers: np.ndarray, offset: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (cell, second best cell, gap of their power distances) of each point, exactly; k >= 2."""
    lift = np.sqrt(np.maximum(offset.max() - offset, 0))
    tree = cKDTree(np.column_stack([centers, lift]), leafsize=8)
    distance, cell = tree.query(np.column_stack([points, np.zeros(len(points))]), k=2, workers=-1 if len(points) > 20_000 else 1)
    return cell[:, 0], cell[:, 1], distance[:, 1] ** 2 - distance[:, 0] ** 2


def draw(sites: Sites, centers: np.ndarray, offset: np.ndarray) -> Cells:
    """Return the power diagram of these centres and offsets; forced sites go where they must."""
    near, second, gap = nearest_cells(sites.points, centers, offset)
    fixed = sites.forced >= 0
    near, gap = np.where(fixed, sites.forced, near), np.where(fixed, np.inf, gap)
    return Cells(centers, offset, near, second, gap, np.bincount(near, sites.mass, len(centers)))


def error(sites: Sites, cells: Cells) -> float:
    """Return the share of mass that is in the wrong cell, twice."""
    return float(np.abs(cells.held - sites.target).sum() / sites.target.sum())


def radius(sites: Sites, cells: Cells) -> np.ndarray:
    """Return the root mean square distance to the centre in each cell, (k,)."""
    squared = sites.mass * ((sites.points - cells.centers[cells.near]) ** 2).sum(1)
    return np.sqrt(np.bincount(cells.near, squared, len(cells.held)) / np.maximum(cells.held, TINY)) + 1e-9


def _yardstick(sites: Sites, cells: Cells) -> np.ndarray:
    """Return the gap a site has one (smaller) cell radius away from its border: a city cell beside a rural one needs the smaller."""
    size = radius(sites, cells)
    apart = np.sqrt(((cells.centers[cells.near] - cells.centers[cells.second]) ** 2).sum(1))
    return 2 * apart * np.minimum(size[cells.near], size[cells.second]) + TINY


def _laplacian(row: np.ndarray, col: np.ndarray, value: np.ndarray, k: int) -> np.ndarray:
    conductance = sparse.coo_array((value, (row, col)), shape=(k, k)).toarray()
    conductance += conductance.T
    matrix = np.diag(conductance.sum(1)) - conductance
    matrix[np.diag_indices(k)] += 1e-9 * np.trace(matrix) / k + TINY
    return matrix


def newton_step(sites: Sites, cells: Cells) -> np.ndarray:
    """Return the Newton step of the offsets towards the targets, from the mass near each common border."""
    band = min(0.5, max(0.01, 3 * error(sites, cells)))
    stick = _yardstick(sites, cells)
    thin = cells.gap <= band * stick
    # Every pair of neighbours keeps a little conductance, and so does a tree of all centres: cells with no site near a border,
    # or groups of cells far from all others, would make the Laplacian singular and the step endless.
    value = np.where(thin, sites.mass / (2 * band * stick), 0.0) + 0.05 * np.where(np.isfinite(cells.gap), sites.mass / stick, 0.0)
    row, col, bridge = _tree(sites, cells)
    matrix = _laplacian(np.append(cells.near, row), np.append(cells.second, col), np.append(value, bridge), len(cells.held))
    return linalg.solve(matrix, sites.target - cells.held, assume_a="pos")


def _tree(sites: Sites, cells: Cells) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (cell, cell, conductance) along the shortest tree of the centres: a thirtieth of the target over the squared distance."""
    apart = ((cells.centers[:, None] - cells.centers[None]) ** 2).sum(2) + 1e-12
    tree = csgraph.minimum_spanning_tree(apart).tocoo()
    return tree.row, tree.col, np.minimum(sites.target[tree.row], sites.target[tree.col]) / (30 * tree.data)


def dual(sites: Sites, cells: Cells) -> float:
    """Return the value of the transport dual, concave in the offsets and greatest where the cells are in balance."""
    squared = ((sites.points - cells.centers[cells.near]) ** 2).sum(1) - cells.offset[cells.near]
    return float((sites.mass * squared).sum() + (cells.offset * sites.target).sum())


def balance(sites: Sites, cells: Cells, steps: int, enough: float) -> Cells:
    """Take Newton steps until the error is `enough`, each damped until the dual rises and no cell starves."""
    value = dual(sites, cells)
    for _ in range(steps):
        if error(sites, cells) <= enough:
            break
        step, damping = newton_step(sites, cells), 1.0
        rise = float(step @ (sites.target - cells.held))
        floor = 0.2 * min(cells.held.min(), sites.target.min())
        while damping > 1 / 200:
            tried = draw(sites, cells.centers, cells.offset + damping * (step - step.mean()))
            reached = dual(sites, tried)
            if tried.held.min() >= floor and reached > value + 0.1 * damping * rise:
                break
            damping /= 2
        else:
            break
        cells, value = tried, reached
    return cells


def recenter(sites: Sites, cells: Cells) -> Cells:
    """Move centres to centroids (towards bases where they pull) and refit the offsets so that borders stay where they are.

    Without the refit the iteration diverges on clustered data. A move that would starve a cell is halved, then dropped.
    """
    k = len(cells.held)
    with np.errstate(invalid="ignore"):
        middle = np.column_stack([np.bincount(cells.near, sites.mass * p, k) / cells.held for p in sites.points.T])
    middle = np.where(cells.held[:, None] > 0, middle, cells.centers)
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
    k = len(cells.held)
    stick = _yardstick(sites, cells)
    beside = cells.gap <= 0.3 * stick
    near, second, point = cells.near[beside], cells.second[beside], sites.points[beside]
    value = sites.mass[beside] / stick[beside]
    wanted = ((point - centers[near]) ** 2).sum(1) - ((point - centers[second]) ** 2).sum(1) + cells.gap[beside]
    matrix = _laplacian(near, second, value, k)
    hold = 1e-6 * np.trace(matrix) / k + TINY
    matrix[np.diag_indices(k)] += hold
    right = np.bincount(near, value * wanted, k) - np.bincount(second, value * wanted, k)
    return linalg.solve(matrix, right + hold * cells.offset, assume_a="pos")


def revive(sites: Sites, cells: Cells) -> Cells:
    """Restart cells that (nearly) vanished beside the heaviest ones."""
    for _ in range(10):
        gone = np.flatnonzero((cells.held < 0.02 * sites.target) & (sites.pull < 1))
        if len(gone) == 0:
            break
        heavy = np.argsort(-cells.held / sites.target, kind="stable")[: len(gone)]
        side = 0.5 * radius(sites, cells)[heavy, None] * np.array([0.6, 0.8])
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
    tolerance allows (projected gradient on the value of the transport problem as a function of its targets).
    """
    best, least, target = cells, spread_of(sites, cells), sites.target
    low, high = sites.target * (1 - tolerance), sites.target * (1 + tolerance)
    for _ in range(rounds):
        price = cells.offset - cells.offset.mean()
        target = _within(target - 0.5 * tolerance * sites.target * price / (price.std() + TINY), low, high, sites.target.sum())
        leaning = replace(sites, target=target)
        cells = balance(leaning, recenter(leaning, cells), 3, 0.1 * tolerance)
        spread = spread_of(sites, cells) * (1 + error(leaning, cells))
        if spread < least:
            best, least = cells, spread
    return best


def _within(wanted: np.ndarray, low: np.ndarray, high: np.ndarray, total: float) -> np.ndarray:
    """Return the nearest values to `wanted` between `low` and `high` that add up to `total`."""
    down, up = float((low - wanted).min()), float((high - wanted).max())
    for _ in range(60):
        shift = (down + up) / 2
        if np.clip(wanted + shift, low, high).sum() < total:
            down = shift
        else:
            up = shift
    return np.clip(wanted + shift, low, high)


def spread_of(sites: Sites, cells: Cells) -> float:
    """Return the mass times squared distance to the centres."""
    return float((sites.mass * ((sites.points - cells.centers[cells.near]) ** 2).sum(1)).sum())


def lower_bound(sites: Sites, cells: Cells, tolerance: float) -> float:
    """Return a proved lower bound on mass times squared distance to these centres, for any sharing within the tolerance.

    Weak duality: for any offsets h, sum of mass (d^2 - h) over the cheapest cells, plus the least that sum h_j W_j can be
    when every W_j is within the tolerance of its target and all add up (a fractional knapsack).
    """
    squared = ((sites.points - cells.centers[cells.near]) ** 2).sum(1) - cells.offset[cells.near]
    low, high = sites.target * (1 - tolerance), sites.target * (1 + tolerance)
    order = np.argsort(cells.offset, kind="stable")
    spare, room = sites.mass.sum() - low.sum(), (high - low)[order]
    extra = np.clip(spare - (np.cumsum(room) - room), 0, room)
    return float((sites.mass * squared).sum() + (cells.offset * low).sum() + (cells.offset[order] * extra).sum())
