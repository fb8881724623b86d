"""Territories parted in two and dissolved among their neighbours, on maps small enough to try every way.

Letters are territories, a dot is a unit nobody covers; every unit weighs 1 unless said.
"""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_territory.balancing.problem import Problem
from geo_territory.balancing.reshaping import dissolved, halves, linked
from geo_territory.contiguity import graph_pieces, pieces
from tests.test_balancing_frontier import grid
from tests.test_balancing_offers import drawn


def parted(columns, rows, weight, **asked):
    plain = grid(columns, rows, np.ones(columns * rows), 2)
    return halves(plain.position, np.asarray(weight, float), plain.neighbors, **asked), plain


def best_halves(plain, weight, aside=0.0, anchor=None):
    """The least difference from equal of any two connected parts, as a share of what each should weigh."""
    n, total = len(weight), sum(weight) + aside
    found = []
    for choice in itertools.product((0, 1), repeat=n):
        part = np.array(choice)
        if 0 < part.sum() < n and (anchor is None or part[anchor] == 0) and (pieces(part, plain.neighbors, 2) == 1).all():
            found.append(abs((np.dot(weight, 1 - part) + aside) / (total / 2) - 1))
    return min(found)


@settings(max_examples=25, deadline=None)
@given(st.sampled_from([(3, 3), (4, 2), (5, 1), (3, 2)]), st.data())
def test_halves_are_whole_and_within_ten_percent_where_that_can_be(shape, data):
    weight = data.draw(st.lists(st.integers(0, 5), min_size=shape[0] * shape[1], max_size=shape[0] * shape[1]))
    part, plain = parted(*shape, weight)
    assert (pieces(part, plain.neighbors, 2) == 1).all()
    counted = np.array(weight, float) if sum(weight) else np.ones(len(weight))
    if best_halves(plain, counted) <= 0.1:
        assert abs(counted[part == 0].sum() / (counted.sum() / 2) - 1) <= 0.1 + 1e-9


def test_the_first_half_holds_the_anchor_and_what_lies_elsewhere_counts_for_it():
    """Six units in a row; with 2 more elsewhere the half at the anchor needs only two of them."""
    part, _ = parted(6, 1, np.ones(6), anchor=5)
    assert part.tolist() == [1, 1, 1, 0, 0, 0]
    part, _ = parted(6, 1, np.ones(6), anchor=5, aside=2.0)
    assert part.tolist() == [1, 1, 1, 1, 0, 0]


def test_two_units_make_two_halves_even_without_weight():
    assert sorted(parted(2, 1, [0.0, 0.0])[0]) == [0, 1]


def test_pieces_are_linked_by_the_shortest_ways():
    problem, territory = drawn("""
        A.A
        ..A
        A..""")
    units = np.flatnonzero(territory == 0)
    graph = linked(problem.neighbors[units][:, units], problem.position[units])
    assert graph_pieces(graph).max() == 0
    assert (graph - problem.neighbors[units][:, units]).nnz == 4  # two ways there and back


def without(problem, gone):
    """The problem among all territories but one: what dissolves it is asked for."""
    shut = None if problem.locked_territories is None else np.delete(problem.locked_territories, gone)
    return Problem(
        problem.position, problem.weight, problem.neighbors, np.delete(problem.capacity, gone),
        start=np.full(problem.units, -1), locked_territories=shut,
    )  # fmt: skip


def renumbered(territory, gone):
    return np.where(territory > gone, territory - 1, np.where(territory == gone, -1, territory))


def test_a_dissolved_territory_goes_to_the_neighbours_that_have_room():
    """A is full and C is nearly empty, so C takes three of the four."""
    problem, territory = drawn("AAAABBBBC")
    after = dissolved(without(problem, 1), renumbered(territory, 1), np.flatnonzero(territory == 1))
    assert after.tolist() == [0, 0, 0, 0, 0, 1, 1, 1, 1] or after.tolist() == [0, 0, 0, 0, 1, 1, 1, 1, 1]
    after = dissolved(without(problem, 1), renumbered(territory, 1), np.flatnonzero(territory == 1), np.array([0.0, 3.0]))
    assert after.tolist() == [0, 0, 0, 0, 0, 0, 1, 1, 1]


def test_a_locked_neighbour_takes_nothing_and_a_unit_nobody_touches_goes_to_the_nearest():
    problem, territory = drawn("AAB.B.CC", locked_territories=np.array([False, False, True]), start=np.zeros(8, int))
    after = dissolved(without(problem, 1), renumbered(territory, 1), np.flatnonzero(territory == 1))
    assert after.tolist() == [0, 0, 0, -1, 0, -1, 1, 1]


def test_nobody_left_to_take_units_is_an_error():
    problem, territory = drawn("AAAA")
    with pytest.raises(ValueError, match="may take units"):
        dissolved(problem, territory, np.arange(4))


@settings(max_examples=60, deadline=None)
@given(st.text("ABCD", min_size=16, max_size=16), st.lists(st.integers(0, 4), min_size=20, max_size=20), st.integers(0, 3))
def test_whatever_is_dissolved_every_unit_is_covered_and_no_neighbour_is_parted(text, weight, gone):
    letters = "ABCD" + text
    problem, territory = drawn("\n".join(letters[i : i + 5] for i in range(0, 20, 5)), np.array(weight) + 0.1)
    begin, freed = renumbered(territory, gone), np.flatnonzero(territory == gone)
    after = dissolved(without(problem, gone), begin, freed)
    assert (after >= 0).all()
    assert (after[begin >= 0] == begin[begin >= 0]).all()
    assert (pieces(after, problem.neighbors, 3) <= pieces(begin, problem.neighbors, 3)).all()
