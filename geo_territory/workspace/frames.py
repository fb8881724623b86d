"""Tables to bytes and to SQL rows, and back without a change of type or value."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Collection, Mapping
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
from sqlalchemy import Connection, Select, Table, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from geo_territory import tables
from geo_territory.errors import WorkspaceError
from geo_territory.workspace.address import POSTGRESQL
from geo_territory.workspace.schema import content


def insert_or(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """Return an insert that can say what happens `on_conflict_do_…`, for the database at hand."""
    return (postgresql if connection.dialect.name == POSTGRESQL else sqlite).insert(table)


def parquet(frame: pd.DataFrame) -> bytes:
    """Return a table as Parquet bytes (zstd); columns a person brought whose values are of mixed kinds become text."""
    mixed = [name for name, dtype in frame.dtypes.items() if pd.api.types.is_object_dtype(dtype)]
    buffer = io.BytesIO()
    frame.astype(dict.fromkeys(mixed, "str")).to_parquet(buffer, compression="zstd")
    return buffer.getvalue()


def from_parquet(data: bytes, ids: Collection[str] | None = None) -> pd.DataFrame:
    """Return the table that `parquet` wrote; with `ids`, only the rows with these ids in its index."""
    if ids is None:
        return pd.read_parquet(io.BytesIO(data))
    index = pq.read_schema(io.BytesIO(data)).pandas_metadata["index_columns"][0]
    return pd.read_parquet(io.BytesIO(data), filters=[(index, "in", list(ids))])


def keep(connection: Connection, data: bytes) -> str:
    """Store bytes once, by their SHA-256, and return it."""
    sha256 = hashlib.sha256(data).hexdigest()
    connection.execute(insert_or(connection, content).values(sha256=sha256, data=data).on_conflict_do_nothing())
    return sha256


def kept(connection: Connection, sha256: str) -> bytes:
    """Return the bytes stored under a SHA-256; raise WorkspaceError when they are damaged."""
    data = connection.execute(select(content.c.data).where(content.c.sha256 == sha256)).scalar_one()
    if hashlib.sha256(data).hexdigest() != sha256:
        raise WorkspaceError(
            "Part of the workspace is damaged: stored bytes no longer match their checksum. Restore the file from a backup."
        )
    return data


def insert_one(connection: Connection, table: Table, values: Mapping[str, object]) -> int:
    """Insert a row and return the number it got."""
    key: Any = connection.execute(insert(table).values(**values)).inserted_primary_key
    return int(key[0])


def add_rows(connection: Connection, table: Table, frame: pd.DataFrame, **same: object) -> int:
    """Insert the frame's rows, with `same` in every row; rows whose key is there already are left; return how many were new."""
    rows = _rows(frame, table, same)
    adding = insert_or(connection, table).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
    return connection.execute(adding, rows).rowcount if rows else 0


def replace_rows(connection: Connection, table: Table, frame: pd.DataFrame) -> None:
    """Insert the frame's rows; a row with the same key is replaced."""
    rows = _rows(frame, table, {})
    adding = insert_or(connection, table)
    told = {column.name: adding.excluded[column.name] for column in table.c if not column.primary_key}
    if rows:
        connection.execute(adding.on_conflict_do_update(index_elements=list(table.primary_key), set_=told), rows)


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
