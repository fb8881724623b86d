"""Territories merged, split, deleted and added: contiguous, balanced, named, and nothing left without an owner.

Letters are territories, a dot is a unit nobody covers; every unit has one account of weight 1 unless said.
"""

from types import SimpleNamespace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_territory.contiguity import pieces
from geo_territory.errors import InfeasibleError
from geo_territory.redraw.basis import basis_of
from geo_territory.redraw.draft import Draft
from geo_territory.redraw.edits import Change
from geo_territory.redraw.shaping import added, deleted, merged, next_id, split
from geo_territory.units import place_names
from tests.redraw_drawn import a_rep, picture_of, world
from tests.redraw_world import small_design, small_reps
from tests.test_balancing_reshaping import best_halves

THREE = """
    AABBCC
    AABBCC"""


def at(draft, *units):
    return draft.ground.positions(units)


def promised(draft, **exceptions):
    """The draft with some accounts in another territory: r0c0="B" is the account of unit r0c0."""
    return draft.after(Change(exceptions={f"{unit}-0": (None, to) for unit, to in exceptions.items()}))


def locked(draft, kind, name):
    return draft.after(Change(locks={(kind, name): (False, True)}))


def test_merging_hands_over_everything_and_keeps_the_name_of_the_one_that_stays():
    basis, draft = world(THREE)
    after = draft.after(merged(basis, draft, ["B"], "A"))
    assert picture_of(basis, after) == ["AAAACC", "AAAACC"]
    assert {name: line.name for name, line in after.territories.items()} == {"A": "Region A", "C": "Region C"}


def test_merging_takes_named_accounts_along_but_not_those_that_lie_there_anyway():
    basis, draft = world(THREE)
    draft = promised(draft, r0c0="B", r0c4="B")
    after = draft.after(merged(basis, draft, ["B", "C"], "A"))
    assert after.exceptions == {}
    after = draft.after(merged(basis, draft, ["B"], "A"))
    assert after.exceptions == {"r0c4-0": "A"}


def test_taking_a_merge_back_restores_the_draft():
    basis, draft = world(THREE)
    draft = promised(draft, r0c4="B")
    change = merged(basis, draft, ["B"], "A")
    back = draft.after(change).after(change.inverse())
    assert (back.alignment() == draft.alignment(), back.territories, back.exceptions) == (True, draft.territories, draft.exceptions)


@pytest.mark.parametrize(
    "gone, into, told", [([], "A", "Two territories"), (["A"], "A", "Two territories"), (["X"], "A", "no territory X")]
)
def test_merging_nothing_or_what_is_not_there_is_refused(gone, into, told):
    basis, draft = world(THREE)
    with pytest.raises(InfeasibleError, match=told):
        merged(basis, draft, gone, into)


@pytest.mark.parametrize(
    "lock, told",
    [
        (("territory", "A"), "Region A is locked: unlock it"),
        (("all", ""), "Everything is locked"),
        (("unit", "r0c2"), "r0c2 is locked: unl"),
    ],
)
def test_what_is_locked_is_neither_merged_nor_split_nor_deleted(lock, told):
    basis, draft = world(THREE)
    draft = locked(draft, *lock)
    whole = "A" if lock[1] == "A" else "B"
    for shape in (
        lambda: merged(basis, draft, ["B"], "A"),
        lambda: split(basis, draft, whole),
        lambda: deleted(basis, draft, whole),
        lambda: added(basis, draft, at(draft, "r0c0", "r0c2")),
    ):
        with pytest.raises(InfeasibleError, match=told):
            shape()


def test_a_split_makes_two_equal_neighbours_of_which_the_one_with_the_base_keeps_the_name():
    basis, draft = world("""
        AAAAAABB
        AAAAAABB""", reps=a_rep("R1"), A={"rep": "R1"})  # fmt: skip
    for corner, kept in (("r1c0", "AAATTTBB"), ("r0c5", "TTTAAABB")):
        place = basis.design.unit_map.plane.unproject(basis.design.unit_map.position)[draft.ground.position[corner]]
        basis, _ = world("""
            AAAAAABB
            AAAAAABB""", reps=a_rep("R1", place[::-1]), A={"rep": "R1"})  # fmt: skip
        after = draft.after(split(basis, draft, "A"))
        assert [row.replace("1", "T") for row in picture_of(basis, after)] == [kept, kept]
        assert (after.territories["A"], after.territories["T01"].rep_id) == (draft.territories["A"], "")


