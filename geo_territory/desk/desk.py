"""A desk: one draft in the memory of one process, for all who draw on it.

Every edit is stored before it is answered. Edits that another process stored are taken in before anything is answered, so the
workspace is the truth and a desk can be given up at any time.
"""

from __future__ import annotations

import base64
import secrets
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from geo_territory.boundaries import PALETTE
from geo_territory.design import Design
from geo_territory.desk.advising import advised, solved
from geo_territory.desk.facts import facts_payload
from geo_territory.desk.ledger import SHOWN
from geo_territory.desk.listing import Listing
from geo_territory.desk.looking import looked
from geo_territory.desk.sheet import NOBODY_ON_WIRE, Sheet
from geo_territory.desk.solves import IDLE, Solve
from geo_territory.errors import ClosedError
from geo_territory.maps import Payload
from geo_territory.maps.redraw_texts import REDRAW_TEXTS
from geo_territory.redraw.asking import Refusal, asked_edit
from geo_territory.redraw.basis import Basis
from geo_territory.redraw.edits import Edit
from geo_territory.redraw.outcome import design_of
from geo_territory.scorecard import BAND
from geo_territory.tables import Reps
from geo_territory.workspace import DraftRecord, Workspace, keep_design

REMEMBERED = 500  # refusals that can be told again

Op = Mapping[str, Any]
Answer = dict[str, Any]


@dataclass(frozen=True)
class Kept:
    """What became of a draft that was saved: a version made of `edits` edits, and a draft of those that came in meanwhile."""

    design_id: int
    edits: int
    later_draft_id: int | None = None
    later_name: str = ""


