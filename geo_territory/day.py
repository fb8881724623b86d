"""A rep's own day as one sheet: who to call next and why, what is done and left, what changed hands.

`sheet_of` returns plain dicts and lists that `json.dumps` takes as they are; the phone page and the offline copy show it. Dates are ISO
text (2026-07-01), money in the unit of the account list a year, distances straight lines from the rep's base [km]. In an account a field
that is unknown is left out; everywhere else it is null. `rank` counts from 1 in the order of the list (F39).

    {
      "version": 1,
      "as_of": "2026-07-01",
      "rep": {"id": "R01", "name": "Jo Fenn", "role": "outside"},
      "published": {"name": "Autumn", "since": "2026-07-01", "cycle": "2026 Q3"} | null,
      "day_off": "vacation" | null,                     # why the rep makes no calls today: day off, holiday, training
      "accounts": [                                     # in the order to call them
        {"rank": 1, "id": "A0001", "name": "Tarn Mills", "tier": "A", "status": "customer",    # customer | prospect
         "street": "1 Mill Road", "city": "Ohio", "state": "OH", "postal_code": "43001", "phone": "(614) 555-0117",
         "lat": 40.1, "lon": -82.7, "value": 120000, "km": 18.2,
         "standing": "overdue",                         # never | overdue | due | not_due | no_plan
         "reason": "A, 4 days late, 18 km",
         "due": "2026-06-27", "days_late": 4,           # due: left out when never called or no plan; days_late: left out when 0
         "channel": "visit",                            # what to preset when a call is logged
         "last": {"date": "2026-06-20", "channel": "visit", "outcome": "met", "by": "Jo Fenn" | null},
         "lines": [{"channel": "visit", "cadence": "weekly", "planned": 13, "made": 3, "left": 10}]}      # of this period; may be []
      ],
      "attainment": {"start": "2026-07-01", "end": "2026-09-30",
                     "tiers": [{"tier": "A", "planned": 26, "made": 25, "capped": 21, "share": 0.8077}],  # share: capped / planned | null
                     "total": {"planned": 38, "made": 34, "capped": 30, "share": 0.7895, "left": 8, "any_contact": 31},
                     "why": null},                      # why share is null, in one sentence
      "pace": {"expected": 19.2, "made": 18, "on_pace": true | false | null, "why": null},
      "changes": {"date": "2026-07-01" | null, "kept": 120,
                  "gained": [{"id": "A0009", "name": "…", "tier": "B", "reason": "…" | null, "other": "Max Ruck" | null}],   # other: who
                  "lost": [{"id": "A0010", "name": "…", "reason": "…" | null, "other": "Max Ruck" | null}]},   # had it, or has it now
      "requests": [{"id": "…", "account": "A0001", "name": "…", "kind": "tier" | "owner", "wish": "B" | null, "reason": "…",
                    "asked": "2026-06-30", "state": "open" | "accepted" | "declined", "answer": "…" | null}],
      "log": [{"id": "…", "account": "A0001", "name": "…" | null, "date": "2026-06-30", "channel": "visit", "outcome": "met",
               "minutes": 30 | null, "note": "…" | null}],                        # own calls of 14 days, newest first
      "utilisation": 1.23 | null                        # hours of the plan over hours there are (F16), only above 1.15
    }
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from geo_territory.call_plan import plan_calls
from geo_territory.capacity import BAND_LIMITS, rep_capacity
from geo_territory.coverage.attainment import attained, capped_share, measures, plan_stretches
from geo_territory.coverage.cadence import line_cadence
from geo_territory.coverage.matching import counted_calls
from geo_territory.coverage.measures import Measure
from geo_territory.coverage.next_best import next_best
from geo_territory.coverage.pace import free_days, pace
from geo_territory.errors import RightsError
from geo_territory.policy import Policy
from geo_territory.projection import haversine_km
from geo_territory.tables import (
    Accounts,
    Assignments,
    CallPlan,
    Calls,
    ChangesOfHands,
    LineAttainment,
    NextBest,
    Ownership,
    Reps,
    Requests,
    Tiers,
    Workload,
)
from geo_territory.travel import travel_minutes
from geo_territory.workload import account_workload

VERSION = 1
LOG_DAYS = 14
_NOT_MADE = ("planned", "cancelled")
_PLACE_DIGITS, _KM_DIGITS = 5, 1

Sheet = dict[str, Any]


@dataclass(frozen=True)
class Published:
    """What is in force: the publication's name, the day it took effect, and its cycle."""

    name: str
    since: date
    cycle: str


