"""Tiers and call patterns -> every planned call (F9, F10)."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pandas as pd

from geo_territory.errors import PolicyError
from geo_territory.policy import CallPolicy
from geo_territory.tables import CallPlan, Tiers


def plan_calls(tiers: pd.DataFrame, policy: CallPolicy) -> pd.DataFrame:
    """Return the CallPlan: a row per account and call pattern of its tier in force (F9).

    Rows are sorted by account, then in the order of the patterns. "never" lines stay, with 0 calls, so that a call
    against them can be seen. A tier without a pattern has no row: nobody calls those accounts.
    """
    if not policy.patterns or tiers.empty:
        return CallPlan.empty()
    lines = pd.DataFrame(
        [
            (p.tier, p.role, p.channel, p.cadence, policy.calls_per_year(p), p.duration_min + p.prep_min, p.travel_min)
            for p in policy.patterns
        ],
        columns=[name for name in CallPlan.columns() if name != CallPlan.account_id],
    )
    accounts = tiers[[Tiers.tier]].sort_index().rename_axis(CallPlan.account_id).reset_index()
    plan = accounts.merge(lines, on=CallPlan.tier, how="inner")
    order = plan[CallPlan.account_id].argsort(kind="stable")
    return CallPlan.check(plan.iloc[order].reset_index(drop=True)[CallPlan.columns()])


def planned_calls(calls_per_year: float, active_days: int, year_days: int) -> int:
    """Return the whole calls planned in `active_days` of a calendar year of `year_days` (F10), half a call counts as one.

    Raises PolicyError unless calls_per_year >= 0 and 0 <= active_days <= year_days.
    """
    if calls_per_year < 0 or not 0 <= active_days <= year_days:
        raise PolicyError(f"Expected calls a year of 0 or more and 0 to {year_days} days: got {calls_per_year:g} and {active_days}.")
    return math.floor(calls_per_year * active_days / year_days + 0.5)


def period_calls(call_plan: pd.DataFrame, start: date, end: date, active_from: pd.Series | None = None) -> pd.Series:
    """Return the whole calls planned from `start` to `end`, both included, for each row of the call plan (F10).

    `active_from` are dates by account_id from which an account counts; accounts it lacks count from `start`. A
    period may cross years: each day weighs one over the days of its calendar year. Raises PolicyError when the
    period ends before it starts.
    """
    if end < start:
        raise PolicyError(f"The period ends on {end} before it starts on {start}: swap the dates.")
    account = call_plan[CallPlan.account_id]
    first = pd.Series(pd.Timestamp(start), index=call_plan.index)
    if active_from is not None:
        late = pd.to_datetime(account.map(active_from))
        first = first.mask(late > first, late)
    after = pd.Series(pd.Timestamp(end) + pd.Timedelta(days=1), index=call_plan.index)
    share = (years_since_2000(after) - years_since_2000(first)).clip(lower=0)
    return np.floor(call_plan[CallPlan.calls_per_year] * share + 0.5 + 1e-9).astype(int)


def years_since_2000(day: pd.Series) -> pd.Series:
    """Return dates as years since 2000, so that a difference is a sum of days over the days of their years."""
    year_days = np.where(day.dt.is_leap_year, 366, 365)
    return day.dt.year - 2000 + (day.dt.day_of_year - 1) / year_days
