"""The tools of the redraw editor in a real Chromium, on a map of 12 by 8 squares in three strips of four columns:

u0  u1  ...  u11        T001: columns 0-3    T002: columns 4-7    T003: columns 8-11
u12 u13 ...  u23
"""

import random
from functools import cache

import pytest

from tests.browser import redraw_sheet

COLUMNS, ROWS = 12, 8
SETTLED = "draft.pending === 0 && draft.status === 'saved'"


@cache
def sheet(**given):
    return redraw_sheet.page(**given)


def begin(page, **given):
    page.context.route("**/redraw", lambda route: route.fulfill(body=sheet(**given), content_type="text/html"))
    page.goto(redraw_sheet.ADDRESS)
    ready(page)
    return page


def ready(page):
    page.wait_for_function("window.ready === true")
    frames(page)


def frames(page, count=3):
    page.evaluate("async n => { for (let k = 0; k < n; k++) await new Promise(done => requestAnimationFrame(done)); }", count)


def settled(page):
    page.wait_for_function(SETTLED)
    frames(page)


def at(page, unit):
    spot = page.evaluate("u => tools.screenOf(u)", unit)
    return spot["x"], spot["y"]


def unit(x, y):
    return y * COLUMNS + x


def owned(page, territory):
    """Return the positions that the desk holds and the map shows for a territory: they must agree."""
    settled(page)
    shown = page.evaluate("id => [...draft.owner.keys()].filter(u => draft.ownerOf(u) === id)", territory)
    held = page.evaluate("id => desk.kept.owner.flatMap((t, u) => (t === desk.given.territories.indexOf(id) ? [u] : []))", territory)
    painted = page.evaluate("id => [...view.areas.owner.keys()].filter(u => view.areas.owner[u] === draft.slotOf(id))", territory)
    assert shown == held == painted
    return set(shown)


def strip(number):
    return {unit(x, y) for x in range(4 * number, 4 * number + 4) for y in range(ROWS)}


def drag(page, *spots, steps=8, button="left"):
    page.mouse.move(*spots[0])
    page.mouse.down(button=button)
    for spot in spots[1:]:
        page.mouse.move(*spot, steps=steps)
    page.mouse.up(button=button)


def told(page, name):
    return page.evaluate("name => window.told.filter(([n]) => n === name).map(([, what]) => what)", name)


@pytest.fixture
def sheet_page(page):
    return begin(page)


def test_a_click_takes_the_target_from_the_map_and_the_next_ones_paint(sheet_page):
    page = sheet_page
    page.mouse.click(*at(page, unit(1, 1)))
    assert told(page, "picked") == [{"territory": "T001", "why": "dropper"}]
    page.mouse.click(*at(page, unit(4, 1)))
    page.mouse.click(*at(page, unit(5, 1)))
    assert owned(page, "T001") == strip(0) | {unit(4, 1), unit(5, 1)}
    assert page.evaluate("desk.kept.ops.map(op => op.kind)") == ["move", "move"]


def test_figures_of_both_sides_move_with_the_paint_before_the_answer(sheet_page):
    page = sheet_page
    page.evaluate("desk.delay = 400; tools.to = 'T001'")
    page.mouse.click(*at(page, unit(4, 0)))
    rows = page.evaluate(
        "['T001', 'T002'].map(id => [draft.territories.get(id).weight, draft.territories.get(id).units, draft.stale.has(id)])"
    )
    assert rows == [[33, 33, True], [31, 31, True]]
    assert page.evaluate("draft.status") == "saving"
    settled(page)
    assert page.evaluate("[...draft.stale].length + draft.territories.get('T001').weight") == 33


def test_a_brush_stroke_is_one_edit_and_a_fast_one_skips_no_unit(sheet_page):
    page = sheet_page
    page.evaluate("tools.setMode('brush'); tools.size = 4; tools.to = 'T003'")
    drag(page, at(page, unit(0, 3)), at(page, unit(11, 3)), steps=1)  # one jump of the pointer over twelve units
    assert owned(page, "T003") == strip(2) | {unit(x, 3) for x in range(12)}
    assert len(page.evaluate("desk.kept.ops")) == 1
    drag(page, at(page, unit(0, 0)), at(page, unit(3, 3)), steps=1)
    assert {unit(k, k) for k in range(4)} <= owned(page, "T003")