@dataclass(frozen=True)
class _Day:
    """What all parts of a sheet look at: the rep's row, the day, the rep's assignments by account, what may be read beside them."""

    rep_id: str
    rep: pd.Series
    as_of: date
    mine: pd.DataFrame
    accounts: pd.DataFrame
    calls: pd.DataFrame
    names: Mapping[str, str]

    @property
    def role(self) -> str:
        """The rep's role."""
        return str(self.rep[Reps.role])


def sheet_of(
    rep_id: str,
    as_of: date,
    *,
    start: date,
    end: date,
    assignments: pd.DataFrame,
    accounts: pd.DataFrame,
    tiers: pd.DataFrame,
    calls: pd.DataFrame,
    policy: Policy,
    reps: pd.DataFrame,
    ownership: pd.DataFrame | None = None,
    requests: pd.DataFrame | None = None,
    days_off: pd.DataFrame | None = None,
    calendar: pd.DataFrame | None = None,
    changes: pd.DataFrame | None = None,
    published: Published | None = None,
    travel_min: pd.Series | None = None,
) -> Sheet:
    """Return the day sheet of a rep on the day `as_of`, in the shape drawn above.

    `start` and `end` are the first and last day of the period measured, most often the cycle's. The tables may hold more than the rep's
    rows: only the rep's Assignments, their accounts and calls are read. `ownership` says from when to when the rep had which account;
    without it all count from `start`. `travel_min` [min per visit] by account_id is `travel_minutes` of the whole account list, so that
    hours are those of other pages; without it, it is estimated from the rep's accounts alone.
    Raises RightsError when `reps` lacks the rep.
    """
    today = _today(rep_id, as_of, assignments, accounts, calls, reps)
    owned = _stretches_of_time(today, start) if ownership is None else ownership[ownership[Ownership.rep_id] == rep_id]
    stretches = plan_stretches(owned[owned[Ownership.role] == today.role], policy.calls, start, end)
    found = attained(stretches, today.calls, start, min(as_of, end)).of_rep(rep_id)
    free = free_days(rep_id, today.role, days_off, calendar)
    made = measures(found)
    plan = plan_calls(today.mine.set_index(Assignments.account_id)[[Tiers.tier]], policy.calls)
    now = pace(stretches, int(made["capped"].numerator), as_of, {rep_id: sorted(free)})
    return {
        "version": VERSION,
        "as_of": as_of.isoformat(),
        "rep": {"id": rep_id, "name": str(today.rep[Reps.name]), "role": today.role},
        "published": published and {"name": published.name, "since": published.since.isoformat(), "cycle": published.cycle},
        "day_off": free.get(as_of),
        "accounts": _accounts(today, plan[plan[CallPlan.role] == today.role], tiers, found.lines, policy),
        "attainment": _attainment(found.lines, made, start, end, policy.tier_rule.labels),
        "pace": {"expected": round(now.expected, 1), "made": now.made, "on_pace": now.on_pace, "why": now.reason or None},
        "changes": _changes(today, changes, published),
        "requests": _requests(today, requests),
        "log": _log(today, changes),
        "utilisation": _utilisation(today, plan, policy, travel_min),
    }


def _today(rep_id: str, as_of: date, assignments: pd.DataFrame, accounts: pd.DataFrame, calls: pd.DataFrame, reps: pd.DataFrame) -> _Day:
    if rep_id not in reps.index:
        raise RightsError("There is no territory of one's own here: ask a leader to say which rep you are.")
    rep = reps.loc[rep_id]
    own = (assignments[Assignments.rep_id] == rep_id) & (assignments[Assignments.role] == rep[Reps.role])
    mine = assignments[own & assignments[Assignments.account_id].isin(accounts.index)].sort_values(Assignments.account_id)
    site = accounts.loc[mine[Assignments.account_id]]
    readable = calls[Calls.account_id].isin(site.index) | (calls[Calls.rep_id] == rep_id)
    return _Day(rep_id, rep, as_of, mine, site, calls[readable].sort_index(), reps[Reps.name].to_dict())


def _stretches_of_time(today: _Day, start: date) -> pd.DataFrame:
    """Return the Ownership of accounts that the rep has as from `start`, no end set."""
    shown = [Ownership.account_id, Ownership.role, Ownership.territory_id, Ownership.rep_id, Ownership.tier]
    return today.mine[shown].assign(**{Ownership.valid_from: pd.Timestamp(start), Ownership.valid_to: pd.NaT})


