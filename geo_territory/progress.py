"""What long work tells the person who waits: the phase it is in, how far it is, and the seconds each phase took."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Progress = Callable[[str, float], None]
"""Hears a phase and the share done in [0, 1]; it may raise Cancelled."""


def silent(phase: str, fraction: float) -> None:
    """Report nothing: the progress of work nobody watches."""


class Clock:
    """Seconds by phase, and the progress that goes with them."""

    def __init__(self, progress: Progress) -> None:
        """Start with no phase measured."""
        self.seconds: dict[str, float] = {}
        self.progress = progress

    @contextmanager
    def phase(self, name: str, begins: float) -> Iterator[None]:
        """Measure one phase that begins at a share in [0, 1] of the whole work."""
        self.progress(name, begins)
        since = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - since, 3)
