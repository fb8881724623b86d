"""What the Publish screen computes with: the design at hand, who serves before and after, and what that changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import geopandas as gpd
import pandas as pd

from geo_territory import handover
from geo_territory.attention import Attention
from geo_territory.design import Design
from geo_territory.projection import WGS84
from geo_territory.publish.realignment import Realignment
from geo_territory.tables import Accounts, Assignments, Reps, Territories
from geo_territory.ui import cached, session, wording
from geo_territory.workspace.publications import PublicationRecord

ACTIVE = "active"
SHAPED = (Territories.name, Territories.color, "geometry")


@dataclass(frozen=True, eq=False)
class Before:
    """Who serves before a realignment: Assignments, and TerritoryReps where known.

    Its territories are drawn when they are asked for; `words` say what it is, `token` names it.
    """

    token: str
    words: str
    assignments: pd.DataFrame
    shapes: Callable[[], gpd.GeoDataFrame]
    territory_reps: pd.DataFrame | None


def design_of(design_id: int) -> Design:
    """Return a saved design. Shared: never write to it."""
    return cached.saved_design(session.url(), design_id, session.workspace())


def reps() -> pd.DataFrame:
    """Return the reps of the workspace."""
    return session.workspace().reps()


def names() -> dict[str, str]:
    """Return the name of each rep with the id, by rep_id."""
    known = reps()
    return {rep_id: f"{name} ({rep_id})" for rep_id, name in known[Reps.name].items()}


def calls() -> pd.DataFrame:
    """Return the logged calls."""
    return session.workspace().calls_made.calls()


def attention_of(record: PublicationRecord) -> Attention:
    """Return the attention a publication was handed in with. Shared: never write to it."""
    if record.design_id is not None:
        return design_of(record.design_id).attention
    list_of_it = next(one for one in session.workspace().imports() if one.import_id == record.import_id)
    return session.attention(list_of_it, record.toml)


def before(attention: Attention, import_id: int, earlier: PublicationRecord | None) -> Before:
    """Return who serves before a design takes over: what `earlier` says, without one what the account list says."""
    cycles = session.workspace().cycles
    if earlier is not None:
        number = earlier.publication_id
        words = f"{wording.plain(earlier.name)}, in force since {earlier.valid_from:%Y-%m-%d}"
        return Before(
            f"publication {number}", words, cycles.assignments(number), partial(cycles.shapes, number), cycles.territory_reps(number)
        )
    token = f"{session.url()} import {import_id} {hash(attention.policy)} {session.workspace().state().calls}"
    rows = cached.as_imported(token, session.today(), reps(), attention, calls)
    words = "the account list: nothing was published before"
    return Before(f"import {import_id}", words, rows, partial(_imported_shapes, attention, import_id), None)


def _imported_shapes(attention: Attention, import_id: int) -> gpd.GeoDataFrame:
    """Return the territories of the account list, drawn; no row when it names none."""
    here = session.workspace()
    if attention.planned[Accounts.territory_id].dropna().empty:
        return gpd.GeoDataFrame(Territories.empty(), geometry=[], crs=WGS84)
    toml = attention.policy.to_toml()
    return cached.today(session.url(), import_id, toml, here.overrides_revision(), session.today(), attention).territories


def earlier(role: str, record: PublicationRecord | None = None) -> PublicationRecord | None:
    """Return the publication of a design's role that is in force today, or, for one that was approved, the one it took over from."""
    known = [one for one in session.workspace().cycles.publications() if one.role == role]
    if record is None or record.valid_from is None:
        return next((one for one in known if one.state_on(session.today()) == ACTIVE), None)
    begun = [(one.valid_from, one) for one in known if one.valid_from is not None and one.withdrawn_at is None]
    return max((pair for pair in begun if pair[0] < record.valid_from), key=lambda pair: pair[0], default=(None, None))[1]


def comparison(record: PublicationRecord) -> tuple[Realignment, Before]:
    """Return what a publication changes, and against what."""
    attention = attention_of(record)
    was = before(attention, record.import_id, earlier(record.role, record))
    token = f"{session.url()} publication {record.publication_id}"
    rows = session.workspace().cycles.assignments(record.publication_id)
    design = None if record.design_id is None else design_of(record.design_id)
    moves = None if design is None else _moves(design, f"{session.url()} {record.design_id}")
    return cached.realigned(f"{token} {was.token} {_content(rows)}", reps(), attention, was.assignments, rows, moves), was


def proposed(design: Design, token: str, was: Before) -> pd.DataFrame:
    """Return who should serve each territory of a design (TerritoryReps), to be corrected."""
    number, people, known = session.workspace().state().calls, reps(), was.territory_reps
    if design.start is None and was.assignments[Assignments.territory_id].notna().any():
        # Its territories have the names of others: who serves T04 today may live a continent away.
        people, known = people.assign(**{Reps.territory_id: pd.Series(None, index=people.index, dtype="str")}), None
    return cached.proposed_reps(f"{token} {was.token} {number}", session.today(), people, design, calls, known)


def everybody(design: Design) -> Mapping[str, str]:
    """Return the one person by role who serves every account."""
    return handover.lone_people(design.attention, reps(), session.today())


def after(design: Design, token: str, territory_reps: pd.DataFrame) -> pd.DataFrame:
    """Return who serves each account once a design is published with these people (Assignments)."""
    return handover.assigned(design, territory_reps, everybody(design), moves=_moves(design, token))


def realigned(design: Design, token: str, was: Before, rows: pd.DataFrame) -> Realignment:
    """Return what changes hands when `rows` (Assignments) take the place of what was before; `token` names the design."""
    moves = _moves(design, token)
    return cached.realigned(f"{token} {was.token} {_content(rows)}", reps(), design.attention, was.assignments, rows, moves)


def _content(rows: pd.DataFrame) -> int:
    """Return a number that names the content of a table."""
    return int(pd.util.hash_pandas_object(rows, index=False).sum())


def _moves(design: Design, token: str) -> pd.DataFrame | None:
    """Return the AccountMoves of a design that began from the current territories, None for another one."""
    return cached.changes(token, design)[0] if design.start is not None else None
