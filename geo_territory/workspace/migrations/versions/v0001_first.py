"""The first version: account lists, policies, overrides, reps, calls, designs and the audit."""

from alembic import op
from sqlalchemy import Column, DateTime, Float, ForeignKey, Integer, LargeBinary, UniqueConstraint

from geo_territory.workspace.ddl import TEXT, refuse_changes, word

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table("about", Column("schema_version", Integer, nullable=False), Column("created_at", DateTime, nullable=False))
    op.create_table("content", word("sha256", primary_key=True), Column("data", LargeBinary, nullable=False))
    _people()
    _lists()
    _designs()
    audit = (word("who"), word("what"), word("object"), word("old", nullable=True), word("new", nullable=True), word("why", nullable=True))
    seq = Column("seq", Integer, primary_key=True, autoincrement=False)
    op.create_table("audit", seq, Column("at", DateTime, nullable=False), *audit)
    refuse_changes(op.get_bind(), "audit", "designs", "design_units", "design_territories")


def _people() -> None:
    op.create_table(
        "overrides",
        word("account_id", primary_key=True),
        word("tier"),
        word("reason"),
        word("set_by", nullable=True),
        Column("until", DateTime),
    )
    op.create_table(
        "reps",
        word("rep_id", primary_key=True),
        word("name"),
        word("email", nullable=True),
        word("role"),
        Column("fte", Float, nullable=False),
        Column("lat", Float),
        Column("lon", Float),
        Column("leave_days", Float, nullable=False),
        word("territory_id", nullable=True),
    )
    op.create_table(
        "calls",
        word("call_id", primary_key=True),
        word("account_id"),
        word("rep_id"),
        word("role"),
        Column("date", DateTime, nullable=False),
        word("channel"),
        word("outcome"),
        Column("duration_min", Float),
    )


def _lists() -> None:
    counts = ("rows_in", "accounts_total", "rows_accepted", "rows_fixed", "rows_warned", "rows_rejected")
    op.create_table(
        "imports",
        Column("import_id", Integer, primary_key=True),
        Column("turn", Integer, nullable=False, unique=True),
        word("file_name"),
        word("sha256"),
        word("headings"),
        word("value_column"),
        Column("imported_at", DateTime, nullable=False),
        word("imported_by"),
        *(Column(name, Integer, nullable=False) for name in counts),
        *(Column(part, TEXT, ForeignKey("content.sha256"), nullable=False) for part in ("accounts", "original", "report")),
        UniqueConstraint("sha256", "headings", "value_column"),
    )
    op.create_table(
        "policies",
        Column("policy_id", Integer, primary_key=True),
        word("toml"),
        word("decides"),
        Column("saved_at", DateTime, nullable=False),
        word("saved_by"),
        word("why"),
    )


def _designs() -> None:
    op.create_table(
        "designs",
        Column("design_id", Integer, primary_key=True),
        word("name"),
        Column("created_at", DateTime, nullable=False),
        word("created_by"),
        word("policy"),
        Column("import_id", Integer, ForeignKey("imports.import_id"), nullable=False),
        Column("parts", TEXT, ForeignKey("content.sha256"), nullable=False),
        word("scorecard"),
        word("stamp"),
    )
    op.create_table(
        "design_units",
        Column("design_id", Integer, ForeignKey("designs.design_id"), primary_key=True),
        word("unit_id", primary_key=True),
        word("territory_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "design_territories",
        Column("design_id", Integer, ForeignKey("designs.design_id"), primary_key=True),
        word("territory_id", primary_key=True),
        word("name"),
        word("color"),
        word("rep_id", nullable=True),
        sqlite_with_rowid=False,
    )
