"""Tables on the screens: which columns, under which headings, in which format."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from geo_territory.scorecard import BAND
from geo_territory.tables import (
    AccountMoves,
    Accounts,
    AffectedTerritories,
    Alternatives,
    Crossings,
    HandedOver,
    Handings,
    HeadcountCurve,
    ImportReport,
    OffMap,
    Overrides,
    PlanLines,
    Reps,
    Scorecard,
    Territories,
    TierMoves,
    Tiers,
    TierSummary,
)
from geo_territory.ui import wording

MONEY = "compact"
SENTENCE_PX = 720  # room for a reason of one sentence
FITS = "coverage_"  # begins the columns of a headcount curve by tier
_text = st.column_config.TextColumn
_number = st.column_config.NumberColumn
_share = st.column_config.ProgressColumn

Columns = Mapping[str, Any]

ACCOUNTS: Columns = {
    str(Accounts.account_id): _text("Id", width="small"),
    Accounts.name: _text("Name", width="medium"),
    Tiers.tier: _text("Tier", width="small"),
    Tiers.reason: _text("Why", width="large"),
    Tiers.value_used: _number("Value", format=MONEY, width="small"),
    Accounts.status: _text("Status", width="small"),
    Accounts.city: _text("City"),
    Accounts.state: _text("State", width="small"),
    Accounts.industry: _text("Industry"),
    Accounts.territory_id: _text("Territory now", width="small"),
}
REPORT: Columns = {
    ImportReport.row: _number("Row", format="%d", width="small"),
    ImportReport.account_id: _text("Account", width="small"),
    ImportReport.outcome: _text("Outcome", width="small"),
    ImportReport.reason: _text("Why", width="large"),
}
TIERS: Columns = {
    str(TierSummary.tier): _text("Tier", width="small"),
    TierSummary.accounts: _number("Accounts", format="localized"),
    TierSummary.accounts_share: _share("Share of accounts", format="percent", min_value=0, max_value=1),
    TierSummary.value: _number("Value", format=MONEY, help="a year, of accounts that are no prospects"),
    TierSummary.value_share: _share("Share of value", format="percent", min_value=0, max_value=1, help="prospects left out"),
    TierSummary.prospects: _number("Prospects among them", format="localized"),
    TierSummary.prospect_value: _number("Value of prospects", format=MONEY, help="what they were ranked by, most often potential"),
    TierSummary.overridden: _number("Set by hand", format="localized"),
}
MOVES: Columns = {
    str(TierMoves.account_id): _text("Id", width="small"),
    Accounts.name: _text("Name", width="medium"),
    TierMoves.tier_before: _text("Tier now", width="small"),
    TierMoves.tier_after: _text("Tier then", width="small"),
    TierMoves.value_after: _number("Value", format=MONEY, width="small"),
    TierMoves.reason: _text("Why", width="large"),
}
OVERRIDES: Columns = {
    str(Overrides.account_id): _text("Id", width="small"),
    Accounts.name: _text("Name", width="medium"),
    Overrides.tier: _text("Tier", width="small"),
    Overrides.reason: _text("Why", width="large"),
    Overrides.set_by: _text("Set by"),
    Overrides.until: st.column_config.DateColumn("Until", format="iso8601"),
}
OFF_MAP: Columns = {
    str(Accounts.account_id): _text("Id", width="small"),
    OffMap.name: _text("Name", width="medium"),
    OffMap.reason: _text("Why", width="large"),
    Accounts.street: _text("Street"),
    Accounts.city: _text("City"),
    Accounts.state: _text("State", width="small"),
    Accounts.postal_code: _text("Postal code", width="small"),
    Accounts.country: _text("Country", width="small"),
}
LINES: Columns = {
    PlanLines.tier: _text("Tier", width="small"),
    PlanLines.role: _text("Role"),
    PlanLines.channel: _text("Channel", width="small"),
    PlanLines.accounts: _number("Accounts", format="localized"),
    PlanLines.calls_per_account: _number("Calls per account", format="%.4g", help="a year"),
    PlanLines.calls_per_year: _number("Calls", format="localized", help="a year"),
    PlanLines.call_hours: _number("Hours in calls", format="%.0f", help="a year, preparing included"),
    PlanLines.travel_hours: _number("Hours of travel", format="%.0f", help="a year, an estimate without a road network"),
    PlanLines.hours: _number("Hours", format="%.0f", help="a year"),
}
REPS: Columns = {
    str(Reps.rep_id): _text("Id", width="small"),
    Reps.name: _text("Name", width="medium"),
    Reps.role: _text("Role"),
    Reps.fte: _number("Full-time share", format="%.2f"),
    Reps.leave_days: _number("Leave, days", format="%.0f", help="a year"),
    Reps.territory_id: _text("Territory", width="small"),
}
TERRITORIES: Columns = {
    str(Territories.territory_id): _text("Territory", width="small"),
    Territories.name: _text("Around", width="medium"),
    Scorecard.balance_index: _number("Index", format="%.1f", help=f"100 is the target; the band is {BAND[0]:.0f} to {BAND[1]:.0f}"),
    Scorecard.in_band: _text("Band", width="small", help=f"inside, above or below {BAND[0]:.0f} to {BAND[1]:.0f}"),
    Scorecard.workload: _number("Hours", format="localized", help="a year"),
    Scorecard.value: _number("Value", format=MONEY, help="a year, prospects by their potential"),
    Scorecard.accounts: _number("Accounts", format="localized"),
    Scorecard.pieces: _number("Pieces", format="%d", help="1 is contiguous"),
    Scorecard.area_km2: _number("Area, km²", format="localized"),
    Scorecard.compactness: _number("Roundness", format="%.2f", help="1 is a disc"),
}
ALTERNATIVES: Columns = {
    Alternatives.number: _number("No.", format="%d", width="small"),
    Alternatives.label: _text("Alternative", width="medium"),
    Alternatives.imbalance: _number("Imbalance", format="percent"),
    Alternatives.inertia_ratio: _number("Compactness", format="%.3f", help="1 is the most compact alternative; 1.2 is 20 % less compact"),
    Alternatives.moved: _number("Accounts that change hands", format="localized"),
    Alternatives.disruption: _number("Changes hands", format="percent", help="share of what is balanced that changes hands"),
    Alternatives.contiguous: st.column_config.CheckboxColumn("Contiguous"),
    Alternatives.gap: _number(
        "Proved gap", format="percent", help="how much less compact, at most, than the best possible around the same centres"
    ),
    Alternatives.tolerance: _number("Made with tolerance", format="percent"),
    Alternatives.price: _number("Made with price", format="%.3g", help="% less compact that it may be when 1 % less changes hands"),
}
HANDINGS: Columns = {
    Handings.giver: _text("From", width="small"),
    Handings.receiver: _text("To", width="small"),
    Handings.weight_share: _number("Share", format="percent", width="small", help="of all that is balanced"),
    Handings.units: _number("Units", format="localized", width="small"),
    Handings.reason: st.column_config.TextColumn("Why", width=SENTENCE_PX),
}
ACCOUNT_MOVES: Columns = {
    str(AccountMoves.account_id): _text("Id", width="small"),
    AccountMoves.name: _text("Name", width="medium"),
    AccountMoves.tier: _text("Tier", width="small"),
    AccountMoves.value: _number("Value", format=MONEY, width="small"),
    AccountMoves.before: _text("From", width="small"),
    AccountMoves.after: _text("To", width="small"),
    AccountMoves.reason: st.column_config.TextColumn("Why", width=SENTENCE_PX),
}
AFFECTED: Columns = {
    str(AffectedTerritories.territory_id): _text("Territory", width="small"),
    AffectedTerritories.name: _text("Name", width="medium"),
    AffectedTerritories.index_before: _number("Index before", format="%.1f"),
    AffectedTerritories.index_after: _number("Index after", format="%.1f"),
    AffectedTerritories.workload_before: _number("Hours before", format="localized", help="a year"),
    AffectedTerritories.workload_after: _number("Hours after", format="localized", help="a year"),
    AffectedTerritories.value_before: _number("Value before", format=MONEY, help="a year"),
    AffectedTerritories.value_after: _number("Value after", format=MONEY, help="a year"),
    AffectedTerritories.accounts_before: _number("Accounts before", format="localized"),
    AffectedTerritories.accounts_after: _number("Accounts after", format="localized"),
    AffectedTerritories.gained: _number("Gains", format="localized", help="accounts"),
    AffectedTerritories.lost: _number("Loses", format="localized", help="accounts"),
}
HANDED_OVER: Columns = {
    str(HandedOver.account_id): _text("Id", width="small"),
    HandedOver.name: _text("Name", width="medium"),
    HandedOver.tier: _text("Tier", width="small"),
    HandedOver.value: _number("Value", format=MONEY, width="small"),
    HandedOver.before: _text("From", width="small"),
    HandedOver.after: _text("To", width="small"),
}
HEADCOUNT: Columns = {
    HeadcountCurve.territories: _number("Territories", format="%d", width="small"),
    HeadcountCurve.utilisation: _number("Utilisation", format="percent", help="hours of work over hours there are"),
    HeadcountCurve.covered: _number("Hours that fit", format="percent", help="each territory by itself, the best tier first"),
    HeadcountCurve.imbalance: _number("Imbalance", format="percent"),
    HeadcountCurve.contiguous: st.column_config.CheckboxColumn("Contiguous"),
    HeadcountCurve.inertia_ratio: _number("Compactness", format="%.3f", help="1 is the number asked for; above 1 is less compact"),
    HeadcountCurve.disruption: _number("Changes hands", format="percent", help="share of what is balanced that changes hands"),
    HeadcountCurve.capacity: _number("Hours there are", format="localized", help="a year"),
}
CROSSINGS: Columns = {
    Crossings.name_a: _text("From"),
    Crossings.name_b: _text("To"),
    Crossings.crossing_km: _number("Length, km", format="%.0f"),
}


def tier_that_fits(name: str) -> str | None:
    """Return the tier whose share of hours that fits a column of a headcount curve holds, None for another column."""
    return name.removeprefix(FITS) if name.startswith(FITS) else None


def headcount(curve: pd.DataFrame) -> Columns:
    """Return the columns of a headcount curve that have figures, the tiers' own among them."""
    tiers = {name: _number(f"{tier} that fits", format="percent") for name in curve if (tier := tier_that_fits(name)) is not None}
    return {name: column for name, column in {**HEADCOUNT, **tiers}.items() if curve[name].notna().any()}


def figure(label: str, value: float, of: str) -> None:
    """Show one figure with what it is counted of."""
    st.metric(label, wording.number(value), of, delta_color="off", delta_arrow="off", border=True)


def show(frame: pd.DataFrame, columns: Columns, *, alt: str, key: str | None = None, height: Any = "auto", **more: Any) -> Any:
    """Show a table with the columns that `columns` names, in that order; its index is a column like others."""
    flat = frame.reset_index() if frame.index.name else frame
    present = [name for name in columns if name in flat.columns]
    others = [name for name in more.pop("others", ()) if name in flat.columns]
    shown = flat[[*present, *others]]
    return st.dataframe(
        shown,
        column_config={name: columns[name] for name in present},
        hide_index=True,
        alt=alt,
        key=key,
        height=height,
        placeholder="–",
        **more,
    )
