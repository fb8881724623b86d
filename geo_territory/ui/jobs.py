"""Work that outlives a click: a thread of its own, progress that any page can read, and a way to stop it."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

import pandas as pd

from geo_territory.design import Design
from geo_territory.errors import Cancelled, TerritoryError
from geo_territory.progress import Progress
from geo_territory.proposals import Proposals

Made: TypeAlias = Design | Proposals | pd.DataFrame
Work = Callable[[Progress], Made]


@dataclass(eq=False)
class Job:
    """One design, alternatives to choose from, or a headcount curve (HeadcountCurve) being made; the thread writes, pages read.

    `import_id` is the account list it is made from. `phase` and `fraction` in [0, 1] say how far it is. When it is no
    longer `running`, one of `made`, `error` (for a person) or `fault` (a bug) is there, none of them when it was
    stopped. `token` names the job for good: an address in memory would come again. `decided` says that one of its
    alternatives was kept.
    """

    about: str
    import_id: int
    phase: str = "Starting"
    fraction: float = 0.0
    made: Made | None = None
    error: TerritoryError | None = None
    fault: BaseException | None = None
    seconds: float = 0.0
    token: str = field(default_factory=lambda: secrets.token_hex(8))
    decided: bool = False
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    @property
    def running(self) -> bool:
        """Whether it is still at work."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def proposals(self) -> Proposals | None:
        """The alternatives it made, None when it made something else or nothing."""
        return self.made if isinstance(self.made, Proposals) else None

    @property
    def stopping(self) -> bool:
        """Whether a person asked it to stop."""
        return self._stop.is_set()

    def start(self, work: Work) -> None:
        """Begin, in a thread that does not keep the program alive."""
        self._thread = threading.Thread(target=self._run, args=(work,), name=f"design: {self.about}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ask it to stop at the next report of progress."""
        self._stop.set()

    def wait(self, seconds: float) -> None:
        """Wait until it ends, at most `seconds`."""
        if self._thread is not None:
            self._thread.join(seconds)

    def _run(self, work: Work) -> None:
        since = time.perf_counter()
        try:
            self.made = work(self._report)
        except Cancelled:
            self.phase = "Stopped"
        except TerritoryError as error:
            self.error = error
        except BaseException as fault:
            self.fault = fault
        self.seconds = time.perf_counter() - since

    def _report(self, phase: str, fraction: float) -> None:
        if self.stopping:
            raise Cancelled("Stopped: nothing was changed.")
        self.phase, self.fraction = phase, min(1.0, max(0.0, fraction))


class Jobs:
    """The newest job of each workspace, or of a part of its work, so that a reloaded page finds it again; usable from many threads."""

    def __init__(self) -> None:
        """Start with none."""
        self._jobs: dict[str, Job] = {}
        self._lock = threading.Lock()

    def start(self, workspace: str, about: str, import_id: int, work: Work) -> Job:
        """Start a job unless one is running; return the one that runs."""
        with self._lock:
            known = self._jobs.get(workspace)
            if known is not None and known.running:
                return known
            job = self._jobs[workspace] = Job(about, import_id)
            job.start(work)
            return job

    def newest(self, workspace: str) -> Job | None:
        """Return the newest job of a workspace."""
        with self._lock:
            return self._jobs.get(workspace)

    def forget(self, workspace: str) -> None:
        """Drop the newest job; one that runs is asked to stop."""
        with self._lock:
            job = self._jobs.pop(workspace, None)
        if job is not None:
            job.stop()
