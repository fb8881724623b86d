"""A draft becomes a version that is saved, opened, published and solved again with all that was decided by hand.

The world is the small company in Ohio of tests/redraw_world.py, kept in a workspace of its own.
"""

import dataclasses
import json

import numpy as np
import pytest
from pandas.testing import assert_frame_equal, assert_series_equal

from geo_territory.attention import pay_attention
from geo_territory.changes import account_changes
from geo_territory.design import design
from geo_territory.errors import UnitsError
from geo_territory.intake import accounts_from_table, read_bytes
from geo_territory.proposals import propose
from geo_territory.publish.account_files import aligned_accounts
from geo_territory.publish.plan_files import accounts_by_tier, design_map, territories_geojson, units_geojson
from geo_territory.publish.summary import summary_bytes
from geo_territory.redraw.basis import basis_of
from geo_territory.redraw.draft import Draft
from geo_territory.redraw.edits import Change, TerritoryLine
from geo_territory.redraw.figures import version_figures
from geo_territory.redraw.outcome import BY_HAND, design_of
from geo_territory.tables import Accounts, Reps, Scorecard, Territories, Tiers
from geo_territory.workspace import Workspace, keep_design, restore_design
from geo_territory.workspace.designs import pack
from tests.redraw_world import small_attention, small_csv, small_design, small_reps


@pytest.fixture
def workspace(tmp_path):
    opened = Workspace.open(f"sqlite:///{tmp_path}/work.db")
    found = accounts_from_table(read_bytes("ohio.csv", small_csv()))
    facts = {"accounts": found.accounts, "report": found.report, "original": found.original, "headings": found.headings}
    opened.import_accounts(**facts, file_name="ohio.csv", file=small_csv(), who="ann")
    yield opened
    opened.close()


def basis(made=None):
    made = small_design() if made is None else made
    return basis_of(made, small_reps(small_design()), made.territories)


def redrawn(ground):
    """Ten units of T01 to T04, one account kept for T02 that lies elsewhere, three A accounts by phone, T03 renamed for Rep 2."""
    draft, line = Draft.begin(ground), ground.lines["T03"]
    units = np.flatnonzero(ground.owner == 0)[:10]
    apart = ground.accounts[np.flatnonzero(ground.version_of_account == 3)[0]]
    phoned = ground.accounts[ground.tier == 0][:3]
    return draft.after(
        Change(
            handovers=draft.handing([(units, "T04")]),
            exceptions={apart: (None, "T02")},
            territories={"T03": (line, TerritoryLine("Middle", "#112233", "R2"))},
            channels=dict.fromkeys(phoned, (None, "phone")),
        )
    )


def test_a_saved_version_opens_as_it_was_drawn(workspace):
    ground = basis()
    made = design_of(ground, redrawn(ground))
    kept = restore_design(workspace, keep_design(workspace, made, name="By hand", import_id=1, who="ann"))
    assert kept.exceptions == made.exceptions != {}
    assert kept.attention.channels == made.attention.channels != {}
    assert_frame_equal(kept.scorecard, made.scorecard, check_exact=True)
    assert_series_equal(kept.territory_id, made.territory_id)
    assert_frame_equal(kept.attention.workload, made.attention.workload, check_exact=True)
    assert_frame_equal(kept.attention.call_plan, made.attention.call_plan, check_exact=True)
    assert_series_equal(kept.capacity, made.capacity)
    assert kept.alignment == made.alignment and pack(kept) == pack(made)
    assert kept.result.stopped_by == BY_HAND


def test_a_version_with_a_bare_territory_and_uncovered_units_opens_and_is_drawn_on(workspace):
    ground = basis()
    draft = Draft.begin(ground)
    bare = draft.after(Change(draft.handing([(np.flatnonzero(ground.owner == 1), "")])))
    made = design_of(ground, bare)
    saved = keep_design(workspace, made, name="Bare", import_id=1, who="ann")
    kept = restore_design(workspace, saved)
    assert_frame_equal(kept.scorecard, made.scorecard, check_exact=True)
    again = basis_of(kept, small_reps(small_design()), workspace.design(saved).territories)
    assert_frame_equal(version_figures(again).scorecard, made.scorecard, check_exact=True)
    assert np.array_equal(Draft.begin(again).owner, bare.owner)


