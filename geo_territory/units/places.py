"""Names a person recognises for cells that have none: the largest town inside, else the nearest one."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from geo_territory import reference
from geo_territory.projection import Plane
from geo_territory.tables import Areas, Cities
from geo_territory.units.land import US, US_ISLANDS, Region, locate_in


def place_names(planar: np.ndarray, plane: Plane, country: np.ndarray | None = None) -> np.ndarray:
    """Return "Hanford, CA" for the most populous town in each shape, "near Hanford, CA" where there is none, (n,) text.

    country: the ISO code of each shape, (n,) text; the nearest town is then one of that country, so the last of the Aleutian
    Islands is not near a town in Russia.
    """
    middle = np.radians(plane.unproject(shapely.get_coordinates(shapely.centroid(planar))))
    towns, label, spots, tree = _towns()
    place = plane.project(towns[Cities.lon].to_numpy(), towns[Cities.lat].to_numpy())
    low, high = np.array(shapely.total_bounds(planar)).reshape(2, 2)
    within = np.flatnonzero(((place >= low) & (place <= high)).all(axis=1))
    inside = locate_in(planar, shapely.points(place[within]))
    largest = pd.Series(inside[inside >= 0]).drop_duplicates()
    wanted = _on_sphere(*middle.T)
    nearest = tree.query(wanted)[1]
    for code in [] if country is None else np.unique(country.astype(str)):
        mine, theirs = np.flatnonzero(country == code), np.flatnonzero(towns[Cities.country] == code)
        if len(theirs):
            nearest[mine] = theirs[cKDTree(spots[theirs]).query(wanted[mine])[1]]
    names = "near " + label[nearest]
    names[largest.to_numpy()] = label[within[inside >= 0][largest.index]]
    return names


def names_in(planar: np.ndarray, region: Region) -> tuple[np.ndarray, np.ndarray]:
    """Return the town each shape is named after and the name of the area it lies in, or nearest to: (n,), (n,) text."""
    area = region.areas.iloc[_area_of(planar, region)]
    country = area[Areas.country].mask(area[Areas.state].isin(US_ISLANDS), area[Areas.state]).to_numpy(dtype=object)
    return place_names(planar, region.plane, country), area[Areas.name].to_numpy(dtype=object)


def _area_of(planar: np.ndarray, region: Region) -> np.ndarray:
    """Return the number of the area each shape lies in, or nearest to, (n,)."""
    spot = shapely.point_on_surface(planar)
    found = locate_in(region.planar, spot)
    lost = np.flatnonzero(found < 0)
    near, area = shapely.STRtree(region.planar).query_nearest(spot[lost])
    found[lost[near[::-1]]] = area[::-1]
    return found


@cache
def _towns() -> tuple[pd.DataFrame, np.ndarray, np.ndarray, cKDTree]:
    """Return the bundled places, the most populous first, what each is called, where it is on the unit sphere, and these as a tree."""
    order = [Cities.population, Cities.geoname_id]
    towns = reference.cities().reset_index().sort_values(order, ascending=[False, True], ignore_index=True)
    where = towns[Cities.state].where(towns[Cities.country] == US, towns[Cities.country])
    spots = _on_sphere(np.radians(towns[Cities.lon].to_numpy()), np.radians(towns[Cities.lat].to_numpy()))
    return towns, (towns[Cities.name] + ", " + where).to_numpy(dtype=object), spots, cKDTree(spots)


def _on_sphere(lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    return np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
