"""Who did something: a random key that stands for the person for good, and the e-mail behind it until it is erased.

Keys are what is written down; e-mails are put in their place when it is read.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime

import pandas as pd
from sqlalchemy import Connection, insert, select, update

from geo_territory.workspace.people_schema import persons

PREFIX = "person-"
_KEY = re.compile(rf"{PREFIX}[0-9a-f]{{16}}")


def key_of(connection: Connection, who: str, at: datetime) -> str:
    """Return the key of a person known by e-mail (or by the computer's user name); a key stands for itself, a new person gets one."""
    if _KEY.fullmatch(who):
        return who
    known = connection.execute(select(persons.c.person_key).where(persons.c.email == who)).scalar_one_or_none()
    if known is not None:
        return str(known)
    key = PREFIX + secrets.token_hex(8)
    connection.execute(insert(persons).values(person_key=key, email=who, since=at))
    return key


def emails(connection: Connection) -> dict[str, str]:
    """Return the e-mail by key, of everybody who isn't erased."""
    known = select(persons.c.person_key, persons.c.email).where(persons.c.email.is_not(None))
    return {row.person_key: row.email for row in connection.execute(known)}


def shown(text: str | None, known: Mapping[str, str]) -> str | None:
    """Return a text with the e-mail in place of every key that has one."""
    return None if text is None else _KEY.sub(lambda found: known.get(found.group(), found.group()), text)


def shown_in(frame: pd.DataFrame, columns: Iterable[str], known: Mapping[str, str]) -> pd.DataFrame:
    """Return a table with the e-mail in place of every key in some columns of text."""
    texts = {name: frame[name].map(lambda text: shown(text, known), na_action="ignore").astype(frame[name].dtype) for name in columns}
    return frame.assign(**texts)


def erase(connection: Connection, key: str, at: datetime) -> None:
    """Forget the e-mail behind a key; the key stays."""
    connection.execute(update(persons).where(persons.c.person_key == key).values(email=None, erased_at=at))
