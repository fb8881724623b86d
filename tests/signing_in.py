"""Sign-in as tests and benchmarks need it: somebody on loopback who vouches for everybody, and the app that asks them."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from geo_territory.workspace import URL_VARIABLE
from tests.serving import ROOT, START_SECONDS, Server

if TYPE_CHECKING:
    from playwright.sync_api import Page

APP = ROOT / "app.py"
COOKIE_SECRET = "only for this test " * 3
LONG = 15_000  # a first page after signing in may take this long [ms]


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextmanager
def vouching() -> Iterator[str]:
    """Somebody who vouches for everybody, in a process of its own; gives its address."""
    port, quiet = free_port(), subprocess.DEVNULL
    process = subprocess.Popen([sys.executable, "-m", "oidc_provider_mock", "--port", str(port)], stdout=quiet, stderr=quiet)
    at, give_up = f"http://127.0.0.1:{port}", time.monotonic() + START_SECONDS
    try:
        while True:
            try:
                urllib.request.urlopen(f"{at}/.well-known/openid-configuration", timeout=1).close()
                break
            except OSError:
                assert process.poll() is None and time.monotonic() < give_up, "the provider did not start"
                time.sleep(0.1)
        yield at
    finally:
        process.terminate()
        process.wait(10)


@contextmanager
def behind_sign_in(url: str, provider: str, folder: Path) -> Iterator[Server]:
    """The app over a workspace, with sign-in at a provider; its secrets lie in a folder."""
    secrets = folder / "secrets.toml"
    server = Server(APP, "--secrets.files", str(secrets), environment={URL_VARIABLE: url})
    secrets.write_text(
        f"""[auth]
redirect_uri = "{server.address}/oauth2callback"
cookie_secret = "{COOKIE_SECRET}"
client_id = "geo-territory"
client_secret = "only for this test"
server_metadata_url = "{provider}/.well-known/openid-configuration"
"""
    )
    server.start()
    try:
        yield server
    finally:
        server.stop()


def sign_in(page: Page, address: str, email: str, path: str = "") -> None:
    page.goto(f"{address}/{path}")
    page.get_by_role("button", name="Sign in").click(timeout=LONG)
    page.wait_for_url("**/oauth2/authorize**")
    page.locator("input[name=sub]").fill(email)
    page.locator("button[type=submit]").first.click()
    page.wait_for_url(f"{address}/**", timeout=LONG)
