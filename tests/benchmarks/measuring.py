"""Runs a method under the clock, here or in a process of its own: seconds, CPU seconds, peak memory, and what came out."""

from __future__ import annotations

import multiprocessing
import time
import warnings
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np

from geo_territory.balancing import Problem
from tests.benchmarks.rivals import Rival

TO_PREPARE_S = 300.0
STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


@dataclass(frozen=True, eq=False)
class Run:
    """What a method did: territory (n,) int, None when nothing came of it; wall and CPU seconds; peak extra memory [bytes]."""

    territory: np.ndarray | None
    seconds: float
    cpu: float = float("nan")
    memory: float = float("nan")
    note: str = ""


def run_here(rival: Rival, problem: Problem, tolerance: float) -> Run:
    """Run in this process; only the work is timed, not its preparation. Errors are the benchmark's."""
    work = rival.method(problem, tolerance)
    return timed(work)


def timed(work: object) -> Run:
    """Return the Run of a prepared work, memory where the system tells it (Linux)."""
    before = _forget_peak()
    wall, cpu = time.perf_counter(), time.process_time()
    territory = work()
    seconds, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return Run(np.asarray(territory), seconds, cpu, _kilobytes("VmHWM") * 1024 - before)


def run_apart(rival: Rival, problem: Problem, tolerance: float, patience: float) -> Run:
    """Run in a process of its own, ended after `patience` [s] under the clock; what goes wrong there is the Run's note."""
    if not rival.version:
        return Run(None, float("nan"), note="not installed")
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_serve, args=(there, rival, problem, tolerance))
    process.start()
    there.close()
    try:
        if not here.poll(TO_PREPARE_S):
            return Run(None, float("nan"), note=f"not ready in {TO_PREPARE_S:.0f} s")
        said = here.recv()
        if isinstance(said, Run):
            return said
        return here.recv() if here.poll(patience) else Run(None, float("nan"), note=f"none in {patience:.0f} s")
    except EOFError:
        process.join()
        return Run(None, float("nan"), note=f"crashed, exit code {process.exitcode}")
    finally:
        process.kill()
        process.join()


def run_ours(method: Rival, problem: Problem, tolerance: float, patience: float = 600.0) -> Run:
    """Run Geo Territory apart; what goes wrong there is an error here. Raises RuntimeError."""
    done = run_apart(method, problem, tolerance, patience)
    if done.territory is None:
        raise RuntimeError(f"{method.name}, {problem.units:,} units, {problem.territories} territories: {done.note}")
    return done


def _serve(there: Connection, rival: Rival, problem: Problem, tolerance: float) -> None:
    try:
        work = rival.method(problem, tolerance)
        warnings.simplefilter("ignore")  # after the imports: some rivals set filters of their own
        there.send("ready")
        there.send(timed(work))
    except Exception as error:  # the rival's own: told in the table
        there.send(Run(None, float("nan"), note=f"{type(error).__name__}: {str(error)[:120]}"))


def _forget_peak() -> float:
    """Let the system's peak memory of this process start afresh, and return what is held now [bytes]."""
    if not CLEAR.exists():
        return float("nan")
    CLEAR.write_text("5")
    return _kilobytes("VmRSS") * 1024


def _kilobytes(field: str) -> float:
    if not STATUS.exists():
        return float("nan")
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith(field))
    return float(line.split()[1])
