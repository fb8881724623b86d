"""What changes hands between two publications: by account, by rep, and how much of it there is (F22)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from geo_territory.alignment import Disruption, disruption
from geo_territory.capacity import rep_capacity
from geo_territory.cycle_tables import CLOSED, KEPT, MOVED, NEW
from geo_territory.policy import CapacityPolicy
from geo_territory.tables import TIERS, AccountMoves, Accounts, Assignments, ChangesOfHands, RepChanges, Reps, Workload

# A rep who loses more of the value they served than this is to be looked at before anybody approves [fraction].
MUCH_LOST = 0.20

_KEY = [Assignments.account_id, Assignments.role]


def changes_of_hands(
    before: pd.DataFrame, after: pd.DataFrame, accounts: pd.DataFrame, value: pd.Series, reasons: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return what becomes of each account and role of two Assignments: ChangesOfHands, kept ones too, sorted by account and role.

    `accounts` is the Accounts list afterwards: one that is closed there, or not in it, is no more. `value` by account_id
    [currency/year]. `reasons` are the AccountMoves of a design: a reason is told where both its territories are the account's.
    An account whose territory stays and whose person does not has moved: to the account it is all the same (F22).
    """
    was, now = (rows.set_index(_KEY).sort_index() for rows in (before, after))
    keys = was.index.union(now.index)
    was_in, now_in = keys.isin(was.index), keys.isin(now.index)
    was, now = was.reindex(keys), now.reindex(keys)
    account = keys.get_level_values(0)
    rep_before, rep_after = was[Assignments.rep_id], now[Assignments.rep_id]
    status = accounts[Accounts.status].reindex(account)
    no_more = (status.isna() | status.eq("closed")).to_numpy()
    same = (rep_before.eq(rep_after).fillna(False) | (rep_before.isna() & rep_after.isna())).to_numpy(bool)
    change = np.select([~now_in & no_more, same, rep_before.isna().to_numpy()], [CLOSED, KEPT, NEW], MOVED)
    tiers = {**_tier_by_account(before), **_tier_by_account(after)}
    rows = pd.DataFrame(
        {
            ChangesOfHands.account_id: account,
            ChangesOfHands.role: keys.get_level_values(1),
            ChangesOfHands.name: accounts[Accounts.name].reindex(account).to_numpy(object),
            ChangesOfHands.tier: [tiers[name] for name in account],
            ChangesOfHands.value: value.reindex(account).to_numpy(float),
            ChangesOfHands.rep_before: rep_before.to_numpy(object),
            ChangesOfHands.rep_after: rep_after.to_numpy(object),
            ChangesOfHands.territory_before: was[Assignments.territory_id].to_numpy(object),
            ChangesOfHands.territory_after: now[Assignments.territory_id].to_numpy(object),
            ChangesOfHands.change: change,
        }
    )
    listed = account.isin(accounts.index)
    known = account.isin(before[Assignments.account_id])
    rows[ChangesOfHands.reason] = _reasons(rows, now[Assignments.reason].to_numpy(object), was_in, now_in, listed, known, reasons)
    return ChangesOfHands.check(rows[ChangesOfHands.columns()])


def _tier_by_account(rows: pd.DataFrame) -> dict[str, str]:
    return dict(zip(rows[Assignments.account_id], rows[Assignments.tier], strict=True))


def _reasons(
    rows: pd.DataFrame,
    said: np.ndarray,
    was_in: np.ndarray,
    now_in: np.ndarray,
    listed: np.ndarray,
    known: np.ndarray,
    moves: pd.DataFrame | None,
) -> list[str | None]:
    """Return why each row changes hands, None for one that is kept."""
    moved = {} if moves is None else {row.Index: row for row in moves.itertuples()}

    def told(i: int, row: dict) -> str | None:
        change, role, tier = row[ChangesOfHands.change], row[ChangesOfHands.role], row[ChangesOfHands.tier]
        there, here = (_plain(row[name]) for name in (ChangesOfHands.territory_before, ChangesOfHands.territory_after))
        if change == KEPT:
            return None
        if change == CLOSED:
            return "It is closed." if listed[i] else "It is no longer in the account list."
        if change == NEW:
            if was_in[i]:
                return "Nobody served it before."
            return f"Role {role} now serves it: it is in tier {tier}." if known[i] else "It is new in the account list."
        if not now_in[i]:
            return f"Role {role} no longer serves it: it is in tier {tier}."
        if there == here:
            whose = "Who serves every account changes." if here is None else f"Territory {here} has somebody new."
            return whose if _plain(row[ChangesOfHands.rep_after]) else f"Nobody serves territory {here} now."
        move = moved.get(row[ChangesOfHands.account_id])
        if move is not None and (getattr(move, AccountMoves.before), _plain(getattr(move, AccountMoves.after))) == (there, here):
            return str(getattr(move, AccountMoves.reason))
        return _plain(said[i]) or (f"It is in territory {here} now." if here else "No territory covers it now.")

    return [told(i, row) for i, row in enumerate(rows.to_dict("records"))]


def _plain(value: object) -> str | None:
    return None if value is None or value != value or value is pd.NA else str(value)


