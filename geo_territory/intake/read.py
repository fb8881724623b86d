"""Files as tables of text: nothing is guessed, nothing is dropped without saying so.

read_table, read_bytes
├── delimited.py   .csv .tsv .txt, plain or gzip
├── sheets.py      .xlsx .xlsm .xls
└── features.py    .geojson .json, .parquet .geoparquet
"""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Callable
from pathlib import Path, PurePath

from geo_territory.errors import FileError
from geo_territory.intake.delimited import read_delimited
from geo_territory.intake.features import read_geojson, read_parquet
from geo_territory.intake.raw import RawTable
from geo_territory.intake.sheets import read_sheet

__all__ = ["MAX_BYTES", "RawTable", "read_bytes", "read_table"]

MAX_BYTES = 2**30
"""Largest file read, after unpacking [byte]."""

READERS: dict[str, Callable[[bytes, str], RawTable]] = {
    ".csv": read_delimited,
    ".tsv": read_delimited,
    ".txt": read_delimited,
    ".xlsx": read_sheet,
    ".xlsm": read_sheet,
    ".xls": read_sheet,
    ".geojson": read_geojson,
    ".json": read_geojson,
    ".parquet": read_parquet,
    ".geoparquet": read_parquet,
}
_GZIP = b"\x1f\x8b"


def read_table(path: Path) -> RawTable:
    """Read a file of rows as text.

    CSV, TSV or text (also gzip), XLSX, GeoJSON or Parquet; encoding, delimiter and heading row are found.
    Raises FileError when the file is missing, empty, truncated, too large or not what its name says.
    """
    path = Path(path)
    if path.is_dir():
        raise FileError(f"{path} is a folder: name the file in it that holds the accounts.")
    if not path.is_file():
        raise FileError(f"There is no file {path}: check the spelling and the folder.")
    if path.stat().st_size > MAX_BYTES:
        raise FileError(_too_large(path.name))
    return read_bytes(path.name, path.read_bytes())


def read_bytes(name: str, content: bytes) -> RawTable:
    """Read the bytes of an uploaded file; its `name` says the format. Raises FileError as `read_table`."""
    suffixes = [suffix.lower() for suffix in PurePath(name).suffixes]
    packed = suffixes[-1:] == [".gz"]
    suffix = (suffixes[-2:-1] if packed else suffixes[-1:]) or [""]
    reader = READERS.get(suffix[0])
    if reader is None:
        raise FileError(f"{name}: files of this kind can't be read. Use one of {', '.join(READERS)} (.csv and .tsv also as .gz).")
    if not content:
        raise FileError(f"{name} is empty (0 bytes): export it again.")
    return reader(_unpacked(content, name) if packed or content.startswith(_GZIP) else content, name)


def _unpacked(content: bytes, name: str) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as stream:
            plain = stream.read(MAX_BYTES + 1)
    except (EOFError, zlib.error) as error:
        raise FileError(f"{name} is cut short: the gzip data ends too early. Copy or download it again.") from error
    except gzip.BadGzipFile as error:
        raise FileError(f"{name} isn't a sound gzip file ({error}). Copy it again, or drop .gz if it is plain text.") from error
    if len(plain) > MAX_BYTES:
        raise FileError(_too_large(name))
    if not plain:
        raise FileError(f"{name} is empty once unpacked: export it again.")
    return plain


def _too_large(name: str) -> str:
    return f"{name} holds more than {MAX_BYTES / 2**30:g} GiB: split it, or keep only the columns needed and save it as Parquet."
