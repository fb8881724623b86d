"""The only caches of the screens: thin wrappers whose arguments name the content, so that an answer is never stale."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import geopandas as gpd
import pandas as pd
import streamlit as st

from geo_territory import desk, handover, maps, tables
from geo_territory.attention import Attention, pay_attention
from geo_territory.changes import account_changes, unit_changes
from geo_territory.design import Assessment, Design, assess
from geo_territory.intake import RawTable, read_bytes
from geo_territory.maps import small_maps
from geo_territory.policy import Policy, TravelPolicy
from geo_territory.projection import WGS84
from geo_territory.proposals import Proposals
from geo_territory.publish.realignment import Realignment, realignment
from geo_territory.redraw.basis import Basis
from geo_territory.tables import Accounts, Reps, Territories
from geo_territory.travel import travel_minutes
from geo_territory.ui.jobs import Jobs
from geo_territory.workspace import Workspace, restore_design

KEEP = 4
Calls = Callable[[], pd.DataFrame]  # reads the logged calls, when they are needed


@st.cache_resource(show_spinner=False)
def workspace(url: str) -> Workspace:
    """Return the workspace at an address, opened once for all sessions."""
    return desk.workspace_at(url)


@st.cache_data(max_entries=KEEP, show_spinner=False)
def last_call(path: str, calls: int, _workspace: Workspace) -> date | None:
    """Return the day of the last call that came with a file, None without any; `calls` is the number of all."""
    del path, calls
    made = _workspace.calls_made.calls()
    days = made.loc[made[tables.Calls.logged_at].isna(), tables.Calls.date]
    return None if days.empty else days.max().date()


@st.cache_resource(show_spinner=False)
def jobs() -> Jobs:
    """Return the jobs of this process."""
    return Jobs()


@st.cache_resource(max_entries=KEEP, show_spinner="Reading the file…")
def raw_table(name: str, sha256: str, _data: bytes) -> RawTable:
    """Return the rows of an uploaded file; `sha256` names its bytes."""
    del sha256
    return read_bytes(name, _data)


@st.cache_resource(max_entries=KEEP, show_spinner="Setting tiers and planning calls…")
def attention(url: str, import_id: int, policy: str, overrides: int, today: date, _workspace: Workspace) -> Attention:
    """Return the attention of an imported list under a policy (TOML); `overrides` is their revision. Shared: never write to it."""
    del url, overrides
    accounts = _workspace.accounts(import_id)
    return pay_attention(accounts, Policy.from_toml(policy), overrides=_workspace.overrides(), today=today)


@st.cache_resource(max_entries=KEEP, show_spinner="Estimating travel…")
def travel(url: str, import_id: int, policy: TravelPolicy, _planned: pd.DataFrame) -> pd.Series:
    """Return the travel to one visit [min] by planned account of an imported list. Shared: never write to it."""
    del url, import_id
    return travel_minutes(_planned, policy)


@st.cache_resource(max_entries=KEEP, show_spinner="Opening the design…")
def saved_design(url: str, design_id: int, _workspace: Workspace) -> Design:
    """Return a saved design. Shared: never write to it."""
    del url
    return restore_design(_workspace, design_id)


@st.cache_resource(max_entries=KEEP, show_spinner="Drawing its borders…")
def alternative(token: str, number: int, _proposals: Proposals) -> Design:
    """Return alternative `number` (0 is the first) as a full design; `token` names the alternatives. Shared: never write to it."""
    del token
    return _proposals.design(number)


@st.cache_resource(max_entries=KEEP, show_spinner=False)
def changes(token: str, _design: Design) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the accounts that change hands in a design (AccountMoves), and what territories hand over (Handings). Never write to it."""
    del token
    return account_changes(_design), unit_changes(_design)[1]


@st.cache_resource(max_entries=10 * KEEP, show_spinner=False)
def small_map(token: str, number: int, _proposals: Proposals) -> str:
    """Return the small map of alternative `number` (0 is the first) as SVG; `token` names the alternatives."""
    del token
    return small_maps.svg(_proposals.alternatives[number].territories, _proposals.prepared[number].unit_map.plane)


@st.cache_resource(max_entries=KEEP, show_spinner="Scoring today's territories…")
def today(url: str, import_id: int, policy: str, overrides: int, day: date, _attention: Attention) -> Assessment:
    """Return the territories an imported list says there are, scored under a policy (TOML). Shared: never write to it."""
    del url, import_id, policy, overrides, day
    return assess(_attention, _attention.planned[Accounts.territory_id].dropna())


