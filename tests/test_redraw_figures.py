"""The numbers of the redraw editor are the library's, to the last bit, however a draft came about.

The world is a small company in Ohio (tests/redraw_world.py): 80 accounts on 88 counties in four territories T01 … T04.
"""

import dataclasses
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from geo_territory.alignment import disruption
from geo_territory.boundaries import planar_territories
from geo_territory.capacity import feasible_coverage
from geo_territory.policy import Role
from geo_territory.redraw import reading
from geo_territory.redraw.basis import basis_of
from geo_territory.redraw.draft import Draft
from geo_territory.redraw.edits import Change, TerritoryLine
from geo_territory.redraw.figures import figures, version_figures
from geo_territory.redraw.outcome import design_of
from geo_territory.scorecard import imbalance, measures
from geo_territory.tables import Reps, Scorecard, Tiers
from geo_territory.units.outline import measured, outline_of
from tests.drawn_maps import drawn
from tests.redraw_world import many_units, small_design, small_reps


def basis(balance="workload", reps=None):
    made = small_design(balance=balance)
    return basis_of(made, small_reps(made) if reps is None else reps, made.territories)


@pytest.fixture(scope="module")
def ohio():
    return basis()


def moved(draft, units, to):
    return draft.after(Change(draft.handing([(np.asarray(units), to)])))


def excepted(draft, **to):
    return draft.after(Change(exceptions={account: (draft.exceptions.get(account), name) for account, name in to.items()}))


def by_phone(draft, *accounts):
    return draft.after(Change(channels={account: (draft.channels.get(account), "phone") for account in accounts}))


def added(draft, name):
    return draft.after(Change(territories={name: (None, TerritoryLine("New", "#123456"))}))


def heavy_account(basis, tier="A"):
    return basis.accounts[np.flatnonzero(basis.tier == basis.tiers.index(tier))[0]]


def rows_by_account(basis, draft):
    """The measures of each territory added up account by account with pandas, another way than the product's."""
    attention, role = basis.attention.with_channels(draft.channels), basis.role
    unit = basis.design.unit_id.dropna()
    owner = unit.map(draft.alignment().territory_of)
    owner.update(pd.Series(draft.exceptions, dtype="str"))
    frame = pd.DataFrame({"hours": attention.hours(role), "value": attention.value, "travel": attention.travel_hours(role)}).loc[unit.index]
    return frame.assign(accounts=1).groupby(owner).sum()


def test_a_draft_without_edits_has_the_figures_of_its_version(ohio):
    made = small_design()
    assert_frame_equal(version_figures(ohio).scorecard, made.scorecard, check_exact=True)
    assert version_figures(ohio).imbalance == measures(made.scorecard)["imbalance"]
    assert version_figures(ohio).disruption.moved == 0


def test_a_county_takes_its_accounts_along(ohio):
    draft = Draft.begin(ohio)
    held = np.flatnonzero((ohio.owner == 0) & (ohio.accounts_by_tier.sum(1) > 0))[:2]
    after = figures(ohio, moved(draft, held, "T02"), version_figures(ohio))
    count = int(ohio.accounts_by_tier[held].sum())
    before = version_figures(ohio).rows[Scorecard.accounts]
    assert after.rows[Scorecard.accounts].to_dict() == {**before, "T01": before["T01"] - count, "T02": before["T02"] + count}
    assert (after.disruption.moved, after.moved_units) == (count, 2)


def test_a_named_account_counts_where_it_is_not_where_its_county_is(ohio):
    account = heavy_account(ohio)
    here = ohio.design.territory_id[account]
    there = next(name for name in ohio.territories if name != here)
    after = figures(ohio, excepted(Draft.begin(ohio), **{account: there}), version_figures(ohio))
    change = after.rows[Scorecard.accounts] - version_figures(ohio).rows[Scorecard.accounts]
    assert change.to_dict() == {name: {here: -1, there: 1}.get(name, 0) for name in ohio.territories}
    assert after.rows[Scorecard.units].equals(version_figures(ohio).rows[Scorecard.units])
    assert after.disruption.moved == 1


