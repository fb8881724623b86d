"""Alternatives: shown as cards, chosen, kept, come back to."""

import os
import re

import geopandas as gpd
import pytest
import shapely

from geo_territory.maps import small_maps
from geo_territory.projection import WGS84, plane_around
from geo_territory.tables import Territories
from geo_territory.ui import cached
from geo_territory.workspace import URL_VARIABLE
from tests.ui.conftest import shown_text, table


def ask(app, button, territories=2):
    """Ask for territories of counties with equal value, wait for the job, come back to the page."""
    app.number_input(key="territories").set_value(territories)
    app.number_input(key="tolerance").set_value(45.0)
    app.selectbox(key="units").set_value("counties")
    app.selectbox(key="balance").set_value("value").run()
    app.button(key=button).click().run()
    assert not app.exception
    cached.jobs().newest(os.environ[URL_VARIABLE]).wait(60)
    app.run()
    assert not app.exception and not app.error
    return app


@pytest.fixture
def cards(visit, accounts):
    """The page with the alternatives that start from the current territories."""
    app = visit("design")
    app.toggle(key="from_current").set_value(True).run()
    return ask(app, "propose")


def uses(app):
    return [button for button in app.button if str(button.key).startswith("use_")]


def facts(app):
    """What each card says, by heading."""
    return [dict(zip(card.value.index, card.value.iloc[:, 0], strict=True)) for card in app.table]


def test_each_alternative_is_a_card_with_a_map_and_its_figures(cards):
    many = len(uses(cards))
    assert 2 <= many <= 9
    assert f"{many} alternatives to choose from" in shown_text(cards)
    maps = [image.proto.imgs[0].alt for image in cards.image]
    assert maps == [f"Map of alternative {i}: 2 territories" for i in range(1, many + 1)]
    assert len(facts(cards)) == many
    for said in facts(cards):
        assert list(said) == ["Contiguous", "Imbalance", "Compactness", "Proved gap", "Changes hands"]
        assert said["Contiguous"].endswith("yes") and "tolerance 45" in said["Imbalance"]
        assert re.fullmatch(r"[\d,]+ accounts? \(\d+\u00a0%\)", said["Changes hands"])
    assert [said["Compactness"] for said in facts(cards)].count("the most compact") == 1
    assert sum("Recommended" in said.value for said in cards.markdown) == 1


def test_the_trade_off_is_a_chart_with_its_table(cards):
    assert cards.get("vega_lite_chart")
    rows = table(cards, "inertia_ratio", "disruption")
    assert rows["number"].tolist() == list(range(1, len(uses(cards)) + 1))
    assert not cards.get("bidi_component")


def test_without_a_start_nothing_is_said_of_changes(visit, accounts):
    app = ask(visit("design"), "propose")
    assert facts(app) and not any("Changes hands" in said for said in facts(app))
    assert "starting from the current territories" not in shown_text(app)


def test_one_is_used_kept_and_the_others_stay_at_hand(cards, workspace):
    number = uses(cards)[-1].key
    cards.button(key=number).click().run()
    assert not cards.exception
    assert "Contiguous: yes" in shown_text(cards) and cards.get("bidi_component")
    assert set(table(cards, "territory_id", "compactness")["territory_id"]) == {"T1", "T2"}
    cards.get_by_key("view").set_value("Alternatives").run()
    assert cards.button(key=number).label == "Show it again"
    assert [button.label for button in uses(cards)].count("Use this one") == len(uses(cards)) - 1
    cards.button(key=number).click().run()
    cards.text_input(key="design_name").set_value("The chosen one")
    cards.button(key="save_design_button").click().run()
    assert not cards.exception
    assert [design.name for design in workspace.designs()] == ["The chosen one"]
    assert "The chosen one" in shown_text(cards)
    cards.get_by_key("view").set_value("Alternatives").run()
    assert not cards.exception and len(uses(cards)) >= 2


def test_the_design_used_is_the_one_of_the_card(cards):
    proposals = cached.jobs().newest(os.environ[URL_VARIABLE]).proposals
    for number, one in enumerate(proposals.alternatives):
        cards.get_by_key("view").set_value("Alternatives").run()
        cards.button(key=f"use_{number + 1}").click().run()
        assert f"Imbalance {100 * one.imbalance:.1f}\u00a0%" in shown_text(cards)


def test_a_new_solve_puts_the_alternatives_away(cards):
    app = ask(cards, "solve")
    assert not uses(app) and "Contiguous: yes" in shown_text(app)
    assert "Alternatives" not in app.get_by_key("view").options


def test_a_person_who_comes_later_finds_the_alternatives(cards, visit):
    assert len(uses(visit("design"))) == len(uses(cards))


def test_one_alternative_needs_no_chart(visit, accounts):
    app = ask(visit("design"), "propose", territories=1)
    assert "One alternative" in shown_text(app) and len(uses(app)) == 1
    assert not app.get("vega_lite_chart")


def test_the_small_map_draws_each_territory_in_its_colour():
    """Two unit squares side by side on the equator, and a territory without a shape."""
    shapes = [shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1), shapely.Polygon()]
    columns = {Territories.name: list("abc"), Territories.color: ["#0072B2", "#E69F00", "#009E73"]}
    territories = gpd.GeoDataFrame(columns, geometry=shapes, crs=WGS84)
    drawn = small_maps.svg(territories, plane_around([0, 2], [0, 1]))
    assert re.findall(r'fill="(#\w+)"', drawn) == ["#0072B2", "#E69F00"]
    places = [[float(v) for v in pair.split(",")] for pair in re.findall(r"-?[\d.]+,-?[\d.]+", drawn)]
    assert len(places) == 8
    across, down = zip(*places, strict=True)
    assert min(across) == small_maps.MARGIN and max(across) == small_maps.WIDTH - small_maps.MARGIN
    assert min(down) >= 0 and max(down) <= small_maps.HEIGHT
    assert drawn.count("http") == 1  # the name of the format, no address that is asked
