"""Repairs for any alignment, hand-drawn ones too: what is wrong with it, and the cheapest moves that put it right.

Faults are pieces (a part of a territory apart from its heaviest part), holes (units nobody covers, or a part of a territory
wholly inside one other) and breaches (a territory outside the tolerance). A whole territory inside another, a city in its
countryside, is none. Moves keep to locked units and forbidden pairs.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from geo_territory.balancing.explain import cap, told_over
from geo_territory.balancing.problem import NOBODY, Problem
from geo_territory.balancing.reasons.joints import mark
from geo_territory.balancing.repairs.peel import peel
from geo_territory.contiguity import piece_of_unit, stray_units

BAND = 0.15  # accepted imbalance of territories drawn by hand: the 85-115 band (F19)
Moves = list[tuple[np.ndarray, int]]  # units and the territory they go to


@dataclass(frozen=True)
class Effect:
    """What a repair does to one territory: weight over target, minus 1, and pieces, each before and after."""

    territory: int
    over: tuple[float, float]
    pieces: tuple[int, int]


@dataclass(frozen=True, eq=False)
class Offer:
    """Moves that remove one fault and part no territory.

    weight: share of all weight that moves. effects: on each territory that gives or takes. clean: no territory leaves the
    tolerance by it. sentence: all of that for a person.
    """

    moves: tuple[tuple[np.ndarray, int], ...]
    weight: float
    effects: tuple[Effect, ...]
    clean: bool
    sentence: str


@dataclass(frozen=True, eq=False)
class Fault:
    """Something wrong with an alignment. kind: piece, hole or breach. territory: whose, -1 for units nobody covers.

    units: where. sentence: what is wrong. offers: the cheapest first; empty when no neighbour can take or give enough, then
    solve again from here.
    """

    kind: str
    territory: int
    units: np.ndarray
    sentence: str
    offers: tuple[Offer, ...]


def repair_offers(
    problem: Problem,
    territory: np.ndarray,
    tolerance: float = BAND,
    at_most: int = 3,
    *,
    aside: np.ndarray | None = None,
    only: Collection[int] | None = None,
) -> list[Fault]:
    """Return the faults of an alignment (n,), -1 for units nobody covers, each with up to `at_most` repairs, the cheapest first.

    tolerance: accepted imbalance, in (0, 1). A repair that leaves every territory within it comes before one that doesn't; then
    less weight comes before more, then what is better balanced. aside: (k,) weight each territory holds whatever its units are,
    in the unit of `weight`. only: territories, and -1 for units nobody covers, to look at; all by default.
    Raises ValueError when the problem has no neighbors.
    """
    if problem.neighbors is None:
        raise ValueError("Expected neighbors: without them no territory has pieces.")
    scene = _Scene(problem, np.asarray(territory, np.int64), tolerance, aside, only)
    return [
        Fault(kind, t, units, sentence, tuple(_best(scene, scene.checked(options, units if kind != "breach" else None, t), at_most)))
        for kind, t, units, sentence, options in (*_parts(scene), *_breaches(scene))
    ]


class _Scene:
    """An alignment with what is asked of it, as arrays for the kernels."""

    def __init__(
        self, problem: Problem, territory: np.ndarray, tolerance: float, aside: np.ndarray | None, only: Collection[int] | None
    ) -> None:
        graph, k = problem.neighbors, problem.territories
        self.problem, self.territory, self.tolerance, self.graph = problem, territory, tolerance, graph
        self.indptr, self.indices = graph.indptr.astype(np.int64), graph.indices.astype(np.int64)  # type: ignore[union-attr]
        self.row = np.repeat(np.arange(len(territory)), np.diff(self.indptr))
        self.share, self.aside = problem.share.mean(1), np.zeros(k)
        self.only = only
        if aside is not None:
            whole = float(problem.weight[:, 0].sum())
            self.share, self.aside = self.share * (whole / (whole + aside.sum())), aside / (whole + aside.sum())
        self.held = self._held(territory)
        self.target = problem.target * max(self.held.sum(), 1e-300)
        self.free = ~problem.held
        shut = problem.locked_territories
        self.open = np.ones(k, bool) if shut is None else ~shut
        self.free &= self.open[territory] | (territory < 0)
        self.pieces = _Counted(lambda t: self._pieces(territory, t))
        pairs = np.empty((0, 2), np.int64) if problem.forbidden is None else problem.forbidden
        self.barred = set(map(tuple, pairs.tolist()))

    def _held(self, territory: np.ndarray) -> np.ndarray:
        known = territory >= 0
        return self.aside + np.bincount(territory[known], self.share[known], self.problem.territories)

    def looked_at(self, t: int) -> bool:
        """Return whether the faults of a territory, -1 for units nobody covers, are asked for."""
        return self.only is None or t in self.only

    def _pieces(self, territory: np.ndarray, t: int) -> int:
        return mark(self.indptr, self.indices, territory, t, np.zeros(len(territory), np.bool_))

    def over(self, held: np.ndarray) -> np.ndarray:
        """Return weight over target, minus 1, (k,); targets share out what is covered (F19)."""
        return held / (self.problem.target * max(held.sum(), 1e-300)) - 1

    def beside(self, units: np.ndarray) -> np.ndarray:
        """Return the territories next to `units`, other than their own, that may take units."""
        inside = np.zeros(len(self.territory), bool)
        inside[units] = True
        around = self.territory[self.indices[inside[self.row]]]
        found = np.unique(around[(around >= 0) & (around != self.territory[units[0]])])
        return found[self.open[found]]

    def named(self, t: int) -> str:
        """Return what a person calls a territory."""
        return self.problem.name_of_territory(t)

    def checked(self, options: Iterator[Moves], apart: np.ndarray | None, owner: int) -> Iterator[Offer]:
        """Yield the options that remove the fault (units `apart`, or the breach of `owner`) and part no territory."""
        before = self.over(self.held)
        for moves in options:
            after = self.territory.copy()
            for units, to in moves:
                after[units] = to
            units = np.concatenate([units for units, _ in moves])
            if (
                not self.free[units].all()
                or not self.open[after[units]].all()
                or any((int(u), int(after[u])) in self.barred for u in units)
            ):
                continue
            touched = sorted({*self.territory[units].tolist(), *after[units].tolist()} - {NOBODY})
            pieces = {t: self._pieces(after, t) for t in touched}
            if any(pieces[t] > max(self.pieces[t], 1) or pieces[t] == 0 for t in touched):
                continue
            if apart is not None and owner >= 0 and (pieces[owner] if owner in pieces else self.pieces[owner]) >= self.pieces[owner]:
                continue
            over = self.over(self._held(after))
            if apart is None and abs(over[owner]) > self.tolerance:
                continue
            effects = tuple(Effect(t, (before[t], over[t]), (self.pieces[t], pieces[t])) for t in touched)
            clean = bool(((np.abs(over) <= self.tolerance) | (np.abs(before) > self.tolerance)).all())
            sentence = _sentence(self, moves, effects)
            yield Offer(tuple(moves), float(self.share[units].sum()), effects, clean, sentence)


class _Counted(dict[int, int]):
    """What a function says of each territory, asked when it is first looked at."""

    def __init__(self, count: Callable[[int], int]) -> None:
        super().__init__()
        self.count = count

    def __missing__(self, t: int) -> int:
        self[t] = self.count(t)
        return self[t]


def _best(scene: _Scene, offers: Iterator[Offer], at_most: int) -> list[Offer]:
    """Return the cheapest offers: clean ones, then little weight, then good balance; the same moves once."""

    def key(offer: Offer) -> tuple[bool, float, float]:
        return not offer.clean, round(offer.weight, 9), sum(abs(effect.over[1]) for effect in offer.effects)

    found = {tuple(sorted((int(u), to) for units, to in offer.moves for u in units)): offer for offer in offers}
    return sorted(found.values(), key=key)[:at_most]


def _parts(scene: _Scene) -> Iterator[tuple[str, int, np.ndarray, str, Iterator[Moves]]]:
    """Yield the pieces and holes: (kind, territory, units, sentence, options)."""
    territory = scene.territory
    piece = piece_of_unit(territory, scene.graph)
    apart = stray_units(territory, scene.graph, scene.share + 1e-9) | (territory < 0)
    apart |= (territory < 0) & (territory.max(initial=-1) < 0)
    for number in np.unique(piece[apart]):
        units = np.flatnonzero(piece == number)
        t, beside = int(territory[units[0]]), scene.beside(units)
        if not scene.looked_at(t):
            continue
        count = f"{len(units)} {'unit' if len(units) == 1 else 'units'} at {scene.problem.name_of_unit(int(units[0]))}"
        if t < 0:
            yield "hole", t, units, f"Nobody covers {count}.", _filled(scene, units, beside)
        elif len(beside) == 1:
            inside = f"{cap(scene.named(t))} has {count} inside {scene.named(int(beside[0]))}."
            yield "hole", t, units, inside, _joined(scene, t, units, beside)
        else:
            yield "piece", t, units, f"{cap(scene.named(t))} is apart: {count}.", _joined(scene, t, units, beside)


def _filled(scene: _Scene, units: np.ndarray, beside: np.ndarray) -> Iterator[Moves]:
    """Yield ways to cover units: all to one neighbour, or each to the nearest of several."""
    for t in beside:
        yield [(units, int(t))]
    if len(beside) > 1:
        shared = scene.territory.copy()
        waiting = units
        while len(waiting):
            touching = [u for u in waiting if (shared[scene.indices[scene.indptr[u] : scene.indptr[u + 1]]] >= 0).any()]
            if not touching:
                return
            for u in touching:
                around = shared[scene.indices[scene.indptr[u] : scene.indptr[u + 1]]]
                options = np.unique(around[around >= 0])
                held = scene._held(shared)
                shared[u] = options[np.argmin(held[options] / scene.target[options])]
            waiting = waiting[shared[waiting] < 0]
        yield [(units[shared[units] == t], int(t)) for t in np.unique(shared[units])]


def _joined(scene: _Scene, t: int, units: np.ndarray, beside: np.ndarray) -> Iterator[Moves]:
    """Yield ways to end a piece: hand it to a neighbour, or give the territory the way between."""
    for receiver in beside:
        yield [(units, int(receiver))]
    way = _way_home(scene, t, units)
    if len(way):
        yield [(way, t)]


def _way_home(scene: _Scene, t: int, units: np.ndarray) -> np.ndarray:
    """Return the units of others on the lightest way from the piece to the rest of its territory; empty without one."""
    mine = scene.territory == t
    price = np.where(mine, 1e-12, scene.share + 1e-6)
    use = (scene.free | mine)[scene.indices] & (scene.free | mine)[scene.row]
    graph = sparse.csr_array((price[scene.indices[use]], (scene.row[use], scene.indices[use])), shape=(len(mine), len(mine)))
    rest = np.setdiff1d(np.flatnonzero(mine), units)
    distance, before, _ = csgraph.dijkstra(graph, indices=units, min_only=True, return_predecessors=True)
    end = rest[np.argmin(distance[rest])]
    if not np.isfinite(distance[end]):
        return rest[:0]
    way = [int(end)]
    while before[way[-1]] >= 0:
        way.append(int(before[way[-1]]))
    return np.array([u for u in sorted(way) if not mine[u]], dtype=np.int64)


def _breaches(scene: _Scene) -> Iterator[tuple[str, int, np.ndarray, str, Iterator[Moves]]]:
    """Yield the territories outside the tolerance, the farthest first: (kind, territory, units, sentence, options)."""
    over = scene.over(scene.held)
    for t in np.argsort(-np.abs(over), kind="stable"):
        units = np.flatnonzero(scene.territory == t)
        if abs(over[t]) > scene.tolerance and len(units) and scene.looked_at(int(t)):
            sentence = f"{cap(scene.named(int(t)))} is {told_over(over[t])}, more than the {100 * scene.tolerance:g} % accepted."
            yield "breach", int(t), units, sentence, _balanced(scene, int(t), over[t] > 0)


def _balanced(scene: _Scene, t: int, gives: bool) -> Iterator[Moves]:
    """Yield ways to bring a territory into the band: units to or from one neighbour, or several in turn."""
    beside = scene.beside(np.flatnonzero(scene.territory == t))
    rooms = {int(other): _room(scene, scene.held, (t, int(other)) if gives else (int(other), t)) for other in beside}
    for other in beside:
        units = _peeled(scene, scene.territory.copy(), *((t, int(other)) if gives else (int(other), t)), *rooms[int(other)])
        if len(units):
            yield [(units, int(other) if gives else t)]
    drawn, held, moves = scene.territory.copy(), scene.held, []
    for other in sorted(rooms, key=lambda one: -rooms[one][1]):
        pair = (t, other) if gives else (other, t)
        need, most = _room(scene, held, pair)
        units = _peeled(scene, drawn, *pair, min(need, most), most) if need > 0 else np.empty(0, np.int64)
        if len(units):
            moves.append((units, pair[1]))
            held = scene._held(drawn)
    if len(moves) > 1:
        yield moves


def _room(scene: _Scene, held: np.ndarray, pair: tuple[int, int]) -> tuple[float, float]:
    """Return (share that must go from giver to receiver, share that may go) so that what is within the band stays there."""
    giver, receiver = pair
    low, high = scene.target * (1 - scene.tolerance), scene.target * (1 + scene.tolerance)
    need = max(held[giver] - high[giver], low[receiver] - held[receiver])
    return need + 1e-12, min(held[giver] - low[giver], high[receiver] - held[receiver])


def _peeled(scene: _Scene, drawn: np.ndarray, giver: int, receiver: int, need: float, most: float) -> np.ndarray:
    """Move units in `drawn` and return them; none when `most` is less than a move would take."""
    if most <= 0 or not scene.open[giver]:
        return np.empty(0, np.int64)
    free = scene.free.copy()
    free[[u for u, to in scene.barred if to == receiver]] = False
    return peel(scene.indptr, scene.indices, drawn, scene.share, scene.problem.position, free, giver, receiver, need, most)


def _sentence(scene: _Scene, moves: Moves, effects: tuple[Effect, ...]) -> str:
    """Return a repair in words: what moves, and the index of each territory before and after."""
    parts = []
    for units, to in moves:
        givers = [scene.named(int(t)) for t in np.unique(scene.territory[units]) if t >= 0]
        whose = f" of {' and '.join(givers)}" if givers else ""
        parts.append(f"{len(units)} {'unit' if len(units) == 1 else 'units'}{whose} to {scene.named(to)}")
    index = [f"{scene.named(e.territory)} goes from {100 + 100 * e.over[0]:.0f} to {100 + 100 * e.over[1]:.0f}" for e in effects]
    return f"Hand {', '.join(parts)}: {', '.join(index)}."
