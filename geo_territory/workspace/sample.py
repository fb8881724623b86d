"""The sample company in a workspace: accounts, people, half a year of calls, and the territories of today, one click away."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import pandas as pd
import shapely

from geo_territory import reference
from geo_territory.attention import pay_attention
from geo_territory.boundaries import colors_apart
from geo_territory.handover import assigned_as_imported, lone_people
from geo_territory.intake import import_accounts, import_calls, import_reps
from geo_territory.policy import Policy
from geo_territory.reference import sample
from geo_territory.rights import LEADER, MANAGER, REP, Viewer
from geo_territory.tables import Accounts, AlignmentRows, Reps, Territories, TerritoryReps
from geo_territory.units.coverage import union_by
from geo_territory.workspace.store import Workspace

WHO = "sample"
WHY = "the sample company, invented accounts at real places"
CYCLES = (("2026 H1", date(2026, 1, 1), date(2026, 6, 30)), ("2026 H2", date(2026, 7, 1), date(2026, 12, 31)))
NAME = "Territories of 2026"
INSIDE = "inside"
INSIDE_REP = "inside_rep_id"
LEADS = "vp"


def load_sample(workspace: Workspace) -> str:
    """Load the sample company and return what was done, in a sentence; a workspace with accounts is left as it is."""
    if workspace.imports():
        return "The workspace has an account list: nothing was added."
    path = reference.data_path(sample.ACCOUNTS_FILE)
    found = import_accounts(path)
    record = workspace.import_accounts(
        accounts=found.accounts,
        report=found.report,
        original=found.original,
        file_name=f"sample {path.name}",
        file=path.read_bytes(),
        headings=found.headings,
        who=WHO,
        why=WHY,
    )
    reps = import_reps(reference.data_path(sample.REPS_FILE)).reps
    workspace.save_reps(reps, WHO, WHY)
    made = import_calls(reference.data_path(sample.CALLS_FILE), found.accounts.index, reps).calls
    calls = workspace.calls_made.add(made, WHO, WHY).new
    _let_in(workspace, reps)
    areas = _publish(workspace, found.accounts, reps, record.import_id)
    known = f"{record.accounts_total:,} accounts, {len(reps)} people, {calls:,} calls, {areas} territories"
    return f"The sample company is loaded: {known}."


def _let_in(workspace: Workspace, reps: pd.DataFrame) -> None:
    """Let everybody sign in: the vp leads, who leads others is a manager."""
    leading = set(reps[Reps.manager_id].dropna())
    for rep_id, rep in reps.sort_index().iterrows():
        app_role = LEADER if rep[Reps.role] == LEADS else MANAGER if rep_id in leading else REP
        people = workspace.people
        people.save_user(rep[Reps.email], name=rep[Reps.name], app_role=app_role, rep_id=str(rep_id), who=WHO, why=WHY)


def _publish(workspace: Workspace, accounts: pd.DataFrame, reps: pd.DataFrame, import_id: int) -> int:
    """Put the territories of the account list in force since the year began and return how many there are."""
    policy = Policy()
    read = dict.fromkeys((TerritoryReps.territory_id, Reps.rep_id, INSIDE_REP, AlignmentRows.unit_id), "str")
    listed = pd.read_csv(reference.data_path(sample.TERRITORIES_FILE), dtype=read).set_index(TerritoryReps.territory_id)
    attention = pay_attention(accounts, policy, today=CYCLES[0][1])
    people = _territory_reps(listed, policy.design.role)
    served = assigned_as_imported(attention, accounts[Accounts.territory_id], people, lone_people(attention, reps))
    for name, start, end in CYCLES:
        workspace.cycles.begin(name, start, end, WHO)
    publication_id = workspace.cycles.submit(
        design_id=None,
        role=policy.design.role,
        name=NAME,
        assignments=served,
        territories=_shapes(listed[Territories.name], pd.read_csv(reference.data_path(sample.ALIGNMENT_FILE), dtype=read)),
        reps=people,
        policy=policy,
        import_id=import_id,
        note=WHY,
        who=WHO,
    )
    workspace.cycles.approve(publication_id, Viewer(WHO, WHO, LEADER), CYCLES[0][1], WHY)
    return len(listed)


def _territory_reps(listed: pd.DataFrame, role: str) -> pd.DataFrame:
    """Return who serves each territory: of the role it is drawn for, and inside."""
    columns = {role: Reps.rep_id, INSIDE: INSIDE_REP}
    parts = [
        pd.DataFrame({TerritoryReps.territory_id: listed.index, TerritoryReps.role: one, TerritoryReps.rep_id: listed[column].to_numpy()})
        for one, column in columns.items()
    ]
    return TerritoryReps.check(pd.concat(parts, ignore_index=True))


def _shapes(names: pd.Series, alignment: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return the territories as the union of their counties."""
    counties = reference.counties()
    placed = alignment[alignment[AlignmentRows.unit_id].isin(counties.index)]
    shapes = counties.geometry.loc[placed[AlignmentRows.unit_id]].to_numpy()
    ids, unions = union_by(placed[AlignmentRows.territory_id].to_numpy(dtype=object), shapes)
    index = pd.Index(ids, name=Territories.territory_id, dtype="str")
    left, right = shapely.STRtree(unions).query(unions, predicate="intersects")
    beside: dict[str, set[str]] = {name: set() for name in index}
    for one, other in zip(index[left], index[right], strict=True):
        beside[one] |= {other} - {one}
    told = {Territories.name: names.reindex(index), Territories.color: colors_apart(beside).reindex(index)}
    return gpd.GeoDataFrame(told, index=index, geometry=unions, crs=counties.crs)
