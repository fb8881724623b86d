"""Cycles and publications: what is in force on a day, whoever approves what and in which order."""

import shutil
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from textwrap import dedent

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import DBAPIError

from geo_territory.errors import RightsError, WorkspaceError
from geo_territory.policy import Policy, TierRule
from geo_territory.tables import Calendar
from geo_territory.workspace import Workspace
from geo_territory.workspace.cycle_schema import IMMUTABLE
from tests.people_world import ANALYST_ALI, ANN, HOME, NOON, VIEWERS, bring, company, day, publish, submit, territories


@pytest.fixture
def workspace(url):
    found = company(url)
    yield found
    found.close()


def spans(workspace, account="a1", role="outside"):
    rows = workspace.cycles.history(account)
    rows = rows[rows["role"] == role]
    ends = [None if pd.isna(end) else end.date().isoformat() for end in rows["valid_to"]]
    return list(zip(rows["rep_id"], [start.date().isoformat() for start in rows["valid_from"]], ends, strict=True))


def test_what_is_handed_in_waits_for_review_and_is_in_force_from_its_day_once_approved(workspace):
    publication_id = submit(workspace, "Spring")
    assert workspace.cycles.publication(publication_id).state_on(day("2026-08-10")) == "review"
    assert workspace.cycles.published(day("2026-08-10")) is None
    workspace.cycles.approve(publication_id, ANN, day("2026-09-01"), why="board of 3 August")
    record = workspace.cycles.publication(publication_id)
    states = {text: record.state_on(day(text)) for text in ("2026-08-31", "2026-09-01", "2030-01-01")}
    assert states == {"2026-08-31": "scheduled", "2026-09-01": "active", "2030-01-01": "active"}
    assert (record.approved_by, record.submitted_by, record.valid_to, record.policy) == (ANN.email, ANN.email, None, Policy())
    assert workspace.cycles.published(day("2026-08-31")) is None
    assert workspace.cycles.published(day("2026-09-01")) == record
    line = workspace.audit().iloc[-1]
    assert (line["who"], line["what"], line["why"]) == (ANN.email, "publication approved", "board of 3 August")
    assert line["new"] == "Spring, from 2026-09-01"


def test_the_next_one_ends_the_one_before_on_the_day_before_and_history_answers_who_owned_it_when(workspace):
    first = publish(workspace, day("2026-01-01"))
    second = publish(workspace, day("2026-07-01"), "Summer", home=HOME | {"a1": "E"})
    assert workspace.cycles.publication(first).valid_to == day("2026-06-30")
    assert workspace.cycles.publication(first).state_on(day("2026-08-10")) == "archived"
    assert spans(workspace) == [("r1", "2026-01-01", "2026-06-30"), ("r2", "2026-07-01", None)]
    before, after = (workspace.cycles.owners(day(text), ["a1"]) for text in ("2026-06-30", "2026-07-01"))
    assert list(before["rep_id"]) == ["i1", "r1", "v1"]
    assert list(after["rep_id"]) == ["i1", "r2", "v1"]
    assert set(after["publication_id"]) == {second}
    assert workspace.cycles.owners(day("2025-12-31")).empty


def test_a_publication_comes_back_as_it_was_handed_in(workspace):
    publication_id = submit(workspace)
    found = workspace.cycles.assignments(publication_id)
    assert len(found) == 18 and set(workspace.cycles.assignments(publication_id, ["r1"])["account_id"]) == {"a1", "a2", "a3"}
    shapes = workspace.cycles.shapes(publication_id)
    assert shapes.geometry.geom_equals(territories().geometry).all() and shapes.crs == territories().crs
    assert list(workspace.cycles.shapes(publication_id, ["W"]).index) == ["W"]
    assert list(workspace.cycles.territory_reps(publication_id)["rep_id"]) == ["r2", "r1"]


def test_only_who_may_approve_approves(workspace):
    publication_id = submit(workspace)
    for viewer in (ANALYST_ALI, *VIEWERS.values()):
        with pytest.raises(RightsError, match="may not approve and publish"):
            workspace.cycles.approve(publication_id, viewer, day("2026-09-01"))
    assert workspace.cycles.publication(publication_id).approved_at is None


