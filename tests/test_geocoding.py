"""Accounts without coordinates find their place from what is bundled, and say how."""

import numpy as np
import pandas as pd
import pytest

from geo_territory import reference
from geo_territory.geocoding import locate
from geo_territory.tables import Accounts, Cities, ZipPoints


def accounts(*rows):
    """Return accounts of rows (city, state, postal_code, country, lat, lon)."""
    names = [Accounts.city, Accounts.state, Accounts.postal_code, Accounts.country, Accounts.lat, Accounts.lon]
    frame = pd.DataFrame(rows, columns=names, index=pd.Index([f"a{at}" for at in range(len(rows))], name=Accounts.account_id))
    frame = frame.astype(dict.fromkeys(names[:4], "str") | dict.fromkeys(names[4:], float))
    frame[Accounts.status] = "customer"
    frame[Accounts.geocode_precision] = np.where(frame[Accounts.lat].notna(), "given", "none")
    return Accounts.check(frame.reindex(columns=Accounts.columns()))


def placed(*rows):
    found = locate(accounts(*rows))
    return [
        (precision, None if np.isnan(lat) else (round(lat), round(lon)))
        for precision, lat, lon in zip(found[Accounts.geocode_precision], found[Accounts.lat], found[Accounts.lon], strict=True)
    ]


@pytest.mark.parametrize(
    ("row", "precision", "point"),
    [
        (("Boston", "MA", "02139", "US", 42.0, -71.5), "given", (42, -72)),
        (("Boston", "MA", "02139", "US", None, None), "postcode", (42, -71)),
        (("Boston", "MA", "02139-4307", "US", None, None), "postcode", (42, -71)),
        (("Boston", "MA", "02139", None, None, None), "postcode", (42, -71)),
        ((None, None, "90210", None, None, None), "postcode", (34, -118)),
        (("Austin", "TX", None, "US", None, None), "city", (30, -98)),
        (("AUSTIN", "Texas", None, None, None, None), "city", (30, -98)),
        (("Austin", "TX", "99999", "US", None, None), "city", (30, -98)),
        (("St. Louis", "MO", None, "US", None, None), "city", (39, -90)),
        (("N Charleston", "SC", None, "US", None, None), "city", (33, -80)),
        (("De Soto", "TX", None, "US", None, None), "city", (33, -97)),
        (("San Juan", "PR", None, "US", None, None), "city", (18, -66)),
        (("Ponce", None, None, "PR", None, None), "city", (18, -67)),
        (("Tehran", None, None, "IR", None, None), "city", (36, 51)),
        (("Munich", "Bayern", "80331", "DE", None, None), "city", (48, 12)),
        (("Zürich", None, "8001", "CH", None, None), "city", (47, 9)),
        (("Springfield", None, None, "US", None, None), "none", None),
        (("Atlantis", "MA", None, "US", None, None), "none", None),
        (("تهران", None, None, "IR", None, None), "none", None),
        ((None, "MA", None, None, None, None), "none", None),
        ((None, None, None, None, None, None), "none", None),
        (("Boston", "MA", "02139", "US", 42.0, None), "postcode", (42, -71)),
    ],
)
def test_the_best_known_place_is_found(row, precision, point):
    assert placed(row) == [(precision, point)]


def test_every_point_says_where_it_comes_from():
    by_zip, by_city = (None, None, "02139", "US", None, None), ("Austin", "TX", None, "US", None, None)
    found = locate(accounts((None, None, None, "US", 42.0, -71.0), by_zip, by_city))
    assert [source.split()[0] for source in found[Accounts.geocode_source]] == ["file", "ZIP", "city's"]


def test_a_zip_code_of_another_state_far_away_yields_to_the_city():
    """Phoenix written with 15006, a ZIP code of Pennsylvania."""
    assert placed(("Phoenix", "AZ", "15006", "US", None, None)) == [("city", (33, -112))]


def test_a_zip_code_across_the_border_of_its_state_is_kept():
    """02861 is Pawtucket, Rhode Island; the city named is just across the border."""
    assert placed(("Attleboro", "MA", "02861", "US", None, None))[0][0] == "postcode"


def test_of_cities_with_one_name_the_most_populous_is_meant():
    assert placed(("Paris", None, None, "FR", None, None)) == [("city", (49, 2))]


def test_placing_twice_changes_nothing_and_leaves_the_input_alone():
    once = accounts(("Boston", "MA", "02139", "US", None, None), ("Austin", "TX", None, "US", None, None))
    before = once.copy()
    found = locate(once)
    pd.testing.assert_frame_equal(once, before)
    pd.testing.assert_frame_equal(locate(found), found)
    Accounts.check(found)


def test_accounts_of_no_row_can_be_placed():
    assert locate(Accounts.empty()).empty


def test_every_bundled_zip_code_is_found_at_its_own_point():
    known = reference.zip_points().head(3000)
    rows = [(None, None, code, "US", None, None) for code in known.index]
    found = locate(accounts(*rows))
    assert (found[Accounts.lat].to_numpy() == known[ZipPoints.lat].to_numpy()).all()


def test_large_cities_abroad_are_found_by_name_and_country():
    cities = reference.cities()
    large = cities[(cities[Cities.population] > 1_000_000) & (cities[Cities.country] != "US")]
    rows = [(name, None, None, country, None, None) for name, country in zip(large[Cities.name], large[Cities.country], strict=True)]
    found = locate(accounts(*rows))
    assert (found[Accounts.geocode_precision] == "city").all()
