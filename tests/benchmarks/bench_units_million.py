"""1,000,000 units with their neighbours, 100 and 500 territories, beside METIS; building the graph isn't timed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from geo_territory.balancing.result import imbalance_of, inertia_of, pieces_of
from tests.benchmarks import rivals, worlds
from tests.benchmarks.measuring import run_apart, run_ours
from tests.benchmarks.report import Goal, Report

TOLERANCE, SECONDS, BYTES = 0.01, 5.0, 1024


def run(quick: bool) -> Report:
    """Return the table."""
    report = Report("1,000,000 units with neighbours, tolerance 1 %")
    drawn = worlds.points_in_us_towns(1_000_000, 100, weighted=True, linked=True)
    for territories in (100, 500):
        problem, work = replace(drawn, capacity=np.ones(territories)), f"{territories} territories"
        ours = run_ours(rivals.OURS, problem, TOLERANCE, 600)
        base = inertia_of(problem, ours.territory)
        goals = [
            Goal("all contiguous", bool((pieces_of(problem, ours.territory) <= 1).all())),
            Goal("within 1 %", imbalance_of(problem, ours.territory) <= TOLERANCE),
            Goal("at most 1 KB a unit", ours.memory <= BYTES * problem.units),
        ]
        goals += [Goal(f"at most {SECONDS:.0f} s", ours.seconds <= SECONDS)] if territories == 100 else []
        report.add(rivals.OURS.name, ours, problem, base, goals, work=work, memory=True)
        report.add(rivals.METIS.name, run_apart(rivals.METIS, problem, TOLERANCE, 600), problem, base, work=work, memory=True)
    return report
