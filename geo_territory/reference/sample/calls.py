"""Half a year of calls as the sample company's reps made them: busy every day, and not where the money is.

Each working day a rep makes a handful of calls, drawn without replacement among the rep's own accounts. The chance of an
account is `preference(...)` times how long it has waited; the plan plays a part in it, but so do comfort and habit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from geo_territory.reference.sample.company import INSIDE_REP, km_from, territories
from geo_territory.tables import TIERS, Accounts, Calls, IncomingCalls

START_TIME = IncomingCalls.start_time
FIRST_DAY, LAST_DAY = np.datetime64("2026-01-02"), np.datetime64("2026-06-30")
HOLIDAYS = np.array(["2026-01-19", "2026-05-25", "2026-06-19"], dtype="datetime64[D]")

CALLS_A_DAY = {"outside": 4.9, "inside": 14.0, "vp": 0.9}
CHANNELS_BY_ROLE = {
    "outside": {"visit": 0.78, "phone": 0.14, "video": 0.05, "email": 0.03},
    "inside": {"phone": 0.88, "email": 0.12},
    "vp": {"visit": 0.85, "video": 0.15},
}
OUTCOMES_BY_CHANNEL = {
    "visit": {"met": 0.90, "no_answer": 0.06, "cancelled": 0.04},
    "video": {"met": 0.92, "cancelled": 0.08},
    "phone": {"connected": 0.61, "voicemail": 0.27, "no_answer": 0.12},
    "email": {"connected": 0.45, "no_answer": 0.55},
}
MINUTES_BY_CHANNEL = {"visit": 45, "video": 35, "phone": 14, "email": 8}
MINUTES_BETWEEN = {"outside": (15, 55), "inside": (2, 16), "vp": (30, 90)}

WORKDAY_MINUTES = 600

OUTSIDE_PREFERENCE = {"A": 7.0, "B": 2.4, "C": 1.0}
INSIDE_PREFERENCE = {"A": 0.2, "B": 1.2, "C": 1.0}
VP_PREFERENCE = {"A": 6.0, "B": 1.0, "C": 0.15}
KM_OF_COMFORT = {"outside": 280.0, "inside": np.inf, "vp": 450.0}
YEARS_OF_HABIT = 4.0
DAYS_TO_WAIT = {"outside": 9.0, "inside": 25.0, "vp": 60.0}


@dataclass(frozen=True)
class Book:
    """The accounts one rep may call and how much the rep is drawn to each, aligned."""

    rep_id: str
    role: str
    accounts: np.ndarray
    preference: np.ndarray
    leave_days: int
    calls_a_day: float


def draw_calls(rng: np.random.Generator, accounts: pd.DataFrame, reps: pd.DataFrame) -> pd.DataFrame:
    """Return the calls of January to June 2026 by `call_id`, in order of day and rep."""
    pool = accounts[accounts[Accounts.status] != "closed"]
    tier = standing(pool)
    logs = [_half_year(rng, _book(pool, tier, rep)) for rep in reps.itertuples()]
    calls = pd.concat(logs).sort_values([Calls.date, Calls.rep_id, START_TIME], kind="stable")
    calls.index = pd.Index([f"C{number:05d}" for number in range(1, len(calls) + 1)], name=Calls.call_id)
    return calls


def standing(accounts: pd.DataFrame) -> pd.Series:
    """Return how important an account is, A to C, by cumulative profit, and potential for prospects (F1 with 80 and 95 percent)."""
    value = accounts[Accounts.profit_12m].where(accounts[Accounts.status] != "prospect", accounts[Accounts.potential])
    value = value.clip(lower=0).astype("float64").sort_values(ascending=False, kind="stable")
    shares = value.groupby(accounts[Accounts.status]).transform(lambda v: (v.cumsum() - v) / v.sum())
    return pd.Series(np.select([shares < 0.80, shares < 0.95], TIERS[:2], TIERS[2]), index=value.index).reindex(accounts.index)


def preference(accounts: pd.DataFrame, tier: pd.Series, of_tier: dict[str, float], km: np.ndarray, comfort_km: float) -> np.ndarray:
    """Return how much a rep is drawn to each account (no unit): what is important, but also near, familiar and small.

    Nearness falls to a third in `comfort_km`; familiarity doubles in four years of relationship; within its tier an
    account of the largest potential draws a quarter of what the smallest does. Prospects draw half of what customers do.
    """
    years = (LAST_DAY - accounts[Accounts.opened].to_numpy()) / np.timedelta64(365, "D")
    value = accounts[Accounts.potential].groupby(tier).rank(pct=True).to_numpy()
    familiar = 1 + years / YEARS_OF_HABIT
    known = np.where(accounts[Accounts.status] == "prospect", 0.5, 1.0)
    return tier.map(of_tier).to_numpy(float) * np.exp(-km / comfort_km) * familiar * (1.3 - value) * known


def _book(pool: pd.DataFrame, tier: pd.Series, rep: Any) -> Book:
    """Return the accounts of a rep: a territory's for outside, several territories' for inside, all for the vice-president."""
    of_tier = {"outside": OUTSIDE_PREFERENCE, "inside": INSIDE_PREFERENCE, "vp": VP_PREFERENCE}[rep.role]
    phoned_by = pool[Accounts.territory_id].map(territories()[INSIDE_REP])
    mine = {"outside": pool[Accounts.territory_id] == rep.territory_id, "inside": phoned_by == rep.Index}.get(rep.role, slice(None))
    own = pool.loc[mine]
    km = km_from(rep.lat, rep.lon, own)
    drawn_to = preference(own, tier[own.index], of_tier, km, KM_OF_COMFORT[rep.role])
    return Book(rep.Index, rep.role, own.index.to_numpy(dtype=object), drawn_to, int(rep.leave_days), CALLS_A_DAY[rep.role] * rep.fte)


def _half_year(rng: np.random.Generator, book: Book) -> pd.DataFrame:
    """Return the calls of one rep: on every working day, a few accounts drawn by preference and waiting time."""
    days = np.arange(FIRST_DAY, LAST_DAY + 1)
    days = days[np.is_busday(days, holidays=HOLIDAYS)]
    away = rng.choice(len(days), size=book.leave_days // 2, replace=False)
    last = FIRST_DAY - rng.integers(3, 60, len(book.accounts)).astype("timedelta64[D]")
    days_of_calls, called = [], []
    for day in np.delete(days, np.sort(away)):
        waited = (day - last) / np.timedelta64(1, "D")
        drawn_to = book.preference * -np.expm1(-waited / DAYS_TO_WAIT[book.role])
        ticket = np.log(np.maximum(drawn_to, 1e-12)) - np.log(-np.log(rng.random(len(last))))
        chosen = np.argsort(-ticket, kind="stable")[: rng.poisson(book.calls_a_day)]
        last[chosen] = day
        days_of_calls.append(np.full(len(chosen), day))
        called.append(chosen)
    table = pd.DataFrame({Calls.account_id: book.accounts[np.concatenate(called)], Calls.rep_id: book.rep_id, Calls.role: book.role})
    return _with_details(rng, table.assign(**{Calls.date: np.concatenate(days_of_calls)}), book.role)


def _with_details(rng: np.random.Generator, table: pd.DataFrame, role: str) -> pd.DataFrame:
    """Return the calls with channel, outcome, length [min] and start: a morning's first at eight, each after the one before."""
    channel = rng.choice(list(CHANNELS_BY_ROLE[role]), size=len(table), p=list(CHANNELS_BY_ROLE[role].values()))
    chance = rng.random(len(table))
    outcome = [_pick(OUTCOMES_BY_CHANNEL[c], u) for c, u in zip(channel, chance, strict=True)]
    typical = np.array([MINUTES_BY_CHANNEL[c] for c in channel])
    talk = np.maximum(np.round(typical * np.exp(0.35 * rng.standard_normal(len(table)))), 2)
    length = np.where(np.isin(outcome, ("met", "connected")), talk, rng.integers(1, 4, len(table)))
    gap = rng.integers(*MINUTES_BETWEEN[role], len(table))
    start = _start_times(table[Calls.date], length, gap)
    details = {START_TIME: start, Calls.channel: channel, Calls.outcome: outcome, Calls.duration_min: length.astype("int64")}
    return table.assign(**details)


def _start_times(date: pd.Series, length: np.ndarray, gap: np.ndarray) -> list[str]:
    """Return start times [HH:MM] from eight on, each after the call before and a gap [min]; a long day is squeezed to end by six."""
    by_day = pd.Series(length + gap, index=date.index).groupby(date)
    minute = (by_day.cumsum() - length) * (WORKDAY_MINUTES / by_day.transform("sum")).clip(upper=1) + 8 * 60
    return [f"{int(m) // 60:02d}:{int(m) % 60:02d}" for m in minute]


def _pick(shares: dict[str, float], chance: float) -> str:
    """Return the key whose slice of [0, 1) holds `chance`."""
    edges = np.cumsum(list(shares.values()))
    return list(shares)[min(int(np.searchsorted(edges, chance, side="right")), len(shares) - 1)]
