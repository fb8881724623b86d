"""Cycles and publications: what is handed in, approved by name, in force from a day on, and frozen with its cycle."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import geopandas as gpd
import pandas as pd
from sqlalchemy import Connection, delete, func, insert, select, update

from geo_territory.errors import WorkspaceError
from geo_territory.policy import Policy
from geo_territory.rights import APPROVE, Viewer
from geo_territory.tables import Assignments, Calendar, Overrides, Ownership, Reps, Territories, TerritoryReps
from geo_territory.tables import Cycles as CycleTable
from geo_territory.workspace import frames, intervals, periods, persons, publications, schema
from geo_territory.workspace.access import Access
from geo_territory.workspace.cycle_schema import cycle_calendar, cycle_overrides, cycle_reps, cycles, publication_roles
from geo_territory.workspace.cycle_schema import publications as rows
from geo_territory.workspace.people_schema import calendar
from geo_territory.workspace.publications import REVIEW, SCHEDULED, PublicationRecord
from geo_territory.workspace.scope import KEY, in_force, within

Records = list[PublicationRecord]


@dataclass(frozen=True, eq=False)
class SetUp:
    """What a cycle works with: the policy, Overrides, Reps and Calendar."""

    policy: Policy
    overrides: pd.DataFrame
    reps: pd.DataFrame
    calendar: pd.DataFrame


class Cycles:
    """The cycles and publications of a workspace, reached as `workspace.cycles`; every write is one transaction, with its audit."""

    def __init__(self, access: Access) -> None:
        """Use `Workspace.cycles`."""
        self._access = access

    # cycles

    def list(self) -> pd.DataFrame:
        """Return the cycles, the earliest first."""
        columns = [CycleTable.to_schema().index.name, *CycleTable.columns()]
        with self._access.reading() as connection:
            wanted = select(*(cycles.c[name] for name in columns)).order_by(cycles.c[CycleTable.start])
            return frames.read_rows(connection, wanted, CycleTable)

    def at(self, day: date) -> str | None:
        """Return the cycle_id of the cycle that holds a day; None when none does."""
        with self._access.reading() as connection:
            row = periods.cycle_at(connection, day)
        return None if row is None else row._mapping[CycleTable.cycle_id]

    def begin(self, name: str, start: date, end: date, who: str) -> str:
        """Begin a cycle and return its cycle_id; raises WorkspaceError when it shares days with another, or its name."""
        with self._access.writing() as connection:
            return self._begun(connection, name, start, end, who)

    def set_up(self, cycle_id: str) -> SetUp:
        """Return what a closed cycle worked with when it was closed, or what an open one works with now.

        Raises WorkspaceError when there is no such cycle.
        """
        with self._access.reading() as connection:
            row = _cycle(connection, cycle_id)
            if row.frozen_at is None:
                return _current(connection)
            kept = {table: table.c[CycleTable.cycle_id] == cycle_id for table in (cycle_overrides, cycle_reps, cycle_calendar)}
            return SetUp(
                Policy.from_toml(row.policy),
                frames.read_rows(connection, _only(cycle_overrides, Overrides).where(kept[cycle_overrides]), Overrides),
                frames.read_rows(connection, _only(cycle_reps, Reps).where(kept[cycle_reps]), Reps),
                frames.read_rows(connection, _only(cycle_calendar, Calendar).where(kept[cycle_calendar]), Calendar),
            )

    def close(self, cycle_id: str, next_name: str | None, next_end: date | None, who: str, why: str = "") -> str:
        """Freeze a cycle with its set-up and return the cycle_id of the next, which goes on with it: policy, overrides that still
        hold, reps, calendar and what is published.

        The next one begins the day after; give its name and last day unless it was begun already. Raises WorkspaceError when the
        cycle is closed already, or an earlier one is still open.
        """
        with self._access.writing() as connection:
            row, now = _cycle(connection, cycle_id), self._access.clock()
            _refuse_close(connection, row)
            following = row.end + timedelta(days=1)
            known = periods.cycle_at(connection, following)
            if known is None and (not next_name or next_end is None):
                raise WorkspaceError(f"Say what follows {row.name}: the name of the next cycle and its last day.")
            _freeze(connection, cycle_id, now)
            self._access.record(connection, who, "cycle closed", f"cycle {cycle_id}", old=row.name, new="frozen", why=why)
            _drop_ended_overrides(self._access, connection, min(following, periods.midnight(now)), who)
            if known is not None:
                return str(known._mapping[CycleTable.cycle_id])
            return self._begun(connection, str(next_name), following, next_end or following, who)

    # publications

    def submit(
        self,
        *,
        design_id: int | None,
        role: str,
        name: str,
        assignments: pd.DataFrame,
        territories: gpd.GeoDataFrame,
        reps: pd.DataFrame,
        policy: Policy,
        import_id: int,
        note: str = "",
        who: str,
    ) -> int:
        """Hand in who is to serve which account (Assignments), with the territories of `role` and who serves them, for review.

        Return the publication_id. Raises WorkspaceError when it has no name, says two things of an account in a role, or names a
        territory or rep that isn't there.
        """
        served, people = Assignments.check(assignments), TerritoryReps.check(reps)
        areas = Territories.check(territories)
        if not name.strip():
            raise WorkspaceError("A publication needs a name: say what it is, such as Territories of 2026 Q4.")
        with self._access.writing() as connection:
            _refuse_doubtful(connection, design_id, served, areas, people)
            now = self._access.clock()
            values: dict[str, Any] = {
                "design_id": design_id,
                "role": role,
                "name": name.strip(),
                "note": note.strip(),
                "policy": policy.to_toml(),
            }
            values |= {"import_id": import_id, "submitted_at": now, "submitted_by": persons.key_of(connection, who, now)}
            key: Any = connection.execute(insert(rows).values(values)).inserted_primary_key
            publication_id = int(key[0])
            roles = sorted({role, *served[Assignments.role]})
            connection.execute(insert(publication_roles), [{KEY: publication_id, Assignments.role: one} for one in roles])
            publications.store_content(connection, publication_id, served, areas, people)
            publications.store_places(connection, publication_id, import_id, served[Assignments.account_id])
            new = f"{name.strip()}: {len(areas)} territories, {served[Assignments.account_id].nunique():,} accounts, {', '.join(roles)}"
            self._access.record(connection, who, "publication handed in", f"publication {publication_id}", new=new, why=note)
            return publication_id

    def approve(self, publication_id: int, viewer: Viewer, valid_from: date, why: str = "") -> None:
        """Put a publication in force from a day on, by name; what was in force before ends on the day before.

        Raises RightsError unless the viewer may approve; WorkspaceError when it isn't in review, the day lies in a closed cycle, or
        another one is approved from a later day on.
        """
        viewer.require(APPROVE)
        with self._access.writing() as connection:
            record, now, first = publications.found(connection, publication_id), self._access.clock(), periods.midnight(valid_from)
            _require_review(record, now.date())
            periods.refuse_past(connection, first)
            old = intervals.put_in_force(connection, record, first)
            by = persons.key_of(connection, viewer.email, now)
            turn = select(func.coalesce(func.max(rows.c.turn), 0) + 1).scalar_subquery()
            values = {Ownership.valid_from: first, "approved_at": now, "approved_by": by, "turn": turn}
            values[CycleTable.cycle_id] = self._cycle_of(connection, first, viewer.email)
            connection.execute(update(rows).where(rows.c[KEY] == publication_id).values(values))
            new = f"{record.name}, from {first:%Y-%m-%d}"
            thing = f"publication {publication_id}"
            self._access.record(connection, viewer.email, "publication approved", thing, old=old, new=new, why=why)

    def withdraw(self, publication_id: int, who: str, why: str = "") -> None:
        """Take back a publication that is in review or not in force yet; what was to end by it goes on.

        Raises WorkspaceError when it is in force, was, or is withdrawn already.
        """
        with self._access.writing() as connection:
            record, now = publications.found(connection, publication_id), self._access.clock()
            state = record.state_on(now.date())
            if state not in (REVIEW, SCHEDULED):
                remedy = "publish another one to take its place" if state == "active" else "it can't be withdrawn"
                raise WorkspaceError(f"{record.name} is {state} since {record.valid_from or record.withdrawn_at:%Y-%m-%d}: {remedy}.")
            if state == SCHEDULED:
                intervals.take_out(connection, record)
            by = persons.key_of(connection, who, now)
            connection.execute(update(rows).where(rows.c[KEY] == publication_id).values(withdrawn_at=now, withdrawn_by=by))
            thing = f"publication {publication_id}"
            self._access.record(connection, who, "publication withdrawn", thing, old=f"{record.name}, {state}", why=why)

    def publications(self) -> Records:
        """Return all publications, the one handed in last first."""
        with self._access.reading() as connection:
            return publications.records(connection)

    def publication(self, publication_id: int) -> PublicationRecord:
        """Return one publication; raises WorkspaceError when there is none with this id."""
        with self._access.reading() as connection:
            return publications.found(connection, publication_id)

    def published(self, day: date, role: str | None = None) -> PublicationRecord | None:
        """Return what is in force on a day for a role; without a role, of all in force the one approved last. None without any."""
        with self._access.reading() as connection:
            return publications.published(connection, day, role)

    def assignments(self, publication_id: int, rep_ids: Iterable[str] | None = None) -> pd.DataFrame:
        """Return the Assignments of a publication, of some reps or all."""
        with self._access.reading() as connection:
            return publications.assignments(connection, publication_id, rep_ids)

    def shapes(self, publication_id: int, territory_ids: Iterable[str] | None = None) -> gpd.GeoDataFrame:
        """Return the Territories of a publication with their shapes, some or all."""
        with self._access.reading() as connection:
            return publications.shapes(connection, publication_id, territory_ids)

    def territory_reps(self, publication_id: int) -> pd.DataFrame:
        """Return who serves the territories of a publication, as TerritoryReps."""
        with self._access.reading() as connection:
            return publications.territory_reps(connection, publication_id)

    def owners(self, day: date, account_ids: Iterable[str] | None = None) -> pd.DataFrame:
        """Return who serves which account in which role on a day, as Ownership: one row per account x role."""
        account = within(publications.publication_assignments.c[Assignments.account_id], account_ids)
        with self._access.reading() as connection:
            return frames.read_rows(connection, publications.ownership(in_force(day), account), Ownership)

    def history(self, account_id: str) -> pd.DataFrame:
        """Return who served an account, serves it and is to serve it, oldest first within each role, as Ownership."""
        account = publications.publication_assignments.c[Assignments.account_id] == account_id
        with self._access.reading() as connection:
            return frames.read_rows(connection, publications.ownership(account), Ownership)

    def _begun(self, connection: Connection, name: str, start: date, end: date, who: str) -> str:
        cycle_id = periods.begin(connection, name, start, end, self._access.clock())
        new = f"{name.strip()}, {start:%Y-%m-%d} to {end:%Y-%m-%d}"
        self._access.record(connection, who, "cycle begun", f"cycle {cycle_id}", new=new)
        return cycle_id

    def _cycle_of(self, connection: Connection, day: date, who: str) -> str:
        """Return the cycle that holds a day; where none does, the calendar quarter is begun."""
        known = periods.cycle_at(connection, day)
        if known is not None:
            return str(known._mapping[CycleTable.cycle_id])
        return self._begun(connection, *periods.quarter(day, connection.execute(select(cycles)).all()), who)


def _cycle(connection: Connection, cycle_id: str) -> Any:
    row = connection.execute(select(cycles).where(cycles.c[CycleTable.cycle_id] == cycle_id)).one_or_none()
    if row is None:
        raise WorkspaceError(f"There is no cycle {cycle_id}: choose one of the list, or begin one.")
    return row


def _only(table: Any, declared: Any) -> Any:
    index = declared.to_schema().index
    names = declared.columns() if index is None else [index.name, *declared.columns()]
    return select(*(table.c[name] for name in names))


def _current(connection: Connection) -> SetUp:
    toml = connection.execute(select(schema.policies.c.toml).order_by(schema.policies.c.policy_id.desc()).limit(1)).scalar_one_or_none()
    return SetUp(
        Policy.from_toml(toml) if toml else Policy(),
        frames.read_rows(connection, _only(schema.overrides, Overrides), Overrides),
        frames.read_rows(connection, _only(schema.reps, Reps), Reps),
        frames.read_rows(connection, _only(calendar, Calendar), Calendar),
    )


def _refuse_close(connection: Connection, row: Any) -> None:
    if row.frozen_at is not None:
        raise WorkspaceError(f"{row.name} was closed on {row.frozen_at:%Y-%m-%d} already.")
    earlier = select(cycles.c[CycleTable.name]).where(cycles.c[CycleTable.frozen_at].is_(None), cycles.c[CycleTable.start] < row.start)
    first = connection.execute(earlier.order_by(cycles.c[CycleTable.start]).limit(1)).scalar_one_or_none()
    if first is not None:
        raise WorkspaceError(f"{first} comes before {row.name} and is still open: close {first} first.")


def _freeze(connection: Connection, cycle_id: str, now: Any) -> None:
    current, same = _current(connection), {CycleTable.cycle_id: cycle_id}
    frames.add_rows(connection, cycle_reps, current.reps, **same)
    frames.add_rows(connection, cycle_overrides, current.overrides, **same)
    frames.add_rows(connection, cycle_calendar, current.calendar.rename_axis("line"), **same)
    values = {CycleTable.frozen_at: now, "policy": current.policy.to_toml()}
    connection.execute(update(cycles).where(cycles.c[CycleTable.cycle_id] == cycle_id).values(values))


def _drop_ended_overrides(access: Access, connection: Connection, before: date, who: str) -> None:
    """Leave behind the overrides that ended; the closed cycle keeps them."""
    over = schema.overrides.c
    ended = connection.execute(select(over[Overrides.account_id], over[Overrides.tier]).where(over[Overrides.until] < before)).all()
    for account_id, tier in ended:
        access.record(connection, who, "override ended", f"account {account_id}", old=tier)
    connection.execute(delete(schema.overrides).where(over[Overrides.until] < before))


def _require_review(record: PublicationRecord, today: date) -> None:
    if record.approved_at is not None:
        raise WorkspaceError(f"{record.name} was approved by {record.approved_by} already, from {record.valid_from:%Y-%m-%d} on.")
    if record.state_on(today) != REVIEW:
        raise WorkspaceError(f"{record.name} is {record.state_on(today)}: hand it in anew.")


def _refuse_doubtful(
    connection: Connection, design_id: int | None, served: pd.DataFrame, areas: gpd.GeoDataFrame, people: pd.DataFrame
) -> None:
    """Raise WorkspaceError unless every account x role is said once, by territories, reps and a design that are there."""
    if design_id is not None:
        design = schema.designs.c.design_id
        if connection.execute(select(design).where(design == design_id)).one_or_none() is None:
            raise WorkspaceError(f"There is no design {design_id}: choose one of the saved designs.")
    twice = served.duplicated([Assignments.account_id, Assignments.role])
    if twice.any():
        line = served.loc[twice].iloc[0]
        raise WorkspaceError(f"Account {line[Assignments.account_id]} is given twice for {line[Assignments.role]}: say it once.")
    known = set(connection.execute(select(schema.reps.c[Reps.rep_id])).scalars())
    for frame in (served, people):
        strange = set(frame[TerritoryReps.territory_id].dropna()) - set(areas.index)
        if strange:
            raise WorkspaceError(f"Territory {min(strange)} is not among the territories handed in: hand in all of them.")
        unknown = set(frame[TerritoryReps.rep_id].dropna()) - known
        if unknown:
            raise WorkspaceError(f"There is no rep {min(unknown)}: add them to the list of reps first.")
