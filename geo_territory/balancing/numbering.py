"""Which number a territory gets: that of the current territory it overlaps most, else by place from north-west to south-east."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.optimize import linear_sum_assignment

from geo_territory.balancing.terrain import Terrain


def numbered_as_before(terrain: Terrain, territory: np.ndarray) -> np.ndarray:
    """Return the territories renumbered so that most weight stays home; only numbers of equal target are exchanged.

    Numbers with forced units, a base or rules of their own stay. Source: Kuhn 1955 (assignment problem).
    """
    k, known = terrain.territories, terrain.home >= 0
    if not known.any():
        return territory
    pairs = (territory[known], terrain.home[known])
    overlap = sparse.coo_array((terrain.mass[known], pairs), shape=(k, k)).toarray()
    fixed = _fixed(terrain)
    same = np.isclose(terrain.target[:, None], terrain.target[None])
    allowed = np.where(fixed[:, None] | fixed[None], np.eye(k, dtype=bool), same)
    return linear_sum_assignment(np.where(allowed, overlap, -1e6), maximize=True)[1][territory]


def numbered_by_place(terrain: Terrain, territory: np.ndarray) -> np.ndarray:
    """Return the territories renumbered from north-west to south-east where nothing else names them."""
    named = _fixed(terrain)
    named[terrain.home[terrain.home >= 0]] = True
    centre = terrain.centroids(territory)
    along = np.round(centre[:, 0] - centre[:, 1], 9)
    new = np.arange(terrain.territories)
    filled = np.bincount(territory, minlength=terrain.territories) > 0
    for target in np.unique(terrain.target[~named & filled]):
        group = np.flatnonzero(~named & filled & (terrain.target == target))
        new[group[np.lexsort((centre[group, 0], along[group]))]] = group
    return new[territory]


def _fixed(terrain: Terrain) -> np.ndarray:
    fixed = (terrain.pull > 0) | terrain.rules.named
    fixed[terrain.forced[terrain.forced >= 0]] = True
    return fixed
