"""Solving around what was drawn without moving a territory off to another part of the map."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np

from geo_territory.balancing import Problem, Result
from geo_territory.contiguity import piece_of_unit
from geo_territory.redraw.basis import Basis
from geo_territory.redraw.draft import NOBODY, Draft
from geo_territory.redraw.posed import Posed, counted

GIVEN_UP = 3  # territories, at most, for which balance is given up, each at the price of another solve
KEPT = 0.1  # share of its weight a territory must keep at least to be where it was
LEAST_AIM = 1e-6  # of all weight: what a territory that can't have anything aims at


def solved_in_place(
    basis: Basis, draft: Draft, asked: Posed, problem: Problem, tolerance: float, run: Callable[[Problem], Result]
) -> tuple[Result, np.ndarray]:
    """Return an answer to `problem` in which every territory stays where it is, and those it can't balance there, (k,) bool.

    `run` solves. Where the free answer takes a territory off to another place, the middle of each is held and the rest solved
    anew; what still can't be reached is given up for those territories, so that the others share what is left.
    """
    k = len(asked.ids)
    none = np.zeros(k, bool)
    free = run(problem)
    away = _away(asked, _places(basis, draft, asked), free.territory)
    if not away.any():
        return free, none
    shut = none.copy() if problem.locked_territories is None else problem.locked_territories.copy()
    shut |= away & (np.bincount(asked.territory[asked.territory != NOBODY], minlength=k) == 0)
    locked = _held(asked) if problem.locked is None else problem.locked | _held(asked)
    held = dataclasses.replace(problem, locked=locked, locked_territories=shut)
    stuck, found = none.copy(), run(held)
    for _ in range(GIVEN_UP):
        off = np.where(stuck, 0.0, _off(asked, held.capacity, found.territory))
        if off.max() <= tolerance:
            break
        stuck[np.argmax(off)] = True
        held = dataclasses.replace(held, capacity=_shared(asked, problem, found.territory, stuck))
        found = run(held)
    return found, stuck


def why_stuck(basis: Basis, draft: Draft, asked: Posed, stuck: np.ndarray) -> tuple[str, ...]:
    """Return why some territories can't be balanced where they are, each with what to unpin or to move back."""
    called = asked.problem.territory_names or ()
    told = []
    for t in np.flatnonzero(stuck).tolist():
        mine, was_mine = draft.owner == draft.slot_of[asked.ids[t]], basis.owner == draft.slot_of[asked.ids[t]]
        heavy = asked.index(asked.territory)[t] > 100
        drawn = int((mine & ~was_mine).sum() if heavy else (was_mine & ~mine).sum())
        remedy = f"unpin units around {called[t]}"
        if drawn:
            remedy += f", or move some of the {counted(drawn, 'unit')} it {'took' if heavy else 'gave away'} back"
        told.append(f"What is pinned, locked or was moved by hand leaves no balanced way for {called[t]} where it is: {remedy}.")
    return tuple(told)


def _places(basis: Basis, draft: Draft, asked: Posed) -> np.ndarray:
    """Return which territory is at home in each unit, (n,): the draft's, and for one without a unit left the version's too."""
    home = asked.territory.copy()
    have = set(home[home != NOBODY].tolist())
    for t, name in enumerate(asked.ids):
        if t not in have:
            home[basis.owner == draft.slot_of[name]] = t
    return home


def _away(asked: Posed, home: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Return the territories that keep next to nothing of their place, (k,) bool."""
    k = len(asked.ids)
    weight = asked.problem.weight[:, 0] + LEAST_AIM * asked.total / len(home)  # units without any count too
    at_home, stays = home != NOBODY, (home == after) & (home != NOBODY)
    had, kept = (np.bincount(home[where], weight[where], k) for where in (at_home, stays))
    return (had > 0) & (kept < KEPT * had) & np.isin(np.arange(k), after)


def _held(asked: Posed) -> np.ndarray:
    """Return the unit next to the middle of each territory's heaviest piece, (n,) bool."""
    weight, place = asked.problem.weight[:, 0], asked.problem.position
    held = np.zeros(len(weight), bool)
    piece = piece_of_unit(asked.territory, asked.problem.graph)
    heavy = np.bincount(piece, weight) + LEAST_AIM * np.bincount(piece)
    for t in range(len(asked.ids)):
        mine = np.flatnonzero(asked.territory == t)
        if len(mine):
            mine = mine[piece[mine] == piece[mine[np.argmax(heavy[piece[mine]])]]]
            middle = np.average(place[mine], axis=0, weights=weight[mine] if weight[mine].sum() > 0 else None)
            held[mine[np.argmin(((place[mine] - middle) ** 2).sum(axis=1))]] = True
    return held


def _off(asked: Posed, capacity: np.ndarray, owner: np.ndarray) -> np.ndarray:
    """Return how far each territory is from what it aims at, (k,), a fraction."""
    covered = owner != NOBODY
    has = np.bincount(owner[covered], asked.problem.weight[covered, 0], len(capacity))
    return np.where(asked.vacant, 0.0, np.abs(has / (capacity * has.sum() / capacity.sum()) - 1))


def _shared(asked: Posed, problem: Problem, near: np.ndarray, stuck: np.ndarray) -> np.ndarray:
    """Return capacities, (k,), by which stuck territories aim at what they can have and the others share the rest."""
    covered = near != NOBODY
    has = np.bincount(near[covered], asked.problem.weight[covered, 0], len(stuck))
    aims = problem.capacity.copy()
    rest = asked.problem.weight[:, 0].sum() - has[stuck].sum()
    aims[~stuck] *= rest / aims[~stuck].sum()
    aims[stuck] = np.maximum(has[stuck], LEAST_AIM * asked.total)
    return aims
