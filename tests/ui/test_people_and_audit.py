"""People and audit: users and roles, reps, days off, requests, the audit, personal data; each for who may see it."""

import io
import zipfile
from datetime import date, datetime

import pandas as pd
import pytest
from sqlalchemy import create_engine, text

from geo_territory.publish.person_file import person_zip
from geo_territory.rights import LEADER, Viewer
from geo_territory.tables import Audit, Reps, Requests, Users
from geo_territory.ui.people_time import working_days
from geo_territory.workspace.audit_search import HIDDEN, found, without_accounts
from tests.redraw_saved import keep
from tests.redraw_world import small_design, small_reps
from tests.ui.conftest import DANGEROUS, shown_text, table

TODAY = date.today()
ANN = Viewer("ann", "ann", LEADER)


@pytest.fixture
def company(tmp_path, workspace):
    """The small company of Ohio with its six reps."""
    made = small_design()
    keep(tmp_path, made, reps=small_reps(made))
    return workspace


@pytest.fixture
def part(visit, company):
    """Open the screen at one of its parts, seen as somebody."""

    def open_part(name, seen_as=""):
        app = visit("start")
        app.session_state["seen_as"] = seen_as
        app.switch_page("screens/people.py").run()
        if name:
            app.get_by_key("people_part").set_value(name).run()
        assert not app.exception
        return app

    return open_part


def let_in(workspace, name, app_role, rep_id=None):
    email = f"{name.lower()}@example.com"
    workspace.people.save_user(email, name=name, app_role=app_role, rep_id=rep_id, who="ann")
    return f"user {email}"


def parts_of(app):
    return app.get_by_key("people_part").options


# users


def test_the_first_person_is_added_with_a_role(part, company):
    app = part("Users")
    assert "Nobody is listed yet" in app.info[0].value
    app.text_input(key="user_name_").set_value("Lea Leader")
    app.text_input(key="user_email_").set_value(" Lea@Example.com ")
    app.selectbox(key="user_role_").set_value("leader")
    app.button(key="user_save_").click().run()
    assert not app.exception and not app.error
    users = company.people.users()
    assert users.loc["lea@example.com", Users.app_role] == "leader" and "saved as leader" in app.success[0].value
    assert company.audit()[Audit.who].iloc[-1] == "ann"


def test_a_rep_needs_to_be_one_of_the_reps(part, company):
    app = part("Users")
    app.text_input(key="user_name_").set_value("Rita")
    app.text_input(key="user_email_").set_value("rita@example.com")
    app.button(key="user_save_").click().run()
    assert any("Choose which rep" in warning.value for warning in app.warning) and company.people.users().empty
    app.selectbox(key="user_rep_").set_value("R1")
    app.button(key="user_save_").click().run()
    assert company.people.viewer("rita@example.com").rep_id == "R1"


def test_a_role_is_changed_and_a_person_is_kept_out(part, company):
    let_in(company, "Lea", "leader")
    let_in(company, "Zoe", "analyst")
    app = part("Users")
    app.selectbox(key="user_chosen").set_value("zoe@example.com").run()
    app.checkbox(key="user_active_zoe@example.com").uncheck()
    app.text_input(key="user_why_zoe@example.com").set_value("left us")
    app.button(key="user_save_zoe@example.com").click().run()
    assert not app.exception and company.people.viewer("zoe@example.com") is None
    assert company.audit()[Audit.why].iloc[-1] == "left us"


def test_the_last_leader_cant_lock_everybody_out(part, company):
    let_in(company, "Lea", "leader")
    app = part("Users")
    app.selectbox(key="user_chosen").set_value("lea@example.com").run()
    app.selectbox(key="user_role_lea@example.com").set_value("analyst")
    app.button(key="user_save_lea@example.com").click().run()
    assert not app.exception and "only leader" in app.error[0].value
    assert company.people.viewer("lea@example.com").app_role == "leader"


def test_a_dangerous_name_is_only_text(part, company):
    company.people.save_user("x@example.com", name=DANGEROUS, app_role="leader", who="ann")
    app = part("Users")
    assert DANGEROUS in table(app, "name", "email")["name"].tolist()
    assert "<img" not in shown_text(app)


# reps


def edit(app, rows):
    grid = next(element for element in app.data_editor if "rep_id" in element.value.columns)
    app.session_state[grid.key] = {"edited_rows": rows, "added_rows": [], "deleted_rows": []}
    return app.run()


