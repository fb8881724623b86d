"""The entry of streamlit-folium's page: its loop as its readers write it, with Leaflet from this machine."""

import streamlit as st
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from xstatic.pkg import leaflet

app = st.App("rival_page.py", routes=[Mount("/vendor/leaflet", StaticFiles(directory=leaflet.BASE_DIR))])