@st.cache_resource(max_entries=2 * KEEP, show_spinner="Drawing the map…")
def design_map(token: str, _design: Design | Assessment) -> maps.HostedMap:
    """Return the map of a design's territories and accounts; `token` names the design."""
    del token
    planned = _design.attention.planned.join(_design.attention.tiers)
    tiers = _design.attention.policy.tier_rule.labels
    return maps.hosted(maps.territory_map(_design.territories[[Territories.name, "geometry"]], accounts=planned, tiers=tiers))


@st.cache_resource(max_entries=2 * KEEP, show_spinner="Drawing the map…")
def account_map(token: str, _accounts: pd.DataFrame, tiers: tuple[str, ...]) -> maps.HostedMap:
    """Return the map of accounts (Accounts joined with Tiers); `token` names their content."""
    del token
    no_areas = gpd.GeoDataFrame(Territories.empty(), geometry=[], crs=WGS84)
    return maps.hosted(maps.territory_map(no_areas, accounts=_accounts, tiers=tiers))


@st.cache_resource(max_entries=KEEP, show_spinner="Drawing the map…")
def redraw_map(token: str, _basis: Basis) -> maps.HostedMap:
    """Return the map of a design's units, accounts and bases, for the redraw editor; `token` names the basis."""
    del token
    facts = _basis.design.attention
    bases = _basis.reps if _basis.reps[Reps.lat].notna().any() else None
    planned, tiers = facts.planned.join(facts.tiers), facts.policy.tier_rule.labels
    units = _basis.design.unit_map.units
    return maps.hosted(maps.territory_map(units, accounts=planned, tiers=tiers, bases=bases, account_ids=True))


@st.cache_resource(max_entries=KEEP, show_spinner="Drawing the borders of the draft…")
def draft_design(url: str, draft_id: int, rev: int, _desk: desk.Desk) -> Design:
    """Return a draft at a revision as a design. Shared: never write to it."""
    del url, draft_id, rev
    return _desk.design()


@st.cache_resource(max_entries=2 * KEEP, show_spinner="Drawing the map…")
def change_map(token: str, _territories: gpd.GeoDataFrame, _accounts: pd.DataFrame, _tiers: tuple[str, ...]) -> maps.HostedMap:
    """Return the map of territories with the accounts that change hands; `token` names the realignment and the side of it."""
    del token
    return maps.hosted(maps.territory_map(_territories[[Territories.name, "geometry"]], accounts=_accounts, tiers=_tiers))


@st.cache_resource(max_entries=2 * KEEP, show_spinner="Looking who called whom…")
def proposed_reps(token: str, day: date, reps: pd.DataFrame, _design: Design, _calls: Calls, _before: pd.DataFrame | None) -> pd.DataFrame:
    """Return who should serve each territory of a design (TerritoryReps); `token` names the design, the calls and what was before."""
    del token
    return handover.proposed_reps(_design, reps, _calls(), _before, day)


@st.cache_resource(max_entries=KEEP, show_spinner="Looking who serves whom today…")
def as_imported(token: str, day: date, reps: pd.DataFrame, _attention: Attention, _calls: Calls) -> pd.DataFrame:
    """Return who serves each account as the account list says (Assignments); `token` names the list, its policy and the calls."""
    del token
    here = _attention.accounts[Accounts.territory_id].dropna()
    serving = handover.reps_as_imported(_attention, here, reps, _calls(), day)
    return handover.assigned_as_imported(_attention, here, serving, handover.lone_people(_attention, reps, day))


@st.cache_resource(max_entries=2 * KEEP, show_spinner="Counting what changes hands…")
def realigned(
    token: str, reps: pd.DataFrame, _attention: Attention, _before: pd.DataFrame, _after: pd.DataFrame, _moves: pd.DataFrame | None
) -> Realignment:
    """Return what a realignment changes; `token` names what was before and what comes after. Shared: never write to it."""
    del token
    return realignment(_attention, _before, _after, reps, _moves)


@st.cache_resource(max_entries=10 * KEEP, show_spinner=False)
def day_map(token: str, _sheet: Mapping[str, Any], _shapes: gpd.GeoDataFrame, tiers: tuple[str, ...]) -> maps.HostedMap:
    """Return the map of a rep's day; `token` names whose it is and what is drawn on it."""
    del token
    return maps.hosted(maps.day_map(_sheet, _shapes, tiers))
