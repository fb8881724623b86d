"""Measures of an alignment reproduce the worked example O6 and stay honest at the edges."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo_territory import scorecard
from geo_territory.scorecard import METRICS, measures, score
from geo_territory.tables import Scorecard

HOURS = pd.Series([1000.0, 1150, 1300, 1450, 1600], index=list("abcde"))
EQUAL = pd.Series(1.0, index=list("abcde"))


def test_o6_index_and_band():
    index = scorecard.workload_index(HOURS, EQUAL)
    assert index.tolist() == pytest.approx([76.923077, 88.461538, 100, 111.538462, 123.076923])
    assert scorecard.in_band(index).mean() == pytest.approx(0.60)


def test_o6_spread():
    assert scorecard.max_over_min(HOURS) == pytest.approx(1.6)
    assert scorecard.relative_range(HOURS) == pytest.approx(0.46153846)
    assert scorecard.variation(HOURS) == pytest.approx(0.163178, abs=1e-6)
    assert scorecard.gini(HOURS) == pytest.approx(0.0923077, abs=1e-7)
    assert scorecard.work_to_move(HOURS, EQUAL) == pytest.approx(450 / 6500, abs=1e-9)


def test_o6_unequal_capacity():
    hours, capacity = pd.Series({"a": 1200.0, "b": 800.0}), pd.Series({"a": 1320.0, "b": 792.0})
    assert scorecard.target_workload(hours, capacity).tolist() == pytest.approx([1250, 750])
    assert scorecard.workload_index(hours, capacity).tolist() == pytest.approx([96.0, 106.6666667])
    assert (hours / capacity).tolist() == pytest.approx([0.90909091, 1.01010101])
    assert scorecard.imbalance(hours, capacity) == pytest.approx(0.06666667)


def test_o6_composite():
    of_four = lambda share: pd.Series([share, 100 - share])  # noqa: E731
    index = scorecard.composite_index(of_four(28.0), of_four(22.0), of_four(25.0), pd.Series([0.25, 0.75]))
    assert index.iloc[0] == pytest.approx(1036)
    with pytest.raises(ValueError, match="sum to 1"):
        scorecard.composite_index(HOURS, HOURS, HOURS, EQUAL / 5, weights=(0.6, 0.3, 0.3))


def test_a_vacancy_is_shown_apart_and_never_as_balanced():
    index = scorecard.workload_index(pd.Series({"a": 10.0, "vacant": 5.0}), pd.Series({"a": 1.0, "vacant": 0.0}))
    assert index["a"] == pytest.approx(100 * 10 / 15)
    assert np.isnan(index["vacant"])
    assert not scorecard.in_band(index)["vacant"]


def test_a_square_has_the_compactness_of_a_square():
    assert scorecard.compactness(gpd.GeoSeries([shapely.box(0, 0, 5, 5)])).iloc[0] == pytest.approx(0.785398, abs=1e-6)


def test_accounts_know_how_far_their_base_is_and_whether_another_is_nearer():
    place = pd.DataFrame({"lat": [40.0, 40.0, np.nan], "lon": [-75.0, -74.1, -75.0]}, index=["x", "y", "z"])
    bases = pd.DataFrame({"lat": [40.0, 40.0], "lon": [-75.0, -74.0]}, index=["T1", "T2"])
    territory = pd.Series({"x": "T2", "y": "T2", "z": "T1"})
    km = scorecard.base_km(place, territory, bases)
    assert km["x"] == pytest.approx(85.17993, abs=1e-5)
    assert np.isnan(km["z"])
    assert scorecard.nearer_to_another_base(place, territory, bases) == pytest.approx(0.5)


def test_travel_share_of_the_outside_reps_of_o3():
    assert scorecard.travel_share(2020, 586.6666667) == pytest.approx(0.22506394)
    assert np.isnan(scorecard.travel_share(0, 0))


def test_a_scorecard_has_a_row_per_territory_and_measures_of_the_whole():
    totals = pd.DataFrame(
        {
            "weight": [90.0, 110.0],
            "workload": [90.0, 110.0],
            "travel_hours": [20.0, 30.0],
            "value": [1.0, 2.0],
            "accounts": [3, 4],
            "units": [1, 1],
        },
        index=pd.Index(["T1", "T2"], name="territory_id"),
    )
    shapes = gpd.GeoSeries([shapely.box(0, 0, 1000, 1000), shapely.box(1000, 0, 2000, 1000)], index=totals.index)
    rows = score(totals, pd.Series(1.0, index=totals.index), pd.Series(1, index=totals.index), shapes)
    assert rows[Scorecard.area_km2].tolist() == [1, 1]
    figures = measures(rows)
    assert figures["imbalance"] == pytest.approx(0.10)
    assert figures["contiguous"] == 1
    assert figures["travel_share"] == pytest.approx(0.25)
    assert set(figures) == {metric.key for metric in METRICS}


def test_no_territory_and_no_work_give_no_figure_rather_than_a_wrong_one():
    assert set(measures(Scorecard.empty()).values()) == {None}
    idle = pd.Series(0.0, index=["a", "b"])
    assert np.isnan(scorecard.gini(idle))
    assert np.isnan(scorecard.imbalance(idle, idle + 1))
    assert np.isnan(scorecard.max_over_min(pd.Series([0.0, 1.0])))


@given(st.lists(st.floats(0.01, 1e6), min_size=1, max_size=30))
def test_spread_has_the_same_value_in_any_order_and_any_unit(hours):
    workload = pd.Series(hours)
    for measure in (scorecard.gini, scorecard.variation, scorecard.relative_range):
        assert measure(workload[::-1] * 60) == pytest.approx(measure(workload), abs=1e-9)
    pairs = np.abs(workload.to_numpy()[:, None] - workload.to_numpy()).sum() / (2 * len(workload) ** 2 * workload.mean())
    assert scorecard.gini(workload) == pytest.approx(pairs, abs=1e-9)
