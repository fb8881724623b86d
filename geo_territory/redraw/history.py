"""The list of a draft's edits: who may take back what, what still stands, and who changed a thing last.

Every unit, exception, territory line, lock and channel has a *setter*: the edit that gave it its value (0 is the version).
Taking an edit back gives the setter before it its place again, so that whoever came before may go on taking back. Nothing
here looks through all edits: each operation costs as much as it touches.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, MutableMapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from geo_territory.errors import TerritoryError
from geo_territory.redraw import words
from geo_territory.redraw.draft import NOBODY, Draft, Ground
from geo_territory.redraw.edits import NOBODY_ID, REDO, REVERT, UNDO, Change, Edit, Key
from geo_territory.redraw.words import Names

K = TypeVar("K")


@dataclass(eq=False)
class _Root:
    """An edit that says something new (no undo, redo or revert): what it touched, whose values it displaced, how it stands."""

    change: Change
    units: np.ndarray  # (k,) positions
    keys: tuple[Key, ...]
    unit_setters: np.ndarray  # (k,) the setters it displaced
    key_setters: list[int]
    revs: list[int]  # the edit itself and the reverts that speak of it
    on: bool = False
    held: int = 0  # how many of its units and keys it is the setter of
    may_turn: bool = False  # whether it can be taken back (when on) or brought back (when off)


class History:
    """The edits of a draft in their order, newest last, and what follows from them.

    `territory_names` holds the last name of every territory there ever was. Change it with `add` only.
    """

    def __init__(self, draft: Draft) -> None:
        """Begin with a draft that has no edits."""
        self.edits: list[Edit] = []
        self.territory_names = {name: line.name for name, line in draft.territories.items()}
        self._ground = draft.ground
        self._unit_setter = np.zeros(len(draft.owner), np.int32)
        self._unit_changed = np.zeros(len(draft.owner), np.int32)
        self._key_setter: dict[Key, int] = {}
        self._key_changed: dict[Key, int] = {}
        self._roots: dict[int, _Root] = {}
        self._root_of: list[int] = [0]  # by rev
        self._says_on: list[bool] = [True]  # by rev: whether it says that its root is in force
        self._undone: set[int] = set()
        self._undo: defaultdict[str, list[int]] = defaultdict(list)
        self._redo: defaultdict[str, list[int]] = defaultdict(list)
        self._off_by_unit: defaultdict[int, set[int]] = defaultdict(set)
        self._off_by_key: defaultdict[Key, set[int]] = defaultdict(set)
        self._gone: set[str] = set()
        self._members = _members(draft)
        self._naming: defaultdict[str, list[int]] = defaultdict(list)  # roots with units, accounts or the line of a territory
        self._making: defaultdict[str, list[int]] = defaultdict(list)  # roots that make or end a territory
        self._turned_at: list[int] = []  # revisions at which the standing of an edit changed …
        self._turned: list[int] = []  # … and which edit's

    @property
    def rev(self) -> int:
        """The revision of the newest edit, 0 before any."""
        return len(self.edits)

    def edit(self, rev: int) -> Edit:
        """Return the edit of a revision; raises TerritoryError when there is none."""
        if not 1 <= rev <= self.rev:
            raise TerritoryError(f"There is no edit {rev}: the newest is {self.rev}. Load the map again.")
        return self.edits[rev - 1]

    def add(self, edit: Edit) -> None:
        """Add the next edit; raises TerritoryError when its revision isn't the next one."""
        if edit.rev != self.rev + 1:
            raise TerritoryError(f"Edit {edit.rev} can't follow edit {self.rev}. Load the map again.")
        self.edits.append(edit)
        if edit.of is not None and edit.kind in (UNDO, REDO, REVERT):
            says_on = self._says_on[edit.of] == (edit.kind == REDO)
            self._root_of.append(self._root_of[edit.of])
            self._says_on.append(says_on)
            if edit.kind == REVERT:
                self._roots[self._root_of[edit.rev]].revs.append(edit.rev)
        else:
            self._root_of.append(edit.rev)
            self._says_on.append(True)
            self._roots[edit.rev] = self._begun(edit)
        self._stack(edit)
        self._turn(self._root_of[edit.rev], self._says_on[edit.rev], edit.rev)

    def undoable(self, who: str) -> Edit | None:
        """Return the newest edit of a person that stands, None without one: what undo takes back."""
        return next((self.edits[rev - 1] for rev in reversed(self._undo[who]) if self.is_standing(rev)), None)

    def redoable(self, who: str) -> Edit | None:
        """Return the edit that a person took back last and that can be brought back, None without one."""
        return next((self.edits[rev - 1] for rev in reversed(self._redo[who]) if self._may_return(rev)), None)

    def has_done(self, who: str) -> bool:
        """Return whether a person has edits that are not undone, whether or not they stand."""
        return bool(self._undo[who])

    def has_undone(self, who: str) -> bool:
        """Return whether a person has taken edits back and done nothing since."""
        return bool(self._redo[who])

    def is_standing(self, rev: int) -> bool:
        """Return whether all that an edit set is still as it set it, so that it can be taken back by itself."""
        root = self._roots[self._root_of[rev]]
        is_step = self.edits[rev - 1].kind in (UNDO, REDO)
        return not is_step and rev not in self._undone and root.on == self._says_on[rev] and root.may_turn

    def is_undone(self, rev: int) -> bool:
        """Return whether an edit was taken back and is not in force now."""
        is_step = self.edits[rev - 1].kind in (UNDO, REDO)
        return not is_step and self._roots[self._root_of[rev]].on != self._says_on[rev]

    def turned_after(self, rev: int) -> list[int]:
        """Return the revisions of the edits whose standing, or being undone, may have changed after `rev`, sorted."""
        return sorted(set(self._turned[bisect_right(self._turned_at, rev) :]))

    def change_of(self, kind: str, rev: int) -> Change:
        """Return what an undo, redo or revert of an edit changes."""
        change = self.edits[rev - 1].change
        return change if kind == REDO else change.inverse()

    def changed_by_others(self, change: Change, base: int, tab: str | None) -> tuple[Edit, np.ndarray, tuple[Key, ...]] | None:
        """Return the newest edit after `base` of another tab than `tab` that was last to touch something of `change`.

        Beside the edit: what it last touched, positions of units, (k,) int, and keys. None when nobody else touched any of it.
        """
        units = _positions(self._ground, change)
        at = self._unit_changed[units]
        keys = {key: self._key_changed.get(key, 0) for key in change.things()}
        late = {int(rev) for rev in np.unique(at[at > base])} | {rev for rev in keys.values() if rev > base}
        others = [rev for rev in late if self.edits[rev - 1].tab != tab]
        if not others:
            return None
        newest = max(others)
        return self.edits[newest - 1], units[at == newest], tuple(key for key, rev in keys.items() if rev == newest)

    def title(self, edit: Edit, names: Names) -> str:
        """Return what an edit did, in one line, such as 3 units from Denver to Dallas."""
        return words.title(edit, self.edits, self.territory_names, names)

    # inside

    def _begun(self, edit: Edit) -> _Root:
        change = edit.change
        units, keys = _positions(self._ground, change), tuple(change.things())
        named = {name for h in change.handovers for name in (h.before, h.after)} | set(change.territories)
        named |= {name for pair in change.exceptions.values() for name in pair if name}
        for name in named - {NOBODY_ID}:
            self._naming[name].append(edit.rev)
        for name, (before, after) in change.territories.items():
            if before is None or after is None:
                self._making[name].append(edit.rev)
        setters = [self._key_setter.get(key, 0) for key in keys]
        return _Root(change, units, keys, self._unit_setter[units], setters, [edit.rev])

    def _stack(self, edit: Edit) -> None:
        """Keep what the person may undo and redo."""
        done, taken_back = self._undo[edit.who], self._redo[edit.who]
        if edit.kind == UNDO and edit.of is not None:
            _take(done, edit.of)
            taken_back.append(edit.of)
            self._undone.add(edit.of)
        elif edit.kind == REDO and edit.of is not None:
            _take(taken_back, edit.of)
            done.append(edit.of)
            self._undone.discard(edit.of)
        else:
            for rev in taken_back:
                self._forget(self._root_of[rev])
            taken_back.clear()
            done.append(edit.rev)

    def _forget(self, root_rev: int) -> None:
        """Stop watching what an edit would need to come back, once nobody can do it again."""
        root = self._roots[root_rev]
        if not root.on and len(root.revs) == 1:
            self._watch(root, root_rev, False)
            root.may_turn = False

    def _turn(self, root_rev: int, on: bool, rev: int) -> None:
        """Put a root in force or out of it, at revision `rev`, and judge again what that touches."""
        root = self._roots[root_rev]
        touched = self._set(root, root_rev, on, rev)
        root.on = on
        touched |= self._count(root, on)
        self._watch(root, root_rev, not on)
        for name, line in _lines_after(root.change, on):
            if line is None:
                self._gone.add(name)
            else:
                self._gone.discard(name)
                self.territory_names[name] = line
        turned = [each for each in touched if self._judge(each)]
        self._note({root_rev, *turned}, rev)

    def _set(self, root: _Root, root_rev: int, on: bool, rev: int) -> set[int]:
        """Give the root's units and keys their setter; return the roots whose hold changed."""
        gained = (np.full(len(root.units), root_rev, np.int32), [root_rev] * len(root.keys))
        given = gained if on else (root.unit_setters, root.key_setters)
        lost = (root.unit_setters, root.key_setters) if on else gained
        touched = {root_rev}
        for sign, (unit_setters, key_setters) in ((1, given), (-1, lost)):
            revs, counts = np.unique(np.concatenate([unit_setters, np.array(key_setters, np.int32)]), return_counts=True)
            for setter, count in zip(revs.tolist(), counts.tolist(), strict=True):
                if setter:
                    self._roots[setter].held += sign * count
                    touched.add(setter)
        self._unit_setter[root.units] = given[0]
        self._unit_changed[root.units] = rev
        for key, setter in zip(root.keys, given[1], strict=True):
            self._key_setter[key] = setter
            self._key_changed[key] = rev
            touched |= self._off_by_key.get(key, set())
        if self._off_by_unit:
            touched.update(*(self._off_by_unit[unit] for unit in root.units.tolist() if unit in self._off_by_unit))
        return touched

    def _count(self, root: _Root, on: bool) -> set[int]:
        """Count the members of territories; return the roots that depend on the count, or on a territory's being there."""
        touched: set[int] = set()
        for before, after, count in _flows(root.change, on):
            self._members[before] -= count
            self._members[after] += count
            touched.update(self._making.get(before, ()), self._making.get(after, ()))
        for name, _ in _births_and_ends(root.change):
            touched.update(self._naming[name])
        return touched

    def _watch(self, root: _Root, root_rev: int, wanted: bool) -> None:
        """Be told, or no longer, when something changes that a root out of force would need to come back."""
        for unit in root.units.tolist():
            _mark(self._off_by_unit, unit, root_rev, wanted)
        for key in root.keys:
            _mark(self._off_by_key, key, root_rev, wanted)

    def _judge(self, root_rev: int) -> bool:
        """Judge again whether a root can be taken, or brought, back; return whether that changed."""
        root = self._roots[root_rev]
        if root.on:
            may_turn = root.held == len(root.units) + len(root.keys)
        else:
            may_turn = np.array_equal(self._unit_setter[root.units], root.unit_setters)
            may_turn = may_turn and [self._key_setter.get(key, 0) for key in root.keys] == root.key_setters
        may_turn = may_turn and self._fits(root.change, not root.on)
        changed, root.may_turn = may_turn != root.may_turn, may_turn
        return changed

    def _fits(self, change: Change, on: bool) -> bool:
        """Return whether turning a change on (or off) leaves no unit and no exception in a territory that isn't there."""
        born = {name for name, line in _lines_after(change, on) if line is not None}
        ended = {name for name, line in _lines_after(change, on) if line is None}
        flows = list(_flows(change, on))
        if any(after in self._gone and after not in born for _, after, _ in flows):
            return False
        left = {name: self._members[name] for name in ended}
        for before, after, count in flows:
            if before in ended:
                left[before] -= count
            if after in ended:
                left[after] += count
        return not any(left.values())

    def _note(self, roots: Iterable[int], rev: int) -> None:
        for root_rev in roots:
            revs = self._roots[root_rev].revs
            self._turned_at.extend([rev] * len(revs))
            self._turned.extend(revs)

    def _may_return(self, rev: int) -> bool:
        root = self._roots[self._root_of[rev]]
        return root.may_turn and root.on != self._says_on[rev]


