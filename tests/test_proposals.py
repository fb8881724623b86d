"""Alternatives for an account list, what changes hands in each, and how many sellers it asks for.

Massachusetts by county, four accounts each 1 by number of accounts; today all but Boston and Lowell are the west's:

    Pittsfield  Springfield  Worcester      Lowell  Boston  Salem
        W            W           W             E       E      W (a stray)
"""

import pandas as pd
import pytest

from geo_territory.alignment import disruption
from geo_territory.balancing.limits import Limits
from geo_territory.boundaries import color_territories
from geo_territory.changes import account_changes, unit_changes
from geo_territory.design import Design, design
from geo_territory.errors import PolicyError, UnitsError
from geo_territory.policy import CapacityPolicy, Role
from geo_territory.proposals import alternatives_table, propose
from geo_territory.sizing import headcount_curve
from geo_territory.tables import AccountMoves, Alternatives, Handings, HeadcountCurve, Scorecard, Tiers, UnitMoves
from tests.test_design import TOWNS, attention, current


@pytest.fixture(scope="module")
def paid():
    return attention()


@pytest.fixture(scope="module")
def proposals(paid):
    return propose(paid, start=current(paid))


def moved(paid, made):
    return disruption(current(paid), made.territory_id, paid.value, paid.tiers[Tiers.tier])


def test_each_alternative_becomes_a_full_design_with_the_same_figures(paid, proposals):
    for number, one in enumerate(proposals.alternatives):
        made = proposals.design(number)
        assert isinstance(made, Design)
        assert made.alignment == one.alignment
        assert made.result.imbalance == one.imbalance
        assert made.contiguous == one.contiguous
        assert moved(paid, made).moved == one.moved
        assert one.disruption == pytest.approx(moved(paid, made).accounts_share)


def test_the_small_maps_draw_every_territory(proposals):
    for one in proposals.alternatives:
        assert set(one.territories.index) == {"E", "W"}
        assert one.territories.geometry.is_valid.all() and not one.territories.geometry.is_empty.any()


def test_a_coast_folded_flat_on_a_small_map_is_left_out_of_it():
    """Four territories on the coast around Boston: at the width of a card, parts of it have no area left."""
    coast = {"Boston": "02108", "Cambridge": "02139", "Worcester": "01608", "Springfield": "01103", "Lowell": "01852", "Quincy": "02169",
             "Lynn": "01902", "Salem": "01970", "Newton": "02458", "Brockton": "02301", "Taunton": "02780"}  # fmt: skip
    for one in propose(attention({town: (code, "W", 1) for town, code in coast.items()}, 4)).alternatives:
        assert len(one.territories) == 4
        assert one.territories.geometry.is_valid.all() and not one.territories.geometry.is_empty.any()


def test_the_recommended_one_weighs_compactness_against_what_changes_hands(proposals):
    best = proposals.alternatives[proposals.recommended]
    worth = [one.inertia_ratio + 2.0 * one.disruption for one in proposals.alternatives]
    assert best.inertia_ratio + 2.0 * best.disruption == min(worth)


def test_without_a_start_nothing_changes_hands_and_names_are_those_people_know(paid):
    told = propose(paid)
    assert all(one.moved is None and one.disruption is None for one in told.alternatives)
    assert set(told.alternatives[0].territories.index) == {"E", "W"}
    assert alternatives_table(told)[Alternatives.moved].isna().all()


def test_the_table_numbers_the_alternatives_from_one(proposals):
    rows = alternatives_table(proposals)
    assert rows[Alternatives.number].tolist() == list(range(1, len(proposals.alternatives) + 1))
    assert rows[Alternatives.inertia_ratio].min() == 1.0
    assert rows[Alternatives.contiguous].all()


def test_every_account_that_changes_hands_has_a_reason(paid):
    made = design(paid, start=current(paid))
    rows = account_changes(made)
    assert len(rows) == moved(paid, made).moved > 0
    assert (rows[AccountMoves.before] != rows[AccountMoves.after]).all()
    assert rows[AccountMoves.reason].str.endswith(".").all()


def test_an_account_whose_county_is_mostly_another_s_is_told_it_goes_as_a_whole():
    """Worcester has two accounts of W and one of E; the county is locked, so it stays with W and E's account goes along."""
    paid = attention({**TOWNS, "Worcester": ("01608", "W", 3)})
    now = current(paid)
    now["Worcester-0"] = "E"
    county = design(paid, start=now).unit_id["Worcester-0"]
    rows = account_changes(design(paid, start=now, limits=Limits(locked=[county])))
    assert rows.loc["Worcester-0", AccountMoves.reason] == "Most of Worcester County, MA was W's, and it is handed out whole."


