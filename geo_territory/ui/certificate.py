"""The certificate of a design: what is proved about it, what that means, and what stands in the way of more."""

from __future__ import annotations

import math
from typing import Literal

import streamlit as st

from geo_territory.design import Assessment, Design
from geo_territory.scorecard import BAND, imbalance
from geo_territory.tables import Scorecard
from geo_territory.ui import wording
from geo_territory.units import crossings

GAP_HELP = (
    "Compactness is measured by inertia: what is balanced, times its squared distance to the centre of its territory. "
    "A power diagram around the same centres gives a lower bound that no sharing of the units within the tolerance can go below, "
    "whether contiguous or not. The gap is how far this design lies above that bound. It says nothing about other centres: "
    "for those, look at the alternatives."
)


def show(made: Design) -> None:
    """Show what is proved about a design: contiguous, balanced, how near to the most compact."""
    whole, result = made.contiguous, made.result
    with st.container(border=True, key="certificate"):
        st.markdown("**Certificate**")
        with st.grid(3, min_column_width=240):
            _proof(
                f"Contiguous: {wording.yes(whole)}",
                _contiguity(made),
                icon=":material/hub:",
                color=_color(whole),
            )
            _proof(
                _balanced(result.imbalance, made.policy.tolerance, result.within_tolerance),
                f"No territory is further from its fair share. {_in_band(made)}.",
                icon=":material/balance:",
                color=_color(result.within_tolerance),
                hint=_balance_help(made),
            )
            _proof(*_gap(result.gap), icon=":material/verified:", color="blue" if math.isfinite(result.gap) else "gray", hint=GAP_HELP)
        for reason in result.reasons:
            st.markdown(f":material/warning: {wording.plain(reason)}")
        for note in made.unit_map.notes:
            st.caption(f":material/info: {wording.plain(note)}")


def show_today(today: Assessment) -> None:
    """Show how balanced and how whole today's territories are: measured, with nothing to prove."""
    rows = today.scorecard
    reached = imbalance(rows[Scorecard.weight], rows[Scorecard.target])
    inside, apart = int(rows[Scorecard.in_band].sum()), int((rows[Scorecard.pieces] > 1).sum())
    within = reached <= today.policy.tolerance
    with st.container(horizontal=True, border=True):
        st.badge(
            _balanced(reached, today.policy.tolerance, within), color=_color(within), icon=":material/balance:", help=_balance_help(today)
        )
        st.badge(_in_band(today), color=_color(inside == len(rows)), icon=":material/straighten:", help="100 is a territory's fair share.")
        drawn = "Where the accounts of a territory lie apart, it is drawn in pieces."
        st.badge(f"Territories in several pieces: {apart}", color="gray", icon=":material/hub:", help=drawn)


def _proof(verdict: str, meaning: str, *, icon: str, color: Literal["green", "red", "blue", "gray"], hint: str | None = None) -> None:
    with st.container(gap="xsmall"):
        st.badge(verdict, icon=icon, color=color, help=hint)
        st.caption(meaning)


def _contiguity(made: Design) -> str:
    pieces = made.scorecard[Scorecard.pieces]
    if not made.contiguous:
        apart = wording.count(int((pieces > 1).sum()), "territory")
        return f"{apart} in several pieces, up to {int(pieces.max())}."
    sea = f" {wording.count(len(crossings(made.unit_map)), 'sea crossing')} count as links." if len(crossings(made.unit_map)) else ""
    return f"Checked: every territory in one piece.{sea}"


def _balanced(reached: float, tolerance: float, within: bool) -> str:
    side = "within" if within else "outside"
    return f"Imbalance {wording.percent(reached, 1)}, {side} the tolerance of {wording.limit(tolerance)}"


def _balance_help(made: Design | Assessment) -> str:
    return f"The largest distance of a territory from its target. Balanced is: {wording.BALANCES[made.policy.balance].lower()}."


def _in_band(made: Design | Assessment) -> str:
    inside = int(made.scorecard[Scorecard.in_band].sum())
    return f"{inside} of {wording.count(len(made.scorecard), 'territory')} in the {BAND[0]:.0f} to {BAND[1]:.0f} band"


def _gap(gap: float) -> tuple[str, str]:
    if not math.isfinite(gap):
        return "No bound proved", "How compact a design with these centres could be at best is not known here."
    return (
        f"Proved gap {wording.percent(gap, 1)}",
        "At most this much less compact than the best design that is possible around the same centres.",
    )


def _color(good: bool) -> Literal["green", "red"]:
    return "green" if good else "red"
