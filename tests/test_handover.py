"""Who serves which account, and what a realignment gives and takes: O7, and rules that hold for any two alignments."""

from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_territory.attention import pay_attention
from geo_territory.changes import account_changes
from geo_territory.cycle_tables import BY_EXCEPTION, BY_RULE, BY_UNIT, CLOSED, KEPT, MOVED, NEW
from geo_territory.design import design
from geo_territory.handover import (
    assigned,
    assigned_as_imported,
    capacities,
    changes_of_hands,
    disruption_by_rep,
    disruption_by_tier,
    lone_people,
    losing_much,
    proposed_reps,
    rep_changes,
    reps_as_imported,
)
from geo_territory.policy import DesignPolicy, Policy
from geo_territory.tables import AccountMoves, Accounts, Assignments, Calls, ChangesOfHands, RepChanges, Reps, TerritoryReps, Workload

VALUES = {"a1": 400, "a2": 250, "a3": 120, "a4": 80, "a5": 50, "a6": 40, "a7": 25, "a8": 20, "a9": 10, "a10": 5}
TIERS = dict(zip(VALUES, "AAAABBBCCC", strict=True))
NO_HOURS = Workload.empty()


def accounts(names, closed=(), **places):
    rows = {
        Accounts.name: [f"Site {name}" for name in names],
        Accounts.status: ["closed" if name in closed else "customer" for name in names],
        Accounts.geocode_precision: "none",
        **places,
    }
    frame = pd.DataFrame(rows, index=pd.Index(list(names), name=Accounts.account_id, dtype="str"))
    return Accounts.check(frame.reindex(columns=[*dict.fromkeys([*Accounts.columns(), *frame.columns])]))


def served(rows):
    """Each row: account, territory, rep; a role and tier may follow."""
    made = []
    for account, territory, rep, *more in rows:
        role, tier = (*more, *("outside", TIERS.get(account, "C"))[len(more) :])
        made.append((account, role, territory, rep, tier, BY_UNIT, None, None))
    return Assignments.check(pd.DataFrame(made, columns=Assignments.columns(), dtype=object))


def changed(before, after, names=None, closed=(), moves=None):
    names = names or sorted({row[0] for row in (*before, *after)})
    value = pd.Series(VALUES, dtype=float)
    return changes_of_hands(served(before), served(after), accounts(names, closed), value, moves)


def oracle():
    """O7: a1..a10, all assigned but a9; a4 and a7 go to somebody else, a9 is newly assigned."""
    before = [(a, "T1", "R1") for a in VALUES if a != "a9"]
    after = [(a, *(("T2", "R2") if a in ("a4", "a7") else ("T1", "R1"))) for a in VALUES]
    return changed(before, after)


def test_o7_two_of_nine_accounts_change_hands():
    told = disruption_by_rep(oracle(), "outside")
    assert (told.accounts, told.moved) == (9, 2)
    assert told.accounts_share == pytest.approx(2 / 9, abs=1e-9)
    assert told.value_share == pytest.approx(105 / 990, abs=1e-9)
    assert told.top_tier_share == 0.25
    assert (told.sales_at_risk_low, told.sales_at_risk_high) == pytest.approx((13.86, 18.48), abs=1e-9)


def test_o7_by_tier_and_hours():
    """Hours 1 each but 3 for a4: of 11 hours 4 move; by tier 1 of 4, 1 of 3, 0 of 2 (a9 is new)."""
    hours = pd.DataFrame(dict.fromkeys(Workload.columns(), 0.0), index=range(10))
    hours = hours.assign(
        **{Workload.account_id: list(VALUES), Workload.role: "outside", Workload.hours: [3.0 if a == "a4" else 1.0 for a in VALUES]}
    )
    told = disruption_by_rep(oracle(), "outside", Workload.check(hours))
    assert told.hours_share == pytest.approx(4 / 11)
    by_tier = disruption_by_tier(oracle(), "outside")
    assert [(d.moved, d.accounts) for d in by_tier.values()] == [(1, 4), (1, 3), (0, 2)]


def test_a_person_exchanged_in_an_unchanged_territory_is_disruption():
    rows = changed([("a1", "T1", "R1"), ("a2", "T1", "R1")], [("a1", "T1", "R2"), ("a2", "T1", "R2")])
    assert disruption_by_rep(rows, "outside").accounts_share == 1.0
    assert set(rows[ChangesOfHands.reason]) == {"Territory T1 has somebody new."}


