"""Accounts fall into tiers by value, each with a reason a rep can read (O1, O2, F1-F8)."""

from datetime import date

import jenkspy
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_territory.errors import PolicyError
from geo_territory.policy import TierRule
from geo_territory.tables import Accounts, Overrides, Tiers, TierSummary, Wallet
from geo_territory.tiers import (
    assign_tiers,
    goodness_of_variance_fit,
    moved_between,
    natural_breaks,
    override_rate,
    share_of_wallet,
    tier_summary,
    value_used,
)

O1 = (400, 250, 120, 80, 50, 40, 25, 20, 10, 5)


def accounts_of(profit=None, *, status="customer", ids=None, **columns):
    """One account per value: a00, a01, …"""
    n = len(profit if profit is not None else next(iter(columns.values())))
    ids = ids or [f"a{i:02d}" for i in range(n)]
    frame = pd.DataFrame(index=pd.Index(ids, name="account_id", dtype="str"), columns=Accounts.columns(), dtype="object")
    frame[Accounts.status] = status
    frame[Accounts.geocode_precision] = "none"
    if profit is not None:
        frame[Accounts.profit_12m] = profit
    return Accounts.check(frame.assign(**columns))


def letters(values, rule=None, **columns):
    return "".join(assign_tiers(accounts_of(values, **columns), rule or TierRule())[Tiers.tier])


@pytest.mark.parametrize(
    ("values", "tiers"),
    [
        (O1, "AAAABBBCCC"),
        ((100,), "A"),
        ((60, 20, 20), "AAA"),
        ((50, 30, 10, 10), "AABB"),
        ((100, -20, 0), "ACC"),
        ((100, None), "AC"),
        ((90, 10), "AB"),
        ((5, 10, 20, 25, 40, 50, 80, 120, 250, 400), "CCCBBBAAAA"),
    ],
)
def test_the_share_held_before_an_account_decides_its_tier(values, tiers):
    assert letters(values) == tiers


def test_the_share_before_and_the_number_are_those_of_the_worked_example():
    tiers = assign_tiers(accounts_of(O1), TierRule())
    assert tiers[Tiers.cum_share_before].tolist() == pytest.approx([0, 0.4, 0.65, 0.77, 0.85, 0.9, 0.94, 0.965, 0.985, 0.995])
    assert tiers[Tiers.value_rank].tolist() == list(range(1, 11))


def test_without_any_value_above_zero_all_are_c_and_a_warning_says_so(caplog):
    tiers = assign_tiers(accounts_of([0, 0, -1]), TierRule())
    assert tiers[Tiers.tier].tolist() == ["C", "C", "C"]
    assert tiers[Tiers.reason].iloc[0] == "C: no account has profit above 0, so nothing tells them apart: lowest tier"
    assert tiers[Tiers.cum_share_before].isna().all()
    assert "No account has profit above 0" in caplog.text


def test_the_reason_is_one_line_a_rep_can_read():
    values = [500_000, 120_000, 120_000, 60_000, None, -3, 12.5]
    assert assign_tiers(accounts_of(values), TierRule())[Tiers.reason].tolist() == [
        "A: profit 500,000 a year, number 1 of 7; none is better",
        "A: profit 120,000 a year, number 2 of 7; better accounts hold 62.5 % of the total",
        "A: profit 120,000 a year, number 2 of 7; better accounts hold 62.5 % of the total",
        "B: profit 60,000 a year, number 4 of 7; better accounts hold 92.5 % of the total",
        "C: no profit recorded, so the lowest tier",
        "C: profit -3 a year, not above 0, so the lowest tier",
        "C: profit 12.50 a year, number 5 of 7; better accounts hold 100 % of the total",
    ]


def test_auto_takes_the_first_value_column_with_something_in_it():
    accounts = accounts_of([0, 0], sales_12m=[5, 7], potential=[90, 10])
    assert value_used(accounts, TierRule()).tolist() == [5, 7]
    assert value_used(accounts, TierRule(value_field="potential")).tolist() == [90, 10]
    assert value_used(accounts.assign(annual_value=[1.0, 2.0]), TierRule()).tolist() == [1, 2]


def test_a_list_without_any_value_column_takes_the_middle_tier():
    tiers = assign_tiers(accounts_of([None, None, None]), TierRule())
    assert tiers[Tiers.tier].tolist() == ["B", "B", "B"]
    assert tiers[Tiers.value_used].tolist() == [1, 1, 1]
    assert tiers[Tiers.reason].iloc[0] == "B: no value recorded for any of 3 accounts, so all count equal and take the middle tier"
    assert tiers[Tiers.value_rank].isna().all()


