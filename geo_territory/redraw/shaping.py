"""Territories made, merged, parted and dissolved: each returns the Change that does it, and nothing is left without an owner."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence

import numpy as np
import pandas as pd
import shapely

from geo_territory.balancing.problem import NOBODY as ANYWHERE
from geo_territory.balancing.reshaping import dissolved, halves
from geo_territory.boundaries import PALETTE, shaded
from geo_territory.errors import InfeasibleError
from geo_territory.redraw.basis import Basis
from geo_territory.redraw.draft import NOBODY, Draft
from geo_territory.redraw.edits import Change, TerritoryLine
from geo_territory.redraw.posed import posed, unit_names
from geo_territory.tables import Reps
from geo_territory.units import place_names
from geo_territory.units.coverage import union_by
from geo_territory.units.land import locate_in, positions

NUMBERED = re.compile(r"T(\d+)")  # how a design numbers territories that have no id of their own


def merged(basis: Basis, draft: Draft, from_ids: Sequence[str], into: str) -> Change:
    """Return the change that hands everything of some territories to another one, which keeps its name, colour and rep.

    Named accounts that were promised to a merged territory go along. Raises InfeasibleError, with the remedy, for a territory that is
    not there or locked, or when nothing but `into` itself is to be merged.
    """
    gone = [name for name in dict.fromkeys(from_ids) if name != into]
    if not gone:
        raise InfeasibleError("Two territories are needed to merge: choose another one beside the one that stays.")
    _expect_free(draft, [*gone, into])
    return _handed_over(basis, draft, gone, into)


def split(basis: Basis, draft: Draft, territory_id: str, *, name: str = "") -> Change:
    """Return the change that parts a territory in two contiguous ones of equal weight.

    The part with the rep's base keeps id, name, colour and rep; without a base the part with the town it is named after does, else the
    heavier one. The other part is called `name`, by default after its largest town. Raises InfeasibleError, with the remedy, for a
    territory that is not there or locked, or has fewer than two units.
    """
    _expect_free(draft, [territory_id])
    units = draft.units_of(territory_id)
    if len(units) < 2:
        few = "one unit" if len(units) else "no unit"
        raise InfeasibleError(f"{draft.territories[territory_id].name} has {few}, so it can't be split: give it units first.")
    _expect_unlocked(basis, draft, units)
    asked = posed(basis, draft)
    weight = asked.problem.weight[units, 0]
    base = _base_unit(basis, draft, territory_id, units)
    aside = float(asked.aside[asked.ids.index(territory_id)]) if base != ANYWHERE else 0.0
    graph = asked.problem.graph[units][:, units]
    part = halves(asked.problem.position[units], weight, graph, base, aside)
    towns = _towns(basis, units, part)
    if base == ANYWHERE and _keeps_name(draft.territories[territory_id].name, towns, weight, part) == 1:
        part, towns = 1 - part, towns[::-1]
    return _with_new(basis, draft, units[part == 1], name or towns[1])


def deleted(basis: Basis, draft: Draft, territory_id: str, to: str | None = None) -> Change:
    """Return the change that ends a territory and hands its units to territory `to`, or to its neighbours.

    Without `to` each unit goes to a neighbour that stays in one piece, so that balance suffers least; locked territories take
    none. Named accounts that were promised to it go to `to`, or back to the territory of their unit. Raises InfeasibleError, with
    the remedy, for a territory that is not there or locked, for the last one, and when every other is locked.
    """
    _expect_free(draft, [territory_id])
    others = [name for name in draft.territories if name != territory_id]
    if not others:
        raise InfeasibleError(f"{draft.territories[territory_id].name} is the last territory: add another one before deleting it.")
    if to is not None:
        if to == territory_id:
            raise InfeasibleError(f"{draft.territories[to].name} can't take over from itself: choose another territory.")
        _expect_free(draft, [to])
        return _handed_over(basis, draft, [territory_id], to)
    units = draft.units_of(territory_id)
    _expect_unlocked(basis, draft, units)
    if all(draft.is_locked(name) for name in others):
        name = draft.territories[territory_id].name
        raise InfeasibleError(f"Every other territory is locked, so none can take over from {name}: unlock one.")
    asked = posed(basis, draft, without=territory_id)
    moves = []
    if len(units) and asked.has_takers:
        after = dissolved(asked.problem, asked.territory, units, asked.aside)
        moves = [(units[after[units] == t], asked.ids[t]) for t in np.unique(after[units])]
    elif len(units):
        moves = [(units, next(name for name in others if not draft.is_locked(name)))]
    return _ended(basis, draft, [territory_id], moves, None)


def added(basis: Basis, draft: Draft, units: Sequence[int] | np.ndarray, name: str = "") -> Change:
    """Return the change that makes a new territory of the units at some positions.

    It is called `name`, by default after its largest town. Raises InfeasibleError, with the remedy, when there is no unit or one of
    them is locked.
    """
    chosen = np.unique(np.asarray(units, np.int64))
    if not len(chosen):
        raise InfeasibleError("A new territory needs units: select some first.")
    _expect_unlocked(basis, draft, chosen)
    return _with_new(basis, draft, chosen, name or _towns(basis, chosen, np.zeros(len(chosen), np.int64))[0])


def next_id(draft: Draft) -> str:
    """Return the id of the next new territory: the first number free, T05 after T01…T04; ids of deleted ones are not used again."""
    found = [match[1] for name in draft.slots if (match := NUMBERED.fullmatch(name))]
    digits = max([2, *map(len, found)])
    taken = set(draft.slots)
    return next(name for i in range(1, len(taken) + 2) if (name := f"T{i:0{digits}d}") not in taken)


def free_color(basis: Basis, draft: Draft, units: np.ndarray) -> str:
    """Return a colour #rrggbb for a territory of the units at some positions: one no neighbour has, the one used least."""
    mine = np.zeros(len(draft.owner), bool)
    mine[units] = True
    graph = basis.neighbors
    around = np.unique(graph[units].indices)
    slots = np.unique(draft.owner[around[~mine[around]]])
    taken = {draft.territories[draft.slots[slot]].color.upper() for slot in slots[slots != NOBODY]}
    used = Counter(line.color.upper() for line in draft.territories.values())
    shades = [shaded(number) for number in range(len(PALETTE) * (1 + len(draft.territories) // len(PALETTE)))]
    free = [shade for shade in shades[: len(PALETTE)] if shade.upper() not in taken] or [s for s in shades if s.upper() not in taken]
    return min(free or shades, key=lambda shade: used[shade.upper()])


def _handed_over(basis: Basis, draft: Draft, gone: list[str], to: str) -> Change:
    units = np.concatenate([draft.units_of(name) for name in gone])
    _expect_unlocked(basis, draft, units)
    return _ended(basis, draft, gone, [(units, to)], to)


def _ended(basis: Basis, draft: Draft, gone: list[str], moves: list[tuple[np.ndarray, str]], heir: str | None) -> Change:
    """Return the change that moves units and ends territories; accounts promised to those go to the heir, or to their unit's territory."""
    owner = np.array([*draft.slots, ""], dtype=object)[draft.owner]
    for units, to in moves:
        owner[units] = to
    exceptions: dict[str, tuple[str | None, str | None]] = {}
    for account, name in draft.exceptions.items():
        if name in gone:
            unit = basis.design.unit_id.get(account)
            lies_there = not pd.isna(unit) and owner[draft.ground.position[unit]] == heir
            exceptions[account] = (name, None if lies_there else heir)
    return Change(
        draft.handing(moves), exceptions, {name: (draft.territories[name], None) for name in gone}
    )  # fmt: skip


def _with_new(basis: Basis, draft: Draft, units: np.ndarray, name: str) -> Change:
    """Return the change that makes a territory of the units at some positions."""
    new = next_id(draft)
    line = TerritoryLine(_unlike(name, {line.name for line in draft.territories.values()}), free_color(basis, draft, units))
    return Change(draft.handing([(units, new)]), territories={new: (None, line)})


def _unlike(name: str, taken: Collection[str]) -> str:
    """Return the name, with a number when a territory is called so already."""
    return next(said for i in range(1, len(taken) + 2) if (said := name if i == 1 else f"{name} {i}") not in taken)


def _base_unit(basis: Basis, draft: Draft, territory_id: str, units: np.ndarray) -> int:
    """Return which of the units holds the base of the territory's rep, as a position among them; -1 for none."""
    rep = draft.territories[territory_id].rep_id
    if rep not in basis.reps.index:
        return ANYWHERE
    base = basis.reps.loc[[rep], [Reps.lat, Reps.lon]].astype(float)
    if base.isna().any(axis=None):
        return ANYWHERE
    unit_map = basis.design.unit_map
    return int(locate_in(unit_map.planar[units], shapely.points(positions(base, unit_map.plane)))[0])


def _towns(basis: Basis, units: np.ndarray, part: np.ndarray) -> list[str]:
    """Return the largest town of each part."""
    unit_map = basis.design.unit_map
    _, shapes = union_by(part, unit_map.planar[units])
    return [str(name) for name in place_names(shapes, unit_map.plane)]


def _keeps_name(name: str, towns: list[str], weight: np.ndarray, part: np.ndarray) -> int:
    """Return the part that is called like the territory, else the heavier one, else the first."""
    alike = [i for i in (0, 1) if towns[i] == name]
    return alike[0] if alike else int(weight[part == 1].sum() > weight[part == 0].sum())


def _expect_free(draft: Draft, names: Iterable[str]) -> None:
    """Raise InfeasibleError for a territory that is not there or locked."""
    for name in names:
        if name not in draft.territories:
            raise InfeasibleError(f"There is no territory {name} any more: look at the map again.")
        if draft.is_all_locked:
            raise InfeasibleError("Everything is locked: unlock it first.")
        if draft.is_locked(name):
            raise InfeasibleError(f"{draft.territories[name].name} is locked: unlock it first.")


def _expect_unlocked(basis: Basis, draft: Draft, units: np.ndarray) -> None:
    """Raise InfeasibleError naming the territory or the first unit that is locked."""
    locked = units[draft.locked_units()[units]]
    if len(locked):
        _expect_free(draft, [name for name in dict.fromkeys(draft.owner_of(int(unit)) for unit in locked) if name])
        name, more = unit_names(basis)[locked[0]], len(locked) - 1
        raise InfeasibleError(f"{name} and {more:,} more are locked: unlock them first." if more else f"{name} is locked: unlock it first.")
