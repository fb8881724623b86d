"""The redraw editor in a page that Playwright drives: how to open a draft and what to ask of it."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, Page

READY = """box => {
  const editor = box.gtEditor, draft = editor && editor.draft;
  if (!draft || !draft.state || !draft.facts || !box.gtView.areas.ids.length || box.gtView.areas.lastDrawMs === undefined) return false;
  return box.querySelectorAll('[data-gt="territory"]').length === draft.territories.size;
}"""
SETTLED = "box => box.gtEditor.draft.pending === 0 && box.gtEditor.draft.stale.size === 0 && box.gtEditor.draft.status === 'saved'"
FRAMES = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


class Editing:
    """A draft open in a page: `box` is the editor's element, which holds gtView and gtEditor."""

    def __init__(self, page: Page, address: str, draft_id: int) -> None:
        self.page = page
        self.draft_id = draft_id
        self.address = f"{address}/redraw?draft={draft_id}"

    def open(self) -> Editing:
        """Open the page and wait until map and panel are there."""
        self.page.goto(self.address)
        return self.ready()

    def reload(self) -> Editing:
        self.page.reload()
        return self.ready()

    def ready(self, milliseconds: float = 40_000) -> Editing:
        """Wait until map and panel are there."""
        self.box.wait_for(state="attached", timeout=milliseconds)
        self.until(READY, milliseconds)
        return self

    @property
    def box(self) -> Locator:
        return self.page.locator(".gt-box").first

    def until(self, condition: str, milliseconds: float = 15_000, given: Any = None) -> None:
        """Wait until a condition on the box holds, looked at in every frame."""
        self.page.wait_for_function(
            f"([box, given]) => ({condition})(box, given)", arg=[self.box.element_handle(), given], timeout=milliseconds
        )

    def settled(self) -> None:
        """Wait until all that was drawn is stored and all figures are Python's, and painted."""
        self.until(SETTLED)
        self.page.evaluate(FRAMES)

    def ask(self, script: str, given: Any = None) -> Any:
        """Return what a function of (draft, given) says."""
        return self.box.evaluate(f"(box, given) => ({script})(box.gtEditor.draft, given)", given)

    def owner(self) -> list[str]:
        """Return the territory of each unit as shown, "" for nobody."""
        return self.ask("draft => Array.from(draft.owner, slot => draft.slots[slot] ?? '')")

    def spot(self, position: int) -> tuple[float, float]:
        """Return where a unit lies on the page [px]."""
        at = self.box.evaluate("(box, u) => box.gtEditor.screenOf(u)", position)
        return at["x"], at["y"]

    def press(self, name: str) -> None:
        """Press one of the editor's buttons by its data-gt."""
        self.part(name).first.click()

    def part(self, name: str) -> Locator:
        return self.box.locator(f'[data-gt="{name}"]')

    def row(self, territory: str) -> Locator:
        return self.box.locator(f'[data-gt="territory"][data-id="{territory}"]')

    def tool(self, name: str) -> None:
        """Take up a tool: pan, click, brush, rectangle, lasso, region or accounts."""
        self.press(f"tool-{name}")
        self.until("(box, name) => box.gtEditor.tools.mode === name", given=name)

    def target(self, territory: str) -> None:
        """Choose the territory that is painted; "" is nobody."""
        self.part("target").first.select_option(territory)
        self.until("(box, id) => box.gtEditor.tools.to === id", given=territory)

    def click(self, position: int, **options: Any) -> None:
        self.page.mouse.click(*self.spot(position), **options)

    def hand_over(self, units: list[int], to: str) -> None:
        """Choose a territory and click units for it, one edit each; wait until all of them are stored."""
        self.target(to)
        for unit in units:
            self.click(unit)
        self.settled()

    def drag(self, spots: list[tuple[float, float]], steps: int = 4) -> None:
        """Press at the first spot, go over the others, let go at the last."""
        self.page.mouse.move(*spots[0])
        self.page.mouse.down()
        for spot in spots[1:]:
            self.page.mouse.move(*spot, steps=steps)
        self.page.mouse.up()

    def look_at(self, view: list[float]) -> None:
        """Show the map where `view` said it was."""
        self.box.evaluate("(box, [zoom, lat, lng]) => box.gtView.map.setView([lat, lng], zoom, {animate: false})", view)
        self.page.evaluate(FRAMES)

    def view(self) -> list[float]:
        """Return zoom and centre of the map."""
        return self.box.evaluate("box => { const {map} = box.gtView, c = map.getCenter(); return [map.getZoom(), c.lat, c.lng]; }")
