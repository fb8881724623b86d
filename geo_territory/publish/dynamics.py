"""The file for Dynamics 365: the exported accounts with territory, category and owner changed, and the values for the way back.

The three hidden columns of the export stay as they are, character by character: Dynamics finds the record by the first and
refuses a row whose record was changed since the export. So all changes are in one file: a second one would be refused.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import pandas as pd

from geo_territory.errors import FileError
from geo_territory.intake.letters import folded_key
from geo_territory.publish.account_files import safe_text
from geo_territory.publish.crm_rows import BACK, CrmFiles, CrmRequest, called_by, made_safe, owner_names, plural, unknown_owners
from geo_territory.tables import ChangesOfHands, Reps

SYSTEM = "Dynamics"
HIDDEN = ("(Do Not Modify) Account", "(Do Not Modify) Row Checksum", "(Do Not Modify) Modified On")
FILE, OLD_VALUES = "1-accounts.csv", BACK + "old-values.csv"
PREFERRED, STANDARD = ("Preferred Customer", "1"), ("Standard", "2")
HEADINGS = {"Territory": ("Territory", "territoryid"), "Category": ("Category", "accountcategorycode"), "Owner": ("Owner", "ownerid")}


def dynamics_files(asked: CrmRequest) -> CrmFiles:
    """Return the file for Dynamics: the export's rows that change, and for the way back what they said before.

    Only columns the export has can be changed: Territory, Category (the best tier is preferred) and Owner.
    """
    hidden = [asked.column(name) for name in HIDDEN]
    if any(column is None for column in hidden):
        missing = (
            "The account list isn't an export of Dynamics with its hidden columns, so there is nothing to load: "
            "export the accounts to Excel for re-import, and import that."
        )
        return CrmFiles(SYSTEM, {}, {}, (missing,))
    told, old, new = _columns(asked)
    before, after = pd.DataFrame(old, index=asked.rows.index), pd.DataFrame(new, index=asked.rows.index)
    exported = _exported(asked)
    changed = before.ne(after).any(axis=1) & exported[HIDDEN[0]].ne("")
    tables = {FILE: after[changed], OLD_VALUES: before[changed]}
    told += made_safe({name: rows.reset_index(drop=True) for name, rows in tables.items()})
    if not changed.any():
        return CrmFiles(SYSTEM, {}, {}, tuple(told))
    told.append(
        "Load it soon: Dynamics refuses rows of accounts that were changed since the export. For the way back export the accounts "
        "again and add the export here: the old values are put into it."
    )
    forward = _bytes(exported[changed], after[changed])
    back = _bytes(exported.loc[changed, list(HIDDEN[:1])], before[changed])
    return CrmFiles(SYSTEM, {FILE: forward}, {OLD_VALUES: back}, tuple(told))


def dynamics_way_back(old_values: bytes, export: pd.DataFrame) -> bytes:
    """Return the file that sets accounts back to `old_values` (of `CrmFiles.way_back`), from a fresh export of them as text.

    Raises FileError when the export lacks a hidden column or a column that is to be set back.
    """
    wanted = pd.read_csv(io.BytesIO(old_values), dtype="str", keep_default_na=False).set_index(HIDDEN[0])
    missing = [name for name in (*HIDDEN, *wanted.columns) if name not in export]
    if missing:
        raise FileError(f"The export has no column {', '.join(missing)}: export the accounts from Dynamics with it, for re-import.")
    rows = export[export[HIDDEN[0]].isin(wanted.index)].fillna("").set_index(HIDDEN[0], drop=False).sort_index()
    old = wanted.reindex(rows.index)
    differ = rows[list(wanted.columns)].ne(old).any(axis=1)
    return _bytes(rows.loc[differ, list(HIDDEN)], old[differ])


def _exported(asked: CrmRequest) -> pd.DataFrame:
    """Return the hidden columns as they came, not even trimmed, by account_id."""
    by_key = {folded_key(str(name)): name for name in asked.original.columns}
    rows = asked.original[[by_key[folded_key(name)] for name in HIDDEN]].set_axis(list(HIDDEN), axis=1)
    return rows.astype("str").fillna("").reindex(asked.rows.index).fillna("")


def _columns(asked: CrmRequest) -> tuple[list[str], dict[str, pd.Series], dict[str, pd.Series]]:
    """Return what to say, and the values before and after of each column the export has, by its own heading."""
    told: list[str] = []
    old: dict[str, pd.Series] = {}
    new: dict[str, pd.Series] = {}
    by_key = {folded_key(str(name)): str(name) for name in asked.original.columns}
    for what, names in HEADINGS.items():
        listed = asked.column(*names)
        if listed is None:
            told.append(f"The export has no column {what}, so it can't be set: export the accounts with it.")
            continue
        heading = next(by_key[folded_key(name)] for name in names if folded_key(name) in by_key)
        value, sentences = _VALUES[what](asked, listed)
        told += sentences
        old[heading], new[heading] = listed, value.where(value.ne(""), listed)
    return told, old, new


def _territories(asked: CrmRequest, listed: pd.Series) -> tuple[pd.Series, list[str]]:
    after = asked.rows[ChangesOfHands.territory_after]
    seen = set(listed)
    names = {there: asked.territory_ids.get(there, there if there in seen else "") for there in sorted(set(after.dropna()))}
    unknown = [there for there, name in names.items() if not name]
    lost = int(after.isin(unknown).sum())
    told = [f"{plural(lost, 'account')} keep their territory: Dynamics' name of {', '.join(unknown)} isn't known."] if unknown else []
    return called_by(after, names), told


def _categories(asked: CrmRequest, listed: pd.Series) -> tuple[pd.Series, list[str]]:
    coded = int(listed[listed.ne("")].isin([PREFERRED[1], STANDARD[1]]).all() and listed.ne("").any())
    best = asked.rows[ChangesOfHands.tier] == asked.labels[0]
    return best.map({True: PREFERRED[coded], False: STANDARD[coded]}), []


def _owners(asked: CrmRequest, listed: pd.Series) -> tuple[pd.Series, list[str]]:
    names = asked.reps[Reps.name]
    known = owner_names(asked, names.where(names.isin(set(listed))))
    return called_by(asked.rows[ChangesOfHands.rep_after], known), unknown_owners(asked, known, "the name in Dynamics")


_VALUES = {"Territory": _territories, "Category": _categories, "Owner": _owners}


def _bytes(untouched: pd.DataFrame, values: pd.DataFrame) -> bytes:
    """Return a CSV: columns that leave as they came, except where they could run in a spreadsheet, and others made safe."""
    told = untouched.apply(lambda cells: cells.where(cells.str.fullmatch(r"[+A-Za-z0-9/ .:,_{}()-]*=*"), "'" + cells))
    rows = pd.concat([told, safe_text(values)], axis=1)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([_headings(rows.columns), *rows.itertuples(index=False)])
    return text.getvalue().encode("utf-8")


def _headings(names: Sequence[str]) -> list[str]:
    return [str(name) for name in names]
