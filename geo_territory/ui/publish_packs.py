"""Hand-over packs: for each rep a page to print with what comes, goes and stays, the last and the next call, why, and a map."""

from __future__ import annotations

import streamlit as st

from geo_territory.design import Design
from geo_territory.handover import capacities
from geo_territory.publish.hand_over_pack import HandOver, hand_over_pack, hand_over_zip, pack_name
from geo_territory.publish.realignment import Realignment
from geo_territory.tables import Cycles
from geo_territory.ui import cached, publish_versions, publishing, session, wording
from geo_territory.workspace.publications import PublicationRecord

EVERYBODY = ""


def show(made: Realignment, design: Design, record: PublicationRecord) -> None:
    """Offer the packs of a publication: all in one zip, or one rep's."""
    st.subheader("Hand-over packs", anchor=False)
    st.caption("One file for each rep, to print or to send: it holds the accounts of this rep alone and opens without internet.")
    asked = _asked(made, design, record)
    told = {EVERYBODY: f"Everybody: {wording.count(len(asked.people), 'pack')} in one zip"}
    told |= {rep_id: f"{asked.called(rep_id)} ({rep_id})" for rep_id in asked.people}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox("For", list(told), format_func=told.__getitem__, key="pack_of", width=360)
        if chosen == EVERYBODY:
            _all(asked, record)
        else:
            _one(asked, record, chosen)


def _all(asked: HandOver, record: PublicationRecord) -> None:
    """Make all packs, with how far it is, then hand them out."""
    token = f"{session.url()} {record.publication_id} {hash(asked.note)} {asked.as_of} {asked.calls.shape[0]}"
    made = cached.packs(token)
    if made.content is None:
        if not st.button("Make the packs", type="primary", icon=":material/contact_page:", key="packs_make"):
            return
        shown = st.progress(0.0, text="Making the packs")
        made.content = hand_over_zip(asked, lambda what, share: shown.progress(share, text=wording.plain(what)) and None)
        shown.empty()
    _download(made.content, "hand_over_packs.zip", "application/zip", record, "packs_file")


def _one(asked: HandOver, record: PublicationRecord, rep_id: str) -> None:
    _download(lambda: hand_over_pack(asked, rep_id), pack_name(asked, rep_id), "text/html", record, f"pack_file_{rep_id}")


def _download(content: object, file_name: str, kind: str, record: PublicationRecord, key: str) -> None:
    st.download_button(
        "Download",
        content,  # type: ignore[arg-type]
        file_name,
        kind,
        icon=":material/download:",
        key=key,
        on_click=session.exported,
        args=(file_name, f"publication {record.publication_id}"),
    )


def _asked(made: Realignment, design: Design, record: PublicationRecord) -> HandOver:
    """Return what is handed over, as of the day the app is looked at."""
    here, reps, attention = session.workspace(), publishing.reps(), design.attention
    first = record.valid_from or session.today()
    known = here.cycles.list()
    cycle = here.cycles.at(first)
    return HandOver(
        name=record.name,
        valid_from=first,
        cycle=str(known[Cycles.name][cycle]) if cycle is not None else "",
        as_of=session.today(),
        changes=made.changes,
        accounts=attention.accounts,
        reps=reps,
        call_plan=attention.call_plan,
        calls=here.calls_made.calls(),
        hours=attention.workload,
        shapes=here.cycles.shapes(record.publication_id),
        capacity=capacities(reps, attention.policy.capacity),
        labels=made.labels,
        role_labels={role.role: role.label for role in attention.policy.capacity.roles},
        note=record.note,
        approved_by=publish_versions.called(record.approved_by) if record.approved_by else "",
    )
