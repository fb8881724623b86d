"""Whose rows a viewer may read: the reps, and the SQL that keeps to them. Nothing unless it is granted."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, false, or_, select, true

from geo_territory.rights import SEE_ALL, SEE_OWN, SEE_TEAM, Viewer
from geo_territory.tables import Assignments, Ownership, Reps
from geo_territory.workspace.cycle_schema import publication_assignments, publication_roles
from geo_territory.workspace.periods import midnight
from geo_territory.workspace.schema import reps

KEY = Ownership.publication_id


def team_of(connection: Connection, rep_id: str) -> frozenset[str]:
    """Return a rep and everybody below by manager; a circle in the tree is walked once."""
    below: dict[str, list[str]] = {}
    for report, manager in connection.execute(select(reps.c[Reps.rep_id], reps.c[Reps.manager_id])):
        below.setdefault(manager, []).append(report)
    team, open_ends = {rep_id}, [rep_id]
    while open_ends:
        fresh = [report for report in below.get(open_ends.pop(), []) if report not in team]
        team.update(fresh)
        open_ends += fresh
    return frozenset(team)


def rep_ids_of(connection: Connection, viewer: Viewer) -> frozenset[str] | None:
    """Return the reps whose accounts a viewer may see; None for everybody's, empty for nobody's."""
    if viewer.may(SEE_ALL):
        return None
    if viewer.rep_id is None:
        return frozenset()
    if viewer.may(SEE_TEAM):
        return team_of(connection, viewer.rep_id)
    return frozenset({viewer.rep_id}) if viewer.may(SEE_OWN) else frozenset()


def within(column: Any, ids: Iterable[str] | None) -> ColumnElement[bool]:
    """Return the condition that a column holds one of the ids: all rows for None, no row for none."""
    if ids is None:
        return true()
    wanted = sorted(set(ids))
    return column.in_(wanted) if wanted else false()


def in_force(day: date | Any, intervals: Any = publication_roles) -> ColumnElement[bool]:
    """Return the condition that a role's publication is in force on a day (a date, or a column of moments)."""
    moment = midnight(day) if isinstance(day, date) else day
    last = intervals.c[Ownership.valid_to]
    return (intervals.c[Ownership.valid_from] <= moment) & or_(last.is_(None), last >= moment)


def assigned() -> Any:
    """Return the assignments joined to the days their publication is in force for their role."""
    return publication_assignments.join(publication_roles, same_role(publication_assignments, publication_roles))


def same_role(assignments: Any, intervals: Any) -> ColumnElement[bool]:
    """Return the condition that ties an assignment to the days of its publication's role."""
    return (assignments.c[KEY] == intervals.c[KEY]) & (assignments.c[Assignments.role] == intervals.c[Assignments.role])


def served(connection: Connection, rep_id: str, account_id: str, day: date) -> bool:
    """Return whether a rep served an account on a day, in any role."""
    columns = publication_assignments.c
    mine = (columns[Assignments.rep_id] == rep_id) & (columns[Assignments.account_id] == account_id)
    return connection.execute(select(columns[KEY]).select_from(assigned()).where(mine, in_force(day)).limit(1)).first() is not None