def test_what_was_decided_is_not_decided_again(workspace):
    publication_id = publish(workspace, day("2026-09-01"))
    with pytest.raises(WorkspaceError, match="Spring was approved by ann@example.com already, from 2026-09-01 on"):
        workspace.cycles.approve(publication_id, ANN, day("2026-10-01"))
    workspace.cycles.withdraw(publication_id, ANN.email)
    with pytest.raises(WorkspaceError, match="Spring is withdrawn"):
        workspace.cycles.withdraw(publication_id, ANN.email)
    with pytest.raises(WorkspaceError, match="no publication 9"):
        workspace.cycles.approve(9, ANN, day("2026-10-01"))


def test_a_later_one_that_waits_is_withdrawn_before_an_earlier_one_is_approved(workspace):
    later = publish(workspace, day("2026-10-01"), "Autumn")
    earlier = submit(workspace, "September")
    with pytest.raises(WorkspaceError, match="Autumn is approved from 2026-10-01 on .* withdraw it first"):
        workspace.cycles.approve(earlier, ANN, day("2026-09-01"))
    workspace.cycles.withdraw(later, ANN.email, "not ready")
    workspace.cycles.approve(earlier, ANN, day("2026-09-01"))
    assert spans(workspace) == [("r1", "2026-09-01", None)]


def test_withdrawing_what_waits_lets_go_on_what_it_was_to_end(workspace):
    publish(workspace, day("2026-01-01"))
    waiting = publish(workspace, day("2026-10-01"), "Autumn", home=HOME | {"a1": "E"}, roles=("outside", "inside"))
    assert spans(workspace, role="vp") == [("v1", "2026-01-01", "2026-09-30")]
    workspace.cycles.withdraw(waiting, ANN.email)
    assert spans(workspace) == [("r1", "2026-01-01", None)]
    assert spans(workspace, role="vp") == [("v1", "2026-01-01", None)]
    assert workspace.cycles.publication(waiting).state_on(day("2027-01-01")) == "withdrawn"


def test_what_is_in_force_is_replaced_not_withdrawn(workspace):
    publication_id = publish(workspace, day("2026-08-10"))
    with pytest.raises(WorkspaceError, match="active since 2026-08-10: publish another one to take its place"):
        workspace.cycles.withdraw(publication_id, ANN.email)
    publish(workspace, day("2026-08-10"), "Corrected", home=HOME | {"a1": "E"})
    assert spans(workspace) == [("r2", "2026-08-10", None)]
    assert workspace.cycles.publication(publication_id).state_on(day("2026-08-10")) == "archived"


def test_a_role_drawn_on_its_own_takes_over_that_role_only(workspace):
    publish(workspace, day("2026-01-01"))
    inside = publish(workspace, day("2026-03-01"), "Inside", role="inside", roles=("inside",))
    on = workspace.cycles.owners(day("2026-03-01"), ["a1"]).set_index("role")["publication_id"]
    assert dict(on) == {"inside": inside, "outside": 1, "vp": 1}
    assert workspace.cycles.published(day("2026-03-01"), "outside").publication_id == 1
    assert workspace.cycles.published(day("2026-03-01")).publication_id == inside


def test_what_makes_no_sense_is_not_taken(workspace):
    for words, change in {
        "needs a name": {"name": " "},
        "Territory N is not among": {"home": HOME | {"a1": "N"}},
        "no rep r9": {"outside": {"W": "r9", "E": "r2"}},
        "given twice for inside": {"roles": ("inside", "inside")},
    }.items():
        with pytest.raises(WorkspaceError, match=words):
            submit(workspace, **change)
    assert workspace.cycles.publications() == []


