"""A figure with what it is made of: never without its denominator, and never 0 or 100 % where it is undefined."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Measure:
    """A figure: `value` is None where it is undefined, and `reason` then says why.

    `numerator` over `denominator` is the value; a count has no denominator. `n` is how many things it looks at.
    """

    value: float | None
    numerator: float
    denominator: float | None
    n: int
    reason: str = ""


def share_of(numerator: float, denominator: float, n: int, reason: str) -> Measure:
    """Return numerator over denominator; with a denominator of 0 there is no value, for `reason`."""
    if denominator > 0:
        return Measure(numerator / denominator, numerator, denominator, n)
    return Measure(None, numerator, denominator, n, reason)
