"""The entry of streamlit-folium's page: its loop as its readers write it, with Leaflet from this machine."""

import streamlit as st

from geo_territory import feed

app = st.App("rival_page.py", routes=feed.routes(feed.local(st.get_option("server.baseUrlPath"))))
