"""When the solver stops: callables over where it stands, any of which a caller may write himself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Standing:
    """Where a solve stands: what a stopping criterion may look at.

    seconds: since the start. rounds: finished so far. planned: rounds meant to be done for compactness, >= 1.
    imbalance: of the best alignment so far, a fraction. tolerance: asked for, a fraction.
    """

    seconds: float
    rounds: int
    planned: int
    imbalance: float
    tolerance: float


class StoppingCriterion(Protocol):
    """Says why to stop now, or nothing to go on."""

    def __call__(self, standing: Standing) -> str:
        """Return the reason to stop, reported as `Result.stopped_by`, or an empty string."""
        ...


@dataclass(frozen=True)
class WithinTolerance:
    """Stop when the planned rounds are done and the best alignment is within the tolerance.

    tolerance: a fraction in (0, 1), or None for the one `solve` was asked for.
    """

    tolerance: float | None = None

    def __post_init__(self) -> None:
        if self.tolerance is not None and not 0 < self.tolerance < 1:
            raise ValueError("Expected tolerance in (0, 1): 0.05 means five percent.")

    def __call__(self, standing: Standing) -> str:
        """Stop when the planned rounds are done and the imbalance is small enough."""
        wanted = standing.tolerance if self.tolerance is None else self.tolerance
        return "within tolerance" if standing.rounds >= standing.planned and standing.imbalance <= wanted else ""


@dataclass(frozen=True)
class MaxRounds:
    """Stop after a number of rounds, >= 1; the same on every machine."""

    rounds: int

    def __post_init__(self) -> None:
        if self.rounds < 1:
            raise ValueError("Expected rounds >= 1.")

    def __call__(self, standing: Standing) -> str:
        """Stop when that many rounds are done."""
        return "max rounds" if standing.rounds >= self.rounds else ""


@dataclass(frozen=True)
class MaxSeconds:
    """Stop after a time [s], > 0; a safety net, for where it bites the answer depends on the machine."""

    seconds: float

    def __post_init__(self) -> None:
        if not self.seconds > 0:
            raise ValueError("Expected seconds > 0.")

    def __call__(self, standing: Standing) -> str:
        """Stop when the time is up."""
        return "max seconds" if standing.seconds >= self.seconds else ""


class FirstOf:
    """Stop as soon as any of several criteria says so."""

    def __init__(self, *criteria: StoppingCriterion) -> None:
        if not criteria:
            raise ValueError("Expected at least one stopping criterion.")
        self.criteria = criteria

    def __call__(self, standing: Standing) -> str:
        """Return the first reason any criterion gives."""
        return next(filter(None, (criterion(standing) for criterion in self.criteria)), "")
