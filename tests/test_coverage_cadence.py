"""When a line is due, late or early, as of a day (F31, O9)."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_territory.coverage.cadence import GAPS, GAPS_KEPT, gaps_kept, line_cadence
from geo_territory.coverage_tables import STANDINGS
from geo_territory.tables import Calls, LineCadence
from tests.coverage_drawn import lines, log

AS_OF = date(2024, 3, 12)


def one(line, *calls, as_of=AS_OF):
    return line_cadence(lines(line), log(*calls), as_of).iloc[0]


def test_a_weekly_visit_eleven_days_ago_is_four_days_late():
    """O9: due on 8 March, 11 > 7 + 2."""
    row = one("a1 A outside visit weekly", "a1 R1 outside visit 2024-03-01")
    assert (row[LineCadence.days_since], row[LineCadence.days_late], row[LineCadence.standing]) == (11, 4, "overdue")
    assert row[LineCadence.due_date] == pd.Timestamp("2024-03-08")
    assert row[LineCadence.overdue_ratio] == pytest.approx(1.571429, abs=1e-6)


def test_a_monthly_call_over_the_leap_day_is_due_but_not_late():
    """O9: 26 days from 15 February to 12 March 2024, within 23 to 37; a year without a leap day has 25."""
    row = one("a1 A outside visit monthly", "a1 R1 outside visit 2024-02-15")
    assert (row[LineCadence.days_since], row[LineCadence.days_late], row[LineCadence.standing]) == (26, 0, "due")
    assert row[LineCadence.due_date] == pd.Timestamp("2024-03-16")
    other = one("a1 A outside visit monthly", "a1 R1 outside visit 2023-02-15", as_of=date(2023, 3, 12))
    assert other[LineCadence.days_since] == 25
    assert one("a1 A outside visit weekly", "a1 R1 outside visit 2024-02-29")[LineCadence.due_date] == pd.Timestamp("2024-03-07")


def test_what_was_never_called_is_never_and_has_no_days():
    row = one("a1 A outside visit weekly")
    assert row[LineCadence.standing] == "never"
    nothing = [LineCadence.last_counted, LineCadence.days_since, LineCadence.due_date, LineCadence.days_late, LineCadence.overdue_ratio]
    assert row[nothing].isna().all()


def test_a_line_that_asks_for_no_calls_is_never_due():
    for line in ("a1 C vp visit never", "a1 C vp visit 0"):
        row = one(line, "a1 V1 vp visit 2024-01-01")
        assert row[LineCadence.standing] == "no_plan"
        assert row[[LineCadence.interval_days, LineCadence.due_date, LineCadence.days_late, LineCadence.overdue_ratio]].isna().all()


@pytest.mark.parametrize(
    ("cadence", "interval", "grace"),
    [("weekly", 7, 2), ("biweekly", 14, 3), ("monthly", 30, 7), ("bimonthly", 61, 10), ("quarterly", 91, 14), ("semiannual", 182, 21),
     ("annual", 365, 30), ("24", 15, 3.25), ("0.5", 730, 30), ("365", 1, 2), ("2000", 1, 2)],
)  # fmt: skip
def test_due_lies_within_the_grace_around_the_due_date_and_one_day_beyond_is_not(cadence, interval, grace):
    line, last = f"a1 A outside visit {cadence}", "a1 R1 outside visit 2024-01-01"
    day = date(2024, 1, 1)
    found = one(line, last, as_of=day + timedelta(days=interval))
    assert (found[LineCadence.interval_days], found[LineCadence.grace_days]) == (interval, grace)
    assert found[LineCadence.standing] == "due"
    assert one(line, last, as_of=day + timedelta(days=int(interval + grace)))[LineCadence.standing] == "due"
    assert one(line, last, as_of=day + timedelta(days=int(interval + grace) + 1))[LineCadence.standing] == "overdue"
    early = int(np.ceil(interval - grace)) - 1
    if early >= 0:
        assert one(line, last, as_of=day + timedelta(days=early))[LineCadence.standing] == "not_due"


def test_only_calls_that_reached_somebody_by_then_count():
    line = "a1 A outside visit weekly"
    for call in ("2024-03-11 voicemail", "2024-03-11 no_answer", "2024-03-11 cancelled", "2024-03-11 planned", "2024-03-13"):
        assert one(line, f"a1 R1 outside visit {call}")[LineCadence.standing] == "never"
    assert one(line, "a1 R1 outside visit 2024-03-12")[LineCadence.days_since] == 0


def test_the_hour_of_a_call_and_the_change_of_the_clocks_move_no_date():
    """A visit at half past eleven in the evening before clocks went forward in the US, on 10 March 2024, is a visit of the 9th."""
    late = log("a1 R1 outside visit 2024-03-09")
    late[Calls.date] = pd.Timestamp("2024-03-09 23:30")
    row = line_cadence(lines("a1 A outside visit weekly"), late, AS_OF).iloc[0]
    assert (row[LineCadence.days_since], row[LineCadence.due_date]) == (3, pd.Timestamp("2024-03-16"))
    assert line_cadence(lines("a1 A outside visit weekly"), late, date(2024, 3, 9)).iloc[0][LineCadence.days_since] == 0
    assert line_cadence(lines("a1 A outside visit weekly"), late, date(2024, 3, 8)).iloc[0][LineCadence.standing] == "never"


def test_a_call_by_another_of_the_role_counts_and_by_another_role_does_not():
    line = "a1 A outside visit weekly"
    assert one(line, "a1 R9 outside visit 2024-03-11")[LineCadence.standing] == "not_due"
    assert one(line, "a1 I1 inside visit 2024-03-11")[LineCadence.standing] == "never"
    assert one(line, "a2 R1 outside visit 2024-03-11")[LineCadence.standing] == "never"


def test_a_visit_keeps_a_phone_line_and_a_phone_call_no_visit_line():
    plan = lines("a1 A outside visit weekly", "a1 A outside phone monthly")
    by_visit = line_cadence(plan, log("a1 R1 outside visit 2024-03-11"), AS_OF)
    assert by_visit[LineCadence.standing].tolist() == ["not_due", "not_due"]
    by_phone = line_cadence(plan, log("a1 R1 outside phone 2024-03-11"), AS_OF)
    assert by_phone[LineCadence.standing].tolist() == ["never", "not_due"]


def test_gaps_are_kept_when_no_longer_than_interval_and_grace():
    """O9: calls on days 1, 8, 17, 22, 40: gaps 7, 9, 5, 18, three of four kept."""
    calls = log(*(f"a1 R1 outside visit {date(2024, 1, 1) + timedelta(days=day - 1)}" for day in (1, 8, 17, 22, 40)))
    found = gaps_kept(lines("a1 A outside visit weekly", "a2 A outside visit weekly", "a1 A outside video never"), calls, AS_OF)
    assert found[GAPS].tolist() == [4, 0, 0]
    assert found[GAPS_KEPT].tolist() == [3, 0, 0]
    twice = pd.concat([calls, calls.set_axis([f"d{i}" for i in range(5)])])
    assert gaps_kept(lines("a1 A outside visit weekly"), twice, AS_OF).to_numpy().tolist() == [[4, 3]]


def test_no_lines_and_no_calls_are_no_trouble():
    assert line_cadence(lines(), log(), AS_OF).empty
    assert gaps_kept(lines(), log(), AS_OF).empty
    assert line_cadence(lines(), log("a1 R1 outside visit 2024-03-01"), AS_OF).empty


ACCOUNTS, ROLES, CHANNELS = ("a1", "a2", "a3"), ("outside", "inside"), ("visit", "phone", "email")
CALL = st.builds(
    lambda account, role, channel, day: f"{account} {role[0].upper()}1 {role} {channel} {date(2024, 1, 1) + timedelta(days=day)}",
    st.sampled_from(ACCOUNTS), st.sampled_from(ROLES), st.sampled_from(CHANNELS), st.integers(0, 120),
)  # fmt: skip
CADENCE = dict(zip(ACCOUNTS, ("weekly", "monthly", "45"), strict=True))
PLAN = lines(*(f"{account} A {role} {channel} {CADENCE[account]}" for account in ACCOUNTS for role in ROLES for channel in CHANNELS[:2]))


@settings(deadline=None, max_examples=40)
@given(st.lists(CALL, max_size=25), st.randoms(use_true_random=False), st.integers(0, 130))
def test_row_order_decides_nothing_and_every_line_has_one_standing(calls, chance, day):
    as_of = date(2024, 1, 1) + timedelta(days=day)
    found = line_cadence(PLAN, log(*calls), as_of)
    assert found[LineCadence.standing].isin(STANDINGS).all()
    assert (found[LineCadence.standing] == "never").equals(found[LineCadence.last_counted].isna())
    order = chance.sample(range(len(PLAN)), len(PLAN))
    mixed = line_cadence(PLAN.iloc[order], log(*chance.sample(calls, len(calls))), as_of)
    pd.testing.assert_frame_equal(mixed.sort_index(), found)
    kept = gaps_kept(PLAN, log(*calls), as_of)
    assert (kept[GAPS_KEPT] <= kept[GAPS]).all()


@settings(deadline=None, max_examples=30)
@given(st.lists(CALL, max_size=25), st.integers(0, 60), st.integers(1, 70))
def test_a_day_later_without_a_call_no_line_is_less_urgent(calls, day, more):
    first, then = (date(2024, 1, 1) + timedelta(days=d) for d in (day, day + more))
    quiet = log(*(call for call in calls if call.split()[-1] <= str(first)))
    urgency = {standing: i for i, standing in enumerate(("not_due", "due", "overdue", "never", "no_plan"))}
    now, later = (line_cadence(PLAN, quiet, on)[LineCadence.standing].map(urgency) for on in (first, then))
    assert (later >= now).all()
