"""Where a workspace lies: one SQLite file, or a PostgreSQL database; and what names it in a sentence, never with a password."""

from __future__ import annotations

import re
from pathlib import Path

from sqlalchemy import URL
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from geo_territory.errors import WorkspaceError

SQLITE, POSTGRESQL = "sqlite", "postgresql"
DRIVER = "postgresql+psycopg"
KINDS = "sqlite:///path/to/file, or postgresql+psycopg://name@host/database"


def parsed(url: str) -> URL:
    """Return the address of a workspace. Raises WorkspaceError when it is none."""
    try:
        found = make_url(url)
        kind = found.get_backend_name()
    except (ArgumentError, NoSuchModuleError, ValueError):
        raise WorkspaceError(f"{_without_secrets(url)!r} is no address of a workspace: expected {KINDS}.") from None
    if kind == POSTGRESQL and found.database:
        return found.set(drivername=DRIVER)
    if kind == SQLITE and found.database not in (None, "", ":memory:"):
        return URL.create(SQLITE, database=str(Path(str(found.database)).expanduser()))
    raise WorkspaceError(f"A workspace is one SQLite file or a PostgreSQL database, {KINDS}: got {_without_secrets(url)!r}.")


def named(address: URL) -> str:
    """Return what names the workspace in sentences: the file's path, or host and database."""
    if address.get_backend_name() == SQLITE:
        return str(address.database)
    host = address.host or address.query.get("host") or "localhost"
    return f"{host if isinstance(host, str) else host[0]}{f':{address.port}' if address.port else ''}/{address.database}"


def beside(address: URL) -> Path:
    """Return the path beside which a workspace's secret lies: an SQLite file's own; for a server, one in this folder's `.workspace`."""
    if address.get_backend_name() == SQLITE:
        return Path(str(address.database))
    return Path(".workspace") / re.sub(r"[^A-Za-z0-9.-]+", "-", named(address)).strip("-")


def checked_file(address: URL) -> Path:
    """Return the path of an SQLite file in a folder that is there now. Raises WorkspaceError."""
    path = Path(str(address.database))
    if path.is_dir():
        raise WorkspaceError(f"{path} is a folder: name the file, such as {path / 'workspace.db'}.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WorkspaceError(f"The folder {path.parent} can't be created: {error.strerror}. Choose another place.") from error
    return path


def _without_secrets(url: str) -> str:
    """Return what a person typed as an address without user, password and options."""
    return re.sub(r"//.*@", "//…@", url.split("?")[0])
