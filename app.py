"""Geo Territory's entry: `streamlit run app.py` serves the pages, the map data and the map's scripts from one process."""

import streamlit as st

from geo_territory import feed

app = st.App("geo_territory/ui/main.py", routes=feed.routes(feed.local(st.get_option("server.baseUrlPath"))))
