"""The desks of this process: one for each draft, however many people and pages look at it; idle ones are given up."""

from __future__ import annotations

import threading
from collections import OrderedDict

from geo_territory.desk.desk import Desk
from geo_territory.errors import ClosedError, WorkspaceError
from geo_territory.redraw.basis import Basis, basis_of
from geo_territory.workspace import Workspace, restore_design

KEPT_DESKS = 20
KEPT_BASES = 4

_lock = threading.Lock()
_making: dict[tuple[str, int], threading.Lock] = {}
_workspaces: dict[str, Workspace] = {}
_desks: OrderedDict[tuple[str, int], Desk] = OrderedDict()
_bases: OrderedDict[tuple[str, int], Basis] = OrderedDict()


def workspace_at(url: str) -> Workspace:
    """Return the workspace at an address, opened once a process for all desks."""
    with _lock:
        if url not in _workspaces:
            _workspaces[url] = Workspace.open(url)
        return _workspaces[url]


def at(url: str, draft_id: int) -> Desk:
    """Return the desk of a draft; the least recently used of more than 20 is given up, and made anew from what is stored.

    Raises ClosedError, with the reason, when it isn't open.
    """
    here = workspace_at(url)
    try:
        record = here.drafts.get(draft_id)
    except WorkspaceError as error:
        raise ClosedError(str(error)) from error
    if record.closed_at is not None:
        became = "discarded" if record.closed_as is None else f"saved as version {record.closed_as}"
        raise ClosedError(f"The draft {record.name} was {became}. Begin a new draft to go on.")
    with _lock:
        making = _making.setdefault((url, draft_id), threading.Lock())
    with making:
        with _lock:
            known = _desks.get((url, draft_id))
            if known is not None:
                _desks.move_to_end((url, draft_id))
                return known
        made = Desk(here, record, basis_at(url, record.design_id))
        with _lock:
            _desks[url, draft_id] = made
            while len(_desks) > KEPT_DESKS:
                _desks.popitem(last=False)
            return made


def opened(url: str, draft_id: int) -> Desk:
    """Return the desk of a draft for a page that begins: with the reps there are now."""
    known = at(url, draft_id)
    if known.basis.reps.equals(known.workspace.reps()):
        return known
    with _lock:
        _desks.pop((url, draft_id), None)
        _bases.pop((url, known.design_id), None)
    return at(url, draft_id)


def warm(url: str) -> None:
    """Make the desk of the draft that was changed last, so that whoever opens it first after a start doesn't wait for it."""
    still = [record for record in workspace_at(url).drafts.list() if record.closed_at is None]
    if still:
        at(url, max(still, key=lambda record: (record.changed_at, record.draft_id)).draft_id)


def basis_at(url: str, design_id: int) -> Basis:
    """Return what stays while drafts of a saved design are edited; the drafts of one design share it."""
    with _lock:
        making = _making.setdefault((url, -design_id), threading.Lock())
    with making:
        with _lock:
            if (url, design_id) in _bases:
                _bases.move_to_end((url, design_id))
                return _bases[url, design_id]
        here = workspace_at(url)
        made = basis_of(restore_design(here, design_id), here.reps(), here.design(design_id).territories)
        with _lock:
            _bases[url, design_id] = made
            while len(_bases) > KEPT_BASES:
                _bases.popitem(last=False)
        return made


def close(url: str) -> None:
    """Give up the desks of a workspace and let go of its file."""
    with _lock:
        for kept in (_desks, _bases, _making):
            for key in [key for key in kept if key[0] == url]:
                del kept[key]
        opened = _workspaces.pop(url, None)
    if opened is not None:
        opened.close()
