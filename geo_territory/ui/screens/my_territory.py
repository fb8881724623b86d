"""My territory: a rep's day on a phone, for the rep; those who lead them may look at it."""

import hashlib
import json
from datetime import UTC, date, datetime
from typing import Any

import geopandas as gpd
import streamlit as st

from geo_territory import desk, feed, logbook, maps
from geo_territory.publish.offline import offline_copy, read_calls
from geo_territory.rights import REP, Viewer
from geo_territory.tables import Assignments, Reps
from geo_territory.ui import cached, day_sheet, session, wording
from geo_territory.workspace.sight import Sight

REP_IN_ADDRESS = "rep"


def choose_rep(viewer: Viewer, sight: Sight) -> str | None:
    """The rep whose day is shown: oneself, or one of those in sight who serve accounts."""
    if viewer.app_role == REP:
        return viewer.rep_id
    served = set(sight.assignments()[Assignments.rep_id].dropna())
    names = {rep_id: name for rep_id, name in sight.reps()[Reps.name].items() if rep_id in served or rep_id == viewer.rep_id}
    if set(names) <= {viewer.rep_id}:
        return viewer.rep_id if viewer.rep_id in names else None
    ordered = sorted(names, key=lambda rep_id: (rep_id != viewer.rep_id, names[rep_id], rep_id))
    asked = st.query_params.get(REP_IN_ADDRESS)
    chosen = st.selectbox(
        "Whose day",
        ordered,
        ordered.index(asked) if asked in names else 0,
        format_func=lambda rep_id: f"{names[rep_id]} (you)" if rep_id == viewer.rep_id else names[rep_id],
        key="day_of",
        width=320,
    )
    st.query_params[REP_IN_ADDRESS] = chosen
    return chosen


def token_of(sheet: dict[str, Any], shapes: gpd.GeoDataFrame) -> str:
    """Return what names the map of a sheet: whose it is, and what is drawn on it."""
    facts = [[account.get(name) for name in ("id", "name", "tier", "lat", "lon", "value")] for account in sheet["accounts"]]
    drawn = json.dumps([sheet["rep"]["id"], sorted(facts), list(shapes.index)]).encode() + b"".join(shapes.geometry.to_wkb())
    return hashlib.sha256(drawn).hexdigest()


def doc_of(viewer: Viewer, rep_id: str) -> str:
    """Return the key under which a browser keeps what this person logs for this rep in this workspace."""
    person = hashlib.sha256(viewer.email.encode()).hexdigest()[:16]
    return f"{desk.place_of(session.url())} {person} {rep_id}"


def bring_form() -> None:
    """Take the calls of an offline copy; the same file again changes nothing."""
    st.caption("Bring the file that your offline copy saved. Bringing it twice does no harm: each call counts once.")
    given = st.file_uploader("File of logged calls", type=["csv", "json"], key=f"bring_{session.turn()}")
    if not st.button("Bring", type="primary", icon=":material/upload:", key="bring_button", disabled=given is None) or given is None:
        return
    with session.errors_shown():
        acting = session.acting()
        merged = logbook.merge(session.workspace(), acting, read_calls(given.getvalue()), datetime.now(UTC).replace(tzinfo=None))
        said = [f"{wording.count(merged.new, 'call')} added, {merged.known:,} known before, {merged.taken_back:,} taken back."]
        said += [f"Not taken: {wording.plain(sentence)}" for sentence in merged.refused]
        session.tell("\n\n".join(said))
        st.rerun()


def actions(sheet: dict[str, Any], shapes: gpd.GeoDataFrame, facts: dict[str, Any]) -> None:
    """The copy for days without a connection, and the way back."""
    name = f"my-territory-{sheet['rep']['id']}-{sheet['as_of']}.html"

    def copied() -> bytes:
        session.acting()
        return offline_copy(sheet, shapes, **facts).encode()

    with st.container(horizontal=True, key="day_actions"):
        st.download_button(
            "Offline copy",
            copied,
            name,
            "text/html",
            icon=":material/download:",
            key="offline_copy",
            help="One file with your map, your list and a form for calls: it works without a connection.",
            on_click=lambda: session.exported(name, "offline copy"),
        )
        with st.popover("Bring logged calls", icon=":material/upload:", key=f"bring_menu_{session.turn()}"):
            bring_form()


def show(viewer: Viewer, rep_id: str) -> None:
    """The day of a rep."""
    workspace, day, made_at = session.workspace(), session.today(), datetime.now(UTC).replace(tzinfo=None)
    sheet = logbook.sheet_of_rep(workspace, viewer, rep_id, day)
    shapes = logbook.sight_of_rep(workspace, viewer, rep_id, day).shapes()
    if not sheet["accounts"]:
        st.info(f"No account is served by {wording.plain(sheet['rep']['name'])} on {day:%-d %B %Y}.", icon=":material/info:")
        return
    tiers = logbook.tiers_of(workspace, day)
    own = logbook.may_log(viewer, rep_id)
    address = feed.local(st.get_option("server.baseUrlPath")).day_grant(session.url(), rep_id, viewer, None if day == date.today() else day)
    facts: dict[str, Any] = {
        "doc": doc_of(viewer, rep_id),
        "made_at": made_at,
        "tiers": tiers,
        "notes_months": workspace.people.retention().notes_months,
    }
    data = maps.day_data(sheet, shapes, address=address, may_log=own, **facts)
    day_sheet.show(cached.day_map(token_of(sheet, shapes), sheet, shapes, tiers), data, key=f"day_{rep_id}")
    if own:
        actions(sheet, shapes, facts)


viewer = session.viewer()
sight = session.sight()
if sight.publication is None:
    st.title("My territory", anchor=False)
    st.info("No plan is published yet. Your territory shows here from the day one takes effect.", icon=":material/info:")
    st.stop()
rep_id = choose_rep(viewer, sight)
if rep_id is None:
    st.title("My territory", anchor=False)
    st.info(
        "Nobody’s day can be shown: no account is served by you or by somebody you lead. Ask a leader which rep you are.",
        icon=":material/info:",
    )
    st.stop()
with session.errors_shown():
    show(viewer, rep_id)
