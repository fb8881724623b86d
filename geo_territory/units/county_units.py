"""US counties as basic units."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geo_territory import reference
from geo_territory.tables import Areas, Counties, Units
from geo_territory.units.coverage import whole_shapes
from geo_territory.units.heavy import divide_heavy
from geo_territory.units.land import placed, positions, region_of
from geo_territory.units.unit_map import UnitMap, map_units

INDEPENDENT_CITIES = ("24510", "29510", "32510")
CITY_AND_BOROUGH = ("02110", "02220", "02275", "02282")
CENSUS_AREAS = ("02016", "02050", "02063", "02066", "02070", "02105", "02158", "02180", "02198", "02240", "02290")
WORDS = {
    "LA": "Parish",
    "PR": "Municipio",
    "CT": "Planning Region",
    "AK": "Borough",
    "AS": "",
    "DC": "",
    "GU": "",
    "MP": "Municipality",
    "VI": "Island",
}
VIRGINIA_CITIES_FROM = "51500"


def counties(accounts: pd.DataFrame, weight: pd.Series | None = None, territories: int = 1) -> UnitMap:
    """Return the counties of the US states that hold an account, and of the states in their midst, without holes.

    weight: what is to be balanced, per account; territories: how many are asked for. A county heavier than a territory's
    fair share is divided, which a note says; its parts' ids begin with its own. unit_id is the five-digit FIPS code, the
    name like "Kings County, CA". Raises PlaceError when no account has a place in the United States.
    """
    region = region_of(accounts, only_us=True)
    table = reference.counties()
    table = table[table[Counties.state].isin(region.areas[Areas.state])]
    shapes = whole_shapes(region.plane.project_shapes(table.geometry.to_numpy()))
    known = placed(accounts)
    mass = (pd.Series(0.0, index=known.index) if weight is None else weight.reindex(known.index).fillna(0).clip(lower=0)).to_numpy(float)
    fips = table.index.to_numpy(dtype=object)
    made = divide_heavy(fips, shapes, county_names(table), positions(known, region.plane), mass, mass.sum() / territories, region.plane)
    states = table[Counties.state].map(region.areas.set_index(Areas.state)[Areas.name]).to_numpy(dtype=object)
    columns = {Units.name: made.names, Units.kind: "county", Units.region: states[made.origin]}
    return map_units(made.unit_id, made.shapes, region.plane, columns, (*region.notes, *made.notes))


def county_names(table: pd.DataFrame) -> np.ndarray:
    """Return "Kings County, CA" for each row of Counties: parishes, boroughs and independent cities by their own word."""
    state, code = table[Counties.state], table.index.to_series()
    word = state.map(WORDS).fillna("County")
    city = (code.between(VIRGINIA_CITIES_FROM, "51999") | code.isin(INDEPENDENT_CITIES)).to_numpy()
    word = word.mask(city, "City").mask(code.isin(CENSUS_AREAS).to_numpy(), "Census Area")
    word = word.mask(code.isin(CITY_AND_BOROUGH).to_numpy(), "City and Borough")
    name = table[Counties.name]
    said = (word == "") | pd.Series([n.endswith(f" {w}") for n, w in zip(name, word, strict=True)], index=table.index)
    return (name + (" " + word).mask(said, "") + ", " + state).to_numpy(dtype=object)
