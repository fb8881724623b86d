"""An app of ours under a real server on a loopback port, which can be killed and started again there; and the Chromium that visits it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).parents[1]
START_SECONDS = 40
OWN = ("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:", "file://")
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


def chromium_path() -> str | None:
    """Return where Chromium is: the variable CHROMIUM, else on the PATH; None when there is none."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def other_than_own(page: Page) -> list[str]:
    """Return a list that grows by each address of another host that a page asks, and each error it throws; not where people sign in."""
    wrong: list[str] = []

    def note(asked) -> None:
        if not asked.url.startswith(OWN) and "/oauth2/" not in page.url:
            wrong.append(asked.url)

    page.on("request", note)
    page.on("websocket", note)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    return wrong


class Server:
    """`streamlit run` of one app file; options are Streamlit's, `environment` is set above this process's."""

    def __init__(self, app: Path, *options: str, base_path: str = "", environment: Mapping[str, str] | None = None) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.app = app
        self.address = f"http://127.0.0.1:{self.port}" + (f"/{base_path}" if base_path else "")
        self._command = [sys.executable, "-m", "streamlit", "run", str(app), "--server.port", str(self.port), *options]
        paths = [str(ROOT), os.environ.get("PYTHONPATH", "")]
        self._environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), **(environment or {})}
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        """Start and wait until it answers. Raises RuntimeError."""
        quiet = subprocess.DEVNULL
        self.process = subprocess.Popen(self._command, cwd=ROOT, env=self._environment, stdout=quiet, stderr=quiet)
        give_up = time.monotonic() + START_SECONDS
        while True:
            try:
                urllib.request.urlopen(f"{self.address}/_stcore/health", timeout=1).close()
                return
            except OSError:
                if self.process.poll() is not None or time.monotonic() > give_up:
                    self.kill()
                    raise RuntimeError(f"{self.app.name} did not start: exit code {self.process.poll()}.") from None
                time.sleep(0.1)

    def kill(self) -> None:
        """End it at once, as a crash would."""
        self.process.kill()
        self.process.wait(10)

    def stop(self) -> None:
        """End it in order."""
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.kill()

    def memory(self) -> float:
        """Return the memory it holds [bytes], where the system tells it (Linux); NaN elsewhere."""
        status = Path(f"/proc/{self.process.pid}/status")
        if not status.exists():
            return float("nan")
        return next(int(line.split()[1]) * 1024.0 for line in status.read_text().splitlines() if line.startswith("VmRSS"))
