"""People: who may sign in, when they are away, whom they lead, and what they ask for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import pandas as pd
from sqlalchemy import Connection, delete, insert, select

from geo_territory.errors import WorkspaceError
from geo_territory.rights import LEADER, MANAGER, REP, Viewer
from geo_territory.tables import Calendar, DaysOff, Reps, Users
from geo_territory.workspace import frames, keeping, periods, persons, privacy, rep_edits, wishes
from geo_territory.workspace.access import Access
from geo_territory.workspace.people_schema import calendar, days_off, users
from geo_territory.workspace.privacy import Retention
from geo_territory.workspace.schema import reps
from geo_territory.workspace.scope import team_of


class People:
    """The people of a workspace, reached as `workspace.people`; every change is one transaction with its line in the audit."""

    def __init__(self, access: Access) -> None:
        """Use `Workspace.people`."""
        self._access = access

    # who may sign in

    def users(self) -> pd.DataFrame:
        """Return who may sign in and who no longer may, as Users by email."""
        with self._access.reading() as connection:
            return frames.read_rows(connection, select(users).order_by(users.c[Users.email]), Users)

    def viewer(self, email: str) -> Viewer | None:
        """Return who a person is by e-mail, in any case of letters; None when unknown, or no longer let in."""
        with self._access.reading() as connection:
            row = connection.execute(select(users).where(users.c[Users.email] == _email(email))).one_or_none()
        if row is None or not row.active:
            return None
        known = row._mapping
        return Viewer(row.email, row.name, known[Users.app_role], known[Users.rep_id])

    def save_user(
        self, email: str, *, name: str, app_role: str, rep_id: str | None = None, active: bool = True, who: str, why: str = ""
    ) -> None:
        """Let a person in, or change what they may do; saving what is so already changes nothing.

        Raises WorkspaceError when the e-mail or name is empty, the role needs a rep that isn't given, there is no such rep, or
        nobody would be left who may lead; TableError when there is no such role.
        """
        key, title = _email(email), name.strip()
        if not key or not title:
            raise WorkspaceError("A person needs an e-mail to sign in with, and a name.")
        line = {Users.name: title, Users.app_role: app_role, Users.rep_id: rep_id or None, Users.active: active}
        new = Users.check(pd.DataFrame(line, index=pd.Index([key], name=Users.email, dtype="str")))
        with self._access.writing() as connection:
            _require_rep(connection, app_role, rep_id or None)
            before = frames.read_rows(connection, select(users), Users)
            old = before.loc[key] if key in before.index else None
            if old is not None and _told_same(old, new.iloc[0]):
                return
            _keep_a_leader(before, key, app_role if active else "")
            connection.execute(delete(users).where(users.c[Users.email] == key))
            frames.add_rows(connection, users, new)
            thing = persons.key_of(connection, key, self._access.clock())
            what = "person let in" if old is None else "person changed"
            self._access.record(connection, who, what, thing, old=_told(old), new=_told(new.iloc[0]), why=why)

    # reps

    def change_reps(self, seen: pd.DataFrame, wanted: pd.DataFrame, who: str, why: str = "") -> int:
        """Change the reps that `wanted` says something else about than `seen`, what was before the person; return how many.

        Both are Reps. Raises WorkspaceError when somebody else changed one of these meanwhile, when a rep would be the own
        manager, or end before the first day; nothing is changed then.
        """
        with self._access.writing() as connection:
            return rep_edits.change(self._access, connection, seen, wanted, who, why)

    def add_rep(self, rep: pd.DataFrame, who: str, why: str = "") -> None:
        """Add a rep (Reps, one row). Raises WorkspaceError when the id is taken or the manager isn't known."""
        with self._access.writing() as connection:
            rep_edits.add(self._access, connection, rep, who, why)

    # time

    def days_off(self) -> pd.DataFrame:
        """Return the days reps are away, as DaysOff."""
        with self._access.reading() as connection:
            rows = select(days_off).order_by(days_off.c[DaysOff.rep_id], days_off.c[DaysOff.date])
            return frames.read_rows(connection, rows, DaysOff)

    def save_days_off(self, rep_id: str, dates: Iterable[date], reason: str, who: str) -> int:
        """Write down days a rep is away, replacing the reason of days known already; return how many days were given.

        Raises WorkspaceError when there is no such rep, or a day lies in a closed cycle.
        """
        days = sorted({periods.midnight(day) for day in dates})
        with self._access.writing() as connection:
            _require_known(connection, rep_id)
            periods.refuse_frozen(connection, days, "a day off")
            if days:
                _clear(connection, rep_id, days)
                rows = [{DaysOff.rep_id: rep_id, DaysOff.date: day, DaysOff.reason: reason.strip() or None} for day in days]
                connection.execute(insert(days_off), rows)
                self._access.record(connection, who, "days off saved", f"rep {rep_id}", new=_days(days))
        return len(days)

    def clear_days_off(self, rep_id: str, dates: Iterable[date], who: str) -> int:
        """Take days off back; return how many there were. Raises WorkspaceError when a day lies in a closed cycle."""
        days = sorted({periods.midnight(day) for day in dates})
        with self._access.writing() as connection:
            periods.refuse_frozen(connection, days, "a day off")
            gone = _clear(connection, rep_id, days)
            if gone:
                self._access.record(connection, who, "days off cleared", f"rep {rep_id}", old=_days(days))
        return gone

    def calendar(self) -> pd.DataFrame:
        """Return holidays and training days, as Calendar."""
        with self._access.reading() as connection:
            return _calendar(connection)

    def save_calendar(self, frame: pd.DataFrame, who: str, why: str = "") -> None:
        """Replace the calendar; raises WorkspaceError when that would change a day of a closed cycle."""
        order = [Calendar.date, Calendar.kind, Calendar.role, Calendar.rep_id, Calendar.name]
        new = Calendar.check(frame)[Calendar.columns()].sort_values(order, ignore_index=True)
        with self._access.writing() as connection:
            old = _calendar(connection)
            changed = pd.concat([old, new]).drop_duplicates(keep=False)
            if changed.empty:
                return
            periods.refuse_frozen(connection, changed[Calendar.date], "the calendar")
            connection.execute(delete(calendar))
            frames.add_rows(connection, calendar, new.rename_axis("line"))
            was, now = (f"{len(table)} days" for table in (old, new))
            self._access.record(connection, who, "calendar saved", "calendar", old=was, new=now, why=why)

    def team_of(self, rep_id: str) -> frozenset[str]:
        """Return a rep and everybody below by manager; a circle in the tree is walked once."""
        with self._access.reading() as connection:
            return team_of(connection, rep_id)

    # what reps ask for

    def requests(self, rep_ids: Iterable[str] | None = None, state: str | None = None) -> pd.DataFrame:
        """Return what was asked, oldest first, as Requests: of some reps, in one state, or all."""
        with self._access.reading() as connection:
            return wishes.read(connection, rep_ids, state)

    def ask(self, account_id: str, kind: str, wish: str, reason: str, viewer: Viewer, request_id: str | None = None) -> str:
        """Ask for another tier or owner of an account and return the request's id; the same `request_id` again asks nothing new.

        Raises RightsError unless the account is among the viewer's today, WorkspaceError without a reason or a known tier.
        """
        with self._access.writing() as connection:
            return wishes.ask(self._access, connection, account_id, kind, wish, reason, viewer, request_id)

    def answer(self, request_id: str, state: str, answer: str, viewer: Viewer) -> None:
        """Accept or decline an open request; an accepted tier is set by hand at once, with the reason asked by.

        Raises RightsError unless the viewer leads the rep who asked, WorkspaceError when it was answered already.
        """
        with self._access.writing() as connection:
            wishes.answer(self._access, connection, request_id, state, answer, viewer)

    # personal data

    def about(self, rep_id_or_email: str) -> dict[str, pd.DataFrame]:
        """Return everything kept about a person, one table by name; raises WorkspaceError when nobody is known by that."""
        with self._access.reading() as connection:
            return privacy.about(connection, rep_id_or_email)

    def forget(self, rep_id_or_email: str, who: str, why: str) -> str:
        """Erase a person's name, e-mail, base and notes for good and return the key that stands for them from now on.

        What was done stays, in the audit too, under the key. Raises WorkspaceError when nobody is known by that, or nobody would
        be left who may lead.
        """
        with self._access.writing() as connection:
            key = privacy.forget(self._access, connection, rep_id_or_email, who, why)
        self._access.settle()
        return key

    def retain(self, policy: Retention, who: str) -> dict[str, int]:
        """Erase what was kept long enough and return how much by kind; when nothing is due nothing is written."""
        with self._access.writing() as connection:
            gone = privacy.retain(self._access, connection, policy, who)
        self._access.settle()
        return gone

    def retention(self) -> Retention:
        """Return how long notes are kept."""
        with self._access.reading() as connection:
            return keeping.retention(connection)

    def save_retention(self, setting: Retention, who: str, why: str = "") -> None:
        """Say how long notes are kept from now on; it erases nothing yet, `retain` does."""
        with self._access.writing() as connection:
            keeping.save_retention(self._access, connection, setting, who, why)