def test_a_territory_renamed_under_the_same_person_is_none():
    rows = changed([("a1", "T1", "R1")], [("a1", "T9", "R1")])
    assert disruption_by_rep(rows, "outside").moved == 0
    assert rows[ChangesOfHands.change].tolist() == [KEPT] and rows[ChangesOfHands.reason].isna().all()


def test_new_and_closed_accounts_are_no_disruption_and_lost_ones_are():
    """a1 closed, a2 gone from the list, a3 new, a4 off the map, a5 served by nobody before, a6 now in tier C, without VP."""
    before = [("a1", "T1", "R1"), ("a2", "T1", "R1"), ("a4", "T1", "R1"), ("a5", "T1", None), ("a6", "T1", "R1"), ("a6", "T1", "V1", "vp")]
    after = [("a3", "T1", "R1"), ("a4", None, None), ("a5", "T1", "R1"), ("a6", "T1", "R1", "outside", "C")]
    rows = changed(before, after, names=["a1", "a3", "a4", "a5", "a6"], closed=["a1"])
    told = rows.set_index([ChangesOfHands.account_id, ChangesOfHands.role])
    assert told[ChangesOfHands.change].to_dict() == {
        ("a1", "outside"): CLOSED, ("a2", "outside"): CLOSED, ("a3", "outside"): NEW, ("a4", "outside"): MOVED,
        ("a5", "outside"): NEW, ("a6", "outside"): KEPT, ("a6", "vp"): MOVED,
    }  # fmt: skip
    assert told[ChangesOfHands.reason].dropna().to_dict() == {
        ("a1", "outside"): "It is closed.", ("a2", "outside"): "It is no longer in the account list.",
        ("a3", "outside"): "It is new in the account list.", ("a4", "outside"): "No territory covers it now.",
        ("a5", "outside"): "Nobody served it before.", ("a6", "vp"): "Role vp no longer serves it: it is in tier C.",
    }  # fmt: skip
    assert disruption_by_rep(rows, "outside").moved == 1


def test_a_reason_of_the_design_is_told_only_where_it_is_about_the_same_two_territories():
    told = {
        AccountMoves.name: "x",
        AccountMoves.tier: "A",
        AccountMoves.value: 1.0,
        AccountMoves.before: "T1",
        AccountMoves.after: ["T2", "T3"],
    }
    moves = AccountMoves.check(
        pd.DataFrame(told | {AccountMoves.reason: "Because."}, index=pd.Index(["a1", "a2"], name="account_id", dtype="str"))
    )
    rows = changed([("a1", "T1", "R1"), ("a2", "T1", "R1")], [("a1", "T2", "R2"), ("a2", "T2", "R2")], moves=moves)
    assert rows[ChangesOfHands.reason].tolist() == ["Because.", "It is in territory T2 now."]


def test_who_loses_more_than_a_fifth_of_the_value_is_named_and_closed_accounts_are_nobodys_gain():
    """R1 serves 990: a1 (400) is closed, a2 (250) goes to R2; R3 loses 5 of 25."""
    before = [(a, "T1", "R1") for a in VALUES if a not in ("a8", "a10")] + [("a8", "T3", "R3"), ("a10", "T3", "R3")]
    after = [(a, "T1", "R1") for a in VALUES if a not in ("a1", "a2", "a8", "a10")] + [
        ("a2", "T2", "R2"),
        ("a8", "T3", "R3"),
        ("a10", "T2", "R2"),
    ]
    rows = rep_changes(changed(before, after, closed=["a1"]), NO_HOURS)
    assert rows.loc["R1", [RepChanges.gained, RepChanges.lost, RepChanges.kept, RepChanges.closed]].tolist() == [0, 2, 6, 1]
    assert rows[RepChanges.value_lost_share].tolist() == pytest.approx([250 / 975, float("nan"), 0.2], nan_ok=True)
    assert losing_much(rows).index.tolist() == ["R1"]  # 20 % is not more than 20 %


NAMES = [f"a{i:02d}" for i in range(8)]
WHO = st.sampled_from(["R1", "R2", "R3", None])
WHERE = st.sampled_from(["T1", "T2", None])
SIDE = st.dictionaries(st.tuples(st.sampled_from(NAMES), st.sampled_from(["outside", "vp"])), st.tuples(WHERE, WHO))