def test_prospects_are_ranked_by_potential_among_themselves():
    accounts = accounts_of([900, 50, 50, 0, 0, 0], potential=[1, 1, 1, 800, 150, 50], status=["customer"] * 3 + ["prospect"] * 3)
    tiers = assign_tiers(accounts, TierRule())
    assert "".join(tiers[Tiers.tier]) == "ABBABC"
    assert tiers[Tiers.reason].iloc[4] == "B: potential 150 a year, number 2 of 3 prospects; better prospects hold 80 % of the total"
    together = assign_tiers(accounts, TierRule(prospects_apart=False))
    assert "".join(together[Tiers.tier]) == "ABBCCC"


def test_prospects_without_potential_use_the_value_or_else_count_equal():
    status = ["customer", "prospect", "prospect"]
    assert letters([10, 99, 1], status=status) == "AAC"
    equal = assign_tiers(accounts_of([10, 0, None], status=status), TierRule())
    assert "".join(equal[Tiers.tier]) == "ABB"
    assert "no value above 0 recorded for any of 2 prospects" in equal[Tiers.reason].iloc[1]


def test_a_closed_account_gets_the_lowest_tier_and_counts_for_nobody():
    accounts = accounts_of([1_000_000, 60, 40], status=["closed", "customer", "customer"])
    tiers = assign_tiers(accounts, TierRule(), Overrides.check(override("a00", "A")))
    assert "".join(tiers[Tiers.tier]) == "CAA"
    assert tiers[Tiers.reason].tolist()[0] == "C: closed, no calls are planned"
    assert tiers[Tiers.reason].tolist()[1].startswith("A: profit 60 a year, number 1 of 2")


def test_fixed_limits_part_the_values():
    rule = TierRule(method="thresholds", thresholds=(100_000, 10_000))
    tiers = assign_tiers(accounts_of([100_000, 99_999, 10_000, 5, 0]), rule)
    assert "".join(tiers[Tiers.tier]) == "ABBCC"
    assert tiers[Tiers.reason].iloc[0] == "A: profit 100,000 a year, number 1 of 5; the limit is 100,000"
    assert tiers[Tiers.reason].iloc[3] == "C: profit 5 a year, number 4 of 5; below the limit of 10,000"


@pytest.mark.parametrize(
    ("counts", "values", "tiers"),
    [
        ((2, 3), O1, "AABBBCCCCC"),
        ((0.2, 0.3), O1, "AABBBCCCCC"),
        ((0.1, 0.2), O1, "ABBCCCCCCC"),
        ((1, 1), (9, 9, 5, 1), "AACC"),
        ((3, 1), (9, 8, 0, 0), "AACC"),
    ],
)
def test_the_first_few_take_the_best_tier_and_equal_values_stay_together(counts, values, tiers):
    assert letters(values, TierRule(method="top", counts=counts)) == tiers


def test_natural_breaks_find_the_three_groups():
    """1 2 3 · 10 11 12 · 50 55"""
    values = pd.Series([1, 2, 3, 10, 11, 12, 50, 55])
    assert natural_breaks(values, 3).tolist() == [10, 50]
    assert letters(values.tolist(), TierRule(method="natural_breaks")) == "CCCBBBAA"
    assert goodness_of_variance_fit(values, pd.Series(list("CCCBBBAA"))) == pytest.approx(1 - 16.5 / 3312, abs=1e-12)
    assert round(1 - 16.5 / 3312, 6) == 0.995018
    assert goodness_of_variance_fit(pd.Series([4, 4]), pd.Series(["A", "A"])) is None
    assert letters([7, 7, 7], TierRule(method="natural_breaks")) == "AAA"
    assert letters([7, 5, 7], TierRule(method="natural_breaks")) == "ABA"


@given(st.lists(st.integers(1, 400), min_size=6, max_size=60, unique=True), st.integers(2, 5))
@settings(deadline=None, max_examples=60)
def test_natural_breaks_are_as_good_as_those_of_jenkspy(values, groups):
    values = pd.Series(values, dtype=float)
    ours = np.searchsorted(natural_breaks(values, groups), values, side="right")
    theirs = np.searchsorted(jenkspy.jenks_breaks(values.tolist(), n_classes=groups)[1:-1], values, side="left")
    assert goodness_of_variance_fit(values, pd.Series(ours)) >= goodness_of_variance_fit(values, pd.Series(theirs)) - 1e-9


