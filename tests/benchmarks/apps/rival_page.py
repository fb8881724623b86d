"""A click on a unit hands it to another territory; the page runs again with st_folium and a table of totals.

The units (GeoJSON with the properties unit, territory, hours) lie in the file that GEO_TERRITORY_RIVAL names; they are read once.
The click is taken in `on_change`, which saves the second run that `st.rerun` would cost.
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


def hand_over() -> None:
    """Give the clicked unit to territory 0, or to 1 when it is 0's."""
    clicked = (st.session_state["map"] or {}).get("last_active_drawing")
    if clicked:
        owner, unit = st.session_state["owner"], clicked["properties"]["unit"]
        owner[unit] = 1 if owner[unit] == 0 else 0
        st.session_state["moves"] += 1


shapes, facts = units()
if "owner" not in st.session_state:
    st.session_state["owner"] = facts["territory"].to_dict()
    st.session_state["moves"] = 0
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
    st_folium(shown, key="map", height=700, use_container_width=True, returned_objects=["last_active_drawing"], on_change=hand_over)
with table_column:
    st.write(f"moves: {st.session_state['moves']}")
    st.dataframe(facts["hours"].groupby(facts.index.map(owner)).sum())
