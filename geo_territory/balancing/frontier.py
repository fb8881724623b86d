"""Several alignments to choose from: what more balance, compactness or calm costs in the other two.

The tolerance sweeps the balance (epsilon-constraint method: Haimes, Lasdon, Wismer 1971) and a price of disruption trades
compactness against what changes hands (weighted sums); see Ehrgott, "Multicriteria Optimization", 2nd ed., Springer 2005,
chapters 3 and 4. Each cell of that grid goes on from the alignments of its neighbours, so that the whole costs a few solves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geo_territory.balancing.ordering import in_order
from geo_territory.balancing.problem import Problem
from geo_territory.balancing.result import Result, breaches_of, disruption_of, inertia_of
from geo_territory.balancing.resume import Ground, ground_of, merit, resume
from geo_territory.balancing.solve import measured, solve, tolerances_of
from geo_territory.balancing.stop import Standing, WithinTolerance
from geo_territory.balancing.threads import one_thread
from geo_territory.balancing.watch import Progress, Watch

USUAL_PRICE = 2.0  # of disruption when nobody says otherwise: 1 % of the weight must buy 2 % of inertia
PRICES = (0.0, 0.5, USUAL_PRICE, 6.0, 30.0)
TIGHTER = (1.0, 0.5, 0.25)  # shares of the tolerance that is asked for, with a start
TIGHTER_ALONE = (1.0, 0.8, 0.6, 0.45, 0.33, 0.25, 0.15)  # without a start, when only balance is traded for compactness
ALIKE = (0.1, 0.005, 0.005)  # differences nobody sees: of imbalance in tolerances, of inertia and of disruption as fractions
COLD = 0.3  # share of the progress that each solve from nothing takes
TINY = 1e-12
BEST_AT = ("closest balance", "most compact", "least changes hands")
PLACES = ("", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")


@dataclass(frozen=True, eq=False)
class Alternative:
    """One of several alignments to choose from.

    result: measured against the tolerance that was asked for. tolerance in (0, 1), disruption_price >= 0: what it was made
    with. label: what it is best at, in a few plain words.
    """

    result: Result
    tolerance: float
    disruption_price: float
    label: str


@dataclass(frozen=True, eq=False)
class _Found:
    """An alignment on the way: what it was made with, and its measures (imbalance, inertia, disruption; less is better).

    within: whether it keeps to the tolerance and the limits that are asked for.
    """

    territory: np.ndarray
    tolerance: float
    price: float
    measures: np.ndarray
    within: bool = True


def frontier(
    problem: Problem,
    tolerance: float | Sequence[float] | np.ndarray = 0.05,
    seed: int = 0,
    progress: Progress | None = None,
    at_most: int = 9,
) -> tuple[Alternative, ...]:
    """Return up to `at_most` alignments of which none is better than another in imbalance, inertia and disruption at once.

    tolerance: as in `solve`; no alternative is outside it, unless none within it was found. Of several criteria that one counts
    which uses most of its tolerance. seed: the same seed gives the same alternatives, whatever the order of the units.
    progress: called as by `solve`, its fraction over the whole; what it raises ends the work. They are ordered from least
    disruption to most, without a start from the closest balance to the most compact. Alternatives a person could not tell apart
    are offered once; the best in each measure is always among them.
    Raises InfeasibleError and ValueError as `solve` does.
    """
    if at_most < 1:
        raise ValueError("Expected at_most >= 1.")
    tolerances = tolerances_of(problem, tolerance)
    with one_thread():
        steady, row = in_order(problem)
        found = _spanning(_undominated(_offered(_swept(steady, tolerances, seed, progress))), float(tolerances.min()), at_most)
        chosen = _undominated(_smoothed(steady, found, tolerances, seed, progress))
        measures = np.array([one.measures for one in chosen])
        labels = _labels(measures, problem.start is not None)
        told = [_told(problem, one, tolerances, row, label) for one, label in zip(chosen, labels, strict=True)]
    if progress is not None:
        progress("done", 1.0, float(measures[:, 0].min()))
    return tuple(told[i] for i in np.lexsort((measures[:, 1], measures[:, 0], measures[:, 2])))


def _told(problem: Problem, one: _Found, tolerances: np.ndarray, row: np.ndarray, label: str) -> Alternative:
    """Return an alignment of sorted units, sorted unit i being the problem's unit row[i], as an alternative of the problem."""
    territory = np.empty_like(one.territory)
    territory[row] = one.territory
    result = measured(problem, territory, tolerances, Watch(_go_on, None, float(tolerances.min())))
    return Alternative(result, one.tolerance, one.price, label)


