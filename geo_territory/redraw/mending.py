"""What is wrong with a draft, where it is, and repairs that one click makes: pieces, holes, units nobody covers, breaches of the band."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from geo_territory.balancing.repairs.offers import BAND, Offer, repair_offers
from geo_territory.balancing.repairs.offers import Fault as Found
from geo_territory.redraw.basis import Basis
from geo_territory.redraw.draft import NOBODY, Draft
from geo_territory.redraw.edits import NOBODY_ID
from geo_territory.redraw.posed import Posed, counted, posed, unit_names

UNCOVERED = "uncovered"


@dataclass(frozen=True)
class Side:
    """What moves do to one territory: its index [points], None without a target, and its pieces, each before and after."""

    territory: str
    index: tuple[float | None, float | None]
    pieces: tuple[int, int]


@dataclass(frozen=True)
class Repair:
    """Moves that remove one fault and part no territory.

    moves: (positions of units, territory_id). weight changes hands. clean: no territory leaves the band by it. told: all of that in a
    sentence.
    """

    moves: tuple[tuple[tuple[int, ...], str], ...]
    weight: float
    sides: tuple[Side, ...]
    clean: bool
    told: str


@dataclass(frozen=True)
class Fault:
    """Something wrong with a draft.

    kind: piece, hole, uncovered or breach; territory: whose, None for units nobody covers; units: positions; box: west, south, east and
    north of them [degree]; told: what is wrong; repairs: up to three, the cheapest first, none where locks or neighbours leave no way.
    """

    kind: str
    territory: str | None
    units: tuple[int, ...]
    box: tuple[float, float, float, float]
    told: str
    repairs: tuple[Repair, ...]


def faults(basis: Basis, draft: Draft, tolerance: float = BAND, *, only: Collection[str] | None = None) -> tuple[Fault, ...]:
    """Return what is wrong with a draft, each fault with up to three repairs.

    `tolerance` in (0, 1) is the accepted imbalance, by default the 85-115 band (F19). `only` names the territories to look at, "" the
    units nobody covers: sooner than all. Locks are kept to, and an account in another territory than its unit counts for that one.
    """
    asked = posed(basis, draft)
    number = {name: i for i, name in enumerate(asked.ids)} | {NOBODY_ID: NOBODY}
    chosen = None if only is None else {number[name] for name in only if name in number}
    found = repair_offers(asked.problem, asked.territory, tolerance, aside=asked.aside, only=chosen)
    teller = Teller(basis, asked, tolerance)
    return tuple(teller.fault(one) for one in found if not (one.kind == "breach" and asked.vacant[one.territory]))


def box_of(basis: Basis, units: Sequence[int] | np.ndarray) -> tuple[float, float, float, float]:
    """Return west, south, east and north [degree] of the units at some positions."""
    shapes = basis.design.unit_map.units.geometry.to_numpy()[np.asarray(units, np.int64)]
    west, south, east, north = shapely.total_bounds(shapes).tolist()
    return west, south, east, north


class Teller:
    """Says what was found in words, and by the ids of a draft."""

    def __init__(self, basis: Basis, asked: Posed, tolerance: float) -> None:
        self.basis, self.asked, self.units = basis, asked, unit_names(basis)
        self.names = asked.problem.territory_names or ()
        self.low, self.high = 100 - 100 * tolerance, 100 + 100 * tolerance

    def fault(self, found: Found) -> Fault:
        """Return a fault with its repairs."""
        kind = UNCOVERED if found.territory < 0 else found.kind
        whose = None if found.territory < 0 else self.asked.ids[found.territory]
        repairs = tuple(self.repair(offer, found.territory) for offer in found.offers)
        return Fault(kind, whose, tuple(found.units.tolist()), box_of(self.basis, found.units), self.said(found, kind), repairs)

    def said(self, found: Found, kind: str) -> str:
        """Return what is wrong in a sentence."""
        where = self.units[found.units[np.argmax(self.asked.problem.weight[found.units, 0])]]
        some = counted(len(found.units), "unit")
        if kind == UNCOVERED:
            accounts = len(self.basis.accounts_in(found.units))
            return f"Nobody covers {some} at {where}" + (f", with {counted(accounts, 'account')}." if accounts else ".")
        name = self.names[found.territory]
        if kind == "hole":
            graph, owner = self.asked.problem.graph, self.asked.territory
            around = owner[graph[found.units].indices]
            inside = around[(around >= 0) & (around != found.territory)][0]
            return f"{some} of {name} at {where} {_are(found.units, 'lie')} inside {self.names[inside]}."
        if kind == "piece":
            return f"{some} of {name} at {where} {_are(found.units, 'lie')} apart from the rest."
        index = self.asked.index(self.asked.territory)[found.territory]
        side = f"above the band, which ends at {self.high:.0f}" if index > 100 else f"below the band, which begins at {self.low:.0f}"
        return f"{name} has index {index:.0f}, {side}."

    def repair(self, offer: Offer, whose: int) -> Repair:
        """Return an offer that mends a fault of a territory, by number."""
        ids, total = self.asked.ids, self.asked.total
        moves = tuple((tuple(np.sort(units).tolist()), ids[to]) for units, to in offer.moves)
        sides = []
        for effect in offer.effects:
            before, after = (None if self.asked.vacant[effect.territory] else 100 + 100 * over for over in effect.over)
            sides.append(Side(ids[effect.territory], (before, after), effect.pieces))
        leaving = [self.names[ids.index(s.territory)] for s in sides if self.inside(s.index[0]) and not self.inside(s.index[1])]
        parts = [self.move(np.asarray(units), to, whose) for units, to in offer.moves]
        told = f"{_listed(parts)}: {self.effects(sides)}."
        if leaving:
            told += f" {_listed(leaving)} would leave the band."
        return Repair(moves, offer.weight * total, tuple(sides), offer.clean, told[:1].upper() + told[1:])

    def inside(self, index: float | None) -> bool:
        """Return whether an index is in the band, or there is none."""
        return index is None or self.low - 1e-9 <= index <= self.high + 1e-9

    def move(self, units: np.ndarray, to: int, whose: int) -> str:
        """Return one move in words: taken by the territory that has the fault, else given to another."""
        some = self.units[units[0]] if len(units) == 1 else counted(len(units), "unit")
        givers = np.unique(self.asked.territory[units])
        if to == whose and (givers >= 0).all():
            return f"take {some} from {_listed([self.names[t] for t in givers])}"
        return f"give {some} to {self.names[to]}"

    def effects(self, sides: Sequence[Side]) -> str:
        """Return what happens to the index of each side."""
        return ", ".join(
            f"{self.names[self.asked.ids.index(side.territory)]} {side.index[0]:.0f} → {side.index[1]:.0f}"
            for side in sides
            if side.index[0] is not None
        )


def _are(units: np.ndarray, verb: str) -> str:
    return verb if len(units) > 1 else f"{verb}s"


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
