"""Every table, declared once: columns, types, units and bounds.

`Accounts.annual_value` is the column's name; `Accounts.check(frame)` returns the frame in its declared types
or raises a TableError that lists every fault. Tables may carry further columns: what a person brought stays.
Ids are text and are the index where a table has one row per thing.
"""

from __future__ import annotations

from geo_territory.choice_tables import AccountMoves as AccountMoves
from geo_territory.choice_tables import AffectedTerritories as AffectedTerritories
from geo_territory.choice_tables import Alternatives as Alternatives
from geo_territory.choice_tables import ComparisonLines as ComparisonLines
from geo_territory.choice_tables import HandedOver as HandedOver
from geo_territory.choice_tables import Handings as Handings
from geo_territory.choice_tables import HeadcountCurve as HeadcountCurve
from geo_territory.choice_tables import UnitMoves as UnitMoves
from geo_territory.coverage_tables import LineAttainment as LineAttainment
from geo_territory.coverage_tables import LineCadence as LineCadence
from geo_territory.coverage_tables import NextBest as NextBest
from geo_territory.coverage_tables import PlanStretches as PlanStretches
from geo_territory.cycle_tables import Assignments as Assignments
from geo_territory.cycle_tables import ChangesOfHands as ChangesOfHands
from geo_territory.cycle_tables import Cycles as Cycles
from geo_territory.cycle_tables import Ownership as Ownership
from geo_territory.cycle_tables import RepChanges as RepChanges
from geo_territory.cycle_tables import TerritoryReps as TerritoryReps
from geo_territory.people_tables import Calendar as Calendar
from geo_territory.people_tables import DaysOff as DaysOff
from geo_territory.people_tables import Requests as Requests
from geo_territory.people_tables import Users as Users
from geo_territory.table import Day, Flag, Id, Number, Table, Whole, column, identifier

TIERS = ("A", "B", "C")
STATUSES = ("customer", "prospect", "closed")
CHANNELS = ("visit", "video", "phone", "email")
OUTCOMES = ("met", "connected", "voicemail", "no_answer", "cancelled", "planned")
PRECISIONS = ("given", "address", "postcode", "city", "none")
ROW_OUTCOMES = ("accepted", "fixed", "warned", "rejected")


class Accounts(Table):
    """One row per site that a rep may call on, customers and prospects in one universe."""

    account_id: Id = identifier()
    name: str = column("name of the site", nullable=True)
    status: str = column("customer, prospect or closed", isin=STATUSES)
    street: str = column("street address", nullable=True)
    city: str = column("city", nullable=True)
    state: str = column("state or province, as written", nullable=True)
    postal_code: str = column("postal code as text; US ZIPs have five characters", nullable=True)
    country: str = column("ISO 3166-1 alpha-2 code", nullable=True)
    lat: Number = column("latitude, WGS 84", unit="degree", ge=-90, le=90, nullable=True)
    lon: Number = column("longitude, WGS 84", unit="degree", ge=-180, le=180, nullable=True)
    geocode_precision: str = column("what the point stands for", isin=PRECISIONS)
    geocode_source: str = column("where the point comes from", nullable=True)
    annual_value: Number = column("the money measure chosen at import", unit="currency/year", nullable=True)
    sales_12m: Number = column("our sales in the last twelve months", unit="currency/year", nullable=True)
    profit_12m: Number = column("our profit in the last twelve months", unit="currency/year", nullable=True)
    potential: Number = column("what the account could buy in a year", unit="currency/year", nullable=True)
    industry: str = column("industry", nullable=True)
    opened: Day = column("when the relationship began", nullable=True)
    last_purchase: Day = column("date of the last purchase", nullable=True)
    territory_id: str = column("current territory, as imported (a hint)", nullable=True)
    phone: str = column("phone number, as written", nullable=True, later=True)


class Incoming(Table):
    """What an account file may bring beside the columns of Accounts: read to judge its rows, kept with the file's own columns."""

    end_date: Day = column("when the relationship ended", nullable=True)
    updated_at: Day = column("when the row was last changed", nullable=True)
    currency: str = column("ISO 4217 code of the row's money", nullable=True)
    company_size: Number = column("revenue of the account's own business, shown as customer size; never our sales", nullable=True)


class ImportReport(Table):
    """One row per row of an imported file: what became of it and why."""

    row: Whole = column("row number in the file, the heading is row 1", ge=1)
    account_id: str = column("id given to the row's account", nullable=True)
    outcome: str = column("accepted, fixed, warned or rejected", isin=ROW_OUTCOMES)
    reason: str = column("what was fixed, doubted or wrong; empty when accepted", nullable=True)


