"""Solve the rest: what a person drew stays, the others are balanced around it, and each change is a proposal.

Letters are territories, a dot is a unit nobody covers; every unit has one account of weight 1 unless said.
"""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_territory.contiguity import pieces
from geo_territory.errors import Cancelled, InfeasibleError
from geo_territory.redraw.edits import Change
from geo_territory.redraw.figures import figures
from geo_territory.redraw.shaping import deleted
from geo_territory.redraw.solving import solve_rest
from geo_territory.tables import Scorecard
from tests.redraw_drawn import picture_of, world

LEFT_HEAVY = """
    AAAAABB
    AAAAABB
    AAAAABB"""
THREE = """
    AAAABBBBCCCC
    AAAABBBBCCCC
    AAAABBBBCCCC"""


def at(draft, *units):
    return draft.ground.positions(units)


def moved(draft, to, *units):
    return draft.after(Change(draft.handing([(at(draft, *units), to)])))


def locked(draft, *locks):
    return draft.after(Change(locks=dict.fromkeys(locks, (False, True))))


def accepted(draft, solution, numbers=None):
    return draft.after(solution.change(draft, numbers))


def index(basis, draft):
    return figures(basis, draft).rows[Scorecard.balance_index]


def test_a_heavy_territory_is_told_what_to_give_with_the_reason_and_the_effect_on_both():
    basis, draft = world(LEFT_HEAVY)
    solution = solve_rest(basis, draft)
    (one,) = solution.proposals
    assert (one.number, one.before, one.after, one.weight, one.accounts, one.whole) == (1, "A", "B", 3.0, 3, True)
    assert one.told == "Give 3 units at Unit r0c4 (3 accounts, 3,000) from Region A to Region B: Region A 143 → 114, Region B 57 → 86."
    assert one.reason == "Region A was over by 43 %, Region B under by 43 %; they are neighbours."
    assert solution.within and solution.imbalance == pytest.approx((3 / 7, 1 / 7))
    assert picture_of(basis, accepted(draft, solution)) == ["AAAABBB"] * 3
    assert solution.disruption == pytest.approx(3 / 21)
    assert (one.value, one.place) == (3000.0, "Unit r0c4")


def test_a_solution_says_what_it_comes_to_when_all_is_accepted():
    basis, draft = world(LEFT_HEAVY)
    solution = solve_rest(basis, draft)
    after = figures(basis, accepted(draft, solution))
    assert (solution.in_band, solution.in_one_piece, solution.territories) == ((0, after.in_band), (2, 2), 2)
    assert after.in_band == 2 and solution.imbalance[1] == pytest.approx(after.imbalance)
    assert (solution.accounts, solution.value) == (3, 3000.0)


def test_accounts_that_belong_elsewhere_by_name_do_not_go_with_their_unit():
    basis, draft = world(LEFT_HEAVY, count="1111211\n1111211\n1111211")
    draft = draft.after(Change(exceptions={"r1c4-0": (None, "A")}))
    for one in solve_rest(basis, draft).proposals:
        there = [draft.ground.ids[u] for u in one.units]
        assert one.accounts == sum({"4": 2}.get(u[-1], 1) for u in there) - ("r1c4" in there)


def test_what_was_drawn_by_hand_may_be_given_back_when_a_person_lets_go_of_it():
    basis, draft = world(THREE)
    draft = moved(draft, "A", "r0c4", "r1c4", "r2c4")
    free = solve_rest(basis, draft, keep_drawn=False, tolerance=0.1)
    assert {(one.before, one.after) for one in free.proposals} == {("A", "B")} and free.within
    held = solve_rest(basis, draft, at(draft, "r0c4", "r1c4", "r2c4"), keep_drawn=False, tolerance=0.1)
    assert not set(at(draft, "r0c4", "r1c4", "r2c4")) & {unit for one in held.proposals for unit in one.units}


def test_what_was_drawn_by_hand_stays_and_the_others_make_up_for_it():
    """A takes three units of B by hand: they stay, and C gives to B."""
    basis, draft = world(THREE)
    draft = moved(draft, "A", "r0c4", "r1c4", "r2c4")
    solution = solve_rest(basis, draft, tolerance=0.1)
    after = accepted(draft, solution)
    assert (after.owner[at(draft, "r0c4", "r1c4", "r2c4")] == draft.slot_of["A"]).all()
    assert {(one.before, one.after) for one in solution.proposals} == {("C", "B")}  # nobody moves to the other side of A
    assert index(basis, after)[["B", "C"]].between(83, 92).all()
    assert (pieces(after.owner, basis.neighbors, 3) == 1).all()
    assert solution.reasons == (
        "What is pinned, locked or was moved by hand leaves no balanced way for Region A where it is: "
        "unpin units around Region A, or move some of the 3 units it took back.",
    )


