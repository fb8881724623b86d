"""The app: who is let in, the pages that are theirs, and the one place where an error is shown."""

from pathlib import Path

import streamlit as st

from geo_territory.ui import doorway, pages, session, visitor

# A picture of our own: an icon by name would be fetched from another server.
st.set_page_config(page_title="Geo Territory", page_icon=Path(__file__).parent / "icon.svg", layout="wide")
st.html(Path(__file__).parent / "page.css")
with session.errors_shown():
    if visitor.at_the_door(session.workspace()) is not visitor.Arrival.IN:
        pages.doorway().run()
    else:
        looking = session.viewer()
        page = pages.navigation(looking)
        doorway.show(looking)
        session.told()
        page.run()
