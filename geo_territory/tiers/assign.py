"""Tiers by the rule, and by a person where one decided otherwise."""

from __future__ import annotations

import logging
from datetime import date

import numpy as np
import pandas as pd

from geo_territory.errors import PolicyError
from geo_territory.policy import TierRule
from geo_territory.tables import Accounts, Overrides, Tiers
from geo_territory.tiers.lists import RankedList, ranked_lists
from geo_territory.tiers.methods import grade

logger = logging.getLogger(__name__)


def assign_tiers(accounts: pd.DataFrame, rule: TierRule, overrides: pd.DataFrame | None = None, today: date | None = None) -> pd.DataFrame:
    """Return the Tiers of `accounts`, aligned to their index, each with a reason a rep can read (F1-F8).

    An override counts up to and including its last day; `today` is the day it is judged on (default: the current
    day). Closed accounts take the lowest tier and no override. A list without any value takes the middle tier.
    Raises PolicyError when an override names a tier the rule does not have.
    """
    closed = accounts.index[accounts[Accounts.status] == "closed"]
    lowest = rule.labels[-1]
    parts = [_graded(ranked, rule) for ranked in ranked_lists(accounts, rule)]
    parts.append(_rows(closed, lowest, f"{lowest}: closed, no calls are planned", np.nan, np.nan, np.nan))
    tiers = pd.concat([part for part in parts if len(part)] or parts).reindex(accounts.index)
    if overrides is not None and len(overrides):
        open_overrides = Overrides.check(overrides).drop(closed, errors="ignore")
        tiers = _overridden(tiers, open_overrides, rule, pd.Timestamp(today or date.today()))
    return Tiers.check(tiers)


def override_rate(tiers: pd.DataFrame) -> float | None:
    """Return overrides in force over accounts (F8), None without accounts; above 0.10 the rule deserves a look."""
    return float(tiers[Tiers.overridden].mean()) if len(tiers) else None


def _rows(index: pd.Index, tier: object, reason: object, value: object, rank: object, before: object) -> pd.DataFrame:
    columns = {
        Tiers.computed_tier: tier,
        Tiers.tier: tier,
        Tiers.reason: reason,
        Tiers.value_used: value,
        Tiers.value_rank: rank,
        Tiers.cum_share_before: before,
        Tiers.overridden: False,
    }
    return pd.DataFrame(columns, index=index)


def _graded(ranked: RankedList, rule: TierRule) -> pd.DataFrame:
    graded = grade(ranked, rule)
    if ranked.field and not (ranked.value > 0).any():
        logger.warning("No %s has %s above 0: the tiers tell nothing until another value is chosen.", ranked.noun, ranked.word)
    tier = np.array(rule.labels, dtype=object)[graded.grade]
    reason = [_sentence(t, why, matrix=rule.method == "matrix") for t, why in zip(tier, graded.why, strict=True)]
    return _rows(ranked.rows.index, tier, reason, ranked.value, graded.rank, graded.before)


def _sentence(tier: str, why: str, *, matrix: bool) -> str:
    return f"{tier} {why}" if matrix and why.startswith(("grow", "protect", "develop", "the rest")) else f"{tier}: {why}"


def _overridden(tiers: pd.DataFrame, overrides: pd.DataFrame, rule: TierRule, today: pd.Timestamp) -> pd.DataFrame:
    unknown = sorted(set(overrides[Overrides.tier]) - set(rule.labels))
    if unknown:
        raise PolicyError(
            f"Overrides name tier {', '.join(unknown)}, the rule has {', '.join(rule.labels)}: change the override or the labels."
        )
    mine = overrides.reindex(tiers.index.intersection(overrides.index))
    until = mine[Overrides.until]
    ended = until.notna() & (until.dt.normalize() < today)
    tiers = tiers.copy()
    for account_id, row in mine[ended].iterrows():
        tiers.loc[account_id, Tiers.reason] += f"; override to {row[Overrides.tier]} ended {row[Overrides.until]:%Y-%m-%d}"
    force = mine[~ended]
    until_words = force[Overrides.until].dt.strftime(" until %Y-%m-%d").fillna("")
    computed = tiers.loc[force.index, Tiers.computed_tier]
    tiers.loc[force.index, Tiers.tier] = force[Overrides.tier]
    tiers.loc[force.index, Tiers.reason] = (
        force[Overrides.tier] + " by override" + until_words + ": " + force[Overrides.reason] + " (computed " + computed + ")"
    )
    tiers.loc[force.index, Tiers.overridden] = True
    return tiers
