"""Open the database of a workspace, bring it forward, and read and write it in transactions; one writer at a time.

SQLite: one file, checked before it is touched, safe among threads and processes (BEGIN IMMEDIATE). PostgreSQL: a write takes an
advisory lock of the database at its beginning, so that it sees all that was written before it; a read sees one state of all tables
(REPEATABLE READ).
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, insert, select, update
from sqlalchemy.exc import DatabaseError, IntegrityError, ProgrammingError, TimeoutError

from geo_territory.errors import WorkspaceError
from geo_territory.workspace import schema
from geo_territory.workspace.address import POSTGRESQL, SQLITE, checked_file, named, parsed
from geo_territory.workspace.gis import lacks_views, make_views

PRAGMAS = ("busy_timeout=10000", "journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "secure_delete=ON")
WAIT = 10  # seconds for a connection and for other writers
WRITERS = 7103042  # the advisory lock of writers, one per database
OLDEST_SERVER = 15
MIGRATIONS = Path(__file__).parent / "migrations"

_ONE_MIGRATES = threading.Lock()  # Alembic keeps what it is doing in its module


def open_engine(url: str, now: datetime) -> Engine:
    """Return an engine on the workspace at `url` (see `address.KINDS`); an empty database gets the tables, a file its folder.

    What an earlier version made is brought forward. Raises WorkspaceError when it is no workspace, is newer than this program, or
    can't be opened.
    """
    address = parsed(url)
    engine = _on_file(address) if address.get_backend_name() == SQLITE else _on_server(address)
    path = named(address)
    try:
        with reading(engine, path) as connection:
            is_ready = _version(connection, path) == schema.SCHEMA_VERSION and not lacks_views(connection)
        if not is_ready:
            with writing(engine, path) as connection:
                _bring_forward(connection, path, now)
                if lacks_views(connection):
                    make_views(connection)
    except WorkspaceError:
        engine.dispose()
        raise
    return engine


def path_of(engine: Engine) -> str:
    """Return what names the workspace of an engine in sentences, without a password."""
    return named(engine.url)


@contextmanager
def writing(engine: Engine, path: object) -> Iterator[Connection]:
    """Yield a connection in one write transaction, the only one at its time: all of it is kept, or nothing."""
    with _explained(engine, path), engine.connect().execution_options(begin="IMMEDIATE") as connection, connection.begin():
        if connection.dialect.name == POSTGRESQL:
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{WAIT}s'; SELECT pg_advisory_xact_lock({WRITERS})")
        yield connection


@contextmanager
def reading(engine: Engine, path: object) -> Iterator[Connection]:
    """Yield a connection that sees one consistent state."""
    with _explained(engine, path), engine.connect() as connection:
        if connection.dialect.name == POSTGRESQL:
            connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with connection.begin():
            yield connection


def settle(engine: Engine) -> None:
    """Write an SQLite file whole, so that nothing erased lingers in the log beside it; what others read at the moment settles later."""
    if engine.dialect.name != POSTGRESQL:
        with closing(engine.raw_connection()) as connection:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").close()


def _on_file(address: URL) -> Engine:
    _refuse_foreign(checked_file(address))
    engine = create_engine(address, hide_parameters=True)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _on_server(address: URL) -> Engine:
    asked = {"connect_timeout": WAIT, "client_encoding": "utf8"}
    asked = {name: value for name, value in asked.items() if name not in address.query}
    try:
        return create_engine(address, connect_args=asked, pool_pre_ping=True, hide_parameters=True)
    except ImportError as error:
        raise WorkspaceError("A workspace in PostgreSQL needs psycopg: pip install 'geo-territory[team]'.") from error


def _refuse_foreign(path: Path) -> None:
    """Raise WorkspaceError unless `path` is missing, empty or a workspace; change nothing."""
    if not path.exists() or path.stat().st_size == 0:
        return
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True, timeout=WAIT)) as connection:
            found = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    except sqlite3.DatabaseError as error:
        raise WorkspaceError(f"{path} is not a workspace ({error}). Choose another file; this one was left as it is.") from error
    if found and schema.about.name not in found:
        raise WorkspaceError(f"{path} is a database of another program. Choose another file; this one was left as it is.")


def _refuse_server(connection: Connection, path: str) -> None:
    """Raise WorkspaceError unless an empty database can become a workspace; what extensions brought doesn't count."""
    version = int((connection.dialect.server_version_info or (0,))[0])
    if version < OLDEST_SERVER:
        raise WorkspaceError(f"{path} is on PostgreSQL {version}: Geo Territory needs {OLDEST_SERVER} or newer.")
    if connection.exec_driver_sql("SHOW server_encoding").scalar_one() != "UTF8":
        raise WorkspaceError(f"{path} can't keep every letter: make the database with the encoding UTF8.")
    others = "SELECT c.relname FROM pg_class c WHERE c.relkind IN ('r', 'p') AND c.relnamespace = current_schema()::regnamespace"
    others += " AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')"
    if connection.exec_driver_sql(others).first() is not None:
        raise WorkspaceError(f"{path} is a database of another program. Choose another, empty one; this one was left as it is.")


