"""Larkstone Supply, an invented company at real places: accounts, reps, the alignment it grew into, and half a year of calls.

Everything is drawn from one seed, with no clock, so the files of data/sample/ come out the same to the byte:
`python -m geo_territory.reference.sample`. No account, person or figure is real; places and ZIP codes are.

What is wrong with the company, on purpose, and where it is built in:

- its territories grew by history and are far out of balance: `company.TERRITORIES`
- its reps call what is near, small and familiar, first and more often: `calls.preference`
- so most A accounts are behind their weekly visit, while C accounts nobody planned to visit are visited
- the vice-president visits friends among the C accounts: `calls.VP_PREFERENCE`
- voicemails, cancelled and unanswered calls stand in the log as attempts: `calls.OUTCOMES_BY_CHANNEL`
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from geo_territory.reference.sample.accounts import draw_accounts, with_phones
from geo_territory.reference.sample.calls import draw_calls
from geo_territory.reference.sample.company import current_alignment, draw_reps, territories

SEED = 1952
PHONES = 1  # the stream of the phone numbers, beside that of everything else

ACCOUNTS_FILE = "sample/accounts.csv"
REPS_FILE = "sample/reps.csv"
TERRITORIES_FILE = "sample/territories.csv"
ALIGNMENT_FILE = "sample/alignment.csv"
CALLS_FILE = "sample/calls.csv"


def generate(seed: int = SEED) -> dict[str, pd.DataFrame]:
    """Return the company's tables by file name; the same seed gives the same tables."""
    rng = np.random.default_rng(seed)
    reps = draw_reps(rng)
    alignment = current_alignment()
    accounts = draw_accounts(rng, alignment)
    calls = draw_calls(rng, accounts, reps)
    return {
        ACCOUNTS_FILE: with_phones(np.random.default_rng([seed, PHONES]), accounts),
        REPS_FILE: reps,
        TERRITORIES_FILE: territories(),
        ALIGNMENT_FILE: alignment,
        CALLS_FILE: calls,
    }


def to_csv(table: pd.DataFrame) -> bytes:
    """Return a table as the bytes of its CSV file: UTF-8, ISO dates, one newline a row, on every system."""
    return table.to_csv(lineterminator="\n", date_format="%Y-%m-%d").encode("utf-8")


def write(folder: Path, seed: int = SEED) -> None:
    """Write the company's files below `folder`."""
    for name, table in generate(seed).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(to_csv(table))
