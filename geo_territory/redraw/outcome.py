"""A draft as a full design, drawn, scored and measured, ready to be saved as a version."""

from __future__ import annotations

import dataclasses

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo_territory.alignment import Alignment, territory_of_account
from geo_territory.attention import Attention
from geo_territory.balancing import Result
from geo_territory.balancing.result import ROUNDING, bound_of
from geo_territory.balancing.tables import problem_of
from geo_territory.boundaries import territory_shapes
from geo_territory.design import BORDER_TOLERANCE_M, Design, shape_for_each
from geo_territory.holdings import scorecard_of
from geo_territory.policy import DesignPolicy
from geo_territory.projection import WGS84
from geo_territory.redraw.basis import Basis
from geo_territory.redraw.coloring import shown_colors
from geo_territory.redraw.draft import Draft
from geo_territory.redraw.figures import Figures, capacity_of, figures, living_exceptions
from geo_territory.tables import Reps, Scorecard, Territories
from geo_territory.units import unit_totals

BY_HAND = "drawn by hand"
PROVED_UP_TO = 5_000  # units, beyond which proving how compact a drawing is takes longer than saving it


def design_of(basis: Basis, draft: Draft) -> Design:
    """Return a draft as a Design: measured, not solved; its scorecard is that of `figures` to the last digit.

    Names, colours and reps (a `rep_id` column of `territories`), exceptions and channels are the draft's. A territory without a unit
    keeps its row, with an empty shape.
    """
    design, alignment, exceptions = basis.design, draft.alignment(), _on_map(basis, living_exceptions(draft))
    policy = dataclasses.replace(design.policy, territories=max(len(draft.territories), 1))
    attention = _attention(basis, draft, policy)
    capacity = capacity_of(basis, draft)
    territory_id = territory_of_account(design.unit_id, alignment, exceptions)
    return Design(
        policy=policy,
        attention=attention,
        unit_map=design.unit_map,
        totals=unit_totals(design.unit_map, design.unit_id, attention.hours(basis.role), attention.value),
        unit_id=design.unit_id,
        territory_id=territory_id,
        alignment=alignment,
        result=_result(basis, draft, figures(basis, draft), territory_id, capacity),
        territories=_territories(basis, draft, alignment),
        scorecard=scorecard_of(attention, design.unit_map, design.unit_id, alignment, capacity, exceptions),
        start=design.start,
        seconds={},
        exceptions=exceptions,
        capacity=capacity,
    )


def _on_map(basis: Basis, exceptions: dict[str, str]) -> dict[str, str]:
    """Return the exceptions of accounts that are on the map, sorted."""
    return {account: exceptions[account] for account in sorted(exceptions) if account in basis.accounts}


def _attention(basis: Basis, draft: Draft, policy: DesignPolicy) -> Attention:
    """Return the attention with the draft's channels, asking for the draft's number of territories."""
    plain = basis.attention
    asked = dataclasses.replace(plain.policy, design=policy)
    channels = {account: draft.channels[account] for account in sorted(draft.channels)}
    return dataclasses.replace(plain, policy=asked).with_channels(channels)


def _territories(basis: Basis, draft: Draft, alignment: Alignment) -> gpd.GeoDataFrame:
    """Return the shapes in EPSG:4326 with name, colour and rep of each living territory, sorted by id."""
    names = pd.Index(sorted(draft.territories), name=Territories.territory_id, dtype="str")
    lines, colors = [draft.territories[name] for name in names], shown_colors(basis, draft)
    if len(alignment.territory_of):
        shapes = territory_shapes(basis.design.unit_map, alignment, BORDER_TOLERANCE_M).geometry
    else:
        shapes = gpd.GeoSeries([], index=names[:0], crs=WGS84)
    columns = {
        Territories.name: pd.array([line.name for line in lines], dtype="str"),
        Territories.color: pd.array([colors[name] for name in names], dtype="str"),
        Reps.rep_id: pd.array([line.rep_id for line in lines], dtype="str"),
    }
    return Territories.check(gpd.GeoDataFrame(columns, index=names, geometry=shape_for_each(shapes, names), crs=WGS84))


