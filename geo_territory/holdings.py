"""What territories hold: the sums of their units, and of the accounts that are in another territory than their unit.

Every sum is added up in an order that depends on what is added alone, so that a figure never depends on how an alignment
came about.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from geo_territory.alignment import Alignment, territory_of_account
from geo_territory.attention import Attention
from geo_territory.contiguity import pieces
from geo_territory.scorecard import rated
from geo_territory.tables import Scorecard
from geo_territory.units import UnitMap, neighbor_matrix
from geo_territory.units.outline import measured, outline_of


def added_up(group: np.ndarray, amount: np.ndarray, groups: int) -> np.ndarray:
    """Return the sum of `amount` (m,) in each of `groups` groups, smallest first; `group` (m,) int in 0…groups-1."""
    order = np.argsort(amount, kind="stable")
    return np.bincount(group[order], amount[order], groups)


def shared_out(owner: np.ndarray, by_unit: np.ndarray, territories: int) -> np.ndarray:
    """Return the sums by territory (k,) of amounts by unit (n,), in the order of the units; `owner` is negative for nobody."""
    covered = owner >= 0
    return np.bincount(owner[covered], by_unit[covered], territories)


def account_amounts(attention: Attention, balance: str, role: str) -> dict[str, np.ndarray]:
    """Return weight, hours, travel hours and value by planned account, by their columns of Scorecard: nothing missing, none negative."""
    hours, value = attention.hours(role).clip(lower=0.0).to_numpy(float), attention.value.clip(lower=0.0).fillna(0.0).to_numpy(float)
    weight = {"workload": hours, "value": value}.get(balance, np.ones(len(hours)))
    travel = attention.travel_hours(role).clip(lower=0.0).to_numpy(float)
    return {Scorecard.weight: weight, Scorecard.workload: hours, Scorecard.travel_hours: travel, Scorecard.value: value}


def scorecard_of(
    attention: Attention,
    unit_map: UnitMap,
    unit_id: pd.Series,
    alignment: Alignment,
    capacity: pd.Series,
    exceptions: Mapping[str, str],
) -> pd.DataFrame:
    """Return the Scorecard of an alignment: a row for each territory of `capacity`, sorted, with or without units.

    `unit_id` by planned account, NA for one that is not on the map; `exceptions` names the territory of accounts that are in
    another one than their unit.
    """
    names, units = capacity.index.sort_values(), unit_map.units.index
    owner = names.get_indexer(alignment.territory_of.reindex(units))
    unit = units.get_indexer(unit_id)
    mine = names.get_indexer(territory_of_account(unit_id, alignment, exceptions))
    apart = unit_id.index.isin(list(exceptions))
    free, moved = np.flatnonzero((unit >= 0) & ~apart), np.flatnonzero((mine >= 0) & apart)
    amounts = account_amounts(attention, attention.policy.design.balance, alignment.role)
    columns = {
        name: shared_out(owner, added_up(unit[free], amount[free], len(units)), len(names))
        + added_up(mine[moved], amount[moved], len(names))
        for name, amount in amounts.items()
    }
    columns |= {Scorecard.accounts: np.bincount(mine[mine >= 0], minlength=len(names))}
    columns |= {Scorecard.units: np.bincount(owner[owner >= 0], minlength=len(names))}
    area, length = measured(outline_of(unit_map), owner, len(names))
    totals = pd.DataFrame(columns, index=names)
    parts = pd.Series(pieces(owner, neighbor_matrix(unit_map), len(names)), index=names)
    total = float(np.sort(amounts[Scorecard.weight][mine >= 0]).sum())
    return Scorecard.check(rated(totals, capacity, parts, pd.Series(area, index=names), pd.Series(length, index=names), total))
