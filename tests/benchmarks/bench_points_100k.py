"""100,000 equal points and 50 territories, beside k-means-constrained: sizes within 1 %."""

from __future__ import annotations

from geo_territory.balancing.result import inertia_of
from tests.benchmarks import rivals, worlds
from tests.benchmarks.measuring import run_apart, run_ours
from tests.benchmarks.report import Goal, Report

TOLERANCE, SECONDS, RATIO = 0.01, 1.0, 0.985


def run(quick: bool) -> Report:
    """Return the table; a quick run leaves out k-means-constrained, which takes minutes."""
    problem = worlds.points_in_us_towns(100_000, 50, weighted=False, linked=True)
    report = Report("100,000 equal points, 50 territories, tolerance 1 %", notes=["In pieces: by the Delaunay neighbours of the points."])
    alone = run_ours(rivals.OURS_ALONE, problem, TOLERANCE, 600)
    linked = run_ours(rivals.OURS, problem, TOLERANCE, 600)
    base = inertia_of(problem, alone.territory)
    rival = None if quick else run_apart(rivals.KMEANS_CONSTRAINED, problem, TOLERANCE, 900)
    for name, ours in ((rivals.OURS_ALONE.name, alone), ("Geo Territory, with neighbours", linked)):
        goals = [Goal(f"at most {SECONDS:.0f} s", ours.seconds <= SECONDS)]
        if rival is not None and rival.territory is not None:
            reached = inertia_of(problem, ours.territory) <= RATIO * inertia_of(problem, rival.territory)
            goals.append(Goal(f"inertia at most {RATIO} of k-means-constrained's", reached))
        report.add(name, ours, problem, base, goals)
    if rival is not None:
        report.add(rivals.KMEANS_CONSTRAINED.name, rival, problem, base)
    else:
        report.notes.append("k-means-constrained (about four minutes) is left out of a quick run.")
    for other in (rivals.METIS, rivals.KMEANS):
        report.add(other.name, run_apart(other, problem, TOLERANCE, 600), problem, base)
    return report
