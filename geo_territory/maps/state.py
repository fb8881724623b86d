"""What changes on a map without its geometry changing: who owns which area, the legend's numbers, the selection."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from geo_territory.errors import UnitsError
from geo_territory.tables import Scorecard, Territories

UNASSIGNED = 65_535
TEXTS = {
    "territories": "Territories",
    "territory": "Territory",
    "index": "Index",
    "index_long": "Balance index, 100 is the target; the band is 85 to 115",
    "hours": "Hours",
    "hours_long": "Workload, hours a year",
    "value": "Value",
    "value_long": "Value of its accounts a year, prospects by their potential",
    "accounts": "Accounts",
    "tier": "Tier",
    "base": "Base",
    "base_key": "Rep’s base",
    "total": "Total",
    "unassigned": "Unassigned",
    "over": "above the band",
    "under": "below the band",
    "show_tier": "Show accounts of tier {tier}",
    "loading": "Loading the map…",
    "failed": "The map could not be loaded: {reason}. Reload the page; start the app with “streamlit run app.py”.",
    "mismatch": "The map and its numbers are of different plans: reload the page.",
}


def owner_array(territory_of: pd.Series, territory_ids: pd.Index) -> np.ndarray:
    """Return the position of each unit's territory in sorted `territory_ids`, uint16, units sorted by id.

    A unit without a territory has 65535. Raises UnitsError when a unit belongs to a territory that is not listed, or
    there are more than 65,535 territories.
    """
    ids = territory_ids.sort_values()
    if len(ids) > UNASSIGNED:
        raise UnitsError(f"A map shows at most {UNASSIGNED:,} territories, these are {len(ids):,}.")
    of_unit = territory_of.sort_index()
    position = ids.get_indexer(of_unit)
    lost = of_unit[(position < 0) & of_unit.notna()]
    if len(lost):
        raise UnitsError(f"Unit {lost.index[0]!r} belongs to territory {lost.iloc[0]!r}, which is not among the territories of the map.")
    return np.where(position < 0, UNASSIGNED, position).astype("<u2")


def map_state(
    territories: pd.DataFrame,
    *,
    territory_of: pd.Series | None = None,
    accounts_by_tier: pd.DataFrame | None = None,
    selected: str | None = None,
    doc: str = "",
    rev: int = 0,
    currency: str | None = None,
    texts: Mapping[str, str] | None = None,
    language: str = "en",
) -> dict[str, Any]:
    """Return what a territory map shows at this moment, ready to be sent to the browser as JSON.

    `territories`: Territories, joined with Scorecard where there are numbers. `territory_of`: unit_id -> territory_id for
    a map of units; leave it out for a map of territories. `accounts_by_tier`: territory_id x tier -> number of accounts.
    `selected`: territory_id to highlight. `doc`, `rev`: the plan shown and its revision; a map ignores a lower revision of
    the same plan. `currency`: ISO 4217 code of the values, None for plain numbers. `texts`: words that replace TEXTS.
    """
    rows = territories.sort_index()
    owner = np.arange(len(rows), dtype="<u2") if territory_of is None else owner_array(territory_of, rows.index)
    tiers = None if accounts_by_tier is None else accounts_by_tier.reindex(rows.index).fillna(0)
    return {
        "doc": doc,
        "rev": rev,
        "owner": base64.b64encode(owner.tobytes()).decode(),
        "territories": [_row(territory_id, row, tiers) for territory_id, row in rows.iterrows()],
        "tiers": [] if tiers is None else [str(tier) for tier in tiers.columns],
        "selected": selected,
        "currency": currency,
        "language": language,
        "texts": {**TEXTS, **(texts or {})},
    }


def _row(territory_id: str, row: pd.Series, tiers: pd.DataFrame | None) -> dict[str, Any]:
    in_band = row.get(Scorecard.in_band)
    return {
        "id": territory_id,
        "name": str(row[Territories.name]),
        "color": str(row[Territories.color]),
        "index": _number(row.get(Scorecard.balance_index)),
        Scorecard.in_band: None if in_band is None or pd.isna(in_band) else bool(in_band),
        "hours": _number(row.get(Scorecard.workload)),
        "value": _number(row.get(Scorecard.value)),
        "accounts": _number(row.get(Scorecard.accounts)),
        "by_tier": [] if tiers is None else [int(n) for n in tiers.loc[territory_id]],
    }


def _number(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else round(float(value), 2)
