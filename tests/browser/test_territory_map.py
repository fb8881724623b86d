"""The territory map in a real Chromium: in the app, and as a file of its own."""

import json
import logging
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo_territory import maps
from geo_territory.tables import Accounts, Territories, Tiers
from tests.serving import ROOT

APP = ROOT / "tests" / "browser" / "apps" / "territory_map.py"
NASTY = "<img src=x onerror='window.hacked=1'>${window.hacked=1}</script><script>window.hacked=1</script>"
READY = """async box => {
  if (!box.gtView || !box.gtView.state) return false;
  await box.gtView.ready;
  await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
  return true;
}"""
SPOTS = """
  const {map, areas, accounts, points} = box.gtView;
  const spot = (x, y) => {
    const p = map.latLngToContainerPoint(L.geoTerritory.unproject(x, y)), r = map.getContainer().getBoundingClientRect();
    return [r.x + p.x, r.y + p.y];
  };
"""
PLACE = f"(box, id) => {{ {SPOTS} const i = areas.ids.indexOf(id); return spot(areas.centerX[i], areas.centerY[i]); }}"
COLOUR = """(box, id) => {
  const {map, areas} = box.gtView, i = areas.ids.indexOf(id), scale = 256 * 2 ** map.getZoom();
  const at = map.getPixelOrigin().add(areas._bounds.min);
  const x = areas.centerX[i] * scale - at.x, y = areas.centerY[i] * scale - at.y;
  return [...areas._context.getImageData(Math.round(x) + 6, Math.round(y) + 6, 1, 1).data].slice(0, 3);
}"""
COUNT_DRAWS = """box => {
  const {accounts} = box.gtView, draw = accounts.draw;
  window.draws = 0;
  accounts.draw = function (...given) { window.draws++; return draw.apply(this, given); };
}"""
PAN_AND_JUMP = """async box => {
  const {map, accounts} = box.gtView, frame = () => new Promise(done => requestAnimationFrame(done)), gaps = [], jumps = [];
  let last = performance.now();
  for (let k = 0; k < 60; k++) {
    map.panBy([k < 30 ? 4 : -4, 0], {animate: false});
    await frame();
    gaps.push(performance.now() - last);
    last = performance.now();
  }
  for (const zoom of [8, 6.5, 9, 7]) {
    const begun = performance.now();
    map.setView([39, 3], zoom, {animate: false});
    await frame();
    await new Promise(done => setTimeout(done));
    jumps.push(Math.round(performance.now() - begun));
  }
  gaps.sort((a, b) => a - b);
  const {drawn, lastDrawMs: draw_ms} = accounts;
  return {count: accounts.wx.length, drawn, draw_ms, pan_p50_ms: gaps[30], pan_p95_ms: gaps[57], jumps_ms: jumps};
}"""


@pytest.fixture
def address(serve):
    return serve(APP)


def open_map(page, address, query=""):
    page.goto(f"{address}/?{query}")
    return ready(page)


def ready(page):
    box = page.locator(".gt-box")
    box.wait_for(timeout=30_000)
    until(box, READY)
    return box


def until(box, condition, argument=None, seconds=15):
    """Wait until a condition holds in the page; a condition that never holds fails the test, it does not stop it."""
    give_up = time.monotonic() + seconds
    while not box.evaluate(condition, argument):
        assert time.monotonic() < give_up, f"still not so after {seconds} s: {condition}"
        time.sleep(0.03)


def click_unit(page, box, unit):
    page.mouse.click(*box.evaluate(PLACE, unit))


def near(seen, colour):
    return all(abs(s - int(colour[k : k + 2], 16)) < 6 for s, k in zip(seen, (1, 3, 5), strict=True))


