"""Clicks on streamlit-folium's map in a headless Chromium: how long until the unit is painted and the table is filled anew."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Page

from geo_territory.design import Design
from geo_territory.tables import UnitTotals
from tests.serving import Server

APP = Path(__file__).parent / "apps" / "rival.py"
PATIENCE_MS = 180_000
WAIT_FOR_MAP = """count => {
  const frame = document.querySelector("iframe");
  return frame && frame.contentDocument.querySelectorAll("path.leaflet-interactive").length === count;
}"""
SPOT = """unit => {
  const frame = document.querySelector("iframe"), path = frame.contentDocument.querySelector(`path.unit-${unit}`);
  const at = frame.getBoundingClientRect(), box = path.getBoundingClientRect();
  return [at.x + box.x + box.width / 2, at.y + box.y + box.height / 2];
}"""
WATCH = """({unit, moves}) => {
  const frame = () => document.querySelector("iframe"), seen = window.seen = {};
  const fill = () => frame()?.contentDocument?.querySelector(`path.unit-${unit}`)?.getAttribute("fill"), before = fill();
  const clicked = () => { seen.clicked = seen.clicked ?? Date.now(); };
  frame().contentDocument.addEventListener("click", clicked, true);
  const look = () => {
    if (!seen.painted && fill() && fill() !== before) seen.painted = Date.now();
    if (!seen.panel && document.body.innerText.includes(`moves: ${moves}`)) seen.panel = Date.now();
    if (!seen.painted || !seen.panel) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""
SEEN = "window.seen.painted && window.seen.panel && [window.seen.painted - window.seen.clicked, window.seen.panel - window.seen.clicked]"


def units_file(design: Design, folder: Path) -> Path:
    """Write the units of a design as the rival's page reads them."""
    units = design.unit_map.units
    number = {territory: i for i, territory in enumerate(sorted(design.scorecard.index))}
    owner = design.alignment.territory_of.reindex(units.index)
    table = units[["geometry"]].assign(
        unit=np.arange(len(units)),
        territory=owner.map(number).astype(int).to_numpy(),
        hours=design.totals[UnitTotals.workload].reindex(units.index).fillna(0.0).to_numpy(),
    )
    found = json.loads(table.to_json(drop_id=True))
    path = folder / f"rival-{len(units)}.geojson"
    path.write_text(json.dumps({**found, "bbox": [float(side) for side in table.total_bounds]}))
    return path


def measure_clicks(browser: Browser, design: Design, folder: Path, clicks: int, *, callback: bool = False) -> np.ndarray:
    """Return (clicks, 2): milliseconds from the click to the painted unit and to the new table."""
    count = len(design.unit_map.units)
    server = Server(APP, environment={"GEO_TERRITORY_RIVAL": str(units_file(design, folder))})
    server.start()
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    try:
        page = context.new_page()
        page.goto(server.address + ("/?callback=1" if callback else ""))
        units = np.random.default_rng(3).choice(count, clicks + 1, replace=False)
        found = [_click(page, count, int(unit), move) for move, unit in enumerate(units, 1)]
        return np.array(found[1:], float)  # the first click pays for what is loaded once
    finally:
        context.close()
        server.stop()


def _click(page: Page, count: int, unit: int, moves: int) -> list[float]:
    page.wait_for_function(WAIT_FOR_MAP, arg=count, timeout=PATIENCE_MS)
    page.wait_for_timeout(500)  # a person looks before the next click
    spot = page.evaluate(SPOT, unit)
    page.evaluate(WATCH, {"unit": unit, "moves": moves})
    page.mouse.click(*spot)
    page.wait_for_function(SEEN, timeout=PATIENCE_MS)
    return page.evaluate(SEEN)
