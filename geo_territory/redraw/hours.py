"""Hours by territory and role against the hours there are, and which tiers' calls still fit (F13-F17)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from geo_territory.capacity import coverage_of_tiers, rep_capacity
from geo_territory.policy import Role
from geo_territory.redraw.basis import Basis
from geo_territory.redraw.draft import Draft

FITS = 1.005  # hours of a territory over its capacity up to which its calls fit: half a percent is rounding


@dataclass(frozen=True)
class Team:
    """A role that serves all territories without a person of their own together: hours asked of it and those it has [h/year].

    `capacity` is None where nobody is in the role.
    """

    role: str
    label: str
    hours: float
    capacity: float | None


@dataclass(frozen=True, eq=False)
class HoursByRole:
    """Hours by territory and role; rows in the order of the figures' territories, columns of `roles`.

    `aligned` is the column of the aligned role. `hours` and `capacity` (k, r) [h/year], capacity NaN where nobody is there.
    `shared` (k, r): the capacity is the whole team's. `assumed` (k,): nobody is named on the territory, so one full-time person of
    the aligned role is taken. `covered` (k, t) is the share of each tier's hours of the aligned role that fits (F17), NaN where there
    are none. `teams` are the shared roles.
    """

    roles: tuple[str, ...]
    aligned: int
    labels: tuple[str, ...]
    hours: np.ndarray
    capacity: np.ndarray
    shared: np.ndarray
    assumed: np.ndarray
    covered: np.ndarray
    teams: tuple[Team, ...]

    @property
    def fits(self) -> np.ndarray:
        """Whether the planned calls of the aligned role fit into its hours, (k,) bool; False where nobody's hours are known."""
        return self.hours[:, self.aligned] <= FITS * self.capacity[:, self.aligned]

    @property
    def known(self) -> np.ndarray:
        """Whether the hours of the aligned role are known, (k,) bool."""
        return np.isfinite(self.capacity[:, self.aligned])


def hours_by_role(
    basis: Basis, draft: Draft, living: Sequence[str], hours: np.ndarray, by_tier: np.ndarray, territory: np.ndarray
) -> HoursByRole:
    """Return the hours of territories against their capacity.

    `living` are the territories, `hours` (k, r) what each role needs in the order of `basis.roles`, `by_tier` (k, t) what the
    aligned role needs, `territory` (a,) the position in `living` of each account's territory, negative for none.
    """
    asked = {role.role: role for role in basis.attention.policy.capacity.roles}
    capacity, shared = np.full(hours.shape, np.nan), np.zeros(hours.shape, bool)
    assumed = np.zeros(len(living), bool)
    teams = []
    for column, role in enumerate(basis.roles):
        rule = asked.get(role)
        if role == basis.role:
            taken = {line.rep_id for line in draft.territories.values()}
            named = [tuple(_who(basis, draft, name, taken)) for name in living]
            capacity[:, column], assumed = _of_people(basis, draft, named, rule)
            continue
        capacity[:, column], shared[:, column], whole = _of_team(basis, living, role, rule)
        if shared[:, column].any():
            served = np.append(shared[:, column], False)[territory]
            teams.append(Team(role, _label(rule, role), float(basis.hours_of(role)[served].sum()), None if np.isnan(whole) else whole))
    aligned = capacity[:, basis.roles.index(basis.role)]
    covered = coverage_of_tiers(np.nan_to_num(aligned), by_tier) if len(living) else by_tier
    labels = tuple(_label(asked.get(role), role) for role in basis.roles)
    return HoursByRole(basis.roles, basis.roles.index(basis.role), labels, hours, capacity, shared, assumed, covered, tuple(teams))


def _label(rule: Role | None, role: str) -> str:
    return role if rule is None else rule.label


def _who(basis: Basis, draft: Draft, territory_id: str, taken: set[str]) -> Iterator[str]:
    """Yield the reps of the aligned role on a territory: the one named, and others whose own row names it and no line of the draft.

    The version's rep of the territory, whose place another may have taken, is not one of the others.
    """
    rep = draft.territories[territory_id].rep_id
    if rep:
        yield rep
    before = basis.lines[territory_id].rep_id if territory_id in basis.lines else ""
    yield from (other for other in basis.bound[basis.role].get(territory_id, ()) if other != before and other not in taken)


def _of_people(basis: Basis, draft: Draft, named: list[tuple[str, ...]], rule: Role | None) -> tuple[np.ndarray, np.ndarray]:
    """Return each territory's capacity (k,) and whether it is one assumed person's (k,); a rep of several territories shares out."""
    if rule is None:
        return np.full(len(named), np.nan), np.ones(len(named), bool)
    each = basis.rep_hours[rule.role]
    times: dict[str, int] = {}
    for people in named:
        for rep in people:
            times[rep] = times.get(rep, 0) + 1
    known = [[each[rep] / times[rep] for rep in people if rep in each] for people in named]
    assumed = np.array([not held for held in known], bool)
    return np.array([sum(held) if held else rep_capacity(rule) for held in known], float), assumed


def _of_team(basis: Basis, living: Sequence[str], role: str, rule: Role | None) -> tuple[np.ndarray, np.ndarray, float]:
    """Return each territory's capacity (k,), whether it is the team's (k,), and the team's: of those bound to no territory here."""
    if rule is None:
        return np.full(len(living), np.nan), np.ones(len(living), bool), np.nan
    each, bound = basis.rep_hours[role], basis.bound[role]
    own = {name: [each[rep] for rep in bound.get(name, ())] for name in living}
    placed = {rep for name in living for rep in bound.get(name, ())}
    free = [hours for rep, hours in each.items() if rep not in placed]
    whole = sum(free) if free else np.nan
    capacity = np.array([sum(own[name]) if own[name] else whole for name in living], float)
    return capacity, np.array([not own[name] for name in living], bool), float(whole)
