"""Maps are drawn from compact bytes, change without being remade, and leave as one file that needs nothing else."""

import base64
import html.parser
import json
import re
import string

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo_territory import maps
from geo_territory.errors import ProjectionError, UnitsError
from geo_territory.maps import payload as payloads
from geo_territory.tables import Accounts, Reps, Scorecard, Territories, Tiers, Units

TYPES = {"uint8": "<u1", "uint32": "<u4", "int32": "<i4", "float32": "<f4"}
NASTY = ["<img src=x onerror=alert(1)>", "${alert(1)}", "</script><script>alert(1)</script>", "{{ alert }}", 'O\'Neil "& Sons"  ']


def unpack(payload: maps.Payload) -> dict:
    """Read a payload the way a browser does."""
    content = payload.content
    assert content[:4] == b"GT1\n"
    length = int.from_bytes(content[4:8], "little")
    header = json.loads(content[8 : 8 + length])
    for name, array in header["arrays"].items():
        start = 8 + length + array["offset"]
        assert start % 8 == 0
        header[name] = np.frombuffer(content, TYPES[array["type"]], array["length"], start)
    return header


def degrees(differences: np.ndarray) -> np.ndarray:
    return np.cumsum(differences) / payloads.STEPS_PER_DEGREE


def square(x: float, y: float) -> shapely.Polygon:
    return shapely.box(x, y, x + 1, y + 1)


def units_of(shapes: dict) -> gpd.GeoDataFrame:
    index = pd.Index(list(shapes), name=Units.unit_id, dtype="str")
    return gpd.GeoDataFrame({Units.name: [f"Unit {i}" for i in shapes]}, geometry=list(shapes.values()), index=index, crs=4326)


@pytest.fixture
def two_by_two() -> gpd.GeoDataFrame:
    """c d
    a b"""
    return units_of({"a": square(10, 50), "b": square(11, 50), "c": square(10, 51), "d": square(11, 51)})


@pytest.fixture
def west_and_east() -> pd.DataFrame:
    index = pd.Index(["T01", "T02"], name=Territories.territory_id)
    return pd.DataFrame({Territories.name: ["West", "East"], Territories.color: ["#4477aa", "#ee6677"]}, index=index)


def accounts_of(n: int, names: list[str] | None = None) -> pd.DataFrame:
    """n accounts on a diagonal, tiers A, B, C in turn, values 1, 2, 3 …"""
    return pd.DataFrame(
        {
            Accounts.name: names or [f"Account {i}" for i in range(n)],
            Accounts.lat: 50 + np.arange(n) / n,
            Accounts.lon: 10 + np.arange(n) / n,
            Tiers.tier: [("A", "B", "C")[i % 3] for i in range(n)],
            Tiers.value_used: np.arange(1.0, n + 1),
        },
        index=pd.Index([f"a{i:06d}" for i in range(n)], name="account_id"),
    )


def test_units_travel_as_rings_of_vertices_without_the_closing_one(two_by_two):
    header = unpack(payloads.shapes_payload(two_by_two))
    assert header["ids"] == ["a", "b", "c", "d"]
    assert header["area_ring"].tolist() == [0, 1, 2, 3, 4] and header["ring_vertex"].tolist() == [0, 4, 8, 12, 16]
    ring_b = set(zip(degrees(header["x"])[4:8], degrees(header["y"])[4:8], strict=True))
    assert ring_b == {(11, 50), (12, 50), (12, 51), (11, 51)}


def test_a_unit_without_a_shape_keeps_its_place(two_by_two):
    without = two_by_two.copy()
    without.loc["b", "geometry"] = shapely.Polygon()
    without.loc["c", "geometry"] = None
    header = unpack(payloads.shapes_payload(without))
    assert header["ids"] == ["a", "b", "c", "d"] and header["area_ring"].tolist() == [0, 1, 1, 1, 2]
    assert header["center_x"][1] == header["center_x"][2] == np.iinfo("int32").min