def test_an_exception_stays_when_its_county_moves_on(ohio):
    account = heavy_account(ohio)
    here = ohio.design.territory_id[account]
    there, third = [name for name in ohio.territories if name != here][:2]
    draft = excepted(Draft.begin(ohio), **{account: there})
    unit = ohio.units.get_loc(ohio.design.unit_id[account])
    after = figures(ohio, moved(draft, [unit], third))
    at = ohio.accounts.get_loc(account)
    assert ohio.territories[after.territory_of_account[at]] == there


def test_an_exception_to_a_territory_that_is_gone_goes_with_its_county_again(ohio):
    account = heavy_account(ohio)
    draft = excepted(added(Draft.begin(ohio), "T05"), **{account: "T05"})
    gone = draft.after(Change(territories={"T05": (draft.territories["T05"], None)}))
    assert_frame_equal(figures(ohio, gone, figures(ohio, draft)).rows, version_figures(ohio).rows, check_exact=True)


def test_visits_made_by_phone_take_no_travel_and_the_minutes_of_the_visit_without_a_phone_pattern(ohio):
    """A accounts of the default plan are visited 52 times for 60 + 15 minutes, and outside reps phone nobody."""
    account = heavy_account(ohio)
    after = figures(ohio, by_phone(Draft.begin(ohio), account), version_figures(ohio))
    saved = version_figures(ohio).rows[Scorecard.workload] - after.rows[Scorecard.workload]
    here = ohio.design.territory_id[account]
    assert saved[here] == pytest.approx(small_design().attention.travel_hours("outside")[account])
    assert saved[here] > 0 and (saved.drop(here) == 0).all()
    at = ohio.accounts.get_loc(account)
    assert after.held.amounts.values[1, at] == pytest.approx(52 * 75 / 60)


def test_visits_made_by_phone_take_the_minutes_of_the_tiers_phone_pattern_where_there_is_one():
    made = small_design()
    calls = made.attention.policy.calls
    phone = dataclasses.replace(calls.patterns[0], channel="phone", cadence="quarterly", duration_min=10, prep_min=2)
    asked = dataclasses.replace(made.attention.policy, calls=dataclasses.replace(calls, patterns=(*calls.patterns, phone)))
    attention = dataclasses.replace(made.attention, policy=asked)
    account = made.attention.tiers.index[made.attention.tiers[Tiers.tier] == "A"][0]
    again = attention.with_channels({account: "phone"})
    assert again.hours("outside")[account] == pytest.approx(52 * 12 / 60)
    assert again.hours("vp").equals(attention.hours("vp"))
    assert again.with_channels({}).workload.equals(attention.workload)


def test_weight_follows_the_hours_only_where_hours_are_balanced():
    by_value = basis("value")
    after = figures(by_value, by_phone(Draft.begin(by_value), heavy_account(by_value)), version_figures(by_value))
    assert after.rows[Scorecard.weight].equals(version_figures(by_value).rows[Scorecard.weight])
    assert not after.rows[Scorecard.workload].equals(version_figures(by_value).rows[Scorecard.workload])


def test_targets_stay_to_the_last_digit_while_units_only_change_hands(ohio):
    draft, made = Draft.begin(ohio), version_figures(ohio)
    for unit in range(0, 60, 7):
        draft = excepted(moved(draft, [unit], "T03"), **{ohio.accounts[unit]: "T01"})
        made = figures(ohio, draft, made)
    assert made.rows[Scorecard.target].equals(version_figures(ohio).rows[Scorecard.target])


