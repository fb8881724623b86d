"""How many sellers: the account list drawn for fewer and for more territories, and what their hours cover (F15-F17)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from geo_territory.alignment import disruption, territory_of_account
from geo_territory.attention import Attention
from geo_territory.balancing.headcount import Headcount
from geo_territory.balancing.limits import NO_LIMITS, Limits
from geo_territory.balancing.tables import alignment_of, headcounts
from geo_territory.capacity import feasible_coverage, full_time_needed, rep_capacity, whole_people
from geo_territory.design import BALANCING, DISRUPTION_PRICE, Prepared, balancing_progress, prepare
from geo_territory.errors import PolicyError
from geo_territory.policy import Role
from geo_territory.progress import Clock, Progress, silent
from geo_territory.tables import HeadcountCurve, Tiers

COVERAGE = "coverage_"  # begins the name of each tier's column


def headcount_curve(
    attention: Attention,
    *,
    counts: Sequence[int] | None = None,
    capacity: pd.Series | None = None,
    start: pd.Series | None = None,
    limits: Limits = NO_LIMITS,
    progress: Progress = silent,
) -> pd.DataFrame:
    """Return what each number of territories reaches, a table of HeadcountCurve with the coverage of each tier beside.

    counts: by default from two fewer to three more than `attention.policy.design` asks for. A territory is one full-time person
    of its role. `coverage_A` … hold the share of each tier's hours that fits (F17): every territory spends its own hours on its
    best tier first, and what one has left helps no other. Other parameters and errors as in `design.design`.
    """
    clock = Clock(progress)
    asked = prepare(attention, clock, capacity=capacity, start=start, limits=limits)
    with clock.phase("Balancing", BALANCING):
        found = headcounts(
            asked.unit_map, asked.unit_weight, asked.capacity,
            counts=counts, tolerance=asked.policy.tolerance, seed=asked.policy.seed, start=asked.begin, limits=limits,
            disruption_price=DISRUPTION_PRICE, progress=balancing_progress(progress, BALANCING, 1.0),
        )  # fmt: skip
    middle = min(found, key=lambda one: abs(one.territories - len(asked.capacity)))
    rows = [_row(asked, one, middle.result.inertia) for one in found]
    progress("Done", 1.0)
    table = pd.DataFrame(rows)
    return HeadcountCurve.check(table)


def _row(asked: Prepared, one: Headcount, inertia: float) -> dict[str, object]:
    attention, role = asked.attention, _role(asked)
    hours, each = attention.hours(role.role), rep_capacity(role)
    names = pd.Index([asked.capacity.index[old] if old >= 0 else f"new {i + 1}" for i, old in enumerate(one.origin)])
    owner = territory_of_account(asked.unit_id, alignment_of(asked.unit_map, pd.Series(1.0, index=names), one.result.territory, role.role))
    tier = attention.tiers[Tiers.tier]
    labels = [label for label in attention.policy.tier_rule.labels if (tier == label).any()]
    needed = pd.crosstab(owner, tier, hours, aggfunc="sum").reindex(index=names, columns=labels).fillna(0.0)
    fits = needed.apply(lambda row: feasible_coverage(each, row).fillna(0.0) * row, axis=1)
    total = hours.groupby(tier).sum().reindex(labels)
    needs = full_time_needed(float(hours.sum()), each)
    changed = None
    if asked.start is not None:
        moved = disruption(asked.start, owner, attention.value, tier, hours)
        changed = {"workload": moved.hours_share, "value": moved.value_share}.get(asked.policy.balance, moved.accounts_share)
    return {
        HeadcountCurve.territories: one.territories,
        HeadcountCurve.imbalance: one.result.imbalance,
        HeadcountCurve.within: one.result.within_tolerance,
        HeadcountCurve.contiguous: bool((one.result.pieces == 1).all()),
        HeadcountCurve.inertia_ratio: one.result.inertia / inertia if inertia > 0 else 1.0,
        HeadcountCurve.disruption: changed,
        HeadcountCurve.hours: float(hours.sum()),
        HeadcountCurve.capacity: each * one.territories,
        HeadcountCurve.utilisation: hours.sum() / (each * one.territories) if each > 0 else None,
        HeadcountCurve.people_needed: None if needs is None else whole_people(needs),
        HeadcountCurve.covered: float(np.clip(fits.to_numpy().sum() / hours.sum(), 0, 1)) if hours.sum() > 0 else None,
        **{f"{COVERAGE}{label}": float(min(fits[label].sum() / total[label], 1.0)) if total[label] > 0 else None for label in labels},
    }


def _role(asked: Prepared) -> Role:
    """Return the role whose territories are drawn; PolicyError when the policy sets no hours for it."""
    roles = {role.role: role for role in asked.attention.policy.capacity.roles}
    if asked.policy.role not in roles:
        raise PolicyError(f"No hours are set for the role {asked.policy.role}: add it to {', '.join(roles)}.")
    return roles[asked.policy.role]
