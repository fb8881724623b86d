"""The routes the redraw editor talks to: JSON in, JSON out, under an address that is a grant.

A route runs no page script: a move is looked at, stored and answered in a worker thread, so that many people draw at once, and
go on drawing while the page's own connection is away.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from geo_territory.desk.desk import Desk
from geo_territory.errors import ClosedError, GrantError, TerritoryError, WorkspaceError

LIMIT_BYTES = 2 * 1024 * 1024
COMPRESS_FROM_BYTES = 512
JSON_TYPE = "application/json"
HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Vary": "Accept-Encoding",
}
HIGHEST = 2**53  # numbers of a browser are whole up to here
TAB = re.compile(r"[A-Za-z0-9_-]{1,64}")

Seat = tuple[Desk, str]  # the desk of a draft, and who sits at it
Seated = Callable[[str], Seat]
Asked = Mapping[str, Any]


class _UnusableError(ValueError):
    """What was sent can't be understood; the message says why."""


def routes(at: str, seated: Seated) -> list[BaseRoute]:
    """Return the editor's routes below the path `at`; `seated` gives the desk and the person of a grant, or raises GrantError.

    `seated` raises ClosedError when the draft is no longer open.
    """
    gets = {"": _whole, "/since": _since, "/accounts": _accounts, "/ledger": _ledger, "/solve": _solving}
    posts = {"/edits": _edits, "/look": _look, "/advice": _advice, "/solve": _solve, "/solve/cancel": _cancel}
    found: list[BaseRoute] = [Route(f"{at}/{{grant}}{end}", _getting(seated, answer), methods=["GET"]) for end, answer in gets.items()]
    return found + [Route(f"{at}/{{grant}}{end}", _posting(seated, answer), methods=["POST"]) for end, answer in posts.items()]


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
        raise _UnusableError("Expected ops, a list of numbered edits.")
    return seat[0].take(_tab(asked), _revision(asked, "have"), ops, seat[1])


def _look(seat: Seat, asked: Asked) -> Any:
    return seat[0].look(asked)


def _advice(seat: Seat, asked: Asked) -> Any:
    territory = asked.get("territory")
    if territory is not None and not isinstance(territory, str):
        raise _UnusableError("Expected the id of a territory, or null for all.")
    return seat[0].advice(territory)


def _accounts(seat: Seat, asked: Asked) -> Any:
    return seat[0].accounts(asked)


def _solve(seat: Seat, asked: Asked) -> Any:
    pinned = asked.get("pinned", [])
    if not isinstance(pinned, list) or not all(type(place) is int for place in pinned):
        raise _UnusableError("Expected pinned, a list of unit positions.")
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
        raise _UnusableError("Expected tab, the name of this page: letters and digits, at most 64.")
    return tab


def _revision(asked: Asked, name: str) -> int:
    """Return a revision, whether it came as a number of JSON or in the address."""
    try:
        revision = int(str(asked.get(name, "")))
    except ValueError:
        revision = -1
    if revision < 0:
        raise _UnusableError(f"Expected {name}, a revision of the draft: 0 or more.")
    return revision


# The way from a request to an answer, the same for all.


def _getting(seated: Seated, answer: Callable[[Seat, Asked], Any]) -> Callable[[Request], Response]:
    """Return an endpoint that Starlette runs in a thread of its own."""
    return lambda request: _answered(request, seated, answer, dict(request.query_params))


def _posting(seated: Seated, answer: Callable[[Seat, Asked], Any]) -> Any:
    async def endpoint(request: Request) -> Response:
        if request.headers.get("Content-Type", "").split(";")[0].strip().lower() != JSON_TYPE:
            return _refused("Expected the content type application/json.", 400)
        body = await _body(request)
        if body is None:
            return _refused(f"Expected at most {LIMIT_BYTES // 1024 // 1024} MB.", 400)
        try:
            asked = json.loads(body)
        except (ValueError, RecursionError):
            return _refused("Expected JSON.", 400)
        if not isinstance(asked, dict):
            return _refused("Expected a JSON object.", 400)
        return await run_in_threadpool(_answered, request, seated, answer, asked)

    return endpoint


async def _body(request: Request) -> bytes | None:
    """Return what was sent, None when it is too long."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > LIMIT_BYTES:
            return None
        parts.append(part)
    return b"".join(parts)


def _answered(request: Request, seated: Seated, answer: Callable[[Seat, Asked], Any], asked: Asked) -> Response:
    if not _from_here(request):
        return _refused("This was asked from another site.", 403)
    try:
        said = answer(seated(request.path_params["grant"]), asked)
    except GrantError as error:
        return _refused(str(error), 403)
    except ClosedError as error:
        return _refused(str(error), 404)
    except _UnusableError as error:
        return _refused(str(error), 400)
    except WorkspaceError as error:
        return _refused(str(error), 503)  # busy or full: the browser asks again until it is not
    except TerritoryError as error:
        return _refused(str(error), 409)
    if said is None:
        return Response(status_code=204, headers=HEADERS)
    return _json(request, said)


def _from_here(request: Request) -> bool:
    """Return whether a browser asked from a page of this host; a program that isn't a browser sends no origin."""
    origin = request.headers.get("Origin")
    if origin is None:
        return True
    forwarded = request.headers.get("X-Forwarded-Host", "").split(",")  # each proxy on the way adds its own
    hosts = {host.strip() for host in (request.headers.get("Host", ""), *forwarded)} - {""}
    try:
        return urlsplit(origin).netloc in hosts
    except ValueError:
        return False


def _json(request: Request, said: Any) -> Response:
    body = json.dumps(said, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode(errors="replace")
    headers = dict(HEADERS)
    if len(body) >= COMPRESS_FROM_BYTES and "gzip" in request.headers.get("Accept-Encoding", ""):
        body = gzip.compress(body, compresslevel=5, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return Response(body, headers=headers, media_type=JSON_TYPE)


def _refused(reason: str, status: int) -> Response:
    return Response(json.dumps({"error": reason}), status, headers=HEADERS, media_type=JSON_TYPE)
