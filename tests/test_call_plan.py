"""Tiers and call patterns become planned calls (O3, O9)."""

from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_territory.call_plan import period_calls, plan_calls, planned_calls
from geo_territory.errors import PolicyError
from geo_territory.policy import CallPattern, CallPolicy
from geo_territory.tables import CallPlan, Tiers


def tiers_of(letters):
    """One account per letter: a00, a01, …"""
    rows = {Tiers.computed_tier: list(letters), Tiers.tier: list(letters), Tiers.reason: "drawn", Tiers.overridden: False}
    index = pd.Index([f"a{i:02d}" for i in range(len(letters))], name="account_id", dtype="str")
    return Tiers.check(pd.DataFrame(rows, index=index).assign(value_used=1.0, value_rank=1.0, cum_share_before=0.0))


def line(cadence, calls=None):
    return CallPattern("A", "outside", "visit", cadence, 60, calls_per_year=calls)


def test_every_account_gets_the_lines_of_its_tier_and_never_stays_visible():
    plan = plan_calls(tiers_of("CA"), CallPolicy())
    assert plan[[CallPlan.account_id, CallPlan.role, CallPlan.channel, CallPlan.calls_per_year]].values.tolist() == [
        ["a00", "inside", "phone", 12],
        ["a00", "vp", "visit", 0],
        ["a01", "outside", "visit", 52],
        ["a01", "vp", "visit", 4],
    ]
    assert plan[CallPlan.cadence].tolist() == ["monthly", "never", "weekly", "quarterly"]
    assert plan[CallPlan.minutes_per_call].tolist() == [20, 0, 75, 120]
    assert plan[CallPlan.travel_min].isna().all()


def test_weekly_shows_the_number_it_stands_for():
    assert plan_calls(tiers_of("A"), CallPolicy((line("weekly"),), weekly_calls=48))[CallPlan.calls_per_year].tolist() == [48]


def test_a_tier_without_a_pattern_has_no_line():
    plan = plan_calls(tiers_of("ABC"), CallPolicy((line("weekly"),)))
    assert plan[CallPlan.account_id].tolist() == ["a00"]
    assert plan_calls(tiers_of("ABC"), CallPolicy(())).empty
    assert plan_calls(tiers_of("BC"), CallPolicy((line("weekly"),))).empty


def test_row_order_does_not_matter_and_no_accounts_mean_no_plan():
    tiers = tiers_of("ABCCAB")
    pd.testing.assert_frame_equal(plan_calls(tiers.iloc[::-1], CallPolicy()), plan_calls(tiers, CallPolicy()))
    empty = plan_calls(Tiers.empty(), CallPolicy())
    assert list(empty.columns) == CallPlan.columns()
    assert empty.empty
    assert period_calls(empty, date(2024, 1, 1), date(2024, 3, 31)).empty


@pytest.mark.parametrize(
    ("calls", "days", "planned"),
    [(52, 91, 13), (12, 91, 3), (4, 91, 1), (12, 45, 1), (52, 45, 6), (0, 91, 0), (52, 0, 0), (1, 183, 1), (1, 182, 0)],
)
def test_a_leap_quarter_holds_its_share_of_the_year(calls, days, planned):
    assert planned_calls(calls, days, 366) == planned


def test_an_account_taken_over_in_the_middle_of_the_quarter_gets_the_rest_of_it():
    patterns = tuple(CallPattern("A", "outside", c, r, 30) for c, r in [("visit", "weekly"), ("phone", "monthly"), ("email", "quarterly")])
    plan = plan_calls(tiers_of("AA"), CallPolicy(patterns))
    taken_over = pd.Series({"a01": pd.Timestamp("2024-02-16")})
    assert period_calls(plan, date(2024, 1, 1), date(2024, 3, 31), taken_over).tolist() == [13, 3, 1, 6, 1, 0]
    left = pd.Series({"a00": pd.Timestamp("2025-01-01"), "a01": pd.Timestamp("2023-05-01")})
    assert period_calls(plan, date(2024, 1, 1), date(2024, 3, 31), left).tolist() == [0, 0, 0, 13, 3, 1]


def test_a_fiscal_year_across_two_calendar_years_holds_a_year_of_calls():
    plan = plan_calls(tiers_of("A"), CallPolicy((line("weekly"),)))
    assert period_calls(plan, date(2023, 7, 1), date(2024, 6, 30)).tolist() == [52]
    assert period_calls(plan, date(2023, 1, 1), date(2024, 12, 31)).tolist() == [104]


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 400), st.dates(date(2001, 1, 1), date(2030, 12, 31)), st.data())
def test_within_a_year_both_ways_to_count_agree(calls, start, data):
    end = data.draw(st.dates(start, date(start.year, 12, 31)))
    plan = plan_calls(tiers_of("A"), CallPolicy((line("custom", float(calls)),)))
    year_days = date(start.year, 12, 31).timetuple().tm_yday
    assert period_calls(plan, start, end).tolist() == [planned_calls(calls, (end - start).days + 1, year_days)]


def test_a_period_that_cannot_be_is_refused():
    plan = plan_calls(tiers_of("A"), CallPolicy())
    with pytest.raises(PolicyError, match="swap the dates"):
        period_calls(plan, date(2024, 2, 1), date(2024, 1, 1))
    with pytest.raises(PolicyError, match="0 to 366 days"):
        planned_calls(52, 367, 366)
