"""Who serves each account: the territory's person in each role, or one person of a role for all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

import pandas as pd
from scipy.optimize import linear_sum_assignment

from geo_territory.attention import Attention
from geo_territory.cycle_tables import BY_EXCEPTION, BY_RULE, BY_UNIT
from geo_territory.design import Design
from geo_territory.tables import AccountMoves, Accounts, Assignments, CallPlan, Calls, Reps, TerritoryReps, Tiers, Units

NOBODY: Mapping[str, str] = MappingProxyType({})
OFF_THE_MAP = "It isn't on the map, so no territory covers it."
AS_IMPORTED = "The account list says so."
BY_ONE_PERSON = "One person serves every account in this role."


def assigned(
    design: Design,
    territory_reps: pd.DataFrame,
    everybody: Mapping[str, str] = NOBODY,
    *,
    moves: pd.DataFrame | None = None,
    locks: Mapping[str, str] = NOBODY,
) -> pd.DataFrame:
    """Return who serves each planned account by a design: Assignments, a row per account and role, sorted by both.

    The design's role has every planned account, another role those its call plan calls on. `territory_reps` (TerritoryReps) name
    the territory's person; `everybody` the one person by role who serves all accounts, on the map or not. `moves` are the
    AccountMoves of the design, whose reasons win; `locks` says by account_id why it may not change hands.
    """
    cause = pd.Series(BY_UNIT, index=design.territory_id.index, dtype="str")
    cause[cause.index.isin(list(design.exceptions)) & design.unit_id.notna().to_numpy()] = BY_EXCEPTION
    reason = _reasons(design)
    if moves is not None:
        told = moves[AccountMoves.reason].reindex(reason.index)
        reason = told.where(told.notna(), reason)
    role = design.policy.role
    return _served(design.attention, role, design.territory_id, territory_reps, everybody, cause, reason, locks)


def assigned_as_imported(
    attention: Attention, territory_id: pd.Series, territory_reps: pd.DataFrame, everybody: Mapping[str, str] = NOBODY
) -> pd.DataFrame:
    """Return who serves each planned account today as the account list says, for the first publication to be compared with.

    `territory_id` by account_id is each account's current territory; one without a territory has no row in the design's role.
    Others as in `assigned`.
    """
    role = attention.policy.design.role
    here = territory_id.replace("", pd.NA).reindex(attention.tiers.index).astype("str")
    cause = pd.Series(BY_RULE, index=here.index, dtype="str")
    reason = pd.Series(AS_IMPORTED, index=here.index, dtype="str")
    rows = _served(attention, role, here, territory_reps, everybody, cause, reason, NOBODY)
    return rows[rows[Assignments.rep_id].notna() | rows[Assignments.territory_id].notna()].reset_index(drop=True)


def lone_people(attention: Attention, reps: pd.DataFrame, day: date | None = None) -> dict[str, str]:
    """Return the one person by role who serves everybody: of each role but the design's that has a single person at work on `day`."""
    others = reps[at_work(reps, day) & (reps[Reps.role] != attention.policy.design.role)]
    alone = others.groupby(Reps.role).filter(lambda people: len(people) == 1)
    return dict(sorted(zip(alone[Reps.role], alone.index, strict=True)))


