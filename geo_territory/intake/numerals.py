"""Numbers in every style people write them; what "1,234" means is decided by the column, not by the cell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo_territory.intake.clean import WARNED, Cleaned, is_missing_word, note
from geo_territory.intake.letters import folded

SENTINELS = (-99.0, -999.0, -9999.0, -99999.0, -999999.0)
"""Values that mean "unknown" in columns that can't be negative."""
ENOUGH_TO_AGREE = 5
"""Different values of the form 1,234 and no other that settle the comma as thousands separator."""
SAMPLED_CELLS = 2000
"""Different cells of each column looked at to learn a file's style."""

CURRENCIES = {
    "US$": "USD", "$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "₽": "RUB", "₩": "KRW", "₺": "TRY", "₪": "ILS",
    "﷼": "IRR", "ریال": "IRR", "تومان": "IRT",
} | {code: code for code in (
    "USD", "EUR", "GBP", "JPY", "CNY", "CHF", "CAD", "AUD", "NZD", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "RON", "BRL", "MXN", "ARS",
    "INR", "IRR", "IRT", "RUB", "KRW", "TRY", "ILS", "AED", "SAR", "ZAR", "SGD", "HKD",
)}  # fmt: skip

_CURRENCY = "(" + "|".join(mark.replace("$", r"\$") for mark in sorted(CURRENCIES, key=len, reverse=True)) + ")"
_SPACES = r"[\s\u00a0\u2007\u2009\u202f'’´`٬]"
_DIGIT_GROUPS = r"\d+(?:[.,]\d+)*[.,]?|[.,]\d+"
_AMOUNT = rf"^(?P<open>\()?(?P<sign>[+-])?(?P<digits>{_DIGIT_GROUPS})(?P<exponent>[eE][+-]?\d+)?(?P<minus>-)?(?P<close>\))?$"
_GROUPED = r"\d{1,3}(?:[.,]\d{2})*(?:[.,]\d{3})+"


@dataclass(frozen=True)
class _Style:
    """What a column's clear cells say: does a comma, or a dot, mark decimals; are there both kinds; is it settled?"""

    comma_decimal: bool
    mixed: bool
    settled: bool


def numbers(text: pd.Series, label: str, *, at_least_zero: bool = False, comma_decimal: bool | None = None) -> Cleaned:
    """Return numbers from text: "1,234.56", "1.234,56 €", "1'234.50", "(1,234)", "$1,200", "۱۲۳٬۴۵۶"; anything else is missing.

    A lone "1,234" follows the column's clear cells, then `comma_decimal` (what other columns of the file say), and is else
    read as 1234 with a doubt. With `at_least_zero`, -999 and its like are missing. `label` names the column in notes.
    """
    if text.isna().all():
        return Cleaned(pd.Series(np.nan, index=text.index))
    codes, uniques = pd.factorize(text)
    cells = pd.Series(uniques, dtype="str")
    parsed, unsure = _parsed(cells, np.bincount(codes[codes >= 0], minlength=len(cells)), comma_decimal)
    values = _spread(parsed.to_numpy(float), codes, np.nan, text.index)
    in_doubt = _spread(unsure.to_numpy(bool), codes, False, text.index)
    no_value = is_missing_word(text)
    sentinel = values.isin(SENTINELS) if at_least_zero else pd.Series(False, index=text.index)
    notes = (
        note(no_value, WARNED, f"{label} '{{}}' means missing", text)
        + note(sentinel, WARNED, f"{label} {{}} means missing", text)
        + note(values.isna() & text.notna() & ~no_value, WARNED, f"{label} '{{}}' isn't a number: left empty", text)
        + note(in_doubt, WARNED, f"{label} '{{}}' was read by its column's style: check whether its separator marks thousands", text)
    )
    return Cleaned(values.mask(sentinel), notes)


def decimal_comma(columns: list[pd.Series]) -> bool | None:
    """Return whether clear numbers in any of the columns use a decimal comma; None when none tells."""
    samples = [pd.Series(column.dropna().unique()[:SAMPLED_CELLS], dtype="str") for column in columns]
    cells = pd.concat(samples) if samples else pd.Series([], dtype="str")
    codes, uniques = pd.factorize(cells)
    weights = np.bincount(codes, minlength=len(uniques)) if len(codes) else np.zeros(0)
    style = _style(_shapes(_bare(pd.Series(uniques, dtype="str"))), weights, None)
    return style.comma_decimal if style.settled and not style.mixed else None


def currencies(text: pd.Series) -> list[str]:
    """Return the currencies named in a column of amounts, as sorted ISO codes ("$" is USD)."""
    found = folded(pd.Series(text.dropna().unique(), dtype="str")).str.extract(_CURRENCY, expand=False).dropna()
    return sorted({CURRENCIES[mark] for mark in found})


