"""Counties of the 48 states in 20, 50 and 100 territories, beside every rival that draws regions on a graph."""

from __future__ import annotations

import numpy as np

from geo_territory.balancing import Problem
from geo_territory.balancing.result import imbalance_of, inertia_of, pieces_of
from tests.benchmarks import rivals, worlds
from tests.benchmarks.measuring import Run, run_apart, run_ours
from tests.benchmarks.report import Goal, Report
from tests.benchmarks.rivals import Rival

TOLERANCE, SECONDS, TIMES, PATIENCE, HEAVIEST = 0.05, 2.0, 10, 120.0, 0.25
CUTTERS = (rivals.METIS, rivals.KAHIP, rivals.GERRYCHAIN)
PYSAL = (rivals.SKATER, rivals.AZP, rivals.REGION_KMEANS)


def run(quick: bool) -> Report:
    """Return the table; a quick run leaves spopt to the 500 counties."""
    report = Report("US counties by people, tolerance 5 %")
    report.notes.append("People: populations of the bundled towns, shared out among their nearest ZIP codes.")
    report.notes.append(
        "No 50 territories within 5 % exist on the true weights (Los Angeles is 1.8 of one; Long Island behind Queens 1.2), "
        "so with 50 and 100 no county weighs more than a quarter of a territory."
    )
    middle = worlds.counties_around_nashville(500, 10)
    _add_work(report, middle, "500 counties, 10", (*CUTTERS, *PYSAL))
    for territories in (20, 50, 100):
        problem = worlds.counties_shared(territories, np.inf if territories == 20 else HEAVIEST)
        others = CUTTERS if quick or territories > 20 else (*CUTTERS, *PYSAL)
        _add_work(report, problem, f"{problem.units:,} counties, {territories}", others)
    report.notes.append(
        f"Each rival has {PATIENCE:.0f} s; spopt is tried on all counties with 20 territories only"
        + (", not in a quick run." if quick else ".")
    )
    return report


def _add_work(report: Report, problem: Problem, work: str, others: tuple[Rival, ...]) -> None:
    ours = run_ours(rivals.OURS, problem, TOLERANCE, PATIENCE)
    base = inertia_of(problem, ours.territory)
    runs = {rival: run_apart(rival, problem, TOLERANCE, PATIENCE) for rival in others}
    report.add(rivals.OURS.name, ours, problem, base, _goals(problem, ours, runs), work=work)
    for rival, done in runs.items():
        report.add(rival.name, done, problem, base, work=work)


def _goals(problem: Problem, ours: Run, runs: dict[Rival, Run]) -> list[Goal]:
    finished = {rival: done for rival, done in runs.items() if done.territory is not None}
    within = [done for done in finished.values() if imbalance_of(problem, done.territory) <= TOLERANCE and _whole(problem, done)]
    python = [done.seconds for rival, done in finished.items() if rival in (rivals.GERRYCHAIN, *PYSAL)]
    mine = imbalance_of(problem, ours.territory), inertia_of(problem, ours.territory)
    goals = [
        Goal("all contiguous", _whole(problem, ours)),
        Goal("within 5 %", mine[0] <= TOLERANCE),
        Goal(f"under {SECONDS:.0f} s", ours.seconds < SECONDS),
        Goal("less inertia than all rivals that keep the tolerance", all(mine[1] < inertia_of(problem, done.territory) for done in within)),
    ]
    if python:
        goals.append(Goal(f"{TIMES} times as fast as those in Python", ours.seconds * TIMES <= min(python)))
    return goals


def _whole(problem: Problem, done: Run) -> bool:
    return bool((pieces_of(problem, done.territory) <= 1).all())
