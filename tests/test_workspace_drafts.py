"""A draft's edits are stored before they are acknowledged, once, in their order, whoever else writes and whoever is killed."""

import json
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from geo_territory.errors import WorkspaceError
from geo_territory.redraw.edits import Change, Edit, Handover
from geo_territory.workspace import DraftRecord, Workspace
from tests.test_workspace import NOON, bring, save

HERE = Path(__file__).parent


@pytest.fixture
def now():
    return [NOON]


@pytest.fixture
def workspace(url, now):
    opened = Workspace.open(url, clock=lambda: now[0])
    bring(opened)
    save(opened)
    yield opened
    opened.close()


@pytest.fixture
def drafts(workspace):
    return workspace.drafts


def moved(rev, seq=None, tab="t1", who="Ana", unit="01001"):
    change = Change((Handover((unit,), "T1", "T2"),))
    return Edit(rev, "move", change, who, NOON + timedelta(minutes=rev), tab, seq or rev, "closer", None)


def store(drafts, draft_id, *edits):
    with drafts.writing(draft_id) as page:
        for edit in edits:
            page.append(edit)


def lines(workspace):
    found = workspace.audit().iloc[2:].fillna("")
    return list(zip(found["who"], found["what"], found["object"], found["old"], found["new"], strict=True))


def test_a_draft_begins_at_a_saved_design_without_edits(drafts, workspace):
    draft_id = drafts.begin(1, " North ", "Ana")
    assert drafts.list() == [DraftRecord(draft_id, 1, "North", NOON, "Ana", 0, NOON)]
    assert drafts.edits(draft_id) == []
    assert lines(workspace) == [("Ana", "draft begun", "draft 1", "", "North, from design 1")]


def test_edits_come_back_as_they_were_stored(drafts):
    draft_id = drafts.begin(1, "North", "Ana")
    second = Edit(2, "undo", moved(1).change.inverse(), "Zoë", NOON, "t2", 9, "", 1)
    store(drafts, draft_id, moved(1), second)
    assert drafts.edits(draft_id) == [moved(1), second] and drafts.edits(draft_id, after=1) == [second]
    assert drafts.get(draft_id).edits == 2 and drafts.get(draft_id).changed_at == NOON


def test_what_is_stored_is_compact(drafts, workspace):
    store(drafts, drafts.begin(1, "North", "Ana"), moved(1))
    with workspace._reading() as connection:
        body = connection.exec_driver_sql("SELECT body FROM draft_edits").scalar_one()
    assert json.loads(body) == {"units": [["T1", "T2", ["01001"]]]} and " " not in body


def test_the_draft_that_changed_last_comes_first(drafts, now):
    first, second = drafts.begin(1, "One", "Ana"), drafts.begin(1, "Two", "Bo")
    assert [record.draft_id for record in drafts.list()] == [second, first]
    store(drafts, first, moved(1))
    assert [record.draft_id for record in drafts.list()] == [first, second]


def test_nothing_of_a_page_is_kept_when_one_part_fails(drafts):
    draft_id = drafts.begin(1, "North", "Ana")
    with pytest.raises(RuntimeError), drafts.writing(draft_id) as page:
        page.append(moved(1))
        page.looked_at("t1", 4)
        raise RuntimeError
    with drafts.writing(draft_id) as page:
        assert page.rev == 0 and page.last_seq("t1") == 0


def test_an_operation_is_heard_once_whether_taken_or_refused(drafts):
    draft_id = drafts.begin(1, "North", "Ana")
    with drafts.writing(draft_id) as page:
        page.append(moved(1, seq=3))
        page.looked_at("t1", 5)
        page.looked_at("t1", 4)
        page.looked_at("t2", 1)
    with drafts.writing(draft_id) as page:
        assert (page.last_seq("t1"), page.last_seq("t2"), page.last_seq("t3")) == (5, 1, 0)


def test_an_operation_sent_twice_is_stored_once(drafts):
    draft_id = drafts.begin(1, "North", "Ana")
    store(drafts, draft_id, moved(1, seq=1))
    with pytest.raises(WorkspaceError, match="Operation 1 of this tab is stored already, as edit 1"):
        store(drafts, draft_id, moved(2, seq=1))
    store(drafts, draft_id, moved(2, seq=1, tab="another"))
    assert [edit.rev for edit in drafts.edits(draft_id)] == [1, 2]


def test_a_gap_is_refused(drafts):
    draft_id = drafts.begin(1, "North", "Ana")
    with pytest.raises(WorkspaceError, match="Edit 2 can't follow edit 0 of draft 1: catch up first"):
        store(drafts, draft_id, moved(2))
    with pytest.raises(WorkspaceError, match="count from 1 without gaps"):
        drafts.begin(1, "Gap", "Ana", [moved(2)])


def test_stored_edits_are_never_changed(drafts, workspace):
    store(drafts, drafts.begin(1, "North", "Ana"), moved(1))
    for statement in ("UPDATE draft_edits SET who = 'Bo'", "DELETE FROM draft_edits"):
        with pytest.raises(IntegrityError, match="append-only"), workspace._writing() as connection:
            connection.exec_driver_sql(statement)


def test_renaming_and_closing_stand_in_the_audit(drafts, workspace):
    draft_id = drafts.begin(1, "North", "Ana")
    store(drafts, draft_id, moved(1))
    drafts.rename(draft_id, "North again", "Bo"), drafts.rename(draft_id, "North again", "Bo")
    drafts.close(draft_id, "Bo", design_id=1)
    assert lines(workspace)[1:] == [
        ("Bo", "draft renamed", "draft 1", "North", "North again"),
        ("Bo", "draft closed", "draft 1", "North again", "saved as design 1, at edit 1"),
    ]
    assert drafts.list() == [] and (drafts.get(draft_id).closed_at, drafts.get(draft_id).closed_as) == (NOON, 1)


