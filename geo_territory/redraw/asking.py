"""From what a browser asks to an edit, or to a refusal that says why and what to do.

Everything an operation holds comes from outside and is checked here; whatever it is, the answer is an edit, a refusal, or None
when there is nothing to do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeGuard
from unicodedata import category

import numpy as np

from geo_territory.errors import TerritoryError
from geo_territory.redraw import shaping
from geo_territory.redraw.basis import Basis
from geo_territory.redraw.draft import NOBODY, Draft
from geo_territory.redraw.edits import (
    EVERYTHING,
    LOCK_TERRITORY,
    LOCK_UNIT,
    NOBODY_ID,
    REDO,
    REVERT,
    UNDO,
    Change,
    Edit,
)
from geo_territory.redraw.history import History
from geo_territory.redraw.refusing import Asked, RefusedError, clash, locked, why_not
from geo_territory.redraw.words import Names
from geo_territory.tables import CHANNELS

COLOR = re.compile(r"#[0-9a-fA-F]{6}")
LONGEST_NAME, LONGEST_REASON = 80, 500
SHOWN_UNITS = 500  # of the units that a refusal is about, so many are named
HIGHEST = 2**53  # numbers of a browser are whole up to here
STRANGE = "This page sent something that can't be understood ({}): load it again."


@dataclass(frozen=True)
class Refusal:
    """Why an operation changed nothing: its number, the reason in words, and the positions of the units in its way."""

    seq: int
    reason: str
    units: tuple[int, ...] = ()


def asked_edit(
    asked: Mapping[str, Any], draft: Draft, history: History, basis: Basis, names: Names, *, who: str, tab: str, at: datetime
) -> Edit | Refusal | None:
    """Return the next edit for an operation of a browser tab, why it is refused, or None when it would change nothing.

    An operation is refused whole: when something in it isn't there, is locked, or was changed by another tab after `base`, the
    revision its tab had seen. `at` is now, UTC. Never raises for whatever JSON values `asked` holds.
    """
    op = Asked(asked, draft, history, basis, names, who, tab, at)
    said = asked.get("seq")
    seq = said if _is_whole(said) else 0
    try:
        kind, change, of = _wanted(op)
        if change.is_empty:
            return None
        if of is None:
            _expect_untouched(op, change)
        _expect_unlocked(op, change)
        return Edit(draft.rev + 1, kind, change, who, at, tab, seq, _text(op, "reason", LONGEST_REASON) or "", of)
    except RefusedError as refused:
        return Refusal(seq, str(refused), tuple(refused.units[:SHOWN_UNITS]))
    except TerritoryError as error:
        return Refusal(seq, str(error))


def _wanted(op: Asked) -> tuple[str, Change, int | None]:
    """Return the kind of edit, what it changes, and the edit it speaks of."""
    kind = op.op.get("kind")
    if kind in (UNDO, REDO, REVERT):
        of = _revert(op) if kind == REVERT else _step(op, kind)
        return str(kind), op.history.change_of(str(kind), of.rev), of.rev
    if not isinstance(kind, str) or kind not in WANTED:
        raise RefusedError(STRANGE.format(f"kind {kind!r}"[:40]))
    why = op.op.get("why")
    return why if kind == "move" and why in ("repair", "solve") else kind, WANTED[kind](op), None


def _move(op: Asked) -> Change:
    moves = op.op.get("moves")
    if not isinstance(moves, list) or not all(isinstance(move, dict) for move in moves):
        raise RefusedError(STRANGE.format("moves"))
    return Change(op.draft.handing([(_units(op, move.get("units")), _territory(op, move.get("to"), nobody=True)) for move in moves]))


def _move_accounts(op: Asked) -> Change:
    to = None if op.op.get("to") is None else _territory(op, op.op["to"])
    exceptions = {}
    for account, position in _accounts(op).items():
        unit = int(op.basis.unit_of_account[position])
        before, after = op.draft.exceptions.get(account), None if op.draft.owner_of(unit) == to else to
        if before != after:
            exceptions[account] = (before, after)
    return Change(exceptions=exceptions)


def _lock(op: Asked) -> Change:
    on = op.op.get("on")
    if not isinstance(on, bool):
        raise RefusedError(STRANGE.format("on"))
    if op.op.get("all") is True:
        wanted = [EVERYTHING]
    elif isinstance(op.op.get("territories"), list):
        wanted = [(LOCK_TERRITORY, _territory(op, name)) for name in op.op["territories"]]
    else:
        wanted = [(LOCK_UNIT, op.draft.ground.ids[unit]) for unit in _units(op, op.op.get("units")).tolist()]
    return Change(locks={lock: (not on, on) for lock in wanted if (lock in op.draft.locks) != on})


def _line(op: Asked) -> Change:
    name = _territory(op, op.op.get("id"))
    before = op.draft.territories[name]
    after = before
    if "name" in op.op:
        after = replace(after, name=_new_name(op, but=name))
    if "color" in op.op:
        color = op.op["color"]
        if not isinstance(color, str) or not COLOR.fullmatch(color):
            raise RefusedError("A colour is six digits or letters a to f after a #, such as #1F78B4: choose another one.")
        after = replace(after, color=color)
    if "rep" in op.op:
        rep = op.op["rep"] or ""
        if not isinstance(rep, str) or (rep and rep not in op.basis.reps.index):
            raise RefusedError(f"There is no rep {str(rep)[:40]} in the team: choose one of the list.")
        after = replace(after, rep_id=rep)
    return Change(territories={} if after == before else {name: (before, after)})


def _add(op: Asked) -> Change:
    name = "" if op.op.get("name") in (None, "") else _new_name(op)
    return shaping.added(op.basis, op.draft, _units(op, op.op.get("units")), name)


def _merge(op: Asked) -> Change:
    gone = op.op.get("from")
    if not isinstance(gone, list):
        raise RefusedError(STRANGE.format("from"))
    return shaping.merged(op.basis, op.draft, [_territory(op, name) for name in gone], _territory(op, op.op.get("into")))


def _split(op: Asked) -> Change:
    return shaping.split(op.basis, op.draft, _territory(op, op.op.get("id")))


def _delete(op: Asked) -> Change:
    to = None if op.op.get("to") is None else _territory(op, op.op["to"])
    return shaping.deleted(op.basis, op.draft, _territory(op, op.op.get("id")), to)


def _channel(op: Asked) -> Change:
    channel = op.op.get("channel")
    if channel is not None and channel not in CHANNELS:
        raise RefusedError(f"There is no channel {str(channel)[:40]}: choose {', '.join(CHANNELS)}, or none for what is planned.")
    after = None if channel == CHANNELS[0] else channel
    before = {account: op.draft.channels.get(account) for account in _accounts(op)}
    return Change(channels={account: (was, after) for account, was in before.items() if was != after})


WANTED: Mapping[str, Callable[[Asked], Change]] = {
    "move": _move,
    "move_accounts": _move_accounts,
    "lock": _lock,
    "territory": _line,
    "add": _add,
    "merge": _merge,
    "split": _split,
    "delete": _delete,
    "channel": _channel,
}


def _step(op: Asked, kind: str) -> Edit:
    """Return the edit that undo or redo speaks of."""
    found = op.history.undoable(op.who) if kind == UNDO else op.history.redoable(op.who)
    if found is None:
        left = op.history.has_done(op.who) if kind == UNDO else op.history.has_undone(op.who)
        since = " by itself: it was changed since" if left else ""
        raise RefusedError(f"Nothing of yours can be {'undone' if kind == UNDO else 'done again'}{since}.")
    return found


def _revert(op: Asked) -> Edit:
    rev = op.op.get("of")
    if not _is_whole(rev):
        raise RefusedError(STRANGE.format("of"))
    edit = op.history.edit(rev)
    if not op.history.is_standing(edit.rev):
        raise RefusedError(why_not(edit, op))
    return edit


def _expect_untouched(op: Asked, change: Change) -> None:
    """Raise RefusedError when another tab changed something of it after this one looked."""
    base = op.op.get("base")
    if not _is_whole(base) or base > op.draft.rev:
        raise RefusedError(STRANGE.format("base"))
    found = op.history.changed_by_others(change, base, op.tab)
    if found is not None:
        edit, units, keys = found
        told = clash(edit, units, keys, op)
        raise RefusedError(f"{told} Look again.", units.tolist())


def _expect_unlocked(op: Asked, change: Change) -> None:
    """Raise RefusedError when a lock stands against it; who only locks, names, colours or calls differently is not held up."""
    draft = op.draft
    units = draft.ground.positions(unit for handover in change.handovers for unit in handover.units)
    ended = {name for name, (_, after) in change.territories.items() if after is None}
    named = {name for handover in change.handovers for name in (handover.before, handover.after)} | ended
    if change.exceptions:
        unit_of = {account: int(op.basis.unit_of_account[position]) for account, position in _found(op, list(change.exceptions)).items()}
        units = np.concatenate([units, np.fromiter(unit_of.values(), np.int32)])
        for account, pair in change.exceptions.items():
            where = draft.owner_of(unit_of[account]) if account in unit_of else NOBODY_ID
            named.update(where if name is None else name for name in pair)
    if draft.is_all_locked and (len(units) or ended or change.exceptions):
        raise RefusedError("Everything is locked: unlock it first.", units.tolist())
    shut = sorted(name for name in named if name and draft.is_locked(name))
    if shut:
        inside = np.isin(draft.owner[units], [draft.slot_of[name] for name in shut])
        raise RefusedError(locked([(LOCK_TERRITORY, name) for name in shut], op), units[inside].tolist())
    held = units[draft.locked_units()[units]].tolist()
    if held:
        raise RefusedError(locked([(LOCK_UNIT, draft.ground.ids[unit]) for unit in held], op), held)


def _units(op: Asked, said: object) -> np.ndarray:
    """Return positions of units, (k,) int64."""
    if not isinstance(said, list) or not all(map(_is_whole, said)):
        raise RefusedError(STRANGE.format("units"))
    count = len(op.draft.owner)
    strange = [unit for unit in said if unit >= count]
    if strange:
        raise RefusedError(f"There is no unit {strange[0]} on this map of {count:,}: load the page again.")
    return np.array(said, np.int64)


def _territory(op: Asked, said: object, *, nobody: bool = False) -> str:
    """Return the id of a living territory, or "" where that is allowed."""
    if said == NOBODY_ID and nobody:
        return NOBODY_ID
    if not isinstance(said, str):
        raise RefusedError(STRANGE.format("territory"))
    if said not in op.draft.territories:
        name = op.history.territory_names.get(said)
        if name is None:
            raise RefusedError(f"There is no territory {said[:40]}: choose another one.")
        ended = op.history.changed_by_others(Change(territories={said: (None, None)}), 0, None)
        told = clash(*ended, op) if ended else f"{name} is no longer there."
        raise RefusedError(f"{told} Choose another territory.")
    return said


def _accounts(op: Asked) -> dict[str, int]:
    """Return the accounts an operation names, account_id -> position among those on the map."""
    said = op.op.get("accounts")
    if not isinstance(said, list) or not all(isinstance(account, str) for account in said):
        raise RefusedError(STRANGE.format("accounts"))
    found = _found(op, said)
    missing = [account for account in said if account not in found]
    if missing:
        raise RefusedError(f"{op.names.some_accounts(missing)[:120]}: not on this map. Choose accounts that have a place.")
    return found


def _found(op: Asked, accounts: list[str]) -> dict[str, int]:
    positions = op.basis.accounts.get_indexer(accounts)
    return {account: position for account, position in zip(accounts, positions.tolist(), strict=True) if position != NOBODY}


def _new_name(op: Asked, but: str | None = None) -> str:
    """Return the name asked for, trimmed; it may not be blank nor another territory's."""
    name = " ".join((_text(op, "name", LONGEST_NAME) or "").split())
    if not name:
        raise RefusedError("A territory needs a name: say what people will call it, such as Front Range.")
    if any(line.name == name for other, line in op.draft.territories.items() if other != but):
        raise RefusedError(f"There is a territory {name} already: choose another name.")
    return name


def _text(op: Asked, name: str, longest: int) -> str | None:
    """Return a text that can be stored and shown: without control characters, trimmed and cut."""
    said = op.op.get(name)
    if not isinstance(said, str):
        return None
    shown = "".join(" " if category(letter) == "Cc" else letter for letter in said if category(letter) != "Cs")
    return shown.strip()[:longest]


def _is_whole(said: object) -> TypeGuard[int]:
    return type(said) is int and 0 <= said < HIGHEST
