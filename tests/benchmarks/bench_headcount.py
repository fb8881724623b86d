"""The same 3,000 units in 48 to 53 territories, starting from today's 50."""

from __future__ import annotations

from geo_territory.balancing import solve
from geo_territory.balancing.headcount import headcount
from geo_territory.balancing.result import inertia_of
from tests.benchmarks import rivals, worlds
from tests.benchmarks.measuring import Run, timed
from tests.benchmarks.report import Goal, Report

UNITS, TERRITORIES, TOLERANCE = 3_000, 50, 0.05


def run(quick: bool) -> Report:
    """Return the table."""
    rivals.warm_up()
    problem = worlds.small_map(UNITS, TERRITORIES, seed=7)
    problem = worlds.a_year_later(problem, solve(problem, TOLERANCE).territory)
    base = inertia_of(problem, problem.start)
    found = []
    done = timed(lambda: found.extend(headcount(problem, tolerance=TOLERANCE)))
    kept = all(one.result.within_tolerance and (one.result.pieces <= 1).all() for one in found)
    report = Report(f"Headcount: {UNITS:,} units, {TERRITORIES} territories today, tolerance 5 %, after a year", "the current map's")
    goal = str(Goal("all contiguous, within 5 %", kept))
    report.tell(method=f"headcount, {len(found)} numbers", seconds=f"{done.seconds:.3g}", CPU_s=f"{done.cpu:.3g}", goal=goal)
    for one in found:
        name = f"… {one.territories} territories"
        report.add(name, Run(one.result.territory, float("nan")), one.problem, base, disruption=one.disruption)
    return report
