"""Tiers set by hand: current rows, each change in the audit."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import pandas as pd
from sqlalchemy import Connection, select

from geo_territory.tables import Overrides
from geo_territory.workspace import frames, persons
from geo_territory.workspace.access import Access
from geo_territory.workspace.schema import overrides
from geo_territory.workspace.trail import Line


def set_on(
    access: Access, connection: Connection, account_ids: Iterable[str], tier: str, reason: str, who: str, until: date | None = None
) -> None:
    """Set the tier of accounts for one reason within a write transaction; earlier overrides of theirs are replaced."""
    ids = pd.Index(sorted(set(account_ids)), dtype="str", name=Overrides.account_id)
    key = persons.key_of(connection, who, access.clock())
    row = {Overrides.tier: tier, Overrides.reason: reason.strip(), Overrides.set_by: key, Overrides.until: pd.Timestamp(until)}
    new = Overrides.check(pd.DataFrame(row, index=ids))
    old = frames.read_rows(connection, select(overrides), Overrides).reindex(ids)
    frames.replace_rows(connection, overrides, new)
    end = "" if until is None else f" until {until:%Y-%m-%d}"
    known = {account_id: before if isinstance(before, str) else None for account_id, before in old[Overrides.tier].items()}
    lines = [Line("override set", f"account {account_id}", before, f"{tier}{end}") for account_id, before in known.items()]
    access.record_all(connection, who, lines, why=reason)
