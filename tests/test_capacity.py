"""Too many or too few people, what they can cover and what would fit (O3, O4, O5, O12, F14-F18)."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_territory.capacity import (
    break_even,
    cycle_calls,
    feasible_coverage,
    full_time_needed,
    most_accounts_per_rep,
    rep_capacity,
    sizing_verdict,
    smallest_cut,
    staffing,
    staffing_sentence,
    three_year_return,
    utilisation_band,
    whole_people,
)
from geo_territory.errors import PolicyError
from geo_territory.policy import CapacityPolicy, Role
from geo_territory.tables import PlanLines, Reps, Staffing, Workload

OUTSIDE, INSIDE, VP = CapacityPolicy().roles
PEOPLE = {"outside": 2, "inside": 1, "vp": 1}


def workload_of(**hours):
    """One account per role with its hours a year."""
    rows = {Workload.account_id: "a", Workload.role: list(hours), Workload.calls_per_year: 1.0, Workload.travel_hours: 0.0}
    return Workload.check(pd.DataFrame(rows).assign(call_hours=list(hours.values()), hours=list(hours.values())))


O3 = workload_of(outside=2020 + 1760 / 3, inside=1180, vp=220)


def lines_of(*rows):
    """(tier, role, channel, accounts, calls to each a year, hours)"""
    names = [PlanLines.tier, PlanLines.role, PlanLines.channel, PlanLines.accounts, PlanLines.calls_per_account, PlanLines.hours]
    return PlanLines.check(pd.DataFrame(rows, columns=names).assign(cadence="custom", calls_per_year=0, call_hours=0, travel_hours=0))


def sentence(role, people, workload=O3, cut=None):
    table = staffing(workload, None, CapacityPolicy(), {role.role: people})
    return staffing_sentence(table.loc[role.role], role, cut)


def test_two_outside_reps_one_inside_rep_and_a_vp_who_cannot_do_it():
    table = staffing(O3, None, CapacityPolicy(), PEOPLE)
    assert table[Staffing.capacity_per_person].tolist() == pytest.approx([1320, 1232, 176])
    assert table[Staffing.fte_needed].tolist() == pytest.approx([1.974747, 0.957792, 1.25], abs=5e-7)
    assert table[Staffing.people_needed].tolist() == [2, 1, 2]
    assert table[Staffing.utilisation].tolist() == pytest.approx([0.98737, 0.957792, 1.25], abs=5e-6)
    assert utilisation_band(table[Staffing.utilisation]).tolist() == ["ok", "ok", "over"]


def test_three_visits_a_year_are_what_the_vp_can_do():
    lines = lines_of(("A", "vp", "visit", 20, 4, 220), ("C", "vp", "visit", 220, 0, 0), ("A", "outside", "visit", 20, 52, 1646))
    cut = smallest_cut(lines, "vp", 176)
    assert (cut.tier, cut.channel, cut.calls_before, cut.calls_after) == ("A", "visit", 4, 3)
    assert cut.utilisation == pytest.approx(0.9375)
    assert sentence(VP, 1, cut=cut) == (
        "VPs of sales: 1.25 full-time people needed for 220 h a year, so 2; there is 1: 1 too few. "
        "That is 125 % of the 176 h they have; 3 visits a year to each A account instead of 4 would fit (93.8 % of the hours)."
    )


def test_a_rep_can_serve_sixteen_weekly_a_accounts():
    assert most_accounts_per_rep(1320, 52 * 95 / 60) == 16
    assert most_accounts_per_rep(1320, 1320 / 11) == 11
    assert most_accounts_per_rep(1320, 0) is None


@pytest.mark.parametrize(("work", "each", "full_time", "people"), [(1000 * 36 + 2000 * 12, 1000, 60, 60), (9100, 40 * 48 * 0.5, 9.479, 10)])
def test_published_examples_of_sizing_come_out(work, each, full_time, people):
    assert full_time_needed(work, each) == pytest.approx(full_time, abs=5e-4)
    assert whole_people(full_time_needed(work, each)) == people


def test_a_cycle_of_360_calls_is_overbooked_by_414():
    assert cycle_calls(6, 65, 5) == 360
    assert 414 / cycle_calls(6, 65, 5) == pytest.approx(1.15)


def test_hours_go_to_a_before_b_before_c():
    hours = pd.Series({"A": 900.0, "B": 600.0, "C": 400.0})
    assert feasible_coverage(1320, hours).tolist() == pytest.approx([1, 0.7, 0])
    assert feasible_coverage(5000, hours).tolist() == [1, 1, 1]
    assert feasible_coverage(0, hours).tolist() == [0, 0, 0]
    nothing_for_b = feasible_coverage(1000, hours.where(hours != 600, 0.0))
    assert nothing_for_b.isna().tolist() == [False, True, False]
    assert nothing_for_b["C"] == 0.25
    assert feasible_coverage(10, pd.Series(dtype=float)).empty


def test_a_force_that_returns_194_percent_is_too_small():
    assert break_even(200_000, 0.6) == pytest.approx(333_333, abs=0.5)
    assert 500_000 / break_even(200_000, 0.6) == pytest.approx(1.5)
    returned = three_year_return(500_000, 200_000, 0.6, 0.60, 0.36)
    assert returned == pytest.approx(1.94)
    assert [sizing_verdict(r) for r in (0.49, 0.5, 1.5, returned)] == ["too large", "the right size", "the right size", "too small"]
    with pytest.raises(PolicyError, match="0.6 means sixty percent"):
        break_even(200_000, 60)
    with pytest.raises(PolicyError, match="cost of the sellers"):
        three_year_return(500_000, 0, 0.6, 0.6, 0.36)


def test_leave_part_time_and_vacancies_count_in_the_hours_there_are():
    """r1 full time, r2 half time with 20 days of leave, r3 vacant"""
    reps = pd.DataFrame(
        {Reps.name: ["r1", "r2", "r3"], Reps.email: None, Reps.role: "outside", Reps.fte: [1, 0.5, 0], Reps.leave_days: [0, 20, 0]},
        index=pd.Index(["r1", "r2", "r3"], name="rep_id"),
    ).assign(lat=None, lon=None, territory_id=None)
    table = staffing(O3, Reps.check(reps), CapacityPolicy())
    assert table.loc["outside", Staffing.people] == 1.5
    assert table.loc["outside", Staffing.capacity] == 1320 + 200 * 8 * 0.75 * 0.5
    assert table.loc["vp", Staffing.people] == 0
    assert rep_capacity(OUTSIDE, fte=0) == 0
    assert rep_capacity(OUTSIDE, leave_days=300) == 0


def test_without_capacity_utilisation_is_not_available_rather_than_perfect():
    table = staffing(O3, None, CapacityPolicy())
    assert table[Staffing.utilisation].isna().all()
    assert utilisation_band(table[Staffing.utilisation]).isna().all()
    idle = staffing(Workload.empty(), None, CapacityPolicy(), PEOPLE)
    assert idle[Staffing.hours].tolist() == [0, 0, 0]
    assert idle[Staffing.people_needed].tolist() == [0, 0, 0]
    assert full_time_needed(100, 0) is None
    assert utilisation_band(pd.Series(dtype=float)).empty


def test_the_bands_of_utilisation_meet_at_their_limits():
    values = pd.Series([0.0, 0.849, 0.85, 1.0, 1.001, 1.15, 1.151])
    assert utilisation_band(values).tolist() == ["under", "under", "ok", "ok", "stretched", "stretched", "over"]


@pytest.mark.parametrize(
    ("role", "people", "words"),
    [
        (OUTSIDE, 14, "Outside reps: 1.97 full-time people needed for 2,607 h a year, so 2; there are 14: 12 too many."),
        (OUTSIDE, 2, "Outside reps: 1.97 full-time people needed for 2,607 h a year, so 2; there are 2: the right number."),
        (OUTSIDE, 0, "Outside reps: 1.97 full-time people needed for 2,607 h a year, so 2; there is nobody: 2 too few."),
        (INSIDE, 1, "Inside reps: 0.96 full-time people needed for 1,180 h a year, so 1; there is 1: the right number."),
        (INSIDE, 1.5, "Inside reps: 0.96 full-time people needed for 1,180 h a year, so 1; there are 1.5: 0.5 too many."),
        (VP, 1.25, "VPs of sales: 1.25 full-time people needed for 220 h a year, so 2; there are 1.25: the right number."),
    ],
)
def test_one_sentence_answers_too_many_or_too_few(role, people, words):
    assert sentence(role, people) == words


def test_the_sentence_minds_one_person_and_no_calls():
    assert sentence(INSIDE, 1, workload_of(inside=1232)).startswith("Inside reps: 1.00 full-time person needed for 1,232 h a year")
    assert sentence(VP, 1, workload_of(inside=1)) == "VPs of sales: no calls are planned, there is 1."


def test_the_lowest_tier_makes_room_first_and_keeps_a_call_if_it_can():
    a, b, c = (("A", "outside", "visit", 10, 52, 800), ("B", "outside", "visit", 40, 12, 480), ("C", "outside", "visit", 90, 4, 120))
    by_c = smallest_cut(lines_of(a, b, c), "outside", 1360)
    assert (by_c.tier, by_c.calls_after) == ("C", 2)
    by_b = smallest_cut(lines_of(a, b, c), "outside", 1250)
    assert (by_b.tier, by_b.calls_after, by_b.utilisation) == ("B", 8, pytest.approx(1240 / 1250))
    assert by_b.words == "8 visits a year to each B account instead of 12 would fit (99.2 % of the hours)"
    drops_c = smallest_cut(lines_of(("A", "outside", "visit", 10, 1, 100), ("C", "outside", "phone", 90, 1, 50)), "outside", 120)
    assert (drops_c.tier, drops_c.calls_after) == ("C", 0)
    assert drops_c.words.startswith("0 phone calls a year")


def test_there_is_no_cut_when_all_fits_or_only_people_can_help():
    lines = lines_of(("A", "outside", "visit", 10, 1, 100), ("B", "outside", "visit", 10, 1, 100))
    assert smallest_cut(lines, "outside", 200) is None
    assert smallest_cut(lines, "outside", 50) is None
    assert smallest_cut(lines.iloc[:1], "outside", 50) is None
    assert smallest_cut(lines, "outside", 0) is None
    assert smallest_cut(PlanLines.empty(), "outside", 100) is None


def test_a_role_without_hours_is_refused_by_name():
    policy = CapacityPolicy((Role("outside", "Outside rep", field=True),))
    with pytest.raises(PolicyError, match="role inside, vp: add it to outside"):
        staffing(O3, None, policy)


@settings(deadline=None)
@given(st.lists(st.floats(0, 5000), min_size=1, max_size=5), st.floats(0, 20_000))
def test_coverage_never_spends_more_than_there_is_nor_a_lower_tier_before_a_higher(hours, capacity):
    needed = pd.Series(hours)
    covered = feasible_coverage(capacity, needed)
    spent = (covered.fillna(0) * needed).sum()
    assert spent <= min(capacity, needed.sum()) * (1 + 1e-9) + 1e-6
    known = covered.dropna()
    assert (known.between(0, 1)).all()
    assert known.is_monotonic_decreasing


@settings(deadline=None)
@given(st.integers(1, 60), st.floats(10, 5000), st.floats(1, 5000))
def test_a_cut_always_fits_and_one_call_more_would_not(calls, hours, capacity):
    cut = smallest_cut(lines_of(("A", "outside", "visit", 1, calls, hours)), "outside", capacity)
    if hours <= capacity * (1 + 1e-9):
        assert cut is None or hours > capacity
    elif cut is None:
        assert hours / calls > capacity * (1 - 1e-6)
    else:
        assert cut.utilisation <= 1 + 1e-6
        assert hours * (cut.calls_after + 1) / calls > capacity * (1 - 1e-6)
