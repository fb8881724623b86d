"""Compile the solver's kernels, once per machine: `python -m geo_territory.balancing`. The first solve does it otherwise."""

import numpy as np
from scipy import sparse

from geo_territory.balancing import MaxRounds, Problem, solve
from geo_territory.balancing.border.strip import strip_of
from geo_territory.balancing.repairs.offers import repair_offers
from geo_territory.balancing.terrain import terrain_of


def grid(side: int, territories: int, start: np.ndarray | None = None) -> Problem:
    """Return side x side units a kilometre apart, of unequal weight, each the neighbour of four."""
    number = np.arange(side * side).reshape(side, side)
    a, b = np.concatenate([number[:, :-1].ravel(), number[:-1].ravel()]), np.concatenate([number[:, 1:].ravel(), number[1:].ravel()])
    graph = sparse.coo_array((np.ones(len(a)), (a, b)), shape=(number.size, number.size))
    position = np.column_stack([number.ravel() % side, number.ravel() // side]) * 1000.0
    return Problem(position, 1.0 + number.ravel() % 5, graph + graph.T, np.ones(territories), start=start)


def compile_kernels() -> None:
    """Take every way of the solver on small grids, so that every kernel is compiled and kept on disk."""
    west = (np.arange(144) % 12 > 2).astype(int)
    solve(grid(12, 5))
    solve(grid(12, 2, west))
    solve(grid(8, 8), tolerance=0.005, stop=MaxRounds(9))  # a puzzle
    solve(grid(4, 3), tolerance=0.05)  # few enough units to try every way
    strip_of(terrain_of(grid(12, 2), 0.05, 0.0), west)
    repair_offers(grid(12, 2), west)


if __name__ == "__main__":
    compile_kernels()
