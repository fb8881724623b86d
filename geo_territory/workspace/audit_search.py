"""Looking through the audit: by person, by change, by thing, by day, by words; and the audit as one who sees no account reads it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

import pandas as pd

from geo_territory.tables import Audit

TEXTS = (Audit.who, Audit.what, Audit.object, Audit.old, Audit.new, Audit.why)
HIDDEN, PERSON = "not shown", "person"
OF_NO_ACCOUNT = frozenset({"calendar", "cycle", "design", "draft", "import", "notes", PERSON, "policy", "publication", "rep", "reps"})


def kind_of(lines: pd.DataFrame) -> pd.Series:
    """Return what kind of thing each line is about: its object without the number or id, such as design; a person is called person."""
    kind = lines[Audit.object].str.split(" ", n=1).str[0]
    return kind.mask(lines[Audit.what].str.startswith(PERSON + " "), PERSON)


def found(
    lines: pd.DataFrame,
    *,
    who: Collection[str] = (),
    what: Collection[str] = (),
    kinds: Collection[str] = (),
    since: date | None = None,
    until: date | None = None,
    words: str = "",
) -> pd.DataFrame:
    """Return the lines (Audit) of these people, changes and kinds of thing, of days `since` to `until`, that hold all the words.

    An empty filter lets everything through. Days are UTC; both ends are included. Capitals don't matter in `words`.
    """
    kept = pd.Series(True, index=lines.index)
    for values, wanted in ((lines[Audit.who], who), (lines[Audit.what], what), (kind_of(lines), kinds)):
        kept &= values.isin(list(wanted)) if wanted else True
    if since is not None:
        kept &= lines[Audit.at] >= pd.Timestamp(since)
    if until is not None:
        kept &= lines[Audit.at] < pd.Timestamp(until + timedelta(days=1))
    if words.strip():
        text = pd.Series("", index=lines.index)
        for name in TEXTS:
            text = text + " " + lines[name].fillna("").astype("str")
        for word in words.casefold().split():
            kept &= text.str.casefold().str.contains(word, regex=False)
    return lines[kept]


def without_accounts(lines: pd.DataFrame) -> pd.DataFrame:
    """Return the audit (Audit) as one who sees no account reads it: who did what and when stays, of accounts nothing else does.

    A line is shown whole only when what it is about is known to be no account.
    """
    kind = kind_of(lines)
    hidden = ~kind.isin(OF_NO_ACCOUNT)
    masked = {name: lines[name].mask(hidden & lines[name].notna(), HIDDEN) for name in (Audit.old, Audit.new, Audit.why)}
    return lines.assign(**{Audit.object: lines[Audit.object].mask(hidden, kind + " " + HIDDEN), **masked})
