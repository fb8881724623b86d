"""The pieces of the solver one by one: what is asked, power diagrams, when it stops, repair."""

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from threadpoolctl import threadpool_info

from geo_territory import balancing
from geo_territory.balancing import FirstOf, MaxRounds, MaxSeconds, Problem, Standing, WithinTolerance
from geo_territory.balancing.border.board import Prices, standing, tally
from geo_territory.balancing.border.moves import change, detach, hand_over
from geo_territory.balancing.border.search import board_of
from geo_territory.balancing.diagram import power
from geo_territory.balancing.diagram.seeds import bisect, match_to_anchors
from geo_territory.balancing.terrain import contract, terrain_of
from geo_territory.balancing.threads import one_thread

LINE = sparse.csr_array(np.diag(np.ones(4), 1) + np.diag(np.ones(4), -1))
PLACES = np.column_stack([np.arange(5.0), np.zeros(5)])


def line(weight=(1, 1, 1, 1, 1), k: int = 2, **more) -> Problem:
    """Return five units in a row, 0-1-2-3-4."""
    return Problem(PLACES, np.array(weight, float), LINE, np.ones(k), **more)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"weight": [1, 1, -1, 1, 1]}, "Weight of unit 2 isn't"),
        ({"weight": [0, 0, 0, 0, 0]}, "all are zero"),
        ({"weight": [1, 1]}, "Expected weight of 5 units"),
        ({"capacity": [1, 0]}, "Expected capacity"),
        ({"start": [0, 1, 2, 0, 0]}, r"values in -1…1"),
        ({"locked": [1, 0, 0, 0, 0]}, "locked unit has no territory"),
        ({"bases": [[0, 0]]}, "Expected bases"),
        ({"base_pull": 2}, "base_pull in"),
        ({"unit_names": ["a"]}, "Expected 5 unit_names, got 1"),
        ({"position": np.full((5, 2), np.nan)}, "isn't finite"),
        ({"neighbors": sparse.csr_array(np.eye(5, k=1))}, "symmetric"),
        ({"neighbors": sparse.csr_array((4, 4))}, "Expected neighbors"),
    ],
)
def test_nonsense_is_refused_with_what_was_expected(more, message):
    asked = {"position": PLACES, "weight": np.ones(5), "neighbors": LINE, "capacity": np.ones(2)}
    with pytest.raises(ValueError, match=message):
        Problem(**{**asked, **more})


def test_all_faults_of_a_problem_are_told_together():
    with pytest.raises(ValueError, match="Weight.*; .*capacity"):
        Problem(PLACES, -np.ones(5), LINE, np.zeros(2))


def test_the_first_criterion_that_speaks_gives_the_reason():
    stop = FirstOf(WithinTolerance(), MaxRounds(3), MaxSeconds(9))
    assert stop(Standing(seconds=1, rounds=1, planned=2, imbalance=0.01, tolerance=0.05)) == ""
    assert stop(Standing(seconds=1, rounds=2, planned=2, imbalance=0.01, tolerance=0.05)) == "within tolerance"
    assert stop(Standing(seconds=1, rounds=3, planned=2, imbalance=0.10, tolerance=0.05)) == "max rounds"
    assert stop(Standing(seconds=9, rounds=1, planned=2, imbalance=0.10, tolerance=0.05)) == "max seconds"


@pytest.mark.parametrize("wrong", [lambda: WithinTolerance(5), lambda: MaxRounds(0), lambda: MaxSeconds(0), lambda: FirstOf()])
def test_a_stopping_criterion_checks_itself(wrong):
    with pytest.raises(ValueError, match="Expected"):
        wrong()


def sites(n: int, k: int, seed: int) -> tuple[power.Sites, np.ndarray]:
    random = np.random.default_rng(seed)
    points, mass = random.uniform(0, 1, (n, 2)), random.lognormal(0, 1, n)
    everything = power.Sites(points, mass / mass.sum(), np.full(k, 1 / k), np.full(n, -1), np.zeros((k, 2)), np.zeros(k))
    return everything, random.uniform(0, 1, (k, 2))


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.integers(3, 80), st.integers(2, 6), st.integers(0, 1000))
def test_a_power_diagram_gives_every_site_its_cheapest_cell(n, k, seed):
    everything, centers = sites(n, k, seed)
    offset = np.random.default_rng(seed + 1).normal(0, 0.2, k)
    cells = power.draw(everything, centers, offset)
    dear = ((everything.points[:, None] - centers) ** 2).sum(2) - offset
    assert np.allclose(dear[np.arange(n), cells.near], dear.min(1))


def test_newton_balances_cells_of_many_sites():
    everything, centers = sites(5000, 8, 1)
    cells = power.balance(everything, power.draw(everything, centers, np.zeros(8)), 30, 0.005)
    assert power.error(everything, cells) <= 0.01