def test_islands_and_holes_belong_to_their_unit():
    """Unit m is two islands, one with a lake; unit n is a square."""
    lake = square(0, 0).difference(shapely.box(0.4, 0.4, 0.6, 0.6))
    header = unpack(payloads.shapes_payload(units_of({"m": shapely.MultiPolygon([lake, square(5, 5)]), "n": square(8, 8)})))
    assert header["area_ring"].tolist() == [0, 3, 4]


def test_the_point_of_a_unit_lies_in_its_largest_part():
    header = unpack(payloads.shapes_payload(units_of({"m": shapely.MultiPolygon([square(0, 0), shapely.box(20, 20, 29, 29)])})))
    assert 20 < header["center_x"][0] / payloads.STEPS_PER_DEGREE < 29


@given(st.lists(st.tuples(st.floats(-179, 178), st.floats(-80, 79)), min_size=1, max_size=8))
def test_no_vertex_moves_by_more_than_half_a_step(corners):
    shapes = [shapely.box(x, y, x + 1, y + 1) for x, y in corners]
    header = unpack(payloads.shapes_payload(units_of({f"u{i}": s for i, s in enumerate(shapes)})))
    expected = np.concatenate([shapely.get_coordinates(s)[:-1] for s in shapes])
    assert np.abs(degrees(header["x"]) - expected[:, 0]).max() <= 0.5 / payloads.STEPS_PER_DEGREE + 1e-9
    assert np.abs(degrees(header["y"]) - expected[:, 1]).max() <= 0.5 / payloads.STEPS_PER_DEGREE + 1e-9


def test_accounts_without_a_place_or_a_shown_tier_are_not_on_the_map():
    accounts = accounts_of(4)
    accounts.loc["a000001", Accounts.lat] = np.nan
    accounts.loc["a000002", Tiers.tier] = "Z"
    layer = maps.account_layer(accounts)
    points, names = (unpack(p) for p in layer.payloads)
    assert names["names"] == ["Account 0", "Account 3"] and points["tier"].tolist() == [0, 0]


def test_the_area_of_a_dot_follows_the_value():
    accounts = accounts_of(3).assign(**{Tiers.value_used: [25.0, 100.0, np.nan]})
    size = unpack(maps.account_layer(accounts).payloads[0])["size"]
    assert size[0] == pytest.approx(size[1] / 2, abs=3) and size[2] == 0


def test_row_order_changes_no_byte(two_by_two, west_and_east):
    accounts = accounts_of(9)
    one = maps.hosted(maps.territory_map(two_by_two, accounts=accounts))
    other = maps.hosted(maps.territory_map(two_by_two.iloc[::-1], accounts=accounts.iloc[::-1]))
    assert one == other and one.hash == other.hash


def test_the_map_is_remade_when_geometry_changes_and_only_then(two_by_two, west_and_east):
    one = maps.hosted(maps.territory_map(two_by_two))
    moved = two_by_two.set_geometry(two_by_two.geometry.translate(1))
    assert maps.hosted(maps.territory_map(moved)).hash != one.hash
    assert maps.hosted(maps.territory_map(two_by_two)).hash == one.hash


def test_no_name_is_in_the_script_of_a_map(two_by_two):
    named = two_by_two.assign(**{Units.name: NASTY[:4]})
    made = maps.hosted(maps.territory_map(named, accounts=accounts_of(5, NASTY)))
    assert not any(name in made.script + made.html for name in NASTY)


def test_the_map_names_no_other_host(two_by_two):
    made = maps.hosted(maps.territory_map(two_by_two))
    assert "//" not in re.sub(r"^\s*//.*", "", made.script + made.html, flags=re.M)


def test_the_frame_is_the_callers_when_given(two_by_two):
    made = maps.hosted(maps.territory_map(two_by_two, frame=(-125, 24, -66, 50)))
    assert re.sub(r"\s", "", made.script).count("[[24,-125,],[50,-66,],]") == 1


def test_a_country_on_both_sides_of_the_antimeridian_is_framed_on_its_main_side():
    areas = units_of(
        {"main": shapely.box(-125, 25, -67, 49), "aleutians": shapely.box(172, 51, 179, 53), "alaska": shapely.box(-179, 55, -141, 71)}
    )
    areas.geometry = shapely.segmentize(areas.geometry.to_numpy(), 5)
    assert maps.frame_of(areas) == (-179, 25, -67, 71)


