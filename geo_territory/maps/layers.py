"""Folium layers made from tables, and the Folium map that carries them.

A layer's script holds no geometry and no name: it refers to payloads by their content hash. Who owns which area, names,
colours and numbers come later, as a map state (`state.py`).
"""

from __future__ import annotations

from collections.abc import Mapping

import folium
import geopandas as gpd
import pandas as pd
from folium.map import Layer
from folium.template import Template

from geo_territory.errors import UnitsError
from geo_territory.maps.backdrop import ATTRIBUTION, base_payloads
from geo_territory.maps.payload import (
    Payload,
    area_names,
    frame_of,
    frame_of_crowd,
    frame_of_points,
    names_payload,
    placed,
    points_payload,
    shapes_payload,
)
from geo_territory.tables import TIERS, Accounts, Reps, Territories, Tiers, Units

Frame = tuple[float, float, float, float]

BASE_TIER = "base"


class SourceLayer(Layer):
    """A Folium layer drawn in the browser by `L.geoTerritory.<kind>(options)` from payloads named by their hash."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            var {{ this.get_name() }} = L.geoTerritory.{{ this.kind }}({{ this.options | tojavascript }});
            {{ this.get_name() }}.addTo({{ this._parent.get_name() }});
        {% endmacro %}
        """
    )

    def __init__(self, kind: str, payloads: Mapping[str, Payload], **options: str | int | float | bool | None) -> None:
        super().__init__(name=kind, overlay=True, control=False, show=True)
        self._name = f"{kind}_layer"
        self.kind = kind
        self.payloads = tuple(payloads.values())
        self.options = {**{role: payload.hash for role, payload in payloads.items()}, **options}


class Fit(folium.elements.MacroElement):
    """Shows a frame (west, south, east, north) at once, without animation: a running one would override a later view."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            L.geoTerritory.fit({{ this._parent.get_name() }}, {{ this.bounds | tojavascript }});
        {% endmacro %}
        """
    )

    def __init__(self, frame: Frame) -> None:
        super().__init__()
        self._name = "fit"
        west, south, east, north = (round(degree, 4) for degree in frame)
        self.bounds = [[south, west], [north, east]]


def drawn_base() -> SourceLayer:
    """Return the bundled base map: countries, outlines of the US states, cities; drawn without any network."""
    return SourceLayer("base", base_payloads(), attribution=ATTRIBUTION)


def unit_layer(units: gpd.GeoDataFrame) -> SourceLayer:
    """Return basic units as one layer, sorted by id; the map state says which territory each belongs to."""
    return SourceLayer("areas", {"source": shapes_payload(units.sort_index(), area_names(units.sort_index()))}, unit=True)


def territory_layer(territories: gpd.GeoDataFrame) -> SourceLayer:
    """Return territories as one layer, sorted by id, each its own owner."""
    return SourceLayer("areas", {"source": shapes_payload(territories.sort_index())}, unit=False)


def account_layer(accounts: pd.DataFrame, tiers: tuple[str, ...] = TIERS, *, ids: bool = False) -> SourceLayer:
    """Return accounts (Accounts joined with Tiers) as points: shape and shade by tier, size by value.

    With `ids` the browser learns their ids too: an editor moves accounts by name.
    """
    shown = placed(accounts, tiers)
    payloads = {"source": points_payload(shown, tiers), "names": names_payload(shown[Accounts.name], shown.index if ids else None)}
    return SourceLayer("accounts", payloads)


def base_layer(reps: pd.DataFrame) -> SourceLayer:
    """Return the bases of the reps that have one, as small houses named by their rep."""
    shown = placed(reps.assign(**{Tiers.tier: BASE_TIER}), (BASE_TIER,))
    payloads = {"source": points_payload(shown, (BASE_TIER,)), "names": names_payload(shown[Reps.name])}
    return SourceLayer("accounts", payloads, bases=True)


def territory_map(
    areas: gpd.GeoDataFrame,
    *,
    accounts: pd.DataFrame | None = None,
    tiers: tuple[str, ...] = TIERS,
    bases: pd.DataFrame | None = None,
    frame: Frame | None = None,
    account_ids: bool = False,
) -> folium.Map:
    """Return the Folium map of basic units or territories, with accounts and bases on a drawn base map.

    `areas`: Units (index unit_id) or Territories (index territory_id), EPSG:4326. `accounts`: Accounts joined with Tiers;
    only those with a place and one of `tiers` are shown. `bases`: Reps. `frame`: (west, south, east, north) in degrees to
    show first; by default all areas, but not both sides of the antimeridian, and only where nearly all accounts are when
    the rest would take more than half of the map. `account_ids`: the browser learns the ids of accounts, as an editor needs.
    Owners, names and colours come with `map_state`. The same tables give the same map, byte for byte.

    Raises UnitsError when `areas` is indexed by neither id, ProjectionError when it has no coordinate system.
    """
    shown = folium.Map(location=(0, 0), zoom_start=2, tiles=None, prefer_canvas=True, control_scale=True, min_zoom=2, max_zoom=16)
    shown.options.update(zoom_snap=0.25, world_copy_jump=False)
    drawn_base().add_to(shown)
    _layer_of(areas).add_to(shown)
    if accounts is not None:
        account_layer(accounts, tiers, ids=account_ids).add_to(shown)
    if bases is not None:
        base_layer(bases).add_to(shown)
    Fit(frame or _frame(areas, accounts, tiers)).add_to(shown)
    return shown


def _layer_of(areas: gpd.GeoDataFrame) -> SourceLayer:
    if areas.index.name == Units.unit_id:
        return unit_layer(areas)
    if areas.index.name == Territories.territory_id:
        return territory_layer(areas)
    raise UnitsError(
        f"The areas of a map are indexed by {areas.index.name!r}: index them by {Units.unit_id!r} (units) or "
        f"{Territories.territory_id!r} (territories)."
    )


def _frame(areas: gpd.GeoDataFrame, accounts: pd.DataFrame | None, tiers: tuple[str, ...]) -> Frame:
    """Return what is shown first: all areas, or where nearly all accounts are when that is less than half of it."""
    if accounts is None:
        return frame_of(areas)
    shown = placed(accounts, tiers)
    if areas.empty or shown.empty:
        return frame_of_points(shown) if areas.empty else frame_of(areas)
    whole, crowd = frame_of(areas), frame_of_crowd(shown)
    return crowd if _extent(crowd) < 0.5 * _extent(whole) else whole


def _extent(frame: Frame) -> float:
    west, south, east, north = frame
    return (east - west) * (north - south)