class Tiers(Table):
    """One row per account: its tier and the reason (F1-F8)."""

    account_id: Id = identifier()
    computed_tier: str = column("tier by the rule")
    tier: str = column("tier in force: the override where one is set and not expired, else the computed one")
    reason: str = column("why, in one line a rep can read")
    value_used: Number = column("value the rule looked at", unit="currency/year", nullable=True)
    value_rank: Number = column("position by value within its list, 1 is best", ge=1, nullable=True)
    cum_share_before: Number = column("share of the list's positive value held by better accounts (F1)", ge=0, le=1, nullable=True)
    overridden: Flag = column("an override is in force")


class Overrides(Table):
    """One row per account whose tier a person has set, with the reason."""

    account_id: Id = identifier()
    tier: str = column("tier set by a person")
    reason: str = column("why; never empty", str_length={"min_value": 1})
    set_by: str = column("who set it", nullable=True)
    until: Day = column("last day in force; empty for no end", nullable=True)


class TierSummary(Table):
    """One row per tier: what it holds."""

    tier: Id = identifier()
    accounts: Whole = column("number of accounts, prospects included", ge=0)
    accounts_share: Number = column("share of all accounts", ge=0, le=1, nullable=True)
    value: Number = column("value of its accounts that are no prospects", unit="currency/year", ge=0)
    value_share: Number = column("share of that value; empty when there is none", ge=0, le=1, nullable=True)
    prospects: Whole = column("number of prospects among its accounts", ge=0)
    prospect_value: Number = column("value its prospects were ranked by, most often potential", unit="currency/year", ge=0)
    overridden: Whole = column("accounts whose tier a person set", ge=0)


class TierMoves(Table):
    """One row per account whose tier differs between two ways to assign them."""

    account_id: Id = identifier()
    tier_before: str = column("tier before")
    tier_after: str = column("tier after")
    value_before: Number = column("value used before", unit="currency/year", nullable=True)
    value_after: Number = column("value used after", unit="currency/year", nullable=True)
    reason: str = column("why, after")


class Wallet(Table):
    """One row per account: how much of what it could buy it buys from us (F5)."""

    account_id: Id = identifier()
    share_of_wallet: Number = column("our sales over its potential; above 1 is a data error", ge=0, nullable=True)
    growth_gap: Number = column("potential less our sales", unit="currency/year", nullable=True)
    doubtful: Flag = column("our sales exceed the potential, so one of them is wrong")


class CallPlan(Table):
    """One row per account x role x channel with a call pattern; a "never" line is kept with 0 calls."""

    account_id: str = column("account")
    tier: str = column("tier in force")
    role: str = column("role that calls")
    channel: str = column("visit, video, phone or email", isin=CHANNELS)
    cadence: str = column("weekly, monthly … never")
    calls_per_year: Number = column("planned calls (F9)", unit="1/year", ge=0)
    minutes_per_call: Number = column("call and preparation", unit="min", ge=0)
    travel_min: Number = column("travel to one call; empty for an estimate (F12)", unit="min", ge=0, nullable=True)


class Workload(Table):
    """One row per account x role: hours a year to serve it (F11-F13)."""

    account_id: str = column("account")
    role: str = column("role")
    calls_per_year: Number = column("planned calls", unit="1/year", ge=0)
    call_hours: Number = column("hours in calls and preparing them (F11)", unit="h/year", ge=0)
    travel_hours: Number = column("hours of travel, an estimate without a road network (F12)", unit="h/year", ge=0)
    hours: Number = column("call and travel hours (F13)", unit="h/year", ge=0)


class PlanLines(Table):
    """One row per line of the call plan, tier x role x channel: what it asks for in a year (F11-F13)."""

    tier: str = column("tier in force")
    role: str = column("role that calls")
    channel: str = column("visit, video, phone or email", isin=CHANNELS)
    cadence: str = column("weekly, monthly … never")
    calls_per_account: Number = column("planned calls on one account (F9)", unit="1/year", ge=0)
    accounts: Whole = column("number of accounts", ge=0)
    calls_per_year: Number = column("planned calls on all of them", unit="1/year", ge=0)
    call_hours: Number = column("hours in calls and preparing them (F11)", unit="h/year", ge=0)
    travel_hours: Number = column("hours of travel, an estimate without a road network (F12)", unit="h/year", ge=0)
    hours: Number = column("call and travel hours (F13)", unit="h/year", ge=0)