def _accounts(today: _Day, plan: pd.DataFrame, tiers: pd.DataFrame, lines: pd.DataFrame, policy: Policy) -> list[Sheet]:
    """Return the accounts in the order to call them."""
    tier = today.mine.set_index(Assignments.account_id)[Assignments.tier]
    value = tiers[Tiers.value_used].reindex(tier.index)
    counted = counted_calls(today.calls[today.calls[Calls.role] == today.role], today.as_of)
    due = line_cadence(plan, today.calls, today.as_of)
    listed = next_best(due, tier, value, _distance(today), called=pd.Index(counted[Calls.account_id]), labels=policy.tier_rule.labels)
    last, kept = _last_calls(today), _lines_of(lines)
    site = today.accounts.reindex(listed.index)
    usual = "visit" if any(role.role == today.role and role.field for role in policy.capacity.roles) else "phone"
    return [
        _account(row, place, last.get(str(row[0])), kept.get(str(row[0]), []), usual)
        for row, place in zip(listed.itertuples(), site.to_dict("records"), strict=True)
    ]


def _account(row: Any, site: Mapping[str, Any], last: Sheet | None, lines: list[Sheet], usual: str) -> Sheet:
    written = (Accounts.street, Accounts.city, Accounts.state, Accounts.postal_code, Accounts.phone)
    known = {
        "rank": row.place,
        "id": row.Index,
        "name": _text(site[Accounts.name]) or row.Index,
        "tier": row.tier,
        Accounts.status: site[Accounts.status],
        **{name: _text(site[name]) for name in written},
        Accounts.lat: _number(site[Accounts.lat], _PLACE_DIGITS),
        Accounts.lon: _number(site[Accounts.lon], _PLACE_DIGITS),
        "value": _number(row.value, 0),
        "km": _number(row.distance_km, _KM_DIGITS),
        "standing": row.standing,
        "reason": row.reason,
        "due": _iso(row.due_date),
        NextBest.days_late: _number(row.days_late, 0) or None,
        "channel": _text(row.channel) or usual,
        "last": last,
        "lines": lines,
    }
    return {name: value for name, value in known.items() if value is not None}


def _distance(today: _Day) -> pd.Series:
    """Return the straight line from the rep's base to each account [km]; NaN where either has no place."""
    at = today.accounts
    lat, lon = np.full(len(at), today.rep[Reps.lat], dtype=float), np.full(len(at), today.rep[Reps.lon], dtype=float)
    km = haversine_km(lon, lat, at[Accounts.lon].to_numpy(float), at[Accounts.lat].to_numpy(float))
    return pd.Series(km, index=at.index)


def _last_calls(today: _Day) -> dict[str, Sheet]:
    """Return the last call on each account up to the day, whoever made it, reached or not."""
    made = today.calls[~today.calls[Calls.outcome].isin(_NOT_MADE)]
    made = made[made[Calls.date] < pd.Timestamp(today.as_of) + pd.Timedelta(days=1)]
    latest = made.sort_values(Calls.date, kind="stable").drop_duplicates(Calls.account_id, keep="last")
    rows = zip(*(latest[name] for name in (Calls.account_id, Calls.date, Calls.channel, Calls.outcome, Calls.rep_id)), strict=True)
    return {
        account: {"date": _iso(day), "channel": channel, "outcome": outcome, "by": today.names.get(rep)}
        for account, day, channel, outcome, rep in rows
    }


def _lines_of(lines: pd.DataFrame) -> dict[str, list[Sheet]]:
    """Return what each account's lines ask for in the period, by account; a line that says never is left out."""
    shown = lines[~lines[LineAttainment.forbidden]]
    columns = (LineAttainment.account_id, LineAttainment.channel, LineAttainment.cadence, LineAttainment.planned, LineAttainment.made)
    kept: dict[str, list[Sheet]] = {}
    for account, channel, cadence, planned, made in zip(*(shown[name] for name in columns), strict=True):
        left = max(int(planned) - int(made), 0)
        kept.setdefault(account, []).append(
            {"channel": channel, "cadence": cadence, "planned": int(planned), "made": int(made), "left": left}
        )
    return kept


def _attainment(lines: pd.DataFrame, whole: Mapping[str, Measure], start: date, end: date, labels: tuple[str, ...]) -> Sheet:
    tier_of = lines[LineAttainment.tier]
    there = set(tier_of)
    tiers = [(tier, lines[tier_of == tier]) for tier in (*labels, *sorted(there - set(labels))) if tier in there]
    total = _attained(lines) | {"left": int(whole["left"].numerator), "any_contact": int(whole["any_contact"].numerator)}
    return {
        "start": start.isoformat(),
        "end": end.isoformat(),
        "tiers": [{"tier": tier} | _attained(part) for tier, part in tiers],
        "total": total,
        "why": whole["capped"].reason or None,
    }


