"""EPSG:4326 at every boundary, an equal-area plane in metres for every measurement.

The plane is a Lambert azimuthal equal-area projection centred on the data. It has no seam, so shapes that
cross the antimeridian are ordinary shapes on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from geo_territory.errors import ProjectionError

WGS84 = "EPSG:4326"
EARTH_RADIUS_KM = 6371.0088


@dataclass(frozen=True)
class Plane:
    """An equal-area plane in metres, centred at (lat, lon) in degrees.

    Source: Snyder, "Map projections: a working manual", USGS Professional Paper 1395 (1987), chapter 24.
    """

    lat: float
    lon: float

    @cached_property
    def crs(self) -> pyproj.CRS:
        """The plane as a coordinate reference system."""
        return pyproj.CRS.from_proj4(f"+proj=laea +lat_0={self.lat:.4f} +lon_0={self.lon:.4f} +x_0=0 +y_0=0 +datum=WGS84 +units=m +no_defs")

    @cached_property
    def _forward(self) -> pyproj.Transformer:
        return pyproj.Transformer.from_crs(WGS84, self.crs, always_xy=True)

    @cached_property
    def _inverse(self) -> pyproj.Transformer:
        return pyproj.Transformer.from_crs(self.crs, WGS84, always_xy=True)

    def project(self, lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
        """Return plane positions [m], shape (n, 2), of degrees `lon`, `lat` of shape (n,)."""
        return np.column_stack(self._forward.transform(np.asarray(lon, float), np.asarray(lat, float)))

    def unproject(self, position: np.ndarray) -> np.ndarray:
        """Return degrees (lon, lat), shape (n, 2), of plane positions [m] of shape (n, 2)."""
        return np.column_stack(self._inverse.transform(position[:, 0], position[:, 1]))

    def project_shapes(self, shapes: np.ndarray) -> np.ndarray:
        """Return geometries in degrees moved vertex by vertex onto the plane."""
        return shapely.transform(shapes, lambda xy: self.project(xy[:, 0], xy[:, 1]))


def plane_around(lon: np.ndarray, lat: np.ndarray) -> Plane:
    """Return the plane centred on points given in degrees, wherever they lie (also around the antimeridian).

    Raises ProjectionError when there is no finite point.
    """
    lon, lat = np.asarray(lon, float), np.asarray(lat, float)
    finite = np.isfinite(lon) & np.isfinite(lat)
    if not finite.any():
        raise ProjectionError("No point has a coordinate, so there is no plane to measure on: give at least one latitude and longitude.")
    lam, phi = np.radians(np.sort(lon[finite])), np.radians(np.sort(lat[finite]))
    lon_0 = np.degrees(np.arctan2(np.sin(lam).mean(), np.cos(lam).mean()))
    return Plane(lat=round(float(np.degrees(phi.mean())), 4), lon=round(float(lon_0), 4))


def require_wgs84(table: gpd.GeoDataFrame, what: str) -> gpd.GeoDataFrame:
    """Return `table` in EPSG:4326, reprojected when it names another system.

    Raises ProjectionError when it names none: degrees are never guessed.
    """
    if table.crs is None:
        raise ProjectionError(f"{what} has no coordinate reference system: set one (for degrees, EPSG:4326) and load it again.")
    return table if table.crs == WGS84 else table.to_crs(WGS84)


def haversine_km(lon_a: np.ndarray, lat_a: np.ndarray, lon_b: np.ndarray, lat_b: np.ndarray) -> np.ndarray:
    """Return great-circle distances [km] between points in degrees (R = 6371.0088 km, O12)."""
    lon_a, lat_a, lon_b, lat_b = (np.radians(np.asarray(v, float)) for v in (lon_a, lat_a, lon_b, lat_b))
    h = np.sin((lat_b - lat_a) / 2) ** 2 + np.cos(lat_a) * np.cos(lat_b) * np.sin((lon_b - lon_a) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(h, 0, 1)))
