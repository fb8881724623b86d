"""What migrations are written with: columns that sort alike on both databases, and tables that refuse update and delete."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Connection, Text, text

from geo_territory.workspace.address import POSTGRESQL

TEXT = Text().with_variant(Text(collation="C"), POSTGRESQL)
VERBS = ("update", "delete")

_REFUSAL = """
CREATE OR REPLACE FUNCTION geo_territory_refuses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END $$
"""


def word(name: str, **more: Any) -> Column:
    """Return a column of text that is never empty unless `nullable=True` is given; PostgreSQL sorts it by its bytes as SQLite does."""
    return Column(name, TEXT, **{"nullable": False, **more})


def refuse_changes(connection: Connection, *tables: str) -> None:
    """Make tables refuse update and delete (on PostgreSQL truncate, too)."""
    is_server = connection.dialect.name == POSTGRESQL
    if is_server:
        connection.execute(text(_REFUSAL))
    for table in tables:
        for verb in VERBS:
            does = "FOR EACH ROW EXECUTE FUNCTION geo_territory_refuses()" if is_server else _abort(table)
            connection.execute(text(f"CREATE TRIGGER {table}_refuses_{verb} BEFORE {verb.upper()} ON {table} {does}"))
        if is_server:
            does = "FOR EACH STATEMENT EXECUTE FUNCTION geo_territory_refuses()"
            connection.execute(text(f"CREATE TRIGGER {table}_refuses_truncate BEFORE TRUNCATE ON {table} {does}"))


def allow_changes(connection: Connection, *tables: str) -> None:
    """Let tables be updated and deleted from, until `refuse_changes`: for a migration that has to rewrite them."""
    is_server = connection.dialect.name == POSTGRESQL
    for table in tables:
        for verb in (*VERBS, "truncate") if is_server else VERBS:
            connection.execute(text(f"DROP TRIGGER {table}_refuses_{verb}" + (f" ON {table}" if is_server else "")))


def _abort(table: str) -> str:
    return f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
