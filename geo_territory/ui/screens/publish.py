"""Publish: who serves what from when; what that changes; approval by name; hand-over; and who served an account on a day."""

import streamlit as st

from geo_territory.rights import PLAN, Viewer
from geo_territory.ui import (
    publish_changes,
    publish_cycle,
    publish_files,
    publish_history,
    publish_prepare,
    publish_versions,
    session,
    wording,
)
from geo_territory.ui.publish_prepare import PART, VERSIONS

PREPARE, HAND_OVER, SERVED, CYCLE = "Prepare", "Hand over", "Who served it", "Cycle"


def where_it_stands() -> None:
    """What is active, what is scheduled, what waits."""
    today, known = session.today(), session.workspace().cycles.publications()
    by_state = {state: [one for one in known if one.state_on(today) == state] for state in publish_versions.STATES}
    for one in by_state[publish_versions.ACTIVE] + by_state[publish_versions.SCHEDULED]:
        with st.container(horizontal=True, vertical_alignment="center"):
            publish_versions.badge(one, today)
            st.markdown(f"**{wording.plain(one.name)}** {publish_versions.sentence(one, today)}", width="content")
    if not by_state[publish_versions.ACTIVE]:
        st.info(
            "Nothing is published yet: reps see no territory until something is active. Choose a design, say who serves what, "
            "hand it in, approve it with a day.",
            icon=":material/campaign:",
        )
    waiting = len(by_state[publish_versions.REVIEW])
    if waiting:
        st.caption(f":material/hourglass_top: {wording.count(waiting, 'publication')} waiting for approval, under “Versions”.")


def show(part: str, viewer: Viewer) -> None:
    """One part of the screen."""
    match part:
        case "Prepare":
            publish_prepare.show(viewer)
        case "Versions":
            publish_versions.show(viewer, publish_changes.of_publication)
        case "Hand over":
            publish_files.show()
        case "Who served it":
            publish_history.show()
        case "Cycle":
            publish_cycle.show(viewer)


viewer = session.viewer()
viewer.require(PLAN)
st.title("Publish")
if not session.workspace().designs() and not session.workspace().cycles.publications():
    publish_prepare.nothing_saved()
    st.stop()
where_it_stands()
session.ready_part(PART, PREPARE)
part = st.segmented_control(
    "Show",
    [PREPARE, VERSIONS, HAND_OVER, SERVED, CYCLE],
    key=PART,
    label_visibility="collapsed",
    required=True,
    persist_state="session",
)
with session.errors_shown():
    show(part or PREPARE, viewer)
