"""Counties heavier than a territory may be: they are divided, so that a balanced alignment exists."""

from __future__ import annotations

from dataclasses import dataclass

import h3
import numpy as np
import shapely

from geo_territory.projection import Plane
from geo_territory.units.coverage import cleaned, partition
from geo_territory.units.crowds import FINEST, Crowd
from geo_territory.units.hexagon_cells import cell_shapes, cells_over, without_slivers
from geo_territory.units.land import locate_in
from geo_territory.units.places import place_names

CELLS_PER_UNIT = 12
PART_SHARE = 0.10
ROOM = 200


@dataclass(frozen=True, eq=False)
class Divided:
    """Units after the division: ids and shapes (n,), the number `origin` of the unit each comes from, and notes."""

    unit_id: np.ndarray
    shapes: np.ndarray
    names: np.ndarray
    notes: tuple[str, ...]
    origin: np.ndarray


def divide_heavy(
    unit_id: np.ndarray, shapes: np.ndarray, names: np.ndarray, where: np.ndarray, weight: np.ndarray, share: float, plane: Plane
) -> Divided:
    """Return units of which none with several sites weighs more than a territory's fair share.

    unit_id, shapes on the plane, names: (n,), an exact coverage; where, weight: positions [m] (m, 2) and weights (m,) of the
    accounts; share: weight a territory should hold. A heavier unit is cut along hexagons into parts of at most a tenth of
    the share where its accounts allow it; a part is named after its largest town. Units that fit are left as they are.
    """
    inside = locate_in(shapes, shapely.points(where))
    held = np.bincount(inside[inside >= 0], weight[inside >= 0], len(shapes))
    heavy = np.flatnonzero(held > share) if share > 0 else np.zeros(0, int)
    if not len(heavy):
        return Divided(unit_id, shapes, names, (), np.arange(len(shapes)))
    light = np.setdiff1d(np.arange(len(shapes)), heavy)
    ids, parts, said, origin, notes = [unit_id[light]], [shapes[light]], [names[light]], [light], []
    for unit in heavy:
        crowd = Crowd(where[inside == unit], weight[inside == unit], PART_SHARE * share, plane)
        part_ids, part_shapes = _parts(shapes[unit], crowd)
        ids.append(f"{unit_id[unit]}-" + part_ids.astype(object))
        parts.append(part_shapes)
        said.append(f"{names[unit]}: " + place_names(part_shapes, plane).astype(object))
        origin.append(np.full(len(part_ids), unit))
        notes.append(
            f"{names[unit]} alone weighs {held[unit] / share:.2f} times a territory's share: it is divided into {len(part_ids)} parts."
        )
    return Divided(np.concatenate(ids), cleaned(np.concatenate(parts)), np.concatenate(said), tuple(notes), np.concatenate(origin))


def _parts(shape: shapely.Geometry, crowd: Crowd) -> tuple[np.ndarray, np.ndarray]:
    """Return H3 ids and shapes of the hexagons one unit is cut into."""
    area_km2 = shapely.area(shape) / 1e6
    resolution = next((r for r in range(3, FINEST) if area_km2 / h3.average_hexagon_area(r, unit="km^2") >= CELLS_PER_UNIT), FINEST)
    ids = cells_over(np.array([shape], dtype=object), crowd.plane, resolution)
    ids, cells = crowd.cut(ids, cell_shapes(ids, crowd.plane), ROOM)
    pieces = without_slivers(partition(cells, shape), cells)
    kept = ~shapely.is_empty(pieces)
    return ids[kept], pieces[kept]
