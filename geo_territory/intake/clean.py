"""Columns of text made clean, each with what was repaired or doubted: words, ids, postal codes, countries, status.

Every function takes a text column and returns `Cleaned`: new values aligned to the input, and notes on its rows.
Numbers, dates and coordinates have modules of their own (numerals, dates, coordinates).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo_territory.intake.letters import folded
from geo_territory.reference.names import ZIP_COUNTRIES, country_codes

FIXED, WARNED, REJECTED = "fixed", "warned", "rejected"

MISSING_WORDS = (
    "na", "n/a", "n.a.", "n.a", "#n/a", "n/d", "null", "none", "nil", "nan", "nat", "-", "--", "---", "–", "—", ".", "?", "#ref!",
    "#value!", "#div/0!", "#name?", "#null!", "#num!", "#error!", "not available", "not applicable", "unavailable", "unknown", "missing",
    "no data", "blank", "(blank)", "[null]", "<null>", "\\n", "tbd", "ناموجود", "نامشخص",
)  # fmt: skip
"""Words that stand for no value, in lower case."""

_SCIENTIFIC = r"[+-]?\d+(?:[.,]\d+)?[eE]\+?\d+"
_SALESFORCE_ID = r"001[A-Za-z0-9]{12}"
_SALESFORCE_CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"

_STATUS_WORDS = {
    "customer": ("customer", "client", "active", "open", "opened", "current", "existing", "won", "closed won", "live", "enabled", "yes",
        "operating", "in business", "customer - direct", "customer - channel", "installation partner", "reseller", "evangelist",
        "active customer", "مشتری", "فعال", "باز"),
    "prospect": ("prospect", "lead", "target", "potential", "suspect", "opportunity", "subscriber", "new", "prospective",
        "marketing qualified lead", "marketingqualifiedlead", "sales qualified lead", "salesqualifiedlead", "mql", "sql", "بالقوه",
        "مشتری بالقوه", "سرنخ"),
    "closed": ("closed", "inactive", "lost", "former", "former customer", "churned", "terminated", "ended", "dead", "defunct", "cancelled",
        "canceled", "out of business", "permanently closed", "temporarily closed", "closed lost", "disabled", "deactivated", "expired",
        "no", "بسته", "غیرفعال", "تعطیل"),
}  # fmt: skip
_STATUS_OF = {word: status for status, words in _STATUS_WORDS.items() for word in words}


@dataclass(frozen=True)
class Note:
    """What happened to some rows of a column: `rows` is a mask, `reason` one text for all of them or a text per row."""

    rows: np.ndarray
    outcome: str
    reason: str | np.ndarray


@dataclass(frozen=True)
class Cleaned:
    """A column made clean, aligned to the input."""

    values: pd.Series
    notes: tuple[Note, ...] = ()
    facts: tuple[str, ...] = ()


def note(rows: pd.Series | np.ndarray, outcome: str, reason: str, found: pd.Series | None = None) -> tuple[Note, ...]:
    """Return a note on `rows`, none when no row is concerned; "{}" in `reason` is replaced by what was `found` in the row."""
    mask = np.asarray(rows, dtype=bool)
    if not mask.any():
        return ()
    if found is None:
        return (Note(mask, outcome, reason),)
    before, after = reason.split("{}")
    texts = np.full(len(mask), "", dtype=object)
    texts[mask] = [f"{before}{word}{after}" for word in found.to_numpy(dtype=object)[mask]]
    return (Note(mask, outcome, texts),)


def is_missing_word(text: pd.Series) -> pd.Series:
    """Return where a cell holds a word that stands for no value ("N/A", "NOT AVAILABLE", "-", "#REF!")."""
    word = text.str.strip().str.lower()
    return (word.isin(MISSING_WORDS) | word.str.fullmatch(r"#*", na=False)).astype(bool)


def words(text: pd.Series) -> Cleaned:
    """Return free text without spaces around; words that stand for no value become missing."""
    stripped = text.str.strip()
    unreadable = stripped.str.contains("\ufffd", regex=False, na=False)
    return Cleaned(
        stripped.mask(is_missing_word(stripped)),
        note(unreadable, WARNED, "'{}' holds characters that were unreadable", stripped),
    )


def ids(text: pd.Series) -> Cleaned:
    """Return ids trimmed, case kept; a column of Salesforce ids of 15 characters in 18 (O12).

    An id that Excel turned into 1.23E+10 is rejected: its digits are lost.
    """
    trimmed = folded_digits(text)
    trimmed = trimmed.mask(is_missing_word(trimmed))
    damaged = trimmed.str.fullmatch(_SCIENTIFIC, na=False)
    advice = "id '{}' lost its digits in Excel: format the id column as text there and export again"
    notes = note(damaged, REJECTED, advice, trimmed)
    sound = trimmed[trimmed.notna() & ~damaged]
    if len(sound) and sound.str.fullmatch(r"\d+\.0").all():
        return Cleaned(trimmed.str.removesuffix(".0"), notes)
    if len(sound) and sound.str.fullmatch(f"{_SALESFORCE_ID}(?:[A-Z0-5]{{3}})?").all():
        short = trimmed.str.len() == 15
        long = trimmed.mask(short, trimmed[short].map(salesforce_id_18).reindex(trimmed.index)).astype("str")
        return Cleaned(long, notes + note(short, FIXED, "Salesforce id '{}' written with 18 characters", trimmed))
    return Cleaned(trimmed, notes)


def folded_digits(text: pd.Series) -> pd.Series:
    """Return text trimmed, with Persian and Arabic digits as 0-9 where a cell is of digits only; other text is untouched."""
    plain = folded(text)
    return text.str.strip().mask(plain.str.fullmatch(r"[\d\s.-]+", na=False), plain)


def salesforce_id_18(id_15: str) -> str:
    """Return the 18-character form of a 15-character Salesforce id: three letters that hold the case of each five (O12)."""
    fives = (id_15[start : start + 5] for start in (0, 5, 10))
    return id_15 + "".join(_SALESFORCE_CHECK[sum(letter.isupper() << at for at, letter in enumerate(five))] for five in fives)


def postal_codes(text: pd.Series, country: pd.Series) -> Cleaned:
    """Return postal codes; where the country uses ZIP codes, five digits with their leading zeros ("2139.0" -> "02139").

    ZIP+4 keeps its first five digits. Codes of other countries, or of none, are only trimmed.
    """
    plain = folded(text)
    plain = plain.mask(is_missing_word(plain))
    zips = country.isin(ZIP_COUNTRIES) & plain.notna()
    digits = plain.str.removesuffix(".0").str.replace(r"[\s-]", "", regex=True)
    sound = zips & digits.str.fullmatch(r"\d{3,5}|\d{7,9}", na=False) & ~digits.str.fullmatch(r"0+", na=False)
    whole = digits.where(digits.str.len() > 5, digits.str.zfill(5)).where(digits.str.len() <= 5, digits.str.zfill(9))
    values = plain.mask(sound, whole.str[:5])
    repaired = sound & (digits.str.len().isin([3, 4, 7, 8]) | plain.str.endswith(".0", na=False))
    arrow = plain.str.cat(values, sep=" read as ")
    wrong = zips & ~sound
    scientific = wrong & plain.str.fullmatch(_SCIENTIFIC, na=False)
    notes = (
        note(repaired, FIXED, "ZIP {}: a spreadsheet had changed it", arrow)
        + note(wrong & ~scientific, WARNED, "postal code '{}' is no ZIP code", plain)
        + note(scientific, WARNED, "postal code '{}' lost its digits in Excel: format the column as text and export again", plain)
    )
    return Cleaned(values.mask(scientific).astype("str"), notes)


def countries(text: pd.Series) -> Cleaned:
    """Return ISO alpha-2 codes of countries written as code or name; a word that is no country becomes missing."""
    plain = folded(text)
    plain = plain.mask(is_missing_word(plain))
    codes = country_codes(plain)
    return Cleaned(codes, note(plain.notna() & codes.isna(), WARNED, "country '{}' isn't known", plain))


def statuses(text: pd.Series, label: str) -> Cleaned:
    """Return customer, prospect or closed; a blank is a customer, and so is a word nobody knows, with a doubt."""
    plain = folded(text)
    plain = plain.mask(is_missing_word(plain))
    known = known_status(plain)
    unknown = plain.notna() & known.isna()
    notes = note(unknown, WARNED, f"{label} '{{}}' isn't known: taken as a customer", plain)
    return Cleaned(known.fillna("customer"), notes)


def known_status(text: pd.Series) -> pd.Series:
    """Return customer, prospect or closed where the word is known, else missing."""
    codes, found = pd.factorize(text)
    meanings = np.array([_STATUS_OF.get(" ".join(word.casefold().replace("_", " ").split())) for word in found] + [None], dtype=object)
    return pd.Series(meanings[codes], index=text.index, dtype="str")
