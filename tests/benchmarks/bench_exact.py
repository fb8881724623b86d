"""Small maps whose best alignment is proved: how far the solver is from it."""

from __future__ import annotations

import time

import numpy as np

from geo_territory.balancing import Problem
from geo_territory.balancing.result import inertia_of
from tests import exact
from tests.benchmarks import rivals, worlds
from tests.benchmarks.measuring import Run, run_here
from tests.benchmarks.report import Goal, Report

STATES = (("NH", 3, 0.1), ("VT", 3, 0.1), ("ME", 4, 0.05), ("MA", 3, 0.1), ("NJ", 4, 0.05), ("MD", 3, 0.05), ("MD", 4, 0.1))
MAPS, UNITS = 40, 10


def run(quick: bool) -> Report:
    """Return the table."""
    report = Report("Proved optima: counties of a state, and small random maps", "the proved least inertia")
    for state, territories, tolerance in STATES:
        problem = worlds.counties_of(state, territories)
        began = time.perf_counter()
        best = exact.best_by_sets(problem, tolerance)
        work = f"{state}, {problem.units} counties, {territories}, {tolerance:.0%}"
        report.add("set partitioning, HiGHS", _run_of(best, time.perf_counter() - began), problem, best.inertia if best else 1.0, work=work)
        if best is not None:
            ours = run_here(rivals.OURS, problem, tolerance)
            optimal = Goal("optimal", inertia_of(problem, ours.territory) <= best.inertia * (1 + exact.ROUNDING))
            report.add(rivals.OURS.name, ours, problem, best.inertia, [optimal], work=work)
    _add_maps(report)
    return report


def _run_of(best: exact.Optimum | None, seconds: float) -> Run:
    return Run(None, seconds, note="proved: there is none") if best is None else Run(best.territory, seconds)


def _add_maps(report: Report) -> None:
    """Add one row for many small maps, each tried in every way."""
    ratios, seconds, missed = [], 0.0, 0
    for seed in range(MAPS):
        problem: Problem = worlds.small_map(UNITS, 2 + seed % 2, seed)
        best = exact.best_of_all(problem, 0.1)
        if best is None:
            continue
        ours = run_here(rivals.OURS, problem, 0.1)
        seconds += ours.seconds
        ratios.append(inertia_of(problem, ours.territory) / best.inertia)
        missed += ratios[-1] < 1 - exact.ROUNDING
    share = float((np.array(ratios) <= 1 + exact.ROUNDING).mean())
    report.tell(
        work=f"{len(ratios)} maps of {UNITS} units, 10 %",
        method=rivals.OURS.name,
        seconds=f"{seconds / len(ratios):.3g} each",
        inertia=f"{np.mean(ratios):.4f} (worst {max(ratios):.4f})",
        goal=f"optimal in {share:.0%}; outside the tolerance in {missed}",
    )