def _email(text: str) -> str:
    return text.strip().lower()


def _told_same(old: pd.Series, new: pd.Series) -> bool:
    """Return whether two rows of Users say the same."""
    return all(one == other or (pd.isna(one) and pd.isna(other)) for one, other in zip(old, new.reindex(old.index), strict=True))


def _told(row: pd.Series | None) -> str | None:
    """Return what a person may do, without saying who they are."""
    if row is None:
        return None
    rep = "" if pd.isna(row[Users.rep_id]) else f", rep {row[Users.rep_id]}"
    return f"{row[Users.app_role]}{rep}{'' if row[Users.active] else ', no longer let in'}"


def _require_known(connection: Connection, rep_id: str) -> None:
    if connection.execute(select(reps.c[Reps.rep_id]).where(reps.c[Reps.rep_id] == rep_id)).one_or_none() is None:
        raise WorkspaceError(f"There is no rep {rep_id}: choose one of the list of reps, or add them there first.")


def _require_rep(connection: Connection, app_role: str, rep_id: str | None) -> None:
    if rep_id is not None:
        _require_known(connection, rep_id)
    elif app_role in (REP, MANAGER):
        raise WorkspaceError(f"A {app_role} sees nothing without the rep they are: choose the rep.")


def _keep_a_leader(before: pd.DataFrame, email: str, app_role: str) -> None:
    leaders = before.index[(before[Users.app_role] == LEADER) & before[Users.active]]
    if list(leaders) == [email] and app_role != LEADER:
        raise WorkspaceError("This is the only leader, and somebody must lead: make another person leader first.")


def _clear(connection: Connection, rep_id: str, days: Iterable[date]) -> int:
    these = (days_off.c[DaysOff.rep_id] == rep_id) & days_off.c[DaysOff.date].in_(list(days))
    return connection.execute(delete(days_off).where(these)).rowcount


def _days(days: Sequence[date]) -> str:
    span = f"{days[0]:%Y-%m-%d}" if len(days) == 1 else f"{days[0]:%Y-%m-%d} to {days[-1]:%Y-%m-%d}"
    return f"{len(days)} day{'s'[: len(days) != 1]}, {span}"


def _calendar(connection: Connection) -> pd.DataFrame:
    columns = (calendar.c[name] for name in Calendar.columns())
    return frames.read_rows(connection, select(*columns).order_by(calendar.c.line), Calendar)
