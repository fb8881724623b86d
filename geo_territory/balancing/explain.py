"""Why each unit changes hands between the current alignment and another one, and what that buys.

All units that one territory hands to another are a handing. The handings are put in an order, each time the one next that takes
most of the imbalance away (summed over territories), then most inertia; what it changes at its turn is what it buys. Since each
begins where the one before ended, what they buy adds up to the whole difference between the two alignments (a greedy
attribution; an order that is one of many, as with the Shapley value: Shapley 1953, which averages over all of them).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo_territory.balancing.problem import Problem
from geo_territory.balancing.reasons.joints import joints
from geo_territory.contiguity import stray_units

SLIGHT = 0.005  # an index this near to its target isn't told as over or under


@dataclass(frozen=True, eq=False)
class Handing:
    """The units one territory hands to another, in the order they explain the difference.

    giver, receiver: territory numbers. units: unit numbers. weight: share of all weight. Over: weight over target, minus 1,
    of giver and receiver in the alignment before and in the one after. off: by how much the share of weight that is in the
    wrong territory changes at its turn; inertia: by how much the inertia does, as a fraction of the one before. reason: a
    sentence.
    """

    giver: int
    receiver: int
    units: np.ndarray
    weight: float
    giver_over: tuple[float, float]
    receiver_over: tuple[float, float]
    off: float
    inertia: float
    reason: str


def explain(problem: Problem, territory: np.ndarray) -> tuple[list[Handing], dict[int, str]]:
    """Return the handings that lead from the problem's start to `territory` (n,), and a reason for each unit that moves.

    Their weights add up to the disruption, their `off` and `inertia` to the difference of the two alignments (units that had no
    territory before count in both, units that have none after, -1, in neither). Raises ValueError when the problem has no start.
    """
    start = problem.start
    if start is None:
        raise ValueError("Expected a start: without one nothing changes hands.")
    moved = np.flatnonzero((start >= 0) & (territory >= 0) & (start != territory))
    keys, group = np.unique(np.column_stack([start[moved], territory[moved]]), axis=0, return_inverse=True)
    units = [moved[group.ravel() == i] for i in range(len(keys))]
    order, off, inertia = _in_order(problem, territory, keys, units)
    before, after = _over(problem, start), _over(problem, territory)
    names = [problem.name_of_territory(t) for t in range(problem.territories)]
    place = {(int(a), int(b)): i for i, (a, b) in enumerate(keys)}
    handings = []
    for i in order:
        a, b = int(keys[i, 0]), int(keys[i, 1])
        back = place.get((b, a))
        reason = _pair_reason(names, a, b, before, back is not None, inertia[i] + (0.0 if back is None else inertia[back]))
        over = (before[a], after[a]), (before[b], after[b])
        weight = float(problem.share.mean(1)[units[i]].sum())
        handings.append(Handing(a, b, units[i], weight, *over, off[i], inertia[i], reason))
    return handings, _unit_reasons(problem, territory, handings, names)


def _in_order(
    problem: Problem, territory: np.ndarray, keys: np.ndarray, units: list[np.ndarray]
) -> tuple[list[int], np.ndarray, np.ndarray]:
    """Return (handings in their order, change of weight out of place at each turn, relative change of inertia at each turn)."""
    share, k = problem.share.mean(1), problem.territories
    start = territory if problem.start is None else problem.start
    here = np.where((start >= 0) & (territory >= 0), start, territory)
    covered = here >= 0
    place = problem.position - np.average(problem.position, axis=0, weights=share)
    sums = np.column_stack([share, share[:, None] * place, share * (place**2).sum(1)])
    held = np.column_stack([np.bincount(here[covered], column, k) for column in sums[covered].T])
    part = np.array([sums[chosen].sum(0) for chosen in units]).reshape(-1, 4)
    waiting, order = list(range(len(keys))), []
    off, inertia, whole = np.zeros(len(keys)), np.zeros(len(keys)), _inertia(held).sum()
    while waiting:
        a, b = keys[waiting, 0], keys[waiting, 1]
        given = part[waiting]
        away = sum(abs(h[:, 0] - problem.target[t]) for h, t in ((held[a] - given, a), (held[b] + given, b)))
        away = (away - abs(held[a, 0] - problem.target[a]) - abs(held[b, 0] - problem.target[b])) / 2
        spread = _inertia(held[a] - given) + _inertia(held[b] + given) - _inertia(held[a]) - _inertia(held[b])
        spread = spread / whole if whole > 0 else spread * 0.0
        best = int(np.lexsort((spread, np.round(away, 9)))[0])
        i = waiting.pop(best)
        off[i], inertia[i] = away[best], spread[best]
        held[keys[i, 0]] -= part[i]
        held[keys[i, 1]] += part[i]
        order.append(i)
    return order, off, inertia


def _inertia(held: np.ndarray) -> np.ndarray:
    """Return the inertia of sums (weight, weight x, weight y, weight (x^2 + y^2)), (…, 4)."""
    weight = held[..., 0]
    middle = (held[..., 1] ** 2 + held[..., 2] ** 2) / np.where(weight > 1e-15, weight, 1.0)
    return np.where(weight > 1e-15, held[..., 3] - middle, 0.0)


def _over(problem: Problem, territory: np.ndarray) -> np.ndarray:
    """Return weight over target, minus 1, of each territory, (k,)."""
    known = territory >= 0
    return np.bincount(territory[known], problem.share.mean(1)[known], problem.territories) / problem.target - 1


def told_over(over: float) -> str:
    """Return how far a territory is from its target, in words for the end of a sentence."""
    if abs(over) <= SLIGHT:
        return "on target"
    return f"{'over' if over > 0 else 'under'} by {abs(over):.0%}".replace("%", " %")


def _pair_reason(names: list[str], a: int, b: int, before: np.ndarray, mutual: bool, inertia: float) -> str:
    """Return why `a` hands units to `b`: how far both were from their targets, or the inertia of what goes both ways."""
    giver, receiver = cap(names[a]), names[b]
    if before[a] > SLIGHT and before[b] < -SLIGHT:
        return f"{giver} was {told_over(before[a])}, {receiver} {told_over(before[b])}; they are neighbours."
    if mutual and inertia < 0:
        return f"{cap(names[min(a, b)])} and {names[max(a, b)]} exchange units for a more compact map."
    if before[a] > SLIGHT and before[a] >= before[b]:
        return f"{giver} was {told_over(before[a])}; {receiver}, {told_over(before[b])}, takes some and hands others on."
    if before[b] < -SLIGHT:
        return f"{cap(receiver)} was {told_over(before[b])}; {names[a]}, {told_over(before[a])} itself, gives some and takes others."
    if inertia < 0:
        return f"For a more compact map: the units lie nearer to the rest of {receiver}."
    return f"{cap(receiver)} makes up for what it hands to others."


def _unit_reasons(problem: Problem, territory: np.ndarray, handings: list[Handing], names: list[str]) -> dict[int, str]:
    """Return the reason of each moved unit: its own where it has one, else that of its handing."""
    start, share = problem.start, problem.share.mean(1)
    graph = problem.neighbors
    apart = holding = np.zeros(problem.units, bool)
    if graph is not None:
        apart = stray_units(start, graph, share + 1e-9)  # type: ignore[arg-type]
        holding = joints(territory, graph)
    reasons = {}
    for handing in handings:
        balancing = handing.giver_over[0] > SLIGHT or handing.receiver_over[0] < -SLIGHT
        for u in handing.units:
            if apart[u]:
                reason = f"It lay apart from the rest of {names[handing.giver]}."
            elif share[u] <= 0:
                reason = f"Nothing to balance in it: it goes with its neighbours to {names[handing.receiver]}."
            elif not balancing and holding[u]:
                reason = f"To keep {names[handing.receiver]} in one piece."
            elif not balancing and graph is not None and not (territory[_around(problem, u)] == handing.giver).any():
                reason = f"To keep {names[handing.giver]} in one piece: no unit beside it stays there."
            else:
                reason = handing.reason
            reasons[int(u)] = reason
    return reasons


def _around(problem: Problem, unit: int) -> np.ndarray:
    graph = problem.neighbors
    return graph.indices[graph.indptr[unit] : graph.indptr[unit + 1]]  # type: ignore[union-attr]


def cap(text: str) -> str:
    """Return the text with a capital first letter."""
    return text[:1].upper() + text[1:]
