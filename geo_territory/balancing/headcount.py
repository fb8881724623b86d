"""The same units shared out among fewer and among more territories: what a person less or more changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from geo_territory.balancing.frontier import USUAL_PRICE
from geo_territory.balancing.problem import NOBODY, Problem
from geo_territory.balancing.result import Result
from geo_territory.balancing.solve import solve
from geo_territory.balancing.stop import WithinTolerance
from geo_territory.balancing.watch import Progress

FEWER, MORE = 2, 3  # territories below and above today's number that are tried
NEW_TERRITORY = {  # what a new territory has in place of the fields of Problem that say something of each territory
    "bases": np.nan,
    "base_units": NOBODY,
    "locked_territories": False,
    "least": np.nan,
    "most": np.nan,
    "most_given": np.nan,
    "most_taken": np.nan,
}


@dataclass(frozen=True, eq=False)
class Headcount:
    """The best alignment found for one number of territories.

    origin: (k,) number each territory had in the problem that was asked, -1 for a new one. disruption: share of weight that
    changes hands, that of dissolved territories included; None without a start. result: of `problem`, the one resized.
    """

    territories: int
    problem: Problem
    result: Result
    origin: np.ndarray
    disruption: float | None


def headcount(
    problem: Problem,
    counts: Iterable[int] | None = None,
    tolerance: float | np.ndarray = 0.05,
    seed: int = 0,
    price: float = USUAL_PRICE,
    progress: Progress | None = None,
) -> tuple[Headcount, ...]:
    """Return the best alignment found for each number of territories, in the order of `counts`.

    counts: each >= 1, by default from two fewer to three more than the problem has. With a start the lightest territories are
    dissolved one by one, locked ones last, and new ones open in the heaviest; others keep what they can at `price` (>= 0, as in
    `solve`). New territories have the mean capacity. progress: called as by `solve`, its fraction over the whole.
    Raises InfeasibleError and ValueError as `solve` does.
    """
    k = problem.territories
    counts = list(range(max(1, k - FEWER), k + MORE + 1) if counts is None else counts)
    if min(counts, default=1) < 1:
        raise ValueError("Expected counts of at least one territory.")
    found = []
    for turn, count in enumerate(counts):
        origin = origin_of(problem, count)
        part = resized(problem, origin)

        def told(phase: str, fraction: float, imbalance: float, turn: int = turn) -> None:
            progress(phase, (turn + fraction) / len(counts), imbalance)  # type: ignore[misc]

        dear = price if problem.start is not None else 0.0
        result = solve(part, tolerance, seed, WithinTolerance(), told if progress else None, dear)
        found.append(Headcount(count, part, result, origin, _disruption(problem, origin[result.territory])))
    return tuple(found)


def origin_of(problem: Problem, count: int) -> np.ndarray:
    """Return which territories of the problem remain, in their order, then -1 for each new one: (count,) int.

    The lightest at the start go first; without a start the smallest by capacity, the last of equal ones.
    """
    k = problem.territories
    if problem.start is None:
        lightest = np.lexsort((-np.arange(k), problem.capacity))
    else:
        known = problem.start >= 0
        held = np.bincount(problem.start[known], problem.share.mean(1)[known], k)
        shut = np.zeros(k, bool) if problem.locked_territories is None else problem.locked_territories
        lightest = np.lexsort((-np.arange(k), held, shut))
    kept = np.sort(lightest[max(0, k - count) :])
    return np.concatenate([kept, np.full(max(0, count - k), NOBODY)])


def resized(problem: Problem, origin: np.ndarray) -> Problem:
    """Return the problem with only the territories of `origin`, -1 for a new one: its rules fall or move with them."""
    new = origin == NOBODY
    number = np.full(problem.territories + 1, NOBODY)
    number[origin[~new]] = np.flatnonzero(~new)
    fields: dict[str, object] = {"capacity": np.where(new, problem.capacity.mean(), problem.capacity[origin])}
    for name, blank in NEW_TERRITORY.items():
        value = getattr(problem, name)
        if value is not None:
            fields[name] = np.where(new.reshape(-1, *[1] * (value.ndim - 1)), blank, value[origin])
    if problem.start is not None:
        fields["start"] = number[problem.start]
        fields["locked"] = problem.held & (number[problem.start] >= 0)
    if problem.forbidden is not None:
        pairs = np.column_stack([problem.forbidden[:, 0], number[problem.forbidden[:, 1]]])
        fields["forbidden"] = pairs[pairs[:, 1] >= 0]
    if problem.territory_names is not None:
        fields["territory_names"] = [f"new {i + 1}" if old < 0 else problem.territory_names[old] for i, old in enumerate(origin)]
    return replace(problem, **fields)  # type: ignore[arg-type]


def _disruption(problem: Problem, territory: np.ndarray) -> float | None:
    """Return the share of weight that is in another of the asked problem's territories than at the start."""
    if problem.start is None:
        return None
    return float(problem.share.mean(1)[(problem.start >= 0) & (problem.start != territory)].sum())
