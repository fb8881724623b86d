"""What is known about one person, as one file to hand to that person."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

import pandas as pd

from geo_territory.publish.account_files import csv_bytes

README = "README.txt"
_WORDS = """What Geo Territory keeps about {name}, made on {day}.

One CSV file per table, text in UTF-8; a table without a line about this person is left out. Moments are UTC.
{lines}
"""


def person_zip(found: Mapping[str, pd.DataFrame], name: str, day: str) -> bytes:
    """Return the tables about a person, by what each is called, as a zip of CSV files; `day` is the day it is made, YYYY-MM-DD.

    The same tables give the same bytes. Tables without a row are left out; the README says how many rows each file has.
    """
    kept = {table: rows for table, rows in sorted(found.items()) if len(rows)}
    lines = [f"{_file_name(table)}: {len(rows):,} line{'' if len(rows) == 1 else 's'}" for table, rows in kept.items()]
    contents = {README: _WORDS.format(name=name, day=day, lines="\n".join(lines) or "Nothing is kept.").encode()}
    contents |= {_file_name(table): csv_bytes(rows, index=rows.index.name is not None) for table, rows in kept.items()}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for file_name, content in contents.items():
            archive.writestr(zipfile.ZipInfo(file_name), content)
    return buffer.getvalue()


def _file_name(table: str) -> str:
    return f"{table.replace(' ', '_')}.csv"
