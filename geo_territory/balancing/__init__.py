"""Contiguous, balanced, compact territories: `solve(Problem(...))`.

from geo_territory.balancing import FirstOf, MaxSeconds, Problem, WithinTolerance, solve

problem = Problem(position, weight, neighbors, capacity)
result = solve(problem, tolerance=0.05, seed=0, stop=FirstOf(WithinTolerance(), MaxSeconds(20)))
result.territory, result.imbalance, result.inertia, result.gap
"""

from geo_territory.balancing.frontier import Alternative, frontier
from geo_territory.balancing.pieces import solve_pieces
from geo_territory.balancing.problem import Problem
from geo_territory.balancing.result import Result
from geo_territory.balancing.solve import solve
from geo_territory.balancing.stop import FirstOf, MaxRounds, MaxSeconds, Standing, StoppingCriterion, WithinTolerance

__all__ = [
    "Alternative",
    "FirstOf",
    "MaxRounds",
    "MaxSeconds",
    "Problem",
    "Result",
    "Standing",
    "StoppingCriterion",
    "WithinTolerance",
    "frontier",
    "solve",
    "solve_pieces",
]
