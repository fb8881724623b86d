"""Which calls count, and which line of the call plan each may count for (F25)."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from geo_territory.tables import CHANNELS, CallPlan, Calls

COUNTED_OUTCOMES = ("met", "connected")
DAY = "datetime64[D]"
_CALL, _LINE = "_call", "_line"


def counted_calls(calls: pd.DataFrame, as_of: date, start: date | None = None) -> pd.DataFrame:
    """Return the Calls that took place and reached somebody, from `start` on, up to and with the day `as_of`.

    Voicemails and unanswered calls are attempts, planned and cancelled ones are none: they don't count.
    """
    day = calls[Calls.date]
    kept = calls[Calls.outcome].isin(COUNTED_OUTCOMES) & (day < pd.Timestamp(as_of) + pd.Timedelta(days=1))
    return calls[kept if start is None else kept & (day >= pd.Timestamp(start))]


def strength(channel: pd.Series) -> np.ndarray:
    """Return how strong each channel is, 0 the strongest: visit, video, phone, email; a stronger one fits a weaker line."""
    return pd.Index(CHANNELS).get_indexer(channel)


def days(moments: pd.Series) -> np.ndarray:
    """Return the calendar days of a column of dates; missing ones are NaT."""
    return moments.to_numpy(dtype="datetime64[ns]").astype(DAY)


def fits(lines: pd.DataFrame, calls: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return positions (line, call) of every pair in which the call may count for the line (F25).

    `lines` have the account, role and channel of a CallPlan: a call fits the same account and role by the line's channel or a
    stronger one, never a weaker one.
    """
    by = [CallPlan.account_id, CallPlan.role]
    asked = lines[by].assign(**{_LINE: np.arange(len(lines)), CallPlan.channel: strength(lines[CallPlan.channel])})
    made = calls[[Calls.account_id, Calls.role]].set_axis(by, axis=1)
    made = made.assign(**{_CALL: np.arange(len(calls)), Calls.outcome: strength(calls[Calls.channel])})
    pairs = asked.merge(made, on=by, how="inner")
    pairs = pairs[pairs[Calls.outcome] <= pairs[CallPlan.channel]]
    return pairs[_LINE].to_numpy(), pairs[_CALL].to_numpy()
