"""The figures of a draft: the same to the last bit whether they are made from the edits before or from nothing.

Every sum is added up over units or accounts in an order that no edit changes, so a figure follows from who owns what alone; the
scorecard is the library's own of the same alignment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from geo_territory.alignment import SALES_AT_RISK, Disruption
from geo_territory.contiguity import piece_of_unit, stray_units
from geo_territory.holdings import shared_out
from geo_territory.redraw.basis import AMOUNTS, Amounts, Basis
from geo_territory.redraw.draft import NOBODY, Draft
from geo_territory.redraw.hours import HoursByRole, hours_by_role
from geo_territory.scorecard import imbalance, rated
from geo_territory.tables import Scorecard, Territories
from geo_territory.units.outline import measured

LIGHTEST = 1e-9  # of all weight: what a unit without any counts for when the main piece of a territory is looked for


@dataclass(frozen=True, eq=False)
class Held:
    """What a draft's units and exceptions add up to, kept from one revision to the next.

    `by_unit` (rows, n): sums of the accounts that are in their unit's territory, rows as in `Amounts.sums`; `apart` are the
    positions of the others, `apart_in` their slots; `exceptions` and `channels` are those it was added up for.
    """

    amounts: Amounts
    by_unit: np.ndarray
    apart: np.ndarray
    apart_in: np.ndarray
    exceptions: Mapping[str, str]
    channels: Mapping[str, str]


@dataclass(frozen=True, eq=False)
class Figures:
    """What a draft comes to.

    `rows` are the Scorecard's, by territory_id, sorted, for every living territory. `accounts_by_tier` (k, t) int, `holes` (k,)
    int: parts of others or of nobody wholly inside each. `hours` by role against capacity. `disruption` is against the version
    (F22), `moved_units` the units that changed hands. `uncovered_units` and `uncovered_accounts` belong to nobody.
    `territory_of_account` (a,) is the slot of each account's territory, NOBODY for none.
    """

    rows: pd.DataFrame
    accounts_by_tier: np.ndarray
    holes: np.ndarray
    hours: HoursByRole
    disruption: Disruption
    moved_units: int
    uncovered_units: int
    uncovered_accounts: int
    territory_of_account: np.ndarray
    held: Held

    @cached_property
    def scorecard(self) -> pd.DataFrame:
        """The figures of each territory as a checked Scorecard."""
        return Scorecard.check(self.rows)

    @property
    def territories(self) -> tuple[str, ...]:
        """The living territories, sorted."""
        return tuple(self.rows.index)

    @property
    def pieces(self) -> np.ndarray:
        """The separate parts of each territory, (k,) int; 0 where it has no unit."""
        return self.rows[Scorecard.pieces].to_numpy()

    @cached_property
    def imbalance(self) -> float:
        """The largest distance of a territory from its target, a fraction; NaN where there is no target."""
        return imbalance(self.rows[Scorecard.weight], self.rows[Scorecard.target])

    @property
    def in_band(self) -> int:
        """The number of territories within the 85-115 band."""
        return int(self.rows[Scorecard.in_band].sum())


def figures(basis: Basis, draft: Draft, before: Figures | None = None) -> Figures:
    """Return the figures of a draft; with those of an earlier revision the same, sooner."""
    held = _held(basis, draft, None if before is None else before.held)
    living = sorted(draft.territories)
    slot = np.array([draft.slot_of[name] for name in living], np.int64)
    owner, slots = draft.owner, len(draft.slots)
    sums = np.vstack([shared_out(owner, row, slots) for row in held.by_unit])
    sums = (sums + held.amounts.sums(held.apart, held.apart_in, slots))[:, slot]
    territory = owner[basis.unit_of_account]
    territory[held.apart] = held.apart_in
    tiers, first = len(basis.tiers), len(held.amounts.values)
    by_tier = np.rint(sums[first : first + tiers]).astype(np.int64)
    place = np.full(slots + 1, -1)  # the last one stands for nobody
    place[slot] = np.arange(len(slot))
    hours = hours_by_role(basis, draft, living, _of_roles(basis, sums), sums[first + tiers :].T, place[territory])
    parts, holes = _parts(basis, owner, slots)
    return Figures(
        rows=_rows(basis, draft, living, slot, sums, parts[slot], territory, held),
        accounts_by_tier=by_tier.T,
        holes=holes[slot],
        hours=hours,
        disruption=_disruption(basis, territory),
        moved_units=int((owner != basis.owner).sum()),
        uncovered_units=int((owner == NOBODY).sum()),
        uncovered_accounts=int((territory == NOBODY).sum()),
        territory_of_account=territory,
        held=held,
    )


def version_figures(basis: Basis) -> Figures:
    """Return the figures of the version itself, made once for a basis."""
    known = basis.kept.get("figures")
    if not isinstance(known, Figures):
        known = basis.kept["figures"] = figures(basis, Draft.begin(basis))
    return known


def capacity_of(basis: Basis, draft: Draft) -> pd.Series:
    """Return the capacity by living territory_id, sorted: the version's, a new one's is the mean of those."""
    living = pd.Index(sorted(draft.territories), name=Territories.territory_id, dtype="str")
    return basis.capacity.reindex(living).fillna(basis.new_capacity)


def living_exceptions(draft: Draft) -> dict[str, str]:
    """Return the exceptions to territories that are there; those to one that is gone are none."""
    return {account: name for account, name in draft.exceptions.items() if name in draft.territories}


def _held(basis: Basis, draft: Draft, before: Held | None) -> Held:
    """Return what units and exceptions add up to: only units whose accounts changed are added up again."""
    exceptions = living_exceptions(draft)
    if before is not None and before.exceptions == exceptions and _same(before.channels, draft.channels):
        return before
    same_hours = before is not None and _same(before.channels, draft.channels)
    amounts = before.amounts if before is not None and same_hours else basis.amounts(draft.channels)
    known = basis.accounts.get_indexer(list(exceptions))
    apart = np.sort(known[known >= 0])
    apart_in = np.array([draft.slot_of[exceptions[account]] for account in basis.accounts[apart]], np.int64)
    free = np.ones(len(basis.accounts), bool)
    free[apart] = False
    if before is None:
        accounts = np.flatnonzero(free)
        by_unit = amounts.sums(accounts, basis.unit_of_account[accounts], len(basis.units))
    else:
        touched = _touched(basis, before, exceptions, draft.channels)
        accounts = basis.accounts_in(touched)
        accounts = accounts[free[accounts]]
        by_unit = before.by_unit.copy()
        by_unit[:, touched] = amounts.sums(accounts, np.searchsorted(touched, basis.unit_of_account[accounts]), len(touched))
    return Held(amounts, by_unit, apart, apart_in, exceptions, draft.channels)


def _same(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    return one is other or dict(one) == dict(other)


def _touched(basis: Basis, before: Held, exceptions: Mapping[str, str], channels: Mapping[str, str]) -> np.ndarray:
    """Return the units, ascending, of accounts that became or ceased to be an exception or changed their channel."""
    ids = set(before.exceptions.keys() ^ exceptions.keys())
    ids |= {a for a in before.channels.keys() | channels.keys() if before.channels.get(a) != channels.get(a)}
    known = basis.accounts.get_indexer(list(ids))
    return np.unique(basis.unit_of_account[known[known >= 0]])


def _of_roles(basis: Basis, sums: np.ndarray) -> np.ndarray:
    """Return hours by territory and role, (k, r), in the order of `basis.roles`."""
    others = iter(sums[len(AMOUNTS) :])
    return np.column_stack([sums[1] if role == basis.role else next(others) for role in basis.roles])


def _rows(
    basis: Basis, draft: Draft, living: list[str], slot: np.ndarray, sums: np.ndarray, pieces: np.ndarray, territory: np.ndarray, held: Held
) -> pd.DataFrame:
    """Return the Scorecard's rows, unchecked, in the order of `living`."""
    names = pd.Index(living, name=Territories.territory_id, dtype="str")
    covered = territory[held.amounts.by_weight] >= 0
    whole = float(held.amounts.values[0][held.amounts.by_weight][covered].sum())
    area, length = measured(basis.outline, draft.owner, len(draft.slots))
    columns = dict(zip(AMOUNTS, sums, strict=False))
    columns[Scorecard.accounts] = np.bincount(territory[territory >= 0], minlength=len(draft.slots))[slot]
    columns[Scorecard.units] = np.bincount(draft.owner[draft.owner >= 0], minlength=len(draft.slots))[slot]
    parts, areas, lengths = (pd.Series(values, index=names) for values in (pieces, area[slot], length[slot]))
    return rated(pd.DataFrame(columns, index=names), capacity_of(basis, draft), parts, areas, lengths, whole)