def test_what_nobody_covers_is_counted_and_has_no_target(ohio):
    made = figures(ohio, moved(Draft.begin(ohio), np.flatnonzero(ohio.owner == 0), ""))
    assert made.uncovered_units == int((ohio.owner == 0).sum())
    assert made.uncovered_accounts == int((ohio.version_of_account == 0).sum())
    rows = made.rows
    assert rows[Scorecard.target].sum() == pytest.approx(rows[Scorecard.weight].sum())
    assert rows.loc["T01", Scorecard.weight] == 0 and pd.isna(rows.loc["T01", Scorecard.compactness])
    assert ohio.off_map == 1


def test_a_new_territory_has_the_mean_of_the_others_capacity():
    made = small_design()
    uneven = dataclasses.replace(made, capacity=pd.Series([1.0, 2, 3, 6], index=made.scorecard.index))
    ground = basis_of(uneven, small_reps(made), made.territories)
    rows = figures(ground, added(Draft.begin(ground), "T05")).rows
    shares = rows[Scorecard.target] / rows[Scorecard.target].sum()
    assert shares.to_dict() == pytest.approx({"T01": 1 / 15, "T02": 2 / 15, "T03": 3 / 15, "T04": 6 / 15, "T05": 3 / 15})


def test_capacity_of_a_design_saved_before_it_was_kept_is_read_off_its_targets():
    made = small_design()
    equal = basis_of(dataclasses.replace(made, capacity=None), small_reps(made), made.territories)
    assert (equal.capacity == 1.0).all()
    target = pd.Series([100.0, 200, 300, 600], index=made.scorecard.index)
    rows = made.scorecard.assign(**{Scorecard.target: target})
    uneven = basis_of(dataclasses.replace(made, capacity=None, scorecard=rows), small_reps(made), made.territories)
    assert (uneven.capacity / uneven.capacity.sum()).tolist() == pytest.approx([1 / 12, 2 / 12, 3 / 12, 6 / 12])


def test_a_part_wholly_inside_another_territory_is_a_hole_of_that_one_and_a_piece_of_its_own():
    ground = many_basis(100, 4)
    inside = next(u for u in range(100) if ground.owner[u] == 0 and set(ground.owner[neighbors(ground, u)]) == {0})
    made = figures(ground, moved(Draft.begin(ground), [inside], "T002"))
    assert (made.holes.tolist(), made.pieces.tolist()) == ([1, 0, 0, 0], [1, 2, 1, 1])
    nobody = figures(ground, moved(Draft.begin(ground), [inside], ""))
    assert (nobody.holes.tolist(), nobody.pieces.tolist()) == ([1, 0, 0, 0], [1, 1, 1, 1])


def many_basis(n, k):
    made = many_units(n, k)
    return basis_of(made, Reps.empty(), made.territories)


def neighbors(ground, unit):
    graph = ground.neighbors
    return graph.indices[graph.indptr[unit] : graph.indptr[unit + 1]]


def test_a_reps_own_hours_are_what_a_territory_has():
    """Rep 1 works 80 % and has 10 days of leave: 210 days x 8 h x 3/4 x 0.8 = 1,008 h."""
    ground = basis()
    hours = version_figures(ground).hours
    outside = hours.roles.index("outside")
    assert hours.capacity[:, outside].tolist() == [pytest.approx(1008), 1320, 1320, 1320]
    assert hours.assumed.tolist() == [False, False, False, True]


def test_a_rep_named_on_two_territories_shares_the_hours_out():
    ground = basis()
    line = ground.lines["T04"]
    draft = Draft.begin(ground).after(Change(territories={"T04": (line, dataclasses.replace(line, rep_id="R2"))}))
    hours = figures(ground, draft).hours
    assert hours.capacity[:, 0].tolist() == [pytest.approx(1008), 660, 1320, 660]
    assert not hours.assumed.any()


