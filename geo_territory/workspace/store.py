"""Workspace: everything that is kept between two visits, behind one small class."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from typing import Any, Self

import pandas as pd
from sqlalchemy import Connection, Engine, delete, func, select

from geo_territory import tables
from geo_territory.errors import WorkspaceError
from geo_territory.policy import Policy
from geo_territory.rights import Viewer
from geo_territory.tables import Audit, Overrides, Reps
from geo_territory.workspace import frames, overriding, persons, schema
from geo_territory.workspace.access import Access
from geo_territory.workspace.address import beside
from geo_territory.workspace.call_log import CallLog
from geo_territory.workspace.cycles import Cycles
from geo_territory.workspace.database import open_engine, path_of
from geo_territory.workspace.drafts import Drafts
from geo_territory.workspace.gis import bring_postgis
from geo_territory.workspace.lists import AccountLists, imports_newest_first
from geo_territory.workspace.people import People
from geo_territory.workspace.records import DECIDES, PolicyRecord, State
from geo_territory.workspace.saved_designs import SavedDesigns
from geo_territory.workspace.secret import signing_secret
from geo_territory.workspace.sight import Sight
from geo_territory.workspace.soundness import verify
from geo_territory.workspace.trail import Line

Clock = Callable[[], datetime]
EXPORTED = "exported"


def utc_now() -> datetime:
    """Return the time to stamp changes with, UTC without a zone mark."""
    return datetime.now(UTC).replace(tzinfo=None)


class Workspace(AccountLists, SavedDesigns):
    """Accounts, policies, overrides, reps, calls, designs, drafts and the audit in one database; usable from many threads.

    Every write is one transaction that is kept whole or not at all, and is written into the audit with it. Every table
    read is checked against its declaration. `drafts` holds what is being redrawn, `people` who may sign in and what they ask
    for, `cycles` what is published, `calls_made` the call log; `seen_by` is what one person may read.
    """

    def __init__(self, engine: Engine, clock: Clock = utc_now) -> None:
        """Use `Workspace.open`."""
        self.path = path_of(engine)
        self._access = Access(engine, self.path, clock)
        self.drafts = Drafts(engine, clock)
        self.people = People(self._access)
        self.cycles = Cycles(self._access)
        self.calls_made = CallLog(self._access)

    @classmethod
    def open(cls, url: str, clock: Clock = utc_now) -> Self:
        """Open the workspace at `url` (`sqlite:///path/to/file` or `postgresql+psycopg://name@host/database`).

        A file that isn't there is made, an empty database gets its tables, one of an earlier version is brought forward.
        Raises WorkspaceError when it is no workspace, was written by a newer version, or can't be opened.
        """
        return cls(open_engine(url, clock()), clock)

    def close(self) -> None:
        """Let go of the database."""
        self._access.engine.dispose()

    def verify(self) -> None:
        """Raise WorkspaceError, naming what is first found, unless all stored bytes and every line of the audit are what was written."""
        with self._access.reading() as connection:
            verify(connection)

    def bring_postgis(self) -> None:
        """Make the views that a GIS opens; raises WorkspaceError on a file, or a server without PostGIS."""
        with self._access.writing() as connection:
            bring_postgis(connection, self.path)

    def now(self) -> datetime:
        """Return the moment changes are stamped with, UTC without a zone mark."""
        return self._access.clock()

    def seen_by(self, viewer: Viewer, day: date) -> Sight:
        """Return what a person may read on a day: the only way a screen of a manager or a rep gets rows."""
        return Sight(self._access, viewer, day)

    def signing_secret(self) -> bytes:
        """Return the secret that signs addresses of this workspace, kept in a file beside it, never in it."""
        return signing_secret(beside(self._access.engine.url))

    def state(self) -> State:
        """Return how far the work has come."""
        with self._access.reading() as connection:
            decided = set(connection.execute(select(schema.policies.c.decides)).scalars())
            current = connection.execute(imports_newest_first().limit(1)).one_or_none()
            return State(
                accounts=current.accounts_total if current else 0,
                tiers_decided=bool(decided & {"tiers", "everything"}),
                attention_decided=bool(decided & {"attention", "everything"}),
                designs=connection.execute(select(func.count()).select_from(schema.designs)).scalar_one(),
                exports=connection.execute(select(func.count()).where(schema.audit.c[Audit.what] == EXPORTED)).scalar_one(),
                calls=connection.execute(select(func.count()).select_from(schema.calls)).scalar_one(),
            )

    # policy

    def save_policy(self, policy: Policy, *, decides: str, who: str, why: str = "") -> int:
        """Put a policy in force and return its id; `decides` names the step it settles, one of DECIDES.

        Saving what is in force already, for a step already settled, adds nothing.
        """
        if decides not in DECIDES:
            raise WorkspaceError(f"A policy decides one of {', '.join(DECIDES)}: got {decides!r}.")
        toml = policy.to_toml()
        with self._access.writing() as connection:
            rows = connection.execute(_policies()).all()
            if rows and rows[0].toml == toml and decides in {row.decides for row in rows}:
                return int(rows[0].policy_id)
            by = self._access.key_of(connection, who)
            values = {"toml": toml, "decides": decides, "saved_at": self._access.clock(), "saved_by": by, "why": why}
            policy_id = frames.insert_one(connection, schema.policies, values)
            old = rows[0].toml if rows else None
            self._access.record(connection, who, f"policy saved ({decides})", f"policy {policy_id}", old=old, new=toml, why=why)
            return policy_id

    def policy(self) -> Policy:
        """Return the policy in force; the defaults when none was saved."""
        with self._access.reading() as connection:
            row = connection.execute(_policies().limit(1)).one_or_none()
        return Policy.from_toml(row.toml) if row else Policy()

    def policies(self) -> list[PolicyRecord]:
        """Return all policies saved, newest first."""
        with self._access.reading() as connection:
            rows, known = connection.execute(_policies()).all(), persons.emails(connection)
        by = {row.policy_id: known.get(row.saved_by, row.saved_by) for row in rows}
        return [PolicyRecord(r.policy_id, Policy.from_toml(r.toml), r.decides, r.saved_at, by[r.policy_id], r.why) for r in rows]

    # overrides

    def set_override(self, account_id: str, tier: str, reason: str, set_by: str, until: date | None = None) -> None:
        """Set the tier of one account by hand, with a reason, until the end of a day or without end."""
        self.set_overrides([account_id], tier, reason, set_by, until)

    def set_overrides(self, account_ids: Iterable[str], tier: str, reason: str, set_by: str, until: date | None = None) -> None:
        """Set the tier of many accounts for one reason; earlier overrides of theirs are replaced."""
        with self._access.writing() as connection:
            overriding.set_on(self._access, connection, account_ids, tier, reason, set_by, until)

    def clear_overrides(self, account_ids: Iterable[str], who: str, why: str = "") -> int:
        """Let the rule decide again about these accounts; return how many overrides went."""
        with self._access.writing() as connection:
            old = frames.read_rows(connection, select(schema.overrides), Overrides)
            gone = old.loc[old.index.isin(list(account_ids)), Overrides.tier]
            for account_id in gone.index:
                connection.execute(delete(schema.overrides).where(schema.overrides.c[Overrides.account_id] == account_id))
            lines = [Line("override cleared", f"account {account_id}", before) for account_id, before in gone.items()]
            self._access.record_all(connection, who, lines, why)
            return len(gone)

    def overrides(self) -> pd.DataFrame:
        """Return all overrides, expired ones too, as Overrides by account_id."""
        wanted = select(schema.overrides).order_by(schema.overrides.c[Overrides.account_id])
        with self._access.reading() as connection:
            found, known = frames.read_rows(connection, wanted, Overrides), persons.emails(connection)
        return persons.shown_in(found, [Overrides.set_by], known)

    def overrides_revision(self) -> int:
        """Return a number that changes whenever an override does."""
        changes = schema.audit.c[Audit.what].like("override %")
        with self._access.reading() as connection:
            return int(connection.execute(select(func.coalesce(func.max(schema.audit.c[Audit.seq]), 0)).where(changes)).scalar_one())

    # reps

    def save_reps(self, reps: pd.DataFrame, who: str, why: str = "") -> None:
        """Replace the list of reps."""
        checked = Reps.check(reps)
        with self._access.writing() as connection:
            before = connection.execute(delete(schema.reps)).rowcount
            frames.add_rows(connection, schema.reps, checked)
            self._access.record(connection, who, "reps saved", "reps", old=f"{before} reps", new=f"{len(checked)} reps", why=why)

    def reps(self) -> pd.DataFrame:
        """Return the reps by rep_id."""
        return self._table(schema.reps, Reps, Reps.rep_id)

    # audit

    def record_export(self, file_name: str, thing: str, who: str) -> None:
        """Write down that a file about `thing` (such as design 3) left the workspace."""
        with self._access.writing() as connection:
            self._access.record(connection, who, EXPORTED, thing, new=file_name)

    def audit(self) -> pd.DataFrame:
        """Return every change, oldest first, as Audit; people by what they are known by, those erased by their key."""
        wanted = select(*(schema.audit.c[name] for name in Audit.columns())).order_by(schema.audit.c[Audit.seq])
        with self._access.reading() as connection:
            lines, known = frames.read_rows(connection, wanted, Audit), persons.emails(connection)
        return persons.shown_in(lines, (Audit.who, Audit.object, Audit.old, Audit.new), known)

    # inside

    def _reading(self) -> AbstractContextManager[Connection]:
        return self._access.reading()

    def _writing(self) -> AbstractContextManager[Connection]:
        return self._access.writing()

    def _table(self, table: Any, declared: type[tables.Table], order: str) -> pd.DataFrame:
        with self._access.reading() as connection:
            return frames.read_rows(connection, select(table).order_by(table.c[order]), declared)


def _policies() -> Any:
    return select(schema.policies).order_by(schema.policies.c.policy_id.desc())
