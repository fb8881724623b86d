"""A world of tests/redraw_world.py as people find it: a workspace with the account list, a saved design and its reps."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from geo_territory.design import Design
from geo_territory.tables import Accounts, ImportReport
from geo_territory.workspace import Workspace, keep_design

WHO = "ann"


def keep(folder: Path, design: Design, *, name: str = "Spring", reps: pd.DataFrame | None = None) -> tuple[str, int]:
    """Save a design with the accounts it was made of in a workspace of its own; return the workspace's address and the design's id."""
    url = f"sqlite:///{folder}/work.db"
    return url, keep_at(url, design, name=name, reps=reps)


def keep_at(url: str, design: Design, *, name: str = "Spring", reps: pd.DataFrame | None = None) -> int:
    """Save a design with the accounts it was made of in the workspace at an address; return the design's id."""
    workspace = Workspace.open(url)
    try:
        accounts = design.attention.accounts
        report = pd.DataFrame(
            {
                ImportReport.row: range(2, len(accounts) + 2),
                ImportReport.account_id: accounts.index.to_numpy(),
                ImportReport.outcome: "accepted",
                ImportReport.reason: "",
            }
        )
        kept = workspace.import_accounts(
            accounts=accounts,
            report=ImportReport.check(report),
            original=pd.DataFrame({Accounts.name: accounts[Accounts.name]}),
            file_name=f"{name}.csv",
            file=name.encode(),
            headings={},
            who=WHO,
        )
        for step in ("tiers", "attention", "everything"):
            workspace.save_policy(design.attention.policy, decides=step, who=WHO)
        if reps is not None:
            workspace.save_reps(reps, WHO)
        return keep_design(workspace, design, name=name, import_id=kept.import_id, who=WHO)
    finally:
        workspace.close()
