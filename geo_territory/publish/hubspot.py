"""Files for HubSpot: tier and owner of companies by Record ID, each with its way back."""

from __future__ import annotations

import pandas as pd

from geo_territory.publish.crm_rows import (
    BACK,
    CrmFiles,
    CrmRequest,
    as_csv,
    called_by,
    made_safe,
    owner_names,
    plural,
    unknown_owners,
    updates,
)
from geo_territory.tables import ChangesOfHands, Reps

SYSTEM = "HubSpot"
RECORD, TIER, OWNER = "Record ID", "hs_ideal_customer_profile", "Company owner"
TIER_FILE, OWNER_FILE = "1-companies-tier.csv", "2-companies-owner.csv"
CLEAR_TIER, CLEAR_OWNER = BACK + "3-clear-tier.csv", BACK + "4-clear-owner.csv"
TIER_VALUES = ("tier_1", "tier_2", "tier_3")


def hubspot_files(asked: CrmRequest) -> CrmFiles:
    """Return the files for HubSpot: Ideal Customer Profile Tier (tier_1 is the best tier) and Company owner, and the way back.

    An import leaves a field as it is where a cell is empty, so what was empty before is listed apart, to be cleared by hand.
    """
    record = asked.column(RECORD, "hs_object_id")
    if record is None or not record.str.fullmatch(r"\d+").any():
        missing = (
            "The account list has no column Record ID, so there is nothing to load: export companies from HubSpot with it, and import that."
        )
        return CrmFiles(SYSTEM, {}, {}, (missing,))
    told = []
    record = record.where(record.str.fullmatch(r"\d+"), "")
    if record.eq("").any():
        told.append(f"{plural(int(record.eq('').sum()), 'account')} left out: the account list has no Record ID for them.")
    tables: dict[str, pd.DataFrame] = {}
    for part in (_tiers, _owners):
        made, sentences = part(asked, record)
        tables |= made
        told += sentences
    told += made_safe(tables)
    files = as_csv(tables)
    back = {name: content for name, content in files.items() if name.startswith(BACK)}
    return CrmFiles(SYSTEM, {name: content for name, content in files.items() if name not in back}, back, tuple(told))


def _tiers(asked: CrmRequest, record: pd.Series) -> tuple[dict[str, pd.DataFrame], list[str]]:
    values = dict(zip(asked.labels, TIER_VALUES, strict=False))
    new, listed = called_by(asked.rows[ChangesOfHands.tier], values), asked.column(TIER, "Ideal Customer Profile Tier")
    told = []
    beyond = int((new.eq("") & record.ne("")).sum())
    if beyond:
        told.append(f"{plural(beyond, 'account')} left out of the tier file: HubSpot knows three tiers.")
    if listed is None:
        told.append("The account list has no column Ideal Customer Profile Tier, so the way back of the tiers can't be written.")
        return {TIER_FILE: updates(record, RECORD, TIER, pd.Series("", record.index), new)[0]}, told
    old = listed.where(listed.eq("") | listed.isin(TIER_VALUES), listed.str.lower().str.replace(r"\s+", "_", regex=True))
    forward, back = updates(record, RECORD, TIER, old, new)
    return _parted(forward, back, TIER, TIER_FILE, CLEAR_TIER, told), told


def _owners(asked: CrmRequest, record: pd.Series) -> tuple[dict[str, pd.DataFrame], list[str]]:
    known = owner_names(asked, asked.reps[Reps.email])
    told = unknown_owners(asked, known, "the e-mail address")
    after, before = (called_by(asked.rows[side], known) for side in (ChangesOfHands.rep_after, ChangesOfHands.rep_before))
    listed = asked.column(OWNER, "hubspot_owner_id")
    if listed is None:
        told.append("The account list has no column Company owner: the way back names who served each company before.")
        forward, back = updates(record, RECORD, OWNER, before, after)
        return {OWNER_FILE: forward, BACK + OWNER_FILE: back[back[OWNER].ne("")]}, told
    name = called_by(asked.rows[ChangesOfHands.rep_after], asked.reps[Reps.name])
    same = listed.str.lower().eq(after.str.lower()) | listed.str.lower().eq(name.str.lower())
    forward, back = updates(record, RECORD, OWNER, listed, after.mask(same, ""))
    return _parted(forward, back, OWNER, OWNER_FILE, CLEAR_OWNER, told), told


def _parted(forward: pd.DataFrame, back: pd.DataFrame, heading: str, name: str, clear: str, told: list[str]) -> dict[str, pd.DataFrame]:
    """Return the files of a field: what was empty before can't be emptied by an import, so it is a list of its own."""
    empty = back[heading].eq("")
    if empty.any():
        told.append(
            f"{heading} was empty before for {plural(int(empty.sum()), 'record')}: an import can't empty a field, so for the way back "
            f"clear it by hand for those in {clear}."
        )
    return {name: forward, BACK + name: back[~empty], clear: back.loc[empty, [RECORD]]}
