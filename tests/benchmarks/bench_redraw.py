"""The redraw editor in a headless Chromium beside streamlit-folium's usual loop: what a leader waits for, and how many fit on a server."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, sync_playwright

from geo_territory import feed
from geo_territory.design import Design
from geo_territory.rights import LEADER, Viewer
from geo_territory.workspace import URL_VARIABLE, Workspace
from tests.benchmarks import redraw_leaders as leaders
from tests.benchmarks import redraw_page as page
from tests.benchmarks.redraw_rival import measure_clicks as rival_clicks
from tests.benchmarks.report import Goal, Report
from tests.redraw_saved import WHO, keep
from tests.redraw_world import many_units
from tests.serving import FLAGS, ROOT, Server, chromium_path

TERRITORIES = 50
ACCOUNTS = 100_000
CLICK_GOALS_MS = {3_000: 100, 10_000: 150, 30_000: 300}
FIRST_GOALS_S = {3_000: 2.0, 30_000: 4.0}
CLICKS = 15
RIVAL_CLICKS = {3_000: 5, 10_000: 3, 30_000: 2}
BRUSHED = 200
SESSIONS = 10
VISITS = 3
WORK_S = 10  # seconds many leaders work
KB, MB = 1024, 1024 * 1024
FIRST_COLUMNS = ("work", "method", "seconds", "goal")
SIZES = tuple(CLICK_GOALS_MS)


@contextmanager
def served(design: Design, drafts: int = 1) -> Iterator[tuple[Server, str, list[int]]]:
    """Serve the app over a workspace with one saved design and some drafts of it: the server, the workspace's address, the drafts."""
    with tempfile.TemporaryDirectory() as folder:
        url, design_id = keep(Path(folder), design)
        workspace = Workspace.open(url)
        begun = [workspace.drafts.begin(design_id, f"Draft {number + 1}", WHO) for number in range(drafts)]
        workspace.close()
        server = Server(ROOT / "app.py", environment={URL_VARIABLE: url})
        server.start()
        try:
            yield server, url, begun
        finally:
            server.stop()


