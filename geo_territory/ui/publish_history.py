"""Who served this account on that day, and all who served it before and after."""

from __future__ import annotations

from datetime import date

import pandas as pd
import streamlit as st

from geo_territory.tables import Accounts, Ownership, Reps
from geo_territory.ui import people_grids, publish_grids, session, tiering, wording

FOUND = 50  # accounts offered for one search


def show() -> None:
    """Ask for an account and a day, and say who served it."""
    left, right = st.columns([2, 1])
    words = left.text_input("Account", key="served_search", type="search", placeholder="id, name or place")
    day: date = right.date_input("On the day", session.today(), key="served_day")
    if not words.strip():
        st.caption("Search an account by id, name or place. The answer holds for the day you choose, whatever was published later.")
        return
    accounts = session.workspace().accounts()
    found = accounts[_matches(accounts, words)].head(FOUND)
    if found.empty:
        st.info("No account has all these words.", icon=":material/search_off:")
        return
    told = {
        i: f"{row[Accounts.name]} · {i} · {row[Accounts.city] if isinstance(row[Accounts.city], str) else ''}"
        for i, row in found.iterrows()
    }
    chosen = st.selectbox(f"{len(found):,} found", list(told), format_func=told.__getitem__, key="served_account")
    _answer(chosen, accounts.loc[chosen, Accounts.name], day)


def _matches(accounts: pd.DataFrame, words: str) -> pd.Series:
    """Return which accounts hold all the words in id, name or address."""
    text = accounts.index.to_series().str.cat([accounts[name].fillna("") for name in tiering.SEARCHED], sep=" ").str.casefold()
    matches = pd.Series(True, index=accounts.index)
    for word in words.casefold().split():
        matches &= text.str.contains(word, regex=False)
    return matches


def _answer(account_id: str, name: str, day: date) -> None:
    cycles, reps = session.workspace().cycles, session.workspace().reps()[Reps.name]
    rows = cycles.owners(day, [account_id])
    if rows.empty:
        st.info(f"Nobody: nothing that was published held on {day:%Y-%m-%d} for {wording.plain(name)}.", icon=":material/person_off:")
    for row in rows.sort_values(Ownership.role).to_dict("records"):
        rep_id = row[Ownership.rep_id]
        who = f"{wording.plain(reps.get(rep_id, rep_id))} ({wording.plain(rep_id)})" if isinstance(rep_id, str) else "a vacancy"
        where = f" in territory {wording.plain(row[Ownership.territory_id])}" if isinstance(row[Ownership.territory_id], str) else ""
        st.markdown(f"**{wording.plain(row[Ownership.role])}**: {who}{where}, tier {wording.plain(row[Ownership.tier])}.")
    history = cycles.history(account_id)
    if history.empty:
        return
    names = {record.publication_id: record.name for record in cycles.publications()}
    shown = history.assign(
        **{
            people_grids.REP_NAME: history[Ownership.rep_id].map(
                lambda rep_id: reps.get(rep_id, rep_id) if isinstance(rep_id, str) else "vacancy"
            ),
            publish_grids.PUBLICATION: history[Ownership.publication_id].map(names),
        }
    )
    people_grids.show(shown, publish_grids.HISTORY, alt="Who served this account, oldest first", key="served_history")
