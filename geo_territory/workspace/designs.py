"""A design to rows and bytes, and back to the same design without solving again."""

from __future__ import annotations

import dataclasses
import io
import json
import zipfile
from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo_territory import __version__
from geo_territory.alignment import Alignment, territory_of_account
from geo_territory.attention import Attention, pay_attention
from geo_territory.balancing import Result
from geo_territory.design import Design
from geo_territory.policy import Policy
from geo_territory.projection import Plane
from geo_territory.tables import Accounts, AlignmentRows, Borders, Overrides, Reps, Scorecard, Territories, Tiers, Units, UnitTotals
from geo_territory.units import UnitMap, unit_of_account
from geo_territory.workspace.store import Workspace

PLANAR = "planar"
_TOLD = (Territories.name, Territories.color, Reps.rep_id)  # of a territory, kept as rows: the rep where one is known


def keep_design(workspace: Workspace, design: Design, *, name: str, import_id: int, who: str, why: str = "") -> int:
    """Save a design made from import `import_id` and return its id; nothing changes it afterwards."""
    result = design.result
    return workspace.save_design(
        name=name,
        policy=design.attention.policy,
        import_id=import_id,
        parts=pack(design),
        alignment=design.alignment.territory_of.to_frame(AlignmentRows.territory_id).rename_axis(AlignmentRows.unit_id),
        territories=pd.DataFrame(design.territories[[c for c in _TOLD if c in design.territories]]),
        scorecard={
            "territories": len(design.scorecard),
            "balance": design.policy.balance,
            "imbalance": float(result.imbalance),
            "tolerance": design.policy.tolerance,
            "contiguous": design.contiguous,
            "gap": float(result.gap) if np.isfinite(result.gap) else None,
            **({"exceptions": dict(design.exceptions)} if design.exceptions else {}),
        },
        stamp=__version__,
        who=who,
        why=why,
    )


def restore_design(workspace: Workspace, design_id: int) -> Design:
    """Return a saved design as it was made: its tiers, units, alignment, shapes and figures are read, not made again.

    Raises WorkspaceError when there is no design with this id.
    """
    saved = workspace.design(design_id)
    files = _unzipped(saved.parts)
    facts = json.loads(files["facts.json"])
    attention = _attention(workspace, saved.import_id, saved.policy, _table(files["tiers.parquet"])).with_channels(
        facts.get("channels", {})
    )
    unit_map = _unit_map(files, facts)
    unit_id = unit_of_account(attention.planned, unit_map)
    alignment = Alignment(saved.alignment[AlignmentRows.territory_id], facts["role"])
    start = attention.planned[Accounts.territory_id].dropna() if facts["from_current"] else None
    exceptions, capacity = facts.get("exceptions", {}), facts.get("capacity")
    return Design(
        policy=saved.policy.design,
        attention=attention,
        unit_map=unit_map,
        totals=UnitTotals.check(_table(files["totals.parquet"])),
        unit_id=unit_id,
        territory_id=territory_of_account(unit_id, alignment, exceptions),
        alignment=alignment,
        result=_result(facts["result"]),
        territories=_shapes(files["territories.parquet"]),
        scorecard=Scorecard.check(_table(files["scorecard.parquet"])),
        start=start,
        seconds=facts["seconds"],
        exceptions=exceptions,
        capacity=None if capacity is None else _capacity(capacity),
    )


def pack(design: Design) -> bytes:
    """Return what a design is restored from, beside its rows, as a zip of Parquet files; the same design, the same bytes."""
    units = design.unit_map
    result = {**dataclasses.asdict(design.result), "territory": design.result.territory.tolist(), "pieces": design.result.pieces.tolist()}
    facts = {
        "plane": dataclasses.asdict(units.plane),
        "notes": units.notes,
        "role": design.alignment.role,
        "from_current": design.start is not None,
        "result": result,
        "seconds": design.seconds,
        "exceptions": dict(design.exceptions),
        "channels": dict(design.attention.channels),
        "capacity": None if design.capacity is None else design.capacity.to_dict(),
    }
    return _zipped(
        {
            "units.parquet": _parquet(units.units.assign(**{PLANAR: shapely.to_wkb(units.planar)})),
            "borders.parquet": _parquet(units.borders),
            "territories.parquet": _parquet(design.territories),
            "tiers.parquet": _parquet(design.attention.tiers),
            "totals.parquet": _parquet(design.totals),
            "scorecard.parquet": _parquet(design.scorecard),
            "facts.json": json.dumps(facts, sort_keys=True).encode(),
        }
    )


def _attention(workspace: Workspace, import_id: int, policy: Policy, tiers: pd.DataFrame) -> Attention:
    """Return the attention of an account list under a policy with the tiers in force at the time."""
    decided = tiers[tiers[Tiers.overridden]]
    overrides = Overrides.check(decided[[Overrides.tier, Overrides.reason]].reindex(columns=Overrides.columns()))
    attention = pay_attention(workspace.accounts(import_id), policy, overrides=overrides)
    return dataclasses.replace(attention, tiers=Tiers.check(tiers))


def _capacity(known: Mapping[str, float]) -> pd.Series:
    """Return the capacity by territory_id, sorted."""
    return pd.Series(known, index=pd.Index(sorted(known), name=Territories.territory_id, dtype="str"), dtype=float)


def _unit_map(files: Mapping[str, bytes], facts: Mapping) -> UnitMap:
    units = _shapes(files["units.parquet"])
    planar = shapely.from_wkb(units.pop(PLANAR).to_numpy(dtype=object))
    return UnitMap(
        Units.check(units), planar, Borders.check(_table(files["borders.parquet"])), Plane(**facts["plane"]), tuple(facts["notes"])
    )


def _result(facts: Mapping) -> Result:
    arrays = {name: np.asarray(facts[name], dtype=np.int64) for name in ("territory", "pieces")}
    return Result(**{**facts, **arrays, "reasons": tuple(facts["reasons"])})


def _parquet(frame: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.to_parquet(buffer, compression="zstd")
    return buffer.getvalue()


def _table(data: bytes) -> pd.DataFrame:
    return pd.read_parquet(io.BytesIO(data))


def _shapes(data: bytes) -> gpd.GeoDataFrame:
    return gpd.read_parquet(io.BytesIO(data))


def _zipped(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    return buffer.getvalue()


def _unzipped(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
