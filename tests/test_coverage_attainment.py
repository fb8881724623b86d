"""What was made of what was planned: never a miss hidden by calls made elsewhere (F10, F25-F29, F32, O8, O9)."""

import time
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_territory.coverage.attainment import Attained, attained, dealt_out, measures, plan_stretches, planned_in
from geo_territory.coverage.cadence import line_cadence
from geo_territory.coverage.next_best import next_best
from geo_territory.coverage.pace import expected_calls, free_days, pace
from geo_territory.errors import PolicyError
from geo_territory.policy import CallPattern, CallPolicy
from geo_territory.tables import Calendar, CallPlan, Calls, DaysOff, LineAttainment, Ownership, PlanStretches
from tests.coverage_drawn import held, log

START, END = date(2024, 1, 1), date(2024, 3, 31)


def policy(*drawn):
    """Call patterns: "A outside visit weekly" a line; a number for a custom cadence."""
    patterns = []
    for line in drawn:
        tier, role, channel, cadence = line.split()
        custom = float(cadence) if cadence[0].isdigit() else None
        patterns.append(CallPattern(tier, role, channel, cadence if custom is None else "custom", 60, calls_per_year=custom))
    return CallPolicy(tuple(patterns))


PATTERNS = policy("A outside visit weekly", "B outside visit monthly", "C outside visit monthly")
O8 = held(*(f"{name.lower()} {name[0]} outside R1 2023-01-01" for name in ("A1", "A2", "B1", "B2", "C1", "C2")))
O8_LOG = log(
    *(f"{account} R1 outside visit 2024-01-02 x{times}" for account, times in (("a1", 13), ("a2", 8), ("b1", 4), ("b2", 3), ("c1", 6))),
    "z9 R1 outside visit 2024-02-01 x5", "c2 R1 outside visit 2024-01-04 voicemail", "a2 R1 outside visit 2024-01-20 cancelled",
)  # fmt: skip


def work(ownership, patterns, calls, as_of=END, **more):
    return attained(plan_stretches(ownership, patterns, START, END), calls, START, as_of, **more)


def test_a_quarter_is_measured_to_the_digit():
    """O8: what a rep made of 38 planned calls with 39."""
    found = work(O8, PATTERNS, O8_LOG)
    assert found.lines[LineAttainment.planned].tolist() == [13, 13, 3, 3, 3, 3]
    assert found.lines[LineAttainment.made].tolist() == [13, 8, 4, 3, 6, 0]
    figures = measures(found)
    expected = {
        "reach": (5, 6, 83.333), "raw": (34, 38, 89.474), "capped": (30, 38, 78.947), "frequency": (4, 6, 66.667),
        "adherence": (2, 6, 33.333), "off_plan": (5, 39, 12.821), "misdirected": (9, 39, 23.077), "average_calls": (34, 5, 680),
    }  # fmt: skip
    for name, (numerator, denominator, percent) in expected.items():
        assert (figures[name].numerator, figures[name].denominator) == (numerator, denominator), name
        assert round(100 * figures[name].value, 3) == percent, name
    assert (figures["over_calls"].value, figures["left"].value, figures["forbidden"].value) == (4, 8, 0)
    by_tier = [measures(found.of_tier(tier))["capped"] for tier in "ABC"]
    assert [(m.numerator, m.denominator) for m in by_tier] == [(21, 26), (6, 6), (3, 6)]
    assert measures(found.of_rep("R1")) == figures


def test_a_phone_call_does_not_keep_a_visit_line_but_any_contact_does():
    """O8: 9 visits and 4 phone calls of 13 visits; 3 met and 2 voicemails are 3 calls."""
    calls = log("a1 R1 outside visit 2024-01-02 x9", "a1 R1 outside phone 2024-02-02 x4")
    figures = measures(work(held("a1 A outside R1 2023-01-01"), PATTERNS, calls))
    assert round(100 * figures["raw"].value, 3) == round(100 * figures["capped"].value, 3) == 69.231
    assert figures["any_contact"].value == 1
    calls = log("b1 R1 outside visit 2024-01-02 x3", "b1 R1 outside visit 2024-02-02 voicemail x2")
    assert work(held("b1 B outside R1 2023-01-01"), PATTERNS, calls).lines[LineAttainment.made].tolist() == [3]


def test_visits_above_their_plan_serve_the_phone_line_and_phone_calls_never_the_visits():
    patterns = policy("A outside visit quarterly", "A outside phone monthly")
    owned = held("a1 A outside R1 2023-01-01")
    over = work(owned, patterns, log("a1 R1 outside visit 2024-01-02 x3", "a1 R1 outside phone 2024-02-02"))
    assert over.lines[[LineAttainment.channel, LineAttainment.planned, LineAttainment.made]].to_numpy().tolist() == [
        ["visit", 1, 1],
        ["phone", 3, 3],
    ]
    under = work(owned, patterns, log("a1 R1 outside phone 2024-02-02 x5"))
    assert under.lines[LineAttainment.made].tolist() == [0, 5]
    assert under.lines[LineAttainment.made_any].tolist() == [1, 4]
    saturated = work(owned, patterns, log("a1 R1 outside visit 2024-01-02 x6"))
    assert saturated.lines[LineAttainment.made].tolist() == [3, 3]


