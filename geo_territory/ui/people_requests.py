"""What reps ask for: an account with the wrong tier or the wrong owner, and the answer they get."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from geo_territory.people_tables import ACCEPTED, DECLINED, OPEN, WRONG_OWNER, WRONG_TIER
from geo_territory.rights import ANSWER, PLAN, Viewer
from geo_territory.tables import Accounts, Assignments, Reps, Requests, Tiers
from geo_territory.ui import people_grids, session, wording

KINDS = {WRONG_TIER: "Wrong tier", WRONG_OWNER: "Wrong owner"}
STATES = {OPEN: "Open", ACCEPTED: "Accepted", DECLINED: "Declined"}


def show(viewer: Viewer) -> None:
    """Show the requests of those the viewer leads, the open ones first, and the form that answers one."""
    sight = session.sight()
    known = sight.requests()
    waiting = known[known[Requests.state] == OPEN]
    st.caption(
        "A rep can't change a tier or an owner, but can ask. Accepting a tier sets it by hand with the rep's reason. "
        "Accepting an owner notes it: the account changes hands with the next publication."
    )
    if known.empty:
        st.info("No rep has asked for anything yet. Requests come from the screen My territory.", icon=":material/inbox:")
        return
    shown_states = st.pills(
        "State", list(STATES), selection_mode="multi", default=[OPEN], format_func=STATES.__getitem__, key="request_states"
    )
    rows = _told(known[known[Requests.state].isin(shown_states or list(STATES))])
    st.caption(f"{wording.count(len(rows), 'request')} shown of {len(known):,}, {len(waiting):,} open.")
    people_grids.show(
        rows.sort_values(Requests.asked_at, ascending=False, kind="stable"),
        people_grids.REQUESTS,
        alt="Requests of reps, with what was answered",
        key="requests",
        row_height=36,
    )
    if len(waiting):
        _answer(viewer, _told(waiting))


def _told(requests: pd.DataFrame) -> pd.DataFrame:
    """Return requests with the account's name, its tier and who serves it, as far as the viewer may see them."""
    sight = session.sight()
    reps = session.workspace().reps()[Reps.name]
    owners = sight.assignments()
    asked = requests[Requests.account_id]
    serves = owners[owners[Assignments.account_id].isin(set(asked))].dropna(subset=[Assignments.rep_id])
    by_account = serves.groupby(Assignments.account_id)[Assignments.rep_id].agg(
        lambda ids: ", ".join(reps.get(i, i) for i in sorted(set(ids)))
    )
    named = {
        people_grids.ASKED_BY: requests[Requests.rep_id].map(lambda rep_id: reps.get(rep_id, rep_id)),
        Accounts.name: asked.map(sight.accounts()[Accounts.name]).fillna(asked),
        Tiers.tier: asked.map(sight.tiers()[Tiers.tier]),
        people_grids.OWNER: asked.map(by_account),
        Requests.kind: requests[Requests.kind].map(KINDS),
        Requests.state: requests[Requests.state].map(STATES),
    }
    return requests.assign(**named)


def _answer(viewer: Viewer, waiting: pd.DataFrame) -> None:
    """Answer one open request."""
    told = {
        request_id: f"{row[people_grids.ASKED_BY]}: {row[Accounts.name]}, {wording.within(row[Requests.kind])}"
        + (f", wants {row[Requests.wish]}" if isinstance(row[Requests.wish], str) else "")
        for request_id, row in waiting.sort_values(Requests.asked_at, kind="stable").iterrows()
    }
    st.subheader("Answer", anchor=False)
    chosen = st.selectbox("Request", list(told), format_func=told.__getitem__, key="request_chosen")
    row = waiting.loc[chosen]
    about_tier = row[Requests.kind] == KINDS[WRONG_TIER]
    st.markdown(f"**{wording.plain(row[people_grids.ASKED_BY])}** says: {wording.plain(row[Requests.reason])}")
    st.caption(_consequence(row, about_tier))
    answer = st.text_input("Answer to the rep", key=f"request_answer_{chosen}", placeholder="One sentence; the rep reads it.")
    said = {True: _said(row, about_tier, True), False: _said(row, about_tier, False)}
    with st.container(horizontal=True):
        for accept, label, icon in ((True, "Accept", ":material/check:"), (False, "Decline", ":material/close:")):
            st.button(
                label,
                type="primary" if accept else "secondary",
                icon=icon,
                key=f"request_{label.lower()}",
                on_click=_answered,
                args=(chosen, accept, answer.strip(), said[accept]),
            )
    if not about_tier and viewer.may(PLAN):
        st.page_link("screens/redraw.py", label="Go to Redraw", icon=":material/edit:")


def _answered(request_id: str, accept: bool, answer: str, said: str) -> None:
    """Answer the request a person had before them; runs before the page is drawn: by then the list may be another one."""
    if not accept and not answer:
        st.warning("Say why you decline: the rep reads it.", icon=":material/edit_note:")
        return
    with session.errors_shown():
        session.workspace().people.answer(request_id, ACCEPTED if accept else DECLINED, answer, session.acting(ANSWER))
        session.tell(said)


def _consequence(row: pd.Series, about_tier: bool) -> str:
    """Return what accepting a request does."""
    if about_tier:
        wish = row[Requests.wish] if isinstance(row[Requests.wish], str) else None
        to = f"tier {wording.plain(wish)}" if wish else "the tier wished for"
        return f"Accepting sets {wording.plain(row[Accounts.name])} to {to} at once, by hand, with this reason."
    return (
        "Accepting changes no owner yet. Give the account to the other territory in Redraw, as a single account: "
        "it stays there as an exception, and changes hands when that design is published."
    )


def _said(row: pd.Series, about_tier: bool, accepted: bool) -> str:
    name = wording.plain(row[Accounts.name])
    if not accepted:
        return f"Declined. {wording.plain(row[people_grids.ASKED_BY])} reads your answer."
    if about_tier:
        return f"Accepted: the tier of {name} is set."
    return f"Accepted. Now give {name} to the other territory in Redraw; it changes hands with the next publication."