class Staffing(Table):
    """One row per role: hours needed against hours there are (F14-F17)."""

    role: Id = identifier()
    hours: Number = column("workload of the call plan", unit="h/year", ge=0)
    capacity: Number = column("hours the people in the role have", unit="h/year", ge=0)
    capacity_per_person: Number = column("hours a full-time person has (F14)", unit="h/year", ge=0)
    fte_needed: Number = column("workload over hours of a full-time person (F15)", ge=0, nullable=True)
    people_needed: Number = column("whole people needed (F15)", ge=0, nullable=True)
    people: Number = column("full-time people there are", ge=0)
    utilisation: Number = column("workload over capacity (F16)", ge=0, nullable=True)


class Units(Table):
    """Basic units: the smallest areas assigned whole. A GeoDataFrame in EPSG:4326."""

    unit_id: Id = identifier()
    name: str = column("name a person recognises", nullable=True)
    kind: str = column("h3, county, voronoi or given")
    region: str = column("state or country the unit lies in", nullable=True)
    area_km2: Number = column("area on the equal-area plane", unit="km2", ge=0)


class Borders(Table):
    """One row per pair of neighbouring units; `unit_a` < `unit_b`."""

    unit_a: str = column("unit")
    unit_b: str = column("its neighbour")
    border_m: Number = column("length of the shared border; 0 for a crossing", unit="m", ge=0)
    crossing_km: Number = column("length of the sea crossing that links two pieces; 0 for a border on land", unit="km", ge=0)


class Crossings(Table):
    """One row per sea crossing that links two pieces of the neighbour graph."""

    unit_a: str = column("unit")
    unit_b: str = column("unit on the other side")
    name_a: str = column("name of the unit", nullable=True)
    name_b: str = column("name of the unit on the other side", nullable=True)
    crossing_km: Number = column("length of the crossing", unit="km", ge=0)


class OffMap(Table):
    """One row per account that lies in no unit, and why."""

    account_id: Id = identifier()
    name: str = column("name of the site", nullable=True)
    reason: str = column("why it lies in no unit")


class Areas(Table):
    """One row per US state or other country, as units and land name them."""

    area_id: Id = identifier()
    name: str = column("name; a country named like a state says so")
    state: str = column("postal code of the state; empty for a country")
    country: str = column("ISO 3166-1 alpha-2 code; empty for areas that have none")


class UnitTotals(Table):
    """One row per unit: what its accounts add up to."""

    unit_id: Id = identifier()
    workload: Number = column("hours a year of the aligned role", unit="h/year", ge=0)
    value: Number = column("value of its accounts", unit="currency/year", ge=0)
    accounts: Number = column("number of accounts", ge=0)


class AlignmentRows(Table):
    """One row per unit: the territory it belongs to."""

    unit_id: Id = identifier()
    territory_id: str = column("territory")


class TerritoryBorders(Table):
    """One row per pair of neighbouring territories; `territory_a` < `territory_b`."""

    territory_a: str = column("territory")
    territory_b: str = column("its neighbour")
    border_m: Number = column("length of the shared border; 0 when only a crossing joins them", unit="m", ge=0)
    crossing_km: Number = column("length of the shortest crossing; 0 for neighbours on land", unit="km", ge=0)


class Differences(Table):
    """One row per unit whose territory differs between two alignments."""

    unit_id: Id = identifier()
    before: str = column("territory before; empty when it had none", nullable=True)
    after: str = column("territory after; empty when it has none", nullable=True)


class Territories(Table):
    """One row per territory. With shapes, a GeoDataFrame in EPSG:4326."""

    territory_id: Id = identifier()
    name: str = column("name")
    color: str = column("fill colour, #rrggbb; neighbours never share one")


class Scorecard(Table):
    """One row per territory: its measures (F16, F19, F23, F24)."""

    territory_id: Id = identifier()
    workload: Number = column("hours a year of the aligned role", unit="h/year", ge=0)
    travel_hours: Number = column("travel in that workload, an estimate (F24)", unit="h/year", ge=0)
    weight: Number = column("what the design balances: workload [h/year], value [currency/year] or number of accounts", ge=0)
    target: Number = column("weight it should have by its share of capacity (F19)", ge=0)
    balance_index: Number = column("100 x weight over target (F19)", unit="points", ge=0, nullable=True)
    in_band: Flag = column("85 <= index <= 115")
    value: Number = column("value of its accounts", unit="currency/year", ge=0)
    accounts: Whole = column("number of accounts", ge=0)
    units: Whole = column("number of units", ge=0)
    pieces: Whole = column("separate parts in the neighbour graph; 1 is contiguous", ge=0)
    area_km2: Number = column("area", unit="km2", ge=0)
    compactness: Number = column("Polsby-Popper, 1 is a disc (F23)", ge=0, le=1, nullable=True)


