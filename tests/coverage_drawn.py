"""Plans and calls drawn in a line each, for the tests of coverage and of the day sheet."""

from datetime import date, timedelta

import pandas as pd

from geo_territory.tables import CallPlan, Calls, Ownership

STRONGEST = {"visit": "met", "video": "met", "phone": "connected", "email": "connected"}


def lines(*drawn):
    """A CallPlan: "a1 A outside visit weekly" a line; "52" or another number stands for a custom cadence."""
    named = {"weekly": 52, "biweekly": 26, "monthly": 12, "bimonthly": 6, "quarterly": 4, "semiannual": 2, "annual": 1, "never": 0}
    rows = []
    for account, tier, role, channel, cadence in (line.split() for line in drawn):
        calls = named.get(cadence)
        rows.append((account, tier, role, channel, cadence if calls is not None else "custom", float(cadence) if calls is None else calls))
    columns = [CallPlan.account_id, CallPlan.tier, CallPlan.role, CallPlan.channel, CallPlan.cadence, CallPlan.calls_per_year]
    table = pd.DataFrame(rows, columns=columns).assign(**{CallPlan.minutes_per_call: 60.0, CallPlan.travel_min: None})
    return CallPlan.check(table[CallPlan.columns()]) if rows else CallPlan.empty()


def log(*drawn):
    """Calls: "a1 R1 outside visit 2024-03-01" a line, with "x5" for five on following days or an outcome behind it."""
    rows = []
    for line in drawn:
        account, rep, role, channel, day, *rest = line.split()
        times = next((int(word[1:]) for word in rest if word[0] == "x" and word[1:].isdigit()), 1)
        outcome = next((word for word in rest if not (word[0] == "x" and word[1:].isdigit())), STRONGEST[channel])
        rows += [(account, rep, role, date.fromisoformat(day) + timedelta(days=i), channel, outcome) for i in range(times)]
    columns = [Calls.account_id, Calls.rep_id, Calls.role, Calls.date, Calls.channel, Calls.outcome]
    table = pd.DataFrame(rows, columns=columns).assign(**{Calls.duration_min: 30.0})
    table.index = pd.Index([f"c{i:05d}" for i in range(len(rows))], name=Calls.call_id, dtype="str")
    return Calls.check(table) if rows else Calls.empty()


def held(*drawn):
    """Ownership: "a1 A outside R1 2024-01-01 2024-02-15" a line; the last day may be left out."""
    rows = []
    for line in drawn:
        account, tier, role, rep, first, *last = line.split()
        rows.append((account, role, "T1", None if rep == "-" else rep, tier, first, last[0] if last else None, 1))
    columns = [
        Ownership.account_id, Ownership.role, Ownership.territory_id, Ownership.rep_id, Ownership.tier, Ownership.valid_from,
        Ownership.valid_to, Ownership.publication_id,
    ]  # fmt: skip
    return Ownership.check(pd.DataFrame(rows, columns=columns)) if rows else Ownership.empty()
