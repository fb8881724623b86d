"""The person in the top bar: who looks, the way out, and, at this computer without sign-in, as whom and as of which day."""

from __future__ import annotations

from datetime import date
from typing import Literal

import streamlit as st

from geo_territory.rights import Viewer
from geo_territory.ui import session, visitor, wording

_CHOICE, _DAY = "view_as", "view_day"
YOURSELF = "Yourself, as leader"
LONGEST = 22  # letters of a name in the top bar


def show(looking: Viewer) -> None:
    """Show who looks in the top bar, with what can be changed about it."""
    with st.container(key="person", width="content"):
        if looking.here:
            _here(looking)
        else:
            with st.popover(_short(looking.name), icon=":material/account_circle:", type="tertiary", help="You, and the way out"):
                st.markdown(f"**{wording.plain(looking.name)}**")
                st.text(looking.email)
                st.caption(f"Signed in, as {looking.app_role}")
                st.button("Sign out", icon=":material/logout:", key="sign_out", on_click=st.logout, width="stretch")


def _here(looking: Viewer) -> None:
    """Show as whom and as of which day this computer's user looks, and let them choose."""
    as_other = visitor.seen_as() != visitor.SELF
    day, usual = session.today(), visitor.usual_day(session.workspace())
    label = f"As {_short(looking.name)}" if as_other else "View as"
    if day != date.today():
        label += f" · {day:%d %b %Y}"
    kind: Literal["primary", "tertiary"] = "primary" if as_other else "tertiary"
    hint, key = "See the app as somebody else, or as of another day", f"view_as_{visitor.seen_as()}_{day}"  # another choice closes it
    with st.popover(label, icon=":material/visibility:", type=kind, help=hint, key=key):
        known = {one.key: f"{one.name} ({one.app_role})" for one in visitor.everybody(session.workspace())}
        known = {visitor.SELF: YOURSELF} | known
        chosen = visitor.seen_as() if visitor.seen_as() in known else visitor.SELF
        st.session_state[_CHOICE] = chosen
        st.selectbox("View as", list(known), format_func=known.__getitem__, key=_CHOICE, on_change=_see_as)
        st.session_state[_DAY] = day
        st.date_input("As of", key=_DAY, on_change=_look_at_day, help=_why(usual))
        said = f"You see what this person sees. What you do is written down as done by {wording.plain(looking.email)}."
        st.caption(said if as_other else "There is no sign-in here: only this computer can open the app, and it opens it as leader.")
        if as_other:
            st.button("Back to yourself", icon=":material/undo:", key="see_as_self", on_click=visitor.see_as, args=(visitor.SELF,))


def _why(usual: date) -> str:
    """Return why the day is what it is unless somebody chooses."""
    if usual == date.today():
        return "The day on which what is due is judged. Today unless you choose another."
    return "The day on which what is due is judged. The last logged call is long ago, so it is the day after it unless you choose."


def _see_as() -> None:
    visitor.see_as(st.session_state[_CHOICE])


def _look_at_day() -> None:
    visitor.look_at_day(st.session_state[_DAY])


def _short(name: str) -> str:
    """Return a name that fits the top bar, with its letters as they are."""
    return wording.plain(name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…")