def test_value_against_potential_says_grow_protect_develop():
    """
              low potential   high potential
    high      a01 protect     a00 grow
    low       a03 the rest    a02 develop
    """
    rule = TierRule(method="matrix", value_limit=100, potential_limit=1000)
    accounts = accounts_of([150, 150, 20, 20, 20, None], potential=[2000, 10, 2000, 10, None, 5000])
    tiers = assign_tiers(accounts, rule)
    assert "".join(tiers[Tiers.tier]) == "AABCCB"
    assert tiers[Tiers.reason].tolist()[:2] == [
        "A grow: high profit 150 (from 100), high potential 2,000 (from 1,000)",
        "A protect: high profit 150 (from 100), low potential 10 (below 1,000)",
    ]
    assert tiers[Tiers.reason].iloc[4] == "C the rest: low profit 20 (below 100), no potential recorded"
    four = TierRule(method="matrix", labels=("AA", "A", "B", "C"), value_limit=100, potential_limit=1000)
    assert assign_tiers(accounts, four)[Tiers.tier].tolist()[:4] == ["AA", "A", "B", "C"]
    two = TierRule(method="matrix", labels=("key", "other"), value_limit=100, potential_limit=1000)
    assert assign_tiers(accounts, two)[Tiers.tier].tolist()[:4] == ["key", "key", "other", "other"]


def test_a_score_weighs_percentile_ranks_and_reweights_what_is_missing():
    rule = TierRule(method="score", weights=(("profit_12m", 0.6), ("potential", 0.4)), counts=(1, 1))
    tiers = assign_tiers(accounts_of([40, 30, 20, 10, None], potential=[1, 2, 3, None, None]), rule)
    # profit ranks 1, .75, .5, .25; potential ranks 1/3, 2/3, 1
    assert "".join(tiers[Tiers.tier]) == "ABCCC"
    assert tiers[Tiers.reason].tolist() == [
        "A: score 0.73 of 1, number 1 of 5 accounts; the tier ends at number 1",
        "B: score 0.72 of 1, number 2 of 5 accounts; the tier ends at number 2",
        "C: score 0.70 of 1, number 3 of 5 accounts; the tiers above are full",
        "C: score 0.25 of 1, number 4 of 5 accounts; the tiers above are full; potential missing, the rest weighs more",
        "C: no profit and no potential recorded, so the lowest tier",
    ]
    limits = TierRule(method="score", weights=(("profit_12m", 1.0),), thresholds=(0.8, 0.5))
    assert letters([40, 30, 20, 10], limits) == "ABBC"
    breaks = TierRule(method="score", weights=(("profit_12m", 1.0),))
    assert letters([1, 1, 1, 1, 9], breaks) == "BBBBA"
    assert letters([None, None], breaks) == "BB"
    with pytest.raises(PolicyError, match="'name'"):
        letters([1, 2], TierRule(method="score", weights=(("name", 1.0),)))


def override(account_id, tier, reason="strategic account", until=None):
    row = {
        Overrides.tier: tier,
        Overrides.reason: reason,
        Overrides.set_by: "vp",
        Overrides.until: pd.Timestamp(until) if until else pd.NaT,
    }
    return pd.DataFrame(row, index=pd.Index([account_id], name="account_id"))


def test_an_override_holds_through_its_last_day_and_then_reverts():
    accounts, until = accounts_of(O1), "2026-06-30"
    during = assign_tiers(accounts, TierRule(), override("a09", "A", until=until), today=date(2026, 6, 30))
    assert during.loc["a09", [Tiers.tier, Tiers.computed_tier, Tiers.overridden]].tolist() == ["A", "C", True]
    assert during.loc["a09", Tiers.reason] == "A by override until 2026-06-30: strategic account (computed C)"
    assert override_rate(during) == 0.1
    after = assign_tiers(accounts, TierRule(), override("a09", "A", until=until), today=date(2026, 7, 1))
    assert after.loc["a09", [Tiers.tier, Tiers.overridden]].tolist() == ["C", False]
    assert after.loc["a09", Tiers.reason].endswith("; override to A ended 2026-06-30")
    assert override_rate(after) == 0


def test_an_override_without_end_or_of_an_account_that_left_is_fine_but_an_unknown_tier_is_not():
    both = pd.concat([override("a00", "C"), override("gone", "A")])
    tiers = assign_tiers(accounts_of(O1), TierRule(), both)
    assert tiers.loc["a00", Tiers.reason] == "C by override: strategic account (computed A)"
    assert list(tiers.index) == [f"a{i:02d}" for i in range(10)]
    with pytest.raises(PolicyError, match="tier D, the rule has A, B, C"):
        assign_tiers(accounts_of(O1), TierRule(), override("a00", "D"))


