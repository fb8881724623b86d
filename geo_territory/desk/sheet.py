"""A draft in memory: its state, its list of edits, its figures and the rows of the panel, and what of it is new to a tab."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from geo_territory.desk.ledger import Ledger
from geo_territory.redraw.basis import Basis
from geo_territory.redraw.draft import NOBODY, Draft
from geo_territory.redraw.edits import LOCK_TERRITORY, LOCK_UNIT, Edit
from geo_territory.redraw.figures import figures, version_figures
from geo_territory.redraw.history import History
from geo_territory.redraw.reading import territory_rows, whole
from geo_territory.redraw.words import Names, title
from geo_territory.tables import Scorecard

NOBODY_ON_WIRE = 65_535
# What changes in every row when the whole does, as when a unit goes to nobody; with them its name and slot are told.
RELATIVE = ("index", str(Scorecard.in_band), "target", "change")
PAINTED = frozenset({"move", "repair", "solve"})  # edits a tab has painted before they are acknowledged

Row = Mapping[str, Any]


class Sheet:
    """A draft that grows by edits. Not thread-safe: its desk sees to that."""

    def __init__(self, basis: Basis, edits: Iterable[Edit] = ()) -> None:
        """Begin with the version and add the edits stored so far."""
        self.basis = basis
        self.draft = Draft.begin(basis)
        self.history = History(self.draft)
        self.names = Names.of(basis)
        self.ledger = Ledger(basis, self.draft)
        self.figures = version_figures(basis)
        self.rows: Mapping[str, Row] = {}
        self._news: dict[str, int] = {}  # territory_id -> revision at which its row changed last …
        self._own_news: dict[str, int] = {}  # … and at which more of it changed than its share of the whole
        self._seqs: dict[str, int] = {}  # tab -> the highest of its operations that became an edit
        self._settled = -1
        self._taken: set[tuple[str, int]] = set()
        self.add(edits)
        self.settle()

    @property
    def rev(self) -> int:
        """The revision of the newest edit."""
        return self.history.rev

    def add(self, edits: Iterable[Edit]) -> None:
        """Add edits that are stored; figures follow with `settle`."""
        for edit in edits:
            before, self.draft = self.draft, self.draft.after(edit)
            self.history.add(edit)
            self.ledger.add(edit, before, self.draft)
            self._taken.add((edit.tab, edit.seq))
            self._seqs[edit.tab] = max(edit.seq, self._seqs.get(edit.tab, 0))

    def settle(self) -> None:
        """Bring figures and rows up to the newest edit."""
        if self._settled == self.rev:
            return
        self.figures = figures(self.basis, self.draft, self.figures)
        rows = territory_rows(self.basis, self.draft, self.figures)
        for name in self.draft.slots:
            was, now = self.rows.get(name), rows.get(name)
            if was == now and name in self._news:
                continue  # a territory that was gone when this sheet began is news once: a tab may still show it
            self._news[name] = self.rev
            if was is None or now is None or any(was[key] != now[key] for key in now if key not in RELATIVE):
                self._own_news[name] = self.rev
        self.rows = rows
        self._settled = self.rev

    def took(self, tab: str, seq: int) -> bool:
        """Return whether an operation of a tab became an edit."""
        return (tab, seq) in self._taken

    def highest(self, tab: str) -> int:
        """Return the highest operation of a tab that became an edit, 0 for none."""
        return self._seqs.get(tab, 0)

    # what is new after a revision

    def owners_since(self, have: int, tab: str) -> list[list[Any]]:
        """Return [slot, positions] of the units whose owner a tab at revision `have` can't know.

        It knows the owners of then, and what it painted itself since.
        """
        slot_of, position = self.draft.slot_of, self.draft.ground.position
        believed: dict[int, int] = {}
        for edit in self.history.edits[have:]:
            painted = edit.tab == tab and edit.kind in PAINTED
            for handover in edit.change.handovers:
                before, after = slot_of[handover.before], slot_of[handover.after]
                for unit in handover.units:
                    place = position[unit]
                    if painted:
                        believed[place] = after
                    else:
                        believed.setdefault(place, before)
        return self._by_slot([place for place, slot in believed.items() if self.draft.owner[place] != slot])

    def rows_since(self, have: int) -> list[Row]:
        """Return what changed in the rows of the panel after a revision; a territory that is gone says so.

        Where only its share of the whole changed, a row holds RELATIVE beside its id and slot.
        """
        changed = sorted(name for name, rev in self._news.items() if rev > have)
        return [self._row(name) if self._own_news.get(name, 0) > have else self._share(name) for name in changed]

    def marks_since(self, have: int) -> dict[str, Any]:
        """Return locks and exceptions where they changed after a revision."""
        late = [edit.change for edit in self.history.edits[have:]]
        said: dict[str, Any] = {}
        if any(change.locks for change in late):
            said["locks"] = self.locks()
        if any(change.exceptions for change in late):
            said["exceptions"] = self.exceptions()
        return said

    def entries(self, have: int) -> list[dict[str, Any]]:
        """Return the entries of the ledger that are new, or stand differently, after a revision."""
        return self.ledger.entries(self.history, have, self.told)

    def entries_before(self, rev: int) -> list[dict[str, Any]]:
        """Return earlier entries of the ledger, those next to a revision."""
        return self.ledger.entries_before(self.history, rev, self.told)

    def told(self, edit: Edit) -> str:
        """Return what an edit did, in a few words."""
        return title(edit, self.history.edits, self.history.territory_names, self.names)

    # what there is

    def locks(self) -> dict[str, Any]:
        """Return what is locked."""
        locks, position = self.draft.locks, self.draft.ground.position
        return {
            "units": sorted(position[name] for kind, name in locks if kind == LOCK_UNIT),
            "territories": sorted(name for kind, name in locks if kind == LOCK_TERRITORY),
            "all": self.draft.is_all_locked,
        }

    def exceptions(self) -> list[list[str]]:
        """Return the accounts that are in another territory than their unit, with that territory."""
        return [list(pair) for pair in sorted(self.draft.exceptions.items())]

    def whole(self) -> dict[str, Any]:
        """Return the figures of the whole draft."""
        return whole(self.basis, self.figures, self.rev)

    def all_rows(self) -> list[Row]:
        """Return a row for every slot, the gone ones too."""
        return [self._row(name) for name in self.draft.slots]

    def _row(self, name: str) -> Row:
        return self.rows.get(name) or {"id": name, "slot": self.draft.slot_of[name], "gone": True}

    def _share(self, name: str) -> Row:
        return {key: self.rows[name][key] for key in ("id", "slot", *RELATIVE)}

    def _by_slot(self, places: list[int]) -> list[list[Any]]:
        found = np.array(sorted(places), np.int64)
        slots = self.draft.owner[found]
        return [[wired(int(slot)), found[slots == slot].tolist()] for slot in np.unique(slots)]


def wired(slot: int) -> int:
    """Return a slot as browsers know it: 65535 is nobody."""
    return NOBODY_ON_WIRE if slot == NOBODY else slot
