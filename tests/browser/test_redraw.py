"""The redraw editor of the real app in a real Chromium: every tool, one leader, one long visit to one draft."""

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.redraw_desk import keep_picture, opened, rows_of, watched

LAY_DOWN = """({gtEditor: {tools, alerts}, gtView: {map}}) => {
  alerts.replaceChildren(); // an alert lies over the map
  const home = window.home = window.home || [map.getCenter(), map.getZoom()];
  if (map.getZoom() !== home[1] || !map.getCenter().equals(home[0])) map.setView(...home, {animate: false});
  Object.assign(tools, {action: "assign", from: null, to: null});
  tools.clear();
  tools.setMode("click");
}"""


@pytest.fixture(scope="module")
def visit(chromium, desk):
    """One page on one draft; each test goes on where the one before ended."""
    with watched(chromium) as page:
        yield opened(page, desk, desk.draft("One long visit"))


@pytest.fixture
def leader(visit):
    """The visit with every tool laid down: click, assign at once, any source, nothing chosen, nothing selected; the whole map."""
    visit.page.keyboard.press("Escape")
    visit.box.evaluate(
        "({gtEditor: {tools}}) => { tools.clear(); tools.action = 'assign'; tools.from = null; tools.to = null; tools.setMode('click'); }"
    )
    visit.settled()
    return visit


def take_back(leader, to):
    """Undo until the map is as it was, at most sixty edits."""
    for _ in range(60):
        if leader.owner() == to:
            return
        leader.press("undo")
        leader.settled()
    assert leader.owner() == to


def changed(before, after):
    return {unit: (was, now) for unit, (was, now) in enumerate(zip(before, after, strict=True)) if was != now}


def test_a_click_hands_a_unit_to_the_chosen_territory_and_is_stored(leader, desk):
    before = leader.owner()
    of, to, units = desk.a_border(before)
    leader.tool("click")
    leader.hand_over([units[0]], to)
    assert changed(before, leader.owner()) == {units[0]: (of, to)}
    [handover] = desk.edits(leader.draft_id)[-1].change.handovers
    assert (handover.units, handover.before, handover.after) == ((desk.units[units[0]],), of, to)


def test_a_click_with_no_territory_chosen_takes_the_units_own(leader, desk):
    before = leader.owner()
    leader.tool("click")
    leader.click(5)
    leader.until("(box, id) => box.gtEditor.tools.to === id", given=before[5])
    assert leader.owner() == before and leader.part("target").first.input_value() == before[5]


def test_a_brush_takes_what_it_passes_over_in_one_edit(leader, desk):
    before, stored = leader.owner(), len(desk.edits(leader.draft_id))
    of, to, units = desk.a_border(before)
    leader.tool("brush")
    leader.target(to)
    leader.part("brush-size").first.fill("6")
    leader.drag([leader.spot(unit) for unit in units[:3]], steps=8)
    leader.settled()
    handed = changed(before, leader.owner())
    assert set(units[:3]) <= set(handed) and {now for _, now in handed.values()} == {to}
    assert len(desk.edits(leader.draft_id)) == stored + 1


def test_a_rectangle_takes_the_units_whose_middle_it_holds(leader, desk):
    before = leader.owner()
    spots = np.array([leader.spot(unit) for unit in range(len(before))])
    low, high = spots[:, :].min(0) + (spots.max(0) - spots.min(0)) * 0.4, spots.min(0) + (spots.max(0) - spots.min(0)) * 0.6
    inside = {unit for unit, (x, y) in enumerate(spots) if low[0] <= x <= high[0] and low[1] <= y <= high[1]}
    to = sorted(set(before))[-1]
    leader.tool("rectangle")
    leader.target(to)
    leader.drag([tuple(low), tuple(high)])
    leader.settled()
    assert inside and {unit for unit, owner in enumerate(leader.owner()) if owner == to} == inside | {
        unit for unit, owner in enumerate(before) if owner == to
    }
    leader.press("undo")
    leader.settled()
    assert leader.owner() == before


