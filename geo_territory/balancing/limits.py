"""What an alignment must keep to beside balance, by the ids of the tables: bases, locks, least and most, forbidden pairs, caps."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from geo_territory.balancing.problem import NOBODY
from geo_territory.errors import UnitsError
from geo_territory.units import UnitMap
from geo_territory.units.land import positions


@dataclass(frozen=True, eq=False)
class Limits:
    """Rules of an alignment; every field may be left out.

    bases: Reps-like rows by territory_id with lat and lon [degree]; a territory holds its base. base_pull in [0, 1]: how far
    compactness is measured to the base, 1 fixes the centre there. locked: ids of units that stay where they are now;
    locked_territories: ids of territories that neither give nor take. least, most by territory_id, in what is balanced.
    forbidden: (unit_id, territory_id) pairs that may not be. most_given, most_taken by territory_id: accounts that may change
    hands, and accounts by unit_id to count them. also by unit_id: a column for each further criterion to be balanced within
    also_tolerance in (0, 1), one for each column.
    """

    bases: pd.DataFrame | None = None
    base_pull: float = 0.5
    locked: Collection[str] = ()
    locked_territories: Collection[str] = ()
    least: pd.Series | None = None
    most: pd.Series | None = None
    forbidden: Collection[tuple[str, str]] = ()
    most_given: pd.Series | None = None
    most_taken: pd.Series | None = None
    accounts: pd.Series | None = None
    also: pd.DataFrame | None = None
    also_tolerance: tuple[float, ...] = field(default=())

    def arrays(self, unit_map: UnitMap, territories: pd.Index) -> dict[str, object]:
        """Return the fields of Problem that say the same, units and territories in the order of the tables.

        Raises UnitsError for a unit or territory that isn't there.
        """
        units = unit_map.units.index
        given: dict[str, object] = {}
        if self.bases is not None:
            known = self.bases.reindex(territories)
            given |= {"bases": np.asarray(positions(known, unit_map.plane), float), "base_pull": self.base_pull}
        if self.locked:
            given["locked"] = np.isin(np.arange(len(units)), _places(units, sorted(self.locked), "unit"))
        if self.locked_territories:
            shut = _places(territories, sorted(self.locked_territories), "territory")
            given["locked_territories"] = np.isin(np.arange(len(territories)), shut)
        if self.forbidden:
            pairs = sorted(self.forbidden)
            unit, territory = _places(units, [u for u, _ in pairs], "unit"), _places(territories, [t for _, t in pairs], "territory")
            given["forbidden"] = np.column_stack([unit, territory])
        for name in ("most_given", "most_taken"):
            if getattr(self, name) is not None:
                given[name] = getattr(self, name).reindex(territories).to_numpy(float)
        for name in ("least", "most"):
            if getattr(self, name) is not None:
                first = getattr(self, name).reindex(territories).to_numpy(float)
                more = 0 if self.also is None else self.also.shape[1]
                given[name] = np.column_stack([first, *[np.full(len(first), np.nan)] * more])
        if self.accounts is not None:
            given["accounts"] = self.accounts.reindex(units).fillna(0.0).to_numpy(float)
        return given


NO_LIMITS = Limits()


def _places(index: pd.Index, names: list[str], what: str) -> np.ndarray:
    """Return the position of each name; UnitsError names the first that isn't there."""
    places = index.get_indexer(names)
    if (places == NOBODY).any():
        raise UnitsError(f"There is no {what} '{names[int(np.argmax(places == NOBODY))]}' on this map: take it out of the rules.")
    return places
