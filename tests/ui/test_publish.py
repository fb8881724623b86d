"""Publish: who serves what, what it changes, handing in, approving by name, being overtaken, handing over, closing a cycle."""

from datetime import date, timedelta

import pytest

from geo_territory.publish.realignment import realignment
from geo_territory.rights import LEADER, Viewer
from geo_territory.tables import Assignments, Audit, Ownership, TerritoryReps
from geo_territory.workspace import load_sample
from tests.redraw_saved import keep
from tests.redraw_world import small_design, small_reps
from tests.ui.conftest import shown_text, table

TODAY = date.today()
BEN = Viewer("ben@example.com", "Ben", LEADER)


@pytest.fixture
def saved(tmp_path, workspace):
    """The workspace the app opens, with the small company's four territories of Ohio counties saved as `Spring`."""
    made = small_design()
    keep(tmp_path, made, reps=small_reps(made))
    return workspace


def at(visit, part, **seen):
    """The screen at one of its parts, seen as somebody."""
    app = visit("start")
    for key, value in seen.items():
        app.session_state[key] = value
    app.switch_page("screens/publish.py").run()
    app.get_by_key("publish_part").set_value(part).run()
    assert not app.exception
    return app


@pytest.fixture
def handed_in(visit, saved):
    """The screen after Spring was handed in as it was proposed."""
    app = at(visit, "Prepare")
    app.text_input(key="publish_note_1").set_value("agreed with the managers").run()
    app.button(key="hand_in").click().run()
    assert not app.exception and not app.error
    return app


def approve(app, day, number=1):
    app.date_input(key=f"valid_from_{number}").set_value(day).run()
    app.button(key=f"approve_{number}").click().run()
    assert not app.exception
    return app


@pytest.fixture
def active(handed_in):
    """The screen after it was approved from today on."""
    app = approve(handed_in, TODAY)
    assert not app.error
    return app


def redrawn(saved, name="Autumn"):
    """Another design of the same accounts: two territories."""
    from geo_territory.workspace import keep_design

    return keep_design(saved, small_design(2), name=name, import_id=1, who="ann")


def test_without_a_design_the_screen_leads_to_one(visit, workspace):
    app = visit("publish")
    assert not app.exception and "nothing new to publish" in app.info[0].value
    assert app.page_link[0].label == "Make a design and save it"


def test_the_first_time_it_says_that_nothing_is_published(visit, saved):
    app = at(visit, "Prepare")
    assert "Nothing is published yet" in app.info[0].value
    assert "every account is new" in shown_text(app)
    assert at(visit, "Versions").info and at(visit, "Hand over").info and at(visit, "Cycle").info


def test_vacancies_and_who_serves_all_are_shown(visit, saved):
    app = at(visit, "Prepare")
    rows = app.data_editor[0].value.set_index("territory_id")
    assert rows["outside"].dropna().to_dict() == {"T01": "R1", "T02": "R2", "T03": "R3"}
    assert "vacant in T04" in app.warning[0].value
    assert "Vic President \\(V1\\) serves every account" in shown_text(app)


def test_who_serves_a_territory_is_corrected_in_the_grid(visit, saved):
    app = at(visit, "Prepare")
    grid = app.data_editor[0]
    app.session_state[grid.key] = {"edited_rows": {3: {"outside": "R1"}, 1: {"inside": "S1"}}, "added_rows": [], "deleted_rows": []}
    app.run()
    assert not app.exception and any("R1\\) serves T01, T04 alone" in warning.value for warning in app.warning)
    app.button(key="hand_in").click().run()
    people = saved.cycles.territory_reps(1).set_index([TerritoryReps.territory_id, TerritoryReps.role])[TerritoryReps.rep_id]
    assert people["T04", "outside"] == "R1" and people["T02", "inside"] == "S1"
    rows = saved.cycles.assignments(1)
    assert set(rows.loc[rows[Assignments.role].eq("outside") & rows[Assignments.territory_id].eq("T04"), Assignments.rep_id]) == {"R1"}


