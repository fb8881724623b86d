"""Personal data: what is kept about a person to hand out, the person to forget, and how long notes are kept."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from geo_territory.publish.person_file import person_zip
from geo_territory.rights import PEOPLE, SEE_ALL, Viewer
from geo_territory.tables import Reps, Users
from geo_territory.ui import session, wording
from geo_territory.workspace.persons import PREFIX
from geo_territory.workspace.privacy import Retention

PURPOSE = (
    "Names, e-mail addresses, calls and notes are kept to plan territories and to show each rep the own work. Nobody's place is "
    "recorded: a position is used on the rep's own phone, only when tapped, and is never sent. A base is shown to others to about 1 km. "
    "Figures inform; what follows from them for a person, a manager decides."
)
STAYS = (
    "What stays: the calls without their notes, and each line of the audit, under a code that no longer says who it was. "
    "What goes: name, e-mail address, base, notes, the words of requests, why a day was off, and the right to sign in. It can't be undone."
)


def show(viewer: Viewer) -> None:
    """Show what can be done about a person's data."""
    st.caption(f":material/privacy_tip: {PURPOSE}")
    people = everybody(session.workspace().people.users(), session.workspace().reps())
    if people:
        chosen = st.selectbox("Person", list(people), format_func=people.__getitem__, key="data_person", width=480)
        left, right = st.columns(2)
        with left.container(border=True, height="stretch"):
            _hand_out(viewer, chosen, people[chosen])
        with right.container(border=True, height="stretch"):
            _forget(viewer, chosen, people[chosen])
    else:
        st.info("Nobody is listed, so nothing is kept about anybody.", icon=":material/group:")
    with st.container(border=True):
        _retention()


def everybody(users: pd.DataFrame, reps: pd.DataFrame) -> dict[str, str]:
    """Return everybody data is kept about: what names them in the workspace, with words; a rep who signs in is there once."""
    linked = set(users[Users.rep_id].dropna())
    told = {rep_id: f"{row[Reps.name]} ({rep_id})" for rep_id, row in reps.iterrows()}
    others = users[~users[Users.rep_id].isin(linked & set(told)) & ~users.index.str.startswith(PREFIX)]
    return told | {email: f"{row[Users.name]} ({email})" for email, row in others.iterrows()}


def _hand_out(viewer: Viewer, person: str, name: str) -> None:
    st.markdown("**Hand out what is kept**")
    if not viewer.may(SEE_ALL):
        st.write("This file names accounts, which your role doesn't see. A leader can make it.")
        return
    st.write("Everything that is kept about this person, as CSV files in one zip.")
    here, day = session.workspace(), session.today().isoformat()
    file_name = "personal_data.zip"
    st.download_button(
        "Download",
        lambda: person_zip(here.people.about(person), name, day),
        file_name,
        "application/zip",
        icon=":material/download:",
        key="data_file",
        on_click=session.exported,
        args=(file_name, f"person {person}"),
    )


def _forget(viewer: Viewer, person: str, name: str) -> None:
    st.markdown("**Forget this person**")
    st.write(STAYS)
    own = person in (viewer.email, viewer.rep_id)
    if own:
        st.caption("This is you: somebody else has to do it.")
    why = st.text_input("Why", key=f"forget_why_{person}", placeholder="asked for it on 3 May", disabled=own)
    sure = st.checkbox(f"Forget {wording.plain(name)} for good", key=f"forget_sure_{person}", disabled=own)
    held = own or not sure
    st.button("Forget", icon=":material/person_remove:", key="forget", disabled=held, on_click=_forgotten, args=(person, why.strip()))


def _forgotten(person: str, why: str) -> None:
    """Forget the person that was chosen; runs before the page is drawn: by then the list may be another one."""
    if not why:
        st.warning("Say why: the audit keeps the reason.", icon=":material/edit_note:")
        return
    with session.errors_shown():
        session.workspace().people.forget(person, session.acting(PEOPLE).email, why)
        session.tell("The person is forgotten. What was done stays in the audit, under a code.")


def _retention() -> None:
    """The time notes are kept, and doing it now."""
    people = session.workspace().people
    kept = people.retention()
    st.markdown("**How long notes are kept**")
    st.write("Notes of calls are erased once they are older than this. Positions are never kept at all.")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        months = st.number_input("Months", 1, 240, kept.notes_months, key="notes_months", width=160)
        setting = Retention(int(months))
        if st.button("Save", icon=":material/save:", key="retention_save", disabled=setting == kept):
            people.save_retention(setting, session.acting(PEOPLE).email)
            session.tell(f"Notes are kept for {wording.count(setting.notes_months, 'month')} from now on.")
            st.rerun()
        if st.button("Apply now", icon=":material/auto_delete:", key="retention_apply", help="Erases what is older, for good."):
            with session.errors_shown():
                gone = sum(people.retain(kept, session.acting(PEOPLE).email).values())
                session.tell(f"{wording.count(gone, 'note')} erased." if gone else "Nothing is older than that: nothing was erased.")
                st.rerun()