def test_an_account_counts_from_the_day_it_was_taken_over():
    """O9: monthly for 45 days of a leap year is 1.475, weekly 6.39; a call before that day belongs to who had it."""
    both = policy("A outside visit weekly", "A outside phone monthly")
    owned = held("a1 A outside R1 2023-01-01 2024-02-15", "a1 A outside R2 2024-02-16", "a2 A outside R2 2023-01-01")
    planned = planned_in(plan_stretches(owned, both, START, END))
    by = {(account, rep, channel): calls for (account, _, rep, _, channel), calls in planned.items()}
    assert (by["a1", "R2", "phone"], by["a1", "R2", "visit"]) == (1, 6)
    assert (by["a2", "R2", "phone"], by["a2", "R2", "visit"]) == (3, 13)
    calls = log("a1 R1 outside visit 2024-02-15", "a1 R2 outside visit 2024-02-15", "a1 R2 outside visit 2024-02-16")
    found = work(owned, both, calls)
    mine = found.lines[found.lines[LineAttainment.channel] == "visit"].set_index([LineAttainment.account_id, LineAttainment.rep_id])
    assert mine[LineAttainment.made].to_dict() == {("a1", "R1"): 1, ("a1", "R2"): 1, ("a2", "R2"): 0}
    assert measures(found)["off_plan"].numerator == 1
    assert measures(work(owned, both, calls, by_anybody=True))["off_plan"].numerator == 0
    assert planned_in(plan_stretches(held("a1 A outside R1 2024-04-01"), both, START, END)).empty
    quarterly = policy("A outside visit quarterly")
    assert planned_in(plan_stretches(held("a1 A outside R1 2023-01-01"), quarterly, START, END)).tolist() == [1]


def test_days_of_one_line_add_up_before_they_are_rounded():
    """Two half quarters of a quarterly line are one call, not two halves rounded up."""
    split = held("a1 A outside R1 2023-01-01 2024-02-15", "a1 A outside R1 2024-02-16")
    for cadence in ("quarterly", "monthly", "weekly", "7"):
        whole = planned_in(plan_stretches(held("a1 A outside R1 2023-01-01"), policy(f"A outside visit {cadence}"), START, END))
        assert planned_in(plan_stretches(split, policy(f"A outside visit {cadence}"), START, END)).equals(whole)


def test_a_call_where_the_pattern_says_never_is_told_and_is_misdirected():
    patterns = policy("C vp visit never", "A vp visit quarterly")
    owned = held("c1 C vp V1 2023-01-01", "a1 A vp V1 2023-01-01")
    figures = measures(work(owned, patterns, log("c1 V1 vp visit 2024-01-05 x2", "a1 V1 vp visit 2024-01-05")))
    assert (figures["forbidden"].value, figures["over_calls"].value, figures["off_plan"].value) == (2, 2, 0)
    assert (figures["capped"].numerator, figures["capped"].denominator, figures["reach"].value) == (1, 1, 1)
    assert (figures["raw"].value, figures["misdirected"].value) == (1, 2 / 3)


@pytest.mark.parametrize(("owned", "calls"), [((), ()), ((), ("a1 R1 outside visit 2024-02-01",)), (("c1 C vp V1 2024-01-01",), ())])
def test_where_nothing_is_planned_there_is_no_figure_but_a_reason(owned, calls):
    figures = measures(work(held(*owned), policy("A outside visit weekly", "C vp visit never"), log(*calls)))
    for name in ("reach", "raw", "capped", "any_contact", "frequency", "adherence"):
        assert figures[name].value is None
        assert "nothing is planned" in figures[name].reason
    assert (figures["off_plan"].value is None) == (not calls)


def test_a_period_that_ends_before_it_starts_is_refused():
    with pytest.raises(PolicyError, match="swap the dates"):
        plan_stretches(O8, PATTERNS, END, START)


def test_what_is_made_is_never_more_than_was_called_and_only_moves_down():
    """Dealt out by hand: visit 1 planned, 4 made; no video line; phone 2 planned, 1 made; email 0 planned."""
    strict, any_contact = dealt_out(np.array([[1, -1, 2, 0]]), np.array([[4, 1, 1, 1]]))
    assert strict.tolist() == [[4, 0, 2, 1]]
    assert any_contact.tolist() == strict.tolist()
    strict, any_contact = dealt_out(np.array([[5, -1, -1, -1]]), np.array([[1, 0, 3, 3]]))
    assert strict.tolist() == [[1, 0, 0, 0]]
    assert any_contact.tolist() == [[7, 0, 0, 0]]


