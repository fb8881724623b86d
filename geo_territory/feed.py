"""The HTTP routes beside the app: what maps are drawn from, and the desks of drafts, under addresses only the app can make.

    feed = local()                          # one per process; the app and its routes share it
    app = st.App(..., routes=routes(feed))
    address = feed.publish(payload, url, viewer)    # "/geo/data/<grant>.<signature>"
    address = feed.redraw_grant(url, 7, viewer)     # "/geo/redraw/<grant>.<signature>"

An address is a key: it is signed, and made only in Python for a person who may see what lies there. It names the person, who is
looked up in the workspace at every request: whoever may no longer sign in is refused, and so is a change of a draft by somebody
who may no longer plan. Nothing here knows sessions. Map data is read-only; its address is the same for the same content and
person all day, so that a browser keeps what it has fetched, and ends with the day after. It lasts as long as the process unless
GEO_TERRITORY_SECRET is set. The address of a draft outlives a restart: a browser that drew while the server was away goes on
sending to it.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from itsdangerous import BadData, URLSafeSerializer
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from xstatic.pkg import leaflet

from geo_territory import desk, logbook, maps
from geo_territory.errors import GrantError, RightsError, TerritoryError
from geo_territory.maps import Payload
from geo_territory.rights import PLAN, Viewer, holder, standing
from geo_territory.workspace import DEFAULT_URL, URL_VARIABLE

SECRET_VARIABLE = "GEO_TERRITORY_SECRET"
STORE_BYTES = 256 * 1024 * 1024
COMPRESS_FROM_BYTES = 512
FOR_EVER = "max-age=31536000, immutable"
A_DAY = "max-age=86400, immutable"
SCRIPT_TYPE = "text/javascript; charset=utf-8"
STYLE_TYPE = "text/css; charset=utf-8"
OWN_SCRIPTS = frozenset({*maps.SCRIPTS, *maps.REDRAW_SCRIPTS, *maps.DAY_SCRIPTS})
SAFE = {"X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin", "Vary": "Accept-Encoding"}


@dataclass(frozen=True)
class Item:
    """A payload and its compressed bytes."""

    payload: Payload
    packed: bytes

    @property
    def size(self) -> int:
        """Bytes held in memory."""
        return len(self.payload.content) + len(self.packed)


class Store:
    """Payloads by content hash; the least recently used leave when more than `limit` bytes are held. Safe across threads."""

    def __init__(self, limit: int = STORE_BYTES) -> None:
        self.limit = limit
        self._items: OrderedDict[str, Item] = OrderedDict()
        self._held = 0
        self._lock = threading.Lock()

    def put(self, payload: Payload) -> None:
        """Hold a payload; one already held counts as just used. The newest is held even when it alone exceeds the limit."""
        with self._lock:
            if payload.hash in self._items:
                self._items.move_to_end(payload.hash)
                return
        item = Item(payload, gzip.compress(payload.content, compresslevel=5, mtime=0))
        with self._lock:
            if payload.hash not in self._items:
                self._items[payload.hash] = item
                self._held += item.size
            while self._held > self.limit and len(self._items) > 1:
                self._held -= self._items.popitem(last=False)[1].size

    def get(self, content_hash: str) -> Item | None:
        """Return what is held under a hash, None when it is not held or no longer."""
        with self._lock:
            item = self._items.get(content_hash)
            if item is not None:
                self._items.move_to_end(content_hash)
            return item


@dataclass(frozen=True)
class Feed:
    """Where payloads wait for browsers, and the secret that signs their addresses.

    `secret`: at least 16 bytes, the same in every process that serves one app. `base_path`: the path the app is mounted
    under (Streamlit's server.baseUrlPath), without slashes at its ends. `today`: gives the day, UTC.
    """

    secret: bytes = field(repr=False)
    base_path: str = ""
    store: Store = field(default_factory=Store)
    today: Callable[[], date] = field(default=lambda: datetime.now(UTC).date(), repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) < 16:
            raise ValueError(f"Expected a secret of at least 16 bytes: {len(self.secret)} bytes can be guessed.")
        object.__setattr__(self, "base_path", self.base_path.strip("/"))

    def publish(self, payload: Payload, url: str, viewer: Viewer) -> str:
        """Hold a payload and return its address for a person of the workspace at `url`: the same all day, worth nothing after the next."""
        self.store.put(payload)
        place = desk.place_of(url)
        _WORKSPACES[place] = url
        word = self._serializer.dumps([payload.hash, place, holder(viewer), self.today().toordinal() + 1])
        return self.under_base(f"/geo/data/{word}")

    def published(self, word: str, signs_in: bool) -> Item | None:
        """Return what lies at an address made by `publish`, None when it is held no longer.

        `signs_in` says that people sign in here. Raises GrantError, or RightsError when its person has no access any more.
        """
        try:
            content_hash, place, person, last_day = self._serializer.loads(word)
        except (BadData, UnicodeError, ValueError) as error:
            raise GrantError("This address is not signed by this app: open the map from its page.") from error
        if self.today().toordinal() > last_day:
            raise GrantError("This address is of an earlier day: reload the page.")
        _person(place, person, signs_in)
        return self.store.get(content_hash)

    @property
    def _serializer(self) -> URLSafeSerializer:
        """Signs addresses; the digest is SHA-256, not the library's SHA-1."""
        return URLSafeSerializer(self.secret, salt="geo-territory map data", signer_kwargs={"digest_method": hashlib.sha256})

    def leaflet_style(self) -> str:
        """Return the address of Leaflet's style sheet."""
        return self.under_base("/vendor/leaflet/leaflet.css")

    def scripts(self) -> list[str]:
        """Return the addresses of the scripts of a map, in the order they must load."""
        return [self.under_base("/vendor/leaflet/leaflet.js"), *map(self._script, maps.SCRIPTS)]

    def redraw_scripts(self) -> list[str]:
        """Return the addresses of the scripts of the redraw editor, in the order they must load, after those of a map."""
        return [self._script(name) for name in maps.REDRAW_SCRIPTS]

    def day_scripts(self) -> list[str]:
        """Return the addresses of the scripts of a rep's day sheet, in the order they must load, after those of a map."""
        return [self._script(name) for name in maps.DAY_SCRIPTS]

    def day_grant(self, url: str, rep_id: str, viewer: Viewer, day: date | None) -> str:
        """Return the address at which a person looks at the day of a rep and logs their own calls; good for some days.

        `day`: the day looked at, None for the day it is.
        """
        _WORKSPACES[desk.place_of(url)] = url
        until = (self.today() + logbook.KEPT).isoformat()
        grant = logbook.Grant(desk.place_of(url), holder(viewer), rep_id, "" if day is None else day.isoformat(), until)
        return self.under_base(f"/geo/day/{grant.signed(_secret_of(url))}")

    def redraw_grant(self, url: str, draft_id: int, viewer: Viewer) -> str:
        """Return the address at which a person edits draft `draft_id` of the workspace at `url`; the same for the same three."""
        _WORKSPACES[desk.place_of(url)] = url
        grant = desk.Grant(desk.place_of(url), draft_id, holder(viewer))
        return self.under_base(f"/geo/redraw/{grant.signed(_secret_of(url))}")

    def _script(self, name: str) -> str:
        return self.under_base(f"/geo/assets/{asset_item(name).payload.hash}/{name}")

    def under_base(self, address: str) -> str:
        """Return an address below the base path."""
        return f"/{self.base_path}{address}" if self.base_path else address


_WORKSPACES: dict[str, str] = {}  # what names a workspace in a grant -> its address
_PROCESS_SECRET = secrets.token_bytes(32)
_PROCESS_STORE = Store()


def local(base_path: str = "") -> Feed:
    """Return this process's feed: wherever it is asked for in a process, it has the same secret and the same store.

    The secret comes from the environment variable GEO_TERRITORY_SECRET (set the same for several processes behind one
    address), else it is random and lives as long as the process.
    """
    given = os.environ.get(SECRET_VARIABLE, "").encode()
    return Feed(given or _PROCESS_SECRET, base_path, _PROCESS_STORE)


def routes(feed: Feed | None = None, signs_in: bool = False) -> list[BaseRoute]:
    """Return the routes to mount beside the app: map data, drafts, the map's own scripts, Leaflet from its installed package.

    Each carries the base path itself: a mount over all of it would hide the app's own pages. `signs_in` says that people sign in
    here: then no address of somebody who didn't is answered.
    """
    feed = feed or local()
    at = feed.under_base
    return [
        Route(at("/geo/data/{word}"), _data(feed, signs_in), methods=["GET"]),
        *desk.routes(at("/geo/redraw"), lambda word: _seated(word, signs_in)),
        *logbook.routes(at("/geo/day"), lambda word: _day_seated(word, signs_in)),
        Route(at("/geo/assets/{content_hash}/{name:path}"), _asset, methods=["GET"]),
        Route(at("/geo/{rest:path}"), _unknown, methods=["GET"]),
        Mount(at("/vendor/leaflet"), _Leaflet(directory=Path(leaflet.BASE_DIR))),
    ]


def _secret_of(url: str) -> bytes:
    """Return what signs the grants of a workspace: the secret of the environment, else the one beside the workspace's file."""
    return os.environ.get(SECRET_VARIABLE, "").encode() or desk.workspace_at(url).signing_secret()


def _url_of(place: str) -> str:
    """Return the address of the workspace a grant names; after a restart too, when no page has come back yet."""
    here = os.environ.get(URL_VARIABLE, DEFAULT_URL)
    url = {desk.place_of(here): here, **_WORKSPACES}.get(place)
    if url is None:
        raise GrantError("This address is of another workspace: open it anew, a draft from the Redraw screen.")
    return url


def _person(place: str, person: str, signs_in: bool) -> Viewer:
    """Return the person of a grant as they stand now, read from the workspace each time."""
    return standing(person, signs_in, lambda email: desk.workspace_at(_url_of(place)).people.viewer(email))


def _seated(word: str, signs_in: bool) -> tuple[desk.Desk, str]:
    """Return the desk and the person of a grant; RightsError when they may not plan."""
    url = _url_of(desk.claimed(word).place)
    grant = desk.checked(word, _secret_of(url))
    viewer = _person(grant.place, grant.who, signs_in)
    viewer.require(PLAN)
    return desk.at(url, grant.draft_id), viewer.email


def _day_seated(word: str, signs_in: bool) -> logbook.Seat:
    """Return who looks at whose day by a grant, as they stand now."""
    url = _url_of(logbook.claimed(word).place)
    grant = logbook.checked(word, _secret_of(url), datetime.now(UTC).date())
    viewer = _person(grant.place, grant.who, signs_in)
    day = date.fromisoformat(grant.day) if grant.day else date.today()
    return logbook.Seat(desk.workspace_at(url), viewer, grant.rep_id, day, not grant.day, datetime.now(UTC))


def _data(feed: Feed, signs_in: bool) -> Callable[[Request], Response]:
    def answer(request: Request) -> Response:
        try:
            item = feed.published(request.path_params["word"], signs_in)
        except (GrantError, RightsError) as error:
            return _refused(str(error), 403)
        except TerritoryError as error:
            return _refused(str(error), 503)
        if item is None:
            return _refused("This map's data is no longer held: reload the page.", 404)
        return _content(request, item, f"private, {A_DAY}")

    return answer


@cache
def asset_item(name: str) -> Item:
    """Return one of the map's own scripts, ready to be served."""
    payload = Payload(maps.asset(name).encode(), SCRIPT_TYPE)
    return Item(payload, gzip.compress(payload.content, mtime=0))


def _asset(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in OWN_SCRIPTS or asset_item(name).payload.hash != request.path_params["content_hash"]:
        return _refused("There is no such file in this version: reload the page.", 404)
    return _content(request, asset_item(name), f"public, {FOR_EVER}")


def _unknown(request: Request) -> Response:
    return _refused("There is nothing at this address.", 404)


def _refused(reason: str, status: int) -> Response:
    return PlainTextResponse(reason, status, headers={**SAFE, "Cache-Control": "no-store"})


def _content(request: Request, item: Item, caching: str) -> Response:
    tag = f'"{item.payload.hash}"'
    headers = {**SAFE, "Cache-Control": caching, "ETag": tag}
    if tag in request.headers.get("If-None-Match", ""):
        return Response(status_code=304, headers=headers)
    packed = "gzip" in request.headers.get("Accept-Encoding", "") and len(item.payload.content) >= COMPRESS_FROM_BYTES
    body = item.packed if packed else item.payload.content
    return Response(body, headers={**headers, **({"Content-Encoding": "gzip"} if packed else {})}, media_type=item.payload.media_type)


class _Leaflet(StaticFiles):
    """Leaflet's own files with their content types, whatever the machine's type table says; kept for a day."""

    def file_response(self, full_path: Any, stat_result: Any, scope: Any, status_code: int = 200) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        known = {".js": SCRIPT_TYPE, ".css": STYLE_TYPE}.get(Path(full_path).suffix)
        if known:
            response.headers["Content-Type"] = known
        response.headers["Cache-Control"] = "public, max-age=86400"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response