@settings(max_examples=40, deadline=None)
@given(SIDE, SIDE, st.sets(st.sampled_from(NAMES)))
def test_what_people_gain_keep_and_what_nobody_serves_is_all_there_is(before, after, closed):
    """Whatever two publications say, nothing is counted twice and nothing is lost (check 13)."""
    after = {key: told for key, told in after.items() if key[0] not in closed}
    was, now = ([(a, *told, role) for (a, role), told in side.items()] for side in (before, after))
    rows = changes_of_hands(served(was), served(now), accounts(NAMES, closed), pd.Series(1.0, index=NAMES))
    by_rep = rep_changes(rows, NO_HOURS)
    vacant = sum(told[1] is None for told in after.values())
    assert by_rep[RepChanges.gained].sum() + by_rep[RepChanges.kept].sum() + vacant == len(after)
    assert by_rep[RepChanges.lost].sum() + by_rep[RepChanges.kept].sum() == sum(told[1] is not None for told in before.values())
    assert by_rep[RepChanges.value_after].sum() == len(after) - vacant
    moved = sum(disruption_by_rep(rows, role).moved for role in ("outside", "vp"))
    assert moved == (rows[ChangesOfHands.change] == MOVED).sum() == by_rep[RepChanges.lost].sum() - by_rep[RepChanges.closed].sum()
    assert rows[ChangesOfHands.reason].isna().equals(rows[ChangesOfHands.change] == KEPT)


def people(*rows):
    """Each row: rep, role, territory; full time."""
    frame = pd.DataFrame(
        {
            Reps.name: [r[0] for r in rows], Reps.email: None, Reps.role: [r[1] for r in rows], Reps.fte: 1.0,
            Reps.lat: None, Reps.lon: None, Reps.leave_days: 20.0, Reps.territory_id: [r[2] for r in rows],
        },
        index=pd.Index([r[0] for r in rows], name=Reps.rep_id, dtype="str"),
    )  # fmt: skip
    return Reps.check(frame)


TEAM = (("R1", "outside", "T1"), ("R2", "outside", "T2"), ("I1", "inside", None), ("I2", "inside", None), ("V1", "vp", None))


def calls(*pairs):
    columns = {Calls.account_id: [a for a, _ in pairs], Calls.rep_id: [r for _, r in pairs]}
    told = {
        Calls.role: "inside",
        Calls.date: pd.Timestamp("2026-01-05"),
        Calls.channel: "phone",
        Calls.outcome: "met",
        Calls.duration_min: 5.0,
    }
    return Calls.check(pd.DataFrame(columns | told, index=pd.Index([f"c{i}" for i in range(len(pairs))], name=Calls.call_id, dtype="str")))


@pytest.fixture(scope="module")
def world():
    """40 accounts in two towns, T1 in New York and T2 in Los Angeles; one without a place."""
    names = [f"s{i:02d}" for i in range(41)]
    west = [i % 2 for i in range(41)]
    places = {
        Accounts.lat: [34.1 + i / 400 if w else 40.7 + i / 400 for i, w in enumerate(west)],
        Accounts.lon: [-118.2 - i / 300 if w else -74.2 - i / 300 for i, w in enumerate(west)],
        Accounts.annual_value: [1000.0 + 37 * i for i in range(41)],
        Accounts.territory_id: ["T2" if w else "T1" for w in west],
    }
    table = accounts(names, **places).assign(**{Accounts.geocode_precision: "given"})
    table.loc["s40", [Accounts.lat, Accounts.lon]] = None
    attention = pay_attention(table, Policy(design=DesignPolicy(territories=2)))
    return table, attention, design(attention, start=attention.planned[Accounts.territory_id])


def test_every_planned_account_has_one_row_in_the_designs_role_and_one_where_a_role_calls_it(world):
    _, attention, made = world
    reps = people(*TEAM)
    rows = assigned(made, proposed_reps(made, reps, Calls.empty()), lone_people(attention, reps))
    assert not rows.duplicated([Assignments.account_id, Assignments.role]).any()
    outside = rows[rows[Assignments.role] == "outside"].set_index(Assignments.account_id)
    assert outside.index.tolist() == attention.planned.index.tolist()
    assert outside[Assignments.rep_id].dropna().tolist() == ["R2" if i % 2 else "R1" for i in range(40)]
    assert pd.isna(outside.loc["s40", Assignments.rep_id])
    assert "isn't on the map" in outside.loc["s40", Assignments.reason]
    vp = rows[rows[Assignments.role] == "vp"]
    assert set(vp[Assignments.tier]) == {"A"} and set(vp[Assignments.rep_id]) == {"V1"} and set(vp[Assignments.cause]) == {BY_RULE}
    assert set(rows.loc[rows[Assignments.role] == "inside", Assignments.tier]) == {"B", "C"}


