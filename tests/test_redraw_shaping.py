"""Territories merged, split, deleted and added: contiguous, balanced, named, and nothing left without an owner."""

import pytest

from geo_territory.redraw.shaping import added, deleted, merged, split
from tests.redraw_drawn import picture_of, world


def test_merging_hands_over_everything_and_keeps_the_name_of_the_one_that_stays():
    basis, draft = world("""
        AABBCC
        AABBCC""")
    after = draft.after(merged(basis, draft, ["B"], "A"))
    assert picture_of(basis, after) == ["AAAACC", "AAAACC"]
    assert {name: line.name for name, line in after.territories.items()} == {"A": "Region A", "C": "Region C"}
