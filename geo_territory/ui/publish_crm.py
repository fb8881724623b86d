"""Files for the CRM: what a publication brings in, and the files to go back by."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from geo_territory.publish.crm_files import (
    SYSTEMS,
    CrmFiles,
    CrmRequest,
    crm_files,
    crm_zip,
    dynamics_way_back,
    salesforce_owners,
    salesforce_territories,
    salesforce_way_back_delete,
)
from geo_territory.publish.realignment import Realignment
from geo_territory.ui import cached, importing, publishing, session, wording
from geo_territory.workspace.publications import PublicationRecord

SALESFORCE, HUBSPOT, DYNAMICS = SYSTEMS
NEEDS = {
    SALESFORCE: "Salesforce only knows its own ids. Bring its exports, so that the files can name territories and people as it does.",
    HUBSPOT: "Companies are found by Record ID, owners by e-mail. Both come with the account list and the list of reps.",
    DYNAMICS: "Accounts are found by the hidden columns of an export for re-import: the account list has to be such an export.",
}


def show(made: Realignment, record: PublicationRecord) -> None:
    """Show the files of one CRM for a realignment, what they leave out, and the way back."""
    st.subheader("Files for the CRM", anchor=False)
    system = st.segmented_control("CRM", SYSTEMS, default=SALESFORCE, key="crm_system", required=True) or SALESFORCE
    st.caption(NEEDS[system])
    asked = _request(system, made, record)
    files = crm_files(system, asked)
    for sentence in files.sentences:
        st.markdown(f":material/info: {wording.plain(sentence)}")
    if not files.files:
        return
    left, right = st.columns(2)
    for place, title, contents in ((left, "To load, in this order", files.files), (right, "The way back", files.way_back)):
        with place.container(border=True, height="stretch"):
            st.markdown(f"**{title}**\n" + "".join(f"\n- {_told(file, data)}" for file, data in contents.items()))
            if not contents:
                st.caption("Nothing: what was there before isn’t known.")
    _download(files, asked, record.publication_id)
    _later(system, files)


def _told(file: str, content: bytes) -> str:
    rows = max(content.count(b"\n") - 1, 0)
    return f"{wording.plain(file)}: {wording.count(rows, 'row')}"


def _download(files: CrmFiles, asked: CrmRequest, number: int) -> None:
    file_name = f"{files.system.lower()}_files.zip"
    st.download_button(
        f"Download the files for {files.system}",
        lambda: crm_zip(files, asked),
        file_name,
        "application/zip",
        type="primary",
        icon=":material/download:",
        key="crm_file",
        on_click=session.exported,
        args=(file_name, f"publication {number}"),
    )


def _request(system: str, made: Realignment, record: PublicationRecord) -> CrmRequest:
    """Return what is to be brought into a CRM, with what a person brought of its own ids."""
    reps = publishing.reps()
    facts: dict[str, Any] = {}
    if system == SALESFORCE:
        with st.expander("Exports of Salesforce", icon=":material/upload_file:"):
            territories, people = _table("Territory2: Id, DeveloperName, Name", "territories"), _table("User: Id, Email, Name", "users")
            facts["associations"] = _table("ObjectTerritory2Association: Id, ObjectId, Territory2Id, AssociationCause", "associations")
            field = st.text_input("Field of Account that holds the tier", "Segment__c", key="crm_tier_field")
            facts["tier_field"] = field.strip() or "Segment__c"
        shapes = session.workspace().cycles.shapes(record.publication_id)
        facts["territory_ids"] = {} if territories is None else salesforce_territories(territories, shapes)
        facts["owners"] = {} if people is None else salesforce_owners(people, reps)
    return CrmRequest(
        changes=made.changes,
        original=session.workspace().original(record.import_id),
        reps=reps,
        role=record.role,
        labels=made.labels,
        **{name: value for name, value in facts.items() if value is not None},
    )


def _table(label: str, key: str) -> pd.DataFrame | None:
    """Return a file a person brought, as text; None without one."""
    file = st.file_uploader(label, type=importing.FILE_KINDS, key=f"crm_{key}")
    if file is None:
        return None
    data = file.getvalue()
    return cached.raw_table(file.name, hashlib.sha256(data).hexdigest(), data).frame.fillna("")


def _later(system: str, files: CrmFiles) -> None:
    """The part of the way back that only the CRM's answer makes possible."""
    ways: Mapping[str, tuple[str, str]] = {
        SALESFORCE: ("Success file of the insert, as Data Loader wrote it", "way-back-delete.csv"),
        DYNAMICS: ("A fresh export of the accounts, for re-import", "way-back-accounts.csv"),
    }
    if system not in ways:
        return
    label, file_name = ways[system]
    with st.expander("Loaded it already, and want to go back?", icon=":material/undo:"):
        rows = _table(label, f"back_{system.lower()}")
        if rows is None:
            return
        old = next(iter(files.way_back.values()), b"")
        content = salesforce_way_back_delete(rows) if system == SALESFORCE else dynamics_way_back(old, rows)
        st.download_button(
            "Download the file that goes back",
            content,
            file_name,
            "text/csv",
            icon=":material/download:",
            key="crm_back_file",
            on_click=session.exported,
            args=(file_name, f"way back of {system}"),
        )
