"""The secret that signs addresses of a workspace: a file of its own, for its owner only.

It is not kept in the workspace itself: whoever is handed a copy of it could then sign addresses of this server. Where several
servers share a workspace, `GEO_TERRITORY_SECRET` gives all of them one.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from geo_territory.errors import WorkspaceError

ENDING = ".secret"
BYTES = 32


def signing_secret(workspace_path: str | Path) -> bytes:
    """Return the secret of the workspace at `workspace_path`, 32 random bytes; made once, and the same in every process.

    Raises WorkspaceError when it can't be read or written.
    """
    place = Path(f"{workspace_path}{ENDING}")
    try:
        if not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            _make(place)
        known = place.read_bytes()
    except OSError as error:
        raise WorkspaceError(f"The file {place} can't be read or made ({error.strerror}): let the app write in this folder.") from error
    if len(known) != BYTES:
        raise WorkspaceError(f"The file {place} is damaged: delete it, and open the pages that draw anew.")
    return known


def _make(place: Path) -> None:
    """Write a new secret whole or not at all; another process that was first keeps its own."""
    half = Path(f"{place}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(secrets.token_bytes(BYTES))
    try:
        os.link(half, place)
    except FileExistsError:
        pass
    finally:
        half.unlink()
