"""Unit -> territory as an immutable value: moves, differences, and how much changes hands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from geo_territory.errors import UnitsError
from geo_territory.tables import TIERS, AlignmentRows, Differences

SALES_AT_RISK = (0.132, 0.176)


@dataclass(frozen=True)
class Move:
    """One change of hands: `units` go to territory `to`."""

    units: tuple[str, ...]
    to: str


@dataclass(frozen=True, eq=False)
class Alignment:
    """Which territory each unit belongs to, for one role; a unit that is left out is covered by nobody.

    `territory_of` is a Series unit_id -> territory_id; it is kept sorted by unit_id. Raises UnitsError when a unit is
    listed twice or has no territory.
    """

    territory_of: pd.Series
    role: str

    def __post_init__(self) -> None:
        """Sort by unit and check."""
        rows = self.territory_of.astype("str").rename(AlignmentRows.territory_id).rename_axis(AlignmentRows.unit_id).sort_index()
        rows.index = rows.index.astype("str")
        if rows.index.has_duplicates:
            twice = rows.index[rows.index.duplicated()].unique()
            raise UnitsError(f"Units with more than one territory: {_some(twice)}. Keep one line for each unit.")
        if rows.isna().any():
            raise UnitsError(f"Units without a territory: {_some(rows.index[rows.isna()])}. Leave them out or give them one.")
        object.__setattr__(self, "territory_of", rows)

    def __eq__(self, other: object) -> bool:
        """Return whether both give the same units to the same territories for the same role."""
        return isinstance(other, Alignment) and self.role == other.role and self.territory_of.equals(other.territory_of)

    __hash__ = None  # type: ignore[assignment]

    @cached_property
    def territories(self) -> tuple[str, ...]:
        """The territories that have a unit, sorted."""
        return tuple(sorted(self.territory_of.unique()))

    def units_of(self, territory_id: str) -> tuple[str, ...]:
        """Return the units of a territory, sorted."""
        return tuple(self.territory_of.index[self.territory_of == territory_id])

    def move(self, units: str | Iterable[str], to: str) -> Alignment:
        """Return the alignment after handing `units` to territory `to`, a new one or one there is.

        Raises UnitsError when a unit is not part of the alignment.
        """
        moved = [units] if isinstance(units, str) else sorted(units)
        unknown = pd.Index(moved).difference(self.territory_of.index)
        if len(unknown):
            raise UnitsError(f"Units that are not on the map: {_some(unknown)}. Load the map again.")
        territory_of = self.territory_of.copy()
        territory_of.loc[moved] = to
        return Alignment(territory_of, self.role)

    def after(self, moves: Sequence[Move]) -> Alignment:
        """Return the alignment after `moves`, in their order."""
        territory_of = self.territory_of.to_dict()
        for move in moves:
            unknown = [unit for unit in move.units if unit not in territory_of]
            if unknown:
                raise UnitsError(f"Units that are not on the map: {_some(unknown)}. Load the map again.")
            territory_of.update(dict.fromkeys(move.units, move.to))
        return Alignment(pd.Series(territory_of, dtype="str"), self.role)


def _some(names: Sequence[str]) -> str:
    """Return the first few names and how many more there are."""
    return ", ".join(map(str, names[:3])) + (f" and {len(names) - 3:,} more" if len(names) > 3 else "")


def difference(before: Alignment, after: Alignment) -> pd.DataFrame:
    """Return the units whose territory differs, a table of Differences; empty where a unit is in one only."""
    both = pd.DataFrame({Differences.before: before.territory_of, Differences.after: after.territory_of})
    same = both[Differences.before].eq(both[Differences.after])
    return Differences.check(both[~same].rename_axis(AlignmentRows.unit_id))


def territory_of_account(unit_of: pd.Series, alignment: Alignment, exceptions: Mapping[str, str] | None = None) -> pd.Series:
    """Return the territory of each account, aligned to `unit_of` (account -> unit); missing when its unit has none.

    exceptions: the territory by account_id of accounts that are in another one than their unit; one without a unit stays without.
    """
    territory = unit_of.map(alignment.territory_of).astype("str").rename(AlignmentRows.territory_id)
    if not exceptions:
        return territory
    apart = unit_of.index.isin(list(exceptions)) & unit_of.notna().to_numpy()
    territory = territory.copy()
    territory[apart] = [exceptions[account] for account in unit_of.index[apart]]
    return territory


def start_from_accounts(hint: pd.Series, unit_of: pd.Series, weight: pd.Series) -> pd.Series:
    """Return the territory each unit starts in, by the majority of its accounts' weight: Series unit_id -> territory_id.

    hint: account -> current territory, as imported; unit_of: account -> unit; weight: account -> workload or value, 0 or
    more. Units without a hinted account are left out. Equal weights: more accounts, then the first territory by name.
    """
    known = pd.DataFrame({AlignmentRows.unit_id: unit_of, "to": hint.reindex(unit_of.index).replace("", pd.NA)}).dropna().sort_index()
    known = known.assign(weight=weight.reindex(known.index).fillna(0).clip(lower=0), accounts=1)
    shares = known.groupby([AlignmentRows.unit_id, "to"], sort=True)[["weight", "accounts"]].sum().reset_index()
    best = shares.sort_values([AlignmentRows.unit_id, "weight", "accounts", "to"], ascending=[True, False, False, True]).drop_duplicates(
        AlignmentRows.unit_id
    )
    return best.set_index(AlignmentRows.unit_id)["to"].astype("str").rename(AlignmentRows.territory_id)


@dataclass(frozen=True)
class Disruption:
    """What changes hands between two alignments of accounts (F22).

    Shares are fractions of `accounts` assigned before and of their value [currency/year]; `top_tier_share` is the share of
    top-tier accounts, `hours_share` of workload. A share is None where its base is zero or not given. `sales_at_risk_low` and
    `_high` are the sales that may be lost [currency/year].
    """

    accounts: int
    moved: int
    accounts_share: float | None
    value_share: float | None
    top_tier_share: float | None
    hours_share: float | None
    sales_at_risk_low: float
    sales_at_risk_high: float


def disruption(
    before: pd.Series, after: pd.Series, value: pd.Series, tier: pd.Series, hours: pd.Series | None = None, top_tier: str = TIERS[0]
) -> Disruption:
    """Return how much changes hands between `before` and `after`, each account -> territory, or account -> rep.

    value [currency/year] and hours [h/year] per account, missing ones count as 0. Newly assigned accounts (missing
    before) and closed ones (no row in `after`) are not disruption; an account that loses its territory is. Give reps
    instead of territories to count rep swaps as well. Source: F22; 13.2-17.6 % of moved sales are at risk.
    """
    base = before.dropna().sort_index()
    then = after.reindex(base.index)
    moved = base.index.isin(after.index) & ~base.eq(then).fillna(False).to_numpy(bool)
    worth = value.reindex(base.index).fillna(0)
    top = tier.reindex(base.index).eq(top_tier).fillna(False).astype(float)
    work = (pd.Series(dtype=float) if hours is None else hours).reindex(base.index).fillna(0)
    accounts = pd.Series(1.0, index=base.index)
    low, high = (float(worth[moved].sum() * share) for share in SALES_AT_RISK)
    return Disruption(
        accounts=len(base),
        moved=int(moved.sum()),
        accounts_share=_share(accounts, moved),
        value_share=_share(worth, moved),
        top_tier_share=_share(top, moved),
        hours_share=_share(work, moved),
        sales_at_risk_low=low,
        sales_at_risk_high=high,
    )


def _share(measure: pd.Series, moved: np.ndarray) -> float | None:
    """Return the moved share of a measure in [0, 1]; None when there is none of it."""
    return float(measure[moved].sum() / measure.sum()) if measure.sum() > 0 else None
