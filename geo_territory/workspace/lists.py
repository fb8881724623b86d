"""Account lists of a workspace: every imported file is kept, one of them is in force."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Row, func, select, update

from geo_territory import tables
from geo_territory.errors import WorkspaceError
from geo_territory.tables import Accounts, ImportReport
from geo_territory.workspace import frames, persons, schema
from geo_territory.workspace.access import Access
from geo_territory.workspace.records import ImportRecord


class AccountLists:
    """The part of a Workspace that keeps account lists."""

    _access: Access

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
        with self._access.writing() as connection:
            known = connection.execute(select(schema.imports.c.import_id).filter_by(**identity)).scalar_one_or_none()
            if known is not None:
                self._put_in_force(connection, known, who, why)
                return _import_record(connection, connection.execute(imports_newest_first(known)).one())
            values: dict[str, object] = {name: frames.keep(connection, data) for name, data in blobs.items()}
            values |= {
                "file_name": file_name,
                "imported_at": self._access.clock(),
                "imported_by": self._access.key_of(connection, who),
                "turn": _next_turn(connection),
            }
            values |= {"rows_in": len(report), "accounts_total": len(accounts)}
            import_id = frames.insert_one(connection, schema.imports, values | identity | counts)
            new = f"{file_name}: {len(accounts):,} accounts from {len(report):,} rows"
            self._access.record(connection, who, "accounts imported", f"import {import_id}", new=new, why=why)
            return _import_record(connection, connection.execute(imports_newest_first(import_id)).one(), is_new=True)

    def imports(self) -> list[ImportRecord]:
        """Return the imported account files, the one in force first."""
        with self._access.reading() as connection:
            return [_import_record(connection, row) for row in connection.execute(imports_newest_first()).all()]

    def use_import(self, import_id: int, who: str, why: str = "") -> None:
        """Put an earlier account list in force again."""
        with self._access.writing() as connection:
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

    def _part(self, column: Any, import_id: int | None) -> pd.DataFrame | None:
        """Return one stored table of an import; None when there is no import at all."""
        wanted = select(column).order_by(schema.imports.c.turn.desc()).limit(1)
        with self._access.reading() as connection:
            sha256 = connection.execute(wanted if import_id is None else wanted.filter_by(import_id=import_id)).scalar_one_or_none()
            if sha256 is None and import_id is not None:
                raise WorkspaceError(f"There is no import {import_id}: choose one of the imported files.")
            data = None if sha256 is None else frames.kept(connection, sha256)
        return None if data is None else frames.from_parquet(data)

    def _put_in_force(self, connection: Connection, import_id: int, who: str, why: str) -> None:
        chosen, current = (
            connection.execute(imports_newest_first(import_id)).one_or_none(),
            connection.execute(imports_newest_first().limit(1)).one_or_none(),
        )
        if chosen is None or current is None:
            raise WorkspaceError(f"There is no import {import_id}: choose one of the imported files.")
        if chosen.import_id != current.import_id:
            row = schema.imports.c.import_id == import_id
            connection.execute(update(schema.imports).where(row).values(turn=_next_turn(connection)))
            old, new = (f"import {r.import_id}, {r.file_name}" for r in (current, chosen))
            self._access.record(connection, who, "account list put in force", f"import {import_id}", old=old, new=new, why=why)


def imports_newest_first(import_id: int | None = None) -> Any:
    """Return the query of all imports, the one in force first, or of one."""
    every = select(schema.imports).order_by(schema.imports.c.turn.desc())
    return every if import_id is None else every.filter_by(import_id=import_id)


def _next_turn(connection: Connection) -> int:
    return int(connection.execute(select(func.coalesce(func.max(schema.imports.c.turn), 0) + 1)).scalar_one())


def _import_record(connection: Connection, row: Row[Any], is_new: bool = False) -> ImportRecord:
    stored = {name: value for name, value in row._mapping.items() if name in ImportRecord.__dataclass_fields__}
    by = persons.emails(connection).get(row.imported_by, row.imported_by)
    return ImportRecord(**stored | {"imported_by": by, "headings": json.loads(row.headings), "is_new": is_new})
