"""Channel before border: accounts to call by phone where a rep has too many hours, beside what handing units over would do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from geo_territory.capacity import coverage_of_tiers
from geo_territory.redraw.basis import Basis
from geo_territory.redraw.bordering import lightest_borders
from geo_territory.redraw.draft import Draft
from geo_territory.redraw.figures import Figures, figures
from geo_territory.redraw.mending import Repair, faults
from geo_territory.redraw.posed import territory_names
from geo_territory.scorecard import BAND
from geo_territory.tables import Scorecard

PHONE = "phone"
LEAST_HOURS = 1e-6  # a change of fewer hours a year is none


@dataclass(frozen=True)
class Relief:
    """Accounts of one territory to be called by another channel, and what it does.

    accounts: account_ids, the lowest tier first; channel: phone, or None for back to the plan's visits; hours: freed [h/year],
    negative when visits are taken up again. hours_now and capacity [h/year], capacity None without a rep. index [points], None
    without a target, and promise by tier (the share of its calls that fit, F17, None where it has none): before and after. enough: the
    territory is within its hours, or its band, by it. border: the cheapest hand-over for the same breach, None where there is none.
    """

    territory: str
    accounts: tuple[str, ...]
    channel: str | None
    hours: float
    hours_now: float
    capacity: float | None
    index: tuple[float | None, float | None]
    promise: tuple[tuple[str, float | None, float | None], ...]
    enough: bool
    told: str
    border: Repair | None

    @property
    def op(self) -> dict[str, object]:
        """The operation that does it, as the desk takes it; empty when there is no account."""
        return {"kind": "channel", "accounts": list(self.accounts), "channel": self.channel} if self.accounts else {}


def reliefs(basis: Basis, draft: Draft, now: Figures | None = None, *, only: Collection[str] | None = None) -> tuple[Relief, ...]:
    """Return what to call by phone in each territory with too many hours, and what to visit again where there is room, by territory.

    A territory has too many when its hours exceed its rep's capacity (F14), or, without a rep, when its index is above the band.
    Accounts of the lowest tier go first, those that free most hours before others; the best tier keeps its visits. Only visits of
    the aligned role count. Room is given back to accounts that were put on the phone in this draft, the best tier first. `now`
    are the draft's figures where they are known; `only` names the territories to look at.
    """
    now = figures(basis, draft) if now is None else now
    names = territory_names(draft)
    scales = {name: _Scale(basis, draft, now, row) for row, name in enumerate(now.territories) if only is None or name in only}
    borders = _borders(basis, draft, now, scales)
    found = []
    for name, scale in scales.items():
        if scale.over:
            found.append(_by_phone(basis, draft, scale, name, names, borders.get(name)))
        elif scale.excess < -LEAST_HOURS:
            found.append(_by_visit(basis, draft, scale, name, names))
    return tuple(one for one in found if one.accounts or one.border)


class _Scale:
    """Hours, capacity and index of one territory, and what they become when hours are freed."""

    def __init__(self, basis: Basis, draft: Draft, now: Figures, row: int) -> None:
        self.basis, self.now, self.row = basis, now, row
        self.slot = draft.slot_of[now.territories[row]]
        hours, aligned = now.hours, now.hours.aligned
        self.hours = float(hours.hours[row, aligned])
        capacity = float(hours.capacity[row, aligned])
        self.has_rep = not hours.assumed[row] and capacity > 0
        self.capacity = capacity if self.has_rep else None
        self.meter = capacity if capacity > 0 else 0.0
        self.weight, self.target = (float(now.rows[name].iloc[row]) for name in (Scorecard.weight, Scorecard.target))
        self.total = float(now.rows[Scorecard.weight].sum())
        self.counts = basis.design.policy.balance == "workload"
        index = self.index(0.0)
        self.above = not self.has_rep and index is not None and index > BAND[1] + 1e-9

    @property
    def over(self) -> bool:
        """Whether the territory has too many hours, or is above the band."""
        return self.above or self.excess > LEAST_HOURS

    @property
    def excess(self) -> float:
        """Hours [h/year] to be freed; below 0, hours there is room for. 0 where hours do not decide."""
        if self.has_rep:
            return self.hours - self.meter
        if not self.counts or self.target <= 0:
            return 0.0
        share = self.target / self.total
        most = BAND[1] / 100 if self.above else 1.0
        need = (self.weight - most * share * self.total) / (1 - most * share) if most * share < 1 else 0.0
        return need if self.above or need < 0 else 0.0

    def index(self, freed: float) -> float | None:
        """Return the index [points] when some hours are freed; None without a target."""
        less = freed if self.counts else 0.0
        target = self.target / self.total * (self.total - less) if self.total > 0 else 0.0
        return 100.0 * (self.weight - less) / target if target > 0 else None

    def promise(self, chosen: np.ndarray, freed: np.ndarray) -> tuple[tuple[str, float | None, float | None], ...]:
        """Return the share of each tier's calls that fit, before and after the accounts at some positions free hours."""
        basis, mine = self.basis, self.now.territory_of_account == self.slot
        hours = self.now.held.amounts.values[1]
        before = np.bincount(basis.tier[mine], hours[mine], len(basis.tiers))
        after = before - np.bincount(basis.tier[chosen], freed, len(basis.tiers))
        covered = coverage_of_tiers(np.full(2, self.meter), np.vstack([before, np.maximum(after, 0.0)]))
        pairs = [[None if np.isnan(one) else float(one) for one in row] for row in covered]
        return tuple((tier, pairs[0][t], pairs[1][t]) for t, tier in enumerate(basis.tiers))


