"""Policies check themselves and survive a trip through TOML."""

import pytest

from geo_territory.errors import PolicyError
from geo_territory.policy import CallPattern, CallPolicy, DesignPolicy, Policy, Role, TierRule, TravelPolicy


def test_a_policy_comes_back_from_toml_unchanged():
    policy = Policy(
        tier_rule=TierRule(method="score", weights=(("profit_12m", 0.6), ("potential", 0.4))),
        calls=CallPolicy((CallPattern("A", "outside", "visit", "custom", 50, 10, 12.5, 40.0),), weekly_calls=48),
        design=DesignPolicy(territories=3, tolerance=0.1),
    )
    assert Policy.from_toml(policy.to_toml()) == policy
    assert Policy.from_toml("") == Policy()


def test_a_policy_saves_to_and_loads_from_a_file(tmp_path):
    Policy().save(tmp_path / "policy.toml")
    assert Policy.load(tmp_path / "policy.toml") == Policy()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: TierRule(method="abc"), "tier method"),
        (lambda: TierRule(shares=(0.95, 0.8)), "rising shares"),
        (lambda: TierRule(shares=(0.8,)), "2 rising shares"),
        (lambda: TierRule(labels=("A",)), "two to five"),
        (lambda: TierRule(method="thresholds", thresholds=(10, 100)), "falling thresholds"),
        (lambda: TierRule(method="top", counts=(0, 1)), "counts above 0"),
        (lambda: TierRule(method="score", weights=(("potential", 0.4),)), "sum to 1"),
        (lambda: CallPattern("A", "outside", "fax", "weekly", 60), "channel"),
        (lambda: CallPattern("A", "outside", "visit", "sometimes", 60), "cadence"),
        (lambda: CallPattern("A", "outside", "visit", "custom", 60), "calls_per_year"),
        (lambda: CallPattern("A", "outside", "visit", "weekly", -1), "minutes"),
        (
            lambda: CallPolicy((CallPattern("A", "vp", "visit", "annual", 1), CallPattern("A", "vp", "visit", "never", 1))),
            "Two call patterns",
        ),
        (lambda: Role("vp", "VP", field=True, nonselling_share=25), "nonselling_share"),
        (lambda: TravelPolicy(circuity=0.9), "circuity"),
        (lambda: DesignPolicy(tolerance=5), "0.05 means five percent"),
        (lambda: DesignPolicy(territories=0), "at least one territory"),
        (lambda: Policy.from_toml("tier_rule = 3"), "table of fields"),
        (lambda: Policy.from_toml("[design]\nterritory = 3"), "unknown territory"),
        (lambda: Policy.from_toml("[design]\nterritories = 'ten'"), "policy.design.territories"),
        (lambda: Policy.from_toml("x = "), "not valid TOML"),
    ],
)
def test_a_value_out_of_range_is_refused_with_the_accepted_range(make, words):
    with pytest.raises(PolicyError, match=words):
        make()


def test_weekly_can_mean_working_weeks():
    weekly = CallPattern("A", "outside", "visit", "weekly", 60)
    assert CallPolicy().calls_per_year(weekly) == 52
    assert CallPolicy(weekly_calls=48).calls_per_year(weekly) == 48
