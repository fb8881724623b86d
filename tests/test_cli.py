"""`geo-territory plan` makes honest files from honest lists, and clear messages from bad ones."""

import csv
import json
import random
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from typer.testing import CliRunner

from geo_territory.cli import app
from geo_territory.policy import DesignPolicy, Policy
from geo_territory.workspace import Workspace

REAL = Path(__file__).parents[2] / "shared" / "data" / "real-accounts"
WRITTEN = {"territories.geojson", "units.geojson", "accounts.csv", "import_report.csv", "scorecard.json", "map.html"}


def plan(path, out, *options):
    result = CliRunner().invoke(app, ["plan", str(path), "--out", str(out), *map(str, options)], env={"COLUMNS": "200"})
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def write_csv(path, rows):
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return path


def ohio_rows(count=160):
    """Accounts scattered over Ohio, two of them dirty: a missing place, a value in words."""
    draw = random.Random(4)
    rows = [
        [
            f"A{i:03d}",
            f"Site {i}",
            round(draw.uniform(38.9, 41.3), 4),
            round(draw.uniform(-84.6, -80.8), 4),
            "OH",
            "US",
            round(draw.lognormvariate(9, 1)),
        ]
        for i in range(count)
    ]
    rows[3][2:4] = ["", ""]
    rows[5][6] = "lots"
    return rows


HEADINGS = ["account_id", "name", "lat", "lon", "state", "country", "sales"]


@pytest.fixture(scope="module")
def ohio(tmp_path_factory):
    """A plan of four territories in Ohio: its input, its folder, what was said."""
    folder = tmp_path_factory.mktemp("ohio")
    path = write_csv(folder / "accounts.csv", [HEADINGS, *ohio_rows()])
    return path, folder / "plan", plan(path, folder / "plan", "--territories", 4, "--value", "sales")


def test_a_plan_writes_its_six_files_and_says_how_good_it_is(ohio):
    _, out, said = ohio
    assert said.exit_code == 0, said.output
    assert {path.name for path in out.iterdir()} == WRITTEN
    assert "contiguous: yes" in said.stdout
    assert "within the tolerance of 5.0%" in said.stdout


def test_every_row_of_the_input_is_in_the_report_once(ohio):
    _, out, _ = ohio
    report = pd.read_csv(out / "import_report.csv")
    assert sorted(report["row"]) == list(range(2, 162))
    assert report["outcome"].value_counts().to_dict() == {"accepted": 158, "warned": 2}


def test_accounts_keep_their_columns_and_know_tier_reason_hours_unit_and_territory(ohio):
    _, out, _ = ohio
    accounts = pd.read_csv(out / "accounts.csv", dtype={"unit_id": "str"}).set_index("account_id")
    assert len(accounts) == 160
    assert accounts.loc["A007", "tier_reason"].startswith(accounts.loc["A007", "tier"] + ": value ")
    assert accounts["territory_id"].isna().sum() == 1
    assert pd.isna(accounts.loc["A003", "unit_id"])
    assert (accounts["workload_hours"] >= 0).all()


def test_the_scorecard_agrees_with_the_files(ohio):
    _, out, _ = ohio
    card = json.loads((out / "scorecard.json").read_text())
    accounts = pd.read_csv(out / "accounts.csv")
    hours = accounts.groupby("territory_id")["workload_hours"].sum()
    assert card["imbalance"] == pytest.approx((hours / hours.mean() - 1).abs().max(), abs=1e-4)
    assert card["imbalance"] <= card["tolerance"] == 0.05
    assert card["within_tolerance"] is True
    assert card["contiguous"] is True
    assert card["territories"] == 4
    assert card["accounts_not_on_map"] == ["A003"]
    assert card["disruption"] is None
    assert 0 < card["measures"]["travel_share"] < 1
    assert 0 <= card["gap"] == pytest.approx(card["inertia"] / card["bound"] - 1)
    assert set(card["seconds"]) >= {"Reading accounts", "Building units", "Balancing"}


