"""Hours there are against hours needed: how many people, what is dropped, what would fit (F14-F18)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo_territory.errors import PolicyError
from geo_territory.policy import CapacityPolicy, Role
from geo_territory.tables import TIERS, PlanLines, Reps, Staffing, Workload

_ROUNDING = 1e-9
BANDS = ("under", "ok", "stretched", "over")
BAND_LIMITS = (0.85 - _ROUNDING, 1.0 + _ROUNDING, 1.15 + _ROUNDING)
CALL_WORDS = {"visit": "visit", "video": "video call", "phone": "phone call", "email": "email"}


def rep_capacity(role: Role, fte: float = 1.0, leave_days: float = 0.0) -> float:
    """Return the hours a year [h/year] a person has for calls and travel (F14).

    `fte` in [0, 1] is the share of full time (0 for a vacancy), `leave_days` [day/year] come off the role's workdays.
    """
    return max(role.workdays_per_year - leave_days, 0.0) * role.hours_per_day * (1 - role.nonselling_share) * fte


def cycle_calls(daily_calls: float, weekdays: float, days_off: float) -> float:
    """Return the calls a person can make in a cycle: daily calls x (weekdays - days off) (F14, cycle form)."""
    return daily_calls * max(weekdays - days_off, 0.0)


def full_time_needed(hours: float, capacity_per_person: float) -> float | None:
    """Return the full-time people `hours` ask for (F15); None when a person has no hours. Calls over calls works too."""
    return hours / capacity_per_person if capacity_per_person > 0 else None


def whole_people(full_time: float) -> int:
    """Return the people to hire for so much full time: rounded up, but not for a rounding error (F15)."""
    return math.ceil(full_time - _ROUNDING)


def most_accounts_per_rep(capacity_per_person: float, hours_per_account: float) -> int | None:
    """Return how many such accounts one full-time person can serve (F15); None when an account takes no hours."""
    return math.floor(capacity_per_person / hours_per_account + _ROUNDING) if hours_per_account > 0 else None


def staffing(
    workload: pd.DataFrame, reps: pd.DataFrame | None, policy: CapacityPolicy, people: Mapping[str, float] | None = None
) -> pd.DataFrame:
    """Return the Staffing: hours needed against hours there are, a row per role of the policy (F14-F16).

    The people come from the Reps table with their full-time share and leave, or, without one, from `people`:
    full-time people by role. Raises PolicyError when the call plan or the reps name a role the policy lacks.
    """
    known = [role.role for role in policy.roles]
    found = set(workload[Workload.role]) | set(people or {}) | (set(reps[Reps.role]) if reps is not None else set())
    if found - set(known):
        raise PolicyError(f"No hours are set for the role {', '.join(sorted(found - set(known)))}: add it to {', '.join(known)}.")
    hours = workload.groupby(Workload.role)[Workload.hours].sum()
    rows = [_staffing_row(role, float(hours.get(role.role, 0.0)), *_there_are(role, reps, people or {})) for role in policy.roles]
    return Staffing.check(pd.DataFrame(rows, index=pd.Index(known, name=Workload.role, dtype="str")))


def _there_are(role: Role, reps: pd.DataFrame | None, people: Mapping[str, float]) -> tuple[float, float]:
    """Return full-time people and their hours a year."""
    if reps is None:
        return people.get(role.role, 0.0), rep_capacity(role) * people.get(role.role, 0.0)
    mine = reps[reps[Reps.role] == role.role].sort_index()
    hours = [rep_capacity(role, fte, leave) for fte, leave in zip(mine[Reps.fte], mine[Reps.leave_days], strict=True)]
    return float(mine[Reps.fte].sum()), float(sum(hours))


def _staffing_row(role: Role, hours: float, people: float, capacity: float) -> dict:
    each = rep_capacity(role)
    full_time = full_time_needed(hours, each)
    return {
        Staffing.hours: hours,
        Staffing.capacity: capacity,
        Staffing.capacity_per_person: each,
        Staffing.fte_needed: full_time,
        Staffing.people_needed: None if full_time is None else whole_people(full_time),
        Staffing.people: people,
        Staffing.utilisation: hours / capacity if capacity > 0 else None,
    }


def utilisation_band(utilisation: pd.Series) -> pd.Series:
    """Return the band of each utilisation (F16): under 0.85, ok to 1, stretched to 1.15, over; NA without capacity."""
    place = np.searchsorted(BAND_LIMITS, utilisation.fillna(0).to_numpy(float), side="right")
    return pd.Series(np.array(BANDS)[place], index=utilisation.index, dtype="str").where(utilisation.notna())


def feasible_coverage(capacity: float, hours_by_tier: pd.Series) -> pd.Series:
    """Return the share of each tier's hours that `capacity` [h/year] covers, spent on tiers in order, best first (F17).

    NA for a tier that needs no hours.
    """
    share = coverage_of_tiers(np.array([capacity], float), hours_by_tier.to_numpy(float)[None, :])[0]
    return pd.Series(share, index=hours_by_tier.index, name="coverage")


def coverage_of_tiers(capacity: np.ndarray, hours: np.ndarray) -> np.ndarray:
    """Return the share of each tier's hours that capacities cover, (k, t), NaN for a tier that needs none (F17).

    `capacity` (k,) and `hours` (k, t), best tier first [h/year]; each capacity is spent on its own row.
    """
    spent_before = np.cumsum(np.hstack([np.zeros((len(hours), 1)), hours]), axis=1)[:, :-1]
    left = np.maximum(capacity[:, None] - spent_before, 0.0)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return np.where(hours > 0, np.minimum(left / hours, 1.0), np.nan)


@dataclass(frozen=True)
class Cut:
    """A change to one line of the call plan that lets a role's work fit its hours; calls are a year and account."""

    tier: str
    channel: str
    calls_before: float
    calls_after: float
    utilisation: float

    @property
    def words(self) -> str:
        """What to change, in one clause."""
        calls = f"{self.calls_after:g} {CALL_WORDS[self.channel]}{'' if self.calls_after == 1 else 's'} a year"
        instead = f"to each {self.tier} account instead of {self.calls_before:g}"
        return f"{calls} {instead} would fit ({_percent(self.utilisation)} of the hours)"


