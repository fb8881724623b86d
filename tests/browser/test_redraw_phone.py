"""The redraw editor under fingers and on a small screen, light and dark."""

import pytest
from playwright.sync_api import expect

from tests.browser.redraw_desk import keep_picture, opened, watched

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
SMALL = """box => [...box.querySelectorAll('button, select, input:not([type=range]):not([type=checkbox]), [role=tab]')]
  .filter(part => part.getClientRects().length && getComputedStyle(part).visibility === 'visible' && !part.closest('.leaflet-container'))
  .map(part => [part, part.getBoundingClientRect()])
  .filter(([part, r]) => r.width < 43.5 || r.height < 43.5)
  .map(([part, r]) => `${part.dataset.gt || part.className} ${part.textContent} ${Math.round(r.width)}x${Math.round(r.height)}`)"""
SHADE = "box => getComputedStyle(box.querySelector('.gt-side-panel')).backgroundColor.match(/[0-9.]+/g).slice(0, 3).map(Number)"


@pytest.fixture(scope="module")
def phone(chromium, desk):
    with watched(chromium, **PHONE) as page:
        yield opened(page, desk, desk.draft("On a phone"))


@pytest.fixture
def touch(phone):
    """Return a function that sends one touch event with a finger at each spot."""
    session = phone.page.context.new_cdp_session(phone.page)

    def send(kind, *spots):
        fingers = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(spots)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})

    yield send
    session.detach()


def in_sight(phone):
    """Bring the map into view."""
    phone.box.locator(".gt-map").scroll_into_view_if_needed()
    phone.page.wait_for_timeout(100)


def test_nothing_is_wider_than_the_phone_and_everything_can_be_touched(phone):
    assert phone.page.evaluate("document.scrollingElement.scrollWidth") <= 360
    keep_picture(phone.page, "redraw-360")
    for name in ("territories", "details", "moves", "solve", "units"):
        phone.press(f"tab-{name}")
        assert phone.page.evaluate("document.scrollingElement.scrollWidth") <= 360, name
        assert phone.box.evaluate(SMALL) == [], name
    phone.press("tab-territories")


def test_a_tap_hands_a_unit_over(phone, desk):
    before = phone.owner()
    _, to, units = desk.a_border(before)
    phone.target(to)
    in_sight(phone)
    phone.page.touchscreen.tap(*phone.spot(units[0]))
    phone.settled()
    assert [unit for unit, (a, b) in enumerate(zip(before, phone.owner(), strict=True)) if a != b] == [units[0]]
    phone.press("undo")
    phone.settled()


def test_a_finger_brushes_and_the_page_stays(phone, touch, desk):
    before = phone.owner()
    _, to, units = desk.a_border(before)
    phone.tool("brush")
    phone.target(to)
    in_sight(phone)
    scrolled = phone.page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop")
    spots = [phone.spot(unit) for unit in units[:3]]
    touch("touchStart", spots[0])
    for spot in spots[1:]:
        touch("touchMove", spot)
    touch("touchEnd")
    phone.settled()
    after = phone.owner()
    assert all(after[unit] == to for unit in units[:3])
    assert phone.page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop") == scrolled
    assert len(desk.edits(phone.draft_id)) == 3  # the tap, its undo, one stroke
    phone.press("undo")
    phone.settled()


def test_two_fingers_pinch_the_map_and_draw_nothing(phone, touch, desk):
    before, stored = phone.owner(), len(desk.edits(phone.draft_id))
    phone.tool("brush")
    in_sight(phone)
    box = phone.box.locator(".gt-map").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    zoom = phone.view()[0]
    touch("touchStart", (x - 20, y))
    touch("touchStart", (x - 20, y), (x + 20, y))
    for wide in (30, 45, 60, 80):
        touch("touchMove", (x - wide, y), (x + wide, y))
        phone.page.wait_for_timeout(30)
    touch("touchEnd")
    phone.until("(box, zoom) => box.gtView.map.getZoom() > zoom", given=zoom)
    phone.settled()
    assert phone.owner() == before and len(desk.edits(phone.draft_id)) == stored


def test_a_thumb_finds_the_menu_and_the_list_of_drafts(phone):
    menu = phone.page.get_by_test_id("stExpandSidebarButton").bounding_box()
    assert menu["width"] >= 43.5 and menu["height"] >= 43.5
    assert phone.page.locator('.st-key-redraw_bar .stSelectbox [role="group"]').bounding_box()["height"] >= 43.5


def test_on_a_laptop_all_tools_stand_in_one_row(chromium, desk, phone):
    with watched(chromium, viewport={"width": 1280, "height": 900}) as page:
        leader = opened(page, desk, phone.draft_id)
        assert leader.part("tool-pan").bounding_box()["y"] == pytest.approx(leader.part("undo").bounding_box()["y"], abs=8)
        right = leader.part("redo").bounding_box()
        assert right["x"] + right["width"] <= leader.part("status").first.bounding_box()["x"]


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_the_editor_follows_the_theme(chromium, desk, phone, scheme):
    with watched(chromium, color_scheme=scheme) as page:
        leader = opened(page, desk, phone.draft_id)
        assert leader.box.get_attribute("data-theme") == scheme
        bright = sum(leader.box.evaluate(SHADE)) / 3
        assert bright < 90 if scheme == "dark" else bright > 200
        keep_picture(page, f"redraw-{scheme}")
        expect(leader.part("status").first).to_be_visible()
