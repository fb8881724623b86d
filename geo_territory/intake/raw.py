"""A file's rows as text, with what the reader has to say about them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from geo_territory.errors import FileError
from geo_territory.tables import ImportReport

ROWS_SEARCHED = 30
"""Rows searched for the heading: titles and notes may stand above it."""


def no_rows() -> pd.Series:
    """Return remarks about no row."""
    return pd.Series([], index=pd.Index([], dtype="int64", name=ImportReport.row), dtype="str")


@dataclass(frozen=True)
class RawTable:
    """A file's rows as text.

    `frame` has text columns, missing where a cell is blank, and the row number in the file as index (the heading of a plain file
    is row 1, blank rows count). `broken` are rows that fit no column, `doubted` rows that were kept with a doubt: row -> reason.
    `facts` say in sentences what was found and what was left out.
    """

    name: str
    frame: pd.DataFrame
    facts: tuple[str, ...] = ()
    broken: pd.Series = field(default_factory=no_rows)
    doubted: pd.Series = field(default_factory=no_rows)


def finished(table: RawTable) -> RawTable:
    """Return the table if it has a row. Raises FileError when it has none."""
    if table.frame.empty and table.broken.empty:
        raise FileError(f"{table.name} has headings ({_some(table.frame.columns)}) but no rows: export it again with its data.")
    return table


def heading_position(rows: Sequence[Sequence[str]], name: str) -> int:
    """Return which of the first rows holds the headings: the first that is too wide for a title.

    That is more than half as wide as the widest row, or three cells that are a quarter of it.
    Raises FileError when all rows are blank, or the headings are mostly numbers.
    """
    filled = [[cell for cell in row if cell and not cell.isspace()] for row in rows[:ROWS_SEARCHED]]
    widest = max(map(len, filled), default=0)
    if not widest:
        raise FileError(f"{name} has no row with text in it: export it again.")
    position = next(at for at, cells in enumerate(filled) if len(cells) > widest / 2 or len(cells) >= max(3, widest / 4))
    cells = filled[position]
    if sum(map(_is_number, cells)) > len(cells) / 2:
        raise FileError(f"{name}: row {position + 1} looks like data ({_some(cells)}), not headings. Add a row of headings above it.")
    return position


def unique_headings(cells: Sequence[str]) -> tuple[list[str], tuple[str, ...]]:
    """Return headings without blanks and repeats, and the facts to tell: "name", "name (2)", "column 3"."""
    named = [" ".join(str(cell).split()) or f"column {at}" for at, cell in enumerate(cells, start=1)]
    taken = set(named)
    seen: Counter[str] = Counter()
    unique: list[str] = []
    for heading in named:
        seen[heading] += 1
        again = heading
        while seen[heading] > 1 and again in taken:
            again = f"{heading} ({seen[heading]})"
            seen[heading] += again in taken
        taken.add(again)
        unique.append(again)
    repeated = sorted(heading for heading, times in Counter(named).items() if times > 1)
    facts = (f"Headings that occur more than once were numbered: {_some(repeated)}.",) if repeated else ()
    return unique, facts


def without_empty_columns(frame: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the frame without its wholly empty columns, and the fact to tell."""
    filled = frame.columns[frame.notna().any().to_numpy()]
    empty = [str(column) for column in frame.columns if column not in set(filled)]
    return (frame[filled], empty_columns_fact(empty)) if empty and len(frame) else (frame, ())


def empty_columns_fact(empty: Sequence[str]) -> tuple[str, ...]:
    """Return what to tell about columns left out because no row fills them."""
    if not empty:
        return ()
    one = len(empty) == 1
    return (f"{len(empty):,} empty column{'' if one else 's'} left out ({_some(empty)}).",)


def remarks(rows: Sequence[int], reasons: Sequence[str]) -> pd.Series:
    """Return remarks by row number."""
    return pd.Series(list(reasons), index=pd.Index(list(rows), dtype="int64", name=ImportReport.row), dtype="str")


def _is_number(cell: str) -> bool:
    return cell.strip().lstrip("+-").replace(".", "", 1).replace(",", "").isdigit()


def _some(words: Sequence[str]) -> str:
    shown = ", ".join(str(word) for word in list(words)[:3])
    return f"{shown} …" if len(words) > 3 else shown