def test_territories_read_back_as_valid_polygons_that_do_not_overlap(ohio):
    _, out, _ = ohio
    territories = gpd.read_file(out / "territories.geojson")
    assert territories.geometry.is_valid.all()
    assert territories["territory_id"].tolist() == ["T01", "T02", "T03", "T04"]
    plane = territories.to_crs("EPSG:5070").geometry
    assert plane.union_all().area == pytest.approx(plane.area.sum(), rel=1e-6)
    units = gpd.read_file(out / "units.geojson")
    assert set(units["territory_id"]) == set(territories["territory_id"])


def test_the_same_file_and_seed_give_the_same_bytes(ohio, tmp_path):
    path, out, _ = ohio
    plan(path, tmp_path, "--territories", 4, "--value", "sales")
    for name in ("territories.geojson", "units.geojson", "accounts.csv", "map.html"):
        assert (tmp_path / name).read_bytes() == (out / name).read_bytes(), name


def test_the_order_of_the_rows_does_not_matter(ohio, tmp_path):
    rows = ohio_rows()
    random.Random(9).shuffle(rows)
    path = write_csv(tmp_path / "shuffled.csv", [HEADINGS, *rows])
    plan(path, tmp_path / "plan", "--territories", 4, "--value", "sales")
    assert (tmp_path / "plan" / "territories.geojson").read_bytes() == (ohio[1] / "territories.geojson").read_bytes()


def test_a_plan_from_the_current_territories_keeps_their_names_and_counts_what_changes_hands(ohio, tmp_path):
    rows = [row + ["West" if row[3] and row[3] < -83 else "East"] for row in ohio_rows()]
    path = write_csv(tmp_path / "current.csv", [[*HEADINGS, "patch"], *rows])
    said = plan(path, tmp_path / "plan", "--territories", 2, "--start", "patch", "--value", "sales", "--units", "counties")
    assert said.exit_code == 0, said.output
    card = json.loads((tmp_path / "plan" / "scorecard.json").read_text())
    assert set(card["pieces"]) == {"East", "West"}
    assert 0 <= card["disruption"]["accounts_share"] < 0.5
    assert card["disruption"]["sales_at_risk_low"] <= card["disruption"]["sales_at_risk_high"]


def test_a_heading_that_is_guessed_wrong_can_be_named(tmp_path):
    rows = [[r[0], r[1], r[2], r[3], r[4], r[5], 1, r[6]] for r in ohio_rows(40)]
    path = write_csv(tmp_path / "odd.csv", [["account_id", "name", "up", "across", "state", "country", "lat", "sales"], *rows])
    said = plan(
        path, tmp_path / "plan", "--territories", 2, "--map", "lat=up", "--map", "lon=across", "--value", "sales", "--balance", "accounts"
    )
    assert said.exit_code == 0, said.output
    assert "39 in territories, 1 not on the map" in said.stdout


def test_polygons_without_shapes_are_refused_in_words(ohio, tmp_path):
    said = plan(ohio[0], tmp_path / "plan", "--territories", 2, "--units", ohio[0])
    assert said.exit_code == 2
    assert "holds no shapes" in said.stderr


def test_polygons_of_another_part_of_the_world_are_refused_in_words(ohio, tmp_path):
    gpd.GeoDataFrame({"name": ["Tehran"]}, geometry=[shapely.box(51, 35, 52, 36)], crs="EPSG:4326").to_file(tmp_path / "iran.gpkg")
    said = plan(ohio[0], tmp_path / "plan", "--territories", 1, "--units", tmp_path / "iran.gpkg")
    assert said.exit_code == 2
    assert "another part of the world" in said.stderr


def test_a_policy_says_what_the_options_leave_open(ohio, tmp_path):
    asked = DesignPolicy(balance="accounts", tolerance=0.2, seed=3, units="counties")
    Policy(design=asked).save(tmp_path / "policy.toml")
    said = plan(ohio[0], tmp_path / "plan", "--territories", 3, "--seed", 4, "--policy", tmp_path / "policy.toml")
    assert said.exit_code == 0, said.output
    card = json.loads((tmp_path / "plan" / "scorecard.json").read_text())
    assert (card["territories"], card["balance"], card["tolerance"], card["seed"]) == (3, "accounts", 0.2, 4)


