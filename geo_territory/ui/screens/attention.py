"""Attention: who calls which tier how often, and the hours and people that takes."""

import dataclasses

import pandas as pd
import streamlit as st

from geo_territory.attention import Attention
from geo_territory.capacity import feasible_coverage, smallest_cut, staffing, staffing_sentence
from geo_territory.intake import read_bytes, reps_from_table
from geo_territory.policy import Policy
from geo_territory.tables import ImportReport, PlanLines, Staffing
from geo_territory.ui import cached, charts, grids, importing, patterns, session, wording
from geo_territory.workload import hours_by_line, hours_by_tier
from geo_territory.workspace import ImportRecord


def edited_policy(saved: Policy) -> Policy:
    """The call patterns and roles as they stand on the screen."""
    version = hash(saved)
    st.subheader("Call patterns", anchor=False)
    st.caption("One line per tier, role and channel. Auto: calls a year follow from the rhythm, travel from how far apart accounts lie.")
    rows = patterns.pattern_grid(saved, f"patterns_{version}")
    weekly = st.number_input(
        "Weekly means so many calls a year",
        1.0,
        366.0,
        saved.calls.weekly_calls,
        1.0,
        key=f"weekly_{version}",
        width=320,
        format="%.0f",
        help="52, or your working weeks such as 48.",
    )
    with st.expander("Hours a person has", icon=":material/schedule:"):
        capacity = patterns.role_grid(saved.capacity, f"roles_{version}")
    return dataclasses.replace(saved, calls=patterns.call_policy(rows, weekly), capacity=capacity)


def bring_people() -> None:
    """Upload the list of reps; it replaces the one before."""
    file = st.file_uploader("List of people", type=importing.FILE_KINDS, key="reps_file", help="Name, role, full-time share, leave, base.")
    if file is None or not st.button("Use this list", key="use_reps", icon=":material/upload:"):
        return
    found = reps_from_table(read_bytes(file.name, file.getvalue()))
    session.workspace().save_reps(found.reps, session.who(), f"from {file.name}")
    rejected = int((found.report[ImportReport.outcome] == "rejected").sum())
    session.tell(f"{len(found.reps):,} people from {wording.count(len(found.report), 'row')}, {rejected:,} rejected.")
    st.rerun()


def people_there_are(policy: Policy) -> tuple[pd.DataFrame | None, dict[str, float]]:
    """The reps of the workspace; without them, a number of people per role."""
    reps = session.workspace().reps()
    with st.expander(f"People ({len(reps):,})", icon=":material/group:"), session.errors_shown():
        bring_people()
        grids.show(reps, grids.REPS, alt="People with their role and full-time share", key="reps")
    if not reps.empty:
        return reps, {}
    st.caption("There is no list of people yet: bring one above, or say how many there are.")
    people = {}
    with st.container(horizontal=True):
        for role in policy.capacity.roles:
            people[role.role] = st.number_input(
                f"{role.label}, full-time", 0.0, None, 1.0, 0.5, key=f"people_{role.role}", width=180, persist_state="session"
            )
    return None, people


def show_answers(attention: Attention, needed: pd.DataFrame, lines: pd.DataFrame) -> None:
    """Too many or too few, role by role, in one sentence each."""
    policy = attention.policy
    for role in policy.capacity.roles:
        row = needed.loc[role.role]
        cut = smallest_cut(lines, role.role, row[Staffing.capacity], policy.tier_rule.labels)
        sentence = wording.plain(staffing_sentence(row, role, cut))
        if row[Staffing.hours] > row[Staffing.capacity] * (1 + 1e-9):
            st.error(sentence, icon=":material/flag:")
        elif row[Staffing.hours] > 0:
            st.success(sentence, icon=":material/check:")
        else:
            st.info(sentence, icon=":material/info:")


def show_promise(attention: Attention, needed: pd.DataFrame) -> None:
    """Which tiers' calls fit into the hours there are, best tier first."""
    labels = attention.policy.tier_rule.labels
    names = {role.role: role.label for role in attention.policy.capacity.roles}
    rows = {}
    for role, row in needed.iterrows():
        hours = hours_by_tier(attention.workload, attention.tiers, str(role), labels)
        if hours.sum() > 0:
            rows[names[str(role)]] = feasible_coverage(row[Staffing.capacity], hours)
    st.subheader("What still fits", anchor=False)
    if not rows:
        st.info("No calls are planned, so there is no promise to keep.", icon=":material/info:")
        return
    st.caption("Hours go to A first, then B, then C. 100 % means every planned call fits; blank means none is planned.")
    columns = {label: st.column_config.ProgressColumn(label, format="percent", min_value=0, max_value=1) for label in labels}
    table = pd.DataFrame(rows).T.rename_axis("Role").reset_index()
    st.dataframe(table, column_config=columns, hide_index=True, key="promise", alt="Share of each tier's planned hours that fits, by role")


def show_plan(attention: Attention, reps: pd.DataFrame | None, people: dict[str, float], record: ImportRecord) -> None:
    """Calls, hours and people of the patterns on the screen."""
    policy = attention.policy
    needed = staffing(attention.workload, reps, policy.capacity, people)
    travel = cached.travel(session.url(), record.import_id, policy.travel, attention.planned)
    lines = hours_by_line(attention.call_plan, travel, policy.tier_rule.labels)
    with st.grid(3, min_column_width=130):
        grids.figure("Calls a year", lines[PlanLines.calls_per_year].sum(), f"to {wording.count(len(attention.planned), 'account')}")
        grids.figure("Hours a year", needed[Staffing.hours].sum(), "calls, preparing and travel")
        grids.figure("People needed", needed[Staffing.people_needed].sum(), "full-time, each role rounded up")
    show_answers(attention, needed, lines)
    names = {role.role: role.label for role in policy.capacity.roles}
    st.altair_chart(charts.hours_bars(needed, names), alt="Hours needed and hours there are, by role")
    st.caption("Bars are hours needed; the mark is the hours the people have.")
    show_promise(attention, needed)
    with st.expander("Calls and hours, line by line"):
        grids.show(lines, grids.LINES, alt="Calls and hours of each line of the call plan", key="lines")
    st.caption("Travel is an estimate without a road network.")


st.title("Attention")
record = session.current_import()
if record is None:
    st.info("There is no account list yet, so there is nobody to call.", icon=":material/inbox:")
    st.page_link("screens/accounts.py", label="Bring an account list", icon=":material/upload_file:")
    st.stop()

saved = session.workspace().policy()
policy = edited_policy(saved)
reps, people = people_there_are(policy)
with st.container(horizontal=True, vertical_alignment="center"):
    label = "Save the call patterns" if policy != saved else "Keep these call patterns"
    if st.button(label, type="primary", icon=":material/save:", key="save_patterns"):
        session.workspace().save_policy(policy, decides="attention", who=session.who())
        session.tell("The call patterns are saved.")
        st.rerun()
    if policy != saved:
        st.badge("Not saved yet", color="orange", icon=":material/edit:")
show_plan(session.attention(record, policy.to_toml()), reps, people, record)
