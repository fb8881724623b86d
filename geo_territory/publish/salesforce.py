"""Files for Salesforce: account-territory associations, tier and owner, each with its way back.

Associations can be created and deleted, never updated, so a realignment is two files (Salesforce, "Object Reference",
ObjectTerritory2Association). Ids are written with 18 characters (O12).
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from geo_territory.errors import FileError
from geo_territory.intake.clean import salesforce_id_18
from geo_territory.intake.letters import folded_key
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
from geo_territory.tables import ChangesOfHands, Reps, Territories

SYSTEM = "Salesforce"
ID, OBJECT, TERRITORY, CAUSE, BY_HAND = "Id", "ObjectId", "Territory2Id", "AssociationCause", "Territory2Manual"
OWNER = "OwnerId"
EMPTY = "#N/A"  # the Bulk API empties a field by it
DELETE, INSERT = "1-delete-ObjectTerritory2Association.csv", "2-insert-ObjectTerritory2Association.csv"
TIER_FILE, OWNER_FILE = "3-update-Account-tier.csv", "4-update-Account-owner.csv"

_ACCOUNT_ID = r"001[A-Za-z0-9]{12}(?:[A-Z0-5]{3})?"
_TERRITORY_ID = r"0MI[A-Za-z0-9]{12}(?:[A-Z0-5]{3})?"
_USER_ID = r"005[A-Za-z0-9]{12}(?:[A-Z0-5]{3})?"


def salesforce_files(asked: CrmRequest) -> CrmFiles:
    """Return the files for Salesforce: delete and insert associations, update tier and owner of accounts, and the way back."""
    record, told = _records(asked)
    tables: dict[str, pd.DataFrame] = {}
    if record.ne("").any():
        for part in (_associations, _tiers, _owners):
            made, sentences = part(asked, record)
            tables |= made
            told += sentences
    told += made_safe(tables)
    files = as_csv(tables)
    forward = {name: content for name, content in files.items() if not name.startswith(BACK)}
    return CrmFiles(SYSTEM, forward, {name: content for name, content in files.items() if name.startswith(BACK)}, tuple(told))


def salesforce_way_back_delete(success: pd.DataFrame) -> bytes:
    """Return the file that deletes what the insert file brought in, from the success file that Data Loader wrote while inserting.

    Only Salesforce knows the ids of the associations it made. Raises FileError when the file has no column of such ids.
    """
    by_key = {folded_key(str(name)): name for name in success.columns}
    if "id" not in by_key:
        raise FileError("The success file has no column ID: take the one that Data Loader writes when it inserts associations.")
    made = success
    if "status" in by_key:
        made = success[success[by_key["status"]].astype("str").str.contains("created", case=False, na=False)]
    ids = made[by_key["id"]].astype("str").str.strip().map(_long).sort_values()
    return as_csv({DELETE: pd.DataFrame({ID: ids})}).get(DELETE, f"{ID}\n".encode())


def salesforce_territories(export: pd.DataFrame, territories: pd.DataFrame) -> dict[str, str]:
    """Return the Territory2 Id by territory_id, from an export of Territory2 (Id, DeveloperName, Name).

    A territory is found by its id, else by its name (`Territories`), in DeveloperName or Name; one that fits two is left out.
    """
    return _matched(export, ("DeveloperName", "Name"), [territories.index.to_series(), territories[Territories.name]])


def salesforce_owners(export: pd.DataFrame, reps: pd.DataFrame) -> dict[str, str]:
    """Return the User Id by rep_id, from an export of User (Id, Email, Username, Name), found by e-mail, else by name."""
    by_mail = _matched(export, ("Email", "Username"), [reps[Reps.email]])
    return _matched(export, ("Name",), [reps[Reps.name]]) | by_mail


def _matched(export: pd.DataFrame, columns: tuple[str, ...], wanted: list[pd.Series]) -> dict[str, str]:
    """Return the Id of the one row that says what is wanted, by the index of what is wanted; the first of `wanted` wins."""
    by_key = {folded_key(str(name)): name for name in export.columns}
    found: dict[str, str] = {}
    if "id" not in by_key:
        return found
    ids = export[by_key["id"]].astype("str").map(_long)
    said = [export[by_key[folded_key(name)]].astype("str").map(folded_key) for name in columns if folded_key(name) in by_key]
    for words in reversed(wanted):
        for key, word in words.dropna().items():
            hits = {one for column in said for one in ids[column == folded_key(str(word))]}
            if len(hits) == 1:
                found[str(key)] = hits.pop()
    return found


def _long(identity: str) -> str:
    return salesforce_id_18(identity) if len(identity) == 15 else identity


def _records(asked: CrmRequest) -> tuple[pd.Series, list[str]]:
    """Return the Salesforce id of each account, "" without one, and what to say of it."""
    index = asked.rows.index
    held = [*asked.columns("Account ID 18", "Account ID", "AccountId", "Id"), index.to_series()]
    fitting = [ids.where(ids.str.fullmatch(_ACCOUNT_ID), "").map(_long) for ids in held]
    record = max(fitting, key=lambda ids: int(ids.ne("").sum()))
    if record.ne("").any():
        lost = int(record.eq("").sum())
        return record, [f"{plural(lost, 'account')} left out: the account list has no Salesforce id for them."] if lost else []
    return pd.Series("", index=index), [
        "The account list has no Salesforce ids (15 or 18 characters that begin with 001), so there is nothing to load: "
        "import a list with the column Account ID."
    ]


def _associations(asked: CrmRequest, record: pd.Series) -> tuple[dict[str, pd.DataFrame], list[str]]:
    """Return the delete and insert files, the insert file of the way back, and what to say of them."""
    rows, told = asked.rows, []
    territory = rows[ChangesOfHands.territory_after].dropna()
    known = {name: _long(asked.territory_ids.get(name, name)) for name in sorted(set(territory))}
    unknown = [name for name, identity in known.items() if not re.fullmatch(_TERRITORY_ID, identity)]
    if unknown:
        lost = int(territory.isin(unknown).sum())
        told.append(f"{plural(lost, 'account')} left out of the associations: no Territory2 Id is known of {', '.join(unknown)}.")
    known = {name: identity for name, identity in known.items() if name not in unknown}
    wanted = pd.DataFrame({OBJECT: record, TERRITORY: called_by(rows[ChangesOfHands.territory_after], known)})
    wanted = wanted[wanted.ne("").all(axis=1)]
    if asked.associations is None:
        moved = rows[ChangesOfHands.territory_before].fillna("").ne(rows[ChangesOfHands.territory_after].fillna(""))
        told.append(
            "There is no file to delete the associations of today: export ObjectTerritory2Association (Id, ObjectId, Territory2Id, "
            "AssociationCause) from Salesforce and add it here. Without it accounts stay in their old territory as well."
        )
        return {INSERT: _inserted(wanted[wanted.index.isin(moved.index[moved])])}, told
    there = asked.associations[[ID, OBJECT, TERRITORY, CAUSE]].astype("str").apply(lambda cells: cells.str.strip())
    there = there.assign(**{name: there[name].map(_long) for name in (ID, OBJECT, TERRITORY)})
    ours = {_long(identity) for identity in asked.territory_ids.values()} | set(wanted[TERRITORY])
    movable = record[~rows[ChangesOfHands.territory_after].isin(unknown)]
    there = there[there[OBJECT].isin(movable) & there[TERRITORY].isin(ours)]
    pairs = set(zip(wanted[OBJECT], wanted[TERRITORY], strict=True))
    gone = there[~_among(there, pairs)]
    by_rule = gone[CAUSE] != BY_HAND
    if by_rule.any():
        told.append(
            f"{plural(int(by_rule.sum()), 'association')} can't be deleted by a file, an assignment rule of Salesforce made them: "
            "change the rule."
        )
    gone = gone[~by_rule].sort_values([OBJECT, TERRITORY], kind="stable")
    stands = set(zip(there[OBJECT], there[TERRITORY], strict=True))
    new = wanted[~_among(wanted, stands)]
    if len(new):
        told.append("The way back needs the success file of the insert first: only it holds the ids of what was inserted.")
    tables = {DELETE: gone[[ID]].reset_index(drop=True), INSERT: _inserted(new), BACK + INSERT: _inserted(gone)}
    return tables, told


def _among(rows: pd.DataFrame, pairs: set[tuple[str, str]]) -> np.ndarray:
    """Return which rows' account and territory are one of `pairs`."""
    return np.array([pair in pairs for pair in zip(rows[OBJECT], rows[TERRITORY], strict=True)], dtype=bool)


