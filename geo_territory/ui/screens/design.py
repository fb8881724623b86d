"""Design: ask for territories, watch them being made, judge them, keep them."""

import dataclasses
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from geo_territory.alignment import disruption
from geo_territory.attention import Attention
from geo_territory.design import Assessment, Design, design
from geo_territory.policy import DesignPolicy, Policy
from geo_territory.progress import Progress
from geo_territory.proposals import propose
from geo_territory.publish.plan_files import accounts_by_tier, map_numbers
from geo_territory.scorecard import imbalance
from geo_territory.tables import Accounts, Crossings, Scorecard, Tiers
from geo_territory.ui import (
    alternatives,
    cached,
    certificate,
    changing_hands,
    charts,
    grids,
    people,
    session,
    territory_map,
    wording,
    working,
)
from geo_territory.ui.jobs import Made
from geo_territory.ui.session import ALTERNATIVES, DESIGN, TODAY
from geo_territory.units import accounts_off_map, crossings
from geo_territory.workspace import ImportRecord, keep_design

ALTERNATIVES_HELP = (
    "Up to nine alignments to choose from. None is better than another in balance, in compactness and in what changes hands "
    "all at once. It takes several times as long as Solve."
)
SCROLL_TO_VIEW = f"<script>document.querySelector('.st-key-{session.VIEW}').scrollIntoView()</script>"


def asked_for(saved: DesignPolicy, policy: Policy) -> DesignPolicy:
    """What the territories should be like. Raises PolicyError when it can't be."""
    left, middle, right = st.columns(3)
    territories = left.number_input("Territories", 1, 2000, saved.territories, key="territories", persist_state="session")
    units = _chosen(middle, "Made of", _with_own_areas(saved.units), saved.units, key="units")
    balance = _chosen(right, "Equal in", wording.BALANCES, saved.balance, key="balance")
    with st.expander("More"):
        first, second, third = st.columns(3)
        roles = {role.role: role.label for role in policy.capacity.roles}
        role = _chosen(first, "Whose hours", roles, saved.role, key="role", hint="Workload counts this role's hours.")
        tolerance = second.number_input(
            "Tolerance, %",
            0.5,
            50.0,
            100 * saved.tolerance,
            0.5,
            "%.4g",
            key="tolerance",
            help="Accepted distance of a territory from its target.",
            persist_state="session",
        )
        same = "Same list, same settings, same seed: the same map."
        seed = third.number_input("Seed", 0, None, saved.seed, key="seed", help=same, persist_state="session")
    return DesignPolicy(int(territories), units, balance, role, round(tolerance / 100, 6), int(seed))


def _chosen(place: DeltaGenerator, label: str, options: Mapping[str, str], wanted: str, *, key: str, hint: str | None = None) -> str:
    first = list(options).index(wanted) if wanted in options else 0
    return place.selectbox(label, list(options), first, format_func=options.__getitem__, key=key, help=hint, persist_state="session")


def _with_own_areas(units: str) -> dict[str, str]:
    """Return the kinds of unit, and the polygon file of the policy when it names one."""
    return wording.UNITS if units in wording.UNITS else {**wording.UNITS, units: Path(units).name}


def current_territories(attention: Attention) -> pd.Series | None:
    """The territory each account is in now, when the list says so and a person wants to start from it."""
    current = attention.planned[Accounts.territory_id].dropna()
    if current.empty:
        return None
    wanted = st.toggle(
        f"Start from the current territories ({current.nunique():,})",
        key="from_current",
        persist_state="session",
        help="Fewer accounts change hands; the territories are a little less compact.",
    )
    return current if wanted else None


def kept_exceptions(record: ImportRecord, start: pd.Series | None) -> dict[str, str]:
    """The accounts the newest saved design keeps for a territory by hand, when a person wants to start from what there is."""
    saved = next((one for one in session.workspace().designs() if one.import_id == record.import_id), None)
    if saved is None or start is None:
        return {}
    there = set(start)
    mine = {account: territory for account, territory in saved.scorecard.get("exceptions", {}).items() if territory in there}
    if not mine:
        return {}
    wanted = st.toggle(
        f"Keep {wording.count(len(mine), 'account')} where {wording.plain(saved.name)} put them by hand",
        value=True,
        key="keep_exceptions",
        persist_state="session",
        help="They stay with their territory, whichever one their area goes to.",
    )
    return mine if wanted else {}


