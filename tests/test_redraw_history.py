"""Every edit can be taken back and done again, by whoever did it, and what stands is known without looking through all."""

import dataclasses
import json
import random
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_territory.errors import TerritoryError, UnitsError
from geo_territory.redraw.asking import Refusal
from geo_territory.redraw.draft import Draft
from geo_territory.redraw.edits import EVERYTHING, KINDS, Change, Edit, Handover, TerritoryLine
from geo_territory.redraw.history import History
from tests.redraw_sitting import NOON, Sitting, alignment_bytes, small_basis, state_of

PEOPLE = ("Ana", "Bo")
TERRITORIES = ("T001", "T002", "T003", "T004", "T005", "T006")

who = st.sampled_from(PEOPLE)
territory = st.sampled_from(TERRITORIES)
some_units = st.lists(st.integers(0, 47), min_size=1, max_size=6, unique=True)
some_accounts = st.lists(st.sampled_from([f"a{i:07d}" for i in range(12)]), min_size=1, max_size=3, unique=True)
asked = st.one_of(
    st.tuples(who, st.just("move"), st.fixed_dictionaries({"units": some_units, "to": territory | st.just("")})),
    st.tuples(who, st.just("move"), st.fixed_dictionaries({"units": some_units, "to": territory | st.just("")})),
    st.tuples(who, st.just("move_accounts"), st.fixed_dictionaries({"accounts": some_accounts, "to": territory | st.none()})),
    st.tuples(who, st.just("channel"), st.fixed_dictionaries({"accounts": some_accounts, "channel": st.sampled_from(["phone", None])})),
    st.tuples(who, st.just("lock"), st.fixed_dictionaries({"units": some_units, "on": st.booleans()})),
    st.tuples(who, st.just("lock"), st.fixed_dictionaries({"territories": st.tuples(territory).map(list), "on": st.booleans()})),
    st.tuples(who, st.just("territory"), st.fixed_dictionaries({"id": territory, "name": st.sampled_from(["North", "South", "West"])})),
    st.tuples(who, st.just("add"), st.fixed_dictionaries({"name": st.sampled_from(["East", "Coast"]), "units": some_units})),
    st.tuples(who, st.just("merge"), st.fixed_dictionaries({"from": st.tuples(territory).map(list), "into": territory})),
    st.tuples(who, st.just("delete"), st.fixed_dictionaries({"id": territory, "to": territory})),
    st.tuples(who, st.sampled_from(["undo", "redo"]), st.just({})),
    st.tuples(who, st.just("revert"), st.fixed_dictionaries({"of": st.integers(1, 20)})),
)
many = st.lists(asked, max_size=24)


def do(here, person, kind, fields):
    if kind == "move":
        return here.moves(person, fields["units"], fields["to"])
    return here.does(person, kind, **fields)


def done(operations):
    here = Sitting()
    for operation in operations:
        do(here, *operation)
    return here


def came_into_force(history, edit):
    """Return the revision at which an edit last came into force."""
    return max(rev for rev in range(1, history.rev + 1) if history._root_of[rev] == history._root_of[edit.rev])


def undo_all(here):
    """Let everybody undo, whoever's edit came into force last first, until nobody can; return who did, in order.

    Somebody who undid more than the others may have left a lock before their edits: then Cy unlocks, as the refusal asks.
    """
    order = []
    while ready := [(came_into_force(here.history, edit), person) for person in PEOPLE if (edit := here.history.undoable(person))]:
        person = max(ready)[1]
        answer = here.does(person, "undo")
        if isinstance(answer, Edit):
            order.append(person)
        else:
            assert "locked: unlock" in answer.reason
            here.take(Edit(here.draft.rev + 1, "lock", Change(locks=dict.fromkeys(here.draft.locks, (True, False))), "Cy", NOON, "Cy", 1))
    return order


def without_locks(operations):
    return [operation for operation in operations if operation[1] != "lock"]


def standing(history):
    return {edit.rev: (history.is_standing(edit.rev), history.is_undone(edit.rev)) for edit in history.edits}


def answers(history):
    return standing(history), [(history.undoable(person), history.redoable(person)) for person in PEOPLE]


@settings(deadline=None, max_examples=150)
@given(many)
def test_undoing_everything_restores_the_version_byte_by_byte(operations):
    here = done(operations)
    undo_all(here)
    version = small_basis().design.alignment
    assert alignment_bytes(here.draft.alignment()) == alignment_bytes(version)
    assert here.draft.exceptions == {} and here.draft.locks == frozenset() and here.draft.channels == {}
    assert here.draft.territories == small_basis().lines


