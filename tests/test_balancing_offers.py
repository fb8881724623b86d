"""One-click repairs: each removes its fault, parts no territory, and says what it does to both sides.

Letters are territories, a dot is a unit nobody covers; every unit weighs 1 unless said.
"""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from geo_territory.balancing import Problem
from geo_territory.balancing.repairs.offers import repair_offers
from geo_territory.contiguity import pieces
from tests.test_balancing_frontier import grid


def drawn(picture, weight=None, capacity=None, **rules):
    """The problem and the alignment of a drawing."""
    rows = picture.split()
    letters = np.array([list(row) for row in rows])
    names = sorted(set(letters.ravel()) - {"."})
    territory = np.where(letters == ".", -1, np.searchsorted(names, letters)).ravel()
    weight = np.ones(territory.size) if weight is None else weight
    plain = grid(len(rows[0]), len(rows), weight, len(names))
    capacity = np.ones(len(names)) if capacity is None else capacity
    problem = Problem(plain.position, plain.weight, plain.neighbors, capacity, territory_names=names, **rules)
    return problem, territory


def after(territory, offer):
    changed = territory.copy()
    for units, to in offer.moves:
        changed[units] = to
    return changed


def test_a_piece_apart_is_handed_to_the_neighbour_that_needs_it_or_joined_by_the_way_between():
    """The A in the lower row touches B and C; C is light. Between it and the rest of A lies one B."""
    problem, territory = drawn("""
        AAABBB
        AAABBB
        AAABBC
        BBBACC""", capacity=[10.0, 10.0, 4.0])  # fmt: skip
    (fault,) = [one for one in repair_offers(problem, territory, 0.3) if one.kind == "piece" and one.territory == 0]
    assert fault.sentence == "Territory A is apart: 1 unit at Unit 21."
    targets = [after(territory, offer)[21] for offer in fault.offers]
    assert sorted(set(targets)) in ([1, 2], [0, 1, 2])
    assert fault.offers[0].sentence.startswith("Hand 1 unit of territory ")


def test_units_inside_another_territory_are_a_hole_that_it_takes_over():
    problem, territory = drawn("""
        AAAABB
        ABAABB
        AAAABB""")
    (fault,) = repair_offers(problem, territory, 0.9)
    assert (fault.kind, fault.sentence) == ("hole", "Territory B has 1 unit at Unit 7 inside territory A.")
    best = fault.offers[0]
    assert best.sentence == "Hand 1 unit of territory B to territory A: territory A goes from 122 to 133, territory B goes from 78 to 67."
    assert [effect.pieces for effect in best.effects] == [(1, 1), (2, 1)]


def test_units_nobody_covers_are_a_hole_the_lighter_neighbour_fills():
    problem, territory = drawn("""
        AAAABB
        AAA.BB
        AAAABB""")
    (fault,) = [one for one in repair_offers(problem, territory, 0.9) if one.kind == "hole"]
    assert fault.sentence == "Nobody covers 1 unit at Unit 9."
    assert [after(territory, offer)[9] for offer in fault.offers] == [1, 0]


def test_a_whole_territory_inside_another_is_no_fault():
    """A city in its countryside: A is one piece all around."""
    problem, territory = drawn("""
        AAAAA
        ABBBA
        AAAAA""", capacity=[12.0, 3.0])  # fmt: skip
    assert repair_offers(problem, territory) == []


def test_a_breach_is_mended_by_the_fewest_units_that_bring_both_into_the_band():
    """Twelve units to six: A must give so many that it has at most 10.35, B at least 7.65; two do."""
    problem, territory = drawn("""
        AAAABB
        AAAABB
        AAAABB""")
    over, under = repair_offers(problem, territory, 0.15)
    assert over.sentence == "Territory A is over by 33 %, more than the 15 % accepted."
    assert under.sentence == "Territory B is under by 33 %, more than the 15 % accepted."
    best = over.offers[0]
    assert best.clean and best.weight == pytest.approx(2 / 18)
    assert best.sentence == "Hand 2 units of territory A to territory B: territory A goes from 133 to 111, territory B goes from 67 to 89."


def test_what_one_neighbour_alone_cannot_take_is_shared_by_two():
    """B in the middle has 18 of 10 and may keep 11; A and C have 6 and may hold 11."""
    problem, territory = drawn("""
        AABBBBBBCC
        AABBBBBBCC
        AABBBBBBCC""")
    best = next(one for one in repair_offers(problem, territory, 0.15) if one.territory == 1).offers[0]
    assert {to for _, to in best.moves} == {0, 2}
    assert best.clean


