"""A call log's file as the calls table; what can't be matched to an account and a rep is kept apart, with its reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from geo_territory.errors import FileError
from geo_territory.intake import clean
from geo_territory.intake.clean import REJECTED, WARNED, note
from geo_territory.intake.columns import Source
from geo_territory.intake.dates import dates
from geo_territory.intake.headings import matched
from geo_territory.intake.letters import folded
from geo_territory.intake.numerals import numbers
from geo_territory.intake.people import roles
from geo_territory.intake.raw import RawTable
from geo_territory.intake.read import read_table
from geo_territory.intake.rows import RowLedger
from geo_territory.tables import CHANNELS, OUTCOMES, ROW_OUTCOMES, Calls, ImportReport, IncomingCalls, Reps

CALL_SYNONYMS = {
    str(Calls.call_id): ("call id", "activity id", "Task ID", "Event ID", "hs_object_id", "Record ID", "id", "activityid"),
    Calls.account_id: ("account id", "AccountId", "WhatId", "Company ID", "regardingobjectid", "account", "شناسه مشتری"),
    Calls.rep_id: ("rep id", "OwnerId", "hubspot_owner_id", "ownerid", "rep", "owner", "User ID"),
    Calls.role: ("role", "role_code", "role code"),
    Calls.date: ("date", "ActivityDate", "Activity Date", "Due Date", "hs_timestamp", "actualstart", "call date", "day", "تاریخ"),
    Calls.channel: ("channel", "TaskSubtype", "Task Subtype", "activity type", "CallType", "hs_activity_type", "type", "kind"),
    Calls.outcome: ("outcome", "CallDisposition", "Call Result", "hs_call_disposition", "result", "status", "hs_call_status"),
    Calls.duration_min: ("DurationInMinutes", "actualdurationminutes", "duration (minutes)", "minutes", "duration"),
    IncomingCalls.start_time: ("time", "start"),
    IncomingCalls.duration_s: ("CallDurationInSeconds", "Call Duration", "duration seconds"),
    IncomingCalls.duration_ms: ("hs_call_duration",),
}
"""Names each column of Calls goes by, the surest first."""

_CHANNEL_WORDS = {
    "visit": ("visit", "visits", "meeting", "event", "face to face", "face-to-face", "in person", "on site", "f2f", "outside", "ملاقات"),
    "video": ("video", "video call", "teams", "zoom", "webinar", "online meeting", "virtual"),
    "phone": ("phone", "call", "calls", "telephone", "phone call", "phonecall", "inbound", "outbound", "internal", "تلفن"),
    "email": ("email", "e-mail", "mail", "list email", "ایمیل"),
}
_OUTCOME_WORDS = {
    "met": ("met", "completed", "complete", "held", "done", "closed"),
    "connected": ("connected", "answered", "spoke", "reached", "left live message", "interested", "not interested"),
    "voicemail": ("voicemail", "left voicemail", "voice mail", "message left"),
    "no_answer": ("no_answer", "no answer", "busy", "wrong number", "not reached", "unanswered"),
    "cancelled": ("cancelled", "canceled", "no show", "no_show", "noshow"),
    "planned": ("planned", "scheduled", "open", "not started", "in progress", "queued"),
}
_FACE_TO_FACE = ("visit", "video")
_REQUIRED = (Calls.account_id, Calls.rep_id, Calls.date)


@dataclass(frozen=True)
class CallImport:
    """A file's calls; `unmatched` are rows that name no known account, rep, day or channel, with the reason, as they were written.

    `report` has every row once (its account_id is the call's account); `counts` has rows, accepted, fixed, warned, rejected,
    calls and unmatched.
    """

    calls: pd.DataFrame
    unmatched: pd.DataFrame
    report: pd.DataFrame
    headings: dict[str, str]
    counts: dict[str, int]


def import_calls(path: Path, accounts: Iterable[str], reps: pd.DataFrame, today: date | None = None) -> CallImport:
    """Import a call log. `accounts` are the known ids, `reps` the reps table. Raises FileError when a needed column is missing."""
    return calls_from_table(read_table(path), accounts, reps, today)


def calls_from_table(table: RawTable, accounts: Iterable[str], reps: pd.DataFrame, today: date | None = None) -> CallImport:
    """Import a call log already read. As `import_calls`.

    The same file gives the same call ids, so that importing it again adds nothing; rows without an id that agree in account, rep,
    day, channel and time are one call. A call in the future is planned.
    """
    ledger = RowLedger(table)
    source = Source(table, matched(list(table.frame.columns), CALL_SYNONYMS), ledger)
    if missing := [canonical for canonical in _REQUIRED if not source.has(canonical)]:
        raise FileError(f"{table.name} has no column for {' and '.join(missing)}: a call needs an account, a rep and a date.")
    calls = _cleaned(source, reps, pd.Timestamp(today or date.today()))
    ledger.name(calls[Calls.account_id])
    _match(calls, source, set(accounts), set(reps.index))
    unmatched = ledger.rejected()
    calls[Calls.call_id] = _call_ids(calls, source)
    again = calls[Calls.call_id].duplicated() & ~unmatched
    source.remark(note(again, WARNED, "call '{}' stands more than once: kept once", calls[Calls.call_id]))
    kept = calls[~unmatched & ~again].set_index(Calls.call_id).reindex(columns=Calls.columns())
    report = ledger.report()
    apart = table.frame[unmatched]
    apart = apart.assign(**{ImportReport.reason: report.set_index(ImportReport.row)[ImportReport.reason].reindex(apart.index)})
    counts = {"rows": len(report)} | {outcome: int((report[ImportReport.outcome] == outcome).sum()) for outcome in ROW_OUTCOMES}
    counts |= {"calls": len(kept), "unmatched": len(apart)}
    return CallImport(Calls.check(kept), apart, report, source.headings, counts)


def _cleaned(source: Source, reps: pd.DataFrame, today: pd.Timestamp) -> pd.DataFrame:
    rep = source.take(clean.ids(source.text(Calls.rep_id)))
    day = source.take(dates(source.text(Calls.date), source.headings[Calls.date]))
    channel = _word(source.text(Calls.channel), _CHANNEL_WORDS)
    outcome = _word(source.text(Calls.outcome), _OUTCOME_WORDS)
    blank = outcome.isna()
    usual = pd.Series(np.where(channel.isin(_FACE_TO_FACE), OUTCOMES[0], OUTCOMES[1]), index=day.index)
    future = day > today
    source.remark(note(blank, WARNED, "outcome not given or not known: taken as '{}'", usual))
    source.remark(note(future & (outcome != "planned"), WARNED, "the day lies in the future: taken as planned"))
    given_role = roles(source.take(clean.words(source.text(Calls.role))))
    return pd.DataFrame(
        {
            Calls.account_id: source.take(clean.ids(source.text(Calls.account_id))),
            Calls.rep_id: rep,
            Calls.role: given_role.fillna(rep.map(reps[Reps.role])),
            Calls.date: day,
            Calls.channel: channel,
            Calls.outcome: outcome.fillna(usual).mask(future, "planned"),
            Calls.duration_min: _minutes(source),
        }
    )


def _word(text: pd.Series, words: dict[str, tuple[str, ...]]) -> pd.Series:
    known = {word: meaning for meaning, spellings in words.items() for word in spellings}
    return folded(text).str.lower().map(known).astype("str")


def _minutes(source: Source) -> pd.Series:
    """Return durations in minutes, from the column in minutes, else in seconds, else in milliseconds (O13)."""
    minutes = pd.Series(np.nan, index=source.rows)
    for canonical, per_minute in ((Calls.duration_min, 1), (IncomingCalls.duration_s, 60), (IncomingCalls.duration_ms, 60_000)):
        found = source.take(numbers(source.text(canonical), source.headings.get(canonical, canonical), at_least_zero=True))
        source.remark(note(found < 0, WARNED, "duration below 0: left empty"))
        minutes = minutes.fillna(found.where(found >= 0) / per_minute)
    return minutes


def _match(calls: pd.DataFrame, source: Source, accounts: set[str], reps: set[str]) -> None:
    """Reject rows that name no known account, rep, day or channel."""
    account, rep = calls[Calls.account_id], calls[Calls.rep_id]
    source.remark(note(~account.isin(accounts), REJECTED, "account '{}' isn't known", account.fillna("")))
    source.remark(note(~rep.isin(reps), REJECTED, "rep '{}' isn't known", rep.fillna("")))
    source.remark(note(calls[Calls.date].isna(), REJECTED, "no day"))
    channels = f"channel '{{}}' isn't one of {', '.join(CHANNELS)}"
    source.remark(note(calls[Calls.channel].isna(), REJECTED, channels, source.text(Calls.channel).fillna("")))


def _call_ids(calls: pd.DataFrame, source: Source) -> pd.Series:
    """Return the ids given, else one made of account, rep, day, channel and time."""
    given = source.take(clean.ids(source.text(Calls.call_id)))
    time = folded(source.text(IncomingCalls.start_time)).fillna("")
    day = calls[Calls.date].dt.strftime("%Y%m%d")
    parts = [calls[Calls.rep_id].fillna(""), day.fillna(""), calls[Calls.channel].fillna(""), time]
    made = calls[Calls.account_id].fillna("").str.cat([part.astype("str") for part in parts], sep="/").str.rstrip("/")
    return given.fillna(made)
