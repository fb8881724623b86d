"""Export: every file of the plan is one press away, and leaves a trace."""

import dataclasses

import pytest

from geo_territory.attention import pay_attention
from geo_territory.design import design
from geo_territory.policy import DesignPolicy, Policy
from geo_territory.workspace import keep_design
from tests.ui.conftest import shown_text

FILES = ["territories.geojson", "units.geojson", "accounts.csv", "map.html", "scorecard.json", "policy.toml"]


@pytest.fixture
def saved(workspace, accounts):
    policy = dataclasses.replace(Policy(), design=DesignPolicy(2, "counties", "accounts", tolerance=0.45))
    made = design(pay_attention(workspace.accounts(), policy))
    return keep_design(workspace, made, name="Two <b>halves</b>", import_id=accounts.import_id, who="ann")


def test_without_a_design_the_page_leads_to_one(visit):
    app = visit("export")
    assert not app.exception
    assert app.page_link[0].label == "Make a design" and not app.get("download_button")


def test_every_file_of_the_plan_is_offered(visit, saved):
    app = visit("export")
    assert not app.exception
    assert [button.proto.label for button in app.get("download_button")] == FILES
    assert "<b>" not in shown_text(app) and "2 territories" in shown_text(app)


def test_a_file_that_leaves_is_written_down(visit, workspace, saved):
    app = visit("export")
    app.get_by_key("get_accounts.csv").click().run()
    assert not app.exception
    last = workspace.audit().iloc[-1]
    assert (last["what"], last["object"], last["new"]) == ("exported", f"design {saved}", "accounts.csv")
    assert workspace.state().exports == 1