def test_a_wide_brush_takes_what_its_disc_holds(sheet_page):
    page = sheet_page
    (x0, y0), (x1, _) = at(page, unit(1, 1)), at(page, unit(2, 1))
    page.evaluate("px => { tools.setMode('brush'); tools.size = px; tools.to = 'T003'; }", 1.4 * (x1 - x0))
    page.mouse.click(x0, y0)
    near = {(1, 1), (0, 1), (2, 1), (1, 0), (1, 2)}
    assert owned(page, "T003") >= strip(2) | {unit(*spot) for spot in near}
    assert unit(3, 1) not in owned(page, "T003")


def test_rectangle_lasso_and_list_take_the_same_units(sheet_page):
    page = sheet_page
    a, b = at(page, unit(1, 1)), at(page, unit(3, 4))
    corners = [(a[0] - 9, a[1] - 9), (b[0] + 9, a[1] - 9), (b[0] + 9, b[1] + 9), (a[0] - 9, b[1] + 9)]
    wanted = sorted(unit(x, y) for x in (1, 2, 3) for y in (1, 2, 3, 4))
    page.evaluate("tools.action = 'select'; tools.setMode('rectangle')")
    drag(page, corners[0], corners[2])
    assert page.evaluate("[...tools.selection]") == wanted
    page.evaluate("tools.clear(); tools.setMode('lasso')")
    drag(page, *corners, corners[0])
    assert page.evaluate("[...tools.selection]") == wanted
    page.evaluate("tools.assignSelection('T003')")
    by_lasso = owned(page, "T003")
    page.evaluate("draft.undo()")
    assert owned(page, "T003") == strip(2)
    page.evaluate("units => { tools.select(units); tools.assignSelection('T003'); }", wanted)
    assert owned(page, "T003") == by_lasso == strip(2) | set(wanted)
    assert page.evaluate("tools.selection.size") == 0


def test_a_tiny_lasso_takes_the_unit_under_it_and_a_crossing_one_has_no_hole(sheet_page):
    page = sheet_page
    page.evaluate("tools.action = 'select'; tools.setMode('lasso')")
    x, y = at(page, unit(2, 2))
    drag(page, (x, y), (x + 2, y + 1), steps=2)
    assert page.evaluate("[...tools.selection]") == [unit(2, 2)]
    a, b = at(page, unit(0, 0)), at(page, unit(3, 3))
    ring = [(a[0] - 9, a[1] - 9), (b[0] + 9, a[1] - 9), (b[0] + 9, b[1] + 9), (a[0] - 9, b[1] + 9)]
    drag(page, *ring, *ring, ring[0])  # twice around
    assert page.evaluate("tools.selection.size") == 16


def test_a_whole_county_or_state_is_taken_at_once(sheet_page):
    page = sheet_page
    page.evaluate("tools.setMode('region'); tools.to = 'T003'")
    page.mouse.move(*at(page, unit(1, 1)))
    page.wait_for_function("tools.pointed.units.size === 6")
    page.mouse.click(*at(page, unit(1, 1)))
    assert owned(page, "T003") == strip(2) | {unit(x, y) for x in range(3) for y in range(2)}
    page.evaluate("tools.region = 'state'; tools.to = 'T002'")
    page.mouse.click(*at(page, unit(8, 5)))
    assert owned(page, "T002") >= {unit(x, y) for x in range(6, 12) for y in range(ROWS)}


def test_shift_adds_and_alt_takes_away_while_painting_is_set(sheet_page):
    page = sheet_page
    page.evaluate("tools.to = 'T003'")
    page.keyboard.down("Shift")
    for u in (0, 1, 2):
        page.mouse.click(*at(page, u))
    page.keyboard.up("Shift")
    page.keyboard.down("Alt")
    page.mouse.click(*at(page, 1))
    page.keyboard.up("Alt")
    assert page.evaluate("[...tools.selection]") == [0, 2]
    assert page.evaluate("desk.kept.ops") == []


def test_the_source_filter_leaves_other_territories_alone(sheet_page):
    page = sheet_page
    page.evaluate("tools.setMode('brush'); tools.size = 4; tools.to = 'T003'; tools.from = 'T002'")
    drag(page, at(page, unit(0, 3)), at(page, unit(11, 3)))
    assert owned(page, "T001") == strip(0)
    assert owned(page, "T003") == strip(2) | {unit(x, 3) for x in range(4, 8)}