def test_accounts_whose_value_lies_off_the_map_leave_nothing_to_balance(tmp_path):
    rows = [[*r[:2], "", "", "", "", 100] if i % 2 else [*r[:6], 0] for i, r in enumerate(ohio_rows(20))]
    said = plan(
        write_csv(tmp_path / "apart.csv", [HEADINGS, *rows]),
        tmp_path / "plan", "--territories", 2, "--value", "sales", "--balance", "value",
    )  # fmt: skip
    assert said.exit_code == 2
    assert "no account with a place has any value" in said.stderr


def test_a_value_column_without_numbers_is_said_aloud(tmp_path):
    path = write_csv(tmp_path / "words.csv", cell_by_cell(lambda r: r))
    said = plan(path, tmp_path / "plan", "--territories", 2, "--value", "name")
    assert "Column 'name' holds no usable number" in said.stdout


def test_long_messages_are_one_line_wherever_they_go(ohio, tmp_path):
    result = CliRunner().invoke(
        app, ["plan", str(ohio[0]), "--out", str(tmp_path), "--territories", "2", "--value", "sale"], env={"COLUMNS": "20"}
    )
    assert len(result.stderr.strip().splitlines()) == 1


def test_an_address_that_is_no_workspace_opens_no_app():
    for url, why in (
        ("mysql://someone:secret@127.0.0.1/plans", "one SQLite file or a PostgreSQL database"),
        ("postgresql://someone:secret@127.0.0.1:1/plans", "can't be reached"),
    ):
        said = CliRunner().invoke(app, ["run", "--workspace", url])
        assert said.exit_code == 2
        assert why in said.stderr
        assert "secret" not in said.stderr


def cell_by_cell(change):
    return [HEADINGS, *[change(row) for row in ohio_rows(40)]]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"account_id,name,lat,lon\n", "no rows"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, "picture"),
        (cell_by_cell(lambda r: [*r[:2], "", "", "", "", r[6]]), "No account has a place"),
        (cell_by_cell(lambda r: [*r[:2], "north", "west", "", "", r[6]]), "No account has a place"),
    ],
    ids=["empty", "headings only", "a picture", "no coordinates", "words for coordinates"],
)
def test_a_file_nothing_can_be_planned_from_gets_a_message_and_exit_2(tmp_path, content, words):
    path = tmp_path / "bad.csv"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        write_csv(path, content)
    said = plan(path, tmp_path / "plan", "--territories", 2)
    assert said.exit_code == 2
    assert words in said.stderr
    assert "Traceback" not in said.output


def test_rows_that_cannot_be_planned_are_reported_all_the_same(tmp_path):
    path = write_csv(tmp_path / "bad.csv", cell_by_cell(lambda r: [*r[:2], "", "", "", "", r[6]]))
    assert plan(path, tmp_path / "plan", "--territories", 2).exit_code == 2
    assert len(pd.read_csv(tmp_path / "plan" / "import_report.csv")) == 40


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ([HEADINGS, ["1", "Solo", 40.1, -82.5, "OH", "US", 100]], "1 row: 1 accepted"),
        (cell_by_cell(lambda r: [*r[:2], r[3], r[2], *r[4:]]), "fixed"),
        (cell_by_cell(lambda r: [*r[:6], "lots"]), "warned"),
        ([HEADINGS + [""] * 5000, *[row + [""] * 5000 for row in ohio_rows(40)]], "empty columns"),
    ],
    ids=["one row", "swapped coordinates", "words for values", "5,000 empty columns"],
)
def test_a_strange_file_still_gives_a_plan(tmp_path, content, words):
    said = plan(write_csv(tmp_path / "strange.csv", content), tmp_path / "plan", "--territories", 1, "--value", "sales")
    assert said.exit_code == 0, said.output
    assert words in said.stdout


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--territories", 0], "at least one territory"),
        (["--territories", 2, "--tolerance", 5], "0.05 means five percent"),
        (["--territories", 2, "--value", "sale"], "sales"),
        (["--territories", 2, "--map", "sales"], "canonical=column"),
        (["--territories", 2, "--units", "nowhere.gpkg"], "nowhere.gpkg"),
        (["--territories", 2, "--balance", "luck"], "workload, value, accounts"),
        (["--territories", 2, "--policy", "nowhere.toml"], "nowhere.toml can't be read"),
        (["--territories", 2, "--policy", "."], "can't be read"),
        (["--territories", 2, "--units", __file__], "can't be read as polygons"),
        (["--territories", 2, "--map", "wealth=sales"], "no 'wealth' to read a column as"),
    ],
)
def test_a_wrong_option_is_named_with_what_is_accepted(ohio, tmp_path, options, words):
    said = plan(ohio[0], tmp_path / "plan", *options)
    assert said.exit_code == 2
    assert words in said.stderr