def test_newton_carries_mass_between_towns_that_share_no_border():
    """The two cells of the western town should hold 15 % but the town has 10 %: one must reach across the empty land."""
    random = np.random.default_rng(6)
    points = np.vstack([random.uniform(0, 1, (300, 2)), random.uniform(0, 1, (2700, 2)) + [6, 0]])
    target = np.array([0.075, 0.075, 0.425, 0.425])
    towns = power.Sites(points, np.full(3000, 1 / 3000), target, np.full(3000, -1), np.zeros((4, 2)), np.zeros(4))
    centers = np.array([[0.2, 0.5], [0.8, 0.5], [6.2, 0.5], [6.8, 0.5]])
    cells = power.balance(towns, power.draw(towns, centers, np.zeros(4)), 40, 0.01)
    assert power.error(towns, cells) <= 0.02


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.integers(6, 80), st.integers(2, 5), st.integers(0, 1000))
def test_no_sharing_within_the_tolerance_beats_the_lower_bound(n, k, seed):
    everything, centers = sites(n, k, seed)
    random = np.random.default_rng(seed + 2)
    group = random.permutation(np.arange(n) % k)
    held = np.bincount(group, everything.mass)
    tolerance = float(np.abs(held * k - 1).max())
    spread = (everything.mass * ((everything.points - centers[group]) ** 2).sum(1)).sum()
    cells = power.draw(everything, centers, random.normal(0, 0.3, k))
    assert power.lower_bound(everything, cells, tolerance) <= spread + 1e-12


def test_leaning_uses_the_tolerance_to_become_more_compact():
    everything, centers = sites(3000, 6, 4)
    exact = power.fit(everything, power.first_cells(everything, centers), 30)
    leaning = power.lean(everything, exact, 0.05, 20)
    assert leaning.spread < exact.spread
    assert np.abs(leaning.held * 6 - 1).max() < 0.07


def test_bisection_gives_every_group_its_share():
    random = np.random.default_rng(0)
    target = np.array([0.1, 0.2, 0.3, 0.4])
    group = bisect(random.uniform(0, 1, (4000, 2)), np.full(4000, 1 / 4000), target)
    assert np.allclose(np.bincount(group) / 4000, target, atol=0.001)


def test_territories_with_an_anchor_get_the_centre_nearest_to_it():
    centers = np.array([[0.0, 0.0], [10.0, 0.0], [20.0, 0.0]])
    anchors = np.array([[19.0, 0.0], [np.nan, np.nan], [1.0, 0.0]])
    assert match_to_anchors(centers, anchors)[:, 0].tolist() == [20.0, 10.0, 0.0]


def test_a_unit_with_a_tail_leaves_with_its_tail():
    """A A A B B: unit 1 goes to nobody, but unit 1 towards B takes 0 along when 2 is B already."""
    board = board_of(terrain_of(line(), 0.05, 0.0), np.array([0, 0, 0, 1, 1]), 0)
    assert detach(board, 2, board.group, 100) == 1
    assert detach(board, 1, board.group, 100) == 2  # either end of the line hangs on it
    assert detach(board, 3, board.group, 0) == 1


def test_a_locked_tail_keeps_the_unit_in_place():
    start = np.array([0, -1, 0, -1, 1])
    held = line(start=start, locked=start >= 0)
    board = board_of(terrain_of(held, 0.05, 0.0), np.array([0, 0, 0, 1, 1]), 0)
    assert detach(board, 1, board.group, 100) == 0


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.integers(0, 1000))
def test_the_change_announced_is_the_change_made(seed):
    random = np.random.default_rng(seed)
    terrain = terrain_of(line(random.uniform(0, 2, 5), start=np.array([0, 0, 1, 1, -1])), 0.05, 0.7)
    board = board_of(terrain, np.array([0, 0, 0, 1, 1]), 0)
    prices = Prices(3.0, 0.1)
    before = standing(board, prices)
    size = detach(board, 2, board.group, 100)
    announced = change(board, prices, board.group, size, 1)
    hand_over(board, board.group, size, 1)
    tally(board)
    after = standing(board, prices)
    made = (after[0] - before[0]) + 3.0 * (after[1] - before[1]) + 0.1 * (after[2] - before[2]) + after[3] - before[3]
    assert announced == pytest.approx(made, abs=1e-9)


def test_units_without_weight_join_the_nearest_with_weight_and_stay_connected():
    """0 . . . 0 . 0 0 …: every group of the smaller terrain is connected in the line."""
    n = 60
    graph = sparse.csr_array(np.diag(np.ones(n - 1), 1) + np.diag(np.ones(n - 1), -1))
    weight = (np.arange(n) % 5 == 0).astype(float)
    terrain = terrain_of(Problem(np.column_stack([np.arange(n), np.zeros(n)]), weight, graph, np.ones(2)), 0.05, 0.0)
    small, parent = contract(terrain)
    assert small.units == 12
    assert (np.diff(parent) >= 0).all() or (np.diff(parent) != 0).sum() == 11
    assert small.weight.sum() == pytest.approx(1)


def test_a_giant_gets_a_territory_of_its_own_and_the_others_share_the_rest():
    terrain = terrain_of(line((1, 1, 8, 1, 1), k=3), 0.05, 0.0)
    assert terrain.forced[2] >= 0
    assert sorted(terrain.target.round(3)) == [0.167, 0.167, 0.667]


def test_the_map_of_the_family_names_every_module():
    family = {path.stem for path in Path(balancing.__file__).parent.rglob("[a-z]*.py")}
    assert family <= set(re.findall(r"\w+", balancing.__doc__))


def test_solves_that_overlap_keep_linear_algebra_to_one_thread_and_give_it_back():
    def threads():
        return [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]

    before = threads()
    first, second = one_thread(), one_thread()
    with first:
        second.__enter__()
    assert set(threads()) == {1}, "the first to end must not lift the limit for the other"
    second.__exit__(None, None, None)
    assert threads() == before
