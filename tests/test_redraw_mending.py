"""What is wrong with a draft is told where it is, with repairs of one click that do mend it.

Letters are territories, a dot is a unit nobody covers; every unit has one account of weight 1 unless said.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_territory.contiguity import pieces
from geo_territory.redraw.edits import Change
from geo_territory.redraw.figures import figures
from geo_territory.redraw.mending import faults
from geo_territory.tables import Scorecard
from tests.redraw_drawn import picture_of, world

RAGGED = """
    AAAAABB
    AABAABB
    AAAAA.B"""
NAMED = {"A": {"name": "Dallas"}, "B": {"name": "Tulsa"}}


def at(draft, *units):
    return draft.ground.positions(units)


def repaired(draft, repair):
    return draft.after(Change(draft.handing([(np.array(units), to) for units, to in repair.moves])))


def locked(draft, *locks):
    return draft.after(Change(locks=dict.fromkeys(locks, (False, True))))


def kinds(found):
    return [(one.kind, one.territory) for one in found]


def test_a_hole_uncovered_units_and_breaches_are_told_in_words_a_leader_knows():
    basis, draft = world(RAGGED, **NAMED)
    found = faults(basis, draft)
    assert [one.told for one in found] == [
        "1 unit of Tulsa at Unit r1c2 lies inside Dallas.",
        "Nobody covers 1 unit at Unit r2c5, with 1 account.",
        "Dallas has index 140, above the band, which ends at 115.",
        "Tulsa has index 60, below the band, which begins at 85.",
    ]
    assert kinds(found) == [("hole", "B"), ("uncovered", None), ("breach", "A"), ("breach", "B")]
    assert [one.repairs[0].told for one in found] == [
        "Give Unit r1c2 to Dallas: Dallas 140 → 150, Tulsa 60 → 50.",
        "Give Unit r2c5 to Tulsa: Tulsa 60 → 67.",
        "Give 3 units to Tulsa: Dallas 140 → 110, Tulsa 60 → 90.",
        "Take 3 units from Dallas: Dallas 140 → 110, Tulsa 60 → 90.",
    ]


def test_a_piece_apart_is_told_apart_from_a_hole():
    basis, draft = world("""
        AABBCC
        AABBCA""")  # fmt: skip
    found = [one for one in faults(basis, draft, 0.9) if one.kind in ("piece", "hole")]
    assert [one.told for one in found] == ["1 unit of Region A at Unit r1c5 lies inside Region C."]
    basis, draft = world("""
        AABBCC
        AABBAC
        AABBBC""")  # fmt: skip
    (found,) = faults(basis, draft, 0.9)
    assert (found.kind, found.told) == ("piece", "1 unit of Region A at Unit r1c4 lies apart from the rest.")


def test_a_fault_says_where_to_look():
    basis, draft = world(RAGGED)
    hole = faults(basis, draft)[0]
    west, south, east, north = hole.box
    shape = basis.design.unit_map.units.geometry.iloc[hole.units[0]]
    assert (west, south, east, north) == shape.bounds
    assert list(basis.units[list(hole.units)]) == ["r1c2"]


def test_the_index_of_a_repair_is_the_panels_before_and_after():
    basis, draft = world(RAGGED)
    for fault in faults(basis, draft):
        for repair in fault.repairs:
            before, after = (figures(basis, one).rows[Scorecard.balance_index] for one in (draft, repaired(draft, repair)))
            for side in repair.sides:
                assert side.index == pytest.approx((before[side.territory], after[side.territory]))


def test_one_territory_or_what_nobody_covers_can_be_asked_for_alone():
    basis, draft = world(RAGGED)
    every = faults(basis, draft)
    for only in ("A", "B", ""):
        assert faults(basis, draft, only=[only]) == tuple(one for one in every if (one.territory or "") == only)
    assert faults(basis, draft, only=["gone"]) == ()


def test_a_good_map_has_no_faults():
    basis, draft = world("""
        AABB
        AABB""")  # fmt: skip
    assert faults(basis, draft) == ()


def test_accounts_in_another_territory_than_their_unit_count_for_that_one():
    """Four units each, but two of A's accounts are worked by B: A is light."""
    basis, draft = world("""
        AABB
        AABB""")  # fmt: skip
    draft = draft.after(Change(exceptions={"r0c0-0": (None, "B"), "r1c0-0": (None, "B")}))
    found = faults(basis, draft)
    assert kinds(found) == [("breach", "A"), ("breach", "B")]
    assert found[0].told.startswith("Region A has index 50")
    assert picture_of(basis, repaired(draft, found[0].repairs[0])) in (["AAAB", "AAAB"], ["AAAA", "AABB"], ["AABB", "AAAA"])
    mended = repaired(draft, found[0].repairs[0])
    assert [one for one in faults(basis, mended) if one.territory == "A"] == []


def test_locks_are_kept_to():
    basis, draft = world(RAGGED)
    everything = faults(basis, locked(draft, ("all", "")))
    assert [one.repairs for one in everything] == [()] * 4
    for lock in (("territory", "A"), ("territory", "B")):
        for fault in faults(basis, locked(draft, lock)):
            for repair in fault.repairs:
                assert lock[1] not in {side.territory for side in repair.sides}
    one = faults(basis, locked(draft, ("unit", "r1c2")))
    moved = {unit for fault in one for repair in fault.repairs for units, _ in repair.moves for unit in units}
    assert int(at(draft, "r1c2")[0]) not in moved


def test_a_repair_that_puts_a_territory_out_of_the_band_says_so_and_comes_last():
    """The stray of A fits into C, but puts B over the band."""
    basis, draft = world("""
        AAAAABBBBBCCCC
        AAAAABBBBAACCC""")  # fmt: skip
    (piece, *_) = [one for one in faults(basis, draft) if one.kind == "piece"]
    clean = [repair.clean for repair in piece.repairs]
    assert clean == sorted(clean, reverse=True)
    for repair in piece.repairs:
        assert ("would leave the band" in repair.told) == (not repair.clean)


@settings(max_examples=25, deadline=None)
@given(st.text("ABCD.", min_size=20, max_size=20), st.sets(st.sampled_from(["A", "r0c0", "r2c2", "r3c3"])))
def test_whatever_the_painting_repairs_mend_their_fault_and_locked_units_stay(text, held):
    letters = "ABCD" + text
    basis, draft = world("\n".join(letters[i : i + 6] for i in range(0, 24, 6)))
    draft = locked(draft, *(("territory" if name == "A" else "unit", name) for name in sorted(held)))
    shut = draft.locked_units()
    before = pieces(draft.owner, basis.neighbors, 4)
    for fault in faults(basis, draft):
        for repair in fault.repairs:
            after = repaired(draft, repair)
            assert not (shut & (after.owner != draft.owner)).any()
            now = pieces(after.owner, basis.neighbors, 4)
            assert (now <= np.maximum(before, 1)).all()
            if fault.kind == "uncovered":
                assert (after.owner[list(fault.units)] >= 0).all()
            elif fault.kind == "breach":
                assert ("breach", fault.territory) not in kinds(faults(basis, after, 0.15 + 1e-9, only=[fault.territory]))
            else:
                slot = draft.slot_of[fault.territory]
                assert now[slot] < before[slot]
