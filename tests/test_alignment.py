import pandas as pd
import pytest

from geo_territory.alignment import (
    Alignment,
    Move,
    difference,
    disruption,
    start_from_accounts,
    territory_of_account,
)
from geo_territory.errors import UnitsError


@pytest.fixture
def east_west() -> Alignment:
    return Alignment(pd.Series({"u1": "West", "u2": "West", "u3": "East"}), "outside")


def test_a_move_returns_a_new_alignment_and_leaves_the_old_one_as_it_was(east_west):
    after = east_west.move("u2", "East")
    assert after.units_of("East") == ("u2", "u3")
    assert east_west.units_of("East") == ("u3",)


def test_a_move_may_open_a_new_territory_and_empty_an_old_one(east_west):
    assert east_west.move(["u3"], "North").territories == ("North", "West")


def test_moving_a_unit_that_is_not_on_the_map_names_it(east_west):
    with pytest.raises(UnitsError, match="u9"):
        east_west.move(["u1", "u9"], "East")
    with pytest.raises(UnitsError, match="u9"):
        east_west.after([Move(("u9",), "East")])


def test_moves_are_applied_in_their_order(east_west):
    there_and_on = [Move(("u1", "u2"), "East"), Move(("u2",), "North")]
    assert dict(east_west.after(there_and_on).territory_of) == {"u1": "East", "u2": "North", "u3": "East"}
    assert east_west.after([]) == east_west


def test_equality_ignores_the_order_of_units_and_minds_the_role(east_west):
    shuffled = pd.Series({"u3": "East", "u1": "West", "u2": "West"})
    assert Alignment(shuffled, "outside") == east_west
    assert Alignment(shuffled, "inside") != east_west
    assert east_west.move("u1", "East") != east_west


def test_changing_the_table_an_alignment_was_made_of_does_not_change_the_alignment():
    table = pd.Series({"u1": "West"})
    alignment = Alignment(table, "outside")
    table.loc["u1"] = "East"
    assert alignment.territories == ("West",)


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        (pd.Series(["West", "East"], index=["u1", "u1"]), "more than one territory: u1"),
        (pd.Series(["West", None], index=["u1", "u2"]), "without a territory: u2"),
    ],
)
def test_every_unit_has_one_territory(rows, fault):
    with pytest.raises(UnitsError, match=fault):
        Alignment(rows, "outside")


def test_the_difference_lists_only_units_that_change_hands(east_west):
    other = Alignment(pd.Series({"u1": "West", "u2": "East", "u4": "North"}), "outside")
    table = difference(east_west, other)
    assert table.index.tolist() == ["u2", "u3", "u4"]
    assert table.loc["u2"].tolist() == ["West", "East"]
    assert pd.isna(table.loc["u3", "after"])
    assert pd.isna(table.loc["u4", "before"])
    assert difference(east_west, east_west).empty


def test_accounts_follow_their_unit_and_an_account_off_the_map_has_no_territory(east_west):
    unit_of = pd.Series({"a1": "u3", "a2": None}, dtype="str")
    found = territory_of_account(unit_of, east_west)
    assert found["a1"] == "East"
    assert pd.isna(found["a2"])


# O7: the ten accounts of O1 (tiers A A A A B B B C C C); a9 is new, a4 and a7 change hands.
VALUE = pd.Series([400, 250, 120, 80, 50, 40, 25, 20, 10, 5], index=[f"a{i}" for i in range(1, 11)], dtype=float)
TIER = pd.Series(list("AAAABBBCCC"), index=VALUE.index)


def o7() -> tuple[pd.Series, pd.Series]:
    before = pd.Series("North", index=VALUE.index).mask(VALUE.index == "a9")
    after = pd.Series("North", index=VALUE.index).mask(VALUE.index.isin(["a4", "a7"]), "South")
    return before, after


def test_o7_two_of_nine_accounts_change_hands_with_a_tenth_of_the_value():
    figures = disruption(*o7(), VALUE, TIER)
    assert (figures.accounts, figures.moved) == (9, 2)
    assert figures.accounts_share == pytest.approx(2 / 9)
    assert figures.value_share == pytest.approx(105 / 990)
    assert figures.top_tier_share == pytest.approx(0.25)
    assert (figures.sales_at_risk_low, figures.sales_at_risk_high) == pytest.approx((13.86, 18.48))
    assert figures.hours_share is None


def test_disruption_weighs_hours_when_they_are_given():
    hours = pd.Series(10.0, index=VALUE.index)
    assert disruption(*o7(), VALUE, TIER, hours=hours).hours_share == pytest.approx(20 / 90)


def test_a_closed_account_is_not_disruption_and_one_that_loses_its_territory_is():
    before = pd.Series({"kept": "North", "closed": "North", "dropped": "North"})
    after = pd.Series({"kept": "North", "dropped": None})
    value = pd.Series({"kept": 1.0, "closed": 1.0, "dropped": 2.0})
    figures = disruption(before, after, value, value.astype("str"))
    assert figures.moved == 1
    assert figures.value_share == pytest.approx(0.5)


def test_a_rep_swap_in_an_unchanged_territory_is_disruption():
    rep_of = {"North": "Ada"}
    before = pd.Series({"a1": "North"}).map(rep_of)
    after = pd.Series({"a1": "North"}).map({"North": "Bo"})
    assert disruption(before, after, pd.Series({"a1": 10.0}), pd.Series({"a1": "A"})).accounts_share == 1.0


def test_with_nothing_assigned_before_there_is_no_share():
    figures = disruption(pd.Series({"a1": None}, dtype="str"), pd.Series({"a1": "North"}), pd.Series({"a1": 10.0}), pd.Series({"a1": "A"}))
    assert (figures.accounts, figures.accounts_share, figures.value_share) == (0, None, None)


def test_a_unit_starts_in_the_territory_of_most_of_its_weight():
    unit_of = pd.Series({"a1": "u1", "a2": "u1", "a3": "u1", "a4": "u2", "a5": None}, dtype="str")
    hint = pd.Series({"a1": "West", "a2": "East", "a3": "East", "a4": None, "a5": "West"}, dtype="str")
    weight = pd.Series({"a1": 10.0, "a2": 4.0, "a3": 4.0, "a4": 99.0, "a5": 99.0})
    assert dict(start_from_accounts(hint, unit_of, weight)) == {"u1": "West"}
    assert dict(start_from_accounts(hint, unit_of, weight * 0)) == {"u1": "East"}


def test_equal_claims_to_a_unit_go_to_the_first_territory_by_name_whatever_the_row_order():
    unit_of = pd.Series({"a1": "u1", "a2": "u1"})
    hint = pd.Series({"a1": "West", "a2": "East"})
    weight = pd.Series({"a1": 1.0, "a2": 1.0})
    assert start_from_accounts(hint, unit_of, weight)["u1"] == "East"
    assert start_from_accounts(hint[::-1], unit_of[::-1], weight[::-1])["u1"] == "East"