def test_a_day_that_no_cycle_holds_begins_its_quarter(workspace):
    publish(workspace, day("2026-09-01"))
    assert workspace.cycles.publication(1).cycle_id == workspace.cycles.at(day("2026-08-01"))
    assert list(workspace.cycles.list()["name"]) == ["2026 Q3"]
    workspace.cycles.begin("Late November", day("2026-11-20"), day("2026-11-30"), ANN.email)
    publish(workspace, day("2026-10-02"), "Autumn")
    found = workspace.cycles.list()
    assert list(found["name"]) == ["2026 Q3", "2026 Q4, 01 Oct to 19 Nov", "Late November"]
    assert workspace.cycles.at(day("2026-12-24")) is None


def test_cycles_share_no_day_and_no_name(workspace):
    workspace.cycles.begin("2026 H1", day("2026-01-01"), day("2026-06-30"), ANN.email)
    for words, cycle in {
        "share days with 2026 H1": ("Q2", "2026-06-30", "2026-07-31"),
        "a cycle 2026 H1 already": ("2026 H1", "2026-07-01", "2026-07-31"),
        "needs a name": ("", "2026-07-01", "2026-07-31"),
        "ends on its first day or later": ("Q3", "2026-07-02", "2026-07-01"),
    }.items():
        with pytest.raises(WorkspaceError, match=words):
            workspace.cycles.begin(cycle[0], day(cycle[1]), day(cycle[2]), ANN.email)


def test_closing_a_cycle_freezes_its_set_up_and_the_next_goes_on_with_it(workspace):
    cycle_id = workspace.cycles.begin("2026 H1", day("2026-01-01"), day("2026-06-30"), ANN.email)
    publish(workspace, day("2026-01-01"))
    workspace.save_policy(Policy(tier_rule=TierRule(shares=(0.7, 0.9))), decides="tiers", who=ANN.email)
    workspace.set_override("a1", "C", "moved away", ANN.email, day("2026-06-30"))
    workspace.set_override("a2", "A", "flagship", ANN.email)
    holiday = pd.DataFrame({"date": [pd.Timestamp("2026-05-25")], "kind": "holiday", "name": "Memorial Day", "role": None, "rep_id": None})
    workspace.people.save_calendar(Calendar.check(holiday), ANN.email)
    following = workspace.cycles.close(cycle_id, "2026 H2", day("2026-12-31"), ANN.email, "half-year done")
    assert workspace.cycles.at(day("2026-07-01")) == following
    assert list(workspace.overrides().index) == ["a2"]
    workspace.save_policy(Policy(), decides="tiers", who=ANN.email)
    workspace.save_reps(workspace.reps().iloc[:4], ANN.email)
    kept, now = workspace.cycles.set_up(cycle_id), workspace.cycles.set_up(following)
    assert (kept.policy.tier_rule.shares, len(kept.reps), list(kept.overrides.index)) == ((0.7, 0.9), 5, ["a1", "a2"])
    assert list(kept.calendar["name"]) == ["Memorial Day"]
    assert (now.policy, len(now.reps), list(now.overrides.index), len(now.calendar)) == (Policy(), 4, ["a2"], 1)
    assert workspace.cycles.published(day("2026-07-01")).name == "Spring"


def test_a_closed_cycle_refuses_changes(workspace):
    cycle_id = workspace.cycles.begin("2026 H1", day("2026-01-01"), day("2026-06-30"), ANN.email)
    publish(workspace, day("2026-01-01"))
    workspace.people.save_days_off("r1", [day("2026-02-02")], "ski", ANN.email)
    workspace.cycles.close(cycle_id, "2026 H2", day("2026-12-31"), ANN.email)
    waiting = submit(workspace, "Late")
    for first in ("2026-06-30", "2025-12-31"):
        with pytest.raises(WorkspaceError, match="2026 H1 is closed.*Choose a day after 2026-06-30"):
            workspace.cycles.approve(waiting, ANN, day(first))
    with pytest.raises(WorkspaceError, match="2026-02-02 lies in it"):
        workspace.people.clear_days_off("r1", [day("2026-02-02")], ANN.email)
    with pytest.raises(WorkspaceError, match="2026-06-30 lies in it"):
        workspace.people.save_days_off("r1", [day("2026-06-30"), day("2026-07-01")], "sea", ANN.email)
    row = {"date": [pd.Timestamp("2026-03-03")], "kind": "holiday", "name": None, "role": None, "rep_id": None}
    with pytest.raises(WorkspaceError, match="the calendar of a closed cycle"):
        workspace.people.save_calendar(pd.DataFrame(row), ANN.email)
    with pytest.raises(WorkspaceError, match="closed on 2026-08-10 already"):
        workspace.cycles.close(cycle_id, None, None, ANN.email)
    workspace.cycles.approve(waiting, ANN, day("2026-07-01"))
    assert spans(workspace) == [("r1", "2026-01-01", "2026-06-30"), ("r1", "2026-07-01", None)]


