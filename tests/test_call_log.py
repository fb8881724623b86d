"""Calls: nothing counts twice, nothing is lost, nobody logs for others."""

import pandas as pd
import pytest

from geo_territory.errors import RightsError, WorkspaceError
from geo_territory.workspace.call_log import Added
from tests.people_world import ADMIN_ADA, ANN, HOME, VIEWERS, calls, company, day, publish

R1, R2 = VIEWERS["r1"], VIEWERS["r2"]


@pytest.fixture
def workspace(url):
    """r1 has the west in spring; from 1 July r2 has a1."""
    found = company(url)
    publish(found, day("2026-01-01"))
    publish(found, day("2026-07-01"), "Summer", home=HOME | {"a1": "E"})
    yield found
    found.close()


def test_the_same_file_again_adds_nothing_and_a_corrected_one_updates(workspace):
    log = workspace.calls_made
    assert log.add(calls(("c1", "a1", "r1", "2026-03-02"), ("c2", "a2", "r1", "2026-03-02")), "ann") == Added(2, 0, 0)
    lines = len(workspace.audit())
    assert log.add(calls(("c2", "a2", "r1", "2026-03-02"), ("c1", "a1", "r1", "2026-03-02")), "ann") == Added(0, 2, 0)
    assert len(workspace.audit()) == lines
    corrected = calls(("c1", "a1", "r1", "2026-03-02", "voicemail", 2.0), ("c3", "a2", "r1", "2026-03-03"))
    assert log.add(corrected, "ann", "from the telephone bill") == Added(1, 0, 1)
    found = log.calls()
    assert list(found.index) == ["c1", "c2", "c3"]
    assert list(found.loc["c1", ["outcome", "duration_min"]]) == ["voicemail", 2.0]
    line = workspace.audit().iloc[-1]
    assert (line["what"], line["object"], line["why"]) == ("call corrected", "call c1", "from the telephone bill")
    assert (line["old"], line["new"]) == (
        "visit met, 30 min, 2026-03-02, account a1, rep r1",
        "visit voicemail, 2 min, 2026-03-02, account a1, rep r1",
    )


def test_a_file_that_says_less_takes_nothing_away(workspace):
    log = workspace.calls_made
    log.add(calls(("c1", "a1", "r1", "2026-03-02", "met", 30.0, "asked for Jo")), "ann")
    assert log.add(calls(("c1", "a1", "r1", "2026-03-02", "met", None)), "ann") == Added(0, 1, 0)
    assert list(log.calls().loc["c1", ["duration_min", "note"]]) == [30.0, "asked for Jo"]


def test_a_note_never_stands_in_the_audit(workspace):
    workspace.calls_made.log(calls(("e1", "a2", "r1", "2026-08-10", "met", 5.0, "a secret")), R1)
    workspace.calls_made.add(calls(("e1", "a2", "r1", "2026-08-10", "met", 5.0, "another secret")), "ann")
    workspace.calls_made.retract("e1", R1)
    assert "secret" not in workspace.audit().to_string()


def test_a_call_sent_twice_counts_once(workspace):
    once = calls(("e1", "a2", "r1", "2026-08-10"))
    assert workspace.calls_made.log(once, R1) == 1
    assert workspace.calls_made.log(once, R1) == 0
    found = workspace.calls_made.calls()
    assert len(found) == 1 and found["logged_at"].notna().all()
    assert (workspace.audit()["what"] == "call logged").sum() == 1


