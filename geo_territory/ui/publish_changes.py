"""What a realignment changes: figures with what they are counted of, each rep's gains and losses, the map before and after, the list."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import pandas as pd
import streamlit as st

from geo_territory import maps
from geo_territory.attention import Attention
from geo_territory.cycle_tables import MOVED
from geo_territory.handover import MUCH_LOST, losing_much
from geo_territory.publish.account_files import csv_bytes
from geo_territory.publish.realignment import Part, Realignment, moved_on_map, not_kept
from geo_territory.tables import ChangesOfHands, RepChanges, Reps
from geo_territory.ui import cached, publish_grids, publishing, session, territory_map, wording
from geo_territory.workspace.publications import PublicationRecord

MAP_HEIGHT = 380  # px
NOBODY = "nobody"
STRETCHED = 1.15  # hours of the plan over hours a rep has


def show(
    token: str,
    made: Realignment,
    attention: Attention,
    reps: pd.DataFrame,
    shapes: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame],
    against: str,
) -> None:
    """Show what a realignment changes; `token` names it, `shapes` are its territories before and after, `against` says what before is."""
    labels = {role.role: role.label for role in attention.policy.capacity.roles}
    role = made.roles[0]
    if len(made.roles) > 1:
        said = st.segmented_control(
            "Role", made.roles, default=role, format_func=lambda name: labels.get(name, name), key=f"changes_role_{token}", required=True
        )
        role = said or role
    figures(made, role, against)
    by_rep(made, reps, token)
    show_map(token, made, attention, role, shapes)
    accounts(made, role, reps, token)


def of_publication(record: PublicationRecord) -> None:
    """Show what a publication changes, against the one before it."""
    made, was = publishing.comparison(record)
    shapes = (was.shapes(), session.workspace().cycles.shapes(record.publication_id))
    show(f"publication {record.publication_id} {was.token}", made, publishing.attention_of(record), publishing.reps(), shapes, was.words)


def figures(made: Realignment, role: str, against: str) -> None:
    """The figures of one role, each with its numerator and denominator."""
    moved = made.moved(role)
    best = made.labels[0]
    if not moved.accounts.of:
        st.info(f"Compared with {against}. Nobody served an account in this role, so nothing changes hands: every account is new.")
        return
    with st.grid(5, min_column_width=170):
        _figure("Change hands", moved.accounts, wording.number, "accounts served before")
        _figure("Their value", moved.value, wording.short, "value a year, served before")
        _figure("Their hours", moved.hours, wording.number, "hours a year, of the plan before")
        _figure(f"{wording.plain(best)} accounts", moved.top, wording.number, f"{wording.plain(best)} accounts served before")
        low, high = moved.risk
        risk = wording.span(low, high)
        st.metric("Sales at risk", risk, "13.2 to 17.6 % of their value, a year", delta_color="off", delta_arrow="off", border=True)
    st.caption(
        f"Compared with {against}. An account changes hands when another person, or nobody, serves it in this role; "
        "a new account doesn't. Sales at risk is what others lost of the sales of accounts that got another rep: a range, no forecast."
    )


def _figure(label: str, part: Part, told: object, of: str) -> None:
    number = told if callable(told) else wording.number
    share = f"{wording.percent(part.share, 1)} of {number(part.of)} {of}" if part.share is not None else f"nothing: no {of}"
    st.metric(label, number(part.moved), share, delta_color="off", delta_arrow="off", border=True)


def by_rep(made: Realignment, reps: pd.DataFrame, token: str) -> None:
    """What each rep gains and loses; those who lose much are named."""
    much = losing_much(made.by_rep)
    names = reps[Reps.name]
    st.markdown("**What it is for each rep**")
    if len(much):
        told = "; ".join(
            f"{wording.plain(names.get(rep_id, rep_id))} {wording.percent(row[RepChanges.value_lost_share])}"
            for rep_id, row in much.iterrows()
        )
        st.warning(
            f"{wording.count(len(much), 'rep')} lose more than {wording.percent(MUCH_LOST)} of the value served before: {told}. "
            "Talk with them before it is approved.".replace("1 rep lose", "1 rep loses"),
            icon=":material/front_hand:",
        )
    rows = rep_rows(made.by_rep, reps)
    publish_grids.show(rows, publish_grids.REPS, alt="What each rep gains, loses and keeps", key=f"rep_changes_{token}", height="content")
    idle = int((made.changes[ChangesOfHands.rep_after].isna() & (made.changes[ChangesOfHands.change] == MOVED)).sum())
    to_nobody = f", {idle:,} of those lost go to nobody" if idle else ""
    both = made.by_rep[[RepChanges.gained, RepChanges.lost, RepChanges.kept]].sum()
    st.caption(
        f"Together {both[RepChanges.gained]:,} gained, {both[RepChanges.lost]:,} lost, {both[RepChanges.kept]:,} kept{to_nobody}; "
        f"each account counted once for each role. Hours used above {wording.percent(STRETCHED)} do not fit the rep’s year."
    )


def rep_rows(changes: pd.DataFrame, reps: pd.DataFrame) -> pd.DataFrame:
    """Return RepChanges with name, role, utilisation before and after, and what is to be looked at, those who lose most first."""
    known = reps.reindex(changes.index)
    used = {
        publish_grids.UTILISATION_BEFORE: changes[RepChanges.hours_before] / changes[RepChanges.capacity].where(lambda hours: hours > 0),
        publish_grids.UTILISATION_AFTER: changes[RepChanges.hours_after] / changes[RepChanges.capacity].where(lambda hours: hours > 0),
    }
    lost, over = changes.index.isin(losing_much(changes).index), used[publish_grids.UTILISATION_AFTER] > STRETCHED
    flags = [" · ".join(word for word, there in (("loses much", a), ("over hours", b)) if there) for a, b in zip(lost, over, strict=True)]
    rows = changes.assign(
        **{
            publish_grids.REP_NAME: known[Reps.name].fillna(changes.index.to_series()),
            Reps.role: known[Reps.role],
            publish_grids.FLAG: flags,
            **used,
        }
    )
    shares = [RepChanges.value_lost_share, *used]
    ordered = rows.sort_values(RepChanges.value_lost_share, ascending=False, kind="stable", na_position="last")
    return ordered.assign(**{name: ordered[name].astype(float).round(2) for name in shares})


def show_map(token: str, made: Realignment, attention: Attention, role: str, shapes: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]) -> None:
    """The territories before and after beside each other, with the accounts that change hands."""
    points = moved_on_map(attention, made.changes, role)
    st.markdown("**Before and after**")
    st.caption(
        f"The points are the {wording.count(len(points), 'account')} that change hands and have a place. Moving one map moves the other."
    )
    with st.grid(2, min_column_width=300):
        for title, areas in zip(("Before", "After"), shapes, strict=True):
            if areas.empty:
                continue
            with st.container(gap="xsmall"):
                st.markdown(f"**{title}**")
                name = f"{token} {role} {title}"
                shown = cached.change_map(name, areas, points, made.labels)
                state = maps.map_state(pd.DataFrame(areas.drop(columns=areas.geometry.name)), doc=name)
                territory_map.show(shown, state, key=f"change_map_{title}_{token}", height=MAP_HEIGHT, together=f"publish {token}")


def accounts(made: Realignment, role: str, reps: pd.DataFrame, token: str) -> None:
    """The accounts that change hands, with the reason of each, and as a file."""
    names: Mapping[str, str] = reps[Reps.name].to_dict()
    rows = not_kept(made.changes, names)
    nobody = dict.fromkeys([ChangesOfHands.rep_before, ChangesOfHands.rep_after], NOBODY)
    mine = rows[rows[ChangesOfHands.role] == role].fillna(nobody)
    st.markdown("**Accounts that change hands, are new or are no more**")
    if rows.empty:
        st.caption("None: everybody keeps every account.")
        return
    counts = mine[ChangesOfHands.change].value_counts()
    st.caption(", ".join(f"{count:,} {kind}" for kind, count in counts.items()) + " in this role." if len(mine) else "None in this role.")
    publish_grids.show(
        mine, publish_grids.CHANGES, alt="Accounts that change hands, with the reason", key=f"change_rows_{token}", height=320
    )
    file_name = "changes_of_hands.csv"
    st.download_button(
        f"Download all {len(rows):,} of every role",
        lambda: csv_bytes(rows, index=False),
        file_name,
        "text/csv",
        icon=":material/download:",
        key=f"change_file_{token}",
        on_click=session.exported,
        args=(file_name, "what changes hands"),
    )
