"""The days each role's publication is in force: never two at once for a role, whatever is approved and withdrawn.

An approved publication ends, on the day before it begins, what was in force for the roles it covers, and everything of an earlier
one of the same territories (the same `role` drawn). `ended_by` remembers which one did, so that taking it out brings back what was.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, or_, select, update

from geo_territory.errors import WorkspaceError
from geo_territory.tables import Ownership
from geo_territory.workspace.cycle_schema import publication_roles, publications
from geo_territory.workspace.publications import PublicationRecord
from geo_territory.workspace.scope import KEY

DAYS = publication_roles.c
FROM, TO = DAYS[Ownership.valid_from], DAYS[Ownership.valid_to]


def put_in_force(connection: Connection, record: PublicationRecord, first: datetime) -> str | None:
    """Let a publication hold from a day on, end what it replaces on the day before, and return the names of that; None for nothing.

    Raises WorkspaceError when something that concerns it holds from a later day on.
    """
    covered = connection.execute(select(DAYS.role).where(DAYS[KEY] == record.publication_id)).scalars().all()
    concerned = (DAYS[KEY] != record.publication_id) & or_(DAYS.role.in_(covered), publications.c.role == record.role)
    for row in _held(connection, concerned):
        start, end = row._mapping[Ownership.valid_from], row._mapping[Ownership.valid_to]
        if start > first:
            raise WorkspaceError(
                f"{row.name} is approved from {start:%Y-%m-%d} on for {row.role}: choose that day or a later one, or withdraw it first."
            )
        if end is not None and end >= first and row.role in covered:
            raise WorkspaceError(f"{row.name} holds until {end:%Y-%m-%d} for {row.role}: choose a day after it.")
    replaced = _held(connection, concerned & TO.is_(None))
    _set(connection, replaced, {Ownership.valid_to: first - timedelta(days=1), "ended_by": record.publication_id})
    connection.execute(update(publication_roles).where(DAYS[KEY] == record.publication_id).values({Ownership.valid_from: first}))
    return ", ".join(sorted({row.name for row in replaced})) or None


def take_out(connection: Connection, record: PublicationRecord) -> None:
    """Let a publication hold no longer on any day; what it was to end goes on.

    Raises WorkspaceError when one approved later counts on it.
    """
    own = _held(connection, DAYS[KEY] == record.publication_id)
    restored = _held(connection, DAYS.ended_by == record.publication_id)
    later = _held(connection, DAYS[KEY].in_([row.ended_by for row in own if row.ended_by is not None]))
    for row in restored:
        after = row._mapping[Ownership.valid_from] <= FROM
        lasting = or_(TO.is_(None), TO >= FROM)
        others = DAYS[KEY].not_in([row._mapping[KEY], record.publication_id])
        later += _held(connection, (DAYS.role == row.role) & after & lasting & others)
    if later:
        raise WorkspaceError(f"{later[-1].name} was approved after {record.name} and follows it: withdraw {later[-1].name} first.")
    _set(connection, own, {Ownership.valid_from: None, Ownership.valid_to: None})
    _set(connection, restored, {Ownership.valid_to: None, "ended_by": None})


def _held(connection: Connection, condition: Any) -> list[Row[Any]]:
    """Return the intervals of approved publications that meet a condition, with the name of each, the earliest first."""
    joined = select(publication_roles, publications.c.name).join(publications, DAYS[KEY] == publications.c[KEY])
    return list(connection.execute(joined.where(FROM.is_not(None), condition).order_by(FROM, publications.c.turn)))


def _set(connection: Connection, rows: Sequence[Row[Any]], values: dict[str, Any]) -> None:
    for row in rows:
        this = (DAYS[KEY] == row._mapping[KEY]) & (DAYS.role == row.role)
        connection.execute(update(publication_roles).where(this).values(values))