SIX = """
    AAAABBBBCCCC
    AAAABBBBCCCC
    AAAABBBBCCCC
    DDDDEEEEFFFF
    DDDDEEEEFFFF
    DDDDEEEEFFFF"""


@pytest.mark.parametrize("left", [0, 1, 3])
def test_a_corner_that_gave_nearly_all_away_is_not_moved_elsewhere_and_the_remedy_is_told(left):
    """A gives all but 0, 1 or 3 of its twelve units to B by hand: what is pinned around it leaves it no room."""
    basis, draft = world(SIX, A={"name": "Queens"})
    draft = moved(draft, "B", *[f"r{r}c{c}" for r, c in itertools.product(range(3), range(4))][left:])
    solution = solve_rest(basis, draft)
    after = accepted(draft, solution)
    assert after.units_of("A").tolist() == draft.units_of("A").tolist() and len(draft.units_of("A")) == left
    assert index(basis, after).drop("A").max() < index(basis, draft)["B"]  # the others share what B has too much
    assert not solution.within and solution.reasons == (
        "What is pinned, locked or was moved by hand leaves no balanced way for Queens where it is: "
        f"unpin units around Queens, or move some of the {12 - left} units it gave away back.",
    )


def test_units_of_a_territory_that_is_gone_were_not_drawn_by_hand_and_may_go_on():
    basis, draft = world("AAAABBBBCCCC")
    draft = draft.after(deleted(basis, draft, "B", "A"))
    solution = solve_rest(basis, draft)
    assert picture_of(basis, accepted(draft, solution)) in (["AAAAAAACCCCC"], ["AAAAAACCCCCC"])


def test_pinning_a_proposals_units_gives_another_answer_without_them():
    basis, draft = world(LEFT_HEAVY)
    first = solve_rest(basis, draft)
    pinned = [first.proposals[0].units[1]]
    second = solve_rest(basis, draft, pinned)
    assert second.change(draft) != first.change(draft)
    assert not {unit for one in second.proposals for unit in one.units} & set(pinned)


def test_the_same_draft_and_seed_give_the_same_proposals():
    basis, draft = world(THREE, count="""
        312111213111
        121131112111
        111211111132""")  # fmt: skip
    assert solve_rest(basis, draft, tolerance=0.05).proposals == solve_rest(basis, draft, tolerance=0.05).proposals


def test_a_balanced_draft_needs_nothing():
    basis, draft = world(THREE)
    solution = solve_rest(basis, draft)
    assert (solution.proposals, solution.within, solution.change(draft).is_empty) == ((), True, True)


def test_units_nobody_covers_are_given_out():
    basis, draft = world("AAA..BBB")
    solution = solve_rest(basis, draft)
    assert {one.before for one in solution.proposals} == {""}
    assert all(one.reason == "Nobody covers it." for one in solution.proposals)
    assert picture_of(basis, accepted(draft, solution)) == ["AAAABBBB"]


def test_a_unit_that_was_taken_off_everybody_and_locked_stays_nobodys():
    basis, draft = world("AAA.BBB")
    draft = locked(draft, ("unit", "r0c3"))
    assert solve_rest(basis, draft).proposals == ()


def test_accounts_in_another_territory_count_for_that_one():
    """Four units each, but B works two accounts of A's units: B gives units."""
    basis, draft = world("AAAABBBB", count="11111111")
    draft = draft.after(Change(exceptions={"r0c0-0": (None, "B"), "r0c1-0": (None, "B")}))
    solution = solve_rest(basis, draft)
    after = accepted(draft, solution)
    assert picture_of(basis, after) == ["AAAAAABB"]
    assert index(basis, after).tolist() == [100.0, 100.0]
    assert solution.imbalance == pytest.approx((0.5, 0.0))


def test_the_index_of_each_side_is_the_panels_if_that_proposal_alone_is_accepted():
    basis, draft = world(THREE, count="""
        312111213111
        121131112111
        111211111132""")  # fmt: skip
    solution = solve_rest(basis, draft, tolerance=0.02)
    assert solution.proposals
    now = index(basis, draft)
    for one in solution.proposals:
        then = index(basis, accepted(draft, solution, [one.number]))
        for side in one.sides:
            assert side.index == pytest.approx((now[side.territory], then[side.territory]))