@settings(deadline=None, max_examples=200)
@given(st.lists(st.integers(-1, 6), min_size=4, max_size=4), st.lists(st.integers(0, 6), min_size=4, max_size=4))
def test_dealing_out_fills_as_much_of_the_plan_as_can_be(planned, made):
    plan = np.array([planned])
    strict, any_contact = dealt_out(plan, np.array([made]))
    assert (strict[plan < 0] == 0).all()
    assert strict.sum() <= any_contact.sum() == (sum(made) if max(planned) >= 0 else 0)
    asked = np.maximum(planned, 0)
    filled = np.minimum(strict[0], asked).sum()
    assert filled == _most(asked, made)
    assert np.minimum(any_contact[0], asked).sum() == min(asked.sum(), sum(made)) if max(planned) >= 0 else True


def _most(asked, made):
    """The most of a plan that calls can serve when each serves its own channel or a weaker one: weakest lines can use all."""
    served, free = 0, list(made)
    for channel in range(4):
        need = asked[channel]
        for stronger in range(channel, -1, -1):
            take = min(need, free[stronger])
            free[stronger], need, served = free[stronger] - take, need - take, served + take
    return served


STRETCH = st.builds(
    lambda account, tier, role, rep, first, length: (
        f"{account} {tier} {role} {rep} {START + timedelta(days=first)} {START + timedelta(days=first + length)}"
    ),
    st.sampled_from(("a1", "a2")), st.sampled_from("AB"), st.just("outside"), st.sampled_from(("R1", "R2")),
    st.integers(0, 60), st.integers(0, 20),
)  # fmt: skip
CALL = st.builds(
    lambda account, rep, channel, day: f"{account} {rep} outside {channel} {START + timedelta(days=day)}",
    st.sampled_from(("a1", "a2", "a3")), st.sampled_from(("R1", "R2")), st.sampled_from(("visit", "phone", "email")), st.integers(-5, 95),
)  # fmt: skip
MIXED = policy("A outside visit 60", "A outside phone 30", "B outside email monthly", "B outside visit never")


@settings(deadline=None, max_examples=60)
@given(st.lists(STRETCH, max_size=4, unique_by=lambda s: s[:2]), st.lists(CALL, max_size=20), st.randoms(use_true_random=False))
def test_what_holds_of_every_plan_and_log(stretches, calls, chance):
    found = work(held(*stretches), MIXED, log(*calls))
    figures = measures(found)
    if figures["capped"].value is not None:
        assert 0 <= figures["capped"].value <= 1
        assert figures["capped"].value <= figures["raw"].value
        assert figures["capped"].value <= figures["any_contact"].value <= 1
        assert figures["reach"].value <= 1
        assert figures["capped"].numerator + figures["left"].value == figures["capped"].denominator
    assert found.lines[LineAttainment.made].sum() <= len(found.calls)
    mixed = work(held(*chance.sample(stretches, len(stretches))), MIXED, log(*chance.sample(calls, len(calls))))
    pd.testing.assert_frame_equal(mixed.lines, found.lines)
    assert measures(mixed) == figures
    crowd = work(held(*stretches, "b9 A outside R9 2024-01-01"), MIXED, log(*calls, "b9 R9 outside visit 2024-01-09 x3"))
    for rep in ("R1", "R2"):
        assert measures(crowd.of_rep(rep)) == measures(found.of_rep(rep))


@settings(deadline=None, max_examples=40)
@given(st.lists(CALL, max_size=20), st.integers(0, 90))
def test_a_period_in_two_parts_holds_the_calls_of_both(calls, cut):
    split, owned = START + timedelta(days=cut), held("a1 A outside R1 2023-01-01", "a2 B outside R2 2023-01-01")
    made = log(*calls)
    first = attained(plan_stretches(owned, MIXED, START, split), made, START, split)
    rest = split + timedelta(days=1)
    parts = [len(first.calls)]
    if rest <= END:
        parts.append(len(attained(plan_stretches(owned, MIXED, rest, END), made, rest, END).calls))
    assert sum(parts) == len(work(owned, MIXED, made).calls)


