"""The tier rule on the screen: choose it, see whom it would move, then apply it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from geo_territory.policy import TierRule
from geo_territory.tables import Accounts, Tiers
from geo_territory.ui import wording

SHARES = {2: (0.8,), 3: (0.8, 0.95), 4: (0.7, 0.85, 0.95), 5: (0.6, 0.75, 0.85, 0.95)}
SEARCHED = (Accounts.name, Accounts.street, Accounts.city, Accounts.state, Accounts.postal_code, Accounts.industry)


def rule_form(rule: TierRule) -> TierRule:
    """Show the tier rule for change and return it as it stands. Raises PolicyError when it can't be."""
    with st.container(border=True):
        left, right = st.columns(2)
        methods = list(wording.TIER_METHODS)
        method = left.selectbox(
            "How tiers are made", methods, methods.index(rule.method), format_func=wording.TIER_METHODS.__getitem__, key="tier_method"
        )
        fields = list(wording.VALUE_FIELDS)
        value_field = right.selectbox(
            "Value that counts", fields, fields.index(rule.value_field), format_func=wording.VALUE_FIELDS.__getitem__, key="tier_value"
        )
        st.caption(wording.METHOD_HELP[method])
        labels = _labels(rule)
        given = PARAMETERS[method](rule, labels)
        apart = st.toggle(
            "Rank prospects in a list of their own",
            rule.prospects_apart,
            key="tier_apart",
            help="Prospects have no sales yet; ranked with the others they would all be C.",
        )
    return dataclasses.replace(TierRule(), method=method, value_field=value_field, labels=labels, prospects_apart=apart, **given)


def _labels(rule: TierRule) -> tuple[str, ...]:
    text = st.text_input("Tiers, best first", ", ".join(rule.labels), key="tier_labels", help="Two to five, such as A, B, C.")
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _pareto(rule: TierRule, labels: tuple[str, ...]) -> dict[str, Any]:
    known = rule.shares if len(rule.shares) == len(labels) - 1 else SHARES.get(len(labels), TierRule().shares)
    columns = st.columns(max(1, len(labels) - 1))
    ends = [
        column.number_input(f"{label} ends at, % of value", 0.0, 100.0, 100 * share, 1.0, "%.4g", key=f"tier_share_{i}")
        for i, (column, label, share) in enumerate(zip(columns, labels[:-1], known, strict=False))
    ]
    return {"shares": tuple(round(end / 100, 6) for end in ends)}


def _thresholds(rule: TierRule, labels: tuple[str, ...]) -> dict[str, Any]:
    known = rule.thresholds if len(rule.thresholds) == len(labels) - 1 else tuple(10.0 ** (6 - i) for i in range(len(labels) - 1))
    columns = st.columns(max(1, len(labels) - 1))
    starts = [
        column.number_input(f"{label} starts at", 0.0, None, float(start), key=f"tier_start_{i}")
        for i, (column, label, start) in enumerate(zip(columns, labels[:-1], known, strict=False))
    ]
    return {"thresholds": tuple(starts)}


def _top(rule: TierRule, labels: tuple[str, ...]) -> dict[str, Any]:
    known = rule.counts if len(rule.counts) == len(labels) - 1 else tuple(100.0 * 3**i for i in range(len(labels) - 1))
    columns = st.columns(max(1, len(labels) - 1))
    counts = [
        column.number_input(f"Accounts in {label}", 0.0, None, float(held), key=f"tier_count_{i}")
        for i, (column, label, held) in enumerate(zip(columns, labels[:-1], known, strict=False))
    ]
    return {"counts": tuple(counts)}


def _natural_breaks(rule: TierRule, labels: tuple[str, ...]) -> dict[str, Any]:
    del rule, labels
    return {}


def _matrix(rule: TierRule, labels: tuple[str, ...]) -> dict[str, Any]:
    del labels
    left, right = st.columns(2)
    value = left.number_input("High value from", 0.0, None, rule.value_limit, key="tier_value_limit")
    potential = right.number_input("High potential from", 0.0, None, rule.potential_limit, key="tier_potential_limit")
    return {"value_limit": value, "potential_limit": potential}


def _score(rule: TierRule, labels: tuple[str, ...]) -> dict[str, Any]:
    del labels
    known = dict(rule.weights)
    fields = [name for name in wording.VALUE_FIELDS if name != "auto"]
    columns = st.columns(len(fields))
    weights = [
        column.number_input(
            f"Weight of {wording.VALUE_FIELDS[name].lower()}, %", 0.0, 100.0, 100 * known.get(name, 0.0), 5.0, key=f"tier_w_{name}"
        )
        for column, name in zip(columns, fields, strict=True)
    ]
    return {"weights": tuple((name, weight / 100) for name, weight in zip(fields, weights, strict=True) if weight)}


PARAMETERS = {
    "pareto": _pareto,
    "thresholds": _thresholds,
    "top": _top,
    "natural_breaks": _natural_breaks,
    "matrix": _matrix,
    "score": _score,
}


def found(rows: pd.DataFrame, words: str, tiers: Sequence[str]) -> pd.DataFrame:
    """Return the accounts (Accounts joined with Tiers) of the tiers whose texts hold all the words, highest value first."""
    if tiers:
        rows = rows[rows[Tiers.tier].isin(tiers)]
    if words.strip():
        text = rows.index.to_series().str.cat([rows[name].fillna("") for name in SEARCHED], sep=" ").str.casefold()
        for word in words.casefold().split():
            rows = rows[text.reindex(rows.index).str.contains(word, regex=False)]
    return rows.sort_values(Tiers.value_used, ascending=False, kind="stable")
