"""What one person may read: nothing but what the assignments of the day give them, whoever they are."""

import shutil

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_territory.rights import APP_ROLES, Viewer
from geo_territory.workspace import Workspace
from tests.people_world import (
    ADMIN_ADA,
    ANALYST_ALI,
    ANN,
    HOME,
    NOON,
    VIEWERS,
    bring,
    calls,
    company,
    day,
    publish,
    reps,
    submit,
)

R1, R2, I1, M1 = (VIEWERS[rep_id] for rep_id in ("r1", "r2", "i1", "m1"))
TODAY = day("2026-08-10")


@pytest.fixture
def workspace(url):
    """r1 has the west in spring; from 1 July r2 has a1, and r1 has a4."""
    found = company(url)
    publish(found, day("2026-01-01"))
    publish(found, day("2026-07-01"), "Summer", home=HOME | {"a1": "E", "a4": "W"})
    yield found
    found.close()


@pytest.mark.parametrize(
    "viewer, seen",
    [
        (R1, "a2 a3 a4"),
        (R2, "a1 a5 a6"),
        (I1, "a1 a2 a3 a4 a5 a6"),
        (M1, "a1 a2 a3 a4 a5 a6"),
        (ANN, "a1 a2 a3 a4 a5 a6"),
        (ANALYST_ALI, "a1 a2 a3 a4 a5 a6"),
        (ADMIN_ADA, ""),
        (Viewer("x@example.com", "X", "rep"), ""),
        (Viewer("x@example.com", "X", "manager"), ""),
        (Viewer("x@example.com", "X", "rep", "r9"), ""),
        (Viewer("x@example.com", "X", "king", "r1"), ""),
    ],
)
def test_each_sees_their_own_a_manager_the_team_and_nobody_more(workspace, viewer, seen):
    sight, wanted = workspace.seen_by(viewer, TODAY), seen.split()
    assert list(sight.accounts().index) == wanted
    assert sorted(set(sight.assignments()["account_id"])) == wanted
    assert list(sight.tiers().index) == wanted
    assert list(sight.search("tarn").index) == wanted


def test_what_is_seen_is_of_the_day(workspace):
    assert list(workspace.seen_by(R1, day("2026-06-30")).accounts().index) == ["a1", "a2", "a3"]
    assert workspace.seen_by(R1, day("2025-12-31")).accounts().empty
    assert workspace.seen_by(R1, day("2025-12-31")).shapes().empty
    assert workspace.seen_by(R1, day("2025-12-31")).publication is None


def test_a_manager_sees_rows_of_the_team_only(workspace):
    assert set(workspace.seen_by(M1, TODAY).assignments()["rep_id"]) == {"r1", "r2"}
    assert set(workspace.seen_by(R1, TODAY).assignments()["rep_id"]) == {"r1"}
    assert workspace.seen_by(M1, TODAY).scope == ("m1", "r1", "r2")
    assert workspace.seen_by(ANN, TODAY).scope is None


def test_a_team_that_changes_is_seen_at_once(workspace):
    changed = reps()
    changed.loc["r2", "manager_id"] = None
    workspace.save_reps(changed, ANN.email)
    assert list(workspace.seen_by(M1, TODAY).accounts().index) == ["a2", "a3", "a4"]


def test_the_base_of_others_is_rounded_to_a_kilometre(workspace):
    assert workspace.seen_by(R1, TODAY).reps()[["lat", "lon"]].to_dict("index") == {"r1": {"lat": 40.12345, "lon": -100.54321}}
    found = workspace.seen_by(M1, TODAY).reps()
    assert list(found.index) == ["m1", "r1", "r2"]
    assert list(found["lat"]) == [42.55555, 40.12, 41.99]
    assert list(workspace.seen_by(ANN, TODAY).reps()["lon"]) == [-95.0, -95.56, -100.54, -90.12, -96.0]