def test_pace_knows_weekends_days_off_and_when_an_account_came():
    """Q1 2024 has 65 weekdays; after ten of them a weekly line of 13 expects 2."""
    stretches = plan_stretches(held("a1 A outside R1 2023-01-01"), PATTERNS, START, END)
    assert expected_calls(stretches, START) == 0
    assert expected_calls(stretches, date(2024, 1, 15)) == pytest.approx(13 * 10 / 65)
    assert expected_calls(stretches, date(2024, 1, 14)) == pytest.approx(13 * 10 / 65)
    assert expected_calls(stretches, date(2024, 4, 1)) == expected_calls(stretches, date(2025, 1, 1)) == 13
    off = {"R1": [date(2024, 1, 1) + timedelta(days=i) for i in range(7)]}
    assert expected_calls(stretches, date(2024, 1, 15), off) == pytest.approx(13 * 5 / 60)
    assert expected_calls(stretches, date(2024, 1, 15), {"R2": off["R1"]}) == pytest.approx(13 * 10 / 65)
    late = plan_stretches(held("a1 A outside R1 2024-02-16"), PATTERNS, START, END)
    assert expected_calls(late, date(2024, 2, 16)) == 0
    assert expected_calls(late, date(2024, 2, 19)) == pytest.approx(6 / 31)


def test_on_pace_is_ninety_percent_and_unknown_before_the_first_day():
    stretches = plan_stretches(held("a1 A outside R1 2023-01-01"), policy("A outside visit 260"), START, END)
    assert expected_calls(stretches, date(2024, 1, 15)) == pytest.approx(10)
    assert pace(stretches, 9, date(2024, 1, 15)).on_pace is True
    assert pace(stretches, 8, date(2024, 1, 15)).on_pace is False
    assert pace(stretches, 0, START).on_pace is None
    assert "no workday" in pace(stretches, 0, START).reason
    nothing = pace(plan_stretches(held(), PATTERNS, START, END), 0, END)
    assert (nothing.on_pace, nothing.reason) == (None, "nothing is planned in this period")


def test_days_without_calls_are_ones_own_those_of_the_role_and_everybodys():
    calendar = Calendar.check(
        pd.DataFrame(
            [
                ("2024-01-15", "holiday", "Martin Luther King Day", None, None), ("2024-02-01", "training", None, "inside", None),
                ("2024-02-02", "training", "Ride-along", None, "R1"), ("2024-02-05", "training", "Other", None, "R2"),
            ],
            columns=Calendar.columns(),
        )
    )  # fmt: skip
    off = DaysOff.check(pd.DataFrame([("R1", "2024-03-01", None), ("R2", "2024-03-04", "sick leave")], columns=DaysOff.columns()))
    assert free_days("R1", "outside", off, calendar) == {
        date(2024, 1, 15): "Martin Luther King Day", date(2024, 2, 2): "Ride-along", date(2024, 3, 1): "day off",
    }  # fmt: skip
    assert free_days("R2", "inside", off, calendar)[date(2024, 2, 1)] == "training"
    assert free_days("R1", "outside", None, None) == {}


def test_ten_thousand_accounts_and_a_hundred_thousand_calls_take_well_under_a_second():
    """By CPU time, tables given: due dates, attainment and the order to call in."""
    rng, count = np.random.default_rng(1), 10_000
    accounts = np.array([f"a{i:05d}" for i in range(count)])
    tier, rep = rng.choice(list("ABC"), count), np.array([f"R{i % 40:02d}" for i in range(count)])
    owned = pd.DataFrame({Ownership.account_id: accounts, Ownership.role: "outside", Ownership.rep_id: rep, Ownership.tier: tier})
    owned = owned.assign(**{Ownership.valid_from: pd.Timestamp("2023-01-01"), Ownership.valid_to: pd.NaT})
    pick = rng.integers(0, count, 100_000)
    calls = pd.DataFrame({Calls.account_id: accounts[pick], Calls.rep_id: rep[pick], Calls.role: "outside", Calls.duration_min: 30.0})
    calls[Calls.date] = pd.Timestamp("2023-10-01") + pd.to_timedelta(rng.integers(0, 180, len(calls)), unit="D")
    calls[Calls.channel] = rng.choice(["visit", "phone"], len(calls))
    calls[Calls.outcome] = rng.choice(["met", "connected", "voicemail"], len(calls))
    calls.index = pd.Index([f"c{i:06d}" for i in range(len(calls))], name=Calls.call_id)
    plan = pd.DataFrame({CallPlan.account_id: accounts, CallPlan.role: "outside", CallPlan.channel: "visit", CallPlan.tier: tier})
    plan = plan.assign(**{CallPlan.cadence: "monthly", CallPlan.calls_per_year: 12.0})
    began = time.process_time()
    due = line_cadence(plan, calls, END)
    listed = next_best(due, pd.Series(tier, index=accounts), pd.Series(1.0, index=accounts), pd.Series(2.0, index=accounts))
    stretches = plan_stretches(owned, PATTERNS, START, END)
    figures = measures(attained(stretches, calls, START, END))
    spent = time.process_time() - began
    assert len(listed) == figures["reach"].denominator == count
    assert isinstance(attained(stretches, calls, START, END), Attained)
    assert stretches[PlanStretches.rep_id].nunique() == 40
    assert spent < 1.0
