"""Worlds the redraw editor is tried on: a small company in Ohio, and maps of many hexagons that no solver is needed for."""

import dataclasses
from functools import cache

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from geo_territory import reference
from geo_territory.alignment import Alignment
from geo_territory.attention import Attention, pay_attention
from geo_territory.balancing import Result
from geo_territory.balancing.limits import NO_LIMITS
from geo_territory.balancing.result import imbalance_of, inertia_of, pieces_of
from geo_territory.balancing.tables import problem_of
from geo_territory.design import Design, Prepared, complete, design
from geo_territory.intake import accounts_from_table, read_bytes
from geo_territory.policy import DesignPolicy, Policy
from geo_territory.progress import Clock, silent
from geo_territory.projection import Plane
from geo_territory.tables import Accounts, Counties, Reps, Units
from geo_territory.units import UnitMap, map_units, sums_by_unit, unit_of_account, unit_totals

OHIO = "OH"
US_MIDDLE = Plane(lat=39.0, lon=-97.0)
US_LAND_M2 = 4.5e12  # the hexagons' land, about that between the Rockies and the Appalachians


def small_csv(count: int = 80, seed: int = 5) -> bytes:
    """Return an account list of Ohio as CSV: `count` accounts with a place, then one without and one closed."""
    random = np.random.default_rng(seed)
    counties = reference.counties()
    ohio = counties[counties[Counties.state] == OHIO].sort_index()
    at = ohio.iloc[random.integers(0, len(ohio), count)].geometry.representative_point()
    value = np.round(random.lognormal(9, 1.1, count), 2)
    lines = ["id,name,status,lat,lon,country,sales"]
    lines += [
        f"a{i:03d},Site {i:03d},{'prospect' if i % 11 == 10 else 'customer'},{p.y + 0.01:.5f},{p.x + 0.01:.5f},US,{v}"
        for i, (p, v) in enumerate(zip(at, value, strict=True))
    ]
    lines += ["b000,No place,customer,,,US,900.5", f"c000,Closed,closed,{at.iloc[0].y:.5f},{at.iloc[0].x:.5f},US,100"]
    return ("\n".join(lines) + "\n").encode()


@cache
def small_attention(territories: int = 4, balance: str = "workload", units: str = "counties") -> Attention:
    """Return the small company's plan: default tiers and calls, territories of Ohio counties."""
    accounts = accounts_from_table(read_bytes("ohio.csv", small_csv())).accounts
    asked = DesignPolicy(territories=territories, units=units, balance=balance, tolerance=0.15)
    return pay_attention(accounts, dataclasses.replace(Policy(), design=asked))


@cache
def small_design(territories: int = 4, balance: str = "workload") -> Design:
    """Return territories of some 80 invented accounts on the 88 counties of Ohio, solved once a process."""
    return design(small_attention(territories, balance))


def small_reps(made: Design) -> pd.DataFrame:
    """Return sellers: one outside rep for each territory but the last, two inside ones who serve all, a VP of two territories."""
    names = sorted(made.scorecard.index)
    rows = [(f"R{i + 1}", f"Rep {i + 1}", "outside", 1.0 if i else 0.8, 0.0 if i else 10.0, name) for i, name in enumerate(names[:-1])]
    rows += [("S1", "Sam Inside", "inside", 1.0, 0.0, None), ("S2", "Sue Inside", "inside", 0.5, 0.0, None)]
    rows += [("V1", "Vic President", "vp", 1.0, 0.0, names[0])]
    columns = [str(Reps.rep_id), Reps.name, Reps.role, Reps.fte, Reps.leave_days, Reps.territory_id]
    frame = pd.DataFrame(rows, columns=columns).set_index(str(Reps.rep_id))
    frame = frame.assign(**{Reps.email: pd.Series(None, index=frame.index, dtype="str"), Reps.lat: np.nan, Reps.lon: np.nan})
    return Reps.check(frame.reindex(columns=Reps.columns()))