def _swept(problem: Problem, tolerances: np.ndarray, seed: int, progress: Progress | None) -> list[_Found]:
    """Return the alignments of every tolerance and price, the most compact and the usual one solved from nothing."""
    prices = PRICES if problem.start is not None else (0.0,)
    known = [0.0, USUAL_PRICE] if problem.start is not None else [0.0]
    found = []
    for turn, price in enumerate(known):
        told = _part(progress, COLD * turn, COLD * (turn + 1))
        result = solve(problem, tolerances, seed, WithinTolerance(), told, price)
        found.append(_found(problem, result.territory, tolerances, 1.0, price))
    if problem.territories == 1 or problem.units <= problem.territories:
        return found[:1]
    tighter = TIGHTER if problem.start is not None else TIGHTER_ALONE
    watch = Watch(_go_on, _part(progress, COLD * len(known), 0.9), float(tolerances.min()))
    watch.planned = len(tighter) * 2 * len(prices)
    row = {one.price: one.territory for one in found}
    for turn, share in enumerate(tighter):
        watch.imbalance = min(float(one.measures[0]) for one in found)
        ground = ground_of(problem, share * tolerances, found[0].territory)
        row = _row(problem, ground, prices, row, seed * 1000 + 100 * turn, watch)
        found += [_found(problem, territory, tolerances, share, price) for price, territory in row.items()]
    return found


def _row(
    problem: Problem, ground: Ground, prices: tuple[float, ...], known: dict[float, np.ndarray], seed: int, watch: Watch
) -> dict[float, np.ndarray]:
    """Return the best alignment met for each price at one tolerance, the lowest price first.

    Each goes on from the one at the next lower price and from the one `known` for it; the dearest also from the current
    alignment, and should that win, so do the cheaper ones in turn while they win.
    """
    best: dict[float, np.ndarray] = {}

    def tried(begin: np.ndarray, price: float) -> bool:
        found = resume(ground, begin, price, seed + watch.rounds, watch.beat)
        watch.rounds += 1
        wins = price not in best or merit(ground, found, price) < merit(ground, best[price], price)
        best[price] = found if wins else best[price]
        return wins

    below = known[prices[0]]
    for price in prices:
        tried(below, price)
        if price in known and price != prices[0]:
            tried(known[price], price)
        below = best[price]
    if problem.start is not None:
        dearer = problem.start
        for price in prices[::-1]:
            if not tried(dearer, price):
                break
            dearer = best[price]
    return best


def _found(problem: Problem, territory: np.ndarray, tolerances: np.ndarray, share: float, price: float) -> _Found:
    held = np.column_stack([np.bincount(territory, weight, problem.territories) for weight in problem.share.T])
    used = float((np.abs(held / problem.target[:, None] - 1) / tolerances).max() * tolerances.min())
    measures = np.array([used, inertia_of(problem, territory), disruption_of(problem, territory) or 0.0])
    within = not breaches_of(problem, territory, tolerances).any()
    return _Found(territory, share * float(tolerances.min()), price, measures, within)


def _offered(found: list[_Found]) -> list[_Found]:
    """Return those within the tolerance that is asked for; all when there is none."""
    return [one for one in found if one.within] or found


def _undominated(found: list[_Found]) -> list[_Found]:
    """Return those no other is at least as good as in every measure; of equal ones the first."""
    kept = []
    for i, one in enumerate(found):
        no_worse = [j for j, other in enumerate(found) if j != i and (other.measures <= one.measures).all()]
        if not any((found[j].measures < one.measures).any() or j < i for j in no_worse):
            kept.append(one)
    return kept