def solve_button(record: ImportRecord) -> Policy:
    """The request, which is returned, and the button that sets it to work."""
    saved = session.workspace().policy()
    policy = dataclasses.replace(saved, design=asked_for(saved.design, saved))
    attention = session.attention(record, policy.to_toml())
    start = current_territories(attention)
    exceptions = kept_exceptions(record, start)
    people.show(record, attention, start, about(policy.design))
    newest = session.job()
    busy = newest is not None and newest.running
    make: Callable[..., Made] | None = None
    with st.container(horizontal=True):
        if st.button("Solve", type="primary", icon=":material/play_arrow:", key="solve", disabled=busy):
            make = design
        if st.button("Show alternatives", icon=":material/grid_view:", key="propose", disabled=busy, help=ALTERNATIVES_HELP):
            make = propose
    if make is not None:
        session.start_job(about(policy.design), record.import_id, partial(_made, make, attention, start, exceptions))
        st.rerun()
    return policy


def about(asked: DesignPolicy) -> str:
    """What a design is asked for, in a few words: it becomes its name."""
    return f"{wording.count(asked.territories, 'territory')} of {wording.within(_with_own_areas(asked.units)[asked.units])}"


def _made(
    make: Callable[..., Made], attention: Attention, start: pd.Series | None, exceptions: Mapping[str, str], progress: Progress
) -> Made:
    return make(attention, start=start, exceptions=exceptions, progress=progress)


def changes(made: Design) -> None:
    """What today's territories weigh, and how many accounts would change hands."""
    current = made.attention.planned[Accounts.territory_id].replace("", pd.NA)[made.unit_id.notna()].dropna()
    if current.empty:
        return
    weight = made.attention.weight(made.policy.balance, made.policy.role).groupby(current).sum()
    today = imbalance(weight, pd.Series(1.0, index=weight.index))
    moved = disruption(current, made.territory_id, made.attention.value, made.attention.tiers[Tiers.tier])
    st.caption(
        f"Today {wording.count(len(weight), 'territory')} have an imbalance of {wording.percent(today, 1)}. "
        f"With this design {moved.moved:,} of {wording.count(moved.accounts, 'account')} ({wording.percent(moved.accounts_share)}) "
        f"change territory; they hold {wording.percent(moved.value_share)} of the value."
    )


def show_today(today: Assessment, token: str) -> None:
    """The territories there are now, by the same measures as a design."""
    certificate.show_today(today)
    without = int(today.territory_id.isna().sum())
    lacking = f" {wording.count(without, 'account')} without a place or a territory are left out." if without else ""
    st.caption(
        "Nothing is solved here: each account counts for the territory your list gives it. "
        f"An area without an account is drawn with the nearest one.{lacking}"
    )
    show_territories(today, token)


def show_design(shown: session.Shown) -> None:
    """Certificate, what changes, map and measures, crossings, and who is left out."""
    certificate.show(shown.design)
    changes(shown.design)
    changing_hands.show(shown)
    show_territories(shown.design, shown.token)
    show_left_out(shown.design)


def show_territories(made: Design | Assessment, token: str) -> None:
    """Map, balance bars and table."""
    rows = made.territories.drop(columns="geometry").join(made.scorecard)
    by_tier = accounts_by_tier(made)
    territory_map.show(cached.design_map(token, made), map_numbers(made, doc=token), key="design_map")
    st.subheader("Balance", anchor=False)
    st.altair_chart(charts.balance_bars(rows), alt=charts.balance_sentence(rows))
    st.subheader("Territories", anchor=False)
    whole = {name: rows[name].round() for name in (Scorecard.area_km2, Scorecard.workload)}
    table = rows.join(by_tier).assign(**whole, **{Scorecard.in_band: charts.band(rows)})
    tall = "content" if len(table) <= 40 else "auto"
    grids.show(table, grids.TERRITORIES, alt="Measures of each territory", key="territory_rows", height=tall, others=list(by_tier.columns))


def show_left_out(made: Design) -> None:
    """Sea crossings and accounts that are in no territory."""
    links = crossings(made.unit_map)
    if len(links):
        with st.expander(f"Sea crossings ({len(links):,})", icon=":material/directions_boat:"):
            st.caption("Islands are tied to the mainland by these crossings, so that every territory can be contiguous.")
            grids.show(links.sort_values(Crossings.crossing_km, ascending=False), grids.CROSSINGS, alt="Sea crossings", key="crossings")
    off = accounts_off_map(made.attention.planned, made.unit_id)
    if len(off):
        with st.expander(f"Accounts not on the map ({len(off):,})", icon=":material/wrong_location:"):
            st.caption("They stay in the call plan and are in no territory until they have a place.")
            places = made.attention.planned[[Accounts.street, Accounts.city, Accounts.state, Accounts.postal_code, Accounts.country]]
            grids.show(off.join(places), grids.OFF_MAP, alt="Accounts not on the map", key="design_off_map")


