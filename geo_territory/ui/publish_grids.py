"""Columns of the tables about publishing: what changes hands, what that is for each rep, who served, cycles."""

from __future__ import annotations

import streamlit as st

from geo_territory.tables import ChangesOfHands, Cycles, Ownership, RepChanges, Reps
from geo_territory.ui.grids import MONEY, SENTENCE_PX, Columns
from geo_territory.ui.grids import show as show
from geo_territory.ui.people_grids import REP_NAME

PUBLICATION, UTILISATION_BEFORE, UTILISATION_AFTER, FLAG = "publication", "used_before", "used_after", "flag"  # made for the screen
_text = st.column_config.TextColumn
_number = st.column_config.NumberColumn
_day = st.column_config.DateColumn

CHANGES: Columns = {
    ChangesOfHands.account_id: _text("Id", width="small"),
    ChangesOfHands.name: _text("Name", width="medium"),
    ChangesOfHands.tier: _text("Tier", width="small"),
    ChangesOfHands.value: _number("Value", format=MONEY, width="small", help="a year"),
    ChangesOfHands.rep_before: _text("From", width="medium"),
    ChangesOfHands.rep_after: _text("To", width="medium"),
    ChangesOfHands.reason: _text("Why", width=SENTENCE_PX // 2),
    ChangesOfHands.territory_before: _text("Territory before", width="small"),
    ChangesOfHands.territory_after: _text("Territory after", width="small"),
}
REPS: Columns = {
    REP_NAME: _text("Rep", width=130, pinned=True),
    Reps.role: _text("Role", width="small"),
    FLAG: _text("To look at", width=150),
    RepChanges.gained: _number("Gained", format="localized", width="small", help="accounts"),
    RepChanges.lost: _number("Lost", format="localized", width="small", help="accounts"),
    RepChanges.kept: _number("Kept", format="localized", width="small", help="accounts"),
    RepChanges.value_before: _number("Value before", format=MONEY, width="small", help="a year"),
    RepChanges.value_after: _number("Value after", format=MONEY, width="small", help="a year"),
    RepChanges.value_lost_share: _number("Value lost", format="percent", width="small", help="that goes to others, of the value before"),
    UTILISATION_BEFORE: _number("Used before", format="percent", width="small", help="hours of the plan over hours the rep has"),
    UTILISATION_AFTER: _number("Used after", format="percent", width="small", help="hours of the plan over hours the rep has"),
}
HISTORY: Columns = {
    Ownership.role: _text("Role", width="small"),
    REP_NAME: _text("Served by", width="medium"),
    Ownership.territory_id: _text("Territory", width="small"),
    Ownership.tier: _text("Tier", width="small"),
    Ownership.valid_from: _day("From", format="iso8601", width="small"),
    Ownership.valid_to: _day("To", format="iso8601", width="small"),
    PUBLICATION: _text("By the publication", width="medium"),
}
CYCLES: Columns = {
    Cycles.name: _text("Cycle", width="small"),
    Cycles.start: _day("First day", format="iso8601", width="small"),
    Cycles.end: _day("Last day", format="iso8601", width="small"),
    Cycles.frozen_at: st.column_config.DatetimeColumn("Closed, UTC", format="YYYY-MM-DD HH:mm", width="medium"),
}