def test_a_closed_draft_takes_no_edit_and_keeps_those_it_has(drafts):
    draft_id = drafts.begin(1, "North", "Ana")
    store(drafts, draft_id, moved(1))
    drafts.close(draft_id, "Ana")
    for act in (
        lambda: store(drafts, draft_id, moved(2)),
        lambda: drafts.rename(draft_id, "X", "Ana"),
        lambda: drafts.close(draft_id, "Bo"),
    ):
        with pytest.raises(WorkspaceError, match="The draft North was discarded: begin a new draft"):
            act()
    assert drafts.edits(draft_id) == [moved(1)]


def test_a_draft_that_was_edited_on_stays_open(drafts):
    draft_id = drafts.begin(1, "North", "Ana")
    store(drafts, draft_id, moved(1), moved(2))
    with pytest.raises(WorkspaceError, match="North was edited after edit 1, up to edit 2: it stays open"):
        drafts.close(draft_id, "Bo", 1, rev=1)
    assert drafts.list() and drafts.get(draft_id).closed_at is None
    drafts.close(draft_id, "Bo", 1, rev=2)


def test_a_scenario_is_a_copy_that_goes_its_own_way(drafts, workspace):
    draft_id = drafts.begin(1, "North", "Ana")
    with drafts.writing(draft_id) as page:
        page.append(moved(1, seq=4))
        page.looked_at("t1", 7)
    copied = drafts.copy(draft_id, "What if", "Bo")
    store(drafts, copied, moved(2, seq=8))
    assert drafts.edits(copied) == [moved(1, seq=4), moved(2, seq=8)] and drafts.edits(draft_id) == [moved(1, seq=4)]
    with drafts.writing(drafts.copy(draft_id, "Again", "Bo")) as page:
        assert page.last_seq("t1") == 7
    assert drafts.get(copied).created_by == "Bo" and drafts.get(copied).design_id == 1
    assert lines(workspace)[1] == ("Bo", "draft copied", "draft 2", "", "What if, from draft 1 at edit 1")


def test_a_draft_can_begin_with_edits(drafts):
    draft_id = drafts.begin(1, "North", "Ana", [moved(1), moved(2, tab="t2", seq=1)])
    assert drafts.edits(draft_id) == [moved(1), moved(2, tab="t2", seq=1)]
    with drafts.writing(draft_id) as page:
        assert (page.rev, page.last_seq("t1"), page.last_seq("t2")) == (2, 1, 1)


def test_what_is_not_there_is_refused_in_words(drafts):
    for act in (lambda: drafts.get(9), lambda: drafts.edits(9), lambda: drafts.copy(9, "X", "Ana"), lambda: store(drafts, 9, moved(1))):
        with pytest.raises(WorkspaceError, match="There is no draft 9: choose one"):
            act()
    with pytest.raises(WorkspaceError, match="no design 4"):
        drafts.begin(4, "X", "Ana")
    with pytest.raises(WorkspaceError, match="needs a name"):
        drafts.begin(1, " ", "Ana")


def test_threads_and_openings_write_one_list_without_gaps(workspace, url):
    draft_id, second, faults = workspace.drafts.begin(1, "North", "Ana"), Workspace.open(url), []

    def write(drafts, tab):
        try:
            for seq in range(1, 26):
                with drafts.writing(draft_id) as page:
                    page.append(moved(page.rev + 1, seq=seq, tab=tab))
        except Exception as error:
            faults.append(error)

    threads = [threading.Thread(target=write, args=(drafts, f"t{i}")) for i, drafts in enumerate([workspace.drafts, second.drafts] * 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    second.close()
    edits = workspace.drafts.edits(draft_id)
    assert faults == [] and [edit.rev for edit in edits] == list(range(1, 101))
    for i in range(4):
        assert [edit.seq for edit in edits if edit.tab == f"t{i}"] == list(range(1, 26))


KILLED = """
import os, random, signal, sys, time
from geo_territory.workspace import Workspace
from tests.test_workspace_drafts import moved

url, draft_id = sys.argv[1], int(sys.argv[2])

def write(said):
    drafts = Workspace.open(url).drafts
    while True:
        with drafts.writing(draft_id) as page:
            seq = page.last_seq("t1") + 1
            page.append(moved(page.rev + 1, seq=seq))
            page.append(moved(page.rev + 1, seq=seq + 1))
        os.write(said, f"{seq} {seq + 1}\\n".encode())

chance = random.Random(3)
for _ in range(10):
    hear, said = os.pipe()
    writer = os.fork()
    if writer == 0:
        write(said)
    os.close(said)
    heard = os.read(hear, 1)
    time.sleep(chance.uniform(0.0, 0.03))
    os.kill(writer, signal.SIGKILL)
    os.waitpid(writer, 0)
    while more := os.read(hear, 65536):
        heard += more
    os.close(hear)
    print(heard.decode(), end="", flush=True)
"""


def test_every_acknowledged_edit_is_there_after_ten_kills(workspace, url):
    draft_id = workspace.drafts.begin(1, "North", "Ana")
    run = [sys.executable, "-c", KILLED, url, str(draft_id)]
    said = subprocess.run(run, cwd=HERE.parent, capture_output=True, text=True, check=True, timeout=120)
    acknowledged = {int(seq) for seq in said.stdout.split()}
    edits = workspace.drafts.edits(draft_id)
    assert len(acknowledged) >= 20 and acknowledged <= {edit.seq for edit in edits}
    assert [edit.rev for edit in edits] == list(range(1, len(edits) + 1)) == [edit.seq for edit in edits], "none lost, none twice"
    assert len(edits) % 2 == 0, "never half a page"
    workspace.verify()