def save_form(shown: session.Shown) -> None:
    """Keep the design under a name, and redraw it at once if wanted."""
    with st.form("save_design", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input("Name of the design", shown.name, key="design_name", width=440)
        saved = st.form_submit_button("Save", type="primary", icon=":material/save:", key="save_design_button")
        redrawn = st.form_submit_button("Save and redraw", icon=":material/edit:", key="save_and_redraw_button")
        if not (saved or redrawn):
            return
    here = session.workspace()
    design_id = keep_design(here, shown.design, name=name, import_id=shown.import_id, who=session.who())
    here.save_policy(dataclasses.replace(here.policy(), design=shown.design.policy), decides="design", who=session.who())
    session.look_at(design_id)
    session.tell(f"{wording.plain(name)} is saved. It can't be changed any more.")
    if redrawn:
        redraw(design_id, name)
    st.rerun()


def redraw(design_id: int, name: str) -> None:
    """Begin to redraw a saved design."""
    session.begin_draft(design_id, f"{name.strip()}, redrawn")
    st.switch_page("screens/redraw.py")


def count_today(record: ImportRecord, asked: Policy | None) -> int:
    """Return how many territories the account list names; 0 when the request itself can't be."""
    if asked is None:
        return 0
    return session.attention(record, asked.to_toml()).planned[Accounts.territory_id].replace("", pd.NA).nunique()


def choose_view(views: list[str]) -> str:
    """Today's territories, the alternatives or the design: what there is, and what a person wants to see of it."""
    session.ready_view(views)
    if len(views) == 1:
        return views[0]
    return st.segmented_control("Show", views, key=session.VIEW, label_visibility="collapsed", required=True) or views[0]


def look_at_today(record: ImportRecord, asked: Policy, known: int) -> None:
    """Score and show the `known` territories that the list names."""
    drawn = dataclasses.replace(asked, design=dataclasses.replace(asked.design, territories=known, seed=0))
    here = session.workspace()
    facts = (session.url(), record.import_id, drawn.to_toml(), here.overrides_revision(), session.today())
    with session.errors_shown():
        show_today(cached.today(*facts, session.attention(record, drawn.to_toml())), f"today {hash(facts)}")


def choose_design(shown: session.Shown, design_id: int) -> None:
    """Go to another saved design, or redraw this one."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        choose_saved(shown, design_id)
        if st.button("Redraw this", icon=":material/edit:", key="redraw_this", help="Move its borders by hand; it stays as it is."):
            redraw(design_id, shown.name)


def choose_saved(shown: session.Shown, design_id: int) -> None:
    """Go to another saved design."""
    names = {r.design_id: f"{r.name} · {r.created_at:%Y-%m-%d %H:%M}" for r in session.workspace().designs()}
    if len(names) < 2:
        st.subheader(wording.plain(shown.name), anchor=False, width="content")
        return
    place = list(names).index(design_id)
    chosen = st.selectbox("Saved design", list(names), place, format_func=names.__getitem__, key=f"saved_{design_id}", width=420)
    if chosen != design_id:
        session.look_at(chosen)
        st.rerun()


def warn_of_earlier_list(import_id: int, record: ImportRecord) -> None:
    """Say when what is shown was made from another account list than the one in force."""
    if import_id != record.import_id:
        st.warning("This was made from an earlier account list. Solve again to use the one in force.", icon=":material/history:")


st.title("Design")
record = session.current_import()
if record is None:
    st.info("There is no account list yet, so there is nothing to share out.", icon=":material/inbox:")
    st.page_link("screens/accounts.py", label="Bring an account list", icon=":material/upload_file:")
    st.stop()

asked: Policy | None = None
with session.errors_shown():
    asked = solve_button(record)
newest = session.job()
if newest is not None and newest.running:
    working.show_progress(newest, "cancel")
    st.stop()
if newest is not None and newest.made is None:
    with session.errors_shown():
        working.show_end(newest)

proposals = newest.proposals if newest is not None else None
known = count_today(record, asked)
views = [name for name, there in ((TODAY, known), (ALTERNATIVES, proposals), (DESIGN, session.has_design())) if there]
if DESIGN not in views and proposals is None:
    st.info("No design yet. Say how many territories you need and press Solve.", icon=":material/map:")
if not views:
    st.stop()
view = choose_view(views)
if asked is not None and view == TODAY:
    st.subheader("Today", anchor=False)
    look_at_today(record, asked, known)
elif newest is not None and proposals is not None and view == ALTERNATIVES:
    warn_of_earlier_list(newest.import_id, record)
    alternatives.show(newest, proposals)
elif (shown := session.shown()) is not None:
    if shown.design_id is None:
        save_form(shown)
    else:
        choose_design(shown, shown.design_id)
    warn_of_earlier_list(shown.import_id, record)
    show_design(shown)
    if session.just_chosen():  # from a card far down: begin at the top
        st.html(SCROLL_TO_VIEW, unsafe_allow_javascript=True)
