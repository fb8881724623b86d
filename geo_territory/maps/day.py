"""A rep's day sheet as a map and as what its script takes; everything on it comes from the sheet and the rep's own shapes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import folium
import geopandas as gpd
import pandas as pd

from geo_territory.maps.day_texts import DAY_TEXTS
from geo_territory.maps.layers import territory_map
from geo_territory.maps.state import map_state
from geo_territory.tables import Accounts, Territories, Tiers

Sheet = Mapping[str, Any]


def day_map(sheet: Sheet, shapes: gpd.GeoDataFrame, tiers: tuple[str, ...]) -> folium.Map:
    """Return the Folium map of a day sheet: the rep's territories (`shapes`, Territories with geometry) and the sheet's accounts.

    An account whose tier is none of `tiers` is not on the map. Raises ProjectionError when the shapes have no coordinate system.
    """
    accounts = pd.DataFrame(
        {
            Accounts.name: [account.get("name") for account in sheet["accounts"]],
            Accounts.lat: [account.get("lat") for account in sheet["accounts"]],
            Accounts.lon: [account.get("lon") for account in sheet["accounts"]],
            Tiers.tier: [account["tier"] for account in sheet["accounts"]],
            Tiers.value_used: [account.get("value") for account in sheet["accounts"]],
        },
        index=pd.Index([account["id"] for account in sheet["accounts"]], name=Accounts.account_id, dtype="str"),
    )
    numbers = {name: pd.to_numeric(accounts[name]) for name in (Accounts.lat, Accounts.lon, Tiers.value_used)}
    areas = shapes[[Territories.name, shapes.geometry.name]]
    return territory_map(areas, accounts=accounts.assign(**numbers), tiers=tiers, account_ids=True)


def day_data(
    sheet: Sheet,
    shapes: gpd.GeoDataFrame,
    *,
    doc: str,
    address: str | None,
    may_log: bool,
    made_at: datetime,
    tiers: tuple[str, ...],
    notes_months: int,
    currency: str | None = None,
    language: str = "en",
) -> dict[str, Any]:
    """Return what the script of a day sheet takes (day/sheet.js), ready for JSON.

    `doc` names the rep, the person and the workspace: the key under which a browser keeps what was logged. `address`: where
    entries go, None for an offline copy. `made_at`: the moment before the sheet was read [UTC]. `tiers`: the labels there are.
    `notes_months`: how long notes are kept.
    """
    return {
        "sheet": dict(sheet),
        "doc": doc,
        "address": address,
        "may_log": may_log,
        "made_at": moment(made_at),
        "tiers": list(tiers),
        "notes_months": notes_months,
        "state": map_state(shapes[[Territories.name, Territories.color]], doc=doc, currency=currency, language=language),
        "texts": DAY_TEXTS,
        "currency": currency,
        "language": language,
    }


def moment(at: datetime) -> str:
    """Return a moment [UTC] as a day sheet's script writes and compares it."""
    return at.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