def test_what_is_handed_in_waits_for_approval(handed_in, saved):
    [record] = saved.cycles.publications()
    assert (record.name, record.state_on(TODAY), record.note) == ("Spring", "review", "agreed with the managers")
    assert handed_in.get_by_key("publish_part").value == "Versions"
    assert "Waits for approval" in shown_text(handed_in) and "agreed with the managers" in shown_text(handed_in)
    handed_in.toggle(key="changes_1").set_value(True).run()
    assert not handed_in.exception and "every account is new" in shown_text(handed_in)


def test_a_leader_approves_by_name_from_a_day_on(active, saved):
    [record] = saved.cycles.publications()
    assert (record.approved_by, record.valid_from, record.state_on(TODAY)) == ("ann", TODAY, "active")
    assert "is approved by ann" in active.success[0].value
    assert "Active" in shown_text(active) and not [b for b in active.button if str(b.key).startswith("approve")]


def test_a_day_to_come_makes_it_scheduled_and_it_can_be_withdrawn_with_a_reason(handed_in, saved):
    app = approve(handed_in, TODAY + timedelta(days=30))
    assert "Scheduled" in shown_text(app) and "Nothing is published yet" in shown_text(app)
    app.button(key="withdraw_1").click().run()
    assert any("Say why" in warning.value for warning in app.warning)
    app.text_input(key="withdraw_why_1").set_value("too early").run()
    app.button(key="withdraw_1").click().run()
    assert not app.exception and not app.error and "Withdrawn" in shown_text(app)
    assert saved.cycles.publications()[0].state_on(TODAY) == "withdrawn"
    assert saved.audit()[Audit.why].iloc[-1] == "too early"


def test_before_approving_it_says_what_ends(active, visit, saved):
    redrawn(saved)
    app = at(visit, "Prepare")
    app.selectbox(key="publish_design").set_value(2).run()
    app.button(key="hand_in").click().run()
    app.date_input(key="valid_from_2").set_value(TODAY + timedelta(days=7)).run()
    ends = TODAY + timedelta(days=6)
    assert f"Spring ends on {ends:%Y-%m-%d}" in shown_text(app)
    app.button(key="approve_2").click().run()
    assert not app.error
    newest, first = saved.cycles.publications()
    assert (first.valid_to, newest.state_on(TODAY)) == (ends, "scheduled")


def test_a_day_in_the_past_is_pointed_out(handed_in):
    handed_in.date_input(key="valid_from_1").set_value(TODAY - timedelta(days=3)).run()
    assert "That day is past" in shown_text(handed_in)


def test_somebody_who_approved_it_meanwhile_is_named(handed_in, saved):
    saved.cycles.approve(1, BEN, TODAY, "")
    handed_in.button(key="approve_1").click().run()
    assert not handed_in.exception
    assert "was approved by ben@example.com already" in handed_in.error[0].value
    assert [record.state_on(TODAY) for record in saved.cycles.publications()] == ["active"]


def test_when_something_else_ends_by_now_it_asks_again(visit, handed_in, saved):
    second = publish_again(visit, saved)
    saved.cycles.approve(1, BEN, TODAY, "")
    second.button(key="approve_2").click().run()
    assert not second.exception
    assert any("Somebody was faster" in warning.value and "Spring ends" in warning.value for warning in second.warning)
    assert saved.cycles.publication(2).state_on(TODAY) == "review"
    second.button(key="approve_2").click().run()
    assert saved.cycles.publication(2).approved_by == "ann"


def publish_again(visit, saved):
    redrawn(saved)
    app = at(visit, "Prepare")
    app.selectbox(key="publish_design").set_value(2).run()
    app.button(key="hand_in").click().run()
    assert not app.exception
    return app


