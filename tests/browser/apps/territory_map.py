"""The entry of the page that the map's browser tests open."""

import streamlit as st

from geo_territory import feed

app = st.App("territory_map_page.py", routes=feed.routes(feed.local(st.get_option("server.baseUrlPath"))))