@settings(deadline=None, max_examples=100)
@given(many, st.booleans())
def test_redoing_what_was_undone_gives_exactly_what_was_there(operations, alone):
    here = done([("Ana", *what) for _, *what in operations] if alone else without_locks(operations))
    before, order = state_of(here.draft), undo_all(here)
    for person in reversed(order):
        assert isinstance(here.does(person, "redo"), Edit)
    assert state_of(here.draft) == before


@settings(deadline=None, max_examples=100)
@given(many)
def test_stored_edits_give_the_same_draft_and_history_again(operations):
    here = done(operations)
    stored = [Edit(**{**vars(e), "change": Change.from_json(json.loads(json.dumps(e.change.to_json())))}) for e in here.history.edits]
    again = Sitting()
    for edit in stored:
        again.take(edit)
    draft, history = again.draft, again.history
    assert state_of(draft) == state_of(here.draft) and draft.slots == here.draft.slots and draft.rev == here.draft.rev
    assert np.array_equal(draft.owner, here.draft.owner)
    assert standing(history) == standing(here.history)
    for person in PEOPLE:
        assert history.undoable(person) == here.history.undoable(person) and history.redoable(person) == here.history.redoable(person)


@settings(deadline=None, max_examples=100)
@given(many)
def test_reverting_a_standing_edit_removes_exactly_its_effect(operations):
    here = done(without_locks(operations))
    stands = [edit for edit in here.history.edits if here.history.is_standing(edit.rev)]
    for edit in stands:
        before = here.draft
        told = Sitting()
        for stored in here.history.edits:
            told.take(stored)
        answer = told.does("Cy", "revert", of=edit.rev)
        assert isinstance(answer, Edit) and answer.of == edit.rev
        mine = {unit: handover.before for handover in edit.change.handovers for unit in handover.units}
        for unit, was, now in zip(before.ground.ids, range(48), range(48), strict=True):
            assert told.draft.owner_of(now) == mine.get(unit, before.owner_of(was))
        for name, (old, _) in edit.change.territories.items():
            assert told.draft.territories.get(name) == old
        for account, (old, _) in edit.change.exceptions.items():
            assert told.draft.exceptions.get(account) == old
        others = set(before.territories) - set(edit.change.territories)
        assert all(told.draft.territories[name] == before.territories[name] for name in others)
        assert isinstance(told.does("Cy", "undo"), Edit) and state_of(told.draft) == state_of(before)


@settings(deadline=None, max_examples=100)
@given(many)
def test_no_edit_leaves_a_unit_or_an_account_in_a_territory_that_is_gone(operations):
    here = Sitting()
    for operation in operations:
        do(here, *operation)
        draft = here.draft
        assert {draft.owner_of(unit) for unit in range(48)} <= {*draft.territories, ""}
        assert set(draft.exceptions.values()) <= set(draft.territories)


@settings(deadline=None, max_examples=100)
@given(many)
def test_what_stands_is_kept_up_to_date_and_every_change_of_it_is_reported(operations):
    here = Sitting()
    for operation in operations:
        before, rev = standing(here.history), here.history.rev
        do(here, *operation)
        after = standing(here.history)
        turned = {edit for edit in before if after[edit] != before[edit]}
        assert turned <= set(here.history.turned_after(rev))
        said = answers(here.history)
        for root in here.history._roots:
            here.history._judge(root)
        assert answers(here.history) == said


@settings(deadline=None, max_examples=100)
@given(many)
def test_a_standing_edit_is_in_force_as_it_was_made(operations):
    here = done(operations)
    for edit in here.history.edits:
        if here.history.is_standing(edit.rev):
            for handover in edit.change.handovers:
                assert set(here.owners(here.draft.ground.positions(handover.units).tolist())) == {handover.after}
            assert all(here.draft.exceptions.get(account) == after for account, (_, after) in edit.change.exceptions.items())
            assert all((lock in here.draft.locks) == after for lock, (_, after) in edit.change.locks.items())


late_moves = st.lists(st.tuples(who, some_units, territory.filter(lambda t: t < "T005"), st.integers(0, 6)), max_size=30)


@settings(deadline=None, max_examples=150)
@given(late_moves)
def test_tabs_that_look_late_never_overwrite_each_other_silently(moves):
    here = Sitting()
    owner = [here.draft.owner_of(unit) for unit in range(48)]
    changed = dict.fromkeys(range(48), (0, ""))
    seen = dict.fromkeys(PEOPLE, 0)
    for person, units, to, lag in moves:
        seen[person] = max(seen[person], here.draft.rev - lag)
        base, before = seen[person], here.draft
        answer = here.moves(person, units, to, base=base)
        moved = [unit for unit in units if owner[unit] != to]
        clashing = {unit for unit in moved if changed[unit][0] > base and changed[unit][1] != person}
        if clashing:
            assert isinstance(answer, Refusal) and set(answer.units) <= clashing and here.draft is before
        elif moved:
            assert isinstance(answer, Edit)
            for unit in moved:
                owner[unit], changed[unit] = to, (answer.rev, person)
        else:
            assert answer is None and here.draft is before
        assert here.owners(list(range(48))) == owner


