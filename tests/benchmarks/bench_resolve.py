"""3,000 units and 50 territories solved again from the current map after a leader moved and locked units."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from geo_territory.balancing import Problem, solve
from geo_territory.balancing.result import disruption_of, imbalance_of, inertia_of, pieces_of
from geo_territory.contiguity import may_leave
from tests.benchmarks import rivals, worlds
from tests.benchmarks.measuring import timed
from tests.benchmarks.report import Goal, Report

UNITS, TERRITORIES, TOLERANCE, PRICE = 3_000, 50, 0.05, 1.0
SECONDS, DISRUPTION = 1.0, 0.05


def run(quick: bool) -> Report:
    """Return the table."""
    rivals.warm_up()
    problem = worlds.small_map(UNITS, TERRITORIES, seed=7)
    current = solve(problem, TOLERANCE).territory
    base = inertia_of(problem, current)
    report = Report(f"Solving again: {UNITS:,} units, {TERRITORIES} territories, tolerance 5 %", "the current map's")
    report.notes.append("Disruption is counted from the map after the leader's moves; its price is 1.")
    for moves in (1, 5, 20):
        start, locked = _moved_by_hand(problem, current, moves)
        _add(report, replace(problem, start=start, locked=locked), base, f"{moves} units moved and locked")
    locked = np.isin(current, np.arange(5))
    _add(report, replace(problem, start=current, locked=locked), base, "5 territories locked")
    later = worlds.a_year_later(problem, current)
    _add(report, later, inertia_of(later, current), f"workloads grew, {imbalance_of(later, current):.0%} off")
    return report


def _moved_by_hand(problem: Problem, current: np.ndarray, moves: int) -> tuple[np.ndarray, np.ndarray]:
    """Return (start, locked) after that many units of average weight or more went to a neighbour territory, donors left whole."""
    start, locked = current.copy(), np.zeros(problem.units, bool)
    graph, heavy = problem.neighbors, problem.share[:, 0] >= 1 / problem.units
    for unit in np.random.default_rng(moves).permutation(problem.units):
        around = start[graph.indices[graph.indptr[unit] : graph.indptr[unit + 1]]]
        others = around[around != start[unit]]
        if heavy[unit] and len(others) and locked.sum() < moves and may_leave(int(unit), start, graph):
            start[unit], locked[unit] = others[0], True
    return start, locked


def _add(report: Report, problem: Problem, base: float, work: str) -> None:
    ours = timed(lambda: solve(problem, TOLERANCE, disruption_price=PRICE).territory)
    disruption = disruption_of(problem, ours.territory)
    kept = imbalance_of(problem, ours.territory) <= TOLERANCE and (pieces_of(problem, ours.territory) <= 1).all()
    goals = (
        Goal("contiguous, within 5 %", bool(kept)),
        Goal(f"under {SECONDS:.0f} s", ours.seconds < SECONDS),
        Goal("disruption under 5 %", disruption < DISRUPTION),
    )
    report.add(rivals.OURS.name, ours, problem, base, goals, work=work, disruption=disruption)
