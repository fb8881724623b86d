"""The SQL tables of people.

    persons    who ever changed anything: a random key that stands for the person for good, and the e-mail until it is erased
    users      who may sign in, and as what
    days_off   days a rep makes no calls
    calendar   days nobody, a role or a rep makes calls
    requests   what reps ask for

Wherever the workspace writes down who did something, it writes the person's key: so a person can be forgotten while what was
done stays written.
"""

from __future__ import annotations

from sqlalchemy import Column, DateTime, Index, Integer, PrimaryKeyConstraint, Table, Text

from geo_territory import tables
from geo_territory.tables import DaysOff, Requests
from geo_territory.workspace.columns import METADATA, declared_columns

persons = Table(
    "persons",
    METADATA,
    Column("person_key", Text, primary_key=True),
    Column("email", Text, unique=True, comment="what the person is known by; empty once erased"),
    Column("since", DateTime, nullable=False),
    Column("erased_at", DateTime),
)

users = Table("users", METADATA, *declared_columns(tables.Users))

days_off = Table("days_off", METADATA, *declared_columns(DaysOff), PrimaryKeyConstraint(DaysOff.rep_id, DaysOff.date))

calendar = Table("calendar", METADATA, Column("line", Integer, primary_key=True), *declared_columns(tables.Calendar))

requests = Table("requests", METADATA, *declared_columns(Requests))
Index("requests_of_rep", requests.c[Requests.rep_id])
