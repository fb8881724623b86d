"""Account lists as CSV files, safe to open in a spreadsheet."""

from __future__ import annotations

import pandas as pd

from geo_territory.design import Design
from geo_territory.tables import Accounts, Tiers, Units

WORKLOAD_HOURS = "workload_hours"
TIER_REASON = "tier_reason"


def safe_text(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame whose text cells can't run as formulas in a spreadsheet (CWE-1236).

    A text that begins with = + @ a tab or a line break gets a leading '; so does - unless the text is a number.
    """
    return frame.apply(lambda cells: cells if pd.api.types.is_numeric_dtype(cells) else _safe_cells(cells))


def _safe_cells(cells: pd.Series) -> pd.Series:
    text = cells.astype("str")
    number = pd.to_numeric(text.where(text.str.match(r"[-+]")), errors="coerce").notna()
    danger = text.str.match(r"[=+@\t\r\n-]").fillna(False).astype(bool) & ~number
    return text.mask(danger, "'" + text)


def csv_bytes(frame: pd.DataFrame, *, index: bool = True) -> bytes:
    """Return a frame as CSV: UTF-8, a heading row, ISO dates, numbers as numbers, text safe to open."""
    whole = frame.reset_index() if index else frame
    return safe_text(whole).to_csv(index=False, date_format="%Y-%m-%d", lineterminator="\n").encode("utf-8")


def aligned_accounts(design: Design, original: pd.DataFrame) -> pd.DataFrame:
    """Return the columns that came in plus tier, its reason, workload hours, unit and territory, by account_id.

    `original` is the imported frame by account_id; a column of it that has the name of an added one is kept with
    " (as imported)" behind its name. Closed accounts keep their row, without a territory.
    """
    attention = design.attention
    added = pd.DataFrame(
        {
            Accounts.status: attention.accounts[Accounts.status],
            Tiers.tier: attention.tiers[Tiers.tier],
            TIER_REASON: attention.tiers[Tiers.reason],
            WORKLOAD_HOURS: attention.hours(design.policy.role).round(3),
            Units.unit_id: design.unit_id,
            Accounts.territory_id: design.territory_id,
        }
    ).reindex(original.index)
    clash = {name: f"{name} (as imported)" for name in original.columns if name in added or name == Accounts.account_id}
    return original.rename(columns=clash).join(added)
