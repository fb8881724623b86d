"""The redraw editor in a headless Chromium under the clock: clicks, a brush stroke, panning, the first map, bytes of a move."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from playwright.sync_api import Browser, Page, Request

from geo_territory.design import Design
from tests.benchmarks.worlds import border_units
from tests.redraw_pages import FRAMES, Editing

VIEWPORT = {"width": 1280, "height": 900}
# The unit's pixels are looked at in each frame, from the moment its owner is another.
WATCH = """([box, unit]) => {
  const {map, areas} = box.gtView, {draft} = box.gtEditor, seen = window.seen = {}, was = draft.owner[unit], rev = draft.rev;
  const scale = 256 * 2 ** map.getZoom(), at = map.getPixelOrigin().add(areas._bounds.min);
  const x = Math.round(areas.centerX[unit] * scale - at.x), y = Math.round(areas.centerY[unit] * scale - at.y);
  const pixel = () => areas._context.getImageData(x - 1, y - 1, 3, 3).data.join(), before = pixel();
  document.addEventListener("pointerup", (event) => { seen.clicked = event.timeStamp; }, {capture: true, once: true});
  const look = () => {
    if (!seen.painted && draft.owner[unit] !== was && pixel() !== before) seen.painted = performance.now();
    if (seen.answered && !seen.panel) seen.panel = performance.now();
    if (!seen.answered && draft.rev > rev && !draft.pending && !draft.stale.size) seen.answered = performance.now();
    if (!seen.painted || !seen.panel) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""
SEEN = "window.seen.painted && window.seen.panel && [window.seen.painted - window.seen.clicked, window.seen.panel - window.seen.clicked]"
RECORD = """() => {
  const gaps = window.gaps = [];
  let last = performance.now();
  window.recording = true;
  const frame = (now) => {
    gaps.push(performance.now() - last);
    last = performance.now();
    if (window.recording) requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}"""
STOP = "() => { window.recording = false; return window.gaps.slice(1); }"


@dataclass(frozen=True)
class Opened:
    """A draft open in Chromium, and the sizes of the requests its moves made [bytes]."""

    editing: Editing
    moves: list[int]


def open_draft(browser: Browser, address: str, draft_id: int) -> Opened:
    """Open a draft in a page of its own."""
    page = browser.new_context(viewport=VIEWPORT).new_page()
    moves: list[int] = []
    page.on("requestfinished", lambda request: moves.append(_size(request)) if request.url.endswith("/edits") else None)
    return Opened(Editing(page, address, draft_id).open(), moves)


def _size(request: Request) -> int:
    sizes = request.sizes()
    return sum(sizes[part] for part in ("requestBodySize", "requestHeadersSize", "responseBodySize", "responseHeadersSize"))


def first_map(browser: Browser, address: str, draft_id: int) -> float:
    """Return seconds from opening the page, with nothing in the browser's cache, until map and panel are there."""
    context = browser.new_context(viewport=VIEWPORT)
    try:
        page = context.new_page()
        editing = Editing(page, address, draft_id)
        page.goto(editing.address, wait_until="commit")
        editing.ready(120_000)
        page.evaluate(FRAMES)
        return page.evaluate("performance.now()") / 1000
    finally:
        context.close()


def measure_clicks(opened: Opened, design: Design, clicks: int) -> np.ndarray:
    """Return (clicks, 2): milliseconds from letting the button go to the painted unit and to the panel with Python's figures."""
    editing, found = opened.editing, []
    editing.tool("click")
    for unit, to in border_units(design)[: clicks + 1]:
        editing.target(to)
        editing.page.mouse.move(*editing.spot(unit))
        editing.page.wait_for_timeout(300)  # a person looks before the next click
        editing.page.evaluate(WATCH, [editing.box.element_handle(), unit])
        editing.page.mouse.down()
        editing.page.mouse.up()
        editing.page.wait_for_function(SEEN, timeout=30_000)
        found.append(editing.page.evaluate(SEEN))
    return np.array(found[1:], float)


def measure_brush(opened: Opened, wanted: int) -> tuple[np.ndarray, int]:
    """Return milliseconds between the frames of a brush stroke to and fro until it has `wanted` units, and how many it took."""
    editing = opened.editing
    box = editing.box.locator(".gt-map").bounding_box()
    left, right, top = box["x"] + box["width"] * 0.15, box["x"] + box["width"] * 0.85, box["y"] + box["height"] * 0.3
    editing.tool("brush")
    editing.target(editing.ask("draft => [...draft.territories.keys()].at(-1)"))
    before = editing.owner()
    editing.page.mouse.move(left, top)
    editing.page.mouse.down()
    editing.page.evaluate(RECORD)
    for row in range(10):
        for x in np.linspace(left, right, 13)[:: 1 if row % 2 == 0 else -1]:
            editing.page.mouse.move(x, top + 30 * row, steps=10)
            if editing.box.evaluate("box => box.gtEditor.tools.stroke.units.size") >= wanted:
                break
        else:
            continue
        break
    gaps = editing.page.evaluate(STOP)
    editing.page.mouse.up()
    editing.settled()
    return np.array(gaps), sum(a != b for a, b in zip(before, editing.owner(), strict=True))


def measure_pan(opened: Opened, steps: int = 90) -> np.ndarray:
    """Return milliseconds between the frames while the map is dragged to and fro."""
    editing = opened.editing
    editing.tool("pan")
    box = editing.box.locator(".gt-map").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    editing.page.mouse.move(x, y)
    editing.page.mouse.down()
    editing.page.evaluate(RECORD)
    editing.page.mouse.move(x + 220, y + 60, steps=steps)
    editing.page.mouse.move(x - 120, y - 60, steps=steps)
    gaps = editing.page.evaluate(STOP)
    editing.page.mouse.up()
    return np.array(gaps)


def idle_page(browser: Browser, address: str, draft_id: int) -> Page:
    """Open a draft and leave it alone."""
    return open_draft(browser, address, draft_id).editing.page
