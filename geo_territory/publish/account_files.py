"""Account lists as CSV files, safe to open in a spreadsheet."""

from __future__ import annotations

import pandas as pd

from geo_territory.design import Design
from geo_territory.tables import Accounts, Tiers, Units

WORKLOAD_HOURS = "workload_hours"
TIER_REASON = "tier_reason"


def safe_text(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame whose text cells can't run as formulas in a spreadsheet (CWE-1236).

    A text that begins with = + @ (wide ones too), a tab or a line break gets a leading '; so does - unless the text is a number.
    Headings are made safe like cells.
    """
    safe = frame.apply(lambda cells: cells if _holds_no_text(cells) else _safe_cells(cells))
    return safe.set_axis(_safe_cells(pd.Series(frame.columns, dtype="str")).to_numpy(dtype=object), axis=1)


def _holds_no_text(cells: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(cells) or pd.api.types.is_datetime64_any_dtype(cells)


def _safe_cells(cells: pd.Series) -> pd.Series:
    text = cells.astype("str")
    number = pd.to_numeric(text.where(text.str.match(r"[-+]")), errors="coerce").notna()
    danger = text.str.match(r"[=+@\t\r\n＝＋－＠-]").fillna(False).astype(bool) & ~number
    return text.mask(danger, "'" + text)


def csv_bytes(frame: pd.DataFrame, *, index: bool = True) -> bytes:
    """Return a frame as CSV: UTF-8, a heading row, ISO dates, numbers as numbers, text safe to open."""
    whole = frame.reset_index() if index else frame
    return safe_text(whole).to_csv(index=False, date_format="%Y-%m-%d", lineterminator="\n").encode("utf-8")


def aligned_accounts(design: Design, original: pd.DataFrame) -> pd.DataFrame:
    """Return the columns that came in plus tier, its reason, workload hours, unit and territory, by account_id.

    `original` is the imported frame by account_id; a column of it that has the name of an added one and says something else is
    kept with " (as imported)" behind its name. Closed accounts keep their row, without a territory.
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
    said = added.assign(**{Accounts.account_id: original.index})
    twice = [name for name in original.columns if name in said and _same_text(original[name], said[name])]
    kept = original.drop(columns=twice)
    return kept.set_axis(_without_clashes(list(kept.columns), set(said.columns)), axis=1).join(added)


def _same_text(one: pd.Series, other: pd.Series) -> bool:
    return one.fillna("").astype("str").equals(other.astype("str").fillna("").set_axis(one.index))


def _without_clashes(names: list[str], taken: set[str]) -> list[str]:
    """Return the names, those of `taken` with " (as imported)" behind them, or "(as imported 2)" when that is there already."""
    used = taken | set(names)
    free = []
    for name in names:
        shown, times = name, 1
        while name in taken and shown in used:
            shown, times = f"{name} (as imported{'' if times == 1 else f' {times}'})", times + 1
        used.add(shown)
        free.append(shown)
    return free
