"""What is asked of the solver: units, what they weigh, who neighbours whom, and territories with capacities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

NOBODY = -1
KINDS = {
    **dict.fromkeys(("start", "base_units", "forbidden"), np.int64),
    **dict.fromkeys(("locked", "locked_territories"), np.bool_),
    **dict.fromkeys(("bases", "least", "most", "accounts", "most_given", "most_taken"), np.float64),
}


@dataclass(frozen=True, eq=False)
class Problem:
    """n basic units to share out among k territories.

    position: (n, 2) places on an equal-area plane [m].
    weight: (n,) or (n, m) non-negative weights in any unit, m criteria that must each be balanced, e.g. workload [h/year] and value.
    neighbors: (n, n) symmetric scipy.sparse graph, in one piece (link islands first); None when territories need not be contiguous.
    capacity: (k,) positive; only the shares count.
    start: (n,) int current territory of each unit, -1 for none; territories then keep their number.
    locked: (n,) bool units that stay where `start` has them.
    bases: (k, 2) places of reps [m], rows of NaN for territories without one.
    base_pull: in [0, 1], how far compactness is measured to the base instead of the centroid; 1 fixes the centre at the base.
    base_units: (k,) int the unit that holds each base, which always belongs to its territory; -1 for none; by default the nearest.
    locked_territories: (k,) bool territories that keep exactly the units `start` gives them.
    forbidden: (p, 2) int pairs of a unit and a territory it may never be in.
    least, most: (k,) or (k, m) what a territory must or may hold, in the unit of `weight`; NaN for no limit. Both these and the
    tolerance are kept: where they exclude each other the limits win and the tolerance counts as out of reach.
    accounts: (n,) number of accounts in each unit, 1 by default. most_given, most_taken: (k,) how many accounts a territory may
    give away and take over against `start`, NaN for any number; units without a start count for neither.
    unit_names, territory_names, criterion_names: what explanations call them; numbers by default.
    Raises ValueError, all faults together, when an array makes no sense.
    """

    position: np.ndarray
    weight: np.ndarray
    neighbors: sparse.csr_array | None
    capacity: np.ndarray
    start: np.ndarray | None = None
    locked: np.ndarray | None = None
    bases: np.ndarray | None = None
    base_pull: float = 0.5
    base_units: np.ndarray | None = None
    locked_territories: np.ndarray | None = None
    forbidden: np.ndarray | None = None
    least: np.ndarray | None = None
    most: np.ndarray | None = None
    accounts: np.ndarray | None = None
    most_given: np.ndarray | None = None
    most_taken: np.ndarray | None = None
    unit_names: Sequence[str] | None = None
    territory_names: Sequence[str] | None = None
    criterion_names: Sequence[str] | None = None

    def __post_init__(self) -> None:
        self._set("position", np.ascontiguousarray(self.position, np.float64))
        weight = np.asarray(self.weight, np.float64)
        self._set("weight", np.ascontiguousarray(weight[:, None] if weight.ndim == 1 else weight))
        self._set("capacity", np.asarray(self.capacity, np.float64))
        if self.neighbors is not None:
            self._set("neighbors", plain_graph(self.neighbors))
        for name, kind in KINDS.items():
            value = getattr(self, name)
            if value is not None:
                self._set(name, np.asarray(value, kind))
        if self.forbidden is not None and self.forbidden.size == 0:
            self._set("forbidden", self.forbidden.reshape(0, 2))
        for name in ("least", "most"):
            limit = getattr(self, name)
            if limit is not None and limit.ndim == 1:
                self._set(name, limit[:, None])
        faults = [*_unit_faults(self), *_territory_faults(self), *_rule_faults(self)]
        if faults:
            raise ValueError("; ".join(faults))

    def _set(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)

    @property
    def graph(self) -> sparse.csr_array:
        """The neighbour graph of a problem that has one, (n, n)."""
        if self.neighbors is None:
            raise ValueError("Expected a problem with neighbors: without them there is no graph.")
        return self.neighbors

    @property
    def units(self) -> int:
        """The number of units, n."""
        return len(self.position)

    @property
    def territories(self) -> int:
        """The number of territories, k."""
        return len(self.capacity)

    @property
    def share(self) -> np.ndarray:
        """Weight of each unit as a share of its criterion's total, (n, m)."""
        return self.weight / self.weight.sum(0)

    @property
    def target(self) -> np.ndarray:
        """Share of the total each territory should hold, (k,)."""
        return self.capacity / self.capacity.sum()

    @property
    def held(self) -> np.ndarray:
        """True for units that may not change hands, (n,) bool."""
        return np.zeros(self.units, bool) if self.locked is None else self.locked

    def name_of_unit(self, unit: int) -> str:
        """Return what a person calls the unit."""
        return f"Unit {unit if self.unit_names is None else self.unit_names[unit]}"

    @property
    def criteria(self) -> int:
        """The number of criteria, m."""
        return self.weight.shape[1]

    def name_of_criterion(self, criterion: int) -> str:
        """Return what a person calls the criterion."""
        return f"criterion {criterion}" if self.criterion_names is None else str(self.criterion_names[criterion])

    def name_of_territory(self, territory: int) -> str:
        """Return what a person calls the territory."""
        return f"territory {territory if self.territory_names is None else self.territory_names[territory]}"