def _spanning(found: list[_Found], tolerance: float, at_most: int) -> list[_Found]:
    """Return those that span the measures: the best in each, then whichever is farthest from all chosen, while a person sees it.

    Source: Gonzalez, "Clustering to minimize the maximum intercluster distance", Theoretical Computer Science 38, 1985.
    """
    measures = np.array([one.measures for one in found])
    place = _normalised(measures)
    visible = np.array([tolerance, measures[:, 1].min(), 1.0]) * ALIKE + TINY
    chosen: list[int] = []
    for best in [int(np.lexsort((place.sum(1), measures[:, c]))[0]) for c in (2, 1, 0)]:
        if not _alike(measures, best, chosen, visible):
            chosen.append(best)
    while len(chosen) < at_most:
        open_ = [i for i in range(len(found)) if not _alike(measures, i, chosen, visible)]
        if not open_:
            break
        apart = [min(float(((place[i] - place[j]) ** 2).sum()) for j in chosen) for i in open_]
        chosen.append(open_[int(np.argmax(apart))])
    return [found[i] for i in chosen[:at_most]]


def _alike(measures: np.ndarray, one: int, chosen: list[int], visible: np.ndarray) -> bool:
    """Return whether nobody could tell `one` from one that is chosen."""
    return any((np.abs(measures[one] - measures[other]) < visible).all() for other in chosen)


def _normalised(measures: np.ndarray) -> np.ndarray:
    """Return the measures as shares of their range, 0 the best."""
    span = np.ptp(measures, axis=0)
    return (measures - measures.min(0)) / np.where(span > 0, span, 1.0)


def _smoothed(problem: Problem, found: list[_Found], tolerances: np.ndarray, seed: int, progress: Progress | None) -> list[_Found]:
    """Return the alignments with their units without weight in place, those it would put out of balance left as they were."""
    watch = Watch(_go_on, _part(progress, 0.9, 1.0), float(tolerances.min()))
    watch.planned, smoothed = len(found), []
    for one in found:
        share = one.tolerance / float(tolerances.min())
        ground = ground_of(problem, share * tolerances, one.territory)
        later = _found(problem, ground.smoothed(one.territory, seed, watch), tolerances, share, one.price)
        worse = later.measures[0] > max(one.tolerance, one.measures[0]) or (one.within and not later.within)
        smoothed.append(one if worse else later)
        watch.rounds += 1
    return smoothed


def _labels(measures: np.ndarray, started: bool) -> list[str]:
    """Return what each is best at, no two alike: a measure, a middle way (nearest to the best of all), or its best place in a measure."""
    place = _normalised(measures)[:, : 3 if started else 2]
    rank = np.argsort(np.argsort(place, axis=0, kind="stable"), axis=0)
    best = [[BEST_AT[c] for c in range(place.shape[1]) if not rank[i, c]] for i in range(len(place))]
    rest = [i for i in range(len(place)) if not best[i]]
    middle = min(rest, key=lambda i: float((place[i] ** 2).sum()), default=-1)
    strong = [int(np.lexsort((place[i], rank[i]))[0]) for i in range(len(place))]
    placed = [f"{_place(int(rank[i, c]))} {BEST_AT[c]}" for i, c in enumerate(strong)]
    return [" and ".join(best[i]) or ("a middle way" if i == middle else placed[i]) for i in range(len(place))]


def _place(rank: int) -> str:
    """Return the word for a place, the first being 0."""
    return PLACES[rank] if rank < len(PLACES) else f"{rank + 1}th"


def _part(progress: Progress | None, begin: float, end: float) -> Progress | None:
    """Return the callback for a part of the work, its fraction turned into that of the whole."""
    if progress is None:
        return None
    return lambda phase, fraction, imbalance: progress(phase, begin + (end - begin) * fraction, imbalance)


def _go_on(standing: Standing) -> str:
    return ""
