"""The files of a plan over the whole United States, the Aleutian Islands and the Pacific among them."""

import csv
import json
import random
import re

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo_territory.attention import pay_attention
from geo_territory.boundaries import planar_territories, territory_borders
from geo_territory.design import Design, design
from geo_territory.intake import AccountImport, import_accounts
from geo_territory.policy import DesignPolicy, Policy
from geo_territory.publish.account_files import aligned_accounts, csv_bytes, safe_text
from geo_territory.publish.plan_files import territories_geojson, units_geojson, write_plan
from geo_territory.tables import Crossings, TerritoryBorders
from geo_territory.units import crossings
from tests.rfc7946 import check_rfc7946

FAR_OUT = {
    "Attu": (52.8376, 173.1789, "AK", "99546"),
    "Adak": (51.8800, -176.6581, "AK", "99546"),
    "Nome": (64.5011, -165.4064, "AK", "99762"),
    "Hilo": (19.7071, -155.0885, "HI", "96720"),
    "Ponce": (18.0111, -66.6141, "PR", "731"),
}
TOWNS = ((40.7, -74.0, "NY"), (41.9, -87.6, "IL"), (34.1, -118.2, "CA"), (29.8, -95.4, "TX"), (33.7, -84.4, "GA"), (47.6, -122.3, "WA"))


def list_of_accounts(path):
    """300 accounts around six cities and five far out, one of them named like a formula, one twice, one without an id."""
    draw = random.Random(11)
    rows = [["account_id", "name", "lat", "lon", "state", "zip", "=sales", "status", "tier"]]
    for i in range(300):
        lat, lon, state = TOWNS[i % len(TOWNS)]
        place = round(draw.gauss(lat, 1), 5), round(draw.gauss(lon + (2 if state == "CA" else 0), 1), 5)
        rows.append([f"A{i:03d}", f"Site {i}", *place, "", "", round(draw.lognormvariate(9, 1), 2), "active", "gold"])
    rows += [[name, name, lat, lon, state, code, 20_000, "active", "gold"] for name, (lat, lon, state, code) in FAR_OUT.items()]
    rows[1][1] = "=HYPERLINK(1)"
    rows += [rows[7], ["", "Nameless", 40.1, -75.1, "NY", "501", 12, "active", ""], ["9.1E+10", "Lost", 40, -75, "", "", 5, "", ""]]
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return path


@pytest.fixture(scope="module")
def imported(tmp_path_factory) -> AccountImport:
    return import_accounts(list_of_accounts(tmp_path_factory.mktemp("list") / "accounts.csv"), value="=sales")


@pytest.fixture(scope="module")
def made(imported) -> Design:
    return design(pay_attention(imported.accounts, Policy(design=DesignPolicy(territories=8))))


@pytest.fixture(scope="module")
def written(made, imported, tmp_path_factory):
    folder = tmp_path_factory.mktemp("plan")
    write_plan(made, imported, folder)
    return folder


@pytest.mark.parametrize("write", [territories_geojson, units_geojson])
def test_shapes_obey_rfc_7946_and_say_no_more_than_seven_decimals(made, write):
    content = write(made)
    assert check_rfc7946(content) == []
    assert not re.search(rb"\d\.\d{8}", re.sub(rb'"properties":\{.*?\},"geometry"', b"", content))


def test_the_territory_of_the_aleutians_is_cut_at_the_antimeridian(made, written):
    shapes = gpd.read_file(written / "territories.geojson").set_index("territory_id").geometry
    parts = shapes[[made.territory_id["Attu"]]].explode().bounds
    assert (parts["maxx"] - parts["minx"] < 180).all()
    assert parts["minx"].min() < -170
    assert parts["maxx"].max() > 172


def test_territories_unite_to_exactly_what_their_units_do(made):
    units = shapely.coverage_union_all(made.unit_map.planar)
    territories = shapely.coverage_union_all(planar_territories(made.unit_map, made.alignment).to_numpy())
    assert shapely.symmetric_difference(units, territories).area <= 1e-9 * units.area
    assert territories.area == pytest.approx(units.area, rel=1e-9)


def vertices_of(shape: shapely.Geometry) -> set[tuple[float, float]]:
    return set(map(tuple, shapely.get_coordinates(shape)))


