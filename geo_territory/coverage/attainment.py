"""What was made of what was planned, in a period, as of a day (F10, F25-F29).

plan_stretches   who was to call which account how often, and from when to when
attained         what was planned of it in the period, and which calls were made of that
measures         the figures, each with numerator, denominator and n, or with the reason why there is none
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from geo_territory.call_plan import years_since_2000
from geo_territory.coverage.matching import counted_calls, strength
from geo_territory.coverage.measures import Measure, share_of
from geo_territory.errors import PolicyError
from geo_territory.policy import CallPolicy
from geo_territory.tables import CHANNELS, Calls, LineAttainment, Ownership, PlanStretches

ON_PLAN = "on_plan"
ADHERENCE = 0.20
NOTHING_PLANNED = "nothing is planned in this period"
_LATEST = pd.Timestamp("2200-01-01")
_OF = [PlanStretches.account_id, PlanStretches.role, PlanStretches.rep_id, PlanStretches.tier]
_LINE = [*_OF, PlanStretches.channel]
_GROUP, _CALL = "_group", "_call"


@dataclass(frozen=True)
class Attained:
    """What was made of a plan: `lines` as LineAttainment, `calls` the counted Calls of the period with the tier their account had and
    ON_PLAN, whether it had a line of the call's role (and rep) on that day."""

    lines: pd.DataFrame
    calls: pd.DataFrame

    def where(self, lines: pd.Series, calls: pd.Series) -> Attained:
        """Return the part of it with these rows, masks aligned to `lines` and `calls`."""
        return Attained(self.lines[lines], self.calls[calls])

    def of_tier(self, tier: str) -> Attained:
        """Return the part of it that concerns one tier; calls off the plan have none."""
        return self.where(self.lines[LineAttainment.tier] == tier, self.calls[LineAttainment.tier] == tier)

    def of_rep(self, rep_id: str) -> Attained:
        """Return the part of it that concerns one rep: the lines to be kept and the calls made by that person."""
        return self.where(self.lines[LineAttainment.rep_id] == rep_id, self.calls[Calls.rep_id] == rep_id)


def plan_stretches(ownership: pd.DataFrame, policy: CallPolicy, start: date, end: date) -> pd.DataFrame:
    """Return the PlanStretches of a period: every stretch of Ownership with the call patterns of its tier and role, cut to the period.

    Both days are in the period. Raises PolicyError when it ends before it starts.
    """
    if end < start:
        raise PolicyError(f"The period ends on {end} before it starts on {start}: swap the dates.")
    patterns = pd.DataFrame(
        [(p.tier, p.role, p.channel, p.cadence, policy.calls_per_year(p)) for p in policy.patterns],
        columns=[PlanStretches.tier, PlanStretches.role, PlanStretches.channel, PlanStretches.cadence, PlanStretches.calls_per_year],
    )
    held = ownership[[*_OF, Ownership.valid_from, Ownership.valid_to]]
    first = held[Ownership.valid_from].clip(lower=pd.Timestamp(start))
    last = held[Ownership.valid_to].fillna(_LATEST).clip(upper=pd.Timestamp(end))
    held = held.assign(**{PlanStretches.valid_from: first, PlanStretches.valid_to: last})[first <= last]
    stretches = held.merge(
        patterns.astype({PlanStretches.tier: "str", PlanStretches.role: "str"}), on=[PlanStretches.tier, PlanStretches.role]
    )
    order = [*_LINE, PlanStretches.valid_from]
    return PlanStretches.check(stretches.sort_values(order, kind="stable", ignore_index=True)[PlanStretches.columns()])


def planned_in(stretches: pd.DataFrame) -> pd.Series:
    """Return the calls a line asks for by account, role, rep, tier and channel: its days add up, then half a call counts as one (F10)."""
    after = stretches[PlanStretches.valid_to] + pd.Timedelta(days=1)
    years = years_since_2000(after) - years_since_2000(stretches[PlanStretches.valid_from])
    asked = (stretches[PlanStretches.calls_per_year] * years).groupby([stretches[name] for name in _LINE], dropna=False, sort=True).sum()
    return np.floor(asked + 0.5 + 1e-9).astype(int).rename(LineAttainment.planned)