def _parts(basis: Basis, owner: np.ndarray, slots: int) -> tuple[np.ndarray, np.ndarray]:
    """Return pieces and holes by slot: a hole is a part of nobody's or of another territory wholly inside one territory."""
    piece = piece_of_unit(owner, basis.neighbors)
    count = int(piece.max(initial=-1)) + 1
    of_piece = np.full(count, NOBODY)
    of_piece[piece] = owner
    pieces, holes = np.bincount(of_piece[of_piece >= 0], minlength=slots), np.zeros(slots, np.int64)
    if (pieces <= 1).all() and (of_piece >= 0).all():
        return pieces, holes
    apart = stray_units(owner, basis.neighbors, basis.share + LIGHTEST) | (owner < 0)
    row = basis.row_of_neighbor
    inside = apart[row]
    around, of = owner[basis.neighbors.indices[inside]], piece[row[inside]]
    other = (around >= 0) & (around != of_piece[of])
    pairs = np.unique(of[other] * np.int64(slots) + around[other])
    sole = np.bincount(pairs // slots, minlength=count)[pairs // slots] == 1
    return pieces, np.bincount(pairs[sole] % slots, minlength=slots)


def _disruption(basis: Basis, territory: np.ndarray) -> Disruption:
    """Return what changes hands against the version, by account (F22), as `alignment.disruption` does."""
    base = basis.assigned
    moved = territory[base] != basis.version_of_account[base]
    worth, work, top = basis.at_stake
    low, high = (float(worth[moved].sum() * share) for share in SALES_AT_RISK)
    accounts, value, tier, hours = (_moved_share(part, moved) for part in (np.ones(len(base)), worth, top, work))
    return Disruption(len(base), int(moved.sum()), accounts, value, tier, hours, low, high)


def _moved_share(measure: np.ndarray, moved: np.ndarray) -> float | None:
    return float(measure[moved].sum() / measure.sum()) if measure.sum() > 0 else None
