"""How many people, and what changes hands and why."""

import os

import pytest

from geo_territory.ui import cached
from geo_territory.workspace import URL_VARIABLE
from tests.ui.conftest import shown_text, table
from tests.ui.test_alternatives import ask


@pytest.fixture
def tried(visit, accounts):
    """The page after one to five territories were tried."""
    app = visit("design")
    app.number_input(key="territories").set_value(2)
    app.selectbox(key="units").set_value("counties")
    app.selectbox(key="balance").set_value("value").run()
    app.button(key="people").click().run()
    assert not app.exception
    cached.jobs().newest(f"{os.environ[URL_VARIABLE]} people").wait(60)
    app.run()
    assert not app.exception
    return app


def test_fewer_and_more_territories_are_tried_and_compared(tried):
    assert not tried.error
    rows = table(tried, "utilisation", "inertia_ratio")
    assert rows["territories"].tolist() == [1, 2, 3, 4, 5]
    assert rows["utilisation"].is_monotonic_decreasing and rows["coverage_A"].notna().any()
    assert len(tried.get("vega_lite_chart")) >= 4
    assert "hours** a year: the work of **1 full-time person**." in shown_text(tried)


def test_trying_numbers_of_people_makes_no_design_and_loses_none(tried, workspace):
    assert workspace.designs() == [] and any("press Solve" in said.value for said in tried.info)
    app = ask(tried, "solve")
    assert "Contiguous: yes" in shown_text(app)
    assert table(app, "utilisation", "inertia_ratio")["territories"].tolist() == [1, 2, 3, 4, 5]


def test_a_design_from_the_current_territories_says_what_changes_hands_and_why(visit, accounts):
    app = visit("design")
    app.toggle(key="from_current").set_value(True).run()
    app = ask(app, "solve")
    moved = table(app, "account_id", "before", "after", "reason")
    assert len(moved) and (moved["before"] != moved["after"]).all() and moved["reason"].str.endswith(".").all()
    assert any(f"What changes hands and why ({len(moved)} accounts)" in expander.label for expander in app.expander)
    assert table(app, "giver", "receiver", "reason")["weight_share"].sum() <= 1


def test_a_design_without_a_start_explains_no_changes(visit, accounts):
    app = ask(visit("design"), "solve")
    assert not any("why" in expander.label for expander in app.expander)