def test_locked_units_are_painted_around_and_the_lock_brush_locks(sheet_page):
    page = sheet_page
    page.evaluate("tools.setMode('brush'); tools.size = 4; tools.action = 'lock'")
    drag(page, at(page, unit(4, 3)), at(page, unit(5, 3)))
    settled(page)
    assert page.evaluate("[...draft.locks.units]") == [unit(4, 3), unit(5, 3)]
    page.evaluate("tools.action = 'assign'; tools.to = 'T001'")
    drag(page, at(page, unit(3, 3)), at(page, unit(7, 3)))
    assert owned(page, "T001") == strip(0) | {unit(6, 3), unit(7, 3)}
    page.evaluate("draft.act('lock', {on: true, territories: ['T003']}); tools.select([8, 9, 4]); tools.assignSelection('T001')")
    assert told(page, "skipped") == [{"locked": 2, "kept": 1}]
    page.evaluate("tools.action = 'lock'")
    page.mouse.click(*at(page, unit(4, 3)))
    settled(page)
    assert page.evaluate("[...draft.locks.units]") == [unit(5, 3)]


def test_a_dot_moves_an_account_by_name(sheet_page):
    page = sheet_page
    page.wait_for_function("view.accounts.ids !== null")
    spot = """() => { const l = view.accounts, p = map => map.latLngToContainerPoint(L.geoTerritory.unproject(l.wx[7], l.wy[7])),
        r = view.map.getContainer().getBoundingClientRect(), q = p(view.map); return [r.x + q.x, r.y + q.y]; }"""
    page.evaluate("tools.setMode('accounts'); tools.to = 'T002'")
    page.mouse.click(*page.evaluate(spot))
    settled(page)
    assert page.evaluate("[...draft.exceptions]") == [["a000007", "T002"]]
    assert page.evaluate("tools.marks.dots.map(dot => dot.color)") == ["#ee6677"]
    page.evaluate("tools.to = null")
    page.mouse.click(*page.evaluate(spot))
    assert page.evaluate("[[...tools.accounts], tools.marks.dots.length]") == [["a000007"], 2]


def test_escape_and_a_second_finger_take_a_stroke_back(sheet_page):
    page = sheet_page
    page.evaluate("tools.setMode('brush'); tools.to = 'T003'")
    page.mouse.move(*at(page, unit(0, 0)))
    page.mouse.down()
    page.mouse.move(*at(page, unit(3, 0)), steps=5)
    assert page.evaluate("tools.stroke.units.size") > 2
    page.keyboard.press("Escape")
    page.mouse.up()
    assert owned(page, "T003") == strip(2) and page.evaluate("desk.kept.ops") == []


def test_a_refused_move_snaps_back_with_its_reason(sheet_page):
    page = sheet_page
    page.evaluate("desk.refuse = () => 'Ana moved it a moment ago.'; desk.delay = 150; tools.to = 'T001'")
    page.mouse.click(*at(page, unit(4, 0)))
    assert page.evaluate("draft.ownerOf(4)") == "T001"
    assert owned(page, "T001") == strip(0)
    assert [refusal["reason"] for refusal in told(page, "refused")] == ["Ana moved it a moment ago."]
    assert page.evaluate("draft.territories.get('T001').units") == 32


def test_what_is_drawn_while_the_server_is_away_is_stored_when_it_is_back(sheet_page):
    page = sheet_page
    page.evaluate("desk.down = true; tools.to = 'T001'")
    page.mouse.click(*at(page, unit(4, 0)))
    page.mouse.click(*at(page, unit(5, 0)))
    page.wait_for_function("draft.status === 'offline'")
    assert page.evaluate("[draft.pending, draft.ownerOf(4), draft.ownerOf(5)]") == [2, "T001", "T001"]
    page.evaluate("desk.down = false; desk.lose = 1")  # the first answer is lost as well: nothing is stored twice
    assert owned(page, "T001") == strip(0) | {4, 5}
    assert page.evaluate("desk.kept.ops.map(op => op.seq)") == [1, 2]


def test_an_editor_that_is_taken_away_while_it_begins_leaves_its_edits_to_the_next_one(sheet_page):
    """A page that is drawn twice in a row makes an editor, drops it before it has begun, and makes another."""
    sheet_page.evaluate("draft.stop()")
    kept = {"tab": "before", "seq": 1, "ops": [{"seq": 1, "kind": "move", "base": 0, "moves": [{"units": [0], "to": "T003"}]}]}
    tabs = sheet_page.evaluate(
        """async kept => {
            const made = () => new L.geoTerritory.Draft({ address: "/geo/redraw/word", doc: "draft 9", fetch: desk.fetch });
            sessionStorage.setItem("gt-redraw draft 9", JSON.stringify(kept));
            const first = made();
            const begun = first.load();
            first.stop();
            await begun;
            const second = made();
            await second.load();
            await second.settled();
            second.stop();
            return [second.tab, first.sender.stopped];
        }""",
        kept,
    )
    assert tabs == ["before", True]
    assert [op["seq"] for op in sheet_page.evaluate("desk.kept.ops")] == [1]