def test_each_territory_has_the_colour_it_was_given_and_its_numbers(page, address):
    box = open_map(page, address)
    assert (
        near(box.evaluate(COLOUR, "u01"), "#4477aa")
        and near(box.evaluate(COLOUR, "u31"), "#ee6677")
        and near(box.evaluate(COLOUR, "u52"), "#228833")
    )
    rows = page.locator(".gt-table tbody tr").all_inner_texts()
    assert rows[0].split() == ["West", "96", "1,632", "$4.1M", "8", "20", "70"]
    assert "▲ 131 above the band" in " ".join(rows[1].split()) and "▼ 73 below the band" in " ".join(rows[2].split())
    assert page.locator(".gt-table tfoot").inner_text().split() == ["Total", "5,100", "$12.5M", "20", "60", "190"]
    assert sorted(box.evaluate("box => box.gtView.labels.shown")) == ["East", "Middle", "West"]


def test_a_new_alignment_paints_the_same_map_where_it_is(page, address):
    box = open_map(page, address)
    box.evaluate("box => { window.kept = box.gtView.map; box.gtView.map.setView([39, 2], 7.5, {animate: false}); }")
    assert near(box.evaluate(COLOUR, "u00"), "#4477aa")
    page.get_by_role("button", name="Give").click()
    page.get_by_text("given 1").wait_for()
    until(box, "box => box.gtView.state.rev === 1")
    until(box, READY)
    assert near(box.evaluate(COLOUR, "u00"), "#228833") and near(box.evaluate(COLOUR, "u01"), "#4477aa")
    assert box.evaluate("box => [box.gtView.map === window.kept, box.gtView.map.getZoom(), box.gtView.repainted]") == [True, 7.5, 1]
    centre = box.evaluate("box => { const c = box.gtView.map.getCenter(); return [c.lat, c.lng]; }")
    assert np.allclose(centre, [39, 2], atol=0.01)


def test_a_late_answer_of_an_older_revision_changes_nothing(page, address):
    box = open_map(page, address)
    took = box.evaluate("({gtView: v}) => [v.apply({...v.state, rev: 5}), v.apply({...v.state, rev: 4}), v.state.rev]")
    assert took == [True, False, 5]


def test_a_click_on_a_territory_selects_it_and_tells_python(page, address):
    box = open_map(page, address)
    click_unit(page, box, "u31")
    page.get_by_text("chosen T2").wait_for()
    assert box.evaluate("box => box.gtView.areas.selected") == 1
    assert page.locator(".gt-selected").inner_text().startswith("Middle")
    click_unit(page, box, "u31")
    page.get_by_text("chosen None").wait_for()
    assert page.locator(".gt-selected").count() == 0


def test_python_may_select_and_let_go(page, address):
    box = open_map(page, address)
    click_unit(page, box, "u52")
    page.get_by_text("chosen T3").wait_for()
    page.get_by_role("button", name="Clear").click()
    page.get_by_text("chosen None").wait_for()
    until(box, "box => box.gtView.selected === null")
    assert page.locator(".gt-selected").count() == 0


def test_everything_can_be_done_from_the_keyboard(page, address):
    box = open_map(page, address)
    zoom = box.evaluate("box => box.gtView.map.getZoom()")
    page.locator(".leaflet-control-zoom-in").focus()
    page.keyboard.press("Enter")
    until(box, "(box, zoom) => box.gtView.map.getZoom() > zoom", zoom)
    page.get_by_role("button", name="East").focus()
    page.keyboard.press("Enter")
    page.get_by_text("chosen T3").wait_for()
    assert page.get_by_role("button", name="East").get_attribute("aria-pressed") == "true"
    page.get_by_role("checkbox", name="Show accounts of tier C").focus()
    page.keyboard.press("Space")
    assert box.evaluate("box => [...box.gtView.accounts.hidden]") == [2]


def test_hiding_a_tier_hides_its_accounts(page, address):
    box = open_map(page, address)
    drawn = box.evaluate("box => box.gtView.accounts.drawn")
    page.get_by_role("checkbox", name="Show accounts of tier A").uncheck()
    until(box, READY)
    assert box.evaluate("box => box.gtView.accounts.drawn") <= drawn - 25


