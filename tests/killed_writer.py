"""A process that writes into a workspace as fast as it can until it is killed, and says what was acknowledged, one JSON line each.

    python -m tests.killed_writer ADDRESS DRAFT

For each line on its standard input (a seed) it forks a writer that prints {"born": pid}, waits until somebody kills it and prints
{"dead": pid}. A writer prints what it did only after the workspace said that it is stored.
"""

from __future__ import annotations

import json
import os
import random
import sys
from collections.abc import Iterable, Iterator
from itertools import count

import pandas as pd

from geo_territory.design import Design
from geo_territory.handover import assigned
from geo_territory.redraw.edits import Change, Edit, Handover
from geo_territory.rights import LEADER, REP, Viewer
from geo_territory.tables import Calls, TerritoryReps
from geo_territory.workspace import Workspace, keep_design, restore_design

REP_ID = "R1"
BEGAN = pd.Timestamp("2026-01-05")
ANN = Viewer("ann", "Ann", LEADER)
RAY = Viewer("ray@example.com", "Ray", REP, REP_ID)


def say(**done: object) -> None:
    """Print one line at once and whole: a pipe takes so few bytes in one piece."""
    os.write(1, (json.dumps(done) + "\n").encode())


def a_move(workspace: Workspace, draft: int, seed: int, step: int) -> None:
    with workspace.drafts.writing(draft) as page:
        rev = page.rev + 1
        change = Change((Handover((f"unit {seed}",), "T1", f"T{step}"),))
        page.append(Edit(rev, "move", change, "ann", workspace.now(), f"tab{seed}", step + 1, f"{seed} {step}"))
    say(edit=rev, reason=f"{seed} {step}")


def some_calls(workspace: Workspace, seed: int, step: int, account: str) -> None:
    ids = pd.Index([f"call {seed} {step} {i}" for i in range(3)], name=Calls.call_id, dtype="str")
    row = {Calls.account_id: account, Calls.rep_id: REP_ID, Calls.role: "outside", Calls.date: BEGAN, Calls.channel: "visit"}
    workspace.calls_made.add(Calls.check(pd.DataFrame(row | {Calls.outcome: "met", Calls.duration_min: 30.0}, index=ids)), "ann")
    say(calls=list(ids))
    if step % 3 == 0:
        workspace.calls_made.retract(ids[0], RAY)
        say(retracted=ids[0])


def a_version(workspace: Workspace, design: Design, name: str) -> None:
    say(design=keep_design(workspace, design, name=name, import_id=1, who="ann"), name=name)


def a_publication(workspace: Workspace, design: Design, design_id: int, name: str) -> None:
    reps = TerritoryReps.check(
        pd.DataFrame(
            {TerritoryReps.territory_id: design.territories.index, TerritoryReps.role: design.policy.role, TerritoryReps.rep_id: REP_ID}
        )
    )
    number = workspace.cycles.submit(
        design_id=design_id,
        role=design.policy.role,
        name=name,
        assignments=assigned(design, reps),
        territories=design.territories,
        reps=reps,
        policy=design.attention.policy,
        import_id=1,
        who="ann",
    )
    say(submitted=number, name=name)
    workspace.cycles.approve(number, ANN, workspace.now().date())
    say(approved=number)


def work(address: str, draft: int, design: Design, seed: int, steps: Iterable[int]) -> None:
    """Do one thing after another, in an order drawn from the seed."""
    draw = random.Random(seed)
    workspace = Workspace.open(address)
    account = str(design.attention.accounts.index[0])
    for step in steps:
        what = draw.random()
        if what < 0.4:
            a_move(workspace, draft, seed, step)
        elif what < 0.6:
            some_calls(workspace, seed, step, account)
        elif what < 0.8:
            a_version(workspace, design, f"version {seed} {step}")
        else:
            a_publication(workspace, design, 1, f"publication {seed} {step}")
    workspace.close()


def main(address: str, draft: str) -> None:
    """Do some of everything, so that all that is loaded late is loaded; then fork a writer for each seed that is asked for."""
    workspace = Workspace.open(address)
    design = restore_design(workspace, 1)
    workspace.close()
    work(address, int(draft), design, -1, range(12))
    say(ready=os.getpid())
    for line in _lines():
        child = os.fork()
        if child == 0:
            try:
                say(born=os.getpid())  # the writer itself, so that nothing it says comes before
                work(address, int(draft), design, int(line), count())
            except BaseException as error:  # a writer that is not killed failed: the test says why
                say(failed=repr(error))
                os._exit(1)
        os.waitpid(child, 0)
        say(dead=child)


def _lines() -> Iterator[str]:
    while line := sys.stdin.readline():
        yield line


if __name__ == "__main__":
    main(*sys.argv[1:])