def test_reps_are_changed_in_the_grid_and_hours_follow(part, company):
    app = part("Reps")
    rows = table(app, "rep_id", "hours_shown").set_index("rep_id")
    assert rows.loc["R1", "hours_shown"] == 1008  # (220 - 10) days x 8 h x 0.75 x 0.8
    edit(app, {0: {"fte": 1.0, "manager_id": "V1", "start": "2026-01-05"}})
    assert "1 rep changed" in shown_text(app) and "+252 hours" in shown_text(app)
    app.text_input(key="reps_why").set_value("back from half time").run()
    app.button(key="reps_save").click().run()
    assert not app.exception and not app.error
    saved = company.reps().loc["R1"]
    assert (saved[Reps.fte], saved[Reps.manager_id], saved[Reps.start]) == (1.0, "V1", pd.Timestamp("2026-01-05"))
    line = company.audit().iloc[-1]
    assert (line[Audit.what], line[Audit.object], line[Audit.why]) == ("rep changed", "rep R1", "back from half time")
    assert "fte 0.8" in line[Audit.old] and "fte 1" in line[Audit.new]


def test_the_audit_of_a_rep_names_nobody(part, company):
    app = edit(part("Reps"), {0: {"name": "Somebody Else", "email": "new@example.com"}})
    app.button(key="reps_save").click().run()
    line = company.audit().iloc[-1]
    assert "Somebody" not in line.to_string() and "new@example.com" not in line.to_string() and "name changed" in line[Audit.new]


def test_another_leader_who_was_faster_is_not_overwritten(part, company):
    app = edit(part("Reps"), {1: {"fte": 0.5}})
    reps = company.reps()
    company.people.change_reps(reps, reps.assign(**{Reps.fte: reps[Reps.fte].mask(reps.index == "R2", 0.9)}), "ben")
    app.button(key="reps_save").click().run()
    assert not app.exception and "Somebody else changed Rep 2 meanwhile" in app.error[0].value
    assert company.reps().loc["R2", Reps.fte] == 0.9


def test_what_another_leader_changed_beside_it_stays(part, company):
    app = edit(part("Reps"), {1: {"fte": 0.5}})
    reps = company.reps()
    company.people.change_reps(reps, reps.assign(**{Reps.fte: reps[Reps.fte].mask(reps.index == "R3", 0.9)}), "ben")
    app.button(key="reps_save").click().run()
    assert not app.error and company.reps()[Reps.fte].loc[["R2", "R3"]].tolist() == [0.5, 0.9]


@pytest.mark.parametrize(
    ("row", "said"),
    [({"manager_id": "R1"}, "own manager"), ({"start": "2026-05-01", "end": "2026-01-01"}, "before the first")],
)
def test_what_cant_be_is_refused_in_words(part, company, row, said):
    app = edit(part("Reps"), {0: row})
    app.button(key="reps_save").click().run()
    assert not app.exception and said in app.error[0].value


def test_a_rep_is_added_once(part, company):
    for known in (False, True):
        app = part("Reps")
        app.text_input(key="rep_add_id").set_value("R9")
        app.text_input(key="rep_add_name").set_value("New Rep")
        app.button(key="rep_add").click().run()
        assert not app.exception and bool(app.error) == known
    assert company.reps().loc["R9", Reps.role] == "outside" and len(company.reps()) == 7


# days off


def test_days_off_are_added_and_cleared_without_weekends(part, company):
    app = part("Days off")
    for button, left in (("day_off_add", 6), ("day_off_clear", 0)):
        app.selectbox(key="day_off_rep").set_value("R2")
        app.date_input(key="day_off_days").set_value((date(2027, 3, 1), date(2027, 3, 8)))
        app.button(key=button).click().run()
        assert not app.exception and not app.error
        assert len(company.people.days_off()) == left
    assert working_days((date(2027, 3, 6), date(2027, 3, 7))) == [] and working_days(()) == []


def test_the_calendar_is_saved_as_it_stands(part, company):
    app = part("Days off")
    grid = next(element for element in app.data_editor if "kind" in element.value.columns)
    added = [{"date": "2027-12-25", "kind": "holiday", "name": "Christmas"}]
    app.session_state[grid.key] = {"edited_rows": {}, "added_rows": added, "deleted_rows": []}
    app.run()
    app.button(key="calendar_save").click().run()
    assert not app.exception and not app.error
    assert company.people.calendar()["name"].tolist() == ["Christmas"]


# requests


