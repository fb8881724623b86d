"""Repairs speak the ids of the tables and are moves a draft can take."""

import pandas as pd
import pytest

from geo_territory.balancing.limits import Limits
from geo_territory.balancing.repairs.by_id import repairs_of
from tests.drawn_maps import drawn


def world(picture):
    """The map and alignment of a drawing, every unit weighing 2 hours, territories equal."""
    units, alignment = drawn(picture)
    weight = pd.Series(2.0, index=units.units.index)
    return units, weight, pd.Series(1.0, index=list(alignment.territories)), alignment


def test_a_repair_is_a_list_of_moves_that_removes_the_fault():
    units, weight, capacity, alignment = world("""
        AAAB
        ABAB
        AAAB""")
    (fault,) = repairs_of(units, weight, capacity, alignment, tolerance=0.9)
    assert (fault.kind, fault.territory_id, fault.units) == ("hole", "B", ("r1c1",))
    repair = fault.repairs[0]
    assert repair.weight == 2.0
    assert [(side.territory_id, side.pieces) for side in repair.sides] == [("A", (1, 1)), ("B", (2, 1))]
    assert repair.sides[0].index == pytest.approx((100 * 8 / 6, 100 * 7 / 6))
    assert repairs_of(units, weight, capacity, alignment.after(repair.moves), tolerance=0.9) == ()


def test_a_breach_is_told_with_the_names_people_use():
    units, weight, capacity, alignment = world("""
        AAAB
        AAAB""")
    fault = repairs_of(units, weight, capacity, alignment)[0]
    assert fault.sentence == "Territory A is over by 50 %, more than the 15 % accepted."
    assert fault.repairs[0].moves[0].to == "B"


def test_units_left_out_of_the_alignment_are_a_hole_of_nobody():
    units, weight, capacity, alignment = world("""
        AABB
        AABB""")
    part = type(alignment)(alignment.territory_of.drop("r0c1"), alignment.role)
    fault = next(one for one in repairs_of(units, weight, capacity, part, tolerance=0.9) if one.kind == "hole")
    assert (fault.territory_id, fault.units) == (None, ("r0c1",))
    assert {repair.moves[0].to for repair in fault.repairs} == {"A", "B"}


def test_a_locked_territory_neither_gives_nor_takes():
    units, weight, capacity, alignment = world("""
        AAABCC
        AAABCC""")
    limits = Limits(locked_territories=["B"])
    for fault in repairs_of(units, weight, capacity, alignment, limits=limits):
        assert all("B" not in {side.territory_id for side in repair.sides} for repair in fault.repairs)