def test_the_source_filter_leaves_all_other_territories_alone(leader, desk):
    before = leader.owner()
    of, to, _ = desk.a_border(before)
    leader.tool("region")
    leader.press("region-state")
    leader.target(to)
    leader.part("source").first.select_option(of)
    leader.click(before.index(to))  # anywhere in Ohio
    leader.settled()
    assert leader.owner() == [to if owner == of else owner for owner in before]
    leader.press("undo")
    leader.settled()
    assert leader.owner() == before


def test_lasso_and_table_give_identical_results(leader, desk):
    before = leader.owner()
    of, to, units = desk.a_border(before)
    spots = np.array([leader.spot(unit) for unit in units[:3]])
    middle, wide = spots.mean(0), np.abs(spots - spots.mean(0)).max() + 14
    around = [(middle[0] + wide * np.cos(a), middle[1] + wide * np.sin(a)) for a in np.linspace(0, 2 * np.pi, 24)]
    leader.tool("lasso")
    leader.target(to)
    leader.drag(around, steps=2)
    leader.settled()
    by_lasso, rows, taken = leader.owner(), rows_of(leader), sorted(changed(before, leader.owner()))
    assert len(taken) >= 3
    leader.press("undo")
    leader.settled()
    by_table(leader, desk, taken, to)
    assert leader.owner() == by_lasso
    assert rows_of(leader).to_json() == rows.to_json()
    leader.press("undo")
    leader.settled()


def by_table(leader, desk, units, to):
    """Select units in the table and hand them over, without the map."""
    leader.press("tab-units")
    for unit in units:
        leader.part("unit-search").fill(desk.names[unit])
        row = leader.box.locator(f'[data-gt="unit"][data-unit="{unit}"]')
        row.click()
        expect(row).to_have_attribute("aria-selected", "true")
    leader.part("selection-to").select_option(to)
    leader.press("assign")
    leader.settled()
    leader.part("unit-search").fill("")
    leader.press("tab-territories")


def test_undo_and_redo_by_buttons_and_by_keys(leader, desk):
    before = leader.owner()
    _, to, units = desk.a_border(before)
    leader.hand_over([units[0]], to)
    after = leader.owner()
    for undo, redo in (("undo", "redo"), ("Control+z", "Control+Shift+z"), ("Control+z", "Control+y")):
        for step, expected in ((undo, before), (redo, after)):
            leader.press(step) if step in ("undo", "redo") else leader.page.keyboard.press(step)
            leader.settled()
            assert leader.owner() == expected
    leader.press("undo")
    leader.settled()


def test_fifty_moves_leave_zoom_and_place_as_they_are(leader, desk):
    before = leader.owner()
    to = sorted(set(before))[0]
    leader.box.evaluate("box => box.gtView.map.setView([40.3, -82.7], box.gtView.map.getZoom() + 0.25, {animate: false})")
    view, box = leader.view(), leader.box.locator(".gt-map").bounding_box()
    spots = {unit: leader.spot(unit) for unit, owner in enumerate(before) if owner != to}
    seen = [unit for unit, (x, y) in spots.items() if 60 < x - box["x"] < box["width"] - 60 and 60 < y - box["y"] < box["height"] - 60]
    for move in range(50):
        name = sorted(set(before))[move % 2]
        leader.target(name)
        leader.page.mouse.click(*spots[seen[move % 25]])
        assert leader.view() == view
    leader.settled()
    assert leader.view() == view and leader.owner() != before
    leader.page.keyboard.press("Escape")
    take_back(leader, to=before)


def test_a_county_is_taken_whole(leader, desk):
    before = leader.owner()
    _, to, units = desk.a_border(before)
    leader.tool("region")
    leader.press("region-county")
    leader.hand_over([units[0]], to)
    assert leader.owner() == [to if unit == units[0] else owner for unit, owner in enumerate(before)]
    leader.press("undo")
    leader.settled()


