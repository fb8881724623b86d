"""Accounts: a list comes in with every row accounted for, falls into tiers with reasons, and can be set by hand."""

import pytest

from geo_territory.tables import Overrides
from tests.ui.conftest import CSV, DANGEROUS, shown_text, table


def go_to(app, part):
    return app.get_by_key("accounts_part").set_value(part).run()


def test_without_a_list_the_page_says_what_to_do(visit):
    app = visit("accounts")
    assert not app.exception
    assert "There is no account list yet" in app.info[0].value
    assert not app.metric


def test_a_list_is_imported_with_the_headings_a_person_corrected(visit, workspace):
    app = visit("accounts")
    app.file_uploader(key="account_file").upload("list.csv", CSV.encode()).run()
    assert not app.exception
    grid = app.data_editor[0]
    proposed = grid.value.set_index("Our column")["Column of your file"]
    assert proposed["account_id"] == "Account ID" and proposed["postal_code"] == "Zip"
    place = list(proposed.index).index("industry")
    app.session_state[grid.key] = {"edited_rows": {place: {"Column of your file": "Note"}}, "added_rows": [], "deleted_rows": []}
    app.run()
    app.button(key="import").click().run()
    assert not app.exception
    assert "12 accounts from 12 rows" in app.success[0].value
    assert workspace.accounts()["industry"].eq("kept").all()
    assert workspace.imports()[0].headings["industry"] == "Note"


def test_the_same_list_again_adds_nothing_and_says_so(visit, workspace, accounts):
    app = visit("accounts")
    app.file_uploader(key="account_file").upload("list.csv", CSV.encode()).run()
    app.button(key="import").click().run()
    assert "nothing was added" in app.success[0].value
    assert len(workspace.imports()) == 1


@pytest.mark.parametrize(("name", "content", "said"), [("empty.csv", b"", "empty"), ("photo.xlsx", b"\x00\x01\x02", "photo.xlsx")])
def test_a_file_that_cant_be_read_is_explained(visit, name, content, said):
    app = visit("accounts")
    app.file_uploader(key="account_file").upload(name, content).run()
    assert not app.exception
    assert said in app.error[0].value
    assert "There is no account list yet" in app.info[0].value, "the rest of the page stays"


def test_the_map_is_shown_first(visit, accounts):
    app = visit("accounts")
    assert not app.exception
    assert {metric.label: metric.value for metric in app.metric}["Accounts"] == "12"
    assert app.get("bidi_component"), "the map"


def test_every_row_is_accounted_for_and_can_be_filtered(visit, accounts):
    app = go_to(visit("accounts"), "Row report")
    assert len(table(app, "row", "outcome")) == 12
    labels = app.get_by_key("report_outcomes").options
    app.get_by_key("report_outcomes").set_value([next(label for label in labels if label.startswith("Rejected"))]).run()
    assert not app.exception
    assert table(app, "row", "outcome").empty


def test_an_account_without_a_place_is_listed(visit, accounts):
    app = go_to(visit("accounts"), "Not on the map")
    assert not app.exception
    assert table(app, "account_id", "postal_code")["account_id"].tolist() == ["011"]


def test_a_dangerous_name_is_only_text(visit, accounts):
    app = go_to(visit("accounts"), "List")
    assert not app.exception
    assert DANGEROUS in table(app, "account_id", "tier", "industry")["name"].tolist()
    assert "<img" not in shown_text(app) and [h for h in app.html if "<style" not in h.value and not h.value.endswith(".css")] == []


def test_the_list_can_be_searched(visit, accounts):
    app = go_to(visit("accounts"), "List")
    app.text_input(key="search").set_value("SITE 3 springfield").run()
    assert table(app, "account_id", "tier", "industry")["account_id"].tolist() == ["003"]


