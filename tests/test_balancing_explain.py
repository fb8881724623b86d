"""Every move has a reason, and what the reasons say adds up.

today   0 0 0 0 0 0 1 1 2 2 2 2      territories by column; 0 is over, 1 under, 2 on target
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_territory.balancing.explain import explain, told_over
from geo_territory.balancing.reasons.joints import joints
from geo_territory.balancing.result import disruption_of, inertia_of
from geo_territory.contiguity import may_leave
from tests.test_balancing_frontier import grid

COLUMNS = np.array([0, 0, 0, 0, 0, 0, 1, 1, 2, 2, 2, 2])
AFTER = np.array([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2])


def world(start, weight=None, rows=3, k=3):
    start = np.tile(start, rows)
    return grid(len(start) // rows, rows, np.ones(len(start)) if weight is None else weight, k, start=start)


def test_what_the_heavy_hands_to_the_light_says_how_far_both_were_off():
    handings, units = explain(world(COLUMNS), np.tile(AFTER, 3))
    (only,) = handings
    assert only.reason == "Territory 0 was over by 50 %, territory 1 under by 50 %; they are neighbours."
    assert (only.giver, only.receiver, len(only.units)) == (0, 1, 6)
    assert only.giver_over == pytest.approx((0.5, 0.0)) and only.receiver_over == pytest.approx((-0.5, 0.0))
    assert set(units) == set(only.units.tolist())


def test_a_unit_that_lay_apart_is_told_so():
    """The fifth unit of the first row is territory 2's today, though all others of 2 are in the east."""
    start = np.tile(COLUMNS, 3)
    start[4] = 2
    _, units = explain(grid(12, 3, np.ones(36), 3, start=start), np.tile(AFTER, 3))
    assert units[4] == "It lay apart from the rest of territory 2."


def test_two_that_exchange_units_do_it_for_a_more_compact_map():
    """Two halves, balanced, whose border zigzags: straight it is more compact."""
    start = np.array([0, 0, 0, 1, 1, 1] * 2 + [0, 0, 1, 1, 1, 1] + [0, 0, 0, 0, 1, 1] + [0, 0, 0, 1, 1, 1])
    problem = grid(6, 5, np.ones(30), 2, start=start)
    handings, units = explain(problem, np.tile([0, 0, 0, 1, 1, 1], 5))
    assert {handing.reason for handing in handings} == {"Territory 0 and territory 1 exchange units for a more compact map."}
    assert len(units) == 2 and sum(handing.inertia for handing in handings) < 0


def test_a_unit_without_weight_goes_along():
    weight = np.ones(36)
    weight[4] = 0
    _, units = explain(world(COLUMNS, weight), np.tile(AFTER, 3))
    assert units[4] == "Nothing to balance in it: it goes with its neighbours to territory 1."
    assert "was over by" in units[5]


def test_a_start_is_needed():
    with pytest.raises(ValueError, match="start"):
        explain(grid(3, 3, np.ones(9), 2), np.zeros(9, int))


def test_nothing_moved_needs_no_reason():
    assert explain(world(COLUMNS), np.tile(COLUMNS, 3)) == ([], {})


def test_an_index_is_told_in_percent():
    assert [told_over(x) for x in (0.24, -0.18, 0.001)] == ["over by 24 %", "under by 18 %", "on target"]


alignments = st.lists(st.integers(0, 3), min_size=20, max_size=20)


@given(alignments, alignments, st.lists(st.integers(0, 5), min_size=20, max_size=20))
@settings(deadline=None)
def test_explanations_add_up(before, after, weight):
    """Weights to the disruption, changes of inertia to its whole change, and every moved unit has one reason."""
    weight[0] = 1
    problem, after = grid(5, 4, weight, 4, start=np.array(before)), np.array(after)
    handings, units = explain(problem, after)
    assert sum(h.weight for h in handings) == pytest.approx(disruption_of(problem, after))
    assert sorted(units) == np.flatnonzero(problem.start != after).tolist()
    begun, ended = inertia_of(problem, problem.start), inertia_of(problem, after)
    if begun > 0:
        assert sum(h.inertia for h in handings) == pytest.approx(ended / begun - 1, abs=1e-6)

    def off(territory):
        held = np.bincount(territory, problem.share[:, 0], 4)
        return np.abs(held - problem.target).sum() / 2

    assert sum(h.off for h in handings) == pytest.approx(off(after) - off(problem.start), abs=1e-9)


@given(st.lists(st.integers(-1, 2), min_size=25, max_size=25))
@settings(deadline=None)
def test_a_joint_is_a_unit_whose_territory_falls_apart_without_it(letters):
    territory = np.array(letters)
    problem = grid(5, 5, np.ones(25), 3)
    found = joints(territory, problem.neighbors)
    for unit in np.flatnonzero(territory >= 0):
        alone = (territory == territory[unit]).sum() == 1
        assert found[unit] == (not alone and not may_leave(int(unit), territory, problem.neighbors))


def test_units_nobody_covers_any_more_change_no_hands():
    start, after = np.tile(COLUMNS, 3), np.tile(AFTER, 3)
    start[11], after[[0, 11]] = -1, -1
    handings, units = explain(grid(12, 3, np.ones(36), 3, start=start), after)
    assert {(one.giver, one.receiver) for one in handings} == {(0, 1)}
    assert 0 not in units and 11 not in units
