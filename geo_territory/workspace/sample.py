"""The sample company in a workspace: accounts, people and half a year of calls, one click away."""

from __future__ import annotations

import pandas as pd

from geo_territory import reference
from geo_territory.intake import import_accounts
from geo_territory.reference import sample
from geo_territory.tables import Calls, Reps, Table
from geo_territory.workspace.store import Workspace

WHO = "sample"
WHY = "the sample company, invented accounts at real places"


def load_sample(workspace: Workspace) -> str:
    """Load the sample company and return what was done, in a sentence; what is there already is left as it is."""
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
    if workspace.reps().empty:
        workspace.save_reps(_read(sample.REPS_FILE, Reps), WHO, WHY)
    calls = workspace.add_calls(_read(sample.CALLS_FILE, Calls), WHO, WHY)
    if not record.is_new and not calls:
        return "The sample company was loaded before: nothing was added."
    return f"The sample company is loaded: {record.accounts_total:,} accounts, {len(workspace.reps())} people, {calls:,} calls."


def _read(name: str, declared: type[Table]) -> pd.DataFrame:
    """Return a CSV file of the sample as its declared table."""
    index = declared.to_schema().index.name
    numbers = {column: float for column, dtype in declared.empty().dtypes.items() if dtype.kind == "f"}
    frame = pd.read_csv(reference.data_path(name), dtype="str").set_index(index).astype(numbers)
    return declared.check(frame.reindex(columns=declared.columns()))
