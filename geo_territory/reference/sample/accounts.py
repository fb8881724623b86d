"""The accounts of the sample company: where they are, what they are called, what they buy.

Places are real cities, drawn by population and by how far the company reaches into a territory; every other word and figure is
invented. Money is log-normal and dealt out evenly, so that no territory is rich by luck: those that are heavy are
heavy because they are large.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.spatial import cKDTree
from scipy.special import ndtri

from geo_territory import reference
from geo_territory.projection import WGS84
from geo_territory.reference.sample.company import BEYOND_THE_SAMPLE, TERRITORIES
from geo_territory.tables import Accounts, AlignmentRows, Cities, Counties, ZipPoints

ACCOUNTS = 2_500
SHARES = {"customer": 0.62, "prospect": 0.355, "closed": 0.025}
TODAY, ONE_DAY = np.datetime64("2026-06-30"), np.timedelta64(1, "D")

POPULATION_POWER = 0.9  # below 1: plants and warehouses are spread a little wider than people
JITTER_KM = 2.5
KM_PER_DEGREE = 111.2

SALES_MEDIAN, SALES_SPREAD = 6_000, 2.55  # USD a year; standard deviation of its logarithm
POTENTIAL_MEDIAN, POTENTIAL_SPREAD = 14_000, 2.4
MARGIN, MARGIN_SPREAD, LOSS_SHARE = 0.24, 0.06, 0.015

INDUSTRIES = {
    "Food processing": ("Mills", "Bakery", "Cannery", "Creamery"),
    "Hospitals": ("General Hospital", "Clinic", "Medical Center"),
    "Machining": ("Castings", "Gearworks", "Toolworks", "Fasteners"),
    "Plastics and packaging": ("Polymers", "Cartons", "Bottling"),
    "Public works": ("Water Works", "Transit Yard", "Parks Depot"),
    "Warehousing": ("Storage", "Freight", "Distribution"),
}
INDUSTRY_SHARES = (0.18, 0.10, 0.27, 0.17, 0.10, 0.18)
FIRST = ("Bram", "Quill", "Tarn", "Osk", "Fenn", "Lark", "Mott", "Drev", "Ingle", "Wex", "Zell", "Corv", "Hask", "Pell", "Ruck", "Yarr")
LAST = ("wickel", "marsh", "over", "ingdale", "stoke", "bury", "hollow", "mere", "sby", "thorpe", "gate", "rowe")
STREETS = ("Alder", "Birch", "Cedar", "Foundry", "Juniper", "Mill", "Orchard", "Quarry", "Ridge", "Sycamore", "Tannery", "Walnut")
STREET_KINDS = ("Street", "Avenue", "Road", "Drive")


def draw_accounts(rng: np.random.Generator, alignment: pd.DataFrame) -> pd.DataFrame:
    """Return about 2,500 customers, prospects and closed accounts by `account_id`, each with its current territory."""
    places = _draw_places(rng, ACCOUNTS, alignment[AlignmentRows.territory_id])
    table = places.assign(**{Accounts.territory_id: places.pop(Counties.county_id).map(alignment[AlignmentRows.territory_id])})
    table[Accounts.status] = rng.choice(list(SHARES), size=len(table), p=list(SHARES.values()))
    table = _with_money(rng, table)
    table = _with_names(rng, table)
    table = _with_dates(rng, table)
    table.index = pd.Index([f"A{number:04d}" for number in range(1, len(table) + 1)], name=Accounts.account_id)
    return table[
        [
            Accounts.name, Accounts.status, Accounts.street, Accounts.city, Accounts.state, Accounts.postal_code, Accounts.country,
            Accounts.lat, Accounts.lon, Accounts.sales_12m, Accounts.profit_12m, Accounts.potential, Accounts.industry,
            Accounts.opened, Accounts.last_purchase, Accounts.territory_id,
        ]
    ]  # fmt: skip


def with_phones(rng: np.random.Generator, accounts: pd.DataFrame) -> pd.DataFrame:
    """Return the accounts with a phone number each: the area code where their territory's rep is based, numbers kept free for fiction.

    555-0100 to 555-0199 reach nobody. `rng` is a stream of its own, so that numbers can come and go without changing anything else.
    """
    area = accounts[Accounts.territory_id].map({t.territory_id: t.area_code for t in TERRITORIES})
    line = rng.integers(100, 200, len(accounts))
    phone = [f"({code}) 555-0{number}" for code, number in zip(area, line, strict=True)]
    return accounts.assign(**{Accounts.phone: phone})


def _draw_places(rng: np.random.Generator, count: int, territory: pd.Series) -> pd.DataFrame:
    """Return `count` points on land near cities of the lower 48 states, with county, state and the nearest ZIP's address.

    A point that the jitter puts off the land or into another state is drawn nearer to its city, at last on it.
    """
    cities, county_of_city = _cities_on_land()
    reach = county_of_city.map(territory).map({t.territory_id: t.reach for t in TERRITORIES}).to_numpy(float)
    weight = cities[Cities.population].to_numpy(float) ** POPULATION_POWER * reach
    drawn = cities.iloc[rng.choice(len(cities), size=count, p=weight / weight.sum())].reset_index(drop=True)
    lat, lon, county = (np.empty(count), np.empty(count), np.full(count, None, dtype=object))
    left = np.arange(count)
    for spread in (1.0, 0.7, 0.4, 0.2, 0.0):
        north, east = np.clip(rng.standard_normal((2, len(left))), -2.5, 2.5) * JITTER_KM * spread / KM_PER_DEGREE
        lat[left] = np.round(drawn[Cities.lat].to_numpy()[left] + north, 5)
        lon[left] = np.round(drawn[Cities.lon].to_numpy()[left] + east / np.cos(np.radians(lat[left])), 5)
        found = _county_of(lat[left], lon[left])
        same = found[Counties.state].to_numpy() == drawn[Cities.state].to_numpy()[left]
        county[left[same]] = found[Counties.county_id].to_numpy()[same]
        left = left[~same]
    points = pd.DataFrame({Accounts.lat: lat, Accounts.lon: lon, Accounts.state: drawn[Cities.state], Counties.county_id: county})
    return _with_zip(points)


def _cities_on_land() -> tuple[pd.DataFrame, pd.Series]:
    """Return cities of the lower 48 states that lie in their own state, and the county of each; New York City is listed by its boroughs."""
    cities = reference.cities()
    kept = cities[(cities[Cities.country] == "US") & ~cities[Cities.state].isin(BEYOND_THE_SAMPLE) & (cities[Cities.population] > 0)]
    kept = kept[kept[Cities.name] != "New York City"].sort_index()
    at = _county_of(kept[Cities.lat].to_numpy(), kept[Cities.lon].to_numpy())
    inside = at[Counties.state].to_numpy() == kept[Cities.state].to_numpy()
    return kept[inside], pd.Series(at[Counties.county_id].to_numpy()[inside], index=kept.index[inside])


def _county_of(lat: np.ndarray, lon: np.ndarray) -> pd.DataFrame:
    """Return the county each point lies in, with its state, in the points' order; both missing where it lies in none."""
    counties = reference.counties()
    point, area = counties.sindex.query(gpd.points_from_xy(lon, lat, crs=WGS84), predicate="within")
    found = pd.DataFrame(
        {Counties.county_id: counties.index.to_numpy()[area], Counties.state: counties[Counties.state].to_numpy()[area]}, index=point
    )
    return found[~found.index.duplicated()].reindex(range(len(lat)))


