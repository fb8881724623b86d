"""Work in the background, as a person who waits sees it: how far it is, the way to stop it, how it ended."""

from __future__ import annotations

import streamlit as st

from geo_territory.ui import session, wording
from geo_territory.ui.jobs import Job


@session.fragment(run_every="500ms")
def show_progress(job: Job, key: str) -> None:
    """Show how far a job is, and the way to stop it; `key` is that of the button."""
    if not job.running:
        st.rerun()
    with st.container(border=True):
        st.progress(job.fraction, text="Stopping…" if job.stopping else f"{wording.plain(job.phase)} · {wording.percent(job.fraction)}")
        st.button("Cancel", icon=":material/stop:", key=key, on_click=job.stop, disabled=job.stopping)


def show_end(job: Job) -> None:
    """Show why a job made nothing. Raises what it met."""
    if job.fault is not None:
        raise job.fault
    if job.error is not None:
        raise job.error
    st.info("Stopped. Nothing was changed.", icon=":material/stop_circle:")