def hexagons(n: int, plane: Plane = US_MIDDLE) -> UnitMap:
    """Return n hexagons in rows, whose ids sort row by row; neighbours share every vertex exactly."""
    columns = int(np.ceil(np.sqrt(n * 1.4)))
    row, column = np.divmod(np.arange(n), columns)
    half = max(round(np.sqrt(US_LAND_M2 / n) / 2), 8) // 2 * 2  # half the width and, nearly, half the height of a point [m]
    x, y = 2 * column + row % 2 - columns, 3 * row - 3 * (n // columns) // 2
    rim = np.array([(0, 2), (1, 1), (1, -1), (0, -2), (-1, -1), (-1, 1), (0, 2)])
    points = np.stack([(x[:, None] + rim[:, 0]) * half, -(y[:, None] + rim[:, 1]) * half * 0.5], axis=2).astype(float)
    ids = np.array([f"h{i:06d}" for i in range(n)], dtype=object)
    values = {Units.name: [f"Cell {i}" for i in range(n)], Units.kind: "given", Units.region: [f"Band {1 + r // 10}" for r in row]}
    return map_units(ids, shapely.polygons(points), plane, values)


def shared_out(units: UnitMap, k: int, weight: np.ndarray, seed: int = 1) -> np.ndarray:
    """Return the nearest of k centres for each unit, (n,) int: whole, compact and roughly balanced."""
    random = np.random.default_rng(seed)
    place = units.position
    center = place[np.sort(random.choice(len(place), k, replace=False))]
    heavy = weight + weight.mean() * 0.2
    for _ in range(30):
        owner = cKDTree(center).query(place)[1]
        held = np.maximum(np.bincount(owner, heavy, k), 1e-9)
        center = np.column_stack([np.bincount(owner, heavy * p, k) / held for p in place.T])
    return owner


@cache
def many_units(n: int, k: int, accounts: int | None = None, balance: str = "workload") -> Design:
    """Return a design of n hexagons and k territories made without the solver; `accounts` made-up accounts (n by default)."""
    random = np.random.default_rng(n)
    units = hexagons(n)
    count = n if accounts is None else accounts
    corner = units.position[random.integers(0, n, count)] + random.normal(0, 5_000, (count, 2))
    lon, lat = units.plane.unproject(corner).T
    frame = pd.DataFrame(
        {Accounts.lat: lat, Accounts.lon: lon, Accounts.annual_value: np.round(random.lognormal(9, 1.2, count), 2)},
        index=pd.Index([f"a{i:07d}" for i in range(count)], name=str(Accounts.account_id), dtype="str"),
    )
    frame = frame.assign(**{Accounts.name: [f"Site {i}" for i in range(count)], Accounts.status: "customer", Accounts.country: "US"})
    frame = frame.assign(**{Accounts.geocode_precision: "given"}).reindex(columns=Accounts.columns())
    asked = DesignPolicy(territories=k, units="h3", balance=balance, tolerance=0.15)
    attention = pay_attention(Accounts.check(frame), dataclasses.replace(Policy(), design=asked))
    return _designed(attention, units, k)


def _designed(attention: Attention, units: UnitMap, k: int) -> Design:
    asked = attention.policy.design
    weight = attention.weight(asked.balance, asked.role)
    unit_id = unit_of_account(attention.planned, units)
    unit_weight = sums_by_unit(weight, unit_id)
    names = pd.Index([f"T{i + 1:03d}" for i in range(k)], name="territory_id", dtype="str")
    capacity = pd.Series(1.0, index=names)
    owner = shared_out(units, k, unit_weight.reindex(units.units.index).fillna(0.0).to_numpy())
    alignment = Alignment(pd.Series(names.to_numpy()[owner], index=units.units.index), asked.role)
    totals = unit_totals(units, unit_id, attention.hours(asked.role), attention.value)
    problem = problem_of(units, unit_weight, capacity)
    result = Result(
        owner, imbalance_of(problem, owner), inertia_of(problem, owner), 0.0, pieces_of(problem, owner), None, False, (), "drawn", {}
    )
    prepared = Prepared(attention, units, unit_id, totals, weight, unit_weight, None, capacity, NO_LIMITS, True, None)
    return complete(prepared, alignment, result, Clock(silent))
