"""One person less, one person more: what each number of territories asks for.

Sixteen columns by six rows of equal units, today four territories of four, two, four and six columns: AAAABBCCCCDDDDDD.
"""

import numpy as np
import pytest

from geo_territory.balancing import Problem
from geo_territory.balancing.headcount import headcount, origin_of, resized
from tests.test_balancing_frontier import grid

TODAY = np.array([{"A": 0, "B": 1, "C": 2, "D": 3}[letter] for letter in "AAAABBCCCCDDDDDD"])
START = np.tile(TODAY, 6)


@pytest.fixture(scope="module")
def today():
    return grid(16, 6, np.ones(96), 4, start=START)


@pytest.fixture(scope="module")
def curve(today):
    return headcount(today, tolerance=0.1)


def test_two_fewer_to_three_more_are_tried_and_all_are_whole_and_balanced(curve):
    assert [one.territories for one in curve] == [2, 3, 4, 5, 6, 7]
    assert all((one.result.pieces == 1).all() for one in curve)
    assert all(one.result.imbalance <= 0.1 for one in curve)


def test_more_territories_are_more_compact(curve):
    inertia = [one.result.inertia for one in curve]
    assert inertia == sorted(inertia, reverse=True)


def test_the_lightest_territory_is_dissolved_first_and_what_it_held_counts_as_changing_hands(today, curve):
    three = next(one for one in curve if one.territories == 3)
    assert three.origin.tolist() == [0, 2, 3]
    assert three.disruption >= 12 / 96
    moved = three.origin[three.result.territory] != START
    assert three.disruption == pytest.approx(moved.mean())


def test_a_new_territory_opens_in_the_heaviest(curve):
    five = next(one for one in curve if one.territories == 5)
    assert five.origin.tolist() == [0, 1, 2, 3, -1]
    came_from = np.bincount(START[five.result.territory == 4], minlength=4)
    assert came_from.argmax() == 3


def test_today_s_number_keeps_every_territory(curve):
    four = next(one for one in curve if one.territories == 4)
    assert four.origin.tolist() == [0, 1, 2, 3]
    assert four.disruption == four.result.disruption


def test_new_territories_have_the_mean_capacity():
    problem = grid(4, 4, np.ones(16), 2)
    wide = Problem(problem.position, problem.weight, problem.neighbors, [1.0, 3.0])
    assert resized(wide, origin_of(wide, 3)).capacity.tolist() == [1.0, 3.0, 2.0]
    assert resized(wide, origin_of(wide, 1)).capacity.tolist() == [3.0]


def test_rules_of_a_dissolved_territory_fall_and_those_of_others_move_with_them():
    """B (number 1) goes: its locked unit is free, its forbidden pair is gone, C's rules are now those of number 1."""
    locked = np.zeros(96, bool)
    locked[[4, 6]] = True
    bases = np.array([[0, 0], [1, 1], [2, 2], [3, 3.0]])
    problem = grid(16, 6, np.ones(96), 4, start=START, locked=locked, forbidden=[[0, 1], [0, 2]], bases=bases, most_given=[1, 2, 3, 4.0])
    small = resized(problem, origin_of(problem, 3))
    assert small.locked.nonzero()[0].tolist() == [6]
    assert small.forbidden.tolist() == [[0, 1]]
    assert small.bases[:, 0].tolist() == [0, 2, 3]
    assert small.most_given.tolist() == [1, 3, 4]
    assert np.isnan(resized(problem, origin_of(problem, 5)).bases[4]).all()


def test_a_locked_territory_is_not_dissolved():
    problem = grid(16, 6, np.ones(96), 4, start=START, locked_territories=[False, True, False, False])
    assert 1 in origin_of(problem, 3)


def test_a_count_below_one_is_refused(today):
    with pytest.raises(ValueError, match="at least one"):
        headcount(today, [0, 1])


def test_progress_goes_forward_over_the_whole(today):
    heard = []
    headcount(today, [3, 4], tolerance=0.1, progress=lambda phase, fraction, imbalance: heard.append(fraction))
    assert heard == sorted(heard) and heard[-1] == 1.0


def test_locks_that_hold_no_unit_need_no_start():
    world = grid(4, 3, np.ones(12), 2, locked=np.zeros(12, bool))
    assert [one.territories for one in headcount(world, iter([2, 3]), 0.2)] == [2, 3]
