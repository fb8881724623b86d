"""Expected travel: an estimate from how far apart accounts lie, without a road network (F12).

Whatever comes from here is an estimate and is labelled so wherever it is shown; it is never mixed with measured time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from geo_territory.errors import PolicyError
from geo_territory.policy import TravelPolicy
from geo_territory.projection import EARTH_RADIUS_KM, haversine_km
from geo_territory.tables import Accounts, CallPlan

TOUR_CONSTANT = 0.7124
LONGEST_MIN = 240.0


@dataclass(frozen=True)
class GreatCircle:
    """Travel time by great circle x `circuity` (1 or more) at `kmh` (above 0) (O12)."""

    circuity: float = 1.3
    kmh: float = 50.0

    def __post_init__(self) -> None:
        """Check every field."""
        if self.circuity < 1 or self.kmh <= 0:
            raise PolicyError("Expected circuity of 1 or more and a speed above 0 km/h.")

    def road_km(self, lon_a: np.ndarray, lat_a: np.ndarray, lon_b: np.ndarray, lat_b: np.ndarray) -> np.ndarray:
        """Return the estimated road distance [km] from each point a to its point b, in degrees."""
        return self.circuity * haversine_km(lon_a, lat_a, lon_b, lat_b)

    def __call__(self, lon_a: np.ndarray, lat_a: np.ndarray, lon_b: np.ndarray, lat_b: np.ndarray) -> np.ndarray:
        """Return the estimated minutes from each point a to its point b, in degrees."""
        return self.road_km(lon_a, lat_a, lon_b, lat_b) / self.kmh * 60


def tour_km(stops: float, area_km2: np.ndarray, base_km: np.ndarray | float = 0.0, circuity: float = 1.3) -> np.ndarray:
    """Return the road length [km] of a tour of `stops` in `area_km2`, `base_km` away from the base (F12).

    km = circuity x (2 base + 0.7124 sqrt(stops x area)); poor below five stops.
    Source: Beardwood, Halton and Hammersley (1959), doi:10.1017/S0305004100034095; constant after Johnson
    et al. (1996), as usually rounded.
    """
    return circuity * (2 * np.asarray(base_km, float) + TOUR_CONSTANT * np.sqrt(stops * np.asarray(area_km2, float)))


def tour_hours(stops: float, area_km2: np.ndarray, kmh: np.ndarray, base_km: np.ndarray | float = 0.0, circuity: float = 1.3) -> np.ndarray:
    """Return the hours [h] of a tour at `kmh`; over `stops` it is the travel to one call (F12)."""
    return tour_km(stops, area_km2, base_km, circuity) / np.asarray(kmh, float)


def travel_minutes(accounts: pd.DataFrame, policy: TravelPolicy, base_km: float = 0.0) -> pd.Series:
    """Return an estimate of the travel to one visit [min], aligned to `accounts`: its share of a day's tour (F12).

    The tour visits `stops_per_tour` accounts at the density around the account, `base_km` from where the day
    starts (0: the base lies among its accounts). The speed rises from urban through mixed to rural with the
    distance to the next stops. Accounts without a place take the median of the others; where no two places
    differ the next stops are taken to be `rural_km` away. No visit takes more than four hours.
    """
    lat, lon = accounts[Accounts.lat].to_numpy(float), accounts[Accounts.lon].to_numpy(float)
    placed = np.isfinite(lat) & np.isfinite(lon)
    reach_km = np.full(len(accounts), policy.rural_km)
    if placed.any():
        reach_km[placed] = _reach_km(lon[placed], lat[placed], policy)
    stops = policy.stops_per_tour
    hours = tour_hours(stops, np.pi * reach_km**2, _speed_kmh(reach_km, policy), base_km, policy.circuity)
    minutes = np.minimum(hours * 60 / stops, LONGEST_MIN)
    if placed.any():
        minutes[~placed] = np.median(minutes[placed])
    return pd.Series(minutes, index=accounts.index, name=CallPlan.travel_min)


def _speed_kmh(reach_km: np.ndarray, policy: TravelPolicy) -> np.ndarray:
    """Return speeds: urban, mixed half-way and rural at the policy's distances, in straight lines between."""
    at = [policy.urban_km, (policy.urban_km + policy.rural_km) / 2, policy.rural_km]
    return np.interp(reach_km, at, [policy.urban_kmh, policy.mixed_kmh, policy.rural_kmh])


def _reach_km(lon: np.ndarray, lat: np.ndarray, policy: TravelPolicy) -> np.ndarray:
    """Return the radius [km] of a disc that holds `stops_per_tour` other accounts at the density around each one.

    Neighbours are counted outwards, place by place, until there are enough of them and at least one lies
    elsewhere, so a stack of accounts on one postal code has the density of its surroundings. Distances are
    great circles: the same wherever the data lies. Rural where all accounts share one place.
    """
    places, place_of, number = np.unique(np.column_stack([lon, lat]).round(6), axis=0, return_inverse=True, return_counts=True)
    if len(places) < 2:
        return np.full(len(lon), policy.rural_km)
    lam, phi = np.radians(places).T
    xyz = np.column_stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)])
    wanted = policy.stops_per_tour
    chord, near = cKDTree(xyz).query(xyz, k=min(wanted + 1, len(places)))
    counted = np.cumsum(number[near], axis=1) - 1
    counted[:, 0] = -1
    enough = np.where((counted >= wanted).any(axis=1), (counted >= wanted).argmax(axis=1), near.shape[1] - 1)
    row = np.arange(len(places))
    radius = 2 * EARTH_RADIUS_KM * np.arcsin(np.clip(chord[row, enough] / 2, 0, 1))
    return (radius * np.sqrt(wanted / counted[row, enough]))[place_of.ravel()]
