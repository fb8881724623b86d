"""The solver on hexagons, county-like maps, points and fourteen published states, beside scikit-learn's k-means.

Run `python -m tests.benchmarks solve`. Seconds are wall time of this run; the first solve compiles and isn't counted.
Inertia is relative: to k-means (which ignores balance) for points, to the published plan for states.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table
from scipy import sparse
from scipy.spatial import Delaunay, cKDTree
from sklearn.cluster import KMeans

from geo_territory.balancing import Problem, Result, solve

STATES = Path(__file__).parents[3] / "shared" / "data" / "us-states-2010"
EARTH_RADIUS_KM = 6371.0
HEADINGS = ("work", "units", "territories", "heaviest unit", "tolerance", "seconds", "imbalance", "in pieces", "inertia", "gap")


def main() -> None:
    """Print one table of every work."""
    console = Console(width=130)
    table = Table(title="Balancing", caption="heaviest unit: in territories; gap: inertia above the proved bound")
    for heading in HEADINGS:
        table.add_column(heading, justify="left" if heading == "work" else "right")
    solve(_delaunay_map(np.random.default_rng(0).uniform(0, 1, (500, 2)), np.ones(500), 5))
    _add_maps(table)
    _add_points(table)
    if STATES.exists():
        _add_states(table)
    console.print(table)
    if not STATES.exists():
        console.print(f"Skipped: the published states ({STATES.name}) aren't beside the project.")


def _add(table: Table, name: str, problem: Problem, tolerance: float, relative: Callable[[Result], str]) -> None:
    began = time.perf_counter()
    result = solve(problem, tolerance)
    seconds = time.perf_counter() - began
    heaviest = problem.share.max() * problem.territories
    table.add_row(
        name,
        f"{problem.units:,}",
        str(problem.territories),
        f"{heaviest:.2f}",
        f"{tolerance:.1%}",
        f"{seconds:.2f}",
        f"{result.imbalance:.2%}",
        str(int((result.pieces > 1).sum())),
        relative(result),
        f"{result.gap:.1%}",
    )


def _add_maps(table: Table) -> None:
    random = np.random.default_rng(1)
    position, weight = random.uniform(0, 4e6, (3100, 2)), random.lognormal(0, 1, 3100)
    for territories in (20, 50, 100):
        _add(table, "map like US counties", _delaunay_map(position, weight, territories), 0.05, lambda _: "")
    for accounts in (12_000, 4_000):
        _add(table, f"hexagons, {accounts:,} accounts", _hexagons(accounts), 0.05, lambda _: "")


def _add_points(table: Table) -> None:
    """Add 100,000 points in towns; the rival ignores balance, so its row says how far off it is."""
    position = _towns(100_000, np.random.default_rng(2))
    began = time.perf_counter()
    rival = KMeans(50, n_init=1, random_state=0).fit(position)
    seconds = time.perf_counter() - began
    held = np.bincount(rival.labels_, minlength=50)
    off = f"{np.abs(held / held.mean() - 1).max():.0%}"
    table.add_row("points, scikit-learn KMeans", "100,000", "50", "0.00", "none", f"{seconds:.2f}", off, "?", "1.000", "")
    linked, alone = _delaunay_map(position, np.ones(100_000), 50), Problem(position, np.ones(100_000), None, np.ones(50))
    _add(table, "points with neighbours", linked, 0.01, lambda r: f"{r.inertia / rival.inertia_:.3f}")
    _add(table, "points alone", alone, 0.01, lambda r: f"{r.inertia / rival.inertia_:.3f}")


def _add_states(table: Table) -> None:
    instances = pd.read_csv(STATES / "instances.csv", index_col=0)
    units = pd.read_csv(STATES / "units.csv.gz", dtype={"unit_id": str})
    pairs = pd.read_csv(STATES / "neighbours.csv.gz", dtype=str)
    ratios = []
    for name, row in instances.iterrows():
        problem = _state(units[units["instance"] == name], pairs[pairs["instance"] == name], int(row["territories"]))
        published = row["published_inertia_person_km2"]

        def relative(result: Result, published: float = published) -> str:
            ratios.append(result.inertia / published)
            return f"{ratios[-1]:.4f}"

        _add(table, str(name), problem, 0.005, relative)
    table.add_row("fourteen states, mean", "", "", "", "", "", "", "", f"{np.mean(ratios):.4f}", "")


def _state(units: pd.DataFrame, pairs: pd.DataFrame, territories: int) -> Problem:
    units = units.sort_values("unit_id")
    number = pd.Series(np.arange(len(units)), units["unit_id"])
    lat, lon = np.radians(units["lat"].to_numpy()), np.radians(units["lon"].to_numpy())
    position = EARTH_RADIUS_KM * np.column_stack([(lon - lon.mean()) * np.cos(lat.mean()), lat - lat.mean()])
    graph = _graph(len(units), number[pairs["unit_a"]].to_numpy(), number[pairs["unit_b"]].to_numpy())
    return Problem(position, units["population"].to_numpy(float), graph, np.ones(territories))


def _graph(n: int, a: np.ndarray, b: np.ndarray) -> sparse.csr_array:
    return sparse.coo_array((np.ones(2 * len(a)), (np.concatenate([a, b]), np.concatenate([b, a]))), shape=(n, n)).tocsr()


def _delaunay_map(position: np.ndarray, weight: np.ndarray, territories: int) -> Problem:
    corners = Delaunay(position).simplices
    a, b = np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [2, 0]]]).T
    return Problem(position, weight, _graph(len(position), a, b), np.ones(territories))


def _towns(count: int, random: np.random.Generator) -> np.ndarray:
    """Return places of accounts crowded in 60 towns of very different size, in a unit square."""
    town, size = random.uniform(0.05, 0.95, (60, 2)), random.lognormal(0, 1, 60)
    return town[random.choice(60, count, p=size / size.sum())] + random.normal(0, 0.03, (count, 2))


def _hexagons(accounts: int) -> Problem:
    """Return 40,000 hexagons, most of them empty, for 40 territories."""
    random = np.random.default_rng(3)
    row, column = np.divmod(np.arange(40_000), 200)
    position = np.column_stack([column + 0.5 * (row % 2), row * np.sqrt(3) / 2]) / 200
    home = cKDTree(position).query(_towns(accounts, random))[1]
    return _delaunay_map(position, np.bincount(home, random.lognormal(0, 1, accounts), 40_000), 40)


if __name__ == "__main__":
    main()
