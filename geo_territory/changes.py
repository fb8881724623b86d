"""Which accounts change hands in a design, and why."""

from __future__ import annotations

import pandas as pd

from geo_territory.alignment import start_from_accounts
from geo_territory.balancing.tables import explained
from geo_territory.design import Design, nearest_known
from geo_territory.tables import AccountMoves, Accounts, Scorecard, Tiers, UnitMoves, Units
from geo_territory.units import sums_by_unit


def unit_changes(design: Design) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return why units change hands between the design's start and the design: a table of UnitMoves and one of Handings.

    A unit starts in the territory most of its accounts' weight is in, one without accounts in the nearest one's. Both tables are
    empty without a start. Source: `balancing.explain`.
    """
    weight = design.attention.weight(design.policy.balance, design.policy.role)
    totals = sums_by_unit(weight, design.unit_id)
    return explained(design.unit_map, totals, design.scorecard[Scorecard.target], _begin(design, weight), design.alignment)


def account_changes(design: Design) -> pd.DataFrame:
    """Return each planned account that is in another territory than at the design's start, a table of AccountMoves (F22).

    Its rows are the accounts that `disruption` counts as moved. No rows without a start.
    """
    planned = design.attention.planned
    start = pd.Series(dtype="str") if design.start is None else design.start
    before = start.dropna().reindex(planned.index).dropna()
    after = design.territory_id.reindex(before.index)
    before = before[~before.eq(after).fillna(False).to_numpy(bool)]
    begin = _begin(design, design.attention.weight(design.policy.balance, design.policy.role))
    units = unit_changes(design)[0][UnitMoves.reason]
    owned = set(design.alignment.territory_of.index)
    unit_names, known = design.unit_map.units[Units.name], set(design.scorecard.index)

    def reason(account: str) -> str:
        was, unit = before[account], design.unit_id[account]
        if pd.isna(unit):
            return "It isn't on the map, so no territory covers it."
        if account in design.exceptions:
            return f"It was given to territory {design.exceptions[account]} by hand, apart from {unit_names[unit]}."
        if unit not in owned:
            return f"Nobody covers {unit_names[unit]}."
        if was not in known:
            return f"Territory {was} is no more."
        if begin[unit] == was and unit in units.index:
            return units[unit]
        return f"Most of {unit_names[unit]} was {begin[unit]}'s, and it is handed out whole."

    rows = pd.DataFrame(
        {
            AccountMoves.name: planned[Accounts.name].reindex(before.index),
            AccountMoves.tier: design.attention.tiers[Tiers.tier].reindex(before.index),
            AccountMoves.value: design.attention.value.reindex(before.index),
            AccountMoves.before: before,
            AccountMoves.after: after.reindex(before.index),
            AccountMoves.reason: [reason(account) for account in before.index],
        },
        index=before.index,
    )
    return AccountMoves.check(rows.rename_axis(planned.index.name))


def _begin(design: Design, weight: pd.Series) -> pd.Series:
    """Return the territory each unit starts in, by unit_id; empty without a start."""
    if design.start is None:
        return pd.Series(dtype="str")
    return nearest_known(start_from_accounts(design.start, design.unit_id, weight), design.unit_map)