def test_cycles_are_closed_in_their_order_and_one_begun_already_follows(workspace):
    first = workspace.cycles.begin("Q1", day("2026-01-01"), day("2026-03-31"), ANN.email)
    second = workspace.cycles.begin("Q2", day("2026-04-01"), day("2026-06-30"), ANN.email)
    with pytest.raises(WorkspaceError, match="close Q1 first"):
        workspace.cycles.close(second, "Q3", day("2026-09-30"), ANN.email)
    assert workspace.cycles.close(first, None, None, ANN.email) == second
    with pytest.raises(WorkspaceError, match="Say what follows Q2"):
        workspace.cycles.close(second, None, None, ANN.email)


def approved_at_once(openings, publication_ids):
    """Approve each publication from a workspace of its own, all at once, and return what each was told."""
    start = threading.Barrier(len(publication_ids))

    def approve(opened, publication_id):
        start.wait()
        try:
            opened.cycles.approve(publication_id, ANN, day("2026-09-01"))
        except WorkspaceError as error:
            return str(error)
        return "approved"

    with ThreadPoolExecutor(len(publication_ids)) as pool:
        return list(pool.map(approve, openings, publication_ids))


def test_two_leaders_who_approve_one_publication_at_once_approve_it_once(url, workspace):
    publication_id = submit(workspace)
    openings = [Workspace.open(url, lambda: NOON) for _ in range(4)]
    said = approved_at_once(openings, [publication_id] * 4)
    for opened in openings:
        opened.close()
    assert sorted(said)[0] == "Spring was approved by ann@example.com already, from 2026-09-01 on."
    assert said.count("approved") == 1
    assert (workspace.audit()["what"] == "publication approved").sum() == 1


def test_leaders_who_approve_different_ones_at_once_lose_none_and_leave_one_in_force(url, workspace):
    ids = [submit(workspace, f"Plan {n}", home=HOME | {f"a{n + 1}": "E"}) for n in range(4)]
    openings = [Workspace.open(url, lambda: NOON) for _ in ids]
    assert approved_at_once(openings, ids) == ["approved"] * 4
    for opened in openings:
        opened.close()
    records = workspace.cycles.publications()
    assert all(record.approved_at for record in records)
    assert [record.state_on(day("2026-09-01")) for record in records].count("active") == 1
    assert not workspace.cycles.owners(day("2026-09-01")).duplicated(["account_id", "role"]).any()


