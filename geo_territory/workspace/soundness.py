"""Whether a workspace still is what was written into it."""

from __future__ import annotations

import hashlib

from sqlalchemy import Connection, select

from geo_territory.errors import WorkspaceError
from geo_territory.workspace import trail
from geo_territory.workspace.address import SQLITE
from geo_territory.workspace.schema import content

REMEDY = "restore the workspace from a backup"


def verify(connection: Connection) -> None:
    """Check the database, every line of the audit against its seal, and stored bytes against their SHA-256.

    Raises WorkspaceError naming what is first found. Lines cut off at the end of the audit leave no sign.
    """
    if connection.dialect.name == SQLITE:
        said = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar_one()
        astray = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        if said != "ok" or astray is not None:
            raise WorkspaceError(f"The workspace's file is damaged ({said if astray is None else f'rows of {astray[0]}'}): {REMEDY}.")
    trail.verify(connection)
    for sha256 in connection.execute(select(content.c.sha256).order_by(content.c.sha256)).scalars().all():
        data = connection.execute(select(content.c.data).filter_by(sha256=sha256)).scalar_one()
        if hashlib.sha256(data).hexdigest() != sha256:
            raise WorkspaceError(f"Stored bytes of the workspace ({sha256[:12]}…) no longer match their checksum: {REMEDY}.")
