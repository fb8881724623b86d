"""What lets a browser edit a draft: a signed word that names the workspace, the draft and the person.

A grant has no end of its own: it is worth something as long as the secret it is signed with, so a browser goes on sending
after a restart of the server. Whether the draft is still open, and the person may still plan, is asked of the workspace each time.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from itsdangerous import BadData, URLSafeSerializer

from geo_territory.errors import GrantError

SALT = "geo-territory redraw"
LONGEST = 2048  # letters; a longer word is not even unpacked


@dataclass(frozen=True)
class Grant:
    """May edit draft `draft_id` of the workspace with `place` (see `place_of`), as `who` (see `rights.holder`)."""

    place: str
    draft_id: int
    who: str

    def signed(self, secret: bytes) -> str:
        """Return the word for an address; the same grant and secret always give the same one."""
        return _serializer(secret).dumps([self.place, self.draft_id, self.who])


def place_of(url: str) -> str:
    """Return what names a workspace in a grant without telling where it lies."""
    return hashlib.sha256(url.encode()).hexdigest()[:16]


def claimed(word: str) -> Grant:
    """Return what a word claims, before its signature is looked at. Raises GrantError when it is none."""
    if len(word) > LONGEST:
        raise _refused()
    try:
        _, said = _serializer(b"").loads_unsafe(word)
    except BadData as error:
        raise _refused() from error
    return _grant(said)


def checked(word: str, secret: bytes) -> Grant:
    """Return what a word signed with `secret` grants. Raises GrantError."""
    try:
        return _grant(_serializer(secret).loads(word))
    except BadData as error:
        raise _refused() from error


def _grant(said: object) -> Grant:
    if isinstance(said, list) and [type(part) for part in said] == [str, int, str]:
        return Grant(*said)
    raise _refused()


def _refused() -> GrantError:
    return GrantError("This address isn't signed by this app: open the draft from the Redraw screen.")


def _serializer(secret: bytes) -> URLSafeSerializer:
    return URLSafeSerializer(secret, salt=SALT, signer_kwargs={"digest_method": hashlib.sha256})