@pytest.fixture
def asked(company):
    """R1 serves T01 and asks for another tier of one account and another owner of a second; V1 leads R1."""
    from geo_territory import handover

    made, reps = small_design(), company.reps()
    company.people.change_reps(reps, reps.assign(**{Reps.manager_id: reps[Reps.manager_id].mask(reps.index == "R1", "V1")}), "ann")
    people = handover.proposed_reps(made, company.reps(), company.calls_made.calls())
    rows = handover.assigned(made, people, {})
    number = company.cycles.submit(
        design_id=1, role="outside", name="Spring", assignments=rows, territories=made.territories[["name", "color", "geometry"]],
        reps=people, policy=made.attention.policy, import_id=1, who="ann",
    )  # fmt: skip
    company.cycles.approve(number, ANN, TODAY)
    first, second = rows.loc[rows["rep_id"].eq("R1"), "account_id"].unique()[:2]
    rita = Viewer("rita@example.com", "Rita", "rep", "R1")
    company.people.ask(first, "tier", "A", "they open a second site", rita)
    company.people.ask(second, "owner", "", "a friend of Rep 2", rita)
    return first, second


def choose(app, words):
    box = app.selectbox(key="request_chosen")
    told = next(option for option in box.options if words in option)
    return box.select(told).run()


def test_an_accepted_tier_is_set_at_once(part, asked, company):
    app = choose(part("Requests"), "wrong tier")
    assert "at once, by hand" in shown_text(app) and "they open a second site" in shown_text(app)
    app.button(key="request_accept").click().run()
    assert not app.exception and not app.error
    assert company.overrides().loc[asked[0], "tier"] == "A"
    assert company.people.requests(state="accepted")[Requests.account_id].tolist() == [asked[0]]


def test_an_accepted_owner_is_to_be_drawn_and_it_says_so(part, asked, company):
    app = choose(part("Requests"), "wrong owner")
    assert "in Redraw" in shown_text(app) and any(link.label == "Go to Redraw" for link in app.page_link)
    app.button(key="request_accept").click().run()
    assert not app.exception and "Now give" in app.success[0].value and company.overrides().empty


def test_a_request_is_declined_with_a_sentence(part, asked, company):
    app = choose(part("Requests"), "wrong tier")
    app.button(key="request_decline").click().run()
    assert any("Say why" in warning.value for warning in app.warning)
    request_id = company.people.requests(state="open").index[0]
    app.text_input(key=f"request_answer_{request_id}").set_value("too small").run()
    app.button(key="request_decline").click().run()
    assert not app.exception and company.people.requests(state="declined")[Requests.answer].tolist() == ["too small"]


def test_a_request_answered_meanwhile_says_by_whom(part, asked, company):
    app = choose(part("Requests"), "wrong tier")
    company.people.answer(company.people.requests(state="open").index[0], "declined", "no", Viewer("ben", "Ben", LEADER))
    app.button(key="request_accept").click().run()
    assert not app.exception and "was declined by ben" in app.error[0].value
    assert company.overrides().empty and len(company.people.requests(state="open")) == 1, "nor was the other one answered instead"


def test_a_manager_sees_the_requests_of_the_team_and_nothing_else(part, asked, company):
    app = part("", let_in(company, "Vic", "manager", "V1"))
    assert parts_of(app) == ["Requests"] and "2 open" in shown_text(app)
    other = part("", let_in(company, "Mia", "manager", "R3"))
    assert "No rep has asked for anything yet" in other.info[0].value
    assert "second site" not in shown_text(other) and asked[0] not in shown_text(other)


# audit


def test_the_audit_is_filtered_paged_and_its_chain_verified(part, company):
    for i in range(120):
        company.record_export(f"file{i}.csv", "design 1", "ann")
    app = part("Audit")
    assert "Chain verified" in app.success[0].value
    assert len(table(app, "seq", "who")) == 100
    app.number_input(key="audit_page_2").set_value(2).run()
    assert 0 < len(table(app, "seq", "who")) < 100 and not app.exception
    app.text_input(key="audit_text").set_value("FILE7.csv exported").run()
    assert table(app, "seq", "who")["new"].tolist() == ["file7.csv"]
    assert app.get("download_button")


def test_a_line_changed_from_outside_is_told(part, company, tmp_path):
    with create_engine(f"sqlite:///{tmp_path}/work.db").begin() as raw:
        for (name,) in raw.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit'")).all():
            raw.execute(text(f"DROP TRIGGER {name}"))
        raw.execute(text("UPDATE audit SET what = 'nothing' WHERE seq = 2"))
    app = part("Audit")
    assert not app.exception and not app.success and app.error


def lines():
    """Three lines: an override of an account, a policy, a rep."""
    rows = [
        (1, datetime(2026, 1, 1, 23, 59), "ann", "override set", "account 003", None, "A", "Site 3 grows"),
        (2, datetime(2026, 1, 2), "ben", "policy saved (tiers)", "policy 1", None, "[tier_rule]", None),
        (3, datetime(2026, 1, 3), "ann", "rep changed", "rep R1", "fte 1", "fte 0.5", "asked for it"),
    ]
    return Audit.check(pd.DataFrame(rows, columns=Audit.columns()))


