"""A realignment as a leader judges it before approving: who serves what before and after, and how much of it changes hands (F22)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from geo_territory.alignment import SALES_AT_RISK
from geo_territory.attention import Attention
from geo_territory.cycle_tables import KEPT, MOVED
from geo_territory.handover import capacities, changes_of_hands, rep_changes
from geo_territory.tables import Accounts, Assignments, ChangesOfHands, Workload


@dataclass(frozen=True)
class Part:
    """How much of a whole changes hands, and the whole it is counted of, in the same unit."""

    moved: float
    of: float

    @property
    def share(self) -> float | None:
        """The moved share in [0, 1]; None when there is nothing."""
        return self.moved / self.of if self.of > 0 else None


@dataclass(frozen=True)
class Moved:
    """What changes hands in one role: accounts, their value [currency/year], workload [h/year], accounts of the best tier.

    The whole is what was served before. `risk` is the range of sales that may be lost [currency/year] (F22).
    """

    accounts: Part
    value: Part
    hours: Part
    top: Part
    risk: tuple[float, float]


@dataclass(frozen=True, eq=False)
class Realignment:
    """Who serves each account before and after (Assignments), what changes hands (ChangesOfHands), what that is for each rep (RepChanges).

    `hours` is the Workload table, `labels` the tiers, best first, `roles` those that serve accounts, the design's role first.
    """

    before: pd.DataFrame
    after: pd.DataFrame
    changes: pd.DataFrame
    by_rep: pd.DataFrame
    hours: pd.DataFrame
    labels: tuple[str, ...]
    roles: tuple[str, ...]

    def moved(self, role: str) -> Moved:
        """Return how much changes hands in a role (F22)."""
        rows = self.changes[self.changes[ChangesOfHands.role] == role].set_index(ChangesOfHands.account_id)
        rows = rows[rows[ChangesOfHands.rep_before].notna()]
        gone = rows[ChangesOfHands.change] == MOVED
        work = self.hours[self.hours[Workload.role] == role].set_index(Workload.account_id)[Workload.hours].reindex(rows.index).fillna(0.0)
        value = rows[ChangesOfHands.value].fillna(0.0).clip(lower=0.0)
        best = rows[ChangesOfHands.tier] == self.labels[0]
        low, high = (float(value[gone].sum() * share) for share in SALES_AT_RISK)
        return Moved(
            accounts=Part(float(gone.sum()), float(len(rows))),
            value=Part(float(value[gone].sum()), float(value.sum())),
            hours=Part(float(work[gone].sum()), float(work.sum())),
            top=Part(float((gone & best).sum()), float(best.sum())),
            risk=(low, high),
        )


def realignment(
    attention: Attention,
    before: pd.DataFrame,
    after: pd.DataFrame,
    reps: pd.DataFrame,
    moves: pd.DataFrame | None = None,
) -> Realignment:
    """Return what becomes of every account when Assignments `after` take the place of `before`.

    `moves` are the AccountMoves of the design, whose reasons are told; `reps` those whose hours are compared.
    """
    changes = changes_of_hands(before, after, attention.accounts, attention.value, moves)
    role = attention.policy.design.role
    found = set(after[Assignments.role]) | set(before[Assignments.role])
    return Realignment(
        before=before,
        after=after,
        changes=changes,
        by_rep=rep_changes(changes, attention.workload, reps, capacities(reps, attention.policy.capacity)),
        hours=attention.workload,
        labels=attention.policy.tier_rule.labels,
        roles=tuple(sorted(found, key=lambda name: (name != role, name))),
    )


def not_kept(changes: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Return the ChangesOfHands but those kept, the most valuable first, with people called by their `names` by rep_id."""
    sides = (ChangesOfHands.rep_before, ChangesOfHands.rep_after)
    rows = changes[changes[ChangesOfHands.change] != KEPT].sort_values([ChangesOfHands.account_id, ChangesOfHands.role])
    called = rows.assign(
        **{side: rows[side].astype("str").map(lambda rep_id: names.get(rep_id, rep_id), na_action="ignore") for side in sides}
    )
    called = called.astype(dict.fromkeys(sides, "str"))
    return called.sort_values(ChangesOfHands.value, ascending=False, kind="stable", na_position="last").reset_index(drop=True)


def moved_on_map(attention: Attention, changes: pd.DataFrame, role: str) -> pd.DataFrame:
    """Return the planned accounts with a place that somebody else, or nobody, serves afterwards in a role: Accounts joined with Tiers."""
    rows = changes[(changes[ChangesOfHands.role] == role) & (changes[ChangesOfHands.change] == MOVED)]
    planned = attention.planned.join(attention.tiers)
    chosen = planned[planned.index.isin(rows[ChangesOfHands.account_id])]
    return chosen[chosen[[Accounts.lat, Accounts.lon]].notna().all(axis=1)]