def test_names_are_of_those_who_serve_or_called_what_is_seen(workspace):
    workspace.calls_made.add(calls(("c1", "a4", "r2", "2026-03-02")), "ann")
    assert dict(workspace.seen_by(R1, TODAY).names()) == {"i1": "Ida In", "r1": "Rae West", "r2": "Rob East", "v1": "Vic Top"}
    assert set(workspace.seen_by(R2, TODAY).names().index) == {"i1", "r2", "v1"}
    assert workspace.seen_by(ADMIN_ADA, TODAY).names().empty


def test_calls_are_those_on_the_accounts_seen_and_ones_own_while_one_served_them(workspace):
    rows = (
        ("c1", "a2", "r1", "2026-03-02", "met", 5.0, "mine"),
        ("c2", "a4", "r2", "2026-03-02", "met", 5.0, "of who had it before"),
        ("c3", "a1", "r1", "2026-06-30", "met", 5.0, "mine, when it was mine"),
        ("c4", "a1", "r1", "2026-07-01", "met", 5.0, "no longer mine"),
        ("c5", "a5", "r2", "2026-03-02", "met", 5.0, "his"),
        ("c6", "a2", "r1", "2026-08-11", "met", 5.0, "tomorrow"),
    )
    workspace.calls_made.add(calls(*rows), "ann")
    found = workspace.seen_by(R1, TODAY).calls()
    assert found["note"].fillna("").to_dict() == {"c1": "mine", "c2": "", "c3": "mine, when it was mine"}
    assert workspace.seen_by(M1, TODAY).calls()["note"].isna().all()
    assert workspace.seen_by(ANN, TODAY).calls()["note"].isna().all()
    assert workspace.seen_by(ADMIN_ADA, TODAY).calls().empty


def test_shapes_are_of_the_territories_one_serves(workspace):
    assert list(workspace.seen_by(R1, TODAY).shapes().index) == ["W"]
    assert list(workspace.seen_by(I1, TODAY).shapes().index) == ["E", "W"]
    assert list(workspace.seen_by(ANN, TODAY).shapes().index) == ["E", "W"]
    assert workspace.seen_by(ADMIN_ADA, TODAY).shapes().empty


def test_requests_are_those_of_the_reps_seen(workspace):
    workspace.people.ask("a2", "tier", "C", "small", R1)
    assert len(workspace.seen_by(R1, TODAY).requests()) == len(workspace.seen_by(M1, TODAY).requests()) == 1
    assert workspace.seen_by(R2, TODAY).requests().empty
    assert workspace.seen_by(ADMIN_ADA, TODAY).requests().empty


def test_a_search_finds_ones_own_only_and_a_pattern_is_plain_text(workspace):
    sight = workspace.seen_by(R1, TODAY)
    assert list(sight.search("SITE  a2").index) == ["a2"]
    assert sight.search("a5").empty and sight.search(".*").empty and sight.search(" ").empty


def test_changes_tell_what_was_gained_lost_and_kept(workspace):
    found = workspace.seen_by(R1, TODAY).changes().set_index("account_id")
    assert found["change"].to_dict() == {"a1": "moved", "a2": "kept", "a3": "kept", "a4": "moved"}
    lost, gained = found.loc["a1"], found.loc["a4"]
    assert (lost["name"], lost["rep_before"], lost["rep_after"], lost["reason"]) == ("Site a1 of Tarn", "r1", "r2", "its county")
    assert pd.isna(lost["value"]) and pd.isna(lost["territory_after"])
    assert (gained["rep_before"], gained["rep_after"], gained["value"], gained["territory_after"]) == ("r2", "r1", 4000.0, "W")


def test_lost_accounts_are_told_for_sixty_days(workspace):
    for text, seen in {"2026-08-30": True, "2026-08-31": False}.items():
        assert ("a1" in set(workspace.seen_by(R1, day(text)).changes()["account_id"])) is seen


def test_the_first_publication_changes_nothing(workspace):
    assert workspace.seen_by(R1, day("2026-06-30")).changes().empty
    assert workspace.seen_by(ADMIN_ADA, TODAY).changes().empty


