"""Who gets which attention: places, tiers, call plan and hours of an account list (steps one and two)."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd

from geo_territory.call_plan import plan_calls
from geo_territory.errors import InfeasibleError
from geo_territory.geocoding import locate
from geo_territory.policy import Policy
from geo_territory.progress import Progress, silent
from geo_territory.tables import Accounts, CallPlan, Tiers, Workload
from geo_territory.tiers import assign_tiers, value_used
from geo_territory.travel import travel_minutes
from geo_territory.workload import account_workload, hours_by_account


@dataclass(frozen=True)
class Attention:
    """An account list with what it asks of the sellers.

    `accounts` holds every account with its place; the other tables hold the planned ones, which leave out the
    closed: `tiers` and `value` [currency/year] by account_id, `call_plan` and `workload` by account and role. `channels` names
    the channel by account_id that visits of the aligned role are made by instead, and `plain` is the same without them.
    """

    policy: Policy
    accounts: pd.DataFrame
    tiers: pd.DataFrame
    value: pd.Series
    call_plan: pd.DataFrame
    workload: pd.DataFrame
    channels: Mapping[str, str] = field(default_factory=dict)
    before_channels: Attention | None = None

    @property
    def plain(self) -> Attention:
        """The attention as the call patterns say it, without `channels`."""
        return self.before_channels or self

    def with_channels(self, channels: Mapping[str, str]) -> Attention:
        """Return the plain attention with the visits of the aligned role made by another channel for some accounts.

        `channels` by account_id. As many calls are made, of the minutes of the tier's call pattern for that role and channel, or of
        the visit's where it has none, and without travel (F11, F12). An account without such visits stays as it is.
        """
        plain, role = self.plain, self.policy.design.role
        if not channels:
            return plain
        plan, workload = plain.call_plan.copy(), plain.workload.copy()
        mine = (plan[CallPlan.role] == role) & _among(plan[CallPlan.account_id], channels)
        visits = mine & (plan[CallPlan.channel] == "visit")
        moved = plan.loc[visits]
        minutes = {(p.tier, p.channel): float(p.duration_min + p.prep_min) for p in self.policy.calls.patterns if p.role == role}
        channel = moved[CallPlan.account_id].map(dict(channels))
        asked = zip(moved[CallPlan.tier], channel, moved[CallPlan.minutes_per_call], strict=True)
        plan.loc[visits, CallPlan.channel] = channel
        plan.loc[visits, CallPlan.minutes_per_call] = [minutes.get((tier, by), before) for tier, by, before in asked]
        plan.loc[visits, CallPlan.travel_min] = float("nan")
        lines = plan[mine & _among(plan[CallPlan.account_id], moved[CallPlan.account_id])]
        changed = (workload[Workload.role] == role) & _among(workload[Workload.account_id], moved[CallPlan.account_id])
        again = account_workload(lines, pd.Series(dtype=float))
        amounts = [Workload.calls_per_year, Workload.call_hours, Workload.travel_hours, Workload.hours]
        workload.loc[changed, amounts] = again[amounts].to_numpy()
        return dataclasses.replace(plain, call_plan=plan, workload=workload, channels=dict(channels), before_channels=plain)

    @property
    def planned(self) -> pd.DataFrame:
        """The accounts that are planned, by account_id."""
        return self.accounts.loc[self.tiers.index]

    def hours(self, role: str) -> pd.Series:
        """Return hours a year by planned account of one role; 0 where the role has no call pattern."""
        return hours_by_account(self.workload, role).reindex(self.tiers.index).fillna(0.0)

    def travel_hours(self, role: str) -> pd.Series:
        """Return the part of `hours` that is travel [h/year], by planned account: an estimate without a road network (F12)."""
        mine = self.workload[self.workload[Workload.role] == role].set_index(Workload.account_id)[Workload.travel_hours]
        return mine.reindex(self.tiers.index).fillna(0.0)

    def weight(self, balance: str, role: str) -> pd.Series:
        """Return what a design balances, by planned account: hours of `role`, value, or 1 per account.

        Raises InfeasibleError when the sum is 0, since nothing could be balanced.
        """
        if balance == "accounts":
            weight = pd.Series(1.0, index=self.tiers.index)
        else:
            weight = self.hours(role) if balance == "workload" else self.value.clip(lower=0.0).fillna(0.0)
        if len(weight) and weight.sum() <= 0:
            lacking = f"no call pattern of role '{role}' reaches any account" if balance == "workload" else "no account has a value above 0"
            raise InfeasibleError(f"Nothing to balance: {lacking}. Balance accounts instead, or change that first.")
        return weight.rename(balance)


def pay_attention(
    accounts: pd.DataFrame,
    policy: Policy,
    *,
    overrides: pd.DataFrame | None = None,
    today: date | None = None,
    progress: Progress = silent,
) -> Attention:
    """Return the places, tiers, call plan and hours of an Accounts table under a policy.

    `overrides` is an Overrides table; `today` is the day that decides which of them have expired (default: the current day).
    """
    progress("Placing accounts", 0.0)
    placed = locate(Accounts.check(accounts).sort_index())
    planned = placed[placed[Accounts.status] != "closed"]
    progress("Setting tiers", 0.3)
    tiers = assign_tiers(planned, policy.tier_rule, overrides, today)
    progress("Planning calls", 0.6)
    call_plan = plan_calls(tiers, policy.calls)
    workload = account_workload(call_plan, travel_minutes(planned, policy.travel))
    return Attention(policy, placed, Tiers.check(tiers), value_used(planned, policy.tier_rule), call_plan, workload)


def _among(ids: pd.Series, wanted: Iterable[str]) -> np.ndarray:
    """Return which ids are wanted, (m,) bool."""
    return pd.Index(pd.unique(np.array(list(wanted), dtype=object))).get_indexer(ids.to_numpy(dtype=object)) >= 0