def _by_phone(basis: Basis, draft: Draft, scale: _Scale, name: str, names: Mapping[str, str], border: Repair | None) -> Relief:
    """Return which accounts to call by phone, and the cheapest border beside it."""
    hours = scale.now.held.amounts.values[1]
    freed = hours - basis.hours_by(PHONE)[0]
    on_phone = np.isin(np.arange(len(hours)), basis.accounts.get_indexer([a for a, by in draft.channels.items() if by == PHONE]))
    lower = (basis.tier > 0) | (len(basis.tiers) == 1)
    free = (scale.now.territory_of_account == scale.slot) & ~on_phone & lower & (freed > LEAST_HOURS)
    place = np.flatnonzero(free)
    place = place[np.lexsort((place, -freed[place], -basis.tier[place]))]
    count = int(np.searchsorted(np.cumsum(freed[place]), scale.excess - LEAST_HOURS)) + 1 if scale.excess > 0 else 0
    chosen = place[:count]
    return _relief(basis, scale, name, names, chosen, freed[chosen], PHONE, border)


def _by_visit(basis: Basis, draft: Draft, scale: _Scale, name: str, names: Mapping[str, str]) -> Relief:
    """Return which accounts put on the phone in this draft may be visited again."""
    since = [account for account, by in draft.channels.items() if by == PHONE and basis.channels.get(account) != PHONE]
    found = basis.accounts.get_indexer(since)
    place = found[found >= 0]
    place = place[scale.now.territory_of_account[place] == scale.slot]
    more = basis.plain.values[1] - scale.now.held.amounts.values[1]
    place = place[np.lexsort((place, more[place], basis.tier[place]))]
    chosen = place[np.cumsum(more[place]) <= -scale.excess + LEAST_HOURS]
    return _relief(basis, scale, name, names, chosen, -more[chosen], None, None)


def _borders(basis: Basis, draft: Draft, now: Figures, scales: Mapping[str, _Scale]) -> dict[str, Repair]:
    """Return the cheapest hand-over that does away with the same breach, by territory, where there is one."""
    reps = {name: scale.excess for name, scale in scales.items() if scale.over and scale.has_rep}
    others = [name for name, scale in scales.items() if scale.over and not scale.has_rep]
    breaches = [one for one in faults(basis, draft, only=others) if one.kind == "breach"] if others else []
    found = {one.territory: one.repairs[0] for one in breaches if one.territory is not None and one.repairs}
    return found | (lightest_borders(basis, draft, now, reps) if reps else {})


def _relief(
    basis: Basis,
    scale: _Scale,
    name: str,
    names: Mapping[str, str],
    chosen: np.ndarray,
    freed: np.ndarray,
    channel: str | None,
    border: Repair | None,
) -> Relief:
    hours = float(freed.sum())
    index = (scale.index(0.0), scale.index(hours))
    return Relief(
        territory=name,
        accounts=tuple(basis.accounts[chosen]),
        channel=channel,
        hours=hours,
        hours_now=scale.hours,
        capacity=scale.capacity,
        index=index,
        promise=scale.promise(chosen, freed),
        enough=channel is None or (len(chosen) > 0 and hours >= scale.excess - LEAST_HOURS),
        told=_told(basis, scale, names[name], chosen, hours, channel, index),
        border=border,
    )


def _told(
    basis: Basis,
    scale: _Scale,
    name: str,
    chosen: np.ndarray,
    hours: float,
    channel: str | None,
    index: tuple[float | None, float | None],
) -> str:
    """Return an offer in a sentence."""
    if not len(chosen):
        return f"{name}: no account is left to call by phone instead of visiting it."
    tiers = Counter(basis.tier[chosen].tolist())
    some = " and ".join(f"{tiers[t]:,} {basis.tiers[t]}" for t in sorted(tiers, reverse=channel is not None))
    noun, it = ("account", "it") if len(chosen) == 1 else ("accounts", "them")
    did = f"Call {some} {noun} by phone instead of visiting {it}" if channel else f"Visit {some} {noun} again instead of calling {it}"
    parts = [f"{abs(hours):,.0f} h a year {'freed' if channel else 'more'}"]
    if scale.capacity is not None:
        parts.append(f"{scale.hours:,.0f} → {scale.hours - hours:,.0f} of {scale.capacity:,.0f} h")
    if scale.counts and index[0] is not None and index[1] is not None:
        parts.append(f"index {index[0]:.0f} → {index[1]:.0f}")
    short = scale.excess - hours
    told = f"{did}: {', '.join(parts)}."
    return told + (f" {short:,.0f} h are still too many." if channel and short > LEAST_HOURS else "")