def test_what_is_selected_shows_totals_and_effect_before_it_is_handed_over(leader, desk):
    before = leader.owner()
    of, to, units = desk.a_border(before)
    leader.press("action-select")
    leader.tool("click")
    leader.click(units[0])
    shift_click(leader, units[1])
    expect(leader.part("selection")).to_be_visible()
    expect(leader.part("totals")).to_contain_text("2 units")
    leader.part("selection-to").select_option(to)
    effect = leader.part("effect")
    expect(effect).to_have_attribute("aria-busy", "false", timeout=10_000)
    expect(effect.locator(".gt-side")).to_have_count(2)
    foreseen = leader.ask("(draft, [units, to]) => draft.look([{units, to}])", [units[:2], to])
    assert leader.owner() == before
    keep_picture(leader.page, "redraw-selection-1440")
    leader.press("assign")
    leader.settled()
    assert changed(before, leader.owner()) == dict.fromkeys(units[:2], (of, to))
    rows = rows_of(leader)
    for row in foreseen["territories"]:
        assert rows.loc[row["id"], "index"] == row["index"] and rows.loc[row["id"], "hours"] == row["hours"]
    leader.press("undo")
    leader.settled()


def shift_click(leader, unit):
    leader.page.keyboard.down("Shift")
    leader.click(unit)
    leader.page.keyboard.up("Shift")


def test_a_locked_unit_stays_whatever_passes_over_it(leader, desk):
    before = leader.owner()
    _, to, units = desk.a_border(before)
    leader.press("action-lock")
    leader.click(units[0])
    leader.settled()
    leader.press("action-assign")
    leader.hand_over([units[0]], to)
    assert leader.owner() == before
    expect(leader.part("notice")).not_to_be_empty()
    leader.press("undo")  # the lock
    leader.settled()
    leader.click(units[0])
    leader.settled()
    assert leader.owner()[units[0]] == to
    leader.press("undo")
    leader.settled()


def test_a_locked_territory_and_a_locked_map_give_nothing_away(leader, desk):
    before = leader.owner()
    of, to, units = desk.a_border(before)
    lock = leader.row(of).locator('[data-gt="lock"]')
    lock.click()
    leader.settled()
    expect(lock).to_have_attribute("aria-pressed", "true")
    leader.hand_over([units[0]], to)
    assert leader.owner() == before
    lock.click()
    leader.press("lock-all")
    leader.settled()
    leader.click(units[0])
    leader.settled()
    assert leader.owner() == before
    leader.press("lock-all")
    leader.settled()
    assert desk.edits(leader.draft_id)[-1].kind == "lock"


def test_a_named_account_goes_elsewhere_while_its_unit_stays(leader, desk):
    before, rows = leader.owner(), rows_of(leader)
    of, to, _ = desk.a_border(before)
    leader.target(of)
    leader.press("tab-details")
    leader.part("account").first.check()
    leader.part("accounts-to").select_option(to)
    leader.press("move-accounts")
    leader.settled()
    after = rows_of(leader)
    assert leader.owner() == before
    assert after.loc[of, "accounts"] == rows.loc[of, "accounts"] - 1 and after.loc[to, "accounts"] == rows.loc[to, "accounts"] + 1
    [(account, (was, now))] = desk.edits(leader.draft_id)[-1].change.exceptions.items()
    assert (was, now) == (None, to) and leader.ask("draft => [...draft.exceptions]") == [[account, to]]
    leader.press("undo")
    leader.settled()
    assert leader.ask("draft => [...draft.exceptions]") == []
    leader.press("tab-territories")


def test_an_account_is_moved_by_a_click_on_its_point(leader, desk):
    of, to, _ = desk.a_border(leader.owner())
    leader.tool("accounts")
    leader.target(to)
    leader.box.evaluate("box => box.gtView.accounts.named")
    x, y, account = leader.box.evaluate(ACCOUNT_OF, of)
    leader.page.mouse.click(x, y)
    leader.settled()
    assert leader.ask("draft => [...draft.exceptions]") == [[account, to]]
    leader.press("undo")
    leader.settled()


