"""One person's territory as an SVG picture for paper: its outline, their accounts, what comes and what goes, towns to find one's way."""

from __future__ import annotations

import html
from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo_territory import reference
from geo_territory.cycle_tables import GAINED, KEPT, LOST
from geo_territory.maps.small_maps import frame, path
from geo_territory.projection import WGS84, Plane, plane_around
from geo_territory.tables import Accounts, ChangesOfHands, Cities

WIDTH, HEIGHT, MARGIN = 720, 430, 14  # px; it is scaled to the paper
TOWNS, TOWN_GAP = 10, 74  # how many at most, and how far apart at least [px]
WATER, LAND, BORDER, OWN, OUTLINE, INK = "#eef3f7", "#ffffff", "#c3cad1", "#dbe8f3", "#2b6ca3", "#3a424a"
COLORS = {KEPT: "#7d8791", GAINED: "#0b7a4b", LOST: "#c2500a"}
LEAST_ROOM_M = 30_000.0  # a territory of one town still shows what is around it


def territory_picture(shapes: gpd.GeoSeries, accounts: pd.DataFrame) -> str:
    """Return an SVG of `shapes` (EPSG:4326, one person's territories) with `accounts`, "" when there is nothing to draw.

    `accounts` have lat, lon (Accounts) and in `change` (ChangesOfHands) gained, lost or kept; those without a place are left out.
    Nothing in it is asked of a server.
    """
    placed = accounts.dropna(subset=[Accounts.lat, Accounts.lon])
    drawn = shapes[~(shapes.is_empty | shapes.isna())]
    corners = shapely.get_coordinates(drawn.to_numpy())
    places = np.vstack([corners, placed[[Accounts.lon, Accounts.lat]].to_numpy(float)])
    if not len(places):
        return ""
    plane = plane_around(places[:, 0], places[:, 1])
    own = plane.project_shapes(drawn.to_numpy())
    at = plane.project(placed[Accounts.lon].to_numpy(), placed[Accounts.lat].to_numpy()) if len(placed) else np.empty((0, 2))
    bounds = _bounds(own, at)
    scale, move = frame(bounds, WIDTH, HEIGHT, MARGIN)
    inside = "".join(f'<path d="{path(shape, scale, move)}"/>' for shape in own)
    joined = 'stroke-linejoin="round" fill-rule="evenodd"'
    parts = [
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{WATER}"/>',
        _backdrop(plane, bounds, scale, move),
        f'<g fill="{OWN}" fill-opacity="0.85" stroke="{OUTLINE}" stroke-width="1.6" {joined}>{inside}</g>',
        _marks(at * scale + move, placed[ChangesOfHands.change].to_numpy(object)),
        _towns(plane, own, scale, move),
    ]
    size = f'viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="Map of the territory"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{"".join(parts)}</svg>'


def mark(kind: str, x: float, y: float) -> str:
    """Return the sign of an account at a place [px]: gained a triangle, lost a cross, kept a dot; told apart without colour too."""
    color = COLORS[kind]
    if kind == GAINED:
        return f'<path d="M{x:.1f},{y - 5:.1f}l4.8,8.4h-9.6z" fill="{color}" stroke="#fff" stroke-width="0.8"/>'
    if kind == LOST:
        return f'<path d="M{x - 3.4:.1f},{y - 3.4:.1f}l6.8,6.8m0,-6.8l-6.8,6.8" stroke="{color}" stroke-width="1.9" fill="none"/>'
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.1" fill="{color}"/>'


def _bounds(own: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Return west, south, east, north [m] of shapes and places, some room around a small one."""
    every = np.vstack([shapely.get_coordinates(own), at])
    low, high = every.min(axis=0), every.max(axis=0)
    more = np.maximum(LEAST_ROOM_M - (high - low), 0.0) / 2
    return np.concatenate([low - more, high + more])


def _backdrop(plane: Plane, bounds: np.ndarray, scale: np.ndarray, move: np.ndarray) -> str:
    """Return land and the borders of states and countries around the territory, cut at the edge of the picture."""
    edges = (np.array([[0, 0], [WIDTH, HEIGHT]]) - move) / scale
    west, east = sorted(edges[:, 0])
    south, north = sorted(edges[:, 1])
    around = shapely.segmentize(shapely.box(west, south, east, north), (east - west) / 8)
    degrees = plane.unproject(shapely.get_coordinates(around))
    if not np.isfinite(degrees).all() or np.ptp(degrees[:, 0]) > 180:
        return ""
    window = (*degrees.min(axis=0) - 0.2, *degrees.max(axis=0) + 0.2)
    drawn = []
    for areas in (_countries(), _states()):
        near = areas[shapely.intersects(areas, shapely.box(*window))]
        cut = plane.project_shapes(shapely.clip_by_rect(near, *window))
        shown = shapely.clip_by_rect(cut, west, south, east, north)
        drawn += [f'<path d="{line}"/>' for shape in shown if (line := path(shape, scale, move))]
    return f'<g fill="{LAND}" stroke="{BORDER}" stroke-width="0.8" stroke-linejoin="round" fill-rule="evenodd">{"".join(drawn)}</g>'


def _marks(places: np.ndarray, kinds: np.ndarray) -> str:
    """Return the accounts: kept ones below, gained ones on top."""
    order = [i for kind in (KEPT, LOST, GAINED) for i in np.flatnonzero(kinds == kind)]
    return "".join(mark(kinds[i], *places[i]) for i in order)


def _towns(plane: Plane, own: np.ndarray, scale: np.ndarray, move: np.ndarray) -> str:
    """Return the names of the largest towns of the territory, none on another."""
    if not len(own):
        return ""
    area = shapely.union_all(own)
    shapely.prepare(area)
    west, south, east, north = shapely.box(*area.bounds).bounds
    corners = plane.unproject(np.array([[x, y] for x in np.linspace(west, east, 5) for y in np.linspace(south, north, 5)]))
    towns = _cities()
    near = towns[towns[Cities.lon].between(*np.sort(corners[:, 0])[[0, -1]]) & towns[Cities.lat].between(*np.sort(corners[:, 1])[[0, -1]])]
    if near.empty:
        return ""
    at = plane.project(near[Cities.lon].to_numpy(), near[Cities.lat].to_numpy())
    held = shapely.contains_xy(area, at[:, 0], at[:, 1])
    chosen: list[tuple[str, np.ndarray]] = []
    for name, place in zip(near[Cities.name][held], at[held] * scale + move, strict=True):
        apart = all(abs(place[0] - other[0]) > TOWN_GAP or abs(place[1] - other[1]) > TOWN_GAP / 4 for _, other in chosen)
        if apart and len(chosen) < TOWNS:
            chosen.append((name, place))
    halo = f'fill="{INK}" stroke="#fff" stroke-width="2.6" paint-order="stroke"'
    names = (f'<text x="{x:.1f}" y="{y - 6:.1f}">{html.escape(name)}</text>' for name, (x, y) in chosen)
    return f'<g font-family="sans-serif" font-size="11" text-anchor="middle" {halo}>{"".join(names)}</g>'


@cache
def _countries() -> np.ndarray:
    return reference.countries().to_crs(WGS84).geometry.to_numpy()


@cache
def _states() -> np.ndarray:
    return reference.states().to_crs(WGS84).geometry.to_numpy()


@cache
def _cities() -> pd.DataFrame:
    cities = reference.cities()
    return cities.sort_index().sort_values(Cities.population, ascending=False, kind="stable")