def smallest_cut(lines: pd.DataFrame, role: str, capacity: float, labels: Sequence[str] = TIERS) -> Cut | None:
    """Return the smallest change to one line of the PlanLines that makes `role` fit `capacity` [h/year].

    Whole calls a year are taken from the lowest tier that can make room alone and keep a call (A is covered before
    B before C); failing that, the lowest tier that can make room without any; within a tier the line that gives
    up fewest hours. None when the role fits, has no capacity, or no single line can make room and leave the role
    any work: then people are missing.
    """
    mine = lines[(lines[PlanLines.role] == role) & (lines[PlanLines.hours] > 0)]
    needed = mine[PlanLines.hours].sum()
    excess = needed - capacity
    if capacity <= 0 or excess <= _ROUNDING * needed:
        return None
    place = {label: i for i, label in enumerate(labels)}
    options = []
    for line in mine.to_dict("records"):
        calls, hours = line[PlanLines.calls_per_account], line[PlanLines.hours]
        after = math.floor(calls * (1 - excess / hours) + _ROUNDING)
        if after > 0 or (after == 0 and hours < needed):
            given_up = hours * (1 - after / calls)
            cut = Cut(line[PlanLines.tier], line[PlanLines.channel], calls, float(after), (needed - given_up) / capacity)
            options.append(((after == 0, -place.get(cut.tier, len(place)), given_up, cut.channel), cut))
    return min(options, key=lambda option: option[0])[1] if options else None


def staffing_sentence(row: pd.Series, role: Role, cut: Cut | None = None) -> str:
    """Return too many or too few people in one sentence, from a row of Staffing and its role.

    With a `cut` the sentence ends with what would fit instead.
    """
    label, needed = _plural(role.label), row[Staffing.fte_needed]
    hours = f"{row[Staffing.hours]:,.0f} h a year"
    if row[Staffing.hours] == 0:
        return f"{label}: no calls are planned, {_there(row[Staffing.people])}."
    gap = row[Staffing.people_needed] - row[Staffing.people]
    enough = gap > 0 and row[Staffing.people] >= needed - _ROUNDING
    verdict = "the right number" if enough or abs(gap) < 0.005 else f"{_number(abs(gap))} too {'few' if gap > 0 else 'many'}"
    people = "person" if f"{needed:.2f}" == "1.00" else "people"
    whole = "" if abs(row[Staffing.people_needed] - needed) < 0.005 else f", so {row[Staffing.people_needed]:.0f}"
    sentence = f"{label}: {needed:.2f} full-time {people} needed for {hours}{whole}; {_there(row[Staffing.people])}: {verdict}."
    if pd.notna(row[Staffing.utilisation]) and row[Staffing.utilisation] > 1 + _ROUNDING:
        sentence += f" That is {_percent(row[Staffing.utilisation])} of the {row[Staffing.capacity]:,.0f} h they have"
        sentence += f"; {cut.words}." if cut else "."
    return sentence


def _there(people: float) -> str:
    if people == 0:
        return "there is nobody"
    return f"there is {_number(people)}" if 0 < people <= 1 else f"there are {_number(people)}"


def _number(value: float) -> str:
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def _percent(share: float) -> str:
    return f"{_number(round(100 * share, 1))} %"


def _plural(label: str) -> str:
    """Return a role's label for several people: Outside reps, VPs of sales."""
    noun, of, rest = label.partition(" of ")
    return f"{noun if noun.endswith('s') or not noun.isascii() else noun + 's'}{of}{rest}"


def break_even(seller_cost: float, margin_rate: float) -> float:
    """Return the extra sales a year [currency] at which sellers pay for themselves (F18).

    `seller_cost` [currency/year]; `margin_rate` is gross margin over sales in (0, 1]. Raises PolicyError outside it.
    """
    if not 0 < margin_rate <= 1:
        raise PolicyError(f"Expected a margin rate in (0, 1]: 0.6 means sixty percent, got {margin_rate:g}.")
    return seller_cost / margin_rate


def three_year_return(gain: float, seller_cost: float, margin_rate: float, kept_second_year: float, kept_third_year: float) -> float:
    """Return (margin of three years - cost) / cost of adding sellers (F18): 1.94 means 194 %.

    `gain` [currency/year] is what they sell in the first year, the `kept` shares in [0, 1] what remains without
    effort in the next two. Raises PolicyError unless the cost is above 0.
    Source: Zoltners, Sinha and Lorimer, "Match your sales force structure to your business life cycle", HBR 2006.
    """
    if seller_cost <= 0:
        raise PolicyError("Expected a cost of the sellers above 0, or there is nothing to return.")
    return (margin_rate * gain * (1 + kept_second_year + kept_third_year) - seller_cost) / seller_cost


def sizing_verdict(three_years: float) -> str:
    """Return what a three-year return says of the sales force: too large below 0.5, too small above 1.5 (F18)."""
    if three_years < 0.5:
        return "too large"
    return "too small" if three_years > 1.5 else "the right size"
