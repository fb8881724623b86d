"""What changed hands when a publication came into force, seen from some reps."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Connection, Select, or_, select

from geo_territory.cycle_tables import CLOSED, KEPT, MOVED, NEW
from geo_territory.tables import Accounts, Assignments, ChangesOfHands
from geo_territory.workspace import frames
from geo_territory.workspace.cycle_schema import publication_assignments, publication_roles
from geo_territory.workspace.publications import PublicationRecord
from geo_territory.workspace.scope import KEY, assigned, in_force, within

SERVED = publication_assignments.c


def sides(connection: Connection, record: PublicationRecord, rep_ids: Collection[str] | None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the Assignments of the day before a publication came into force and of its own, of the accounts some reps had or have.

    Both are empty when nothing was in force before.
    """
    first = record.valid_from
    if first is None:
        return Assignments.empty(), Assignments.empty()
    covered = select(publication_roles.c.role).where(publication_roles.c[KEY] == record.publication_id)
    then = in_force(first - timedelta(days=1)) & SERVED.role.in_(covered)
    now = SERVED[KEY] == record.publication_id
    mine = within(SERVED[Assignments.rep_id], rep_ids)
    concerned = or_(*(SERVED[Assignments.account_id].in_(_ids().where(side, mine)) for side in (then, now)))
    parts = []
    for side in (then, now):
        wanted = select(*(SERVED[name] for name in Assignments.columns())).select_from(assigned()).where(side, concerned)
        parts.append(frames.read_rows(connection, wanted, Assignments))
    if connection.execute(_ids().where(then).limit(1)).first() is None:
        return Assignments.empty(), Assignments.empty()
    return parts[0], parts[1]


def changed(before: pd.DataFrame, after: pd.DataFrame, rep_ids: Collection[str] | None, accounts: pd.DataFrame) -> pd.DataFrame:
    """Return the ChangesOfHands of some reps between two Assignments; of what others have now, no value and no territory."""
    keys = [Assignments.account_id, Assignments.role]
    kept = {Assignments.rep_id: ChangesOfHands.rep_before, Assignments.territory_id: ChangesOfHands.territory_before}
    new = {Assignments.rep_id: ChangesOfHands.rep_after, Assignments.territory_id: ChangesOfHands.territory_after}
    left = before[[*keys, *kept, Assignments.tier]].rename(columns=kept)
    right = after[[*keys, *new, Assignments.tier, Assignments.reason]].rename(columns=new)
    both = left.merge(right, on=keys, how="outer", suffixes=("_then", ""), indicator=True).sort_values(keys, ignore_index=True)
    had, has = (among(both[name], rep_ids) for name in (ChangesOfHands.rep_before, ChangesOfHands.rep_after))
    no_more, nobody = both["_merge"] == "left_only", both[ChangesOfHands.rep_before].isna()
    same = both[ChangesOfHands.rep_before] == both[ChangesOfHands.rep_after]
    told = accounts.reindex(both[Assignments.account_id])
    found = both.assign(
        **{
            ChangesOfHands.tier: both[Assignments.tier].fillna(both[f"{Assignments.tier}_then"]),
            ChangesOfHands.name: told[Accounts.name].to_numpy(dtype=object),
            ChangesOfHands.value: np.where(has, told[Accounts.annual_value].to_numpy(dtype=float), np.nan),
            ChangesOfHands.territory_after: both[ChangesOfHands.territory_after].where(has),
            ChangesOfHands.change: np.select([no_more, nobody, same], [CLOSED, NEW, KEPT], MOVED),
        }
    )
    return ChangesOfHands.check(found[had | has][ChangesOfHands.columns()].reset_index(drop=True))


def among(served_by: pd.Series, rep_ids: Collection[str] | None) -> pd.Series:
    """Return which rows somebody in sight serves."""
    return served_by.notna() if rep_ids is None else served_by.isin(list(rep_ids))


def _ids() -> Select[Any]:
    return select(SERVED[Assignments.account_id]).select_from(assigned())
