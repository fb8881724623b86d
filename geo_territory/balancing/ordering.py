"""The order units are worked in, whatever the order of the rows they came in: by place, then by what else tells them apart."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy

import numpy as np
from scipy import sparse

from geo_territory.balancing.problem import NOBODY, Problem

TIES = 3  # rounds in which units at one place with equal weights are told apart by their neighbours


def in_order(problem: Problem) -> tuple[Problem, np.ndarray]:
    """Return the problem with its units sorted, and the row each sorted unit had, (n,) int.

    Units are sorted by x, y, weights, start, lock, accounts and forbidden pairs; those still alike by the places of their neighbours
    (Weisfeiler, Leman 1968), then by row: units alike in all of that may change places.
    """
    n = problem.units
    order, rank = _ranked(tuple(problem.position.T))
    if not _all_differ(rank):
        order, rank = _ranked(tuple(_keys(problem)))
    if problem.neighbors is not None:
        for _ in range(TIES):
            if _all_differ(rank):
                break
            order, rank = _ranked((rank, _near(problem.neighbors, rank)))
    return (problem, order) if np.array_equal(order, np.arange(n)) else (_sorted(problem, order), order)


def _keys(problem: Problem) -> list[np.ndarray]:
    keys = [*problem.position.T, *problem.weight.T]
    keys += [key for key in (problem.start, problem.locked, problem.accounts) if key is not None]
    if problem.forbidden is not None and len(problem.forbidden):
        pairs = np.unique(problem.forbidden, axis=0)
        keys.append(np.bincount(pairs[:, 0], _mixed(pairs[:, 1]), problem.units))
    if problem.base_units is not None:
        keys.append(np.isin(np.arange(problem.units), problem.base_units))
    return keys


def _ranked(keys: tuple[np.ndarray, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return (units sorted by the keys, the first most, then by row; how many sort before each unit, alike for those with equal keys)."""
    order = np.lexsort(keys[::-1])
    new = np.zeros(len(order), bool)
    for key in keys:
        new[1:] |= key[order[1:]] != key[order[:-1]]
    rank = np.empty(len(order), np.int64)
    rank[order] = np.concatenate(([0], np.flatnonzero(new)))[np.cumsum(new)]
    return order, rank


def _all_differ(rank: np.ndarray) -> bool:
    return bool((np.bincount(rank, minlength=len(rank)) == 1).all())


def _near(neighbors: sparse.csr_array, rank: np.ndarray) -> np.ndarray:
    """Return a number made from the ranks of each unit's neighbours in any order, (n,)."""
    mixed = _mixed(rank)[neighbors.indices]
    total = np.concatenate(([0], np.cumsum(mixed)))
    return total[neighbors.indptr[1:]] - total[neighbors.indptr[:-1]]


def _mixed(number: np.ndarray) -> np.ndarray:
    """Return whole numbers below 2^30, mixed (Knuth's multiplicative hash), so that sums of them rarely agree by chance."""
    return ((number + 1) * np.int64(2654435761) % np.int64(2**30)).astype(np.int64)


def _sorted(problem: Problem, order: np.ndarray) -> Problem:
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    pairs, base = problem.forbidden, problem.base_units
    changed = {name: getattr(problem, name) for name in ("position", "weight", "start", "locked", "accounts")}
    changed = {name: None if value is None else value[order] for name, value in changed.items()}
    changed["neighbors"] = None if problem.neighbors is None else _sorted_graph(problem.neighbors, order, place)
    changed["forbidden"] = None if pairs is None else np.column_stack([place[pairs[:, 0]], pairs[:, 1]])
    changed["base_units"] = None if base is None else np.where(base >= 0, place[base], NOBODY)
    changed["unit_names"] = _Renamed(problem.unit_names, order)
    sorted_problem = copy(problem)  # not `replace`: what was checked needn't be checked again
    for name, value in changed.items():
        object.__setattr__(sorted_problem, name, value)
    return sorted_problem


def _sorted_graph(graph: sparse.csr_array, order: np.ndarray, place: np.ndarray) -> sparse.csr_array:
    """Return the graph with its units in another order."""
    length = np.diff(graph.indptr)[order]
    indptr = np.concatenate(([0], np.cumsum(length))).astype(graph.indptr.dtype)
    entry = np.repeat(graph.indptr[:-1][order] - indptr[:-1], length) + np.arange(indptr[-1])
    indices = place.astype(graph.indices.dtype)[graph.indices[entry]]
    new = sparse.csr_array((graph.data[entry], indices, indptr), shape=graph.shape)
    new.sort_indices()
    return new


class _Renamed:
    """Names of sorted units, looked up by the row they came in."""

    def __init__(self, names: Sequence[str] | None, order: np.ndarray) -> None:
        self.names, self.order = names, order

    def __getitem__(self, unit: int) -> object:
        row = int(self.order[unit])
        return row if self.names is None else self.names[row]

    def __len__(self) -> int:
        return len(self.order)
