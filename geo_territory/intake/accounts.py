"""An account file as the accounts table, with a report in which every row of the file appears once."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from geo_territory.errors import FileError
from geo_territory.intake.columns import Source, cleaned_accounts, last_updates
from geo_territory.intake.headings import SYNONYMS, propose_headings
from geo_territory.intake.letters import folded_key
from geo_territory.intake.read import RawTable, read_table
from geo_territory.intake.rows import RowLedger, mark_possible_duplicates, settle_repeated_ids
from geo_territory.progress import Progress, silent
from geo_territory.tables import ROW_OUTCOMES, Accounts, ImportReport


@dataclass(frozen=True)
class AccountImport:
    """What an account file holds.

    `accounts` is the checked table in the order of the file; `report` has every row of the file once; `headings` says which column
    was read as what; `original` are the file's own columns as text, one row per account, by account_id; `not_on_map` are accounts
    without coordinates (geocoding may place them); `counts` has rows, accepted, fixed, warned, rejected, accounts, closed, without_point;
    `facts` are sentences about the file as a whole.
    """

    accounts: pd.DataFrame
    report: pd.DataFrame
    headings: dict[str, str]
    original: pd.DataFrame
    not_on_map: list[str]
    counts: dict[str, int]
    facts: tuple[str, ...] = ()


def import_accounts(
    path: Path,
    headings: Mapping[str, str] | None = None,
    value: str | None = None,
    progress: Progress = silent,
    today: date | None = None,
) -> AccountImport:
    """Import an account file: CSV, XLSX, GeoJSON or Parquet, from any of the usual systems.

    `headings` maps columns of Accounts (or Incoming) to columns of the file, by default as proposed from their names.
    `value` names the column of the file that becomes annual_value. `progress` hears the phase and the fraction done.
    `today` is the day that tells ended relationships from running ones. Rows are repaired or kept with a doubt where possible.
    Raises FileError when the file can't be read, a named column isn't in it, or `value` mixes currencies.
    """
    progress("Reading the file", 0.0)
    return accounts_from_table(read_table(path), headings, value, progress, today)


def accounts_from_table(
    table: RawTable,
    headings: Mapping[str, str] | None = None,
    value: str | None = None,
    progress: Progress = silent,
    today: date | None = None,
) -> AccountImport:
    """Import accounts from a file already read, for instance an upload. As `import_accounts`."""
    ledger = RowLedger(table)
    source = Source(table, _headings(table, headings, value), ledger)
    progress("Cleaning the columns", 0.3)
    cleaned = cleaned_accounts(source, required_value=value is not None, today=today or date.today())
    ledger.name(cleaned[Accounts.account_id])
    progress("Looking for repeated rows", 0.7)
    kept = cleaned.loc[settle_repeated_ids(cleaned, last_updates(source), table.frame, ledger)]
    mark_possible_duplicates(kept, ledger, cleaned.index)
    progress("Checking the accounts", 0.85)
    return _result(table, kept, ledger, source)


def _result(table: RawTable, kept: pd.DataFrame, ledger: RowLedger, source: Source) -> AccountImport:
    accounts = Accounts.check(kept.set_index(Accounts.account_id).reindex(columns=Accounts.columns()))
    report = ledger.report()
    outcomes = report[ImportReport.outcome].value_counts()
    without_point = accounts.index[accounts[Accounts.lat].isna()]
    counts = {"rows": len(report)} | {outcome: int(outcomes.get(outcome, 0)) for outcome in ROW_OUTCOMES}
    counts |= {"accounts": len(accounts), "closed": int((accounts[Accounts.status] == "closed").sum()), "without_point": len(without_point)}
    return AccountImport(
        accounts=accounts,
        report=report,
        headings=source.headings,
        original=table.frame.loc[kept.index].set_axis(accounts.index),
        not_on_map=without_point.tolist(),
        counts=counts,
        facts=(*table.facts, *source.facts),
    )


def _headings(table: RawTable, headings: Mapping[str, str] | None, value: str | None) -> dict[str, str]:
    """Return the headings to use. Raises FileError when one names no column of the file, or nothing that is known."""
    columns = list(table.frame.columns)
    used = dict(propose_headings(columns) if headings is None else headings)
    if value is not None:
        used[Accounts.annual_value] = _existing(table.name, columns, value)
    if unknown := sorted(set(used) - set(SYNONYMS)):
        raise FileError(f"There is no '{unknown[0]}' to read a column as. Known: {', '.join(SYNONYMS)}.")
    return {canonical: _existing(table.name, columns, column) for canonical, column in used.items()}


def _existing(name: str, columns: list[str], wanted: str) -> str:
    """Return the column of that name, case and spaces aside. Raises FileError naming near matches."""
    if wanted in columns:
        return wanted
    by_key = {folded_key(column): column for column in reversed(columns)}
    key = folded_key(wanted)
    if key in by_key:
        return by_key[key]
    near = [by_key[match] for match in difflib.get_close_matches(key, by_key, n=3, cutoff=0.5)]
    listed = ", ".join(columns[:12]) + (" …" if len(columns) > 12 else "")
    remedy = f"Did you mean {' or '.join(near)}?" if near else f"Its columns are {listed}."
    raise FileError(f"{name} has no column '{wanted}'. {remedy}")
