"""How a table declares itself: columns with description, unit and bounds, checked all together.

A column is annotated with the kind of its values, `lat: Number = column(...)`, and `Accounts.lat` is its name. So pandera reads
the kinds as types of values, while a type checker reads them as what code gets from the class: text.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

import pandas as pd
import pandera.pandas as pa
from pandera.typing import Index

from geo_territory.errors import TableError

if TYPE_CHECKING:
    Number = str
    Whole = str
    Flag = str
    Day = str
    Id = str
else:
    Number, Whole, Flag, Day, Id = float, int, bool, pd.Timestamp, Index[str]

Frame = TypeVar("Frame", bound=pd.DataFrame)


def column(description: str, *, unit: str | None = None, later: bool = False, **checks: Any) -> Any:
    """Declare a column: what it means, its unit, and its bounds (pandera's `ge`, `le`, `isin`, `nullable`…).

    `later`: it came after tables without it had been kept, so `Table.check` adds it, empty, where it is missing.
    """
    return pa.Field(description=description, metadata={"unit": unit, "later": later}, **checks)


def identifier() -> Any:
    """Declare the index of a table with one row per thing: its id, text, never twice."""
    return pa.Field(unique=True, check_name=True)


class Table(pa.DataFrameModel):
    """Base of all declared tables."""

    class Config:
        """Types are coerced; columns beyond the declared ones are kept."""

        coerce = True
        strict = False

    @classmethod
    def check(cls, frame: Frame) -> Frame:
        """Return `frame` in the declared types; raise TableError naming every fault with its rows."""
        missing = [name for name, is_later in _later_columns(cls).items() if is_later and name not in frame]
        try:
            return cls.validate(frame.assign(**dict.fromkeys(missing)) if missing else frame, lazy=True)
        except pa.errors.SchemaErrors as error:
            raise TableError(f"{cls.__name__}: {_faults(error.failure_cases)}") from error

    @classmethod
    def columns(cls) -> list[str]:
        """Return the declared column names, without the index."""
        return list(cls.to_schema().columns)

    @classmethod
    def unit(cls, name: str) -> str | None:
        """Return the unit of a column, None when it has none."""
        return (cls.to_schema().columns[name].metadata or {}).get("unit")

    @classmethod
    def empty(cls) -> pd.DataFrame:
        """Return the table with no row."""
        return cls.check(_no_rows(cls))


@cache
def _later_columns(table: type[Table]) -> dict[str, bool]:
    return {name: bool((declared.metadata or {}).get("later")) for name, declared in table.to_schema().columns.items()}


def _no_rows(table: type[Table]) -> pd.DataFrame:
    schema = table.to_schema()
    index = pd.Index([], name=schema.index.name, dtype="str") if schema.index is not None and schema.index.name else None
    return pd.DataFrame({name: pd.Series([], dtype="object") for name in schema.columns}, index=index)


def _faults(cases: pd.DataFrame) -> str:
    """Return one clause per faulty column and check, with the first rows it concerns."""
    clauses = []
    for (name, rule), rows in cases.astype({"column": "str", "check": "str"}).groupby(["column", "check"], sort=True):
        if rule == "column_in_dataframe":
            clauses.append(f"column '{rows['failure_case'].iloc[0]}' is missing")
            continue
        if rule.startswith("dtype("):
            continue
        where = ", ".join(repr(i) for i in rows["index"].head(3))
        more = f" and {len(rows) - 3} more" if len(rows) > 3 else ""
        clauses.append(f"{name} fails {rule} at [{where}]{more} (found {rows['failure_case'].iloc[0]!r})")
    return " · ".join(clauses)
