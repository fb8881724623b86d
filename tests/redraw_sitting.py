"""Somebody redraws a small map: a draft, its history, and operations as a browser sends them."""

from datetime import datetime, timedelta
from functools import cache

from geo_territory.redraw.asking import Refusal, asked_edit
from geo_territory.redraw.basis import Basis, basis_of
from geo_territory.redraw.draft import Draft
from geo_territory.redraw.edits import Edit
from geo_territory.redraw.history import History
from geo_territory.redraw.words import Names
from tests.redraw_world import many_units, small_reps

NOON = datetime(2026, 3, 1, 12, 0)


@cache
def small_basis() -> Basis:
    """Return 48 hexagons, six rows of eight, in territories T001 to T004, with 60 accounts."""
    made = many_units(48, 4, 60)
    lines = made.territories.assign(name=["Denver", "Dallas", "Boise", "Omaha"])
    return basis_of(made, small_reps(made), lines)


@cache
def small_names() -> Names:
    """Return what people call the small map's units, accounts and reps."""
    return Names.of(small_basis())


class Sitting:
    """A draft while it is redrawn; `does` is one operation of a person's browser tab, whose answer it returns."""

    def __init__(self, basis: Basis | None = None) -> None:
        """Begin with the version."""
        self.basis = basis or small_basis()
        self.names = Names.of(basis) if basis else small_names()
        self.draft = Draft.begin(self.basis)
        self.history = History(self.draft)
        self.now = NOON
        self.seq: dict[str, int] = {}

    def does(self, who: str, kind: str, *, tab: str | None = None, base: int | None = None, **fields: object) -> Edit | Refusal | None:
        """Do an operation as a person, in a tab named after them, on the newest revision unless told otherwise."""
        tab = tab or f"{who}'s tab"
        self.now += timedelta(seconds=1)
        self.seq[tab] = self.seq.get(tab, 0) + 1
        op = {"kind": kind, "seq": self.seq[tab], "base": self.draft.rev if base is None else base, **fields}
        answer = asked_edit(op, self.draft, self.history, self.basis, self.names, who=who, tab=tab, at=self.now)
        if isinstance(answer, Edit):
            self.take(answer)
        return answer

    def moves(self, who: str, units: list[int], to: str, **more: object) -> Edit | Refusal | None:
        """Move the units at some positions to a territory."""
        return self.does(who, "move", moves=[{"units": units, "to": to}], **more)

    def take(self, edit: Edit) -> None:
        """Apply an edit."""
        self.draft = self.draft.after(edit)
        self.history.add(edit)

    def title(self, edit: Edit | Refusal | None) -> str:
        """Return the title of an edit."""
        assert isinstance(edit, Edit)
        return self.history.title(edit, self.names)

    def held(self, units: list[int]) -> str:
        """Return how a title counts the accounts in units at some positions."""
        count = len(self.basis.accounts_in(units))
        return f"{count} account{'' if count == 1 else 's'}" if count else "no accounts"

    def owners(self, units: list[int]) -> list[str]:
        """Return the territory of each unit."""
        return [self.draft.owner_of(unit) for unit in units]


def state_of(draft: Draft) -> tuple[object, ...]:
    """Return all that is shown of a draft: bytes of its alignment, its territories, exceptions, locks and channels."""
    return alignment_bytes(draft.alignment()), dict(draft.territories), dict(draft.exceptions), draft.locks, dict(draft.channels)


def alignment_bytes(alignment) -> bytes:
    """Return an alignment as the bytes a file of it would have, its types included."""
    rows = alignment.territory_of
    return f"{alignment.role} {rows.dtype} {rows.index.dtype} {rows.name} {rows.index.name}\n{rows.to_csv()}".encode()
