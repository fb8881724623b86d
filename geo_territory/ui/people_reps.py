"""The reps as a grid a person edits: name, role, full-time share, manager, first and last day, leave, and the hours that follow."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from geo_territory.handover import capacities
from geo_territory.policy import CapacityPolicy
from geo_territory.rights import PEOPLE
from geo_territory.tables import Reps
from geo_territory.ui import people_grids, session, wording
from geo_territory.workspace.rep_edits import changed_reps

PLACE = (str(Reps.lat), str(Reps.lon))  # of the base: where a person lives, so it isn't shown here


def show() -> None:
    """Show the reps for change, and the form that adds one."""
    reps, policy = session.workspace().reps(), session.workspace().policy().capacity
    st.caption(
        "Change a cell, then save. Hours follow from the role's working days, the full-time share and the leave. "
        "Somebody who leaves gets a last day and stays in the list: what was done keeps its name."
    )
    if reps.empty:
        st.info("There are no reps yet. Add one below, or bring a list of people on the Attention screen.", icon=":material/group:")
    else:
        _grid(reps, policy)
    with st.expander("Add a rep", icon=":material/person_add:", expanded=reps.empty):
        _add(reps, policy)


def _grid(reps: pd.DataFrame, policy: CapacityPolicy) -> None:
    """Show the grid, and what saving it would change."""
    columns = people_grids.rep_columns(_labels(policy, reps), reps[Reps.name].to_dict())
    rows = reps.assign(**{people_grids.HOURS: capacities(reps, policy).round()}).reset_index()[list(columns)]
    edited = st.data_editor(
        rows,
        column_config=dict(columns),
        hide_index=True,
        key=f"reps_grid_{session.turn()}",
        alt="Reps with their role, full-time share, manager, days of work and hours",
        height="content",
        placeholder="–",
    )
    after = edited.set_index(str(Reps.rep_id)).drop(columns=people_grids.HOURS)
    wanted = Reps.check(after.join(reps[list(PLACE)])[reps.columns])
    changed = changed_reps(reps, wanted)
    if changed.empty:
        total = wording.number(rows[people_grids.HOURS].sum())
        st.caption(f"{wording.count(len(reps), 'rep')}, {total} hours a year in all. Nothing is changed yet.")
        return
    st.write(f"**{wording.count(len(changed), 'rep')} changed**: {wording.plain(', '.join(changed[Reps.name]))}.")
    hours = capacities(wanted, policy).reindex(changed.index) - capacities(reps, policy).reindex(changed.index)
    if abs(hours.sum()) >= 0.5:
        st.caption(f"That is {hours.sum():+,.0f} hours a year.")
    why = st.text_input("Why (optional)", key="reps_why")
    st.button("Save the reps", type="primary", icon=":material/save:", key="reps_save", on_click=_save, args=(reps, wanted, why))


def _save(seen: pd.DataFrame, wanted: pd.DataFrame, why: str) -> None:
    """Save what was changed of the reps a person saw. It runs before the page is drawn, with what the person had before them."""
    with session.errors_shown():
        saved = session.workspace().people.change_reps(seen, wanted, session.acting(PEOPLE).email, why.strip())
        session.tell(f"{wording.count(saved, 'rep')} saved.")


def _add(reps: pd.DataFrame, policy: CapacityPolicy) -> None:
    """Add one rep."""
    with st.form(f"rep_add_{session.turn()}", border=False):
        left, middle, right = st.columns(3)
        rep_id = left.text_input("Id", key="rep_add_id", help="As your CRM names the person; it never changes.").strip()
        name = middle.text_input("Name", key="rep_add_name").strip()
        labels = _labels(policy, reps)
        role = right.selectbox("Role", list(labels), format_func=labels.__getitem__, key="rep_add_role")
        fte = left.number_input("Full-time share", 0.0, 1.0, 1.0, 0.05, key="rep_add_fte")
        first = middle.date_input("First day (optional)", None, key="rep_add_start")
        leave = right.number_input("Leave, days a year", 0.0, 366.0, 0.0, 1.0, "%.0f", key="rep_add_leave")
        if not st.form_submit_button("Add", icon=":material/person_add:", key="rep_add"):
            return
    if not rep_id or not name:
        st.warning("A rep needs an id and a name.", icon=":material/edit_note:")
        return
    row = {Reps.name: name, Reps.role: role, Reps.fte: fte, Reps.leave_days: leave, Reps.start: pd.Timestamp(first)}
    one = pd.DataFrame([row], index=pd.Index([rep_id], name=str(Reps.rep_id), dtype="str")).reindex(columns=reps.columns)
    with session.errors_shown():
        session.workspace().people.add_rep(one, session.acting(PEOPLE).email)
        session.tell(f"{wording.plain(name)} is added. A territory is given on the Publish screen.")
        st.rerun()


def _labels(policy: CapacityPolicy, reps: pd.DataFrame) -> dict[str, str]:
    """Return the roles of sellers with their labels: those of the policy, and others that reps have."""
    known = {role.role: role.label for role in policy.roles}
    return {**known, **{role: role for role in sorted(set(reps[Reps.role]) - set(known))}}
