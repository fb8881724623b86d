"""When every line of the call plan was last kept and is due again, as of a day (F31)."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from geo_territory.coverage.matching import counted_calls, days, fits
from geo_territory.coverage_tables import DUE, NEVER, NO_PLAN, NOT_DUE, OVERDUE
from geo_territory.tables import CallPlan, Calls, LineCadence

INTERVAL_DAYS = {"weekly": 7, "biweekly": 14, "monthly": 30, "bimonthly": 61, "quarterly": 91, "semiannual": 182, "annual": 365}
GRACE_DAYS = {"weekly": 2, "biweekly": 3, "monthly": 7, "bimonthly": 10, "quarterly": 14, "semiannual": 21, "annual": 30}
GAPS, GAPS_KEPT = "gaps", "gaps_kept"
_NO_DAY = np.datetime64("NaT", "D")


def rhythm(cadence: pd.Series, calls_per_year: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Return the interval and the grace [day] of each line, both NaN where no calls are asked for (F31).

    A custom cadence comes every 365 / `calls_per_year` days, whole days, one at least; its grace lies between those of the named
    cadences around it.
    """
    named = cadence.map(INTERVAL_DAYS).to_numpy(float)
    calls = calls_per_year.to_numpy(float)
    with np.errstate(divide="ignore"):
        custom = np.maximum(np.floor(365 / calls + 0.5), 1.0)
    interval = np.where(calls > 0, np.where(np.isnan(named), custom, named), np.nan)
    return interval, np.interp(interval, list(INTERVAL_DAYS.values()), list(GRACE_DAYS.values()))


def line_cadence(lines: pd.DataFrame, calls: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Return the LineCadence of each line of a CallPlan, in its order, as the Calls stand on the day `as_of` (F31).

    A line was kept by the last counted call on its account by anybody of its role, by its channel or a stronger one. It is due within
    the grace around the due date, overdue after it; one that was never called is "never", one that asks for no calls "no_plan".
    """
    counted = counted_calls(calls, as_of)
    last = _last(lines, counted)
    interval, grace = rhythm(lines[CallPlan.cadence], lines[CallPlan.calls_per_year])
    asked, called = ~np.isnan(interval), ~np.isnat(last)
    since = np.where(called, (np.datetime64(as_of, "D") - last).astype(float), np.nan)
    due = np.where(asked & called, last + np.where(asked, interval, 0).astype("timedelta64[D]"), _NO_DAY)
    late = np.where(asked, np.maximum(since - interval, 0.0), np.nan)
    standing = np.select(
        [~asked, ~called, since < interval - grace, since > interval + grace], [NO_PLAN, NEVER, NOT_DUE, OVERDUE], default=DUE
    )
    columns = {
        LineCadence.interval_days: interval,
        LineCadence.grace_days: grace,
        LineCadence.last_counted: last.astype("datetime64[ns]"),
        LineCadence.days_since: since,
        LineCadence.due_date: due.astype("datetime64[ns]"),
        LineCadence.days_late: late,
        LineCadence.overdue_ratio: since / interval,
        LineCadence.standing: standing,
    }
    shown = [LineCadence.account_id, LineCadence.role, LineCadence.channel, LineCadence.tier, LineCadence.cadence]
    return LineCadence.check(lines[shown].assign(**columns))


def gaps_kept(lines: pd.DataFrame, calls: pd.DataFrame, as_of: date, start: date | None = None) -> pd.DataFrame:
    """Return by line how many gaps lie between its days of counted calls, and how many were no longer than interval and grace (F31).

    Columns GAPS and GAPS_KEPT, aligned to `lines`; their sums over each other are the share of gaps kept, undefined without a gap.
    Two calls on one day are one.
    """
    counted = counted_calls(calls, as_of, start)
    line, call = fits(lines, counted)
    kept = (
        pd.DataFrame({"line": line, "day": days(counted[Calls.date])[call].astype(np.int64)}).drop_duplicates().sort_values(["line", "day"])
    )
    gap = kept["day"].diff()[kept["line"].diff() == 0]
    of_line = kept["line"].reindex(gap.index).to_numpy()
    interval, grace = rhythm(lines[CallPlan.cadence], lines[CallPlan.calls_per_year])
    asked = ~np.isnan(interval[of_line])
    in_time = gap.to_numpy() <= interval[of_line] + grace[of_line]
    counts = {GAPS: np.bincount(of_line[asked], minlength=len(lines)), GAPS_KEPT: np.bincount(of_line[in_time], minlength=len(lines))}
    return pd.DataFrame(counts, index=lines.index)


def _last(lines: pd.DataFrame, counted: pd.DataFrame) -> np.ndarray:
    """Return the day of the last call that fits each line; NaT where there is none."""
    line, call = fits(lines, counted)
    latest = np.full(len(lines), np.iinfo(np.int64).min)
    np.maximum.at(latest, line, days(counted[Calls.date])[call].astype(np.int64))
    return latest.astype("datetime64[D]")