def _result(basis: Basis, draft: Draft, made: Figures, territory_id: pd.Series, capacity: pd.Series) -> Result:
    """Return what the drawing measures, as a solver's result."""
    living = list(capacity.index)
    number = np.full(len(draft.slots) + 1, -1)  # the last one stands for nobody
    number[[draft.slot_of[name] for name in living]] = np.arange(len(living))
    tolerance, reached = basis.design.policy.tolerance, made.imbalance if np.isfinite(made.imbalance) else 0.0
    return Result(
        territory=number[draft.owner],
        imbalance=reached,
        inertia=_inertia(basis, draft, made),
        bound=_bound(basis, draft, made, number[draft.owner], capacity),
        pieces=made.pieces.astype(np.int64),
        disruption=_disruption(basis, made, territory_id),
        within_tolerance=bool(reached <= tolerance * (1 + ROUNDING)),
        reasons=tuple(_reasons(basis, draft, made)),
        stopped_by=BY_HAND,
        seconds={},
    )


def _positions(basis: Basis) -> np.ndarray:
    """Return where the solver takes the units to be, (n, 2) [m]."""
    return shapely.get_coordinates(shapely.point_on_surface(np.asarray(basis.planar)))


def _inertia(basis: Basis, draft: Draft, made: Figures) -> float:
    """Return weight times squared distance [weight m^2] to the weighted centroid of its territory, an exception's from its own unit."""
    held, place = made.held, _positions(basis)
    weight = np.concatenate([held.by_unit[0], held.amounts.values[0][held.apart]])
    at = np.concatenate([place, place[basis.unit_of_account[held.apart]]])
    of = np.concatenate([draft.owner, held.apart_in])
    weight, at, of = weight[of >= 0], at[of >= 0], of[of >= 0]
    total = np.bincount(of, weight, len(draft.slots))
    middle = np.column_stack([np.bincount(of, weight * p, len(draft.slots)) for p in at.T]) / np.where(total > 0, total, 1.0)[:, None]
    return float((weight * ((at - middle[of]) ** 2).sum(1)).sum())


def _bound(basis: Basis, draft: Draft, made: Figures, territory: np.ndarray, capacity: pd.Series) -> float:
    """Return the proved least inertia where it is cheap and defined, else 0: no bound."""
    whole = made.uncovered_units == 0 and len(made.held.apart) == 0 and (made.pieces > 0).all() and (capacity > 0).all()
    if not whole or len(basis.units) > PROVED_UP_TO or not made.held.by_unit[0].sum() > 0:
        return 0.0
    weight = pd.Series(made.held.by_unit[0], index=basis.units)
    return bound_of(problem_of(basis.design.unit_map, weight, capacity), territory, basis.design.policy.tolerance)


def _disruption(basis: Basis, made: Figures, territory_id: pd.Series) -> float | None:
    """Return the share of what is balanced that is in another territory than the design's start; None without a start."""
    start = basis.design.start
    if start is None:
        return None
    weight = made.held.amounts.values[0]
    then, now = start.reindex(basis.accounts), territory_id.reindex(basis.accounts)
    moved = then.notna().to_numpy() & ~then.eq(now).fillna(False).to_numpy(bool)
    return float(weight[moved].sum() / weight.sum()) if weight.sum() > 0 else 0.0


def _reasons(basis: Basis, draft: Draft, made: Figures) -> list[str]:
    """Return what stands in the way of a sound alignment, each with its remedy."""
    rows, told = made.rows, []
    named = {name: f"Territory {name}" for name in rows.index}  # names change, ids don't
    tolerance = basis.design.policy.tolerance
    off = (rows[Scorecard.balance_index] / 100.0 - 1.0).dropna()
    if len(off) and off.abs().max() > tolerance * (1 + ROUNDING):
        worst = off.abs().idxmax()
        side, hands = ("above", "hand some of its units on") if off[worst] > 0 else ("below", "give it units of a neighbour")
        told.append(f"{named[worst]} is {100 * abs(off[worst]):.1f} % {side} its target, the tolerance is {100 * tolerance:g} %: {hands}.")
    parts = rows[Scorecard.pieces]
    for name, count in parts[parts > 1].items():
        told.append(f"{named[name]} is in {count} pieces: join them, or hand the smaller ones on.")
    for name in rows.index[rows[Scorecard.units] == 0]:
        told.append(f"{named[name]} has no unit: give it some, or delete it.")
    if made.uncovered_units:
        told.append(f"Units that nobody covers: {made.uncovered_units:,}, accounts in them: {made.uncovered_accounts:,}. Hand them out.")
    return told
