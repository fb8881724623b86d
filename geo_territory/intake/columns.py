"""The columns of an account file, cleaned one by one into the columns of Accounts."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from geo_territory.errors import FileError
from geo_territory.intake import clean
from geo_territory.intake.clean import WARNED, Cleaned, Note, note
from geo_territory.intake.coordinates import points
from geo_territory.intake.dates import dates
from geo_territory.intake.letters import folded
from geo_territory.intake.numerals import currencies, decimal_comma, numbers
from geo_territory.intake.raw import RawTable
from geo_territory.intake.rows import RowLedger
from geo_territory.reference.names import ARMED_FORCES, state_codes, with_country
from geo_territory.tables import Accounts, Incoming

ROW_ID = "row-{:05d}"
FROM_FILE = "file"

_WORDS = (Accounts.name, Accounts.street, Accounts.city, Accounts.state, Accounts.industry, Accounts.territory_id, Accounts.phone)
_MEASURES = {Accounts.annual_value: True, Accounts.sales_12m: True, Accounts.profit_12m: False, Accounts.potential: True}
"""Measures, and whether -999 and its like can only mean "unknown" there."""
_COORDINATES = (Accounts.lat, Accounts.lon)


class Source:
    """The text columns of a file by what they stand for; notes go to the ledger, sentences about the file to `facts`."""

    def __init__(self, table: RawTable, headings: dict[str, str], ledger: RowLedger) -> None:
        self.rows = table.frame.index
        self.headings = dict(headings)
        self.facts: list[str] = []
        self._frame = table.frame
        self._ledger = ledger

    def has(self, canonical: str) -> bool:
        """Return whether a column stands for `canonical`."""
        return canonical in self.headings

    def text(self, canonical: str) -> pd.Series:
        """Return the column that stands for `canonical`; all missing when none does."""
        if canonical in self.headings:
            return self._frame[self.headings[canonical]]
        return pd.Series(pd.NA, index=self.rows, dtype="str")

    def take(self, cleaned: Cleaned) -> pd.Series:
        """Keep a cleaned column's notes and facts; return its values."""
        self.remark(cleaned.notes)
        self.facts.extend(cleaned.facts)
        return cleaned.values

    def remark(self, notes: tuple[Note, ...]) -> None:
        """Keep notes on rows."""
        self._ledger.add(notes)

    def ignore(self, canonical: str, fact: str) -> None:
        """Stop reading a column as `canonical`, and say why."""
        del self.headings[canonical]
        self.facts.append(fact)


def cleaned_accounts(source: Source, required_value: bool, today: date) -> pd.DataFrame:
    """Return the columns of Accounts, account_id among them, one row per row of the file.

    With `required_value`, an annual_value in several currencies is an error (FileError) instead of a column left empty.
    """
    columns = {Accounts.account_id: _ids(source)}
    for canonical in _WORDS:
        columns[canonical] = source.take(clean.words(source.text(canonical)))
    columns |= _where(source, columns[Accounts.state])
    columns |= _measures(source, required_value)
    for canonical in (Accounts.opened, Accounts.last_purchase):
        columns[canonical] = source.take(dates(source.text(canonical), _label(source, canonical)))
    columns[Accounts.status] = _status(source, today)
    return pd.DataFrame(columns)


def last_updates(source: Source) -> pd.Series:
    """Return when each row was last changed, missing where the file doesn't say."""
    return dates(source.text(Incoming.updated_at), _label(source, Incoming.updated_at)).values


def _label(source: Source, canonical: str) -> str:
    return source.headings.get(canonical, canonical)


def _ids(source: Source) -> pd.Series:
    made = pd.Series([ROW_ID.format(row) for row in source.rows], index=source.rows, dtype="str")
    if not source.has(Accounts.account_id):
        source.facts.append(f"The file has no id column: accounts are named by their row, like {ROW_ID.format(2)}.")
        return made
    cleaned = clean.ids(source.text(Accounts.account_id))
    given = source.take(cleaned)
    source.remark(note(given.isna(), WARNED, "no id: named '{}' by its row", made))
    return given.fillna(made)


