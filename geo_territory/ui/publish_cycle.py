"""Cycles: begin the first, and close one while the next is begun with its set-up."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import streamlit as st

from geo_territory.rights import APPROVE, Viewer
from geo_territory.tables import Cycles
from geo_territory.ui import publish_grids, session, wording

FROZEN = (
    "which territory and person each account had, on every day of it",
    "the tiers, overrides, call patterns and hours it ended with",
    "its calendar and its list of reps",
    "what was published in it: nothing can be published into it any more",
)
COPIED = (
    "the tier rule and the overrides that have not expired",
    "the call patterns and the hours of each role",
    "the reps, and what is active: it goes on until another one is published",
)


def show(viewer: Viewer) -> None:
    """Show the cycles there are, and the next step: begin the first one, or close the present one."""
    known = session.workspace().cycles.list()
    if known.empty:
        st.info("There is no cycle yet. A cycle is the period a plan serves, most often a quarter.", icon=":material/event_repeat:")
        if viewer.may(APPROVE):
            _begin()
        return
    publish_grids.show(known.sort_values(Cycles.start, ascending=False), publish_grids.CYCLES, alt="Cycles, newest first", key="cycles")
    opened = known[known[Cycles.frozen_at].isna()].sort_values(Cycles.start)
    if opened.empty or not viewer.may(APPROVE):
        st.caption("Every cycle is closed." if opened.empty else ":material/lock: A leader closes a cycle.")
        return
    _close(str(opened.index[0]), opened.iloc[0])


def quarter(day: date) -> tuple[str, date, date]:
    """Return name, first and last day of the quarter a day lies in: 2026 Q4."""
    period = pd.Period(day, "Q")
    return f"{period.year} Q{period.quarter}", period.start_time.date(), period.end_time.date()


def _begin() -> None:
    name, first, last = quarter(session.today())
    with st.form("cycle_begin", border=True):
        left, middle, right = st.columns(3)
        called = left.text_input("Name", name, key="cycle_name")
        start = middle.date_input("First day", first, key="cycle_start")
        end = right.date_input("Last day", last, key="cycle_end")
        if not st.form_submit_button("Begin the first cycle", type="primary", icon=":material/play_arrow:", key="cycle_begin_button"):
            return
    with session.errors_shown():
        session.workspace().cycles.begin(called.strip(), start, end, session.acting(APPROVE).email)
        session.tell(f"The cycle {wording.plain(called)} is begun.")
        st.rerun()


def _close(cycle_id: str, cycle: pd.Series) -> None:
    """Close a cycle and open the next one: what is frozen, what is copied, then the button."""
    day_after = cycle[Cycles.end].date() + timedelta(days=1)
    name, _, last = quarter(day_after)
    st.subheader(f"Close {wording.plain(cycle[Cycles.name])}", anchor=False)
    left, right = st.columns(2)
    with left.container(border=True, height="stretch"):
        st.markdown("**Is frozen, for good**\n" + "".join(f"\n- {one}" for one in FROZEN))
    with right.container(border=True, height="stretch"):
        st.markdown("**Is copied into the next cycle**\n" + "".join(f"\n- {one}" for one in COPIED))
    if session.today() < day_after:
        st.warning(
            f"{wording.plain(cycle[Cycles.name])} ends on {cycle[Cycles.end]:%Y-%m-%d}, which is still to come. "
            "Once it is closed, nothing can be published into its last days.",
            icon=":material/event_busy:",
        )
    with st.form("cycle_close", border=True):
        one, other = st.columns(2)
        called = one.text_input("Name of the next cycle", name, key="cycle_next_name")
        end = other.date_input("Its last day", last, key="cycle_next_end", help=f"It begins on {day_after:%Y-%m-%d}.")
        why = st.text_input("What was learned (optional)", key="cycle_why")
        sure = st.checkbox(f"Freeze {wording.plain(cycle[Cycles.name])} for good", key="cycle_sure")
        if not st.form_submit_button("Close it and open the next", type="primary", icon=":material/lock:", key="cycle_close_button"):
            return
    if not sure:
        st.warning("Tick that it may be frozen for good.", icon=":material/check_box:")
        return
    with session.errors_shown():
        session.workspace().cycles.close(cycle_id, called.strip(), end, session.acting(APPROVE).email, why.strip())
        session.tell(f"{wording.plain(cycle[Cycles.name])} is closed. {wording.plain(called)} is open, with its set-up copied.")
        st.rerun()
