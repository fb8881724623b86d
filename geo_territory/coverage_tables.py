"""Tables of how well a plan is kept: lines in force, when they are due, what was made of them, what comes next.

`tables` hands them out with all others.
"""

from __future__ import annotations

from geo_territory.table import Day, Flag, Id, Number, Table, Whole, column, identifier

NEVER, OVERDUE, DUE, NOT_DUE, NO_PLAN = "never", "overdue", "due", "not_due", "no_plan"
STANDINGS = (NEVER, OVERDUE, DUE, NOT_DUE, NO_PLAN)


class PlanStretches(Table):
    """One row per account x role x channel and stretch of time in which a call pattern held for it, with who was to call (F10)."""

    account_id: str = column("account")
    role: str = column("role that is to call")
    channel: str = column("visit, video, phone or email")
    rep_id: str = column("who is to call; empty for a vacancy", nullable=True)
    tier: str = column("tier in force in that time")
    cadence: str = column("weekly, monthly … never")
    calls_per_year: Number = column("planned calls (F9)", unit="1/year", ge=0)
    valid_from: Day = column("first day")
    valid_to: Day = column("last day")


class LineAttainment(Table):
    """One row per account x role x channel x rep and tier: calls planned in a period and calls made of them (F10, F25)."""

    account_id: str = column("account")
    role: str = column("role that is to call")
    channel: str = column("visit, video, phone or email")
    rep_id: str = column("who is to call; empty for a vacancy", nullable=True)
    tier: str = column("tier in force in that time")
    cadence: str = column("weekly, monthly … never")
    planned: Whole = column("calls planned in the period (F10)", ge=0)
    made: Whole = column("calls made that fit the line, a stronger channel among them (F25)", ge=0)
    made_any: Whole = column("the same when any contact fits", ge=0)
    forbidden: Flag = column("the pattern says never")


class LineCadence(Table):
    """One row per account x role x channel with a pattern: when it was last called and is due again (F31)."""

    account_id: str = column("account")
    role: str = column("role that is to call")
    channel: str = column("visit, video, phone or email")
    tier: str = column("tier in force")
    cadence: str = column("weekly, monthly … annual, or custom")
    interval_days: Number = column("days from one call to the next", unit="day", ge=1, nullable=True)
    grace_days: Number = column("days early or late that still count as on time", unit="day", ge=0, nullable=True)
    last_counted: Day = column("day of the last counted call that fits; empty for none", nullable=True)
    days_since: Number = column("days since then", unit="day", ge=0, nullable=True)
    due_date: Day = column("when it is due again; empty when never called", nullable=True)
    days_late: Number = column("days past the due date, 0 before it; empty when never called", unit="day", ge=0, nullable=True)
    overdue_ratio: Number = column("days since over the interval; empty when never called", ge=0, nullable=True)
    standing: str = column("never, overdue, due, not_due or no_plan", isin=STANDINGS)


class NextBest(Table):
    """One row per account, in the order to call them (F39)."""

    account_id: Id = identifier()
    place: Whole = column("position in the list, 1 is next", ge=1)
    tier: str = column("tier in force")
    standing: str = column("never, overdue, due, not_due or no_plan", isin=STANDINGS)
    channel: str = column("channel of the line that is most urgent; empty without a plan", nullable=True)
    due_date: Day = column("when that line is due; empty when never called or without a plan", nullable=True)
    days_late: Number = column("days past the due date", unit="day", ge=0, nullable=True)
    overdue_ratio: Number = column("days since the last call over the interval", ge=0, nullable=True)
    value: Number = column("value", unit="currency/year", nullable=True)
    distance_km: Number = column("straight line from the rep's base; empty without a place", unit="km", ge=0, nullable=True)
    reason: str = column("why it stands there, in one line")
