"""Territories drawn as letters; units that touch side by side are neighbours."""

import numpy as np
import pytest
from scipy import sparse

from geo_territory.contiguity import graph_pieces, is_contiguous, may_leave, pieces, stray_units


def drawn(picture: str) -> tuple[np.ndarray, sparse.csr_array]:
    """Return (territory, neighbors) of a picture of letters; a dot is a unit nobody covers."""
    rows = [list(line.strip()) for line in picture.strip().splitlines()]
    letters = np.array(rows)
    territory = np.where(letters == ".", -1, np.vectorize(ord)(letters) - ord("A")).ravel()
    number = np.arange(letters.size).reshape(letters.shape)
    a = np.concatenate([number[:, :-1].ravel(), number[:-1].ravel()])
    b = np.concatenate([number[:, 1:].ravel(), number[1:].ravel()])
    graph = sparse.coo_array((np.ones(2 * len(a)), (np.concatenate([a, b]), np.concatenate([b, a]))), shape=(letters.size,) * 2)
    return territory, graph.tocsr()


def test_a_territory_cut_by_another_is_in_two_pieces():
    territory, neighbors = drawn("""
        ABA
        ABA
        ABA""")
    assert pieces(territory, neighbors).tolist() == [2, 1]
    assert not is_contiguous(territory, neighbors)


def test_units_nobody_covers_make_no_piece_of_any_territory():
    territory, neighbors = drawn("""
        A.B
        A.B""")
    assert pieces(territory, neighbors).tolist() == [1, 1]
    assert is_contiguous(territory, neighbors)


def test_a_territory_without_units_has_no_piece():
    territory, neighbors = drawn("AC")
    assert pieces(territory, neighbors, territories=4).tolist() == [1, 0, 1, 0]


def test_touching_at_a_corner_is_not_enough():
    territory, neighbors = drawn("""
        AB
        BA""")
    assert pieces(territory, neighbors).tolist() == [2, 2]


def test_the_lighter_piece_is_the_stray_one():
    territory, neighbors = drawn("""
        ABA
        ABA
        ABA""")
    importance = np.array([1, 1, 9, 1, 1, 1, 1, 1, 1.0])
    assert np.flatnonzero(stray_units(territory, neighbors, importance)).tolist() == [0, 3, 6]


@pytest.mark.parametrize(
    ("unit", "answer"),
    [
        (1, False),  # the middle of the arm: its tip would be alone
        (2, True),  # the tip of the arm
        (5, False),  # the only unit of B
    ],
)
def test_a_unit_may_leave_when_its_territory_stays_whole(unit, answer):
    territory, neighbors = drawn("""
        AAA
        ACB
        ACC""")
    assert may_leave(unit, territory, neighbors) is answer


def test_an_island_is_a_piece_of_the_graph():
    graph = sparse.csr_array(np.array([[0, 1, 0], [1, 0, 0], [0, 0, 0]]))
    assert graph_pieces(graph).tolist() == [0, 0, 1]
