"""How long notes are kept: the setting is the audit's last line about it, so that who set it, when and why is never lost."""

from __future__ import annotations

from sqlalchemy import Connection, select

from geo_territory.tables import Audit
from geo_territory.workspace.access import Access
from geo_territory.workspace.privacy import Retention
from geo_territory.workspace.schema import audit

_SET, _NOTES = "retention set", "notes of calls"


def retention(connection: Connection) -> Retention:
    """Return the setting in force; the default when none was made."""
    said = select(audit.c[Audit.new]).where(audit.c[Audit.what] == _SET).order_by(audit.c[Audit.seq].desc()).limit(1)
    text = connection.execute(said).scalar_one_or_none()
    return Retention() if text is None else Retention(int(text.split()[0]))


def save_retention(access: Access, connection: Connection, setting: Retention, who: str, why: str) -> None:
    """Put a setting in force within a write transaction; what is so already changes nothing."""
    before = retention(connection)
    if before != setting:
        old, new = (f"{one.notes_months} months" for one in (before, setting))
        access.record(connection, who, _SET, _NOTES, old=old, new=new, why=why)
