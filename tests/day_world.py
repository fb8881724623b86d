"""A rep's day written by hand: fourteen accounts around Columbus, Ohio, and one territory."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from geo_territory.tables import Territories

MADE_AT = datetime(2026, 7, 1, 6, 0)
TIERS = ("A", "B", "C")
STANDINGS = ("never", "overdue", "overdue", "due", "due", "due", "due", "due", "due", "overdue", "not_due", "not_due", "not_due", "no_plan")


def account(number: int) -> dict[str, Any]:
    tier, standing = "AABBCC"[number % 6], STANDINGS[number]
    late = 4 if standing == "overdue" else 0
    said = {"never": "never called", "overdue": "4 days late", "due": "due today", "not_due": "due in 6 days", "no_plan": "no plan"}[
        standing
    ]
    found = {
        "rank": number + 1,
        "id": f"A{number:04d}",
        "name": ["Tarn Mills", "Oak & Sons <b>Ltd</b>", "Kestrel Foods of Greater Columbus and the Surrounding Counties"][number % 3]
        + f" {number}",
        "tier": tier,
        "status": "prospect" if number == 3 else "customer",
        "street": f"{number + 1} Mill Road",
        "city": "Columbus",
        "state": "OH",
        "postal_code": "43001",
        "phone": f"(614) 555-01{number:02d}",
        "lat": 39.9 + 0.031 * (number % 5),
        "lon": -83.1 + 0.043 * (number % 4) + 0.01 * number,
        "value": 120_000.0 - 4_000 * number,
        "km": 3.0 + number,
        "standing": standing,
        "reason": f"{tier}, {said}, {3 + number} km",
        "channel": "phone" if tier == "C" else "visit",
        "lines": [{"channel": "visit", "cadence": "weekly", "planned": 13, "made": 3, "left": 10}],
    }
    if standing not in ("never", "no_plan"):
        found |= {"due": "2026-06-27", "last": {"date": "2026-06-20", "channel": "visit", "outcome": "met", "by": "Jo Fenn"}}
    return found | ({"days_late": late} if late else {})


def day_sheet(**changed: Any) -> dict[str, Any]:
    """Return a sheet of Jo Fenn on 1 July 2026; `changed` replaces fields."""
    tiers = [
        {"tier": "A", "planned": 26, "made": 25, "capped": 21, "share": 0.8077},
        {"tier": "B", "planned": 12, "made": 9, "capped": 9, "share": 0.75},
        {"tier": "C", "planned": 0, "made": 3, "capped": 0, "share": None},
    ]
    return {
        "version": 1,
        "as_of": "2026-07-01",
        "rep": {"id": "R01", "name": "Jo Fenn", "role": "outside"},
        "published": {"name": "Autumn", "since": "2026-07-01", "cycle": "2026 Q3"},
        "day_off": None,
        "accounts": [account(number) for number in range(14)],
        "attainment": {
            "start": "2026-07-01",
            "end": "2026-09-30",
            "tiers": tiers,
            "total": {"planned": 38, "made": 34, "capped": 30, "share": 0.7895, "left": 8, "any_contact": 31},
            "why": None,
        },
        "pace": {"expected": 19.2, "made": 18, "on_pace": False, "why": None},
        "changes": {
            "date": "2026-07-01",
            "kept": 12,
            "gained": [{"id": "A0001", "name": "Oak & Sons 1", "tier": "B", "reason": "closer to your base", "other": "Max Ruck"}],
            "lost": [{"id": "X9", "name": "Far Away Ltd", "reason": None, "other": "Max Ruck"}],
        },
        "requests": [
            {"id": "q1", "account": "A0002", "name": "Kestrel 2", "kind": "tier", "wish": "A", "reason": "They grow", "asked": "2026-06-30"}
            | {"state": "declined", "answer": "Look again in autumn."}
        ],
        "log": [
            {"id": "c1", "account": "A0001", "name": "Oak & Sons 1", "date": "2026-06-30", "channel": "visit", "outcome": "met"}
            | {"minutes": 30, "note": None}
        ],
        "utilisation": 1.23,
        **changed,
    }


def shapes() -> gpd.GeoDataFrame:
    """Return the one territory of Jo Fenn."""
    index = pd.Index(["T01"], name=Territories.territory_id, dtype="str")
    facts = {Territories.name: ["Columbus"], Territories.color: ["#4477aa"]}
    return gpd.GeoDataFrame(facts, geometry=[shapely.box(-83.4, 39.7, -82.7, 40.3)], index=index, crs=4326)
