"""The small company of tests/redraw_world.py with its territories published, and people who may sign in."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd

from geo_territory.design import Design
from geo_territory.handover import assigned
from geo_territory.rights import LEADER, Viewer
from geo_territory.tables import Calls, Ownership, Reps, TerritoryReps
from geo_territory.workspace import Workspace
from tests.redraw_saved import WHO, keep_at
from tests.redraw_world import small_design, small_reps

SINCE = date.today() - timedelta(days=70)
LEA = Viewer("lea@example.org", "Lea", LEADER)
ONE, TWO, BOSS = "one@example.org", "two@example.org", "boss@example.org"


def publish_company(url: str) -> None:
    """Publish Ohio in four territories: R1 and R2 (led by R3) have one each, R3 has one, the last has nobody."""
    design = small_design()
    people = small_reps(design)
    names = sorted(design.scorecard.index)
    people.loc["R1", [Reps.lat, Reps.lon]] = (40.123456, -82.654321)
    people.loc[["R1", "R2"], Reps.manager_id] = "R3"
    design_id = keep_at(url, design, reps=Reps.check(people))
    workspace = Workspace.open(url)
    try:
        for email, role, rep_id in ((LEA.email, "leader", None), (ONE, "rep", "R1"), (TWO, "rep", "R2"), (BOSS, "manager", "R3")):
            workspace.people.save_user(email, name=email.split("@")[0].title(), app_role=role, rep_id=rep_id, who=WHO)
        serving = pd.DataFrame(
            {TerritoryReps.territory_id: names, TerritoryReps.role: "outside", TerritoryReps.rep_id: ["R1", "R2", "R3", None]}
        )
        put_in_force(workspace, design, design_id, serving)
        workspace.calls_made.add(calls_of(workspace, "R1", 5), WHO)
        workspace.calls_made.add(calls_of(workspace, "R2", 5), WHO)
    finally:
        workspace.close()


def put_in_force(workspace: Workspace, design: Design, design_id: int, serving: pd.DataFrame) -> None:
    """Publish a saved design from SINCE on, with who serves each territory (TerritoryReps)."""
    publication_id = workspace.cycles.submit(
        design_id=design_id,
        role="outside",
        name="Autumn",
        assignments=assigned(design, TerritoryReps.check(serving), {}),
        territories=design.territories,
        reps=serving,
        policy=design.attention.policy,
        import_id=1,
        who=WHO,
    )
    workspace.cycles.approve(publication_id, LEA, SINCE)


def accounts_of(workspace: Workspace, rep_id: str) -> list[str]:
    """Return the ids of the accounts a rep serves today."""
    owners = workspace.cycles.owners(date.today())
    return sorted(owners.loc[owners[Ownership.rep_id] == rep_id, Ownership.account_id])


def calls_of(workspace: Workspace, rep_id: str, count: int) -> pd.DataFrame:
    """Return visits of a rep on their first accounts, one each, on the last days."""
    ids = accounts_of(workspace, rep_id)[:count]
    frame = pd.DataFrame(
        {
            Calls.account_id: ids,
            Calls.rep_id: rep_id,
            Calls.role: "outside",
            Calls.date: [pd.Timestamp(date.today()) - pd.Timedelta(days=3 + k) for k in range(len(ids))],
            Calls.channel: "visit",
            Calls.outcome: "met",
            Calls.duration_min: np.nan,
            Calls.note: f"A note of {rep_id}",
            Calls.logged_at: pd.NaT,
        },
        index=pd.Index([f"{rep_id}-call-{k}" for k in range(len(ids))], name=Calls.call_id, dtype="str"),
    )
    return Calls.check(frame)
