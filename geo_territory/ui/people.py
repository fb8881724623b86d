"""How many people: what fewer and more territories would reach, before the number is decided."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from geo_territory.attention import Attention
from geo_territory.balancing.headcount import FEWER, MORE
from geo_territory.sizing import headcount_curve
from geo_territory.tables import HeadcountCurve
from geo_territory.ui import charts, grids, session, wording, working
from geo_territory.workspace import ImportRecord

CHART_PX = 220


def show(record: ImportRecord, attention: Attention, start: pd.Series | None, about: str) -> None:
    """Offer to try other numbers of territories than the one asked for, and show what they reach."""
    asked = attention.policy.design
    counts = range(max(1, asked.territories - FEWER), asked.territories + MORE + 1)
    with st.expander("How many people?", icon=":material/groups:"):
        st.caption("A territory is one full-time person. Each number of territories is solved by itself; your design stays as it is.")
        job = session.people_job()
        busy = job is not None and job.running
        label = f"Try {counts[0]:,} to {counts[-1]:,} territories"
        if st.button(label, icon=":material/stacked_line_chart:", key="people", disabled=busy):
            session.start_people_job(
                about, record.import_id, lambda progress: headcount_curve(attention, counts=counts, start=start, progress=progress)
            )
            st.rerun()
        if job is None:
            return
        if job.running:
            working.show_progress(job, "cancel_people")
        elif isinstance(job.made, pd.DataFrame):
            if job.import_id != record.import_id:
                st.warning("This was made from an earlier account list. Try again to use the one in force.", icon=":material/history:")
            _show_curve(job.made, job.about, asked.tolerance)
        else:
            with session.errors_shown():
                working.show_end(job)


def _show_curve(curve: pd.DataFrame, about: str, tolerance: float) -> None:
    """Show what each number of territories reaches, as small charts and a table."""
    first, compared = curve.iloc[0], (curve[HeadcountCurve.inertia_ratio] - 1).abs().argmin()
    asked = int(curve[HeadcountCurve.territories].iloc[compared])
    need, hours = first[HeadcountCurve.people_needed], wording.number(first[HeadcountCurve.hours])
    st.markdown(
        f"The call plan asks for **{hours} hours** a year"
        + ("." if pd.isna(need) else f": the work of **{wording.count(int(need), 'full-time person')}**.".replace("persons", "people"))
    )
    st.caption(
        f"Tried around {wording.plain(about)}. Across each chart: the number of territories. "
        "Dashed: the limit, or what the others are compared with."
    )
    with st.grid(2, min_column_width=280):
        for title, chart, sentence in charts.headcount_charts(curve, tolerance, asked):
            with st.container(gap="xsmall"):
                st.markdown(f"**{title}**")
                st.altair_chart(chart.properties(height=CHART_PX), alt=sentence)
    grids.show(curve, grids.headcount(curve), alt="What each number of territories reaches", key="people_rows", height="content")
