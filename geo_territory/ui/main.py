"""The app: its pages, and the one place where an error is shown."""

from pathlib import Path

import streamlit as st

from geo_territory.ui import session

# A picture of our own: an icon by name would be fetched from another server.
st.set_page_config(page_title="Geo Territory", page_icon=Path(__file__).parent / "icon.svg", layout="wide")
page = st.navigation(
    [
        st.Page("screens/start.py", title="Start", icon=":material/flag:", default=True, help="The five steps and how far they are."),
        st.Page("screens/accounts.py", title="Accounts", icon=":material/storefront:", help="Bring the account list, set tiers."),
        st.Page("screens/attention.py", title="Attention", icon=":material/call:", help="Who calls whom how often, and who that takes."),
        st.Page("screens/design.py", title="Design", icon=":material/map:", help="Contiguous, balanced territories."),
        st.Page("screens/redraw.py", title="Redraw", icon=":material/edit:", help="Move borders by hand, with the numbers beside the map."),
        st.Page("screens/compare.py", title="Compare", icon=":material/compare:", help="Two to four versions or drafts side by side."),
        st.Page("screens/export.py", title="Export", icon=":material/download:", help="Territories, tags and maps as files."),
    ],
    position="top",
)
st.html(Path(__file__).parent / "page.css")
with session.errors_shown():
    session.told()
    page.run()
