"""Connections of a socket that somebody else opened send without waiting, as those asyncio opens do."""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor

from geo_territory.ui.at_once import answers_at_once


def test_a_connection_of_a_ready_made_socket_holds_nothing_back():
    """The socket is made as Streamlit makes it: without naming the protocol, which asyncio takes for another one than TCP."""

    async def kept() -> int:
        met: list[int] = []

        async def serve(reader, writer):
            met.append(writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        with socket.socket() as ready_made:
            ready_made.bind(("127.0.0.1", 0))
            async with answers_at_once(None):
                server = await asyncio.start_server(serve, sock=ready_made)
                _, writer = await asyncio.open_connection(*ready_made.getsockname())
                while not met:
                    await asyncio.sleep(0.001)
                writer.close()
                server.close()
                await server.wait_closed()
        return met[0]

    with ThreadPoolExecutor(1) as apart:  # a browser test before this one may have left a loop running in this thread
        assert apart.submit(asyncio.run, kept()).result() != 0
