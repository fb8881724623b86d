"""What the SQL tables of a workspace are made of: one list of tables, and columns that mirror a declared table."""

from __future__ import annotations

import pandas as pd
from sqlalchemy import Boolean, Column, DateTime, Float, Integer, MetaData, Text

from geo_territory.table import Table as DeclaredTable

METADATA = MetaData()
_TYPES = {"i": Integer, "f": Float, "b": Boolean, "M": DateTime}


def declared_columns(declared: type[DeclaredTable]) -> list[Column]:
    """Return one SQL column per column of a declared table; its index becomes the primary key."""
    schema, dtypes = declared.to_schema(), declared.empty().dtypes
    columns = [] if schema.index is None else [Column(schema.index.name, Text, primary_key=True)]
    for name, dtype in dtypes.items():
        kind = Text if isinstance(dtype, pd.StringDtype) else _TYPES[dtype.kind]
        columns.append(Column(name, kind, nullable=schema.columns[name].nullable))
    return columns
