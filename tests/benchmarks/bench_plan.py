"""Import 100,000 accounts from a CSV file and plan them for 50 territories: seconds by phase and peak memory.

The rival is scikit-learn's k-means on the same accounts and weights: what it takes, and how far it is out of balance.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from geo_territory import reference

ACCOUNTS, TERRITORIES = 100_000, 50


def synthetic_accounts(count: int, seed: int = 0) -> pd.DataFrame:
    """Return `count` made-up accounts at US towns drawn by population, with log-normal value [USD/year]."""
    random = np.random.default_rng(seed)
    towns = reference.cities()
    towns = towns[(towns["country"] == "US") & (towns["population"] > 0)].sort_values(["lat", "lon"])
    drawn = towns.iloc[random.choice(len(towns), count, p=(towns["population"] / towns["population"].sum()).to_numpy())]
    jitter = random.normal(0, 0.05, (count, 2))
    return pd.DataFrame(
        {
            "account_id": [f"A{i:06d}" for i in range(count)],
            "name": [f"Site {i}" for i in range(count)],
            "lat": (drawn["lat"].to_numpy() + jitter[:, 0]).round(5),
            "lon": (drawn["lon"].to_numpy() + jitter[:, 1]).round(5),
            "country": "US",
            "sales_12m": random.lognormal(9, 1.2, count).round(2),
        }
    )


def plan_in_its_own_process(path: Path, out: Path) -> tuple[float, float]:
    """Return seconds and peak memory [GB] of `geo-territory plan` on a file."""
    command = [
        sys.executable,
        "-c",
        "from geo_territory.cli import app; app()",
        "plan",
        str(path),
        "--territories",
        str(TERRITORIES),
        "--out",
        str(out),
    ]
    since = time.perf_counter()
    subprocess.run(command, check=True, env={**os.environ, "NO_COLOR": "1"})
    return time.perf_counter() - since, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6


def kmeans_rival(accounts: pd.DataFrame, hours: pd.Series) -> tuple[float, float]:
    """Return seconds and imbalance of scikit-learn's weighted k-means on the same accounts."""
    from sklearn.cluster import KMeans

    from geo_territory.projection import plane_around

    places = plane_around(accounts["lon"], accounts["lat"]).project(accounts["lon"], accounts["lat"])
    weight = hours.reindex(accounts["account_id"]).fillna(0.0).to_numpy()
    since = time.perf_counter()
    label = KMeans(TERRITORIES, n_init=1, random_state=0).fit(places, sample_weight=weight + 1e-9).labels_
    held = np.bincount(label, weight, TERRITORIES)
    return time.perf_counter() - since, float(np.abs(held / held.mean() - 1).max())


def main() -> None:
    """Print the table."""
    table = Table(title=f"{ACCOUNTS:,} accounts from CSV, {TERRITORIES} territories, tolerance 5 %")
    for heading in ("what", "seconds", "peak GB", "imbalance", "contiguous"):
        table.add_column(heading, justify="right")
    with tempfile.TemporaryDirectory() as folder:
        path, out = Path(folder) / "accounts.csv", Path(folder) / "out"
        accounts = synthetic_accounts(ACCOUNTS)
        accounts.to_csv(path, index=False)
        seconds, peak = plan_in_its_own_process(path, out)
        card = json.loads((out / "scorecard.json").read_text())
        table.add_row("geo-territory plan", f"{seconds:.1f}", f"{peak:.2f}", f"{card['imbalance']:.2%}", str(card["contiguous"]))
        for phase, took in card["seconds"].items():
            table.add_row(f"  {phase}", f"{took:.1f}", "", "", "")
        hours = pd.read_csv(out / "accounts.csv", usecols=["account_id", "workload_hours"], dtype={"account_id": "str"}).set_index(
            "account_id"
        )
        took, imbalance = kmeans_rival(accounts, hours["workload_hours"])
    table.add_row("scikit-learn KMeans, points only", f"{took:.1f}", "", f"{imbalance:.0%}", "no units")
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
