"""Channel before border: who to call by phone where a rep has too many hours, beside what handing units over would do.

Outside reps visit A weekly, B monthly and C quarterly, an hour each; travel comes on top (8 km between neighbours).
"""

import numpy as np
import pytest

from geo_territory.policy import CallPattern
from geo_territory.redraw.edits import Change
from geo_territory.redraw.figures import figures
from geo_territory.redraw.relief import reliefs
from geo_territory.tables import Scorecard
from tests.redraw_drawn import PATTERNS, a_rep, world

PICTURE = """
    AAAAABB
    AAAAABB
    AAAAABB"""
TIERS = """
    AACCCAC
    BCCCCCC
    BBBBBBC"""
TRAVELLING = (
    CallPattern("A", "outside", "visit", "weekly", 60, travel_min=20),
    CallPattern("B", "outside", "visit", "monthly", 60, travel_min=40),
    CallPattern("C", "outside", "visit", "quarterly", 60, travel_min=90),
    CallPattern("C", "inside", "phone", "monthly", 15),
)


def visits(**asked):
    return world(PICTURE, tiers=TIERS, balance="workload", **asked)


def on_the_phone(draft, accounts):
    return draft.after(Change(channels=dict.fromkeys(accounts, (None, "phone"))))


def hours(basis, draft, name="A"):
    found = figures(basis, draft)
    return float(found.hours.hours[found.territories.index(name), found.hours.aligned])


def index(basis, draft, name="A"):
    return float(figures(basis, draft).rows[Scorecard.balance_index][name])


def worked_by(fte):
    """A is worked by a rep of that much of full time; 1,320 h a year are a whole person."""
    return visits(reps=a_rep("R1", fte=fte), patterns=TRAVELLING, A={"rep": "R1", "name": "Dallas"}, B={"name": "Tulsa"})


def test_the_lowest_tier_goes_first_and_as_few_accounts_as_bring_the_rep_within_hours():
    """A needs 2 x 69.3 + 6 x 20 + 7 x 10 h = 328.7 h; each C on the phone frees 6 h."""
    basis, draft = worked_by(0.235)
    needed, capacity = hours(basis, draft), 0.235 * 1320
    assert needed == pytest.approx(2 * 52 * 80 / 60 + 6 * 12 * 100 / 60 + 7 * 4 * 150 / 60)
    (relief,) = reliefs(basis, draft)
    assert relief.territory == "A" and relief.channel == "phone" and relief.enough
    assert len(relief.accounts) == int(np.ceil((needed - capacity) / 6))
    assert {basis.tiers[basis.tier[basis.accounts.get_loc(account)]] for account in relief.accounts} == {"C"}
    assert relief.told == (
        f"Call {len(relief.accounts)} C accounts by phone instead of visiting them: {relief.hours:,.0f} h a year freed, "
        f"{needed:,.0f} → {needed - relief.hours:,.0f} of {capacity:,.0f} h, index {relief.index[0]:.0f} → {relief.index[1]:.0f}."
    )


def test_one_click_does_what_the_offer_said():
    basis, draft = worked_by(0.235)
    (relief,) = reliefs(basis, draft)
    assert relief.op == {"kind": "channel", "accounts": list(relief.accounts), "channel": "phone"}
    after = on_the_phone(draft, relief.accounts)
    assert hours(basis, after) == pytest.approx(relief.hours_now - relief.hours)
    assert hours(basis, after) <= relief.capacity + 1e-6
    assert (index(basis, draft), index(basis, after)) == pytest.approx(relief.index)
    before, now = (figures(basis, one).hours.covered[0] for one in (draft, after))
    assert [pair[1:] for pair in relief.promise] == [pytest.approx(pair) for pair in zip(before, now, strict=True)]
    assert relief.promise[2][1] < 1.0 and relief.promise[2][2] == pytest.approx(1.0)


def test_those_that_free_most_hours_go_first_within_a_tier():
    basis, draft = visits(reps=a_rep("R1", fte=0.1), A={"rep": "R1"}, patterns=PATTERNS)
    relief = next(one for one in reliefs(basis, draft) if one.territory == "A")
    freed = basis.plain.values[1] - basis.hours_by("phone")[0]
    place = basis.accounts.get_indexer(relief.accounts)
    assert (np.diff(basis.tier[place]) <= 0).all()
    for tier in (1, 2):
        assert (np.diff(freed[place[basis.tier[place] == tier]]) <= 1e-12).all()


