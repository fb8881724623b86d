"""Alternatives to choose from: what each gives up for what, as a chart, as cards with a small map, and as a table."""

from __future__ import annotations

import math

import streamlit as st

from geo_territory.design import DISRUPTION_PRICE
from geo_territory.policy import DesignPolicy
from geo_territory.proposals import Proposal, Proposals, alternatives_table
from geo_territory.tables import Alternatives
from geo_territory.ui import cached, charts, grids, session, wording
from geo_territory.ui.jobs import Job

UNSEEN = 0.0005  # a difference in compactness that no figure shows
RECOMMENDED = "The most compact one within the tolerance."
RECOMMENDED_FROM_TODAY = (
    "The best one at the usual price of change: one percent less that changes hands may make "
    f"the territories {DISRUPTION_PRICE:g} percent less compact."
)
GAP = "Proved gap: how much less compact it is, at most, than the best that is possible around the same centres."


def show(job: Job, proposals: Proposals) -> None:
    """Show what there is to choose from, and take the choice."""
    table, asked = alternatives_table(proposals), proposals.prepared[0].policy
    several, started = len(table) > 1, proposals.prepared[0].start is not None
    st.subheader(f"{wording.count(len(table), 'alternative')} to choose from" if several else "One alternative", anchor=False)
    measures = "balance, compactness and what changes hands" if started else "balance and compactness"
    none_better = (
        f"None is better than another in {measures} all at once." if several else "Nothing was found that is better in any respect."
    )
    begun = ", starting from the current territories" if started else ""
    st.caption(f"{wording.plain(wording.sentence(job.about))}, equal in {asked.balance}{begun}. {none_better}")
    if several:
        st.altair_chart(charts.trade_off(table, proposals.recommended + 1, asked.balance), alt=charts.trade_off_sentence(table))
        left = "keeps more as it is" if started else "is better balanced"
        st.caption(
            f"Each number is a card below: lower is more compact, further left {left}. "
            f"Number {proposals.recommended + 1}, in green, is recommended."
        )
    share = f" The share that changes hands is of {asked.balance}." if started else ""
    st.caption(f"{GAP}{share}")
    with st.grid(3, min_column_width=270):
        for number in range(len(table)):
            _card(job, proposals, number)
    if several:
        with st.expander("Figures of the alternatives", icon=":material/table:"):
            left_out = () if started else (Alternatives.moved, Alternatives.disruption, Alternatives.price)
            columns = {name: column for name, column in grids.ALTERNATIVES.items() if name not in left_out}
            grids.show(table, columns, alt="Figures of the alternatives", key="alternative_rows", height="content")


def _card(job: Job, proposals: Proposals, number: int) -> None:
    """Show one alternative: its map, what it is best at, its certificate, its price, and the way to use it."""
    one, best, chosen = proposals.alternatives[number], number == proposals.recommended, number == session.chosen_alternative()
    asked = proposals.prepared[number].policy
    with st.container(border=True, height="stretch", key="recommended" if best else f"alternative_{number + 1}"):
        drawn = f"Map of alternative {number + 1}: {wording.count(len(one.territories), 'territory')}"
        st.image(cached.small_map(job.token, number, proposals), width="stretch", alt=drawn)
        st.markdown(f"**{number + 1} · {wording.plain(wording.sentence(one.label))}**")
        st.table(_facts(one, asked), border="horizontal", alt=f"Figures of alternative {number + 1}")
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(
                "Show it again" if chosen else "Use this one",
                key=f"use_{number + 1}",
                type="primary" if best else "secondary",
                icon=":material/map:",
                on_click=session.choose_alternative,
                args=(number,),
            )
            if best:
                hint = RECOMMENDED if one.changes is None else RECOMMENDED_FROM_TODAY
                st.badge("Recommended", icon=":material/star:", color="green", help=hint)
            if chosen:
                st.badge("Chosen", icon=":material/check:", color="blue")


def _facts(one: Proposal, asked: DesignPolicy) -> dict[str, str]:
    """Return what a card says about an alternative, by heading."""
    pieces, more = int(one.result.pieces.max()), one.inertia_ratio - 1
    reached = f"{wording.percent(one.imbalance, 1)}, tolerance {wording.limit(asked.tolerance)}"
    facts = {
        "Contiguous": _marked(one.contiguous, "yes" if one.contiguous else f"no, up to {pieces} pieces"),
        "Imbalance": _marked(one.result.within_tolerance, reached),
        "Compactness": "the most compact" if more < UNSEEN else f"{wording.percent(more, 0 if more >= 0.1 else 1)} less compact",
        "Proved gap": f"{wording.percent(one.result.gap, 1)} at most" if math.isfinite(one.result.gap) else "no bound proved",
    }
    if one.changes is not None:
        moved = wording.count(one.changes.moved, "account")
        facts["Changes hands"] = f"{moved} ({wording.percent(one.disruption)})"
    return facts


def _marked(good: bool, text: str) -> str:
    return f":green[:material/check_circle:] {text}" if good else f":red[:material/error:] {text}"