def test_the_part_that_is_called_like_the_territory_keeps_the_name_and_no_neighbour_has_the_new_colour():
    made = small_design()
    basis = basis_of(made, small_reps(made), made.territories)
    draft = Draft.begin(basis)
    for name, line in draft.territories.items():
        after = draft.after(split(basis, draft, name))
        (new,) = set(after.territories) - set(draft.territories)
        parts = np.array([shapely.union_all(basis.planar[after.units_of(one)]) for one in (name, new)])
        towns = place_names(parts, made.unit_map.plane)
        assert towns[0] == line.name
        assert after.territories[new].name == towns[1]
        graph = basis.neighbors
        around = {after.owner_of(int(u)) for unit in after.units_of(new) for u in graph[[unit]].indices} - {new}
        assert name in around
        assert after.territories[new].color not in {after.territories[near].color for near in around}


@settings(max_examples=12, deadline=None)
@given(st.lists(st.integers(0, 4), min_size=9, max_size=9))
def test_split_parts_are_contiguous_and_within_ten_percent_where_that_can_be(weight):
    count = "\n".join("".join(str(w) for w in weight[i : i + 3]) + "1" for i in (0, 3, 6))
    basis, draft = world("AAAB\nAAAB\nAAAB", count=count)
    after = draft.after(split(basis, draft, "A"))
    owner = np.where(after.owner == draft.slot_of["B"], -1, np.where(after.owner == draft.slot_of["A"], 0, 1))
    assert (pieces(owner, basis.neighbors, 2) == 1).all()
    inside = draft.units_of("A")
    plain = SimpleNamespace(neighbors=basis.neighbors[inside][:, inside])
    held = np.array(weight, float) if sum(weight) else np.ones(9)
    if best_halves(plain, held) <= 0.1:
        assert abs(held[owner[inside] == 0].sum() / (held.sum() / 2) - 1) <= 0.1 + 1e-9


def test_a_territory_of_one_unit_or_none_cant_be_split():
    basis, draft = world("ABB")
    with pytest.raises(InfeasibleError, match="Region A has one unit, so it can't be split: give it units first"):
        split(basis, draft, "A")
    draft = draft.after(Change(draft.handing([(at(draft, "r0c0"), "B")])))
    with pytest.raises(InfeasibleError, match="Region A has no unit"):
        split(basis, draft, "A")


def test_a_territory_in_pieces_is_split_into_parts_that_are_no_more_in_pieces():
    basis, draft = world("AABBAA")
    after = draft.after(split(basis, draft, "A"))
    assert [len(after.units_of(name)) for name in ("A", "T01")] == [2, 2]
    assert (pieces(after.owner, basis.neighbors, 3) == 1).all()


def test_deleting_hands_every_unit_to_the_neighbour_with_room():
    basis, draft = world("AAAABBBBC")
    after = draft.after(deleted(basis, draft, "B"))
    assert picture_of(basis, after)[0] in ("AAAAACCCC", "AAAACCCCC")
    assert list(after.territories) == ["A", "C"]


def test_deleting_to_one_territory_hands_it_everything_and_named_accounts_too():
    basis, draft = world(THREE)
    draft = promised(draft, r0c0="B")
    after = draft.after(deleted(basis, draft, "B", "C"))
    assert picture_of(basis, after) == ["AACCCC", "AACCCC"]
    assert after.exceptions == {"r0c0-0": "C"}


def test_deleting_without_an_heir_drops_named_accounts_back_to_their_unit():
    basis, draft = world(THREE)
    draft = promised(draft, r0c0="B")
    assert draft.after(deleted(basis, draft, "B")).exceptions == {}


def test_accounts_that_lie_elsewhere_count_when_units_are_shared_out():
    """Three accounts in the middle of B's units belong to A already, so C takes the units."""
    basis, draft = world("ABBBBC")
    after = draft.after(deleted(basis, promised(draft, r0c5="A"), "B"))
    assert len(after.units_of("C")) > len(after.units_of("A"))


