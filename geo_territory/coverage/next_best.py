"""Which account to call next, and why (F39)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from geo_territory.coverage.matching import strength
from geo_territory.coverage_tables import DUE, NEVER, NO_PLAN, NOT_DUE, OVERDUE
from geo_territory.tables import TIERS, LineCadence, NextBest

_BAND = {NEVER: 0, OVERDUE: 0, DUE: 1, NOT_DUE: 2, NO_PLAN: 3}
_LEFT = "_left"
_YET = {"visit": "no visit yet", "video": "no video call yet", "phone": "not phoned yet", "email": "no email yet"}


def next_best(
    cadence: pd.DataFrame,
    tier: pd.Series,
    value: pd.Series,
    distance_km: pd.Series,
    *,
    called: pd.Index | None = None,
    labels: Sequence[str] = TIERS,
) -> pd.DataFrame:
    """Return the NextBest of all accounts in `tier`, next first (F39).

    `cadence` is the LineCadence of one role; `value` [currency/year] and `distance_km` [km] by account_id may lack some. Never called and
    overdue accounts come first, then those due, those not due yet, those without a plan; within these by tier in the order of
    `labels`, never called before the highest overdue ratio, then higher value, nearer, account_id. An account of several lines stands
    where its most urgent line puts it. `called` are accounts somebody of the role has reached by whatever channel.
    """
    accounts = tier.sort_index()
    table = pd.DataFrame({NextBest.tier: accounts}).join(_most_urgent(cadence))
    table[NextBest.standing] = table[NextBest.standing].fillna(NO_PLAN)
    table[NextBest.value] = value.reindex(table.index).astype(float)
    table[NextBest.distance_km] = distance_km.reindex(table.index).astype(float)
    place = {label: i for i, label in enumerate(labels)}
    table = table.iloc[
        np.lexsort(
            (
                table[NextBest.distance_km].fillna(np.inf),
                -table[NextBest.value].fillna(-np.inf),
                -_ratio(table),
                table[NextBest.tier].map(lambda label: place.get(label, len(place))).to_numpy(float),
                table[NextBest.standing].map(_BAND),
            )
        )
    ]
    table[NextBest.place] = np.arange(1, len(table) + 1)
    table[NextBest.reason] = _reasons(table, pd.Index([]) if called is None else called)
    return NextBest.check(table.rename_axis(NextBest.account_id)[NextBest.columns()])


def _ratio(table: pd.DataFrame) -> np.ndarray:
    """Return how urgent each row is within its band and tier: infinite when never called."""
    ratio = table[NextBest.overdue_ratio].fillna(0.0).to_numpy(float)
    return np.where(table[NextBest.standing] == NEVER, np.inf, ratio)


def _most_urgent(cadence: pd.DataFrame) -> pd.DataFrame:
    """Return one row per account: its line of the first band, in it the highest overdue ratio, the strongest channel on a tie."""
    band = cadence[LineCadence.standing].map(_BAND).to_numpy()
    order = np.lexsort((strength(cadence[LineCadence.channel]), -_ratio(cadence), band))
    first = cadence.iloc[order].drop_duplicates(LineCadence.account_id).set_index(LineCadence.account_id)
    shown = [NextBest.standing, NextBest.channel, NextBest.due_date, NextBest.days_late, NextBest.overdue_ratio, _LEFT]
    first = first.assign(**{_LEFT: first[LineCadence.interval_days] - first[LineCadence.days_since]})
    first[NextBest.channel] = first[NextBest.channel].where(first[LineCadence.standing] != NO_PLAN)
    return first[shown]


def _reasons(table: pd.DataFrame, called: pd.Index) -> list[str]:
    """Return one line a row: "A, 4 days late, 18 km"."""
    reached = table.index.isin(called)
    columns = (table[NextBest.tier], table[NextBest.standing], table[NextBest.channel], table[_LEFT], reached, table[NextBest.distance_km])
    return [
        ", ".join(part for part in (tier, _when(standing, channel, left, known), _far(km)) if part)
        for tier, standing, channel, left, known, km in zip(*columns, strict=True)
    ]


def _when(standing: str, channel: str, left: float, known: bool) -> str:
    """Return when an account is due, in a few words; `left` are the days until then, below 0 after it."""
    if standing == NO_PLAN:
        return "no calls planned"
    if standing == NEVER:
        return _YET[channel] if known else "never called"
    if standing == OVERDUE:
        return f"{_days(-left)} late"
    if left == 0:
        return "due today"
    return f"due in {_days(left)}" if left > 0 else f"due {_days(-left)} ago"


def _days(count: float) -> str:
    return f"{count:.0f} day{'' if count == 1 else 's'}"


def _far(km: float) -> str:
    if np.isnan(km):
        return ""
    return f"{km:,.0f} km" if km >= 1 else "under 1 km"