def _members(draft: Draft) -> defaultdict[str, int]:
    """Return how many units and exceptions each territory has."""
    counts = np.bincount(draft.owner[draft.owner != NOBODY], minlength=len(draft.slots))
    members = defaultdict(int, zip(draft.slots, counts.tolist(), strict=True))
    for name in draft.exceptions.values():
        members[name] += 1
    return members


def _positions(ground: Ground, change: Change) -> np.ndarray:
    return ground.positions(unit for handover in change.handovers for unit in handover.units)


def _flows(change: Change, on: bool) -> Iterator[tuple[str, str, int]]:
    """Yield how many units and exceptions go from where to where when a change is turned on, or off."""
    flows = [(h.before, h.after, len(h.units)) for h in change.handovers]
    flows += [(before or NOBODY_ID, after or NOBODY_ID, 1) for before, after in change.exceptions.values()]
    for before, after, count in flows:
        yield (before, after, count) if on else (after, before, count)


def _lines_after(change: Change, on: bool) -> Iterator[tuple[str, str | None]]:
    """Yield the name of each territory line when a change is turned on, or off; None for one that is gone."""
    for name, pair in change.territories.items():
        line = pair[1] if on else pair[0]
        yield name, None if line is None else line.name


def _births_and_ends(change: Change) -> Iterator[tuple[str, bool]]:
    for name, (before, after) in change.territories.items():
        if before is None or after is None:
            yield name, before is None


def _take(revs: list[int], rev: int) -> None:
    """Take a revision out of a list, looking from its end."""
    del revs[len(revs) - 1 - revs[::-1].index(rev)]


def _mark(index: MutableMapping[K, set[int]], what: K, root_rev: int, wanted: bool) -> None:
    """Add a root to those that watch something, or take it out."""
    if wanted:
        index[what].add(root_rev)
    elif what in index:
        index[what].discard(root_rev)
        if not index[what]:
            del index[what]
