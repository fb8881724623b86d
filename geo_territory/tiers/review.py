"""What the tiers hold, what a change would move, and how much of each wallet is ours."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from geo_territory.tables import TIERS, Accounts, TierMoves, Tiers, TierSummary, Wallet


def tier_summary(accounts: pd.DataFrame, tiers: pd.DataFrame, labels: Sequence[str] = TIERS) -> pd.DataFrame:
    """Return the TierSummary, a row for each of `labels` (best first) and for any other tier found.

    Prospects are ranked by potential, so their value is counted apart. Values below 0 count as 0 (F1).
    """
    prospect = (accounts[Accounts.status] == "prospect").reindex(tiers.index, fill_value=False)
    value = tiers[Tiers.value_used].clip(lower=0).fillna(0)
    rows = pd.DataFrame(
        {
            TierSummary.accounts: 1,
            TierSummary.value: value.where(~prospect, 0.0),
            TierSummary.prospects: prospect.astype(int),
            TierSummary.prospect_value: value.where(prospect, 0.0),
            TierSummary.overridden: tiers[Tiers.overridden].astype(int),
        },
        index=tiers.index,
    )
    others = sorted(set(tiers[Tiers.tier]) - set(labels))
    order = pd.Index([*labels, *others], name=Tiers.tier, dtype="str")
    held = rows.groupby(tiers[Tiers.tier]).sum().reindex(order, fill_value=0)
    held[TierSummary.accounts_share] = _shares(held[TierSummary.accounts])
    held[TierSummary.value_share] = _shares(held[TierSummary.value])
    return TierSummary.check(held[TierSummary.columns()])


def moved_between(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Return the TierMoves: accounts in both whose tier in force differs, highest value after first."""
    both = before.index.intersection(after.index)
    old, new = before.loc[both], after.loc[both]
    moves = pd.DataFrame(
        {
            TierMoves.tier_before: old[Tiers.tier],
            TierMoves.tier_after: new[Tiers.tier],
            TierMoves.value_before: old[Tiers.value_used],
            TierMoves.value_after: new[Tiers.value_used],
            TierMoves.reason: new[Tiers.reason],
        },
        index=both,
    )
    moves = moves[moves[TierMoves.tier_before] != moves[TierMoves.tier_after]].sort_index()
    return TierMoves.check(moves.sort_values(TierMoves.value_after, ascending=False, kind="stable"))


def share_of_wallet(accounts: pd.DataFrame) -> pd.DataFrame:
    """Return the Wallet: our sales in the last twelve months over the account's potential, and the gap (F5).

    Prospects without sales have bought 0. NA where sales or a potential above 0 is missing; sales above the
    potential are flagged: one of the two is wrong.
    """
    sales = accounts[Accounts.sales_12m]
    sales = sales.mask(sales.isna() & (accounts[Accounts.status] == "prospect"), 0.0).clip(lower=0)
    potential = accounts[Accounts.potential].where(accounts[Accounts.potential] > 0)
    share = sales / potential
    columns = {Wallet.share_of_wallet: share, Wallet.growth_gap: potential - sales, Wallet.doubtful: share > 1}
    return Wallet.check(pd.DataFrame(columns, index=accounts.index))


def _shares(amount: pd.Series) -> pd.Series:
    total = amount.sum()
    return (amount / total).clip(upper=1) if total > 0 else pd.Series(np.nan, index=amount.index)