def _with_zip(points: pd.DataFrame) -> pd.DataFrame:
    """Return the points with city and ZIP of the nearest ZIP point of their own state."""
    zips = reference.zip_points().dropna().sort_index()
    city, code = pd.Series(index=points.index, dtype="str"), pd.Series(index=points.index, dtype="str")
    for state, members in points.groupby(Accounts.state):
        candidates = zips[zips[ZipPoints.state] == state]
        _, nearest = cKDTree(_on_sphere(candidates)).query(_on_sphere(members))
        city[members.index] = candidates[ZipPoints.city].to_numpy()[nearest]
        code[members.index] = candidates.index.to_numpy()[nearest]
    return points.assign(**{Accounts.city: city, Accounts.postal_code: code, Accounts.country: "US"})


def _on_sphere(table: pd.DataFrame) -> np.ndarray:
    lat, lon = np.radians(table[Accounts.lat].to_numpy()), np.radians(table[Accounts.lon].to_numpy())
    return np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])


def _with_money(rng: np.random.Generator, table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with sales, profit and potential [USD/year].

    Sales and potential are log-normal and related but not the same (correlation of logarithms about 0.84): some small
    accounts could be large. What an account could buy is never below what it buys. One account in seventy is served at
    a loss. Prospects and closed accounts have no sales.
    """
    buys = (table[Accounts.status] == "customer").to_numpy()
    score = _even_normal(rng, table[Accounts.territory_id].astype("str") + table[Accounts.status])
    sales = np.where(buys, SALES_MEDIAN * np.exp(SALES_SPREAD * score), 0)
    own = rng.standard_normal(len(table))
    mixed = np.where(buys, 0.7 * score + np.sqrt(1 - 0.7**2) * own, score)
    potential = np.maximum(POTENTIAL_MEDIAN * np.exp(POTENTIAL_SPREAD * np.clip(mixed, -3.0, 3.0)), sales * 1.05)
    margin = np.clip(MARGIN + MARGIN_SPREAD * rng.standard_normal(len(table)), 0.05, 0.45)
    margin = np.where(rng.random(len(table)) < LOSS_SHARE, -0.04, margin)
    money = {Accounts.sales_12m: sales, Accounts.profit_12m: sales * margin, Accounts.potential: potential}
    return table.assign(**{name: np.round(values).astype("int64") for name, values in money.items()})


def _even_normal(rng: np.random.Generator, group: pd.Series) -> np.ndarray:
    """Return standard normal scores that fill the distribution evenly within each group (one draw per slice)."""
    values = np.empty(len(group))
    for _, positions in sorted(group.groupby(group).indices.items()):
        count = len(positions)
        slices = (rng.permutation(count) + rng.random(count)) / count
        values[positions] = ndtri(np.clip(slices, 0.001, 0.999))
    return values


def _with_names(rng: np.random.Generator, table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with invented names and streets; no two accounts share a name."""
    count = len(table)
    industry = rng.choice(list(INDUSTRIES), size=count, p=INDUSTRY_SHARES)
    noun = [INDUSTRIES[kind][int(pick * len(INDUSTRIES[kind]))] for kind, pick in zip(industry, rng.random(count), strict=True)]
    invented = [first + last for first, last in zip(rng.choice(FIRST, count), rng.choice(LAST, count), strict=True)]
    name = pd.Series([f"{word} {what} of {city}" for word, what, city in zip(invented, noun, table[Accounts.city], strict=True)])
    again = name.groupby(name).cumcount()
    name = name.where(again == 0, name + " No. " + (again + 1).astype("str"))
    number = rng.integers(100, 9_900, count)
    street = [
        f"{n} {word} {kind}" for n, word, kind in zip(number, rng.choice(STREETS, count), rng.choice(STREET_KINDS, count), strict=True)
    ]
    return table.assign(**{Accounts.name: name.to_numpy(), Accounts.industry: industry, Accounts.street: street})


def _with_dates(rng: np.random.Generator, table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with the start of the relationship (2004 to 2025) and the last purchase.

    Who buys has bought within the year; closed accounts stopped one to three years ago; prospects never bought.
    """
    count = len(table)
    years_known = np.where(table[Accounts.status] == "prospect", 4.0, 21.5) * rng.random(count) ** 1.5 + 0.5
    opened = TODAY - np.round(years_known * 365.25).astype(np.int64) * ONE_DAY
    recent = np.round(180 * rng.random(count) ** 2)
    days_ago = np.where(table[Accounts.status] == "closed", 365 + 4 * recent, recent).astype(np.int64) * ONE_DAY
    bought = pd.Series(np.maximum(TODAY - days_ago, opened), index=table.index)
    bought = bought.mask(table[Accounts.status] == "prospect")
    return table.assign(**{Accounts.opened: opened, Accounts.last_purchase: bought})
