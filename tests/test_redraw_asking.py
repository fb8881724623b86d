"""What a browser asks becomes one edit, nothing, or a refusal that says why."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_territory.redraw.asking import Refusal, asked_edit
from geo_territory.redraw.edits import Change, Edit, TerritoryLine
from tests.redraw_sitting import NOON, Sitting, small_basis, state_of


@pytest.fixture
def here():
    return Sitting()


def units_of(here, territory, count=None):
    return here.draft.units_of(territory).tolist()[:count]


def reason(answer):
    assert isinstance(answer, Refusal), answer
    return answer.reason


def lock(here, who="Bo", on=True, **what):
    return here.does(who, "lock", on=on, **what)


def test_a_move_hands_units_over_and_says_so(here):
    mine = units_of(here, "T001", 3)
    edit = here.moves("Ana", mine, "T002", reason="  closer to the base ")
    assert (edit.rev, edit.kind, edit.who, edit.tab, edit.seq, edit.reason) == (1, "move", "Ana", "Ana's tab", 1, "closer to the base")
    assert here.owners(mine) == ["T002"] * 3
    assert here.title(edit) == f"3 units ({here.held(mine)}) from Denver to Dallas"
    assert here.draft.after(edit.change.inverse()).alignment() == small_basis().design.alignment


def test_a_stroke_over_several_territories_is_one_edit(here):
    mine = units_of(here, "T001", 2) + units_of(here, "T003", 1)
    assert here.title(here.moves("Ana", mine, "T002")) == f"3 units ({here.held(mine)}) from 2 territories to Dallas"
    several = here.does("Ana", "move", moves=[{"units": mine[:1], "to": "T003"}, {"units": mine[1:], "to": ""}], why="solve")
    assert (several.kind, here.title(several)) == ("solve", f"Solve: 3 units ({here.held(mine)}) from Dallas to 2 territories")


def test_one_unit_is_called_by_its_name(here):
    [unit] = units_of(here, "T001", 1)
    assert here.title(here.moves("Ana", [unit], "")) == f"Cell {unit} ({here.held([unit])}) from Denver to nobody"
    assert here.owners([unit]) == [""]


def test_units_that_are_there_already_are_no_edit(here):
    assert here.moves("Ana", units_of(here, "T002"), "T002") is None
    mixed = units_of(here, "T001", 1) + units_of(here, "T002", 2)
    assert here.moves("Ana", mixed, "T002").change.units == 1


def test_the_last_word_of_one_operation_counts(here):
    [unit] = units_of(here, "T001", 1)
    here.does("Ana", "move", moves=[{"units": [unit], "to": "T002"}, {"units": [unit], "to": "T003"}])
    assert here.owners([unit]) == ["T003"] and here.draft.rev == 1


def test_an_account_leaves_its_unit_s_territory_and_comes_back(here):
    account = next(a for a, u in zip(here.basis.accounts, here.basis.unit_of_account, strict=True) if here.draft.owner_of(u) == "T001")
    out = here.does("Ana", "move_accounts", accounts=[account], to="T003")
    assert here.draft.exceptions == {account: "T003"} and here.title(out).endswith(" to Boise")
    assert here.does("Ana", "move_accounts", accounts=[account], to="T003") is None
    back = here.does("Ana", "move_accounts", accounts=[account], to="T001")
    assert here.draft.exceptions == {} and here.title(back).endswith(" back to where it lies")
    assert here.does("Ana", "move_accounts", accounts=[account], to=None) is None


def test_calls_by_phone_are_told_and_taken_back(here):
    accounts = here.basis.accounts[:2].tolist()
    assert here.title(here.does("Ana", "channel", accounts=accounts, channel="phone")) == "2 accounts by phone"
    assert here.draft.channels == dict.fromkeys(accounts, "phone")
    assert here.title(here.does("Ana", "channel", accounts=accounts, channel=None)) == "2 accounts called on as planned"
    assert "no channel fax" in reason(here.does("Ana", "channel", accounts=accounts, channel="fax"))


def test_a_territory_gets_a_name_a_colour_and_a_rep(here):
    edit = here.does("Ana", "territory", id="T001", name=" Front  Range ", color="#123456", rep="R3")
    assert here.draft.territories["T001"] == TerritoryLine("Front Range", "#123456", "R3")
    assert here.title(edit) == "Denver renamed to Front Range; Front Range given to Rep 3; Front Range in another colour"
    assert here.does("Ana", "territory", id="T001", name="Front Range") is None
    assert here.title(here.does("Ana", "territory", id="T001", rep=None)) == "Front Range given to nobody"


def test_names_keep_their_letters_and_lose_what_cannot_be_stored(here):
    here.does("Ana", "territory", id="T001", name="\u0646\u06cc\u0645\u200c\u0631\u0648\u0632\n\ud800", reason="a\x00b\ud800")
    assert here.draft.territories["T001"].name == "\u0646\u06cc\u0645\u200c\u0631\u0648\u0632"
    assert here.history.edits[0].reason == "a b"


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"id": "T001", "name": " "}, "needs a name"),
        ({"id": "T001", "name": "Dallas"}, "There is a territory Dallas already"),
        ({"id": "T001", "color": "red"}, "A colour is six digits"),
        ({"id": "T001", "rep": "R99"}, "There is no rep R99"),
        ({"id": "T999", "name": "X"}, "There is no territory T999: choose another one."),
    ],
)
def test_a_line_that_makes_no_sense_is_refused_with_a_remedy(here, fields, told):
    assert told in reason(here.does("Ana", "territory", **fields))
    assert here.draft.rev == 0


def test_territories_are_added_merged_split_and_deleted(here):
    new = here.does("Ana", "add", name="Tulsa", units=units_of(here, "T001", 2))
    made = next(iter(new.change.territories))
    assert here.title(new) == "New territory Tulsa with 2 units" and len(here.draft.units_of(made)) == 2
    assert here.title(here.does("Ana", "merge", **{"from": [made], "into": "T002"})) == "Tulsa merged into Dallas"
    assert made not in here.draft.territories and made in here.draft.slots
    assert here.title(here.does("Ana", "split", id="T003")).startswith("Boise split in two: ")
    assert here.title(here.does("Ana", "delete", id="T004", to="T001")).startswith("Omaha deleted, ")
    assert len(here.draft.territories) == 4 and (here.draft.owner >= 0).all()


def test_an_account_promised_to_a_territory_that_ends_goes_along(here):
    account = next(a for a, u in zip(here.basis.accounts, here.basis.unit_of_account, strict=True) if here.draft.owner_of(u) == "T001")
    here.does("Ana", "move_accounts", accounts=[account], to="T003")
    here.does("Ana", "merge", **{"from": ["T003"], "into": "T002"})
    assert here.draft.exceptions == {account: "T002"}
    here.does("Ana", "undo")
    assert here.draft.exceptions == {account: "T003"} and "T003" in here.draft.territories


def test_a_locked_unit_stays_and_the_refusal_says_what_to_do(here):
    mine = units_of(here, "T001", 3)
    assert here.title(lock(here, units=mine[:1])) == f"Locked Cell {mine[0]}"
    refused = here.moves("Ana", mine, "T002")
    assert refused == Refusal(1, f"Cell {mine[0]} is locked: unlock it first.", (mine[0],))
    assert here.owners(mine) == ["T001"] * 3
    lock(here, on=False, units=mine[:1])
    assert isinstance(here.moves("Ana", mine, "T002"), Edit)


def test_nothing_goes_into_or_out_of_a_locked_territory(here):
    ours, theirs = units_of(here, "T001", 1), units_of(here, "T002", 1)
    lock(here, territories=["T002"])
    for units, to in ((ours, "T002"), (theirs, "T001"), (theirs, "")):
        assert reason(here.moves("Ana", units, to)) == "Dallas is locked: unlock it first."
    assert "Dallas is locked" in reason(here.does("Ana", "delete", id="T002", to=None))
    assert "Dallas is locked" in reason(here.does("Ana", "merge", **{"from": ["T001"], "into": "T002"}))
    account = next(a for a, u in zip(here.basis.accounts, here.basis.unit_of_account, strict=True) if here.draft.owner_of(u) == "T001")
    assert reason(here.does("Ana", "move_accounts", accounts=[account], to="T002")) == "Dallas is locked: unlock it first."
    assert isinstance(here.does("Ana", "territory", id="T002", name="Fort Worth"), Edit)


def test_lock_all_refuses_every_move_and_undo_too(here):
    mine = units_of(here, "T001", 2)
    here.moves("Ana", mine, "T002")
    assert here.title(lock(here, all=True)) == "Locked everything"
    assert lock(here, all=True) is None
    for answer in (here.moves("Ana", mine, "T003"), here.does("Ana", "undo"), here.does("Bo", "revert", of=1)):
        assert reason(answer) == "Everything is locked: unlock it first."
    assert here.title(here.does("Bo", "undo")) == "Undid: Locked everything"
    assert here.title(here.does("Ana", "undo")) == f"Undid: 2 units ({here.held(mine[:2])}) from Denver to Dallas"


def test_a_move_on_an_old_map_is_refused_when_somebody_moved_the_same_unit(here):
    mine = units_of(here, "T001", 3)
    here.moves("Ana", mine[:2], "T002")
    refused = here.moves("Bo", mine[1:], "T003", base=0)
    assert refused.reason == f"Ana moved Cell {mine[1]} to Dallas a moment ago. Look again." and refused.units == (mine[1],)
    assert here.owners(mine) == ["T002", "T002", "T001"]
    assert isinstance(here.moves("Bo", mine[2:], "T003", base=0), Edit)
    assert isinstance(here.moves("Bo", mine[1:2], "T003", base=1), Edit)


def test_wanting_the_same_is_no_clash(here):
    mine = units_of(here, "T001", 2)
    here.moves("Ana", mine, "T002")
    assert here.moves("Bo", mine, "T002", base=0) is None


def test_one_s_own_tab_never_clashes_with_itself_but_another_of_one_s_tabs_does(here):
    mine = units_of(here, "T001", 2)
    here.moves("Ana", mine, "T002")
    assert isinstance(here.moves("Ana", mine, "T003", base=0), Edit)
    refused = reason(here.moves("Ana", mine, "T004", base=0, tab="second"))
    assert refused == f"You moved Cell {mine[0]} and 1 more unit to Boise in another tab a moment ago. Look again."


def test_a_refusal_says_how_long_ago_and_in_which_way(here):
    account, mine = here.basis.accounts[0], units_of(here, "T001", 1)
    here.does("Ana", "territory", id="T001", name="Front Range")
    here.does("Ana", "channel", accounts=[account], channel="phone")
    here.does("Ana", "lock", units=mine, on=True)
    here.now += timedelta(minutes=3)
    late = {"base": 0}
    assert reason(here.does("Bo", "territory", id="T001", name="Rockies", **late)) == "Ana changed Front Range 3 minutes ago. Look again."
    assert reason(here.does("Bo", "channel", accounts=[account], channel="email", **late)).startswith(
        "Ana changed how Site 0 is called on 3 m"
    )
    assert reason(here.does("Bo", "lock", units=mine, on=False, **late)) == f"Ana locked Cell {mine[0]} 3 minutes ago. Look again."
    here.now += timedelta(days=2)
    assert "2 days ago" in reason(here.does("Bo", "territory", id="T001", name="Rockies", **late))


def test_a_territory_that_somebody_ended_is_named_with_who_did_it(here):
    here.does("Ana", "merge", **{"from": ["T002"], "into": "T001"})
    told = reason(here.moves("Bo", units_of(here, "T003", 1), "T002", base=0))
    assert told == "Ana removed Dallas a moment ago. Choose another territory."


def test_who_comes_late_cannot_merge_what_was_changed_meanwhile(here):
    here.moves("Ana", units_of(here, "T003", 1), "T002")
    before = state_of(here.draft)
    assert "Ana moved" in reason(here.does("Bo", "merge", base=0, **{"from": ["T002"], "into": "T001"}))
    assert state_of(here.draft) == before


@pytest.mark.parametrize(
    ("kind", "fields", "told"),
    [
        ("move", {"moves": [{"units": [48], "to": "T001"}]}, "There is no unit 48 on this map of 48: load the page again."),
        ("move", {"moves": [{"units": [1], "to": "T9"}]}, "There is no territory T9"),
        ("move_accounts", {"accounts": ["zz"], "to": "T001"}, "zz: not on this map"),
        ("revert", {"of": 7}, "There is no edit 7"),
        ("split", {"id": "T9"}, "There is no territory T9"),
        ("undo", {}, "Nothing of yours can be undone."),
        ("redo", {}, "Nothing of yours can be done again."),
        ("add", {"units": []}, "needs units"),
    ],
)
def test_what_is_not_there_is_refused_with_a_remedy(here, kind, fields, told):
    assert told in reason(here.does("Ana", kind, **fields))


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 60)
    | st.floats(allow_nan=False)
    | st.sampled_from(["", "T001", "T002", "phone", "a0000001"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["units", "to", "id"]), inner, max_size=3),
    max_leaves=6,
)
FIELDS = (
    "seq",
    "base",
    "moves",
    "units",
    "to",
    "accounts",
    "on",
    "territories",
    "all",
    "id",
    "name",
    "color",
    "rep",
    "from",
    "into",
    "of",
    "reason",
)
KINDS = ("move", "move_accounts", "lock", "add", "territory", "merge", "delete", "channel", "undo", "redo", "revert", "else")


@settings(deadline=None, max_examples=300)
@given(st.fixed_dictionaries({"kind": st.sampled_from(KINDS) | JSON}, optional=dict.fromkeys(FIELDS, JSON)))
def test_whatever_a_browser_sends_is_answered(op):
    here = Sitting()
    answer = asked_edit(op, here.draft, here.history, here.basis, here.names, who="Ana", tab="t", at=NOON)
    assert answer is None or isinstance(answer, Edit | Refusal)
    if isinstance(answer, Edit):
        here.take(answer)
        assert Change.from_json(answer.change.to_json()) == answer.change
    if isinstance(answer, Refusal):
        assert answer.reason.endswith((".", "first."))


def test_two_names_of_the_same_thing_are_refused(here):
    here.does("Ana", "add", name="Tulsa", units=units_of(here, "T001", 2))
    assert "There is a territory Tulsa already" in reason(here.does("Ana", "add", name="Tulsa", units=units_of(here, "T002", 2)))