def test_a_map_without_areas_is_framed_by_its_accounts():
    nowhere = gpd.GeoDataFrame(Territories.empty(), geometry=[], crs=4326)
    made = maps.hosted(maps.territory_map(nowhere, accounts=accounts_of(2)))
    assert "[[50.0,10.0,],[50.5,10.5,],]" in re.sub(r"\s", "", made.script)


def test_a_map_shows_the_crowd_first_when_a_few_far_accounts_would_shrink_it():
    far = units_of({"home": shapely.box(-100, 30, -90, 40), "island": shapely.box(-170, -15, -169, -14)})
    accounts = accounts_of(400)
    accounts[Accounts.lon] = np.where(np.arange(400) < 1, -169.5, np.linspace(-100, -90, 400))
    accounts[Accounts.lat] = np.where(np.arange(400) < 1, -14.5, np.linspace(30, 40, 400))
    script = re.sub(r"\s", "", maps.hosted(maps.territory_map(far, accounts=accounts)).script)
    (south, west), (north, east) = [
        map(float, pair.rstrip(",").split(",")) for pair in re.search(r"\[\[(.*?)\],\[(.*?)\],?\]", script).groups()
    ]
    assert 29 < south < 31 and -101 < west < -99 and 39 < north < 41 and -91 < east < -89


def test_areas_without_a_coordinate_system_are_refused(two_by_two):
    with pytest.raises(ProjectionError, match="no coordinate reference system"):
        maps.territory_map(two_by_two.set_crs(None, allow_override=True))


def test_areas_that_are_neither_units_nor_territories_are_refused(two_by_two):
    with pytest.raises(UnitsError, match="unit_id"):
        maps.territory_map(two_by_two.rename_axis("county"))


def test_bases_are_shown_for_the_reps_that_have_one(two_by_two):
    index = pd.Index(["r1", "r2"], name=Reps.rep_id)
    reps = pd.DataFrame({Reps.name: ["Ada", "Bo"], Reps.lat: [50.5, np.nan], Reps.lon: [10.5, np.nan]}, index=index)
    points, names = (unpack(p) for p in maps.base_layer(reps).payloads)
    assert names["names"] == ["Ada"] and len(points["x"]) == 1
    assert len(maps.hosted(maps.territory_map(two_by_two, bases=reps)).sources) == 6


def test_owners_are_positions_in_sorted_ids_and_65535_for_nobody(west_and_east):
    territory_of = pd.Series({"d": "T02", "a": "T01", "c": None, "b": "T02"})
    assert maps.owner_array(territory_of, west_and_east.index[::-1]).tolist() == [0, 1, 65535, 1]


def test_an_owner_that_is_no_territory_of_the_map_is_refused(west_and_east):
    with pytest.raises(UnitsError, match="'T09'"):
        maps.owner_array(pd.Series({"a": "T09"}), west_and_east.index)


def test_the_state_carries_owners_and_the_legends_numbers(west_and_east):
    numbers = {
        Scorecard.workload: [1700.0, 900.0],
        Scorecard.balance_index: [130.7, np.nan],
        Scorecard.in_band: [False, True],
        Scorecard.value: [5e6, 1e6],
    }
    by_tier = pd.DataFrame({"A": [3, 1], "B": [4, 0]}, index=west_and_east.index)
    territory_of = pd.Series({"a": "T01", "b": "T02"})
    state = maps.map_state(west_and_east.assign(**numbers), territory_of=territory_of, accounts_by_tier=by_tier, selected="T02", rev=4)
    assert np.frombuffer(base64.b64decode(state["owner"]), "<u2").tolist() == [0, 1]
    west, east = state["territories"]
    assert (west["name"], west["color"], west["index"], west["in_band"], west["by_tier"]) == ("West", "#4477aa", 130.7, False, [3, 4])
    assert east["index"] is None and east["by_tier"] == [1, 0]
    assert json.loads(json.dumps(state)) == state and (state["selected"], state["rev"]) == ("T02", 4)


