"""The worlds the benchmarks and the proofs are run on: accounts in towns, hexagons, US counties, published states.

All come from one seed and the geography bundled with the package, but for the published states, which lie beside the project.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse import csgraph
from scipy.spatial import Delaunay, cKDTree

from geo_territory import reference, units
from geo_territory.balancing import Problem
from geo_territory.design import Design
from geo_territory.projection import plane_around
from geo_territory.tables import Accounts, Cities, Counties, ZipPoints
from geo_territory.units import neighbor_matrix

STATES = Path(__file__).parents[3] / "shared" / "data" / "us-states-2010"
EARTH_RADIUS_M = 6_371_000.0
BEYOND_THE_48 = ("AK", "HI", "PR", "AS", "GU", "MP", "VI")
PEOPLE_PER_ZIP = 40_000
HEAVIEST_HEXAGON = 0.04


def graph_of(n: int, a: np.ndarray, b: np.ndarray) -> sparse.csr_array:
    """Return the symmetric graph of n units whose pairs of neighbours are (a, b)."""
    return sparse.coo_array((np.ones(2 * len(a), np.int8), (np.concatenate([a, b]), np.concatenate([b, a]))), shape=(n, n)).tocsr()


def delaunay_graph(position: np.ndarray) -> sparse.csr_array:
    """Return which places share an edge of the Delaunay triangulation; a place met twice neighbours its twin."""
    triangles = Delaunay(position)
    corners, twins = triangles.simplices, triangles.coplanar
    pairs = np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [2, 0]], twins[:, [0, 2]]])
    return graph_of(len(position), pairs[:, 0], pairs[:, 1])


def small_map(n: int, territories: int, seed: int) -> Problem:
    """Return n units at random places, weights log-normal, neighbours by Delaunay less one edge in five (still in one piece)."""
    random = np.random.default_rng(seed)
    position, weight = random.uniform(0, 100_000, (n, 2)), random.lognormal(0, 0.7, n)
    graph = sparse.triu(delaunay_graph(position)).tocoo()
    length = np.hypot(*(position[graph.row] - position[graph.col]).T)
    tree = csgraph.minimum_spanning_tree(sparse.coo_array((length, (graph.row, graph.col)), shape=(n, n))).tocoo()
    kept = random.uniform(size=len(length)) < 0.8
    pairs = np.concatenate([graph.row[kept], tree.row]), np.concatenate([graph.col[kept], tree.col])
    return Problem(position, weight, graph_of(n, *pairs), np.ones(territories))


def a_year_later(problem: Problem, current: np.ndarray) -> Problem:
    """Return the problem with `current` (n,) as its start and every weight grown or shrunk by a quarter or so."""
    grown = problem.weight[:, 0] * np.random.default_rng(1).lognormal(0, 0.25, problem.units)
    return replace(problem, weight=grown, start=current)


def accounts_in_us_towns(count: int, seed: int = 0) -> pd.DataFrame:
    """Return the places (lat, lon in degrees) of made-up accounts about US towns drawn by population, and a value [USD/year]."""
    random = np.random.default_rng(seed)
    towns = reference.cities()
    towns = towns[(towns[Cities.country] == "US") & (towns[Cities.population] > 0)].sort_values([Cities.lat, Cities.lon])
    people = towns[Cities.population].to_numpy(float)
    drawn = towns.iloc[random.choice(len(towns), count, p=people / people.sum())]
    jitter = random.normal(0, 0.05, (count, 2))
    return pd.DataFrame(
        {
            Accounts.lat: drawn[Cities.lat].to_numpy() + jitter[:, 0],
            Accounts.lon: drawn[Cities.lon].to_numpy() + jitter[:, 1],
            Accounts.annual_value: random.lognormal(9, 1.2, count),
        }
    )


def points_in_us_towns(count: int, territories: int, *, weighted: bool, linked: bool, seed: int = 0) -> Problem:
    """Return accounts of the 48 states as units; weighted by value or all alike; linked by Delaunay or without neighbours."""
    accounts = accounts_in_us_towns(count + count // 20 + 50, seed)
    inside = accounts[Accounts.lat].between(24, 50) & accounts[Accounts.lon].between(-126, -66)
    accounts = accounts[inside].iloc[:count]
    lon, lat = accounts[Accounts.lon].to_numpy(), accounts[Accounts.lat].to_numpy()
    position = plane_around(lon, lat).project(lon, lat)
    weight = accounts[Accounts.annual_value].to_numpy() if weighted else np.ones(count)
    return Problem(position, weight, delaunay_graph(position) if linked else None, np.ones(territories))


def points_in_crowds(count: int, territories: int, crowds: int = 60, seed: int = 2) -> Problem:
    """Return equal points crowded about towns of very different size in a square of 1,000 km, linked by Delaunay."""
    position = _crowded(count, crowds, np.random.default_rng(seed))
    return Problem(position, np.ones(count), delaunay_graph(position), np.ones(territories))


def hexagons(territories: int, rows: int = 240, columns: int = 200, seed: int = 3) -> Problem:
    """Return rows x columns hexagons holding the value of 20,000 accounts in towns, most of them none.

    A hexagon above 4 % of a territory is cut down to that: the product divides such hexagons.
    """
    random = np.random.default_rng(seed)
    row, column = np.divmod(np.arange(rows * columns), columns)
    position = np.column_stack([column + 0.5 * (row % 2), row * np.sqrt(3) / 2]) * 1e6 / columns
    home = cKDTree(position).query(_crowded(20_000, 60, random))[1]
    weight = np.bincount(home, random.lognormal(0, 1, 20_000), len(position))
    for _ in range(20):
        weight = np.minimum(weight, HEAVIEST_HEXAGON * weight.sum() / territories)
    pairs = cKDTree(position).query_pairs(1.01e6 / columns, output_type="ndarray")
    return Problem(position, weight, graph_of(len(position), *pairs.T), np.ones(territories))


def _crowded(count: int, crowds: int, random: np.random.Generator) -> np.ndarray:
    town, size = random.uniform(0.05, 0.95, (crowds, 2)), random.lognormal(0, 1, crowds)
    return (town[random.choice(crowds, count, p=size / size.sum())] + random.normal(0, 0.03, (count, 2))) * 1e6


@cache
def _people() -> pd.DataFrame:
    """Return the ZIP codes of the 48 states as accounts, with the people (`annual_value`) each stands for.

    The package bundles no county population, so each town's population goes in equal shares to the ZIP codes of its state nearest
    to it, one for every 40,000 people. New York City goes without: its boroughs are listed too.
    """
    zips = reference.zip_points()
    zips = zips[zips[ZipPoints.state].notna() & ~zips[ZipPoints.state].isin([*BEYOND_THE_48, "AA", "AE", "AP", "FM", "MH", "PW"])]
    towns = reference.cities()
    towns = towns[(towns[Cities.country] == "US") & (towns[Cities.population] > 0) & (towns[Cities.name] != "New York City")]
    people = np.zeros(len(zips))
    for state, rows in zips.groupby(ZipPoints.state).indices.items():
        places = towns[towns[Cities.state] == state]
        squeeze = np.array([1.0, np.cos(np.radians(places[Cities.lat].mean()))])
        near = cKDTree(zips[[ZipPoints.lat, ZipPoints.lon]].to_numpy()[rows] * squeeze)
        for place, living in zip(places[[Cities.lat, Cities.lon]].to_numpy() * squeeze, places[Cities.population], strict=True):
            count = min(len(rows), -(-living // PEOPLE_PER_ZIP))
            people[rows[near.query(place, k=count)[1]]] += living / count
    return pd.DataFrame({Accounts.lat: zips[ZipPoints.lat], Accounts.lon: zips[ZipPoints.lon], Accounts.country: "US", "people": people})


@cache
def counties() -> tuple[Problem, pd.Index]:
    """Return the 3,108 counties of the 48 states weighted by people, as one territory, and their ids: FIPS codes."""
    people = _people()
    drawn = units.counties(people, people["people"])
    held = units.sums_by_unit(people["people"], units.unit_of_account(people, drawn)).reindex(drawn.units.index, fill_value=0.0)
    return Problem(drawn.position, held.to_numpy(), units.neighbor_matrix(drawn), np.ones(1)), drawn.units.index


def counties_shared(territories: int, heaviest: float = np.inf) -> Problem:
    """Return the 3,108 counties for that many territories, none weighing more than `heaviest` of a territory.

    As they are, 50 territories within 5 % don't exist: Los Angeles is 1.8 of one, and what lies behind Queens 1.2.
    """
    whole, _ = counties()
    weight = whole.weight[:, 0]
    for _ in range(50):
        weight = np.minimum(weight, heaviest * weight.sum() / territories)
    return Problem(whole.position, weight, whole.neighbors, np.ones(territories))


def counties_of(state: str, territories: int) -> Problem:
    """Return the counties of one of the 48 states, by its postal code, weighted by people."""
    whole, fips = counties()
    of_state = reference.counties()[Counties.state].reindex(fips).eq(state).to_numpy()
    return _part(whole, np.flatnonzero(of_state), territories)


def counties_around_nashville(count: int, territories: int) -> Problem:
    """Return the `count` counties nearest to Nashville, weighted by people: for rivals that can't take all."""
    whole, fips = counties()
    apart = ((whole.position - whole.position[fips.get_loc("47037")]) ** 2).sum(1)
    return _part(whole, np.sort(np.argsort(apart, kind="stable")[:count]), territories)


