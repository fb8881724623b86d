"""A process that writes is killed at 200 random moments: whatever it said is stored is there, and nothing is there in part."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest

from geo_territory.tables import Assignments, Ownership
from geo_territory.workspace import Workspace, restore_design
from tests.redraw_saved import keep_at
from tests.redraw_world import small_design, small_reps

ROOT = Path(__file__).parents[1]
KILLS = 200
LOOKED_AT_EVERY = 25
LONGEST_S = 0.12  # from the first thing a writer did to its end


class Killed:
    """Writers of one workspace that are killed one after another, and everything they said was stored."""

    def __init__(self, url: str, draft: int) -> None:
        asked = [sys.executable, "-m", "tests.killed_writer", url, str(draft)]
        self._process = subprocess.Popen(asked, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.said: list[dict] = []
        while "ready" not in (line := self._heard()):
            self.said.append(line)

    def one(self, seed: int) -> None:
        """Let a writer work, kill it at a moment drawn from the seed, and keep what it said."""
        self._process.stdin.write(f"{seed}\n")
        self._process.stdin.flush()
        pid = self._heard()["born"]
        first = self._heard()
        assert "failed" not in first, first
        self.said.append(first)
        time.sleep(random.Random(seed).uniform(0, LONGEST_S))
        with suppress(ProcessLookupError):  # then it failed by itself, and says why
            os.kill(pid, signal.SIGKILL)
        while "dead" not in (line := self._heard()):
            assert "failed" not in line, line
            self.said.append(line)

    def _heard(self) -> dict:
        line = self._process.stdout.readline()
        assert line, f"the writers ended with {self._process.wait()}"
        return json.loads(line)

    def stop(self) -> None:
        self._process.stdin.close()
        self._process.wait(20)
        self._process.stdout.close()

    def all(self, what: str) -> list[dict]:
        return [line for line in self.said if what in line]


@pytest.fixture
def killed(url):
    design = small_design()
    design_id = keep_at(url, design, reps=small_reps(design))
    workspace = Workspace.open(url)
    writers = Killed(url, workspace.drafts.begin(design_id, "Everything at once", "ann"))
    yield workspace, writers
    writers.stop()
    workspace.close()


def all_acknowledged_is_there(workspace: Workspace, killed: Killed) -> None:
    edits = workspace.drafts.edits(1)
    assert [edit.rev for edit in edits] == list(range(1, len(edits) + 1))
    reasons = {edit.rev: edit.reason for edit in edits}
    assert [line for line in killed.all("edit") if reasons.get(line["edit"]) != line["reason"]] == []

    calls = workspace.calls_made.calls().index
    taken_back = {line["retracted"] for line in killed.all("retracted")}
    logged = [call for line in killed.all("calls") for call in line["calls"]]
    unsure = {call for call in logged if call.endswith(" 0")}  # a killed writer may have taken it back without saying so
    assert set(logged) - unsure <= set(calls) and not taken_back & set(calls)

    versions = {record.design_id: record.name for record in workspace.designs()}
    assert [line for line in killed.all("design") if versions.get(line["design"]) != line["name"]] == []
    publications = {record.publication_id: record for record in workspace.cycles.publications()}
    assert [line for line in killed.all("submitted") if publications[line["submitted"]].name != line["name"]] == []
    assert [line for line in killed.all("approved") if publications[line["approved"]].approved_by != "ann"] == []


def nothing_is_half_there(workspace: Workspace) -> None:
    workspace.verify()
    calls = Counter(call.rsplit(" ", 1)[0] for call in workspace.calls_made.calls().index)
    assert set(calls.values()) <= {2, 3}  # three at a time; of one the first was taken back
    units = {len(workspace.design(record.design_id).alignment) for record in workspace.designs()}
    assert len(units) == 1
    newest = workspace.designs()[0].design_id
    assert restore_design(workspace, newest).alignment == restore_design(workspace, 1).alignment

    records = workspace.cycles.publications()
    wanted = {(len(workspace.cycles.assignments(r.publication_id)), len(workspace.cycles.shapes(r.publication_id))) for r in records}
    assert len(wanted) <= 1
    if any(record.approved_at is not None for record in records):
        today = workspace.now().date()
        owners = workspace.cycles.owners(today)
        assert not owners.duplicated([Assignments.account_id, Assignments.role]).any()
        assert owners[Ownership.publication_id].nunique() == 1
        assert [r.publication_id for r in records if r.state_on(today) == "active"] == [owners[Ownership.publication_id].iloc[0]]


def test_a_writer_killed_at_two_hundred_moments_loses_nothing_it_acknowledged_and_leaves_nothing_half_done(killed):
    workspace, writers = killed
    for turn in range(KILLS):
        writers.one(seed=turn)
        if turn % LOOKED_AT_EVERY == LOOKED_AT_EVERY - 1:
            all_acknowledged_is_there(workspace, writers)
            nothing_is_half_there(workspace)
    done = Counter(next(iter(line)) for line in writers.said)
    assert all(done[what] >= 10 for what in ("edit", "calls", "design", "submitted", "approved")), done
