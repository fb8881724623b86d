"""Bringing an account list: the file's columns beside ours, editable before anything is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from geo_territory.intake import RawTable, accounts_from_table, propose_headings
from geo_territory.tables import ROW_OUTCOMES, Accounts, ImportReport, Incoming
from geo_territory.ui import cached, session, wording
from geo_territory.workspace import ImportRecord

FILE_KINDS = ["csv", "tsv", "txt", "gz", "xlsx", "geojson", "json", "parquet"]
OURS, THEIRS, EXAMPLE, MEANING = "Our column", "Column of your file", "First value", "Meaning"
SAMPLE = 200
DERIVED = (Accounts.geocode_precision, Accounts.geocode_source)


@dataclass(frozen=True)
class Upload:
    """A file a person brought."""

    name: str
    data: bytes
    sha256: str


def chosen_file() -> Upload | None:
    """Return the file a person chose, None without one."""
    file = st.file_uploader("Account list", type=FILE_KINDS, key="account_file", help="CSV, XLSX, GeoJSON or Parquet, up to 200 MB.")
    if file is None:
        return None
    data = file.getvalue()
    return Upload(file.name, data, hashlib.sha256(data).hexdigest())


def heading_map(table: RawTable, key: str) -> dict[str, str]:
    """Show the proposed heading map for correction and return it: our column -> column of the file."""
    proposed = propose_headings(list(table.frame.columns))
    edited = st.data_editor(
        heading_rows(table, proposed),
        column_config={
            OURS: st.column_config.TextColumn(width="small"),
            THEIRS: st.column_config.SelectboxColumn(options=list(table.frame.columns), width="medium"),
            EXAMPLE: st.column_config.TextColumn(width="small"),
            MEANING: st.column_config.TextColumn(width="large"),
        },
        disabled=[OURS, EXAMPLE, MEANING],
        hide_index=True,
        placeholder="–",
        key=key,
        height=420,
        alt="Which column of your file is which of ours",
    )
    chosen = edited.dropna(subset=[THEIRS])
    return dict(zip(chosen[OURS], chosen[THEIRS], strict=True))


def heading_rows(table: RawTable, proposed: Mapping[str, str]) -> pd.DataFrame:
    """Return one row per column of ours: the file's column proposed for it, with an example."""
    columns = {**Accounts.to_schema().columns, **Incoming.to_schema().columns}
    described = {str(Accounts.account_id): "id of the account; made from the row when the file has none"}
    described |= {name: column.description for name, column in columns.items() if name not in (*DERIVED, Accounts.annual_value)}
    rows = [(ours, proposed.get(ours), _example(table, proposed.get(ours)), meaning) for ours, meaning in described.items()]
    return pd.DataFrame(rows, columns=[OURS, THEIRS, EXAMPLE, MEANING]).astype("str")


def worth(table: RawTable, headings: Mapping[str, str]) -> str | None:
    """Ask which column says what an account is worth, and return it."""
    proposed = propose_headings(list(table.frame.columns)).get(Accounts.annual_value)
    taken = set(headings.values())
    numeric = [name for name in table.frame.columns if name not in taken and _is_numeric(table.frame[name])]
    options = list(dict.fromkeys(([proposed] if proposed else []) + numeric))
    return st.selectbox(
        "What is an account worth? (optional)",
        options,
        index=0 if proposed else None,
        placeholder="A column with sales, profit, beds, seats …",
        key=f"worth_{hash(tuple(table.frame.columns))}",
        help="Tiers follow from it. Without one they follow from profit, sales or potential, when the file has them.",
        width=420,
    )


def unused_columns(table: RawTable, headings: Mapping[str, str]) -> Sequence[str]:
    """Return the file's columns that are none of ours; they are kept and leave again with every export."""
    return [column for column in table.frame.columns if column not in set(headings.values())]


def keep(upload: Upload, table: RawTable, headings: Mapping[str, str], value: str | None) -> ImportRecord:
    """Import the file with a heading map and return what was kept."""
    found = accounts_from_table(table, headings, value)
    return session.workspace().import_accounts(
        accounts=found.accounts,
        report=found.report,
        original=found.original,
        file_name=upload.name,
        file=upload.data,
        headings=found.headings,
        value_column=value or "",
        who=session.who(),
    )


def read(upload: Upload) -> RawTable:
    """Return the rows of the file."""
    return cached.raw_table(upload.name, upload.sha256, upload.data)


def said(record: ImportRecord) -> str:
    """Return what an import did, in a sentence."""
    if not record.is_new:
        return f"{wording.plain(record.file_name)} was imported before with the same headings: nothing was added. It is the list in force."
    return f"{wording.count(record.accounts_total, 'account')} from {wording.count(record.rows_in, 'row')}: {outcomes(record)}."


def outcomes(record: ImportRecord) -> str:
    """Return how many rows had which outcome: 2,400 accepted, 80 fixed, 15 warned, 5 rejected."""
    return ", ".join(f"{getattr(record, f'rows_{outcome}'):,} {outcome}" for outcome in ROW_OUTCOMES)


def filtered(report: pd.DataFrame, wanted: Sequence[str]) -> pd.DataFrame:
    """Return the rows of a report with one of the outcomes, all of them when none is named; those to look at first."""
    worst_first = {outcome: -place for place, outcome in enumerate(ROW_OUTCOMES)}
    rows = report[report[ImportReport.outcome].isin(wanted)] if wanted else report
    return rows.sort_values(ImportReport.outcome, key=lambda outcome: outcome.map(worst_first), kind="stable")


def _is_numeric(column: pd.Series) -> bool:
    """Return whether most of a column's first values are numbers."""
    known = column.dropna().head(SAMPLE)
    return len(known) > 0 and float(pd.to_numeric(known.astype("str").str.replace(",", ""), errors="coerce").notna().mean()) > 0.5


def _example(table: RawTable, column: str | None) -> str | None:
    if column is None or column not in table.frame:
        return None
    known = table.frame[column].dropna()
    return None if known.empty else str(known.iloc[0])
