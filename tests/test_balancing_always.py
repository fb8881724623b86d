"""What holds for every problem: whole territories, kept rules, explained breaches, one answer for a seed in whatever row order.

Worlds are random planar maps: Delaunay graphs of random places, grids with holes, two units at one place, linked islands, weights
with zeros and giants.
"""

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.sparse import csgraph
from scipy.spatial import Delaunay

from geo_territory.balancing import MaxRounds, Problem, solve
from geo_territory.balancing.result import imbalance_of
from geo_territory.balancing.rules import forced_units
from geo_territory.errors import InfeasibleError

ONE = MaxRounds(1)


def examples(count: int) -> settings:
    return settings(max_examples=count, deadline=None, derandomize=True)


def linked(position: np.ndarray, a: np.ndarray, b: np.ndarray) -> sparse.csr_array:
    """Return the graph of the pairs, its pieces linked one to the next by their shortest crossing."""
    n = len(position)
    graph = sparse.coo_array((np.ones(2 * len(a)), (np.concatenate([a, b]), np.concatenate([b, a]))), shape=(n, n)).tolil()
    count, piece = csgraph.connected_components(graph.tocsr(), directed=False)
    for one in range(1, count):
        ours, theirs = np.flatnonzero(piece == one), np.flatnonzero(piece < one)
        apart = ((position[ours, None] - position[None, theirs]) ** 2).sum(2)
        i, j = np.unravel_index(apart.argmin(), apart.shape)
        graph[ours[i], theirs[j]] = graph[theirs[j], ours[i]] = 1
    return graph.tocsr()