def disruption_by_rep(changes: pd.DataFrame, role: str, hours: pd.DataFrame | None = None, top_tier: str = TIERS[0]) -> Disruption:
    """Return how much changes hands between the people of one role, from ChangesOfHands (F22, O7).

    A person who is exchanged in an unchanged territory counts; accounts that are new or no more don't. `hours` is the Workload
    table; `top_tier` the best tier's label.
    """
    return _disruption(changes[changes[ChangesOfHands.role] == role], role, hours, top_tier)


def disruption_by_tier(
    changes: pd.DataFrame, role: str, hours: pd.DataFrame | None = None, labels: Sequence[str] = TIERS
) -> dict[str, Disruption]:
    """Return `disruption_by_rep` of each tier's accounts by label, in the order of `labels`; a tier without accounts has 0 of them."""
    mine = changes[changes[ChangesOfHands.role] == role]
    return {label: _disruption(mine[mine[ChangesOfHands.tier] == label], role, hours, label) for label in labels}


def _disruption(rows: pd.DataFrame, role: str, hours: pd.DataFrame | None, top_tier: str) -> Disruption:
    by_account = rows.set_index(ChangesOfHands.account_id).sort_index()
    work = None
    if hours is not None:
        work = hours[hours[Workload.role] == role].set_index(Workload.account_id)[Workload.hours]
    return disruption(
        by_account[ChangesOfHands.rep_before],
        by_account.loc[by_account[ChangesOfHands.change] != CLOSED, ChangesOfHands.rep_after],
        by_account[ChangesOfHands.value].clip(lower=0.0),
        by_account[ChangesOfHands.tier],
        work,
        top_tier,
    )


def rep_changes(
    changes: pd.DataFrame, hours: pd.DataFrame, reps: pd.DataFrame | None = None, capacity: pd.Series | None = None
) -> pd.DataFrame:
    """Return what ChangesOfHands give to and take from each rep: RepChanges, a row for all `reps` and all others named, sorted.

    `hours` is the Workload table, `capacity` by rep_id [h/year] as `capacities` says. An account counts once for each role it is
    served in; gained + kept is what a rep serves afterwards, lost + kept what they served before. The share of value lost is
    what goes to others, or to nobody: what is closed is not lost to anybody.
    """
    keys = [ChangesOfHands.account_id, ChangesOfHands.role]
    work = (
        hours.set_index([Workload.account_id, Workload.role])[Workload.hours].reindex(pd.MultiIndex.from_frame(changes[keys])).fillna(0.0)
    )
    value = changes[ChangesOfHands.value].clip(lower=0.0).fillna(0.0)
    was, now, change = changes[ChangesOfHands.rep_before], changes[ChangesOfHands.rep_after], changes[ChangesOfHands.change]
    stays = was.eq(now).fillna(False).astype(bool)
    everyone = set(was.dropna()) | set(now.dropna()) | (set() if reps is None else set(reps.index))
    names = pd.Index(sorted(everyone), dtype="str", name=str(RepChanges.rep_id))
    amount = pd.DataFrame({RepChanges.value_before: value.to_numpy(), RepChanges.hours_before: work.to_numpy()}, index=changes.index)

    def added(who: pd.Series, chosen: pd.Series, column: str) -> pd.Series:
        return amount.loc[chosen, column].groupby(who[chosen]).sum().reindex(names).fillna(0.0)

    def counted(who: pd.Series, chosen: pd.Series) -> pd.Series:
        return who[chosen].value_counts().reindex(names).fillna(0).astype(int)

    held = added(was, was.notna(), RepChanges.value_before)
    to_others = added(was, was.notna() & (change == MOVED), RepChanges.value_before)
    rows = pd.DataFrame(
        {
            RepChanges.gained: counted(now, ~stays),
            RepChanges.lost: counted(was, ~stays),
            RepChanges.kept: counted(was, stays),
            RepChanges.newly_served: counted(now, change == NEW),
            RepChanges.closed: counted(was, change == CLOSED),
            RepChanges.value_before: held,
            RepChanges.value_after: added(now, now.notna(), RepChanges.value_before),
            RepChanges.value_lost_share: (to_others / held.where(held > 0)),
            RepChanges.hours_before: added(was, was.notna(), RepChanges.hours_before),
            RepChanges.hours_after: added(now, now.notna(), RepChanges.hours_before),
            RepChanges.capacity: (pd.Series(dtype=float) if capacity is None else capacity).reindex(names),
        },
        index=names,
    )
    return RepChanges.check(rows)


def losing_much(changes: pd.DataFrame, limit: float = MUCH_LOST) -> pd.DataFrame:
    """Return the RepChanges of who loses more than `limit` [fraction] of the value they served, the most first."""
    much = changes[changes[RepChanges.value_lost_share].fillna(0.0) > limit + 1e-9].sort_index()
    return much.sort_values(RepChanges.value_lost_share, ascending=False, kind="stable")


def capacities(reps: pd.DataFrame, policy: CapacityPolicy) -> pd.Series:
    """Return the hours a year each rep has by rep_id [h/year] (F14); missing for a role that the policy lacks."""
    roles = {role.role: role for role in policy.roles}
    told = zip(reps[Reps.role], reps[Reps.fte], reps[Reps.leave_days], strict=True)
    hours = [rep_capacity(roles[role], fte, leave) if role in roles else np.nan for role, fte, leave in told]
    return pd.Series(hours, index=reps.index, dtype=float, name=RepChanges.capacity)
