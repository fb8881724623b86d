"""The redraw editor on a page: the territory map's component with the editor's scripts, and the address it sends edits to.

    redraw_editor.show(cached.redraw_map(...), address, doc="draft 7", sources=[facts], key="redraw_7")

A move does not come through here: the browser sends it to the address, and the page's script is not run.
"""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from geo_territory import feed, maps
from geo_territory.ui import session, territory_map

_mount = st.components.v2.component(
    "geo_territory_redraw",
    html=territory_map.HTML,
    css=territory_map.CSS + maps.asset(maps.REDRAW_STYLE),
    js=territory_map.JS,
)


def show(shown: maps.HostedMap, address: str, *, doc: str, sources: Iterable[maps.Payload], key: str, height: int = 640) -> None:
    """Show the editor of a draft; the map is made once, another address of the same draft goes to the editor that is there.

    `address`: from `feed.redraw_grant`. `doc` names the draft. `sources`: what the editor reads beside the map's own layers.
    `height`: of the map in pixels, 240 or more.
    """
    place = feed.local(st.get_option("server.baseUrlPath"))
    made = territory_map.payload(shown, place)
    made["scripts"] += place.redraw_scripts()
    made["sources"] |= {source.hash: session.data_address(source) for source in sources}
    editor = {"address": address, "doc": doc, "texts": maps.TEXTS}
    _mount(key=key, data={"map": made, "editor": editor, "height": max(territory_map.LEAST_HEIGHT, height)})