def test_two_approved_for_one_day_leave_one_active(visit, handed_in, saved):
    second = publish_again(visit, saved)
    approve(handed_in, TODAY, 1)
    approve(second, TODAY, 2)
    states = [record.state_on(TODAY) for record in saved.cycles.publications()]
    assert states.count("active") == 1
    assert saved.cycles.owners(TODAY).groupby([Ownership.account_id, Ownership.role]).size().max() == 1


def test_the_changes_against_what_is_active_are_counted(active, visit, saved):
    redrawn(saved)
    app = at(visit, "Prepare")
    app.selectbox(key="publish_design").set_value(2).run()
    assert not app.exception and not app.error
    figures = {metric.label: (metric.value, metric.delta) for metric in app.metric}
    moved, of = figures["Change hands"]
    rows = table(app, "account_id", "reason", "rep_before")
    listed = rows[rows["rep_before"] != "nobody"]
    assert int(moved) == len(listed) > 0 and "accounts served before" in of
    assert rows["reason"].notna().all()
    reps = table(app, "rep_shown", "gained", "lost")
    assert len(reps) == 6 and {"value_before", "value_after", "used_before", "used_after"} <= set(reps.columns)
    assert len(app.get("bidi_component")) == 2, "the map before and the map after"


def test_the_figures_are_those_of_the_library(active, visit, saved):
    """F22 as `handover` counts it, to the account."""
    from geo_territory.handover import disruption_by_rep

    design = small_design(2)
    redrawn(saved)
    record = saved.designs()[0]
    rows = saved.cycles.assignments(1)
    after = rows.assign(**{Assignments.rep_id: rows[Assignments.rep_id].replace({"R1": "R2"})})
    made = realignment(design.attention, rows, after, saved.reps())
    told, moved = disruption_by_rep(made.changes, "outside", design.attention.workload), made.moved("outside")
    assert record.name == "Autumn" and moved.accounts.moved == told.moved > 0 and moved.accounts.of == told.accounts
    assert moved.accounts.share == pytest.approx(told.accounts_share) and moved.value.share == pytest.approx(told.value_share)
    assert moved.hours.share == pytest.approx(told.hours_share) and moved.top.share == pytest.approx(told.top_tier_share)
    assert moved.risk == pytest.approx((told.sales_at_risk_low, told.sales_at_risk_high))


def test_a_rep_who_loses_much_is_named(active, visit, saved):
    redrawn(saved)
    app = at(visit, "Prepare")
    app.selectbox(key="publish_design").set_value(2).run()
    assert any("of the value served before" in warning.value for warning in app.warning)
    flags = table(app, "rep_shown", "flag").set_index("rep_shown")["flag"]
    assert flags.str.contains("loses much").any()


def test_a_design_from_scratch_gives_nobody_a_territory_for_its_name(active, visit, saved):
    """T01 and T02 of another design lie elsewhere: nobody who was named for one is proposed, and who has none is told."""
    redrawn(saved)
    app = at(visit, "Prepare")
    app.selectbox(key="publish_design").set_value(2).run()
    assert app.data_editor[0].value["outside"].isna().all()
    assert any("Without a territory: Rep 1" in warning.value for warning in app.warning)


def test_packs_are_offered_for_everybody_and_for_one(active, visit, saved):
    app = at(visit, "Hand over")
    packs = app.selectbox(key="pack_of")
    assert packs.options[0] == "Everybody: 6 packs in one zip" and len(packs.options) == 7
    app.selectbox(key="pack_of").set_value("R1").run()
    assert not app.exception and [button.label for button in app.get("download_button")][0] == "Download"


def test_who_served_an_account_on_a_day_is_answered(active, visit, saved):
    app = at(visit, "Who served it")
    app.text_input(key="served_search").set_value("site 018").run()
    assert not app.exception
    assert "**outside**: Rep" in shown_text(app)
    assert len(table(app, "valid_from", "publication")) >= 1
    app.date_input(key="served_day").set_value(TODAY - timedelta(days=400)).run()
    assert "Nobody: nothing that was published held" in app.info[0].value
    app.text_input(key="served_search").set_value("nothing like it").run()
    assert "No account has all these words" in app.info[0].value