def proposed_reps(
    design: Design,
    reps: pd.DataFrame,
    calls: pd.DataFrame,
    before: pd.DataFrame | None = None,
    day: date | None = None,
    held: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return who should serve each territory of a design in each role of its call plan, a table of TerritoryReps to be corrected.

    In the design's role people are matched to territories, each person to one, so that most of the hours they serve stay theirs;
    then those whom `before` (TerritoryReps) or the list of reps names for the territory, then who called most of its accounts.
    `held` are the Assignments in force; without them an account is held by its start's territory's person. In another role its
    only person serves everything, else who holds (without `held`: has called) most of the territory's accounts, then who served
    it `before`, then who has fewest hours so far. A territory without anybody is a vacancy. Only people at work on `day`.
    """
    territories = pd.Index(sorted(design.scorecard.index), dtype="str")
    start = design.attention.planned[Accounts.territory_id] if design.start is None else design.start
    return _proposed(_Asked(design.attention, design.territory_id, territories, start, reps, calls, before, held), day)


def reps_as_imported(
    attention: Attention, territory_id: pd.Series, reps: pd.DataFrame, calls: pd.DataFrame, day: date | None = None
) -> pd.DataFrame:
    """Return who serves the territories of the account list (`territory_id` by account_id) today, as `proposed_reps` would have it."""
    here = territory_id.replace("", pd.NA).reindex(attention.tiers.index).astype("str")
    territories = pd.Index(sorted(here.dropna().unique()), dtype="str")
    return _proposed(_Asked(attention, here, territories, here, reps, calls, None, None), day)


@dataclass(frozen=True, eq=False)
class _Asked:
    """What people are proposed by: the parameters of `proposed_reps`; `territory_id` and `start` by account."""

    attention: Attention
    territory_id: pd.Series
    territories: pd.Index
    start: pd.Series
    reps: pd.DataFrame
    calls: pd.DataFrame
    before: pd.DataFrame | None
    held: pd.DataFrame | None

    def named(self, role: str, people: pd.DataFrame) -> dict[str, str]:
        """Return who is named for a territory: by `before`, else by the list of reps; the first by rep_id where several are."""
        listed = people[people[Reps.territory_id].notna()].sort_index(ascending=False)
        names = dict(zip(listed[Reps.territory_id], listed.index, strict=True))
        if self.before is not None:
            mine = self.before[(self.before[TerritoryReps.role] == role) & self.before[TerritoryReps.rep_id].isin(people.index)]
            names |= dict(zip(mine[TerritoryReps.territory_id], mine[TerritoryReps.rep_id], strict=True))
        return names

    def holder(self, role: str, people: pd.DataFrame) -> pd.Series:
        """Return who holds each account in a role now, by account_id; those of nobody at work left out."""
        if self.held is None:
            who = self.start.map(self.named(role, people))
        else:
            mine = self.held[self.held[Assignments.role] == role]
            who = mine.set_index(Assignments.account_id)[Assignments.rep_id]
        return who[who.isin(people.index)]

    def called(self, people: pd.Index) -> pd.DataFrame:
        """Return how many accounts of each territory (rows) each person (columns) has called."""
        pairs = self.calls[[Calls.account_id, Calls.rep_id]].drop_duplicates()
        return self.table(pairs[Calls.account_id], pairs[Calls.rep_id], people, None)

    def kept(self, role: str, people: pd.DataFrame) -> pd.DataFrame:
        """Return the hours a year, plus a little for each account, of each territory (rows) that each person (columns) holds now."""
        who = self.holder(role, people)
        hours = self.attention.hours(role).reindex(who.index).fillna(0.0) + 1e-3
        return self.table(who.index.to_series(), who, people.index, hours)

    def table(self, account: pd.Series, who: pd.Series, people: pd.Index, amount: pd.Series | None) -> pd.DataFrame:
        rows = pd.DataFrame({"there": account.map(self.territory_id).to_numpy(object), "who": who.to_numpy(object)})
        rows["amount"] = 1.0 if amount is None else amount.to_numpy(float)
        known = rows[rows["who"].isin(people)].dropna()
        summed = known.pivot_table(index="there", columns="who", values="amount", aggfunc="sum") if len(known) else pd.DataFrame()
        return summed.reindex(index=self.territories, columns=people).fillna(0.0)


def at_work(reps: pd.DataFrame, day: date | None = None) -> pd.Series:
    """Return which Reps have a share of full time above 0 and, when a `day` is given, are employed on it."""
    works = reps[Reps.fte] > 0
    if day is None:
        return works
    begun, ended = (pd.to_datetime(reps[name]) if name in reps else pd.Series(pd.NaT, index=reps.index) for name in (Reps.start, Reps.end))
    return works & ~(begun > pd.Timestamp(day)) & ~(ended < pd.Timestamp(day))


def called_roles(attention: Attention) -> list[str]:
    """Return the design's role and those whose call plan asks for calls, sorted."""
    plan = attention.call_plan
    return sorted({attention.policy.design.role} | set(plan.loc[plan[CallPlan.calls_per_year] > 0, CallPlan.role]))


def _reasons(design: Design) -> pd.Series:
    """Return why each planned account is in its territory, in one sentence."""
    names, owner, unit_id = design.unit_map.units[Units.name], design.alignment.territory_of, design.unit_id
    exceptions = design.exceptions

    def reason(account: str, unit: str | None) -> str:
        if unit is None or pd.isna(unit):
            return OFF_THE_MAP
        if account in exceptions:
            return f"It was given to territory {exceptions[account]} by hand, apart from {names[unit]}."
        return f"It lies in {names[unit]}, part of territory {owner[unit]}." if unit in owner.index else f"Nobody covers {names[unit]}."

    return pd.Series([reason(a, u) for a, u in unit_id.items()], index=unit_id.index, dtype="str")


def _served(
    attention: Attention,
    role: str,
    territory_id: pd.Series,
    territory_reps: pd.DataFrame,
    everybody: Mapping[str, str],
    cause: pd.Series,
    reason: pd.Series,
    locks: Mapping[str, str],
) -> pd.DataFrame:
    """Return the Assignments of all roles; every Series is by planned account."""
    plan, tiers = attention.call_plan, attention.tiers[Tiers.tier]
    parts = []
    for each in called_roles(attention):
        called = plan.loc[(plan[CallPlan.role] == each) & (plan[CallPlan.calls_per_year] > 0), CallPlan.account_id]
        accounts = tiers.index if each == role else tiers.index[tiers.index.isin(called)]
        here = territory_id.reindex(accounts)
        mine = territory_reps[territory_reps[TerritoryReps.role] == each].set_index(TerritoryReps.territory_id)[TerritoryReps.rep_id]
        one = everybody.get(each)
        parts.append(
            pd.DataFrame(
                {
                    Assignments.account_id: accounts.to_numpy(dtype=object),
                    Assignments.role: each,
                    Assignments.territory_id: here.to_numpy(dtype=object),
                    Assignments.rep_id: (here.map(mine) if one is None else pd.Series(one, index=accounts)).to_numpy(dtype=object),
                    Assignments.tier: tiers[accounts].to_numpy(dtype=object),
                    Assignments.cause: (cause[accounts] if one is None else pd.Series(BY_RULE, index=accounts)).to_numpy(dtype=object),
                    Assignments.lock: pd.Series(dict(locks), dtype="str").reindex(accounts).to_numpy(dtype=object),
                    Assignments.reason: (reason[accounts] if one is None else pd.Series(BY_ONE_PERSON, index=accounts)).to_numpy(object),
                }
            )
        )
    rows = pd.concat(parts, ignore_index=True).sort_values([Assignments.account_id, Assignments.role], kind="stable")
    return Assignments.check(rows.reset_index(drop=True))


def _proposed(asked: _Asked, day: date | None) -> pd.DataFrame:
    """Return the TerritoryReps of every role that is called."""
    rows, working = [], asked.reps[at_work(asked.reps, day)].sort_index()
    for role in called_roles(asked.attention):
        people = working[working[Reps.role] == role]
        chosen = (_each_once if role == asked.attention.policy.design.role else _shared)(asked, role, people)
        rows += [(territory, role, chosen.get(territory)) for territory in asked.territories]
    columns = [TerritoryReps.territory_id, TerritoryReps.role, TerritoryReps.rep_id]
    return TerritoryReps.check(pd.DataFrame(rows, columns=columns))


def _each_once(asked: _Asked, role: str, people: pd.DataFrame) -> dict[str, str]:
    """Return who serves each territory, everybody one at most."""
    chosen: dict[str, str] = {}
    _match(chosen, asked.kept(role, people))
    taken = set(chosen.values())
    for territory, rep in sorted(asked.named(role, people).items()):
        if territory in asked.territories and territory not in chosen and rep not in taken:
            chosen[territory] = rep
            taken.add(rep)
    _match(chosen, asked.called(people.index))
    return chosen


def _match(chosen: dict[str, str], amount: pd.DataFrame) -> None:
    """Match the territories and people that are still free so that the amount that meets is largest; nobody to nothing."""
    open_, free = amount.index.difference(list(chosen)), amount.columns.difference(list(chosen.values()))
    table = amount.loc[open_, free].to_numpy()
    for row, column in zip(*linear_sum_assignment(-table), strict=True):
        if table[row, column] > 0:
            chosen[open_[row]] = free[column]


def _shared(asked: _Asked, role: str, people: pd.DataFrame) -> dict[str, str]:
    """Return who serves each territory in a role whose people serve several."""
    if people.empty:
        return {}
    most = asked.called(people.index) if asked.held is None else asked.kept(role, people)
    most = most[most.max(axis=1) > 0]
    known = {there: rep for there, rep in asked.named(role, people).items() if there in asked.territories}
    chosen = known | {str(there): str(row.idxmax()) for there, row in most.iterrows()}
    hours = asked.attention.hours(role).groupby(asked.territory_id).sum().reindex(asked.territories).fillna(0.0)
    load = pd.Series(chosen).map(hours).groupby(pd.Series(chosen)).sum().reindex(people.index).fillna(0.0)
    for territory, amount in hours.drop(list(chosen)).sort_index().sort_values(ascending=False, kind="stable").items():
        chosen[str(territory)] = str(load.idxmin())
        load[load.idxmin()] += amount
    return chosen
