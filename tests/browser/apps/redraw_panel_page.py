"""A page of its own with the redraw editor: US counties in 14 territories around cities, and a server made up in the page.

page(folder, theme="dark", nasty=True) -> the file's address
"""

from __future__ import annotations

import base64
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from xstatic.pkg import leaflet

from geo_territory import maps, reference
from geo_territory.boundaries import PALETTE
from geo_territory.maps.page import REDRAW_SCRIPTS, SCRIPTS
from geo_territory.maps.payload import pack
from geo_territory.maps.redraw_texts import REDRAW_TEXTS
from geo_territory.tables import Accounts, Tiers, Units

HERE = Path(__file__).parent
NASTY = "<img src=x onerror='window.hacked=1'>${window.hacked=1}"
SEEDS = {
    "Seattle, WA": (-121, 47), "San Francisco, CA": (-121, 38.5), "Los Angeles, CA": (-116, 34.3), "Denver, CO": (-106, 40),
    "Dallas, TX": (-98.5, 33), "Houston, TX": (-96, 30), "Minneapolis, MN": (-95, 45), "St. Louis, MO": (-91, 38.7),
    "Chicago, IL": (-88.5, 42), "Atlanta, GA": (-84.5, 33), "Tampa, FL": (-82, 28), "Columbus, OH": (-83, 40),
    "Charlotte, NC": (-79.5, 36), "New York, NY": (-74.5, 42),
}  # fmt: skip
OUTSIDE = {"AK", "HI", "PR", "GU", "VI", "AS", "MP"}
COLOURS = (0, 1, 2, 3, 4, 5, 6, 0, 2, 5, 3, 7, 1, 4)
REPS = ("Ana Brandt", "Ben Okafor", "Chloe Park", "Dev Singh", "Eva Lind", "Frank Moss", "Gita Rao", "Hugo Sanz", "Ines Vogt")
LIGHT = {
    "background-color": "#ffffff",
    "text-color": "#17212b",
    "border-color": "#d5dae0",
    "primary-color": "#1f5f8b",
    "secondary-background-color": "#f1f4f6",
}
DARK = {
    "background-color": "#161c22",
    "text-color": "#e8ecef",
    "border-color": "#38434e",
    "primary-color": "#3a86b8",
    "secondary-background-color": "#202930",
}


PAGE = """<!DOCTYPE html>
<html lang="en" dir="{direction}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Redraw</title>
<style>{style}
body {{ margin: 0; background: var(--st-background-color); }}
.gt-host {{ --gt-height: {height}px; margin: 16px clamp(16px, 2.5vw, 48px); }}</style></head>
<body style="{colours}"><div class="gt-host"><div class="gt-box"><div class="gt-map">{map}</div></div></div>
<script type="application/json" id="world">{world}</script>
{payloads}{scripts}</body></html>
"""


@cache
def counties() -> gpd.GeoDataFrame:
    """Return the counties of the contiguous states, sorted by id."""
    found = reference.counties()
    found = found[~found["state"].isin(OUTSIDE)].sort_index()
    return found.rename_axis(Units.unit_id)


@cache
def owners() -> np.ndarray:
    """Return the territory nearest to each county, by position."""
    middle = counties().geometry.representative_point()
    seeds = np.array(list(SEEDS.values()))
    far = (middle.x.to_numpy()[:, None] - seeds[:, 0]) ** 2 + 1.6 * (middle.y.to_numpy()[:, None] - seeds[:, 1]) ** 2
    return far.argmin(axis=1)


@cache
def facts() -> dict[str, np.ndarray]:
    """Return made-up figures of each county; those of a few territories are heavier or lighter than the others'."""
    rng = np.random.default_rng(7)
    owner = owners()
    lift = np.array([0.97, 1.02, 1.31, 0.94, 1.06, 1.01, 0.78, 1.12, 1.03, 0.98, 0.9, 1.09, 1.0, 1.18])
    tiers = [rng.poisson(rate, len(owner)) for rate in (0.05, 0.13, 0.62)]
    raw = tiers[0] * 24.0 + tiers[1] * 12 + tiers[2] * 4 + rng.random(len(owner))
    hours = raw * (lift / np.bincount(owner, raw, 14) * 1380)[owner]
    value = (tiers[0] * 300e3 + tiers[1] * 90e3 + tiers[2] * 18e3) * (0.6 + 0.8 * rng.random(len(owner)))
    return {
        "weight": hours.astype("float32"), "hours": hours.astype("float32"), "value": value.astype("float32"),
        "accounts": sum(tiers).astype("uint32"), **{f"tier{k}": t.astype("uint32") for k, t in enumerate(tiers)},
    }  # fmt: skip


@cache
def payload(nasty: bool) -> maps.Payload:
    """Return the facts as a browser fetches them."""
    state, states = pd.factorize(counties()["state"], sort=True)
    named = [f"{name}, {of}" + (NASTY if nasty else "") for name, of in zip(counties()["name"], counties()["state"], strict=True)]
    places = {"state": state.astype("uint32"), "county": np.arange(len(named)).astype("uint32")}
    return pack({"kind": "facts", "states": list(states), "counties": named}, {**facts(), **places})