ACCOUNT_OF = """({gtView: {map, areas, accounts}, gtEditor: {draft}}, id) => {
  const gt = L.geoTerritory, at = map.getContainer().getBoundingClientRect();
  for (let i = 0; i < accounts.wx.length; i++) {
    const place = gt.unproject(accounts.wx[i], accounts.wy[i]), unit = areas.hit(place), p = map.latLngToContainerPoint(place);
    if (unit >= 0 && draft.ownerOf(unit) === id && accounts.hit(place, 8) === i) return [at.x + p.x, at.y + p.y, accounts.ids[i]];
  }
}"""


def test_a_name_a_colour_and_a_rep_are_changed_in_place(leader, desk):
    of, _, _ = desk.a_border(leader.owner())
    leader.target(of)
    leader.press("tab-details")
    leader.part("name").fill("Lake Erie")
    leader.page.keyboard.press("Enter")
    leader.settled()
    expect(leader.row(of)).to_contain_text("Lake Erie")
    rep = leader.part("rep").locator("option").nth(2).get_attribute("value")
    leader.part("rep").select_option(rep)
    leader.settled()
    leader.press("color")
    well = leader.box.locator(".gt-well[aria-pressed=false]").last
    color = well.get_attribute("data-color")
    well.click()
    leader.settled()
    row = rows_of(leader).loc[of]
    assert (row["name"], row["rep"], row["color"]) == ("Lake Erie", rep, color)
    assert [edit.kind for edit in desk.edits(leader.draft_id)[-3:]] == ["territory"] * 3
    leader.press("tab-territories")


def test_a_selection_becomes_a_territory_of_its_own_and_goes_again(leader, desk):
    before = leader.owner()
    _, _, units = desk.a_border(before)
    leader.press("action-select")
    leader.click(units[0])
    shift_click(leader, units[1])
    leader.press("new-territory")
    leader.settled()
    [made] = set(leader.owner()) - set(before)
    assert {unit for unit, owner in enumerate(leader.owner()) if owner == made} == set(units[:2])
    leader.row(made).locator(".gt-name").click()
    leader.press("tab-details")
    leader.press("delete")
    leader.press("delete-yes")
    leader.settled()
    assert made not in leader.owner() and leader.row(made).count() == 0
    leader.press("tab-territories")
    for _ in range(2):
        leader.press("undo")
        leader.settled()
    assert leader.owner() == before


def test_two_territories_become_one_and_one_becomes_two(leader, desk):
    before = leader.owner()
    of, to, _ = desk.a_border(before)
    leader.row(of).locator(".gt-name").click()
    leader.press("tab-details")
    leader.press("merge")
    leader.part("merge-into").select_option(to)
    leader.press("merge-yes")
    leader.settled()
    assert leader.owner() == [to if owner == of else owner for owner in before]
    leader.press("tab-territories")
    leader.row(to).locator(".gt-name").click()
    leader.press("tab-details")
    leader.press("split")
    leader.settled()
    parted = leader.owner()
    [new] = set(parted) - set(before)
    assert {owner for owner, was in zip(parted, before, strict=True) if was in (of, to)} == {to, new}
    rows = rows_of(leader)
    assert rows.loc[[to, new], "pieces"].tolist() == [1, 1]
    leader.press("tab-territories")
    for _ in range(2):
        leader.press("undo")
        leader.settled()
    assert leader.owner() == before


def an_island(leader, desk, owner):
    """Return a unit well inside a territory, and that and another territory."""
    for unit in range(len(owner)):
        around = {owner[v] for v in desk.around(unit)}
        if around == {owner[unit]}:
            return unit, owner[unit], next(name for name in sorted(set(owner)) if name != owner[unit])
    raise AssertionError("No unit lies inside a territory.")


