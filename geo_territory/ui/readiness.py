"""What a server does while it waits for its first visitor: the draft changed last, and the base map, are made ready."""

from __future__ import annotations

import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from geo_territory import desk
from geo_territory.errors import TerritoryError
from geo_territory.maps.backdrop import base_payloads
from geo_territory.ui import session
from geo_territory.ui.at_once import answers_at_once

log = logging.getLogger(__name__)


@asynccontextmanager
async def ready_for_visitors(app: object) -> AsyncIterator[None]:
    """Be the app's lifespan: answers leave at once, and the first visitor finds made what takes seconds to make."""
    async with answers_at_once(app):
        threading.Thread(target=make_ready, name="make ready", daemon=True).start()
        yield


def make_ready() -> None:
    """Make what the first visitor would wait for; a workspace that can't be read is the page's to tell of."""
    base_payloads()
    try:
        desk.warm(session.url())
    except TerritoryError as error:
        log.info("nothing was made ready: %s", error)
