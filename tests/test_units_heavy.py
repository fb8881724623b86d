"""A county heavier than a territory may be is divided; the others stay whole."""

import numpy as np
import pandas as pd
import pytest
import shapely

from geo_territory.tables import Accounts, Units
from geo_territory.units import counties, unit_of_account, unit_totals


@pytest.fixture(scope="module")
def california():
    """300 accounts crowd Los Angeles County, 100 lie in San Francisco, Fresno and San Diego."""
    draw = np.random.default_rng(3)
    lon = np.concatenate([draw.uniform(-118.5, -117.9, 300), np.repeat([-122.42, -119.78, -117.13, -121.5], 25)])
    lat = np.concatenate([draw.uniform(33.9, 34.3, 300), np.repeat([37.76, 36.75, 32.8, 38.55], 25)])
    index = pd.Index([f"a{i:03d}" for i in range(400)], name=Accounts.account_id)
    frame = pd.DataFrame({Accounts.lat: lat, Accounts.lon: lon, Accounts.state: "CA", Accounts.country: "US"}, index=index)
    return frame, pd.Series(1.0, index=index)


def test_only_the_heavy_county_is_divided_and_its_parts_carry_its_id_and_name(california):
    accounts, weight = california
    units = counties(accounts, weight, 4)
    parts = units.units[units.units.index.str.len() > 5]
    assert len(parts) > 10
    assert parts.index.str.startswith("06037-").all()
    assert parts[Units.name].str.startswith("Los Angeles County, CA: ").all()
    assert "06037" not in units.units.index
    assert len(units.units) - len(parts) == len(counties(accounts).units) - 1
    assert any("Los Angeles County, CA alone weighs 2." in note for note in units.notes)


def test_the_parts_fill_the_county_and_their_borders_match_exactly(california):
    accounts, weight = california
    whole, divided = counties(accounts), counties(accounts, weight, 4)
    assert shapely.coverage_is_valid(divided.planar)
    county = whole.planar[whole.units.index.get_loc("06037")]
    parts = divided.planar[divided.units.index.str.startswith("06037")]
    assert shapely.area(parts).sum() == pytest.approx(shapely.area(county), rel=1e-6)
    assert shapely.area(divided.planar).sum() == pytest.approx(shapely.area(whole.planar).sum(), rel=1e-6)


def test_no_part_weighs_more_than_a_tenth_of_a_territory(california):
    accounts, weight = california
    units = counties(accounts, weight, 4)
    unit_of = unit_of_account(accounts, units)
    assert unit_of.notna().all()
    totals = unit_totals(units, unit_of, weight, weight)
    assert totals[totals.index.str.startswith("06037-")]["accounts"].max() <= 10


def test_a_county_that_fits_stays_whole(california):
    accounts, weight = california
    units = counties(accounts, weight, 1)
    assert (units.units.index.str.len() == 5).all()
    assert not [note for note in units.notes if "divided" in note]
