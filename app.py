"""Geo Territory's entry: `streamlit run app.py` serves the pages, the map data and the map's scripts from one process."""

from pathlib import Path

import streamlit as st

from geo_territory import feed
from geo_territory.errors import TerritoryError
from geo_territory.ui import doors
from geo_territory.ui.readiness import ready_for_visitors

MAIN = Path(feed.__file__).parent / "ui" / "main.py"

try:
    doorkeepers = doors.open_doors(st.get_option("server.address"))
except TerritoryError as error:
    raise SystemExit(str(error)) from None

served = feed.routes(feed.local(st.get_option("server.baseUrlPath")), doors.signs_in())
app = st.App(MAIN, routes=served, middleware=doorkeepers, lifespan=ready_for_visitors)