class Reps(Table):
    """One row per seller."""

    rep_id: Id = identifier()
    name: str = column("name")
    email: str = column("login", nullable=True)
    role: str = column("outside, inside, vp …")
    fte: Number = column("share of full time", ge=0, le=1)
    lat: Number = column("latitude of the base", unit="degree", ge=-90, le=90, nullable=True)
    lon: Number = column("longitude of the base", unit="degree", ge=-180, le=180, nullable=True)
    leave_days: Number = column("days of leave a year", unit="day/year", ge=0)
    territory_id: str = column("territory covered", nullable=True)
    manager_id: str = column("the rep who leads this one", nullable=True, later=True)
    start: Day = column("first day of work; empty for long ago", nullable=True, later=True)
    end: Day = column("last day of work; empty for no end", nullable=True, later=True)


class Calls(Table):
    """One row per logged call."""

    call_id: Id = identifier()
    account_id: str = column("account called")
    rep_id: str = column("who called")
    role: str = column("role of the rep")
    date: Day = column("day of the call")
    channel: str = column("visit, video, phone or email", isin=CHANNELS)
    outcome: str = column("met, connected, voicemail …", isin=OUTCOMES)
    duration_min: Number = column("length of the call", unit="min", ge=0, nullable=True)
    note: str = column("what was noted; personal data, kept for a time only", nullable=True, later=True)
    logged_at: Day = column("moment it was logged, UTC", nullable=True, later=True)


class IncomingCalls(Table):
    """What a call log's file may bring beside the columns of Calls: read to make them, then left."""

    start_time: str = column("time of day the call began, as written", nullable=True)
    duration_s: Number = column("length of the call in seconds, as Salesforce writes it", unit="s", ge=0, nullable=True)
    duration_ms: Number = column("length of the call in milliseconds, as HubSpot writes it", unit="ms", ge=0, nullable=True)


class Audit(Table):
    """One row per change of a workspace, oldest first; nothing updates or deletes it."""

    seq: Whole = column("running number", ge=1)
    at: Day = column("moment, UTC")
    who: str = column("who changed it")
    what: str = column("what was done, such as accounts imported")
    object: str = column("what it was done to, such as import 3")
    old: str = column("before, as text; empty for a first value", nullable=True)
    new: str = column("after, as text; empty when something was taken away", nullable=True)
    why: str = column("reason given", nullable=True)


class States(Table):
    """One row per US state or territory, bundled. A GeoDataFrame in EPSG:4326."""

    state_id: Id = identifier()
    state: str = column("postal code of the state, CA")
    name: str = column("name")


class Counties(Table):
    """One row per US county or county equivalent, bundled. A GeoDataFrame in EPSG:4326."""

    county_id: Id = identifier()
    name: str = column("name without the word county")
    state: str = column("postal code of the state, CA")


class Countries(Table):
    """One row per country or disputed area, bundled. A GeoDataFrame in EPSG:4326."""

    country: str = column("ISO 3166-1 alpha-2 code; empty for areas that have none", nullable=True)
    name: str = column("name")


class ZipPoints(Table):
    """One row per US ZIP code: the point that stands for it, bundled."""

    postal_code: Id = identifier()
    city: str = column("post office's city", nullable=True)
    state: str = column("postal code of the state; AA, AE or AP for military mail", nullable=True)
    lat: Number = column("latitude, WGS 84", unit="degree", ge=-90, le=90)
    lon: Number = column("longitude, WGS 84", unit="degree", ge=-180, le=180)


class Cities(Table):
    """One row per populated place of the world, bundled."""

    geoname_id: Id = identifier()
    name: str = column("name")
    ascii_name: str = column("name without accents")
    state: str = column("US: postal code of the state; elsewhere GeoNames' first-order division", nullable=True)
    country: str = column("ISO 3166-1 alpha-2 code")
    lat: Number = column("latitude, WGS 84", unit="degree", ge=-90, le=90)
    lon: Number = column("longitude, WGS 84", unit="degree", ge=-180, le=180)
    population: Whole = column("inhabitants", ge=0)
