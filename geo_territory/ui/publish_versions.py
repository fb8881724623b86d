"""What was handed in: waiting for approval, scheduled, active or past; approval by name with a day, and the way to withdraw."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Literal

import streamlit as st

from geo_territory.rights import APPROVE, Viewer
from geo_territory.tables import Users
from geo_territory.ui import session, wording
from geo_territory.workspace.publications import PublicationRecord

REVIEW, SCHEDULED, ACTIVE, ARCHIVED, WITHDRAWN = "review", "scheduled", "active", "archived", "withdrawn"
STATES: Mapping[str, tuple[str, Literal["orange", "blue", "green", "gray"], str]] = {
    REVIEW: ("Waits for approval", "orange", ":material/hourglass_top:"),
    SCHEDULED: ("Scheduled", "blue", ":material/event_upcoming:"),
    ACTIVE: ("Active", "green", ":material/check_circle:"),
    ARCHIVED: ("Past", "gray", ":material/inventory_2:"),
    WITHDRAWN: ("Withdrawn", "gray", ":material/block:"),
}
MANY = 6  # that are shown without asking


def show(viewer: Viewer, changes: Callable[[PublicationRecord], None]) -> None:
    """Show everything that was handed in, newest first; `changes` shows what one that waits would change."""
    known, today = session.workspace().cycles.publications(), session.today()
    if not known:
        st.info("Nothing was handed in yet. “Prepare” hands in a saved design.", icon=":material/inbox:")
        return
    waiting = [one for one in known if one.state_on(today) == REVIEW]
    for one in waiting:
        _waiting(viewer, one, known, today, changes)
    others = [one for one in known if one not in waiting]
    if others:
        st.subheader("Approved and past", anchor=False)
    for one in others[:MANY]:
        _line(viewer, one, today)
    if len(others) > MANY:
        with st.expander(f"{len(others) - MANY:,} more"):
            for one in others[MANY:]:
                _line(viewer, one, today)


def badge(one: PublicationRecord, today: date) -> None:
    """Show the state of a publication on a day."""
    label, color, icon = STATES[one.state_on(today)]
    st.badge(label, icon=icon, color=color)


def sentence(one: PublicationRecord, today: date) -> str:
    """Return from when to when a publication holds and who approved it."""
    if one.valid_from is None or one.approved_at is None:
        return f"Handed in by {called(one.submitted_by)} on {one.submitted_at:%Y-%m-%d}."
    begins = "From" if one.valid_from > today else "Since"
    end = f" until {one.valid_to:%Y-%m-%d}" if one.valid_to is not None else ""
    return f"{begins} {one.valid_from:%Y-%m-%d}{end}, approved by {called(one.approved_by)} on {one.approved_at:%Y-%m-%d}."


def called(email: str | None) -> str:
    """Return what a person is called: the name of who may sign in, else what the audit knows them by."""
    names = session.workspace().people.users()[Users.name]
    return wording.plain(names.get(email, email) or "somebody")


def _line(viewer: Viewer, one: PublicationRecord, today: date) -> None:
    """One publication that was decided on."""
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{wording.plain(one.name)}**", width="content")
            badge(one, today)
        st.caption(
            f"{sentence(one, today)} Handed in by {called(one.submitted_by)}" + (f": {wording.plain(one.note)}" if one.note else ".")
        )
        if one.state_on(session.workspace().now().date()) == SCHEDULED and viewer.may(APPROVE):
            _withdraw(one, "It never comes into force; what is active now goes on.")


def _waiting(
    viewer: Viewer,
    one: PublicationRecord,
    known: Sequence[PublicationRecord],
    today: date,
    changes: Callable[[PublicationRecord], None],
) -> None:
    """One publication that waits for approval: what it changes, approval and withdrawal."""
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{wording.plain(one.name)}**", width="content")
            badge(one, today)
        st.caption(sentence(one, today))
        if one.note:
            st.markdown(f"Note: {wording.plain(one.note)}")
        if st.toggle("What it changes", one is known[0], key=f"changes_{one.publication_id}"):
            changes(one)
        if viewer.may(APPROVE):
            _approve(viewer, one, known, today)
            _withdraw(one, "It leaves the list of what waits; the design stays saved.")
        else:
            st.caption(":material/lock: A leader approves it.")


def _approve(viewer: Viewer, one: PublicationRecord, known: Sequence[PublicationRecord], today: date) -> None:
    """Approve by name, from a day on."""
    key = one.publication_id
    left, right = st.columns([1, 2])
    first: date = left.date_input("In force from", today + timedelta(days=1), key=f"valid_from_{key}", help="The first day it holds.")
    why = right.text_input("Why (optional)", key=f"approve_why_{key}")
    happens = what_happens(one, known, first, today)
    st.caption(f":material/event: {happens}")
    st.button(
        f"Approve as {wording.plain(viewer.name)}",
        type="primary",
        icon=":material/verified:",
        key=f"approve_{key}",
        on_click=_approved,
        args=(one, first, why.strip(), happens),
    )


def what_happens(one: PublicationRecord, known: Sequence[PublicationRecord], first: date, today: date) -> str:
    """Return what approving a publication from day `first` on begins and ends, in words."""
    begins = f"{wording.plain(one.name)} holds from {first:%Y-%m-%d}"
    backdated = " That day is past: calls since then are measured against it." if first < today else ""
    same = [other for other in known if other.role == one.role and other.state_on(first) == ACTIVE]
    if not same:
        return f"{begins}. It is the first for this role: nothing ends.{backdated}"
    ended = same[0]
    last = first - timedelta(days=1)
    return f"{begins}; {wording.plain(ended.name)} ends on {last:%Y-%m-%d} and stays in the history.{backdated}"


def _approved(one: PublicationRecord, first: date, why: str, happens: str) -> None:
    """Approve; runs before the page is drawn, with the day and the consequence the person had before them."""
    with session.errors_shown():
        viewer, cycles = session.acting(APPROVE), session.workspace().cycles
        now = what_happens(one, cycles.publications(), first, session.today())
        if now != happens and cycles.publication(one.publication_id).state_on(session.today()) == REVIEW:
            st.warning(
                f"Somebody was faster, so nothing was approved yet. Now: {now} Approve again if you want it.",
                icon=":material/update:",
            )
            return
        cycles.approve(one.publication_id, viewer, first, why)
        session.tell(f"{wording.plain(one.name)} is approved by {wording.plain(viewer.name)} and holds from {first:%Y-%m-%d}.")


def _withdraw(one: PublicationRecord, what: str) -> None:
    """Take it back, with a reason."""
    with st.popover("Withdraw", icon=":material/undo:", key=f"withdraw_menu_{one.publication_id}_{session.turn()}"):
        st.caption(what)
        why = st.text_input("Why", key=f"withdraw_why_{one.publication_id}")
        if st.button("Withdraw it", key=f"withdraw_{one.publication_id}", icon=":material/undo:"):
            if not why.strip():
                st.warning("Say why: the audit keeps the reason.", icon=":material/edit_note:")
                return
            with session.errors_shown():
                session.workspace().cycles.withdraw(one.publication_id, session.acting(APPROVE).email, why.strip())
                session.tell(f"{wording.plain(one.name)} is withdrawn.")
                st.rerun()
