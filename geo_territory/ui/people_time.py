"""Days without calls: those of one rep, and the company's calendar of holidays and training."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from geo_territory.people_tables import HOLIDAY, TRAINING
from geo_territory.rights import PEOPLE
from geo_territory.tables import Calendar, DaysOff, Reps
from geo_territory.ui import people_grids, session, wording

FEW = 6  # rows that are shown without scrolling
KINDS = {HOLIDAY: "Holiday", TRAINING: "Training"}


def show() -> None:
    """Show the days off and the calendar, each for change."""
    reps = session.workspace().reps()
    st.subheader("Days off", anchor=False)
    st.caption("Days on which one rep makes no calls.")
    _days_off(reps)
    st.subheader("Calendar", anchor=False)
    st.caption("Days on which nobody, a whole role or one rep makes calls. Leave role and rep empty for everybody.")
    _calendar(reps)


def _days_off(reps: pd.DataFrame) -> None:
    if reps.empty:
        st.info("There are no reps yet, so nobody has a day off.", icon=":material/group:")
        return
    known = session.workspace().people.days_off()
    names = reps[Reps.name].to_dict()
    if known.empty:
        st.caption("No day off is written down yet.")
    else:
        rows = known.assign(**{people_grids.REP_NAME: known[DaysOff.rep_id].map(lambda rep_id: names.get(rep_id, rep_id))})
        people_grids.show(
            rows,
            people_grids.DAYS_OFF,
            alt="Days on which a rep makes no calls",
            key="days_off",
            height=260 if len(rows) > FEW else "content",
        )
    with st.form(f"days_off_{session.turn()}", border=True):
        left, middle, right = st.columns([2, 2, 2])
        rep_id = left.selectbox("Rep", list(names), format_func=names.__getitem__, key="day_off_rep")
        days = middle.date_input("From and to", [], key="day_off_days", help="Choose the first and the last day; weekends are left out.")
        reason = right.text_input("Why (optional)", key="day_off_reason", placeholder="vacation")
        with st.container(horizontal=True):
            add = st.form_submit_button("Add the days", type="primary", icon=":material/event_busy:", key="day_off_add")
            clear = st.form_submit_button("Clear the days", icon=":material/undo:", key="day_off_clear")
    if not add and not clear:
        return
    chosen = working_days(days)
    if not chosen:
        st.warning("Choose the first and the last day. At least one of them must be a working day.", icon=":material/edit_note:")
        return
    _keep_days(str(rep_id), names[rep_id], chosen, reason.strip() if add else None)


def _keep_days(rep_id: str, name: str, days: Sequence[date], reason: str | None) -> None:
    """Add days off with a reason, or clear them when `reason` is None."""
    with session.errors_shown():
        if reason is None:
            session.workspace().people.clear_days_off(rep_id, days, session.acting(PEOPLE).email)
        else:
            session.workspace().people.save_days_off(rep_id, days, reason, session.acting(PEOPLE).email)
        done = "cleared for" if reason is None else "off for"
        session.tell(f"{wording.count(len(days), 'day')} {done} {wording.plain(name)}.")
        st.rerun()


def working_days(chosen: Any) -> list[date]:
    """Return the days of Monday to Friday from the first chosen one to the last, both included."""
    ends = tuple(chosen) if isinstance(chosen, Sequence) else (chosen,)
    if not ends:
        return []
    return [day.date() for day in pd.bdate_range(ends[0], ends[-1])]


def _calendar(reps: pd.DataFrame) -> None:
    known = session.workspace().people.calendar()
    roles = {role.role: role.label for role in session.workspace().policy().capacity.roles}
    names = reps[Reps.name].to_dict()
    edited = st.data_editor(
        known[Calendar.columns()].reset_index(drop=True),
        column_config={
            Calendar.date: st.column_config.DateColumn("Day", format="iso8601", required=True),
            Calendar.kind: st.column_config.SelectboxColumn(
                "Kind", options=list(KINDS), format_func=lambda kind: KINDS.get(str(kind), str(kind)), required=True, default=HOLIDAY
            ),
            Calendar.name: st.column_config.TextColumn("Name", width="medium"),
            Calendar.role: st.column_config.SelectboxColumn(
                "Role", options=list(roles), format_func=lambda role: roles.get(str(role), str(role))
            ),
            Calendar.rep_id: st.column_config.SelectboxColumn(
                "Rep", options=list(names), format_func=lambda rep_id: names.get(str(rep_id), str(rep_id))
            ),
        },
        num_rows="dynamic",
        hide_index=True,
        placeholder="–",
        key=f"calendar_grid_{session.turn()}",
        alt="Days on which nobody, a role or a rep makes calls",
    )
    st.button(
        "Save the calendar",
        icon=":material/save:",
        key="calendar_save",
        disabled=edited.reset_index(drop=True).equals(known[Calendar.columns()].reset_index(drop=True)),
        on_click=_save_calendar,
        args=(edited,),
    )


def _save_calendar(rows: pd.DataFrame) -> None:
    """Save the calendar as it stood before the person. It runs before the page is drawn."""
    begun = rows.dropna(how="all")
    with session.errors_shown():
        if begun[[Calendar.date, Calendar.kind]].isna().any(axis=None):
            st.error("A line of the calendar needs a day and a kind: complete it or delete it.", icon=":material/error:")
            return
        session.workspace().people.save_calendar(begun.reset_index(drop=True), session.acting(PEOPLE).email, "")
        session.tell(f"The calendar is saved: {wording.count(len(begun), 'day')}.")
