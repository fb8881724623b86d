"""People: who may sign in, when they are away, what they ask for, and how they are forgotten."""

from datetime import datetime

import pandas as pd
import pytest

from geo_territory.errors import RightsError, TableError, WorkspaceError
from geo_territory.rights import Viewer
from geo_territory.tables import Calendar
from geo_territory.workspace.privacy import Retention
from geo_territory.workspace.schema import METADATA
from tests.people_world import ANALYST_ALI, ANN, NOON, VIEWERS, calls, company, day, publish, reps

R1, R2, M1 = VIEWERS["r1"], VIEWERS["r2"], VIEWERS["m1"]


@pytest.fixture
def workspace(url):
    found = company(url)
    publish(found, day("2026-01-01"))
    yield found
    found.close()


def test_a_person_is_known_by_e_mail_in_any_case_until_no_longer_let_in(workspace):
    assert workspace.people.viewer(" R1@Example.com ") == Viewer("r1@example.com", "Rae West", "rep", "r1")
    assert workspace.people.viewer("nobody@example.com") is None
    workspace.people.save_user("r1@example.com", name="Rae West", app_role="rep", rep_id="r1", active=False, who=ANN.email, why="left")
    assert workspace.people.viewer("r1@example.com") is None
    line = workspace.audit().iloc[-1]
    told = ("person changed", "rep, rep r1", "rep, rep r1, no longer let in", "left")
    assert (line["what"], line["old"], line["new"], line["why"]) == told


def test_saving_a_person_as_they_are_writes_nothing(workspace):
    lines = len(workspace.audit())
    workspace.people.save_user("R1@example.com", name="Rae West", app_role="rep", rep_id="r1", who=ANN.email)
    workspace.people.save_user(ANN.email, name="Ann", app_role="leader", who=ANN.email)
    assert len(workspace.audit()) == lines


def test_a_person_that_makes_no_sense_is_not_let_in(workspace):
    people, known = workspace.people, workspace.people.users()
    for words, line in {
        "needs an e-mail": {"email": " ", "name": "X", "app_role": "analyst"},
        "no rep r9": {"email": "x@example.com", "name": "X", "app_role": "rep", "rep_id": "r9"},
        "sees nothing without the rep": {"email": "x@example.com", "name": "X", "app_role": "manager"},
        "only leader": {"email": ANN.email, "name": "Ann", "app_role": "analyst"},
    }.items():
        with pytest.raises(WorkspaceError, match=words):
            people.save_user(**line, who=ANN.email)
    with pytest.raises(TableError, match="app_role"):
        people.save_user("x@example.com", name="X", app_role="king", who=ANN.email)
    pd.testing.assert_frame_equal(people.users(), known)


def test_a_team_is_everybody_below_and_a_circle_is_walked_once(workspace):
    assert workspace.people.team_of("v1") == {"v1", "m1", "r1", "r2"}
    assert workspace.people.team_of("r1") == {"r1"}
    circle = reps()
    circle.loc["v1", "manager_id"] = "r1"
    workspace.save_reps(circle, ANN.email)
    assert workspace.people.team_of("r1") == {"v1", "m1", "r1", "r2"}


def test_days_off_are_saved_replaced_and_cleared(workspace):
    people = workspace.people
    assert people.save_days_off("r1", [day("2026-08-12"), day("2026-08-11")], "sea", ANN.email) == 2
    people.save_days_off("r1", [day("2026-08-12")], "ill", ANN.email)
    assert list(people.days_off()["reason"]) == ["sea", "ill"]
    assert people.clear_days_off("r1", [day("2026-08-11"), day("2026-08-13")], ANN.email) == 1
    assert list(people.days_off()["date"]) == [pd.Timestamp("2026-08-12")]
    with pytest.raises(WorkspaceError, match="no rep r9"):
        people.save_days_off("r9", [day("2026-08-12")], "", ANN.email)


def test_the_calendar_is_kept_in_order_and_saving_it_again_writes_nothing(workspace):
    rows = [("2026-12-25", "holiday", "Christmas", None, None), ("2026-09-01", "training", None, "outside", None)]
    frame = pd.DataFrame(rows, columns=Calendar.columns())
    workspace.people.save_calendar(frame, ANN.email)
    lines = len(workspace.audit())
    workspace.people.save_calendar(frame.iloc[::-1], ANN.email)
    assert list(workspace.people.calendar()["kind"]) == ["training", "holiday"]
    assert len(workspace.audit()) == lines