@pytest.mark.parametrize(
    "row, viewer",
    [
        (("e1", "a4", "r1", "2026-08-10"), R1),  # an account of somebody else
        (("e1", "a1", "r1", "2026-08-10"), R1),  # an account handed over on 1 July
        (("e1", "a1", "r2", "2026-06-30"), R2),  # one taken over on 1 July
        (("e1", "a2", "r1", "2025-12-31"), R1),  # before anything was published
        (("e1", "nowhere", "r1", "2026-08-10"), R1),
        (("e1", "a2", "r1", "2026-08-10"), R2),  # in somebody else's name
        (("e1", "a2", "r1", "2026-08-10"), ANN),
        (("e1", "a2", "r1", "2026-08-10"), VIEWERS["m1"]),
    ],
)
def test_only_ones_own_accounts_on_days_one_served_them(workspace, row, viewer):
    mixed = calls(row, ("e2", "a3", row[2], "2026-08-10"))
    with pytest.raises(RightsError) as refused:
        workspace.calls_made.log(mixed, viewer)
    assert "a4" not in str(refused.value) and "r2" not in str(refused.value)
    assert workspace.calls_made.calls().empty


def test_calls_on_days_one_served_the_account_are_taken_before_and_after_it_changed_hands(workspace):
    assert workspace.calls_made.log(calls(("e1", "a1", "r1", "2026-06-30")), R1) == 1
    assert workspace.calls_made.log(calls(("e2", "a1", "r2", "2026-07-01")), R2) == 1


def test_an_admin_logs_nothing(workspace):
    with pytest.raises(RightsError, match="may not see a territory of one's own"):
        workspace.calls_made.log(calls(("e1", "a2", "r1", "2026-08-10")), ADMIN_ADA)


def test_the_number_of_somebody_elses_call_is_refused_and_changes_nothing(workspace):
    workspace.calls_made.log(calls(("e1", "a4", "r2", "2026-08-10", "met", 50.0)), R2)
    with pytest.raises(RightsError, match="log it again as a new one"):
        workspace.calls_made.log(calls(("e1", "a2", "r1", "2026-08-10")), R1)
    assert workspace.calls_made.calls().loc["e1", "account_id"] == "a4"


def test_a_call_still_to_come_is_refused_while_the_easternmost_calendar_is_allowed(workspace):
    assert workspace.calls_made.log(calls(("e1", "a2", "r1", "2026-08-11")), R1) == 1
    with pytest.raises(WorkspaceError, match="2026-08-12 is still to come"):
        workspace.calls_made.log(calls(("e2", "a2", "r1", "2026-08-12")), R1)


def test_a_call_taken_back_stays_taken_back_however_often_it_is_sent(workspace):
    log, once = workspace.calls_made, calls(("e1", "a2", "r1", "2026-08-10"))
    log.log(once, R1)
    assert log.retract("e1", R1, "wrong account") is True
    assert log.retract("e1", R1) is False
    assert log.log(once, R1) == 0
    assert log.add(once, "ann") == Added(0, 0, 0, 1)
    assert log.calls().empty
    line = workspace.audit().iloc[-1][["who", "what", "object", "why"]]
    assert list(line) == [R1.email, "call taken back", "call e1", "wrong account"]


def test_a_call_is_taken_back_by_who_made_it_and_the_refusal_says_nothing_of_others(workspace):
    workspace.calls_made.log(calls(("e1", "a2", "r1", "2026-08-10")), R1)
    said = set()
    for call_id in ("e1", "never"):
        with pytest.raises(RightsError) as refused:
            workspace.calls_made.retract(call_id, R2)
        said.add(str(refused.value))
    assert len(said) == 1 and len(workspace.calls_made.calls()) == 1


def test_calls_are_read_by_rep_and_account(workspace):
    rows = (("c1", "a1", "r1", "2026-03-02"), ("c2", "a2", "r1", "2026-03-02"), ("c3", "a1", "r2", "2026-07-02"))
    workspace.calls_made.add(calls(*rows), "ann")
    assert list(workspace.calls_made.calls(rep_ids=["r1"]).index) == ["c1", "c2"]
    assert list(workspace.calls_made.calls(account_ids=["a1"]).index) == ["c1", "c3"]
    assert workspace.calls_made.calls(rep_ids=[]).empty
    assert pd.api.types.is_datetime64_any_dtype(workspace.calls_made.calls()["logged_at"])
