import h3
import numpy as np
import pandas as pd
import pytest
import shapely
from scipy.sparse import csgraph

from geo_territory.errors import PlaceError
from geo_territory.tables import Accounts, Areas, OffMap, Units, UnitTotals
from geo_territory.units import (
    accounts_off_map,
    build_units,
    counties,
    crossings,
    hexagons,
    neighbor_matrix,
    unit_of_account,
    unit_totals,
    voronoi_cells,
)
from geo_territory.units.coverage import edges
from geo_territory.units.hexagon_cells import pick_resolution
from geo_territory.units.land import locate_in, region_of
from tests.drawn_maps import accounts_at, drawn

PROVIDENCE, NEWPORT, WESTERLY = (41.824, -71.413), (41.490, -71.313), (41.377, -71.827)
ALEUTIANS = {"attu": (52.85, 173.0), "semisopochnoi": (51.93, 179.6), "amatignak": (51.27, -179.1), "adak": (51.88, -176.65)}


@pytest.fixture(scope="module")
def rhode_island():
    """Twenty accounts crowd in Providence, a kilometre apart, one each sits in Newport and Westerly."""
    crowd = {f"p{i:02d}": (PROVIDENCE[0] + 0.01 * (i % 5), PROVIDENCE[1] + 0.01 * (i // 5)) for i in range(20)}
    accounts = accounts_at({**crowd, "newport": NEWPORT, "westerly": WESTERLY})
    weight = pd.Series(1.0, index=accounts.index)
    return accounts, weight, hexagons(accounts, weight, territories=3)


def assert_exact(units) -> None:
    """No gap, no overlap, on the plane and in degrees; everything linked."""
    degrees = units.units.geometry.to_numpy()
    assert shapely.coverage_is_valid(units.planar)
    assert shapely.is_valid(degrees).all()
    assert shapely.coverage_is_valid(degrees)
    union = shapely.union_all(units.planar)
    assert union.area == pytest.approx(shapely.area(units.planar).sum(), rel=1e-9)
    found = edges(units.planar)
    assert found.length[found.outer].sum() == pytest.approx(shapely.boundary(union).length, rel=1e-9)
    assert csgraph.connected_components(neighbor_matrix(units))[0] == 1


def test_hexagons_fill_the_land_of_the_state_exactly(rhode_island):
    accounts, _, units = rhode_island
    assert_exact(units)
    assert shapely.area(units.planar).sum() == pytest.approx(region_of(accounts).land.area, rel=1e-6)
    assert set(units.units[Units.region]) == {"Rhode Island"}


def test_there_are_at_least_150_hexagons_a_territory_and_most_are_empty(rhode_island):
    accounts, _, units = rhode_island
    assert len(units.units) >= 450
    assert unit_of_account(accounts, units).nunique() < 25


def test_a_crowded_hexagon_is_cut_until_no_piece_is_heavy_unless_it_is_one_spot(rhode_island):
    accounts, weight, units = rhode_island
    total = unit_totals(units, unit_of_account(accounts, units), weight, weight)
    heavy = total[total[UnitTotals.workload] > 0.04 * weight.sum() / 3]
    assert (heavy[UnitTotals.accounts] == 1).all()
    assert {h3.get_resolution(i) for i in units.units.index} == {7, 8, 9}


def test_cutting_stops_at_the_finest_hexagons_and_for_one_spot():
    near = accounts_at({"a": PROVIDENCE, "b": (PROVIDENCE[0] + 0.0005, PROVIDENCE[1])})
    finest = {h3.get_resolution(i) for i in unit_of_account(near, hexagons(near, pd.Series(1.0, index=near.index), 1))}
    assert finest == {9}
    alone = near.loc[["a"]]
    assert {h3.get_resolution(i) for i in hexagons(alone, pd.Series(1.0, index=alone.index), 1).units.index} == {7}


def test_every_account_lies_in_the_shape_of_its_unit(rhode_island):
    accounts, _, units = rhode_island
    unit_of = unit_of_account(accounts, units)
    points = shapely.points(accounts[Accounts.lon], accounts[Accounts.lat])
    assert shapely.intersects(units.units.geometry.loc[unit_of].to_numpy(), points).all()


def test_hexagons_do_not_depend_on_the_order_of_the_accounts(rhode_island):
    accounts, weight, units = rhode_island
    again = hexagons(accounts[::-1], weight.sample(frac=1, random_state=1), territories=3)
    assert again.units.equals(units.units)
    assert again.borders.equals(units.borders)


def test_hexagons_have_the_name_of_their_largest_town_or_the_nearest(rhode_island):
    accounts, _, units = rhode_island
    names = units.units[Units.name]
    assert (names == "Newport, RI").sum() == 1
    assert names.str.startswith("near ").any()


def test_the_resolution_grows_with_the_territories_and_stops_at_45_000_cells():
    america = 9_360_000.0
    assert [pick_resolution(america, k) for k in (1, 14, 100, 1_000, 100_000)] == [3, 4, 5, 5, 5]
    assert pick_resolution(2_700, 5) == 8
    assert pick_resolution(1.0, 100) == 9
    assert pick_resolution(5e8, 1) == 2


def test_the_aleutians_lie_together_across_the_antimeridian():
    accounts = accounts_at(ALEUTIANS)
    units = hexagons(accounts, pd.Series(1.0, index=accounts.index), territories=1)
    assert_exact(units)
    unit_of = unit_of_account(accounts, units)
    assert unit_of.notna().all()
    bounds = units.units.geometry.loc[unit_of[["semisopochnoi", "amatignak"]]].bounds
    assert (bounds["maxx"] - bounds["minx"]).max() < 1.5
    assert crossings(units).iloc[:, -1].max() < 500


def test_states_in_the_midst_of_the_accounts_states_are_filled_in():
    """Accounts in Colorado, Missouri and South Dakota enclose Kansas and Nebraska; Iowa's middle is outside."""
    accounts = accounts_at({"denver": (39.7, -105.0), "joplin": (37.08, -94.5), "sioux": (43.55, -96.7), "saint louis": (38.6, -90.2)})
    units = counties(accounts)
    assert set(units.units[Units.region]) == {"Colorado", "Kansas", "Missouri", "Nebraska", "South Dakota"}
    assert_exact(units)


def test_alaska_does_not_stretch_the_hull_over_the_states_between():
    accounts = accounts_at({"anchorage": (61.2, -149.9), "seattle": (47.6, -122.3), "miami": (25.8, -80.3)})
    assert set(counties(accounts).units[Units.region]) == {"Alaska", "Washington", "Florida"}


def test_a_foreign_account_brings_the_land_around_it_and_not_the_whole_of_canada():
    accounts = accounts_at({"buffalo": (42.9, -78.85), "toronto": (43.7, -79.4)}, country=None)
    region = region_of(accounts)
    assert set(region.areas[Areas.name]) == {"Canada", "New York"}
    assert 100_000 < region.area_km2 < 400_000
    units = hexagons(accounts, pd.Series(1.0, index=accounts.index), territories=1)
    assert_exact(units)


def test_guiana_is_not_near_paris():
    accounts = accounts_at({"paris": (48.85, 2.35), "lyon": (45.76, 4.84)}, country="FR")
    region = region_of(accounts)
    west, south, east, north = shapely.transform(region.land, region.plane.unproject).bounds
    assert -6 < west < east < 10
    assert 41 < south < north < 52


def test_a_point_off_the_coast_goes_to_the_nearest_unit_within_50_km(rhode_island):
    *_, units = rhode_island
    accounts = accounts_at({"buoy": (41.30, -71.45), "ship": (40.5, -71.4), "lost": (np.nan, np.nan), "abroad": (41.30, -71.45)})
    accounts.loc["abroad", Accounts.country] = "CA"
    unit_of = unit_of_account(accounts, units)
    assert pd.notna(unit_of["buoy"])
    assert unit_of[["ship", "lost", "abroad"]].isna().all()
    off = accounts_off_map(accounts, unit_of)
    assert off.index.tolist() == ["abroad", "lost", "ship"]
    assert off[OffMap.reason].tolist() == [
        "No unit of its country within 50 km of its place.",
        "It has no place.",
        "No unit of its country within 50 km of its place.",
    ]


def test_a_point_on_a_border_belongs_to_the_first_unit_on_it():
    units, _ = drawn("AB")
    on_border, inside, at_sea = shapely.points([(8_000, -4_000), (8_001, -4_000), (-1, -4_000)])
    assert locate_in(units.planar, np.array([on_border, inside, at_sea])).tolist() == [0, 1, -1]


def test_totals_have_a_row_for_units_without_an_account():
    units, _ = drawn("AB")
    unit_of = pd.Series({"a1": "r0c1", "a2": "r0c1", "a3": None}, dtype="str")
    totals = unit_totals(units, unit_of, workload=pd.Series({"a1": 2.0, "a2": 3.0}), value=pd.Series({"a1": 100.0, "a2": -5.0, "a3": 7.0}))
    assert totals.loc["r0c0"].tolist() == [0, 0, 0]
    assert totals.loc["r0c1", [UnitTotals.workload, UnitTotals.value, UnitTotals.accounts]].tolist() == [5.0, 100.0, 2.0]


def test_without_a_place_there_are_no_units():
    accounts = accounts_at({"a": (np.nan, np.nan)})
    for kind in ("h3", "voronoi", "counties", "units.gpkg"):
        with pytest.raises(PlaceError, match="No account has a place"):
            build_units(kind, accounts, pd.Series(1.0, index=accounts.index), 3)


def test_accounts_in_the_middle_of_the_ocean_are_no_land():
    with pytest.raises(PlaceError, match="50 km of land"):
        region_of(accounts_at({"a": (30.0, -45.0)}))


def test_counties_need_an_account_in_the_united_states():
    with pytest.raises(PlaceError, match="choose hexagons"):
        counties(accounts_at({"paris": (48.85, 2.35)}, country="FR"))


def test_building_says_what_it_does(rhode_island):
    accounts, weight, units = rhode_island
    heard = []
    built = build_units("h3", accounts, weight, 3, progress=lambda phase, share: heard.append((phase, share)))
    assert built.units.equals(units.units)
    assert [share for _, share in heard] == [0.0, 1.0]


def test_voronoi_cells_are_nearest_to_their_site_and_cover_the_state(rhode_island):
    accounts, *_ = rhode_island
    units = voronoi_cells(accounts)
    assert_exact(units)
    unit_of = unit_of_account(accounts, units)
    assert unit_of[["newport", "westerly"]].nunique() == 2
    assert set(unit_of) == set(units.units.index)


def test_accounts_in_one_spot_share_a_voronoi_cell():
    accounts = accounts_at({"a": NEWPORT, "b": NEWPORT, "c": WESTERLY})
    units = voronoi_cells(accounts)
    assert len(units.units) == 2
    unit_of = unit_of_account(accounts, units)
    assert unit_of["a"] == unit_of["b"] != unit_of["c"]
