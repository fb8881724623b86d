"""Who visits: the person who signed in, or whoever sits at this computer, and as whom they look at the app.

Nothing is remembered of what a person may do: each answer is read from the workspace.
"""

from __future__ import annotations

import getpass
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

import pandas as pd
import streamlit as st

from geo_territory.errors import RightsError
from geo_territory.rights import LEADER, MANAGER, REP, Viewer
from geo_territory.tables import Reps, Users
from geo_territory.ui import cached, doors
from geo_territory.workspace import Workspace

LONG_AGO = timedelta(days=30)
SELF = ""
_SEEN_AS, _DAY, _MOVED = "seen_as", "as_of", "seen_as_changed"


class Arrival(Enum):
    """How somebody stands at the door."""

    SIGNED_OUT = "nobody has signed in"
    NAMELESS = "the sign-in gives no e-mail"
    UNVERIFIED = "whoever vouches for the person has not checked the e-mail"
    UNKNOWN = "the e-mail is of nobody who may sign in"
    INACTIVE = "the person may no longer sign in"
    IN = "the person may come in"


@dataclass(frozen=True)
class Seen:
    """Somebody this computer's user can view the app as; `key` is `user` or `rep` and an id, empty for themselves."""

    key: str
    name: str
    app_role: str
    rep_id: str | None = None


def signs_in() -> bool:
    """Return whether people sign in here; without that, whoever sits at this computer is the leader."""
    return doors.signs_in() or "is_logged_in" in st.user


def email() -> str:
    """Return the e-mail of who signed in, in lower case; empty for none."""
    return str(st.user.get("email") or "").strip().lower()


def at_the_door(workspace: Workspace) -> Arrival:
    """Return how the visitor stands, read from the workspace at this moment."""
    if not signs_in():
        return Arrival.IN
    if not st.user.get("is_logged_in", False):
        return Arrival.SIGNED_OUT
    if not email():
        return Arrival.NAMELESS
    if st.user.get("email_verified") is False:
        return Arrival.UNVERIFIED
    if workspace.people.viewer(email()) is not None:
        return Arrival.IN
    return Arrival.INACTIVE if email() in workspace.people.users().index else Arrival.UNKNOWN


def viewer(workspace: Workspace) -> Viewer:
    """Return who looks, with the role they have at this moment. Raises RightsError for somebody who may not come in."""
    if not signs_in():
        return _here(workspace)
    found = workspace.people.viewer(email()) if at_the_door(workspace) is Arrival.IN else None
    if found is None:
        raise RightsError("You have no access: sign in again, or ask a leader.")
    return found


def user_here() -> str:
    """Return the name of this computer's user."""
    return getpass.getuser().lower()


def _here(workspace: Workspace) -> Viewer:
    """Return this computer's user, as the leader or as whom they chose to view the app."""
    chosen = st.session_state.get(_SEEN_AS, SELF)
    if chosen != SELF:
        seen = next((one for one in everybody(workspace) if one.key == chosen), None)
        if seen is not None:
            return Viewer(user_here(), seen.name, seen.app_role, seen.rep_id, here=True)
    return Viewer(user_here(), user_here(), LEADER, here=True)


def everybody(workspace: Workspace) -> list[Seen]:
    """Return all the app can be viewed as: its users who may sign in, then the reps without a user, each by name."""
    users, reps = workspace.people.users(), workspace.reps()
    users = users[users[Users.active].astype(bool)].sort_values(Users.name, kind="stable")
    found = [
        Seen(f"user {address}", row[Users.name], row[Users.app_role], None if pd.isna(row[Users.rep_id]) else row[Users.rep_id])
        for address, row in users.iterrows()
    ]
    leading = set(reps[Reps.manager_id].dropna())
    others = reps[~reps.index.isin(users[Users.rep_id].dropna())].sort_values(Reps.name, kind="stable")
    return found + [
        Seen(f"rep {rep_id}", row[Reps.name], MANAGER if rep_id in leading else REP, str(rep_id)) for rep_id, row in others.iterrows()
    ]


def seen_as() -> str:
    """Return the key of whom this computer's user views the app as; empty for themselves."""
    return str(st.session_state.get(_SEEN_AS, SELF))


def see_as(key: str) -> None:
    """View the app as somebody from now on; only for whoever sits at this computer."""
    if not signs_in():
        st.session_state[_SEEN_AS] = key
        st.session_state[_MOVED] = True


def moved() -> bool:
    """Return, once, whether the app is viewed as somebody else since the last run."""
    return bool(st.session_state.pop(_MOVED, False))


def day(workspace: Workspace) -> date:
    """Return the day the app is looked at: today; at this computer without sign-in also another that was chosen."""
    if signs_in():
        return date.today()
    return st.session_state.get(_DAY) or usual_day(workspace)


def usual_day(workspace: Workspace) -> date:
    """Return today, or the day after the last call of a file when that is more than 30 days ago: then what is due still makes sense.

    What is logged here doesn't count: the first call logged on the sample would move everybody to today.
    """
    last = cached.last_call(workspace.path, workspace.state().calls, workspace)
    return last + timedelta(days=1) if last is not None and date.today() - last > LONG_AGO else date.today()


def look_at_day(chosen: date | None) -> None:
    """Look at the app as of another day from now on, None for the usual one; only for whoever sits at this computer."""
    if not signs_in():
        st.session_state[_DAY] = chosen
