"""A desk stores every edit before it answers, tells each tab exactly what it can't know, and is what is stored, whoever asks."""

import base64
import gzip
import json
import re
import threading
from contextlib import contextmanager

import numpy as np
import pytest

from geo_territory import desk
from geo_territory.desk import registry
from geo_territory.errors import ClosedError, WorkspaceError
from geo_territory.redraw.words import Names
from geo_territory.tables import Scorecard
from geo_territory.workspace import Workspace, restore_design
from tests.redraw_saved import keep
from tests.redraw_world import many_units, small_design, small_reps

NOBODY = 65_535


class Tab:
    """A browser tab as the outbox is: it paints first, counts its operations, and applies what it is told."""

    def __init__(self, at: desk.Desk, name: str, who: str = "ann") -> None:
        self.at, self.name, self.who = at, name, who
        state = at.whole(name, who)
        self.rev, self.seq = state["rev"], state["seq"]
        self.owner = np.frombuffer(base64.b64decode(state["owner"]), "<u2").copy()
        self.rows = {row["id"]: row for row in state["territories"] if not row.get("gone")}
        self.slots = {row["id"]: row["slot"] for row in state["territories"]}
        self.slots[""] = NOBODY
        self.locks, self.exceptions = state["locks"], state["exceptions"]
        self.ledger = {entry["rev"]: entry for entry in state["ledger"]}

    def ask(self, kind: str, **fields) -> dict:
        """Return the next operation."""
        self.seq += 1
        return {"seq": self.seq, "kind": kind, "base": self.rev, **fields}

    def send(self, *ops: dict) -> dict:
        """Send operations and take the answer in."""
        return self.take(self.at.take(self.name, self.rev, list(ops), self.who), ops)

    def do(self, kind: str, **fields) -> dict:
        return self.send(self.ask(kind, **fields))

    def move(self, units, to: str) -> dict:
        return self.do("move", moves=[{"units": [int(unit) for unit in units], "to": to}])

    def look_around(self) -> None:
        """Take in what others did."""
        answer = self.at.since(self.name, self.rev, self.who)
        if answer is not None:
            self.take(answer, ())

    def take(self, answer: dict, ops) -> dict:
        json.dumps(answer, allow_nan=False)
        refused = {refusal["seq"] for refusal in answer["refused"]}
        for row in answer["territories"]:
            self.slots[row["id"]] = row["slot"]
            if row.get("gone"):
                self.rows.pop(row["id"], None)
            else:
                self.rows[row["id"]] = self.rows.get(row["id"], {}) | row
        for op in ops:
            if op["kind"] == "move" and op["seq"] <= answer["ack"] and op["seq"] not in refused:
                for move in op["moves"]:
                    self.owner[move["units"]] = self.slots[move["to"]]
        for slot, units in answer["owners"]:
            self.owner[units] = slot
        self.ledger |= {entry["rev"]: entry for entry in answer["ledger"]}
        self.locks = answer.get("locks", self.locks)
        self.exceptions = answer.get("exceptions", self.exceptions)
        self.rev = answer["rev"]
        return answer

    def of(self, territory: str, count: int = 1) -> list[int]:
        """Return the first units of a territory."""
        return np.flatnonzero(self.owner == self.slots[territory])[:count].tolist()


def same(tab: Tab, at: desk.Desk) -> None:
    """Assert that a tab shows exactly what a new one would be given."""
    fresh = Tab(at, "fresh")
    assert tab.owner.tolist() == fresh.owner.tolist()
    assert tab.rows == fresh.rows and tab.locks == fresh.locks and tab.exceptions == fresh.exceptions
    assert tab.ledger == fresh.ledger


@pytest.fixture
def url(tmp_path):
    """The small company: four territories of Ohio counties, saved as design 1."""
    made = small_design()
    address, _ = keep(tmp_path, made, reps=small_reps(made))
    yield address
    desk.close(address)


@pytest.fixture
def workspace(url) -> Workspace:
    return desk.workspace_at(url)


@pytest.fixture
def at(url, workspace) -> desk.Desk:
    return desk.at(url, workspace.drafts.begin(1, "Draft", "ann"))


def restarted(url: str, at: desk.Desk) -> desk.Desk:
    """Return the desk of a server that was killed and started again."""
    desk.close(url)
    return desk.at(url, at.draft_id)


