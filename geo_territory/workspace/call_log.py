"""Calls: brought in from files, logged by reps, corrected, taken back. Nothing counts twice however often it is sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import pandas as pd
from sqlalchemy import Connection, delete, insert, select

from geo_territory.errors import RightsError, WorkspaceError
from geo_territory.rights import SEE_OWN, Viewer
from geo_territory.tables import Assignments, Calls, Ownership, Reps
from geo_territory.workspace import frames, persons
from geo_territory.workspace.access import Access
from geo_territory.workspace.cycle_schema import publication_assignments, publication_roles, retracted_calls
from geo_territory.workspace.schema import calls, reps
from geo_territory.workspace.scope import assigned, within
from geo_territory.workspace.trail import Line, record_all

AT_ONCE = 5_000
EASTERNMOST = timedelta(hours=14)  # no place's calendar is further ahead of UTC
NOT_YOURS = "A call can be logged on one's own accounts only, on days one serves them."
_CORRECTABLE = [name for name in Calls.columns() if name not in (Calls.note, Calls.logged_at)]


@dataclass(frozen=True)
class Added:
    """What became of the calls of a file: new ones, ones known as they are, ones corrected, ones that stay taken back."""

    new: int
    same: int
    corrected: int
    retracted: int = 0


class CallLog:
    """The call log of a workspace, reached as `workspace.calls_made`."""

    def __init__(self, access: Access) -> None:
        """Use `Workspace.calls_made`."""
        self._access = access

    def add(self, made: pd.DataFrame, who: str, why: str = "") -> Added:
        """Add the calls of a file (Calls): a known one that differs is corrected, one taken back stays so."""
        checked = Calls.check(made)
        with self._access.writing() as connection:
            gone = _known_ids(connection, checked.index)
            brought = checked[~checked.index.isin(gone)]
            known = _of_ids(connection, brought.index)
            corrected = _differing(known, brought.loc[known.index])
            new = frames.add_rows(connection, calls, brought[~brought.index.isin(known.index)])
            frames.replace_rows(connection, calls, Calls.check(corrected))
            lines = [Line("calls added", "calls", new=f"{new} calls")] if new else []
            lines += [
                Line("call corrected", f"call {call_id}", _told(known.loc[call_id]), _told(row)) for call_id, row in corrected.iterrows()
            ]
            record_all(connection, self._access.clock(), who, lines, why)
        return Added(new, len(known) - len(corrected), len(corrected), len(gone))

    def log(self, made: pd.DataFrame, viewer: Viewer) -> int:
        """Store calls a rep made and return how many were new; `call_id` is the browser's own number, so sending again adds nothing.

        Raises RightsError unless every call is the viewer's own, on an account they served on its day; WorkspaceError for a day to
        come. Then none of them is stored.
        """
        viewer.require(SEE_OWN)
        checked, now = Calls.check(made), self._access.clock()
        checked = checked.assign(**{Calls.logged_at: checked[Calls.logged_at].fillna(pd.Timestamp(now))})
        with self._access.writing() as connection:
            _refuse_foreign(connection, checked, viewer)
            today = pd.Timestamp((now + EASTERNMOST).date())
            ahead = checked.loc[checked[Calls.date].dt.normalize() > today, Calls.date]
            if len(ahead):
                raise WorkspaceError(f"A call is logged once it was made: {ahead.max():%Y-%m-%d} is still to come.")
            gone = _known_ids(connection, checked.index)
            new = checked[~checked.index.isin(gone) & ~checked.index.isin(_of_ids(connection, checked.index).index)]
            frames.add_rows(connection, calls, new)
            lines = [Line("call logged", f"call {call_id}", new=_told(row)) for call_id, row in new.iterrows()]
            record_all(connection, now, viewer.email, lines)
        return len(new)

    def retract(self, call_id: str, viewer: Viewer, why: str = "") -> bool:
        """Take back a call of one's own; sent again it stays taken back. Return False when it was taken back before.

        Raises RightsError when the viewer made no such call.
        """
        viewer.require(SEE_OWN)
        with self._access.writing() as connection:
            mine = (calls.c[Calls.call_id] == call_id) & (calls.c[Calls.rep_id] == viewer.rep_id)
            row = connection.execute(select(calls).where(mine)).one_or_none()
            if row is None:
                columns = retracted_calls.c
                before = (columns[Calls.call_id] == call_id) & (columns[Calls.rep_id] == viewer.rep_id)
                if connection.execute(select(columns[Calls.call_id]).where(before)).one_or_none() is None:
                    raise RightsError("There is no such call among your own.")
                return False
            now = self._access.clock()
            taken = {"retracted_by": persons.key_of(connection, viewer.email, now), "retracted_at": now}
            connection.execute(insert(retracted_calls).values({**row._mapping, **taken}))
            connection.execute(delete(calls).where(mine))
            self._access.record(connection, viewer.email, "call taken back", f"call {call_id}", old=_told(pd.Series(row._mapping)), why=why)
        return True

    def calls(self, rep_ids: Iterable[str] | None = None, account_ids: Iterable[str] | None = None) -> pd.DataFrame:
        """Return the calls that count, by call_id, as Calls: of some reps, on some accounts, or all."""
        wanted = within(calls.c[Calls.rep_id], rep_ids) & within(calls.c[Calls.account_id], account_ids)
        with self._access.reading() as connection:
            return frames.read_rows(connection, select(calls).where(wanted).order_by(calls.c[Calls.call_id]), Calls)


def _refuse_foreign(connection: Connection, made: pd.DataFrame, viewer: Viewer) -> None:
    """Raise RightsError unless all calls are the viewer's, in their role, on accounts they served on the day."""
    role = connection.execute(select(reps.c.role).where(reps.c[Reps.rep_id] == (viewer.rep_id or ""))).scalar_one_or_none()
    if viewer.rep_id is None or role is None or (made[Calls.rep_id] != viewer.rep_id).any() or (made[Calls.role] != role).any():
        raise RightsError("A call is logged by who made it: sign in as that person.")
    taken = _of_ids(connection, made.index)
    if (taken[Calls.rep_id] != viewer.rep_id).any():
        raise RightsError("This call can't be logged under that number: log it again as a new one.")
    columns, days = publication_assignments.c, publication_roles.c
    mine = select(columns[Assignments.account_id], days[Ownership.valid_from], days[Ownership.valid_to]).select_from(assigned())
    mine = mine.where(columns[Assignments.rep_id] == viewer.rep_id, days[Ownership.valid_from].is_not(None))
    for account_id, of_account in made.groupby(Calls.account_id):
        spans = connection.execute(mine.where(columns[Assignments.account_id] == account_id)).all()
        for day in of_account[Calls.date].dt.normalize():
            if not any(start <= day and (end is None or day <= end) for _, start, end in spans):
                raise RightsError(NOT_YOURS)


