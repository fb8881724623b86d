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

from geo_territory.tables import Accounts
from tests.benchmarks.report import Goal, Report
from tests.benchmarks.worlds import accounts_in_us_towns

ACCOUNTS, TERRITORIES = 100_000, 50


def account_file(count: int) -> pd.DataFrame:
    """Return made-up accounts as a file would have them, with log-normal sales [USD/year]."""
    drawn = accounts_in_us_towns(count)
    return pd.DataFrame(
        {
            "account_id": [f"A{i:06d}" for i in range(count)],
            "name": [f"Site {i}" for i in range(count)],
            "lat": drawn[Accounts.lat].round(5),
            "lon": drawn[Accounts.lon].round(5),
            "country": "US",
            "sales_12m": drawn[Accounts.annual_value].round(2),
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
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env={**os.environ, "NO_COLOR": "1"})
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


def run(quick: bool) -> Report:
    """Return the table."""
    report = Report(f"{ACCOUNTS:,} accounts from CSV, {TERRITORIES} territories, tolerance 5 %")
    with tempfile.TemporaryDirectory() as folder:
        path, out = Path(folder) / "accounts.csv", Path(folder) / "out"
        account_file(ACCOUNTS).to_csv(path, index=False)
        seconds, peak = plan_in_its_own_process(path, out)
        card = json.loads((out / "scorecard.json").read_text())
        contiguous = Goal("all contiguous", card["contiguous"])
        plan = {"seconds": f"{seconds:.1f}", "imbalance": f"{card['imbalance']:.2%}", "goal": str(contiguous)}
        report.tell(method="geo-territory plan", **plan, peak_GB=f"{peak:.2f}")
        for phase, took in card["seconds"].items():
            report.tell(method=f"… {phase}", seconds=f"{took:.1f}")
        planned = pd.read_csv(out / "accounts.csv", usecols=["account_id", "workload_hours"], dtype={"account_id": "str"})
        accounts = pd.read_csv(path, usecols=["account_id", "lat", "lon"], dtype={"account_id": "str"})
        took, imbalance = kmeans_rival(accounts, planned.set_index("account_id")["workload_hours"])
    report.tell(method="scikit-learn KMeans, points only", seconds=f"{took:.1f}", imbalance=f"{imbalance:.0%}")
    return report
