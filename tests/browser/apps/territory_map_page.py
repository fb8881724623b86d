"""Six by four squares owned by three territories in vertical strips, two wide each, and accounts along a diagonal.

W W M M E E        ?accounts=N   how many accounts; ?nasty=1 gives everything names that try to run
W W M M E E        "Give"        hands the next square from the top left to East
W W M M E E        "Clear"       lets go of the selection
W W M M E E
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import streamlit as st

from geo_territory import maps
from geo_territory.tables import Accounts, Reps, Scorecard, Territories, Tiers, Units
from geo_territory.ui import territory_map

NASTY = "<img src=x onerror='window.hacked=1'>${window.hacked=1}</script><script>window.hacked=1</script>"
st.set_page_config(layout="wide")


def name(plain: str) -> str:
    return f"{plain} {NASTY}" if "nasty" in st.query_params else plain


def squares() -> gpd.GeoDataFrame:
    ids = [f"u{x}{y}" for x in range(6) for y in range(4)]
    shapes = [shapely.box(x, 40 - y, x + 1, 41 - y) for x in range(6) for y in range(4)]
    return gpd.GeoDataFrame({Units.name: [name(i) for i in ids]}, geometry=shapes, crs=4326, index=pd.Index(ids, name=Units.unit_id))


def accounts(n: int) -> pd.DataFrame:
    rng = np.random.default_rng(7)
    return pd.DataFrame(
        {
            Accounts.name: [name(f"Account {i}") for i in range(n)],
            Accounts.lat: 37 + 4 * rng.random(n),
            Accounts.lon: 6 * rng.random(n),
            Tiers.tier: np.where(np.arange(n) % 10 == 0, "A", np.where(np.arange(n) % 10 < 4, "B", "C")),
            Tiers.value_used: rng.lognormal(9, 1, n),
        },
        index=pd.Index([f"a{i:06d}" for i in range(n)], name="account_id"),
    )


def territories() -> pd.DataFrame:
    return pd.DataFrame(
        {
            Territories.name: [name("West"), name("Middle"), name("East")],
            Territories.color: ["#4477aa", "#ee6677", "#228833"],
            Scorecard.balance_index: [96.0, 131.0, 73.0],
            Scorecard.in_band: [True, False, False],
            Scorecard.workload: [1632.0, 2227.0, 1241.0],
            Scorecard.value: [4.1e6, 5.5e6, 2.9e6],
        },
        index=pd.Index(["T1", "T2", "T3"], name=Territories.territory_id),
    )


@st.cache_resource
def made(n: int, nasty: bool) -> maps.HostedMap:
    bases = pd.DataFrame({Reps.name: [name("Ada")], Reps.lat: 39.5, Reps.lon: 0.5}, index=pd.Index(["r1"], name=Reps.rep_id))
    return maps.hosted(maps.territory_map(squares(), accounts=accounts(n), bases=bases))


def alignment(given: int) -> pd.Series:
    units = squares().index
    strip = pd.Series(["T1", "T2", "T3"]).iloc[units.str[1].astype(int) // 2].to_numpy()
    return pd.Series(strip, index=units).where(np.arange(len(units)) >= given, "T3")


def choose() -> None:
    st.session_state["chosen"] = territory_map.selection(st.session_state["map"]) or None


def let_go() -> None:
    st.session_state["chosen"] = None


by_tier = pd.DataFrame({"A": [8, 9, 3], "B": [20, 31, 9], "C": [70, 80, 40]}, index=territories().index)
given = st.session_state.setdefault("given", 0)
if st.button("Give"):
    st.session_state["given"] = given = given + 1
st.button("Clear", on_click=let_go)
chosen = st.session_state.setdefault("chosen", None)
state = maps.map_state(
    territories(),
    territory_of=alignment(given),
    accounts_by_tier=by_tier,
    doc="squares",
    rev=given,
    selected=chosen,
    currency="USD",
)
shown = made(int(st.query_params.get("accounts", 300)), "nasty" in st.query_params)
place = st.tabs(["First", "Second"])[1] if "tab" in st.query_params else st.container()
with place:
    just_now = territory_map.show(shown, state, key="map", height=480, on_select=choose)
st.write(f"given {given}, chosen {chosen}, just now {just_now!r}")
