"""Design: ask, watch, judge, keep; a stop or an error changes nothing."""

import dataclasses
import os
import threading

import pytest

from geo_territory.attention import pay_attention
from geo_territory.design import design
from geo_territory.errors import Cancelled, InfeasibleError
from geo_territory.intake import accounts_from_table, read_bytes
from geo_territory.policy import CallPolicy, DesignPolicy, Policy
from geo_territory.ui import cached
from geo_territory.ui.jobs import Jobs
from geo_territory.workspace import URL_VARIABLE, keep_design
from tests.ui.conftest import CSV, DANGEROUS, shown_text, table


def solve(app, territories=2):
    """Ask for territories, wait for the job, come back to the page."""
    app.number_input(key="territories").set_value(territories)
    app.number_input(key="tolerance").set_value(45.0)
    app.selectbox(key="units").set_value("counties")
    app.selectbox(key="balance").set_value("accounts").run()
    app.button(key="solve").click().run()
    assert not app.exception
    finish()
    return app.run()


def finish():
    cached.jobs().newest(os.environ[URL_VARIABLE]).wait(60)


def test_without_a_list_the_page_leads_to_it(visit):
    app = visit("design")
    assert not app.exception
    assert app.page_link[0].label == "Bring an account list" and not app.button


def test_without_a_design_the_page_says_what_to_do(visit, accounts):
    app = visit("design")
    assert not app.exception
    assert "press Solve" in app.info[0].value


def test_territories_are_made_judged_and_kept(visit, workspace, accounts):
    app = solve(visit("design"))
    assert not app.exception and not app.error
    text = shown_text(app)
    assert (
        "Contiguous: yes" in text
        and "Imbalance" in text
        and "every territory in one piece" in text
        and "territories in the 85 to 115 band" in text
    )
    rows = table(app, "territory_id", "compactness")
    assert len(rows) == 2 and {"A", "B", "C"} <= set(rows.columns) and rows["accounts"].sum() == 11
    assert app.get("bidi_component") and app.get("vega_lite_chart")
    app.text_input(key="design_name").set_value("Two halves")
    app.button(key="save_design_button").click().run()
    assert not app.exception
    assert [d.name for d in workspace.designs()] == ["Two halves"]
    assert workspace.state().designs == 1 and workspace.policy().design.units == "counties"
    assert "Two halves" in shown_text(visit("design"))


def test_the_account_without_a_place_is_listed_with_its_name_as_text(visit, workspace, accounts):
    app = solve(visit("design"))
    assert table(app, "account_id", "reason")["account_id"].tolist() == ["011"]
    assert DANGEROUS not in shown_text(app)


def test_a_design_without_a_name_is_not_kept(visit, workspace, accounts):
    app = solve(visit("design"))
    app.text_input(key="design_name").set_value("  ")
    app.button(key="save_design_button").click().run()
    assert not app.exception
    assert "needs a name" in app.error[0].value and workspace.designs() == []


def test_an_earlier_design_can_be_opened_again(visit, workspace, accounts):
    for name, territories in (("First", 2), ("Second", 3)):
        app = solve(visit("design"), territories)
        app.text_input(key="design_name").set_value(name)
        app.button(key="save_design_button").click().run()
    assert len(table(visit("design"), "territory_id", "compactness")) == 3
    app = visit("design")
    app.selectbox(key="saved_2").set_value(1).run()
    assert not app.exception
    assert len(table(app, "territory_id", "compactness")) == 2


def test_what_cant_be_done_is_explained_where_it_was_asked(visit, workspace, accounts):
    nobody_calls = dataclasses.replace(Policy(), calls=CallPolicy(patterns=()))
    workspace.save_policy(nobody_calls, decides="attention", who="ann")
    app = visit("design")
    app.button(key="solve").click().run()
    finish()
    app.run()
    assert not app.exception
    assert "Nothing to balance: no call pattern" in app.error[0].value
    assert not app.button(key="solve").disabled


def test_the_current_territories_can_be_the_start(visit, accounts):
    app = visit("design")
    app.toggle(key="from_current").set_value(True).run()
    app = solve(app)
    assert not app.exception and not app.error
    assert set(table(app, "territory_id", "compactness")["territory_id"]) == {"T1", "T2"}