def test_territories_without_numbers_still_have_a_legend(west_and_east):
    state = maps.map_state(west_and_east)
    assert [(t["name"], t["hours"], t["by_tier"]) for t in state["territories"]] == [("West", None, []), ("East", None, [])]


class _Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.links, self.handlers, self.texts, self.tags = [], [], [], []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.links += [v for k, v in attributes if k in ("src", "href", "action")]
        self.handlers += [k for k, _ in attributes if k.startswith("on")]

    def handle_data(self, data):
        self.texts.append(data)


def parsed(text: str) -> _Page:
    page = _Page()
    page.feed(text)
    return page


@pytest.fixture
def shapes(two_by_two) -> gpd.GeoDataFrame:
    return two_by_two.assign(t=["T01", "T02", "T01", "T02"]).dissolve("t").rename_axis(Territories.territory_id)[["geometry"]]


def test_a_standalone_map_asks_for_nothing_and_is_the_same_every_time(shapes, west_and_east):
    made = [maps.standalone_html(maps.territory_map(shapes), maps.map_state(west_and_east), title="Spring", note="v3") for _ in range(2)]
    assert made[0] == made[1]
    page = parsed(made[0])
    assert page.links == [] and "link" not in page.tags and "iframe" not in page.tags
    assert "url(" not in made[0].split("</style>")[0]


def test_names_in_a_standalone_map_are_text_and_nothing_else(shapes, west_and_east):
    named = west_and_east.assign(**{Territories.name: NASTY[:3:2]})
    shown = maps.territory_map(shapes, accounts=accounts_of(5, NASTY))
    page = parsed(maps.standalone_html(shown, maps.map_state(named), title=NASTY[2], note=NASTY[0]))
    clean = parsed(
        maps.standalone_html(maps.territory_map(shapes, accounts=accounts_of(5)), maps.map_state(west_and_east), title="t", note="n")
    )
    assert page.tags == clean.tags and page.handlers == []
    assert NASTY[2] in page.texts and NASTY[0] in page.texts


def test_a_standalone_map_runs_only_the_scripts_it_came_with(shapes, west_and_east):
    page = maps.standalone_html(maps.territory_map(shapes), maps.map_state(west_and_east), title="Spring")
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1]
    assert policy.startswith("default-src 'none'") and "unsafe-eval" not in policy
    assert "unsafe-inline" not in policy.split("script-src")[1]
    assert policy.count("'sha256-") == page.count("<script>")


def test_forty_territories_and_7600_accounts_fit_in_eight_megabytes():
    """A strip of 40 territories, each with a wavy outline of 2,000 vertices, and accounts with long names."""
    wave = np.linspace(0, 2 * np.pi, 2000)
    rings = [shapely.Polygon(np.column_stack([t - 100 + 0.4 * np.cos(wave), 40 + 0.4 * np.sin(wave)])) for t in range(40)]
    index = pd.Index([f"T{i:02d}" for i in range(40)], name=Territories.territory_id)
    areas = gpd.GeoDataFrame(geometry=rings, index=index, crs=4326)
    table = pd.DataFrame({Territories.name: index, Territories.color: "#4477aa"}, index=index)
    accounts = accounts_of(7600, [string.ascii_lowercase + f" {i} Incorporated" for i in range(7600)])
    page = maps.standalone_html(maps.territory_map(areas, accounts=accounts), maps.map_state(table), title="Spring")
    assert len(page.encode()) < 8_000_000


def test_unit_payloads_stay_small_on_the_wire():
    """200 x 200 squares: four vertices of two four-byte numbers each, and their ids."""
    index = pd.Index([f"{i:05d}" for i in range(40_000)], name=Units.unit_id)
    x, y = np.divmod(np.arange(40_000), 200)
    cells = gpd.GeoDataFrame(geometry=shapely.box(x / 10, y / 10, x / 10 + 0.1, y / 10 + 0.1), index=index, crs=4326)
    assert len(payloads.shapes_payload(cells).content) < 3_000_000