def test_several_reps_of_one_territory_add_up():
    reps = small_reps(small_design())
    reps.loc["R3", Reps.territory_id] = "T02"
    ground = basis(reps=reps)
    hours = version_figures(ground).hours
    assert hours.capacity[1, 0] == 2640 and hours.assumed.tolist() == [False, False, True, True]
    line = ground.lines["T03"]
    draft = Draft.begin(ground).after(Change(territories={"T03": (line, dataclasses.replace(line, rep_id="R3"))}))
    assert figures(ground, draft).hours.capacity[1:3, 0].tolist() == [1320, 1320]


def test_a_team_serves_the_territories_that_have_nobody_of_its_role(ohio):
    """Sam and Sue (half time) phone for all: 1.5 x 220 x 8 x 0.7 = 1,848 h. The VP has T01, nobody has the others."""
    hours = version_figures(ohio).hours
    inside, vp = hours.roles.index("inside"), hours.roles.index("vp")
    assert hours.shared[:, inside].all() and (hours.capacity[:, inside] == pytest.approx(1848))
    assert hours.shared[:, vp].tolist() == [False, True, True, True]
    assert np.isnan(hours.capacity[1:, vp]).all() and hours.capacity[0, vp] == pytest.approx(176)
    team = {one.role: one for one in hours.teams}
    assert team["inside"].hours == pytest.approx(hours.hours[:, inside].sum())
    assert team["vp"].hours == pytest.approx(hours.hours[1:, vp].sum())


def test_the_promise_meter_is_the_coverage_of_each_tier(ohio):
    made = version_figures(ohio)
    tier, hours = ohio.attention.tiers[Tiers.tier], ohio.attention.hours("outside")
    needed = pd.crosstab(ohio.design.territory_id, tier, hours, aggfunc="sum").reindex(columns=list(ohio.tiers)).fillna(0.0)
    for i, name in enumerate(made.territories):
        expected = feasible_coverage(made.hours.capacity[i, 0], needed.loc[name])
        assert made.hours.covered[i].tolist() == pytest.approx(expected.tolist(), nan_ok=True)
    assert np.nanmin(made.hours.covered) < 1


def test_a_role_without_hours_in_the_policy_has_no_capacity():
    made = small_design()
    only = dataclasses.replace(made.attention.policy.capacity, roles=(Role("inside", "Inside rep", field=False),))
    attention = dataclasses.replace(made.attention, policy=dataclasses.replace(made.attention.policy, capacity=only))
    ground = basis_of(dataclasses.replace(made, attention=attention), small_reps(made), made.territories)
    hours = version_figures(ground).hours
    assert hours.roles == ("outside", "inside") and np.isnan(hours.capacity[:, 0]).all()


def test_rows_are_plain_json_with_nothing_that_is_not_a_number(ohio):
    draft = added(moved(Draft.begin(ohio), np.arange(88), ""), "T05")
    made = figures(ohio, draft)
    text = json.dumps([reading.territory_rows(ohio, draft, made), reading.whole(ohio, made, 2)], allow_nan=False)
    row = json.loads(text)[0]["T05"]
    assert row["index"] is None and row["change"]["index"] is None and row["compactness"] is None and row["units"] == 0
    assert json.loads(text)[1]["imbalance"] is None


def test_rows_hold_the_scorecard_to_the_last_digit_and_the_change_since_the_version(ohio):
    draft = moved(Draft.begin(ohio), [3, 4, 5, 6], "T01")
    made = figures(ohio, draft, version_figures(ohio))
    rows, card = reading.territory_rows(ohio, draft, made), design_of(ohio, draft).scorecard
    for name, row in json.loads(json.dumps(rows)).items():
        of = card.loc[name]
        said = (row["index"], row["weight"], row["target"], row["hours"], row["value"], row["area_km2"], row["compactness"])
        assert said == tuple(
            of[c]
            for c in (
                Scorecard.balance_index,
                Scorecard.weight,
                Scorecard.target,
                Scorecard.workload,
                Scorecard.value,
                Scorecard.area_km2,
                Scorecard.compactness,
            )
        )
        assert row["change"]["hours"] == of[Scorecard.workload] - small_design().scorecard.loc[name, Scorecard.workload]
        assert sum(row["by_tier"]) == row["accounts"] == of[Scorecard.accounts]