def test_everybody_undoes_their_own_edits_newest_first():
    here = Sitting()
    a, b, c = (here.draft.units_of(name).tolist()[0] for name in ("T001", "T002", "T003"))
    here.moves("Ana", [a], "T004"), here.moves("Bo", [b], "T004"), here.moves("Ana", [c], "T004")
    assert here.history.undoable("Ana").rev == 3 and here.history.undoable("Bo").rev == 2 and here.history.undoable("Cy") is None
    assert here.does("Ana", "undo").of == 3 and here.does("Ana", "undo").of == 1
    assert here.owners([a, b, c]) == ["T001", "T004", "T003"]
    assert [here.does("Ana", "redo").of, here.does("Ana", "redo").of] == [1, 3]
    assert here.owners([a, b, c]) == ["T004"] * 3


def test_a_new_edit_of_a_person_empties_that_person_s_redo_only():
    here = Sitting()
    a, b = (here.draft.units_of(name).tolist()[0] for name in ("T001", "T002"))
    here.moves("Ana", [a], "T003"), here.moves("Bo", [b], "T003")
    here.does("Ana", "undo"), here.does("Bo", "undo")
    here.moves("Ana", [a], "T004")
    assert here.history.redoable("Ana") is None and here.history.redoable("Bo").rev == 2


def test_undo_passes_over_what_somebody_else_has_changed_since():
    here = Sitting()
    a, b = here.draft.units_of("T001").tolist()[:2]
    here.moves("Ana", [a], "T002"), here.moves("Ana", [b], "T002"), here.moves("Bo", [b], "T003")
    assert here.does("Ana", "undo").of == 1 and here.owners([a, b]) == ["T001", "T003"]
    refused = here.does("Ana", "undo")
    assert refused.reason == "Nothing of yours can be undone by itself: it was changed since."
    here.does("Bo", "undo")
    assert here.does("Ana", "undo").of == 2 and here.owners([a, b]) == ["T001", "T001"]


def test_whoever_came_before_can_go_on_undoing_after_a_revert():
    here = Sitting()
    [a] = here.draft.units_of("T001").tolist()[:1]
    here.moves("Ana", [a], "T002"), here.moves("Ana", [a], "T003")
    reverted = here.does("Bo", "revert", of=2)
    assert here.title(reverted) == f"Reverted: Cell {a} ({here.held([a])}) from Dallas to Boise" and here.owners([a]) == ["T002"]
    assert here.history.is_undone(2) and here.history.is_standing(1) and here.history.is_standing(3)
    again = here.does("Ana", "revert", of=3)
    assert here.owners([a]) == ["T003"] and here.history.is_standing(2) and not here.history.is_standing(3)
    assert here.does("Ana", "undo").of == again.rev and here.owners([a]) == ["T002"]
    assert here.does("Ana", "undo").of == 1 and here.owners([a]) == ["T001"]


def test_what_cannot_be_taken_back_by_itself_says_why():
    here = Sitting()
    a, b, c = here.draft.units_of("T001").tolist()[:3]
    new = next(iter(here.does("Ana", "add", name="Tulsa", units=[a]).change.territories))
    here.moves("Bo", [b], new)
    assert here.does("Cy", "revert", of=1).reason.startswith("Tulsa has got more units or accounts since")
    assert not here.history.is_standing(1) and here.history.is_standing(2)
    here.does("Bo", "undo")
    assert here.history.is_standing(1)
    assert here.does("Cy", "revert", of=2).reason == "This was taken back already."
    assert here.does("Cy", "revert", of=3).reason.startswith("This took an edit back")
    here.moves("Bo", [c], "T002"), here.moves("Ana", [c], "T003")
    here.now += timedelta(hours=2)
    assert here.does("Cy", "revert", of=4).reason.startswith(f"Ana moved Cell {c} to Boise 2 hours ago. So this can't")
    here.moves("Bo", [b], "T004"), here.does("Ana", "merge", **{"from": ["T001"], "into": "T004"})
    moved_out = next(edit.rev for edit in here.history.edits if edit.kind == "move" and edit.rev > 5)
    assert here.does("Cy", "revert", of=moved_out).reason.endswith("so this can't be taken back by itself.")


def test_the_alignment_of_a_new_draft_is_the_version_s():
    begun = Draft.begin(small_basis())
    assert alignment_bytes(begun.alignment()) == alignment_bytes(small_basis().design.alignment)
    assert begun.rev == 0 and begun.slots == ("T001", "T002", "T003", "T004") and not begun.locked_units().any()


