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
    "the reps and the calendar",
    "what is active: it goes on until another one is published",
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
    name, day_after = wording.plain(cycle[Cycles.name]), cycle[Cycles.end].date() + timedelta(days=1)
    st.subheader(f"Close {name}", anchor=False)
    left, right = st.columns(2)
    with left.container(border=True, height="stretch"):
        st.markdown("**Is frozen, for good**\n" + "".join(f"\n- {one}" for one in FROZEN))
    with right.container(border=True, height="stretch"):
        st.markdown("**Is copied into the next cycle**\n" + "".join(f"\n- {one}" for one in COPIED))
    if session.today() < day_after:
        st.warning(
            f"{name} ends on {cycle[Cycles.end]:%Y-%m-%d}, which is still to come. "
            "Once it is closed, nothing can be published into its last days.",
            icon=":material/event_busy:",
        )
    asked = _next_one(cycle_id, name, day_after)
    if asked is None:
        return
    with session.errors_shown():
        following = session.workspace().cycles.close(cycle_id, *asked[:2], session.acting(APPROVE).email, asked[2])
        opened = session.workspace().cycles.list()[Cycles.name][following]
        session.tell(f"{name} is closed. {wording.plain(opened)} is open, with its set-up copied.")
        st.rerun()


def _next_one(cycle_id: str, name: str, day_after: date) -> tuple[str | None, date | None, str] | None:
    """Return name and last day of the next cycle (None when it is there already), and why, once a person is sure; else None."""
    begun = session.workspace().cycles.at(day_after) is not None
    proposed, _, last = quarter(day_after)
    called: str | None = None
    end: date | None = None
    with st.form(f"cycle_close_{cycle_id}", border=True):
        if begun:
            st.caption("The next cycle is there already.")
        else:
            one, other = st.columns(2)
            called = one.text_input("Name of the next cycle", proposed, key=f"cycle_next_name_{cycle_id}").strip()
            end = other.date_input("Its last day", last, key=f"cycle_next_end_{cycle_id}", help=f"It begins on {day_after:%Y-%m-%d}.")
        why = st.text_input("What was learned (optional)", key=f"cycle_why_{cycle_id}")
        sure = st.checkbox(f"Freeze {name} for good", key=f"cycle_sure_{cycle_id}")
        if not st.form_submit_button(
            "Close it and open the next", type="primary", icon=":material/lock:", key=f"cycle_close_{cycle_id}_button"
        ):
            return None
    if not sure:
        st.warning("Tick that it may be frozen for good.", icon=":material/check_box:")
        return None
    return called, end, why.strip()
