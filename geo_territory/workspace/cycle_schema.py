"""The SQL tables of what is published.

    cycles              one row per period; the policy it was closed with
    cycle_reps cycle_overrides cycle_calendar   the set-up a cycle was closed with
    publications        one row per design handed in; who approved it, from when it holds
    publication_roles   for each role it covers: the days it is in force, never two at once for a role
    publication_assignments publication_territories publication_reps   what it says; immutable
    publication_places   where its accounts lie, for a GIS; immutable
    retracted_calls     calls taken back: they stay taken back when they are sent again

`IMMUTABLE` are those that refuse update and delete.
"""

from __future__ import annotations

from sqlalchemy import Column, DateTime, Float, ForeignKey, Index, Integer, LargeBinary, PrimaryKeyConstraint, Table, Text

from geo_territory import tables
from geo_territory.tables import Assignments, Calls, Ownership, TerritoryReps
from geo_territory.workspace.columns import METADATA, declared_columns

cycles = Table(
    "cycles",
    METADATA,
    *declared_columns(tables.Cycles),
    Column("policy", Text, comment="the policy in force when it was closed, as TOML"),
)


def _part_of_cycle(name: str, declared: type[tables.Table], *more: Column) -> Table:
    key: Column = Column(tables.Cycles.cycle_id, ForeignKey("cycles.cycle_id"), primary_key=True)
    return Table(name, METADATA, key, *more, *declared_columns(declared))


cycle_reps = _part_of_cycle("cycle_reps", tables.Reps)
cycle_overrides = _part_of_cycle("cycle_overrides", tables.Overrides)
cycle_calendar = _part_of_cycle("cycle_calendar", tables.Calendar, Column("line", Integer, primary_key=True))

publications = Table(
    "publications",
    METADATA,
    Column(Ownership.publication_id, Integer, primary_key=True),
    Column("turn", Integer, unique=True, comment="the order of approval; empty until approved"),
    Column("design_id", ForeignKey("designs.design_id")),
    Column("role", Text, nullable=False, comment="the role whose territories it draws"),
    Column("name", Text, nullable=False),
    Column(tables.Cycles.cycle_id, ForeignKey("cycles.cycle_id"), comment="the cycle it begins in; empty until approved"),
    Column("import_id", ForeignKey("imports.import_id"), nullable=False),
    Column("policy", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("submitted_by", Text, nullable=False),
    Column("submitted_at", DateTime, nullable=False),
    Column("approved_by", Text),
    Column("approved_at", DateTime),
    Column(Ownership.valid_from, DateTime, comment="first day in force; empty until approved"),
    Column("withdrawn_by", Text),
    Column("withdrawn_at", DateTime),
)

publication_roles = Table(
    "publication_roles",
    METADATA,
    Column(Ownership.publication_id, ForeignKey("publications.publication_id"), primary_key=True),
    Column("role", Text, primary_key=True),
    Column(Ownership.valid_from, DateTime, comment="first day; empty unless approved and not withdrawn"),
    Column(Ownership.valid_to, DateTime, comment="last day; empty for no end"),
    Column("ended_by", ForeignKey("publications.publication_id"), comment="the publication that ended it"),
)
_open_ended = publication_roles.c[Ownership.valid_from].is_not(None) & publication_roles.c[Ownership.valid_to].is_(None)
Index("one_open_end_per_role", publication_roles.c.role, unique=True, sqlite_where=_open_ended, postgresql_where=_open_ended)


def _part_of_publication(name: str, declared: type[tables.Table], *more: Column | PrimaryKeyConstraint) -> Table:
    whole = declared.to_schema().index is not None
    key: Column = Column(Ownership.publication_id, ForeignKey("publications.publication_id"), primary_key=whole)
    return Table(name, METADATA, key, *declared_columns(declared), *more)


publication_assignments = _part_of_publication(
    "publication_assignments",
    Assignments,
    PrimaryKeyConstraint(Ownership.publication_id, Assignments.account_id, Assignments.role),
)
Index("assignments_of_rep", *(publication_assignments.c[name] for name in (Assignments.rep_id, Ownership.publication_id)))
Index("assignments_of_account", publication_assignments.c[Assignments.account_id])

publication_territories = _part_of_publication(
    "publication_territories",
    tables.Territories,
    Column("geometry", LargeBinary, nullable=False, comment="WKB, EPSG:4326"),
    *(Column(side, Float, comment="degree") for side in ("west", "south", "east", "north")),
)

publication_reps = _part_of_publication(
    "publication_reps",
    TerritoryReps,
    PrimaryKeyConstraint(Ownership.publication_id, TerritoryReps.territory_id, TerritoryReps.role),
)

publication_places = Table(
    "publication_places",
    METADATA,
    Column(Ownership.publication_id, ForeignKey("publications.publication_id"), primary_key=True),
    Column(tables.Accounts.account_id, Text, primary_key=True),
    Column(tables.Accounts.name, Text),
    *(Column(name, Float, nullable=False) for name in (tables.Accounts.lat, tables.Accounts.lon)),
)

retracted_calls = Table(
    "retracted_calls",
    METADATA,
    *declared_columns(Calls),
    Column("retracted_by", Text, nullable=False),
    Column("retracted_at", DateTime, nullable=False),
)

IMMUTABLE = (
    publication_assignments,
    publication_territories,
    publication_reps,
    publication_places,
    cycle_overrides,
    cycle_calendar,
)
