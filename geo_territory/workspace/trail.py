"""The audit's line for one change, written in the same transaction as the change."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert

from geo_territory.tables import Audit
from geo_territory.workspace import persons, schema


def record(
    connection: Connection, at: datetime, who: str, what: str, thing: str, *, old: str | None = None, new: str | None = None, why: str = ""
) -> None:
    """Write down who did what to which thing (such as design 3) at a moment [UTC], with the text before and after, and why.

    The person is written as their key: `persons` knows the e-mail behind it until it is erased.
    """
    line = {Audit.at: at, Audit.who: persons.key_of(connection, who, at), Audit.what: what, Audit.object: thing}
    connection.execute(insert(schema.audit).values({**line, Audit.old: old, Audit.new: new, Audit.why: why or None}))