def test_the_outbox_survives_a_reload(sheet_page):
    page = sheet_page
    page.evaluate("desk.down = true; tools.to = 'T001'")
    page.mouse.click(*at(page, unit(4, 0)))
    tab = page.evaluate("draft.tab")
    page.reload()
    ready(page)
    assert owned(page, "T001") == strip(0) | {4}
    assert page.evaluate("draft.tab") == tab
    page.evaluate("tools.to = 'T001'")
    page.mouse.click(*at(page, unit(5, 0)))
    assert owned(page, "T001") == strip(0) | {4, 5}
    assert page.evaluate("desk.kept.ops.map(op => op.seq)") == [1, 2]


def test_a_copied_tab_gets_a_name_of_its_own_and_leaves_the_outbox_to_the_first(sheet_page):
    page = sheet_page
    page.evaluate("desk.down = true; tools.to = 'T001'")
    page.mouse.click(*at(page, unit(4, 0)))
    with page.expect_popup() as opened:
        page.evaluate("window.open(location.href)")  # a page opened by another begins with a copy of its session storage
    copy = opened.value
    ready(copy)
    assert copy.evaluate("draft.tab") != page.evaluate("draft.tab")
    assert copy.evaluate("draft.pending") == 0 and page.evaluate("draft.pending") == 1


def test_a_worn_out_address_stops_and_a_new_one_goes_on(sheet_page):
    page = sheet_page
    page.evaluate("desk.status = 403; tools.to = 'T001'")
    page.mouse.click(*at(page, unit(4, 0)))
    page.wait_for_function("draft.status === 'stopped'")
    assert page.evaluate("[draft.pending, draft.reason, draft.ownerOf(4)]") == [1, "no longer", "T001"]
    page.evaluate("desk.status = null; draft.moveTo('/geo/redraw/another')")
    assert owned(page, "T001") == strip(0) | {4}


def test_a_page_of_a_proxy_only_delays_an_edit(sheet_page):
    page = sheet_page
    page.evaluate("desk.proxy = 403; tools.to = 'T001'")
    page.mouse.click(*at(page, unit(4, 0)))
    page.wait_for_function("draft.status === 'offline'")
    page.evaluate("desk.proxy = null")
    page.wait_for_function("draft.status === 'saved' && draft.pending === 0", timeout=9_000)
    assert owned(page, "T001") == strip(0) | {4}


def test_other_peoples_edits_come_by_themselves_and_late_answers_change_nothing(sheet_page):
    page = sheet_page
    page.evaluate("desk.kept.rev++; desk.kept.owner[0] = 2")
    page.wait_for_function("draft.ownerOf(0) === 'T003'", timeout=4_000)
    assert page.evaluate("draft._take({doc: 'draft 1', rev: 0, ack: 0, refused: [], owners: [[1, [0]]], territories: []})") is False
    assert page.evaluate("draft.ownerOf(0)") == "T003"


def test_the_map_never_moves_while_units_do(sheet_page):
    page = sheet_page
    page.evaluate("view.map.setView([37, 6.3], 6.5, {animate: false})")
    frames(page)
    place = "(() => { const c = view.map.getCenter(); return [view.map.getZoom(), c.lat, c.lng]; })()"
    before = page.evaluate(place)
    page.evaluate("tools.setMode('brush'); tools.size = 4")
    for k in range(50):
        page.evaluate("id => { tools.to = id; }", f"T00{1 + k % 3}")
        page.mouse.click(*at(page, unit(4 + k % 4, 1 + k % 5)))
    settled(page)
    assert page.evaluate(place) == before
    assert page.evaluate("desk.kept.rev") > 30 and max(page.evaluate("desk.bytes")) < 16_384


