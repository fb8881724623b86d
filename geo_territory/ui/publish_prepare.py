"""Preparing a publication: which design, who serves each territory in each role, what that changes, and handing it in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from geo_territory.design import Design
from geo_territory.handover.serving import at_work
from geo_territory.rights import APPROVE, PLAN, Viewer
from geo_territory.tables import Reps, Scorecard, Territories, TerritoryReps
from geo_territory.ui import publish_changes, publishing, session, wording
from geo_territory.workspace import DesignRecord

PART, VERSIONS = "publish_part", "Versions"  # the part of the screen that is shown, and the one a design handed in is in
VACANT = "vacant"


def show(viewer: Viewer) -> None:
    """Show the design to be published with its people, what it changes, and the form that hands it in."""
    saved = session.workspace().designs()
    if not saved:
        nothing_saved()
        return
    record = _choose(saved)
    design, token = publishing.design_of(record.design_id), f"{session.url()} {record.design_id}"
    _of_which_list(record)
    role = design.policy.role
    earlier = publishing.earlier(role)
    was = publishing.before(design.attention, record.import_id, earlier)
    st.subheader("Who serves each territory", anchor=False)
    people = reps_grid(design, record.design_id, publishing.proposed(design, token, was))
    st.subheader("What changes", anchor=False)
    rows = publishing.after(design, token, people)
    made = publishing.realigned(design, token, was, rows)
    shapes = (was.shapes(), design.territories)
    publish_changes.show(f"design {record.design_id} {was.token}", made, design.attention, publishing.reps(), shapes, was.words)
    st.subheader("Hand it in", anchor=False)
    _hand_in(viewer, record, design, people, rows)


def nothing_saved() -> None:
    """Say that there is no design to publish, and where one is made."""
    st.info("There is no saved design yet, so there is nothing new to publish.", icon=":material/inbox:")
    st.page_link("screens/design.py", label="Make a design and save it", icon=":material/map:")


def _choose(saved: Sequence[DesignRecord]) -> DesignRecord:
    """The saved design to be published; the one looked at elsewhere comes first."""
    told = {r.design_id: f"{r.name} · {r.created_at:%Y-%m-%d %H:%M} · {r.scorecard['territories']} territories" for r in saved}
    looked_at = session.saved_design_at_hand()
    place = list(told).index(looked_at) if looked_at in told else 0
    chosen = st.selectbox(
        "Design", list(told), place, format_func=told.__getitem__, key="publish_design", persist_state="session", width=560
    )
    return next(r for r in saved if r.design_id == chosen)


def _of_which_list(record: DesignRecord) -> None:
    """Warn when the design was made from another account list than the one in force."""
    current = session.current_import()
    if current is not None and current.import_id != record.import_id:
        st.warning(
            f"This design was made from an earlier account list, not from {wording.plain(current.file_name)}. "
            "Accounts that came since then are in no territory. Solve again, or redraw from it, to take them in.",
            icon=":material/history:",
        )


def reps_grid(design: Design, design_id: int, proposed: pd.DataFrame) -> pd.DataFrame:
    """Show who serves each territory in each role for change, and return it as it stands (TerritoryReps)."""
    labels = {role.role: role.label for role in design.attention.policy.capacity.roles}
    alone, names, reps = publishing.everybody(design), publishing.names(), publishing.reps()
    roles = [role for role in dict.fromkeys([design.policy.role, *proposed[TerritoryReps.role]]) if role not in alone]
    wide = proposed.pivot_table(TerritoryReps.rep_id, TerritoryReps.territory_id, TerritoryReps.role, aggfunc="first", observed=True)
    rows = design.territories[[Territories.name]].join(design.scorecard[[Scorecard.accounts]]).join(wide.reindex(columns=roles))
    st.caption("Proposed from who serves it now and who called most of its accounts. Change a cell; empty it for a vacancy.")
    edited = st.data_editor(
        pd.DataFrame(rows).reset_index()[[str(Territories.territory_id), Territories.name, *roles, Scorecard.accounts]],
        column_config={
            str(Territories.territory_id): st.column_config.TextColumn("Territory", width=70, disabled=True),
            Territories.name: st.column_config.TextColumn("Around", width=125, disabled=True),
            Scorecard.accounts: st.column_config.NumberColumn("Accounts", format="localized", width="small", disabled=True),
            **{role: _who(labels.get(role, role), names, reps[reps[Reps.role] == role].index) for role in roles},
        },
        hide_index=True,
        placeholder=VACANT,
        height="content",
        key=f"reps_of_{design_id}_{hash(tuple(proposed[TerritoryReps.rep_id].fillna('')))}",
        alt="Who serves each territory in each role",
    )
    chosen = edited.melt(str(Territories.territory_id), roles, TerritoryReps.role, TerritoryReps.rep_id)
    others = proposed[proposed[TerritoryReps.role].isin(list(alone))]
    people = TerritoryReps.check(pd.concat([chosen, others], ignore_index=True))
    _told(people, roles, labels, alone, names)
    _without(people, roles[0], reps, names)
    return people


def _who(label: str, names: Mapping[str, str], possible: Sequence[str]) -> Any:
    return st.column_config.SelectboxColumn(label, options=list(possible), format_func=lambda rep_id: names.get(str(rep_id), str(rep_id)))


def _told(
    people: pd.DataFrame, roles: Sequence[str], labels: Mapping[str, str], alone: Mapping[str, str], names: Mapping[str, str]
) -> None:
    """Say who serves everybody, which territories are vacant, and who serves several."""
    for role, rep_id in alone.items():
        st.caption(f":material/public: {wording.plain(labels.get(role, role))}: {wording.plain(names[rep_id])} serves every account.")
    vacant = people[people[TerritoryReps.role].isin(roles) & people[TerritoryReps.rep_id].isna()]
    for role, rows in vacant.groupby(TerritoryReps.role):
        where = wording.plain(", ".join(rows[TerritoryReps.territory_id]))
        st.warning(
            f"{wording.plain(labels.get(role, role))}: vacant in {where}. Nobody sees or serves these accounts.",
            icon=":material/person_off:",
        )
    first = people[people[TerritoryReps.role] == roles[0]].dropna(subset=[TerritoryReps.rep_id])
    twice = first[first[TerritoryReps.rep_id].duplicated(keep=False)].groupby(TerritoryReps.rep_id)[TerritoryReps.territory_id]
    for rep_id, where in twice:
        st.warning(f"{wording.plain(names.get(rep_id, rep_id))} serves {wording.plain(', '.join(where))} alone.", icon=":material/group:")


def _without(people: pd.DataFrame, role: str, reps: pd.DataFrame, names: Mapping[str, str]) -> None:
    """Say who of the role that holds territories has none."""
    there = reps[at_work(reps, session.today()) & (reps[Reps.role] == role)]
    without = there.index.difference(people[TerritoryReps.rep_id].dropna())
    if len(without):
        told = wording.plain(", ".join(names[rep_id] for rep_id in without))
        st.warning(f"Without a territory: {told}.", icon=":material/person_alert:")


def _hand_in(viewer: Viewer, record: DesignRecord, design: Design, people: pd.DataFrame, rows: pd.DataFrame) -> None:
    """Name it, say what for, hand it in."""
    left, right = st.columns([1, 2])
    name = left.text_input("Name of the publication", record.name, key=f"publish_name_{record.design_id}")
    note = right.text_input(
        "Note for who approves it", key=f"publish_note_{record.design_id}", placeholder="Why now, what was agreed with whom"
    )
    st.caption(
        "Handing in changes nothing yet: it waits under “Versions” until a leader approves it with a day"
        + (", which may be you." if viewer.may(APPROVE) else ".")
    )
    st.button(
        "Hand in for approval",
        type="primary",
        icon=":material/outbox:",
        key="hand_in",
        disabled=not name.strip(),
        on_click=_handed_in,
        args=(record, design, people, rows, name.strip(), note.strip()),
    )


def _handed_in(record: DesignRecord, design: Design, people: pd.DataFrame, rows: pd.DataFrame, name: str, note: str) -> None:
    """Keep what a person had before them; runs before the page is drawn."""
    with session.errors_shown(), st.spinner("Handing in…"):
        session.workspace().cycles.submit(
            design_id=record.design_id,
            role=design.policy.role,
            name=name,
            assignments=rows,
            territories=design.territories[list(publishing.SHAPED)],
            reps=people,
            policy=design.attention.policy,
            import_id=record.import_id,
            note=note,
            who=session.acting(PLAN).email,
        )
        session.show_part(PART, VERSIONS)
        session.tell(f"{wording.plain(name)} is handed in. It waits for approval.")
