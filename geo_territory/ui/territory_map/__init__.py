"""The territory map on a page: the Folium map of `geo_territory.maps`, hosted without an iframe.

    made = maps.hosted(maps.territory_map(units, accounts=accounts))        # cache it: it changes with the geometry only
    state = maps.map_state(territories, territory_of=alignment)             # anew at every run
    chosen = territory_map.show(made, state, key="design_map")

A state that differs only in owners, numbers or selection repaints the map where it is: zoom, centre and tooltips stay.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from geo_territory import feed, maps
from geo_territory.tables import Territories
from geo_territory.ui import session

HERE = Path(__file__).parent
HTML = '<div class="gt-host"></div>\n'
CSS = maps.asset(maps.STYLE) + (HERE / "component.css").read_text("utf-8")
JS = (HERE / "component.js").read_text("utf-8")
LEAST_HEIGHT = 240  # px

_mount = st.components.v2.component("geo_territory_map", html=HTML, css=CSS, js=JS)


def show(
    shown: maps.HostedMap,
    state: Mapping[str, Any],
    *,
    key: str,
    height: int = 620,
    together: str = "",
    on_select: Callable[[], None] | None = None,
) -> Selection | None:
    """Show a map on the page; return the selection a person made just now, None when they made none.

    `state`: from `maps.map_state`. `height`: of the map in pixels, 240 or more; the panel lies beside it, or below it on a
    narrow page. Maps with the same `together` have no panel, and show the same place at the same zoom. `on_select` runs before
    the page's script when a territory is selected or let go; it finds the selection with `selection(st.session_state[key])`.
    The person's selection stays lit until `state` brings another one.
    """
    place = feed.local(st.get_option("server.baseUrlPath"))
    data = {"map": payload(shown, place), "state": dict(state), "height": max(LEAST_HEIGHT, height), "sync": together}
    return selection(_mount(key=key, data=data, on_select_change=on_select or _nothing))


class Selection(str):
    """The territory_id a person selected; empty when they let go of the selection."""


def selection(value: Mapping[str, Any]) -> Selection | None:
    """Return the selection in a component's value, None when there was none in this run."""
    chosen = value.get("select")
    return None if not isinstance(chosen, Mapping) else Selection(chosen.get(Territories.territory_id) or "")


def payload(shown: maps.HostedMap, place: feed.Feed) -> dict[str, Any]:
    """Return what the browser needs to make the map, and hold its sources for it."""
    return {
        "html": shown.html,
        "script": shown.script,
        "map_name": shown.map_name,
        "hash": shown.hash,
        "style": place.leaflet_style(),
        "scripts": place.scripts(),
        "sources": {source.hash: session.data_address(source) for source in shown.sources},
    }


def _nothing() -> None:
    """Let the component keep its trigger although no one listens."""
