"""Handing over: a page for each rep of what comes, goes and stays, and the files for the CRM with the way back."""

from __future__ import annotations

import streamlit as st

from geo_territory.ui import publish_crm, publish_packs, publish_versions, publishing, session, wording
from geo_territory.workspace.publications import PublicationRecord

USABLE = (publish_versions.SCHEDULED, publish_versions.ACTIVE, publish_versions.ARCHIVED, publish_versions.REVIEW)


def show() -> None:
    """Choose a publication; hand out its pages and its files."""
    record = _choose()
    if record is None:
        st.info("Nothing was handed in yet, so there is nothing to hand over.", icon=":material/inbox:")
        return
    if record.valid_from is None:
        st.warning("This one is not approved yet: what you hand out is a draft of it.", icon=":material/hourglass_top:")
    made, was = publishing.comparison(record)
    st.caption(f"Compared with {was.words}.")
    publish_packs.show(made, record)
    publish_crm.show(made, record)


def _choose() -> PublicationRecord | None:
    """The publication whose pages and files are wanted: the scheduled or active one unless another is chosen."""
    today = session.today()
    known = [one for one in session.workspace().cycles.publications() if one.state_on(today) in USABLE]
    if not known:
        return None
    usual = sorted(known, key=lambda one: USABLE.index(one.state_on(today)))
    told = {one.publication_id: f"{one.name} · {wording.within(publish_versions.STATES[one.state_on(today)][0])}" for one in usual}
    chosen = st.selectbox("Publication", list(told), format_func=told.__getitem__, key="hand_over_of", width=560)
    return next(one for one in known if one.publication_id == chosen)