class Desk:
    """One draft, for any number of pages and people at once."""

    def __init__(self, workspace: Workspace, record: DraftRecord, basis: Basis) -> None:
        """Read the draft's edits; `basis` is of the design it begins from."""
        self.workspace = workspace
        self.basis = basis
        self.draft_id, self.design_id = record.draft_id, record.design_id
        self.doc = f"draft {record.draft_id} of {record.created_at:%Y%m%dT%H%M%S}"
        self._lock = threading.RLock()
        self._keeping = threading.Lock()  # saving takes a while: others go on drawing, but nobody saves the same draft beside it
        self._refused: OrderedDict[tuple[str, int], Answer] = OrderedDict()
        self._solve: Solve | None = None
        self._listing = Listing(basis)
        self._drawn: Sheet | None = None
        self._sheet.settle()

    @property
    def token(self) -> str:
        """Names what the map of the draft is made from: the same for every draft of a version, as long as it is held."""
        return str(self.basis.kept.setdefault("token", secrets.token_hex(8)))

    @cached_property
    def facts(self) -> Payload:
        """What browsers know of every unit."""
        return facts_payload(self.basis)

    # editing

    def take(self, tab: str, have: int, ops: Sequence[Op], who: str) -> Answer:
        """Look at a tab's operations in their order, store what they change, and answer what is new to the tab after revision `have`.

        An operation that was looked at before is acknowledged, and not done again. Raises WorkspaceError when the draft is closed.
        """
        with self._lock:
            try:
                refused, ack = self._store(tab, ops, who)
            except BaseException:
                self._drawn = None  # nothing of this was stored, and what is can perhaps not be read at this moment
                raise
            return self._answer(tab, have, who, ack, refused)

    def since(self, tab: str, have: int, who: str) -> Answer | None:
        """Return what is new to a tab after revision `have`, None when nothing is."""
        with self._lock:
            self._catch_up()
            if self._sheet.rev == have:
                return None
            return self._answer(tab, have, who, self._sheet.highest(tab), [])

    def ledger(self, before: int) -> Answer:
        """Return older entries of the ledger, those next to revision `before`, and how many are older still."""
        with self._lock:
            self._catch_up()
            return {"ledger": self._sheet.entries_before(before), "older": max(0, before - 1 - SHOWN)}

    def whole(self, tab: str, who: str) -> Answer:
        """Return the whole state, for a tab that begins or begins again."""
        with self._lock:
            with self.workspace.drafts.writing(self.draft_id) as page:
                self._sheet.add(page.edits_after(self._sheet.rev))
                seq = page.last_seq(tab)
            self._sheet.settle()
            sheet = self._sheet
            answer = self._answer(tab, 0, who, seq, [])
            del answer["owners"]
            answer |= {"owner": _packed(sheet.draft.owner), "version_owner": _packed(self.basis.owner)}
            answer |= {"territories": sheet.all_rows(), "locks": sheet.locks(), "exceptions": sheet.exceptions()}
            answer |= {"older": max(0, sheet.rev - SHOWN), "seq": seq, "facts": self.facts.hash}
            return answer | self._standing() | {"name": self.workspace.drafts.get(self.draft_id).name}

    # asking

    def look(self, asked: Mapping[str, Any]) -> Answer:
        """Return what a selection holds, and what both sides would come to if it were handed over; nothing changes."""
        with self._lock:
            self._catch_up()
            sheet = self._sheet
            known = (sheet.draft, sheet.figures)
        return {"rev": known[0].rev, **looked(self.basis, *known, asked)}

    def advice(self, territory: str | None) -> Answer:
        """Return what is wrong with a territory, or with all, and what would mend it."""
        with self._lock:
            self._catch_up()
            draft, known = self._sheet.draft, self._sheet.figures
        return {"rev": draft.rev, **advised(self.basis, draft, known, territory)}

    def accounts(self, asked: Mapping[str, Any]) -> Answer:
        """Return accounts by name; see Listing.answer."""
        with self._lock:
            self._catch_up()
            draft = self._sheet.draft
        return self._listing.answer(draft, asked)

    def solve(self, pinned: Sequence[int], keep_drawn: bool = True) -> Answer:
        """Begin to solve what is neither pinned nor, when that is kept, drawn, unless that is under way; return the job's name."""
        with self._lock:
            self._catch_up()
            if self._solve is None or not self._solve.running:
                draft, basis = self._sheet.draft, self.basis
                self._solve = Solve(draft.rev, lambda progress: solved(basis, draft, pinned, keep_drawn, progress))
            return {"job": self._solve.name}

    def solving(self) -> Answer:
        """Return how far the solve is, or what it proposes."""
        with self._lock:
            return dict(IDLE) if self._solve is None else self._solve.told()

    def cancel(self) -> Answer:
        """Stop the solve."""
        with self._lock:
            if self._solve is not None:
                self._solve.cancel()
        return self.solving()

    # the draft as a whole

    @property
    def rev(self) -> int:
        """The revision of the newest edit."""
        with self._lock:
            self._catch_up()
            return self._sheet.rev

    def figures(self) -> Answer:
        """Return the figures of the whole draft as it is now, as in an answer's `whole`."""
        with self._lock:
            self._catch_up()
            return self._sheet.whole()

    def design(self) -> Design:
        """Return the draft as it is now as a design."""
        with self._lock:
            self._catch_up()
            draft = self._sheet.draft
        return design_of(self.basis, draft)

    def keep(self, name: str, who: str) -> Kept:
        """Save the draft as a version and close it. Edits that come in meanwhile go on in a draft of their own."""
        with self._keeping:
            return self._kept(name, who)

    def _kept(self, name: str, who: str) -> Kept:
        here = self.workspace.drafts.get(self.draft_id)
        if here.closed_at is not None:
            raise ClosedError(f"The draft {here.name} was saved or discarded meanwhile: no second version was made. Begin a new draft.")
        with self._lock:
            self._catch_up()
            draft, edits = self._sheet.draft, self._sheet.rev
        record = next(r for r in self.workspace.designs() if r.design_id == self.design_id)
        made = design_of(self.basis, draft)
        design_id = keep_design(self.workspace, made, name=name, import_id=record.import_id, who=who)
        drafts = self.workspace.drafts
        drafts.close(self.draft_id, who, design_id)
        if drafts.get(self.draft_id).edits == edits:
            return Kept(design_id, edits)
        later = f"{drafts.get(self.draft_id).name}, edited on"
        return Kept(design_id, edits, drafts.copy(self.draft_id, later, who), later)

    # inside

    @property
    def _sheet(self) -> Sheet:
        if self._drawn is None:
            self._drawn = Sheet(self.basis, self.workspace.drafts.edits(self.draft_id))
        return self._drawn

    def _store(self, tab: str, ops: Sequence[Op], who: str) -> tuple[list[Answer], int]:
        refused: list[Answer] = []
        with self.workspace.drafts.writing(self.draft_id) as page:
            sheet = self._sheet
            sheet.add(page.edits_after(sheet.rev))
            heard = page.last_seq(tab)
            for op in sorted(ops, key=lambda op: op["seq"]):
                if op["seq"] <= heard:
                    refused += self._told_again(tab, op["seq"])
                    continue
                heard = op["seq"]
                said = asked_edit(op, sheet.draft, sheet.history, self.basis, sheet.names, who=who, tab=tab, at=self.workspace.now())
                if isinstance(said, Edit):
                    page.append(said)
                    sheet.add([said])
                    continue
                page.looked_at(tab, heard)
                if isinstance(said, Refusal):
                    refused.append(self._remembered(tab, said))
        return refused, heard

    def _standing(self) -> Answer:
        """Return what doesn't change while the draft is open."""
        rule = self.basis.attention.policy
        names = self.basis.reps[Reps.name]
        labels = {role.role: role.label for role in rule.capacity.roles}
        return {
            "tiers": list(self.basis.tiers),
            "roles": [{"role": role, "label": labels.get(role, role)} for role in self.basis.roles],
            "role": self.basis.role,
            "balance": self.basis.design.policy.balance,
            "band": list(BAND),
            "currency": None,
            "language": "en",
            "texts": dict(REDRAW_TEXTS),
            "palette": list(PALETTE),
            "reps": [{"id": rep, "name": name} for rep, name in names.items()],
        }

    def _remembered(self, tab: str, refusal: Refusal) -> Answer:
        told = {"seq": refusal.seq, "reason": refusal.reason, "units": list(refusal.units)}
        self._refused[tab, refusal.seq] = told
        while len(self._refused) > REMEMBERED:
            self._refused.popitem(last=False)
        return told

    def _told_again(self, tab: str, seq: int) -> list[Answer]:
        """Return why an operation that was looked at before was refused; nothing when it was taken."""
        if self._sheet.took(tab, seq):
            return []
        return [self._refused.get((tab, seq), {"seq": seq, "reason": "This was looked at before and changed nothing.", "units": []})]

    def _catch_up(self) -> None:
        self._sheet.add(self.workspace.drafts.edits(self.draft_id, self._sheet.rev))
        self._sheet.settle()

    def _answer(self, tab: str, have: int, who: str, ack: int, refused: list[Answer]) -> Answer:
        sheet = self._sheet
        sheet.settle()
        undo, redo = sheet.history.undoable(who), sheet.history.redoable(who)
        return {
            "doc": self.doc,
            "rev": sheet.rev,
            "ack": ack,
            "refused": refused,
            "owners": sheet.owners_since(have, tab),
            "territories": sheet.rows_since(have),
            "ledger": sheet.entries(have),
            **sheet.marks_since(have),
            "undo": None if undo is None else sheet.told(undo),
            "redo": None if redo is None else sheet.told(redo),
            "whole": sheet.whole(),
        }


def _packed(owner: np.ndarray) -> str:
    return base64.b64encode(np.where(owner < 0, NOBODY_ON_WIRE, owner).astype("<u2").tobytes()).decode()