def test_an_edit_is_stored_before_it_is_answered(at, workspace):
    tab = Tab(at, "one")
    answer = tab.move(tab.of("T01", 3), "T02")
    assert (answer["rev"], answer["ack"], answer["refused"]) == (1, 1, [])
    [edit] = workspace.drafts.edits(at.draft_id)
    assert (edit.kind, edit.who, edit.tab, edit.seq, edit.change.units) == ("move", "ann", "one", 1, 3)


def test_an_answer_repeats_nothing_the_tab_knows(at):
    tab = Tab(at, "one")
    answer = tab.move(tab.of("T01", 3), "T02")
    assert answer["owners"] == [] and {row["id"] for row in answer["territories"]} == {"T01", "T02"}
    assert [entry["rev"] for entry in answer["ledger"]] == [1]
    assert "locks" not in answer and "exceptions" not in answer
    assert at.since("one", tab.rev, "ann") is None


def test_older_entries_of_the_ledger_are_given_when_asked_for(at):
    tab = Tab(at, "one")
    for _ in range(3):
        tab.move(tab.of("T01", 1), "T02")
    said = at.ledger(3)
    assert [entry["rev"] for entry in said["ledger"]] == [1, 2] and said["older"] == 0
    assert said["ledger"] == [tab.ledger[1], tab.ledger[2]] and at.ledger(1)["ledger"] == []


def test_the_ledger_tells_what_both_sides_had_and_have(at):
    tab = Tab(at, "one")
    before = {name: row["index"] for name, row in tab.rows.items()}
    entry = tab.move(tab.of("T01", 3), "T02")["ledger"][0]
    assert re.match(r"3 units \((no|\d+) accounts?\) from", entry["title"]) and entry["units"] == 3 and len(entry["box"]) == 4
    sides = {side["territory"]: side for side in entry["sides"]}
    assert set(sides) == {"T01", "T02"}
    for name, side in sides.items():
        assert side["before"]["index"] == pytest.approx(before[name])
        assert side["after"]["index"] == pytest.approx(tab.rows[name]["index"])
        assert side["after"]["accounts"] == tab.rows[name]["accounts"]


def test_a_second_tab_is_told_what_the_first_one_did(at):
    one, two = Tab(at, "one"), Tab(at, "two")
    one.move(one.of("T01", 3), "T02")
    assert two.owner.tolist() != one.owner.tolist()
    two.look_around()
    same(two, at)
    same(one, at)


def test_edits_of_two_tabs_that_touch_other_units_both_stand(at):
    one, two = Tab(at, "one"), Tab(at, "two", "ben")
    one.move(one.of("T01", 2), "T02")
    answer = two.move(two.of("T03", 2), "T04")
    assert answer["refused"] == [] and answer["rev"] == 2
    one.look_around()
    same(one, at)
    same(two, at)


def test_a_unit_that_another_tab_moved_meanwhile_is_refused_with_who_and_what(at):
    one, two = Tab(at, "one"), Tab(at, "two", "ben")
    unit = one.of("T01")
    one.move(unit, "T02")
    answer = two.move(unit, "T03")
    [refusal] = answer["refused"]
    assert refusal["units"] == unit and "ann" in refusal["reason"] and "Look again" in refusal["reason"]
    assert answer["ack"] == two.seq
    same(two, at)


def test_an_operation_that_is_sent_again_is_acknowledged_and_not_done_again(at, workspace):
    tab = Tab(at, "one")
    op = tab.ask("move", moves=[{"units": tab.of("T01"), "to": "T02"}])
    at.take("one", 0, [op], "ann")  # the answer is lost on its way
    answer = tab.send(op)
    assert (answer["rev"], answer["ack"], answer["refused"]) == (1, 1, [])
    assert len(workspace.drafts.edits(at.draft_id)) == 1
    same(tab, at)


def test_a_refusal_whose_answer_was_lost_is_told_again_even_after_a_restart(url, at):
    one, two = Tab(at, "one"), Tab(at, "two", "ben")
    unit = one.of("T01")
    one.move(unit, "T02")
    op = two.ask("move", moves=[{"units": unit, "to": "T03"}])
    first = at.take("two", 0, [op], "ben")["refused"]
    assert at.take("two", 0, [op], "ben")["refused"] == first
    again = two.at = restarted(url, at)
    answer = two.send(op)
    assert [refusal["seq"] for refusal in answer["refused"]] == [op["seq"]]
    same(two, again)


