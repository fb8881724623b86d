"""The methods under the clock: Geo Territory and its rivals, each called with its own best-known settings for the work.

A method is given the problem, converts it to its own terms, and returns the work to be timed: conversion and imports don't count.
Rivals are the extra `bench` of the package; a rival that isn't installed is named as such, and the rest goes on.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from typing import Protocol

import numpy as np

from geo_territory.balancing import Problem, solve
from geo_territory.balancing.__main__ import compile_kernels

Work = Callable[[], np.ndarray]


class Method(Protocol):
    """Prepares a problem for a tolerance in (0, 1) and returns the work, which returns the territory of each unit, (n,) int."""

    def __call__(self, problem: Problem, tolerance: float) -> Work:
        """Return the work to be timed."""
        ...


@dataclass(frozen=True)
class Rival:
    """A method, the package that brings it, and what it is called in the tables; slow ones are left out of a quick run."""

    name: str
    package: str
    method: Method
    slow: bool = False

    @property
    def version(self) -> str:
        """The installed version, empty when the package isn't installed."""
        try:
            return version(self.package)
        except PackageNotFoundError:
            return ""


def geo_territory(problem: Problem, tolerance: float) -> Work:
    """Solve with the defaults; kernels are compiled beforehand."""
    warm_up()
    return lambda: solve(problem, tolerance).territory


def geo_territory_alone(problem: Problem, tolerance: float) -> Work:
    """Solve with the defaults and without neighbours."""
    return geo_territory(replace(problem, neighbors=None), tolerance)


@functools.cache
def warm_up() -> None:
    """Compile or load the solver's kernels, for maps and for crowds of points."""
    compile_kernels()
    points = np.random.default_rng(0).uniform(0, 1e6, (25_000, 2))
    solve(Problem(points, np.ones(len(points)), None, np.ones(20)))


def kmeans(problem: Problem, tolerance: float) -> Work:
    """Cluster places by weight; it knows neither balance nor neighbours."""
    from sklearn.cluster import KMeans

    model = KMeans(problem.territories, n_init=1, random_state=0)
    return lambda: model.fit(problem.position, sample_weight=problem.weight[:, 0]).labels_


def kmeans_constrained(problem: Problem, tolerance: float) -> Work:
    """Cluster equal places with sizes held to the tolerance by min-cost flow; it knows no weights and no neighbours.

    Places are brought to a square of 1,000: it counts thousandths of squared distances in 32 bits, and metres would overflow.
    """
    from k_means_constrained import KMeansConstrained

    fair = problem.units / problem.territories
    least, most = int(np.ceil((1 - tolerance) * fair)), int(np.floor((1 + tolerance) * fair))
    model = KMeansConstrained(problem.territories, size_min=least, size_max=most, n_init=1, random_state=0)
    places = (problem.position - problem.position.min(0)) * (1000.0 / np.ptp(problem.position, axis=0).max())
    return lambda: model.fit_predict(places)


def metis(problem: Problem, tolerance: float) -> Work:
    """Cut the neighbour graph k ways into connected parts of equal weight with few edges cut; it knows no places."""
    import pymetis

    graph, weight = pymetis.CSRAdjacency(problem.neighbors.indptr, problem.neighbors.indices), _whole_weights(problem)
    options = pymetis.Options(contig=1, seed=0, ufactor=max(1, int(tolerance * 1000)))
    return lambda: np.asarray(
        pymetis.part_graph(problem.territories, graph, vweights=weight, recursive=False, options=options).vertex_part, np.int64
    )


def kahip(problem: Problem, tolerance: float) -> Work:
    """Cut the neighbour graph into parts of equal weight with few edges cut (mode strong); parts need not be connected."""
    import kahip as package

    strong, graph = 2, problem.neighbors
    arrays = _whole_weights(problem), graph.indptr.tolist(), [1] * graph.nnz, graph.indices.tolist()
    return lambda: np.asarray(package.kaffpa(*arrays, problem.territories, tolerance, True, 0, strong)[1], np.int64)


def _whole_weights(problem: Problem) -> list[int]:
    """Return weights as whole numbers, a billion in all: graph cutters count in 32 bits."""
    return np.rint(problem.share[:, 0] * 1e9).astype(np.int64).tolist()


def gerrychain(problem: Problem, tolerance: float) -> Work:
    """Cut random spanning trees where both sides weigh right, one territory after the other."""
    import networkx
    from gerrychain import Graph
    from gerrychain.partition import recursive_tree_part

    plain = networkx.from_scipy_sparse_array(problem.neighbors)
    networkx.set_node_attributes(plain, dict(enumerate(problem.weight[:, 0].tolist())), "weight")
    graph, fair = Graph.from_networkx(plain), problem.weight.sum() / problem.territories

    def work() -> np.ndarray:
        territory = recursive_tree_part(graph, range(problem.territories), fair, "weight", tolerance, rng=0)
        return np.array([territory[unit] for unit in range(problem.units)])

    return work


def azp(problem: Problem, tolerance: float) -> Work:
    """Move units between connected regions while places become more alike; it knows no balance."""
    from spopt.region import AZP

    model = AZP(_frame(problem), _pysal_graph(problem), ["x", "y"], problem.territories, random_state=0)
    return lambda: _labels_of(model)


def skater(problem: Problem, tolerance: float) -> Work:
    """Prune the minimum spanning tree of the neighbours; it knows no balance."""
    from spopt.region import Skater

    model = Skater(_frame(problem), _pysal_graph(problem), ["x", "y"], problem.territories)
    return lambda: _labels_of(model)


def region_kmeans(problem: Problem, tolerance: float) -> Work:
    """Grow and mend connected regions about seeds; it knows no balance."""
    from spopt.region import RegionKMeansHeuristic

    model = RegionKMeansHeuristic(problem.position / 1000.0, problem.territories, _pysal_graph(problem))
    return lambda: _labels_of(model)


def _frame(problem: Problem) -> object:
    import pandas as pd

    return pd.DataFrame(problem.position / 1000.0, columns=["x", "y"])


def _pysal_graph(problem: Problem) -> object:
    from libpysal.weights import W

    graph = problem.neighbors
    return W({u: graph.indices[graph.indptr[u] : graph.indptr[u + 1]].tolist() for u in range(problem.units)}, silence_warnings=True)


def _labels_of(model: object) -> np.ndarray:
    model.solve()
    return np.unique(np.asarray(model.labels_), return_inverse=True)[1]


OURS = Rival("Geo Territory", "geo-territory", geo_territory)
OURS_ALONE = Rival("Geo Territory, points alone", "geo-territory", geo_territory_alone)
KMEANS = Rival("scikit-learn KMeans", "scikit-learn", kmeans)
KMEANS_CONSTRAINED = Rival("k-means-constrained", "k-means-constrained", kmeans_constrained)
METIS = Rival("METIS, contiguous", "pymetis", metis)
KAHIP = Rival("KaHIP, strong", "kahip", kahip)
GERRYCHAIN = Rival("GerryChain recursive_tree_part", "gerrychain", gerrychain)
AZP = Rival("spopt AZP", "spopt", azp, slow=True)
SKATER = Rival("spopt Skater", "spopt", skater, slow=True)
REGION_KMEANS = Rival("spopt RegionKMeansHeuristic", "spopt", region_kmeans, slow=True)