def test_what_no_neighbour_can_take_is_told_without_an_offer():
    """One unit weighs more than all others."""
    problem, territory = drawn("AAABBB", weight=[1, 1, 30, 1, 1, 1])
    faults = repair_offers(problem, territory, 0.15)
    assert [fault.offers for fault in faults] == [(), ()]


def test_locked_units_and_forbidden_pairs_are_left_out():
    """The piece of A may go to B or C; C may not have it, and then it is locked."""
    picture = """
        AAABB
        AAABB
        CCCAB
        CCCCB"""
    _, territory = drawn(picture)
    free, _ = drawn(picture, forbidden=[[13, 2]])
    alone = [fault for fault in repair_offers(free, territory, 0.9) if fault.units[0] == 13]
    receivers = {to for fault in alone for offer in fault.offers for _, to in offer.moves}
    assert 2 not in receivers and receivers
    locked = np.zeros(20, bool)
    locked[13] = True
    shut, _ = drawn(picture, start=territory, locked=locked)
    for fault in repair_offers(shut, territory, 0.9):
        assert all(13 not in units for offer in fault.offers for units, _ in offer.moves)


def test_a_good_alignment_has_no_fault():
    problem, territory = drawn("""
        AAABBB
        AAABBB""")
    assert repair_offers(problem, territory) == []


def test_an_empty_map_is_one_hole_without_a_neighbour_to_fill_it():
    problem, territory = drawn("AB\nAB")
    (fault, *_) = repair_offers(problem, np.full_like(territory, -1), 0.5)
    assert (fault.kind, fault.offers) == ("hole", ())


def breaches(problem, territory, tolerance):
    known = territory >= 0
    held = np.bincount(territory[known], problem.share[known, 0], problem.territories)
    return set(np.flatnonzero(np.abs(held / (problem.target * held.sum()) - 1) > tolerance).tolist())


@given(st.lists(st.integers(-1, 3), min_size=36, max_size=36), st.lists(st.integers(0, 4), min_size=36, max_size=36), st.booleans())
@settings(deadline=None)
def test_an_offer_applied_removes_its_fault_and_breaks_nothing_else(letters, weight, calm):
    """For any painting: fewer pieces or the territory in the band; no other in more pieces; a clean one opens no breach."""
    territory, weight[0] = np.array(letters), 1
    if calm:  # larger areas: each third column and row alike
        territory = np.repeat(np.repeat(territory.reshape(6, 6)[::3, ::2], 3, 0), 2, 1).ravel()
    assume(set(territory) >= {0, 1, 2, 3} or calm)
    problem = grid(6, 6, weight, 4)
    before = pieces(territory, problem.neighbors, 4)
    for fault in repair_offers(problem, territory, 0.3):
        assert len(fault.offers) <= 3
        for offer in fault.offers:
            changed = after(territory, offer)
            now = pieces(changed, problem.neighbors, 4)
            assert (now <= np.maximum(before, 1)).all()
            assert (now[before > 0] > 0).all()
            if fault.kind == "breach":
                assert fault.territory not in breaches(problem, changed, 0.3 + 1e-9)
            elif fault.territory < 0:
                assert (changed[fault.units] >= 0).all()
            else:
                assert now[fault.territory] < before[fault.territory]
            if offer.clean:
                assert breaches(problem, changed, 0.3 + 1e-9) <= breaches(problem, territory, 0.3)
            assert offer.weight == pytest.approx(problem.share[changed != territory].sum())


def test_weight_a_territory_holds_besides_its_units_counts_for_it():
    """Three units each; an account of weight 3 in B that lies elsewhere makes B heavy and A light."""
    problem, territory = drawn("AAABBB")
    assert repair_offers(problem, territory) == []
    faults = repair_offers(problem, territory, aside=np.array([0.0, 3.0]))
    assert [(one.kind, one.territory) for one in faults] == [("breach", 0), ("breach", 1)]
    for fault in faults:
        assert [(units.tolist(), to) for units, to in fault.offers[0].moves] == [([3], 0)]
        assert [effect.over for effect in fault.offers[0].effects] == [
            (pytest.approx(3 / 4.5 - 1), pytest.approx(4 / 4.5 - 1)),
            (pytest.approx(6 / 4.5 - 1), pytest.approx(5 / 4.5 - 1)),
        ]


def test_one_territory_can_be_looked_at_alone():
    problem, territory = drawn("""
        AAAAB.
        AAAABC""", weight=np.array([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 4.0]))  # fmt: skip
    every = repair_offers(problem, territory)
    for only in (-1, 0, 1, 2):
        alone = repair_offers(problem, territory, only=[only])
        assert [(one.kind, one.sentence) for one in alone] == [(one.kind, one.sentence) for one in every if one.territory == only]
