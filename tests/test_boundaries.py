from itertools import combinations

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_territory.alignment import Alignment
from geo_territory.boundaries import (
    PALETTE,
    color_territories,
    planar_territories,
    territory_borders,
    territory_shapes,
)
from geo_territory.errors import UnitsError
from geo_territory.projection import Plane
from geo_territory.tables import TerritoryBorders
from geo_territory.units.coverage import edges, partition, union_by
from geo_territory.units.exchange import to_degrees
from tests.drawn_maps import drawn

RNG = np.random.default_rng(7)


def test_a_territory_is_the_exact_union_of_its_units():
    """West is an L of three, East the square beside it."""
    units, alignment = drawn("""
        WE
        WW
    """)
    planar = planar_territories(units, alignment)
    assert planar["W"].area == 3 * 8_000**2
    assert planar["E"].equals(shapely.box(8_000, -8_000, 16_000, 0))


def test_units_that_nobody_covers_are_in_no_territory():
    units, alignment = drawn("WE")
    shapes = planar_territories(units, Alignment(alignment.territory_of.drop("r0c1"), "outside"))
    assert shapes.index.tolist() == ["W"]


def test_an_alignment_of_another_map_is_refused():
    units, alignment = drawn("WE")
    other = Alignment(pd.concat([alignment.territory_of, pd.Series({"r9c9": "W"})]), "outside")
    with pytest.raises(UnitsError, match="r9c9"):
        territory_shapes(units, other)


@settings(max_examples=25, deadline=None)
@given(letters=st.lists(st.sampled_from("ABCDE"), min_size=36, max_size=36), tolerance=st.sampled_from([0.0, 3_000.0, 20_000.0]))
def test_whatever_the_alignment_territories_cover_the_land_once_and_neighbours_share_every_vertex(letters, tolerance):
    units, _ = drawn("\n".join(["X" * 6] * 6))
    alignment = Alignment(pd.Series(letters, index=units.units.index), "outside")
    planar = planar_territories(units, alignment)
    assert planar.area.sum() == pytest.approx(shapely.area(units.planar).sum(), rel=1e-9)
    assert shapely.union_all(planar.to_numpy()).area == pytest.approx(planar.area.sum(), rel=1e-9)
    shapes = territory_shapes(units, alignment, tolerance)
    degrees = shapes.geometry.to_numpy()
    assert shapely.is_valid(degrees).all()
    assert shapely.coverage_is_valid(degrees)
    outer = edges(degrees).outer
    around = shapely.boundary(shapely.union_all(degrees)).length
    assert edges(degrees).length[outer].sum() == pytest.approx(around, rel=1e-9)


def wobbly_cells(n: int) -> np.ndarray:
    """n x n cells whose corners are shaken: an exact coverage of a square with oblique borders."""
    sites = np.stack(np.meshgrid(np.arange(n), np.arange(n)), axis=-1).reshape(-1, 2) * 9_000.0 + RNG.uniform(0, 6_000, (n * n, 2))
    land = shapely.box(0, 0, n * 9_000, n * 9_000)
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(sites), extend_to=land, ordered=True))
    return partition(cells, land)


@pytest.mark.parametrize("plane", [Plane(40, -100), Plane(69.5, 179.7), Plane(-33, 18)], ids=["Kansas", "Chukotka", "Cape Town"])
def test_simplified_neighbours_share_every_vertex_in_degrees_anywhere_in_the_world(plane):
    cells = wobbly_cells(12)
    owner = (np.arange(144) // 12 // 3) * 4 + np.arange(144) % 12 // 3
    _, planar = union_by(owner, cells)
    simpler = to_degrees(shapely.coverage_simplify(planar, 4_000.0), plane)
    assert shapely.is_valid(simpler).all()
    assert shapely.coverage_is_valid(simpler)
    assert shapely.get_num_coordinates(simpler).sum() < shapely.get_num_coordinates(planar).sum()


def test_neighbours_on_land_are_measured_by_border_and_across_water_by_the_crossing():
    """West and East share one side; South is an island 8 km below West."""
    units, alignment = drawn("""
        WE
        ..
        S.
    """)
    table = territory_borders(units, alignment).set_index([TerritoryBorders.territory_a, TerritoryBorders.territory_b])
    assert table.loc[("E", "W"), TerritoryBorders.border_m] == 8_000
    assert table.loc[("E", "W"), TerritoryBorders.crossing_km] == 0
    assert table.loc[("S", "W"), TerritoryBorders.border_m] == 0
    assert table.loc[("S", "W"), TerritoryBorders.crossing_km] == pytest.approx(8.0, rel=0.01)


@settings(max_examples=25, deadline=None)
@given(letters=st.lists(st.sampled_from("ABCDEFGHIJ"), min_size=30, max_size=30))
def test_neighbouring_territories_never_share_a_colour(letters):
    rows = ["".join(letters[i : i + 6]) for i in range(0, 30, 6)]
    units, alignment = drawn("\n".join(rows))
    color = color_territories(units, alignment)
    table = territory_borders(units, alignment)
    assert set(color.index) == set(letters)
    assert all(color[a] != color[b] for a, b in zip(table[TerritoryBorders.territory_a], table[TerritoryBorders.territory_b], strict=True))


def test_nine_territories_that_all_touch_get_nine_colours():
    """Every pair of letters meets somewhere: eight hues don't suffice."""
    pairs = [a + b for i, a in enumerate("ABCDEFGHI") for b in "ABCDEFGHI"[i + 1 :]]
    units, alignment = drawn("\n".join([".".join(pairs)]))
    color = color_territories(units, alignment)
    assert color.nunique() == 9
    assert color.isin(PALETTE).sum() == 8


def test_colours_are_spread_over_the_palette_and_do_not_depend_on_row_order():
    units, alignment = drawn("ABCDEFGH")
    color = color_territories(units, alignment)
    assert set(color) == set(PALETTE)
    again = color_territories(units, Alignment(alignment.territory_of[::-1], "outside"))
    assert again.equals(color)


# How people without red, green or blue cones see linear RGB. Source: Machado, Oliveira and Fernandes, "A physiologically-based
# model for simulation of color vision deficiency" (2009), severity 1.0.
EYES = {
    "full": np.eye(3),
    "protanopia": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]),
    "deuteranopia": np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]),
    "tritanopia": np.array([[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]),
}
XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def linear(color: str) -> np.ndarray:
    channels = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def lab(color: str, eye: str) -> np.ndarray:
    relative = XYZ @ np.clip(EYES[eye] @ linear(color), 0, 1) / [0.9505, 1, 1.089]
    x, y, z = np.where(relative > 0.008856, np.cbrt(relative), 7.787 * relative + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("eye", EYES)
def test_colour_blind_people_tell_every_two_hues_apart(eye):
    """A CIELAB distance of 2.3 is just noticeable; any two hues keep 15."""
    assert min(np.linalg.norm(lab(a, eye) - lab(b, eye)) for a, b in combinations(PALETTE, 2)) > 15


def luminance(color: str) -> float:
    return float(linear(color) @ XYZ[1])


@pytest.mark.parametrize("color", PALETTE)
def test_every_hue_stands_out_from_white_and_from_dark_grey(color):
    assert 1.05 / (luminance(color) + 0.05) > 1.5
    assert (luminance(color) + 0.05) / (luminance("#0E1117") + 0.05) > 2.5
