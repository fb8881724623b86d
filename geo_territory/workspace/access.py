"""What every part of a workspace works through: its database, the clock, and the line each change leaves in the audit."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine

from geo_territory.workspace import trail
from geo_territory.workspace.database import reading, settle, writing
from geo_territory.workspace.persons import key_of


@dataclass(frozen=True)
class Access:
    """The database of one workspace; `path` names it in sentences, `clock` gives the moment, UTC without a zone mark."""

    engine: Engine
    path: str
    clock: Callable[[], datetime]

    def reading(self) -> AbstractContextManager[Connection]:
        """Return a connection that sees one consistent state."""
        return reading(self.engine, self.path)

    def writing(self) -> AbstractContextManager[Connection]:
        """Return a connection in one write transaction: all of it is kept, or nothing."""
        return writing(self.engine, self.path)

    def settle(self) -> None:
        """Leave nothing that was erased in the files of the database, once a transaction has erased it."""
        settle(self.engine)

    def record(
        self, connection: Connection, who: str, what: str, thing: str, *, old: str | None = None, new: str | None = None, why: str = ""
    ) -> None:
        """Write down who did what to which thing, in the transaction of the change."""
        trail.record(connection, self.clock(), who, what, thing, old=old, new=new, why=why)

    def record_all(self, connection: Connection, who: str, lines: Iterable[trail.Line], why: str = "") -> None:
        """Write down several things that somebody did at once, in their order."""
        trail.record_all(connection, self.clock(), who, lines, why)

    def key_of(self, connection: Connection, who: str) -> str:
        """Return the key to write down for a person."""
        return key_of(connection, who, self.clock())
