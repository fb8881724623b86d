"""Fourteen US states with a published contiguous plan, found by branch-and-cut on a commercial solver."""

from __future__ import annotations

import numpy as np

from geo_territory.balancing.result import imbalance_of, inertia_of, pieces_of
from tests.benchmarks import rivals, worlds
from tests.benchmarks.measuring import run_here
from tests.benchmarks.report import Goal, Report

TOLERANCE, MEAN, WORST, SECONDS = 0.005, 1.000, 1.02, 5.0


def run(quick: bool) -> Report:
    """Return the table; an empty one that says so when the published plans don't lie beside the project."""
    report = Report("US states of 2010, tolerance 0.5 %", "the published plan's (Validi, Buchanan, Lykhovyd 2022)")
    states = worlds.published_states()
    if not states:
        report.tell(
            method=rivals.OURS.name, seconds="not run", goal=f"the published plans ({worlds.STATES.name}) aren't beside the project"
        )
    ratios, longest = [], 0.0
    for state in states:
        ours = run_here(rivals.OURS, state.problem, TOLERANCE)
        ratio = inertia_of(state.problem, ours.territory) / state.inertia
        feasible = imbalance_of(state.problem, ours.territory) <= TOLERANCE and (pieces_of(state.problem, ours.territory) <= 1).all()
        goals = (Goal("feasible", bool(feasible)), Goal("at most 1.02", ratio <= WORST), Goal("at most 5 s", ours.seconds <= SECONDS))
        missed = [goal for goal in goals if not goal.reached]
        report.add(rivals.OURS.name, ours, state.problem, state.inertia, missed, work=f"{state.name}, {state.problem.territories}")
        ratios.append(ratio)
        longest = max(longest, ours.seconds)
    if states:
        goal = Goal(f"inertia at most {MEAN:.3f} on average", bool(np.mean(ratios) <= MEAN))
        published = sum(state.seconds for state in states)
        mean = {"seconds": f"{longest:.3g} at most", "inertia": f"{np.mean(ratios):.4f}", "goal": str(goal)}
        report.tell(work="all, on average", method=rivals.OURS.name, **mean)
        report.notes.append(f"The published plans took {published:,.0f} s in all. A row without a goal reached all of its own.")
    return report
