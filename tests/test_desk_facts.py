"""What browsers know of every unit: figures, regions and neighbours."""

import json

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo_territory.desk.facts import NONE, counties_of, facts_payload
from geo_territory.maps.payload import MAGIC
from geo_territory.redraw.basis import basis_of
from geo_territory.tables import Units
from tests.redraw_world import small_design, small_reps


def decoded(payload):
    """Return header and arrays of a payload, as a browser reads them."""
    content = payload.content
    length = int.from_bytes(content[len(MAGIC) : len(MAGIC) + 4], "little")
    header = json.loads(content[len(MAGIC) + 4 : len(MAGIC) + 4 + length])
    body = content[len(MAGIC) + 4 + length :]
    arrays = {name: np.frombuffer(body, a["type"], a["length"], a["offset"]) for name, a in header["arrays"].items()}
    return header, arrays


@pytest.fixture(scope="module")
def basis():
    made = small_design()
    return basis_of(made, small_reps(made), made.territories)


def test_figures_of_units_add_up_to_the_company(basis):
    _, facts = decoded(facts_payload(basis))
    assert facts["hours"].sum() == pytest.approx(basis.hours.sum(), rel=1e-5)
    assert facts["accounts"].sum() == len(basis.accounts) == sum(facts[name].sum() for name in facts if name.startswith("tier"))


def test_neighbours_of_a_unit_are_those_it_borders_on(basis):
    _, facts = decoded(facts_payload(basis))
    shapes = basis.design.unit_map.units.geometry.to_numpy()
    for unit in (0, 17, 87):
        near = facts["near"][facts["near_first"][unit] : facts["near_first"][unit + 1]]
        shared = shapely.length(shapely.intersection(shapes[unit], shapes)) > 0
        assert set(near) == set(np.flatnonzero(shared)) - {unit}


def test_counties_are_units_of_their_own_and_share_a_state(basis):
    header, facts = decoded(facts_payload(basis))
    assert len(header["states"]) == 1 and len(header["counties"]) == len(basis.units) == 88
    named = [header["counties"][position] for position in facts["county"]]
    assert named[list(basis.units).index("39049")] == "Franklin, OH"


def test_a_unit_at_sea_or_abroad_has_no_county():
    shapes = [shapely.box(-83.1, 39.9, -82.9, 40.1), shapely.box(-40, 30, -39, 31), shapely.box(2, 48, 3, 49)]
    units = gpd.GeoDataFrame({Units.region: ["", "", "France"]}, geometry=shapes, crs=4326)
    assert counties_of(units).fillna("").tolist() == ["Franklin, OH", "", ""]
    assert NONE == 2**32 - 1
