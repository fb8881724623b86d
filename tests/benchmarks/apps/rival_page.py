"""A click on a unit hands it to another territory; the page runs again with st_folium and a table of totals.

The units (GeoJSON with the properties unit, territory, hours) lie in the file that GEO_TERRITORY_RIVAL names; they are read once.
The loop is the one its readers write: look at what st_folium returns, change the session, `st.rerun`. With `?callback=1` the click
is taken in `on_change`, which saves a run: the fastest its interface allows.
"""

import json
import os
from pathlib import Path

import folium
import pandas as pd
import streamlit as st
from streamlit_folium import st_folium

COLORS = ("#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377")
st.set_page_config(layout="wide")


@st.cache_resource
def units() -> tuple[dict, pd.DataFrame]:
    features = json.loads(Path(os.environ["GEO_TERRITORY_RIVAL"]).read_text())
    return features, pd.DataFrame([feature["properties"] for feature in features["features"]]).set_index("unit")


def color(territory: int) -> str:
    return COLORS[territory % len(COLORS)]


def hand_over(answer: dict | None) -> bool:
    """Give the unit clicked just now to the next territory, which has another colour; return whether there was one."""
    clicked = (answer or {}).get("last_active_drawing")
    if not clicked or clicked["properties"]["unit"] == st.session_state["last"]:
        return False
    owner, unit = st.session_state["owner"], clicked["properties"]["unit"]
    owner[unit] = (owner[unit] + 1) % (max(owner.values()) + 1)
    st.session_state["last"] = unit
    st.session_state["moves"] += 1
    return True


def on_change() -> None:
    hand_over(st.session_state["map"])


shapes, facts = units()
if "owner" not in st.session_state:
    st.session_state["owner"] = facts["territory"].to_dict()
    st.session_state["moves"], st.session_state["last"] = 0, None
owner = st.session_state["owner"]


def style(feature: dict) -> dict:
    unit = feature["properties"]["unit"]
    return {"className": f"unit-{unit}", "fillColor": color(owner[unit]), "fillOpacity": 0.7, "weight": 0.3, "color": "#ffffff"}


shown = folium.Map(tiles=None, zoom_snap=0.25)
shown.default_js = [("leaflet", "/vendor/leaflet/leaflet.js")]
shown.default_css = [("leaflet_css", "/vendor/leaflet/leaflet.css")]
folium.GeoJson(shapes, style_function=style).add_to(shown)
west, south, east, north = shapes["bbox"]
shown.fit_bounds([[south, west], [north, east]])
map_column, table_column = st.columns([3, 1])
with map_column:
    given = {"key": "map", "on_change": on_change} if "callback" in st.query_params else {}
    answer = st_folium(shown, height=700, use_container_width=True, returned_objects=["last_active_drawing"], **given)
    if not given and hand_over(answer):
        st.rerun()
with table_column:
    st.write(f"moves: {st.session_state['moves']}")
    st.dataframe(facts["hours"].groupby(facts.index.map(owner)).sum())
