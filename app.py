"""Geo Territory's entry: `streamlit run app.py` serves the pages, the map data and the map's scripts from one process."""

from pathlib import Path

import streamlit as st

from geo_territory import feed
from geo_territory.ui.readiness import ready_for_visitors

MAIN = Path(feed.__file__).parent / "ui" / "main.py"

app = st.App(MAIN, routes=feed.routes(feed.local(st.get_option("server.baseUrlPath"))), lifespan=ready_for_visitors)