def _attained(lines: pd.DataFrame) -> Sheet:
    capped = capped_share(lines, len(lines))
    share = None if capped.value is None else round(capped.value, 4)
    made = int(lines[LineAttainment.made].sum())
    return {"planned": int(capped.denominator or 0), "made": made, "capped": int(capped.numerator), "share": share}


def _changes(today: _Day, changes: pd.DataFrame | None, published: Published | None) -> Sheet:
    """Return what the rep gained, lost and kept; of what was lost no more than its name."""
    since = published.since.isoformat() if published else None
    if changes is None or changes.empty:
        return {"date": since, "kept": 0, "gained": [], "lost": []}
    changes = changes[changes[ChangesOfHands.role] == today.role].sort_values(ChangesOfHands.account_id)
    had, has = changes[ChangesOfHands.rep_before] == today.rep_id, changes[ChangesOfHands.rep_after] == today.rep_id
    gained = [_handed(row, today.names.get(row.rep_before)) | {"tier": row.tier} for row in changes[has & ~had].itertuples()]
    lost = [_handed(row, today.names.get(row.rep_after)) for row in changes[had & ~has].itertuples()]
    return {"date": since, "kept": int((had & has).sum()), "gained": gained, "lost": lost}


def _handed(row: Any, other: str | None) -> Sheet:
    return {"id": row.account_id, "name": _text(row.name) or row.account_id, "reason": _text(row.reason), "other": other}


def _requests(today: _Day, requests: pd.DataFrame | None) -> list[Sheet]:
    """Return what the rep asked for, newest first."""
    if requests is None or requests.empty:
        return []
    own = requests[requests[Requests.rep_id] == today.rep_id].sort_index().sort_values(Requests.asked_at, ascending=False, kind="stable")
    name = today.accounts[Accounts.name].to_dict()
    return [
        {
            "id": row.Index,
            "account": row.account_id,
            "name": _text(name.get(row.account_id)),
            "kind": row.kind,
            "wish": _text(row.wish),
            "reason": row.reason,
            "asked": _iso(row.asked_at),
            "state": row.state,
            "answer": _text(row.answer),
        }
        for row in own.itertuples()
    ]


def _log(today: _Day, changes: pd.DataFrame | None) -> list[Sheet]:
    """Return the rep's own calls of the last 14 days, newest first."""
    own = today.calls[today.calls[Calls.rep_id] == today.rep_id]
    after = pd.Timestamp(today.as_of) - timedelta(days=LOG_DAYS)
    own = own[(own[Calls.date] > after) & (own[Calls.date] < pd.Timestamp(today.as_of) + pd.Timedelta(days=1))]
    name = {} if changes is None else changes.set_index(ChangesOfHands.account_id)[ChangesOfHands.name].to_dict()
    name |= today.accounts[Accounts.name].to_dict()
    return [
        {
            "id": row.Index,
            "account": row.account_id,
            "name": _text(name.get(row.account_id)),
            "date": _iso(row.date),
            "channel": row.channel,
            "outcome": row.outcome,
            "minutes": _number(row.duration_min, 0),
            "note": _text(row.note),
        }
        for row in own.sort_values(Calls.date, ascending=False, kind="stable").itertuples()
    ]


def _utilisation(today: _Day, plan: pd.DataFrame, policy: Policy, travel_min: pd.Series | None) -> float | None:
    """Return the hours of the plan over the hours the rep has, where they are far too many (F16); else, or without hours, None."""
    role = next((role for role in policy.capacity.roles if role.role == today.role), None)
    capacity = rep_capacity(role, float(today.rep[Reps.fte]), float(today.rep[Reps.leave_days])) if role else 0.0
    own = plan[plan[CallPlan.role] == today.role]
    if capacity <= 0 or own.empty:
        return None
    minutes = travel_minutes(today.accounts, policy.travel) if travel_min is None else travel_min
    share = float(account_workload(own, minutes)[Workload.hours].sum()) / capacity
    return round(share, 2) if share > BAND_LIMITS[-1] else None


def _text(value: object) -> str | None:
    return None if pd.isna(value) or value == "" else str(value)


def _number(value: float, digits: int) -> float | int | None:
    """Return a number of so many digits behind the point; None when unknown."""
    if pd.isna(value):
        return None
    return round(float(value), digits) if digits else int(round(float(value)))


def _iso(moment: pd.Timestamp) -> str | None:
    return None if pd.isna(moment) else moment.date().isoformat()
