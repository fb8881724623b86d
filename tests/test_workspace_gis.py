"""On a server with PostGIS a GIS opens what is published: territories as areas, accounts as points."""

from datetime import date

import geopandas as gpd
import pytest
from sqlalchemy import create_engine
from typer.testing import CliRunner

from geo_territory.cli import app
from geo_territory.errors import WorkspaceError
from geo_territory.tables import Accounts
from geo_territory.workspace import Workspace
from tests.people_world import HOME, company, publish, submit

PUBLISHED = date(2026, 1, 1)


@pytest.fixture
def url(server):
    address = server.database()
    yield address
    server.drop(address)


@pytest.fixture
def workspace(url):
    opened = company(url)
    yield opened
    opened.close()


@pytest.fixture
def layer(url):
    engine = create_engine(url)
    yield lambda name: gpd.read_postgis(f"SELECT * FROM {name} ORDER BY id", engine, geom_col="geom")
    engine.dispose()


def test_territories_open_as_areas_with_who_serves_them_and_their_state(workspace, layer):
    first, second = publish(workspace, PUBLISHED), publish(workspace, date(2900, 1, 1), "Later", home=HOME | {"a1": "E"})
    third = submit(workspace, "Idea")
    workspace.bring_postgis()
    areas = layer("territory_areas")
    assert areas.crs.to_epsg() == 4326 and areas["id"].is_unique
    assert areas.groupby("publication_id")["state"].unique().map(list).to_dict() == {
        first: ["active"],
        second: ["scheduled"],
        third: ["review"],
    }
    active = areas[(areas["state"] == "active") & (areas["role"] == "outside")].set_index("territory_id")
    shapes, reps = workspace.cycles.shapes(first), workspace.cycles.territory_reps(first)
    assert active.geometry.geom_equals(shapes.geometry.loc[active.index]).all()
    outside = reps[reps["role"] == "outside"].set_index("territory_id")["rep_id"]
    assert active["rep_id"].to_dict() == outside.to_dict() and active["name"].to_dict() == shapes["name"].to_dict()
    workspace.cycles.withdraw(third, "ann@example.com")
    assert set(layer("territory_areas").query("publication_id == @third")["state"]) == {"withdrawn"}


def test_accounts_of_what_is_in_force_today_open_as_points(workspace, layer):
    publication = publish(workspace, PUBLISHED)
    submit(workspace, "Idea")
    workspace.bring_postgis()
    points, listed = layer("account_points"), workspace.accounts().dropna(subset=[Accounts.lat])
    served = workspace.cycles.assignments(publication)
    served = served[served["account_id"].isin(listed.index)]
    assert len(points) == len(served) > 0 and points["id"].is_unique and set(points["publication_id"]) == {publication}
    at = listed.loc[points["account_id"]]
    assert (points.geometry.x.to_numpy() == at[Accounts.lon].to_numpy()).all()
    assert (points.geometry.y.to_numpy() == at[Accounts.lat].to_numpy()).all()
    key = ["account_id", "role"]
    assert points.set_index(key)["rep_id"].to_dict() == served.set_index(key)["rep_id"].to_dict()


def test_what_a_gis_asks_for_is_declared(workspace, url):
    workspace.bring_postgis()
    with workspace._reading() as connection:
        declared = connection.exec_driver_sql("SELECT f_table_name, srid FROM geometry_columns ORDER BY 1").all()
    assert declared == [("account_points", 4326), ("territory_areas", 4326)]


def test_views_are_made_when_a_workspace_is_opened_where_the_extension_is(server):
    url = server.database()
    Workspace.open(url).close()
    server.run_in(url, "CREATE EXTENSION postgis")
    for _ in range(2):
        workspace = Workspace.open(url)
        with workspace._reading() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM territory_areas").scalar_one() == 0
        workspace.close()
    server.drop(url)


def test_a_database_that_has_the_extension_already_becomes_a_workspace(server):
    url = server.database()
    server.run_in(url, "CREATE EXTENSION postgis")
    company(url).close()
    server.drop(url)


def test_the_command_makes_the_views_and_says_so(url):
    said = CliRunner().invoke(app, ["gis", "--workspace", url])
    assert said.exit_code == 0 and "territory_areas and account_points" in said.stdout


def test_a_file_has_no_views_and_says_what_to_open_instead(tmp_path):
    workspace = Workspace.open(f"sqlite:///{tmp_path}/work.db")
    with pytest.raises(WorkspaceError, match="is a file: a GIS opens what Export writes"):
        workspace.bring_postgis()
    workspace.close()
