"""Drafts drawn as text: a letter is a square unit and names its territory, a dot inside the picture is a unit nobody covers.

Every unit has one account at its middle unless said, its tier the letter of a second drawing; outside reps visit all tiers.
"""

import dataclasses

import numpy as np
import pandas as pd

from geo_territory.alignment import Alignment
from geo_territory.attention import pay_attention
from geo_territory.balancing import Result
from geo_territory.balancing.limits import NO_LIMITS
from geo_territory.balancing.result import imbalance_of, inertia_of, pieces_of
from geo_territory.balancing.tables import problem_of
from geo_territory.boundaries import PALETTE
from geo_territory.design import Prepared, complete
from geo_territory.policy import CallPattern, CallPolicy, DesignPolicy, Policy, TierRule
from geo_territory.progress import Clock, silent
from geo_territory.redraw.basis import basis_of
from geo_territory.redraw.draft import Draft
from geo_territory.tables import Accounts, Reps, Territories
from geo_territory.units import sums_by_unit, unit_of_account, unit_totals
from tests.drawn_maps import drawn

VALUE = {"A": 1000.0, "B": 100.0, "C": 10.0}
PATTERNS = (
    CallPattern("A", "outside", "visit", "weekly", 60),
    CallPattern("B", "outside", "visit", "monthly", 60),
    CallPattern("C", "outside", "visit", "quarterly", 60),
)


def world(picture, *, tiers=None, count=None, balance="accounts", reps=None, patterns=PATTERNS, **lines):
    """Return (basis, draft) of a drawing; `count` says how many accounts each unit has, as digits in a drawing like `picture`.

    `lines` change what is said of a territory: A={"name": "Dallas"}. Ids of units are "r0c1", of accounts "r0c1-0".
    """
    units, alignment = drawn(picture.replace(".", "?"))
    number = dict(zip(_ids(picture), _letters(count), strict=True)) if count else dict.fromkeys(units.units.index, "1")
    tier = dict(zip(_ids(picture), _letters(tiers), strict=True)) if tiers else dict.fromkeys(units.units.index, "A")
    lon, lat = units.plane.unproject(units.position).T
    place = dict(zip(units.units.index, zip(lat, lon, strict=True), strict=True))
    rows = {f"{unit}-{i}": (*place[unit], VALUE[tier[unit]]) for unit in units.units.index for i in range(int(number[unit]))}
    attention = _attention(rows, len(alignment.territories), balance, patterns)
    design = _designed(attention, units, alignment)
    names = design.scorecard.index
    said = pd.DataFrame(
        {
            Territories.name: [lines.get(name, {}).get("name", f"Region {name}") for name in names],
            Territories.color: [PALETTE[i % len(PALETTE)] for i in range(len(names))],
            str(Reps.rep_id): [lines.get(name, {}).get("rep", "") for name in names],
        },
        index=names,
    )
    basis = basis_of(design, Reps.empty() if reps is None else reps, said)
    return basis, Draft.begin(basis)


def a_rep(rep_id, place=(np.nan, np.nan), fte=1.0):
    """Return a Reps table of one outside rep at (lat, lon)."""
    row = {Reps.name: rep_id, Reps.email: None, Reps.role: "outside", Reps.fte: fte, Reps.lat: place[0], Reps.lon: place[1]}
    row |= {Reps.leave_days: 0.0, Reps.territory_id: None}
    frame = pd.DataFrame([row], index=pd.Index([rep_id], name=str(Reps.rep_id), dtype="str"))
    return Reps.check(frame.astype({str(Reps.email): "str", str(Reps.territory_id): "str"}).reindex(columns=Reps.columns()))


def picture_of(basis, draft):
    """Return who owns each unit, drawn like the world was: one letter a unit, by the last character of the id."""
    rows = {}
    for unit, slot in zip(basis.units, draft.owner, strict=True):
        row, column = (int(part) for part in unit[1:].split("c"))
        rows.setdefault(row, {})[column] = "." if slot < 0 else draft.slots[slot][-1]
    return [" ".join("".join(rows[r].get(c, " ") for c in range(max(rows[r]) + 1)).split(" ")) for r in sorted(rows)]


def _letters(drawing):
    return [letter for line in drawing.strip().splitlines() for letter in line.strip()]


def _ids(drawing):
    return [f"r{r}c{c}" for r, line in enumerate(drawing.strip().splitlines()) for c, _ in enumerate(line.strip())]


def _attention(rows, territories, balance, patterns):
    frame = pd.DataFrame(list(rows.values()), index=pd.Index(list(rows), name=str(Accounts.account_id), dtype="str"))
    frame.columns = [Accounts.lat, Accounts.lon, Accounts.annual_value]
    frame = frame.assign(**{Accounts.name: [f"Site {i}" for i in rows], Accounts.status: "customer", Accounts.country: "US"})
    frame = frame.assign(**{Accounts.geocode_precision: "given"}).reindex(columns=Accounts.columns())
    policy = Policy(
        tier_rule=TierRule(method="thresholds", thresholds=(500.0, 50.0)),
        calls=CallPolicy(patterns),
        design=DesignPolicy(territories=territories, units="given.geojson", balance=balance, tolerance=0.15),
    )
    return pay_attention(Accounts.check(frame), policy)


def _designed(attention, units, alignment):
    asked = attention.policy.design
    known = Alignment(alignment.territory_of[alignment.territory_of != "?"], asked.role)
    weight = attention.weight(asked.balance, asked.role)
    unit_id = unit_of_account(attention.planned, units)
    unit_weight = sums_by_unit(weight, unit_id)
    capacity = pd.Series(1.0, index=pd.Index(known.territories, name=str(Territories.territory_id), dtype="str"))
    problem = problem_of(units, unit_weight, capacity)
    owner = capacity.index.get_indexer(known.territory_of.reindex(units.units.index))
    somebody = np.maximum(owner, 0)
    result = Result(
        owner, imbalance_of(problem, somebody), inertia_of(problem, somebody), 0.0, pieces_of(problem, somebody),
        None, False, (), "drawn", {},
    )  # fmt: skip
    totals = unit_totals(units, unit_id, attention.hours(asked.role), attention.value)
    prepared = Prepared(attention, units, unit_id, totals, weight, unit_weight, None, capacity, NO_LIMITS, True, None)
    return dataclasses.replace(complete(prepared, known, result, Clock(silent)))