def test_processes_that_approve_at_once_leave_one_in_force(url, workspace):
    ids = [submit(workspace, f"Plan {n}") for n in range(2)]
    code = """
        import sys
        from datetime import date
        from geo_territory.workspace import Workspace
        from tests.people_world import ANN
        workspace = Workspace.open(sys.argv[1])
        print("ready", flush=True)
        sys.stdin.readline()
        workspace.cycles.approve(int(sys.argv[2]), ANN, date(2026, 9, 1))
        workspace.close()
        print("approved", flush=True)
    """
    run = [sys.executable, "-c", dedent(code), url]
    started = [subprocess.Popen([*run, str(i)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for i in ids]
    assert [process.stdout.readline() for process in started] == ["ready\n"] * 2
    for process in started:
        process.stdin.write("go\n")
        process.stdin.flush()
    assert [process.communicate(timeout=60)[0] for process in started] == ["approved\n"] * 2
    records = workspace.cycles.publications()
    assert [record.state_on(day("2026-09-01")) for record in records].count("active") == 1
    assert not workspace.cycles.owners(day("2026-09-01")).duplicated(["account_id", "role"]).any()


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A file with six publications in review: each covers some roles, is drawn for one of them."""
    path = tmp_path_factory.mktemp("template") / "w.db"
    workspace = company(f"sqlite:///{path}")
    covers = [("outside", "inside", "vp"), ("outside",), ("inside",), ("outside", "inside"), ("vp", "outside"), ("inside", "vp")]
    for n, roles in enumerate(covers):
        submit(workspace, f"Plan {n}", role=roles[0], roles=roles, home={"a1": "W" if n % 2 else "E", "a4": "E"})
    workspace.close()
    return path


DAYS = [date(2026, 7, 1) + timedelta(days=20 * n) for n in range(6)]
STEPS = st.tuples(st.sampled_from(["approve", "approve", "withdraw"]), st.integers(1, 6), st.sampled_from(DAYS), st.sampled_from(DAYS))


@given(steps=st.lists(STEPS, max_size=10))
@settings(max_examples=12, deadline=None)
def test_whatever_is_approved_and_withdrawn_no_two_are_in_force_for_a_role_on_a_day(template, tmp_path_factory, steps):
    path = tmp_path_factory.mktemp("steps") / "w.db"
    shutil.copy(template, path)
    now = [NOON]
    workspace = Workspace.open(f"sqlite:///{path}", lambda: now[0])
    for what, publication_id, first, today in steps:
        now[0] = datetime.combine(today, datetime.min.time())
        before = state(workspace)
        try:
            if what == "approve":
                workspace.cycles.approve(publication_id, ANN, first)
            else:
                workspace.cycles.withdraw(publication_id, ANN.email)
        except WorkspaceError:
            assert state(workspace) == before
        every_day_is_clear(workspace, [first, first - timedelta(days=1)])
    workspace.close()


def state(workspace):
    return workspace.cycles.publications(), len(workspace.audit()), spans(workspace)


def every_day_is_clear(workspace, probes):
    records = workspace.cycles.publications()
    approved = [r for r in records if r.approved_at and not r.withdrawn_at]
    for probe in probes:
        owners = workspace.cycles.owners(probe)
        assert not owners.duplicated(["account_id", "role"]).any()
        active = {r.publication_id for r in records if r.state_on(probe) == "active"}
        assert set(owners["publication_id"]) <= active
        begun = [r for r in approved if r.valid_from <= probe]
        for role in {r.role for r in begun}:
            assert workspace.cycles.published(probe, role) is not None
    for account in ("a1", "a4"):
        rows = workspace.cycles.history(account).sort_values(["role", "valid_from"])
        ends = rows.groupby("role")["valid_to"].shift()
        assert (ends.isna() | (ends < rows["valid_from"])).all()
        assert (rows["valid_to"].isna() | (rows["valid_to"] >= rows["valid_from"])).all()


def test_an_account_list_imported_later_does_not_touch_what_is_published(workspace):
    publish(workspace, day("2026-01-01"))
    bring(workspace, ids=("a1", "a7"), file=b"two")
    assert len(workspace.cycles.owners(day("2026-08-10"))) == 18


@pytest.mark.parametrize("name", [table.name for table in IMMUTABLE])
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET {} = {}"])
def test_what_was_handed_in_and_what_was_closed_with_a_cycle_never_change(workspace, name, statement):
    publish(workspace, day("2026-01-01"))
    workspace.set_override("a2", "A", "flagship", ANN.email)
    workspace.people.save_calendar(pd.DataFrame([("2026-02-02", "holiday", None, None, None)], columns=Calendar.columns()), ANN.email)
    workspace.cycles.close(workspace.cycles.at(day("2026-01-01")), "rest", day("2026-12-31"), ANN.email)
    column = next(table for table in IMMUTABLE if table.name == name).columns.keys()[-1]
    with pytest.raises(DBAPIError, match=f"{name} is append-only"), workspace._writing() as connection:
        connection.exec_driver_sql(statement.format(name, column, column))