def test_a_piece_is_shown_with_its_place_and_mended_with_one_click(leader, desk):
    before = leader.owner()
    unit, of, to = an_island(leader, desk, before)
    leader.hand_over([unit], to)
    assert rows_of(leader).loc[to, "pieces"] == 2
    expect(leader.row(to)).to_contain_text("2 pieces")
    view = leader.view()
    leader.press("tab-details")
    expect(leader.part("advice")).to_have_attribute("aria-busy", "false")
    leader.part("fault").first.locator('[data-gt="zoom"]').click()
    assert leader.view() != view
    keep_picture(leader.page, "redraw-repair-1440")
    leader.part("repair").first.click()
    leader.settled()
    rows = rows_of(leader)
    assert rows.loc[to, "pieces"] == 1 and leader.owner()[unit] == of
    assert desk.edits(leader.draft_id)[-1].kind == "repair"
    leader.look_at(view)
    leader.press("tab-territories")
    for _ in range(2):
        leader.press("undo")
        leader.settled()
    assert leader.owner() == before


def test_calls_go_to_the_phone_before_a_border_moves(leader, desk):
    rows = rows_of(leader)
    busiest = rows["index"].idxmax()
    leader.target(busiest)
    leader.press("tab-details")
    expect(leader.part("advice")).to_have_attribute("aria-busy", "false", timeout=10_000)
    offer = leader.part("relief").first
    expect(offer).to_be_visible(timeout=10_000)
    offer.click()
    leader.settled()
    assert rows_of(leader).loc[busiest, "hours"] < rows.loc[busiest, "hours"]
    assert desk.edits(leader.draft_id)[-1].kind in ("channel", "repair")
    leader.press("undo")
    leader.settled()
    leader.press("tab-territories")


def test_one_move_of_several_is_taken_back(leader, desk):
    before = leader.owner()
    _, to, units = desk.a_border(before)
    leader.hand_over(units[:2], to)
    leader.press("tab-moves")
    first = desk.edits(leader.draft_id)[-2]
    entry = leader.box.locator(f'[data-gt="edit"][data-rev="{first.rev}"]')
    expect(entry).to_contain_text(desk.names[units[0]])
    keep_picture(leader.page, "redraw-moves-1440")
    entry.locator('[data-gt="revert"]').click()
    leader.settled()
    assert changed(before, leader.owner()) == {units[1]: (before[units[1]], to)}
    expect(entry).to_contain_text("undone")
    leader.press("tab-territories")
    for _ in range(2):
        leader.press("undo")
        leader.settled()
    leader.press("undo")
    leader.settled()


def test_a_reason_is_kept_with_the_moves_it_was_given_for(leader, desk):
    _, to, units = desk.a_border(leader.owner())
    leader.press("tab-moves")
    leader.part("reason").fill("Nearer to her home")
    leader.hand_over([units[0]], to)
    assert desk.edits(leader.draft_id)[-1].reason == "Nearer to her home"
    expect(leader.part("edit").first).to_contain_text("Nearer to her home")
    leader.part("reason").fill("")
    leader.press("undo")
    leader.settled()
    leader.press("tab-territories")


def test_the_rest_is_solved_and_each_proposal_is_accepted_rejected_or_pinned(leader, desk):
    take_back(leader, to=leader.ask("draft => Array.from(draft.versionOwner, slot => draft.slots[slot] ?? '')"))
    before = leader.owner()
    of, to, units = desk.a_border(before, least=6)
    leader.hand_over(units[:6], to)
    drawn = leader.owner()
    assert changed(before, drawn) == dict.fromkeys(units[:6], (of, to))
    leader.press("tab-solve")
    leader.press("solve")
    proposals = leader.part("proposal")
    expect(proposals.first).to_be_visible(timeout=60_000)
    many = proposals.count()
    keep_picture(leader.page, "redraw-solve-1440")
    said = leader.ask("draft => draft.proposals.proposals")
    assert not {unit for one in said for unit in one["units"]} & set(units[:6])  # what was drawn stays
    proposals.first.locator('[data-gt="accept"]').click()
    leader.settled()
    assert changed(drawn, leader.owner()) == dict.fromkeys(said[0]["units"], (said[0]["before"], said[0]["after"]))
    assert desk.edits(leader.draft_id)[-1].kind == "solve"
    expect(proposals).to_have_count(many - 1)
    if many > 1:
        proposals.first.locator('[data-gt="reject"]').click()
        expect(proposals).to_have_count(many - 2)
    if many > 2:
        proposals.first.locator('[data-gt="pin"]').click()
        expect(leader.part("pinned")).to_contain_text("unit")
    leader.press("tab-territories")
    take_back(leader, to=before)


