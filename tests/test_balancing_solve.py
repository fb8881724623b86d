"""The solver on small worlds: whole, balanced, compact, steady, and honest when it can't be."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.spatial import Delaunay

from geo_territory.balancing import MaxRounds, Problem, WithinTolerance, solve
from geo_territory.balancing.result import imbalance_of, inertia_of
from geo_territory.contiguity import is_contiguous
from geo_territory.errors import Cancelled, InfeasibleError

FEW = settings(max_examples=15, deadline=None, derandomize=True)


def grid(rows: int, columns: int) -> tuple[np.ndarray, sparse.csr_array]:
    """Return (position, neighbors) of square units of 1 km, numbered row by row from the north-west."""
    number = np.arange(rows * columns).reshape(rows, columns)
    position = np.column_stack([number.ravel() % columns, -(number.ravel() // columns)]) * 1000.0
    return position, graph_of(
        rows * columns,
        np.concatenate([number[:, :-1].ravel(), number[:-1].ravel()]),
        np.concatenate([number[:, 1:].ravel(), number[1:].ravel()]),
    )


def graph_of(n: int, a: np.ndarray, b: np.ndarray) -> sparse.csr_array:
    return sparse.coo_array((np.ones(2 * len(a)), (np.concatenate([a, b]), np.concatenate([b, a]))), shape=(n, n)).tocsr()


def world(n: int, seed: int, empty: float = 0.0, giants: int = 0) -> tuple[np.ndarray, np.ndarray, sparse.csr_array]:
    """Return (position, weight, neighbors) of a random map, an island beyond one crossing included when n >= 12."""
    random = np.random.default_rng(seed)
    position = random.uniform(0, 100_000, (n, 2))
    if n < 6:
        return position, random.lognormal(0, 1, n), graph_of(n, np.arange(n - 1), np.arange(1, n))
    main = np.arange(n if n < 12 else n - 4)
    corners = Delaunay(position[main]).simplices
    a, b = np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [2, 0]]]).T
    if n >= 12:
        position[n - 4 :] += [300_000, 0]
        a, b = np.concatenate([a, [0, n - 4, n - 3, n - 2]]), np.concatenate([b, [n - 4, n - 3, n - 2, n - 1]])
    weight = random.lognormal(0, 1, n) * (random.uniform(size=n) >= empty)
    weight[random.choice(n, giants, replace=False)] = weight.sum() / 2 + 1
    weight[0] += 1
    return position, weight, graph_of(n, a, b)


@st.composite
def problems(draw) -> Problem:
    n = draw(st.integers(2, 60))
    k = draw(st.integers(1, min(n, 12)))
    random = draw(st.integers(0, 10_000))
    position, weight, neighbors = world(n, random, draw(st.sampled_from([0.0, 0.5, 0.9])), draw(st.integers(0, 1)))
    capacity = np.random.default_rng(random).choice([1.0, 2.0], k)
    return Problem(position, weight, neighbors, capacity)


@FEW
@given(problems(), st.sampled_from([0.02, 0.1, 0.3]))
def test_every_unit_is_covered_and_every_territory_whole_and_any_breach_explained(problem, tolerance):
    result = solve(problem, tolerance, stop=MaxRounds(2))
    assert result.territory.shape == (problem.units,)
    assert result.pieces.tolist() == [1] * problem.territories
    assert is_contiguous(result.territory, problem.neighbors)
    assert result.imbalance == pytest.approx(imbalance_of(problem, result.territory))
    assert result.within_tolerance == (result.imbalance <= tolerance)
    assert result.within_tolerance != bool(result.reasons)


@FEW
@given(problems())
def test_the_bound_is_never_above_the_inertia(problem):
    result = solve(problem, 0.1, stop=MaxRounds(1))
    assert 0 <= result.bound <= result.inertia * (1 + 1e-9)


@settings(max_examples=10, deadline=None, derandomize=True)
@given(problems(), st.integers(0, 3))
def test_the_same_seed_gives_the_same_answer(problem, seed):
    first, second = (solve(problem, 0.1, seed, stop=MaxRounds(2)) for _ in range(2))
    assert np.array_equal(first.territory, second.territory)


@settings(max_examples=10, deadline=None, derandomize=True)
@given(problems(), st.integers(0, 1000))
def test_locked_units_stay_where_they_are(problem, seed):
    random = np.random.default_rng(seed)
    locked = random.uniform(size=problem.units) < 0.15
    start = np.where(locked, random.integers(0, problem.territories, problem.units), -1)
    held = Problem(problem.position, problem.weight, problem.neighbors, problem.capacity, start=start, locked=locked)
    result = solve(held, 0.2, stop=MaxRounds(1))
    assert np.array_equal(result.territory[locked], start[locked])
    assert is_contiguous(result.territory, problem.neighbors) or any("pieces" in reason for reason in result.reasons)


def every_alignment(problem: Problem):
    """Yield all contiguous alignments of a tiny problem."""
    for labels in product(range(problem.territories), repeat=problem.units):
        territory = np.array(labels)
        if len(np.unique(territory)) == problem.territories and is_contiguous(territory, problem.neighbors):
            yield territory


@pytest.mark.parametrize("seed", range(4))
def test_on_tiny_maps_the_answer_is_the_best_there_is(seed):
    random = np.random.default_rng(seed)
    position, neighbors = grid(2, 4)
    problem = Problem(position, random.integers(1, 9, 8).astype(float), neighbors, np.ones(2 + seed % 2))
    every = [(imbalance_of(problem, t), inertia_of(problem, t)) for t in every_alignment(problem)]
    within = [inertia for imbalance, inertia in every if imbalance <= 0.3]
    result = solve(problem, 0.3)
    if within:
        assert result.within_tolerance
        assert result.inertia <= min(within) * 1.02
    else:
        assert not result.within_tolerance


def test_a_four_by_four_square_falls_into_its_quarters_numbered_from_the_north_west():
    """0 0 1 1
    0 0 1 1
    2 2 3 3
    2 2 3 3"""
    position, neighbors = grid(4, 4)
    result = solve(Problem(position, np.ones(16), neighbors, np.ones(4)), 0.05)
    square = result.territory.reshape(4, 4)
    assert result.imbalance == pytest.approx(0)
    quarters = [square[:2, :2], square[:2, 2:], square[2:, :2], square[2:, 2:]]
    assert all(len(np.unique(quarter)) == 1 for quarter in quarters)
    assert square[0, 0] == 0
    assert square[3, 3] == 3


def test_capacities_are_shares():
    position, neighbors = grid(6, 6)
    result = solve(Problem(position, np.ones(36), neighbors, np.array([100.0, 200.0])), 0.05)
    assert np.bincount(result.territory).tolist() == [12, 24]


def test_empty_land_goes_to_someone_and_leaves_no_holes():
    random = np.random.default_rng(2)
    position, neighbors = grid(40, 40)
    weight = np.where(random.uniform(size=1600) < 0.1, random.lognormal(0, 1, 1600), 0.0)
    result = solve(Problem(position, weight, neighbors, np.ones(8)), 0.05)
    assert result.within_tolerance
    assert result.pieces.tolist() == [1] * 8


def test_every_criterion_is_held_within_the_tolerance():
    random = np.random.default_rng(3)
    position, neighbors = grid(20, 20)
    weight = np.column_stack([random.lognormal(0, 0.5, 400), random.lognormal(0, 0.5, 400)])
    result = solve(Problem(position, weight, neighbors, np.ones(6)), 0.05)
    assert result.within_tolerance
    for criterion in weight.T:
        held = np.bincount(result.territory, criterion)
        assert np.abs(held / held.mean() - 1).max() <= 0.05


def test_an_island_belongs_to_the_territory_at_its_crossing():
    """0 … 35 the mainland, 36-39 an island that touches unit 5 only."""
    position, neighbors = grid(6, 6)
    island = np.array([[9000.0, 0.0], [9000, -1000], [10000, 0], [10000, -1000]])
    a, b = neighbors.nonzero()
    joined = graph_of(40, np.concatenate([a, [5, 36, 36, 37]]), np.concatenate([b, [36, 37, 38, 39]]))
    result = solve(Problem(np.vstack([position, island]), np.ones(40), joined, np.ones(4)), 0.1)
    assert result.within_tolerance
    assert result.pieces.tolist() == [1, 1, 1, 1]
    assert (result.territory[36:] == result.territory[5]).all()


def test_a_price_on_disruption_keeps_more_weight_where_it_was():
    random = np.random.default_rng(5)
    position, neighbors = grid(15, 15)
    before = solve(Problem(position, np.ones(225), neighbors, np.ones(5)), 0.05).territory
    problem = Problem(position, random.lognormal(0, 0.8, 225), neighbors, np.ones(5), start=before)
    dear, free = solve(problem, 0.05, disruption_price=50.0), solve(problem, 0.05)
    assert dear.within_tolerance
    assert free.within_tolerance
    assert dear.disruption <= free.disruption
    assert free.inertia <= dear.inertia


def test_territories_keep_their_number_when_nothing_has_to_move():
    position, neighbors = grid(4, 4)
    start = np.array([3, 3, 1, 1, 3, 3, 1, 1, 0, 0, 2, 2, 0, 0, 2, 2])
    result = solve(Problem(position, np.ones(16), neighbors, np.ones(4), start=start), 0.05)
    assert np.array_equal(result.territory, start)
    assert result.disruption == 0


def test_a_new_territory_is_carved_out_of_the_fullest():
    position, neighbors = grid(6, 9)
    start = np.repeat([0, 1], 27)
    result = solve(Problem(position, np.ones(54), neighbors, np.ones(3), start=start), 0.05, disruption_price=1.0)
    assert np.bincount(result.territory).tolist() == [18, 18, 18]
    assert result.disruption == pytest.approx(1 / 3, abs=0.05)


def test_fixed_bases_draw_territories_around_them():
    position, neighbors = grid(6, 12)
    bases = np.array([[9000.0, -2500.0], [1000.0, -2500.0]])
    result = solve(Problem(position, np.ones(72), neighbors, np.ones(2), bases=bases, base_pull=1.0), 0.05)
    west = position[:, 0] < 5500
    assert (result.territory[west] == 1).all()
    assert (result.territory[~west] == 0).all()


def test_without_neighbors_units_go_to_the_nearest_centre_in_balance():
    random = np.random.default_rng(7)
    result = solve(Problem(random.uniform(0, 1000, (400, 2)), np.ones(400), None, np.ones(5)), 0.05)
    assert result.within_tolerance
    assert result.disruption is None
    assert result.gap < 0.1


def test_a_unit_too_heavy_for_any_territory_is_named_with_a_remedy_and_the_rest_is_balanced():
    position, neighbors = grid(6, 6)
    weight = np.ones(36)
    weight[14] = 40.0
    names = [f"H{u}" for u in range(36)]
    result = solve(Problem(position, weight, neighbors, np.ones(3), unit_names=names), 0.05)
    assert not result.within_tolerance
    assert "H14 alone weighs 1.60 times" in result.reasons[0]
    assert result.stopped_by == "out of reach"
    held = np.sort(np.bincount(result.territory, weight))
    assert held[2] <= 41
    assert held[0] >= 16


def test_more_territories_than_units_are_refused_in_words_not_with_an_exception():
    position, neighbors = grid(1, 3)
    result = solve(Problem(position, np.ones(3), neighbors, np.ones(5)), 0.05)
    assert sorted(result.territory.tolist()) == [0, 1, 2]
    assert "3 units can't make 5 territories" in result.reasons[0]


def test_locks_that_overfill_a_territory_are_named():
    position, neighbors = grid(4, 4)
    locked = np.arange(16) < 12
    names = ["North", "South"]
    problem = Problem(position, np.ones(16), neighbors, np.ones(2), start=np.zeros(16, int), locked=locked, territory_names=names)
    result = solve(problem, 0.05)
    assert (result.territory[:12] == 0).all()
    assert any("Locked units give territory North 1.50 times" in reason for reason in result.reasons)


def test_a_graph_in_pieces_is_refused_naming_a_unit_to_link():
    with pytest.raises(InfeasibleError, match="Unit 2 can't be reached"):
        solve(Problem(np.zeros((3, 2)), np.ones(3), graph_of(3, np.array([0]), np.array([1])), np.ones(2)))


def test_progress_tells_the_phase_and_may_cancel():
    position, neighbors = grid(60, 60)
    told = []

    def until_the_third(phase: str, fraction: float, imbalance: float) -> None:
        told.append((phase, fraction, imbalance))
        if len(told) == 3:
            raise Cancelled("Stopped by you.")

    with pytest.raises(Cancelled):
        solve(Problem(position, np.ones(3600), neighbors, np.ones(30)), 0.01, stop=WithinTolerance(0.0001), progress=until_the_third)
    assert len(told) == 3
    assert all(0 <= fraction <= 1 for _, fraction, _ in told)


def test_units_that_weigh_in_another_scale_change_nothing():
    position, weight, neighbors = world(50, 3)
    first = solve(Problem(position, weight, neighbors, np.ones(4)), 0.1, stop=MaxRounds(2))
    second = solve(Problem(position, weight * 1024, neighbors, np.ones(4) * 8), 0.1, stop=MaxRounds(2))
    assert np.array_equal(first.territory, second.territory)
