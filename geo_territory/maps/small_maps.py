"""A map the size of a stamp, to choose an alternative by: territories in their colours, as an SVG that asks nothing of a server."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from geo_territory.projection import Plane
from geo_territory.tables import Territories

WIDTH, HEIGHT, MARGIN = 320, 200, 4  # px; it is scaled to the room there is
OUTLINE = "#ffffff"  # parts any two colours, and stands out on a dark page


def svg(territories: gpd.GeoDataFrame, plane: Plane) -> str:
    """Return territories (Territories with shapes in EPSG:4326) as an SVG picture, drawn on `plane`."""
    shapes = plane.project_shapes(territories.geometry.to_numpy())
    scale, move = frame(shapely.total_bounds(shapes), WIDTH, HEIGHT, MARGIN)
    paths = (
        f'<path fill="{color}" d="{path(shape, scale, move)}"/>'
        for shape, color in zip(shapes, territories[Territories.color], strict=True)
        if not shapely.is_empty(shape)
    )
    style = f'stroke="{OUTLINE}" stroke-width="0.9" stroke-linejoin="round" fill-rule="evenodd"'
    size = f'width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}><g {style}>{"".join(paths)}</g></svg>'


def frame(bounds: np.ndarray, width: float, height: float, margin: float) -> tuple[np.ndarray, np.ndarray]:
    """Return what plane positions [m] are multiplied by and then moved by [px], so that `bounds` lie in the picture.

    `bounds` are west, south, east, north [m]; width, height and margin [px].
    """
    west, south, east, north = bounds
    room = np.array([width, height]) - 2 * margin
    factor = (room / np.maximum([east - west, north - south], 1.0)).min()
    scale = np.array([factor, -factor])
    return scale, np.array([width, height]) / 2 - scale * [(west + east) / 2, (south + north) / 2]


def path(shape: shapely.Geometry, scale: np.ndarray, move: np.ndarray) -> str:
    """Return the rings of a shape as path data, in tenths of a pixel; rings too small to be seen are left out."""
    drawn = []
    for ring in shapely.get_rings(shapely.get_parts(shape)):
        place = np.rint((shapely.get_coordinates(ring) * scale + move) * 10) / 10
        place = place[np.append(True, (np.diff(place, axis=0) != 0).any(axis=1))]
        if len(place) > 3:
            drawn.append("M" + " ".join(f"{x:g},{y:g}" for x, y in place[:-1]) + "Z")
    return "".join(drawn)
