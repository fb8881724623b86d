"""The seal on a line of the audit: the hash of the line and of the seal before it, so that no line can be changed or left out unseen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime


def sealed(before: str, line: Iterable[object]) -> str:
    """Return the seal of a line [seq, at, who, what, object, old, new, why] that follows the line with seal `before` ("" for the first).

    It is the SHA-256, in hexadecimal, of `before` and the line as JSON: moments as 2026-03-01T12:00:00.000000, nothing escaped
    that need not be, no spaces.
    """
    words = [part.isoformat(timespec="microseconds") if isinstance(part, datetime) else part for part in line]
    return hashlib.sha256(
        (before + json.dumps(words, ensure_ascii=False, separators=(",", ":"))).encode("utf-8", "surrogatepass")
    ).hexdigest()