def _inserted(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[[OBJECT, TERRITORY]].assign(**{CAUSE: BY_HAND}).sort_values([OBJECT, TERRITORY], kind="stable").reset_index(drop=True)


def _tiers(asked: CrmRequest, record: pd.Series) -> tuple[dict[str, pd.DataFrame], list[str]]:
    """Return the tier file, its way back when the list tells the tier of before, and what to say of them."""
    old = asked.column(asked.tier_field)
    forward, back = updates(
        record, ID, asked.tier_field, pd.Series("", record.index) if old is None else old, asked.rows[ChangesOfHands.tier]
    )
    told = [f"The tiers go to the field {asked.tier_field} of Account: make it, or name another one."] if old is None else []
    if old is None:
        told.append(f"The account list has no column {asked.tier_field}, so the way back of the tiers can't be written.")
    return {TIER_FILE: forward} | ({} if old is None else {BACK + TIER_FILE: back.replace({asked.tier_field: {"": EMPTY}})}), told


def _owners(asked: CrmRequest, record: pd.Series) -> tuple[dict[str, pd.DataFrame], list[str]]:
    """Return the owner file, its way back, and what to say of them."""
    listed, names = asked.column(OWNER), asked.column("Account Owner", "Owner", "Owner Name")
    listed = None if listed is None or listed.eq("").all() else listed
    known = owner_names(asked, _owners_listed(asked.reps, listed, names)).map(_long)
    known = known.where(known.str.fullmatch(_USER_ID), "")
    after, before = (called_by(asked.rows[side], known) for side in (ChangesOfHands.rep_after, ChangesOfHands.rep_before))
    told = unknown_owners(asked, known, "the Salesforce User Id")
    if listed is None and after.ne("").any():
        told.append(f"The account list tells no {OWNER}: the way back names who served each account before.")
    old = before if listed is None else listed.map(_long)
    forward, back = updates(record, ID, OWNER, old, after)
    return {OWNER_FILE: forward, BACK + OWNER_FILE: back[back[OWNER].ne("")]}, told


def _owners_listed(reps: pd.DataFrame, ids: pd.Series | None, names: pd.Series | None) -> pd.Series | None:
    """Return the User Id by rep_id that the account list itself tells, where a rep's name has one owner id in it."""
    own = reps.index.to_series()
    if ids is None or names is None:
        return own
    pairs = pd.DataFrame({"name": names.map(folded_key), "id": ids}).drop_duplicates()
    alone = pairs[~pairs["name"].duplicated(keep=False)].set_index("name")["id"]
    return called_by(reps[Reps.name].map(folded_key), alone).replace("", pd.NA).fillna(own)
