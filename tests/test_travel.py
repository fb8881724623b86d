"""Travel is estimated from how far apart accounts lie (F12, O12)."""

import numpy as np
import pandas as pd
import pytest

from geo_territory.errors import PolicyError
from geo_territory.policy import TravelPolicy
from geo_territory.tables import Accounts
from geo_territory.travel import LONGEST_MIN, GreatCircle, tour_hours, tour_km, travel_minutes

KM = 1 / 111.195  # degrees of latitude in a kilometre


def accounts_at(points):
    """One account per (lon, lat): a0, a1, …"""
    index = pd.Index([f"a{i}" for i in range(len(points))], name="account_id", dtype="str")
    frame = pd.DataFrame(index=index, columns=Accounts.columns(), dtype="object")
    lon, lat = np.array(points, dtype=float).reshape(-1, 2).T
    return Accounts.check(frame.assign(status="customer", geocode_precision="given", lat=lat, lon=lon))


def grid(side, step_km, lon=0.0, lat=0.0):
    """side x side accounts, step_km apart."""
    return [(lon + c * step_km * KM / np.cos(np.radians(lat)), lat + r * step_km * KM) for r in range(side) for c in range(side)]


def test_a_tour_takes_what_the_worked_example_says():
    assert tour_km(8, 400, circuity=1) == pytest.approx(40.2994, abs=5e-5)
    assert tour_km(8, 400) == pytest.approx(52.3893, abs=5e-5)
    assert tour_hours(8, 400, 40) == pytest.approx(1.30973, abs=5e-6)
    from_home = tour_hours(8, 400, 40, base_km=15)
    assert from_home == pytest.approx(2.28473, abs=5e-6)
    assert from_home * 60 / 8 == pytest.approx(17.135, abs=5e-4)


def test_one_degree_of_longitude_at_forty_north_takes_133_minutes_by_great_circle():
    travel = GreatCircle(circuity=1.3, kmh=50)
    ends = [np.array([v]) for v in (-75.0, 40.0, -74.0, 40.0)]
    assert GreatCircle(circuity=1).road_km(*ends) == pytest.approx([85.17993], abs=5e-6)
    assert travel.road_km(*ends) == pytest.approx([110.734], abs=5e-4)
    assert travel(*ends) == pytest.approx([132.881], abs=5e-4)
    with pytest.raises(PolicyError, match="circuity"):
        GreatCircle(circuity=0.5)


def test_in_the_middle_of_a_grid_the_estimate_follows_the_formula():
    """Four stops a tour, the four nearest one step away: a disc of radius 10 km, mixed and rural speeds meet at 15."""
    policy = TravelPolicy(stops_per_tour=4)
    minutes = travel_minutes(accounts_at(grid(7, 10)), policy).iloc[24]
    speed = np.interp(10, [5, 15, 25], [35, 50, 70])
    assert minutes == pytest.approx(tour_hours(4, np.pi * 100, speed) * 60 / 4, rel=1e-3)


def test_the_sparser_the_accounts_the_longer_the_travel_to_one():
    medians = [travel_minutes(accounts_at(grid(5, step)), TravelPolicy()).median() for step in (0.5, 2, 4, 6, 10, 20, 30, 100)]
    assert medians == sorted(medians)
    assert medians[0] > 0
    assert travel_minutes(accounts_at(grid(3, 3000)), TravelPolicy()).max() == LONGEST_MIN


def test_a_drive_from_the_base_is_shared_by_the_stops():
    accounts, policy = accounts_at(grid(5, 30)), TravelPolicy()
    longer = travel_minutes(accounts, policy, base_km=10) - travel_minutes(accounts, policy)
    assert longer.to_numpy() == pytest.approx(1.3 * 20 / 70 * 60 / 6)


def test_accounts_stacked_on_a_postal_code_take_the_density_around_them():
    """
    9 at one point, 4 accounts 8 km away at the corners
    """
    stack = [(10.0, 50.0)] * 9 + grid(2, 11, lon=10.0 - 0.077, lat=50.0 - 0.0495)
    minutes = travel_minutes(accounts_at(stack), TravelPolicy())
    assert (minutes > 1).all()
    assert (minutes.iloc[:9] == minutes.iloc[0]).all()
    assert minutes.iloc[0] < travel_minutes(accounts_at([stack[0], *stack[9:]]), TravelPolicy()).iloc[0]


@pytest.mark.parametrize("points", [[(8, 47)], [(8, 47)] * 5, [(np.nan, np.nan)] * 3])
def test_where_nothing_tells_the_density_the_next_stops_are_rural(points):
    policy = TravelPolicy()
    rural = tour_hours(6, np.pi * 25**2, 70) * 60 / 6
    assert travel_minutes(accounts_at(points), policy).to_numpy() == pytest.approx(rural)


def test_an_account_without_a_place_takes_the_median():
    points = [*grid(3, 4), (np.nan, np.nan)]
    minutes = travel_minutes(accounts_at(points), TravelPolicy())
    assert minutes.iloc[-1] == minutes.iloc[:-1].median()
    assert minutes.notna().all()


def test_neither_row_order_nor_the_antimeridian_nor_far_accounts_change_an_estimate():
    accounts = accounts_at(grid(6, 7, lon=12, lat=45))
    minutes = travel_minutes(accounts, TravelPolicy())
    shuffled = accounts.sample(frac=1, random_state=3)
    pd.testing.assert_series_equal(travel_minutes(shuffled, TravelPolicy()).loc[accounts.index], minutes)
    fiji = accounts_at([((lon + 167.9 + 180) % 360 - 180, lat) for lon, lat in grid(6, 7, lon=12, lat=45)])
    assert travel_minutes(fiji, TravelPolicy()).to_numpy() == pytest.approx(minutes.to_numpy())
    with_cape_town = accounts_at([*grid(6, 7, lon=12, lat=45), (18.4, -33.9)])
    assert travel_minutes(with_cape_town, TravelPolicy()).iloc[:-1].to_numpy() == pytest.approx(minutes.to_numpy())


def test_no_accounts_need_no_travel():
    assert travel_minutes(Accounts.empty(), TravelPolicy()).empty