def test_locked_neighbours_take_nothing_and_when_all_are_locked_it_is_said():
    basis, draft = world("AABBCC")
    draft = locked(draft, "territory", "C")
    assert picture_of(basis, draft.after(deleted(basis, draft, "B"))) == ["AAAACC"]
    draft = locked(draft, "territory", "A")
    with pytest.raises(InfeasibleError, match="Every other territory is locked"):
        deleted(basis, draft, "B")


def test_the_last_territory_cant_be_deleted_nor_take_over_from_itself():
    basis, draft = world("AAA")
    with pytest.raises(InfeasibleError, match="Region A is the last territory: add another one"):
        deleted(basis, draft, "A")
    basis, draft = world("AAB")
    with pytest.raises(InfeasibleError, match="choose another territory"):
        deleted(basis, draft, "A", "A")


def test_a_territory_without_a_unit_is_deleted_all_the_same():
    basis, draft = world("AAB")
    draft = draft.after(Change(draft.handing([(at(draft, "r0c2"), "A")])))
    after = draft.after(deleted(basis, draft, "B"))
    assert list(after.territories) == ["A"]
    draft = draft.after(Change(draft.handing([(np.arange(3), "B")])))
    assert picture_of(basis, draft.after(deleted(basis, draft, "B"))) == ["AAA"]


@settings(max_examples=25, deadline=None)
@given(st.text("ABCD.", min_size=16, max_size=16), st.sampled_from("ABCD"))
def test_whatever_is_deleted_every_covered_unit_stays_covered_and_no_other_territory_is_parted(text, gone):
    letters = "ABCD" + text
    basis, draft = world("\n".join(letters[i : i + 5] for i in range(0, 20, 5)))
    after = draft.after(deleted(basis, draft, gone))
    assert ((after.owner >= 0) == (draft.owner >= 0)).all()
    before, now = (pieces(one.owner, basis.neighbors, 4) for one in (draft, after))
    slot = draft.slot_of[gone]
    beside = basis.neighbors[draft.units_of(gone)].indices
    if (draft.owner[beside] >= 0).all():
        assert (np.delete(now, slot) <= np.delete(before, slot)).all()
    assert now[slot] == 0


def test_a_new_territory_is_made_of_the_selection_with_the_next_number_and_a_colour_of_its_own():
    basis, draft = world(THREE)
    after = draft.after(added(basis, draft, at(draft, "r0c1", "r0c2"), "Gulf"))
    assert picture_of(basis, after) == ["A11BCC", "AABBCC"]
    assert after.territories["T01"].name == "Gulf"
    colors = [line.color for line in after.territories.values()]
    assert len(set(colors)) == 4
    again = after.after(added(basis, after, at(draft, "r1c5"), "Gulf"))
    assert again.territories["T02"].name == "Gulf 2"


def test_without_a_name_a_new_territory_is_called_after_its_town():
    basis, draft = world(THREE)
    after = draft.after(added(basis, draft, at(draft, "r0c1")))
    town = place_names(basis.planar[at(draft, "r0c1")], basis.design.unit_map.plane)[0]
    assert after.territories["T01"].name == town


def test_a_new_territory_may_be_made_of_units_nobody_covers_but_not_of_nothing():
    basis, draft = world("AB..")
    assert picture_of(basis, draft.after(added(basis, draft, at(draft, "r0c2", "r0c3"), "Coast"))) == ["AB11"]
    with pytest.raises(InfeasibleError, match="select some first"):
        added(basis, draft, [])


def test_numbers_of_deleted_territories_are_not_used_again():
    basis, draft = world(THREE)
    draft = draft.after(added(basis, draft, at(draft, "r0c1"), "Gulf"))
    draft = draft.after(deleted(basis, draft, "T01", "A"))
    assert next_id(draft) == "T02"


def test_where_neighbours_have_all_colours_of_the_palette_a_darker_one_is_taken():
    basis, draft = world("""
        ABCDEFGHI
        JJJJJJJJJ""")
    after = draft.after(added(basis, draft, at(draft, *(f"r1c{c}" for c in range(8))), "Long"))
    assert after.territories["T01"].color not in {line.color for line in draft.territories.values()}
