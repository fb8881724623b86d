"""What is drawn becomes a version, a scenario, files: its numbers are the library's, and undoing all leaves the version as it was."""

import json
import sqlite3
from contextlib import closing

import pytest
from playwright.sync_api import expect

from geo_territory.tables import Scorecard, Territories
from tests.browser.redraw_desk import keep_picture, opened, rows_of, watched

WAIT = 30_000


@pytest.fixture
def page(chromium):
    with watched(chromium) as page:
        yield page


def idle(page):
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]', timeout=WAIT)


def save_as(leader, name):
    """Save the draft as a version and return what the page says."""
    leader.page.get_by_role("button", name="Save as version").click()
    leader.page.get_by_label("Name of the version").fill(name)
    leader.page.get_by_role("button", name="Save", exact=True).click()
    expect(leader.page.get_by_text(f"{name} is saved as a version")).to_be_visible(timeout=WAIT)


def version(desk, name):
    with desk.workspace() as workspace:
        return next(record.design_id for record in workspace.designs() if record.name == name)


def stored(desk, design_id):
    """Return the bytes of a version's alignment as they lie in the file, unit by unit."""
    columns = "hex(unit_id), hex(territory_id)"
    with closing(sqlite3.connect(desk.url.removeprefix("sqlite:///"))) as file:
        return file.execute(f"select {columns} from design_units where design_id = ? order by unit_id", [design_id]).fetchall()


def test_the_panels_numbers_are_those_of_the_saved_version_to_the_last_digit(page, desk):
    leader = opened(page, desk, desk.draft("To be kept"))
    owner = leader.owner()
    of, to, units = desk.a_border(owner)
    leader.hand_over(units[:2], to)
    panel, whole = rows_of(leader), leader.ask("draft => draft.whole")
    save_as(leader, "Kept by hand")
    design = desk.restored(version(desk, "Kept by hand"))
    card = design.scorecard.sort_index()
    for column, name in (("index", Scorecard.balance_index), ("hours", Scorecard.workload), ("value", Scorecard.value),
                         ("accounts", Scorecard.accounts), ("compactness", Scorecard.compactness)):  # fmt: skip
        assert panel[column].tolist() == card[name].tolist(), column
    assert whole["imbalance"] == design.result.imbalance
    assert list(panel.index) == list(design.territories.index)
    assert panel["name"].tolist() == design.territories[Territories.name].sort_index().tolist()


def test_a_version_that_was_drawn_is_exported_like_any_other(page, desk):
    page.goto(f"{desk.server.address}/export")
    button = page.get_by_role("button", name="territories.geojson")
    expect(button).to_be_visible(timeout=WAIT)
    expect(page.get_by_text("Kept by hand").first).to_be_visible()
    idle(page)
    with page.expect_download(timeout=WAIT) as download:
        button.click()
    shapes = json.loads(download.value.path().read_text())
    assert len(shapes["features"]) == len(desk.design.scorecard)


def test_undoing_everything_leaves_a_byte_identical_alignment(page, desk):
    leader = opened(page, desk, desk.draft("There and back"))
    owner = leader.owner()
    of, to, units = desk.a_border(owner)
    leader.hand_over(units[:3], to)
    assert leader.owner() != owner
    leader.reload()
    for _ in units[:3]:
        leader.press("undo")
        leader.settled()
    assert leader.owner() == owner
    save_as(leader, "As it was")
    assert stored(desk, version(desk, "As it was")) == stored(desk, desk.version) != []
    now = desk.restored(version(desk, "As it was"))
    assert now.scorecard.to_json() == desk.design.scorecard.to_json()


def test_scenarios_are_compared_on_maps_that_move_together(page, desk):
    leader = opened(page, desk, desk.draft("North"))
    _, to, units = desk.a_border(leader.owner())
    leader.hand_over([units[0]], to)
    page.get_by_role("button", name="Keep as scenario").click()
    page.get_by_label("Name of the scenario").fill("North, kept")
    page.get_by_role("button", name="Keep", exact=True).click()
    expect(page.get_by_text("North, kept is kept as a scenario")).to_be_visible(timeout=WAIT)
    page.get_by_role("button", name="Compare").click()
    expect(page.locator("h1", has_text="Compare")).to_be_visible(timeout=WAIT)
    expect(page.locator(".gt-box")).to_have_count(2, timeout=WAIT)
    idle(page)
    boxes = page.locator(".gt-box")
    for k in (0, 1):
        boxes.nth(k).evaluate("async box => { while (!box.gtView || !box.gtView.framed) await new Promise(requestAnimationFrame); }")
    boxes.first.evaluate("box => box.gtView.map.setView([40.4, -82.5], 8.25, {animate: false})")
    other = boxes.nth(1).evaluate("box => [box.gtView.map.getZoom(), box.gtView.map.getCenter().lat.toFixed(3)]")
    assert other == [8.25, "40.400"]
    expect(page.get_by_text("2 territories of 4 affected")).to_be_visible(timeout=WAIT)
    keep_picture(page, "compare-1440")