def test_a_restart_gives_the_same_state_byte_for_byte(url, at):
    tab = Tab(at, "one")
    tab.move(tab.of("T01", 3), "T02")
    tab.do("lock", on=True, units=tab.of("T03"))
    account = at.accounts({"territory": "T04", "limit": 1})["accounts"][0]["id"]
    tab.do("move_accounts", accounts=[account], to="T02")
    tab.do("territory", id="T01", name="North", color="#123456", rep="R2")
    tab.do("add", units=tab.of("T04", 2), name="Fifth")
    tab.do("undo")
    tab.do("channel", accounts=[account], channel="phone")
    before = json.dumps(at.whole("one", "ann"), sort_keys=True)
    assert json.dumps(restarted(url, at).whole("one", "ann"), sort_keys=True) == before


def test_every_kind_of_edit_leaves_a_tab_with_what_a_new_one_would_see(at):
    tab, other = Tab(at, "one"), Tab(at, "two", "ben")
    account = at.accounts({"territory": "T04", "limit": 1})["accounts"][0]["id"]
    for kind, fields in (
        ("move", {"moves": [{"units": tab.of("T01", 2), "to": ""}]}),
        ("move_accounts", {"accounts": [account], "to": "T02"}),
        ("lock", {"on": True, "territories": ["T03"]}),
        ("territory", {"id": "T02", "name": "West"}),
        ("split", {"id": "T02"}),
        ("undo", {}),
        ("redo", {}),
        ("merge", {"from": ["T05"], "into": "T02"}),
        ("lock", {"on": False, "territories": ["T03"]}),
        ("delete", {"id": "T01", "to": None}),
        ("revert", {"of": 2}),
    ):
        answer = tab.do(kind, **fields)
        assert answer["refused"] == [], (kind, answer["refused"])
        other.look_around()
    same(tab, at)
    same(other, at)


def test_undo_gives_back_the_version_byte_for_byte(at):
    tab = Tab(at, "one")
    first = tab.owner.tobytes()
    for to in ("T02", "T03", "T04"):
        tab.move(tab.of("T01", 2), to)
    for _ in range(3):
        tab.do("undo")
    assert tab.owner.tobytes() == first
    assert tab.do("undo")["refused"]


def test_edits_that_another_process_stored_are_taken_in_before_an_answer(url, at, workspace):
    record = workspace.drafts.get(at.draft_id)
    elsewhere = desk.Desk(workspace, record, at.basis)
    there, here = Tab(elsewhere, "there", "ben"), Tab(at, "here")
    there.move(there.of("T01", 2), "T02")
    here.move(here.of("T03", 2), "T04")
    there.look_around()
    same(here, at)
    same(there, elsewhere)
    assert at.rev == elsewhere.rev == 2


def test_a_tab_that_was_away_learns_after_a_restart_which_territories_are_gone(url, at):
    away, ben = Tab(at, "one"), Tab(at, "two", "ben")
    ben.do("merge", **{"from": ["T04"], "into": "T02"})
    ben.send(ben.ask("add", units=ben.of("T01", 2)), ben.ask("undo"))
    away.at = restarted(url, at)
    away.look_around()
    same(away, away.at)
    assert "T04" not in away.rows and away.slots == Tab(away.at, "three").slots


def test_a_territory_made_and_taken_back_in_one_breath_keeps_its_slot_for_all(at):
    away, ben = Tab(at, "one"), Tab(at, "two", "ben")
    ben.send(ben.ask("add", units=ben.of("T01", 2)), ben.ask("undo"))
    away.look_around()
    assert away.slots == Tab(at, "three").slots


def test_what_fails_in_the_middle_is_not_kept_in_memory_either(at, workspace, monkeypatch):
    tab = Tab(at, "one")
    monkeypatch.setattr("geo_territory.workspace.drafts.DraftPage.looked_at", lambda *_: (_ for _ in ()).throw(WorkspaceError("disk full")))
    with pytest.raises(WorkspaceError, match="disk full"):
        tab.move(tab.of("T01"), "T02")
    monkeypatch.undo()
    assert at.rev == 0 and workspace.drafts.edits(at.draft_id) == []
    tab.seq = 0
    assert tab.move(tab.of("T01"), "T02")["rev"] == 1


def test_a_workspace_that_fails_twice_leaves_no_edit_in_memory_that_is_not_stored(at, workspace, monkeypatch):
    """What was written is rolled back at the end of the transaction, and the file can't be read right after it."""

    def refuse(*_):
        raise WorkspaceError("disk gone")

    @contextmanager
    def torn(drafts, draft_id):
        with writing(drafts, draft_id) as page:
            yield page
            refuse()

    writing = type(workspace.drafts).writing
    tab = Tab(at, "one")
    units = tab.of("T01")
    with monkeypatch.context() as failing:
        failing.setattr("geo_territory.workspace.drafts.Drafts.edits", refuse)
        failing.setattr("geo_territory.workspace.drafts.Drafts.writing", torn)
        with pytest.raises(WorkspaceError, match="disk gone"):
            tab.move(units, "T02")
    assert workspace.drafts.edits(at.draft_id) == []
    tab.seq = 0
    tab.move(units, "T02")
    assert len(workspace.drafts.edits(at.draft_id)) == 1


