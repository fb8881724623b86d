"""One Chromium and one server per app for all browser tests; every page is watched for requests to other hosts."""

import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.redraw_desk import Desk
from tests.serving import FLAGS, Server, chromium_path, other_than_own
from tests.signing_in import vouching

log = logging.getLogger(__name__)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = chromium_path()
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
    started: dict[tuple[str, ...], Server] = {}

    def address(app: Path, *options: str, base_path: str = "") -> str:
        key = (str(app), *options)
        if key not in started:
            started[key] = Server(app, *options, base_path=base_path)
            started[key].start()
        return started[key].address

    yield address
    for server in started.values():
        server.stop()


@pytest.fixture(scope="session")
def provider() -> Iterator[str]:
    """Somebody on loopback who vouches for everybody; its address."""
    with vouching() as at:
        yield at


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The app over a workspace with one saved design, for the tests of one file."""
    made = Desk(tmp_path_factory.mktemp("desk"))
    yield made
    made.server.stop()


@pytest.fixture
def new_page(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a page of its own; at the end no page may have asked another host or thrown an error."""
    wrong: list[list[str]] = []
    contexts = []

    def open_page(**options: object) -> Page:
        context = chromium.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        contexts.append(context)
        page = context.new_page()
        wrong.append(other_than_own(page))
        return page

    yield open_page
    for context in contexts:
        for page in context.pages:  # pytest shows it only when the test failed
            log.warning("%s shows %s", page.url, page.evaluate("document.body.innerText.slice(0, 1500)"))
        context.close()
    assert not any(wrong), wrong


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    return new_page()
