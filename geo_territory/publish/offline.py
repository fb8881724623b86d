"""A rep's territory as one HTML file for days without a connection, and the way back: the calls logged in it, read again.

The file shows the day sheet with its map, takes calls into the browser's own storage and saves them as CSV or JSON. Bringing a
file twice counts its calls once: each call has the number its browser gave it.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geo_territory import maps
from geo_territory.errors import FileError
from geo_territory.tables import CHANNELS, OUTCOMES, Calls

FORMAT = "geo-territory calls"
RETRACTED = "retracted"
LONGEST = 200  # letters of an id
LONGEST_NOTE = 500
LIMIT_BYTES = 5 * 1024 * 1024
QUOTED = ("'=", "'+", "'-", "'@", "'\t", "'\r", "''")  # how a cell is written that a table program would run
REQUIRED = (Calls.call_id, Calls.account_id, Calls.date, Calls.channel, Calls.outcome, RETRACTED)


@dataclass(frozen=True)
class Brought:
    """What a file of an offline copy holds: `calls` (Calls) to log, ids of calls taken `back`, and rows that are not usable.

    `unusable`: one sentence per row. `rep_ids`: the reps the file says it is of.
    """

    calls: pd.DataFrame
    back: tuple[str, ...]
    unusable: tuple[str, ...]
    rep_ids: frozenset[str]


def offline_copy(
    sheet: Mapping[str, Any],
    shapes: gpd.GeoDataFrame,
    *,
    doc: str,
    made_at: datetime,
    tiers: tuple[str, ...],
    notes_months: int,
    currency: str | None = None,
) -> str:
    """Return the one HTML file of a rep's day: only what `sheet` (day.sheet_of) and the rep's own `shapes` hold.

    `doc` names the rep, the person and the workspace; `made_at` is the moment the sheet was read [UTC]; notes are kept `notes_months`.
    """
    data = maps.day_data(
        sheet,
        shapes,
        doc=f"{doc} copy",
        address=None,
        may_log=True,
        made_at=made_at,
        tiers=tiers,
        notes_months=notes_months,
        currency=currency,
    )
    return maps.standalone_day(maps.day_map(sheet, shapes, tiers), data, title=f"{sheet['rep']['name']}, {sheet['as_of']}")


def read_calls(content: bytes) -> Brought:
    """Return the calls of a file that an offline copy saved (CSV or JSON).

    Raises FileError when it is not such a file. A row that can't be used is told, never dropped in silence.
    """
    if len(content) > LIMIT_BYTES:
        raise FileError(f"The file has more than {LIMIT_BYTES // 1024 // 1024} MB: bring the file that the offline copy saved.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _other_file() from error
    rows = _json_rows(text) if text.lstrip().startswith("{") else _csv_rows(text)
    usable: list[dict[str, Any]] = []
    back: list[str] = []
    unusable: list[str] = []
    for number, row in enumerate(rows, start=1):
        fault = _fault(row)
        if fault:
            unusable.append(f"Row {number}: {fault}")
        elif row[RETRACTED] == "yes":
            back.append(row[Calls.call_id])
        else:
            usable.append(row)
    reps = frozenset(row.get(Calls.rep_id, "") for row in rows) - {""}
    return Brought(calls_of(usable), tuple(back), tuple(unusable), reps)


def calls_of(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Return rows of text, as a browser sends them, as Calls."""
    moments = [_moment(row.get(Calls.logged_at, "")) for row in rows]
    frame = pd.DataFrame(
        {
            Calls.account_id: [row[Calls.account_id] for row in rows],
            Calls.rep_id: [row.get(Calls.rep_id, "") for row in rows],
            Calls.role: [row.get(Calls.role, "") for row in rows],
            Calls.date: pd.to_datetime([row[Calls.date] for row in rows]),
            Calls.channel: [row[Calls.channel] for row in rows],
            Calls.outcome: [row[Calls.outcome] for row in rows],
            Calls.duration_min: np.nan,
            Calls.note: [row.get(Calls.note) or None for row in rows],
            Calls.logged_at: pd.to_datetime(moments),
        },
        index=pd.Index([row[Calls.call_id] for row in rows], name=Calls.call_id, dtype="str"),
    )
    return Calls.check(frame)


def _fault(row: Mapping[str, Any]) -> str:
    """Return why a row can't be used, blank when it can."""
    if not all(isinstance(value, str) for value in row.values()):
        return "expected text in every field."
    missing = [name for name in REQUIRED if name not in row]
    if missing:
        return f"no {', '.join(missing)}."
    if not 0 < len(row[Calls.call_id]) <= LONGEST:
        return "no call id."
    if row[RETRACTED] not in ("yes", "no"):
        return "expected yes or no for retracted."
    return "" if row[RETRACTED] == "yes" else fault_of_call(row)


def fault_of_call(row: Mapping[str, str]) -> str:
    """Return what is wrong with a call as text, blank when it can be logged."""
    if not 0 < len(row[Calls.account_id]) <= LONGEST:
        return "no account."
    if row[Calls.channel] not in CHANNELS:
        return f"the channel is one of {', '.join(CHANNELS)}."
    if row[Calls.outcome] not in OUTCOMES:
        return f"the outcome is one of {', '.join(OUTCOMES)}."
    if len(row.get(Calls.note) or "") > LONGEST_NOTE:
        return f"the note has more than {LONGEST_NOTE} letters."
    if not storable("".join(value for value in row.values() if value)):
        return "a field holds a sign that can't be stored."
    try:
        date.fromisoformat(row[Calls.date])
    except ValueError:
        return "the day is written as 2026-07-31."
    return ""


def storable(text: str) -> bool:
    """Return whether both databases take a text: no zero, no half of a sign."""
    return "\x00" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def _moment(text: str) -> datetime | None:
    """Return a moment as UTC without a zone mark, None for what is none."""
    try:
        at = datetime.fromisoformat(text)
        return at if at.tzinfo is None else at.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None


def _json_rows(text: str) -> list[dict[str, Any]]:
    try:
        said = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _other_file() from error
    rows = said.get("calls") if said.get("format") == FORMAT else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise _other_file()
    return rows


def _csv_rows(text: str) -> list[dict[str, Any]]:
    try:
        rows = list(csv.DictReader(io.StringIO(text, newline=""), restkey="", restval="", strict=True))
    except csv.Error as error:
        raise _other_file() from error
    if not rows and Calls.call_id not in text:
        raise _other_file()
    if rows and not set(REQUIRED) <= set(rows[0]):
        raise _other_file()
    return [
        {name: value[1:] if isinstance(value, str) and value.startswith(QUOTED) else value for name, value in row.items()} for row in rows
    ]


def _other_file() -> FileError:
    return FileError("This is not a file of logged calls: bring the CSV or JSON file that the offline copy saved.")
