import numpy as np
import pytest
import shapely
from scipy.sparse import csgraph

from geo_territory import reference
from geo_territory.tables import Accounts, Borders, Counties, Crossings, Units
from geo_territory.units import counties, crossings, neighbor_matrix
from geo_territory.units.county_units import county_names
from tests.drawn_maps import accounts_at


@pytest.fixture(scope="module")
def every_county():
    """One account in each state and territory."""
    states = reference.states()
    spots = states.representative_point()
    accounts = accounts_at({code: (point.y, point.x) for code, point in zip(states.index, spots, strict=True)})
    accounts[Accounts.country] = "US"
    return counties(accounts)


def test_all_counties_are_an_exact_coverage_on_the_plane_and_in_degrees(every_county):
    assert len(every_county.units) == len(reference.counties())
    assert shapely.coverage_is_valid(every_county.planar)
    assert shapely.coverage_is_valid(every_county.units.geometry.to_numpy())
    assert shapely.is_valid(every_county.planar).all()


def test_counties_border_whom_a_plain_intersection_says_they_border(every_county):
    """The 62 counties of New York against the length of every pair's common boundary."""
    units = every_county.units
    chosen = units.index[units[Units.region] == "New York"]
    planar = every_county.planar[units.index.get_indexer(chosen)]
    a, b = shapely.STRtree(planar).query(planar, predicate="intersects")
    length = shapely.length(shapely.intersection(shapely.boundary(planar[a]), shapely.boundary(planar[b])))
    by_hand = {(chosen[i], chosen[j]): m for i, j, m in zip(a, b, length, strict=True) if i < j and m > 0}
    inside = every_county.borders[Borders.unit_a].isin(chosen) & every_county.borders[Borders.unit_b].isin(chosen)
    on_land = every_county.borders[inside & (every_county.borders[Borders.border_m] > 0)]
    found = {(row.unit_a, row.unit_b): row.border_m for row in on_land.itertuples()}
    assert found == pytest.approx(by_hand, rel=1e-6)


def test_island_counties_are_linked_by_named_crossings_and_the_country_is_one(every_county):
    table = crossings(every_county)
    matrix = neighbor_matrix(every_county)
    assert csgraph.connected_components(matrix)[0] == 1
    assert len(table) >= 20
    index = every_county.units.index
    a, b = index.get_indexer(table[Crossings.unit_a]), index.get_indexer(table[Crossings.unit_b])
    cut = matrix.tolil()
    cut[a, b] = cut[b, a] = False
    assert csgraph.connected_components(cut.tocsr())[0] == len(table) + 1
    named = {frozenset(pair) for pair in table[[Crossings.name_a, Crossings.name_b]].itertuples(index=False)}
    assert frozenset({"Dukes County, MA", "Nantucket County, MA"}) in named
    assert frozenset({"Honolulu County, HI", "Maui County, HI"}) in named
    assert table[Crossings.crossing_km].is_monotonic_decreasing


def test_a_county_split_by_the_antimeridian_is_one_valid_unit(every_county):
    aleutians = every_county.units.loc["02016"]
    assert aleutians[Units.name] == "Aleutians West Census Area, AK"
    assert aleutians.geometry.bounds[0] < -179 and aleutians.geometry.bounds[2] > 179
    planar = every_county.planar[every_county.units.index.get_loc("02016")]
    width = np.ptp(shapely.bounds(planar)[[0, 2]])
    assert width < 2_000_000


def test_counties_are_called_by_their_own_word():
    table = reference.counties()
    names = dict(zip(table.index, county_names(table), strict=True))
    assert names["06031"] == "Kings County, CA"
    assert names["22071"] == "Orleans Parish, LA"
    assert names["11001"] == "District of Columbia, DC"
    assert names["24510"] == "Baltimore City, MD"
    assert names["24005"] == "Baltimore County, MD"
    assert names["51600"] == "Fairfax City, VA"
    assert names["32510"] == "Carson City, NV"
    assert names["02180"] == "Nome Census Area, AK"
    assert names["02110"] == "Juneau City and Borough, AK"
    assert table[Counties.name].notna().all()