@pytest.mark.skipif(not REAL.exists(), reason="the real account lists of ../shared/data are not here")
@pytest.mark.parametrize(
    ("file", "options"),
    [
        ("us-hospitals.csv.gz", ["--value", "BEDS"]),
        ("us-hospitals.csv.gz", ["--value", "BEDS", "--balance", "value"]),
        ("us-hospitals.csv.gz", ["--value", "BEDS", "--units", "counties"]),
        ("us-supercenters.csv.gz", []),
    ],
)
def test_a_real_list_as_published_gives_forty_balanced_contiguous_territories(tmp_path, file, options):
    said = plan(REAL / file, tmp_path, "--territories", 40, *options)
    assert said.exit_code == 0, said.output
    card = json.loads((tmp_path / "scorecard.json").read_text())
    assert card["territories"] == 40
    assert card["contiguous"] is True
    assert card["imbalance"] <= 0.05
    assert card["crossings"]


def test_alternatives_are_listed_and_the_chosen_one_is_planned(ohio, tmp_path):
    rows = [row + ["West" if row[3] and row[3] < -83 else "East"] for row in ohio_rows()]
    path = write_csv(tmp_path / "current.csv", [[*HEADINGS, "now"], *rows])
    asked = ("--territories", 2, "--start", "now", "--value", "sales", "--units", "counties", "--choose", 1, "--headcount")
    said = plan(path, tmp_path / "plan", *asked)
    assert said.exit_code == 0, said.output
    assert "The plan is alternative 1" in said.stdout and "Hours used" in said.stdout
    alternatives = pd.read_csv(tmp_path / "plan" / "alternatives.csv")
    card = json.loads((tmp_path / "plan" / "scorecard.json").read_text())
    assert card["imbalance"] == pytest.approx(alternatives["imbalance"].iloc[0])
    moves = pd.read_csv(tmp_path / "plan" / "moves.csv")
    assert len(moves) == alternatives["moved"].iloc[0] == card["disruption"]["moved"]
    assert moves["reason"].str.len().min() > 10


def test_an_alternative_that_is_not_there_is_refused_in_words(ohio, tmp_path):
    said = plan(ohio[0], tmp_path / "plan", "--territories", 2, "--value", "sales", "--units", "counties", "--choose", 99)
    assert said.exit_code == 2
    assert "choose one of those" in said.stderr


def test_the_first_leader_is_let_in_from_the_command_line(tmp_path):
    url = f"sqlite:///{tmp_path}/work.db"
    said = CliRunner().invoke(app, ["user", "Lee@Larkstone.example", "--role", "leader", "--name", "Lee Ward", "--workspace", url])
    assert said.exit_code == 0 and "Lee Ward may sign in as leader" in said.output
    opened = Workspace.open(url)
    assert opened.people.viewer("lee@larkstone.example").name == "Lee Ward"
    opened.close()


@pytest.mark.parametrize(("options", "remedy"), [(["--role", "boss"], "choose one of"), (["--role", "rep"], "choose the rep")])
def test_a_person_without_a_role_that_exists_is_refused(tmp_path, options, remedy):
    said = CliRunner().invoke(app, ["user", "x@larkstone.example", *options, "--workspace", f"sqlite:///{tmp_path}/work.db"])
    assert said.exit_code == 2 and remedy in said.output