def test_the_right_button_and_the_space_bar_pan_and_the_wheel_zooms_in_a_stroke_mode(sheet_page):
    page = sheet_page
    page.evaluate("tools.setMode('brush'); tools.to = 'T003'; view.map.setView([37, 6], 7, {animate: false})")
    spot = at(page, unit(6, 3))
    centre = "(() => { const p = view.map.latLngToContainerPoint([37, 6]); return [p.x, p.y]; })()"
    begun = page.evaluate(centre)
    drag(page, spot, (spot[0] + 60, spot[1] + 20), button="right")
    panned = page.evaluate(centre)
    assert [panned[0] - begun[0], panned[1] - begun[1]] == pytest.approx([60, 20], abs=2)
    page.keyboard.down("Space")
    drag(page, spot, (spot[0] - 60, spot[1] - 20))
    page.keyboard.up("Space")
    assert page.evaluate(centre) == pytest.approx(begun, abs=3)
    page.mouse.wheel(0, -240)
    page.wait_for_function("view.map.getZoom() > 7")
    assert page.evaluate("desk.kept.ops.length + tools.selection.size") == 0


def test_the_unit_cursor_walks_selects_and_assigns(sheet_page):
    page = sheet_page
    page.evaluate("tools.to = 'T003'; view.map.getContainer().focus()")
    page.evaluate("u => tools.cursor(u)", unit(2, 2))
    for key in ("ArrowRight", "ArrowDown", "ArrowDown", "ArrowLeft"):
        page.keyboard.press(key)
    assert page.evaluate("tools.position") == unit(2, 4)
    page.keyboard.press("Enter")
    assert owned(page, "T003") == strip(2) | {unit(2, 4)}
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Space")
    assert page.evaluate("[...tools.selection].sort((p, q) => p - q)") == [unit(2, 2), unit(2, 3)]
    page.keyboard.press("Delete")
    settled(page)
    assert page.evaluate("us => us.map(u => draft.ownerOf(u))", [unit(2, 2), unit(2, 3)]) == ["", ""]


@pytest.fixture
def phone(new_page):
    return begin(new_page(viewport={"width": 360, "height": 640}, has_touch=True, is_mobile=True, device_scale_factor=2))


