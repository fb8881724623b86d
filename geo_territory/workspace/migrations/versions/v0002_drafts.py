"""Drafts, every edit of them, and how far each browser tab was heard."""

from alembic import op
from sqlalchemy import Column, DateTime, ForeignKey, Integer, UniqueConstraint

from geo_territory.workspace.ddl import refuse_changes, word

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "drafts",
        Column("draft_id", Integer, primary_key=True),
        Column("design_id", Integer, ForeignKey("designs.design_id"), nullable=False),
        word("name"),
        Column("created_at", DateTime, nullable=False),
        word("created_by"),
        Column("closed_at", DateTime),
        Column("closed_as", Integer, ForeignKey("designs.design_id")),
    )
    op.create_table(
        "draft_edits",
        Column("draft_id", Integer, ForeignKey("drafts.draft_id"), primary_key=True),
        Column("rev", Integer, primary_key=True),
        word("kind"),
        word("tab"),
        Column("seq", Integer, nullable=False),
        word("who"),
        Column("at", DateTime, nullable=False),
        Column("of", Integer),
        word("reason"),
        word("body"),
        UniqueConstraint("draft_id", "tab", "seq"),
    )
    op.create_table(
        "draft_tabs",
        Column("draft_id", Integer, ForeignKey("drafts.draft_id"), primary_key=True),
        word("tab", primary_key=True),
        Column("seq", Integer, nullable=False),
    )
    refuse_changes(op.get_bind(), "draft_edits")
