"""A whole workspace as one file, and back, from either database into either.

The file is a zip: `manifest.json` (which schema, how many rows each table has, the SHA-256 of its rows), one file of JSON lines for
each table in `tables/`, and the stored bytes in `content/` under their SHA-256. Moments are ISO text, other bytes base64.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, DateTime, LargeBinary, Table, func, insert, select, text, update

from geo_territory import __version__
from geo_territory.errors import WorkspaceError
from geo_territory.workspace import schema
from geo_territory.workspace.address import POSTGRESQL
from geo_territory.workspace.database import open_engine, path_of, writing
from geo_territory.workspace.frames import kept
from geo_territory.workspace.schema import content
from geo_territory.workspace.soundness import verify
from geo_territory.workspace.store import Workspace, utc_now

MANIFEST = "manifest.json"
CHUNK = 5000  # rows
ROWS = tuple(table for table in schema.METADATA.sorted_tables if table not in (schema.about, content))


def write_backup(workspace: Workspace, path: Path) -> int:
    """Write everything a workspace holds at one moment into a new file, while others go on working; return its bytes.

    Raises WorkspaceError when the workspace is damaged, or the file is there already or can't be written.
    """
    if path.exists():
        raise WorkspaceError(f"{path} is there already: give the backup another name.")
    half = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        with workspace._reading() as connection, zipfile.ZipFile(half, "w", zipfile.ZIP_DEFLATED) as archive:
            verify(connection)
            _pack(connection, archive, workspace.now())
        half.rename(path)
    except OSError as error:
        raise WorkspaceError(f"The backup {path} can't be written: {error.strerror}. Choose another place.") from error
    finally:
        half.unlink(missing_ok=True)
    return path.stat().st_size


def restore_backup(path: Path, url: str) -> int:
    """Fill the empty workspace at `url` with a backup, whole or not at all, and return how many rows it holds.

    Raises WorkspaceError when the file is no backup or damaged, was made by another version, or the workspace isn't empty.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            manifest = json.loads(archive.read(MANIFEST))
            if manifest["schema_version"] != schema.SCHEMA_VERSION:
                raise WorkspaceError(
                    f"{path} was made by Geo Territory {manifest['made_by']} (schema {manifest['schema_version']}, this program has "
                    f"{schema.SCHEMA_VERSION}): restore it with that version, then update Geo Territory."
                )
            return _restored(archive, manifest, path, url)
    except OSError as error:
        raise WorkspaceError(f"The backup {path} can't be read: {error.strerror}.") from error
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise WorkspaceError(f"{path} is no backup of a workspace, or a damaged one ({error}). Nothing was restored.") from error


def _restored(archive: zipfile.ZipFile, manifest: dict[str, Any], path: Path, url: str) -> int:
    engine = open_engine(url, utc_now())
    try:
        with writing(engine, path_of(engine)) as connection:
            _refuse_full(connection, path_of(engine))
            for sha256 in manifest["content"]:
                connection.execute(insert(content).values(sha256=sha256, data=archive.read(f"content/{sha256}")))
            for table in ROWS:
                told = manifest["tables"][table.name]
                if _unpack(connection, archive, table) != (told["rows"], told["sha256"]):
                    raise WorkspaceError(f"{path} is damaged: {table.name} is not what was written. Nothing was restored.")
                _go_on_counting(connection, table)
            connection.execute(update(schema.about).values(created_at=datetime.fromisoformat(manifest["created_at"])))
            verify(connection)
    finally:
        engine.dispose()
    return sum(told["rows"] for told in manifest["tables"].values())


def _pack(connection: Connection, archive: zipfile.ZipFile, at: datetime) -> None:
    tables = {table.name: _packed(connection, archive, table) for table in ROWS}
    stored = connection.execute(select(content.c.sha256).order_by(content.c.sha256)).scalars().all()
    for sha256 in stored:
        archive.writestr(f"content/{sha256}", kept(connection, sha256), zipfile.ZIP_STORED)
    created = connection.execute(select(schema.about.c.created_at)).scalar_one()
    manifest = {"made_by": __version__, "made_at": at.isoformat(), "schema_version": schema.SCHEMA_VERSION}
    manifest |= {"created_at": created.isoformat(), "tables": tables, "content": stored}
    archive.writestr(MANIFEST, json.dumps(manifest, indent=1))


def _packed(connection: Connection, archive: zipfile.ZipFile, table: Table) -> dict[str, object]:
    """Write a table's rows in the order of their key, and return how many there are and their SHA-256."""
    rows, sha256 = 0, hashlib.sha256()
    wanted = select(table).order_by(*table.primary_key).execution_options(yield_per=CHUNK)
    with archive.open(f"tables/{table.name}.jsonl", "w", force_zip64=True) as file:
        for row in connection.execute(wanted):
            line = json.dumps([_plain(value) for value in row], ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
            file.write(line)
            sha256.update(line)
            rows += 1
    return {"columns": table.columns.keys(), "rows": rows, "sha256": sha256.hexdigest()}


def _unpack(connection: Connection, archive: zipfile.ZipFile, table: Table) -> tuple[int, str]:
    """Insert a table's rows; return how many there are and their SHA-256."""
    count, sha256 = 0, hashlib.sha256()

    def rows(lines: Iterable[bytes]) -> Iterator[dict[str, object]]:
        for line in lines:
            sha256.update(line)
            yield {column.name: _typed(column.type, value) for column, value in zip(table.c, json.loads(line), strict=True)}

    with archive.open(f"tables/{table.name}.jsonl") as file:
        found = rows(file)
        while chunk := list(islice(found, CHUNK)):
            connection.execute(insert(table), chunk)
            count += len(chunk)
    return count, sha256.hexdigest()


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def _typed(kind: object, value: Any) -> object:
    if isinstance(kind, DateTime) and value is not None:
        return datetime.fromisoformat(value)
    return base64.b64decode(value) if isinstance(kind, LargeBinary) and value is not None else value


def _refuse_full(connection: Connection, path: str) -> None:
    for table in (content, *ROWS):
        if connection.execute(select(func.count()).select_from(table)).scalar_one():
            raise WorkspaceError(f"The workspace {path} isn't empty: restore into a new one. Nothing of it was changed.")


def _go_on_counting(connection: Connection, table: Table) -> None:
    """Let the next row that PostgreSQL numbers itself follow those restored."""
    number = table.autoincrement_column
    if connection.dialect.name == POSTGRESQL and number is not None:
        highest = connection.execute(select(func.max(number))).scalar()
        if highest is not None:
            facts = {"name": table.name, "number": number.name, "highest": highest}
            connection.execute(text("SELECT setval(pg_get_serial_sequence(:name, :number), :highest)"), facts)
