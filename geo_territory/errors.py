"""The errors a person can act on.

    TerritoryError            what is wrong, where, and the remedy
    ├── FileError             a file can't be read as an account list
    ├── TableError            a table breaks its declaration (all faults together)
    ├── PolicyError           a policy holds a value outside its range
    ├── ProjectionError       geometry without, or with the wrong, coordinate system
    ├── PlaceError            nothing to put on the map
    ├── UnitsError            basic units can't be built or matched
    ├── InfeasibleError       no alignment can meet what is asked
    ├── WorkspaceError        a workspace can't be opened or written
    │   └── ClosedError       a draft is no longer open
    ├── GrantError            an address isn't signed by this app
    ├── RightsError           a role may not do what was asked
    └── Cancelled             the person stopped the work

Anything else that surfaces is a bug and keeps its traceback.
"""


class TerritoryError(Exception):
    """Base of all errors a person can act on; the message names what, where and the remedy."""


class FileError(TerritoryError):
    """A file can't be read as what it was given for."""


class TableError(TerritoryError):
    """A table breaks its declaration; the message lists every fault."""


class PolicyError(TerritoryError, ValueError):
    """A policy field is outside its range."""


class ProjectionError(TerritoryError):
    """Geometry has no coordinate system, or not the one expected."""


class PlaceError(TerritoryError):
    """No account has a usable place."""


class UnitsError(TerritoryError):
    """Basic units can't be built, or accounts can't be matched to them."""


class InfeasibleError(TerritoryError):
    """No alignment can meet what is asked; names the unit or lock and the smallest remedy."""


class WorkspaceError(TerritoryError):
    """A workspace can't be opened, read or written."""


class ClosedError(WorkspaceError):
    """A draft is no longer open: it was saved, discarded, or never there."""


class GrantError(TerritoryError):
    """An address isn't signed by this app, or by one that is no more."""


class RightsError(TerritoryError):
    """Who asked may not do or see it; the message says nothing of what there is."""


class Cancelled(TerritoryError):
    """The person stopped the work."""
