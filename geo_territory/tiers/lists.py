"""Which accounts are ranked against each other, and by what value."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo_territory.policy import VALUE_FIELDS, TierRule
from geo_territory.tables import Accounts, Tiers

WORDS: dict[str, str] = dict(zip(map(str, VALUE_FIELDS), ("value", "profit", "sales", "potential"), strict=True))


@dataclass(frozen=True)
class RankedList:
    """Accounts ranked against each other: all of them, or customers and prospects apart.

    `rows` are sorted by account_id, `value` [currency/year] is aligned to them; `field` is the column the value
    comes from, None when no column has any and every account counts 1. `noun` is what one of them is called.
    """

    rows: pd.DataFrame
    value: pd.Series
    field: str | None
    noun: str

    @property
    def nouns(self) -> str:
        """What several of them are called."""
        return f"{self.noun}s"

    @property
    def word(self) -> str:
        """What the value is called on screen."""
        return WORDS.get(self.field or "", "value")


def ranked_lists(accounts: pd.DataFrame, rule: TierRule) -> list[RankedList]:
    """Return the lists that hold every account that is not closed, each in one list; empty lists are left out.

    Prospects have a list of their own, by potential, so that they don't all fall to the lowest tier; the matrix
    looks at value and potential together and needs one list.
    """
    planned = accounts[accounts[Accounts.status] != "closed"].sort_index()
    if rule.method == "matrix" or not rule.prospects_apart:
        return [_ranked(planned, rule, "account")] if len(planned) else []
    prospect = planned[Accounts.status] == "prospect"
    parts = ((planned[~prospect], "account"), (planned[prospect], "prospect"))
    return [_ranked(rows, rule, noun) for rows, noun in parts if len(rows)]


def value_used(accounts: pd.DataFrame, rule: TierRule) -> pd.Series:
    """Return the value the rule looks at [currency/year], aligned to `accounts`; NA when blank or the account is closed.

    "auto" takes the first of annual_value, profit, sales and potential with a value above 0 in the account's list.
    Prospects apart take potential first. Where a list has no value at all, every account counts 1.
    """
    values = [ranked.value for ranked in ranked_lists(accounts, rule)]
    found = pd.concat(values) if values else pd.Series(dtype=float, index=accounts.index[:0])
    return found.reindex(accounts.index).rename(Tiers.value_used)


def _ranked(rows: pd.DataFrame, rule: TierRule, noun: str) -> RankedList:
    field = _value_field(rows, rule, prospects=noun == "prospect")
    value = rows[field].astype(float) if field else pd.Series(1.0, index=rows.index)
    return RankedList(rows, value.replace([np.inf, -np.inf], np.nan), field, noun)


def _value_field(rows: pd.DataFrame, rule: TierRule, *, prospects: bool) -> str | None:
    """Return the column to rank `rows` by; None when nothing is recorded, or prospects have nothing above 0."""
    auto = rule.value_field == "auto"
    candidates = [str(field) for field in VALUE_FIELDS] if auto else [rule.value_field]
    if auto and rule.method == "matrix":
        candidates.remove(str(Accounts.potential))
    if prospects:
        candidates = [str(Accounts.potential), *candidates]
    for field in candidates:
        if (rows[field] > 0).any():
            return field
    if prospects:
        return None
    recorded = [field for field in candidates if not auto or rows[field].notna().any()]
    return recorded[0] if recorded else None
