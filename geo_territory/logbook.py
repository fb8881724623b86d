"""A rep's day over HTTP: the fresh sheet, and the entries a phone made (calls, calls taken back, requests), each counted once.

    grant = Grant(place, holder, "R07", "", until)   # who may, for which rep; signed into the address
    sheet_of_rep(workspace, viewer, "R07", day)       # what the page and the offline copy show
    enter(workspace, viewer, entries, now)            # what was stored, what was refused and why

An entry is answered when it is stored, never before. Its id is the browser's own, so what is sent twice counts once.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pandas as pd
from itsdangerous import BadData, URLSafeSerializer
from starlette.routing import BaseRoute, Route

from geo_territory import day as rep_day
from geo_territory.answers import Asked, UnusableError, getting, posting
from geo_territory.errors import GrantError, RightsError, TableError, WorkspaceError
from geo_territory.maps import moment
from geo_territory.people_tables import WRONG_OWNER, WRONG_TIER
from geo_territory.publish.offline import Brought, calls_of, fault_of_call, storable
from geo_territory.rights import REP, SEE_OWN, Viewer
from geo_territory.tables import Assignments, Calls, ChangesOfHands, Cycles, Ownership, Reps
from geo_territory.workspace import Workspace
from geo_territory.workspace.sight import Sight

SALT = "geo-territory day"
LONGEST = 2048  # letters of a grant; a longer word is not even unpacked
MOST = 100  # entries at once
KEPT = timedelta(days=3)  # how long an address is good; the page brings a new one whenever it is opened
EASTERNMOST = timedelta(hours=14)  # no place's calendar is further ahead of UTC
ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
FIELD = 500  # letters
BASE_DECIMALS = 2  # of a degree: about a kilometre
LOG, RETRACT, ASK = "log", "retract", "ask"
NOT_SEEN = "This day isn't among those you may see."


@dataclass(frozen=True)
class Grant:
    """May look at the day of `rep_id` in the workspace with `place`, until a day, as `who` (see `rights.holder`).

    `day` is the day looked at as ISO text, blank for the day it is.
    """

    place: str
    who: str
    rep_id: str
    day: str
    until: str

    def signed(self, secret: bytes) -> str:
        """Return the word for an address; the same grant and secret always give the same one."""
        return _serializer(secret).dumps([self.place, self.who, self.rep_id, self.day, self.until])


@dataclass(frozen=True)
class Seat:
    """Who looks at whose day, where and when; `now` in UTC. `live`: the day is the one it is, not one chosen."""

    workspace: Workspace
    viewer: Viewer
    rep_id: str
    day: date
    live: bool
    now: datetime


Seated = Callable[[str], Seat]


def claimed(word: str) -> Grant:
    """Return what a word claims, before its signature is looked at. Raises GrantError when it is none."""
    if len(word) > LONGEST:
        raise _refused()
    try:
        _, said = _serializer(b"").loads_unsafe(word)
    except BadData as error:
        raise _refused() from error
    return _grant(said)


def checked(word: str, secret: bytes, today: date) -> Grant:
    """Return what a word signed with `secret` grants on a day. Raises GrantError, also when its time is over."""
    try:
        grant = _grant(_serializer(secret).loads(word))
    except BadData as error:
        raise _refused() from error
    if grant.until < today.isoformat():
        raise GrantError("This page is too old: reload it. What you logged is kept and will be sent.")
    return grant


def routes(at: str, seated: Seated) -> list[BaseRoute]:
    """Return the day's routes below the path `at`; `seated` gives the seat of a grant, or raises GrantError or RightsError."""
    return [
        Route(f"{at}/{{grant}}", getting(seated, _sheet), methods=["GET"]),
        Route(f"{at}/{{grant}}/calls", posting(seated, _entries), methods=["POST"]),
    ]


def may_log(viewer: Viewer, rep_id: str) -> bool:
    """Return whether a viewer logs calls on the day of a rep: on one's own only."""
    return viewer.rep_id == rep_id and viewer.may(SEE_OWN)


def enter(workspace: Workspace, viewer: Viewer, entries: list[Any], now: datetime) -> tuple[list[str], list[dict[str, str]]]:
    """Store entries of a viewer in their order; return the ids of those stored (or stored before), and the refused with reasons.

    An entry the workspace is too busy for is in neither, and so are later ones about the same call: the browser sends them again.
    `now` in UTC. Raises WorkspaceError when it is too busy for all.
    """
    done: list[str] = []
    refused: list[dict[str, str]] = []
    late: set[str] = set()
    busy: WorkspaceError | None = None
    for entry in entries:
        name = entry["id"]
        if entry.get("call") in late:
            continue
        try:
            _enter_one(workspace, viewer, entry, now)
        except WorkspaceError as error:
            busy = error
            late.add(name)
        except (RightsError, TableError, UnusableError) as error:
            refused.append({"id": name, "reason": str(error)})
        else:
            done.append(name)
    if busy is not None and not done and not refused:
        raise busy
    return done, refused


