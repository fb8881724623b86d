"""Keeps time and tells how far a solve is: phases, progress calls, and the stopping criterion."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from geo_territory.balancing.stop import Standing, StoppingCriterion

Progress = Callable[[str, float, float], None]
QUIET = 0.1  # seconds between two progress calls


class Watch:
    """The one mutable record of a running solve; `reason` is set once the criterion says to stop.

    none_fits: every way was tried and none is within the tolerance.
    """

    def __init__(self, stop: StoppingCriterion, progress: Progress | None, tolerance: float) -> None:
        self.stop, self.progress, self.tolerance = stop, progress, tolerance
        self.began = self.told = self.entered = time.perf_counter()
        self.phase = ""
        self.seconds: dict[str, float] = {}
        self.rounds, self.planned, self.imbalance, self.reason = 0, 1, float("inf"), ""
        self.none_fits = False

    def enter(self, phase: str) -> None:
        """Begin a phase; its time adds up under its name."""
        now = time.perf_counter()
        if self.phase:
            self.seconds[self.phase] = self.seconds.get(self.phase, 0.0) + now - self.entered
        self.phase, self.entered = phase, now

    def beat(self, phase: str, fraction: float) -> bool:
        """Enter `phase`, tell progress when it was quiet long enough, and return True when it's time to stop.

        fraction: of the present round, in [0, 1]. Whatever the progress callback raises (Cancelled) ends the solve.
        """
        if phase != self.phase:
            self.enter(phase)
        now = time.perf_counter()
        if self.progress is not None and now - self.told > QUIET:
            self.told = now
            done = (self.rounds + fraction) / max(self.planned, self.rounds + 1)
            self.progress(phase, float(np.clip(done, 0, 1)), self.imbalance)
        self.reason = self.reason or self.stop(self._standing(now))
        return bool(self.reason)

    def finish(self) -> dict[str, float]:
        """End the last phase, tell the end and return the seconds of each phase and in all."""
        self.enter("")
        if self.progress is not None:
            self.progress("done", 1.0, self.imbalance)
        return {**self.seconds, "total": time.perf_counter() - self.began}

    def _standing(self, now: float) -> Standing:
        return Standing(now - self.began, self.rounds, self.planned, self.imbalance, self.tolerance)
