"""Who may come in at all: everybody who signs in, or, without sign-in, only whoever sits at this computer.

Decided once, when the server starts: a file of secrets that is taken away later opens nothing.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from geo_territory.errors import TerritoryError

COOKIE_SECRET_LETTERS = 32
OF_PROVIDER = ("client_id", "client_secret", "server_metadata_url")
OF_A_PROXY = ("x-forwarded-for", "x-forwarded-host", "x-real-ip", "forwarded")
REMEDY = (
    "Without sign-in Geo Territory is only for whoever sits at this computer. To let others in, configure sign-in "
    "(README, “On a server”); to use it alone, open it at http://127.0.0.1."
)
POLICY_VIOLATION = 1008

_required = False


def signs_in() -> bool:
    """Return whether this server was started with sign-in."""
    return _required


def open_doors(address: str | None) -> list[Middleware]:
    """Decide who may come in to a server at `address` (None: every address of the machine); return what the app needs for it.

    Raises TerritoryError, with the remedy, when sign-in is incomplete, or is missing at an address others can reach.
    """
    global _required  # noqa: PLW0603
    _required = sign_in_configured()
    if _required:
        return []
    if not is_loopback(address or ""):
        raise TerritoryError(f"Not started at {address or 'every address of this machine'}. {REMEDY}")
    return [Middleware(OnlyHere)]


def sign_in_configured() -> bool:
    """Return whether the secrets have a section for sign-in. Raises TerritoryError when it can't work as it is."""
    if not st.secrets.load_if_toml_exists():
        broken = [path for path in st.get_option("secrets.files") if Path(path).exists()]
        if broken:
            raise TerritoryError(f"The file {broken[0]} can't be read as TOML: mend it, or take it away to run without sign-in.")
        return False
    if "auth" not in st.secrets:
        return False
    section = st.secrets["auth"]
    lacking = [name for name in ("redirect_uri", "cookie_secret") if not section.get(name)]
    if not lacking and not providers(section):
        lacking = [name for name in OF_PROVIDER if not section.get(name)]
    if lacking:
        raise TerritoryError(f"Sign-in is incomplete: [auth] in the secrets lacks {', '.join(lacking)} (README, “On a server”).")
    if len(section["cookie_secret"]) < COOKIE_SECRET_LETTERS:
        raise TerritoryError(
            f"cookie_secret in [auth] can be guessed: use {COOKIE_SECRET_LETTERS} random letters or more (`openssl rand -hex 32`)."
        )
    return True


def providers(section: Mapping[str, Any]) -> list[str | None]:
    """Return the names of those who vouch for people in a section [auth]; None is the one without a name."""
    named = [name for name, inside in section.items() if isinstance(inside, Mapping) and all(inside.get(key) for key in OF_PROVIDER)]
    return ([None] if all(section.get(key) for key in OF_PROVIDER) else []) + named


def is_loopback(host: str) -> bool:
    """Return whether a host name or address can only be reached from this machine."""
    name = host.strip("[]").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


class OnlyHere:
    """Answers only what was asked from this computer, by one of its own names, and not through a proxy.

    The address a server is started at isn't all: a proxy beside it, or a page that had its name changed to 127.0.0.1 in
    between, would let others in as the leader.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket") or asked_from_here(scope):
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            refused = PlainTextResponse(REMEDY, 403, headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"})
            await refused(scope, receive, send)
        else:
            await WebSocketClose(POLICY_VIOLATION, REMEDY[:120])(scope, receive, send)


def asked_from_here(scope: Scope) -> bool:
    """Return whether a request came to a loopback address, asks for a loopback name, and no proxy passed it on."""
    headers = Headers(scope=scope)
    name = headers.get("host", "").rsplit(":", 1)[0] if not headers.get("host", "").endswith("]") else headers["host"]
    reached = scope.get("server")
    return is_loopback(name) and reached is not None and is_loopback(str(reached[0])) and not any(mark in headers for mark in OF_A_PROXY)
