"""People and audit: who signs in, who sells and when, what reps ask for, who changed what, and what is kept about a person."""

import streamlit as st

from geo_territory.rights import ANSWER, AUDIT, PEOPLE, Viewer
from geo_territory.ui import people_audit, people_data, people_reps, people_requests, people_time, people_users, session

USERS, REPS, TIME, REQUESTS, LINES, DATA = "Users", "Reps", "Days off", "Requests", "Audit", "Personal data"
NEEDED = {USERS: PEOPLE, REPS: PEOPLE, TIME: PEOPLE, REQUESTS: ANSWER, LINES: AUDIT, DATA: PEOPLE}


def show(part: str, viewer: Viewer) -> None:
    """One part of the screen; the right it needs is looked up anew at every run."""
    viewer.require(NEEDED[part])
    match part:
        case "Users":
            people_users.show(viewer)
        case "Reps":
            people_reps.show()
        case "Days off":
            people_time.show()
        case "Requests":
            people_requests.show(viewer)
        case "Audit":
            people_audit.show(viewer)
        case "Personal data":
            people_data.show(viewer)


viewer = session.viewer()
st.title("People and audit")
parts = [part for part, right in NEEDED.items() if viewer.may(right)]
if not parts:
    viewer.require(PEOPLE)
part = st.segmented_control(
    "Show", parts, default=parts[0], key="people_part", label_visibility="collapsed", required=True, persist_state="session"
)
with session.errors_shown():
    show(part or parts[0], viewer)