def test_an_accepted_tier_request_sets_the_tier_with_its_reason_at_once(workspace):
    request_id = workspace.people.ask("a1", "tier", "C", "closed the plant", R1)
    assert list(workspace.people.requests(["r1"], "open").index) == [request_id]
    workspace.people.answer(request_id, "accepted", "agreed", M1)
    override = workspace.overrides().loc["a1"]
    assert (override["tier"], override["reason"], override["set_by"]) == ("C", "closed the plant", M1.email)
    row = workspace.people.requests().loc[request_id]
    assert (row["state"], row["answered_by"], row["answer"], row["answered_at"]) == ("accepted", M1.email, "agreed", NOON)
    with pytest.raises(WorkspaceError, match="accepted by m1@example.com on 2026-08-10 already"):
        workspace.people.answer(request_id, "declined", "", ANN)


def test_a_declined_request_or_one_about_the_owner_changes_nothing(workspace):
    people = workspace.people
    people.answer(people.ask("a1", "tier", "C", "small", R1), "declined", "no", ANN)
    people.answer(people.ask("a1", "owner", "", "too far", R1), "accepted", "next quarter", ANN)
    assert workspace.overrides().empty
    assert sorted(people.requests()["state"]) == ["accepted", "declined"]


def test_a_request_is_about_an_account_one_serves_and_says_why(workspace):
    people = workspace.people
    said = set()
    for account in ("a4", "nowhere"):
        with pytest.raises(RightsError) as refused:
            people.ask(account, "tier", "C", "why not", R1)
        said.add(str(refused.value))
    assert len(said) == 1
    wrong = {"needs a reason": ("tier", "C", " "), "which tier": ("tier", "Z", "x"), "about the tier": ("price", "", "x")}
    for words, ask in wrong.items():
        with pytest.raises(WorkspaceError, match=words):
            people.ask("a1", *ask, R1)
    with pytest.raises(RightsError):
        people.ask("a1", "tier", "C", "as leader", ANN)
    assert people.requests().empty


def test_a_request_sent_twice_is_one_and_its_number_belongs_to_who_asked(workspace):
    people = workspace.people
    assert people.ask("a1", "tier", "C", "small", R1, "e7") == people.ask("a1", "tier", "C", "small", R1, "e7") == "e7"
    assert len(people.requests()) == 1
    with pytest.raises(RightsError, match="send it again as a new one"):
        people.ask("a4", "tier", "C", "small", R2, "e7")


def test_who_leads_the_rep_answers_and_nobody_their_own(workspace):
    people = workspace.people
    request_id = people.ask("a1", "tier", "C", "small", R1)
    for viewer in (R1, R2, ANALYST_ALI):
        with pytest.raises(RightsError, match="may not answer requests"):
            people.answer(request_id, "accepted", "", viewer)
    other = Viewer("o@example.com", "Other", "manager", "i1")
    for unknown in (request_id, "none"):
        with pytest.raises(RightsError, match="no such request among those of your team"):
            people.answer(unknown, "accepted", "", other)
    own = Viewer(R1.email, "Rae", "manager", "r1")
    with pytest.raises(RightsError, match="You asked this yourself"):
        people.answer(request_id, "accepted", "", own)
    assert workspace.overrides().empty


def lived(workspace):
    """r1 did all sorts of things."""
    people = workspace.people
    people.save_days_off("r1", [day("2026-08-12")], "knee operation", ANN.email)
    workspace.calls_made.log(calls(("e1", "a2", "r1", "2026-08-10", "met", 5.0, "met Mrs Ruck")), R1)
    workspace.calls_made.log(calls(("e2", "a3", "r1", "2026-08-10", "met", 5.0, "met Mr Tarn")), R1)
    workspace.calls_made.retract("e2", R1)
    people.ask("a1", "tier", "C", "my own words", R1)
    workspace.save_policy(workspace.policy(), decides="tiers", who=R1.email)
    workspace.set_override("a3", "B", "growing", R1.email)


