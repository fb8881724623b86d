"""Drafts: what is being redrawn, every edit stored before it is acknowledged.

The edits are their own audit: they are only ever added, and name who and when. Beginning, renaming, copying and closing a draft
is written into the audit.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, case, func, insert, select, update

from geo_territory.errors import WorkspaceError
from geo_territory.redraw.edits import Change, Edit
from geo_territory.workspace import trail
from geo_territory.workspace.database import path_of, reading, writing
from geo_territory.workspace.frames import insert_or
from geo_territory.workspace.people_schema import persons
from geo_territory.workspace.persons import emails, key_of
from geo_territory.workspace.records import DraftRecord
from geo_territory.workspace.schema import designs, draft_edits, draft_tabs, drafts

Edits = list[Edit]


@dataclass(frozen=True, eq=False)
class DraftPage:
    """The end of a draft's list of edits while nobody else can write; got from `Drafts.writing`."""

    draft_id: int
    _connection: Connection

    @property
    def rev(self) -> int:
        """The revision of the newest edit, 0 before any."""
        return _newest(self._connection, self.draft_id)

    def edits_after(self, rev: int) -> list[Edit]:
        """Return the edits after a revision, oldest first."""
        return _edits(self._connection, self.draft_id, rev)

    def last_seq(self, tab: str) -> int:
        """Return the highest operation of a tab that was looked at, taken or refused; 0 before any."""
        heard = select(draft_tabs.c.seq).filter_by(draft_id=self.draft_id, tab=tab)
        return int(self._connection.execute(heard).scalar_one_or_none() or 0)

    def append(self, edit: Edit) -> None:
        """Store the next edit; raises WorkspaceError when its revision isn't the next, or its operation is stored already."""
        if edit.rev != self.rev + 1:
            raise WorkspaceError(f"Edit {edit.rev} can't follow edit {self.rev} of draft {self.draft_id}: catch up first.")
        known = select(draft_edits.c.rev).filter_by(draft_id=self.draft_id, tab=edit.tab, seq=edit.seq)
        if (rev := self._connection.execute(known).scalar_one_or_none()) is not None:
            raise WorkspaceError(f"Operation {edit.seq} of this tab is stored already, as edit {rev}: it is not done twice.")
        _store(self._connection, self.draft_id, [edit])
        self.looked_at(edit.tab, edit.seq)

    def looked_at(self, tab: str, seq: int) -> None:
        """Remember that an operation of a tab was looked at, so that it is not looked at again, whatever became of it."""
        heard = insert_or(self._connection, draft_tabs).values(draft_id=self.draft_id, tab=tab, seq=seq)
        highest = case((heard.excluded.seq > draft_tabs.c.seq, heard.excluded.seq), else_=draft_tabs.c.seq)
        self._connection.execute(heard.on_conflict_do_update(index_elements=["draft_id", "tab"], set_={"seq": highest}))


