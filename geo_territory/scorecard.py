"""How good an alignment is: named measures, each a pure function (F16, F19-F21, F23, F24).

A measure that can't be computed is NA with nothing hidden behind it: never 0, never infinity.
`score` gives one row per territory; `METRICS` are the figures of the whole alignment made from those rows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from geo_territory.projection import haversine_km
from geo_territory.tables import Scorecard

BAND = (85.0, 115.0)
NAN = float("nan")


def target_workload(workload: pd.Series, capacity: pd.Series, whole: float | None = None) -> pd.Series:
    """Return what each territory should have by its share of capacity (F19), in the unit of `workload`.

    `capacity` may be in any unit, only shares count; a territory without capacity has a target of 0. `whole` is the sum of
    `workload` where that was added up otherwise: a sum by account is the same to the last digit whoever owns what.
    """
    capacity = capacity.reindex(workload.index).fillna(0.0).astype(float)
    total = capacity.sum()
    share = capacity / total if total > 0 else capacity * 0.0
    return ((workload.sum() if whole is None else whole) * share).rename(Scorecard.target)


def workload_index(workload: pd.Series, capacity: pd.Series, whole: float | None = None) -> pd.Series:
    """Return 100 x workload over target [points] (F19); NA where a territory has no capacity (a vacancy)."""
    target = target_workload(workload, capacity, whole)
    return (100.0 * workload / target.where(target > 0)).rename(Scorecard.balance_index)


def in_band(index: pd.Series) -> pd.Series:
    """Return whether each index lies in the 85-115 band (F19); a vacancy does not."""
    return index.between(*BAND).rename(Scorecard.in_band)


def imbalance(workload: pd.Series, capacity: pd.Series) -> float:
    """Return max abs(workload / target - 1) over the territories with capacity, a fraction >= 0 (engine contract)."""
    index = workload_index(workload, capacity).dropna()
    return float((index / 100.0 - 1.0).abs().max()) if len(index) else NAN


def composite_index(
    workload: pd.Series, potential: pd.Series, sales: pd.Series, ideal: pd.Series, weights: tuple[float, float, float] = (0.6, 0.3, 0.1)
) -> pd.Series:
    """Return the composite index [points, 1000 is ideal] of shares of workload, potential and sales (F20).

    `ideal` is each territory's ideal share; `weights` sum to 1.
    """
    if abs(sum(weights) - 1.0) > 1e-9:
        raise ValueError(f"Expected weights that sum to 1: got {weights}.")
    shares = [part / part.sum() if part.sum() else part * NAN for part in (workload, potential, sales)]
    return 1000.0 * sum(w * share for w, share in zip(weights, shares, strict=True)) / ideal


def max_over_min(workload: pd.Series) -> float:
    """Return the heaviest over the lightest workload, a ratio >= 1 (F21)."""
    return float(workload.max() / workload.min()) if len(workload) and workload.min() > 0 else NAN


def relative_range(workload: pd.Series) -> float:
    """Return (max - min) / mean, a fraction (F21)."""
    return float((workload.max() - workload.min()) / workload.mean()) if len(workload) and workload.mean() > 0 else NAN


def variation(workload: pd.Series) -> float:
    """Return the coefficient of variation, population sd over mean, a fraction (F21)."""
    return float(workload.std(ddof=0) / workload.mean()) if len(workload) and workload.mean() > 0 else NAN


def gini(workload: pd.Series) -> float:
    """Return the Gini coefficient in [0, 1): mean absolute difference of all pairs over twice the mean (F21)."""
    x = np.sort(workload.to_numpy(float))
    n = len(x)
    if n == 0 or x.sum() <= 0:
        return NAN
    return float(((2 * np.arange(1, n + 1) - n - 1) * x).sum() / (n * x.sum()))


def work_to_move(workload: pd.Series, capacity: pd.Series) -> float:
    """Return the share of all hours that must change hands to reach every target, in [0, 1] (F21)."""
    total = workload.sum()
    return float((workload - target_workload(workload, capacity)).abs().sum() / (2 * total)) if total > 0 else NAN


def compactness(shapes: gpd.GeoSeries) -> pd.Series:
    """Return Polsby-Popper 4 pi area / perimeter^2 in [0, 1] of shapes on an equal-area plane (F23, O12)."""
    return polsby_popper(shapes.area, shapes.length)


def polsby_popper(area: pd.Series, length: pd.Series) -> pd.Series:
    """Return 4 pi area / length^2 in [0, 1] of areas [m2] and the lengths of their outlines [m] (F23); NA where there is none."""
    return (4 * np.pi * area / length.where(length > 0) ** 2).clip(upper=1.0).rename(Scorecard.compactness)


def base_km(account_place: pd.DataFrame, territory: pd.Series, base_place: pd.DataFrame) -> pd.Series:
    """Return the distance [km] from each account to the base of its territory's rep (F24).

    `account_place` and `base_place` hold lat and lon in degrees, by account and by territory; `territory` is
    each account's territory. NA where a place or a base is missing.
    """
    base = base_place.reindex(territory.to_numpy())
    km = haversine_km(account_place["lon"], account_place["lat"], base["lon"].to_numpy(), base["lat"].to_numpy())
    return pd.Series(np.asarray(km, float), index=territory.index, name="base_km")


def nearer_to_another_base(account_place: pd.DataFrame, territory: pd.Series, base_place: pd.DataFrame) -> float:
    """Return the share of accounts, in [0, 1], that lie nearer to another territory's base than to their own (F24)."""
    own = base_km(account_place, territory, base_place)
    bases = base_place.dropna()
    if own.notna().sum() == 0 or len(bases) < 2:
        return NAN
    known = own.notna()
    place = account_place.loc[known]
    nearest = np.full(len(place), np.inf)
    for lat, lon in zip(bases["lat"], bases["lon"], strict=True):
        nearest = np.minimum(nearest, haversine_km(place["lon"], place["lat"], lon, lat))
    return float((nearest < own[known] - 1e-9).mean())


