"""The app in a real Chromium: from the sample to files, with no internet, wide and on a phone."""

import json
import logging
import os

import pytest
from playwright.sync_api import TimeoutError, expect

from geo_territory.workspace import URL_VARIABLE
from tests.serving import ROOT

log = logging.getLogger(__name__)
SCREENS = ("Start", "Accounts", "Attention", "Design", "Export")
PICTURES = ROOT / ".screens"


@pytest.fixture(scope="module")
def address(serve, tmp_path_factory):
    """The app over one workspace; the tests of this file follow each other like one visit."""
    before = os.environ.get(URL_VARIABLE)
    os.environ[URL_VARIABLE] = f"sqlite:///{tmp_path_factory.mktemp('workspace')}/work.db"
    yield serve(ROOT / "app.py")
    os.environ.pop(URL_VARIABLE) if before is None else os.environ.__setitem__(URL_VARIABLE, before)


def go_to(page, address, screen, shows="h1"):
    """Open a screen and wait for what it shows; reload once, as a person would: Chromium drops requests when a network comes or goes."""
    page.goto(f"{address}/{'' if screen == 'Start' else screen.lower()}")
    try:
        settled(page, shows, 20_000)
    except (AssertionError, TimeoutError):
        log.warning("reloading %s, which shows %s", page.url, page.evaluate("document.body.innerText.slice(0, 1500)"))
        page.reload()
        settled(page, shows, 40_000)


def settled(page, shows, milliseconds):
    expect(page.locator(shows).first).to_be_visible(timeout=milliseconds)
    idle(page)
    expect(page.get_by_text("Failed to fetch dynamically imported module")).to_have_count(0)


def idle(page):
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]', timeout=30_000)