def test_running_work_shows_its_phase_and_a_way_to_stop(visit, workspace, accounts):
    begun, go_on = threading.Event(), threading.Event()

    def work(progress):
        progress("Building units", 0.25)
        begun.set()
        go_on.wait(30)
        progress("Balancing", 0.5)
        raise AssertionError("it should have stopped")

    job = cached.jobs().start(os.environ[URL_VARIABLE], "two territories", 1, work)
    begun.wait(10)
    app = visit("design")
    assert app.progress[0].value == 25 and app.progress[0].text == "Building units · 25\u00a0%"
    assert app.button(key="solve").disabled
    app.button(key="cancel").click().run()
    go_on.set()
    job.wait(10)
    app = visit("design")
    assert not app.exception
    assert any("Stopped" in info.value for info in app.info)


def test_a_job_keeps_its_end():
    jobs = Jobs()

    def infeasible(progress):
        raise InfeasibleError("Unit 7 alone is too heavy: split it.")

    def broken(progress):
        raise ZeroDivisionError

    def stopped(progress):
        raise Cancelled("stop")

    for work, name in ((infeasible, "error"), (broken, "fault"), (stopped, None)):
        job = jobs.start("here", "x", 1, work)
        job.wait(10)
        assert not job.running and job.made is None
        assert [end for end in ("error", "fault") if getattr(job, end) is not None] == ([name] if name else [])


def test_one_job_runs_at_a_time_in_a_workspace():
    jobs, go_on = Jobs(), threading.Event()
    first = jobs.start("here", "first", 1, lambda progress: go_on.wait(30))
    assert jobs.start("here", "second", 1, lambda progress: None) is first
    assert jobs.start("there", "third", 1, lambda progress: None) is not first
    go_on.set()
    first.wait(10)
    jobs.forget("here")
    assert jobs.newest("here") is None


def test_a_bug_in_the_work_keeps_its_traceback(visit, workspace, accounts):
    def broken(progress):
        raise ZeroDivisionError("a bug")

    cached.jobs().start(os.environ[URL_VARIABLE], "x", 1, broken).wait(10)
    app = visit("design")
    assert app.exception and "a bug" in app.exception[0].value


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "**bold** [x](http://x)"])
def test_a_name_of_a_design_is_only_text(visit, workspace, accounts, name):
    app = solve(visit("design"))
    app.text_input(key="design_name").set_value(name)
    app.button(key="save_design_button").click().run()
    assert not app.exception
    assert workspace.designs()[0].name == name
    assert name not in shown_text(app)


def test_todays_territories_are_seen_before_anything_is_solved(visit, accounts):
    app = visit("design")
    app.selectbox(key="units").set_value("counties")
    app.selectbox(key="balance").set_value("accounts").run()
    assert not app.exception and not app.error
    text = shown_text(app)
    assert "Today" in text and "Imbalance" in text and "1 account without a place or a territory" in text
    rows = table(app, "territory_id", "compactness").set_index("territory_id")
    assert rows["accounts"].to_dict() == {"T1": 6, "T2": 5}
    assert app.get("bidi_component") and app.get("vega_lite_chart")


def test_a_design_says_what_changes_hands_and_today_stays_one_press_away(visit, accounts):
    app = solve(visit("design"))
    assert any("Today 2 territories have an imbalance of 9.1\u00a0%" in said.value for said in app.caption)
    assert any("of 11 accounts" in said.value and "change territory" in said.value for said in app.caption)
    app.get_by_key("view").set_value("Today").run()
    assert not app.exception
    assert any("Nothing is solved here" in said.value for said in app.caption)


def test_a_list_without_territories_shows_no_today(visit, workspace):
    lists = accounts_from_table(read_bytes("list.csv", CSV.replace(",Territory,", ",Else,").encode()))
    facts = {"accounts": lists.accounts, "report": lists.report, "original": lists.original, "headings": lists.headings}
    workspace.import_accounts(**facts, file_name="list.csv", file=b"x", who="ann")
    app = visit("design")
    assert not app.exception
    assert "press Solve" in app.info[0].value and "Today" not in shown_text(app)


def test_accounts_kept_by_hand_in_the_newest_version_may_stay_where_they_are(visit, workspace, accounts):
    attention = pay_attention(workspace.accounts(), Policy(design=DesignPolicy(2, "counties", "accounts", tolerance=0.45)))
    start = attention.planned["territory_id"].dropna()
    kept = design(attention, start=start, exceptions={"000": "T2"})
    keep_design(workspace, kept, name="By hand", import_id=accounts.import_id, who="ann")
    app = visit("design")
    assert "keep_exceptions" not in [toggle.key for toggle in app.toggle]
    app.toggle(key="from_current").set_value(True).run()
    assert app.toggle(key="keep_exceptions").label == "Keep 1 account where By hand put them by hand"
    solve(app)
    made = cached.jobs().newest(os.environ[URL_VARIABLE]).made
    assert (made.exceptions, made.territory_id["000"]) == ({"000": "T2"}, "T2")
