"""Workspace: everything that is kept between two visits, behind one small class."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from typing import Any, Self

import pandas as pd
from sqlalchemy import Connection, Engine, Row, delete, func, insert, select, update

from geo_territory import tables
from geo_territory.errors import WorkspaceError
from geo_territory.policy import Policy
from geo_territory.tables import Accounts, AlignmentRows, Audit, Calls, ImportReport, Overrides, Reps, Territories
from geo_territory.workspace import frames, schema, trail
from geo_territory.workspace.database import open_engine, reading, writing
from geo_territory.workspace.drafts import Drafts
from geo_territory.workspace.records import DECIDES, DesignRecord, ImportRecord, PolicyRecord, SavedDesign, State
from geo_territory.workspace.secret import signing_secret

Clock = Callable[[], datetime]
EXPORTED = "exported"


def utc_now() -> datetime:
    """Return the time to stamp changes with, UTC without a zone mark."""
    return datetime.now(UTC).replace(tzinfo=None)


class Workspace:
    """Accounts, policies, overrides, reps, calls, designs, drafts and the audit in one SQLite file; usable from many threads.

    Every write is one transaction that is kept whole or not at all, and is written into the audit with it. Every table
    read is checked against its declaration. `drafts` holds what is being redrawn.
    """

    def __init__(self, engine: Engine, clock: Clock = utc_now) -> None:
        """Use `Workspace.open`."""
        self._engine = engine
        self._clock = clock
        self.path = str(engine.url.database)
        self.drafts = Drafts(engine, clock)

    @classmethod
    def open(cls, url: str, clock: Clock = utc_now) -> Self:
        """Open the workspace at `url` (`sqlite:///path/to/file`), making it when it isn't there.

        Raises WorkspaceError when the file is no workspace, was written by a newer version, or can't be opened.
        """
        return cls(open_engine(url, clock()), clock)

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    def now(self) -> datetime:
        """Return the moment changes are stamped with, UTC without a zone mark."""
        return self._clock()

    def signing_secret(self) -> bytes:
        """Return the secret that signs addresses of this workspace, kept in a file beside it."""
        return signing_secret(self.path)

    def state(self) -> State:
        """Return how far the work has come."""
        with self._reading() as connection:
            decided = set(connection.execute(select(schema.policies.c.decides)).scalars())
            current = connection.execute(_imports().limit(1)).one_or_none()
            return State(
                accounts=current.accounts_total if current else 0,
                tiers_decided=bool(decided & {"tiers", "everything"}),
                attention_decided=bool(decided & {"attention", "everything"}),
                designs=connection.execute(select(func.count()).select_from(schema.designs)).scalar_one(),
                exports=connection.execute(select(func.count()).where(schema.audit.c[Audit.what] == EXPORTED)).scalar_one(),
                calls=connection.execute(select(func.count()).select_from(schema.calls)).scalar_one(),
            )

    # accounts

    def import_accounts(
        self,
        *,
        accounts: pd.DataFrame,
        report: pd.DataFrame,
        original: pd.DataFrame,
        file_name: str,
        file: bytes,
        headings: Mapping[str, str],
        value_column: str = "",
        who: str,
        why: str = "",
    ) -> ImportRecord:
        """Keep an account list with its row report and the file's own columns, and put it in force.

        `file` is what was uploaded; `headings` and `value_column` are what it was read with. The same bytes with the
        same headings add nothing (`is_new` False); an older list imported again is put in force again.
        """
        blobs = {
            "accounts": frames.parquet(Accounts.check(accounts)),
            "original": frames.parquet(original),
            "report": frames.parquet(ImportReport.check(report)),
        }
        identity: dict[str, object] = {
            "sha256": hashlib.sha256(file).hexdigest(),
            "headings": json.dumps(dict(headings), sort_keys=True, ensure_ascii=False),
            "value_column": value_column,
        }
        outcomes = report[ImportReport.outcome].value_counts()
        counts = {f"rows_{outcome}": int(outcomes.get(outcome, 0)) for outcome in tables.ROW_OUTCOMES}
        with self._writing() as connection:
            known = connection.execute(select(schema.imports.c.import_id).filter_by(**identity)).scalar_one_or_none()
            if known is not None:
                self._put_in_force(connection, known, who, why)
                return _import_record(connection.execute(_imports(known)).one())
            values: dict[str, object] = {name: frames.keep(connection, data) for name, data in blobs.items()}
            values |= {"file_name": file_name, "imported_at": self._clock(), "imported_by": who, "turn": _next_turn(connection)}
            values |= {"rows_in": len(report), "accounts_total": len(accounts)}
            import_id = _insert(connection, schema.imports, values | identity | counts)
            new = f"{file_name}: {len(accounts):,} accounts from {len(report):,} rows"
            self._record(connection, who, "accounts imported", f"import {import_id}", new=new, why=why)
            return _import_record(connection.execute(_imports(import_id)).one(), is_new=True)

    def imports(self) -> list[ImportRecord]:
        """Return the imported account files, the one in force first."""
        with self._reading() as connection:
            return [_import_record(row) for row in connection.execute(_imports())]

    def use_import(self, import_id: int, who: str, why: str = "") -> None:
        """Put an earlier account list in force again."""
        with self._writing() as connection:
            self._put_in_force(connection, import_id, who, why)

    def accounts(self, import_id: int | None = None) -> pd.DataFrame:
        """Return the Accounts of one import, by default the one in force; without any, the empty table."""
        data = self._part(schema.imports.c.accounts, import_id)
        return Accounts.empty() if data is None else Accounts.check(data)

    def import_report(self, import_id: int | None = None) -> pd.DataFrame:
        """Return what became of every row of the file, as ImportReport."""
        data = self._part(schema.imports.c.report, import_id)
        return ImportReport.empty() if data is None else ImportReport.check(data)

    def original(self, import_id: int | None = None) -> pd.DataFrame:
        """Return the file's own columns as text, one row per account."""
        data = self._part(schema.imports.c.original, import_id)
        return Accounts.empty()[[]] if data is None else data

    # policy

    def save_policy(self, policy: Policy, *, decides: str, who: str, why: str = "") -> int:
        """Put a policy in force and return its id; `decides` names the step it settles, one of DECIDES.

        Saving what is in force already, for a step already settled, adds nothing.
        """
        if decides not in DECIDES:
            raise WorkspaceError(f"A policy decides one of {', '.join(DECIDES)}: got {decides!r}.")
        toml = policy.to_toml()
        with self._writing() as connection:
            rows = connection.execute(_policies()).all()
            if rows and rows[0].toml == toml and decides in {row.decides for row in rows}:
                return int(rows[0].policy_id)
            values = {"toml": toml, "decides": decides, "saved_at": self._clock(), "saved_by": who, "why": why}
            policy_id = _insert(connection, schema.policies, values)
            old = rows[0].toml if rows else None
            self._record(connection, who, f"policy saved ({decides})", f"policy {policy_id}", old=old, new=toml, why=why)
            return policy_id

    def policy(self) -> Policy:
        """Return the policy in force; the defaults when none was saved."""
        with self._reading() as connection:
            row = connection.execute(_policies().limit(1)).one_or_none()
        return Policy.from_toml(row.toml) if row else Policy()

    def policies(self) -> list[PolicyRecord]:
        """Return all policies saved, newest first."""
        with self._reading() as connection:
            rows = connection.execute(_policies()).all()
        return [PolicyRecord(r.policy_id, Policy.from_toml(r.toml), r.decides, r.saved_at, r.saved_by, r.why) for r in rows]

    # overrides

    def set_override(self, account_id: str, tier: str, reason: str, set_by: str, until: date | None = None) -> None:
        """Set the tier of one account by hand, with a reason, until the end of a day or without end."""
        self.set_overrides([account_id], tier, reason, set_by, until)

    def set_overrides(self, account_ids: Iterable[str], tier: str, reason: str, set_by: str, until: date | None = None) -> None:
        """Set the tier of many accounts for one reason; earlier overrides of theirs are replaced."""
        ids = pd.Index(sorted(set(account_ids)), dtype="str", name=Overrides.account_id)
        row = {Overrides.tier: tier, Overrides.reason: reason.strip(), Overrides.set_by: set_by, Overrides.until: pd.Timestamp(until)}
        new = Overrides.check(pd.DataFrame(row, index=ids))
        with self._writing() as connection:
            old = frames.read_rows(connection, select(schema.overrides), Overrides).reindex(ids)
            frames.replace_rows(connection, schema.overrides, new)
            end = "" if until is None else f" until {until:%Y-%m-%d}"
            for account_id, before in old[Overrides.tier].items():
                known = before if isinstance(before, str) else None
                self._record(connection, set_by, "override set", f"account {account_id}", old=known, new=f"{tier}{end}", why=reason)

    def clear_overrides(self, account_ids: Iterable[str], who: str, why: str = "") -> int:
        """Let the rule decide again about these accounts; return how many overrides went."""
        with self._writing() as connection:
            old = frames.read_rows(connection, select(schema.overrides), Overrides)
            gone = old.loc[old.index.isin(list(account_ids)), Overrides.tier]
            for account_id, before in gone.items():
                connection.execute(delete(schema.overrides).where(schema.overrides.c[Overrides.account_id] == account_id))
                self._record(connection, who, "override cleared", f"account {account_id}", old=before, why=why)
            return len(gone)

    def overrides(self) -> pd.DataFrame:
        """Return all overrides, expired ones too, as Overrides by account_id."""
        return self._table(schema.overrides, Overrides, Overrides.account_id)

    def overrides_revision(self) -> int:
        """Return a number that changes whenever an override does."""
        changes = schema.audit.c[Audit.what].like("override %")
        with self._reading() as connection:
            return int(connection.execute(select(func.coalesce(func.max(schema.audit.c[Audit.seq]), 0)).where(changes)).scalar_one())

    # reps and calls

    def save_reps(self, reps: pd.DataFrame, who: str, why: str = "") -> None:
        """Replace the list of reps."""
        checked = Reps.check(reps)
        with self._writing() as connection:
            before = connection.execute(delete(schema.reps)).rowcount
            frames.add_rows(connection, schema.reps, checked)
            self._record(connection, who, "reps saved", "reps", old=f"{before} reps", new=f"{len(checked)} reps", why=why)

    def reps(self) -> pd.DataFrame:
        """Return the reps by rep_id."""
        return self._table(schema.reps, Reps, Reps.rep_id)

    def add_calls(self, calls: pd.DataFrame, who: str, why: str = "") -> int:
        """Add logged calls; a call_id that is there already is left as it is. Return how many were new."""
        checked = Calls.check(calls)
        with self._writing() as connection:
            new = frames.add_rows(connection, schema.calls, checked)
            if new:
                self._record(connection, who, "calls added", "calls", new=f"{new} calls", why=why)
            return new

    def calls(self) -> pd.DataFrame:
        """Return the logged calls by call_id."""
        return self._table(schema.calls, Calls, Calls.call_id)

    # designs

    def save_design(
        self,
        *,
        name: str,
        policy: Policy,
        import_id: int,
        parts: bytes,
        alignment: pd.DataFrame,
        territories: pd.DataFrame,
        scorecard: Mapping[str, Any],
        stamp: str,
        who: str,
        why: str = "",
    ) -> int:
        """Keep a design for good and return its id; nothing changes it afterwards.

        `parts` is whatever else the design is restored from, as bytes; `alignment` AlignmentRows, `territories` Territories (with a
        `rep_id` column or without), `scorecard` plain JSON values, `stamp` the program version that made it.
        """
        if not name.strip():
            raise WorkspaceError("A design needs a name: say what makes it different, such as 14 territories by county.")
        rows, areas = AlignmentRows.check(alignment), Territories.check(territories)
        with self._writing() as connection:
            values = {"name": name.strip(), "created_at": self._clock(), "created_by": who, "policy": policy.to_toml()}
            values |= {"import_id": import_id, "parts": frames.keep(connection, parts), "stamp": stamp}
            design_id = _insert(connection, schema.designs, values | {"scorecard": json.dumps(dict(scorecard), sort_keys=True)})
            frames.add_rows(connection, schema.design_units, rows, design_id=design_id)
            frames.add_rows(connection, schema.design_territories, areas, design_id=design_id)
            new = f"{name.strip()}: {len(areas)} territories of {len(rows):,} units"
            self._record(connection, who, "design saved", f"design {design_id}", new=new, why=why)
            return design_id

    def designs(self) -> list[DesignRecord]:
        """Return the saved designs, newest first."""
        with self._reading() as connection:
            rows = connection.execute(select(schema.designs).order_by(schema.designs.c.design_id.desc())).all()
        return [DesignRecord(**_design_fields(row)) for row in rows]

    def design(self, design_id: int) -> SavedDesign:
        """Return a saved design; raises WorkspaceError when there is none with this id."""
        units, areas = schema.design_units, schema.design_territories
        with self._reading() as connection:
            row = connection.execute(select(schema.designs).filter_by(design_id=design_id)).one_or_none()
            if row is None:
                raise WorkspaceError(f"There is no design {design_id}: choose one of the saved designs.")
            alignment = select(*(c for c in units.c if c.name != "design_id")).filter_by(design_id=design_id)
            territories = select(*(c for c in areas.c if c.name != "design_id")).filter_by(design_id=design_id)
            return SavedDesign(
                **_design_fields(row),
                policy=Policy.from_toml(row.policy),
                parts=frames.kept(connection, row.parts),
                alignment=frames.read_rows(connection, alignment.order_by(units.c[AlignmentRows.unit_id]), AlignmentRows),
                territories=frames.read_rows(connection, territories.order_by(areas.c[Territories.territory_id]), Territories),
            )

    # audit

    def record_export(self, file_name: str, thing: str, who: str) -> None:
        """Write down that a file about `thing` (such as design 3) left the workspace."""
        with self._writing() as connection:
            self._record(connection, who, EXPORTED, thing, new=file_name)

    def audit(self) -> pd.DataFrame:
        """Return every change, oldest first, as Audit."""
        return self._table(schema.audit, Audit, Audit.seq)

    # inside

    def _reading(self) -> AbstractContextManager[Connection]:
        return reading(self._engine, self.path)

    def _writing(self) -> AbstractContextManager[Connection]:
        return writing(self._engine, self.path)

    def _table(self, table: Any, declared: type[tables.Table], order: str) -> pd.DataFrame:
        with self._reading() as connection:
            return frames.read_rows(connection, select(table).order_by(table.c[order]), declared)

    def _part(self, column: Any, import_id: int | None) -> pd.DataFrame | None:
        """Return one stored table of an import; None when there is no import at all."""
        wanted = select(column).order_by(schema.imports.c.turn.desc()).limit(1)
        with self._reading() as connection:
            sha256 = connection.execute(wanted if import_id is None else wanted.filter_by(import_id=import_id)).scalar_one_or_none()
            if sha256 is None and import_id is not None:
                raise WorkspaceError(f"There is no import {import_id}: choose one of the imported files.")
            data = None if sha256 is None else frames.kept(connection, sha256)
        return None if data is None else frames.from_parquet(data)

    def _put_in_force(self, connection: Connection, import_id: int, who: str, why: str) -> None:
        chosen, current = connection.execute(_imports(import_id)).one_or_none(), connection.execute(_imports().limit(1)).one_or_none()
        if chosen is None or current is None:
            raise WorkspaceError(f"There is no import {import_id}: choose one of the imported files.")
        if chosen.import_id != current.import_id:
            row = schema.imports.c.import_id == import_id
            connection.execute(update(schema.imports).where(row).values(turn=_next_turn(connection)))
            old, new = (f"import {r.import_id}, {r.file_name}" for r in (current, chosen))
            self._record(connection, who, "account list put in force", f"import {import_id}", old=old, new=new, why=why)

    def _record(
        self, connection: Connection, who: str, what: str, thing: str, *, old: str | None = None, new: str | None = None, why: str = ""
    ) -> None:
        trail.record(connection, self._clock(), who, what, thing, old=old, new=new, why=why)


def _insert(connection: Connection, table: Any, values: Mapping[str, object]) -> int:
    key: Any = connection.execute(insert(table).values(**values)).inserted_primary_key
    return int(key[0])


def _imports(import_id: int | None = None) -> Any:
    every = select(schema.imports).order_by(schema.imports.c.turn.desc())
    return every if import_id is None else every.filter_by(import_id=import_id)


def _policies() -> Any:
    return select(schema.policies).order_by(schema.policies.c.policy_id.desc())


def _next_turn(connection: Connection) -> int:
    return int(connection.execute(select(func.coalesce(func.max(schema.imports.c.turn), 0) + 1)).scalar_one())


def _import_record(row: Row[Any], is_new: bool = False) -> ImportRecord:
    stored = {name: value for name, value in row._mapping.items() if name in ImportRecord.__dataclass_fields__}
    return ImportRecord(**stored | {"headings": json.loads(row.headings), "is_new": is_new})


def _design_fields(row: Row[Any]) -> dict[str, Any]:
    stored = {name: value for name, value in row._mapping.items() if name in DesignRecord.__dataclass_fields__}
    return stored | {"scorecard": json.loads(row.scorecard)}
