"""Two to four alignments beside each other: their measures, the territories that differ, the accounts that change hands."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from geo_territory.alignment import Disruption, difference, disruption
from geo_territory.design import Design
from geo_territory.scorecard import imbalance
from geo_territory.tables import Accounts, AffectedTerritories, ComparisonLines, Differences, HandedOver, Scorecard, Territories, Tiers

SIDES = {
    Scorecard.balance_index: (AffectedTerritories.index_before, AffectedTerritories.index_after),
    Scorecard.workload: (AffectedTerritories.workload_before, AffectedTerritories.workload_after),
    Scorecard.value: (AffectedTerritories.value_before, AffectedTerritories.value_after),
    Scorecard.accounts: (AffectedTerritories.accounts_before, AffectedTerritories.accounts_after),
}


def compared(designs: Mapping[str, Design]) -> pd.DataFrame:
    """Return the measures of designs by what each is called, a table of ComparisonLines; the first is what the others change.

    Sources: F19, F22, F23.
    """
    first = next(iter(designs))
    rows = [
        {ComparisonLines.label: label, **_measures(made), **({} if label == first else _disrupted(designs[first], made))}
        for label, made in designs.items()
    ]
    return ComparisonLines.check(pd.DataFrame(rows, columns=ComparisonLines.columns()))


def affected_territories(before: Design, after: Design) -> pd.DataFrame:
    """Return the territories that gain, lose, come or go between two designs, a table of AffectedTerritories."""
    moved = handed_over(before, after)
    gained, lost = (moved[side].value_counts() for side in (HandedOver.after, HandedOver.before))
    touched = set(gained.index) | set(lost.index) | set(before.scorecard.index.symmetric_difference(after.scorecard.index))
    touched |= _of_units_apart(before, after)
    ids = pd.Index(sorted(touched), dtype="str", name=str(AffectedTerritories.territory_id))
    names = after.territories[Territories.name].reindex(ids).fillna(before.territories[Territories.name].reindex(ids))
    rows = {AffectedTerritories.name: names.fillna(ids.to_series())}
    for measure, (one, other) in SIDES.items():
        rows[one] = before.scorecard[measure].reindex(ids).astype(float)
        rows[other] = after.scorecard[measure].reindex(ids).astype(float)
    rows |= {AffectedTerritories.gained: gained.reindex(ids).fillna(0).astype(int)}
    rows |= {AffectedTerritories.lost: lost.reindex(ids).fillna(0).astype(int)}
    return AffectedTerritories.check(pd.DataFrame(rows, index=ids))


def handed_over(before: Design, after: Design) -> pd.DataFrame:
    """Return the accounts that are in another territory in `after`, the most valuable first, a table of HandedOver."""
    was, now = _both(before, after)
    moved = was.index[~(was.eq(now).fillna(False) | (was.isna() & now.isna())).to_numpy(bool)]
    facts = after.attention
    rows = pd.DataFrame(
        {
            HandedOver.name: facts.planned[Accounts.name].reindex(moved),
            HandedOver.tier: facts.tiers[Tiers.tier].reindex(moved),
            HandedOver.value: facts.value.reindex(moved).astype(float),
            HandedOver.before: was[moved],
            HandedOver.after: now[moved],
        },
        index=moved.rename(str(HandedOver.account_id)),
    )
    by_value = rows.sort_index().sort_values(HandedOver.value, ascending=False, kind="stable", na_position="last")
    return HandedOver.check(by_value)


def changed_hands(before: Design, after: Design) -> Disruption:
    """Return how much changes hands between two designs of the same accounts, and what it risks (F22)."""
    was, now = _both(before, after)
    facts = after.attention
    hours = facts.hours(after.policy.role)
    best = facts.policy.tier_rule.labels[0]
    return disruption(was, now, facts.value, facts.tiers[Tiers.tier], hours, top_tier=best)


def _both(before: Design, after: Design) -> tuple[pd.Series, pd.Series]:
    """Return the territory of each account that both designs plan, before and after, by sorted account_id."""
    known = before.territory_id.index.intersection(after.territory_id.index).sort_values()
    return before.territory_id.reindex(known).astype("str"), after.territory_id.reindex(known).astype("str")


def _of_units_apart(before: Design, after: Design) -> set[str]:
    """Return the territories of the units whose territory differs; none when the two are made of other units."""
    if not before.unit_map.units.index.equals(after.unit_map.units.index):
        return set()
    apart = difference(before.alignment, after.alignment)
    return set(apart[Differences.before].dropna()) | set(apart[Differences.after].dropna())


def _measures(made: Design) -> dict[str, object]:
    rows = made.scorecard
    return {
        ComparisonLines.territories: len(rows),
        ComparisonLines.imbalance: float(imbalance(rows[Scorecard.weight], rows[Scorecard.target])),
        ComparisonLines.in_band: int(rows[Scorecard.in_band].sum()),
        ComparisonLines.contiguous: made.contiguous,
        ComparisonLines.compactness: float(rows[Scorecard.compactness].astype(float).mean()),
    }


def _disrupted(first: Design, made: Design) -> dict[str, float | None]:
    told = changed_hands(first, made)
    return {
        ComparisonLines.moved: float(told.moved),
        ComparisonLines.moved_share: told.accounts_share,
        ComparisonLines.value_share: told.value_share,
        ComparisonLines.top_tier_share: told.top_tier_share,
        ComparisonLines.risk_low: told.sales_at_risk_low,
        ComparisonLines.risk_high: told.sales_at_risk_high,
    }
