"""Before you let go: what a selection holds, and what both sides would come to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from geo_territory.redraw.basis import Basis
from geo_territory.redraw.draft import Draft
from geo_territory.redraw.edits import NOBODY_ID, Change
from geo_territory.redraw.figures import Figures, figures
from geo_territory.redraw.reading import selected, territory_rows

Row = Mapping[str, Any]


def looked(basis: Basis, draft: Draft, known: Figures, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return the selection, the rows of the territories it would touch as they would be, whether they stay whole, and a sentence.

    `asked` holds `moves` [{units: positions, to: territory_id, "" or null for only looking}] and `accounts`, which go to `to`.
    What isn't there (units, territories, accounts) is left out.
    """
    moves = [(_units(move, len(draft.owner)), move.get("to")) for move in _dicts(asked.get("moves"))]
    units = np.concatenate([units for units, _ in moves]) if moves else np.empty(0, np.int64)
    accounts = [name for name in _texts(asked.get("accounts")) if name in basis.accounts]
    change = Change(
        draft.handing([(units, to) for units, to in moves if isinstance(to, str) and (to == NOBODY_ID or to in draft.territories)]),
        _exceptions(draft, accounts, asked.get("to")),
    )
    after = draft.after(change)
    then = figures(basis, after, known) if not change.is_empty else known
    was, now = territory_rows(basis, draft, known), territory_rows(basis, after, then)
    touched = [name for name in now if any(now[name][key] != was[name][key] for key in ("accounts", "units", "weight", "value"))]
    broken = [name for name in touched if now[name]["pieces"] > max(1, was[name]["pieces"]) or now[name]["holes"] > was[name]["holes"]]
    return {
        "selection": selected(basis, draft, known, units, accounts),
        "territories": [now[name] for name in touched],
        "clean": not broken,
        "told": _told([(was[name], now[name]) for name in touched], [now[name] for name in broken]),
    }


def _exceptions(draft: Draft, accounts: Sequence[str], to: object) -> dict[str, tuple[str | None, str | None]]:
    if not isinstance(to, str) or to not in draft.territories:
        return {}
    return {name: (draft.exceptions.get(name), to) for name in accounts}


def _told(sides: Sequence[tuple[Row, Row]], broken: Sequence[Row]) -> str:
    """Return what would happen in one or two sentences."""
    if not sides:
        return "Nothing would change hands."
    parts = [f"{now['name']} goes from {_index(was)} to {_index(now)}" for was, now in sides[:3]]
    more = f" and {len(sides) - 3} more change" if len(sides) > 3 else ""
    told = f"{', '.join(parts)}{more}."
    for row in broken[:2]:
        told += f" {row['name']} would be in {row['pieces']} pieces." if row["pieces"] > 1 else f" {row['name']} would have a hole."
    return told


def _index(row: Row) -> str:
    return "no index" if row["index"] is None else f"{row['index']:.0f}"


def _dicts(said: object) -> list[dict[str, Any]]:
    return [one for one in said if isinstance(one, dict)] if isinstance(said, list) else []


def _texts(said: object) -> list[str]:
    return [one for one in said if isinstance(one, str)] if isinstance(said, list) else []


def _units(move: Mapping[str, Any], count: int) -> np.ndarray:
    said = move.get("units")
    known = [unit for unit in said if type(unit) is int and 0 <= unit < count] if isinstance(said, list) else []
    return np.array(known, np.int64)
