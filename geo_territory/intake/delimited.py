"""CSV and its relatives as text: encoding, delimiter and heading row are found, rows keep their numbers."""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from statistics import mode

import charset_normalizer
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from geo_territory.errors import FileError
from geo_territory.intake.raw import RawTable, empty_columns_fact, finished, heading_position, remarks, unique_headings
from geo_territory.tables import ImportReport

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
SAMPLE_BYTES = 2**16
CELLS_PER_CHUNK = 1_000_000

_SIGNATURES = {
    b"\x89PNG": "a picture (PNG)",
    b"\xff\xd8\xff": "a picture (JPEG)",
    b"GIF8": "a picture (GIF)",
    b"%PDF": "a PDF document",
    b"PK\x03\x04": "a ZIP archive or an Excel workbook (then rename it to .xlsx)",
    b"\xd0\xcf\x11\xe0": "an Office document (save the sheet as .xlsx or CSV)",
    b"PAR1": "a Parquet file (then rename it to .parquet)",
    b"SQLite format 3": "a SQLite database",
}
_BYTE_ORDER_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_LEGACY_ENCODINGS = ("cp1252", "cp1256", "cp1251", "cp1250")
_END = "\x1fend of file\x1f"


def read_delimited(content: bytes, name: str) -> RawTable:
    """Read delimited text. Raises FileError when it isn't text, holds no rows, or a quotation mark is never closed."""
    encoding, facts = _encoding(content, name)
    delimiter, first = _layout(content, encoding)
    position = heading_position(first, name)
    headings, repeated = unique_headings(first[position])
    rows = _Rows(headings, first=position + 2)
    records = _records(content, encoding, delimiter, name)
    for chunk in _chunks(islice(records, position + 1, None), max(1, CELLS_PER_CHUNK // len(headings))):
        rows.add(chunk)
    if delimiter != ",":
        facts = (*facts, f"Cells are separated by {DELIMITERS[delimiter]}.")
    if position:
        facts = (*facts, f"The headings are in row {position + 1}; the rows above were not read.")
    return finished(rows.table(name, (*facts, *repeated)))


def _encoding(content: bytes, name: str) -> tuple[str, tuple[str, ...]]:
    """Return the encoding of text and what to tell about it. Raises FileError when the bytes aren't text."""
    for signature, kind in _SIGNATURES.items():
        if content.startswith(signature):
            raise FileError(f"{name} isn't text but {kind}: choose the file with the account list.")
    for mark, encoding in _BYTE_ORDER_MARKS.items():
        if content.startswith(mark):
            return encoding, () if encoding == "utf-8-sig" else ("Read as UTF-16.",)
    sample = content[:SAMPLE_BYTES]
    if sample.count(0) > len(sample) // 5:
        return ("utf-16-le" if sample[1::2].count(0) > sample[::2].count(0) else "utf-16-be"), ("Read as UTF-16.",)
    if sum(sample.count(byte) for byte in (*range(9), *range(14, 27))) > len(sample) // 100:
        raise FileError(f"{name} isn't text (it holds control bytes): choose the file with the account list, or export it again as CSV.")
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        return _legacy_encoding(content, error.start)
    return "utf-8", ()


def _legacy_encoding(content: bytes, at: int) -> tuple[str, tuple[str, ...]]:
    """Return the encoding of bytes that aren't sound UTF-8; `at` is the first byte that breaks it."""
    replaced = content.decode("utf-8", errors="replace")
    unreadable = replaced.count("\ufffd")
    if unreadable * 10 < len(content) - len(replaced):
        return "utf-8", (f"{unreadable:,} characters were unreadable and are shown as \ufffd.",)
    around = content[max(0, at - SAMPLE_BYTES // 2) : at + SAMPLE_BYTES // 2]
    guesses = charset_normalizer.from_bytes(around, cp_isolation=list(_LEGACY_ENCODINGS))
    western = not guesses or any("cp1252" in guess.could_be_from_charset for guess in guesses)
    encoding = "cp1252" if western else guesses[0].encoding
    return encoding, (f"Read as Windows-{encoding.removeprefix('cp')}, because it isn't UTF-8: check names with accents.",)


def _lines(content: bytes, encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(content), encoding=encoding, errors="replace", newline="")


def _layout(content: bytes, encoding: str) -> tuple[str, list[list[str]]]:
    """Return the delimiter, and the first rows split by it."""
    lines = list(islice(_lines(content[: SAMPLE_BYTES * 16], encoding), 200))
    split = {delimiter: _first_rows(lines, delimiter) for delimiter in DELIMITERS}
    best = max(DELIMITERS, key=lambda delimiter: _fit(split[delimiter]))
    return best, split[best]


def _first_rows(lines: Sequence[str], delimiter: str) -> list[list[str]]:
    """Return the first rows up to one that can't be split; reading the file says which it is."""
    rows: list[list[str]] = []
    with contextlib.suppress(csv.Error):
        for cells in islice(csv.reader(lines, delimiter=delimiter), 100):
            rows.append(cells)
    return rows


def _fit(rows: Sequence[Sequence[str]]) -> tuple[float, float, int]:
    """Return how well rows look split: the share that is split at all, the share of one width, and that width."""
    widths = [len(row) for row in rows if row]
    split = [width for width in widths if width > 1]
    if not split:
        return 0.0, 0.0, 1
    usual = mode(split)
    return len(split) / len(widths), split.count(usual) / len(widths), usual


def _records(content: bytes, encoding: str, delimiter: str, name: str) -> Iterator[list[str]]:
    """Yield the rows, blank ones as []. Raises FileError naming the row where a quotation mark stays open."""
    lines = chain(_lines(content, encoding), ["\n", _END])
    row = 0
    try:
        for row, cells in enumerate(csv.reader(lines, delimiter=delimiter), start=1):  # noqa: B007 (named in the error below)
            if cells and cells[-1].endswith(_END):
                break
            yield cells
    except csv.Error as error:
        raise FileError(f"{name}, row {row + 1}: {error}. Is a quotation mark opened there and never closed?") from error
    if cells != [_END]:
        raise FileError(f"{name}, row {row}: a quotation mark is opened and never closed, so the rest reads as one cell. Close it.")


def _chunks(records: Iterator[list[str]], size: int) -> Iterator[list[list[str]]]:
    while chunk := list(islice(records, size)):
        yield chunk


class _Rows:
    """Rows collected column by column; columns that stay empty take no memory."""

    def __init__(self, headings: Sequence[str], first: int) -> None:
        self._headings = headings
        self._next = first
        self._numbers: list[int] = []
        self._columns: list[list[pa.Array]] = [[] for _ in headings]
        self._filled = [False] * len(headings)
        self._blank_cells = [0] * len(headings)
        self._broken: dict[int, str] = {}
        self._short: dict[int, str] = {}
        self._blank = self._pending_blank = 0

    def add(self, records: Sequence[list[str]]) -> None:
        """Take the next rows of the file."""
        kept = []
        for row, cells in enumerate(records, start=self._next):
            if not any(cells) or not "".join(cells).strip():
                self._pending_blank += 1
            elif (fitted := self._fitted(row, cells)) is not None:
                self._blank, self._pending_blank = self._blank + self._pending_blank, 0
                self._numbers.append(row)
                kept.append(fitted)
        self._next += len(records)
        for at, column in enumerate(zip(*kept, strict=True)):
            self._take(at, column)

    def _fitted(self, row: int, cells: list[str]) -> list[str] | None:
        """Return the row in the table's width; None, and a remark, when it has cells that belong to no column."""
        width, found = len(self._headings), len(cells)
        if found < width:
            self._short[row] = f"the row ends after {found} of {width} cells; the others are empty"
            return cells + [""] * (width - found)
        if "".join(cells[width:]).strip():
            self._broken[row] = f"the row has {found} cells, the heading {width}: put text that holds the delimiter in quotation marks"
            return None
        return cells[:width]

    def _take(self, at: int, column: tuple[str, ...]) -> None:
        if not any(column):
            self._blank_cells[at] += len(column)
            return
        trimmed = pc.utf8_trim_whitespace(pa.array(column, pa.string()))
        cells = pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)
        self._filled[at] = self._filled[at] or cells.null_count < len(cells)
        self._columns[at] += [*self._blanks(at), cells]

    def _blanks(self, at: int) -> list[pa.Array]:
        """Return the blank cells of a column counted since its last filled chunk."""
        count, self._blank_cells[at] = self._blank_cells[at], 0
        return [pa.nulls(count, pa.string())] if count else []

    def table(self, name: str, facts: tuple[str, ...]) -> RawTable:
        """Return what was collected."""
        index = pd.Index(self._numbers, dtype="int64", name=ImportReport.row)
        kept = [at for at, filled in enumerate(self._filled) if filled or not self._numbers]
        columns = {self._headings[at]: pa.chunked_array(self._columns[at] + self._blanks(at), pa.string()) for at in kept}
        frame = pa.table(columns).to_pandas().astype("str").set_axis(index, axis=0)
        empty = [heading for at, heading in enumerate(self._headings) if at not in set(kept)]
        if self._blank:
            facts = (*facts, f"{self._blank:,} blank row{'' if self._blank == 1 else 's'} between the others skipped.")
        broken, short = (remarks(list(found), list(found.values())) for found in (self._broken, self._short))
        return RawTable(name, frame, (*facts, *empty_columns_fact(empty)), broken, short)
