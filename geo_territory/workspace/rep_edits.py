"""Reps changed one by one: what a person saw is compared with what is there, so that nobody's change is lost."""

from __future__ import annotations

import pandas as pd
from sqlalchemy import Connection, select

from geo_territory.errors import WorkspaceError
from geo_territory.tables import Reps
from geo_territory.workspace import frames
from geo_territory.workspace.access import Access
from geo_territory.workspace.schema import reps

# What the audit says of a change; of what names a person or tells where one lives it says only that it changed.
_TOLD = (Reps.role, Reps.fte, Reps.leave_days, Reps.territory_id, Reps.manager_id, Reps.start, Reps.end)
_UNTOLD = (Reps.name, Reps.email, Reps.lat, Reps.lon)


def change(access: Access, connection: Connection, seen: pd.DataFrame, wanted: pd.DataFrame, who: str, why: str) -> int:
    """Change reps within a write transaction; see `People.change_reps`."""
    new = changed_reps(seen, Reps.check(wanted))
    now = frames.read_rows(connection, select(reps), Reps)
    missing = new.index.difference(now.index)
    overtaken = list(missing) or list(changed_reps(seen.reindex(new.index), now.reindex(new.index)).index)
    if overtaken:
        names = ", ".join(str(seen[Reps.name].get(rep_id, rep_id)) for rep_id in overtaken)
        raise WorkspaceError(f"Somebody else changed {names} meanwhile: nothing was saved. Look at the list again, then make your change.")
    whole = pd.concat([now.drop(index=new.index), new]) if len(new) else now
    _refuse_impossible(new, whole)
    frames.replace_rows(connection, reps, new)
    for rep_id, row in new.iterrows():
        old, told = _words(now.loc[rep_id], row)
        access.record(connection, who, "rep changed", f"rep {rep_id}", old=old, new=told, why=why)
    return len(new)


def add(access: Access, connection: Connection, rep: pd.DataFrame, who: str, why: str) -> None:
    """Add a rep within a write transaction; see `People.add_rep`."""
    new = Reps.check(rep)
    now = frames.read_rows(connection, select(reps), Reps)
    known = new.index.intersection(now.index)
    if len(known):
        raise WorkspaceError(f"There is a rep {known[0]} already, {now.loc[known[0], Reps.name]}: give the new one another id.")
    _refuse_impossible(new, pd.concat([now, new]))
    frames.add_rows(connection, reps, new)
    for rep_id, row in new.iterrows():
        access.record(connection, who, "rep added", f"rep {rep_id}", new=f"{row[Reps.role]}, full-time share {row[Reps.fte]:g}", why=why)


def changed_reps(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `after` (Reps) that say something else than those of `before` under the same id."""
    was = before.reindex(index=after.index, columns=after.columns)
    same = pd.DataFrame({name: (after[name] == was[name]).fillna(False) | (after[name].isna() & was[name].isna()) for name in after})
    return after[~same.all(axis=1)]


def _refuse_impossible(new: pd.DataFrame, whole: pd.DataFrame) -> None:
    """Raise WorkspaceError when a rep leads themself, is led by nobody known, or ends before the first day."""
    for rep_id, row in new.iterrows():
        name, manager = row[Reps.name], row[Reps.manager_id]
        if isinstance(manager, str) and manager == rep_id:
            raise WorkspaceError(f"{name} can't be the own manager: choose another one, or none.")
        if isinstance(manager, str) and manager not in whole.index:
            raise WorkspaceError(f"The manager of {name} is no rep of the list: choose one of the list, or none.")
        if pd.notna(row[Reps.start]) and pd.notna(row[Reps.end]) and row[Reps.end] < row[Reps.start]:
            raise WorkspaceError(f"The last day of {name} lies before the first: correct one of them.")


def _words(before: pd.Series, after: pd.Series) -> tuple[str, str]:
    """Return what a rep was and is, as text, by what changed."""
    differ = [name for name in _TOLD if _text(before[name]) != _text(after[name])]
    hidden = [name for name in _UNTOLD if _text(before[name]) != _text(after[name])]
    old = ", ".join(f"{name} {_text(before[name])}" for name in differ)
    new = ", ".join([*(f"{name} {_text(after[name])}" for name in differ), *(f"{name} changed" for name in hidden)])
    return old, new


def _text(value: object) -> str:
    if value is None or pd.isna(value):
        return "none"
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    return f"{value:g}" if isinstance(value, float) else str(value)
