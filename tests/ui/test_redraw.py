"""Redraw and Compare: begin a draft, keep it, save it, discard it; lay what there is side by side."""

import json
import os

import pytest

from geo_territory import desk
from geo_territory.ui import session
from geo_territory.workspace import URL_VARIABLE, keep_design, restore_design
from tests.redraw_saved import keep
from tests.redraw_world import small_design, small_reps
from tests.ui.conftest import DANGEROUS, shown_text, table


@pytest.fixture
def saved(tmp_path, workspace):
    """The workspace the app opens, with the small company's four territories of Ohio counties saved as `Spring`."""
    made = small_design()
    keep(tmp_path, made, reps=small_reps(made))
    return workspace


@pytest.fixture
def draft(saved):
    """A draft of Spring, in which the first unit of T01 went to T02."""
    draft_id = saved.drafts.begin(1, "North", "ann")
    move(draft_id)
    return draft_id


def at(draft_id):
    return desk.at(os.environ[URL_VARIABLE], draft_id)


def move(draft_id, seq=1, tab="t"):
    """Hand the first unit of T01 to T02, as a browser does."""
    here = at(draft_id)
    unit = here.basis.owner.tolist().index(0)
    asked = {"seq": seq, "kind": "move", "base": here.rev, "moves": [{"units": [unit], "to": "T02"}]}
    return here.take(tab, here.rev, [asked], "ann")


def sent(app):
    return [json.loads(element.proto.json) for element in app.get("bidi_component")]


def test_without_a_saved_design_both_screens_lead_to_one(visit, workspace):
    for page in ("redraw", "compare"):
        app = visit(page)
        assert not app.exception and app.info
        assert app.page_link[0].label == "Make a design and save it"


def test_a_draft_begins_from_a_saved_design_under_a_name(visit, saved):
    app = visit("redraw")
    assert not app.exception and not sent(app)
    app.text_input(key="begin_name_first").set_value("North without Ohio")
    app.button(key="begin_button_first").click().run()
    assert not app.exception
    [record] = saved.drafts.list()
    assert (record.name, record.design_id, record.edits) == ("North without Ohio", 1, 0)
    [data] = sent(app)
    assert data["editor"]["address"].startswith("/geo/redraw/") and data["editor"]["doc"] == at(record.draft_id).doc


def test_the_page_sends_no_name_no_account_and_no_owner_to_the_component(visit, draft):
    [data] = sent(visit("redraw"))
    text = json.dumps(data)
    assert "Site 0" not in text and "Franklin" not in text and "owner" not in data["editor"] and len(text) < 24_000


def test_a_rerun_leaves_the_map_untouched(visit, saved, draft):
    app = visit("redraw")
    [before] = sent(app)
    move(draft, seq=2)
    [after] = sent(app.run())
    assert before == after


def test_saving_closes_the_draft_and_keeps_what_was_drawn(visit, saved, draft):
    figures = at(draft).whole("t", "ann")["territories"]
    app = visit("redraw")
    app.text_input(key=f"version_name_{draft}").set_value("Spring by hand")
    app.button(key="save_version_button").click().run()
    assert not app.exception and not app.error
    assert "saved as a version, with 1 edit" in shown_text(app)
    record = saved.designs()[0]
    assert record.name == "Spring by hand" and saved.drafts.list() == []
    restored = restore_design(saved, record.design_id).scorecard
    assert restored["balance_index"].to_dict() == {row["id"]: row["index"] for row in figures}
    assert app.button(key="begin_button_first")  # what is there now: begin another one


def test_a_scenario_is_a_copy_with_a_name_of_its_own(visit, saved, draft):
    app = visit("redraw")
    app.text_input(key="scenario_name").set_value("Two halves")
    app.button(key="keep_scenario_button").click().run()
    assert not app.exception
    kept = {record.name: record.edits for record in saved.drafts.list()}
    assert kept == {"North": 1, "Two halves": 1}
    assert app.text_input(key=f"draft_name_{draft}").value == "North"  # one stays in the draft one was in


def test_without_an_address_the_draft_edited_last_opens_not_the_newest_scenario(visit, saved, draft):
    saved.drafts.copy(draft, "Aside", session.who())
    at(draft).take("t", at(draft).rev, [{"seq": 2, "kind": "undo", "base": 1}], session.who())
    saved.drafts.copy(draft, "Aside again", session.who())
    assert visit("redraw").text_input(key=f"draft_name_{draft}").value == "North"


