"""Fifty reps on one server, each doing a morning's work on a phone: what they wait for, and what it costs the server."""

from __future__ import annotations

import os
import tempfile
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from geo_territory.rights import REP
from geo_territory.tables import Calls, Ownership, Reps, TerritoryReps
from geo_territory.workspace import Workspace
from tests.benchmarks.morning_reps import LOGGED, OPENED, SEEN_AGAIN, STEPS, Morning, Rep, spend
from tests.benchmarks.report import Goal, Report
from tests.day_company import put_in_force
from tests.redraw_saved import WHO, keep_at
from tests.redraw_world import many_units
from tests.serving import Server
from tests.signing_in import behind_sign_in

REPS = 50
UNITS = 3_000
ACCOUNTS = 10_000
CALLS_EACH = 300
CALLED = 3  # accounts a rep calls in the morning
GOAL_S = 3.0
NOBODY = "http://127.0.0.1:9"  # who vouches is never asked: the reps are signed in already
PACES = (("all within a minute, 5 s between steps", 60.0, 5.0), ("all within 5 s, 1 s between steps", 5.0, 1.0))


def run(quick: bool) -> Report:
    """Return one table: each step of a rep's morning at each pace."""
    report = Report(
        f"{REPS} signed-in reps on one server: {ACCOUNTS:,} accounts, {REPS * CALLS_EACH:,} calls [s]",
        shown=("work", "method", "median", "p95", "most", "goal"),
    )
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/work.db"
        reps = company(url)
        for pace, arrive_s, think_s in PACES[: 1 if quick else None]:
            with behind_sign_in(url, NOBODY, Path(folder)) as server:
                used = server_cpu(server)
                morning = spend(server.address, reps, arrive_s=arrive_s, think_s=think_s)
                tell(report, pace, morning, server_cpu(server) - used, server.memory())
    return report


def tell(report: Report, pace: str, morning: Morning, cpu: float, memory: float) -> None:
    """Add a morning to the table, and what it cost as a note."""
    for step in STEPS:
        found = morning.waited.get(step, np.array([np.nan]))
        p95 = float(np.quantile(found, 0.95))
        page = step in (OPENED, SEEN_AGAIN)
        goal = Goal(f"p95 < {GOAL_S:g} s, no error", p95 < GOAL_S and not morning.wrong)
        report.tell(
            work=pace,
            method=f"{step}, {len(found)} times",
            median=f"{np.median(found):.2f}",
            p95=f"{p95:.2f}",
            most=f"{found.max():.2f}",
            goal=str(goal) if page else "",
        )
    pages = sum(len(morning.waited.get(step, ())) for step in (OPENED, SEEN_AGAIN))
    report.notes.append(
        f"{pace}: {len(morning.wrong)} errors{': ' + morning.wrong[0] if morning.wrong else ''}; "
        f"the server used {cpu:.1f} CPU s in {morning.seconds:.0f} s for {pages} pages and {len(morning.waited.get(LOGGED, ()))} calls "
        f"and holds {memory / 1024**2:.0f} MB, the reps' own process {morning.cpu:.1f} CPU s."
    )


def server_cpu(server: Server) -> float:
    """Return the CPU seconds a server used so far, where the system tells it (Linux); NaN elsewhere."""
    stat = Path(f"/proc/{server.process.pid}/stat")
    if not stat.exists():
        return float("nan")
    return sum(map(int, stat.read_text().rsplit(")", 1)[1].split()[11:13])) / os.sysconf("SC_CLK_TCK")


def company(url: str) -> list[Rep]:
    """Publish a company of one rep a territory with half a year of calls; return the reps with accounts to call."""
    design = many_units(UNITS, REPS, ACCOUNTS)
    names = sorted(design.scorecard.index)
    ids = [f"R{number + 1:02d}" for number in range(REPS)]
    design_id = keep_at(url, design, reps=people(ids, names))
    workspace = Workspace.open(url)
    try:
        for rep_id in ids:
            workspace.people.save_user(f"{rep_id.lower()}@example.org", name=f"Rep {rep_id}", app_role=REP, rep_id=rep_id, who=WHO)
        serving = pd.DataFrame({TerritoryReps.territory_id: names, TerritoryReps.role: "outside", TerritoryReps.rep_id: ids})
        put_in_force(workspace, design, design_id, serving)
        owners = workspace.cycles.owners(date.today())
        own = {str(rep_id): sorted(found) for rep_id, found in owners.groupby(Ownership.rep_id)[Ownership.account_id]}
        workspace.calls_made.add(calls(own), WHO)
        return [Rep(f"{rep_id.lower()}@example.org", tuple(own[rep_id][:CALLED])) for rep_id in ids]
    finally:
        workspace.close()


def people(ids: list[str], territories: list[str]) -> pd.DataFrame:
    """Return Reps: one outside rep a territory."""
    frame = pd.DataFrame(
        {
            Reps.name: [f"Rep {rep_id}" for rep_id in ids],
            Reps.role: "outside",
            Reps.fte: 1.0,
            Reps.leave_days: 0.0,
            Reps.territory_id: territories,
        },
        index=pd.Index(ids, name=str(Reps.rep_id), dtype="str"),
    )
    frame = frame.assign(**{Reps.email: pd.Series(None, index=frame.index, dtype="str"), Reps.lat: 39.9, Reps.lon: -95.1})
    return Reps.check(frame.reindex(columns=Reps.columns()))


def calls(own: dict[str, list[str]]) -> pd.DataFrame:
    """Return half a year of visits of each rep on their own accounts."""
    random = np.random.default_rng(0)
    found = []
    for rep_id, accounts in own.items():
        at = pd.Timestamp(date.today()) - pd.to_timedelta(random.integers(1, 180, CALLS_EACH), unit="D")
        found.append(pd.DataFrame({Calls.account_id: random.choice(accounts, CALLS_EACH), Calls.rep_id: rep_id, Calls.date: at}))
    frame = pd.concat(found, ignore_index=True).assign(
        **{
            Calls.role: "outside",
            Calls.channel: "visit",
            Calls.outcome: "met",
            Calls.duration_min: np.nan,
            Calls.note: None,
            Calls.logged_at: pd.NaT,
        }
    )
    frame.index = pd.Index([f"call-{number}" for number in range(len(frame))], name=Calls.call_id, dtype="str")
    return Calls.check(frame.reindex(columns=Calls.columns()))
