"""The solver beside the proved optimum: every way tried on small maps, and set partitioning on the counties of a state.

`pytest -s tests/test_balancing_exact.py` prints each gap.
"""

import sys
from functools import cache

import numpy as np
import pytest

from geo_territory.balancing import Problem, Result, solve
from geo_territory.balancing.result import imbalance_of
from geo_territory.contiguity import is_contiguous
from tests.benchmarks.worlds import counties_of, small_map
from tests.exact import ROUNDING, Optimum, best_by_sets, best_of_all, least_for_centres

SMALL_MAPS = [(seed, 6 + seed % 7, 2 + seed % 2, (0.05, 0.1, 0.2)[seed % 3]) for seed in range(18)]
STATES = [("NH", 3, 0.1), ("VT", 2, 0.05), ("VT", 3, 0.1), ("ME", 3, 0.1), ("NJ", 3, 0.02), ("NJ", 4, 0.05), ("MD", 3, 0.05)]


def told(line: str) -> None:
    sys.stdout.write(line + "\n")


def gap_to(best: Optimum, result: Result) -> float:
    return result.inertia / best.inertia - 1


@cache
def tried_in_every_way() -> list[tuple[tuple, Optimum | None, Result]]:
    found = []
    for seed, n, k, tolerance in SMALL_MAPS:
        problem = small_map(n, k, seed)
        found.append(((seed, n, k, tolerance), best_of_all(problem, tolerance), solve(problem, tolerance)))
    return found


def test_the_two_proofs_agree():
    for seed, n, k, tolerance in SMALL_MAPS:
        problem = small_map(n, k, seed)
        by_all, by_sets = best_of_all(problem, tolerance), best_by_sets(problem, tolerance)
        assert (by_all is None) == (by_sets is None)
        if by_all is not None:
            assert by_sets.inertia == pytest.approx(by_all.inertia, rel=1e-9)


def test_territories_of_unequal_capacity_are_proved_too():
    """Four places in a row and shares 3 : 1: the first three belong together, and the proof knows which territory is the large one."""
    position = np.array([[0.0, 0], [1, 0], [2, 0], [9, 0]])
    row = small_map(4, 2, 0)
    problem = Problem(position, np.ones(4), row.neighbors, np.array([1.0, 3.0]))
    best = best_of_all(problem, 0.01)
    assert best.territory.tolist() == [1, 1, 1, 0]
    assert solve(problem, 0.01).territory.tolist() == [1, 1, 1, 0]


def test_the_solver_keeps_the_tolerance_wherever_that_can_be_done():
    tried = tried_in_every_way()
    assert any(best is not None for _, best, _ in tried)
    assert [case for case, best, result in tried if result.within_tolerance != (best is not None)] == []


def test_small_maps_come_out_at_the_optimum():
    gaps = {case: gap_to(best, result) for case, best, result in tried_in_every_way() if best is not None}
    for (seed, n, k, tolerance), gap in gaps.items():
        told(f"map {seed}, {n} units, {k} territories, {tolerance:.0%}: {gap:.4%} above the optimum")
    assert min(gaps.values()) >= -ROUNDING, "the proof missed an alignment that the solver found"
    assert max(gaps.values()) <= ROUNDING, gaps


def test_counties_of_a_state_come_out_at_the_optimum():
    gaps = {}
    for state, territories, tolerance in STATES:
        problem = counties_of(state, territories)
        best, result = best_by_sets(problem, tolerance), solve(problem, tolerance)
        assert best is not None
        assert result.within_tolerance
        assert is_contiguous(best.territory, problem.neighbors)
        assert imbalance_of(problem, best.territory) <= tolerance + ROUNDING
        gaps[state, territories] = gap_to(best, result)
        told(f"{state}, {problem.units} counties, {territories} territories, {tolerance:.0%}: {gaps[state, territories]:.4%} above")
    assert min(gaps.values()) >= -ROUNDING, "the proof missed an alignment that the solver found"
    assert max(gaps.values()) <= ROUNDING, gaps


def test_the_bound_is_never_above_what_its_centres_allow():
    """Even with split units and territories in pieces nothing is below the bound: it is proved for more than we draw."""
    for seed, n, k, tolerance in [(1, 12, 3, 0.2), (2, 60, 4, 0.05), (3, 300, 8, 0.01)]:
        problem = small_map(n, k, seed)
        result = solve(problem, tolerance)
        held = np.bincount(result.territory, problem.weight[:, 0], k)
        centres = np.column_stack([np.bincount(result.territory, problem.weight[:, 0] * at, k) / held for at in problem.position.T])
        least = least_for_centres(problem, centres, max(tolerance, result.imbalance))
        told(f"{n} units, {k} territories: bound {1 - result.bound / least:.4%} below the least for its centres")
        assert 0 < result.bound <= least * (1 + ROUNDING) <= result.inertia * (1 + 2 * ROUNDING)
        assert result.bound >= 0.9 * least
