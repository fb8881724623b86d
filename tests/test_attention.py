"""An account list becomes places, tiers, calls and hours; what a person decided counts until its last day."""

from datetime import date

import pandas as pd
import pytest

from geo_territory.attention import pay_attention
from geo_territory.errors import InfeasibleError, TerritoryError
from geo_territory.intake import accounts_from_table, read_bytes
from geo_territory.policy import CallPattern, CallPolicy, Policy
from geo_territory.tables import Accounts, CallPlan, Overrides, Tiers

LIST = """id,name,city,state,zip,status,sales
a,Big,Boston,MA,2108,active,900
b,Middle,Lowell,MA,01852,active,80
c,Small,Salem,MA,01970,active,20
d,Gone,Salem,MA,01970,closed,700
e,Nowhere,,,,active,
"""


@pytest.fixture(scope="module")
def accounts():
    return accounts_from_table(read_bytes("list.csv", LIST.encode())).accounts


def override(account_id, tier, until):
    rows = {Overrides.tier: tier, Overrides.reason: "opens two sites", Overrides.set_by: "Ada", Overrides.until: pd.Timestamp(until)}
    return Overrides.check(pd.DataFrame(rows, index=pd.Index([account_id], name=Overrides.account_id)))


def test_closed_accounts_keep_their_place_and_get_no_calls(accounts):
    paid = pay_attention(accounts, Policy())
    assert list(paid.accounts.index) == ["a", "b", "c", "d", "e"]
    assert list(paid.planned.index) == ["a", "b", "c", "e"]
    assert paid.accounts.loc["d", Accounts.geocode_precision] == "postcode"
    assert "d" not in set(paid.call_plan[CallPlan.account_id])


def test_an_account_without_a_place_has_hours_all_the_same(accounts):
    paid = pay_attention(accounts, Policy())
    assert pd.isna(paid.accounts.loc["e", Accounts.lat])
    assert paid.tiers.loc["e", Tiers.tier] == "C"
    assert paid.hours("inside")["e"] > 0
    assert paid.hours("outside")["e"] == 0


def test_a_tier_set_by_hand_changes_calls_and_hours_until_its_last_day(accounts):
    by_hand = override("c", "A", "2026-06-30")
    plain = pay_attention(accounts, Policy()).hours("outside")["c"]
    last_day = pay_attention(accounts, Policy(), overrides=by_hand, today=date(2026, 6, 30))
    day_after = pay_attention(accounts, Policy(), overrides=by_hand, today=date(2026, 7, 1))
    assert last_day.tiers.loc["c", Tiers.tier] == "A"
    assert last_day.hours("outside")["c"] > plain
    assert day_after.hours("outside")["c"] == plain
    assert "ended 2026-06-30" in day_after.tiers.loc["c", Tiers.reason]


def test_what_a_design_balances_is_hours_value_or_one_each(accounts):
    paid = pay_attention(accounts, Policy())
    assert paid.weight("accounts", "outside").tolist() == [1, 1, 1, 1]
    assert paid.weight("value", "outside").tolist() == [900, 80, 20, 0]
    assert paid.weight("workload", "outside").equals(paid.hours("outside").rename("workload"))


def test_without_a_call_there_is_nothing_to_balance(accounts):
    silent = Policy(calls=CallPolicy((CallPattern("A", "inside", "phone", "monthly", 20),)))
    with pytest.raises(InfeasibleError, match="no call pattern of role 'outside' reaches any account"):
        pay_attention(accounts, silent).weight("workload", "outside")


def test_progress_is_told_and_may_stop_the_work(accounts):
    heard = []
    pay_attention(accounts, Policy(), progress=lambda phase, fraction: heard.append((phase, fraction)))
    assert [phase for phase, _ in heard] == ["Placing accounts", "Setting tiers", "Planning calls"]
    assert heard == sorted(heard, key=lambda told: told[1])

    def stop(phase, fraction):
        raise TerritoryError(phase)

    with pytest.raises(TerritoryError, match="Placing accounts"):
        pay_attention(accounts, Policy(), progress=stop)


def test_travel_is_the_part_of_the_hours_that_is_not_spent_in_calls(accounts):
    one_visit = CallPolicy((CallPattern("A", "outside", "visit", "custom", 45, 15, 30, calls_per_year=10),))
    paid = pay_attention(accounts, Policy(calls=one_visit))
    assert paid.hours("outside")["a"] == pytest.approx(15.0)
    assert paid.travel_hours("outside")["a"] == pytest.approx(5.0)
    assert (paid.travel_hours("inside") == 0).all()
