"""Many leaders editing at once, as the server sees them: each posts a move a second and looks for the others' every two seconds.

They run in a process of their own, a thread and a connection each, and say how long each answer took.
"""

from __future__ import annotations

import http.client
import json
import multiprocessing
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import numpy as np

from geo_territory.design import Design
from tests.benchmarks.worlds import border_units

EVERY_S = 1.0
LOOK_EVERY = 2  # moves
PATIENCE_S = 60.0
Handing = tuple[int, str]  # the unit at a position is handed to a territory


@dataclass(frozen=True, eq=False)
class Answers:
    """What leaders waited for: milliseconds of each move; how many moves were asked for, answered and refused."""

    waited: np.ndarray
    asked: int
    refused: int
    seconds: float

    @property
    def kept_up(self) -> float:
        """Moves answered over moves that a move a second would have been."""
        return len(self.waited) / self.asked


def border_moves(design: Design, leaders: int, each: int) -> list[list[Handing]]:
    """Return for each leader moves of border units, out and back again; no unit has two leaders."""
    owner = design.alignment.territory_of.reindex(design.unit_map.units.index).to_numpy()
    units = border_units(design)
    half = (each + 1) // 2
    if len(units) < leaders * half:
        raise ValueError(f"{len(units)} border units are too few for {leaders} leaders with {half} each.")
    found = []
    for leader in range(leaders):
        out = units[leader * half : (leader + 1) * half]
        found.append([move for unit, to in out for move in ((unit, to), (unit, str(owner[unit])))][:each])
    return found


def lead(address: str, grants: Sequence[str], moves: Sequence[Sequence[Handing]]) -> Answers:
    """Let a leader work at each address (several may be the same draft) in a process of its own; return what they waited for."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        waited, refused, seconds = pool.apply(_lead, (address, list(grants), [list(own) for own in moves]))
    return Answers(np.array(waited), sum(map(len, moves)), refused, seconds)


def _lead(address: str, grants: list[str], moves: list[list[Handing]]) -> tuple[list[float], int, float]:
    waited: list[float] = []
    refused: list[int] = []
    seated = threading.Barrier(len(grants) + 1)
    begin: list[float] = []
    leaders = [
        threading.Thread(target=_leader, args=(address, grant, f"leader{i}", own, seated, i / len(grants), begin, waited, refused))
        for i, (grant, own) in enumerate(zip(grants, moves, strict=True))
    ]
    for leader in leaders:
        leader.start()
    seated.wait()
    begin.append(time.perf_counter() + 0.2)
    seated.wait()
    for leader in leaders:
        leader.join()
    return waited, len(refused), time.perf_counter() - begin[0]


def _leader(
    address: str,
    grant: str,
    tab: str,
    moves: list[Handing],
    seated: threading.Barrier,
    late: float,
    begun: list[float],
    waited: list[float],
    refused: list[int],
) -> None:
    """Open the draft, wait for the others, then work through the moves, one a second; stop when the time for them is over."""
    line = http.client.HTTPConnection(urlsplit(address).netloc, timeout=PATIENCE_S)
    have = _ask(line, "GET", f"{grant}?tab={tab}")["rev"]
    seated.wait()
    seated.wait()
    begin = begun[0] + late
    for turn, (unit, to) in enumerate(moves):
        time.sleep(max(0.0, begin + turn * EVERY_S - time.perf_counter()))
        if time.perf_counter() > begin + len(moves) * EVERY_S:
            return
        since = time.perf_counter()
        op = {"seq": turn + 1, "kind": "move", "base": have, "moves": [{"units": [unit], "to": to}]}
        answer = _ask(line, "POST", f"{grant}/edits", {"tab": tab, "have": have, "ops": [op]})
        waited.append((time.perf_counter() - since) * 1000)
        refused.extend(said["seq"] for said in answer.get("refused", []))
        have = answer["rev"]
        if turn % LOOK_EVERY:
            found = _ask(line, "GET", f"{grant}/since?rev={have}&tab={tab}")
            have = found["rev"] if found else have


def _ask(line: http.client.HTTPConnection, method: str, path: str, body: dict | None = None) -> dict | None:
    headers = {"Content-Type": "application/json"} if body else {}
    line.request(method, path, json.dumps(body) if body else None, headers)
    answer = line.getresponse()
    said = answer.read()
    if answer.status == 204:
        return None
    if answer.status != 200:
        raise RuntimeError(f"{method} {path.split('?')[0][-12:]}: answer {answer.status}, {said[:200]!r}")
    return json.loads(said)