def test_the_summary_counts_every_account_and_shares_the_value():
    accounts = accounts_of([*O1, 0], potential=[0.0] * 10 + [70], status=["customer"] * 10 + ["prospect"])
    summary = tier_summary(accounts, assign_tiers(accounts, TierRule()))
    assert summary.index.tolist() == ["A", "B", "C"]
    assert summary[TierSummary.accounts].tolist() == [5, 3, 3]
    assert summary[TierSummary.value].tolist() == [850, 115, 35]
    assert summary[TierSummary.value_share].tolist() == pytest.approx([0.85, 0.115, 0.035])
    assert summary[TierSummary.prospect_value].tolist() == [70, 0, 0]


def test_a_change_of_the_value_lists_the_accounts_that_move():
    accounts = accounts_of([90, 8, 2], sales_12m=[1, 9, 90])
    by_profit, by_sales = (assign_tiers(accounts, TierRule(value_field=f)) for f in ("profit_12m", "sales_12m"))
    moves = moved_between(by_profit, by_sales)
    assert moves.reset_index().iloc[:, :5].values.tolist() == [["a02", "C", "A", 2, 90], ["a00", "A", "C", 90, 1]]
    assert moved_between(by_profit, by_profit).empty


def test_the_share_of_wallet_shows_the_gap_and_flags_the_impossible():
    accounts = accounts_of(
        sales_12m=[120_000, 500_000, None, None, 5],
        potential=[480_000, 480_000, 100, 100, 0],
        status=["customer", "customer", "customer", "prospect", "customer"],
    )
    wallet = share_of_wallet(accounts)
    assert wallet[Wallet.share_of_wallet].tolist()[:2] == [0.25, pytest.approx(500 / 480)]
    assert wallet[Wallet.growth_gap].iloc[0] == 360_000
    assert wallet[Wallet.doubtful].tolist() == [False, True, False, False, False]
    assert wallet[Wallet.share_of_wallet].isna().tolist() == [False, False, True, False, True]
    assert wallet[Wallet.growth_gap].iloc[3] == 100


@pytest.mark.parametrize("method", ["pareto", "natural_breaks", "matrix"])
def test_no_accounts_give_no_tiers(method):
    empty = Accounts.empty()
    tiers = assign_tiers(empty, TierRule(method=method))
    assert tiers.empty
    assert override_rate(tiers) is None
    assert value_used(empty, TierRule()).empty
    summary = tier_summary(empty, tiers)
    assert summary[TierSummary.accounts].tolist() == [0, 0, 0]
    assert summary[TierSummary.value_share].isna().all()
    assert share_of_wallet(empty).empty
    assert moved_between(tiers, tiers).empty


RULES = (
    TierRule(),
    TierRule(labels=("AA", "A", "B", "C"), shares=(0.5, 0.8, 0.95)),
    TierRule(method="top", counts=(0.2, 0.3)),
    TierRule(method="natural_breaks"),
    TierRule(method="score", weights=(("profit_12m", 1.0),)),
)
VALUES = st.lists(st.one_of(st.none(), st.integers(-50, 10_000)), min_size=1, max_size=40)


@given(VALUES, st.sampled_from(RULES), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=80)
def test_tiers_part_the_accounts_and_neither_row_order_nor_currency_matters(values, rule, random):
    accounts = accounts_of(values)
    tiers = assign_tiers(accounts, rule)
    assert list(tiers.index) == list(accounts.index)
    assert set(tiers[Tiers.tier]) <= set(rule.labels)
    assert tier_summary(accounts, tiers, rule.labels)[TierSummary.accounts].sum() == len(accounts)
    shuffled = list(accounts.index)
    random.shuffle(shuffled)
    pd.testing.assert_frame_equal(assign_tiers(accounts.loc[shuffled], rule).loc[accounts.index], tiers)
    scaled = accounts.assign(profit_12m=accounts[Accounts.profit_12m] * 4096)
    assert assign_tiers(scaled, rule)[Tiers.tier].tolist() == tiers[Tiers.tier].tolist()


@given(VALUES, st.sampled_from(RULES[:4]), st.lists(st.sampled_from(["customer", "prospect"]), min_size=40, max_size=40))
@settings(deadline=None, max_examples=80)
def test_within_a_list_more_value_never_means_a_worse_tier(values, rule, status):
    accounts = accounts_of(values, status=status[: len(values)])
    tiers = assign_tiers(accounts, rule)
    level = tiers[Tiers.tier].map(rule.labels.index)
    for _, ids in accounts.groupby(Accounts.status).groups.items():
        ordered = level[ids].loc[tiers[Tiers.value_used].loc[ids].fillna(-np.inf).sort_values(ascending=False).index]
        assert ordered.is_monotonic_increasing
        assert level[ids].groupby(tiers[Tiers.value_used].loc[ids]).nunique().le(1).all()
