"""Alternatives: none better than another, all whole, each good at something.

A grid of units, each a letter of the territory it is in today; the west is heavy, so today's territories are out of balance.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from geo_territory.balancing import Problem, frontier
from geo_territory.balancing.frontier import _Found, _spanning, _undominated
from geo_territory.balancing.result import disruption_of, imbalance_of, inertia_of
from geo_territory.errors import Cancelled


def grid(columns, rows, weight, k, start=None, **rules):
    """Units on a grid, a kilometre apart, neighbours north, south, east and west."""
    number = np.arange(columns * rows).reshape(rows, columns)
    pairs = np.concatenate(
        [np.column_stack([a.ravel(), b.ravel()]) for a, b in ((number[:, :-1], number[:, 1:]), (number[:-1], number[1:]))]
    )
    graph = sparse.csr_array((np.ones(len(pairs)), pairs.T), shape=(number.size, number.size))
    position = np.column_stack([number.ravel() % columns, number.ravel() // columns]) * 1000.0
    return Problem(position, np.asarray(weight, float).ravel(), graph + graph.T, np.ones(k), start=start, **rules)


@pytest.fixture(scope="module")
def heavy_west():
    """24 x 10 units in four columns of territories today, AAAAAABBBBBBCCCCCCDDDDDD, weights falling from west to east."""
    x = np.tile(np.arange(24), 10)
    return grid(24, 10, 3.0 - x / 12 + (np.arange(240) * 7 % 5) / 10, 4, start=x // 6)


@pytest.fixture(scope="module")
def offered(heavy_west):
    return frontier(heavy_west, tolerance=0.06)


def measures(problem, alternative):
    territory = alternative.result.territory
    return np.array([imbalance_of(problem, territory), inertia_of(problem, territory), disruption_of(problem, territory) or 0.0])


def test_no_alternative_is_better_than_another_in_everything(heavy_west, offered):
    told = [measures(heavy_west, one) for one in offered]
    assert 3 <= len(told) <= 9
    for i, one in enumerate(told):
        assert not any((other <= one).all() for j, other in enumerate(told) if j != i)


def test_every_alternative_is_contiguous_and_within_the_tolerance(offered):
    assert all((one.result.pieces == 1).all() for one in offered)
    assert all(one.result.within_tolerance and one.result.imbalance <= 0.06 for one in offered)


def test_each_says_what_it_is_best_at(heavy_west, offered):
    told = np.array([measures(heavy_west, one) for one in offered])
    labels = [one.label for one in offered]
    for words, column in (("closest balance", 0), ("most compact", 1), ("least changes hands", 2)):
        (best,) = [i for i, label in enumerate(labels) if words in label.split(" and ")]
        assert told[best, column] == told[:, column].min()
    assert labels.count("a middle way") == 1
    assert len(set(labels)) == len(labels)


def test_they_come_with_the_least_disruption_first(offered):
    moved = [one.result.disruption for one in offered]
    assert moved == sorted(moved)
    assert moved[0] < 0.6 * moved[-1]


def test_fewer_are_offered_when_fewer_are_wanted_and_the_best_of_each_stay(heavy_west, offered):
    three = frontier(heavy_west, tolerance=0.06, at_most=3)
    assert len(three) == 3
    all_measures, few = (np.array([measures(heavy_west, one) for one in some]) for some in (offered, three))
    assert few[:, 2].min() == all_measures[:, 2].min()
    assert few[:, 1].min() == all_measures[:, 1].min()


def test_without_a_start_balance_is_traded_for_compactness_alone():
    problem = grid(20, 20, 1 + np.arange(400) * 7 % 11, 7)
    told = frontier(problem, tolerance=0.1)
    assert len(told) >= 2
    assert all(one.result.disruption is None for one in told)
    imbalance, inertia = np.array([measures(problem, one)[:2] for one in told]).T
    assert (np.diff(imbalance) > 0).all() and (np.diff(inertia) < 0).all()


def test_the_same_seed_gives_the_same_alternatives(heavy_west, offered):
    again = frontier(heavy_west, tolerance=0.06)
    assert len(again) == len(offered)
    assert all((a.result.territory == b.result.territory).all() and a.label == b.label for a, b in zip(again, offered, strict=True))


def test_the_order_of_the_units_changes_nothing(heavy_west, offered):
    order = np.random.default_rng(3).permutation(240)
    graph = heavy_west.neighbors[order][:, order]
    mixed = Problem(heavy_west.position[order], heavy_west.weight[order], graph, np.ones(4), start=heavy_west.start[order])
    again = frontier(mixed, tolerance=0.06)
    assert len(again) == len(offered)
    assert all((a.result.territory == b.result.territory[order]).all() for a, b in zip(again, offered, strict=True))


def test_one_outside_the_tolerance_is_offered_only_when_none_is_within():
    """A unit as heavy as all others together: three territories can't be balanced, and the alternatives say so."""
    weight = np.ones(36)
    weight[14] = 35
    told = frontier(grid(6, 6, weight, 3), tolerance=0.05)
    assert len(told) >= 1
    assert not any(one.result.within_tolerance for one in told)
    assert all("alone weighs" in one.result.reasons[0] for one in told)


def test_one_territory_leaves_nothing_to_choose():
    (only,) = frontier(grid(4, 4, np.ones(16), 1), tolerance=0.05)
    assert (only.result.territory == 0).all()


def test_locked_units_stay_in_every_alternative(heavy_west):
    x = np.tile(np.arange(24), 10)
    locked = x % 6 == 2
    told = frontier(grid(24, 10, heavy_west.weight[:, 0], 4, start=x // 6, locked=locked), tolerance=0.06)
    assert all((one.result.territory[locked] == x[locked] // 6).all() for one in told)


def test_progress_goes_forward_to_the_end_and_cancelling_ends_the_work(heavy_west):
    heard = []
    frontier(heavy_west, tolerance=0.06, progress=lambda phase, fraction, imbalance: heard.append(fraction))
    assert heard == sorted(heard) and heard[-1] == 1.0

    def cancel(phase, fraction, imbalance):
        raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        frontier(heavy_west, tolerance=0.06, progress=cancel)


points = st.lists(st.tuples(*[st.integers(0, 6)] * 3), min_size=1, max_size=25)


@given(points)
@settings(deadline=None)
def test_the_filter_keeps_every_point_nothing_beats_and_no_other(rows):
    found = [_Found(np.zeros(1), 0.05, 0.0, np.array(row, float)) for row in rows]
    kept = {tuple(one.measures) for one in _undominated(found)}
    beaten = {row for row in rows if any(all(a <= b for a, b in zip(other, row, strict=True)) and other != row for other in rows)}
    assert kept == {tuple(map(float, row)) for row in set(rows) - beaten}


@given(points, st.integers(1, 9))
@settings(deadline=None)
def test_those_chosen_differ_visibly_and_hold_the_best_in_each_measure(rows, at_most):
    found = _undominated([_Found(np.zeros(1), 0.05, 0.0, np.array(row, float)) for row in rows])
    chosen = np.array([one.measures for one in _spanning(found, 0.05, at_most)])
    assert len(np.unique(chosen, axis=0)) == len(chosen) <= at_most
    if at_most >= 3:
        assert (chosen.min(0) == np.array([one.measures for one in found]).min(0)).all()
