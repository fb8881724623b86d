"""Handing units over a border until a rep's hours fit: the lightest way to one neighbour."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from geo_territory.balancing.repairs.offers import BAND, Effect, Offer
from geo_territory.balancing.repairs.peel import peel
from geo_territory.contiguity import pieces
from geo_territory.redraw.basis import Basis
from geo_territory.redraw.draft import Draft
from geo_territory.redraw.figures import Figures
from geo_territory.redraw.mending import Repair, Teller
from geo_territory.redraw.posed import Posed, posed

HOURS = 1  # the row of hours among the sums by unit


def lightest_borders(basis: Basis, draft: Draft, now: Figures, hours: Mapping[str, float]) -> dict[str, Repair]:
    """Return the moves to one neighbour that take at least some hours [h/year] off a territory, by territory_id; none where there are none.

    The fewest hours move; both sides stay in as many pieces as they are, locks are kept to. A neighbour that stays in the band and within
    its rep's hours comes before one that doesn't. `now` are the draft's figures.
    """
    asked = posed(basis, draft)
    teller = Teller(basis, asked, BAND)
    found = {}
    for name, much in hours.items():
        giver = asked.ids.index(name)
        offer = _lightest(asked, now, giver, much)
        if offer is not None:
            found[name] = teller.repair(offer, giver)
    return found


def _lightest(asked: Posed, now: Figures, giver: int, hours: float) -> Offer | None:
    """Return the cheapest offer that takes at least some hours off a territory, by number."""
    graph, shut = asked.problem.graph, asked.problem.locked_territories
    by_unit = now.held.by_unit[HOURS]
    free = ~asked.problem.held & (by_unit > 0)
    if hours <= 0 or (shut is not None and shut[giver]):
        return None
    around = np.unique(asked.territory[graph[np.flatnonzero(asked.territory == giver)].indices])
    places = (graph.indptr.astype(np.int64), graph.indices.astype(np.int64))
    options = []
    for taker in around[(around >= 0) & (around != giver)].tolist():
        if shut is not None and shut[taker]:
            continue
        after = asked.territory.copy()
        moved = np.sort(peel(*places, after, by_unit, asked.problem.position, free, giver, taker, hours, np.inf))
        given = float(by_unit[moved].sum())
        if given >= hours - 1e-6:
            offer = _offer(asked, moved, taker, giver, after)
            options.append((not offer.clean, _over(now, taker, given), given, taker, offer))
    return min(options, key=lambda option: option[:4])[-1] if options else None


def _over(now: Figures, row: int, more: float) -> bool:
    """Return whether a territory's rep has fewer hours than it would need with some more."""
    hours = now.hours
    return bool(hours.hours[row, hours.aligned] + more > hours.capacity[row, hours.aligned])


def _offer(asked: Posed, moved: np.ndarray, taker: int, giver: int, after: np.ndarray) -> Offer:
    """Return the moves as an offer with what they do."""
    index, then = asked.index(asked.territory), asked.index(after)
    count = [pieces(owner, asked.problem.graph, len(asked.ids)) for owner in (asked.territory, after)]
    effects = tuple(
        Effect(t, (index[t] / 100 - 1, then[t] / 100 - 1), (int(count[0][t]), int(count[1][t]))) for t in sorted((giver, taker))
    )
    inside = [np.abs(one / 100 - 1) <= BAND + 1e-9 for one in (index, then)]
    clean = bool((inside[1] | ~inside[0]).all())
    weight = float(asked.problem.weight[moved, 0].sum()) / asked.total
    return Offer(((moved, taker),), weight, effects, clean, "")