def test_a_move_changes_the_rows_of_both_sides_and_no_other(ohio):
    first = Draft.begin(ohio)
    unit = int(np.flatnonzero(ohio.owner == ohio.territories.get_loc("T04"))[0])
    after = moved(first, [unit], "T02")
    earlier = reading.territory_rows(ohio, first, version_figures(ohio))
    rows = reading.territory_rows(ohio, after, figures(ohio, after))
    assert [name for name, row in rows.items() if row != earlier[name]] == ["T02", "T04"]


def test_a_territory_that_is_there_no_more_has_no_row_and_the_others_keep_their_slots(ohio):
    first = Draft.begin(ohio)
    empty = moved(first, np.flatnonzero(ohio.owner == ohio.territories.get_loc("T03")), "T02")
    gone = empty.after(Change(territories={"T03": (empty.territories["T03"], None)}))
    rows = reading.territory_rows(ohio, gone, figures(ohio, gone))
    assert {name: row["slot"] for name, row in rows.items()} == {"T01": 0, "T02": 1, "T04": 3}


def test_a_selection_holds_its_units_accounts_but_not_the_exceptions_in_them(ohio):
    account = heavy_account(ohio)
    unit = ohio.units.get_loc(ohio.design.unit_id[account])
    draft = Draft.begin(ohio)
    whole = reading.selected(ohio, draft, version_figures(ohio), np.array([unit]))
    assert whole["accounts"] == int(ohio.accounts_by_tier[unit].sum()) and whole["hours"] == ohio.hours[unit]
    there = next(name for name in ohio.territories if name != ohio.design.territory_id[account])
    apart = excepted(draft, **{account: there})
    less = reading.selected(ohio, apart, figures(ohio, apart), np.array([unit]))
    assert less["accounts"] == whole["accounts"] - 1
    both = reading.selected(ohio, apart, figures(ohio, apart), np.array([unit]), [account])
    assert (both["accounts"], both["by_tier"]) == (whole["accounts"], whole["by_tier"])


def test_areas_and_compactness_are_those_of_the_united_units():
    for made in (small_design(), many_units(3000, 50)):
        exact = planar_territories(made.unit_map, made.alignment)
        assert made.scorecard[Scorecard.area_km2].to_numpy() == pytest.approx(exact.area.to_numpy() / 1e6, rel=1e-9)
        expected = 4 * np.pi * exact.area / exact.length**2
        assert made.scorecard[Scorecard.compactness].to_numpy() == pytest.approx(expected.to_numpy(), rel=1e-9)


def test_the_outline_of_a_ring_of_units_has_two_rims():
    """A ring around a square of another: 8 squares of 8 km, 96 km outside and 32 km inside."""
    units, alignment = drawn("aaa\naba\naaa")
    owner = pd.Index(["a", "b"]).get_indexer(alignment.territory_of.reindex(units.units.index))
    area, length = measured(outline_of(units), owner, 2)
    assert area.tolist() == pytest.approx([8 * 64e6, 64e6]) and length.tolist() == pytest.approx([128_000, 32_000])


EDITS = st.lists(
    st.one_of(
        st.tuples(st.just("move"), st.lists(st.integers(0, 87), min_size=1, max_size=20), st.integers(-1, 5)),
        st.tuples(st.just("exception"), st.integers(0, 79), st.integers(-1, 5)),
        st.tuples(st.just("channel"), st.integers(0, 79), st.booleans()),
        st.tuples(st.just("add"), st.sampled_from(["T05", "T00", "Z"])),
        st.tuples(st.just("delete"), st.integers(0, 5)),
    ),
    min_size=1,
    max_size=8,
)


