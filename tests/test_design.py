"""Designs from attention: today's territories scored as they are, and new ones named after those people know.

Massachusetts, west (w, Springfield) to east (e, Boston), four accounts each 1 by number of accounts:

    Pittsfield  Springfield  Worcester      Lowell  Boston  Salem
        W            W           W             E       E      W (a stray)
"""

import dataclasses
import re
from pathlib import Path

import pandas as pd
import pytest

from geo_territory.alignment import disruption
from geo_territory.attention import pay_attention
from geo_territory.design import assess, design
from geo_territory.errors import InfeasibleError, PlaceError
from geo_territory.intake import accounts_from_table, read_bytes
from geo_territory.policy import DesignPolicy, Policy
from geo_territory.tables import Accounts, Scorecard, Tiers

SAMPLE = Path(__file__).parents[1] / "data" / "sample" / "accounts.csv"
TOWNS = {
    "Pittsfield": ("01201", "W", 1),
    "Springfield": ("01103", "W", 2),
    "Worcester": ("01608", "W", 2),
    "Lowell": ("01852", "E", 1),
    "Boston": ("02108", "E", 1),
    "Salem": ("01970", "W", 1),
}


def attention(towns=TOWNS, territories=2):
    lines = ["Account ID,Account Name,City,State,Zip,Country,Sales,Territory"]
    for town, (code, territory, count) in towns.items():
        lines += [f"{town}-{i},{town} {i},{town},MA,{code},US,100,{territory}" for i in range(count)]
    accounts = accounts_from_table(read_bytes("list.csv", "\n".join(lines).encode())).accounts
    asked = DesignPolicy(territories, "counties", "accounts", "outside", 0.45, 0)
    return pay_attention(accounts, Policy(design=asked))


def current(paid):
    return paid.planned[Accounts.territory_id].dropna()


def test_todays_territories_are_scored_by_the_accounts_in_them():
    paid = attention()
    today = assess(paid, current(paid))
    rows = today.scorecard
    assert rows[Scorecard.accounts].to_dict() == {"E": 2, "W": 6}
    assert rows[Scorecard.balance_index].to_dict() == {"E": 50.0, "W": 150.0}
    assert not rows[Scorecard.in_band].any()
    assert list(today.territories.index) == ["E", "W"] and not today.territories.geometry.is_empty.any()


def test_a_stray_county_makes_todays_territory_two_pieces():
    paid = attention()
    today = assess(paid, current(paid))
    assert today.scorecard[Scorecard.pieces].to_dict() == {"E": 1, "W": 2}
    whole = attention({town: (code, "E" if town == "Salem" else territory, count) for town, (code, territory, count) in TOWNS.items()})
    assert (assess(whole, current(whole)).scorecard[Scorecard.pieces] == 1).all()


def test_every_county_is_drawn_though_few_hold_an_account():
    paid = attention()
    today = assess(paid, current(paid))
    assert set(today.alignment.territory_of.index) == set(today.unit_map.units.index)
    assert today.scorecard[Scorecard.units].sum() == len(today.unit_map.units)


def test_an_account_without_a_place_or_a_territory_counts_for_none():
    paid = attention({**TOWNS, "Nowhere": ("", "W", 3), "Quincy": ("02169", "", 2)})
    today = assess(paid, current(paid))
    assert today.scorecard[Scorecard.accounts].sum() == 8
    assert today.territory_id.isna().sum() == 5


def test_a_territory_that_leads_nowhere_keeps_its_row():
    paid = attention({**TOWNS, "Boston": ("02108", "E", 3)})
    now = current(paid)
    now["Boston-0"] = "Lonely"
    today = assess(paid, now)
    assert today.scorecard.loc["Lonely", [Scorecard.accounts, Scorecard.units, Scorecard.pieces]].tolist() == [1, 0, 0]
    assert today.territories.geometry["Lonely"].is_empty and list(today.territories.index) == list(today.scorecard.index)


def test_a_list_that_names_no_territory_has_no_today():
    paid = attention()
    with pytest.raises(PlaceError, match="no current territories"):
        assess(paid, pd.Series(dtype="str"))


def test_new_territories_are_named_like_those_they_share_most_with():
    paid = attention()
    made = design(paid)
    assert set(made.scorecard.index) == {"E", "W"}
    assert made.territory_id["Boston-0"] == "E" and made.territory_id["Pittsfield-0"] == "W"
    assert (made.scorecard[Scorecard.pieces] == 1).all()


def test_explanations_use_the_names_people_know():
    """Seven accounts in six towns can't be halved: the explanation names the territory as the map does."""
    paid = attention({town: (code, territory, 2 if town == "Pittsfield" else 1) for town, (code, territory, _) in TOWNS.items()})
    asked = dataclasses.replace(paid.policy.design, tolerance=0.01)
    made = design(dataclasses.replace(paid, policy=dataclasses.replace(paid.policy, design=asked)))
    (reason,) = made.result.reasons
    assert re.search(r"in territory [EW]\b", reason)


def test_more_territories_than_today_get_the_next_free_numbers():
    towns = {town: (code, "T02" if territory == "E" else "T01", count) for town, (code, territory, count) in TOWNS.items()}
    made = design(attention(towns, territories=3))
    assert set(made.scorecard.index) == {"T01", "T02", "T03"}


def test_territories_of_a_list_without_territories_are_numbered():
    towns = {town: (code, "", count) for town, (code, _, count) in TOWNS.items()}
    assert set(design(attention(towns)).scorecard.index) == {"T01", "T02"}


def test_starting_from_today_balances_and_moves_fewer_accounts():
    accounts = accounts_from_table(read_bytes("accounts.csv", SAMPLE.read_bytes())).accounts
    paid = pay_attention(accounts, Policy(design=DesignPolicy(14, "counties", "workload", "outside", 0.05, 0)))
    now = current(paid)
    fresh, kept = design(paid), design(paid, start=now)
    assert kept.result.within_tolerance and kept.contiguous

    def moved(made):
        return disruption(now, made.territory_id, paid.value, paid.tiers[Tiers.tier]).moved

    assert moved(kept) < 0.85 * moved(fresh)


def test_more_territories_than_accounts_are_refused_before_anything_is_built():
    with pytest.raises(InfeasibleError, match="9 territories are more than the accounts to share out: ask for at most 8"):
        design(attention(territories=9))
