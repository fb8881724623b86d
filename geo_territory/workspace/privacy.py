"""Personal data: what is kept about a person, how long, and how it is erased (domain.md, fairness and privacy).

A person is erased from every table that may change. What may never change names people by their key only, so that the audit, the
designs and the edits stay whole while nobody can tell any longer who the key was.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Select, Table, func, or_, select, update

from geo_territory import tables
from geo_territory.errors import WorkspaceError
from geo_territory.rights import LEADER
from geo_territory.tables import Audit, Calls, DaysOff, Overrides, Reps, Requests, Users
from geo_territory.workspace import cycle_schema, people_schema, persons, schema
from geo_territory.workspace.access import Access
from geo_territory.workspace.scope import assigned

ERASED = "erased"


@dataclass(frozen=True)
class Retention:
    """How long personal data is kept: notes of calls, in months (domain.md: 24). Positions are never kept at all."""

    notes_months: int = 24

    def __post_init__(self) -> None:
        """Raise WorkspaceError unless notes are kept for a month or more."""
        if self.notes_months < 1:
            raise WorkspaceError(f"Notes are kept for one month or more: got {self.notes_months}.")


@dataclass(frozen=True)
class _Known:
    """What a person is known by: their e-mails, the rep ids they are, their keys."""

    emails: tuple[str, ...]
    rep_ids: tuple[str, ...]
    keys: tuple[str, ...]


def about(connection: Connection, rep_id_or_email: str) -> dict[str, pd.DataFrame]:
    """Return everything kept about a person, one table by name."""
    known = _find(connection, rep_id_or_email)
    people = persons.emails(connection)
    served = cycle_schema.publication_assignments.c
    days = (cycle_schema.publication_roles.c[name] for name in (tables.Ownership.valid_from, tables.Ownership.valid_to))
    columns = (served[name] for name in (tables.Assignments.account_id, *tables.TerritoryReps.columns()))
    mine = select(*columns, *days).select_from(assigned()).where(served[Reps.rep_id].in_(known.rep_ids))
    found = {
        "users": _rows(connection, people_schema.users, Users.email, known.emails),
        "reps": _rows(connection, schema.reps, Reps.rep_id, known.rep_ids),
        "days_off": _rows(connection, people_schema.days_off, DaysOff.rep_id, known.rep_ids),
        "calls": _rows(connection, schema.calls, Calls.rep_id, known.rep_ids),
        "retracted_calls": _rows(connection, cycle_schema.retracted_calls, Calls.rep_id, known.rep_ids),
        "requests": _rows(connection, people_schema.requests, Requests.rep_id, known.rep_ids),
        "overrides": _rows(connection, schema.overrides, Overrides.set_by, (*known.keys, *known.emails)),
        "audit": _rows(connection, schema.audit, Audit.who, known.keys).drop(columns="hash", errors="ignore"),
        "served": _frame(connection, mine),
    }
    texts = {"audit": [Audit.who, Audit.object], "overrides": [Overrides.set_by], "requests": [Requests.answered_by]}
    return {name: persons.shown_in(frame, texts.get(name, []), people) for name, frame in found.items()}


def forget(access: Access, connection: Connection, rep_id_or_email: str, who: str, why: str) -> str:
    """Erase a person within a write transaction; see `People.forget`."""
    known, now = _find(connection, rep_id_or_email), access.clock()
    _keep_a_leader(connection, known)
    key = known.keys[0] if known.keys else persons.key_of(connection, known.rep_ids[0], now)
    _erase_user(connection, known, key)
    for table in (schema.reps, cycle_schema.cycle_reps):
        blank = {Reps.name: key, Reps.email: None, Reps.lat: None, Reps.lon: None}
        connection.execute(update(table).where(table.c[Reps.rep_id].in_(known.rep_ids)).values(blank))
    for table in (schema.calls, cycle_schema.retracted_calls):
        connection.execute(update(table).where(table.c[Calls.rep_id].in_(known.rep_ids)).values({Calls.note: None}))
    asked = people_schema.requests
    connection.execute(update(asked).where(asked.c[Requests.rep_id].in_(known.rep_ids)).values({Requests.reason: ERASED}))
    answered = asked.c[Requests.answered_by].in_(known.keys)
    connection.execute(update(asked).where(answered).values({Requests.answer: ERASED}))
    off = people_schema.days_off
    connection.execute(update(off).where(off.c[DaysOff.rep_id].in_(known.rep_ids)).values({DaysOff.reason: None}))
    for table, name in _WRITTEN:
        connection.execute(update(table).where(table.c[name].in_(known.emails)).values({name: key}))
    access.record(connection, who, "person erased", key, why=why)
    for old in {*known.keys, key}:
        persons.erase(connection, old, now)
    return key


def retain(access: Access, connection: Connection, policy: Retention, who: str) -> dict[str, int]:
    """Erase notes kept long enough within a write transaction; see `People.retain`."""
    before: datetime = (pd.Timestamp(access.clock()).normalize() - pd.DateOffset(months=policy.notes_months)).to_pydatetime()
    gone = 0
    for table in (schema.calls, cycle_schema.retracted_calls):
        due = (table.c[Calls.date] < before) & table.c[Calls.note].is_not(None)
        gone += connection.execute(update(table).where(due).values({Calls.note: None})).rowcount
    if gone:
        new = f"{gone} notes of calls before {before:%Y-%m-%d}"
        access.record(connection, who, "notes erased", "calls", new=new, why=f"kept for {policy.notes_months} months")
    return {"notes": gone}


# Where a person may stand written by e-mail in a table that may change.
_WRITTEN: tuple[tuple[Table, str], ...] = (
    (schema.imports, "imported_by"),
    (schema.policies, "saved_by"),
    (schema.overrides, Overrides.set_by),
    (schema.drafts, "created_by"),
)


def _find(connection: Connection, rep_id_or_email: str) -> _Known:
    """Return what a person is known by; raise WorkspaceError when nobody is known by that."""
    text = rep_id_or_email.strip()
    rows, people = schema.reps.c, people_schema.users.c
    reps = connection.execute(
        select(rows[Reps.rep_id], rows[Reps.email]).where(or_(rows[Reps.rep_id] == text, func.lower(rows[Reps.email]) == text.lower()))
    ).all()
    rep_ids = {rep_id for rep_id, _ in reps}
    users = connection.execute(
        select(people[Users.email], people[Users.rep_id]).where(
            or_(people[Users.email] == text.lower(), people[Users.rep_id].in_(rep_ids), people[Users.rep_id] == text)
        )
    ).all()
    rep_ids |= {rep_id for _, rep_id in users if rep_id}
    emails = {email.lower() for _, email in reps if email} | {email for email, _ in users}
    more = connection.execute(select(rows[Reps.email]).where(rows[Reps.rep_id].in_(rep_ids), rows[Reps.email].is_not(None))).scalars()
    emails |= {email.lower() for email in more} | {text}
    wanted = people_schema.persons
    keys = connection.execute(
        select(wanted.c.person_key).where(or_(wanted.c.email.in_(emails), func.lower(wanted.c.email).in_(emails)))
    ).scalars()
    found = _Known(tuple(sorted(emails)), tuple(sorted(rep_ids)), tuple(sorted(keys)))
    if not (users or rep_ids or found.keys):
        raise WorkspaceError("Nobody is known by that: give a rep's id, or an e-mail of the list of people.")
    return found


def _keep_a_leader(connection: Connection, known: _Known) -> None:
    people = people_schema.users.c
    leaders = connection.execute(select(people[Users.email]).where(people[Users.app_role] == LEADER, people.active)).scalars().all()
    if leaders and set(leaders) <= set(known.emails):
        raise WorkspaceError("This is the only leader, and somebody must lead: make another person leader first.")


def _erase_user(connection: Connection, known: _Known, key: str) -> None:
    """Leave of what a person signed in with one line that says nothing and lets nobody in."""
    people = people_schema.users
    for number, email in enumerate(known.emails):
        blank = {Users.email: key if number == 0 else f"{key}-{number}", Users.name: key, Users.active: False}
        connection.execute(update(people).where(people.c[Users.email] == email).values(blank))


def _rows(connection: Connection, table: Table, name: str, values: tuple[str, ...]) -> pd.DataFrame:
    return _frame(connection, select(table).where(table.c[name].in_(values)))


def _frame(connection: Connection, statement: Select[Any]) -> pd.DataFrame:
    result = connection.execute(statement)
    return pd.DataFrame.from_records([tuple(row) for row in result], columns=list(result.keys()))
