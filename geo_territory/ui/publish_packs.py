"""Hand-over packs: for each rep a page to print with what comes, goes and stays, the last and the next call, why, and a map."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from geo_territory.handover import capacities
from geo_territory.publish.hand_over_pack import HandOver, hand_over_pack, hand_over_zip, pack_name
from geo_territory.publish.realignment import Realignment
from geo_territory.tables import Cycles
from geo_territory.ui import publish_versions, publishing, session, wording
from geo_territory.workspace.publications import PublicationRecord

EVERYBODY = ""


def show(made: Realignment, record: PublicationRecord) -> None:
    """Offer the packs of a publication: all in one zip, or one rep's."""
    st.subheader("Hand-over packs", anchor=False)
    st.caption("One file for each rep, to print or to send: it holds the accounts of this rep alone and opens without internet.")
    asked = _asked(made, record)
    told = {EVERYBODY: f"Everybody: {wording.count(len(asked.people), 'pack')} in one zip"}
    told |= {rep_id: f"{asked.called(rep_id)} ({rep_id})" for rep_id in asked.people}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox("For", list(told), format_func=told.__getitem__, key="pack_of", width=360)
        if chosen == EVERYBODY:
            _download(lambda: hand_over_zip(asked), "hand_over_packs.zip", "application/zip", record)
        else:
            _download(lambda: hand_over_pack(asked, chosen), pack_name(asked, chosen), "text/html", record)


def _download(content: Callable[[], bytes], file_name: str, kind: str, record: PublicationRecord) -> None:
    st.download_button(
        "Download",
        content,
        file_name,
        kind,
        type="primary",
        icon=":material/contact_page:",
        key=f"pack_{file_name}",
        help="It is made when you press, which may take a few seconds.",
        on_click=session.exported,
        args=(file_name, f"publication {record.publication_id}"),
    )


def _asked(made: Realignment, record: PublicationRecord) -> HandOver:
    """Return what is handed over, as of the day the app is looked at."""
    here, reps, attention = session.workspace(), publishing.reps(), publishing.attention_of(record)
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