def test_an_account_that_leaves_the_map_says_so(paid):
    towns = {"Pittsfield": ("01201", "W", 3), "Boston": ("02108", "E", 3), "Nowhere": ("", "W", 1)}
    lost = attention(towns)
    rows = account_changes(design(lost, start=current(lost)))
    assert rows.loc["Nowhere-0", AccountMoves.reason] == "It isn't on the map, so no territory covers it."


def test_the_handings_add_up_to_the_units_that_move(paid):
    units, pairs = unit_changes(design(paid, start=current(paid)))
    assert pairs[Handings.weight].sum() == pytest.approx(units[UnitMoves.weight].sum())
    assert pairs[Handings.units].sum() == len(units)


def test_a_design_without_a_start_changes_nothing(paid):
    made = design(paid)
    assert account_changes(made).empty


def test_a_locked_county_stays_and_one_that_is_not_there_is_named(paid):
    stray = design(paid, start=current(paid)).unit_id["Salem-0"]
    kept = design(paid, start=current(paid), limits=Limits(locked=[stray]))
    assert kept.alignment.territory_of[stray] == "W"
    with pytest.raises(UnitsError, match="no unit 'x'"):
        design(paid, start=current(paid), limits=Limits(locked=["x"]))


def test_a_forbidden_county_is_not_handed_over(paid):
    free = design(paid, start=current(paid))
    handed = free.alignment.territory_of[free.unit_id["Salem-0"]]
    barred = design(paid, start=current(paid), limits=Limits(forbidden=[(free.unit_id["Salem-0"], handed)]))
    assert barred.alignment.territory_of[free.unit_id["Salem-0"]] != handed


def test_the_headcount_curve_says_what_each_number_covers(paid):
    rows = headcount_curve(paid, counts=[1, 2, 3], start=current(paid))
    assert rows[HeadcountCurve.territories].tolist() == [1, 2, 3]
    assert rows[HeadcountCurve.capacity].tolist() == [1320.0, 2640.0, 3960.0]
    assert rows[HeadcountCurve.utilisation].is_monotonic_decreasing
    hours = paid.hours("outside").sum()
    assert rows[HeadcountCurve.utilisation].iloc[0] == pytest.approx(hours / 1320.0)
    assert rows[HeadcountCurve.covered].iloc[0] == pytest.approx(min(1.0, 1320.0 / hours))
    assert rows.loc[0, HeadcountCurve.inertia_ratio] > rows.loc[2, HeadcountCurve.inertia_ratio]


def test_hours_one_territory_has_left_do_not_help_another(paid):
    """Two reps have exactly the hours there are; the territories differ, so one has too few and the other some left."""
    hours = paid.hours("outside").sum()
    tight = Role("outside", "Outside rep", field=True, workdays_per_year=250, hours_per_day=hours / 2 / 250, nonselling_share=0.0)
    policy = paid.policy.__class__(**{**vars(paid.policy), "capacity": CapacityPolicy((tight,))})
    rows = headcount_curve(paid.__class__(**{**vars(paid), "policy": policy}), counts=[2])
    made = design(paid)
    held = paid.hours("outside").groupby(made.territory_id).sum()
    assert rows[HeadcountCurve.utilisation].iloc[0] == pytest.approx(1.0)
    assert rows[HeadcountCurve.covered].iloc[0] == pytest.approx(held.clip(upper=hours / 2).sum() / hours)


def test_a_role_without_hours_is_refused_in_words(paid):
    policy = paid.policy.__class__(**{**vars(paid.policy), "capacity": CapacityPolicy((Role("vp", "VP", field=True),))})
    with pytest.raises(PolicyError, match="No hours are set for the role outside"):
        headcount_curve(paid.__class__(**{**vars(paid), "policy": policy}), counts=[2])


def test_a_design_scores_the_alternative_it_was_made_from(proposals):
    made = proposals.design(0)
    assert isinstance(made.scorecard, pd.DataFrame)
    assert (made.scorecard[Scorecard.pieces] == 1).all()


def test_a_territory_keeps_its_colour_from_map_to_map_so_that_they_can_be_compared():
    """Boston's and Springfield's territories are west and east; given the other's colour before, each keeps that."""
    paid = attention()
    made = design(paid, start=current(paid))
    first = color_territories(made.unit_map, made.alignment)
    swapped = pd.Series({"E": first["W"], "W": first["E"]})
    assert color_territories(made.unit_map, made.alignment, swapped).to_dict() == swapped.to_dict()
    assert color_territories(made.unit_map, made.alignment, pd.Series({"E": first["E"], "W": first["E"]})).nunique() == 2
