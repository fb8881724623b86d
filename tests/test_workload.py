"""Planned calls and travel become hours a year (O3, F11-F13)."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_territory.call_plan import plan_calls
from geo_territory.errors import TableError
from geo_territory.policy import CHANNELS, CallPattern, CallPolicy
from geo_territory.tables import CallPlan, PlanLines, Tiers, Workload
from geo_territory.workload import account_workload, hours_by_account, hours_by_line, hours_by_tier

THE_ARTICLE = CallPolicy(
    (
        CallPattern("A", "outside", "visit", "weekly", 60, 15, 20),
        CallPattern("A", "vp", "visit", "quarterly", 90, 30, 45),
        CallPattern("B", "outside", "visit", "monthly", 45, 15, 20),
        CallPattern("B", "inside", "phone", "monthly", 20, 5),
        CallPattern("C", "inside", "phone", "monthly", 15, 5),
        CallPattern("C", "vp", "visit", "never", 0),
    )
)
NO_ESTIMATE = pd.Series(dtype=float)


def tiers_of(letters):
    """One account per letter: a000, a001, …"""
    rows = {Tiers.computed_tier: list(letters), Tiers.tier: list(letters), Tiers.reason: "drawn", Tiers.overridden: False}
    index = pd.Index([f"a{i:03d}" for i in range(len(letters))], name="account_id", dtype="str")
    return Tiers.check(pd.DataFrame(rows, index=index).assign(value_used=1.0, value_rank=1.0, cum_share_before=0.0))


def test_twenty_a_sixty_b_and_220_c_need_the_hours_of_the_worked_example():
    plan = plan_calls(tiers_of("A" * 20 + "B" * 60 + "C" * 220), THE_ARTICLE)
    lines = hours_by_line(plan, NO_ESTIMATE)
    names = [PlanLines.tier, PlanLines.role, PlanLines.channel, PlanLines.accounts, PlanLines.calls_per_year, PlanLines.call_hours]
    assert lines[names].values.tolist() == [
        ["A", "outside", "visit", 20, 1040, 1300],
        ["A", "vp", "visit", 20, 80, 160],
        ["B", "inside", "phone", 60, 720, 300],
        ["B", "outside", "visit", 60, 720, 720],
        ["C", "inside", "phone", 220, 2640, 880],
        ["C", "vp", "visit", 220, 0, 0],
    ]
    assert lines[PlanLines.travel_hours].tolist() == pytest.approx([1040 / 3, 60, 0, 240, 0, 0])
    assert lines[PlanLines.calls_per_account].tolist() == [52, 4, 12, 12, 12, 0]

    workload = account_workload(plan, NO_ESTIMATE)
    totals = workload.groupby(Workload.role)[[Workload.calls_per_year, Workload.call_hours, Workload.travel_hours, Workload.hours]].sum()
    assert totals.loc["outside"].tolist() == pytest.approx([1760, 2020, 586.667, 2606.667], abs=5e-4)
    assert totals.loc["inside"].tolist() == pytest.approx([3360, 1180, 0, 1180])
    assert totals.loc["vp"].tolist() == pytest.approx([80, 160, 60, 220])
    outside = totals.loc["outside"]
    assert outside[Workload.travel_hours] / outside[Workload.hours] == pytest.approx(0.22506, abs=5e-6)


def test_a_pattern_s_own_travel_wins_over_the_estimate_and_only_visits_travel():
    patterns = (
        CallPattern("A", "own", "visit", "annual", 0, 0, 30),
        CallPattern("A", "estimated", "visit", "annual", 0),
        CallPattern("A", "caller", "phone", "annual", 0, 0, 30),
        CallPattern("A", "nobody", "visit", "never", 0),
    )
    workload = account_workload(plan_calls(tiers_of("A"), CallPolicy(patterns)), pd.Series({"a000": 90.0}))
    assert workload.set_index(Workload.role)[Workload.travel_hours].to_dict() == {"own": 0.5, "estimated": 1.5, "caller": 0, "nobody": 0}


@pytest.mark.parametrize("estimate", [NO_ESTIMATE, pd.Series({"a000": float("nan")})])
def test_a_visited_account_without_travel_time_is_named_not_counted_as_near(estimate):
    plan = plan_calls(tiers_of("A"), CallPolicy((CallPattern("A", "outside", "visit", "weekly", 60),)))
    with pytest.raises(TableError, match="No travel time for 1 visited accounts .a000"):
        account_workload(plan, estimate)


def test_hours_are_told_by_account_and_by_tier():
    tiers = tiers_of("BAC")
    workload = account_workload(plan_calls(tiers, THE_ARTICLE), NO_ESTIMATE)
    assert hours_by_account(workload, "outside").to_dict() == pytest.approx({"a000": 16, "a001": 52 * 95 / 60})
    assert hours_by_tier(workload, tiers, "outside").to_dict() == pytest.approx({"A": 52 * 95 / 60, "B": 16, "C": 0})
    assert hours_by_tier(workload, tiers, "inside", labels=("C", "A")).index.tolist() == ["C", "A", "B"]
    assert hours_by_account(workload, "astronaut").empty


def test_no_calls_are_no_hours():
    plan = CallPlan.empty()
    workload = account_workload(plan, NO_ESTIMATE)
    assert workload.empty
    assert list(workload.columns) == Workload.columns()
    assert hours_by_line(plan, NO_ESTIMATE).empty
    assert hours_by_account(workload, "outside").empty
    assert hours_by_tier(workload, Tiers.empty(), "outside").tolist() == [0, 0, 0]


PATTERNS = st.builds(
    lambda tier, role, channel, calls, minutes: CallPattern(tier, role, channel, "custom", minutes, calls_per_year=calls),
    st.sampled_from("ABC"),
    st.sampled_from(["outside", "inside"]),
    st.sampled_from(CHANNELS),
    st.floats(0, 100),
    st.floats(0, 200),
)


@given(st.text("ABC", max_size=12), st.lists(PATTERNS, max_size=8, unique_by=lambda p: (p.tier, p.role, p.channel)), st.randoms())
@settings(deadline=None, max_examples=40)
def test_hours_add_up_whichever_way_they_are_summed(letters, patterns, random):
    tiers = tiers_of(letters)
    plan = plan_calls(tiers, CallPolicy(tuple(patterns)))
    travel = pd.Series(17.0, index=tiers.index)
    workload = account_workload(plan, travel)
    total = workload[Workload.hours].sum()
    assert hours_by_line(plan, travel)[PlanLines.hours].sum() == pytest.approx(total)
    assert sum(hours_by_tier(workload, tiers, role).sum() for role in ("outside", "inside")) == pytest.approx(total)
    assert workload[Workload.hours].to_numpy() == pytest.approx(
        (workload[Workload.call_hours] + workload[Workload.travel_hours]).to_numpy()
    )
    assert not workload.duplicated([Workload.account_id, Workload.role]).any()
    order = list(plan.index)
    random.shuffle(order)
    shuffled = account_workload(plan.loc[order], travel)
    pd.testing.assert_frame_equal(shuffled, workload)