def _part(whole: Problem, chosen: np.ndarray, territories: int) -> Problem:
    graph = whole.neighbors[chosen][:, chosen]
    if csgraph.connected_components(graph, directed=False)[0] > 1:
        raise ValueError("Expected counties that hang together.")
    return Problem(whole.position[chosen], whole.weight[chosen], graph, np.ones(territories))


@dataclass(frozen=True, eq=False)
class PublishedState:
    """Tracts or counties of one state, with the inertia [person m^2], imbalance and seconds of the best plan published."""

    name: str
    problem: Problem
    inertia: float
    imbalance: float
    seconds: float


def published_states(folder: Path = STATES) -> list[PublishedState]:
    """Return the published instances, by name; an empty list when they don't lie beside the project."""
    if not folder.exists():
        return []
    instances = pd.read_csv(folder / "instances.csv", index_col=0)
    tracts = pd.read_csv(folder / "units.csv.gz", dtype={"unit_id": str}).sort_values(["instance", "unit_id"])
    pairs = pd.read_csv(folder / "neighbours.csv.gz", dtype=str)
    return [
        PublishedState(
            str(name),
            _state(tracts[tracts["instance"] == name], pairs[pairs["instance"] == name], int(row["territories"])),
            row["published_inertia_person_km2"] * 1e6,
            row["published_imbalance"],
            row["published_seconds"],
        )
        for name, row in instances.iterrows()
    ]


