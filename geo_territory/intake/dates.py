"""Dates in every style people and systems write them; whether "3/4/2024" is March or April is decided by the column."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geo_territory.intake.clean import WARNED, Cleaned, is_missing_word, note
from geo_territory.intake.letters import folded

FIRST_YEAR, LAST_YEAR = 1900, 2100
EXCEL_EPOCH = pd.Timestamp("1899-12-30")
_SERIALS = (15_000, 73_050)  # 1941 to 2099, as days since the Excel epoch

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?P<month>[A-Za-z]{3,9})\.?"
_TIME = r"(?:[T\s,].*)?"
_FORMS = {
    "iso": rf"^(?P<year>\d{{4}})[-/.](?P<month>\d{{1,2}})[-/.](?P<day>\d{{1,2}}){_TIME}$",
    "compact": rf"^(?P<year>(?:19|20)\d\d)(?P<month>\d\d)(?P<day>\d\d){_TIME}$",
    "day month": rf"^(?:[A-Za-z]{{3,9}},?\s)?(?P<day>\d{{1,2}})[-\s./]*{_MONTH}[-\s./,]*(?P<year>\d{{4}}|\d\d){_TIME}$",
    "month day": rf"^(?:[A-Za-z]{{3,9}},?\s)?{_MONTH}\s*(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}}){_TIME}$",
}
_NUMERIC = rf"^(?P<first>\d{{1,2}})(?P<mark>[-/.])(?P<second>\d{{1,2}})[-/.](?P<year>\d{{4}}|\d\d){_TIME}$"


def dates(text: pd.Series, label: str, *, day_first: bool | None = None) -> Cleaned:
    """Return days from text: ISO, "2019/08/02 00:00:00", 2 Aug 2019, d.m.y, m/d/y or d/m/y, Excel serials, epoch s or ms.

    The day is the one written: no shift by time zone (epochs are UTC). "3/4/2024" follows the cells of the column where one part
    exceeds 12, then `day_first`, and is else read as month/day/year with a doubt. Anything else is missing. `label` names the
    column in notes.
    """
    if text.isna().all():
        return Cleaned(pd.Series(pd.NaT, index=text.index, dtype="datetime64[us]"))
    codes, uniques = pd.factorize(text.mask(is_missing_word(text)))
    cells = folded(pd.Series(uniques, dtype="str"))
    days, unsure = _by_position(cells, np.bincount(codes[codes >= 0], minlength=len(cells)), day_first)
    for form in _FORMS.values():
        days = days.fillna(_by_parts(cells.str.extract(form)))
    days = days.fillna(_by_count(cells))
    days = days.where(days.dt.year.between(FIRST_YEAR, LAST_YEAR))
    values = pd.Series(pd.DatetimeIndex(days).append(pd.DatetimeIndex([pd.NaT]))[codes], index=text.index)
    in_doubt = pd.Series(np.append(unsure, False)[codes], index=text.index) & values.notna()
    unread = values.isna() & text.notna() & ~is_missing_word(text)
    notes = note(unread, WARNED, f"{label} '{{}}' isn't a date: left empty", text) + note(
        in_doubt, WARNED, f"{label} '{{}}' could be day/month or month/day: check it", text
    )
    return Cleaned(values, notes)


def _by_position(cells: pd.Series, weights: np.ndarray, day_first: bool | None) -> tuple[pd.Series, np.ndarray]:
    """Return days of cells like 3/4/2024, and which of them are unsure."""
    parts = cells.str.extract(_NUMERIC)
    first, second = (pd.to_numeric(parts[part]).fillna(0) for part in ("first", "second"))
    dotted = parts["mark"] == "."
    clear_day = ((first > 12) & (second <= 12)) | dotted
    clear_month = (second > 12) & (first <= 12) & ~dotted
    for_day, for_month = weights[clear_day.to_numpy(bool)].sum(), weights[clear_month.to_numpy(bool)].sum()
    settled = bool(for_day or for_month or day_first is not None)
    lead_by_day = for_day > for_month if for_day or for_month else bool(day_first)
    by_day = (clear_day | (~clear_month & lead_by_day)).fillna(False).astype(bool)
    open_cells = parts["year"].notna() & ~clear_day & ~clear_month & (first != second)
    unsure = open_cells & bool(not settled or (for_day and for_month))
    ordered = pd.DataFrame({"year": parts["year"], "month": second.where(by_day, first), "day": first.where(by_day, second)})
    return _by_parts(ordered), unsure.to_numpy(bool)


def _by_parts(parts: pd.DataFrame) -> pd.Series:
    """Return days from year, month (number or English name) and day."""
    year = pd.to_numeric(parts["year"])
    year = year + np.where(year < 69, 2000, np.where(year < 100, 1900, 0))
    month = parts["month"]
    if not pd.api.types.is_numeric_dtype(month):
        named = month.str[:3].str.lower().map({name: at for at, name in enumerate(_MONTHS, start=1)})
        month = named.fillna(pd.to_numeric(month, errors="coerce"))
    whole = pd.DataFrame({"year": year, "month": month, "day": pd.to_numeric(parts["day"])}).astype(float)
    sound = whole.notna().all(axis=1) & whole["month"].between(1, 12) & whole["day"].between(1, 31)
    return pd.to_datetime(whole[sound].astype(int), errors="coerce").reindex(parts.index).astype("datetime64[us]")


def _by_count(cells: pd.Series) -> pd.Series:
    """Return days from Excel serials (days since 1899-12-30) and Unix epochs in seconds or milliseconds."""
    count = pd.to_numeric(cells.where(cells.str.fullmatch(r"\d{5}(?:\.\d+)?|\d{10}(?:\.\d+)?|\d{13}")))
    serial = count.where(count.between(*_SERIALS)) // 1
    seconds = (count.where(count.between(1e8, 5e9))).fillna(count.where(count >= 1e12) / 1000)
    excel = pd.to_datetime(serial, unit="D", origin=EXCEL_EPOCH).astype("datetime64[us]")
    return excel.fillna(pd.to_datetime(seconds, unit="s").dt.normalize().astype("datetime64[us]"))
