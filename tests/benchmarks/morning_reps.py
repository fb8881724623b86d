"""Reps on their phones as the server sees them: each is signed in, opens My territory, logs calls and opens it again.

They run in a process of their own, speak Streamlit's websocket as its page does, and say how long each step took.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import re
import secrets
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import date
from urllib.parse import urljoin, urlsplit

import httpx
import numpy as np
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value
from websockets.asyncio.client import connect

from tests.signing_in import COOKIE_SECRET

PATIENCE_S = 60.0
LIMITS = httpx.Limits(keepalive_expiry=2.0)  # below the server's, as browsers ask anew what met a line just closed
BUSY = 503
XSRF, USER = "_streamlit_xsrf", "_streamlit_user"
DATA = re.compile(rb"/geo/data/[\w.=-]+")
GRANT = re.compile(rb"/geo/day/[\w.=-]+")
OPENED, SEEN_AGAIN, LOGGED = "My territory opened", "opened again", "call logged"
RENEWED, TAKEN_BACK = "list renewed", "call taken back"
STEPS = (OPENED, LOGGED, RENEWED, TAKEN_BACK, SEEN_AGAIN)


@dataclass(frozen=True)
class Rep:
    """Who signs in, and the accounts they call."""

    email: str
    accounts: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Morning:
    """Seconds of each step of all reps; what went wrong, in words; CPU seconds of the reps' own process, and its wall seconds."""

    waited: dict[str, np.ndarray]
    wrong: list[str]
    cpu: float
    seconds: float


def spend(address: str, reps: Sequence[Rep], *, arrive_s: float, think_s: float) -> Morning:
    """Let reps arrive within some seconds and work, with pauses between their steps, in a process of their own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        waited, wrong, cpu, seconds = pool.apply(_spend, (address, list(reps), arrive_s, think_s))
    return Morning({step: np.array(found) for step, found in waited.items()}, wrong, cpu, seconds)


def _spend(address: str, reps: list[Rep], arrive_s: float, think_s: float) -> tuple[dict[str, list[float]], list[str], float, float]:
    waited: dict[str, list[float]] = defaultdict(list)
    wrong: list[str] = []
    since, cpu = time.perf_counter(), time.process_time()

    async def all_of_them() -> None:
        late = arrive_s / max(len(reps), 1)
        await asyncio.gather(*(_morning(address, rep, at * late, think_s, waited, wrong) for at, rep in enumerate(reps)))

    asyncio.run(all_of_them())
    return dict(waited), wrong, time.process_time() - cpu, time.perf_counter() - since


async def _morning(address: str, rep: Rep, late: float, think_s: float, waited: dict[str, list[float]], wrong: list[str]) -> None:
    random = np.random.default_rng(list(rep.email.encode()))

    async def think() -> None:
        await asyncio.sleep(think_s * random.uniform(0.5, 1.5))

    async def timed(step: str, work):
        since = time.perf_counter()
        found = await work
        waited[step].append(time.perf_counter() - since)
        return found

    await asyncio.sleep(late)
    try:
        async with (
            AsyncExitStack() as pages,
            httpx.AsyncClient(timeout=PATIENCE_S, limits=LIMITS, cookies=signed_in(address, rep.email)) as line,
        ):
            grant = await timed(OPENED, _open(line, address, pages))
            for account in rep.accounts:
                await think()
                call = f"day-{secrets.token_hex(12)}"
                await timed(LOGGED, _log(line, grant, call, account))
                await timed(RENEWED, _renewed(line, grant))
            await think()
            back = {"id": f"day-{secrets.token_hex(12)}", "kind": "retract", "call": call}
            await timed(TAKEN_BACK, _enter(line, grant, back))
            await think()
            await timed(SEEN_AGAIN, _open(line, address, pages))
    except Exception as error:  # whatever went wrong is told in the table, with whom it met
        wrong.append(f"{rep.email}: {type(error).__name__} {error}")


def signed_in(address: str, email: str) -> dict[str, str]:
    """Return the cookie a browser has once somebody vouched for a person, signed as the server signs it."""
    said = json.dumps({"origin": address, "is_logged_in": True, "email": email, "email_verified": True})
    return {USER: create_signed_value(COOKIE_SECRET, USER, said).decode()}


async def _open(line: httpx.AsyncClient, address: str, pages: AsyncExitStack) -> str:
    """Open My territory as a browser does: the page, its script run to the end, and what its map is made of. Returns the day's address."""
    (await line.get(f"{address}/my_territory")).raise_for_status()
    (await line.get(f"{address}/_stcore/health")).raise_for_status()  # gives the token against forged requests
    said = await _run(line, address, pages)
    grant, data = GRANT.search(said), set(DATA.findall(said))
    if grant is None or not data:
        raise RuntimeError(f"no day came: {re.sub(rb'[^ -~]+', b' ', said)[-300:]!r}")
    for answer in await asyncio.gather(*(line.get(urljoin(address, path.decode())) for path in data)):
        answer.raise_for_status()
    return urljoin(address, grant[0].decode())


async def _run(line: httpx.AsyncClient, address: str, pages: AsyncExitStack) -> bytes:
    """Run the page's script in a session of its own, which stays open with `pages`; return all the server said."""
    cookies = "; ".join(f"{name}={value}" for name, value in line.cookies.items())
    ask = BackMsg()
    ask.rerun_script.page_name = "my_territory"
    parts = []
    line_to = connect(
        f"ws://{urlsplit(address).netloc}/_stcore/stream",
        origin=address,
        subprotocols=["streamlit", line.cookies[XSRF]],
        additional_headers={"Cookie": cookies},
        max_size=None,
        compression=None,
        open_timeout=PATIENCE_S,
    )
    socket = await pages.enter_async_context(line_to)
    await socket.send(ask.SerializeToString())
    async with asyncio.timeout(PATIENCE_S):
        async for content in socket:
            parts.append(content)
            said = ForwardMsg.FromString(content)
            if said.WhichOneof("type") == "script_finished":
                if said.script_finished != ForwardMsg.FINISHED_SUCCESSFULLY:
                    raise RuntimeError(f"the script ended with {said.script_finished}")
                break
    return b"\n".join(parts)


async def _log(line: httpx.AsyncClient, grant: str, call: str, account: str) -> None:
    today = date.today().isoformat()
    await _enter(line, grant, {"id": call, "kind": "log", "account": account, "date": today, "channel": "visit", "outcome": "met"})


async def _renewed(line: httpx.AsyncClient, grant: str) -> None:
    (await line.get(grant)).raise_for_status()


async def _enter(line: httpx.AsyncClient, grant: str, entry: dict[str, str]) -> None:
    answer = await line.post(f"{grant}/calls", json={"entries": [entry]})
    while answer.status_code == BUSY:  # the page keeps the call and sends it again, later each time
        await asyncio.sleep(1.0)
        answer = await line.post(f"{grant}/calls", json={"entries": [entry]})
    if answer.status_code != 200 or answer.json()["done"] != [entry["id"]]:
        raise RuntimeError(f"answer {answer.status_code}: {answer.text[:200]}")
