"""Whether a period's calls are on pace, by the workdays that have passed (F32)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from geo_territory.coverage.attainment import NOTHING_PLANNED, planned_in
from geo_territory.coverage.matching import DAY, days
from geo_territory.tables import Calendar, DaysOff, PlanStretches

ON_PACE = 0.9


@dataclass(frozen=True)
class Pace:
    """Calls `expected` by now against calls `made`; `on_pace` is None where it can't be told, for `reason`."""

    expected: float
    made: int
    on_pace: bool | None
    reason: str = ""


def free_days(rep_id: str, role: str, days_off: pd.DataFrame | None, calendar: pd.DataFrame | None) -> dict[date, str]:
    """Return the days on which a rep makes no calls, with the reason: own DaysOff, and the Calendar's for all, the role or the rep."""
    free: dict[date, str] = {}
    if calendar is not None and len(calendar):
        for_all = calendar[Calendar.role].isna() & calendar[Calendar.rep_id].isna()
        held = calendar[for_all | (calendar[Calendar.role] == role) | (calendar[Calendar.rep_id] == rep_id)]
        names = held[Calendar.name].fillna(held[Calendar.kind])
        free |= dict(sorted(zip(days(held[Calendar.date]).astype(object), names, strict=True), reverse=True))
    if days_off is not None and len(days_off):
        own = days_off[days_off[DaysOff.rep_id] == rep_id]
        free |= dict(sorted(zip(days(own[DaysOff.date]).astype(object), own[DaysOff.reason].fillna("day off"), strict=True), reverse=True))
    return free


def expected_calls(stretches: pd.DataFrame, as_of: date, free: Mapping[str, list[date]] | None = None) -> float:
    """Return the calls of PlanStretches expected before `as_of` begins: each line's plan by the share of its workdays gone by (F32).

    Workdays are Monday to Friday without the rep's `free` days, by rep_id; a line that began within the period is expected from then on.
    """
    total, gone = np.zeros(len(stretches)), np.zeros(len(stretches))
    first = days(stretches[PlanStretches.valid_from])
    after = days(stretches[PlanStretches.valid_to]) + np.timedelta64(1, "D")
    until = np.clip(np.full(len(stretches), as_of, dtype=DAY), first, after)
    rep = stretches[PlanStretches.rep_id].fillna("")
    for rep_id, rows in rep.groupby(rep).indices.items():
        off = np.array(sorted((free or {}).get(rep_id, [])), dtype=DAY)
        total[rows] = np.busday_count(first[rows], after[rows], holidays=off)
        gone[rows] = np.busday_count(first[rows], until[rows], holidays=off)
    line = [PlanStretches.account_id, PlanStretches.role, PlanStretches.rep_id, PlanStretches.tier, PlanStretches.channel]
    by_line = stretches[line].assign(total=total, gone=gone).groupby(line, dropna=False, sort=True).sum()
    share = (by_line["gone"] / by_line["total"].where(by_line["total"] > 0)).fillna(0.0)
    return float((share.to_numpy() * planned_in(stretches).to_numpy()).sum())


def pace(stretches: pd.DataFrame, made: int, as_of: date, free: Mapping[str, list[date]] | None = None) -> Pace:
    """Return whether `made` calls, capped at their lines' plan, are at least 90 % of those expected before the day `as_of` begins (F32)."""
    expected = expected_calls(stretches, as_of, free)
    if expected > 0:
        return Pace(expected, made, made >= ON_PACE * expected)
    nothing = not len(stretches) or planned_in(stretches).sum() == 0
    return Pace(expected, made, None, NOTHING_PLANNED if nothing else "no workday of this period has gone by")
