"""One Chromium and one server per app for all browser tests; every page is watched for requests to other hosts."""

import logging
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

log = logging.getLogger(__name__)
ROOT = Path(__file__).parents[2]
START_SECONDS = 40
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
]
OWN = ("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:", "file://")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path is None:
        missing = "No Chromium here: install it (Debian: apt-get install chromium) or set CHROMIUM to its path."
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def serve() -> Iterator[Callable[..., str]]:
    """Return a function that starts an app file once, on a free port, and gives its address; options are Streamlit's."""
    started: dict[tuple[str, ...], tuple[subprocess.Popen, str]] = {}

    def address(app: Path, *options: str, base_path: str = "") -> str:
        key = (str(app), *options)
        if key not in started:
            started[key] = _start(app, options, base_path)
        return started[key][1]

    yield address
    for process, _ in started.values():
        process.terminate()
    for process, _ in started.values():
        process.wait(10)


def _start(app: Path, options: tuple[str, ...], base_path: str) -> tuple[subprocess.Popen, str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(app), "--server.port", str(port), *options]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}" + (f"/{base_path}" if base_path else "")
    give_up = time.monotonic() + START_SECONDS
    while True:
        try:
            urllib.request.urlopen(f"{address}/_stcore/health", timeout=1).close()
            return process, address
        except OSError:
            if process.poll() is not None or time.monotonic() > give_up:
                process.kill()
                pytest.fail(f"{app.name} did not start: exit code {process.poll()}.")
            time.sleep(0.1)


@pytest.fixture
def new_page(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a page of its own; at the end no page may have asked another host or thrown an error."""
    outside: list[str] = []
    errors: list[str] = []
    contexts = []

    def open_page(**options: object) -> Page:
        context = chromium.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: None if request.url.startswith(OWN) else outside.append(request.url))
        page.on("websocket", lambda socket: None if socket.url.startswith(OWN) else outside.append(socket.url))
        page.on("pageerror", lambda error: errors.append(str(error)))
        return page

    yield open_page
    for context in contexts:
        for page in context.pages:  # pytest shows it only when the test failed
            log.warning("%s shows %s", page.url, page.evaluate("document.body.innerText.slice(0, 1500)"))
        context.close()
    assert outside == [] and errors == []


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    return new_page()