def test_accepted_in_their_order_proposals_leave_every_territory_whole_at_each_step():
    basis, draft = world(THREE, count="""
        512111213111
        121131112111
        511211111132""")  # fmt: skip
    solution = solve_rest(basis, draft, tolerance=0.05)
    for count in range(len(solution.proposals) + 1):
        step = accepted(draft, solution, range(1, count + 1))
        assert (pieces(step.owner, basis.neighbors, 3) == 1).all()


def test_a_proposal_that_would_part_or_empty_a_territory_by_itself_says_so():
    """A hands units on to C through B: by itself the second step would leave B without a unit."""
    basis, draft = world("AAAAAABBCC\nAAAAAABBCC", count="1131211111\n1112111111")
    solution = solve_rest(basis, draft, tolerance=0.1)
    assert False in {one.whole for one in solution.proposals}
    for one in solution.proposals:
        alone = accepted(draft, solution, [one.number])
        assert one.whole == bool((pieces(alone.owner, basis.neighbors, 3) == 1).all())


def test_locks_too_heavy_are_named_with_the_smallest_remedy():
    basis, draft = world(LEFT_HEAVY, A={"name": "Dallas"})
    draft = locked(draft, *(("unit", f"r{r}c{c}") for r, c in itertools.product(range(3), range(5))))
    solution = solve_rest(basis, draft)
    assert not solution.within
    assert solution.reasons[0].startswith("Locked units give Dallas 1.43 times what it should hold: unlock ")
    draft = world(LEFT_HEAVY, A={"name": "Dallas"})[1]
    told = solve_rest(basis, locked(draft, ("territory", "A"))).reasons
    assert told[0].startswith("Locked Dallas holds 1.43 times what it should: unlock it")


def test_a_unit_too_heavy_for_any_territory_is_named():
    basis, draft = world("AAABBB", count="911111")
    (told,) = solve_rest(basis, draft, tolerance=0.1).reasons
    assert told.startswith("Unit Unit r0c0 alone weighs 1.29 times what a territory should hold: split it")


def test_a_locked_territory_in_pieces_is_told_with_the_remedy():
    basis, draft = world("AABBAABB", A={"name": "Dallas"})
    solution = solve_rest(basis, locked(draft, ("territory", "A")))
    assert "Dallas would be in 2 pieces: unlock or unpin what lies between, or join them by hand." in solution.reasons


def test_with_everything_locked_or_pinned_there_is_nothing_to_solve():
    basis, draft = world(LEFT_HEAVY)
    with pytest.raises(InfeasibleError, match="Everything is locked, so nothing is left to solve: unlock it first"):
        solve_rest(basis, locked(draft, ("all", "")))
    with pytest.raises(InfeasibleError, match="unlock or unpin some"):
        solve_rest(basis, draft, range(len(draft.owner)))


def test_a_solve_can_be_cancelled():
    basis, draft = world(LEFT_HEAVY)
    heard = []

    def stop(phase, fraction):
        heard.append((phase, fraction))
        if fraction > 0.9:
            raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        solve_rest(basis, draft, progress=stop)
    assert heard[0] == ("Reading the draft", 0.0)
    assert [fraction for _, fraction in heard] == sorted(fraction for _, fraction in heard)


@settings(max_examples=12, deadline=None)
@given(
    st.lists(st.integers(0, 3), min_size=24, max_size=24),
    st.sets(st.integers(0, 23), max_size=6),
    st.sets(st.integers(0, 23), max_size=3),
    st.booleans(),
)
def test_whatever_is_drawn_locked_or_pinned_none_of_it_moves(count, pinned, shut, territory):
    count = [max(1, one) if i in (0, 4, 8) else one for i, one in enumerate(count)]
    rows = "\n".join("".join(map(str, count[i : i + 12])) for i in (0, 12))
    basis, draft = world("AAAABBBBCCCC\nAAAABBBBCCCC", count=rows)
    draft = moved(draft, "A", "r0c4")
    locks = [("unit", basis.units[u]) for u in sorted(shut)] + ([("territory", "C")] if territory else [])
    draft = locked(draft, *locks)
    solution = solve_rest(basis, draft, pinned)
    after = accepted(draft, solution)
    stays = draft.locked_units() | np.isin(np.arange(24), list(pinned)) | (draft.owner != basis.owner)
    assert (after.owner[stays] == draft.owner[stays]).all()
    assert (pieces(after.owner, basis.neighbors, 3) == 1).all()
    assert solution.imbalance[1] <= max(solution.imbalance[0], solution.tolerance) + 1e-9 or not solution.within