def test_an_account_that_the_list_in_force_lacks_is_still_seen(workspace):
    bring(workspace, ids=("a2", "a7"), file=b"two")
    assert list(workspace.seen_by(R1, TODAY).accounts().index) == ["a2", "a3", "a4"]


def test_a_tier_set_by_hand_is_seen_at_once(workspace):
    sight = workspace.seen_by(R1, TODAY)
    assert sight.tiers().loc["a4", "tier"] == "A"
    workspace.set_override("a4", "C", "closed the plant", ANN.email)
    assert workspace.seen_by(R1, TODAY).tiers().loc["a4", "tier"] == "C"


def test_what_waits_for_review_is_not_seen(workspace):
    submit(workspace, "Waiting", home=dict.fromkeys(HOME, "W"))
    assert list(workspace.seen_by(R1, TODAY).accounts().index) == ["a2", "a3", "a4"]


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    path = tmp_path_factory.mktemp("template") / "w.db"
    workspace = company(f"sqlite:///{path}")
    rows = [(f"c{n}", f"a{n % 6 + 1}", ("r1", "r2")[n % 2], f"2026-0{n % 7 + 1}-15", "met", 5.0, f"note {n}") for n in range(40)]
    workspace.calls_made.add(calls(*rows), "ann")
    workspace.close()
    return path


PEOPLE = st.sampled_from([None, "r1", "r2", "i1", "m1", "v1", "r9"])
HOMES = st.fixed_dictionaries({account: st.sampled_from("WE") for account in HOME})
OUTSIDE = st.fixed_dictionaries({"W": st.sampled_from(["r1", "r2", None]), "E": st.sampled_from(["r1", "r2", None])})


@given(homes=st.lists(st.tuples(HOMES, OUTSIDE), min_size=1, max_size=3), role=st.sampled_from(APP_ROLES), rep_id=PEOPLE)
@settings(max_examples=25, deadline=None)
def test_whoever_looks_sees_no_row_the_assignments_do_not_give(template, tmp_path_factory, homes, role, rep_id):
    path = tmp_path_factory.mktemp("scope") / "w.db"
    shutil.copy(template, path)
    workspace = Workspace.open(f"sqlite:///{path}", lambda: NOON)
    for n, (home, outside) in enumerate(homes):
        publish(workspace, day(f"2026-0{2 * n + 1}-01"), f"Plan {n}", home=home, outside=outside)
    sight = workspace.seen_by(Viewer("x@example.com", "X", role, rep_id), TODAY)
    team = workspace.people.team_of(rep_id) if role == "manager" and rep_id else {rep_id} if rep_id else set()
    team = set(workspace.reps().index) if role in ("leader", "analyst") else set() if role == "admin" else team
    owners = workspace.cycles.owners(TODAY)
    served = owners if role in ("leader", "analyst") else owners[owners["rep_id"].isin(team)]
    mine = set(served["account_id"])
    assert set(sight.accounts().index) == set(sight.tiers().index) == set(sight.assignments()["account_id"]) == mine
    assert set(sight.search("site").index) == mine
    made = sight.calls()
    held = pd.concat([workspace.cycles.history(account) for account in HOME])
    for call in made[~made["account_id"].isin(mine)].itertuples():
        ends = held["valid_to"].fillna(pd.Timestamp.max)
        then = held[(held["valid_from"] <= call.date) & (ends >= call.date) & (held["account_id"] == call.account_id)]
        assert call.rep_id in team and call.rep_id in set(then["rep_id"])
    assert made.loc[made["rep_id"] != rep_id, "note"].isna().all()
    assert set(sight.shapes().index) <= set(workspace.cycles.shapes(len(homes)).index)
    if role not in ("leader", "analyst"):
        changes = sight.changes()
        assert (changes["rep_before"].isin(team) | changes["rep_after"].isin(team)).all()
        assert changes.loc[~changes["rep_after"].isin(team), "value"].isna().all()
        assert set(sight.reps().index) == team & set(workspace.reps().index)
    workspace.close()