def sight_of_rep(workspace: Workspace, viewer: Viewer, rep_id: str, day: date) -> Sight:
    """Return what a rep sees on a day, for somebody who may see that rep. Raises RightsError."""
    seen = workspace.seen_by(viewer, day)
    if seen.rep_ids is not None and rep_id not in seen.rep_ids:
        raise RightsError(NOT_SEEN)
    return workspace.seen_by(replace(viewer, app_role=REP, rep_id=rep_id), day)


def tiers_of(workspace: Workspace, day: date) -> tuple[str, ...]:
    """Return the labels of the tiers there are on a day, the best first."""
    record = workspace.cycles.published(day)
    policy = workspace.policy() if record is None else record.policy
    return tuple(policy.tier_rule.labels)


def sheet_of_rep(workspace: Workspace, viewer: Viewer, rep_id: str, day: date) -> dict[str, Any]:
    """Return the day sheet of a rep the viewer may see (day.py); notes and the exact base are for the rep alone.

    It is read as the rep themselves would read it: nothing of anybody else's can be on it. Raises RightsError.
    """
    sight = sight_of_rep(workspace, viewer, rep_id, day)
    own, reps = viewer.rep_id == rep_id, workspace.reps()
    start, end, cycle = _period(workspace, day)
    record, assignments, changes, calls = sight.publication, sight.assignments(), sight.changes(), sight.calls()
    ids = {*assignments[Assignments.account_id], *changes[ChangesOfHands.account_id]}
    hands = {*changes[ChangesOfHands.rep_before].dropna(), *changes[ChangesOfHands.rep_after].dropna()}
    made: dict[str, Any] = rep_day.sheet_of(
        rep_id,
        day,
        start=start,
        end=end,
        assignments=assignments,
        accounts=sight.accounts(),
        tiers=sight.tiers(),
        calls=calls if own else calls.assign(**{Calls.note: None}),
        policy=workspace.policy() if record is None else record.policy,
        reps=_named(reps[reps.index.isin({rep_id, *sight.names().index, *hands})], rep_id, exact=own),
        ownership=_owned(workspace, rep_id, ids, start, day),
        requests=sight.requests(),
        days_off=workspace.people.days_off(),
        calendar=workspace.people.calendar(),
        changes=changes,
        published=None if record is None or record.valid_from is None else rep_day.Published(record.name, record.valid_from, cycle or ""),
    )
    return made


def _named(reps: pd.DataFrame, rep_id: str, *, exact: bool) -> pd.DataFrame:
    """Return Reps by name, with the base of one of them: rounded to about a kilometre unless exact."""
    own = pd.Series(reps.index == rep_id, index=reps.index)
    base = {name: reps[name].where(own).round(15 if exact else BASE_DECIMALS) for name in (Reps.lat, Reps.lon)}
    return reps.assign(**{Reps.email: None, **base})


def _owned(workspace: Workspace, rep_id: str, ids: set[str], start: date, day: date) -> pd.DataFrame:
    """Return from when to when a rep served which of some accounts, as Ownership, in what was in force from `start` to `day`."""
    parts, at = [], day
    while at >= start:
        found = workspace.cycles.owners(at, ids)
        parts.append(found[found[Ownership.rep_id] == rep_id])
        if found.empty:
            break
        at = found[Ownership.valid_from].max().date() - timedelta(days=1)
    whole = pd.concat(parts, ignore_index=True)
    return whole.drop_duplicates([Ownership.account_id, Ownership.role, Ownership.valid_from]).reset_index(drop=True)


def _period(workspace: Workspace, day: date) -> tuple[date, date, str | None]:
    """Return the first and last day of the period that is measured, and the name of its cycle: a calendar quarter without one."""
    cycles = workspace.cycles.list()
    cycle_id = workspace.cycles.at(day)
    if cycle_id is not None:
        row = cycles.loc[cycle_id]
        return row[Cycles.start].date(), row[Cycles.end].date(), str(row[Cycles.name])
    quarter = pd.Period(day, "Q")
    return quarter.start_time.date(), quarter.end_time.date(), None


def _sheet(seat: Seat, asked: Asked) -> Any:
    day = seat.day
    if seat.live and asked.get("day") in {(day + timedelta(days=by)).isoformat() for by in (-1, 1)}:
        day = date.fromisoformat(asked["day"])  # the day it is where the person is
    return {"sheet": sheet_of_rep(seat.workspace, seat.viewer, seat.rep_id, day), "made_at": moment(seat.now)}


def _entries(seat: Seat, asked: Asked) -> Any:
    entries = asked.get("entries")
    if not isinstance(entries, list) or not 0 < len(entries) <= MOST:
        raise UnusableError(f"Expected entries, a list of 1 to {MOST}.")
    for entry in entries:
        _require_entry(entry)
    if not may_log(seat.viewer, seat.rep_id):
        raise RightsError("Only the person whose day it is can log calls on it.")
    done, refused = enter(seat.workspace, seat.viewer, entries, seat.now)
    return {"done": done, "refused": refused, "at": moment(datetime.now(UTC))}


