"""What changes hands between the current territories and a design, and why."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from geo_territory.design import Design
from geo_territory.tables import Handings
from geo_territory.ui import cached, grids, session, wording

HARDLY = 0.15  # a share of its accounts that a territory keeps


def show(shown: session.Shown) -> None:
    """Show why accounts change hands in a design that started from the current territories; nothing for another one."""
    if shown.design.start is None:
        return
    accounts, handings = cached.changes(shown.token, shown.design)
    if accounts.empty:
        st.caption("No account changes hands: every account stays in its current territory.")
        return
    moving = _moving(shown.design, shown.design.start)
    if moving:
        st.caption(f":material/move_location: Hardly anything stays with {moving}: there the whole territory moves.")
    with st.expander(f"What changes hands and why ({wording.count(len(accounts), 'account')})", icon=":material/swap_horiz:"):
        by_territory, by_account = st.tabs(["By territory", "By account"])
        with by_territory:
            share = wording.percent(handings[Handings.weight_share].sum())
            st.caption(
                f"{share} of {shown.design.policy.balance} changes hands. The first rows take most of the imbalance away; "
                "each counts what is left when those above it are done."
            )
            grids.show(handings, grids.HANDINGS, alt="What each territory hands to another, and why", key="handings")
        with by_account:
            grids.show(accounts, grids.ACCOUNT_MOVES, alt="Accounts that change hands, and why", key="account_moves")


def _moving(made: Design, before: pd.Series) -> str:
    """Return the territories that keep hardly any of their accounts, blank for none."""
    now = made.territory_id.dropna()
    was = before.reindex(now.index).dropna()
    kept = (now[was.index].astype(str) == was.astype(str)).groupby(was).agg(["sum", "size"])
    few = kept[(kept["sum"] < HARDLY * kept["size"]) & kept.index.isin(made.scorecard.index)]
    told = [f"{wording.plain(name)} (keeps {row['sum']:,} of {wording.count(int(row['size']), 'account')})" for name, row in few.iterrows()]
    return ", ".join(told)