def test_files_for_each_crm_can_be_asked_for(active, visit, saved):
    app = at(visit, "Hand over")
    assert not app.error
    for system in ("Salesforce", "HubSpot", "Dynamics"):
        app.get_by_key("crm_system").set_value(system).run()
        assert not app.exception and not app.error
        assert "nothing to load" in shown_text(app), "the list has none of the CRM's own ids, and it says so"


def test_a_cycle_is_begun_closed_and_followed_by_the_next(visit, saved):
    app = at(visit, "Cycle")
    app.button(key="cycle_begin_button").click().run()
    assert not app.exception and not app.error
    app.button(key="cycle_close_1_button").click().run()
    assert any("Tick that" in warning.value for warning in app.warning) and len(saved.cycles.list()) == 1
    app.checkbox(key="cycle_sure_1").check()
    app.button(key="cycle_close_1_button").click().run()
    assert not app.exception and not app.error, shown_text(app)
    assert "is closed" in app.success[0].value
    known = saved.cycles.list()
    assert len(known) == 2 and known["frozen_at"].notna().tolist() == [True, False]


def test_nothing_is_approved_into_a_closed_cycle(handed_in, saved):
    cycle = saved.cycles.begin("Now", TODAY - timedelta(days=5), TODAY + timedelta(days=5), "ann")
    saved.cycles.close(cycle, "Next", TODAY + timedelta(days=90), "ann")
    app = approve(handed_in, TODAY + timedelta(days=2))
    assert "Now is closed" in app.error[0].value


def test_an_analyst_prepares_and_takes_files_and_approves_nothing(visit, handed_in, saved):
    saved.people.save_user("zoe@example.com", name="Zoe", app_role="analyst", who="ann")
    app = at(visit, "Versions", seen_as="user zoe@example.com")
    assert "A leader approves it" in shown_text(app)
    assert not [b for b in app.button if str(b.key).startswith(("approve", "withdraw"))]
    assert "nothing to publish" not in shown_text(at(visit, "Prepare", seen_as="user zoe@example.com"))


def test_a_role_taken_away_meanwhile_approves_nothing(visit, handed_in, saved, monkeypatch):
    saved.people.save_user("lea@example.com", name="Lea", app_role="leader", who="ann")
    saved.people.save_user("ben@example.com", name="Ben", app_role="leader", who="ann")
    app = at(visit, "Versions", seen_as="user lea@example.com")
    saved.people.save_user("lea@example.com", name="Lea", app_role="analyst", who="ann")
    app.button(key="approve_1").click().run()
    assert not app.exception and "you may not approve" in app.error[0].value
    assert saved.cycles.publication(1).approved_by is None


def test_start_says_what_is_in_force(visit, active):
    assert "Spring is active since" in shown_text(visit("start"))


def test_a_cycle_closed_by_somebody_else_does_not_close_the_next_one(visit, saved):
    cycle = saved.cycles.begin("Now", TODAY - timedelta(days=5), TODAY - timedelta(days=1), "ann")
    app = at(visit, "Cycle")
    app.checkbox(key="cycle_sure_1").check()
    saved.cycles.close(cycle, "Next", TODAY + timedelta(days=90), "ben")
    app.button(key="cycle_close_1_button").click().run()
    assert not app.exception
    assert saved.cycles.list()["frozen_at"].notna().tolist() == [True, False]


def test_what_is_published_shows_though_no_design_is_saved(visit, workspace):
    load_sample(workspace)
    for part, shows in (
        ("Prepare", "no saved design yet"),
        ("Versions", "Approved and past"),
        ("Hand over", "Territories of 2026"),
        ("Who served it", "Territories of 2026"),
        ("Cycle", "2026 H"),
    ):
        app = at(visit, part)
        assert "Territories of 2026" in shown_text(app) and shows in shown_text(app), part
