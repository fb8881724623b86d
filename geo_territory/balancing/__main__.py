"""Compile the solver's kernels, once per machine: `python -m geo_territory.balancing`. The first solve does it otherwise."""

import numpy as np
from scipy import sparse

from geo_territory.balancing import Problem, solve


def compile_kernels() -> None:
    """Solve a small grid, with and without a start, so that every kernel is compiled and kept on disk."""
    side = 12
    x, y = (axis.ravel() for axis in np.meshgrid(np.arange(side), np.arange(side)))
    number = np.arange(side * side)
    pairs = np.concatenate(
        [
            np.column_stack([number[x < side - 1], number[x < side - 1] + 1]),
            np.column_stack([number[y < side - 1], number[y < side - 1] + side]),
        ]
    )
    graph = sparse.csr_array((np.ones(len(pairs)), pairs.T), shape=(side * side, side * side))
    weight = 1.0 + number % 5
    position = np.column_stack([x, y]) * 1000.0
    for start in (None, (x > 2).astype(int)):
        solve(Problem(position, weight, graph + graph.T, np.ones(2 if start is not None else 5), start=start), tolerance=0.05)


if __name__ == "__main__":
    compile_kernels()
