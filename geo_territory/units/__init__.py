"""Basic units: given polygons, counties, H3 hexagons or Voronoi cells; their neighbours; account -> unit."""

from geo_territory.units.building import build_units
from geo_territory.units.county_units import counties
from geo_territory.units.given import given_polygons, read_polygons
from geo_territory.units.hexagon_cells import hexagons
from geo_territory.units.places import place_names
from geo_territory.units.unit_map import (
    UnitMap,
    accounts_off_map,
    crossings,
    map_units,
    neighbor_matrix,
    sums_by_unit,
    unit_of_account,
    unit_totals,
)
from geo_territory.units.voronoi import voronoi_cells

__all__ = [
    "UnitMap",
    "accounts_off_map",
    "build_units",
    "counties",
    "crossings",
    "given_polygons",
    "hexagons",
    "map_units",
    "neighbor_matrix",
    "place_names",
    "read_polygons",
    "sums_by_unit",
    "unit_of_account",
    "unit_totals",
    "voronoi_cells",
]
