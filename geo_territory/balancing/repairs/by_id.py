"""One-click repairs of an alignment by the ids of its tables: moves that a draft can take as they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo_territory.alignment import Alignment, Move
from geo_territory.balancing.limits import NO_LIMITS, Limits
from geo_territory.balancing.repairs.offers import BAND, Offer, repair_offers
from geo_territory.balancing.tables import problem_of
from geo_territory.units import UnitMap


@dataclass(frozen=True)
class Side:
    """What a repair does to one territory: its index [points] and pieces, each before and after."""

    territory_id: str
    index: tuple[float, float]
    pieces: tuple[int, int]


@dataclass(frozen=True)
class Repair:
    """One way to put a fault right: the moves, the weight that changes hands, what it does to both sides, all in a sentence.

    clean: no territory leaves the band by it.
    """

    moves: tuple[Move, ...]
    weight: float
    sides: tuple[Side, ...]
    clean: bool
    sentence: str


@dataclass(frozen=True)
class MapFault:
    """Something wrong with an alignment: a piece, hole or breach, of `territory_id` (None where nobody covers), where, and repairs."""

    kind: str
    territory_id: str | None
    units: tuple[str, ...]
    sentence: str
    repairs: tuple[Repair, ...]


def repairs_of(
    unit_map: UnitMap,
    weight: pd.Series,
    capacity: pd.Series,
    alignment: Alignment,
    *,
    tolerance: float = BAND,
    limits: Limits = NO_LIMITS,
    at_most: int = 3,
) -> tuple[MapFault, ...]:
    """Return the faults of any alignment, each with up to `at_most` repairs, the cheapest first.

    `weight` by unit_id and `capacity` by territory_id as in `balance`; `tolerance` in (0, 1) is the accepted imbalance, by default
    the 85-115 band (F19). Locked units and territories and forbidden pairs of `limits` are kept to.
    """
    problem = problem_of(unit_map, weight, capacity, alignment.territory_of, limits)
    assert problem.start is not None
    units, names, total = unit_map.units.index.to_numpy(), capacity.index.to_numpy(), float(problem.weight[:, 0].sum())
    return tuple(
        MapFault(
            fault.kind,
            None if fault.territory < 0 else str(names[fault.territory]),
            tuple(units[fault.units]),
            fault.sentence,
            tuple(_repair(offer, units, names, total) for offer in fault.offers),
        )
        for fault in repair_offers(problem, problem.start, tolerance, at_most)
    )


def _repair(offer: Offer, units: np.ndarray, names: np.ndarray, total: float) -> Repair:
    moves = tuple(Move(tuple(units[moved]), str(names[to])) for moved, to in offer.moves)
    sides = tuple(Side(str(names[one.territory]), (100 + 100 * one.over[0], 100 + 100 * one.over[1]), one.pieces) for one in offer.effects)
    return Repair(moves, offer.weight * total, sides, offer.clean, offer.sentence)
