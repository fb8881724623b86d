"""Answers leave at once: the server's socket doesn't hold back the end of an answer until the browser has acknowledged its head."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

TCP, NO_DELAY = 6, 1  # IPPROTO_TCP and TCP_NODELAY, the same on every system


@asynccontextmanager
async def answers_at_once(app: object) -> AsyncIterator[None]:
    """Be the app's lifespan: the listening socket, and with it each connection, sends without waiting.

    Streamlit opens that socket itself, before the app begins, and asyncio switches the waiting off only for sockets it opened
    as TCP. A head and a body sent apart then lie 40 ms from each other on a connection that is kept: a move's answer would too.
    """
    del app
    loop: Any = asyncio.get_running_loop()
    create_server = loop.create_server

    async def create_server_at_once(*args: Any, **options: Any) -> Any:
        if options.get("sock") is not None:
            options["sock"].setsockopt(TCP, NO_DELAY, 1)
        return await create_server(*args, **options)

    loop.create_server = create_server_at_once
    try:
        yield
    finally:
        loop.create_server = create_server
