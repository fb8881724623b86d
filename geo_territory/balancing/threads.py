"""One thread for linear algebra while anything is being solved: small systems are faster, and sums come out the same."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from threadpoolctl import ThreadpoolController

_lock = threading.Lock()
_inside: list[Any] = []  # one entry for each solve that runs; the first holds the limit


@cache
def thread_pools() -> ThreadpoolController:
    """Return the thread pools of the libraries loaded; to look through them takes milliseconds, so it is done once."""
    return ThreadpoolController()


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep linear algebra to one thread until the last of several overlapping solves has left: the limit is the process's."""
    with _lock:
        _inside.append(thread_pools().limit(limits=1, user_api="blas") if not _inside else _inside[0])
    try:
        yield
    finally:
        with _lock:
            limit = _inside.pop()
            if not _inside:
                limit.restore_original_limits()
