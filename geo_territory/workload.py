"""Planned calls x minutes + travel -> hours a year (F11-F13)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from geo_territory.errors import TableError
from geo_territory.tables import TIERS, CallPlan, PlanLines, Tiers, Workload

_LINE = [CallPlan.tier, CallPlan.role, CallPlan.channel, CallPlan.cadence]


def account_workload(call_plan: pd.DataFrame, travel_min: pd.Series) -> pd.DataFrame:
    """Return the Workload: hours a year per account and role, sorted by both (F11-F13).

    `travel_min` [min per visit] by account_id is the estimate of `travel_minutes`; a pattern's own travel wins over
    it, and only visits travel. Raises TableError when an account that is visited has neither.
    """
    by = [CallPlan.account_id, CallPlan.role]
    hours = pd.concat([call_plan[by], _line_hours(call_plan, travel_min)], axis=1)
    return Workload.check(hours.groupby(by, sort=True).sum().reset_index()[Workload.columns()])


def hours_by_line(call_plan: pd.DataFrame, travel_min: pd.Series, labels: Sequence[str] = TIERS) -> pd.DataFrame:
    """Return the PlanLines: calls and hours a year of each tier x role x channel, in the order of `labels` (O3).

    Arguments and errors are those of `account_workload`; a "never" line shows 0 calls.
    """
    rows = pd.concat([call_plan[_LINE], _line_hours(call_plan, travel_min)], axis=1)
    rows[PlanLines.accounts] = 1
    rows[PlanLines.calls_per_account] = call_plan[CallPlan.calls_per_year]
    same = [*_LINE, PlanLines.calls_per_account]
    lines = rows.groupby(same, sort=True).sum().reset_index()
    return PlanLines.check(lines.iloc[_tier_order(lines[PlanLines.tier], labels)].reset_index(drop=True)[PlanLines.columns()])


def hours_by_account(workload: pd.DataFrame, role: str) -> pd.Series:
    """Return the hours a year a role needs for each account it calls on [h/year], sorted by account_id."""
    mine = workload[workload[Workload.role] == role]
    return mine.set_index(Workload.account_id)[Workload.hours].sort_index()


def hours_by_tier(workload: pd.DataFrame, tiers: pd.DataFrame, role: str, labels: Sequence[str] = TIERS) -> pd.Series:
    """Return the hours a year a role needs for each tier [h/year], in the order of `labels`, best first (F17)."""
    hours = hours_by_account(workload, role)
    summed = hours.groupby(tiers[Tiers.tier].reindex(hours.index)).sum()
    others = sorted(set(summed.index) - set(labels))
    return summed.reindex(pd.Index([*labels, *others], name=Tiers.tier, dtype="str"), fill_value=0.0)


def _line_hours(call_plan: pd.DataFrame, travel_min: pd.Series) -> pd.DataFrame:
    """Return calls and hours a year of each row of the call plan."""
    calls = call_plan[CallPlan.calls_per_year]
    call_hours = calls * call_plan[CallPlan.minutes_per_call] / 60
    travels = (call_plan[CallPlan.channel] == "visit") & (calls > 0)
    minutes = call_plan[CallPlan.travel_min].fillna(call_plan[CallPlan.account_id].map(travel_min.astype(float))).where(travels, 0.0)
    if minutes.isna().any():
        lost = sorted(set(call_plan.loc[minutes.isna(), CallPlan.account_id]))
        raise TableError(
            f"No travel time for {len(lost):,} visited accounts ({', '.join(lost[:3])}…): estimate it for the same accounts "
            "as the call plan, or give the call pattern its own travel_min."
        )
    travel_hours = calls * minutes / 60
    columns = {
        Workload.calls_per_year: calls,
        Workload.call_hours: call_hours,
        Workload.travel_hours: travel_hours,
        Workload.hours: call_hours + travel_hours,
    }
    return pd.DataFrame(columns, index=call_plan.index)


def _tier_order(tier: pd.Series, labels: Sequence[str]) -> np.ndarray:
    """Return the positions that sort rows by tier, best first; tiers out of `labels` come last."""
    place = {label: i for i, label in enumerate(labels)}
    return np.argsort(tier.map(lambda t: place.get(t, len(place))).to_numpy(float), kind="stable")
