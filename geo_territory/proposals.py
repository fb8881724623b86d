"""Several alignments of one account list to choose from, each a full design on demand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from geo_territory.alignment import Alignment, Disruption, disruption, territory_of_account
from geo_territory.attention import Attention
from geo_territory.balancing import Result
from geo_territory.balancing.limits import NO_LIMITS, Limits
from geo_territory.balancing.tables import alternatives
from geo_territory.boundaries import territory_shapes
from geo_territory.design import (
    BALANCING,
    DISRUPTION_PRICE,
    DRAWING,
    Design,
    Prepared,
    balancing_progress,
    complete,
    prepare,
    with_known_names,
)
from geo_territory.progress import Clock, Progress, silent
from geo_territory.tables import Alternatives, Territories, Tiers

FINENESS = 400  # borders of the small maps are drawn to this part of the map's width


@dataclass(frozen=True, eq=False)
class Proposal:
    """One of several alignments, with the figures it is chosen by.

    `label` says what it is best at. `inertia_ratio` >= 1 is its inertia over the most compact one's. `changes` is what changes
    hands by account (F22), None without a start; `disruption` the share of what is balanced that does, in [0, 1].
    `territories` are coarse shapes in EPSG:4326 with colour, for a small map. `tolerance` and `price` are what it was made with.
    """

    label: str
    result: Result
    alignment: Alignment
    territories: gpd.GeoDataFrame
    inertia_ratio: float
    changes: Disruption | None
    disruption: float | None
    tolerance: float
    price: float

    @property
    def imbalance(self) -> float:
        """The largest departure of a territory from its target, a fraction."""
        return self.result.imbalance

    @property
    def contiguous(self) -> bool:
        """Whether every territory is in one piece."""
        return bool((self.result.pieces == 1).all())

    @property
    def moved(self) -> int | None:
        """The number of accounts that change hands; None without a start."""
        return None if self.changes is None else self.changes.moved


@dataclass(frozen=True, eq=False)
class Proposals:
    """Up to nine alignments of which none is better than another in balance, compactness and disruption at once.

    `recommended` is the position of the one that a single design would be most like: the best at the usual price of disruption.
    """

    prepared: tuple[Prepared, ...]
    alternatives: tuple[Proposal, ...]
    recommended: int
    seconds: dict[str, float]

    def design(self, number: int, progress: Progress = silent) -> Design:
        """Return alternative `number` (0 is the first) as a full Design, drawn and scored but not solved again."""
        clock = Clock(progress)
        clock.seconds |= self.seconds
        chosen = self.alternatives[number]
        return complete(self.prepared[number], chosen.alignment, chosen.result, clock)


def propose(
    attention: Attention,
    *,
    capacity: pd.Series | None = None,
    start: pd.Series | None = None,
    limits: Limits = NO_LIMITS,
    exceptions: Mapping[str, str] | None = None,
    progress: Progress = silent,
) -> Proposals:
    """Return up to nine alignments for the planned accounts to choose from; parameters and errors as in `design.design`."""
    clock = Clock(progress)
    asked = prepare(attention, clock, capacity=capacity, start=start, limits=limits, exceptions=exceptions or {})
    with clock.phase("Balancing", BALANCING):
        found = alternatives(
            asked.unit_map, asked.unit_weight, asked.room,
            role=asked.policy.role, tolerance=asked.policy.tolerance, seed=asked.policy.seed, start=asked.begin,
            limits=asked.limits, progress=balancing_progress(progress, BALANCING, DRAWING),
        )  # fmt: skip
    width = float(np.ptp(asked.unit_map.position, axis=0).max())
    least = min(one.result.inertia for _, one in found)
    prepared: list[Prepared] = []
    proposals: list[Proposal] = []
    for turn, (alignment, one) in enumerate(found):
        progress("Drawing borders", DRAWING + (1 - DRAWING) * turn / len(found))
        mine, alignment, result = with_known_names(asked, alignment, one.result)
        like = proposals[0].territories[Territories.color] if proposals else None
        shapes = territory_shapes(mine.unit_map, alignment, width / FINENESS, like)
        changes = _changes(mine, alignment)
        ratio = result.inertia / least if least > 0 else 1.0
        share = None if changes is None else _share_of(changes, mine.policy.balance)
        proposals.append(Proposal(one.label, result, alignment, shapes, ratio, changes, share, one.tolerance, one.disruption_price))
        prepared.append(mine)
    progress("Done", 1.0)
    best = min(range(len(proposals)), key=lambda i: proposals[i].inertia_ratio + DISRUPTION_PRICE * (proposals[i].disruption or 0.0))
    return Proposals(tuple(prepared), tuple(proposals), best, clock.seconds)


def alternatives_table(proposals: Proposals) -> pd.DataFrame:
    """Return the figures of each alternative, a table of Alternatives; NA where a figure can't be computed."""
    rows = [
        {
            Alternatives.number: number,
            Alternatives.label: one.label,
            Alternatives.tolerance: one.tolerance,
            Alternatives.price: one.price,
            Alternatives.imbalance: one.imbalance,
            Alternatives.inertia: one.result.inertia,
            Alternatives.inertia_ratio: one.inertia_ratio,
            Alternatives.gap: one.result.gap if np.isfinite(one.result.gap) else None,
            Alternatives.disruption: one.disruption,
            Alternatives.moved: one.moved,
            Alternatives.contiguous: one.contiguous,
            Alternatives.pieces: int(one.result.pieces.max()),
        }
        for number, one in enumerate(proposals.alternatives, 1)
    ]
    return Alternatives.check(pd.DataFrame(rows))


def _changes(asked: Prepared, alignment: Alignment) -> Disruption | None:
    if asked.start is None:
        return None
    attention, after = asked.attention, territory_of_account(asked.unit_id, alignment, asked.exceptions)
    return disruption(asked.start, after, attention.value, attention.tiers[Tiers.tier], attention.hours(asked.policy.role))


def _share_of(changes: Disruption, balance: str) -> float | None:
    """Return the moved share of what is balanced."""
    return {"workload": changes.hours_share, "value": changes.value_share}.get(balance, changes.accounts_share)