def _where(source: Source, state: pd.Series) -> dict[str, pd.Series]:
    """Return country, postal code and coordinates, each judged in the light of the ones before."""
    country = source.take(clean.countries(source.text(Accounts.country)))
    written = {
        Accounts.country: country.where(country.notna(), clean.words(source.text(Accounts.country)).values),
        Accounts.postal_code: clean.words(folded(source.text(Accounts.postal_code))).values,
        Accounts.state: state,
    }
    country = with_country(pd.DataFrame(written))
    postal = source.take(clean.postal_codes(source.text(Accounts.postal_code), country))
    place = {Accounts.country: country, Accounts.postal_code: postal}
    if not all(source.has(canonical) for canonical in _COORDINATES):
        source.facts.append("The file has no coordinates: places can come from postal codes and cities.")
        nowhere = pd.Series(np.nan, index=source.rows)
        return place | {Accounts.lat: nowhere, Accounts.lon: nowhere} | _precision(nowhere)
    us_state = state_codes(state)
    abroad = us_state.isin(ARMED_FORCES)
    found = points(source.text(Accounts.lat), source.text(Accounts.lon), country.mask(abroad), us_state)
    source.take(Cleaned(found.lat, found.notes, found.facts))
    return place | {Accounts.lat: found.lat, Accounts.lon: found.lon} | _precision(found.lat)


def _precision(lat: pd.Series) -> dict[str, pd.Series]:
    given = lat.notna()
    return {
        Accounts.geocode_precision: pd.Series(np.where(given, "given", "none"), index=lat.index, dtype="str"),
        Accounts.geocode_source: pd.Series(FROM_FILE, index=lat.index, dtype="str").where(given),
    }


def _measures(source: Source, required_value: bool) -> dict[str, pd.Series]:
    present = [canonical for canonical in _MEASURES if source.has(canonical)]
    comma = decimal_comma([source.text(canonical) for canonical in (*present, *_COORDINATES) if source.has(canonical)])
    measures = {}
    for canonical, at_least_zero in _MEASURES.items():
        text, label = source.text(canonical), _label(source, canonical)
        mixed = _currencies(source, text)
        if len(mixed) > 1:
            measures[canonical] = _without_rate(source, canonical, mixed, required_value)
            continue
        measures[canonical] = source.take(numbers(text, label, at_least_zero=at_least_zero, comma_decimal=comma))
    value = measures[Accounts.annual_value]
    source.remark(note(value < 0, WARNED, f"{_label(source, Accounts.annual_value)} is negative"))
    if source.has(Accounts.annual_value) and value.isna().all():
        source.facts.append(f"Column '{_label(source, Accounts.annual_value)}' holds no usable number: no account has a value from it.")
    if source.headings.get(Accounts.annual_value, "") == source.headings.get(Incoming.company_size):
        source.facts.append(f"{_label(source, Accounts.annual_value)} is the accounts' own revenue (customer size), not our sales to them.")
    return measures


def _currencies(source: Source, amounts: pd.Series) -> list[str]:
    filled = amounts.notna()
    return sorted({*currencies(amounts), *currencies(source.text(Incoming.currency)[filled].str.upper())})


def _without_rate(source: Source, canonical: str, mixed: list[str], required: bool) -> pd.Series:
    label, several = _label(source, canonical), " and ".join([", ".join(mixed[:-1]), mixed[-1]])
    if required and canonical == Accounts.annual_value:
        raise FileError(f"Column '{label}' holds amounts in {several}, which can't be ranked together: convert it to one currency.")
    source.facts.append(f"Column '{label}' holds amounts in {several}: left empty until they are in one currency.")
    source.remark(note(source.text(canonical).notna(), WARNED, f"{label} left empty: the column holds {several}"))
    return pd.Series(np.nan, index=source.rows)


def _status(source: Source, today: date) -> pd.Series:
    """Return the status by its words; a past end date closes an account of which no status is known."""
    text = clean.words(source.text(Accounts.status)).values
    if source.has(Accounts.status) and 2 * clean.known_status(folded(text)).notna().sum() < text.notna().sum():
        label = source.headings[Accounts.status]
        source.ignore(Accounts.status, f"Column '{label}' holds no words of status (customer, prospect, closed …): not used.")
        text = source.text(Accounts.status)
    status = source.take(clean.statuses(text, _label(source, Accounts.status)))
    end = source.take(dates(source.text(Incoming.end_date), _label(source, Incoming.end_date)))
    ended = end <= pd.Timestamp(today)
    contradicted = ended & text.notna() & (status != "closed")
    closed = status.mask(ended & text.isna(), "closed")
    day = end.dt.strftime("%Y-%m-%d")
    source.remark(note(contradicted, WARNED, f"{_label(source, Incoming.end_date)} {{}} has passed, yet the status isn't closed", day))
    source.remark(note(closed == "closed", WARNED, "closed: kept, not planned"))
    return closed
