"""A rep's day sheet on a page: the territory map's component with the day's scripts, and the address it sends entries to.

    day_sheet.show(made, data, key="day_R07")       # data: maps.day_data(...)

A call does not come through here: the browser keeps it, sends it to the address until it is stored, and fetches the fresh sheet
from there; the page's script is not run.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from geo_territory import feed, maps
from geo_territory.ui import territory_map

HEIGHT = 560  # px, of the map on a wide page

_mount = st.components.v2.component(
    "geo_territory_day",
    html=territory_map.HTML,
    css=territory_map.CSS + maps.asset(maps.DAY_STYLE),
    js=territory_map.JS,
)


def show(shown: maps.HostedMap, day: Mapping[str, Any], *, key: str) -> None:
    """Show a day sheet; a fresher one of the same map goes to the page that is there, with what was typed.

    `day`: from `maps.day_data`.
    """
    place = feed.local(st.get_option("server.baseUrlPath"))
    made = territory_map.payload(shown, place)
    made["scripts"] += place.day_scripts()
    _mount(key=key, data={"map": made, "day": dict(day), "height": HEIGHT})