def plain_graph(neighbors: sparse.sparray) -> sparse.csr_array:
    """Return the graph as CSR with 32-bit sorted indices, no loops and no explicit zeros."""
    graph = sparse.coo_array(neighbors)
    off = (graph.row != graph.col) & (graph.data != 0)
    ones = np.ones(int(off.sum()), np.int8)
    plain = sparse.csr_array((ones, (graph.row[off].astype(np.int32), graph.col[off].astype(np.int32))), shape=graph.shape)
    plain.sort_indices()
    return plain


def _unit_faults(problem: Problem) -> list[str]:
    n, faults = len(problem.position), []
    if problem.position.ndim != 2 or problem.position.shape[1] != 2 or n == 0:
        return [f"Expected position (n, 2) with n >= 1, got {problem.position.shape}"]
    if not np.isfinite(problem.position).all():
        faults.append(f"Position of unit {int(np.argmin(np.isfinite(problem.position).all(1)))} isn't finite")
    if len(problem.weight) != n or problem.weight.ndim != 2:
        return [*faults, f"Expected weight of {n} units, got {problem.weight.shape}"]
    if not (np.isfinite(problem.weight) & (problem.weight >= 0)).all():
        faults.append(f"Weight of unit {int(np.argmin((problem.weight >= 0).all(1)))} isn't a finite number >= 0")
    elif not (problem.weight.sum(0) > 0).all():
        faults.append("Expected some weight in each criterion: all are zero")
    graph = problem.neighbors
    if graph is not None and graph.shape != (n, n):
        faults.append(f"Expected neighbors ({n}, {n}), got {graph.shape}")
    elif graph is not None and (graph != graph.T).nnz:
        faults.append("Expected symmetric neighbors: if a borders b, then b borders a")
    return faults


def _territory_faults(problem: Problem) -> list[str]:
    n, k, faults = len(problem.position), len(problem.capacity), []
    if problem.capacity.ndim != 1 or k == 0 or not (np.isfinite(problem.capacity) & (problem.capacity > 0)).all():
        faults.append("Expected capacity (k,) of finite numbers > 0, k >= 1")
    start = problem.start
    if start is not None and (start.shape != (n,) or start.min() < NOBODY or start.max() >= k):
        faults.append(f"Expected start ({n},) with values in -1…{k - 1}")
    elif problem.locked is not None and problem.locked.shape != (n,):
        faults.append(f"Expected locked ({n},)")
    elif problem.locked is not None and problem.locked.any() and (start is None or (start[problem.locked] < 0).any()):
        faults.append("A locked unit has no territory in start")
    if problem.bases is not None and problem.bases.shape != (k, 2):
        faults.append(f"Expected bases ({k}, 2), got {problem.bases.shape}")
    if not 0 <= problem.base_pull <= 1:
        faults.append("Expected base_pull in [0, 1]: 1 fixes a territory's centre at its base")
    return faults


def _rule_faults(problem: Problem) -> list[str]:
    n, k, m = len(problem.position), len(problem.capacity), problem.weight.shape[-1]
    shapes = {
        "base_units": (k,),
        "locked_territories": (k,),
        "least": (k, m),
        "most": (k, m),
        "accounts": (n,),
        "most_given": (k,),
        "most_taken": (k,),
    }
    given = {name: getattr(problem, name) for name in shapes}
    faults = [
        f"Expected {name} {shapes[name]}, got {value.shape}"
        for name, value in given.items()
        if value is not None and value.shape != shapes[name]
    ]
    faults += [
        f"Expected {name} >= 0"
        for name in ("least", "most", "accounts", "most_given", "most_taken")
        if given[name] is not None and ((given[name] < 0).any() or (name == "accounts" and not np.isfinite(given[name]).all()))
    ]
    held, pairs = problem.base_units, problem.forbidden
    if held is not None and len(held) and not (held.min() >= NOBODY and held.max() < n):
        faults.append(f"Expected base_units with values in -1…{n - 1}")
    if pairs is not None and (pairs.ndim != 2 or pairs.shape[1] != 2):
        faults.append(f"Expected forbidden (p, 2), got {pairs.shape}")
    elif pairs is not None and len(pairs) and (pairs.min() < 0 or pairs[:, 0].max() >= n or pairs[:, 1].max() >= k):
        faults.append(f"Expected forbidden pairs of a unit in 0…{n - 1} and a territory in 0…{k - 1}")
    names = {"unit_names": n, "territory_names": k, "criterion_names": m}
    told = {name: getattr(problem, name) for name in names}
    faults += [
        f"Expected {names[name]} {name}, got {len(said)}" for name, said in told.items() if said is not None and len(said) != names[name]
    ]
    if problem.start is None and any(given[name] is not None for name in ("locked_territories", "most_given", "most_taken")):
        faults.append("Expected start where territories are locked or may give and take only so much")
    return faults
