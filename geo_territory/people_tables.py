"""Tables of people and of the time they have: users, days off, the company's calendar, what reps ask for.

`tables` hands them out with all others.
"""

from __future__ import annotations

from geo_territory.rights import APP_ROLES
from geo_territory.table import Day, Flag, Id, Table, column, identifier

HOLIDAY, TRAINING = "holiday", "training"
WRONG_TIER, WRONG_OWNER = "tier", "owner"
OPEN, ACCEPTED, DECLINED = "open", "accepted", "declined"


class Users(Table):
    """One row per person who may sign in."""

    email: Id = identifier()
    name: str = column("name")
    app_role: str = column("leader, manager, rep, analyst or admin", isin=APP_ROLES)
    rep_id: str = column("the rep this person is", nullable=True)
    active: Flag = column("may sign in")


class DaysOff(Table):
    """One row per rep and day without calls."""

    rep_id: str = column("rep")
    date: Day = column("day off")
    reason: str = column("vacation, sick leave …", nullable=True)


class Calendar(Table):
    """One row per day on which nobody, a role or one rep makes calls."""

    date: Day = column("day")
    kind: str = column("holiday or training", isin=(HOLIDAY, TRAINING))
    name: str = column("what it is called", nullable=True)
    role: str = column("the role it concerns; empty for everybody", nullable=True)
    rep_id: str = column("the rep it concerns; empty for everybody", nullable=True)


class Requests(Table):
    """One row per wish of a rep: an account has the wrong tier or the wrong owner."""

    request_id: Id = identifier()
    account_id: str = column("account it is about")
    rep_id: str = column("who asks")
    kind: str = column("tier or owner", isin=(WRONG_TIER, WRONG_OWNER))
    wish: str = column("the tier or owner asked for", nullable=True)
    reason: str = column("why; never empty", str_length={"min_value": 1})
    asked_at: Day = column("moment, UTC")
    state: str = column("open, accepted or declined", isin=(OPEN, ACCEPTED, DECLINED))
    answered_by: str = column("who answered", nullable=True)
    answered_at: Day = column("moment, UTC", nullable=True)
    answer: str = column("what was answered", nullable=True)
