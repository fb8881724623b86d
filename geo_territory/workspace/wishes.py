"""What reps ask for: another tier or another owner of an account, and the answers."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any

import pandas as pd
from sqlalchemy import Connection, insert, select, update

from geo_territory.errors import RightsError, WorkspaceError
from geo_territory.people_tables import ACCEPTED, DECLINED, OPEN, WRONG_OWNER, WRONG_TIER
from geo_territory.policy import Policy
from geo_territory.rights import ANSWER, SEE_ALL, Viewer
from geo_territory.tables import Requests
from geo_territory.workspace import frames, overriding, persons
from geo_territory.workspace.access import Access
from geo_territory.workspace.people_schema import requests
from geo_territory.workspace.schema import policies
from geo_territory.workspace.scope import rep_ids_of, served, within

NOT_YOURS = "This account is not among yours: ask about one of your own."


def read(connection: Connection, rep_ids: Iterable[str] | None, state: str | None) -> pd.DataFrame:
    """Return Requests of some reps in one state, or all, oldest first."""
    wanted = select(requests).where(within(requests.c[Requests.rep_id], rep_ids))
    if state is not None:
        wanted = wanted.where(requests.c[Requests.state] == state)
    rows = wanted.order_by(requests.c[Requests.asked_at], requests.c[Requests.request_id])
    found = frames.read_rows(connection, rows, Requests)
    return persons.shown_in(found, [Requests.answered_by], persons.emails(connection))


def ask(
    access: Access, connection: Connection, account_id: str, kind: str, wish: str, reason: str, viewer: Viewer, request_id: str | None
) -> str:
    """Store a request within a write transaction; see `People.ask`."""
    rep_id, now = viewer.rep_id, access.clock()
    if rep_id is None or not served(connection, rep_id, account_id, now):
        raise RightsError(NOT_YOURS)
    wished, said = wish.strip(), reason.strip()
    _refuse_empty(connection, kind, wished, said)
    chosen = request_id or secrets.token_hex(8)
    known = connection.execute(select(requests).where(requests.c[Requests.request_id] == chosen)).one_or_none()
    if known is not None:
        if known._mapping[Requests.rep_id] != rep_id:
            raise RightsError("This request can't be sent under that number: send it again as a new one.")
        return chosen
    values: dict[str, Any] = {Requests.request_id: chosen, Requests.account_id: account_id, Requests.rep_id: rep_id, Requests.kind: kind}
    values |= {Requests.wish: wished or None, Requests.reason: said, Requests.asked_at: now, Requests.state: OPEN}
    connection.execute(insert(requests).values(values))
    new = f"another {kind} for account {account_id}{f': {wished}' if wished else ''}"
    access.record(connection, viewer.email, "request made", f"request {chosen}", new=new)
    return chosen


def answer(access: Access, connection: Connection, request_id: str, state: str, said: str, viewer: Viewer) -> None:
    """Answer a request within a write transaction; see `People.answer`."""
    viewer.require(ANSWER)
    if state not in (ACCEPTED, DECLINED):
        raise WorkspaceError(f"A request is {ACCEPTED} or {DECLINED}: got {state!r}.")
    row = connection.execute(select(requests).where(requests.c[Requests.request_id] == request_id)).one_or_none()
    asked = None if row is None else row._mapping
    team = rep_ids_of(connection, viewer)
    if asked is None or (team is not None and asked[Requests.rep_id] not in team):
        raise RightsError("There is no such request among those of your team.")
    if asked[Requests.rep_id] == viewer.rep_id and not viewer.may(SEE_ALL):
        raise RightsError("You asked this yourself: somebody above you answers it.")
    if asked[Requests.state] != OPEN:
        by = persons.shown(asked[Requests.answered_by], persons.emails(connection))
        raise WorkspaceError(f"This request was {asked[Requests.state]} by {by} on {asked[Requests.answered_at]:%Y-%m-%d} already.")
    now = access.clock()
    given: dict[str, Any] = {Requests.state: state, Requests.answered_at: now, Requests.answer: said.strip() or None}
    given[Requests.answered_by] = persons.key_of(connection, viewer.email, now)
    connection.execute(update(requests).where(requests.c[Requests.request_id] == request_id).values(given))
    access.record(connection, viewer.email, f"request {state}", f"request {request_id}", old=OPEN, new=state)
    if state == ACCEPTED and asked[Requests.kind] == WRONG_TIER:
        overriding.set_on(access, connection, [asked[Requests.account_id]], asked[Requests.wish], asked[Requests.reason], viewer.email)


def _refuse_empty(connection: Connection, kind: str, wish: str, reason: str) -> None:
    """Raise WorkspaceError unless a request says what is wanted and why."""
    if kind not in (WRONG_TIER, WRONG_OWNER):
        raise WorkspaceError(f"A request is about the {WRONG_TIER} or the {WRONG_OWNER}: got {kind!r}.")
    if not reason:
        raise WorkspaceError("A request needs a reason: say why, in a few words.")
    if kind == WRONG_TIER:
        toml = connection.execute(select(policies.c.toml).order_by(policies.c.policy_id.desc()).limit(1)).scalar_one_or_none()
        tiers = (Policy.from_toml(toml) if toml else Policy()).tier_rule.labels
        if wish not in tiers:
            raise WorkspaceError(f"Say which tier it should have: {', '.join(tiers)}.")
