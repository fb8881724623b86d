"""A file of sellers as the reps table, with a report of every row."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from geo_territory.errors import FileError
from geo_territory.intake import clean
from geo_territory.intake.clean import REJECTED, WARNED, Cleaned, note
from geo_territory.intake.columns import Source
from geo_territory.intake.coordinates import degrees
from geo_territory.intake.dates import dates
from geo_territory.intake.headings import matched
from geo_territory.intake.letters import folded
from geo_territory.intake.numerals import numbers
from geo_territory.intake.raw import RawTable
from geo_territory.intake.read import read_table
from geo_territory.intake.rows import RowLedger
from geo_territory.tables import Reps

OUTSIDE = "outside"
_ROLES = {"field": OUTSIDE, "field rep": OUTSIDE, "outside rep": OUTSIDE, "inside rep": "inside", "inside sales": "inside"}
_ROLES |= {"vice president": "vp", "vice-president": "vp"}

REP_SYNONYMS = {
    str(Reps.rep_id): ("rep id", "id", "User ID", "OwnerId", "hubspot_owner_id", "ownerid", "employee id", "شناسه"),
    Reps.name: ("name", "rep", "rep name", "full name", "seller", "Account Owner", "owner", "نام"),
    Reps.email: ("email", "e-mail", "mail", "username", "login"),
    Reps.role: ("role", "role code", "role_code", "job", "title", "RoleInTerritory2"),
    Reps.fte: ("fte", "full time", "share"),
    Reps.lat: ("lat", "latitude", "home lat", "base lat", "home latitude"),
    Reps.lon: ("lon", "lng", "longitude", "home lon", "base lon", "home longitude"),
    Reps.leave_days: ("leave days", "leave", "holidays", "vacation days", "days off"),
    Reps.territory_id: ("territory", "territory code"),
    Reps.manager_id: ("manager", "manager id", "ManagerId", "reports to", "parentsystemuserid", "مدیر"),
    Reps.start: ("start date", "first day", "hired", "hire date"),
    Reps.end: ("end date", "last day", "leaving date"),
}
"""Names each column of Reps goes by, the surest first."""


@dataclass(frozen=True)
class RepImport:
    """The reps of a file, and a report in which every row stands once (its account_id column holds the rep's id)."""

    reps: pd.DataFrame
    report: pd.DataFrame
    headings: dict[str, str]


def import_reps(path: Path) -> RepImport:
    """Import sellers from a file. Raises FileError when it can't be read or has no column of ids or names."""
    return reps_from_table(read_table(path))


def reps_from_table(table: RawTable) -> RepImport:
    """Import sellers from a file already read. As `import_reps`.

    A rep without an id is known by name; a blank role is outside, a blank full-time share 1, blank leave 0 days.
    """
    ledger = RowLedger(table)
    source = Source(table, matched(list(table.frame.columns), REP_SYNONYMS), ledger)
    if not (source.has(Reps.rep_id) or source.has(Reps.name)):
        raise FileError(f"{table.name} has no column of rep ids or names: name one rep_id or name.")
    name = source.take(clean.words(source.text(Reps.name)))
    ids = source.take(clean.ids(source.text(Reps.rep_id))).fillna(name)
    ledger.name(ids)
    source.remark(note(ids.isna(), REJECTED, "neither id nor name"))
    source.remark(note(ids.notna() & ids.duplicated(keep="last"), REJECTED, "rep '{}' stands again further down: that row is kept", ids))
    columns = {
        Reps.rep_id: ids,
        Reps.name: name.fillna(ids),
        Reps.email: source.take(clean.words(source.text(Reps.email))),
        Reps.role: roles(source.take(clean.words(source.text(Reps.role)))).fillna(OUTSIDE),
        Reps.territory_id: source.take(clean.words(source.text(Reps.territory_id))),
        Reps.fte: source.take(_full_time(source)),
        Reps.leave_days: _leave(source),
        Reps.manager_id: source.take(clean.ids(source.text(Reps.manager_id))),
        Reps.start: source.take(dates(source.text(Reps.start), source.headings.get(Reps.start, Reps.start))),
        Reps.end: source.take(dates(source.text(Reps.end), source.headings.get(Reps.end, Reps.end))),
    }
    reps = pd.DataFrame(columns | _base(source))[~ledger.rejected()].set_index(Reps.rep_id)
    return RepImport(Reps.check(reps.reindex(columns=Reps.columns())), ledger.report(), source.headings)


def roles(text: pd.Series) -> pd.Series:
    """Return role codes in lower case, the usual names as outside, inside and vp."""
    return folded(text).str.lower().replace(_ROLES)


def _full_time(source: Source) -> Cleaned:
    share = numbers(source.text(Reps.fte).str.removesuffix("%"), source.headings.get(Reps.fte, Reps.fte), at_least_zero=True)
    percent = source.text(Reps.fte).str.endswith("%", na=False)
    values = share.values.mask(percent, share.values / 100)
    wrong = values.notna() & ~values.between(0, 1)
    notes = (*share.notes, *note(wrong, WARNED, "full-time share {} isn't between 0 and 1: taken as 1", source.text(Reps.fte)))
    return Cleaned(values.mask(wrong).fillna(1.0), notes)


def _leave(source: Source) -> pd.Series:
    days = source.take(numbers(source.text(Reps.leave_days), source.headings.get(Reps.leave_days, Reps.leave_days), at_least_zero=True))
    source.remark(note(days < 0, WARNED, "days of leave below 0: taken as 0"))
    return days.fillna(0.0).clip(lower=0.0)


def _base(source: Source) -> dict[str, pd.Series]:
    """Return where each rep's day starts; a pair that is no place is left empty."""
    lat, lon = degrees(source.text(Reps.lat)), degrees(source.text(Reps.lon))
    usable = lat.between(-90, 90) & lon.between(-180, 180) & ~((lat == 0) & (lon == 0))
    written = source.text(Reps.lat).notna() | source.text(Reps.lon).notna()
    source.remark(note(written & ~usable, WARNED, "the base's coordinates can't be used: left empty"))
    return {Reps.lat: lat.where(usable, np.nan), Reps.lon: lon.where(usable, np.nan)}
