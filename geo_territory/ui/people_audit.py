"""The audit: who changed what, when and why; nothing updates or deletes a line of it."""

from __future__ import annotations

import math
from datetime import date

import pandas as pd
import streamlit as st

from geo_territory.errors import WorkspaceError
from geo_territory.publish.account_files import csv_bytes
from geo_territory.rights import SEE_ALL, Viewer
from geo_territory.tables import Audit
from geo_territory.ui import people_grids, session, wording
from geo_territory.workspace.audit_search import found, kind_of, without_accounts

PAGE = 100  # lines


def show(viewer: Viewer) -> None:
    """Show the audit, newest first, with filters, by pages."""
    lines = session.workspace().audit()
    whole = lines if viewer.may(SEE_ALL) else without_accounts(lines)
    _verified(len(lines))
    if not viewer.may(SEE_ALL):
        st.caption("Lines about accounts are shown without the account and without what was said of it: your role sees no account.")
    wanted = _filtered(whole).iloc[::-1]
    st.caption(f"{wording.count(len(wanted), 'line')} of {len(whole):,}, newest first.")
    people_grids.show(_page(wanted), people_grids.AUDIT, alt="Who changed what, when and why", key="audit", height=560)
    file_name = "audit.csv"
    st.download_button(
        "Download these lines",
        lambda: csv_bytes(wanted.iloc[::-1], index=False),
        file_name,
        "text/csv",
        icon=":material/download:",
        key="audit_file",
        disabled=wanted.empty,
        on_click=session.exported,
        args=(file_name, "the audit"),
    )


def _verified(lines: int) -> None:
    """Say whether the chain of lines is whole: each line's hash covers the one before."""
    try:
        session.workspace().verify()
    except WorkspaceError as error:
        st.error(str(error), title="The audit was changed from outside", icon=":material/gpp_bad:")
        return
    st.success(
        f"Chain verified: {wording.count(lines, 'line')}, none changed and none missing since it was written.",
        icon=":material/verified_user:",
    )


def _filtered(lines: pd.DataFrame) -> pd.DataFrame:
    """Return the lines the filters leave."""
    left, middle, right = st.columns([2, 2, 2])
    who = left.multiselect("Who", sorted(lines[Audit.who].unique()), key="audit_who")
    what = middle.multiselect("What", sorted(lines[Audit.what].unique()), key="audit_what")
    kinds = right.multiselect("On what", sorted(kind_of(lines).unique()), key="audit_object")
    first, last, words = st.columns([2, 2, 2])
    since: date | None = first.date_input("From day", None, key="audit_from")
    until: date | None = last.date_input("To day", None, key="audit_to")
    text = words.text_input("Text", key="audit_text", type="search", placeholder="a name, an id, a reason")
    return found(lines, who=who, what=what, kinds=kinds, since=since, until=until, words=text)


def _page(lines: pd.DataFrame) -> pd.DataFrame:
    """Return the page of lines a person is on."""
    pages = max(1, math.ceil(len(lines) / PAGE))
    if pages == 1:
        return lines
    page = st.number_input(f"Page, of {pages:,}", 1, pages, 1, key=f"audit_page_{pages}", width=180)
    return lines.iloc[PAGE * (int(page) - 1) : PAGE * int(page)]
