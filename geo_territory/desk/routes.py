"""The routes the redraw editor talks to: JSON in, JSON out, under an address that is a grant.

A route runs no page script: a move is looked at, stored and answered in a worker thread, so that many people draw at once, and
go on drawing while the page's own connection is away.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from starlette.routing import BaseRoute, Route

from geo_territory.answers import Asked, UnusableError, getting, posting
from geo_territory.desk.desk import Desk

HIGHEST = 2**53  # numbers of a browser are whole up to here
TAB = re.compile(r"[A-Za-z0-9_-]{1,64}")

Seat = tuple[Desk, str]  # the desk of a draft, and who sits at it
Seated = Callable[[str], Seat]


def routes(at: str, seated: Seated) -> list[BaseRoute]:
    """Return the editor's routes below the path `at`; `seated` gives the desk and the person of a grant, or raises GrantError.

    `seated` raises ClosedError when the draft is no longer open.
    """
    gets = {"": _whole, "/since": _since, "/accounts": _accounts, "/ledger": _ledger, "/solve": _solving}
    posts = {"/edits": _edits, "/look": _look, "/advice": _advice, "/solve": _solve, "/solve/cancel": _cancel}
    found: list[BaseRoute] = [Route(f"{at}/{{grant}}{end}", getting(seated, answer), methods=["GET"]) for end, answer in gets.items()]
    return found + [Route(f"{at}/{{grant}}{end}", posting(seated, answer), methods=["POST"]) for end, answer in posts.items()]


# What each route answers; None is "nothing new".


def _whole(seat: Seat, asked: Asked) -> Any:
    return seat[0].whole(_tab(asked), seat[1])


def _since(seat: Seat, asked: Asked) -> Any:
    return seat[0].since(_tab(asked), _revision(asked, "rev"), seat[1])


def _ledger(seat: Seat, asked: Asked) -> Any:
    return seat[0].ledger(_revision(asked, "before"))


def _edits(seat: Seat, asked: Asked) -> Any:
    ops = asked.get("ops", [])
    if not isinstance(ops, list) or not all(isinstance(op, dict) and _is_number(op.get("seq")) for op in ops):
        raise UnusableError("Expected ops, a list of numbered edits.")
    return seat[0].take(_tab(asked), _revision(asked, "have"), ops, seat[1])


def _look(seat: Seat, asked: Asked) -> Any:
    return seat[0].look(asked)


def _advice(seat: Seat, asked: Asked) -> Any:
    territory = asked.get("territory")
    if territory is not None and not isinstance(territory, str):
        raise UnusableError("Expected the id of a territory, or null for all.")
    return seat[0].advice(territory)


def _accounts(seat: Seat, asked: Asked) -> Any:
    return seat[0].accounts(asked)


def _solve(seat: Seat, asked: Asked) -> Any:
    pinned = asked.get("pinned", [])
    if not isinstance(pinned, list) or not all(type(place) is int for place in pinned):
        raise UnusableError("Expected pinned, a list of unit positions.")
    return seat[0].solve(pinned, keep_drawn=asked.get("drawn") is not False)


def _solving(seat: Seat, asked: Asked) -> Any:
    del asked
    return seat[0].solving()


def _cancel(seat: Seat, asked: Asked) -> Any:
    del asked
    return seat[0].cancel()


def _is_number(seq: object) -> bool:
    return type(seq) is int and 0 < seq < HIGHEST


def _tab(asked: Asked) -> str:
    tab = asked.get("tab", "")
    if not isinstance(tab, str) or not TAB.fullmatch(tab):
        raise UnusableError("Expected tab, the name of this page: letters and digits, at most 64.")
    return tab


def _revision(asked: Asked, name: str) -> int:
    """Return a revision, whether it came as a number of JSON or in the address."""
    try:
        revision = int(str(asked.get(name, "")))
    except ValueError:
        revision = -1
    if revision < 0:
        raise UnusableError(f"Expected {name}, a revision of the draft: 0 or more.")
    return revision
