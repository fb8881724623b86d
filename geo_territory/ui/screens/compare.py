"""Compare: versions, drafts and scenarios beside each other, what changes hands between them, and what that risks."""

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from geo_territory.comparison import affected_territories, compared, handed_over
from geo_territory.publish.account_files import csv_bytes
from geo_territory.publish.plan_files import map_numbers
from geo_territory.tables import AffectedTerritories, ComparisonLines
from geo_territory.ui import cached, grids, session, territory_map, wording
from geo_territory.ui.session import Candidate

MOST = 4
MAP_HEIGHT = 380  # px
TOGETHER = "compare"  # the maps show the same place


def choose(candidates: Mapping[str, Candidate]) -> list[Candidate]:
    """What is compared: two to four; the first is what the others are measured against."""
    usual = session.usual_comparison(candidates)
    chosen = st.multiselect(
        "Compare two to four",
        list(candidates),
        usual,
        format_func=lambda key: candidates[key].label,
        max_selections=MOST,
        key="compared",
        persist_state="session",
        help="The first one is what the others are measured against.",
    )
    return [candidates[key] for key in chosen if key in candidates]


def show_maps(chosen: list[Candidate]) -> None:
    """A map each; moving one moves all."""
    with st.grid(2 if len(chosen) in (2, 4) else 3, min_column_width=300):
        for number, one in enumerate(chosen):
            with st.container(gap="xsmall"):
                st.markdown(f"**{wording.plain(one.label)}**")
                shown = cached.design_map(one.token, one.design)
                state = map_numbers(one.design, doc=one.token)
                territory_map.show(shown, state, key=f"compared_{number}_{one.key}", height=MAP_HEIGHT, together=TOGETHER)


def show_lines(chosen: list[Candidate]) -> None:
    """The measures of each beside the others."""
    rows = compared({one.label: one.design for one in chosen})
    st.subheader("Measures", anchor=False)
    said = {wording.plain(row[ComparisonLines.label]): lines_of(row) for row in rows.to_dict("records")}
    st.table(pd.DataFrame(said), border="horizontal", alt="Measures of what is compared")
    st.caption(
        f"What changes hands is counted against {wording.plain(chosen[0].label)}. "
        "Sales at risk: 13.2 to 17.6 % of the sales of accounts that get another rep."
    )


def lines_of(row: Mapping[str, Any]) -> dict[str, str]:
    """One alignment's measures (a row of ComparisonLines) as text."""
    first = math.isnan(row[ComparisonLines.moved])
    moved = f"{row[ComparisonLines.moved]:,.0f} ({wording.percent(row[ComparisonLines.moved_share], 1)})"
    risk = f"{wording.short(row[ComparisonLines.risk_low])} to {wording.short(row[ComparisonLines.risk_high])}"
    return {
        "Territories": wording.number(row[ComparisonLines.territories]),
        "Imbalance": wording.percent(row[ComparisonLines.imbalance], 1),
        "In the 85 to 115 band": wording.number(row[ComparisonLines.in_band]),
        "Contiguous": wording.yes(row[ComparisonLines.contiguous]),
        "Roundness (1 is a disc)": wording.number(row[ComparisonLines.compactness], 3),
        "Accounts that change hands": "–" if first else moved,
        "Their share of the value": wording.percent(row[ComparisonLines.value_share], 1),
        "Top-tier accounts among them": wording.percent(row[ComparisonLines.top_tier_share], 1),
        "Sales at risk, a year": "–" if first else risk,
    }


def show_differences(first: Candidate, other: Candidate) -> None:
    """The territories that differ between two, and the accounts that change hands."""
    territories = affected_territories(first.design, other.design)
    accounts = handed_over(first.design, other.design)
    if territories.empty and accounts.empty:
        st.info("Nothing changes hands between these two.", icon=":material/check:")
        return
    st.markdown(f"**{wording.count(len(territories), 'territory')} of {len(other.design.scorecard):,} affected**")
    hours = [AffectedTerritories.workload_before, AffectedTerritories.workload_after]
    whole = territories.assign(**{name: territories[name].round() for name in hours})
    grids.show(whole, grids.AFFECTED, alt="Territories that differ", key=f"affected_{other.key}")
    st.markdown(f"**{wording.count(len(accounts), 'account')} would change hands**")
    if accounts.empty:
        return
    grids.show(accounts, grids.HANDED_OVER, alt="Accounts that change hands", key=f"handed_{other.key}")
    file_name = "accounts_that_change_hands.csv"
    st.download_button(
        "Download these accounts",
        lambda: csv_bytes(accounts),
        file_name,
        "text/csv",
        key=f"get_handed_{other.key}",
        icon=":material/download:",
        on_click=session.exported,
        args=(file_name, f"{first.label} and {other.label}"),
    )


st.title("Compare", anchor=False)
candidates = session.candidates()
if not candidates:
    st.info("There is no saved design yet, so there is nothing to compare.", icon=":material/inbox:")
    st.page_link("screens/design.py", label="Make a design and save it", icon=":material/map:")
    st.stop()
if len(candidates) == 1:
    st.info("There is one version only. Redraw it, or save another design, to have two.", icon=":material/compare:")
    st.page_link("screens/redraw.py", label="Redraw it", icon=":material/edit:")
    st.page_link("screens/design.py", label="Make another design", icon=":material/map:")
    st.stop()
chosen = choose(candidates)
if len(chosen) < 2:
    st.info("Choose at least two.", icon=":material/compare:")
    st.stop()
show_maps(chosen)
show_lines(chosen)
st.subheader("What differs", anchor=False)
others = chosen[1:]
places = st.tabs([wording.plain(f"Against {one.label}") for one in others]) if len(others) > 1 else [st.container()]
for place, other in zip(places, others, strict=True):
    with place:
        show_differences(chosen[0], other)
