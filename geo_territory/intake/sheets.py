"""Excel sheets as text: the first sheet with something in it, titles above the headings left aside."""

from __future__ import annotations

import datetime
import io
from itertools import islice

import pandas as pd
import python_calamine
from python_calamine import CalamineSheet, CalamineWorkbook

from geo_territory.errors import FileError
from geo_territory.intake.raw import ROWS_SEARCHED, RawTable, finished, heading_position, unique_headings, without_empty_columns
from geo_territory.tables import ImportReport

_OLE = b"\xd0\xcf\x11\xe0"
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
_CLOCK_START = datetime.time()


def read_sheet(content: bytes, name: str) -> RawTable:
    """Read a workbook's first sheet that holds rows. Raises FileError when it is encrypted, damaged, or has no rows."""
    if content.startswith(_OLE) and _ENCRYPTED_PACKAGE in content:
        raise FileError(f"{name} is protected by a password: open it in Excel, remove the password (File, Info) and save it again.")
    try:
        sheet, facts = _first_filled(CalamineWorkbook.from_filelike(io.BytesIO(content)), name)
        return _table(sheet, name, facts)
    except python_calamine.PasswordError as error:
        raise FileError(f"{name} is protected by a password: remove the password in Excel and save it again.") from error
    except (python_calamine.CalamineError, python_calamine.XmlError, python_calamine.ZipError) as error:
        raise FileError(f"{name} isn't a sound Excel workbook ({error}): open it in Excel and save it again, or save it as CSV.") from error


def _first_filled(book: CalamineWorkbook, name: str) -> tuple[CalamineSheet, tuple[str, ...]]:
    for sheet_name in book.sheet_names:
        sheet = book.get_sheet_by_name(sheet_name)
        if sheet.start is not None:
            others = len(book.sheet_names) - 1
            plural = "s were" if others > 1 else " was"
            return sheet, (f"Sheet '{sheet_name}' was read; {others} other sheet{plural} not.",) if others else ()
    raise FileError(f"{name} has no sheet with anything in it: export it again.")


def _table(sheet: CalamineSheet, name: str, facts: tuple[str, ...]) -> RawTable:
    rows = sheet.iter_rows()
    top = list(islice(rows, ROWS_SEARCHED))
    position = heading_position([[_text(cell) for cell in row] for row in top], name)
    headings, repeated = unique_headings([_text(cell) for cell in top[position]])
    body = [*top[position + 1 :], *rows]
    columns = zip(*body, strict=True) if body else [()] * len(headings)
    texts = {
        heading: pd.array([_text(cell) or None for cell in cells], dtype="str") for heading, cells in zip(headings, columns, strict=True)
    }
    frame = pd.DataFrame(texts, index=pd.RangeIndex(position + 2, position + 2 + len(body), name=ImportReport.row))
    frame, emptied = without_empty_columns(frame[frame.notna().any(axis=1)])
    if position:
        facts = (*facts, f"The headings are in row {position + 1}; the rows above were not read.")
    return finished(RawTable(name, frame, (*facts, *repeated, *emptied)))


def _text(cell: object) -> str:
    """Return a cell as a person would type it: whole numbers without ".0", dates in ISO form."""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime.datetime):
        return cell.date().isoformat() if cell.time() == _CLOCK_START else cell.isoformat(sep=" ")
    return cell.isoformat() if isinstance(cell, datetime.date | datetime.time) else str(cell)
