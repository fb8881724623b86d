"""The files of a plan: shapes, accounts, row report, scorecard, map, and with a start what changes hands."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from geo_territory.changes import account_changes
from geo_territory.design import Assessment, Design
from geo_territory.errors import FileError
from geo_territory.intake import AccountImport
from geo_territory.maps import map_state, standalone_html, territory_map
from geo_territory.publish.account_files import aligned_accounts, csv_bytes
from geo_territory.publish.geojson import feature_collection
from geo_territory.publish.summary import summary_bytes
from geo_territory.tables import AlignmentRows, Tiers, Units

REPORT = "import_report.csv"


def write_plan(design: Design, imported: AccountImport, folder: Path) -> list[Path]:
    """Write a plan's files into `folder` and return their paths. Raises FileError when the folder can't be written."""
    contents = {
        "territories.geojson": territories_geojson(design),
        "units.geojson": units_geojson(design),
        "accounts.csv": csv_bytes(aligned_accounts(design, imported.original)),
        REPORT: csv_bytes(imported.report, index=False),
        "scorecard.json": summary_bytes(design),
        "map.html": design_map(design),
    }
    if design.start is not None:
        contents["moves.csv"] = csv_bytes(account_changes(design))
    return write_files(contents, folder)


def write_files(contents: Mapping[str, bytes], folder: Path) -> list[Path]:
    """Write files by name into `folder`, made when missing, and return their paths. Raises FileError when it can't be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            (folder / name).write_bytes(content)
    except OSError as error:
        raise FileError(f"Can't write the plan to {folder}: {error.strerror}. Choose another folder with --out.") from error
    return [folder / name for name in contents]


def accounts_by_tier(design: Design | Assessment) -> pd.DataFrame:
    """Return the number of accounts by territory_id x tier, every tier of the rule a column, the best first."""
    counts = pd.crosstab(design.territory_id, design.attention.tiers[Tiers.tier])
    labels = list(design.attention.policy.tier_rule.labels)
    return counts.reindex(index=design.territories.index, columns=labels).fillna(0).astype(int)


def territory_rows(design: Design) -> gpd.GeoDataFrame:
    """Return one row per territory: shape, name, colour, measures and accounts by tier (`accounts_A` …)."""
    return design.territories.join(design.scorecard).join(accounts_by_tier(design).add_prefix("accounts_"))


def territories_geojson(design: Design) -> bytes:
    """Return the territories with their measures as GeoJSON (RFC 7946)."""
    return feature_collection(territory_rows(design))


def units_geojson(design: Design) -> bytes:
    """Return the basic units with the territory and the totals of each as GeoJSON (RFC 7946)."""
    owner = design.alignment.territory_of.rename(AlignmentRows.territory_id)
    units = design.unit_map.units
    return feature_collection(units[[Units.name, Units.kind, Units.region, units.geometry.name]].join(owner).join(design.totals))


def map_numbers(design: Design | Assessment, **shown: Any) -> dict[str, Any]:
    """Return the state of the map of a design's territories: names, colours, legend; `shown` goes to `maps.map_state`."""
    rows = design.territories.drop(columns=design.territories.geometry.name).join(design.scorecard)
    return map_state(pd.DataFrame(rows), accounts_by_tier=accounts_by_tier(design), **shown)


def design_map(design: Design) -> bytes:
    """Return the map of a design as one HTML file that works without a network."""
    attention, asked = design.attention, design.policy
    accounts = attention.planned.join(attention.tiers[[Tiers.tier, Tiers.value_used]])
    drawn = territory_map(design.territories, accounts=accounts, tiers=attention.policy.tier_rule.labels)
    note = f"{len(design.territories)} territories, balanced by {asked.balance}: imbalance {design.result.imbalance:.1%}"
    return standalone_html(drawn, map_numbers(design), title="Geo Territory plan", note=note).encode("utf-8")
