"""Tables of what is published: cycles, who serves which account in which role from when, what changes hands by it.

`tables` hands them out with all others.
"""

from __future__ import annotations

from geo_territory.table import Day, Id, Number, Table, Whole, column, identifier

BY_UNIT, BY_EXCEPTION, BY_RULE = "unit", "exception", "rule"
GAINED, LOST, KEPT = "gained", "lost", "kept"
MOVED, NEW, CLOSED = "moved", "new", "closed"


class Cycles(Table):
    """One row per cycle: the period that a set-up serves."""

    cycle_id: Id = identifier()
    name: str = column("name, such as 2026 Q4")
    start: Day = column("first day")
    end: Day = column("last day")
    opened_at: Day = column("moment, UTC")
    frozen_at: Day = column("moment it was closed, UTC; empty while it is open", nullable=True)


class Assignments(Table):
    """One row per account x role of a publication: the territory and the person who serves it, and why."""

    account_id: str = column("account")
    role: str = column("role that serves it")
    territory_id: str = column("territory; empty when it lies in none", nullable=True)
    rep_id: str = column("who serves it; empty for a vacancy", nullable=True)
    tier: str = column("tier in force when it was published")
    cause: str = column("unit, exception (given by hand) or rule", isin=(BY_UNIT, BY_EXCEPTION, BY_RULE))
    lock: str = column("why it may not change hands; empty when it may", nullable=True)
    reason: str = column("why, in one sentence", nullable=True)


class Ownership(Table):
    """One row per stretch of time in which a person served an account in a role."""

    account_id: str = column("account")
    role: str = column("role that served it")
    territory_id: str = column("territory", nullable=True)
    rep_id: str = column("who served it", nullable=True)
    tier: str = column("tier in force")
    valid_from: Day = column("first day")
    valid_to: Day = column("last day; empty for no end", nullable=True)
    publication_id: Whole = column("the publication that says so", ge=1)


class TerritoryReps(Table):
    """One row per territory x role: who serves its accounts."""

    territory_id: str = column("territory")
    role: str = column("role")
    rep_id: str = column("who serves it; empty for a vacancy", nullable=True)


class ChangesOfHands(Table):
    """One row per account x role whose person or territory is looked at over a realignment (F22)."""

    account_id: str = column("account")
    role: str = column("role")
    name: str = column("name of the site", nullable=True)
    tier: str = column("tier in force afterwards, before for one that is no more")
    value: Number = column("value", unit="currency/year", nullable=True)
    rep_before: str = column("who served it; empty for nobody", nullable=True)
    rep_after: str = column("who serves it; empty for nobody", nullable=True)
    territory_before: str = column("territory before", nullable=True)
    territory_after: str = column("territory after", nullable=True)
    reason: str = column("why", nullable=True)
    change: str = column(
        "moved (to somebody else, or to nobody), new (nobody served it before), closed (it is no more) or kept",
        isin=(MOVED, NEW, CLOSED, KEPT),
        nullable=True,
        later=True,
    )


class RepChanges(Table):
    """One row per rep: what a realignment gives and takes."""

    rep_id: Id = identifier()
    gained: Whole = column("accounts gained", ge=0)
    lost: Whole = column("accounts lost", ge=0)
    kept: Whole = column("accounts kept", ge=0)
    newly_served: Whole = column("of those gained, nobody served before", ge=0)
    closed: Whole = column("of those lost, are no more", ge=0)
    value_before: Number = column("value served before", unit="currency/year", ge=0)
    value_after: Number = column("value served afterwards", unit="currency/year", ge=0)
    value_lost_share: Number = column("value that goes to others over the value before; empty when there was none", ge=0, nullable=True)
    hours_before: Number = column("workload before", unit="h/year", ge=0)
    hours_after: Number = column("workload afterwards", unit="h/year", ge=0)
    capacity: Number = column("hours the person has", unit="h/year", ge=0, nullable=True)
