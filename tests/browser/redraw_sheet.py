"""One HTML page with a map of square units, the editor's tools and a desk that answers inside the page; no server is needed."""

import base64
import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import scipy.sparse
import shapely
from xstatic.pkg import leaflet

from geo_territory import maps
from geo_territory.maps.payload import pack
from geo_territory.tables import Accounts, Tiers, Units

ADDRESS = "http://127.0.0.1:8599/redraw"  # never asked: the tests answer it themselves
DESK = Path(__file__).parent / "apps" / "redraw_tools.js"
TOOLS = ("outbox", "pending", "draft", "strokes", "marks", "hands", "tools", "sights")


def squares(columns: int, rows: int, side: float = 1.0) -> gpd.GeoDataFrame:
    """Return units row by row from the north west, ids in that order; sides in degrees."""
    x, y = np.arange(columns * rows) % columns, np.arange(columns * rows) // columns
    shapes = shapely.box(x * side, 40 - (y + 1) * side, (x + 1) * side, 40 - y * side)
    ids = [f"u{i:06d}" for i in range(columns * rows)]
    return gpd.GeoDataFrame({Units.name: ids}, geometry=shapes, crs=4326, index=pd.Index(ids, name=str(Units.unit_id)))


def neighbors(columns: int, rows: int) -> scipy.sparse.csr_matrix:
    """Return which squares share a side."""
    place = np.arange(columns * rows).reshape(rows, columns)
    a = np.r_[place[:, :-1].ravel(), place[:-1].ravel()]
    b = np.r_[place[:, 1:].ravel(), place[1:].ravel()]
    pairs = scipy.sparse.coo_matrix((np.ones(len(a)), (a, b)), shape=(place.size, place.size))
    return (pairs + pairs.T).tocsr()


def facts(columns: int, rows: int) -> maps.Payload:
    """Return a weight of one for each unit; the left half is one state, each three by two squares one county."""
    n = columns * rows
    x, y = np.arange(n) % columns, np.arange(n) // columns
    near = neighbors(columns, rows)
    one = np.ones(n, "float32")
    arrays = {"weight": one, "hours": one, "value": one, "accounts": np.ones(n, "uint32"), "tier0": np.ones(n, "uint32")}
    arrays |= {"state": (x >= columns // 2).astype("uint32"), "county": (x // 3 + 1000 * (y // 2)).astype("uint32")}
    arrays |= {"near_first": near.indptr.astype("uint32"), "near": near.indices.astype("uint32")}
    return pack({"kind": "facts", "states": ["West", "East"], "counties": []}, arrays)


def accounts(n: int, columns: int, rows: int, side: float) -> pd.DataFrame:
    """Return accounts spread over the squares."""
    random = np.random.default_rng(7)
    values = {Accounts.lat: 40 - rows * side * random.random(n), Accounts.lon: columns * side * random.random(n)}
    values |= {Accounts.name: [f"Site {i}" for i in range(n)], Tiers.tier: "A", Tiers.value_used: random.lognormal(9, 1, n)}
    return pd.DataFrame(values, index=pd.Index([f"a{i:06d}" for i in range(n)], name=str(Accounts.account_id)))


def page(columns: int = 12, rows: int = 8, side: float = 1.0, dots: int = 60, territories: int = 3) -> str:
    """Return the page; territories are vertical strips of the same width."""
    made = maps.hosted(maps.territory_map(squares(columns, rows, side), accounts=accounts(dots, columns, rows, side), account_ids=True))
    known = facts(columns, rows)
    strip = (np.arange(columns * rows) % columns) * territories // columns
    ids = [f"T{i + 1:03d}" for i in range(territories)]
    given = {"owner": strip.tolist(), "weight": [1] * (columns * rows), "territories": ids, "facts": known.hash, "texts": maps.TEXTS}
    base = Path(leaflet.BASE_DIR)
    scripts = [(base / "leaflet.js").read_text("utf-8"), *map(maps.asset, maps.SCRIPTS)]
    scripts += [*(maps.asset(f"redraw/{name}.js") for name in TOOLS), DESK.read_text("utf-8")]
    inlined = "".join(
        f'<script type="text/plain" id="gt-{p.hash}">{base64.b64encode(p.content).decode()}</script>' for p in (*made.sources, known)
    )
    own = "".join(f"<script>{text}</script>\n" for text in scripts)
    style = (base / "leaflet.css").read_text("utf-8") + maps.asset(maps.STYLE)
    return f"""<!DOCTYPE html><html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<style>{style}</style></head><body><div class="gt-host"><div class="gt-box"><div class="gt-map">{made.html}</div></div></div>
{inlined}{own}<script>{made.script}
begin({made.map_name}, {json.dumps(given)});</script></body></html>"""
