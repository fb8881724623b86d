"""What the browser tests of the redraw editor share: the small company served by the real app, drafts of its design, and its map."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
from playwright.sync_api import Browser, Page

from geo_territory.design import Design
from geo_territory.tables import Units
from geo_territory.units import neighbor_matrix
from geo_territory.workspace import URL_VARIABLE, Workspace, restore_design
from tests.redraw_pages import Editing
from tests.redraw_saved import WHO, keep
from tests.redraw_world import small_design, small_reps
from tests.serving import ROOT, Server, other_than_own

PICTURES = ROOT / ".screens"


class Desk:
    """The app over a workspace with one saved design, `version`, of Ohio's 88 counties in four territories."""

    def __init__(self, folder: Path) -> None:
        self.design = small_design()
        self.url, self.version = keep(folder, self.design, reps=small_reps(self.design))
        self.server = Server(ROOT / "app.py", environment={URL_VARIABLE: self.url})
        self.server.start()
        self.units = list(self.design.unit_map.units.index)
        self.names = list(self.design.unit_map.units[Units.name])
        self.neighbors = neighbor_matrix(self.design.unit_map)

    def draft(self, name: str = "Draft") -> int:
        """Begin a draft of the version."""
        with self.workspace() as workspace:
            return workspace.drafts.begin(self.version, name, WHO)

    @contextmanager
    def workspace(self) -> Iterator[Workspace]:
        opened = Workspace.open(self.url)
        try:
            yield opened
        finally:
            opened.close()

    def edits(self, draft_id: int) -> list:
        """Return what is stored of a draft."""
        with self.workspace() as workspace:
            return workspace.drafts.edits(draft_id)

    def restored(self, design_id: int) -> Design:
        with self.workspace() as workspace:
            return restore_design(workspace, design_id)

    def around(self, unit: int) -> list[int]:
        """Return the units beside one, by position."""
        return self.neighbors.indices[self.neighbors.indptr[unit] : self.neighbors.indptr[unit + 1]].tolist()

    def at_border(self, owner: list[str], *, of: str, to: str) -> list[int]:
        """Return the units of a territory that touch another one, by position."""
        return [unit for unit in range(len(owner)) if owner[unit] == of and any(owner[v] == to for v in self.around(unit))]

    def a_border(self, owner: list[str], *, least: int = 3) -> tuple[str, str, list[int]]:
        """Return two territories that touch along at least some units of the first, and those units."""
        names = sorted({name for name in owner if name})
        for of in names:
            for to in names:
                units = self.at_border(owner, of=of, to=to) if of != to else []
                if len(units) >= least:
                    return of, to, units
        raise AssertionError(f"No two territories touch along {least} units.")


@contextmanager
def watched(chromium: Browser, **options: object) -> Iterator[Page]:
    """Open a page of its own; at the end it may have asked no other host and thrown no error."""
    context = chromium.new_context(**{"viewport": {"width": 1440, "height": 1000}, **options})
    page = context.new_page()
    page.set_default_timeout(10_000)
    wrong = other_than_own(page)
    try:
        yield page
    finally:
        context.close()
    assert wrong == []


def keep_picture(page: Page, name: str) -> None:
    """Save what a person sees to .screens/."""
    PICTURES.mkdir(exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png", full_page=True)


def answers_of(page: Page) -> list[dict]:
    """Return a list that grows by each answer to an edit, as it came."""
    heard: list[dict] = []
    page.on("response", lambda answer: heard.append(json.loads(answer.body())) if answer.url.endswith("/edits") and answer.ok else None)
    return heard


def opened(page: Page, desk: Desk, draft_id: int) -> Editing:
    return Editing(page, desk.server.address, draft_id).open()


def rows_of(editing: Editing) -> pd.DataFrame:
    """Return the territories as the panel's model holds them, numbers as they came."""
    rows = editing.ask("draft => [...draft.territories.values()]")
    return pd.DataFrame(rows).set_index("id").sort_index()
