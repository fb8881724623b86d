"""The SQL tables of a workspace; columns that mirror a declared table are made from its declaration.

    about                 one row: which schema this file has
    content               bytes by their SHA-256: account lists, original rows, row reports, parts of designs
    imports               one row per imported account file, its blobs by hash
    policies              every policy saved, newest is in force
    overrides reps calls  current rows
    designs               one row per saved design; its units and territories beside it; immutable
    drafts                one row per draft of a design, its edits beside it, append-only, and how far each browser tab was heard
    audit                 append-only

The tables of people are in `people_schema`, of what is published in `cycle_schema`.

Triggers refuse any update or delete of the audit, of designs and of edits; content is checked against its hash when it is read.
"""

from __future__ import annotations

from sqlalchemy import Column, DateTime, ForeignKey, Index, Integer, LargeBinary, Table, Text, UniqueConstraint

from geo_territory import tables
from geo_territory.workspace import cycle_schema
from geo_territory.workspace.columns import METADATA as METADATA
from geo_territory.workspace.columns import declared_columns

SCHEMA_VERSION = 3

about = Table("about", METADATA, Column("schema_version", Integer, nullable=False), Column("created_at", DateTime, nullable=False))

content = Table("content", METADATA, Column("sha256", Text, primary_key=True), Column("data", LargeBinary, nullable=False))

imports = Table(
    "imports",
    METADATA,
    Column("import_id", Integer, primary_key=True),
    Column("turn", Integer, nullable=False, unique=True, comment="the highest turn is the account list in force"),
    Column("file_name", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("headings", Text, nullable=False),
    Column("value_column", Text, nullable=False),
    Column("imported_at", DateTime, nullable=False),
    Column("imported_by", Text, nullable=False),
    Column("rows_in", Integer, nullable=False),
    Column("accounts_total", Integer, nullable=False),
    *(Column(f"rows_{outcome}", Integer, nullable=False) for outcome in tables.ROW_OUTCOMES),
    *(Column(part, ForeignKey("content.sha256"), nullable=False) for part in ("accounts", "original", "report")),
    UniqueConstraint("sha256", "headings", "value_column"),
)

policies = Table(
    "policies",
    METADATA,
    Column("policy_id", Integer, primary_key=True),
    Column("toml", Text, nullable=False),
    Column("decides", Text, nullable=False),
    Column("saved_at", DateTime, nullable=False),
    Column("saved_by", Text, nullable=False),
    Column("why", Text, nullable=False),
)

overrides = Table("overrides", METADATA, *declared_columns(tables.Overrides))
reps = Table("reps", METADATA, *declared_columns(tables.Reps))
calls = Table("calls", METADATA, *declared_columns(tables.Calls))
Index("calls_of_account", calls.c[tables.Calls.account_id])
Index("calls_of_rep", calls.c[tables.Calls.rep_id], calls.c[tables.Calls.date])

designs = Table(
    "designs",
    METADATA,
    Column("design_id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("created_at", DateTime, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("policy", Text, nullable=False),
    Column("import_id", ForeignKey("imports.import_id"), nullable=False),
    Column("parts", ForeignKey("content.sha256"), nullable=False),
    Column("scorecard", Text, nullable=False),
    Column("stamp", Text, nullable=False),
)


def _part_of_design(name: str, declared: type[tables.Table], *more: Column) -> Table:
    key: Column = Column("design_id", ForeignKey("designs.design_id"), primary_key=True)
    return Table(name, METADATA, key, *declared_columns(declared), *more, sqlite_with_rowid=False)


design_units = _part_of_design("design_units", tables.AlignmentRows)
design_territories = _part_of_design("design_territories", tables.Territories, Column(tables.Reps.rep_id, Text))

drafts = Table(
    "drafts",
    METADATA,
    Column("draft_id", Integer, primary_key=True),
    Column("design_id", ForeignKey("designs.design_id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("created_at", DateTime, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("closed_at", DateTime),
    Column("closed_as", ForeignKey("designs.design_id"), comment="the design it was saved as; empty when discarded"),
)

draft_edits = Table(
    "draft_edits",
    METADATA,
    Column("draft_id", ForeignKey("drafts.draft_id"), primary_key=True),
    Column("rev", Integer, primary_key=True, comment="1, 2, 3 … without gaps"),
    Column("kind", Text, nullable=False),
    Column("tab", Text, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("who", Text, nullable=False),
    Column("at", DateTime, nullable=False),
    Column("of", Integer, comment="the edit an undo, redo or revert speaks of"),
    Column("reason", Text, nullable=False),
    Column("body", Text, nullable=False, comment="what changed, as JSON"),
    UniqueConstraint("draft_id", "tab", "seq"),
)

draft_tabs = Table(
    "draft_tabs",
    METADATA,
    Column("draft_id", ForeignKey("drafts.draft_id"), primary_key=True),
    Column("tab", Text, primary_key=True),
    Column("seq", Integer, nullable=False, comment="the highest operation looked at, refused ones too"),
)

audit = Table(
    "audit",
    METADATA,
    Column(tables.Audit.seq, Integer, primary_key=True, autoincrement=False, comment="1, 2, 3 … without gaps"),
    *(column for column in declared_columns(tables.Audit) if column.name != tables.Audit.seq),
    Column("hash", Text, nullable=False, comment="the seal, see seal.py"),
)

IMMUTABLE = (audit, designs, design_units, design_territories, draft_edits, *cycle_schema.IMMUTABLE)
