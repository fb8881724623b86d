"""Letters and digits folded to one spelling: Persian and Arabic digits, ي and ی, ك and ک, marks of direction."""

from __future__ import annotations

import unicodedata

import numpy as np
import pandas as pd

_DIGITS = {ord(digit): str(value) for digits in ("٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹") for value, digit in enumerate(digits)}
_UNSEEN = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"))
_SPELLING = {ord("ي"): "ی", ord("ى"): "ی", ord("ك"): "ک", ord("ة"): "ه", ord("أ"): "ا", ord("إ"): "ا", ord("ـ"): None}

_TIER_LETTERS = {"الف": "A", "ا": "A", "آ": "A", "ب": "B", "ج": "C", "د": "D", "ه": "E", "1": "A", "2": "B", "3": "C", "4": "D", "5": "E"}
_NOT_ASCII = r"[^\x00-\x7F]"


def folded(text: pd.Series) -> pd.Series:
    """Return text with digits 0-9, one spelling per letter, no marks of direction, and no spaces around."""
    foreign = text.str.contains(_NOT_ASCII, na=False)
    if not foreign.any():
        return text.str.strip()
    spelled = text[foreign].map(_fold_one)
    return text.where(~foreign, spelled.reindex(text.index)).astype("str").str.strip()


def folded_key(text: str) -> str:
    """Return a heading as a key: no case, spaces, punctuation or accents ("Billing Zip/Postal Code" -> "billingzippostalcode")."""
    plain = unicodedata.normalize("NFKD", _fold_one(text).casefold())
    return "".join(letter for letter in plain if letter.isalnum())


def tier_labels(labels: pd.Series) -> pd.Series:
    """Return tier labels as letters: "الف", "tier_1", "Tier A" and "1" are A; other words stay as they are, in capitals."""
    codes, words = pd.factorize(folded(labels))
    letters = np.array([_tier_letter(word) for word in words] + [None], dtype=object)
    return pd.Series(letters[codes], index=labels.index, name=labels.name, dtype="str")


def _tier_letter(word: str) -> str:
    bare = word.casefold().removeprefix("tier").strip(" _-:")
    return _TIER_LETTERS.get(bare, bare.upper())


def _fold_one(text: str) -> str:
    return text.translate(_DIGITS).translate(_UNSEEN).translate(_SPELLING)
