"""How a table declares itself: columns with description, unit and bounds, checked all together.

A column is annotated with the kind of its values, `lat: Number = column(...)`, and `Accounts.lat` is its name. So pandera reads
the kinds as types of values, while a type checker reads them as what code gets from the class: text.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
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
        sound = _sound(cls, frame)
        if sound is not None:
            return sound
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
        return _empty(cls).copy(deep=False)


_TEXT = pd.Series(dtype="str").dtype
_KINDS: dict[str, Any] = {name: np.dtype(name) for name in ("bool", "int64", "float64", "datetime64[ns]")} | {"string[pyarrow]": _TEXT}
_MOMENTS = tuple(np.dtype(f"datetime64[{unit}]") for unit in ("s", "ms", "us"))
_RULES: dict[str, Callable[[pd.Series, dict[str, Any]], bool]] = {
    "greater_than_or_equal_to": lambda values, bound: bool((values >= bound["min_value"]).all()),
    "greater_than": lambda values, bound: bool((values > bound["min_value"]).all()),
    "less_than_or_equal_to": lambda values, bound: bool((values <= bound["max_value"]).all()),
    "less_than": lambda values, bound: bool((values < bound["max_value"]).all()),
    "isin": lambda values, bound: bool(values.isin(list(bound["allowed_values"])).all()),
    "str_length": lambda values, bound: bool((values.str.len() >= (bound["min_value"] or 0)).all()) and not bound["max_value"],
}


def _sound(table: type[Table], frame: Frame) -> Frame | None:
    """Return a frame in the declared types when it breaks no rule, None where only pandera can tell or say what is wrong.

    Most tables checked were made by our own functions or come from our own workspace: this takes a tenth of the time of `validate`.
    """
    schema, index = table.to_schema(), frame.index
    if not frame.columns.is_unique:
        return None
    if schema.index is not None:
        if len(frame) == 0 and index.name == schema.index.name:
            index = index.astype(_TEXT)
        if not (index.name == schema.index.name and index.dtype == _TEXT and index.is_unique and not index.hasnans):
            return None
    later, settled = _later_columns(table), {}
    for name, declared in schema.columns.items():
        if name not in frame and not later[name]:
            return None
        before = frame[name] if name in frame else pd.Series(None, index=frame.index, dtype=object)
        values = _in_kind(before, _KINDS.get(str(declared.dtype)))
        if values is None or not _keeps_rules(values, declared):
            return None
        if values is not before:
            settled[name] = values
    whole = frame.assign(**settled) if settled else frame.copy(deep=False)
    return whole if index is frame.index else whole.set_axis(index)


def _in_kind(values: pd.Series, kind: Any) -> pd.Series | None:
    """Return a column in its declared kind, None where that takes more than naming the kind of nothing, whole numbers or moments."""
    if values.dtype == kind:
        return values
    if kind is None:
        return None
    if values.dtype == object and values.isna().all():
        return pd.Series(None, index=values.index, dtype=kind, name=values.name) if kind.kind not in "bi" or values.empty else None
    if kind == np.float64 and values.dtype.kind == "i":
        return values.astype(kind)
    moments = (
        values.dtype in _MOMENTS and kind.kind == "M" and (values.isna().all() or values.between(pd.Timestamp.min, pd.Timestamp.max).all())
    )
    return values.astype(kind) if moments else None


def _keeps_rules(values: pd.Series, declared: Any) -> bool:
    known = values.dropna() if values.hasnans else values
    if len(known) < len(values) and not declared.nullable:
        return False
    return all(check.name in _RULES and _RULES[check.name](known, check.statistics) for check in declared.checks)


@cache
def _later_columns(table: type[Table]) -> dict[str, bool]:
    return {name: bool((declared.metadata or {}).get("later")) for name, declared in table.to_schema().columns.items()}


@cache
def _empty(table: type[Table]) -> pd.DataFrame:
    return table.check(_no_rows(table))


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