def test_names_colours_and_reps_are_kept_with_the_version(workspace):
    ground = basis()
    made = design_of(ground, redrawn(ground))
    lines = workspace.design(keep_design(workspace, made, name="By hand", import_id=1, who="ann")).territories
    assert lines.loc["T03", [Territories.name, Territories.color, Reps.rep_id]].tolist() == ["Middle", "#112233", "R2"]
    again = basis_of(made, small_reps(small_design()), lines)
    assert again.lines["T03"] == TerritoryLine("Middle", "#112233", "R2")
    assert again.lines["T04"].rep_id == ""


def test_a_territory_whose_rep_was_taken_off_keeps_nobody(workspace):
    ground = basis()
    line = ground.lines["T01"]
    draft = Draft.begin(ground).after(Change(territories={"T01": (line, dataclasses.replace(line, rep_id=""))}))
    saved = workspace.design(keep_design(workspace, design_of(ground, draft), name="Vacant", import_id=1, who="ann"))
    assert basis_of(small_design(), small_reps(small_design()), saved.territories).lines["T01"].rep_id == ""


def test_a_draft_of_a_saved_version_begins_where_that_one_ended(workspace):
    ground = basis()
    made = design_of(ground, redrawn(ground))
    saved = keep_design(workspace, made, name="By hand", import_id=1, who="ann")
    again = basis_of(restore_design(workspace, saved), small_reps(small_design()), workspace.design(saved).territories)
    draft = Draft.begin(again)
    assert (draft.exceptions, draft.channels) == (made.exceptions, made.attention.channels)
    assert_frame_equal(version_figures(again).scorecard, made.scorecard, check_exact=True)
    back = draft.after(Change(exceptions={a: (t, None) for a, t in draft.exceptions.items()}))
    plain = back.after(Change(channels={a: (c, None) for a, c in back.channels.items()}))
    assert design_of(again, plain).attention.hours("outside").equals(small_design().attention.hours("outside"))


def test_a_design_saved_before_there_were_exceptions_opens(workspace, monkeypatch):
    dumped = json.dumps

    def older(facts, **how):
        new = ("exceptions", "channels", "capacity")
        return dumped({name: fact for name, fact in facts.items() if name not in new} if "plane" in facts else facts, **how)

    monkeypatch.setattr("geo_territory.workspace.designs.json.dumps", older)
    saved = keep_design(workspace, small_design(), name="Older", import_id=1, who="ann")
    monkeypatch.undo()
    kept = restore_design(workspace, saved)
    assert (kept.exceptions, kept.attention.channels, kept.capacity) == ({}, {}, None)
    assert_frame_equal(version_figures(basis(kept)).scorecard, small_design().scorecard, check_exact=True)


def test_published_accounts_follow_their_exceptions():
    ground = basis()
    made = design_of(ground, redrawn(ground))
    (account, to), *_ = made.exceptions.items()
    original = accounts_from_table(read_bytes("ohio.csv", small_csv())).original
    table = aligned_accounts(made, original)
    assert table.loc[account, Accounts.territory_id] == to != made.alignment.territory_of[made.unit_id[account]]
    assert accounts_by_tier(made).sum(axis=1).to_dict() == made.scorecard[Scorecard.accounts].to_dict()
    published = {row["id"]: row["properties"] for row in json.loads(territories_geojson(made))["features"]}
    assert published[to][str(Scorecard.accounts)] == made.scorecard.loc[to, Scorecard.accounts]
    assert json.loads(summary_bytes(made))["exceptions"] == made.exceptions


def test_units_nobody_covers_and_territories_without_units_are_published_as_they_are():
    ground = basis()
    draft = Draft.begin(ground)
    bare = draft.after(Change(draft.handing([(np.flatnonzero(ground.owner == 0), "")])))
    made = design_of(ground, bare)
    assert made.territories.geometry.is_empty.to_dict() == {"T01": True, "T02": False, "T03": False, "T04": False}
    assert json.loads(territories_geojson(made))["features"][0]["geometry"] is None
    assert b"T01" not in units_geojson(made) and b"Toledo" in design_map(made)
    assert json.loads(summary_bytes(made))["pieces"]["T01"] == 0
    assert any("nobody covers" in reason for reason in made.result.reasons)


def test_a_draft_in_which_nobody_covers_anything_is_still_a_design():
    ground = basis()
    draft = Draft.begin(ground)
    made = design_of(ground, draft.after(Change(draft.handing([(np.arange(len(ground.units)), "")]))))
    assert made.territories.geometry.is_empty.all() and (made.scorecard[Scorecard.weight] == 0).all()
    assert np.isfinite(made.result.imbalance) and made.result.inertia == 0
    json.loads(summary_bytes(made))