def world(nasty: bool, **options: Any) -> dict[str, Any]:
    """Return what the made-up server knows at the beginning."""
    names = list(SEEDS)
    lines = [
        {"id": f"T{k + 1:02}", "name": name + (NASTY if nasty else ""), "color": PALETTE[COLOURS[k]], "rep": f"R{k % 9}"}
        for k, name in enumerate(names)
    ]
    lines[3]["pieces"], lines[8]["holes"] = 2, 1
    rng = np.random.default_rng(3)
    first, last = (
        ["Alder", "Birch", "Cedar", "Elm", "Hazel", "Juniper", "Linden", "Maple"],
        ["Clinic", "Medical", "Health", "Care Center", "Hospital"],
    )
    accounts = [
        {
            "id": f"a{n}",
            "name": f"{first[n % 8]} {last[n % 5]} {n}" + (NASTY if nasty else ""),
            "tier": "ABC"[min(2, n % 9 // 2)],
            "value": float(v),
            "hours": 24.5 / (1 + n % 3),
            "unit": 0,
            "home": lines[n % 14]["id"],
        }
        for n, v in enumerate(sorted(rng.lognormal(11, 1, 700), reverse=True))
    ]
    return {
        "owner": owners().tolist(),
        "territories": lines,
        "accounts": accounts,
        "facts": {k: v.tolist() for k, v in facts().items()},
        "palette": list(PALETTE),
        "reps": [{"id": f"R{k}", "name": name} for k, name in enumerate(REPS)],
        "texts": REDRAW_TEXTS,
        "language": "en",
        "delay": 60,
        "older": 0,
        "box": [-100, 35, -96, 38],
        "facts_hash": payload(nasty).hash,
        **options,
    }


@cache
def accounts(nasty: bool) -> pd.DataFrame:
    """Return 700 accounts, each in some county."""
    rng = np.random.default_rng(5)
    home = counties().geometry.representative_point().iloc[np.sort(rng.integers(0, len(counties()), 700))]
    names = [f"Account {n}" + (NASTY if nasty else "") for n in range(700)]
    points = {Accounts.name: names, Accounts.lat: home.y.to_numpy(), Accounts.lon: home.x.to_numpy()}
    tiers = {Tiers.tier: rng.choice(["A", "B", "C"], 700, p=[0.07, 0.18, 0.75]), Tiers.value_used: rng.lognormal(11, 1, 700)}
    return pd.DataFrame(points | tiers, index=pd.Index([f"a{n:03}" for n in range(700)], name=Accounts.account_id))


@cache
def shown(nasty: bool) -> maps.HostedMap:
    """Return the map of counties and accounts."""
    units = counties().assign(name=lambda t: t["name"] + (NASTY if nasty else ""))
    return maps.hosted(maps.territory_map(units[["name", "geometry"]], accounts=accounts(nasty)))


def page(folder: Path, *, theme: str = "light", nasty: bool = False, direction: str = "ltr", height: int = 640, **options: Any) -> str:
    """Write the page and return its address; `options` replace what the made-up server begins with."""
    made = shown(nasty)
    sources = [*made.sources, payload(nasty)]
    script = re.sub(r"\n//# sourceMappingURL=.*", "", (Path(leaflet.BASE_DIR) / "leaflet.js").read_text("utf-8"))
    scripts = [script, (HERE / "redraw_fake.js").read_text("utf-8"), *(maps.asset(name) for name in (*SCRIPTS, *REDRAW_SCRIPTS))]
    colours = ";".join(f"--st-{name}:{value}" for name, value in (DARK if theme == "dark" else LIGHT).items())
    leaflet_css = re.sub(r"url\([^)]*\)", "none", (Path(leaflet.BASE_DIR) / "leaflet.css").read_text("utf-8"))
    start = f"""{made.script}
      const view = new L.geoTerritory.View({made.map_name}, {{ panel: false }});
      view.setDark({json.dumps(theme == "dark")});
      new L.geoTerritory.Editor(view, {{ address: "/fake", doc: "draft 7", texts: {json.dumps(maps.TEXTS)} }});"""
    payloads = "".join(f'<script type="text/plain" id="gt-{p.hash}">{base64.b64encode(p.content).decode()}</script>' for p in sources)
    text = PAGE.format(
        direction=direction,
        style=leaflet_css + maps.asset(maps.STYLE) + maps.asset(maps.REDRAW_STYLE),
        height=height,
        colours=f"{colours};color-scheme:{theme}",
        map=made.html,
        world=json.dumps(world(nasty, **options)).replace("<", "\\u003c"),
        payloads=payloads,
        scripts="".join(f"<script>{text}</script>" for text in (*scripts, start)),
    )
    file = folder / f"redraw-{theme}-{nasty}-{direction}-{len(options)}.html"
    file.write_text(text, "utf-8")
    return file.as_uri()
