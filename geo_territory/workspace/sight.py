"""What one person may read: the only way a screen of a manager or a rep gets rows. What isn't granted isn't there.

Whose rows they are is decided in the query itself, before a table, a map or a file exists. A person sees the accounts that they, or
those they lead, serve on the day, in any role; nothing when nobody said who they are.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import geopandas as gpd
import pandas as pd
from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select

from geo_territory.policy import Policy
from geo_territory.rights import Viewer
from geo_territory.tables import Accounts, Assignments, Audit, Calls, ChangesOfHands, Overrides, Reps, Tiers
from geo_territory.tiers import assign_tiers
from geo_territory.workspace import frames, hands, publications, schema, wishes
from geo_territory.workspace.access import Access
from geo_territory.workspace.cycle_schema import publication_assignments
from geo_territory.workspace.publications import PublicationRecord
from geo_territory.workspace.scope import KEY, assigned, in_force, rep_ids_of, within

LOST_FOR = timedelta(days=60)  # how long a person sees the names of the accounts they handed over
BASE_DECIMALS = 2  # about one kilometre
FOUND_AT_MOST = 200
SERVED, MADE, PEOPLE = publication_assignments.c, schema.calls.c, schema.reps.c
ACCOUNT = SERVED[Assignments.account_id]
SEARCHED = (Accounts.name, Accounts.street, Accounts.city, Accounts.postal_code, Accounts.phone)


class Sight:
    """What a viewer sees on a day, got from `Workspace.seen_by`.

    `rep_ids` are the reps whose accounts they see, None for everybody's; `publication` is what is in force that day, of several the
    one approved last, None without any.
    """

    def __init__(self, access: Access, viewer: Viewer, day: date) -> None:
        """Use `Workspace.seen_by`."""
        self._access = access
        self.viewer = viewer
        self.day = day
        with access.reading() as connection:
            self.rep_ids = rep_ids_of(connection, viewer)
            self.publication: PublicationRecord | None = publications.published(connection, day)

    @property
    def scope(self) -> tuple[str, ...] | None:
        """The same as `rep_ids`, sorted: what a cache is told whose rows it holds."""
        return None if self.rep_ids is None else tuple(sorted(self.rep_ids))

    def assignments(self) -> pd.DataFrame:
        """Return the Assignments in force on the day, of the reps in sight, by account and role."""
        wanted = select(*(SERVED[name] for name in Assignments.columns())).select_from(assigned()).where(self._mine())
        with self._access.reading() as connection:
            return frames.read_rows(connection, wanted.order_by(ACCOUNT, SERVED.role), Assignments)

    def accounts(self) -> pd.DataFrame:
        """Return the Accounts in sight, by account_id, as the account list in force has them.

        One that this list no longer has comes from the list its publication was made with.
        """
        with self._access.reading() as connection:
            return _accounts(connection, self._account_ids(connection), self.publication)

    def tiers(self) -> pd.DataFrame:
        """Return the Tiers in force on the day of the accounts in sight, by the policy that was published."""
        with self._access.reading() as connection:
            ids = self._account_ids(connection)
            if not ids or self.publication is None:
                return Tiers.empty()
            current = connection.execute(_list_in_force()).scalar_one()
            revision = connection.execute(_revision()).scalar_one()
        known = _all_tiers(self._access, current, self.publication.toml, revision, self.day)
        return known[known.index.isin(ids)]

    def reps(self) -> pd.DataFrame:
        """Return the Reps in sight; the base of everybody but the viewer is rounded to about a kilometre."""
        with self._access.reading() as connection:
            rows = select(schema.reps).where(within(PEOPLE[Reps.rep_id], self.rep_ids)).order_by(PEOPLE[Reps.rep_id])
            found = frames.read_rows(connection, rows, Reps)
        own = found.index == self.viewer.rep_id
        return found.assign(**{name: found[name].where(own, found[name].round(BASE_DECIMALS)) for name in (Reps.lat, Reps.lon)})

    def names(self) -> pd.Series:
        """Return the names by rep_id of the reps in sight and of all who serve, or called, an account in sight."""
        with self._access.reading() as connection:
            mine = self._ids_query()
            serving = select(SERVED[Assignments.rep_id]).select_from(assigned()).where(in_force(self.day), ACCOUNT.in_(mine))
            calling = select(MADE[Calls.rep_id]).where(MADE[Calls.account_id].in_(mine))
            known = PEOPLE[Reps.rep_id]
            wanted = or_(within(known, self.rep_ids), known.in_(serving), known.in_(calling))
            found = connection.execute(select(known, PEOPLE[Reps.name]).where(wanted).order_by(known)).all()
        index = pd.Index([row[0] for row in found], name=Reps.rep_id, dtype="str")
        return pd.Series([row[1] for row in found], index=index, name=Reps.name, dtype="str")

    def calls(self) -> pd.DataFrame:
        """Return the Calls made up to the day: all on the accounts in sight, and those of the reps in sight from when they served
        the account. Only the viewer's own calls come with their note."""
        spans = (
            select(SERVED[KEY])
            .select_from(assigned())
            .where(
                within(SERVED[Assignments.rep_id], self.rep_ids),
                SERVED[Assignments.rep_id] == MADE[Calls.rep_id],
                MADE[Calls.account_id] == ACCOUNT,
                in_force(MADE[Calls.date]),
            )
        )
        theirs = and_(within(MADE[Calls.rep_id], self.rep_ids), spans.correlate(schema.calls).exists())
        wanted = select(schema.calls).where(or_(MADE[Calls.account_id].in_(self._ids_query()), theirs))
        until = MADE[Calls.date] < pd.Timestamp(self.day).normalize() + pd.Timedelta(days=1)
        with self._access.reading() as connection:
            found = frames.read_rows(connection, wanted.where(until).order_by(MADE[Calls.call_id]), Calls)
        own = (found[Calls.rep_id] == self.viewer.rep_id).to_numpy(dtype=bool)
        return found.assign(**{Calls.note: found[Calls.note].where(own)})

    def shapes(self) -> gpd.GeoDataFrame:
        """Return the Territories, with their shapes, in which the reps in sight serve accounts on the day."""
        with self._access.reading() as connection:
            return publications.shapes_of(connection, self.day, self.rep_ids)

    def requests(self) -> pd.DataFrame:
        """Return what the reps in sight asked for, as Requests."""
        with self._access.reading() as connection:
            return wishes.read(connection, self.rep_ids, None)

    def search(self, text: str) -> pd.DataFrame:
        """Return the Accounts in sight whose id, name, address or phone holds a text, in any case of letters; at most 200."""
        wanted, known = " ".join(text.casefold().split()), self.accounts()
        if not wanted or known.empty:
            return known.head(0)
        words = known[list(SEARCHED)].fillna("").astype("str").assign(id=known.index).agg(" ".join, axis=1)
        return known[words.str.casefold().str.contains(wanted, regex=False)].head(FOUND_AT_MOST)

    def changes(self) -> pd.DataFrame:
        """Return what changed hands for the reps in sight when the publication in force began, as ChangesOfHands.

        Kept accounts are there too. Of an account that went to others there are the id, the name, who has it and why, for 60 days;
        without a publication before this one there is no change.
        """
        record = self.publication
        if record is None or record.valid_from is None:
            return ChangesOfHands.empty()
        with self._access.reading() as connection:
            before, after = hands.sides(connection, record, self.rep_ids)
            ids = {*before[Assignments.account_id], *after[Assignments.account_id]}
            found = hands.changed(before, after, self.rep_ids, _accounts(connection, ids, record))
        lost = ~hands.among(found[ChangesOfHands.rep_after], self.rep_ids)
        return found if self.day <= record.valid_from + LOST_FOR else found[~lost].reset_index(drop=True)

    def _mine(self) -> ColumnElement[bool]:
        return and_(in_force(self.day), within(SERVED[Assignments.rep_id], self.rep_ids))

    def _ids_query(self) -> Select[Any]:
        return select(ACCOUNT).select_from(assigned()).where(self._mine())

    def _account_ids(self, connection: Connection) -> set[str]:
        return set(connection.execute(self._ids_query()).scalars())