def scattered(n: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (position, pairs a, pairs b) of a Delaunay graph without its long edges, so that islands arise; two units share a place."""
    position = random.uniform(0, 100_000, (n, 2))
    if n > 5:
        corners = Delaunay(position[1:]).simplices + 1
        pairs = np.unique(np.sort(np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [2, 0]]]), axis=1), axis=0)
        length = np.linalg.norm(position[pairs[:, 0]] - position[pairs[:, 1]], axis=1)
        a, b = pairs[length <= np.quantile(length, 0.85)].T
        position[0] = position[1]
        return position, np.append(a, 0), np.append(b, 1)
    return position, np.arange(n - 1), np.arange(1, n)


def holed(n: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (position, pairs a, pairs b) of n units of a square grid with holes."""
    side = int(np.ceil(np.sqrt(1.25 * n)))
    cell = np.sort(random.choice(side * side, n, replace=False))
    position = np.column_stack([cell % side, cell // side]) * 1000.0
    a, b = np.nonzero(np.triu(np.abs(position[:, None] - position[None]).sum(2) == 1000.0))
    return position, a, b


@st.composite
def worlds(draw, least: int = 1) -> Problem:
    n = draw(st.integers(least, 50))
    k = draw(st.one_of(st.integers(1, min(n, 8)), st.just(n)))
    random = np.random.default_rng(draw(st.integers(0, 100_000)))
    position, a, b = draw(st.sampled_from([scattered, holed]))(n, random)
    weight = random.lognormal(0, 1, (n, draw(st.integers(1, 2))))
    weight[random.uniform(size=n) < draw(st.sampled_from([0.0, 0.6]))] = 0
    weight[random.integers(n)] += weight.sum(0) * draw(st.sampled_from([0.0, 0.7])) + 1
    return Problem(position, weight, linked(position, a, b), random.choice([1.0, 1.5], k))


def seeded(problem: Problem) -> np.random.Generator:
    return np.random.default_rng(int(problem.weight.sum() * 1000) % 2**31)


def grown(problem: Problem, random: np.random.Generator) -> np.ndarray:
    """Return a start in which every territory is whole: grown one unit at a time from random units; needs n >= k."""
    territory = np.full(problem.units, -1)
    territory[random.permutation(problem.units)[: problem.territories]] = np.arange(problem.territories)
    row, col = problem.neighbors.nonzero()
    while (territory < 0).any():
        edge = np.flatnonzero((territory[row] < 0) & (territory[col] >= 0))
        pick = random.choice(edge)
        territory[row[pick]] = territory[col[pick]]
    return territory


def whole(result) -> bool:
    return bool((result.pieces <= 1).all())


@examples(40)
@given(worlds(), st.sampled_from([0.01, 0.1, 0.4]))
def test_territories_are_whole_and_every_breach_has_a_reason(problem, tolerance):
    result = solve(problem, tolerance, stop=ONE)
    assert result.pieces.tolist() == [1] * problem.territories
    assert result.within_tolerance == (imbalance_of(problem, result.territory) <= tolerance)
    assert result.within_tolerance != bool(result.reasons)
    assert 0 <= result.bound <= result.inertia * (1 + 1e-9)


@examples(20)
@given(worlds(least=2), st.integers(0, 1000))
def test_the_order_of_the_rows_changes_nothing(problem, seed):
    random = np.random.default_rng(seed)
    start = grown(problem, random)
    problem = replace(problem, start=start, locked=random.uniform(size=problem.units) < 0.1)
    first = solve(problem, 0.1, stop=ONE)
    row = random.permutation(problem.units)
    mixed = replace(
        problem,
        position=problem.position[row],
        weight=problem.weight[row],
        neighbors=problem.neighbors[row][:, row],
        start=start[row],
        locked=problem.locked[row],
    )
    second = solve(mixed, 0.1, stop=ONE)
    assert np.array_equal(first.territory[row], second.territory)
    assert np.array_equal(solve(problem, 0.1, stop=ONE).territory, first.territory)


@examples(30)
@given(worlds(least=2))
def test_locked_territories_keep_exactly_their_units(problem):
    random = seeded(problem)
    start, locked = grown(problem, random), random.uniform(size=problem.territories) < 0.4
    result = solve(replace(problem, start=start, locked_territories=locked), 0.2, stop=ONE)
    for t in np.flatnonzero(locked):
        assert np.array_equal(result.territory == t, start == t)
    assert result.within_tolerance or result.reasons
    assert whole(result) or any("pieces" in reason for reason in result.reasons)


@examples(30)
@given(worlds(least=2))
def test_forbidden_pairs_are_never_broken(problem):
    random = seeded(problem)
    n, k = problem.units, problem.territories
    pairs = np.column_stack([random.integers(0, n, n // 2 + 1), random.integers(0, k, n // 2 + 1)])
    asked = replace(problem, forbidden=pairs)
    try:
        result = solve(asked, 0.2, stop=ONE)
    except InfeasibleError as error:
        assert "may be in no territory" in str(error)
        return
    assert not (result.territory[pairs[:, 0]] == pairs[:, 1]).any()
    assert result.within_tolerance or result.reasons
    assert whole(result) or any("pieces" in reason for reason in result.reasons)


@examples(30)
@given(worlds(least=2), st.integers(0, 6))
def test_caps_are_never_exceeded(problem, cap):
    random = seeded(problem)
    start, accounts = grown(problem, random), random.integers(0, 4, problem.units)
    given_most, taken_most = (np.where(random.uniform(size=problem.territories) < 0.7, cap, np.nan) for _ in range(2))
    result = solve(replace(problem, start=start, accounts=accounts, most_given=given_most, most_taken=taken_most), 0.1, stop=ONE)
    moved = result.territory != start
    for t in range(problem.territories):
        assert not accounts[moved & (start == t)].sum() > given_most[t]
        assert not accounts[moved & (result.territory == t)].sum() > taken_most[t]
    assert whole(result)
    assert result.within_tolerance or result.reasons


@examples(30)
@given(worlds(least=3), st.sampled_from([0.0, 0.5, 1.0]))
def test_every_base_is_inside_or_its_absence_explained(problem, pull):
    random = seeded(problem)
    k = problem.territories
    holder = np.where(random.uniform(size=k) < 0.8, random.integers(0, problem.units, k), -1)
    bases = np.where(holder[:, None] >= 0, problem.position[holder], np.nan)
    asked = replace(problem, bases=bases, base_units=holder, base_pull=pull)
    result = solve(asked, 0.2, stop=ONE)
    forced, outside = forced_units(asked)
    assert (result.territory[forced >= 0] == forced[forced >= 0]).all()
    for t in np.flatnonzero(holder >= 0):
        assert result.territory[holder[t]] == t or t in [base.territory for base in outside]
    assert sum("bases of" in reason for reason in result.reasons) == len(outside)
    assert whole(result) or any("pieces" in reason for reason in result.reasons)


@examples(30)
@given(worlds(least=4))
def test_limits_are_kept_or_their_breach_explained(problem):
    random = seeded(problem)
    total = problem.weight.sum(0) * problem.target[:, None]
    draw = random.uniform(size=total.shape)
    asked = replace(problem, least=np.where(draw < 0.2, 0.9 * total, np.nan), most=np.where(draw > 0.7, 1.05 * total, np.nan))
    result = solve(asked, 0.3, stop=ONE)
    held = np.column_stack([np.bincount(result.territory, w, problem.territories) for w in problem.weight.T])
    kept = not (held < asked.least * (1 - 1e-9)).any() and not (held > asked.most * (1 + 1e-9)).any()
    assert result.within_tolerance == (kept and result.imbalance <= 0.3)
    assert result.within_tolerance != bool(result.reasons)
    assert whole(result)