def test_the_pointer_tells_the_territory_the_unit_and_the_account(page, address):
    box = open_map(page, address)
    page.get_by_role("checkbox", name="Show accounts of tier C").uncheck()
    page.mouse.move(*box.evaluate(PLACE, "u31"))
    tip = page.locator(".gt-tip")
    tip.wait_for()
    assert "Middle" in tip.inner_text() and "u31" in tip.inner_text()
    x, y = box.evaluate(
        f"""box => {{ {SPOTS}
          const i = accounts.order[accounts.order.length - 1];
          window.named = accounts.names[i];
          return spot(accounts.wx[i], accounts.wy[i]); }}"""
    )
    page.mouse.move(x, y)
    page.wait_for_timeout(100)
    assert page.evaluate("window.named") in tip.inner_text() and "Tier A · $" in tip.inner_text()


def test_names_are_never_run(page, address):
    box = open_map(page, address, "nasty=1")
    for unit in ("u01", "u31", "u00"):
        page.mouse.move(*box.evaluate(PLACE, unit))
        page.wait_for_timeout(60)
    sweep(page, box)
    assert page.evaluate("window.hacked") is None and box.locator("img").count() == 0
    assert NASTY in page.locator(".gt-table tbody tr").first.inner_text()


def sweep(page, box):
    """Move over accounts and the base, so that every kind of tooltip has shown."""
    three = "points.flatMap(l => [0, 1, 2].filter(i => i < l.wx.length).map(i => spot(l.wx[i], l.wy[i])))"
    spots = box.evaluate(f"box => {{ {SPOTS} return {three}; }}")
    for spot in spots:
        page.mouse.move(*spot)
        page.wait_for_timeout(60)
        assert NASTY in page.locator(".gt-tip").inner_text()


def test_data_that_does_not_come_is_said_aloud(page, address):
    page.route("**/geo/data/**", lambda route: route.fulfill(status=404, body="gone"))
    page.goto(address)
    alert = page.get_by_role("alert").filter(has_text="could not be loaded")
    alert.wait_for()
    assert "answer 404" in alert.inner_text() and "Reload the page" in alert.inner_text()


def test_scripts_that_do_not_come_are_said_aloud(page, address):
    page.route("**/vendor/leaflet/leaflet.js", lambda route: route.abort())
    page.goto(address)
    alert = page.get_by_role("alert").filter(has_text="could not be loaded")
    alert.wait_for()
    assert "leaflet.js does not load" in alert.inner_text()


def test_geometry_is_fetched_once_and_kept(new_page, address):
    page = new_page()
    fetched = []
    page.on("response", lambda answer: fetched.append((answer.url, answer.from_service_worker)) if "/geo/data/" in answer.url else None)
    open_map(page, address)
    first = len(fetched)
    page.get_by_role("button", name="Give").click()
    page.get_by_text("given 1").wait_for()
    assert first == 8 and len(fetched) == first
    moved = page.evaluate("performance.getEntriesByType('resource').filter(e => e.name.includes('/geo/data/')).map(e => e.transferSize)")
    page.reload()
    ready(page)
    again = page.evaluate("performance.getEntriesByType('resource').filter(e => e.name.includes('/geo/data/')).map(e => e.transferSize)")
    assert sum(moved) > 100_000 and sum(again) == 0


def test_below_640_pixels_the_panel_lies_under_the_map(new_page, address):
    page = new_page(viewport={"width": 360, "height": 780}, has_touch=True, is_mobile=True)
    open_map(page, address)
    above, below = page.locator(".gt-map").bounding_box(), page.locator(".gt-panel").bounding_box()
    assert below["y"] >= above["y"] + above["height"] and abs(below["width"] - above["width"]) < 4
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_map_follows_the_dark_theme(new_page, address):
    box = open_map(new_page(color_scheme="dark"), address)
    assert box.get_attribute("data-theme") == "dark"
    light = open_map(new_page(color_scheme="light"), address)
    assert light.get_attribute("data-theme") == "light"
    assert box.evaluate("box => box.gtView.style.land") != light.evaluate("box => box.gtView.style.land")