def _accounts(connection: Connection, ids: Iterable[str], record: PublicationRecord | None) -> pd.DataFrame:
    """Return some accounts of the list in force; those it no longer has, of the list of a publication."""
    left = sorted(set(ids))
    imports = schema.imports.c
    lists = [select(imports.accounts).order_by(imports.turn.desc()).limit(1)]
    lists += [select(imports.accounts).where(imports.import_id == record.import_id)] if record is not None else []
    parts = []
    for wanted in lists:
        sha256 = connection.execute(wanted).scalar_one_or_none()
        if sha256 is not None and left:
            found = frames.from_parquet(frames.kept(connection, sha256), left)
            parts.append(found)
            left = sorted(set(left) - set(found.index))
    parts = [part for part in parts if len(part)]
    return Accounts.check(pd.concat(parts).sort_index()) if parts else Accounts.empty()


@lru_cache(maxsize=4)
def _all_tiers(access: Access, import_id: int, toml: str, _revision: int, day: date) -> pd.DataFrame:
    """Return the tiers of a whole list; who asks takes the rows in sight of it only."""
    with access.reading() as connection:
        sha256 = connection.execute(select(schema.imports.c.accounts).filter_by(import_id=import_id)).scalar_one()
        accounts = Accounts.check(frames.from_parquet(frames.kept(connection, sha256))).sort_index()
        overrides = frames.read_rows(connection, select(schema.overrides), Overrides)
    return Tiers.check(assign_tiers(accounts, Policy.from_toml(toml).tier_rule, overrides, day))


def _list_in_force() -> Select[Any]:
    return select(schema.imports.c.import_id).order_by(schema.imports.c.turn.desc()).limit(1)


def _revision() -> Select[Any]:
    """Return the query of a number that changes whenever an override does."""
    changes = schema.audit.c[Audit.what].like("override %")
    return select(func.coalesce(func.max(schema.audit.c[Audit.seq]), 0)).where(changes)