def test_before_a_version_is_saved_what_it_lacks_is_said(visit, saved, draft):
    here = at(draft)
    units = here.basis.owner.tolist()
    given = [unit for unit in range(len(units)) if units[unit] == 2]
    here.take("t", here.rev, [{"seq": 2, "kind": "move", "base": here.rev, "moves": [{"units": given[:5], "to": ""}]}], "ann")
    [said] = [warning.value for warning in visit("redraw").warning]
    whole = here.figures()
    assert f"{whole['uncovered_units']} units that nobody covers" in said
    assert (whole["in_band"] == whole["of"]) != ("outside the 85 to 115 band" in said)
    assert (whole["fits"] == whole["of"]) != ("more planned calls than the rep has hours for" in said)


def test_a_scenario_without_a_name_asks_for_one(visit, saved, draft):
    app = visit("redraw")
    app.button(key="keep_scenario_button").click().run()
    assert "Give the scenario a name" in shown_text(app) and len(saved.drafts.list()) == 1


def test_a_draft_is_renamed_and_only_on_purpose_discarded(visit, saved, draft):
    app = visit("redraw")
    app.text_input(key=f"draft_name_{draft}").set_value("South")
    app.button(key="rename_button").click().run()
    assert saved.drafts.get(draft).name == "South"
    assert app.button(key="discard_button").disabled
    app.checkbox(key=f"discard_sure_{draft}").check().run()
    app.button(key="discard_button").click().run()
    assert not app.exception and saved.drafts.list() == []
    assert "South is discarded" in shown_text(app)


def test_an_address_names_the_draft_and_another_name_is_ignored(visit, saved, draft):
    other = saved.drafts.begin(1, "Other", "ann")
    app = visit("redraw")
    app.query_params["draft"] = str(draft)
    assert app.run().text_input(key=f"draft_name_{draft}").value == "North"
    app.query_params["draft"] = "<script>"
    assert not app.run().exception
    app.query_params["draft"] = str(other)
    assert app.run().text_input(key=f"draft_name_{other}").value == "Other"


@pytest.mark.parametrize("page", ["redraw", "compare"])
def test_a_name_of_a_draft_is_only_text(visit, saved, draft, page):
    saved.drafts.rename(draft, DANGEROUS, "ann")
    app = visit(page)
    assert not app.exception and DANGEROUS not in shown_text(app)


def test_one_version_alone_can_not_be_compared(visit, saved):
    app = visit("compare")
    assert not app.exception
    assert "one version only" in shown_text(app) and app.page_link[0].label == "Redraw it"


def test_a_draft_is_laid_beside_its_version(visit, saved, draft):
    app = visit("compare")
    assert not app.exception
    assert app.multiselect(key="compared").value == ["version 1", f"draft {draft}"]
    first, second = sent(app)
    assert first["sync"] == second["sync"] != ""
    rows = table(app, "index_before", "index_after").set_index("territory_id")
    assert list(rows.index) == ["T01", "T02"]
    moved = table(app, "before", "after")
    assert set(moved["before"]) == {"T01"} and set(moved["after"]) == {"T02"}
    assert app.get("download_button") and "2 territories of 4 affected" in shown_text(app)


def test_what_is_the_same_says_so(visit, saved):
    keep_design(saved, small_design(), name="Twin", import_id=1, who="ann")
    app = visit("compare")
    assert not app.exception
    assert "Nothing changes hands" in shown_text(app)


def test_a_saved_design_is_redrawn_with_one_press(visit, saved):
    app = visit("design")
    app.button(key="redraw_this").click().run()
    assert not app.exception
    assert [record.name for record in saved.drafts.list()] == ["Spring, redrawn"]


def test_what_is_gone_leaves_the_comparison(visit, saved, draft):
    other = saved.drafts.begin(1, "Other", "ann")
    app = visit("compare")
    app.multiselect(key="compared").set_value(["version 1", f"draft {draft}", f"draft {other}"]).run()
    assert len(sent(app)) == 3
    saved.drafts.close(other, "ann")
    app.run()
    assert not app.exception and len(sent(app)) == 2
    app.switch_page("screens/redraw.py").run()
    saved.drafts.close(draft, "ann")
    keep_design(saved, small_design(), name="Twin", import_id=1, who="ann")
    app.switch_page("screens/compare.py").run()
    assert not app.exception
