"""Whom to call next, and why (F39)."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_territory.coverage.cadence import line_cadence
from geo_territory.coverage.next_best import next_best
from geo_territory.tables import NextBest
from tests.coverage_drawn import lines, log

AS_OF = date(2024, 3, 12)


def listed(plan, calls, value=None, km=None, tiers="", **more):
    """The list for a plan of lines; `tiers` names accounts without a line, as "a9:C"."""
    drawn = lines(*plan)
    tier = {line.split()[0]: line.split()[1] for line in plan} | dict(pair.split(":") for pair in tiers.split())
    tier = pd.Series(tier, dtype="str").rename_axis(NextBest.account_id)
    worth, far = (pd.Series(given or {}, dtype=float).reindex(tier.index) for given in (value, km))
    return next_best(line_cadence(drawn, log(*calls), AS_OF), tier, worth, far, **more)


def test_a_row_says_why_it_stands_there():
    plan = [f"a{i} A outside visit weekly" for i in range(1, 7)] + ["b1 B outside visit monthly", "c1 C outside visit never"]
    days = {"a2": "2024-03-01", "a3": "2024-03-05", "a4": "2024-03-06", "a5": "2024-03-04", "a6": "2024-03-11", "b1": "2024-03-11"}
    calls = [f"{account} R1 outside visit {day}" for account, day in days.items()]
    found = listed(plan, calls, km={"a1": 0.4, "a2": 18.2, "a3": 1203.0}, tiers="c2:C")
    assert found[NextBest.reason].to_dict() == {
        "a1": "A, never called, under 1 km",
        "a2": "A, 4 days late, 18 km",
        "a5": "A, due 1 day ago",
        "a3": "A, due today, 1,203 km",
        "a4": "A, due in 1 day",
        "a6": "A, due in 6 days",
        "b1": "B, due in 29 days",
        "c1": "C, no calls planned",
        "c2": "C, no calls planned",
    }
    assert found[NextBest.place].tolist() == list(range(1, 10))
    assert found.loc["a2", [NextBest.days_late, NextBest.standing, NextBest.channel]].tolist() == [4, "overdue", "visit"]
    assert found.loc["a1", [NextBest.due_date, NextBest.days_late]].isna().all()
    assert found.loc[["c1", "c2"], NextBest.channel].isna().all()


def test_overdue_and_never_called_come_by_tier_then_due_then_the_rest():
    """An overdue C comes before a due A; of one tier the never called first, then the most overdue."""
    plan = [f"{account} {account[0].upper()} outside visit weekly" for account in ("a1", "a2", "a3", "a4", "b1", "b2", "c1")]
    calls = [
        f"{a} R1 outside visit {day}" for a, day in (("a1", "2024-03-05"), ("a2", "2024-02-20"), ("a3", "2024-02-01"), ("b1", "2024-03-10"))
    ]
    assert listed(plan, calls).index.tolist() == ["a4", "a3", "a2", "b2", "c1", "a1", "b1"]
    assert listed(plan, calls, labels=("C", "B", "A")).index.tolist() == ["c1", "b2", "a4", "a3", "a2", "a1", "b1"]


def test_equals_go_by_value_then_by_distance_then_by_id():
    plan = [f"a{i} A outside visit weekly" for i in range(1, 7)]
    found = listed(plan, [], value={"a4": 9.0, "a5": 10.0, "a3": 9.0, "a2": 9.0}, km={"a3": 3.0, "a2": 5.0})
    assert found.index.tolist() == ["a5", "a3", "a2", "a4", "a1", "a6"]


def test_the_most_urgent_line_places_an_account_and_presets_the_channel():
    plan = ["a1 A outside phone monthly", "a1 A outside visit weekly", "a2 A outside visit weekly", "a2 A outside phone weekly"]
    found = listed(plan, ["a1 R1 outside visit 2024-02-20", "a2 R1 outside phone 2024-03-10"], called=pd.Index(["a1", "a2"]))
    assert found[NextBest.channel].to_dict() == {"a1": "visit", "a2": "visit"}
    assert found[NextBest.reason].to_dict() == {"a2": "A, no visit yet", "a1": "A, 14 days late"}


def test_no_accounts_make_an_empty_list():
    assert listed([], []).empty
    assert listed([], [], tiers="a1:A")[NextBest.standing].tolist() == ["no_plan"]


CALL = st.builds(lambda n, day: f"a{n} R1 outside visit {AS_OF - timedelta(days=day)}", st.integers(0, 7), st.integers(0, 60))


@settings(deadline=None, max_examples=50)
@given(st.lists(CALL, max_size=12), st.lists(st.sampled_from("ABC"), min_size=8, max_size=8), st.randoms(use_true_random=False))
def test_row_order_decides_nothing_and_no_overdue_account_of_a_better_tier_waits(calls, tiers, chance):
    plan = [f"a{n} {tier} outside visit weekly" for n, tier in enumerate(tiers)]
    found = listed(plan, calls)
    mixed = listed(chance.sample(plan, len(plan)), chance.sample(calls, len(calls)))
    pd.testing.assert_frame_equal(mixed, found)
    late = found[found[NextBest.standing].isin(["never", "overdue"])]
    assert late[NextBest.place].tolist() == list(range(1, len(late) + 1))
    assert late[NextBest.tier].is_monotonic_increasing
    of_tier = late.groupby(NextBest.tier)[NextBest.overdue_ratio]
    assert of_tier.apply(lambda ratio: ratio.fillna(np.inf).is_monotonic_decreasing).all()
