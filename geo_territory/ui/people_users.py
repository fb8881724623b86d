"""People who sign in: who there is, which role each has, which rep each is, and who may not sign in any more."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from geo_territory.rights import APP_ROLES, MANAGER, PEOPLE, REP, Viewer
from geo_territory.tables import Reps, Users
from geo_territory.ui import people_grids, session, wording

NOBODY = ""


def show(viewer: Viewer) -> None:
    """Show the people who may sign in, and the form that adds or changes one."""
    users, reps = session.workspace().people.users(), session.workspace().reps()
    active = int(users[Users.active].sum())
    st.caption(
        f"{wording.count(len(users), 'person').replace('persons', 'people')}, {active:,} of them may sign in. "
        "A role says what a person may see and do; it is looked up anew on every page."
    )
    if users.empty:
        st.info("Nobody is listed yet. Add the first person below: a leader, so that somebody can add the others.", icon=":material/group:")
    else:
        rows = users.assign(**{people_grids.REP_NAME: _rep_names(users, reps)})
        rows = rows.sort_values([Users.app_role, Users.name], key=_order, kind="stable")
        people_grids.show(rows, people_grids.USERS, alt="People who may sign in, with their role", key="users")
    with st.expander("What each role may do", icon=":material/badge:"):
        for role in APP_ROLES:
            st.markdown(f"**{wording.APP_ROLES[role]}**: {wording.APP_ROLE_HELP[role]}")
    _choose_and_change(viewer, users, reps)


def _order(column: pd.Series) -> pd.Series:
    """Return what a column is sorted by: roles as they are listed, names without regard to capitals."""
    return column.map(APP_ROLES.index) if column.name == Users.app_role else column.str.casefold()


def _rep_names(users: pd.DataFrame, reps: pd.DataFrame) -> pd.Series:
    """Return the rep each person is, by name; blank for none."""
    names = reps[Reps.name]
    return users[Users.rep_id].map(lambda rep_id: f"{names.get(rep_id, 'left')} ({rep_id})" if isinstance(rep_id, str) else "")


def _choose_and_change(viewer: Viewer, users: pd.DataFrame, reps: pd.DataFrame) -> None:
    st.subheader("Add or change a person", anchor=False)
    told = {NOBODY: "Somebody new", **{email: f"{row[Users.name]} · {email}" for email, row in users.iterrows()}}
    chosen = st.selectbox("Person", list(told), format_func=told.__getitem__, key="user_chosen", width=480)
    known = users.loc[chosen].to_dict() if chosen in users.index else {}
    asked = _form(chosen, known, reps)
    if asked is None:
        return
    email, why = asked.pop(str(Users.email)), asked.pop("why")
    wrong = _what_is_missing(email, asked)
    if wrong:
        st.warning(wrong, icon=":material/edit_note:")
        return
    with session.errors_shown():
        session.workspace().people.save_user(email, **asked, who=session.acting(PEOPLE).email, why=why)
        own = " This is you: the change is in force from the next page on." if email == viewer.email else ""
        session.tell(f"{wording.plain(asked[Users.name])} is saved as {wording.within(wording.APP_ROLES[asked[Users.app_role]])}.{own}")
        st.rerun()


def _form(email: str, known: dict[str, Any], reps: pd.DataFrame) -> dict[str, Any] | None:
    """Return what was entered about a person when it is to be saved, else None."""
    links = {NOBODY: "No rep", **{rep_id: f"{row[Reps.name]} ({rep_id}, {row[Reps.role]})" for rep_id, row in reps.iterrows()}}
    linked = known.get(Users.rep_id)
    with st.form(f"user_{email}_{session.turn()}", border=True):
        left, right = st.columns(2)
        name = left.text_input("Name", known.get(Users.name, ""), key=f"user_name_{email}")
        address = right.text_input("E-mail", email, disabled=bool(known), key=f"user_email_{email}", help="As the person signs in with it.")
        role = left.selectbox(
            "Role",
            APP_ROLES,
            APP_ROLES.index(known.get(Users.app_role, REP)),
            format_func=wording.APP_ROLES.__getitem__,
            key=f"user_role_{email}",
        )
        place = list(links).index(linked) if linked in links else 0
        rep_id = right.selectbox("Is the rep", list(links), place, format_func=links.__getitem__, key=f"user_rep_{email}")
        active = st.checkbox("May sign in", bool(known.get(Users.active, True)), key=f"user_active_{email}")
        why = st.text_input("Why (optional)", key=f"user_why_{email}")
        if not st.form_submit_button("Save", type="primary", icon=":material/save:", key=f"user_save_{email}"):
            return None
    return {
        str(Users.email): address.strip().lower(),
        Users.name: name.strip(),
        Users.app_role: role,
        Users.rep_id: rep_id or None,
        Users.active: active,
        "why": why.strip(),
    }


def _what_is_missing(email: str, asked: dict[str, Any]) -> str:
    """Return what has to be entered before a person can be saved; blank when nothing is missing."""
    if not asked[Users.name] or not email:
        return "A person needs a name and an e-mail address."
    if asked[Users.app_role] in (REP, MANAGER) and asked[Users.rep_id] is None:
        role = wording.within(wording.APP_ROLES[asked[Users.app_role]])
        return f"Choose which rep this person is: a {role} sees the accounts of that rep, and without one sees none."
    return ""