def test_accounts_on_the_phone_already_are_left_out_and_the_best_tier_keeps_its_visits():
    basis, draft = worked_by(0.1)
    (relief,) = reliefs(basis, draft)
    assert not relief.enough and "h are still too many" in relief.told
    tiers = [basis.tiers[basis.tier[basis.accounts.get_loc(account)]] for account in relief.accounts]
    assert tiers == ["C"] * 7 + ["B"] * 6
    assert relief.told.startswith("Call 7 C and 6 B accounts by phone instead of visiting them: ")
    (again,) = reliefs(basis, on_the_phone(draft, relief.accounts[:5]))
    assert again.accounts == relief.accounts[5:]


def test_the_cheapest_border_stands_beside_and_brings_the_same_rep_within_hours():
    basis, draft = worked_by(0.235)
    (relief,) = reliefs(basis, draft)
    ((units, to),) = relief.border.moves
    after = draft.after(Change(draft.handing([(np.array(units), to)])))
    assert to == "B" and hours(basis, after) <= relief.capacity + 1e-6
    assert relief.border.told.startswith(("Give 1 ", "Give 2 ", "Give Unit "))
    for side in relief.border.sides:
        assert side.index == pytest.approx((index(basis, draft, side.territory), index(basis, after, side.territory)))


def test_a_border_keeps_to_locks():
    basis, draft = worked_by(0.235)
    shut = draft.after(Change(locks={("territory", "B"): (False, True)}))
    assert reliefs(basis, shut)[0].border is None
    edge = {("unit", f"r{r}c4"): (False, True) for r in range(3)}
    assert reliefs(basis, draft.after(Change(locks=edge)))[0].border is None


def test_without_a_rep_the_index_above_the_band_decides_and_both_offers_bring_it_back():
    basis, draft = visits(patterns=(*TRAVELLING[:2], CallPattern("C", "outside", "visit", "monthly", 10, travel_min=90)))
    assert index(basis, draft) > 115
    (relief,) = reliefs(basis, draft)
    assert relief.capacity is None and relief.enough == (relief.index[1] <= 115 + 1e-9)
    assert index(basis, on_the_phone(draft, relief.accounts)) == pytest.approx(relief.index[1])
    ((units, to),) = relief.border.moves
    after = draft.after(Change(draft.handing([(np.array(units), to)])))
    assert index(basis, after) <= 115 + 1e-9


def test_where_accounts_are_balanced_a_phone_changes_no_index_so_only_the_border_is_offered():
    basis, draft = world(PICTURE)
    (relief,) = reliefs(basis, draft)
    assert relief.accounts == () and relief.op == {} and relief.border is not None
    assert relief.told == "Region A: no account is left to call by phone instead of visiting it."


def test_a_rep_with_enough_hours_is_left_alone():
    basis, draft = worked_by(1.0)
    assert reliefs(basis, draft) == ()


def test_one_territory_can_be_asked_for_alone():
    basis, draft = worked_by(0.235)
    assert reliefs(basis, draft, only=["B"]) == ()
    assert reliefs(basis, draft, figures(basis, draft), only=["A"]) == reliefs(basis, draft)


def test_where_there_is_room_again_what_was_put_on_the_phone_is_visited_the_best_tier_first():
    """One C and one B are on the phone though the rep has room for the B and not for both."""
    basis, draft = worked_by(1.0)
    every = dict(zip(basis.accounts, basis.tier, strict=True))
    b = next(account for account, tier in every.items() if tier == 1)
    c = next(account for account, tier in every.items() if tier == 2)
    basis, draft = worked_by((hours(basis, draft) - 5.0) / 1320)
    (relief,) = reliefs(basis, on_the_phone(draft, [b, c]))
    assert relief.op == {"kind": "channel", "accounts": [b], "channel": None}
    assert relief.hours == pytest.approx(-8.0)
    assert relief.told.startswith("Visit 1 B account again instead of calling it: 8 h a year more, ")


def test_accounts_that_the_version_has_on_the_phone_are_not_offered_back():
    basis, draft = worked_by(1.0)
    assert reliefs(basis, draft) == ()
    account = str(basis.accounts[0])
    (relief,) = reliefs(basis, on_the_phone(draft, [account]))
    assert relief.accounts == (account,)


def test_an_account_in_another_territory_than_its_unit_is_relieved_where_it_is_worked():
    basis, draft = worked_by(0.235)
    (relief,) = reliefs(basis, draft)
    given = relief.accounts[0]
    elsewhere = draft.after(Change(exceptions={given: (None, "B")}))
    after = [one for one in reliefs(basis, elsewhere) if one.territory == "A"]
    assert all(given not in one.accounts for one in after)
