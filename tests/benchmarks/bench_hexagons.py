"""48,000 hexagons, most of them empty, and 100 territories within 1 %, beside METIS and KaHIP."""

from __future__ import annotations

from geo_territory.balancing.result import imbalance_of, inertia_of, pieces_of
from tests.benchmarks import rivals, worlds
from tests.benchmarks.measuring import run_apart, run_ours
from tests.benchmarks.report import Goal, Report

TOLERANCE, SECONDS = 0.01, 10.0


def run(quick: bool) -> Report:
    """Return the table."""
    problem = worlds.hexagons(100)
    ours = run_ours(rivals.OURS, problem, TOLERANCE, 120)
    base = inertia_of(problem, ours.territory)
    goals = (
        Goal("all contiguous", bool((pieces_of(problem, ours.territory) <= 1).all())),
        Goal("within 1 %", imbalance_of(problem, ours.territory) <= TOLERANCE),
        Goal(f"under {SECONDS:.0f} s", ours.seconds < SECONDS),
    )
    report = Report("48,000 hexagons, 100 territories, tolerance 1 %")
    report.add(rivals.OURS.name, ours, problem, base, goals)
    for other in (rivals.METIS, rivals.KAHIP):
        report.add(other.name, run_apart(other, problem, TOLERANCE, 120), problem, base)
    return report
