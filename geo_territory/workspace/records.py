"""What a workspace hands out besides tables: small frozen records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from geo_territory.policy import Policy

DECIDES = ("tiers", "attention", "design", "everything")


@dataclass(frozen=True)
class ImportRecord:
    """One imported account file.

    `headings` maps our column to the file's, `value_column` is the column taken as annual_value (empty: the proposed
    one), times are UTC. `rows_in` is the sum of the four outcomes. `is_new` is False when these bytes with these
    headings were here before and nothing was added.
    """

    import_id: int
    file_name: str
    sha256: str
    headings: Mapping[str, str]
    value_column: str
    imported_at: datetime
    imported_by: str
    rows_in: int
    accounts_total: int
    rows_accepted: int
    rows_fixed: int
    rows_warned: int
    rows_rejected: int
    is_new: bool = False


@dataclass(frozen=True)
class PolicyRecord:
    """One saved policy; `decides` says which step it was saved for (one of DECIDES), `saved_at` is UTC."""

    policy_id: int
    policy: Policy
    decides: str
    saved_at: datetime
    saved_by: str
    why: str


@dataclass(frozen=True)
class DesignRecord:
    """One line of the list of saved designs; `scorecard` is what was stored with it, `created_at` is UTC."""

    design_id: int
    name: str
    created_at: datetime
    created_by: str
    import_id: int
    scorecard: Mapping[str, Any]
    stamp: str


@dataclass(frozen=True, eq=False)
class SavedDesign(DesignRecord):
    """A saved design as it was: its policy, AlignmentRows, Territories with `rep_id`, and its other parts as bytes."""

    policy: Policy
    parts: bytes
    alignment: pd.DataFrame
    territories: pd.DataFrame


@dataclass(frozen=True)
class DraftRecord:
    """One line of the list of drafts: the design it starts from and how far it went; times are UTC.

    `edits` counts the stored edits, undo and redo too, and is the revision; `changed_at` is the last edit's moment. `closed_at`
    is None while it is open; `closed_as` the design it was saved as, None when it was discarded.
    """

    draft_id: int
    design_id: int
    name: str
    created_at: datetime
    created_by: str
    edits: int
    changed_at: datetime
    closed_at: datetime | None = None
    closed_as: int | None = None


@dataclass(frozen=True)
class State:
    """How far the work has come.

    `accounts` in the list in force; `tiers_decided` and `attention_decided` say a person saved them (the
    defaults apply until then); `designs` saved; `exports` files taken out; `calls` logged.
    """

    accounts: int
    tiers_decided: bool
    attention_decided: bool
    designs: int
    exports: int
    calls: int