def test_ten_leaders_at_once_lose_nothing(at):
    tabs = [Tab(at, f"tab{i}", f"leader {i}") for i in range(10)]

    def draw(i: int) -> None:
        for _ in range(5):
            unit = tabs[i].of(f"T0{1 + i % 4}")
            tabs[i].move(unit, f"T0{1 + (i + 1) % 4}")

    threads = [threading.Thread(target=draw, args=(i,)) for i in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for tab in tabs:
        assert tab.seq == 5
        tab.look_around()
        same(tab, at)


def test_the_panel_equals_the_scorecard_of_the_version_it_is_saved_as(at, workspace):
    tab = Tab(at, "one")
    tab.move(tab.of("T01", 3), "T02")
    account = at.accounts({"territory": "T04", "limit": 1})["accounts"][0]["id"]
    tab.do("move_accounts", accounts=[account], to="T02")
    tab.do("split", id="T03")
    tab.do("territory", id="T01", name="North", color="#123456", rep="R2")
    kept = at.keep("By hand", "ann")
    assert kept.edits == 4 and kept.later_draft_id is None
    restored = restore_design(workspace, kept.design_id)
    shown = {"index": Scorecard.balance_index, "hours": Scorecard.workload, "value": Scorecard.value, "accounts": Scorecard.accounts}
    shown |= {name: getattr(Scorecard, name) for name in ("weight", "target", "units", "pieces", "area_km2", "compactness", "in_band")}
    assert list(restored.scorecard.index) == sorted(tab.rows)
    for name, row in tab.rows.items():
        assert {key: row[key] for key in shown} == {key: restored.scorecard.loc[name, column] for key, column in shown.items()}
    lines = workspace.design(kept.design_id).territories
    assert tuple(lines.loc["T01", ["name", "color", "rep_id"]]) == ("North", "#123456", "R2")
    assert restored.territory_id[account] == "T02"


def test_a_saved_draft_is_closed_and_says_what_became_of_it(url, at, workspace):
    tab = Tab(at, "one")
    tab.move(tab.of("T01"), "T02")
    kept = at.keep("By hand", "ann")
    with pytest.raises(ClosedError, match=f"saved as version {kept.design_id}"):
        desk.at(url, at.draft_id)
    with pytest.raises(WorkspaceError, match="begin a new draft"):
        tab.move(tab.of("T01"), "T02")


def test_two_leaders_who_save_the_same_draft_make_one_version(at, workspace):
    Tab(at, "one").move([0], "T02")
    at.keep("Spring, redrawn", "ann")
    with pytest.raises(ClosedError, match="no second version was made"):
        at.keep("Spring, by Ben", "ben")
    assert "Spring, by Ben" not in [record.name for record in workspace.designs()]


def test_edits_that_come_in_while_it_is_saved_go_on_in_a_draft_of_their_own(at, workspace, monkeypatch):
    tab = Tab(at, "one")
    tab.move(tab.of("T01"), "T02")
    drawn = desk.desk.design_of

    def slowly(*args):
        made = drawn(*args)
        tab.move(tab.of("T03"), "T04")
        return made

    monkeypatch.setattr("geo_territory.desk.desk.design_of", slowly)
    kept = at.keep("By hand", "ann")
    assert kept.edits == 1
    later = workspace.drafts.get(kept.later_draft_id)
    assert (later.edits, later.name) == (2, kept.later_name)


def test_looking_before_letting_go_changes_nothing_and_tells_both_sides(at):
    tab = Tab(at, "one")
    units = tab.of("T01", 3)
    looked = at.look({"have": 0, "moves": [{"units": units, "to": "T02"}]})
    assert at.rev == 0 and looked["selection"]["units"] == 3
    tab.move(units, "T02")
    assert {row["id"]: row["index"] for row in looked["territories"]} == {name: tab.rows[name]["index"] for name in ("T01", "T02")}


@pytest.mark.parametrize(
    "asked", [{}, {"moves": "x"}, {"moves": [{"units": [10**9, "a", None], "to": "T99"}], "accounts": ["?"], "to": 3}, {"moves": [7]}]
)
def test_a_look_at_nonsense_is_a_look_at_nothing(at, asked):
    looked = at.look(asked)
    assert looked["selection"]["units"] == 0 and looked["territories"] == []


def test_accounts_are_found_by_territory_unit_name_and_id(at):
    all_of = at.accounts({"territory": "T01", "limit": "1000"})
    assert all_of["accounts"] and not all_of["more"] and {one["territory"] for one in all_of["accounts"]} == {"T01"}
    values = [one["value"] for one in all_of["accounts"]]
    assert values == sorted(values, reverse=True)
    best = all_of["accounts"][0]
    assert best in at.accounts({"unit": str(best["unit"])})["accounts"]
    assert at.accounts({"q": best["name"].lower()})["accounts"] == [best]
    assert at.accounts({"ids": best["id"]})["accounts"] == [best]
    assert at.accounts({"territory": "T01", "limit": "1"}) == {"accounts": [best], "more": True}


def test_advice_and_the_solved_rest_are_plain_values(at):
    tab = Tab(at, "one")
    tab.move(tab.of("T01", 6), "")
    json.dumps(at.advice(None), allow_nan=False)
    assert any(fault["kind"] == "uncovered" for fault in at.advice(None)["faults"])
    assert at.solving()["running"] is False
    at.solve([])
    at._solve.wait(60)
    told = at.solving()
    assert not told["running"] and told["rev"] == 1 and told["failed"] is None
    json.dumps(told, allow_nan=False)
    for proposal in told["proposals"]:
        assert proposal["units"] and proposal["told"] and {side["territory"] for side in proposal["sides"]}


def test_a_solve_is_stopped_on_demand(at, monkeypatch):
    go_on = threading.Event()

    def slow(basis, draft, pinned, keep_drawn, progress):
        go_on.wait(10)
        progress("Late", 0.5)
        return {"proposals": []}

    monkeypatch.setattr("geo_territory.desk.desk.solved", slow)
    job = at.solve([])["job"]
    assert at.solve([])["job"] == job
    at.cancel()
    go_on.set()
    at._solve.wait(10)
    assert at.solving()["failed"] == "Stopped: nothing was changed."


def test_all_drafts_of_a_version_share_what_does_not_change(url, workspace):
    one, two = (desk.at(url, workspace.drafts.begin(1, name, "ann")) for name in ("One", "Two"))
    assert one.basis is two.basis and one is desk.at(url, one.draft_id)
    assert Names.of(one.basis) is Names.of(two.basis)  # 100,000 names are held once, not once a draft


def test_idle_desks_are_given_up_and_made_again_from_what_is_stored(url, workspace, monkeypatch):
    monkeypatch.setattr(registry, "KEPT_DESKS", 2)
    first = desk.at(url, workspace.drafts.begin(1, "First", "ann"))
    tab = Tab(first, "one")
    tab.move(tab.of("T01"), "T02")
    for name in ("Second", "Third"):
        desk.at(url, workspace.drafts.begin(1, name, "ann"))
    again = desk.at(url, first.draft_id)
    assert again is not first
    same(tab, again)


def test_a_page_that_begins_knows_the_reps_there_are_now(url, at, workspace):
    assert desk.opened(url, at.draft_id) is at
    workspace.save_reps(workspace.reps().iloc[:1], "ann")
    assert len(desk.opened(url, at.draft_id).whole("t", "ann")["reps"]) == 1


def test_a_move_on_a_large_map_travels_in_a_few_kilobytes(tmp_path):
    made = many_units(30_000, 100)
    url, design_id = keep(tmp_path, made)
    try:
        tab = Tab(desk.at(url, desk.workspace_at(url).drafts.begin(design_id, "Large", "ann")), "one")
        sizes = []
        for step in range(5):
            op = tab.ask("move", moves=[{"units": tab.of("T001", 1 + 20 * step), "to": "T002"}])
            answer = tab.send(op)
            assert answer["refused"] == []
            sizes.append(len(json.dumps(op)) + len(json.dumps(answer)))
        assert max(sizes) <= 8 * 1024
        answer = tab.move(tab.of("T003"), "")  # nobody's: the share of every territory changes
        assert len(answer["territories"]) == 100 and len(gzip.compress(json.dumps(answer).encode(), 5)) <= 16 * 1024
        same(tab, tab.at)
    finally:
        desk.close(url)


def test_a_draft_that_never_was_is_closed(url):
    with pytest.raises(ClosedError):
        desk.at(url, 99)
