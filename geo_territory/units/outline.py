"""How large territories are and how long their outlines, from their units: no shape is united for it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from geo_territory.tables import Borders
from geo_territory.units.unit_map import UnitMap

ROUNDING = 1e-9  # of a unit's outline, what its borders may differ from it by adding up


@dataclass(frozen=True, eq=False)
class Outline:
    """The areas and edges of basic units on the equal-area plane.

    `area` [m2] and `rim` [m], the part of a unit's outline that is nobody else's, are by unit (n,); `a` and `b` (p,) are the
    positions of units that share a border of `border` [m].
    """

    area: np.ndarray
    rim: np.ndarray
    a: np.ndarray
    b: np.ndarray
    border: np.ndarray


def outline_of(units: UnitMap) -> Outline:
    """Return the areas and edges of a map's units; the same for a map that was saved and opened again."""
    index, borders = units.units.index, units.borders
    length = borders[Borders.border_m].to_numpy(float)
    shared = length > 0
    a, b = (index.get_indexer(borders[unit])[shared] for unit in (Borders.unit_a, Borders.unit_b))
    whole, n = shapely.length(units.planar), len(index)
    rim = whole - np.bincount(a, length[shared], n) - np.bincount(b, length[shared], n)
    return Outline(shapely.area(units.planar), np.where(rim > ROUNDING * whole, rim, 0.0), a, b, length[shared])


def measured(outline: Outline, owner: np.ndarray, territories: int) -> tuple[np.ndarray, np.ndarray]:
    """Return area [m2] and length of the outline [m] of each territory, (k,) and (k,): those of the union of its units.

    `owner` (n,) int is each unit's territory in 0…k-1, negative for none. What a territory measures depends on its units alone, to
    the last bit: not on who owns the others.
    """
    covered = np.flatnonzero(owner >= 0)
    area = np.bincount(owner[covered], outline.area[covered], territories)
    length = np.bincount(owner[covered], outline.rim[covered], territories)
    ends = owner[outline.a], owner[outline.b]
    apart = ends[0] != ends[1]
    border = outline.border[apart]
    for end in ends:
        mine = end[apart]
        length = length + np.bincount(mine[mine >= 0], border[mine >= 0], territories)
    return area, length
