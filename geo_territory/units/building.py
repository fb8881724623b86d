"""One door to every kind of unit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from geo_territory.progress import Progress, silent
from geo_territory.units.county_units import counties
from geo_territory.units.given import given_polygons, read_polygons
from geo_territory.units.hexagon_cells import hexagons
from geo_territory.units.land import placed
from geo_territory.units.unit_map import UnitMap
from geo_territory.units.voronoi import voronoi_cells


def build_units(kind: str, accounts: pd.DataFrame, weight: pd.Series, territories: int, progress: Progress = silent) -> UnitMap:
    """Return basic units for the accounts.

    kind: h3, voronoi, counties, or the path of a polygon file. weight: what is to be balanced, per account, 0 or more
    (heavy hexagons and counties are cut). territories: how many are asked for, 1 or more. progress hears the phase and its share in
    [0, 1], and may raise Cancelled. Raises PlaceError when no account has a place, UnitsError and FileError for polygons that
    can't be used.
    """
    placed(accounts)
    builders: dict[str, tuple[str, Callable[[], UnitMap]]] = {
        "h3": ("Laying hexagons over the land", lambda: hexagons(accounts, weight, territories)),
        "voronoi": ("Giving every place to its nearest site", lambda: voronoi_cells(accounts)),
        "counties": ("Gathering counties", lambda: counties(accounts, weight, territories)),
    }
    phase, build = builders.get(kind, (f"Reading {Path(kind).name}", lambda: given_polygons(read_polygons(Path(kind)))))
    progress(phase, 0.0)
    units = build()
    progress(phase, 1.0)
    return units
