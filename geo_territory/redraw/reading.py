"""The figures of a draft as a browser reads them: plain JSON values, not rounded, None where there is no figure."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from geo_territory.redraw.basis import Basis
from geo_territory.redraw.coloring import shown_colors
from geo_territory.redraw.draft import Draft
from geo_territory.redraw.figures import Figures, version_figures
from geo_territory.tables import Reps, Scorecard

Row = dict[str, Any]


def territory_rows(basis: Basis, draft: Draft, figures: Figures) -> dict[str, Row]:
    """Return the row of every living territory by territory_id; `change` is against the version, None where that lacks it."""
    first = version_figures(basis)
    now, then = _columns(figures), _columns(first)
    at = {name: i for i, name in enumerate(first.territories)}
    names = dict(zip(basis.reps.index, basis.reps[Reps.name], strict=True))
    colors = shown_colors(basis, draft)
    hours = _hours(figures)
    promise = [[{"tier": t, "covered": c} for t, c in zip(basis.tiers, row, strict=True)] for row in _plain(figures.hours.covered)]
    rows = {}
    for i, name in enumerate(figures.territories):
        line = draft.territories[name]
        said = {"id": name, "slot": draft.slot_of[name], "name": line.name, "color": colors[name], "rep": line.rep_id}
        said |= {"rep_name": names.get(line.rep_id), "locked": draft.is_locked(name)}
        measures = {key: values[i] for key, values in now.items()}
        change = {key: _less(now[key][i], then[key][at[name]]) if name in at else None for key in ("index", "hours", "value", "accounts")}
        rows[name] = said | measures | {"change": change, "roles": hours[i], "promise": promise[i]}
    return rows


def whole(basis: Basis, figures: Figures, edits: int) -> Row:
    """Return the figures of the whole draft; `edits` is how many it holds."""
    changed = figures.disruption
    return {
        "imbalance": _number(figures.imbalance),
        Scorecard.in_band: figures.in_band,
        "of": len(figures.rows),
        "in_pieces": int((figures.pieces > 1).sum()),
        "with_holes": int((figures.holes > 0).sum()),
        "fits": int(figures.hours.fits.sum()) if figures.hours.known.any() else None,
        "moved_units": figures.moved_units,
        "moved_accounts": changed.moved,
        "accounts": changed.accounts,
        "disruption": changed.accounts_share,
        "value_moved": changed.value_share,
        "hours_moved": changed.hours_share,
        "top_tier_moved": changed.top_tier_share,
        "sales_at_risk": [changed.sales_at_risk_low, changed.sales_at_risk_high],
        "edits": edits,
        "uncovered_units": figures.uncovered_units,
        "uncovered_accounts": figures.uncovered_accounts,
        "off_map": basis.off_map,
        "teams": [dataclasses.asdict(team) for team in figures.hours.teams],
    }


def selected(basis: Basis, draft: Draft, figures: Figures, units: np.ndarray, accounts: Sequence[str] = ()) -> Row:
    """Return what a selection holds: units at some positions with the accounts that go with them, and named accounts.

    An account that is an exception doesn't go with its unit.
    """
    free = np.ones(len(basis.accounts), bool)
    free[figures.held.apart] = False
    mine = basis.accounts_in(np.unique(units))
    named = basis.accounts.get_indexer(list(accounts))
    mine = np.union1d(mine[free[mine]], named[named >= 0])
    sums = figures.held.amounts.sums(mine, np.zeros(len(mine), np.int64), 1)[:, 0]
    first, tiers = len(figures.held.amounts.values), len(basis.tiers)
    return {
        "units": len(np.unique(units)),
        "accounts": len(mine),
        "value": float(sums[3]),
        "hours": float(sums[1]),
        "weight": float(sums[0]),
        "by_tier": [int(count) for count in sums[first : first + tiers]],
    }


def _columns(figures: Figures) -> dict[str, list]:
    """Return the measures of territories as lists, by their name in a row."""
    rows = figures.rows
    return {
        "index": _plain(rows[Scorecard.balance_index].to_numpy(float)),
        Scorecard.in_band: rows[Scorecard.in_band].tolist(),
        "weight": rows[Scorecard.weight].tolist(),
        "target": rows[Scorecard.target].tolist(),
        "hours": rows[Scorecard.workload].tolist(),
        "value": rows[Scorecard.value].tolist(),
        "accounts": rows[Scorecard.accounts].tolist(),
        "by_tier": figures.accounts_by_tier.tolist(),
        "units": rows[Scorecard.units].tolist(),
        "pieces": rows[Scorecard.pieces].tolist(),
        "holes": figures.holes.tolist(),
        Scorecard.area_km2: rows[Scorecard.area_km2].tolist(),
        "compactness": _plain(rows[Scorecard.compactness].to_numpy(float)),
    }


def _hours(figures: Figures) -> list[list[Row]]:
    """Return hours against capacity of each territory and role."""
    told, aligned = figures.hours, figures.hours.aligned
    hours, capacity, shared = told.hours.tolist(), _plain(told.capacity), told.shared.tolist()
    return [
        [
            {
                "role": role,
                "label": told.labels[j],
                "hours": hours[i][j],
                "capacity": capacity[i][j],
                "shared": shared[i][j],
                "assumed": bool(told.assumed[i]) and j == aligned,
            }
            for j, role in enumerate(told.roles)
        ]
        for i in range(len(hours))
    ]


def _plain(values: np.ndarray) -> list:
    """Return an array as nested lists with None for what is not finite."""
    plain = values.astype(object)
    plain[~np.isfinite(values)] = None
    return plain.tolist()


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _less(now: float | None, then: float | None) -> float | None:
    return None if now is None or then is None else now - then
