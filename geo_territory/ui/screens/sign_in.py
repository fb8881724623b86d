"""What somebody sees who may not come in (yet): the way to sign in, or why it isn't enough and whom to ask."""

import streamlit as st

from geo_territory.ui import doors, session, visitor
from geo_territory.ui.visitor import Arrival

ASK = "Ask a leader or an administrator"


def offer_sign_in() -> None:
    """Show a button for each who vouches for people."""
    st.write("Sign in to see your territory, your accounts and your plans.")
    for name in doors.providers(st.secrets["auth"]):
        label = "Sign in" if name is None else f"Sign in with {name.replace('-', ' ').title()}"
        key = f"sign_in_{name or ''}"
        st.button(label, type="primary", icon=":material/login:", key=key, on_click=st.login, args=(name,), width="stretch")
    st.caption(
        ":material/lock: You sign in with your organisation. Geo Territory keeps no password: it learns your name and e-mail, "
        "and looks up which territory is yours."
    )


def tell_why(arrival: Arrival) -> None:
    """Say why a person who signed in sees nothing, and whom to ask."""
    if arrival is Arrival.NAMELESS:
        st.write("Your sign-in doesn't tell your e-mail, so it can't be looked up who you are.")
        st.write(f"{ASK} to let the sign-in pass on e-mails.")
        return
    st.write("You are signed in as")
    st.text(visitor.email())
    if arrival is Arrival.UNVERIFIED:
        st.write("Whoever you signed in with has not checked this e-mail. Confirm it there, then sign in again.")
    elif arrival is Arrival.INACTIVE:
        st.write(f"You had access, and it was ended. {ASK} if that is a mistake.")
    else:
        st.write(f"Nobody has given this e-mail access yet. {ASK} to add it under People.")
        if session.workspace().people.users().empty:
            st.write("You are the first here? Whoever runs the server lets the first leader in with:")
            st.code(f"geo-territory user {visitor.email()} --role leader", language="sh")


arrival = visitor.at_the_door(session.workspace())
with st.container(key="door", width=440):
    st.title(
        "Geo Territory" if arrival is Arrival.SIGNED_OUT else "No access yet" if arrival is not Arrival.INACTIVE else "No access any more"
    )
    if arrival is Arrival.SIGNED_OUT:
        offer_sign_in()
    else:
        tell_why(arrival)
        with st.container(horizontal=True):
            st.button("Try again", icon=":material/refresh:", key="try_again")
            st.button("Sign out", icon=":material/logout:", key="sign_out", on_click=st.logout)
