"""Columns of the tables about people: users, reps, days off, requests, the audit."""

from __future__ import annotations

import streamlit as st

from geo_territory.tables import Accounts, Audit, DaysOff, Reps, Requests, Tiers, Users
from geo_territory.ui import wording
from geo_territory.ui.grids import SENTENCE_PX, Columns
from geo_territory.ui.grids import show as show

REP_NAME, ASKED_BY, HOURS, OWNER = "rep_shown", "asked_by_shown", "hours_shown", "owner_shown"  # columns made for the screen
_text = st.column_config.TextColumn
_number = st.column_config.NumberColumn
_moment = st.column_config.DatetimeColumn
_day = st.column_config.DateColumn

USERS: Columns = {
    Users.name: _text("Name", width="medium"),
    str(Users.email): _text("E-mail", width="medium"),
    Users.app_role: st.column_config.SelectboxColumn(
        "Role", options=list(wording.APP_ROLES), format_func=lambda role: wording.APP_ROLES[str(role)], width="small"
    ),
    REP_NAME: _text("Is the rep", width="medium"),
    Users.active: st.column_config.CheckboxColumn("May sign in", width="small"),
}
DAYS_OFF: Columns = {
    REP_NAME: _text("Rep", width="medium"),
    DaysOff.date: _day("Day off", format="iso8601", width="small"),
    DaysOff.reason: _text("Why", width="medium"),
}
REQUESTS: Columns = {
    Requests.asked_at: _moment("Asked, UTC", format="YYYY-MM-DD HH:mm", width=130),
    ASKED_BY: _text("Who asks", width=130),
    Requests.kind: _text("About", width=105),
    Accounts.name: _text("Account", width="medium"),
    Tiers.tier: _text("Tier now", width="small"),
    OWNER: _text("Serves it now", width="medium"),
    Requests.wish: _text("Wish", width=110),
    Requests.reason: st.column_config.TextColumn("Why", width=SENTENCE_PX // 2),
    Requests.state: _text("State", width="small"),
    Requests.answered_by: _text("Answered by", width="small"),
    Requests.answer: _text("Answer", width="medium"),
}
AUDIT: Columns = {
    Audit.seq: _number("No.", format="%d", width="small"),
    Audit.at: _moment("When, UTC", format="YYYY-MM-DD HH:mm:ss", width=150),
    Audit.who: _text("Who", width=140),
    Audit.what: _text("What", width=150),
    Audit.object: _text("On what", width=150),
    Audit.old: _text("Before", width=150),
    Audit.new: _text("After", width="medium"),
    Audit.why: _text("Why", width="medium"),
}


def rep_columns(roles: dict[str, str], names: dict[str, str]) -> Columns:
    """Return the columns of the grid of reps a person edits; `roles` and `names` (of reps) by id."""
    return {
        str(Reps.rep_id): _text("Id", width=60, disabled=True, pinned=True),
        Reps.name: _text("Name", width=140, required=True),
        Reps.role: st.column_config.SelectboxColumn(
            "Role", options=list(roles), format_func=lambda role: roles.get(str(role), str(role)), required=True, width=110
        ),
        Reps.fte: _number(
            "Full-time", min_value=0.0, max_value=1.0, step=0.05, format="%.2f", required=True, help="share of full time; 0 is a vacancy"
        ),
        Reps.leave_days: _number("Leave, days", min_value=0.0, max_value=366.0, format="%.0f", required=True, help="a year"),
        HOURS: _number("Hours", format="localized", disabled=True, help="a year, for calls and travel: capacity"),
        Reps.manager_id: st.column_config.SelectboxColumn(
            "Manager", options=list(names), format_func=lambda rep_id: names.get(str(rep_id), str(rep_id))
        ),
        Reps.start: _day("First day", format="iso8601", help="empty for long ago"),
        Reps.end: _day("Last day", format="iso8601", help="empty for no end"),
        Reps.territory_id: _text("Territory", width="small", help="the one this rep covers"),
        Reps.email: _text("E-mail", width="medium"),
    }
