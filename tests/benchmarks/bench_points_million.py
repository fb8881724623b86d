"""1,000,000 weighted points and 100 territories, without neighbours, beside scikit-learn's k-means."""

from __future__ import annotations

from geo_territory.balancing.result import imbalance_of, inertia_of
from tests.benchmarks import rivals, worlds
from tests.benchmarks.measuring import run_apart, run_ours
from tests.benchmarks.report import Goal, Report

TOLERANCE = 0.005


def run(quick: bool) -> Report:
    """Return the table."""
    problem = worlds.points_in_us_towns(1_000_000, 100, weighted=True, linked=False)
    rival = run_apart(rivals.KMEANS, problem, TOLERANCE, 600)
    ours = run_ours(rivals.OURS, problem, TOLERANCE, 600)
    base = inertia_of(problem, ours.territory)
    goals = (
        Goal("within 0.5 %", imbalance_of(problem, ours.territory) <= TOLERANCE),
        Goal("at most half of KMeans's time", ours.seconds <= rival.seconds / 2),
    )
    report = Report("1,000,000 weighted points, 100 territories, no neighbours, tolerance 0.5 %")
    report.add(rivals.OURS.name, ours, problem, base, goals, memory=True)
    report.add(rivals.KMEANS.name, rival, problem, base, memory=True)
    return report
