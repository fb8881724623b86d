"""The ways to turn value into tiers (F1-F4, F6, F7): numbers from 0, the best tier, and why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo_territory.errors import PolicyError
from geo_territory.policy import TierRule
from geo_territory.tables import Accounts
from geo_territory.tiers.lists import WORDS, RankedList
from geo_territory.tiers.natural_breaks import natural_breaks


@dataclass(frozen=True)
class Grades:
    """One list graded, arrays of shape (accounts,) in the order of its rows.

    `grade` is the tier's position, 0 the best; `rank` the position by value from 1, equal values share it;
    `before` the share of positive value held by better accounts; `why` the reason, without the tier.
    """

    grade: np.ndarray
    rank: np.ndarray
    before: np.ndarray
    why: list[str]


def grade(ranked: RankedList, rule: TierRule) -> Grades:
    """Return the grades of one list by the rule's method; the middle tier for all where nothing tells accounts apart."""
    if rule.method == "score":
        return _score(ranked, rule)
    if rule.method == "matrix" and (ranked.field or (ranked.rows[Accounts.potential] > 0).any()):
        return _matrix(ranked, rule)
    if ranked.field is None:
        recorded = ranked.rows[list(WORDS)].notna().any(axis=None)
        nothing = f"no value {'above 0 ' if recorded else ''}recorded for any of {len(ranked.rows):,} {ranked.nouns}"
        return _equal(ranked, rule, nothing)
    return _by_value(ranked, rule)


def money(value: float) -> str:
    """Return an amount as a rep reads it: 120,000 or 12.50."""
    return f"{value:,.0f}" if abs(value) >= 100 or value == round(value) else f"{value:,.2f}"


def percent(share: float) -> str:
    """Return a share as 31 % or 31.4 %."""
    return f"{100 * share:.1f}".removesuffix(".0") + " %"


def _equal(ranked: RankedList, rule: TierRule, nothing: str) -> Grades:
    n = len(ranked.rows)
    middle = (len(rule.labels) - 1) // 2
    unknown = np.full(n, np.nan)
    return Grades(np.full(n, middle), unknown, unknown, [f"{nothing}, so all count equal and take the middle tier"] * n)