def test_a_version_s_own_exceptions_and_channels_are_where_a_draft_begins():
    basis = dataclasses.replace(small_basis(), exceptions={"a0000001": "T002"}, channels={"a0000002": "phone"})
    here = Sitting(basis)
    here.does("Ana", "move_accounts", accounts=["a0000001"], to=None), here.does("Ana", "channel", accounts=["a0000002"], channel=None)
    assert here.draft.exceptions == {} and here.draft.channels == {}
    here.does("Ana", "undo"), here.does("Ana", "undo")
    assert here.draft.exceptions == {"a0000001": "T002"} and here.draft.channels == {"a0000002": "phone"}


def test_a_draft_is_never_changed():
    begun = Draft.begin(small_basis())
    units = begun.units_of("T001")[:2]
    after = begun.after(Change(begun.handing([(units, "T002")])))
    assert begun.alignment() == small_basis().design.alignment and after.rev == 1
    with pytest.raises(ValueError, match="read-only"):
        after.owner[0] = 2
    with pytest.raises(ValueError, match="read-only"):
        after.locked_units()[0] = True


def test_locked_units_are_those_locked_one_by_one_with_their_territory_or_all_at_once():
    begun = Draft.begin(small_basis())
    one = begun.ground.ids[int(begun.units_of("T002")[0])]
    locked = begun.after(Change(locks={("unit", one): (False, True), ("territory", "T001"): (False, True)}))
    expected = {*begun.units_of("T001").tolist(), begun.ground.position[one]}
    assert set(np.flatnonzero(locked.locked_units()).tolist()) == expected
    assert locked.is_locked("T001") and not locked.is_locked("T002")
    assert locked.after(Change(locks={EVERYTHING: (False, True)})).locked_units().all()


def test_nobody_s_units_are_not_locked_with_a_territory():
    begun = Draft.begin(small_basis())
    bare = begun.after(Change(begun.handing([(np.array([0]), "")])))
    locked = bare.after(Change(locks={("territory", name): (False, True) for name in bare.territories}))
    assert np.flatnonzero(~locked.locked_units()).tolist() == [0]


def test_a_territory_that_is_gone_keeps_its_slot():
    begun = Draft.begin(small_basis())
    line = TerritoryLine("Tulsa", "#123456")
    made = begun.after(Change(begun.handing([(np.array([0, 1]), "T009")]), territories={"T009": (None, line)}))
    gone = made.after(Change(made.handing([(np.array([0, 1]), "T001")]), territories={"T009": (line, None)}))
    again = gone.after(Change(territories={"T009": (None, line)}))
    assert made.slots == gone.slots == again.slots == (*begun.slots, "T009") and "T009" not in gone.territories


def test_a_change_is_stored_compactly_and_comes_back():
    change = Change(
        (Handover(("u1", "u2"), "T1", ""),),
        {"a1": (None, "T2")},
        {"T2": (TerritoryLine("Old", "#111111"), TerritoryLine("New", "#111111", "r1")), "T3": (None, TerritoryLine("X", "#222222"))},
        {("all", ""): (False, True)},
        {"a1": ("phone", None)},
    )
    stored = json.loads(json.dumps(change.to_json()))
    assert stored["units"] == [["T1", "", ["u1", "u2"]]]
    assert Change.from_json(stored) == change and change.inverse().inverse() == change
    assert Change().to_json() == {} and Change().is_empty and not change.is_empty and len(set(KINDS)) == 14


def test_an_unknown_unit_or_a_gap_in_the_list_is_refused():
    begun = Draft.begin(small_basis())
    with pytest.raises(UnitsError, match="nowhere"):
        begun.after(Change((Handover(("nowhere",), "T001", "T002"),)))
    history = History(begun)
    with pytest.raises(TerritoryError, match="Edit 2 can't follow edit 0"):
        history.add(Edit(2, "move", Change(), "Ana", NOON))


def test_the_next_edit_costs_no_more_after_thousands(monkeypatch):
    """Work is counted, not timed: how many edits are judged again for each new one."""
    here, chance, judged, counts = Sitting(), random.Random(7), [], []
    judge = History._judge
    monkeypatch.setattr(History, "_judge", lambda history, rev: judged.append(rev) or judge(history, rev))
    for _ in range(6):
        judged.clear()
        for _ in range(500):
            person = chance.choice(PEOPLE)
            if chance.random() < 0.4:
                here.does(person, chance.choice(["undo", "undo", "redo"]))
            else:
                here.moves(person, chance.sample(range(48), 3), chance.choice(TERRITORIES[:4]))
        counts.append(len(judged))
    assert here.history.rev > 2000 and max(counts) < 1.5 * counts[0] < 500 * 12