def edited(basis, draft, edit):
    """Return the draft after one edit of a random list; one that makes no sense here changes nothing."""
    names = sorted(draft.territories)
    if edit[0] == "move":
        return moved(draft, edit[1], names[edit[2] % len(names)] if edit[2] >= 0 and names else "")
    if edit[0] == "exception":
        account = basis.accounts[edit[1]]
        to = names[edit[2] % len(names)] if edit[2] >= 0 and names else None
        return draft.after(Change(exceptions={account: (draft.exceptions.get(account), to)}))
    if edit[0] == "channel":
        account = basis.accounts[edit[1]]
        return draft.after(Change(channels={account: (draft.channels.get(account), "phone" if edit[2] else None)}))
    if edit[0] == "add":
        return draft if edit[1] in draft.territories else added(draft, edit[1])
    name = names[edit[1] % len(names)] if len(names) > 1 else None
    if name is None:
        return draft
    empty = moved(draft, np.flatnonzero(draft.owner == draft.slot_of[name]), "")
    return empty.after(Change(territories={name: (draft.territories[name], None)}))


@settings(max_examples=40, deadline=None)
@given(edits=EDITS, balance=st.sampled_from(["workload", "value", "accounts"]))
def test_figures_made_edit_by_edit_are_those_from_nothing_and_the_librarys(edits, balance):
    ground = BASES.setdefault(balance, basis(balance))
    draft, made = Draft.begin(ground), version_figures(ground)
    for edit in edits:
        draft = edited(ground, draft, edit)
        made = figures(ground, draft, made)
    again = figures(ground, draft)
    assert_frame_equal(made.rows, again.rows, check_exact=True)
    for one, other in ((made.hours, again.hours), (made.held, again.held)):
        for name, value in vars(one).items():
            if isinstance(value, np.ndarray):
                np.testing.assert_array_equal(value, getattr(other, name), err_msg=name)
    assert (made.disruption, made.holes.tolist(), made.accounts_by_tier.tolist()) == (
        again.disruption,
        again.holes.tolist(),
        again.accounts_by_tier.tolist(),
    )
    outcome = design_of(ground, draft)
    assert_frame_equal(made.scorecard, outcome.scorecard, check_exact=True)
    assert made.hours.teams == again.hours.teams
    version, attention = ground.design, ground.attention
    known = disruption(version.territory_id, outcome.territory_id, attention.value, attention.tiers[Tiers.tier], attention.hours("outside"))
    assert made.disruption == known
    by_account = rows_by_account(ground, dataclasses.replace(draft, exceptions=outcome.exceptions))
    of = by_account.reindex(made.rows.index).fillna(0.0)
    assert made.rows[Scorecard.workload].to_numpy() == pytest.approx(of["hours"].to_numpy())
    assert made.rows[Scorecard.value].to_numpy() == pytest.approx(of["value"].to_numpy())
    assert made.rows[Scorecard.accounts].tolist() == of["accounts"].tolist()


BASES: dict = {}


def test_undoing_everything_gives_the_versions_figures_back(ohio):
    draft, made, changes = Draft.begin(ohio), version_figures(ohio), []
    for edit in [("move", [1, 2, 3], 2), ("exception", 4, 1), ("channel", 9, True), ("move", [40], -1)]:
        after = edited(ohio, draft, edit)
        changes.append((draft, after))
        draft, made = after, figures(ohio, after, made)
    for before, _ in reversed(changes):
        draft, made = before, figures(ohio, before, made)
    assert_frame_equal(made.rows, version_figures(ohio).rows, check_exact=True)


def test_imbalance_and_band_are_the_scorecards(ohio):
    made = figures(ohio, moved(Draft.begin(ohio), np.flatnonzero(ohio.owner == 0)[:12], "T02"))
    assert made.imbalance == imbalance(made.rows[Scorecard.weight], made.rows[Scorecard.target])
    assert made.in_band == int(made.rows[Scorecard.balance_index].between(85, 115).sum()) < 4
