"""Publications to rows, and back: what was handed in, who serves which account by it, and from when to when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely
from sqlalchemy import Connection, Row, Select, case, func, select

from geo_territory.errors import WorkspaceError
from geo_territory.policy import Policy
from geo_territory.projection import WGS84
from geo_territory.tables import Accounts, Assignments, Ownership, Territories, TerritoryReps
from geo_territory.workspace import frames, persons
from geo_territory.workspace.cycle_schema import (
    publication_assignments,
    publication_places,
    publication_reps,
    publication_roles,
    publication_territories,
    publications,
)
from geo_territory.workspace.periods import midnight
from geo_territory.workspace.schema import imports
from geo_territory.workspace.scope import KEY, assigned, in_force, within

REVIEW, SCHEDULED, ACTIVE, ARCHIVED, WITHDRAWN = "review", "scheduled", "active", "archived", "withdrawn"
SIDES = ("west", "south", "east", "north")


@dataclass(frozen=True)
class PublicationRecord:
    """One line of the list of publications; times are UTC, `valid_from` and `valid_to` its first and last day in force.

    `role` is the role whose territories it draws; `valid_to` is None while no end is known. `people` are e-mails, or the keys of
    persons who were erased.
    """

    publication_id: int
    design_id: int | None
    role: str
    name: str
    cycle_id: str | None
    note: str
    submitted_by: str
    submitted_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    valid_from: date | None
    valid_to: date | None
    withdrawn_at: datetime | None
    import_id: int
    toml: str

    @cached_property
    def policy(self) -> Policy:
        """The policy it was handed in with."""
        return Policy.from_toml(self.toml)

    def state_on(self, day: date) -> str:
        """Return review, scheduled, active, archived or withdrawn: what it is on a day."""
        moment = midnight(day).date()
        if self.withdrawn_at is not None:
            return WITHDRAWN
        if self.valid_from is None:
            return REVIEW
        if moment < self.valid_from:
            return SCHEDULED
        return ACTIVE if self.valid_to is None or moment <= self.valid_to else ARCHIVED


def records(connection: Connection, *conditions: Any) -> list[PublicationRecord]:
    """Return the publications that meet all conditions, the one handed in last first."""
    roles = publication_roles.c
    ends = case((func.count(roles[Ownership.valid_to]) == func.count(), func.max(roles[Ownership.valid_to])))
    last = select(ends).where(roles[KEY] == publications.c[KEY]).scalar_subquery().label(Ownership.valid_to)
    rows = connection.execute(select(publications, last).where(*conditions).order_by(publications.c[KEY].desc())).all()
    people = persons.emails(connection)
    return [_record(row, people) for row in rows]


def found(connection: Connection, publication_id: int) -> PublicationRecord:
    """Return one publication; raise WorkspaceError when there is none with this id."""
    known = records(connection, publications.c[KEY] == publication_id)
    if not known:
        raise WorkspaceError(f"There is no publication {publication_id}: choose one of the list.")
    return known[0]


def published(connection: Connection, day: date, role: str | None = None) -> PublicationRecord | None:
    """Return what is in force on a day for a role; without a role, of all in force the one approved last. None without any."""
    wanted = select(publications.c[KEY]).join(publication_roles, publications.c[KEY] == publication_roles.c[KEY]).where(in_force(day))
    if role is not None:
        wanted = wanted.where(publication_roles.c.role == role)
    publication_id = connection.execute(wanted.order_by(publications.c.turn.desc()).limit(1)).scalar_one_or_none()
    return None if publication_id is None else found(connection, publication_id)


def assignments(connection: Connection, publication_id: int, rep_ids: Iterable[str] | None = None) -> pd.DataFrame:
    """Return the Assignments of a publication, of some reps or all, by account and role."""
    columns = publication_assignments.c
    wanted = select(*(columns[name] for name in Assignments.columns())).where(columns[KEY] == publication_id)
    rows = wanted.where(within(columns[Assignments.rep_id], rep_ids)).order_by(columns[Assignments.account_id], columns.role)
    return frames.read_rows(connection, rows, Assignments)


def territory_reps(connection: Connection, publication_id: int) -> pd.DataFrame:
    """Return the TerritoryReps of a publication."""
    columns = publication_reps.c
    wanted = select(*(columns[name] for name in TerritoryReps.columns())).where(columns[KEY] == publication_id)
    return frames.read_rows(connection, wanted.order_by(columns[TerritoryReps.territory_id], columns.role), TerritoryReps)


def shapes(connection: Connection, publication_id: int, territory_ids: Iterable[str] | None = None) -> gpd.GeoDataFrame:
    """Return the territories of a publication with their shapes (EPSG:4326), some or all."""
    columns = publication_territories.c
    names = [Territories.to_schema().index.name, *Territories.columns()]
    wanted = select(*(columns[name] for name in names), columns.geometry).where(columns[KEY] == publication_id)
    rows = wanted.where(within(columns[names[0]], territory_ids)).order_by(columns[names[0]])
    frame = frames.read_rows(connection, rows, Territories)
    return gpd.GeoDataFrame(frame, geometry=shapely.from_wkb(frame["geometry"].to_numpy(dtype=object)), crs=WGS84)


def shapes_of(connection: Connection, day: date, rep_ids: Iterable[str] | None) -> gpd.GeoDataFrame:
    """Return the territories in force on a day in which some reps serve accounts, or all; where two hold one id, the newest."""
    served, people = publication_assignments.c, publication_reps.c
    draws = (publication_roles.c[KEY] == publications.c[KEY]) & (publication_roles.c.role == publications.c.role)
    drawn = select(publications.c[KEY]).join(publication_roles, draws).where(in_force(day)).order_by(publications.c.turn)
    parts = []
    for publication_id in connection.execute(drawn).scalars().all():
        mine = None
        if rep_ids is not None:
            ids = [
                select(side[TerritoryReps.territory_id]).where(side[KEY] == publication_id, within(side[TerritoryReps.rep_id], rep_ids))
                for side in (served, people)
            ]
            mine = {one for query in ids for one in connection.execute(query.distinct()).scalars() if one is not None}
        parts.append(shapes(connection, publication_id, mine))
    if not parts:
        return gpd.GeoDataFrame(Territories.empty(), geometry=gpd.GeoSeries([], crs=WGS84))
    whole = pd.concat(parts)
    return whole[~whole.index.duplicated(keep="last")].sort_index()


def ownership(*conditions: Any) -> Select[Any]:
    """Return the query of Ownership rows, oldest first, of publications that were in force or will be."""
    columns, days = publication_assignments.c, publication_roles.c
    spans = {Ownership.valid_from: days, Ownership.valid_to: days}
    wanted = select(*(spans.get(name, columns)[name] for name in Ownership.columns())).select_from(assigned())
    never = days[Ownership.valid_to] < days[Ownership.valid_from]
    rows = wanted.where(days[Ownership.valid_from].is_not(None), ~func.coalesce(never, False), *conditions)
    return rows.order_by(columns[Assignments.account_id], columns.role, days[Ownership.valid_from])


def store_content(connection: Connection, publication_id: int, served: pd.DataFrame, areas: gpd.GeoDataFrame, people: pd.DataFrame) -> None:
    """Write what a publication says: Assignments, Territories with shapes, TerritoryReps."""
    same = {KEY: publication_id}
    frames.add_rows(connection, publication_assignments, served.sort_values([Assignments.account_id, Assignments.role]), **same)
    lon_lat = areas.geometry.to_crs(WGS84)
    frame = pd.DataFrame(areas.drop(columns=areas.geometry.name)).assign(
        geometry=shapely.to_wkb(lon_lat.to_numpy()), **dict(zip(SIDES, lon_lat.bounds.to_numpy().T, strict=True))
    )
    frames.add_rows(connection, publication_territories, frame.sort_index(), **same)
    frames.add_rows(connection, publication_reps, people.sort_values(TerritoryReps.columns()[:2]), **same)


def store_places(connection: Connection, publication_id: int, import_id: int, account_ids: Iterable[str]) -> None:
    """Write where the accounts of a publication lie, of those that have a place in the account list it was made from."""
    listed = connection.execute(select(imports.c.accounts).filter_by(import_id=import_id)).scalar_one()
    accounts = frames.from_parquet(frames.kept(connection, listed))
    placed = accounts[accounts.index.isin(list(account_ids))].dropna(subset=[Accounts.lat, Accounts.lon]).sort_index()
    frames.add_rows(connection, publication_places, placed, **{KEY: publication_id})


def _record(row: Row[Any], people: dict[str, str]) -> PublicationRecord:
    values = {name: value for name, value in row._mapping.items() if name in PublicationRecord.__dataclass_fields__}
    days = {name: values[name] and values[name].date() for name in (Ownership.valid_from, Ownership.valid_to)}
    who = {name: persons.shown(values[name], people) for name in ("submitted_by", "approved_by")}
    return PublicationRecord(**values | days | who | {"toml": row.policy})