class Drafts:
    """The drafts of a workspace, reached as `workspace.drafts`; usable from many threads and processes."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime]) -> None:
        """Use `Workspace.drafts`."""
        self._engine = engine
        self._clock = clock
        self._path = path_of(engine)

    def begin(self, design_id: int, name: str, who: str, edits: Iterable[Edit] = ()) -> int:
        """Begin a draft of a saved design, with some edits done already, and return its id.

        Raises WorkspaceError when there is no such design, or the name is blank.
        """
        with writing(self._engine, self._path) as connection:
            if connection.execute(select(designs.c.design_id).filter_by(design_id=design_id)).one_or_none() is None:
                raise WorkspaceError(f"There is no design {design_id}: choose one of the saved designs.")
            return self._begun(connection, design_id, name, who, list(edits), f"design {design_id}", "draft begun")

    def list(self) -> list[DraftRecord]:
        """Return the open drafts, the one changed last first."""
        with reading(self._engine, self._path) as connection:
            known = emails(connection)
            records = [_record(row, known) for row in connection.execute(_records().where(drafts.c.closed_at.is_(None)))]
        return sorted(records, key=lambda record: (record.changed_at, record.draft_id), reverse=True)

    def at_hand(self, who: str) -> DraftRecord | None:
        """Return the open draft a person edited or began last, else the one anybody changed last; None without any.

        The edits a scenario was copied with don't count as edits of it.
        """
        known = self.list()
        own = select(draft_edits.c.draft_id, func.max(draft_edits.c.at)).join(drafts, drafts.c.draft_id == draft_edits.c.draft_id)
        with reading(self._engine, self._path) as connection:
            key = select(persons.c.person_key).where(persons.c.email == who).scalar_subquery()
            own = own.where(draft_edits.c.who == key, draft_edits.c.at > drafts.c.created_at).group_by(draft_edits.c.draft_id)
            edited = {row[0]: row[1] for row in connection.execute(own)}
        begun = {r.draft_id: r.created_at for r in known if r.created_by == who and not r.edits}
        mine = begun | edited
        latest = max((r for r in known if r.draft_id in mine), key=lambda r: (mine[r.draft_id], r.draft_id), default=None)
        return latest or max(known, key=lambda r: (r.changed_at, -r.draft_id), default=None)

    def get(self, draft_id: int) -> DraftRecord:
        """Return one draft, open or closed; raises WorkspaceError when there is none with this id."""
        with reading(self._engine, self._path) as connection:
            return _found(connection, draft_id)

    def edits(self, draft_id: int, after: int = 0) -> Edits:
        """Return the edits of a draft after a revision, oldest first; raises WorkspaceError when there is no such draft."""
        with reading(self._engine, self._path) as connection:
            _found(connection, draft_id)
            return _edits(connection, draft_id, after)

    def rename(self, draft_id: int, name: str, who: str) -> None:
        """Give an open draft another name."""
        with writing(self._engine, self._path) as connection:
            record, new = _open(connection, draft_id), _name(name)
            if new != record.name:
                connection.execute(update(drafts).filter_by(draft_id=draft_id).values(name=new))
                trail.record(connection, self._clock(), who, "draft renamed", f"draft {draft_id}", old=record.name, new=new)

    def close(self, draft_id: int, who: str, design_id: int | None = None, *, rev: int | None = None) -> None:
        """Close a draft, as the design it was saved as or, without one, as discarded; its edits stay.

        With `rev`, raises WorkspaceError when somebody has edited on after that revision: then it stays open.
        """
        with writing(self._engine, self._path) as connection:
            record = _open(connection, draft_id)
            if rev is not None and record.edits > rev:
                raise WorkspaceError(f"{record.name} was edited after edit {rev}, up to edit {record.edits}: it stays open. Look again.")
            values = {"closed_at": self._clock(), "closed_as": design_id}
            connection.execute(update(drafts).filter_by(draft_id=draft_id).values(values))
            new = "discarded" if design_id is None else f"saved as design {design_id}, at edit {record.edits}"
            trail.record(connection, self._clock(), who, "draft closed", f"draft {draft_id}", old=record.name, new=new)

    def copy(self, draft_id: int, name: str, who: str) -> int:
        """Copy a draft, open or closed, with all its edits under a name of its own: a scenario; return its id."""
        with writing(self._engine, self._path) as connection:
            record = _found(connection, draft_id)
            origin = f"draft {draft_id} at edit {record.edits}"
            copied = self._begun(connection, record.design_id, name, who, _edits(connection, draft_id, 0), origin, "draft copied")
            heard = select(draft_tabs.c.tab, draft_tabs.c.seq).filter_by(draft_id=draft_id)
            page = DraftPage(copied, connection)
            for tab, seq in connection.execute(heard).all():
                page.looked_at(tab, seq)
            return copied

    @contextmanager
    def writing(self, draft_id: int) -> Iterator[DraftPage]:
        """Yield the page of an open draft while nobody else writes; all that is put on it is kept together, or nothing.

        Raises WorkspaceError when there is no such draft, it is closed, or the file stays busy for ten seconds.
        """
        with writing(self._engine, self._path) as connection:
            _open(connection, draft_id)
            yield DraftPage(draft_id, connection)

    def _begun(self, connection: Connection, design_id: int, name: str, who: str, edits: Edits, origin: str, what: str) -> int:
        values = {
            "design_id": design_id,
            "name": _name(name),
            "created_at": self._clock(),
            "created_by": key_of(connection, who, self._clock()),
        }
        key: Any = connection.execute(insert(drafts).values(values)).inserted_primary_key
        draft_id = int(key[0])
        if [edit.rev for edit in edits] != list(range(1, len(edits) + 1)):
            raise WorkspaceError("The edits of a draft count from 1 without gaps: give them all, in their order.")
        _store(connection, draft_id, edits)
        page = DraftPage(draft_id, connection)
        for tab, seq in {edit.tab: edit.seq for edit in sorted(edits, key=lambda edit: edit.seq)}.items():
            page.looked_at(tab, seq)
        trail.record(connection, self._clock(), who, what, f"draft {draft_id}", new=f"{values['name']}, from {origin}")
        return draft_id


def _records() -> Select[Any]:
    of_this = draft_edits.c.draft_id == drafts.c.draft_id
    newest = select(func.coalesce(func.max(draft_edits.c.rev), 0)).where(of_this).scalar_subquery()
    at = select(draft_edits.c.at).where(of_this).order_by(draft_edits.c.rev.desc()).limit(1).scalar_subquery()
    return select(drafts, newest.label("edits"), func.coalesce(at, drafts.c.created_at).label("changed_at"))


def _found(connection: Connection, draft_id: int) -> DraftRecord:
    row = connection.execute(_records().where(drafts.c.draft_id == draft_id)).one_or_none()
    if row is None:
        raise WorkspaceError(f"There is no draft {draft_id}: choose one of the drafts, or begin one from a saved design.")
    return _record(row, emails(connection))


def _open(connection: Connection, draft_id: int) -> DraftRecord:
    record = _found(connection, draft_id)
    if record.closed_at is not None:
        what = "discarded" if record.closed_as is None else f"saved as design {record.closed_as}"
        raise WorkspaceError(f"The draft {record.name} was {what}: begin a new draft to go on.")
    return record


def _record(row: Row[Any], known: Mapping[str, str]) -> DraftRecord:
    return DraftRecord(**dict(row._mapping) | {"created_by": known.get(row.created_by, row.created_by)})


def _name(name: str) -> str:
    if not name.strip():
        raise WorkspaceError("A draft needs a name: say what it tries, such as Split the Northeast.")
    return name.strip()


def _newest(connection: Connection, draft_id: int) -> int:
    newest = select(func.coalesce(func.max(draft_edits.c.rev), 0)).filter_by(draft_id=draft_id)
    return int(connection.execute(newest).scalar_one())


def _edits(connection: Connection, draft_id: int, after: int) -> list[Edit]:
    wanted = select(draft_edits).filter_by(draft_id=draft_id).where(draft_edits.c.rev > after).order_by(draft_edits.c.rev)
    known = emails(connection)
    return [
        Edit(
            row.rev,
            row.kind,
            Change.from_json(json.loads(row.body)),
            known.get(row.who, row.who),
            row.at,
            row.tab,
            row.seq,
            row.reason,
            row.of,
        )
        for row in connection.execute(wanted)
    ]


def _store(connection: Connection, draft_id: int, edits: list[Edit]) -> None:
    since = {edit.who: edit.at for edit in reversed(edits)}
    keys = {who: key_of(connection, who, at) for who, at in since.items()}
    rows = [
        {"draft_id": draft_id, "rev": edit.rev, "kind": edit.kind, "tab": edit.tab, "seq": edit.seq, "who": keys[edit.who], "at": edit.at}
        | {"of": edit.of, "reason": edit.reason}
        | {"body": json.dumps(edit.change.to_json(), ensure_ascii=False, separators=(",", ":"))}
        for edit in edits
    ]
    if rows:
        connection.execute(insert(draft_edits), rows)
