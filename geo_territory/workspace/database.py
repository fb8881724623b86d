"""Open the database of a workspace: one SQLite file, checked before it is touched, safe among threads and processes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, insert, select, text, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, IntegrityError, ProgrammingError

from geo_territory.errors import WorkspaceError
from geo_territory.workspace import schema

PRAGMAS = ("busy_timeout=10000", "journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON")


def open_engine(url: str, now: datetime) -> Engine:
    """Return an engine on the workspace at `url` (`sqlite:///path`); a new file gets the tables, its folder is created.

    A file of an earlier version gets the tables that came later; what it holds stays as it is. Raises WorkspaceError when
    the file is no workspace, is newer than this program, or can't be opened.
    """
    path = _path(url)
    _refuse_foreign(path)
    engine = create_engine(URL.create("sqlite", database=str(path)))
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    try:
        with reading(engine, path) as connection:
            is_current = _version(connection) == schema.SCHEMA_VERSION
        if not is_current:
            with writing(engine, path) as connection:
                _bring_forward(connection, now)
    except WorkspaceError:
        engine.dispose()
        raise
    return engine


@contextmanager
def writing(engine: Engine, path: object) -> Iterator[Connection]:
    """Yield a connection in one write transaction (BEGIN IMMEDIATE): all of it is kept, or nothing."""
    with _explained(path), engine.connect().execution_options(begin="IMMEDIATE") as connection, connection.begin():
        yield connection


@contextmanager
def reading(engine: Engine, path: object) -> Iterator[Connection]:
    """Yield a connection that sees one consistent state."""
    with _explained(path), engine.connect() as connection, connection.begin():
        yield connection


def _path(url: str) -> Path:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise WorkspaceError(f"{url!r} is no address of a workspace: expected sqlite:///path/to/file.") from error
    if parsed.get_backend_name() != "sqlite" or parsed.database in (None, "", ":memory:"):
        raise WorkspaceError(f"A workspace is one SQLite file, sqlite:///path/to/file: got {parsed.render_as_string()!r}.")
    path = Path(str(parsed.database)).expanduser()
    if path.is_dir():
        raise WorkspaceError(f"{path} is a folder: name the file, such as {path / 'workspace.db'}.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WorkspaceError(f"The folder {path.parent} can't be created: {error.strerror}. Choose another place.") from error
    return path


def _refuse_foreign(path: Path) -> None:
    """Raise WorkspaceError unless `path` is missing, empty or a workspace this program knows; change nothing."""
    if not path.exists() or path.stat().st_size == 0:
        return
    found = None
    try:
        with sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True, timeout=10) as connection:
            found = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            if schema.about.name in found:
                found = connection.execute(f"SELECT schema_version FROM {schema.about.name}").fetchone()
        connection.close()
    except sqlite3.DatabaseError as error:
        raise WorkspaceError(f"{path} is not a workspace ({error}). Choose another file; this one was left as it is.") from error
    if isinstance(found, list) and found:
        raise WorkspaceError(f"{path} is a database of another program. Choose another file; this one was left as it is.")
    if isinstance(found, tuple) and found[0] > schema.SCHEMA_VERSION:
        raise WorkspaceError(
            f"{path} was written by a newer Geo Territory (schema {found[0]}, this program knows {schema.SCHEMA_VERSION}): "
            "update Geo Territory, or choose another file."
        )


def _version(connection: Connection) -> int:
    """Return which schema a file has, 0 for a new one."""
    if not connection.dialect.has_table(connection, schema.about.name):
        return 0
    return int(connection.execute(select(schema.about.c.schema_version)).scalar_one())


def _bring_forward(connection: Connection, now: datetime) -> None:
    """Make the tables and triggers that are missing; every version so far only added some to the one before."""
    version = _version(connection)
    if version == schema.SCHEMA_VERSION:
        return  # another process was first
    schema.METADATA.create_all(connection)
    for statement in schema.triggers():
        connection.execute(text(statement))
    stamp = update(schema.about) if version else insert(schema.about).values(created_at=now)
    connection.execute(stamp.values(schema_version=schema.SCHEMA_VERSION))


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    """Leave BEGIN to us and set the pragmas on every new connection."""
    connection.isolation_level = None
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(f"BEGIN {connection.get_execution_options().get('begin', 'DEFERRED')}")


@contextmanager
def _explained(path: object) -> Iterator[None]:
    """Turn what the database refuses (locked, full, read-only, damaged) into words a person can act on."""
    try:
        yield
    except (IntegrityError, ProgrammingError):
        raise
    except DatabaseError as error:
        raise WorkspaceError(f"The workspace {path} refused: {error.orig}. Nothing of this step was kept.") from error
