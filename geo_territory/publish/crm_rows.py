"""What the files of every CRM are made from: record ids, old and new values, and what can't be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from geo_territory.cycle_tables import CLOSED
from geo_territory.intake.letters import folded_key
from geo_territory.publish.account_files import csv_bytes, safe_text
from geo_territory.tables import TIERS, ChangesOfHands, Reps

BACK = "way-back/"


@dataclass(frozen=True)
class CrmFiles:
    """Files for a CRM by name, in the order to load them.

    `files` bring the publication in, `way_back` undo it (names begin with "way-back/"); `sentences` say in plain words what is
    left out and what has to be done by hand.
    """

    system: str
    files: dict[str, bytes]
    way_back: dict[str, bytes]
    sentences: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class CrmRequest:
    """What is to be brought into a CRM.

    `changes` are the ChangesOfHands of all accounts, kept ones too; `role` is whose territory and person the CRM holds; `original`
    the account list's own columns as text, by account_id; `labels` the tiers, best first. `owners` names by rep_id the person as
    the CRM does (Salesforce: User Id; HubSpot: e-mail; Dynamics: full name), `territory_ids` by territory_id the territory
    (Salesforce: Territory2 Id; Dynamics: its name). `tier_field` is the Salesforce field that holds the tier, `associations` an
    export of ObjectTerritory2Association (Id, ObjectId, Territory2Id, AssociationCause).
    """

    changes: pd.DataFrame
    original: pd.DataFrame
    reps: pd.DataFrame
    role: str
    labels: Sequence[str] = TIERS
    owners: Mapping[str, str] = field(default_factory=dict)
    territory_ids: Mapping[str, str] = field(default_factory=dict)
    tier_field: str = "Segment__c"
    associations: pd.DataFrame | None = None

    @property
    def rows(self) -> pd.DataFrame:
        """The rows of the role by account_id; those that are no more are left as the CRM has them."""
        mine = self.changes[(self.changes[ChangesOfHands.role] == self.role) & (self.changes[ChangesOfHands.change] != CLOSED)]
        return mine.set_index(ChangesOfHands.account_id).sort_index()

    def column(self, *names: str) -> pd.Series | None:
        """Return the account list's column of one of these names, the first of them it has, as `columns` does; None without one."""
        return next(iter(self.columns(*names)), None)

    def columns(self, *names: str) -> list[pd.Series]:
        """Return the account list's columns of these names, case and spaces aside: text by account_id, "" where empty."""
        keys = [folded_key(name) for name in names]
        found = sorted((keys.index(key), i) for i, key in enumerate(folded_key(str(name)) for name in self.original.columns) if key in keys)
        return [self.original.iloc[:, i].astype("str").fillna("").str.strip().reindex(self.rows.index).fillna("") for _, i in found]


def updates(record: pd.Series, key: str, heading: str, old: pd.Series, new: pd.Series) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows that set a field to `new` where it isn't yet, and those that set it back to `old`.

    `record`, `old` and `new` by account_id, `key` and `heading` are the headings. Accounts without a record or a new value have
    no row.
    """
    rows = pd.DataFrame({key: record, "old": old, "new": new}).fillna("").sort_index()
    rows = rows[rows[key].ne("") & rows["new"].ne("") & rows["old"].ne(rows["new"])].sort_values(key, kind="stable")
    forward, back = (rows[[key, one]].set_axis([key, heading], axis=1).reset_index(drop=True) for one in ("new", "old"))
    return forward, back


def owner_names(asked: CrmRequest, default: pd.Series | None = None) -> pd.Series:
    """Return what the CRM calls each rep, by rep_id: as told, else the `default`; "" for one it isn't known of."""
    told = pd.Series(dict(asked.owners), dtype="str").reindex(asked.reps.index)
    return (told if default is None else told.fillna(default.reindex(asked.reps.index))).fillna("")


def unknown_owners(asked: CrmRequest, known: pd.Series, what: str) -> list[str]:
    """Return a sentence that names who is to serve accounts but isn't known to the CRM, and one on accounts of nobody."""
    after = asked.rows[ChangesOfHands.rep_after]
    lost = after[after.notna() & called_by(after, known).eq("")]
    told = []
    if len(lost):
        names = asked.reps[Reps.name].reindex(sorted(lost.unique()))
        people = ", ".join(f"{name if isinstance(name, str) else rep} ({rep})" for rep, name in names.items())
        told.append(f"{plural(len(lost), 'account')} left out of the owner file: {what} of {people} isn't known.")
    if after.isna().any():
        told.append(f"{plural(int(after.isna().sum()), 'account')} left out of the owner file: nobody serves them.")
    return told


def called_by(names: pd.Series, known: Mapping[str, str] | pd.Series) -> pd.Series:
    """Return what each of `names` is known as, "" where it is missing or not known."""
    told = dict(known)
    return pd.Series([told.get(name, "") if isinstance(name, str) else "" for name in names], index=names.index, dtype="str")


def plural(count: int, noun: str) -> str:
    """Return a count with its noun: 1 account, 2,400 accounts."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def as_csv(files: Mapping[str, pd.DataFrame]) -> dict[str, bytes]:
    """Return the tables that have rows as CSV files by name: UTF-8, ids as text, no cell that runs as a formula."""
    return {name: csv_bytes(rows, index=False) for name, rows in files.items() if len(rows)}


def made_safe(files: Mapping[str, pd.DataFrame]) -> list[str]:
    """Return a sentence when a cell begins like a formula and so gets a leading '."""
    changed = sum(int((safe_text(rows).astype("str") != rows.astype("str")).to_numpy().sum()) for rows in files.values() if len(rows))
    return [f"{plural(changed, 'cell')} began like a formula: a ' was put before it."] if changed else []
