"""The sample company in a workspace: accounts, people and half a year of calls, one click away."""

from __future__ import annotations

from geo_territory import reference
from geo_territory.intake import import_accounts, import_calls, import_reps
from geo_territory.reference import sample
from geo_territory.workspace.store import Workspace

WHO = "sample"
WHY = "the sample company, invented accounts at real places"


def load_sample(workspace: Workspace) -> str:
    """Load the sample company and return what was done, in a sentence; a workspace with accounts is left as it is."""
    if workspace.imports():
        return "The workspace has an account list: nothing was added."
    path = reference.data_path(sample.ACCOUNTS_FILE)
    found = import_accounts(path)
    record = workspace.import_accounts(
        accounts=found.accounts,
        report=found.report,
        original=found.original,
        file_name=f"sample {path.name}",
        file=path.read_bytes(),
        headings=found.headings,
        who=WHO,
        why=WHY,
    )
    reps = import_reps(reference.data_path(sample.REPS_FILE)).reps
    workspace.save_reps(reps, WHO, WHY)
    calls = workspace.calls_made.add(import_calls(reference.data_path(sample.CALLS_FILE), found.accounts.index, reps).calls, WHO, WHY).new
    return f"The sample company is loaded: {record.accounts_total:,} accounts, {len(reps)} people, {calls:,} calls."