def test_an_account_given_by_hand_says_so(world):
    _, attention, made = world
    kept = design(attention, start=made.start, exceptions={"s00": "T2"})
    rows = assigned(kept, proposed_reps(kept, people(*TEAM), Calls.empty()), locks={"s00": "promised"})
    mine = rows[(rows[Assignments.account_id] == "s00") & (rows[Assignments.role] == "outside")].iloc[0]
    assert (mine[Assignments.cause], mine[Assignments.rep_id], mine[Assignments.lock]) == (BY_EXCEPTION, "R2", "promised")
    assert "by hand" in mine[Assignments.reason]


def test_today_by_the_account_list_against_the_same_design_changes_nothing(world):
    table, attention, made = world
    reps, here = people(*TEAM), attention.planned[Accounts.territory_id]
    lone = lone_people(attention, reps)
    before = assigned_as_imported(attention, here, reps_as_imported(attention, here, reps, Calls.empty()), lone)
    after = assigned(made, proposed_reps(made, reps, Calls.empty()), lone, moves=account_changes(made))
    rows = changes_of_hands(before, after, table, attention.value)
    assert set(rows.loc[rows[ChangesOfHands.change] != KEPT, ChangesOfHands.account_id]) == {"s40"}  # it has a territory, and no place


def test_inside_territories_go_to_who_called_most_of_their_accounts_else_to_who_has_least(world):
    _, _, made = world
    log = calls(("s00", "I2"), ("s02", "I2"), ("s04", "I1"))
    told = proposed_reps(made, people(*TEAM), log).set_index([TerritoryReps.territory_id, TerritoryReps.role])[TerritoryReps.rep_id]
    assert told["T1", "inside"] == "I2" and told["T2", "inside"] == "I1"
    assert told["T1", "vp"] == told["T2", "vp"] == "V1"


def test_people_stay_with_their_accounts_when_territories_change_their_names(world):
    """The list says R1 serves T1; but the Assignments in force say R1 serves the accounts that are T2 now."""
    _, _, made = world
    reps = people(*TEAM)
    held = served([(f"s{i:02d}", "T1", "R1" if i % 2 else "R2") for i in range(40)])
    told = proposed_reps(made, reps, Calls.empty(), held=held)
    mine = told[told[TerritoryReps.role] == "outside"].set_index(TerritoryReps.territory_id)[TerritoryReps.rep_id]
    assert mine.to_dict() == {"T1": "R2", "T2": "R1"}


def test_who_has_left_or_has_no_time_serves_nothing(world):
    _, _, made = world
    reps = people(*TEAM).assign(**{Reps.end: [pd.Timestamp("2026-01-31"), *[pd.NaT] * 4], Reps.fte: [1.0, 0.0, 1.0, 1.0, 1.0]})
    for day, serves in ((date(2026, 1, 31), {"R1"}), (date(2026, 2, 1), set())):
        told = proposed_reps(made, Reps.check(reps), Calls.empty(), day=day)
        assert set(told.loc[told[TerritoryReps.role] == "outside", TerritoryReps.rep_id].dropna()) == serves


def test_hours_of_people_come_from_their_role(world):
    _, attention, _ = world
    hours = capacities(people(("R1", "outside", None), ("X", "pilot", None)), attention.policy.capacity)
    assert hours["R1"] == pytest.approx((220 - 20) * 8 * 0.75)
    assert pd.isna(hours["X"])


@settings(max_examples=10, deadline=None)
@given(st.permutations(range(5)))
def test_the_order_of_people_changes_nothing(world, order):
    _, _, made = world
    log = calls(("s00", "I2"), ("s01", "I2"), ("s00", "I1"), ("s01", "I1"))
    mixed = proposed_reps(made, people(*(TEAM[i] for i in order)), log)
    pd.testing.assert_frame_equal(mixed, proposed_reps(made, people(*TEAM), log))
