"""Tables a design is chosen and explained by: its alternatives, what changes hands and why, and what more or fewer people do.

`tables` hands them out with all others.
"""

from __future__ import annotations

from geo_territory.table import Flag, Id, Number, Table, Whole, column, identifier


class UnitMoves(Table):
    """One row per unit that changes hands against the current alignment, and why."""

    unit_id: Id = identifier()
    before: str = column("territory before")
    after: str = column("territory after")
    weight: Number = column("what is balanced of it", ge=0)
    reason: str = column("why, in one sentence")


class Handings(Table):
    """One row per pair of territories of which one hands units to the other, in the order that explains the whole."""

    giver: str = column("territory that gives")
    receiver: str = column("territory that takes")
    units: Whole = column("units that change hands", ge=1)
    weight: Number = column("what is balanced of them", ge=0)
    weight_share: Number = column("the same as a share of all; these add up to the disruption", ge=0, le=1)
    giver_before: Number = column("giver's index before", unit="points", ge=0)
    giver_after: Number = column("giver's index after", unit="points", ge=0)
    receiver_before: Number = column("receiver's index before", unit="points", ge=0)
    receiver_after: Number = column("receiver's index after", unit="points", ge=0)
    misplaced_change: Number = column("what it buys: change of the share of weight in the wrong territory; less is better")
    inertia_change: Number = column("what it buys: change of the inertia, a fraction of the one before; less is more compact")
    reason: str = column("why, in one sentence")


class AccountMoves(Table):
    """One row per account that changes hands, and why (F22)."""

    account_id: Id = identifier()
    name: str = column("name of the site", nullable=True)
    tier: str = column("tier in force")
    value: Number = column("value", unit="currency/year", nullable=True)
    before: str = column("territory before")
    after: str = column("territory after; empty when it isn't on the map", nullable=True)
    reason: str = column("why, in one sentence")


class HeadcountCurve(Table):
    """One row per number of territories: how well they can be drawn and what their hours cover (F15-F17); coverage by tier beside."""

    territories: Whole = column("number of territories, one full-time person each", ge=1)
    imbalance: Number = column("largest departure from the target, a fraction", ge=0)
    within: Flag = column("the imbalance is within the tolerance")
    contiguous: Flag = column("every territory is in one piece")
    inertia_ratio: Number = column("inertia over that of the number asked for; less is more compact", ge=0)
    disruption: Number = column("share of what is balanced that changes hands; empty without a start", ge=0, le=1, nullable=True)
    hours: Number = column("workload of the role", unit="h/year", ge=0)
    capacity: Number = column("hours that many full-time people have (F14)", unit="h/year", ge=0)
    utilisation: Number = column("workload over capacity (F16)", ge=0, nullable=True)
    people_needed: Number = column("whole people the workload asks for (F15)", ge=0, nullable=True)
    covered: Number = column("share of the workload that fits each territory's own hours, best tier first (F17)", ge=0, le=1, nullable=True)


class Alternatives(Table):
    """One row per alternative to choose from, numbered from 1: how good it is and what it was made with."""

    number: Whole = column("number to choose it by", ge=1)
    label: str = column("what it is best at")
    tolerance: Number = column("tolerance it was made with, a fraction", gt=0, lt=1)
    price: Number = column("price of disruption it was made with: % of inertia that 1 % of the weight must buy", ge=0)
    imbalance: Number = column("largest departure from the target, a fraction", ge=0)
    inertia: Number = column("weight times squared distance to the centroids; less is more compact", ge=0)
    inertia_ratio: Number = column("inertia over that of the most compact alternative", ge=1)
    gap: Number = column("inertia above the proved bound, a fraction; empty without a bound", ge=0, nullable=True)
    disruption: Number = column("share of what is balanced that changes hands; empty without a start", ge=0, le=1, nullable=True)
    moved: Number = column("accounts that change hands; empty without a start", ge=0, nullable=True)
    contiguous: Flag = column("every territory is in one piece")
    pieces: Whole = column("pieces of the territory that has most", ge=0)


class ComparisonLines(Table):
    """One row per alignment that is compared: its measures, and what changes hands against the first (F19, F22, F23)."""

    label: str = column("what it is called")
    territories: Whole = column("territories", ge=0)
    imbalance: Number = column("largest departure from the target, a fraction", ge=0)
    in_band: Whole = column("territories with an index of 85 to 115", ge=0)
    contiguous: Flag = column("every territory is in one piece")
    compactness: Number = column("Polsby-Popper, the mean over territories; 1 is a disc", ge=0, le=1, nullable=True)
    moved: Number = column("accounts that are in another territory than in the first", ge=0, nullable=True)
    moved_share: Number = column("those accounts, a fraction of all", ge=0, le=1, nullable=True)
    value_share: Number = column("their value, a fraction of all", ge=0, le=1, nullable=True)
    top_tier_share: Number = column("moved accounts of the top tier, a fraction of that tier", ge=0, le=1, nullable=True)
    risk_low: Number = column("sales that may be lost by it, at least (F22)", unit="currency/year", ge=0, nullable=True)
    risk_high: Number = column("sales that may be lost by it, at most (F22)", unit="currency/year", ge=0, nullable=True)


class AffectedTerritories(Table):
    """One row per territory that differs between two alignments; empty on the side that has no such territory."""

    territory_id: Id = identifier()
    name: str = column("name")
    index_before: Number = column("balance index in the first", unit="points", ge=0, nullable=True)
    index_after: Number = column("balance index in the second", unit="points", ge=0, nullable=True)
    workload_before: Number = column("hours a year of the aligned role in the first", unit="h/year", ge=0, nullable=True)
    workload_after: Number = column("hours a year of the aligned role in the second", unit="h/year", ge=0, nullable=True)
    value_before: Number = column("value of its accounts in the first", unit="currency/year", ge=0, nullable=True)
    value_after: Number = column("value of its accounts in the second", unit="currency/year", ge=0, nullable=True)
    accounts_before: Number = column("accounts in the first", ge=0, nullable=True)
    accounts_after: Number = column("accounts in the second", ge=0, nullable=True)
    gained: Whole = column("accounts it gains", ge=0)
    lost: Whole = column("accounts it loses", ge=0)


class HandedOver(Table):
    """One row per account that is in another territory in the second alignment than in the first."""

    account_id: Id = identifier()
    name: str = column("name of the site", nullable=True)
    tier: str = column("tier in force")
    value: Number = column("value", unit="currency/year", nullable=True)
    before: str = column("territory in the first; empty for none", nullable=True)
    after: str = column("territory in the second; empty for none", nullable=True)