def travel_share(call_hours: float, travel_hours: float) -> float:
    """Return travel over travel and call hours, in [0, 1] (F24)."""
    total = call_hours + travel_hours
    return travel_hours / total if total > 0 else NAN


def score(totals: pd.DataFrame, capacity: pd.Series, pieces: pd.Series, shapes: gpd.GeoSeries) -> pd.DataFrame:
    """Return one Scorecard row per territory.

    `totals` holds weight (what is balanced), workload, travel hours, value, accounts and units by territory; `capacity` any unit;
    `pieces` the separate parts of each territory in the neighbour graph; `shapes` its area on an equal-area plane [m].
    """
    return Scorecard.check(rated(totals, capacity, pieces, shapes.area, shapes.length))


def rated(
    totals: pd.DataFrame, capacity: pd.Series, pieces: pd.Series, area: pd.Series, length: pd.Series, whole: float | None = None
) -> pd.DataFrame:
    """Return the rows of `score`, unchecked, of territories of so much area [m2] and so long an outline [m].

    `whole` as in `target_workload`; other parameters as in `score`.
    """
    index = workload_index(totals[Scorecard.weight], capacity, whole)
    return totals.assign(
        **{
            Scorecard.target: target_workload(totals[Scorecard.weight], capacity, whole),
            Scorecard.balance_index: index,
            Scorecard.in_band: in_band(index),
            Scorecard.pieces: pieces,
            Scorecard.area_km2: area / 1e6,
            Scorecard.compactness: polsby_popper(area, length),
        }
    )


@dataclass(frozen=True)
class Metric:
    """One figure of a whole alignment: `compute` takes Scorecard rows; `formula` is its number in the domain paper."""

    key: str
    label: str
    unit: str
    formula: str
    compute: Callable[[pd.DataFrame], float]


def _weight(rows: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    return rows[Scorecard.weight], rows[Scorecard.target]


def _call_and_travel(rows: pd.DataFrame) -> tuple[float, float]:
    travel = float(rows[Scorecard.travel_hours].sum())
    return float(rows[Scorecard.workload].sum()) - travel, travel


METRICS: tuple[Metric, ...] = (
    Metric("imbalance", "Largest distance from target", "share", "F19", lambda rows: imbalance(*_weight(rows))),
    Metric(
        Scorecard.in_band,
        "Territories in the 85-115 band",
        "share",
        "F19",
        lambda rows: float(rows[Scorecard.in_band].mean()) if len(rows) else NAN,
    ),
    Metric("max_over_min", "Heaviest over lightest", "ratio", "F21", lambda rows: max_over_min(rows[Scorecard.weight])),
    Metric("relative_range", "Range over mean", "share", "F21", lambda rows: relative_range(rows[Scorecard.weight])),
    Metric("variation", "Coefficient of variation", "share", "F21", lambda rows: variation(rows[Scorecard.weight])),
    Metric("gini", "Gini coefficient", "share", "F21", lambda rows: gini(rows[Scorecard.weight])),
    Metric("work_to_move", "Hours that must change hands", "share", "F21", lambda rows: work_to_move(*_weight(rows))),
    Metric(
        "contiguous",
        "Territories in one piece",
        "share",
        "F23",
        lambda rows: float((rows[Scorecard.pieces] <= 1).mean()) if len(rows) else NAN,
    ),
    Metric(
        Scorecard.compactness,
        "Mean compactness",
        "share",
        "F23",
        lambda rows: float(rows[Scorecard.compactness].mean()) if len(rows) else NAN,
    ),
    Metric("travel_share", "Travel in all hours", "share", "F24", lambda rows: travel_share(*_call_and_travel(rows))),
)


def measures(rows: pd.DataFrame) -> dict[str, float | None]:
    """Return every metric of Scorecard rows by its key; None where it can't be computed."""
    figures = {metric.key: metric.compute(rows) for metric in METRICS}
    return {key: None if np.isnan(value) else float(value) for key, value in figures.items()}