def keep_picture(page, name):
    """Save what a person sees to .screens/, so that a change of a screen can be looked at after every run."""
    PICTURES.mkdir(exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png", full_page=True)


@pytest.fixture
def planned(page, address):
    """The sample with a saved design, made by hand the first time."""
    go_to(page, address, "Start", shows="text=Measure and repeat")  # the last of the screen: the button is there, or never
    if page.get_by_role("button", name="Load the sample").count():
        page.get_by_role("button", name="Load the sample").click()
        expect(page.get_by_text("The sample company is loaded")).to_be_visible(timeout=30_000)
        go_to(page, address, "Design")
        page.get_by_role("button", name="Solve").click()
        expect(page.get_by_role("button", name="Cancel")).to_be_visible()
        expect(page.get_by_text("Contiguous: yes")).to_be_visible(timeout=240_000)
        page.locator(".st-key-save_design_button button").click()
        expect(page.get_by_text("is saved. It can't be changed any more.")).to_be_visible(timeout=30_000)
    return page


def test_a_person_walks_from_start_to_export(planned, address):
    for old in PICTURES.glob("*-1280.png"):
        old.unlink()
    go_to(planned, address, "Start")
    for screen in SCREENS:
        planned.get_by_role("link", name=screen, exact=True).first.click()
        expect(planned.locator("h1", has_text=screen if screen != "Start" else "").first).to_be_visible(timeout=30_000)
        idle(planned)
        if screen in ("Accounts", "Design"):
            expect(planned.locator(".gt-box canvas").first).to_be_visible(timeout=30_000)
        keep_picture(planned, f"{screen.lower()}-1280")
        assert planned.locator('[data-testid="stException"]').count() == 0
    assert {picture.stem for picture in PICTURES.glob("*-1280.png")} == {f"{name.lower()}-1280" for name in SCREENS}


def test_the_sample_becomes_territories_and_a_file(planned, address):
    go_to(planned, address, "Export", shows="button:has-text('territories.geojson')")
    with planned.expect_download() as download:
        planned.get_by_role("button", name="territories.geojson").click()
    shapes = json.loads(download.value.path().read_text())
    assert shapes["type"] == "FeatureCollection" and len(shapes["features"]) == 14
    go_to(planned, address, "Start")
    assert planned.get_by_text("Territories of 2026 is active since").count() == 1, "a file for oneself publishes nothing"


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_screen_is_wider_than_a_phone(planned, new_page, address, screen, scheme):
    phone = new_page(viewport={"width": 360, "height": 740}, color_scheme=scheme)
    go_to(phone, address, screen)
    assert phone.evaluate("document.scrollingElement.scrollWidth") <= 360
    keep_picture(phone, f"{screen.lower()}-360-{scheme}")
    assert phone.locator('[data-testid="stException"]').count() == 0


def test_the_map_of_a_saved_design_shows_all_its_territories(planned, address):
    go_to(planned, address, "Design")
    expect(planned.locator(".gt-box tbody tr")).to_have_count(14, timeout=30_000)


def test_the_map_gets_the_room_of_the_page(planned, new_page, address):
    go_to(planned, address, "Design")
    box = planned.locator(".gt-map").bounding_box(timeout=30_000)
    assert box["height"] >= 600 and box["width"] >= 720
    wide = new_page(viewport={"width": 1600, "height": 1000})
    go_to(wide, address, "Design")
    assert wide.locator(".gt-map").bounding_box(timeout=30_000)["width"] >= 1040


@pytest.mark.parametrize("width", [1280, 360])
def test_no_column_of_the_legend_is_cut_off(planned, new_page, address, width):
    page = new_page(viewport={"width": width, "height": 900})
    go_to(page, address, "Design")
    expect(page.locator(".gt-box tbody tr")).to_have_count(14, timeout=30_000)
    rows = page.locator(".gt-rows")
    assert rows.evaluate("rows => rows.scrollWidth - rows.clientWidth") <= 1
    assert page.locator(".gt-table thead th").last.inner_text() == "C"


def test_a_leader_sees_todays_imbalance_and_what_a_design_makes_of_it(planned, address):
    go_to(planned, address, "Design")
    expect(planned.get_by_text("Today 14 territories have an imbalance of 69.6 %.")).to_be_visible(timeout=30_000)
    planned.get_by_test_id("stMain").get_by_text("Today", exact=True).click()
    expect(planned.get_by_text("3 of 14 territories in the 85 to 115 band").first).to_be_visible(timeout=60_000)
    expect(planned.locator(".gt-table .gt-out")).to_have_count(11, timeout=30_000)


def test_one_of_several_alternatives_is_used_on_a_desk_and_on_a_phone(planned, new_page, address):
    go_to(planned, address, "Design")
    planned.get_by_text("Start from the current territories").click()
    idle(planned)
    planned.get_by_role("button", name="Show alternatives").click()
    expect(planned.get_by_role("button", name="Cancel")).to_be_visible(timeout=30_000)
    cards = planned.get_by_role("button", name="Use this one")
    expect(cards.first).to_be_visible(timeout=120_000)
    idle(planned)
    many = cards.count()
    assert 2 <= many <= 9
    expect(planned.locator(".st-key-recommended")).to_contain_text("Recommended")
    maps = planned.get_by_role("img", name="Map of alternative")
    expect(maps).to_have_count(many)
    assert maps.evaluate_all("maps => maps.every(map => map.complete && map.naturalWidth > 0)")
    top = [card.bounding_box()["y"] for card in maps.all()[:3]]
    assert max(top) - min(top) < 2  # three beside each other
    keep_picture(planned, "alternatives-1280")
    cards.last.click()
    expect(planned.get_by_text("Contiguous: yes")).to_be_in_viewport(timeout=60_000)
    planned.get_by_text("Alternatives", exact=True).click()
    expect(planned.get_by_role("button", name="Show it again")).to_have_count(1, timeout=30_000)

    phone = new_page(viewport={"width": 360, "height": 740})
    go_to(phone, address, "Design", shows="button:has-text('Use this one')")
    maps = phone.get_by_role("img", name="Map of alternative")
    expect(maps).to_have_count(many, timeout=30_000)
    sides = [(box["x"], box["x"] + box["width"]) for box in (card.bounding_box() for card in maps.all())]
    assert all(left >= 0 and right <= 360 for left, right in sides) and len({left for left, _ in sides}) == 1
    assert phone.evaluate("document.scrollingElement.scrollWidth") <= 360
    keep_picture(phone, "alternatives-360")
    phone.get_by_role("button", name="Use this one").last.click()
    expect(phone.get_by_text("Contiguous: yes")).to_be_in_viewport(timeout=60_000)
    assert phone.evaluate("document.scrollingElement.scrollWidth") <= 360
