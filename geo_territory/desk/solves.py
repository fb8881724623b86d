"""Solving the rest of a draft in the background: one at a time for each desk, with progress that every page can read."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from typing import Any

from geo_territory.errors import Cancelled, TerritoryError
from geo_territory.progress import Progress

Work = Callable[[Progress], dict[str, Any]]


class Solve:
    """One solve of a draft at revision `rev`; the thread writes, requests read."""

    def __init__(self, rev: int, work: Work) -> None:
        """Begin, in a thread that does not keep the program alive."""
        self.name = secrets.token_hex(8)
        self._rev = rev
        self._phase, self._fraction = "Starting", 0.0
        self._made: dict[str, Any] = {"proposals": []}
        self._failed: str | None = None
        self._fault: BaseException | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(work,), name="redraw: solve the rest", daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        """Whether it is still at work."""
        return self._thread.is_alive()

    def cancel(self) -> None:
        """Ask it to stop at the next report of progress."""
        self._stop.set()

    def wait(self, seconds: float) -> None:
        """Wait until it ends, at most `seconds`."""
        self._thread.join(seconds)

    def told(self) -> dict[str, Any]:
        """Return how far it is, or how it ended. Raises what it met when that is a bug."""
        if self._fault is not None:
            raise self._fault
        return {
            "running": self.running,
            "phase": self._phase,
            "fraction": self._fraction,
            "failed": self._failed,
            "rev": self._rev,
            **self._made,
        }

    def _run(self, work: Work) -> None:
        try:
            self._made = work(self._report)
            self._phase, self._fraction = "Done", 1.0
        except Cancelled:
            self._failed = "Stopped: nothing was changed."
        except TerritoryError as error:
            self._failed = str(error)
        except BaseException as fault:
            self._fault = fault

    def _report(self, phase: str, fraction: float) -> None:
        if self._stop.is_set():
            raise Cancelled("Stopped: nothing was changed.")
        self._phase, self._fraction = phase, min(1.0, max(0.0, fraction))


IDLE = {"running": False, "phase": "", "fraction": 0.0, "failed": None, "rev": 0, "proposals": []}
