"""Territory maps: one Folium map from tables, shown in the app or saved as one HTML file.

    shown = territory_map(units, accounts=accounts.join(tiers))     # geometry: made once
    state = map_state(territories, territory_of=alignment)          # who owns what: as often as it changes
    hosted(shown)                                                   # for ui.territory_map.show(...)
    standalone_html(shown, state, title="Spring plan")              # one file, opens without a network

Nothing here reaches a network, and no name becomes HTML: browsers get names as data and set them as text.
"""

from geo_territory.maps.day import day_data, day_map, moment
from geo_territory.maps.day_texts import DAY_TEXTS
from geo_territory.maps.layers import account_layer, base_layer, drawn_base, territory_layer, territory_map, unit_layer
from geo_territory.maps.page import (
    ASSETS,
    DAY_SCRIPTS,
    DAY_STYLE,
    REDRAW_SCRIPTS,
    REDRAW_STYLE,
    SCRIPTS,
    STYLE,
    HostedMap,
    asset,
    hosted,
    standalone_day,
    standalone_html,
)
from geo_territory.maps.payload import Payload, frame_of, frame_of_points
from geo_territory.maps.state import TEXTS, UNASSIGNED, map_state, owner_array

__all__ = [
    "ASSETS",
    "DAY_SCRIPTS",
    "DAY_STYLE",
    "DAY_TEXTS",
    "REDRAW_SCRIPTS",
    "REDRAW_STYLE",
    "SCRIPTS",
    "STYLE",
    "TEXTS",
    "UNASSIGNED",
    "HostedMap",
    "Payload",
    "account_layer",
    "asset",
    "base_layer",
    "day_data",
    "day_map",
    "drawn_base",
    "frame_of",
    "frame_of_points",
    "hosted",
    "map_state",
    "moment",
    "owner_array",
    "standalone_day",
    "standalone_html",
    "territory_layer",
    "territory_map",
    "unit_layer",
]
