"""10,000 equal points and 50 territories of sizes within 5 %, beside k-means-constrained."""

from __future__ import annotations

from geo_territory.balancing.result import inertia_of
from tests.benchmarks import rivals, worlds
from tests.benchmarks.measuring import run_apart, run_ours
from tests.benchmarks.report import Goal, Report

TOLERANCE, TIMES = 0.05, 100


def run(quick: bool) -> Report:
    """Return the table."""
    problem = worlds.points_in_us_towns(10_000, 50, weighted=False, linked=True)
    rival = run_apart(rivals.KMEANS_CONSTRAINED, problem, TOLERANCE, 300)
    report = Report("10,000 equal points, 50 territories, tolerance 5 %", notes=["In pieces: by the Delaunay neighbours of the points."])
    base = None
    for name, method in ((rivals.OURS_ALONE.name, rivals.OURS_ALONE), ("Geo Territory, with neighbours", rivals.OURS)):
        ours = run_ours(method, problem, TOLERANCE, 300)
        base = base or inertia_of(problem, ours.territory)
        goals = []
        if rival.territory is not None:
            faster = rival.seconds / ours.seconds
            goals.append(Goal(f"{TIMES} times as fast as k-means-constrained ({faster:.0f} times)", faster >= TIMES))
            goals.append(Goal("inertia no higher", inertia_of(problem, ours.territory) <= inertia_of(problem, rival.territory)))
        report.add(name, ours, problem, base, goals)
    for other, done in ((rivals.KMEANS_CONSTRAINED, rival), (rivals.METIS, None), (rivals.KMEANS, None)):
        report.add(other.name, done or run_apart(other, problem, TOLERANCE, 300), problem, base)
    return report
