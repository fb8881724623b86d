"""What became of every row: outcomes, reasons, and what to do with rows that repeat an id."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from geo_territory.intake.clean import REJECTED, WARNED, Note, note
from geo_territory.intake.letters import folded
from geo_territory.intake.raw import RawTable
from geo_territory.tables import ROW_OUTCOMES, Accounts, ImportReport, Incoming

BETWEEN_REASONS = " · "


class RowLedger:
    """The outcome of each row of a file: the gravest of its notes, with all their reasons."""

    def __init__(self, table: RawTable) -> None:
        self._rows = table.frame.index
        self._gravest = np.zeros(len(self._rows), dtype=np.int8)
        self._reasons = np.full(len(self._rows), "", dtype=object)
        self._ids = pd.Series(pd.NA, index=self._rows, dtype="str")
        self._broken = table.broken
        doubted = table.doubted.reindex(self._rows)
        self.add([Note(doubted.notna().to_numpy(bool), WARNED, doubted.to_numpy(object))] if len(table.doubted) else [])

    def add(self, notes: Iterable[Note]) -> None:
        """Take notes on rows, in the order of the file."""
        for one in notes:
            rows = one.rows
            reasons = one.reason if isinstance(one.reason, str) else one.reason[rows]
            self._gravest[rows] = np.maximum(self._gravest[rows], ROW_OUTCOMES.index(one.outcome))
            earlier = self._reasons[rows]
            self._reasons[rows] = np.where(earlier == "", earlier, earlier + BETWEEN_REASONS) + reasons

    def name(self, ids: pd.Series) -> None:
        """Take the id of each row's account."""
        self._ids = ids

    def rejected(self) -> pd.Series:
        """Return which rows are rejected, by row number."""
        return pd.Series(self._gravest == ROW_OUTCOMES.index(REJECTED), index=self._rows)

    def report(self) -> pd.DataFrame:
        """Return the report: every row of the file once, in its order."""
        read = pd.DataFrame(
            {
                ImportReport.row: self._rows.to_numpy(),
                ImportReport.account_id: self._ids.to_numpy(),
                ImportReport.outcome: np.array(ROW_OUTCOMES, dtype=object)[self._gravest],
                ImportReport.reason: self._reasons,
            }
        )
        broken = pd.DataFrame(
            {
                ImportReport.row: self._broken.index,
                ImportReport.account_id: None,
                ImportReport.outcome: REJECTED,
                ImportReport.reason: self._broken.to_numpy(object),
            }
        )
        both = pd.concat([read, broken]) if len(broken) else read
        return ImportReport.check(both.sort_values(ImportReport.row).reset_index(drop=True))


def settle_repeated_ids(cleaned: pd.DataFrame, updated_at: pd.Series, frame: pd.DataFrame, ledger: RowLedger) -> pd.Index:
    """Return the rows that become accounts: each id once, rejected rows left out.

    Rows that agree in every column merge; among rows that differ the last updated is kept, then one that is not closed,
    then the last by its text: never the last in the file, so that the order of rows changes nothing.
    """
    open_rows = cleaned.index[~ledger.rejected()]
    ids = cleaned.loc[open_rows, Accounts.account_id]
    repeated = ids[ids.duplicated(keep=False)]
    if repeated.empty:
        return open_rows
    same = frame.loc[repeated.index].assign(**{Accounts.account_id: repeated}).duplicated()
    first_of = pd.Series(repeated.index, index=repeated.index).groupby(repeated).transform("first")
    ledger.add(note(_on(same, cleaned.index), WARNED, "the same as row {}: merged into one account", _number(first_of, cleaned.index)))
    left = repeated[~same]
    left = left[left.duplicated(keep=False)]
    winners = _better_last(left, updated_at, cleaned, frame).groupby(Accounts.account_id).tail(1)
    winner_of = left.map(pd.Series(winners.index, index=winners[Accounts.account_id])) if len(left) else left
    is_winner = pd.Series(left.index.isin(winners.index), index=left.index)
    others = pd.Series(left.index.astype(str), index=left.index).groupby(left).transform(", ".join)
    lost = "its id stands in several rows that differ: row {} is kept"
    ledger.add(note(_on(~is_winner, cleaned.index), REJECTED, lost, _number(winner_of, cleaned.index)))
    won = "its id stands in rows {} that differ: this one is kept"
    ledger.add(note(_on(is_winner, cleaned.index), WARNED, won, others.reindex(cleaned.index)))
    return open_rows.difference(same.index[same], sort=False).difference(is_winner.index[~is_winner], sort=False)


def _better_last(ids: pd.Series, updated_at: pd.Series, cleaned: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `ids` with the one to keep last: updated last, not closed, then by its text."""
    text = frame.loc[ids.index].fillna("").agg("\x1f".join, axis=1) if len(ids) else pd.Series(dtype="str")
    order = pd.DataFrame(
        {
            Accounts.account_id: ids,
            Incoming.updated_at: updated_at.loc[ids.index],
            Accounts.status: cleaned.loc[ids.index, Accounts.status] != "closed",
            "text": text,
        }
    )
    return order.sort_values([Incoming.updated_at, Accounts.status, "text"], kind="stable", na_position="first")


def mark_possible_duplicates(kept: pd.DataFrame, ledger: RowLedger, rows: pd.Index) -> None:
    """Note accounts of the same name and postal code under different ids. `kept` is by row number, `rows` are all rows."""
    alike = pd.DataFrame({Accounts.name: folded(kept[Accounts.name]).str.casefold(), Accounts.postal_code: kept[Accounts.postal_code]})
    alike = alike.dropna()
    alike = alike[alike.duplicated(keep=False)]
    if alike.empty:
        return
    groups = pd.Series(alike.index, index=alike.index).groupby([alike[Accounts.name], alike[Accounts.postal_code]])
    first = groups.transform("first")
    other = first.where(first != alike.index, groups.transform(lambda rows: rows.iloc[1]))
    reason = "possible duplicate: row {} has the same name and postal code"
    ledger.add(note(_on(pd.Series(True, index=alike.index), rows), WARNED, reason, _number(other, rows)))


def _number(rows: pd.Series, index: pd.Index) -> pd.Series:
    """Return row numbers aligned to `index`, whole where known."""
    return rows.reindex(index).astype("Int64")


def _on(rows: pd.Series, index: pd.Index) -> pd.Series:
    return rows.reindex(index, fill_value=False).astype(bool)
