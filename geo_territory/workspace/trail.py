"""The audit's line for one change, written in the same transaction as the change and sealed to the line before it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from geo_territory.errors import WorkspaceError
from geo_territory.tables import Audit
from geo_territory.workspace import persons, schema
from geo_territory.workspace.seal import sealed

_LINE = tuple(schema.audit.c[name] for name in Audit.columns())


@dataclass(frozen=True)
class Line:
    """What was done to which thing (such as design 3), with the text before and after."""

    what: str
    thing: str
    old: str | None = None
    new: str | None = None


def record(
    connection: Connection, at: datetime, who: str, what: str, thing: str, *, old: str | None = None, new: str | None = None, why: str = ""
) -> None:
    """Write down who did what to which thing (such as design 3) at a moment [UTC], with the text before and after, and why."""
    record_all(connection, at, who, [Line(what, thing, old, new)], why)


def record_all(connection: Connection, at: datetime, who: str, lines: Iterable[Line], why: str = "") -> None:
    """Write down several things that somebody did at once, in their order.

    The person is written as their key: `persons` knows the e-mail behind it until it is erased.
    """
    newest = select(schema.audit.c[Audit.seq], schema.audit.c.hash).order_by(schema.audit.c[Audit.seq].desc()).limit(1)
    last, before = connection.execute(newest).one_or_none() or (0, "")
    rows, key = [], persons.key_of(connection, who, at)
    for seq, line in enumerate(lines, start=last + 1):
        values = (seq, at, key, line.what, line.thing, line.old, line.new, why or None)
        before = sealed(before, values)
        rows.append(dict(zip(Audit.columns(), values, strict=True)) | {"hash": before})
    if rows:
        connection.execute(insert(schema.audit), rows)


def verify(connection: Connection) -> int:
    """Return how many lines the audit has, each sealed to the one before it.

    Raises WorkspaceError naming the first line that was changed, or that follows a line that is missing. Lines cut off at the end
    leave no sign.
    """
    seq, before = 0, ""
    for *line, seal in connection.execute(select(*_LINE, schema.audit.c.hash).order_by(schema.audit.c[Audit.seq])):
        if line[0] != seq + 1:
            raise WorkspaceError(f"Line {seq + 1} of the audit is missing: restore the workspace from a backup.")
        seq, before = line[0], sealed(before, line)
        if before != seal:
            at, what = f"{line[1]:%Y-%m-%d %H:%M}", line[3]
            raise WorkspaceError(
                f"Line {seq} of the audit ({at}, {what}) was changed by something other than Geo Territory: "
                "restore the workspace from a backup."
            )
    return seq