def test_simplified_neighbours_share_every_vertex_of_their_border(made, written):
    shapes = gpd.read_file(written / "territories.geojson").set_index("territory_id").geometry
    assert shapes.is_valid.all()
    assert shapely.coverage_is_valid(shapes.to_numpy())
    exact = planar_territories(made.unit_map, made.alignment)
    assert shapely.get_num_coordinates(shapes).sum() < shapely.get_num_coordinates(exact).sum()
    table = territory_borders(made.unit_map, made.alignment)
    on_land = table[table[TerritoryBorders.border_m] > 1_000]
    assert len(on_land) >= 5
    for a, b in zip(on_land[TerritoryBorders.territory_a], on_land[TerritoryBorders.territory_b], strict=True):
        border = shapely.intersection(shapes[a], shapes[b])
        assert border.length > 0
        assert shapely.get_dimensions(border) == 1
        assert vertices_of(border) <= vertices_of(shapes[a]) & vertices_of(shapes[b])


def test_sea_crossings_are_listed_and_no_american_island_is_near_russia(made, written):
    listed = json.loads((written / "scorecard.json").read_text())["crossings"]
    assert len(listed) == len(crossings(made.unit_map)) > 10
    assert max(link[Crossings.crossing_km] for link in listed) > 1_000
    assert not [name for name in made.unit_map.units["name"] if name.endswith(", RU")]


def test_every_row_is_in_the_report_and_the_counts_add_up(imported, written):
    report = pd.read_csv(written / "import_report.csv")
    assert sorted(report["row"]) == list(range(2, 310))
    assert report["outcome"].isin(["accepted", "fixed", "warned", "rejected"]).all()
    assert sum(imported.counts[o] for o in ("accepted", "fixed", "warned", "rejected")) == imported.counts["rows"] == 308
    merged = report["reason"].fillna("").str.contains("merged").sum()
    assert imported.counts["accounts"] == 308 - imported.counts["rejected"] - merged


def test_accounts_keep_their_columns_and_their_zip_codes_as_text(written):
    accounts = pd.read_csv(written / "accounts.csv", dtype="str", keep_default_na=False)
    assert {"account_id", "name", "lat", "lon", "state", "zip", "'=sales", "status (as imported)", "tier (as imported)"} <= set(accounts)
    assert accounts.columns.is_unique
    assert accounts["name"][accounts["account_id"] == "A000"].item() == "'=HYPERLINK(1)"
    assert accounts["zip"][accounts["account_id"] == "Ponce"].item() == "731"
    assert (accounts["tier"] + ":" == accounts["tier_reason"].str.split(" ").str[0]).all()


def test_planning_from_a_plans_own_accounts_says_nothing_twice(made, imported, written):
    again = import_accounts(written / "accounts.csv", value="'=sales")
    once = design(pay_attention(again.accounts, made.attention.policy))
    assert once.alignment == made.alignment
    table = aligned_accounts(once, again.original)
    assert table.columns.is_unique
    assert set(table.columns) == set(pd.read_csv(written / "accounts.csv", nrows=0).columns) - {"account_id"}


def test_a_column_that_says_something_else_under_an_added_name_is_kept_beside_it(made, imported):
    odd = imported.original.assign(**{"territory_id": "West", "territory_id (as imported)": "East"})
    table = aligned_accounts(made, odd)
    assert table.columns.is_unique
    assert set(table["territory_id (as imported)"]) == {"East"}
    assert set(table["territory_id (as imported 2)"]) == {"West"}


def test_no_text_runs_as_a_formula_and_numbers_and_dates_stay():
    cells = ["=1+1", "+cmd", "-cmd", "@x", "\tx", "＝1", "-12.5", "+4", "a=b", None]
    frame = pd.DataFrame({"-x": cells, "n": np.arange(10) - 5.0, "d": pd.Timestamp("2026-03-01")})
    safe = safe_text(frame)
    assert safe["'-x"].tolist()[:9] == ["'=1+1", "'+cmd", "'-cmd", "'@x", "'\tx", "'＝1", "-12.5", "+4", "a=b"]
    assert csv_bytes(frame, index=False).decode().splitlines()[0] == "'-x,n,d"
    assert csv_bytes(frame, index=False).decode().splitlines()[1] == "'=1+1,-5.0,2026-03-01"


def test_units_weigh_the_same_whatever_the_order_and_the_names_of_the_rows(imported, made):
    shuffled = imported.accounts.sample(frac=1, random_state=3)
    shuffled = shuffled.set_axis([f"row-{i:05d}" for i in range(len(shuffled))]).rename_axis(imported.accounts.index.name)
    again = design(pay_attention(shuffled, made.attention.policy))
    assert territories_geojson(again) == territories_geojson(made)
    assert units_geojson(again) == units_geojson(made)
