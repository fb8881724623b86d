"""A small company: who is who, which accounts there are, and territories to hand in.

W (west)     E (east)
a1 a2 a3     a4 a5 a6        outside: r1 in W, r2 in E, both led by m1; inside: i1; vp: v1
"""

from datetime import date, datetime

import geopandas as gpd
import pandas as pd
import shapely

from geo_territory.policy import Policy
from geo_territory.rights import ADMIN, ANALYST, LEADER, MANAGER, REP, Viewer
from geo_territory.tables import Accounts, Assignments, Calls, ImportReport, Reps, TerritoryReps
from geo_territory.workspace import Workspace

NOON = datetime(2026, 8, 10, 12, 0)
ANN = Viewer("ann@example.com", "Ann", LEADER)
ANALYST_ALI = Viewer("ali@example.com", "Ali", ANALYST)
ADMIN_ADA = Viewer("ada@example.com", "Ada", ADMIN)
VIEWERS = {
    "r1": Viewer("r1@example.com", "Rae West", REP, "r1"),
    "r2": Viewer("r2@example.com", "Rob East", REP, "r2"),
    "i1": Viewer("i1@example.com", "Ida In", REP, "i1"),
    "m1": Viewer("m1@example.com", "May Lead", MANAGER, "m1"),
}
HOME = {"a1": "W", "a2": "W", "a3": "W", "a4": "E", "a5": "E", "a6": "E"}
OUTSIDE = {"W": "r1", "E": "r2"}


def reps():
    rows = [
        ("r1", "Rae West", "outside", 40.12345, -100.54321, "W", "m1"),
        ("r2", "Rob East", "outside", 41.98765, -90.12345, "E", "m1"),
        ("i1", "Ida In", "inside", 40.0, -95.0, None, None),
        ("m1", "May Lead", "outside", 42.55555, -95.55555, None, "v1"),
        ("v1", "Vic Top", "vp", 43.0, -96.0, None, None),
    ]
    columns = [Reps.rep_id, Reps.name, Reps.role, Reps.lat, Reps.lon, Reps.territory_id, Reps.manager_id]
    frame = pd.DataFrame(rows, columns=columns).set_index(Reps.rep_id)
    return Reps.check(frame.assign(email=[f"{rep_id}@example.com" for rep_id in frame.index], fte=1.0, leave_days=25.0))


def accounts(ids=tuple(HOME)):
    index = pd.Index(ids, name=Accounts.account_id, dtype="str")
    values = dict.fromkeys(Accounts.columns())
    values |= {"name": [f"Site {i} of Tarn" for i in ids], "status": "customer", "geocode_precision": "given", "lat": 40.0, "lon": -95.0}
    values |= {"annual_value": [1000.0 * (n + 1) for n in range(len(ids))], "city": "Tarn"}
    return Accounts.check(pd.DataFrame(values, index=index))


def bring(workspace, ids=tuple(HOME), file=b"one"):
    frame = accounts(ids)
    report = ImportReport.check(pd.DataFrame({"row": range(2, 2 + len(ids)), "account_id": ids, "outcome": "accepted", "reason": None}))
    record = workspace.import_accounts(
        accounts=frame, report=report, original=frame[["name"]], file_name="a.csv", file=file, headings={}, who="ann@example.com"
    )
    return record.import_id


def company(url, now=lambda: NOON):
    """Return an open workspace with accounts, reps and users."""
    workspace = Workspace.open(url, now)
    bring(workspace)
    workspace.save_reps(reps(), ANN.email)
    workspace.people.save_user(ANN.email, name="Ann", app_role=LEADER, who="setup")
    for rep_id, viewer in VIEWERS.items():
        workspace.people.save_user(viewer.email, name=viewer.name, app_role=viewer.app_role, rep_id=rep_id, who=ANN.email)
    return workspace


def assignments(home=None, outside=None, roles=("outside", "inside", "vp")):
    """Return who serves each account: `home` territory by account, `outside` rep by territory."""
    home, outside = home or HOME, outside or OUTSIDE
    serve = {"outside": lambda territory: outside.get(territory), "inside": lambda _: "i1", "vp": lambda _: "v1"}
    rows = [(account, role, where, serve[role](where), "A") for account, where in sorted(home.items()) for role in roles]
    columns = [Assignments.account_id, Assignments.role, Assignments.territory_id, Assignments.rep_id, Assignments.tier]
    return Assignments.check(pd.DataFrame(rows, columns=columns).assign(cause="unit", lock=None, reason="its county"))


def territories():
    index = pd.Index(["E", "W"], name="territory_id", dtype="str")
    shapes = [shapely.box(-95, 35, -85, 45), shapely.box(-105, 35, -95, 45)]
    return gpd.GeoDataFrame({"name": ["East", "West"], "color": ["#0072B2", "#E69F00"]}, index=index, geometry=shapes, crs="EPSG:4326")


def territory_reps(outside=None):
    rows = [(territory, "outside", rep) for territory, rep in (outside or OUTSIDE).items()]
    return TerritoryReps.check(pd.DataFrame(rows, columns=TerritoryReps.columns()))


def submit(workspace, name="Spring", *, home=None, outside=None, role="outside", roles=("outside", "inside", "vp"), who=ANN.email):
    return workspace.cycles.submit(
        design_id=None,
        role=role,
        name=name,
        assignments=assignments(home, outside, roles),
        territories=territories(),
        reps=territory_reps(outside),
        policy=Policy(),
        import_id=1,
        note="",
        who=who,
    )


def publish(workspace, day, name="Spring", **world):
    publication_id = submit(workspace, name, **world)
    workspace.cycles.approve(publication_id, ANN, day)
    return publication_id


def calls(*rows):
    """Return Calls of rows (call_id, account, rep, day[, outcome[, minutes[, note]]]), visits of outside reps."""
    said = [(*row, "met", 30.0, None)[: len(row)] + ("met", 30.0, None)[len(row) - 4 :] for row in rows]
    columns = [Calls.call_id, Calls.account_id, Calls.rep_id, Calls.date, Calls.outcome, Calls.duration_min, Calls.note]
    frame = pd.DataFrame(said, columns=columns).set_index(Calls.call_id)
    return Calls.check(frame.assign(role="outside", channel="visit"))


def day(text):
    return date.fromisoformat(text)