def attained(stretches: pd.DataFrame, calls: pd.DataFrame, start: date, as_of: date, *, by_anybody: bool = False) -> Attained:
    """Return what the counted Calls from `start` to `as_of` made of PlanStretches (F10, F25).

    A call counts for the line of its account, role and day: that of its own channel first; what is above that line's plan may serve a
    weaker channel's, never a stronger one's. It counts for the rep who was to call, or, `by_anybody`, whoever of the role called (F30).
    """
    planned = planned_in(stretches)
    groups = stretches[[*_OF, PlanStretches.valid_from, PlanStretches.valid_to]].drop_duplicates()
    keys = groups[_OF].drop_duplicates(ignore_index=True)
    counted = counted_calls(calls, as_of, start).sort_index()
    key = _key_of_call(groups.merge(keys.assign(**{_GROUP: np.arange(len(keys))}), on=_OF), counted, by_anybody)
    found = key >= 0
    tier = np.full(len(counted), None, dtype=object)
    tier[found] = keys[PlanStretches.tier].to_numpy(dtype=object)[key[found]]
    counted = counted.assign(**{ON_PLAN: found, LineAttainment.tier: pd.Series(tier, index=counted.index, dtype="str")})
    made = np.zeros((len(keys), len(CHANNELS)), dtype=np.int64)
    np.add.at(made, (key[found], strength(counted[Calls.channel])[found]), 1)
    return Attained(_lines(stretches, planned, keys, made), counted)


def _key_of_call(groups: pd.DataFrame, counted: pd.DataFrame, by_anybody: bool) -> np.ndarray:
    """Return for each call which account, role, rep and tier it was made for; -1 where its account had no line that day."""
    by = [Calls.account_id, Calls.role] if by_anybody else [Calls.account_id, Calls.role, Calls.rep_id]
    made = counted[[*by, Calls.date]].assign(**{_CALL: np.arange(len(counted))})
    pairs = made.merge(groups[[*by, _GROUP, PlanStretches.valid_from, PlanStretches.valid_to]], on=by)
    day = pairs[Calls.date].dt.normalize()
    pairs = pairs[(day >= pairs[PlanStretches.valid_from]) & (day <= pairs[PlanStretches.valid_to])].drop_duplicates(_CALL)
    key = np.full(len(counted), -1)
    key[pairs[_CALL].to_numpy()] = pairs[_GROUP].to_numpy()
    return key


def _lines(stretches: pd.DataFrame, planned: pd.Series, keys: pd.DataFrame, made: np.ndarray) -> pd.DataFrame:
    """Return the LineAttainment of calls `made` by key and channel, sorted by account, role, rep, tier and strength of the channel."""
    lines = stretches.drop_duplicates(_LINE)[[*_LINE, PlanStretches.cadence]].merge(planned.reset_index(), on=_LINE)
    at = lines.merge(keys.assign(**{_GROUP: np.arange(len(keys))}), on=_OF, how="left")[_GROUP].to_numpy()
    rank = strength(lines[PlanStretches.channel])
    asked = np.full(made.shape, -1)
    asked[at, rank] = lines[LineAttainment.planned]
    strict, any_contact = dealt_out(asked, made)
    lines[LineAttainment.made] = strict[at, rank]
    lines[LineAttainment.made_any] = any_contact[at, rank]
    lines[LineAttainment.forbidden] = lines[PlanStretches.cadence] == "never"
    order = np.lexsort((rank, at))
    return LineAttainment.check(lines.iloc[order].reset_index(drop=True)[LineAttainment.columns()])