@pytest.fixture
def touch(phone):
    """Return a function that lays fingers on the screen, moves them or lifts them."""
    session = phone.context.new_cdp_session(phone)

    def send(kind, *spots):
        points = [{"x": x, "y": y, "id": k} for k, (x, y) in enumerate(spots)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    return send


def test_a_finger_paints_and_the_page_stays(phone, touch):
    page = phone
    page.evaluate("tools.setMode('brush'); tools.size = 4; tools.to = 'T003'")
    a, b = at(page, unit(1, 2)), at(page, unit(1, 5))
    touch("touchStart", a)
    for k in range(1, 6):
        touch("touchMove", (a[0], a[1] + (b[1] - a[1]) * k / 5))
    touch("touchEnd")
    assert owned(page, "T003") >= strip(2) | {unit(1, y) for y in range(2, 6)}
    assert page.evaluate("[scrollY, desk.kept.ops.length]") == [0, 1]


def test_two_fingers_pinch_and_what_they_began_is_no_stroke(phone, touch):
    page = phone
    page.evaluate("tools.setMode('brush'); tools.to = 'T003'")
    zoom = page.evaluate("view.map.getZoom()")
    (x, y) = at(page, unit(5, 3))
    touch("touchStart", (x, y))
    touch("touchMove", (x + 8, y))
    touch("touchStart", (x, y), (x + 40, y))
    for k in range(1, 8):
        touch("touchMove", (x - 8 * k, y), (x + 40 + 8 * k, y))
    touch("touchEnd")
    page.wait_for_function("z => view.map.getZoom() > z", arg=zoom)
    assert owned(page, "T003") == strip(2) and page.evaluate("desk.kept.ops") == []


def test_a_tap_paints_and_taps_gather_a_selection(phone):
    page = phone
    page.evaluate("tools.to = 'T003'")
    page.touchscreen.tap(*at(page, unit(1, 1)))
    assert owned(page, "T003") == strip(2) | {unit(1, 1)}
    page.evaluate("tools.action = 'select'")
    for u in (40, 42, 40, 43):
        page.touchscreen.tap(*at(page, u))
    assert page.evaluate("[...tools.selection]") == [42, 43]


AS_IF_NEW = """() => {
  const {areas} = view, anew = new L.geoTerritory.Borders(areas.rings);
  anew.own(areas.owner);
  const text = outlines => JSON.stringify([...outlines].map(([t, loops]) => [t, loops.map(loop => [...loop])]));
  const labels = list => JSON.stringify(list.map(({territory, x, y}) => [territory, x, y]));
  return text(anew.outlines) === text(areas.outlines) && labels(areas._labelPlaces()) === labels(areas.labels);
}"""
PATCHED_AS_WHOLE = """async () => {
  const {areas} = view, frame = () => new Promise(done => requestAnimationFrame(done));
  const picture = () => areas._context.getImageData(0, 0, areas._container.width, areas._container.height).data;
  await frame(); await frame();
  const patched = picture();
  areas.redraw();
  await frame(); await frame();
  const whole = picture();
  let most = 0;
  for (let k = 0; k < whole.length; k++) {
    const seen = picture => (k % 4 === 3 ? picture[k] : (picture[k] * picture[k - (k % 4) + 3]) / 255); // as far as it is opaque
    most = Math.max(most, Math.abs(seen(whole) - seen(patched)));
  }
  return most;
}"""


def test_small_changes_leave_the_map_as_if_drawn_anew(sheet_page):
    page = sheet_page
    dice = random.Random(3)
    page.evaluate("view.map.setView([36, 6], 7, {animate: false})")
    frames(page)
    for _ in range(25):
        units = dice.sample(range(COLUMNS * ROWS), dice.randint(1, 5))
        page.evaluate("([units, to]) => draft.move([{units, to}])", [units, dice.choice(["T001", "T002", "T003", ""])])
        frames(page, 1)
        assert page.evaluate(AS_IF_NEW)
    settled(page)
    assert page.evaluate(AS_IF_NEW)
    assert page.evaluate(PATCHED_AS_WHOLE) <= 6


MARKED = """u => {
  const {areas} = view, {scale, x, y, ratio} = areas.view, [cx, cy] = [areas.centerX[u] * scale - x, areas.centerY[u] * scale - y];
  const [left, top] = [cx, cy].map(at => Math.round((at - 12) * ratio));
  const ink = new Uint32Array(areas._context.getImageData(left, top, 24, 24).data.buffer);
  return ink.reduce((text, pixel) => text + (pixel === ink[0] ? "." : "#"), "");
}"""


def test_patterns_tell_territories_apart_without_colour(sheet_page):
    page = sheet_page
    inside = [unit(x, 2) for x in (1, 6, 9)]
    assert {page.evaluate(MARKED, u) for u in inside} == {"." * 576}
    page.evaluate("tools.patterns = true")
    frames(page)
    assert len({page.evaluate(MARKED, u) for u in inside}) == 3 and "." * 576 not in [page.evaluate(MARKED, u) for u in inside]
    assert sorted(page.evaluate("view.labels.shown")) == ["Area T001", "Area T002", "Area T003"]


SECOND = """async () => {
  const box = document.createElement("div"), gt = L.geoTerritory;
  box.className = "gt-box";
  box.innerHTML = '<div class="gt-map"><div class="folium-map" id="second"></div></div>';
  document.querySelector(".gt-host").append(box);
  const map = L.map("second", {zoomSnap: 0.25}).setView([0, 0], 3);
  for (const layer of view.layers) if (layer.options.source && !layer.options.names) gt.areas(layer.options).addTo(map);
  window.second = new gt.View(map, {panel: false});
  second.setDark(false);
  gt.sync([view, second]);
  await second.ready;
  window.moves = 0;
  view.map.on("moveend", () => window.moves++);
}"""


def test_maps_side_by_side_show_the_same_place(sheet_page):
    page = sheet_page
    page.evaluate(SECOND)
    place = "v => { const c = v.map.getCenter(); return [v.map.getZoom(), c.lat, c.lng]; }"

    def together():
        return page.evaluate(f"({place})(view)"), pytest.approx(page.evaluate(f"({place})(second)"), abs=0.02)

    first, other = together()
    assert first == other
    page.evaluate("view.map.setView([35, 5], 7, {animate: false})")
    first, other = together()
    assert first == other and first[0] == 7
    page.evaluate("window.moves = 0")
    page.evaluate("second.map.panBy([130, 40], {animate: false}); second.map.setZoom(6.5, {animate: false})")
    first, other = together()
    assert first == other and first[0] == 6.5
    assert page.evaluate("window.moves") <= 3
    page.evaluate("tools.setMode('brush')")
    spot = at(page, unit(5, 5))
    drag(page, spot, (spot[0] + 70, spot[1]), button="right")
    first, other = together()
    assert first == other
    page.evaluate("second.remove(); view.map.setView([36, 5], 6, {animate: false})")


def test_ownership_is_shown_without_the_table_and_tier_switches_stay(sheet_page):
    page = sheet_page
    assert page.locator(".gt-panel").count() == 0
    assert page.evaluate("view.legend.tiers.querySelectorAll('input').length") == 3
