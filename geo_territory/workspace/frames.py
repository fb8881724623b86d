"""Tables to bytes and to SQL rows, and back without a change of type or value."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Select, Table, insert, select
from sqlalchemy.dialects.sqlite import insert as insert_or

from geo_territory import tables
from geo_territory.errors import WorkspaceError
from geo_territory.workspace.schema import content


def parquet(frame: pd.DataFrame) -> bytes:
    """Return a table as Parquet bytes (zstd); columns a person brought whose values are of mixed kinds become text."""
    mixed = [name for name, dtype in frame.dtypes.items() if pd.api.types.is_object_dtype(dtype)]
    buffer = io.BytesIO()
    frame.astype(dict.fromkeys(mixed, "str")).to_parquet(buffer, compression="zstd")
    return buffer.getvalue()


def from_parquet(data: bytes) -> pd.DataFrame:
    """Return the table that `parquet` wrote."""
    return pd.read_parquet(io.BytesIO(data))


def keep(connection: Connection, data: bytes) -> str:
    """Store bytes once, by their SHA-256, and return it."""
    sha256 = hashlib.sha256(data).hexdigest()
    connection.execute(insert_or(content).values(sha256=sha256, data=data).on_conflict_do_nothing())
    return sha256


def kept(connection: Connection, sha256: str) -> bytes:
    """Return the bytes stored under a SHA-256; raise WorkspaceError when they are damaged."""
    data = connection.execute(select(content.c.data).where(content.c.sha256 == sha256)).scalar_one()
    if hashlib.sha256(data).hexdigest() != sha256:
        raise WorkspaceError(
            "Part of the workspace is damaged: stored bytes no longer match their checksum. Restore the file from a backup."
        )
    return data


def add_rows(connection: Connection, table: Table, frame: pd.DataFrame, **same: object) -> int:
    """Insert the frame's rows, with `same` in every row; rows whose key is there already are left; return how many were new."""
    rows = _rows(frame, table, same)
    return connection.execute(insert_or(table).on_conflict_do_nothing(), rows).rowcount if rows else 0


def replace_rows(connection: Connection, table: Table, frame: pd.DataFrame) -> None:
    """Insert the frame's rows; a row with the same key is replaced."""
    rows = _rows(frame, table, {})
    if rows:
        connection.execute(insert(table).prefix_with("OR REPLACE"), rows)


def read_rows(connection: Connection, statement: Select[Any], declared: type[tables.Table]) -> pd.DataFrame:
    """Return the rows of a query as the declared table, checked, in the order they come."""
    result = connection.execute(statement)
    frame = pd.DataFrame.from_records([tuple(row) for row in result], columns=list(result.keys()))
    index = declared.to_schema().index
    return declared.check(frame if index is None else frame.set_index(index.name))


def _rows(frame: pd.DataFrame, table: Table, same: Mapping[str, object]) -> list[dict[str, object]]:
    """Return one dictionary per row with the table's columns; missing values and missing columns are None."""
    names = [column.name for column in table.c if column.name not in same]
    flat = (frame.reset_index() if frame.index.name in names else frame).reindex(columns=names)
    values = [flat[name].astype(object).where(flat[name].notna(), None) for name in names]
    return [{**same, **dict(zip(names, row, strict=True))} for row in zip(*values, strict=True)]
