"""What differs between alignments that are laid beside each other."""

import dataclasses

import pandas as pd
import pytest

from geo_territory.alignment import SALES_AT_RISK
from geo_territory.comparison import affected_territories, changed_hands, compared, handed_over
from geo_territory.tables import AffectedTerritories, ComparisonLines, HandedOver
from tests.redraw_world import small_design


@pytest.fixture(scope="module")
def first():
    return small_design()


@pytest.fixture(scope="module")
def second(first):
    """The first, with the county of an account of T01 in T02: its accounts go along."""
    one, other = first.alignment.territories[:2]
    unit = first.unit_id[first.territory_id == one].iloc[0]
    territory_id = first.territory_id.mask(first.unit_id == unit, other)
    return dataclasses.replace(first, alignment=first.alignment.move(unit, other), territory_id=territory_id)


def test_a_design_beside_itself_changes_nothing(first):
    assert affected_territories(first, first).empty and handed_over(first, first).empty
    lines = compared({"A": first, "B": first})
    assert list(lines[ComparisonLines.label]) == ["A", "B"] and lines[ComparisonLines.imbalance].is_monotonic_increasing
    assert lines[ComparisonLines.moved].isna().iloc[0] and lines[ComparisonLines.moved].iloc[1] == 0


def test_only_the_territories_that_gain_or_lose_are_listed(first, second):
    rows = affected_territories(first, second)
    assert list(rows.index) == list(first.alignment.territories[:2])
    moved = handed_over(first, second)
    assert list(rows[AffectedTerritories.lost]) == [len(moved), 0] and list(rows[AffectedTerritories.gained]) == [0, len(moved)]


def test_accounts_that_change_hands_come_with_both_territories_the_most_valuable_first(first, second):
    moved = handed_over(first, second)
    one, other = first.alignment.territories[:2]
    assert set(moved[HandedOver.before]) == {one} and set(moved[HandedOver.after]) == {other}
    assert moved[HandedOver.value].is_monotonic_decreasing
    told = changed_hands(first, second)
    assert told.moved == len(moved)
    assert told.sales_at_risk_low == pytest.approx(SALES_AT_RISK[0] * moved[HandedOver.value].sum())


def test_a_unit_without_accounts_that_moves_affects_both_sides(first):
    one, other = first.alignment.territories[:2]
    held = first.unit_id.value_counts()
    empty = next(unit for unit in first.alignment.units_of(one) if unit not in held.index)
    after = dataclasses.replace(first, alignment=first.alignment.move(empty, other))
    assert list(affected_territories(first, after).index) == [one, other]
    assert handed_over(first, after).empty


def test_an_account_nobody_covers_any_more_is_handed_over_to_nobody(first):
    lost = first.territory_id.index[first.territory_id.notna()][0]
    after = dataclasses.replace(first, territory_id=first.territory_id.where(first.territory_id.index != lost))
    moved = handed_over(first, after)
    assert list(moved.index) == [lost] and pd.isna(moved.loc[lost, HandedOver.after])