def _spread(values: np.ndarray, codes: np.ndarray, absent: object, index: pd.Index) -> pd.Series:
    return pd.Series(np.append(values, [absent])[codes], index=index)


def _parsed(cells: pd.Series, weights: np.ndarray, comma_decimal: bool | None) -> tuple[pd.Series, pd.Series]:
    """Return the number each cell stands for, and where the reading is unsure."""
    bare = _bare(cells)
    shape = _shapes(bare)
    style = _style(shape, weights, comma_decimal)
    comma_as_decimal = shape["comma_decimal"] | (shape["lone_comma"] & style.comma_decimal)
    dot_as_thousands = shape["comma_decimal"] | shape["dot_groups"] | (shape["lone_dot"] & style.comma_decimal)
    plain = bare["digits"].mask(dot_as_thousands, bare["digits"].str.replace(".", "", regex=False))
    decimal = plain.str.replace(",", ".", regex=False)
    plain = plain.where(~comma_as_decimal, decimal).str.replace(",", "", regex=False)
    value = pd.to_numeric(plain.str.cat(bare["exponent"].fillna("")).where(shape["sound"]), errors="coerce").astype(float)
    value = value.where(np.isfinite(value)) * np.where(bare["negative"], -1.0, 1.0)
    doubt = (shape["lone_comma"] & (style.mixed | ~np.bool_(style.settled))) | (shape["lone_dot"] & style.mixed)
    return value, doubt & value.notna()


def _bare(cells: pd.Series) -> pd.DataFrame:
    """Return each cell's digits with their separators, its sign and its exponent; digits are missing where it is no number."""
    plain = folded(cells).str.replace(_CURRENCY, "", n=1, regex=True).str.replace(_SPACES, "", regex=True)
    plain = plain.str.replace("−", "-", regex=False).str.replace("٫", "d", regex=False).str.replace("،", ",", regex=False)
    arabic = plain.str.contains("d", regex=False, na=False)
    plain = plain.mask(arabic, plain.str.replace(r"[.,]", "", regex=True).str.replace("d", ".", n=1, regex=False))
    parts = plain.str.extract(_AMOUNT)
    balanced = parts["open"].notna() == parts["close"].notna()
    signs = parts["open"].notna().astype(int) + parts["sign"].notna() + parts["minus"].notna()
    parts["digits"] = parts["digits"].where(balanced & (signs < 2))
    parts["negative"] = parts["open"].notna() | (parts["sign"] == "-").fillna(False) | parts["minus"].notna()
    parts["clear"] = arabic
    return parts


def _shapes(bare: pd.DataFrame) -> pd.DataFrame:
    """Return how each cell uses its separators."""
    digits = bare["digits"].fillna("")
    commas, dots = digits.str.count(","), digits.str.count(r"\.")
    last_comma = digits.str.rfind(",") > digits.str.rfind(".")
    both = (commas > 0) & (dots > 0)
    three = digits.str.fullmatch(r"[1-9]\d{0,2}[.,]\d{3}")
    grouped = digits.str.fullmatch(_GROUPED)
    integer = digits.str.replace(r"[.,]\d*$", "", regex=True)
    grouped_integer = ~integer.str.contains("[.,]") | integer.str.fullmatch(_GROUPED)
    one_decimal = np.where(last_comma, commas, dots) == 1
    clear = bare["clear"]
    comma_decimal = ~clear & ((both & last_comma) | ((commas == 1) & (dots == 0) & ~three))
    dot_decimal = clear | (both & ~last_comma) | ((dots == 1) & (commas == 0) & ~three)
    comma_groups = (commas > 1) & (dots == 0)
    dot_groups = (dots > 1) & (commas == 0)
    sound = (digits != "") & (~both | (one_decimal & grouped_integer)) & (~(comma_groups | dot_groups) | grouped)
    return pd.DataFrame(
        {
            "comma_decimal": comma_decimal & sound,
            "dot_decimal": dot_decimal & sound,
            "comma_groups": comma_groups & sound,
            "dot_groups": dot_groups & sound,
            "lone_comma": ~clear & three & (commas == 1) & (dots == 0),
            "lone_dot": ~clear & three & (dots == 1) & (commas == 0),
            "sound": sound,
        }
    )


def _style(shape: pd.DataFrame, weights: np.ndarray, comma_decimal: bool | None) -> _Style:
    for_comma = weights[(shape["comma_decimal"] | shape["dot_groups"]).to_numpy()].sum()
    for_dot = weights[(shape["dot_decimal"] | shape["comma_groups"]).to_numpy()].sum()
    if for_comma or for_dot:
        return _Style(bool(for_comma > for_dot), bool(for_comma and for_dot), settled=True)
    if comma_decimal is not None:
        return _Style(comma_decimal, mixed=False, settled=True)
    return _Style(False, mixed=False, settled=int(shape["lone_comma"].sum()) >= ENOUGH_TO_AGREE)
