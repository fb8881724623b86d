"""Everything that stays while a draft is edited, made ready once: arrays by unit and by account of the version it starts from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
from scipy import sparse

from geo_territory.alignment import territory_of_account
from geo_territory.attention import Attention
from geo_territory.capacity import rep_capacity
from geo_territory.design import Design
from geo_territory.holdings import account_amounts, added_up
from geo_territory.redraw.edits import TerritoryLine
from geo_territory.tables import Reps, Scorecard, Territories, Tiers
from geo_territory.units import neighbor_matrix
from geo_territory.units.outline import Outline, outline_of

AMOUNTS = (Scorecard.weight, Scorecard.workload, Scorecard.travel_hours, Scorecard.value)
EQUAL = 1e-9  # of a target, by how much targets may differ and still be equal


@dataclass(frozen=True, eq=False)
class Amounts:
    """What each account on the map adds to its territory, in the order of `Basis.accounts`.

    `values` (m, a) holds a row for each of AMOUNTS, then hours [h/year] of every role but the aligned one; `tier` (a,) is the
    position of the account's tier; `by_weight` (a,) sorts accounts by weight.
    """

    values: np.ndarray
    tier: np.ndarray
    tiers: int

    @property
    def rows(self) -> int:
        """The number of sums made of them: the values, accounts by tier, hours of the aligned role by tier."""
        return len(self.values) + 2 * self.tiers

    @cached_property
    def by_weight(self) -> np.ndarray:
        """The accounts from the lightest to the heaviest, (a,) int."""
        return np.argsort(self.values[0], kind="stable")

    def sums(self, accounts: np.ndarray, group: np.ndarray, groups: int) -> np.ndarray:
        """Return the sums (rows, groups) of the accounts at some positions (m,), each in its group (m,) int in 0…groups-1."""
        tier = self.tier[accounts]
        hours = self.values[1][accounts]
        place = tier * groups + group
        known = tier >= 0
        counts = np.bincount(place[known], minlength=self.tiers * groups).astype(float)
        by_tier = added_up(place[known], hours[known], self.tiers * groups)
        plain = [added_up(group, value[accounts], groups) for value in self.values]
        return np.vstack([*plain, counts.reshape(self.tiers, groups), by_tier.reshape(self.tiers, groups)])


@dataclass(frozen=True, eq=False)
class Basis:
    """A version with everything that stays while it is redrawn; never written to, so any number of sessions share it.

    `units` are the unit_ids, sorted; `territories` the version's, sorted: position is slot. `owner` (n,) int32 is the version's
    slot of each unit, -1 for nobody. `capacity` by territory_id. `lines` say name, colour and rep by territory_id. `exceptions` and
    `channels` are the version's. `accounts` are those on the map, sorted, in units at the positions `unit_of_account` (a,), worth
    `value` (a,) [currency/year], of tier `tiers[tier]` (a,). `outline` and `neighbors` describe the units. `off_map` accounts are
    in no unit and stay out of everything. `roles` are the policy's, `role` the aligned one.
    """

    design: Design
    reps: pd.DataFrame
    units: pd.Index
    territories: pd.Index
    owner: np.ndarray
    capacity: pd.Series
    lines: Mapping[str, TerritoryLine]
    exceptions: Mapping[str, str]
    channels: Mapping[str, str]
    accounts: pd.Index
    unit_of_account: np.ndarray
    version_of_account: np.ndarray
    value: np.ndarray
    tier: np.ndarray
    tiers: tuple[str, ...]
    role: str
    roles: tuple[str, ...]
    neighbors: sparse.csr_array
    outline: Outline
    off_map: int
    plain: Amounts
    _by_channel: dict[str, np.ndarray] = field(default_factory=dict)
    kept: dict[str, object] = field(default_factory=dict)

    @property
    def attention(self) -> Attention:
        """The attention as the call patterns say it, without other channels for single accounts."""
        return self.design.attention.plain

    @property
    def planar(self) -> np.ndarray:
        """The shapes of the units on the equal-area plane [m], (n,)."""
        return self.design.unit_map.planar

    @cached_property
    def new_capacity(self) -> float:
        """The capacity of a territory that the version lacks: the mean of the version's."""
        return float(self.capacity.mean()) if len(self.capacity) else 1.0

    @cached_property
    def totals(self) -> np.ndarray:
        """What the accounts in each unit add up to in the version, (rows, n), wherever they belong: rows as in `Amounts.sums`."""
        amounts = self.amounts(self.channels)
        return amounts.sums(np.arange(len(self.accounts)), self.unit_of_account, len(self.units))

    @property
    def weight(self) -> np.ndarray:
        """What is balanced, by unit, (n,)."""
        return self.totals[0]

    @property
    def hours(self) -> np.ndarray:
        """Hours of the aligned role by unit, (n,) [h/year]."""
        return self.totals[1]

    @property
    def unit_value(self) -> np.ndarray:
        """Value by unit, (n,) [currency/year]."""
        return self.totals[3]

    @property
    def accounts_by_tier(self) -> np.ndarray:
        """Number of accounts by unit and tier, (n, t) int."""
        first = len(self.plain.values)
        return self.totals[first : first + len(self.tiers)].T.astype(np.int64)

    @cached_property
    def share(self) -> np.ndarray:
        """The share of all weight in each unit, (n,)."""
        total = self.weight.sum()
        return self.weight / total if total > 0 else np.zeros(len(self.units))

    @cached_property
    def row_of_neighbor(self) -> np.ndarray:
        """The unit that each stored entry of `neighbors` is a neighbour of, (p,) int."""
        return np.repeat(np.arange(len(self.units)), np.diff(self.neighbors.indptr))

    @cached_property
    def assigned(self) -> np.ndarray:
        """The accounts that have a territory in the version, (b,) int."""
        return np.flatnonzero(self.version_of_account >= 0)

    @cached_property
    def at_stake(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Value, hours of the aligned role, and 1 for the top tier, of the accounts that have a territory in the version, (b,) each."""
        base = self.assigned
        return self.value[base], self.amounts(self.channels).values[1][base], (self.tier[base] == 0).astype(float)

    @cached_property
    def accounts_of_unit(self) -> tuple[np.ndarray, np.ndarray]:
        """(start, order): the accounts of unit u are `order[start[u]:start[u + 1]]`, ascending."""
        order = np.argsort(self.unit_of_account, kind="stable")
        start = np.concatenate([[0], np.cumsum(np.bincount(self.unit_of_account, minlength=len(self.units)))])
        return start, order

    def accounts_in(self, units: np.ndarray) -> np.ndarray:
        """Return the positions of the accounts in units at some positions, ascending."""
        start, order = self.accounts_of_unit
        return np.sort(np.concatenate([order[start[u] : start[u + 1]] for u in units])) if len(units) else np.empty(0, np.int64)

    def amounts(self, channels: Mapping[str, str]) -> Amounts:
        """Return what each account adds when the visits of some are made by another channel, by account_id (F11)."""
        if not channels:
            return self.plain
        values = self.plain.values.copy()
        for channel in sorted(set(channels.values())):
            mine = self.accounts.get_indexer([account for account, by in channels.items() if by == channel])
            mine = mine[mine >= 0]
            hours = self.hours_by(channel)[:, mine]
            values[1:3, mine] = hours
            if self.design.policy.balance == "workload":
                values[0, mine] = hours[0]
        return Amounts(values, self.plain.tier, self.plain.tiers)

    def hours_of(self, role: str) -> np.ndarray:
        """Return the hours [h/year] of each account by a role other than the aligned one, (a,)."""
        others = [name for name in self.roles if name != self.role]
        return self.plain.values[len(AMOUNTS) + others.index(role)]

    @cached_property
    def rep_hours(self) -> dict[str, dict[str, float]]:
        """The hours a year of each rep (F14), by role and rep_id, sorted."""
        rules = {role.role: role for role in self.attention.policy.capacity.roles}
        hours: dict[str, dict[str, float]] = {role: {} for role in self.roles}
        people = self.reps[self.reps[Reps.role].isin(list(rules))].sort_index()
        for rep, role, fte, leave in zip(people.index, people[Reps.role], people[Reps.fte], people[Reps.leave_days], strict=True):
            hours[role][rep] = rep_capacity(rules[role], fte, leave)
        return hours

    @cached_property
    def bound(self) -> dict[str, dict[str, list[str]]]:
        """The reps whose own row names a territory, by role and territory_id, sorted."""
        named: dict[str, dict[str, list[str]]] = {role: {} for role in self.roles}
        people = self.reps.dropna(subset=[Reps.territory_id]).sort_index()
        for rep, role, territory in zip(people.index, people[Reps.role], people[Reps.territory_id], strict=True):
            named.setdefault(role, {}).setdefault(territory, []).append(rep)
        return named

    def hours_by(self, channel: str) -> np.ndarray:
        """Return hours and travel hours (2, a) of each account if its visits of the aligned role were made by a channel."""
        if channel not in self._by_channel:
            instead = self.attention.with_channels(dict.fromkeys(self.accounts, channel))
            of_all = account_amounts(instead, self.design.policy.balance, self.role)
            mine = instead.tiers.index.get_indexer(self.accounts)
            self._by_channel[channel] = np.vstack([of_all[name][mine] for name in (Scorecard.workload, Scorecard.travel_hours)])
        return self._by_channel[channel]


def basis_of(design: Design, reps: pd.DataFrame, lines: pd.DataFrame) -> Basis:
    """Return what a draft of a saved design is edited on.

    `reps` is a Reps table; `lines` holds Territories with a `rep_id` column or without: where a territory has none on record, the
    first rep of the aligned role whose own row names the territory works it.
    """
    attention, asked, units = design.attention.plain, design.policy, design.unit_map.units.index
    on_map = design.unit_id.notna().to_numpy()
    accounts = design.unit_id.index[on_map]
    names = design.scorecard.index.sort_values()
    labels = attention.policy.tier_rule.labels
    tier = attention.tiers[Tiers.tier]
    tiers = (*labels, *sorted(set(tier) - set(labels)))
    territory = territory_of_account(design.unit_id[on_map], design.alignment, design.exceptions)
    roles = tuple(role.role for role in attention.policy.capacity.roles)
    roles = roles if asked.role in roles else (asked.role, *roles)
    plain = _amounts(design, tier.map({label: i for i, label in enumerate(tiers)}).to_numpy(np.int64), on_map, roles, len(tiers))
    return Basis(
        design=design,
        reps=Reps.check(reps),
        units=units,
        territories=names,
        owner=names.get_indexer(design.alignment.territory_of.reindex(units)).astype(np.int32),
        capacity=_capacity(design),
        lines=_lines(lines, names, reps, asked.role),
        exceptions=dict(design.exceptions),
        channels=dict(design.attention.channels),
        accounts=accounts,
        unit_of_account=units.get_indexer(design.unit_id[on_map]),
        version_of_account=names.get_indexer(territory),
        value=attention.value.fillna(0.0).to_numpy(float)[on_map],
        tier=plain.tier,
        tiers=tiers,
        role=asked.role,
        roles=roles,
        neighbors=neighbor_matrix(design.unit_map),
        outline=outline_of(design.unit_map),
        off_map=int((~on_map).sum()),
        plain=plain,
    )


def _amounts(design: Design, tier: np.ndarray, on_map: np.ndarray, roles: tuple[str, ...], tiers: int) -> Amounts:
    """Return what each account on the map adds, as the call patterns say it."""
    attention, asked = design.attention.plain, design.policy
    mine = account_amounts(attention, asked.balance, asked.role)
    others = [attention.hours(role).to_numpy(float) for role in roles if role != asked.role]
    values = np.vstack([*(mine[name] for name in AMOUNTS), *others])
    return Amounts(np.ascontiguousarray(values[:, on_map]), tier[on_map], tiers)


def _capacity(design: Design) -> pd.Series:
    """Return the capacity by territory_id: as kept, else what the targets say, equal where they are."""
    if design.capacity is not None:
        return design.capacity.sort_index()
    target = design.scorecard[Scorecard.target].sort_index()
    apart = target.max() - target.min() if len(target) else 0.0
    return pd.Series(1.0, index=target.index) if apart <= EQUAL * target.max() else target.rename(None)


def _lines(lines: pd.DataFrame, names: pd.Index, reps: pd.DataFrame, role: str) -> dict[str, TerritoryLine]:
    """Return name, colour and rep of each territory."""
    mine = reps[reps[Reps.role] == role].sort_index()
    bound = mine.reset_index().dropna(subset=[Reps.territory_id]).drop_duplicates(Reps.territory_id).set_index(Reps.territory_id)
    works = bound[Reps.rep_id].reindex(names)
    if Reps.rep_id in lines.columns:
        works = lines[Reps.rep_id].reindex(names).where(lambda known: known.notna(), works)
    name, color = lines[Territories.name].reindex(names), lines[Territories.color].reindex(names)
    return {
        territory: TerritoryLine(str(said), str(fill), rep if isinstance(rep, str) else "")
        for territory, said, fill, rep in zip(names, name, color, works, strict=True)
    }
