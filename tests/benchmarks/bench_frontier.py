"""Up to nine alternatives for 3,000 units and 50 territories after a year of growth: none better than another in all measures."""

from __future__ import annotations

import numpy as np

from geo_territory.balancing import frontier, solve
from geo_territory.balancing.result import imbalance_of, inertia_of
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
    offered = []
    done = timed(lambda: offered.extend(frontier(problem, TOLERANCE)))
    measures = np.array([(one.result.imbalance, one.result.inertia, one.result.disruption) for one in offered])
    dominated = [(other <= one).all() and (other < one).any() for one in measures for other in measures]
    goals = (Goal("none dominated", not any(dominated)), Goal("two to nine", 2 <= len(offered) <= 9))
    report = Report(f"Alternatives: {UNITS:,} units, {TERRITORIES} territories, tolerance 5 %, after a year", "the current map's")
    title = f"frontier, {len(offered)} alternatives"
    start = Run(problem.start, float("nan"))
    report.tell(method=title, seconds=f"{done.seconds:.3g}", CPU_s=f"{done.cpu:.3g}", goal="; ".join(map(str, goals)))
    off = f"the current map, {imbalance_of(problem, problem.start):.0%} off"
    report.add(off, start, problem, base, disruption=0.0)
    for one in offered:
        report.add(f"… {one.label}", Run(one.result.territory, float("nan")), problem, base, disruption=one.result.disruption)
    return report