def _version(connection: Connection, path: str) -> int:
    """Return which schema a database has, 0 for an empty one. Raises WorkspaceError when it is newer than this program."""
    if not connection.dialect.has_table(connection, schema.about.name):
        return 0
    found = int(connection.execute(select(schema.about.c.schema_version)).scalar_one())
    if found > schema.SCHEMA_VERSION:
        raise WorkspaceError(
            f"{path} was written by a newer Geo Territory (schema {found}, this program knows {schema.SCHEMA_VERSION}): "
            "update Geo Territory, or choose another workspace."
        )
    return found


def _bring_forward(connection: Connection, path: str, now: datetime) -> None:
    """Run the migrations that are missing; files of versions 1 and 2 don't say yet which they had."""
    version = _version(connection, path)
    if version == schema.SCHEMA_VERSION:
        return  # another process was first
    if not version and connection.dialect.name == POSTGRESQL:
        _refuse_server(connection, path)
    with _ONE_MIGRATES:
        from alembic import command
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        if version and not connection.dialect.has_table(connection, "alembic_version"):
            command.stamp(config, f"{version:04d}")
        command.upgrade(config, "head")
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
def _explained(engine: Engine, path: object) -> Iterator[None]:
    """Turn what the database refuses (locked, full, read-only, damaged, away) into words a person can act on."""
    try:
        yield
    except IntegrityError:
        raise
    except TimeoutError as error:
        raise WorkspaceError(f"Too many at once use the workspace {path}: try again in a moment. Nothing of this step was kept.") from error
    except DatabaseError as error:
        said = _words(engine, path, error)
        if said is None:
            raise
        raise WorkspaceError(f"{said} Nothing of this step was kept.") from error


def _words(engine: Engine, path: object, error: DatabaseError) -> str | None:
    """Return what the database refused and the remedy, None when it is a fault of this program."""
    state = getattr(error.orig, "sqlstate", None) or ""
    reason = str(error.orig).strip().split("\n")[0]
    if engine.url.password:
        reason = reason.replace(str(engine.url.password), "…")
    if state == "55P03" or "database is locked" in reason:
        return f"Somebody else has been writing in the workspace {path} for {WAIT} seconds: try again."
    if state == "42501":
        return f"The workspace {path} refused: {reason}. Let the database's owner grant this, or sign in as the owner."
    if isinstance(error, ProgrammingError):
        return None
    if engine.url.get_backend_name() == POSTGRESQL and (error.connection_invalidated or state[:2] in ("", "08", "57")):
        return f"The database server of the workspace {path} can't be reached ({reason}): start it, or check the address."
    return f"The workspace {path} refused: {reason}."
