"""The way from a request to an answer, the same for all routes that speak JSON: what may be asked, from where, and how errors are told.

A route is a function of what its address grants (the seat) and what was asked; it runs in a worker thread.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from geo_territory.errors import ClosedError, GrantError, RightsError, TerritoryError, WorkspaceError

LIMIT_BYTES = 2 * 1024 * 1024
COMPRESS_FROM_BYTES = 512
JSON_TYPE = "application/json"
HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Vary": "Accept-Encoding",
}

Seat = TypeVar("Seat")
Asked = Mapping[str, Any]


class UnusableError(ValueError):
    """What was sent can't be understood; the message says why."""


def getting(seated: Callable[[str], Seat], answer: Callable[[Seat, Asked], Any]) -> Callable[[Request], Response]:
    """Return an endpoint that Starlette runs in a thread of its own."""
    return lambda request: _answered(request, seated, answer, dict(request.query_params))


def posting(seated: Callable[[str], Seat], answer: Callable[[Seat, Asked], Any]) -> Any:
    """Return an endpoint that takes a JSON object of at most 2 MB."""

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


def _answered(request: Request, seated: Callable[[str], Seat], answer: Callable[[Seat, Asked], Any], asked: Asked) -> Response:
    if not _from_here(request):
        return _refused("This was asked from another site.", 403)
    try:
        said = answer(seated(request.path_params["grant"]), asked)
    except (GrantError, RightsError) as error:
        return _refused(str(error), 403)
    except ClosedError as error:
        return _refused(str(error), 404)
    except UnusableError as error:
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