def _chunks(ids: pd.Index) -> Iterator[list[str]]:
    for first in range(0, len(ids), AT_ONCE):
        yield list(ids[first : first + AT_ONCE])


def _of_ids(connection: Connection, ids: pd.Index) -> pd.DataFrame:
    """Return the stored calls with some ids."""
    parts = [frames.read_rows(connection, select(calls).where(calls.c[Calls.call_id].in_(part)), Calls) for part in _chunks(ids)]
    return pd.concat(parts) if parts else Calls.empty()


def _known_ids(connection: Connection, ids: pd.Index) -> set[str]:
    """Return which of some ids were taken back."""
    column = retracted_calls.c[Calls.call_id]
    return {known for part in _chunks(ids) for known in connection.execute(select(column).where(column.in_(part))).scalars()}


def _differing(known: pd.DataFrame, brought: pd.DataFrame) -> pd.DataFrame:
    """Return the calls as brought that say something else than what is known; what they don't say stays as it is."""
    whole = brought[Calls.columns()].where(brought[Calls.columns()].notna(), known[Calls.columns()])
    compared = [*_CORRECTABLE, Calls.note]
    same = (whole[compared] == known[compared]) | (whole[compared].isna() & known[compared].isna())
    whole = whole.assign(**{Calls.logged_at: known[Calls.logged_at]})
    return whole[~same.all(axis=1)]


def _told(row: pd.Series) -> str:
    """Return a call in a line, without its note."""
    minutes = "" if pd.isna(row[Calls.duration_min]) else f", {row[Calls.duration_min]:g} min"
    said = f"{row[Calls.channel]} {row[Calls.outcome]}{minutes}"
    return f"{said}, {row[Calls.date]:%Y-%m-%d}, account {row[Calls.account_id]}, rep {row[Calls.rep_id]}"