def test_the_map_works_under_a_base_path(page, serve):
    box = open_map(page, serve(APP, "--server.baseUrlPath", "terr", base_path="terr"))
    assert box.evaluate("box => box.gtView.areas.ids.length") == 24


def test_a_map_made_in_a_hidden_tab_is_framed_when_the_tab_opens(page, address):
    page.goto(f"{address}/?tab=1")
    box = page.locator(".gt-box")
    box.wait_for(state="attached")
    until(box, READY)
    page.get_by_role("tab", name="Second").click()
    until(box, "box => box.gtView.framed && box.gtView.areas.lastDrawMs !== undefined")
    assert box.evaluate("box => box.gtView.map.getBounds().contains([[37, 0], [41, 6]])")
    assert near(box.evaluate(COLOUR, "u31"), "#ee6677")


def test_a_hundred_thousand_accounts_pan_and_zoom(page, address):
    box = open_map(page, address, "accounts=100000")
    measured = box.evaluate(PAN_AND_JUMP)
    logging.getLogger(__name__).info("100,000 accounts: %s", json.dumps(measured))
    assert measured["count"] == 100_000 and measured["drawn"] > 1_000


def test_dragging_moves_what_is_drawn_and_draws_again_at_rest(page, address):
    box = open_map(page, address, "accounts=100000")
    box.evaluate(COUNT_DRAWS)
    x, y = box.evaluate(PLACE, "u31")
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(12):
        page.mouse.move(x + 5 * step, y)
    assert page.evaluate("window.draws") == 0
    page.mouse.up()
    page.wait_for_function("window.draws > 0")


@pytest.fixture(scope="module")
def saved(tmp_path_factory) -> Path:
    """A file of its own: two squares, West and East, with names that try to run."""
    index = pd.Index(["T1", "T2"], name=Territories.territory_id)
    shapes = gpd.GeoDataFrame(geometry=[shapely.box(0, 40, 1, 41), shapely.box(1, 40, 2, 41)], index=index, crs=4326)
    table = pd.DataFrame({Territories.name: ["West " + NASTY, "East"], Territories.color: ["#4477aa", "#ee6677"]}, index=index)
    accounts = pd.DataFrame(
        {
            Accounts.name: ["Shop " + NASTY] * 3,
            Accounts.lat: 40.5,
            Accounts.lon: [0.2, 0.7, 1.3],
            Tiers.tier: ["A", "B", "C"],
            Tiers.value_used: 9.0,
        },
        index=pd.Index(["a", "b", "c"], name="account_id"),
    )
    by_tier = pd.DataFrame({"A": [1, 0], "B": [1, 0], "C": [0, 1]}, index=index)
    file = tmp_path_factory.mktemp("saved") / "map.html"
    shown = maps.territory_map(shapes, accounts=accounts)
    file.write_text(maps.standalone_html(shown, maps.map_state(table, accounts_by_tier=by_tier), title="Spring " + NASTY), encoding="utf-8")
    return file


def test_a_saved_map_opens_from_disk_without_a_network(new_page, saved):
    page = new_page(offline=True)
    requests = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(saved.as_uri())
    box = ready(page)
    assert requests == [saved.as_uri()]
    assert near(box.evaluate(COLOUR, "T1"), "#4477aa") and near(box.evaluate(COLOUR, "T2"), "#ee6677")
    assert box.evaluate("box => box.gtView.accounts.drawn") == 3
    page.get_by_role("button", name="East").click()
    assert box.evaluate("box => box.gtView.areas.selected") == 1


def test_names_are_never_run_in_a_saved_map(new_page, saved):
    page = new_page()
    page.goto(saved.as_uri())
    box = ready(page)
    sweep(page, box)
    page.mouse.move(*box.evaluate(PLACE, "T1"))
    assert page.evaluate("window.hacked") is None and page.locator("img").count() == 0
    assert page.locator("h1").inner_text() == "Spring " + NASTY and NASTY in page.title()