def test_undo_goes_on_after_a_reload(leader, desk):
    before = leader.owner()
    _, to, units = desk.a_border(before)
    leader.hand_over(units[:2], to)
    after = leader.owner()
    leader.reload()
    assert leader.owner() == after
    for _ in range(2):
        leader.press("undo")
        leader.settled()
    assert leader.owner() == before
    leader.reload()
    for _ in range(2):
        leader.press("redo")
        leader.settled()
    assert leader.owner() == after


def test_everything_can_be_drawn_from_the_keyboard(leader, desk):
    """On the map: arrows move a cursor, Space selects, Enter hands over; in the table: arrows, Space, Enter."""
    before = leader.owner()
    page = leader.page
    leader.box.locator(".leaflet-container").focus()
    for key in ("ArrowRight", "ArrowUp", "ArrowRight", "ArrowLeft"):
        page.keyboard.press(key)
    here = leader.box.evaluate("box => box.gtEditor.tools.position")
    assert here >= 0
    ids = leader.ask("draft => [...draft.territories.keys()]")
    to = next(name for name in ids if name != before[here])
    page.keyboard.press(str(ids.index(to) + 1))
    assert leader.owner()[here] != to
    page.keyboard.press("Space")
    leader.until("(box, u) => box.gtEditor.tools.selection.has(u)", given=here)
    page.keyboard.press("Enter")
    leader.settled()
    assert changed(before, leader.owner()) == {here: (before[here], to)}
    page.keyboard.press("Control+z")
    leader.settled()
    leader.part("tab-territories").focus()
    page.keyboard.press("End")
    expect(leader.part("tab-units")).to_be_focused()
    leader.part("units").focus()
    for key in ("ArrowDown", "ArrowDown", "Space", "ArrowDown", "Space"):
        page.keyboard.press(key)
    chosen = leader.box.evaluate("box => [...box.gtEditor.tools.selection]")
    assert len(chosen) == 2
    page.keyboard.press("1")
    to = leader.ask("draft => [...draft.territories.keys()][0]")
    page.keyboard.press("Enter")
    leader.settled()
    assert all(leader.owner()[unit] == to for unit in chosen)
    page.keyboard.press("Control+z")
    leader.settled()
    assert leader.owner() == before
    leader.press("tab-territories")


def test_tools_have_keys_and_escape_leaves_a_stroke_undrawn(leader, desk):
    before, stored = leader.owner(), len(desk.edits(leader.draft_id))
    of, to, units = desk.a_border(before)
    modes = {"v": "pan", "r": "rectangle", "l": "lasso", "g": "region", "a": "accounts", "c": "click", "b": "brush"}
    leader.box.locator(".leaflet-container").focus()
    for key, mode in modes.items():
        leader.page.keyboard.press(key)
        leader.until("(box, mode) => box.gtEditor.tools.mode === mode", given=mode)
        expect(leader.part(f"tool-{mode}")).to_have_attribute("aria-pressed", "true")
    leader.target(to)
    leader.page.mouse.move(*leader.spot(units[0]))
    leader.page.mouse.down()
    leader.page.mouse.move(*leader.spot(units[1]), steps=4)
    leader.page.keyboard.press("Escape")
    leader.page.mouse.up()
    leader.settled()
    assert leader.owner() == before and len(desk.edits(leader.draft_id)) == stored


def test_the_editor_is_as_a_person_finds_it(leader):
    """A picture of it at rest, wide."""
    leader.press("tab-territories")
    keep_picture(leader.page, "redraw-1440")
    assert leader.page.locator('[data-testid="stException"]').count() == 0