def test_a_changed_rule_shows_whom_it_moves_before_it_is_applied(visit, workspace, accounts):
    app = go_to(visit("accounts"), "Tiers")
    before = workspace.policy()
    app.number_input(key="tier_share_0").set_value(30.0).run()
    assert not app.exception
    moved = table(app, "tier_before")
    assert len(moved) and workspace.policy() == before
    app.button(key="apply_rule").click().run()
    assert not app.exception
    assert workspace.policy().tier_rule.shares == (0.3, 0.95)
    assert workspace.state().tiers_decided


def test_a_rule_that_cant_be_is_explained_in_place(visit, accounts):
    app = go_to(visit("accounts"), "Tiers")
    app.number_input(key="tier_share_0").set_value(99.0).run()
    assert not app.exception
    assert "rising shares" in app.error[0].value


@pytest.mark.parametrize("method", ["thresholds", "top", "natural_breaks", "matrix", "score"])
def test_every_method_can_be_chosen(visit, accounts, method):
    app = go_to(visit("accounts"), "Tiers")
    app.selectbox(key="tier_method").set_value(method).run()
    assert not app.exception


def test_many_accounts_are_set_by_hand_for_one_reason(visit, workspace, accounts):
    app = go_to(visit("accounts"), "List")
    app.text_input(key="search").set_value("Site").run()
    app.checkbox(key="select_found").check().run()
    app.selectbox(key="override_tier").set_value("A")
    app.text_input(key="override_reason").set_value("tender in spring")
    app.button(key="override_set").click().run()
    assert not app.exception
    assert len(workspace.overrides()) == 11 and workspace.overrides()[Overrides.reason].eq("tender in spring").all()
    app.multiselect(key="override_gone").set_value(["003"]).run()
    app.button(key="override_clear").click().run()
    assert not app.exception
    assert len(workspace.overrides()) == 10


def test_an_override_needs_accounts_and_a_reason(visit, workspace, accounts):
    app = go_to(visit("accounts"), "List")
    app.button(key="override_set").click().run()
    assert any("say why" in warning.value for warning in app.warning)
    assert workspace.overrides().empty


def test_an_earlier_list_can_be_put_in_force_again(visit, workspace, accounts):
    app = visit("accounts")
    app.file_uploader(key="account_file").upload("short.csv", "\n".join(CSV.splitlines()[:4]).encode()).run()
    app.button(key="import").click().run()
    assert {metric.label: metric.value for metric in app.metric}["Accounts"] == "3"
    app.selectbox(key="list_2").set_value(1).run()
    assert not app.exception
    assert {metric.label: metric.value for metric in app.metric}["Accounts"] == "12"
    assert workspace.imports()[0].import_id == 1


def test_the_column_that_says_what_an_account_is_worth_is_asked_for(visit, workspace):
    app = visit("accounts")
    app.file_uploader(key="account_file").upload("list.csv", CSV.replace("Sales", "Beds").encode()).run()
    asked = next(box for box in app.selectbox if box.label.startswith("What is an account worth"))
    assert asked.value is None and asked.options == ["Beds"]
    asked.set_value("Beds").run()
    app.button(key="import").click().run()
    assert not app.exception
    assert workspace.accounts()["annual_value"].max() == 144_000 and workspace.imports()[0].value_column == "Beds"


def test_accounts_without_a_place_are_warned_about_with_their_share(visit, accounts):
    app = visit("accounts")
    assert "1 of 12 planned accounts have no place" in app.warning[0].value
    deltas = {metric.label: metric.delta for metric in app.metric}
    assert deltas["On the map"] == "of 12 planned" and deltas["Rejected"] == "of 12 rows"


def test_rows_to_look_at_come_first_in_the_report(visit, workspace):
    app = visit("accounts")
    app.file_uploader(key="account_file").upload("list.csv", (CSV + CSV.splitlines()[1] + "\n").encode()).run()
    app.button(key="import").click().run()
    app = go_to(visit("accounts"), "Row report")
    places = table(app, "row", "outcome")["outcome"].map(["rejected", "warned", "fixed", "accepted"].index)
    assert places.is_monotonic_increasing and places.nunique() > 1
