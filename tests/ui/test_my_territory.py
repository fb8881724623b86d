"""My territory says plainly why there is nothing to show, and shows a rep's own day when there is."""

import os

import pytest

from geo_territory.ui import cached, visitor
from geo_territory.workspace import URL_VARIABLE
from tests.day_company import publish_company
from tests.ui.conftest import shown_text


@pytest.fixture
def company(workspace):
    publish_company(os.environ[URL_VARIABLE])
    cached.workspace.clear()


def as_somebody(app, key):
    app.session_state[visitor._SEEN_AS] = key
    return app.run()


def sheets(app):
    return [found for found in app.get("bidi_component") if "geo_territory_day" in found.proto.component_name]


def test_before_a_plan_is_published_the_page_says_so(visit):
    app = visit("my_territory")
    assert not app.exception
    assert "No plan is published yet" in shown_text(app) and not sheets(app)


def test_a_leader_sees_the_day_of_each_rep_and_no_form(visit, company):
    app = visit("my_territory")
    assert not app.exception
    assert app.get_by_key("day_of").options == ["Rep 1", "Rep 2", "Rep 3"]
    assert len(sheets(app)) == 1 and not app.get("download_button")


def test_a_rep_sees_their_own_day_only(visit, company):
    app = as_somebody(visit("my_territory"), "user one@example.org")
    assert not app.exception
    app = app.switch_page("screens/my_territory.py").run()
    assert not [box for box in app.selectbox if box.key == "day_of"]
    said = str(sheets(app)[0].proto)
    assert "Rep 1" in said and "A note of R2" not in said
    assert [button.proto.label for button in app.get("download_button")] == ["Offline copy"]


def test_somebody_who_serves_nobody_is_told_what_to_do(visit, company):
    app = as_somebody(visit("my_territory"), "rep S1").switch_page("screens/my_territory.py").run()
    assert not app.exception
    assert "No account is served by Sam Inside" in shown_text(app)
