"""H3 hexagons filled over land, cut smaller where accounts crowd."""

from __future__ import annotations

import h3
import numpy as np
import pandas as pd
import shapely

from geo_territory.projection import Plane
from geo_territory.tables import Units
from geo_territory.units.coverage import edges, partition, union_by
from geo_territory.units.crowds import FINEST, Crowd
from geo_territory.units.exchange import roughly_in_degrees
from geo_territory.units.land import placed, positions, region_of
from geo_territory.units.places import names_in
from geo_territory.units.unit_map import UnitMap, map_units

CELLS_PER_TERRITORY = 150
MAX_CELLS = 45_000
HEAVY_SHARE = 0.04
SPARE_CELLS = 5_000
SLIVER_SHARE = 0.001


def hexagons(accounts: pd.DataFrame, weight: pd.Series, territories: int) -> UnitMap:
    """Return H3 hexagons over the land around the accounts, empty ones included, so that territories have no holes.

    weight: what is to be balanced, per account, 0 or more; territories: how many are asked for, 1 or more. The
    resolution is the coarsest with 150 cells a territory, at most about 45,000 in all. A cell heavier than 4 % of a
    territory's fair share is cut into pieces nearest to its child hexagons' centres. unit_id is the H3 index.
    Raises PlaceError when no account has a place on land. Source: engine.md section 5; H3, h3geo.org.
    """
    known = placed(accounts)
    region = region_of(known)
    resolution = pick_resolution(region.area_km2, territories)
    ids = cells_over(region.planar, region.plane, resolution)
    cells = cell_shapes(ids, region.plane)
    load = weight.reindex(known.index).fillna(0).clip(lower=0).to_numpy(float)
    crowd = Crowd(positions(known, region.plane), load, HEAVY_SHARE * load.sum() / territories, region.plane)
    ids, cells = crowd.cut(ids, cells, room=max(MAX_CELLS - len(ids), SPARE_CELLS))
    shapes = without_slivers(partition(cells, region.land), cells)
    kept = ~shapely.is_empty(shapes)
    ids, shapes = ids[kept], shapes[kept]
    names, areas = names_in(shapes, region)
    columns = {Units.name: names, Units.kind: "h3", Units.region: areas}
    return map_units(ids, shapes, region.plane, columns, region.notes)


def pick_resolution(area_km2: float, territories: int) -> int:
    """Return the coarsest H3 resolution (2-9) with 150 cells a territory on `area_km2`, coarser when that exceeds 45,000."""
    cells = {r: area_km2 / h3.average_hexagon_area(r, unit="km^2") for r in range(2, FINEST + 1)}
    enough = next((r for r, n in cells.items() if n >= CELLS_PER_TERRITORY * territories), FINEST)
    return max((r for r, n in cells.items() if r <= enough and n <= MAX_CELLS), default=2)


def cells_over(shapes: np.ndarray, plane: Plane, resolution: int) -> np.ndarray:
    """Return the ids of the cells that touch shapes on the plane, sorted, (n,) text."""
    ids: set[str] = set()
    for shape in roughly_in_degrees(shapes, plane):
        ids.update(h3.h3shape_to_cells_experimental(h3.geo_to_h3shape(shape), resolution, "overlap"))
    return np.array(sorted(ids), dtype=object)


def cell_shapes(ids: np.ndarray, plane: Plane) -> np.ndarray:
    """Return the polygons of cells on the plane, (n,)."""
    rings = [h3.cell_to_boundary(cell) for cell in ids]
    size = np.array([len(ring) for ring in rings])
    lat, lon = np.concatenate([np.asarray(ring) for ring in rings]).T
    return shapely.polygons(shapely.linearrings(plane.project(lon, lat), indices=np.repeat(np.arange(len(ids)), size)))


def without_slivers(shapes: np.ndarray, cells: np.ndarray) -> np.ndarray:
    """Return shapes with slivers of land (below 0.1 % of their cell) joined to the neighbour they share most border with."""
    area = shapely.area(shapes)
    sliver = (area > 0) & (area < SLIVER_SHARE * shapely.area(cells))
    shared = edges(shapes)
    inner = ~shared.outer
    pairs, length = shared.owner[inner], shared.length[inner]
    borders = pd.DataFrame(np.concatenate([pairs, pairs[:, ::-1]]), columns=["sliver", "neighbor"])
    borders = borders.assign(length=np.tile(length, 2)).loc[lambda b: sliver[b["sliver"]] & ~sliver[b["neighbor"]]]
    longest = borders.groupby(["sliver", "neighbor"])["length"].sum().sort_values(ascending=False, kind="stable").reset_index()
    into = longest.drop_duplicates("sliver").set_index("sliver")["neighbor"]
    group = np.arange(len(shapes))
    group[into.index] = into
    owners, unions = union_by(group, shapes)
    result = np.full(len(shapes), shapely.Polygon(), dtype=object)
    result[owners] = unions
    return result