def run(quick: bool) -> list[Report]:
    """Return a table for each goal."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS)
        try:
            clicks, first, size = _clicks(browser, quick)
            return [clicks, first, size, _frames(browser, size), _memory(browser), _many(quick)]
        finally:
            browser.close()


def _clicks(browser: Browser, quick: bool) -> tuple[Report, Report, Report]:
    clicks = Report("Click to repaint and to recomputed panel [ms, median]", shown=("work", "method", "repaint", "panel", "p95", "goal"))
    first = Report(
        "First map: page opened to map painted and panel filled, nothing in the browser's cache",
        shown=("work", "method", "seconds", "goal"),
    )
    size = Report("Bytes of a move, request and answer with their headers", shown=("work", "method", "median", "most", "goal"))
    for count in SIZES:
        design = many_units(count, TERRITORIES)
        rival = {} if quick and count > SIZES[0] else _rivals(browser, design, RIVAL_CLICKS[count])
        with served(design) as (server, _, [draft]):
            if count in FIRST_GOALS_S:
                _first(first, browser, server, draft, count)
            opened = page.open_draft(browser, server.address, draft)
            ours = page.measure_clicks(opened, design, CLICKS)
            opened.editing.page.context.close()
        goals = [Goal(f"at most {CLICK_GOALS_MS[count]} ms", np.median(ours[:, 1]) <= CLICK_GOALS_MS[count])]
        if count == SIZES[0]:
            times = np.median(rival["streamlit-folium"][:, 1]) / np.median(ours[:, 1])
            goals.append(Goal(f"20 times as fast as streamlit-folium ({times:.0f} times)", times >= 20))
        for method, found in {"Geo Territory": ours, **rival}.items():
            _tell_clicks(clicks, count, method, found, goals if method == "Geo Territory" else [])
        cells = {"median": _kb(np.median(opened.moves)), "most": _kb(max(opened.moves))}
        bytes_goal = str(Goal("at most 16 KB", max(opened.moves) <= 16 * KB))
        size.tell(work=f"{count:,} units", method="one unit moved", **cells, goal=bytes_goal)
    return clicks, first, size


def _rivals(browser: Browser, design: Design, clicks: int) -> dict[str, np.ndarray]:
    with tempfile.TemporaryDirectory() as folder:
        return {
            "streamlit-folium": rival_clicks(browser, design, Path(folder), clicks),
            "streamlit-folium, on_change": rival_clicks(browser, design, Path(folder), clicks, callback=True),
        }


def _tell_clicks(report: Report, count: int, method: str, found: np.ndarray, goals: list[Goal]) -> None:
    repaint, panel = np.median(found, axis=0)
    cells = {"repaint": f"{repaint:.0f}", "panel": f"{panel:.0f}", "p95": f"{np.quantile(found[:, 1], 0.95):.0f}"}
    report.tell(work=f"{count:,} units", method=method, **cells, goal="; ".join(map(str, goals)))


def _first(report: Report, browser: Browser, server: Server, draft: int, count: int) -> None:
    goal = FIRST_GOALS_S[count]
    alone, *later = [page.first_map(browser, server.address, draft) for _ in range(1 + VISITS)]
    for method, seconds in (("the server's first visitor", alone), (f"later visitors, median of {VISITS}", float(np.median(later)))):
        reached = str(Goal(f"at most {goal:.0f} s", seconds <= goal))
        report.tell(work=f"{count:,} units", method=method, seconds=f"{seconds:.2f}", goal=reached)


def _frames(browser: Browser, size: Report) -> Report:
    report = Report("Frames per second while drawing and panning", shown=("work", "method", "frames a second", "slowest tenth", "goal"))
    with served(many_units(SIZES[-1], TERRITORIES)) as (server, _, [draft]):
        opened = page.open_draft(browser, server.address, draft)
        gaps, taken = page.measure_brush(opened, BRUSHED)
        stroke = opened.moves[-1]
        goal = str(Goal("at most 16 KB", stroke <= 16 * KB))
        size.tell(work=f"{SIZES[-1]:,} units", method=f"a brush stroke over {taken} units", median=_kb(stroke), most=_kb(stroke), goal=goal)
        _tell_frames(report, f"{SIZES[-1]:,} units", f"a brush stroke over {taken} units", gaps, 50)
    with served(many_units(SIZES[0], TERRITORIES, accounts=ACCOUNTS)) as (server, _, [draft]):
        gaps = page.measure_pan(page.open_draft(browser, server.address, draft))
        _tell_frames(report, f"{SIZES[0]:,} units, {ACCOUNTS:,} accounts as points", "dragging the map", gaps, 30)
    return report


def _tell_frames(report: Report, work: str, method: str, gaps: np.ndarray, least: float) -> None:
    rate, slow = 1000 / np.median(gaps), 1000 / np.quantile(gaps, 0.9)
    goal = Goal(f"{least:.0f} or more", rate >= least * 0.99)  # a frame of 16.7 ms is seen as 16.6 or 16.8
    report.tell(work=work, method=method, frames_a_second=f"{rate:.0f}", slowest_tenth=f"{slow:.0f}", goal=str(goal))


def _memory(browser: Browser) -> Report:
    report = Report("Memory of the server", shown=("work", "method", "MB", "goal"))
    for count in (SIZES[0], SIZES[-1]):
        with served(many_units(count, TERRITORIES)) as (server, _, [draft]):
            before_all = server.memory()
            page.idle_page(browser, server.address, draft).context.close()
            shared = server.memory()
            idle = [page.idle_page(browser, server.address, draft) for _ in range(SESSIONS)]
            idle[0].wait_for_timeout(3_000)
            each = (server.memory() - shared) / SESSIONS
            for one in idle:
                one.context.close()
        report.tell(work=f"{count:,} units", method="the first session, with what all share", MB=f"{(shared - before_all) / MB:.0f}")
        goal = Goal("at most 80 MB", each <= 80 * MB)
        report.tell(work=f"{count:,} units", method=f"each of {SESSIONS} idle sessions above that", MB=f"{each / MB:.1f}", goal=str(goal))
    return report


def _many(quick: bool) -> Report:
    report = Report(
        "Leaders editing at once on one process, a move a second each, 3,000 units [ms]",
        shown=("work", "method", "median", "p95", "most", "moves a second", "goal"),
    )
    design = many_units(SIZES[0], TERRITORIES)
    seconds = 8 if quick else WORK_S
    with served(design, drafts=20) as (server, url, drafts):
        grants = [feed.local().redraw_grant(url, draft, Viewer(WHO, WHO, LEADER, here=True)) for draft in drafts]
        for together, kept in (("on one draft", grants[:1]), ("on a draft each", grants)):
            for many in (10, 20, 40, 80):
                if many > len(kept) > 1:
                    break
                moves = leaders.border_moves(design, many, seconds)
                found = leaders.lead(server.address, [kept[i % len(kept)] for i in range(many)], moves)
                _tell_leaders(report, f"{many} {together}", many, found)
                if found.kept_up < 0.8:
                    report.notes.append(f"Saturated: {many} leaders {together} had {found.kept_up:.0%} of their moves answered in time.")
                    break
    return report


def _tell_leaders(report: Report, work: str, many: int, found: leaders.Answers) -> None:
    median, high = np.median(found.waited), np.quantile(found.waited, 0.95)
    goal = str(Goal("median under 200 ms", median < 200)) if many == 10 else ""
    cells = {"median": f"{median:.0f}", "p95": f"{high:.0f}", "most": f"{found.waited.max():.0f}"}
    report.tell(work=work, method="Geo Territory", **cells, moves_a_second=f"{len(found.waited) / found.seconds:.1f}", goal=goal)


def _kb(count: float) -> str:
    return f"{count / KB:.1f} KB"