def _positions(value: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Return rank from 1 and the share of positive value held by better accounts; equal values share both (F1)."""
    rank = value.rank(method="min", ascending=False).to_numpy(float)
    falling = -np.sort(-value[value > 0].to_numpy(float))
    if not falling.size:
        return rank, np.full(len(value), np.nan)
    better = np.searchsorted(-falling, -value.clip(lower=0).fillna(0).to_numpy(float), side="left")
    held = np.concatenate([[0.0], np.cumsum(falling / falling[0])])
    return rank, np.clip(held[better] / held[-1], 0, 1)


def _by_value(ranked: RankedList, rule: TierRule) -> Grades:
    """Grade by one value; blank, 0 and less fall to the lowest tier whatever the method (F1-F4)."""
    value = ranked.value.to_numpy(float)
    rank, before = _positions(ranked.value)
    graded, tails = _VALUE_METHODS[rule.method](ranked, rule, rank, before)
    positive = value > 0
    graded = np.where(positive, graded, len(rule.labels) - 1)
    word, of = ranked.word, f"of {len(value):,}" + (f" {ranked.nouns}" if ranked.noun == "prospect" else "")
    low = _why_lowest(ranked)
    why = [
        f"{word} {money(v)} a year, number {r:,.0f} {of}; {tail}" if ok else low(v)
        for ok, v, r, tail in zip(positive, value, rank, tails, strict=True)
    ]
    return Grades(graded, rank, before, why)


def _why_lowest(ranked: RankedList) -> Callable[[float], str]:
    word = ranked.word
    if not (ranked.value > 0).any():
        return lambda value: f"no {ranked.noun} has {word} above 0, so nothing tells them apart: lowest tier"
    return lambda value: (
        f"no {word} recorded, so the lowest tier" if np.isnan(value) else f"{word} {money(value)} a year, not above 0, so the lowest tier"
    )


def _pareto(ranked: RankedList, rule: TierRule, rank: np.ndarray, before: np.ndarray) -> tuple[np.ndarray, Sequence[str]]:
    grades = np.searchsorted(rule.shares, np.round(before, 12), side="right")
    return grades, [f"better {ranked.nouns} hold {percent(b)} of the total" if b > 0 else "none is better" for b in before]


def _thresholds(ranked: RankedList, rule: TierRule, rank: np.ndarray, before: np.ndarray) -> tuple[np.ndarray, Sequence[str]]:
    return _above(ranked.value.to_numpy(float), rule.thresholds, "the limit")


def _natural_breaks(ranked: RankedList, rule: TierRule, rank: np.ndarray, before: np.ndarray) -> tuple[np.ndarray, Sequence[str]]:
    value = ranked.value.to_numpy(float)
    return _above(value, natural_breaks(value[value > 0], len(rule.labels))[::-1], "the natural break")


def _top(ranked: RankedList, rule: TierRule, rank: np.ndarray, before: np.ndarray) -> tuple[np.ndarray, Sequence[str]]:
    return _first(rank, len(ranked.rows), rule)


def _above(value: np.ndarray, falling: Sequence[float] | np.ndarray, name: str) -> tuple[np.ndarray, list[str]]:
    """Return the grade by falling lower limits: a value on the limit is above it."""
    limits = np.asarray(falling, float)
    grades = (value[:, None] < limits).sum(axis=1)
    words = [f"{name} is {money(limit)}" for limit in limits]
    words.append(f"below {name} of {money(limits[-1])}" if limits.size else "all are equal")
    return grades, [words[g] for g in grades]


def _first(rank: np.ndarray, n: int, rule: TierRule) -> tuple[np.ndarray, list[str]]:
    """Return the grade by how many are better; accounts of equal value take the better tier (F3)."""
    last = np.round(np.cumsum([c * n if c < 1 else c for c in rule.counts]), 9)
    grades = np.searchsorted(last, np.nan_to_num(rank, nan=np.inf) - 1, side="right")
    words = [f"the tier ends at number {max(np.ceil(number), 1):,.0f}" for number in last]
    return grades, [([*words, "the tiers above are full"])[g] for g in grades]


_VALUE_METHODS = {"pareto": _pareto, "thresholds": _thresholds, "top": _top, "natural_breaks": _natural_breaks}


def _matrix(ranked: RankedList, rule: TierRule) -> Grades:
    """Grade by value and potential: grow, protect, develop, and the rest (F6)."""
    value = ranked.value.to_numpy(float) if ranked.field else np.full(len(ranked.rows), np.nan)
    potential = ranked.rows[Accounts.potential].to_numpy(float)
    high = (value > 0) & (value >= rule.value_limit)
    room = (potential > 0) & (potential >= rule.potential_limit)
    quadrant = np.select([high & room, high, room], [0, 1, 2], default=3)
    last = len(rule.labels) - 1
    tier_of = {1: [0, 0, 1, 1], 2: [0, 0, 1, 2]}.get(last, [0, 1, 2, last])
    actions = ("grow", "protect", "develop", "the rest")
    why = [
        f"{actions[q]}: {_side(ranked.word, v, rule.value_limit)}, {_side(WORDS[str(Accounts.potential)], p, rule.potential_limit)}"
        for q, v, p in zip(quadrant, value, potential, strict=True)
    ]
    rank, before = _positions(pd.Series(value))
    return Grades(np.array(tier_of)[quadrant], rank, before, why)


def _side(word: str, value: float, limit: float) -> str:
    if np.isnan(value):
        return f"no {word} recorded"
    if value > 0 and value >= limit:
        return f"high {word} {money(value)}" + (f" (from {money(limit)})" if limit > 0 else "")
    return f"low {word} {money(value)}" + (f" (below {money(limit)})" if limit > 0 else "")


def _score(ranked: RankedList, rule: TierRule) -> Grades:
    """Grade by the weighted mean of percentile ranks; missing components leave their weight to the others (F7)."""
    names = [name for name, _ in rule.weights]
    part = np.column_stack([_component(ranked.rows, name).rank(pct=True) for name in names])
    weight = np.where(np.isnan(part), 0.0, [w for _, w in rule.weights])
    words = [WORDS.get(name, name.replace("_", " ")) for name in names]
    known = weight.sum(axis=1) > 0
    if not known.any():
        return _equal(ranked, rule, f"no {' and no '.join(words)} recorded for any of {len(known):,} {ranked.nouns}")
    total = (np.nan_to_num(part) * weight).sum(axis=1)
    score = np.round(np.divide(total, weight.sum(axis=1), out=np.full(len(total), np.nan), where=known), 12)
    rank = pd.Series(score).rank(method="min", ascending=False).to_numpy(float)
    if rule.counts:
        graded, tails = _first(rank, len(rank), rule)
    else:
        limits = rule.thresholds or natural_breaks(score[known], len(rule.labels))[::-1]
        graded, tails = _above(score, limits, "the limit" if rule.thresholds else "the natural break")
    why = [
        f"score {s:.2f} of 1, number {r:,.0f} of {len(rank):,} {ranked.nouns}; {tail}{_missing(words, p)}"
        if ok
        else f"no {' and no '.join(words)} recorded, so the lowest tier"
        for ok, s, r, tail, p in zip(known, score, rank, tails, np.isnan(part), strict=True)
    ]
    return Grades(np.where(known, graded, len(rule.labels) - 1), rank, np.full(len(rank), np.nan), why)


def _component(rows: pd.DataFrame, name: str) -> pd.Series:
    if name not in rows or not (pd.api.types.is_numeric_dtype(rows[name]) or pd.api.types.is_datetime64_any_dtype(rows[name])):
        raise PolicyError(f"The score weighs '{name}', which is no column of numbers or dates in the accounts: weigh {', '.join(WORDS)}.")
    return rows[name]


def _missing(words: list[str], missing: np.ndarray) -> str:
    if not missing.any():
        return ""
    return f"; {' and '.join(w for w, gone in zip(words, missing, strict=True) if gone)} missing, the rest weighs more"