def _require_entry(entry: Any) -> None:
    """Raise UnusableError unless an entry can be told from others."""
    if not isinstance(entry, dict) or not isinstance(entry.get("id"), str) or not ID.fullmatch(entry["id"]):
        raise UnusableError("Expected each entry with an id of its own: 8 to 64 letters and digits.")


def _enter_one(workspace: Workspace, viewer: Viewer, entry: Mapping[str, Any], now: datetime) -> None:
    text = {name: value for name, value in entry.items() if isinstance(value, str)}
    if any(len(value) > FIELD for value in text.values()) or not storable("".join(text.values())):
        raise UnusableError("A field is too long, or holds a sign that can't be stored.")
    kind = text.get("kind")
    if kind == LOG:
        workspace.calls_made.log(_calls(workspace, viewer, text, now), viewer)
    elif kind == RETRACT:
        take_back(workspace, viewer, text.get("call", ""))
    elif kind == ASK:
        _ask(workspace, viewer, text)
    else:
        raise UnusableError(f"Expected {LOG}, {RETRACT} or {ASK}.")


def take_back(workspace: Workspace, viewer: Viewer, call_id: str) -> bool:
    """Take back a call of the viewer's own; return False when there is nothing (any more) to take back."""
    try:
        return workspace.calls_made.retract(call_id, viewer)
    except RightsError:
        return False  # it never arrived, or is somebody else's: the same to whoever asks


def _calls(workspace: Workspace, viewer: Viewer, text: Mapping[str, str], now: datetime) -> pd.DataFrame:
    """Return one call as Calls, made by the viewer. Raises UnusableError."""
    role = workspace.reps()[Reps.role].get(viewer.rep_id)
    row = {
        Calls.call_id: text["id"],
        Calls.account_id: text.get("account", ""),
        Calls.rep_id: viewer.rep_id or "",
        Calls.role: role or "",
        Calls.date: text.get("date", ""),
        Calls.channel: text.get("channel", ""),
        Calls.outcome: text.get("outcome", ""),
        Calls.note: text.get("note", ""),
        Calls.logged_at: min(text.get("at", ""), moment(now)),  # a phone's clock may be wrong
    }
    fault = fault_of_call(row)
    if fault:
        raise UnusableError(f"This call can't be logged: {fault}")
    refuse_ahead(date.fromisoformat(row[Calls.date]), now)
    return calls_of([row])


def refuse_ahead(day: date, now: datetime) -> None:
    """Raise UnusableError when a call's day is still to come, wherever the person is; `now` in UTC."""
    if day > (now + EASTERNMOST).date():
        raise UnusableError(f"A call is logged once it was made: {day:%Y-%m-%d} is still to come.")


@dataclass(frozen=True)
class Merged:
    """What became of a file of logged calls; `refused` holds one sentence for each row that was not taken."""

    new: int
    known: int
    taken_back: int
    refused: tuple[str, ...]


def merge(workspace: Workspace, viewer: Viewer, brought: Brought, now: datetime) -> Merged:
    """Store the calls of an offline copy as the viewer's own; bringing them again changes nothing. `now` in UTC.

    Raises RightsError when the file is another rep's.
    """
    viewer.require(SEE_OWN)
    if brought.rep_ids - {viewer.rep_id}:
        raise RightsError("These calls are of another rep: only who made them can bring them.")
    role = workspace.reps()[Reps.role].get(viewer.rep_id)
    calls = brought.calls.assign(**{Calls.rep_id: viewer.rep_id, Calls.role: role})
    new, refused = 0, list(brought.unusable)
    for call_id in calls.index:
        call = calls.loc[[call_id]]
        try:
            refuse_ahead(call[Calls.date].iloc[0].date(), now)
            new += workspace.calls_made.log(call, viewer)
        except (RightsError, TableError, UnusableError) as error:
            refused.append(f"{call[Calls.date].iloc[0]:%Y-%m-%d}, account {call[Calls.account_id].iloc[0]}: {error}")
    back = sum(take_back(workspace, viewer, call_id) for call_id in brought.back)
    taken = len(calls) - (len(refused) - len(brought.unusable))
    return Merged(new, taken - new, back, tuple(refused))


def _ask(workspace: Workspace, viewer: Viewer, text: Mapping[str, str]) -> None:
    want, wish, reason = text.get("want", ""), text.get("wish", "").strip(), text.get("reason", "").strip()
    tiers = workspace.policy().tier_rule.labels
    if want not in (WRONG_TIER, WRONG_OWNER) or not reason or (want == WRONG_TIER and wish not in tiers):
        raise UnusableError("Say what is wrong, what it should be, and why.")
    workspace.people.ask(text.get("account", ""), want, wish, reason, viewer, request_id=text["id"])


def _grant(said: object) -> Grant:
    if isinstance(said, list) and [type(part) for part in said] == [str] * 5:
        return Grant(*said)
    raise _refused()


def _refused() -> GrantError:
    return GrantError("This address isn't signed by this app: open My territory.")


def _serializer(secret: bytes) -> URLSafeSerializer:
    return URLSafeSerializer(secret, salt=SALT, signer_kwargs={"digest_method": hashlib.sha256})
