"""What lies under every map: the bundled countries, US states and cities, as payloads that never change between maps."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

import geopandas as gpd
import pandas as pd
import shapely

from geo_territory import reference
from geo_territory.maps.payload import Payload, pack, shapes_payload, steps
from geo_territory.tables import Cities, Countries, States

ATTRIBUTION = "Natural Earth · US Census Bureau · GeoNames"
COUNTRY_TOLERANCE_DEGREES = 0.01
SHOWN_POPULATION_US = 20_000
SHOWN_POPULATION_ABROAD = 250_000
HOME = "US"


@cache
def base_payloads() -> Mapping[str, Payload]:
    """Return the payloads of the base map: countries (simplified together, so neighbours still share borders), states, places."""
    world = reference.countries()
    simplified = gpd.GeoSeries(
        shapely.coverage_simplify(world.geometry.to_numpy(), COUNTRY_TOLERANCE_DEGREES), index=world.index, crs=world.crs
    )
    states = reference.states()
    return MappingProxyType(
        {
            "countries": shapes_payload(world.set_geometry(simplified), world[Countries.name]),
            "states": shapes_payload(states, states[States.state]),
            "places": _places(),
        }
    )


def _places() -> Payload:
    """Return cities large enough to orient by, the largest first."""
    cities = reference.cities()
    least = cities[Cities.country].eq(HOME).map({True: SHOWN_POPULATION_US, False: SHOWN_POPULATION_ABROAD})
    large = cities[cities[Cities.population] >= least]
    shown = large[~_parts_of_cities(large)].sort_index().sort_values(Cities.population, ascending=False, kind="stable")
    arrays = {
        "x": steps(shown[Cities.lon].to_numpy()),
        "y": steps(shown[Cities.lat].to_numpy()),
        "population": shown[Cities.population].to_numpy("float32"),
    }
    return pack({"kind": "places", "names": shown[Cities.name].tolist()}, arrays)


def _parts_of_cities(places: pd.DataFrame) -> pd.Series:
    """Mark places named after another of the same state, like New South Memphis beside Memphis."""
    named = set(zip(places[Cities.state], places[Cities.name], strict=True))
    words = places[Cities.name].str.split(" ")
    after = [any((state, " ".join(w[k:])) in named for k in range(1, len(w))) for state, w in zip(places[Cities.state], words, strict=True)]
    return pd.Series(after, index=places.index)
