"""Basic units: counties or given polygons, H3 hexagons, or Voronoi cells; their neighbours; account -> unit."""

from geo_territory.units.county_units import counties
from geo_territory.units.hexagon_cells import hexagons
from geo_territory.units.unit_map import UnitMap, accounts_off_map, crossings, map_units, neighbor_matrix, unit_of_account, unit_totals

__all__ = [
    "UnitMap",
    "accounts_off_map",
    "counties",
    "crossings",
    "hexagons",
    "map_units",
    "neighbor_matrix",
    "unit_of_account",
    "unit_totals",
]
