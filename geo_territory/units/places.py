"""Names a person recognises for cells that have none: the largest town inside, else the nearest one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from geo_territory import reference
from geo_territory.projection import Plane
from geo_territory.tables import Areas, Cities
from geo_territory.units.land import US, Region, locate_in


def place_names(planar: np.ndarray, plane: Plane) -> np.ndarray:
    """Return "Hanford, CA" for the most populous town in each shape, "near Hanford, CA" where there is none, (n,) text."""
    middle = np.radians(plane.unproject(shapely.get_coordinates(shapely.centroid(planar))))
    towns = _towns()
    lon, lat = towns[Cities.lon].to_numpy(), towns[Cities.lat].to_numpy()
    inside = locate_in(planar, shapely.points(plane.project(lon, lat)))
    largest = pd.Series(inside[inside >= 0]).drop_duplicates()
    where = towns[Cities.state].where(towns[Cities.country] == US, towns[Cities.country])
    label = (towns[Cities.name] + ", " + where).to_numpy(dtype=object)
    nearest = cKDTree(_on_sphere(np.radians(lon), np.radians(lat))).query(_on_sphere(*middle.T))[1]
    names = "near " + label[nearest]
    names[largest.to_numpy()] = label[np.flatnonzero(inside >= 0)[largest.index]]
    return names


def region_names(planar: np.ndarray, region: Region) -> np.ndarray:
    """Return the name of the area each shape lies in, or nearest to, (n,) text."""
    spot = shapely.point_on_surface(planar)
    found = locate_in(region.planar, spot)
    lost = np.flatnonzero(found < 0)
    near, area = shapely.STRtree(region.planar).query_nearest(spot[lost])
    found[lost[near[::-1]]] = area[::-1]
    return region.areas[Areas.name].to_numpy(dtype=object)[found]


def _towns() -> pd.DataFrame:
    """Return the bundled places, the most populous first."""
    return reference.cities().reset_index().sort_values([Cities.population, Cities.geoname_id], ascending=[False, True], ignore_index=True)


def _on_sphere(lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    return np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
