"""What the map's component is sent by a page, without a browser."""

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from geo_territory import maps
from geo_territory.ui import territory_map

PAGE = Path(__file__).parent / "browser" / "apps" / "territory_map_page.py"


def sent(app: AppTest) -> dict:
    return json.loads(app.get("bidi_component")[0].proto.json)


@pytest.fixture
def app() -> AppTest:
    return AppTest.from_file(str(PAGE), default_timeout=30)


def test_a_new_alignment_leaves_the_map_itself_untouched(app):
    before = sent(app.run())
    app.button[0].click()
    after = sent(app.run())
    assert not app.exception
    assert after["map"] == before["map"] and after["state"]["owner"] != before["state"]["owner"]
    assert (before["state"]["rev"], after["state"]["rev"]) == (0, 1)


def test_two_people_with_the_same_map_have_the_same_addresses(app):
    other = AppTest.from_file(str(PAGE), default_timeout=30)
    assert sent(app.run())["map"] == sent(other.run())["map"]


def test_geometry_and_names_of_accounts_do_not_travel_with_the_page(app):
    app.query_params["accounts"] = "5000"
    data = sent(app.run())
    assert len(json.dumps(data)) < 12_000 and "Account 17" not in json.dumps(data)


def test_every_source_of_the_script_has_an_address(app):
    data = sent(app.run())["map"]
    assert all(source in data["script"] and address.startswith("/geo/data/") for source, address in data["sources"].items())
    assert [address.rsplit("/", 1)[1] for address in data["scripts"]] == ["leaflet.js", *maps.SCRIPTS]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({}, None),
        ({"select": None}, None),
        ({"select": {"territory_id": "T2"}}, "T2"),
        ({"select": {"territory_id": None}}, ""),
        ({"select": "x"}, None),
    ],
)
def test_a_selection_is_a_territory_or_nothing_or_none_at_all(value, expected):
    assert territory_map.selection(value) == expected