def test_all_that_is_kept_about_a_person_can_be_taken_out(workspace):
    lived(workspace)
    found = workspace.people.about("R1@example.com")
    counts = {name: len(table) for name, table in found.items()}
    assert {name: counts[name] for name in ("users", "reps", "days_off", "calls", "retracted_calls", "requests", "overrides")} == {
        "users": 1,
        "reps": 1,
        "days_off": 1,
        "calls": 1,
        "retracted_calls": 1,
        "requests": 1,
        "overrides": 1,
    }
    assert counts["served"] == 3 and set(found["audit"]["who"]) == {R1.email}
    assert list(found["calls"]["note"]) == ["met Mrs Ruck"]
    assert {name: len(table) for name, table in workspace.people.about("r1").items()} == counts
    with pytest.raises(WorkspaceError, match="Nobody is known by that"):
        workspace.people.about("nobody")


@pytest.mark.parametrize("known_by", ["r1", "r1@example.com"])
def test_a_forgotten_person_stands_nowhere_while_what_was_done_stays_whole(workspace, known_by):
    lived(workspace)
    workspace.cycles.close(workspace.cycles.at(day("2026-01-01")), "rest", day("2026-12-31"), ANN.email)
    before = workspace.audit()
    key = workspace.people.forget(known_by, ANN.email, "asked for it")
    held = everything(workspace)
    for word in ("r1@example.com", "Rae West", "40.12345", "Mrs Ruck", "Mr Tarn", "knee", "my own words"):
        assert word not in held
    after = workspace.audit()
    assert len(after) == len(before) + 1
    assert list(after["who"].iloc[:-1]) == [key if who == R1.email else who for who in before["who"]]
    assert (after.iloc[-1]["who"], after.iloc[-1]["what"], after.iloc[-1]["object"]) == (ANN.email, "person erased", key)
    workspace.verify()
    assert workspace.people.viewer("r1@example.com") is None
    assert len(workspace.calls_made.calls(["r1"])) == 1
    assert workspace.overrides().loc["a3", "set_by"] == key
    assert len(workspace.cycles.owners(day("2026-08-10"), ["a1"])) == 3


def test_nothing_of_a_forgotten_person_is_left_in_the_files(tmp_path):
    workspace = company(f"sqlite:///{tmp_path / 'w.db'}")
    publish(workspace, day("2026-01-01"))
    lived(workspace)
    workspace.people.forget("r1", ANN.email, "asked for it")
    held = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    for word in (b"Rae West", b"r1@example.com", b"Mrs Ruck", b"Mr Tarn", b"knee"):
        assert word not in held
    assert b"Rob East" in held
    workspace.close()


def everything(workspace):
    """Return every row of every table as text."""
    with workspace._access.reading() as connection:
        return "\n".join(str(row) for table in METADATA.sorted_tables for row in connection.execute(table.select()))


def test_the_only_leader_is_not_forgotten(workspace):
    with pytest.raises(WorkspaceError, match="only leader"):
        workspace.people.forget(ANN.email, ANN.email, "")
    assert workspace.people.viewer(ANN.email) == ANN


def test_notes_are_erased_when_they_were_kept_long_enough(workspace):
    rows = (("c1", "a1", "r1", "2026-02-09", "met", 5.0, "old"), ("c2", "a1", "r1", "2026-02-10", "met", 5.0, "just young enough"))
    workspace.calls_made.add(calls(*rows), ANN.email)
    assert workspace.people.retain(Retention(notes_months=6), ANN.email) == {"notes": 1}
    assert workspace.calls_made.calls()["note"].fillna("").to_list() == ["", "just young enough"]
    line = workspace.audit().iloc[-1]
    assert (line["what"], line["new"], line["why"]) == ("notes erased", "1 notes of calls before 2026-02-10", "kept for 6 months")
    assert workspace.people.retain(Retention(notes_months=6), ANN.email) == {"notes": 0}
    assert len(workspace.audit()) == line["seq"]
    with pytest.raises(WorkspaceError, match="one month or more"):
        Retention(0)


def test_moments_are_those_of_the_clock(workspace):
    request_id = workspace.people.ask("a1", "owner", "", "far", R1)
    assert workspace.people.requests().loc[request_id, "asked_at"] == datetime(2026, 8, 10, 12, 0)