def test_a_drawing_is_measured_as_a_solution_is():
    """Undrawn, the version's own inertia, imbalance and bound are found again."""
    ground = basis()
    made, solved = design_of(ground, Draft.begin(ground)), small_design().result
    assert made.result.inertia == pytest.approx(solved.inertia)
    assert made.result.imbalance == pytest.approx(solved.imbalance)
    assert made.result.bound == pytest.approx(solved.bound, rel=0.02) and made.result.gap >= 0
    assert made.result.within_tolerance and made.result.reasons == ()
    assert np.array_equal(made.result.territory, ground.owner)


def test_a_drawing_says_what_stands_in_its_way():
    ground = basis()
    draft = Draft.begin(ground)
    far = np.flatnonzero(ground.owner == 0)[:12]
    made = design_of(ground, draft.after(Change(draft.handing([(far, "T03")]))))
    assert not made.result.within_tolerance
    assert any("the tolerance is 15 %" in reason for reason in made.result.reasons)


def attention_with_current():
    """The small company with the territories of its design as the current ones."""
    made = small_design()
    accounts = made.attention.accounts.copy()
    accounts[Accounts.territory_id] = made.territory_id.reindex(accounts.index)
    return pay_attention(accounts, made.attention.policy)


def test_what_changes_hands_names_the_accounts_that_were_given_away_by_hand():
    attention = attention_with_current()
    current = attention.planned[Accounts.territory_id].dropna()
    made = dataclasses.replace(small_design(), attention=attention, start=current)
    ground = basis(made)
    draft = redrawn(ground)
    drawn = design_of(ground, draft.after(Change(draft.handing([(np.array([80]), "")]))))
    changed = account_changes(drawn)
    (account, _), *_ = drawn.exceptions.items()
    assert "by hand" in changed.loc[account, "reason"]
    assert drawn.result.disruption == pytest.approx(
        drawn.attention.hours("outside").reindex(changed.index).sum() / drawn.attention.hours("outside")[drawn.unit_id.notna()].sum()
    )


def test_a_later_solve_keeps_exceptions_where_they_are_and_counts_them_there():
    attention, first = small_attention(), small_design()
    away = first.territory_id[first.territory_id == "T01"].index
    big = attention.hours("outside")[away].sort_values().index[-3:]
    exceptions = dict.fromkeys(big, "T03")
    again = design(attention, capacity=first.capacity, start=first.territory_id.dropna(), exceptions=exceptions)
    assert (again.territory_id[big] == "T03").all() and again.exceptions == exceptions
    rows = again.scorecard
    hours = attention.hours("outside")
    assert rows.loc["T03", Scorecard.weight] == pytest.approx(hours[again.territory_id == "T03"].sum())
    assert again.result.imbalance == pytest.approx((rows[Scorecard.balance_index] / 100 - 1).abs().max())
    assert again.result.imbalance <= 0.15 and again.contiguous


def test_every_alternative_keeps_exceptions():
    attention, first = small_attention(), small_design()
    account = first.territory_id[first.territory_id == "T01"].index[0]
    found = propose(attention, capacity=first.capacity, exceptions={account: "T03"})
    for number in range(len(found.alternatives)):
        made = found.design(number)
        assert made.territory_id[account] == "T03"
        assert made.scorecard[Scorecard.accounts].sum() == first.scorecard[Scorecard.accounts].sum()


def test_exceptions_that_fill_a_territory_leave_it_the_least_room():
    attention, first = small_attention(), small_design()
    exceptions = dict.fromkeys(first.territory_id.dropna().index[:40], "T02")
    again = design(attention, capacity=first.capacity, exceptions=exceptions)
    assert not again.result.within_tolerance
    assert (again.territory_id[list(exceptions)] == "T02").all()


def test_an_exception_for_a_territory_that_is_not_asked_for_is_refused():
    with pytest.raises(UnitsError, match="kept for territory Nowhere"):
        design(small_attention(), exceptions={"a001": "Nowhere"})


def test_tiers_set_by_hand_survive_with_exceptions(workspace):
    workspace.set_override("a000", "C", "lost the tender", "ann")
    attention = pay_attention(workspace.accounts(), small_attention().policy, overrides=workspace.overrides())
    ground = basis(dataclasses.replace(small_design(), attention=attention))
    made = design_of(ground, redrawn(ground))
    kept = restore_design(workspace, keep_design(workspace, made, name="By hand", import_id=1, who="ann"))
    assert kept.attention.tiers.loc["a000", Tiers.tier] == "C"
    assert_frame_equal(kept.attention.workload, made.attention.workload, check_exact=True)
