"""100,000 points crowded about 60 towns and 500 territories: the case that breaks a power diagram without care."""

from __future__ import annotations

from geo_territory.balancing.result import imbalance_of, inertia_of, pieces_of
from tests.benchmarks import rivals, worlds
from tests.benchmarks.measuring import run_apart, run_ours
from tests.benchmarks.report import Goal, Report

TOLERANCE, SECONDS = 0.02, 10.0


def run(quick: bool) -> Report:
    """Return the table."""
    problem = worlds.points_in_crowds(100_000, 500)
    report = Report(
        "100,000 points in crowds, 500 territories, tolerance 2 %", notes=["In pieces: by the Delaunay neighbours of the points."]
    )
    alone = run_ours(rivals.OURS_ALONE, problem, TOLERANCE, 600)
    base = inertia_of(problem, alone.territory)
    goals = (
        Goal("within 2 %", imbalance_of(problem, alone.territory) <= TOLERANCE),
        Goal(f"under {SECONDS:.0f} s", alone.seconds < SECONDS),
    )
    report.add(rivals.OURS_ALONE.name, alone, problem, base, goals)
    linked = run_ours(rivals.OURS, problem, TOLERANCE, 600)
    goals = (
        Goal("within 2 %", imbalance_of(problem, linked.territory) <= TOLERANCE),
        Goal(f"under {SECONDS:.0f} s", linked.seconds < SECONDS),
        Goal("all contiguous", bool((pieces_of(problem, linked.territory) <= 1).all())),
    )
    report.add("Geo Territory, with neighbours", linked, problem, base, goals)
    for other in (rivals.METIS, rivals.KMEANS):
        report.add(other.name, run_apart(other, problem, TOLERANCE, 600), problem, base)
    return report
