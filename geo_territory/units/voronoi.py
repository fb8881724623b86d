"""Voronoi cells of account sites: every place belongs to the site nearest to it."""

from __future__ import annotations

import h3
import numpy as np
import pandas as pd
import shapely

from geo_territory.errors import UnitsError
from geo_territory.projection import Plane
from geo_territory.tables import Accounts, Units
from geo_territory.units.coverage import partition
from geo_territory.units.land import Region, placed, positions, region_of
from geo_territory.units.places import names_in
from geo_territory.units.unit_map import UnitMap, map_units

MAX_SITES = 30_000
SAME_SITE = 10
COARSEST = 5


def voronoi_cells(accounts: pd.DataFrame) -> UnitMap:
    """Return the Voronoi cells of the accounts' sites, clipped to the land around them.

    Accounts in one H3 cell of resolution 10 (about 130 m across) are one site; above 30,000 sites coarser cells are
    merged, down to resolution 5. unit_id is the H3 index of the site. Raises PlaceError when no account has a place on
    land, UnitsError when there are fewer than two sites.
    """
    known = placed(accounts)
    region = region_of(known)
    sites = _sites(known, region.plane)
    if len(sites) < 2:
        raise UnitsError("All accounts lie in one spot, so there is nothing to divide between territories: choose hexagons or counties.")
    points = shapely.multipoints(sites.to_numpy())
    around = shapely.box(*shapely.bounds(shapely.union(shapely.box(*region.land.bounds), points)))
    cells = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=around, ordered=True))
    shapes = partition(cells, region.land)
    return _unit_map(sites.index.to_numpy(dtype=object), shapes, region)


def _unit_map(ids: np.ndarray, shapes: np.ndarray, region: Region) -> UnitMap:
    kept = ~shapely.is_empty(shapes)
    ids, shapes = ids[kept], shapes[kept]
    names, areas = names_in(shapes, region)
    columns = {Units.name: names, Units.kind: "voronoi", Units.region: areas}
    return map_units(ids, shapes, region.plane, columns, region.notes)


def _sites(known: pd.DataFrame, plane: Plane) -> pd.DataFrame:
    """Return the middle of the accounts of each site on the plane [m], columns x and y, by H3 index."""
    spots = list(zip(known[Accounts.lat].to_numpy(float), known[Accounts.lon].to_numpy(float), strict=True))
    where = pd.DataFrame(positions(known, plane), columns=["x", "y"])
    finest = pd.Series([h3.latlng_to_cell(lat, lon, SAME_SITE) for lat, lon in spots], dtype=object)
    for resolution in range(SAME_SITE, COARSEST - 1, -1):
        cell = finest if resolution == SAME_SITE else finest.map(lambda c, r=resolution: h3.cell_to_parent(c, r))
        if cell.nunique() <= MAX_SITES:
            break
    return where.groupby(cell.to_numpy(), sort=True).mean()