def _state(tracts: pd.DataFrame, pairs: pd.DataFrame, territories: int) -> Problem:
    number = pd.Series(np.arange(len(tracts)), tracts["unit_id"])
    lat, lon = np.radians(tracts["lat"].to_numpy()), np.radians(tracts["lon"].to_numpy())
    position = EARTH_RADIUS_M * np.column_stack([(lon - lon.mean()) * np.cos(lat.mean()), lat - lat.mean()])
    graph = graph_of(len(tracts), number[pairs["unit_a"]].to_numpy(), number[pairs["unit_b"]].to_numpy())
    return Problem(position, tracts["population"].to_numpy(float), graph, np.ones(territories))


def border_units(design: Design, seed: int = 1) -> list[tuple[int, str]]:
    """Return every unit (its position) at a border, each with a neighbour's territory, in a drawn order."""
    owner = design.alignment.territory_of.reindex(design.unit_map.units.index).to_numpy()
    graph = neighbor_matrix(design.unit_map).tocoo()
    pairs = [(int(u), str(owner[v])) for u, v in zip(graph.row, graph.col, strict=True) if owner[u] != owner[v]]
    chosen: dict[int, str] = {}
    for place in np.random.default_rng(seed).permutation(len(pairs)):
        chosen.setdefault(*pairs[place])
    return list(chosen.items())
