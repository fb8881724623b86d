"""The scorecard of a design as one JSON file: what was asked, what was reached, what it took."""

from __future__ import annotations

import dataclasses
import json
import math
import platform
from importlib.metadata import version

import pandas as pd

from geo_territory import __version__
from geo_territory.alignment import disruption
from geo_territory.attention import Attention
from geo_territory.design import Design
from geo_territory.scorecard import measures
from geo_territory.tables import Scorecard, Tiers
from geo_territory.units import crossings

STAMPED = ("geopandas", "shapely", "numpy", "scipy", "numba", "h3", "pandas")


def summary(design: Design) -> dict[str, object]:
    """Return the figures of a design, ready for JSON; None where a figure can't be computed."""
    asked, result = design.policy, design.result
    return {
        "territories": len(design.scorecard),
        "accounts": len(design.attention.planned),
        "accounts_closed": len(design.attention.accounts) - len(design.attention.planned),
        "accounts_not_on_map": design.not_on_map.index.tolist(),
        "exceptions": dict(design.exceptions),
        "units": len(design.unit_map.units),
        "balance": asked.balance,
        "imbalance": float(result.imbalance),
        "tolerance": asked.tolerance,
        "within_tolerance": bool(result.within_tolerance),
        "contiguous": design.contiguous,
        "pieces": {str(name): int(count) for name, count in design.scorecard[Scorecard.pieces].items()},
        "inertia": float(result.inertia),
        "bound": float(result.bound),
        "gap": float(result.gap) if math.isfinite(result.gap) else None,
        "disruption": None if design.start is None else disruption_of(design.attention, design.start, design.territory_id, asked.role),
        "measures": measures(design.scorecard),
        "crossings": crossings(design.unit_map).to_dict("records"),
        "explanations": list(result.reasons),
        "stopped_by": result.stopped_by,
        "seconds": design.seconds,
        "seed": asked.seed,
        "versions": {"geo-territory": __version__, "python": platform.python_version(), **{name: version(name) for name in STAMPED}},
    }


def disruption_of(attention: Attention, start: pd.Series, territory_id: pd.Series, role: str) -> dict[str, float | None]:
    """Return what changes hands between the start and the design, by account, value, tier and hours (F22)."""
    changed = disruption(start, territory_id, attention.value, attention.tiers[Tiers.tier], attention.hours(role))
    return dataclasses.asdict(changed)


def summary_bytes(design: Design) -> bytes:
    """Return the figures of a design as indented JSON."""
    return (json.dumps(summary(design), indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode("utf-8")