def test_filters_leave_what_meets_all_of_them():
    seqs = lambda **wanted: found(lines(), **wanted)[Audit.seq].tolist()  # noqa: E731
    assert seqs() == [1, 2, 3]
    assert seqs(who=["ann"]) == [1, 3] and seqs(what=["rep changed"]) == [3] and seqs(kinds=["policy"]) == [2]
    assert seqs(since=date(2026, 1, 2)) == [2, 3] and seqs(until=date(2026, 1, 1)) == [1]
    assert seqs(words="GROWS site") == [1] and seqs(words="r1 ann") == [3] and seqs(words="[") == [2]


def test_who_sees_no_account_reads_no_account():
    shown = without_accounts(lines())
    assert "003" not in shown.to_string() and "Site 3" not in shown.to_string()
    assert shown[Audit.object].tolist() == [f"account {HIDDEN}", "policy 1", "rep R1"]
    assert shown[Audit.who].tolist() == ["ann", "ben", "ann"]


def test_an_administrator_keeps_people_and_sees_no_account(part, company):
    company.set_override("a003", "A", "Site 003 grows fast", "ann")
    let_in(company, "Lea", "leader")
    app = part("Audit", let_in(company, "Ada", "admin"))
    assert parts_of(app) == ["Users", "Reps", "Days off", "Audit", "Personal data"]
    everything = shown_text(app) + " ".join(element.value.to_string() for element in app.dataframe)
    assert "a003" not in everything and "grows fast" not in everything and "account not shown" in everything


@pytest.mark.parametrize("role", ["analyst", "rep"])
def test_the_page_is_not_there_for_others(part, company, role):
    let_in(company, "Lea", "leader")
    app = part("", let_in(company, "Otto", role, "R1" if role == "rep" else None))
    assert "isn't yours" in shown_text(app) and not app.dataframe


def test_a_role_taken_away_meanwhile_changes_nobody(part, company):
    let_in(company, "Lea", "leader")
    app = part("Users", let_in(company, "Ben", "leader"))
    app.text_input(key="user_name_").set_value("Eve")
    app.text_input(key="user_email_").set_value("eve@example.com")
    app.selectbox(key="user_role_").set_value("leader")
    company.people.save_user("ben@example.com", name="Ben", app_role="analyst", who="ann")
    app.button(key="user_save_").click().run()
    assert not app.exception and "eve@example.com" not in company.people.users().index


# personal data


def test_what_is_kept_about_a_person_is_one_file(company):
    company.people.save_days_off("R1", [date(2027, 1, 4)], "vacation", "ann")
    made = person_zip(company.people.about("R1"), "Rep 1 (R1)", "2027-01-01")
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert {"README.txt", "reps.csv", "days_off.csv"} <= set(archive.namelist())
        assert b"vacation" in archive.read("days_off.csv") and b"Rep 2" not in b"".join(map(archive.read, archive.namelist()))
    assert made == person_zip(company.people.about("R1"), "Rep 1 (R1)", "2027-01-01")


def test_a_person_is_forgotten_when_one_is_sure_and_says_why(part, company):
    app = part("Personal data")
    app.selectbox(key="data_person").set_value("R1").run()
    assert app.button(key="forget").disabled
    app.checkbox(key="forget_sure_R1").check().run()
    app.button(key="forget").click().run()
    assert any("Say why" in warning.value for warning in app.warning) and company.reps().loc["R1", Reps.name] == "Rep 1"
    app.text_input(key="forget_why_R1").set_value("asked for it").run()
    app.button(key="forget").click().run()
    assert not app.exception and not app.error and company.reps().loc["R1", Reps.name] != "Rep 1"


def test_notes_are_kept_as_long_as_is_set(part, company):
    app = part("Personal data")
    app.number_input(key="notes_months").set_value(12).run()
    app.button(key="retention_save").click().run()
    assert company.people.retention().notes_months == 12 and "12 months" in app.success[0].value
    app.button(key="retention_apply").click().run()
    assert not app.exception and "Nothing is older" in app.success[0].value


def test_nobody_forgets_themself(part, company):
    company.people.save_user("ann", name="Ann", app_role="leader", who="ann")
    let_in(company, "Lea", "leader")
    app = part("Personal data")
    app.selectbox(key="data_person").set_value("ann").run()
    assert app.checkbox(key="forget_sure_ann").disabled and "somebody else has to do it" in shown_text(app)