def dealt_out(planned: np.ndarray, made: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return how many calls count for each line when only its channel or a stronger one fits, and when any contact does (F25).

    All are (n, 4), channels from the strongest on; `planned` is -1 where there is no line. Calls serve the line of their own channel
    first, what is over serves weaker lines that lack some, and stays with its own line otherwise.
    """
    has = planned >= 0
    asked = np.where(has, planned, 0)
    counts = np.where(has, np.minimum(made, asked), 0)
    over = made - counts
    for channel in range(made.shape[1]):
        for stronger in range(channel - 1, -1, -1):
            moved = np.minimum(over[:, stronger], asked[:, channel] - counts[:, channel])
            counts[:, channel] += moved
            over[:, stronger] -= moved
    any_contact = counts.copy()
    spare = over.copy()
    for channel in range(made.shape[1]):
        for weaker in range(channel + 1, made.shape[1]):
            moved = np.minimum(spare[:, weaker], asked[:, channel] - any_contact[:, channel])
            any_contact[:, channel] += moved
            spare[:, weaker] -= moved
    return _with_surplus(counts, over, has, upwards=False), _with_surplus(any_contact, spare, has, upwards=True)


def _with_surplus(counts: np.ndarray, over: np.ndarray, has: np.ndarray, upwards: bool) -> np.ndarray:
    """Return the counts with what is over added to the line of its channel, else the next weaker one, and `upwards` the next stronger."""
    counts, over = counts.copy(), over.copy()
    width = counts.shape[1]
    for channel in range(width):
        weaker = list(range(channel, width))
        stronger = list(range(channel - 1, -1, -1)) if upwards else []
        for other in (*weaker, *stronger):
            moved = np.where(has[:, other], over[:, channel], 0)
            counts[:, other] += moved
            over[:, channel] -= moved
    return counts


def measures(part: Attained) -> dict[str, Measure]:
    """Return the figures of an `Attained` or a part of it, by name (F26-F29, O8).

    reach, raw, capped and any_contact (both capped at the plan), frequency, adherence within 20 %, average_calls per account reached,
    off_plan, over_calls, misdirected, forbidden (calls where the pattern says never), left. Accounts count once for each role.
    """
    lines, calls = part.lines, part.calls
    plan, made = lines[LineAttainment.planned], lines[LineAttainment.made]
    whole = int(plan.sum())
    any_capped = np.minimum(plan, lines[LineAttainment.made_any]).sum()
    over, left = int((made - plan).clip(lower=0).sum()), int((plan - made).clip(lower=0).sum())
    off, every = int((~calls[ON_PLAN]).sum()), len(calls)
    site = by_account(part)
    n, called = len(site), int(site[_CALL].sum())
    nothing, silent = NOTHING_PLANNED, "no call was made in this period"
    reached = int((site[_CALL] > 0).sum())
    return {
        "reach": share_of(reached, n, n, nothing),
        "raw": share_of(int(made[plan > 0].sum()), whole, n, nothing),
        "capped": capped_share(lines, n),
        "any_contact": share_of(int(any_capped), whole, n, nothing),
        "frequency": share_of(int(site["attained"].sum()), n, n, nothing),
        "adherence": share_of(int(site["adhered"].sum()), n, n, nothing),
        "average_calls": share_of(called, reached, reached, "no planned account was called"),
        "off_plan": share_of(off, every, every, silent),
        "misdirected": share_of(off + over, every, every, silent),
        "over_calls": Measure(float(over), over, None, every),
        "forbidden": Measure(
            float(made[lines[LineAttainment.forbidden]].sum()), int(made[lines[LineAttainment.forbidden]].sum()), None, every
        ),
        "left": Measure(float(left), left, None, n),
    }


def capped_share(lines: pd.DataFrame, n: int) -> Measure:
    """Return calls made over calls planned of a LineAttainment, no line above its plan: the headline (F27). `n` accounts are looked at."""
    planned = lines[LineAttainment.planned]
    return share_of(int(np.minimum(planned, lines[LineAttainment.made]).sum()), int(planned.sum()), n, NOTHING_PLANNED)


def by_account(part: Attained) -> pd.DataFrame:
    """Return one row per planned account and role: planned, made, whether every line is attained, whether calls lie within 20 % (F28)."""
    lines, by = part.lines, [LineAttainment.account_id, LineAttainment.role]
    plan, made = lines[LineAttainment.planned], lines[LineAttainment.made]
    table = lines[[*by, LineAttainment.planned, LineAttainment.made]].assign(capped=np.minimum(plan, made))
    site = table.groupby(by, sort=True).sum()
    site = site[site[LineAttainment.planned] > 0]
    contacts = part.calls[part.calls[ON_PLAN]].groupby(by).size() if len(part.calls) else pd.Series(dtype=int)
    site[_CALL] = contacts.reindex(site.index).fillna(0).astype(int)
    site["attained"] = site["capped"] >= site[LineAttainment.planned]
    gap = (site[LineAttainment.made] - site[LineAttainment.planned]).abs()
    return site.assign(adhered=gap <= ADHERENCE * site[LineAttainment.planned] + 1e-9)
