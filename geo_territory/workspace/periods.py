"""Cycles as periods: which one holds a day, and what a closed one refuses."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Row, insert, select

from geo_territory.errors import WorkspaceError
from geo_territory.tables import Cycles
from geo_territory.workspace.cycle_schema import cycles


def midnight(day: date | datetime) -> datetime:
    """Return the beginning of a day, as days are stored."""
    return datetime(day.year, day.month, day.day)


def cycle_at(connection: Connection, day: date) -> Row[Any] | None:
    """Return the cycle that holds a day; None when none does."""
    moment = midnight(day)
    holds = (cycles.c[Cycles.start] <= moment) & (cycles.c[Cycles.end] >= moment)
    return connection.execute(select(cycles).where(holds)).one_or_none()


def refuse_frozen(connection: Connection, days: Iterable[date], what: str) -> None:
    """Raise WorkspaceError when one of the days lies in a closed cycle; `what` names what would change."""
    moments = [midnight(day) for day in days]
    for row in connection.execute(select(cycles).where(cycles.c[Cycles.frozen_at].is_not(None)).order_by(cycles.c[Cycles.start])):
        inside = [moment for moment in moments if row.start <= moment <= row.end]
        if inside:
            raise WorkspaceError(
                f"{row.name} is closed, and {min(inside):%Y-%m-%d} lies in it: {what} of a closed cycle stays as it was. "
                f"Choose a day after {row.end:%Y-%m-%d}."
            )


def refuse_past(connection: Connection, first: date) -> None:
    """Raise WorkspaceError when what holds from a day on would hold on a day of a closed cycle."""
    last = select(cycles).where(cycles.c[Cycles.frozen_at].is_not(None)).order_by(cycles.c[Cycles.end].desc()).limit(1)
    row = connection.execute(last).one_or_none()
    if row is not None and midnight(first) <= row.end:
        raise WorkspaceError(f"{row.name} is closed: what was published in it stays as it was. Choose a day after {row.end:%Y-%m-%d}.")


def begin(connection: Connection, name: str, start: date, end: date, at: datetime) -> str:
    """Add a cycle and return its id; raise WorkspaceError when it has no name, no day, or shares days with another."""
    first, last, title = midnight(start), midnight(end), name.strip()
    if not title:
        raise WorkspaceError("A cycle needs a name, such as 2026 Q4.")
    if last < first:
        raise WorkspaceError(f"A cycle ends on its first day or later: {title} would begin {first:%Y-%m-%d} and end {last:%Y-%m-%d}.")
    known = connection.execute(select(cycles)).all()
    for row in known:
        if row.start <= last and row.end >= first:
            raise WorkspaceError(f"{title} would share days with {row.name}, {row.start:%Y-%m-%d} to {row.end:%Y-%m-%d}: choose others.")
        if row.name == title:
            raise WorkspaceError(f"There is a cycle {title} already: give this one another name.")
    cycle_id = str(1 + max((int(getattr(row, Cycles.cycle_id)) for row in known), default=0))
    values = {Cycles.cycle_id: cycle_id, Cycles.name: title, Cycles.start: first, Cycles.end: last, Cycles.opened_at: at}
    connection.execute(insert(cycles).values(values))
    return cycle_id


def quarter(day: date, known: Iterable[Row[Any]]) -> tuple[str, date, date]:
    """Return the name, first and last day of the calendar quarter of a day, cut short where a known cycle begins or ends."""
    period = pd.Period(pd.Timestamp(day), freq="Q")
    start, end, moment = period.start_time.to_pydatetime(), period.end_time.normalize().to_pydatetime(), midnight(day)
    cut = False
    for row in known:
        if start <= row.end < moment:
            start, cut = row.end + pd.Timedelta(days=1), True
        if moment < row.start <= end:
            end, cut = row.start - pd.Timedelta(days=1), True
    name = f"{period.year} Q{period.quarter}"
    return (f"{name}, {start:%d %b} to {end:%d %b}" if cut else name), start, end
