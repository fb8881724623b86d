"""Call patterns and roles as grids: policy to rows a person can edit, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from geo_territory.errors import PolicyError
from geo_territory.policy import CallPattern, CallPolicy, CapacityPolicy, Policy, Role
from geo_territory.tables import CHANNELS
from geo_territory.ui import wording

TIER, ROLE, CHANNEL, RHYTHM, CALLS = "Tier", "Role", "Channel", "Rhythm", "Calls a year"
MINUTES, PREPARING, TRAVEL = "Minutes", "Preparing", "Travel"
LABEL, FIELD, HOURS, DAYS, OTHER = "Name", "Travels", "Hours a day", "Days a year", "Not selling, %"


def pattern_rows(policy: CallPolicy) -> pd.DataFrame:
    """Return one row per call pattern, as the grid shows it."""
    rows = [
        (p.tier, p.role, p.channel, p.cadence, p.calls_per_year, float(p.duration_min), float(p.prep_min), p.travel_min)
        for p in policy.patterns
    ]
    frame = pd.DataFrame(rows, columns=[TIER, ROLE, CHANNEL, RHYTHM, CALLS, MINUTES, PREPARING, TRAVEL])
    return frame.astype({CALLS: float, TRAVEL: float, **dict.fromkeys([TIER, ROLE, CHANNEL, RHYTHM], "str")})


def pattern_grid(policy: Policy, key: str) -> pd.DataFrame:
    """Show the call patterns for change and return the rows as they stand."""
    roles = {role.role: role.label for role in policy.capacity.roles}
    minutes: dict[str, Any] = {"min_value": 0, "step": 1, "format": "%d", "width": "small"}
    return st.data_editor(
        pattern_rows(policy.calls),
        column_config={
            TIER: st.column_config.SelectboxColumn(options=list(policy.tier_rule.labels), required=True, width="small"),
            ROLE: st.column_config.SelectboxColumn(options=list(roles), format_func=lambda role: roles[str(role)], required=True),
            CHANNEL: st.column_config.SelectboxColumn(
                options=list(CHANNELS), format_func=lambda channel: wording.CHANNELS[str(channel)], required=True, width="small"
            ),
            RHYTHM: st.column_config.SelectboxColumn(options=list(wording.RHYTHMS), required=True, width="small"),
            CALLS: st.column_config.NumberColumn(min_value=0, width="small", help="for the rhythm custom; else it follows from the rhythm"),
            MINUTES: st.column_config.NumberColumn("Call, min", help="minutes of one call", default=30, **minutes),
            PREPARING: st.column_config.NumberColumn("Preparing, min", help="minutes before one call", default=0, **minutes),
            TRAVEL: st.column_config.NumberColumn("Travel, min", help="minutes to one visit; auto is an estimate", **minutes),
        },
        num_rows="dynamic",
        placeholder="auto",
        hide_index=True,
        key=key,
        alt="Call patterns: tier, role, channel, rhythm and minutes",
    )


def call_policy(rows: pd.DataFrame, weekly_calls: float) -> CallPolicy:
    """Return the call patterns of the grid's rows. Raises PolicyError when a row is not complete or says two things."""
    needed = rows[[TIER, ROLE, CHANNEL, RHYTHM]].isna()
    begun = rows[~needed.all(axis=1)]
    if needed.loc[begun.index].any(axis=None):
        raise PolicyError("A call pattern is not complete: choose its tier, role, channel and rhythm, or delete the row.")
    return CallPolicy(tuple(_pattern(row) for row in begun.to_dict("records")), weekly_calls)


def _pattern(row: Mapping[str, Any]) -> CallPattern:
    custom = row[RHYTHM] == "custom"
    return CallPattern(
        str(row[TIER]),
        str(row[ROLE]),
        str(row[CHANNEL]),
        str(row[RHYTHM]),
        _float(row[MINUTES]) or 0.0,
        _float(row[PREPARING]) or 0.0,
        _float(row[TRAVEL]),
        _float(row[CALLS]) if custom else None,
    )


def role_rows(policy: CapacityPolicy) -> pd.DataFrame:
    """Return one row per role, as the grid shows it."""
    rows = [(r.role, r.label, r.field, r.hours_per_day, r.workdays_per_year, 100 * r.nonselling_share) for r in policy.roles]
    return pd.DataFrame(rows, columns=[ROLE, LABEL, FIELD, HOURS, DAYS, OTHER]).astype({ROLE: "str", LABEL: "str"})


def role_grid(policy: CapacityPolicy, key: str) -> CapacityPolicy:
    """Show the roles for change and return them as they stand. Raises PolicyError when a figure is out of its range."""
    rows = st.data_editor(
        role_rows(policy),
        column_config={
            ROLE: st.column_config.TextColumn(width="small"),
            LABEL: st.column_config.TextColumn(required=True),
            FIELD: st.column_config.CheckboxColumn(width="small", help="travels to accounts and holds territories"),
            HOURS: st.column_config.NumberColumn(min_value=0.5, max_value=24, format="%.1f", width="small"),
            DAYS: st.column_config.NumberColumn(min_value=1, max_value=366, format="%.0f", help="net of weekends, holidays and training"),
            OTHER: st.column_config.NumberColumn(min_value=0, max_value=99, format="%.0f", help="meetings and administration"),
        },
        disabled=[ROLE],
        hide_index=True,
        key=key,
        alt="Hours a full-time person of each role has",
    )
    return CapacityPolicy(
        tuple(
            Role(str(r[ROLE]), str(r[LABEL]), bool(r[FIELD]), float(r[HOURS]), float(r[DAYS]), round(float(r[OTHER]) / 100, 6))
            for r in rows.to_dict("records")
        )
    )


def _float(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else float(value)
