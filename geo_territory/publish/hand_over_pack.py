"""What each rep gets when territories change: one printable page set with what comes, what goes, what is planned, and a map.

A pack holds the accounts of its person alone; of those that go to others it says name, place and who serves them, no figure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import geopandas as gpd
import pandas as pd

from geo_territory.coverage.cadence import line_cadence
from geo_territory.coverage.matching import counted_calls
from geo_territory.cycle_tables import CLOSED, GAINED, KEPT, LOST
from geo_territory.errors import TableError
from geo_territory.handover import rep_changes
from geo_territory.maps.territory_picture import territory_picture
from geo_territory.progress import Progress, silent
from geo_territory.publish.account_files import csv_bytes
from geo_territory.publish.archive import zipped
from geo_territory.publish.pack_page import Pack, pack_page
from geo_territory.tables import TIERS, Accounts, CallPlan, Calls, ChangesOfHands, LineCadence, RepChanges, Reps

NOBODY = ""


@dataclass(frozen=True, eq=False)
class HandOver:
    """A publication as it is handed over to the people.

    `name` is the publication's, in force from `valid_from` on in `cycle`; `as_of` the day up to which calls count. `changes` are
    the ChangesOfHands of all accounts, kept ones too; `call_plan` (CallPlan), `hours` (Workload) and `shapes` (Territories, EPSG:4326)
    are those of afterwards, `capacity` by rep_id [h/year]. `note` goes to everybody, `notes` by rep_id to one.
    """

    name: str
    valid_from: date
    cycle: str
    as_of: date
    changes: pd.DataFrame
    accounts: pd.DataFrame
    reps: pd.DataFrame
    call_plan: pd.DataFrame
    calls: pd.DataFrame
    hours: pd.DataFrame
    shapes: gpd.GeoDataFrame | None
    capacity: pd.Series | None = None
    labels: Sequence[str] = TIERS
    role_labels: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    notes: Mapping[str, str] = field(default_factory=dict)
    approved_by: str = ""

    @cached_property
    def by_rep(self) -> pd.DataFrame:
        """What is given to and taken from each person: RepChanges of those who serve an account before or after."""
        return rep_changes(self.changes, self.hours, None, self.capacity)

    @property
    def people(self) -> tuple[str, ...]:
        """Who gets a pack, by rep_id: everybody who serves an account before or after."""
        return tuple(self.by_rep.index)

    @cached_property
    def last_calls(self) -> pd.DataFrame:
        """The last counted call on each account by anybody, by account_id."""
        counted = counted_calls(self.calls, self.as_of).sort_index().sort_values(Calls.date, kind="stable")
        return counted.drop_duplicates(Calls.account_id, keep="last").set_index(Calls.account_id)

    @cached_property
    def due(self) -> pd.DataFrame:
        """When each line of the call plan that asks for calls is due: LineCadence."""
        return line_cadence(self.call_plan[self.call_plan[CallPlan.calls_per_year] > 0].reset_index(drop=True), self.calls, self.as_of)

    def called(self, rep_id: object) -> str:
        """Return a person's name, the id of one who isn't in the list, "nobody" for none."""
        if not isinstance(rep_id, str):
            return "nobody"
        return str(self.reps[Reps.name].get(rep_id, rep_id))

    def role_label(self, role: str) -> str:
        """Return a role in words."""
        return self.role_labels.get(role, role)


def hand_over_pack(asked: HandOver, rep_id: str) -> bytes:
    """Return one person's pack as an HTML file that prints on A4 and asks nothing of a network.

    Raises TableError when the publication gives nothing to the person and takes nothing from them.
    """
    if rep_id not in asked.by_rep.index:
        raise TableError(f"{rep_id} serves no account before or after {asked.name}, so there is no pack for them.")
    rows = asked.changes
    was, now = rows[ChangesOfHands.rep_before] == rep_id, rows[ChangesOfHands.rep_after] == rep_id
    mine = rows[now]
    roles = sorted(set(mine[ChangesOfHands.role]) | set(rows.loc[was, ChangesOfHands.role]))
    lost = rows[was & ~now]
    pack = Pack(
        person=asked.called(rep_id),
        role=", ".join(asked.role_label(role) for role in roles),
        title=f"{'Your territory from' if len(mine) else 'What changes on'} {day_words(asked.valid_from)}",
        origin=" · ".join(filter(None, (asked.name, asked.cycle, f"approved by {asked.approved_by}" if asked.approved_by else ""))),
        as_of=day_words(asked.as_of),
        notes=tuple(filter(None, (asked.note.strip(), asked.notes.get(rep_id, "").strip()))),
        totals=asked.by_rep.loc[rep_id],
        tiers=_tier_counts(asked, rows[was | now], was, now),
        lines=_plan_lines(asked, mine),
        gained=_gained(asked, rows[now & ~was]),
        kept=_due(asked, rows[now & was]),
        lost=_lost(asked, lost[lost[ChangesOfHands.change] != CLOSED]),
        closed=_lost(asked, lost[lost[ChangesOfHands.change] == CLOSED]),
        picture=_picture(asked, rows[was | now], rep_id),
    )
    return pack_page(pack).encode("utf-8")


def pack_name(asked: HandOver, rep_id: str) -> str:
    """Return the file name of a person's pack: id and name, of letters that every file system takes."""
    plain = re.sub(r"[^\w .-]+", "_", f"{rep_id} {asked.called(rep_id)}").strip(" .")
    return f"{plain[:80] or 'rep'}.html"


def hand_over_index(asked: HandOver) -> pd.DataFrame:
    """Return a row per person by rep_id, and a last one, "", for what nobody serves: what they gain, lose, keep, and hold then.

    The column `accounts` adds up to all active assignments, an account once for each role it is served in.
    """
    told = asked.by_rep[[RepChanges.gained, RepChanges.lost, RepChanges.kept, RepChanges.hours_after, RepChanges.capacity]]
    rows = told.assign(accounts=told[RepChanges.gained] + told[RepChanges.kept], file=[pack_name(asked, rep) for rep in told.index])
    rows.insert(0, str(Reps.name), [asked.called(rep) for rep in told.index])
    idle = len(_vacant(asked))
    last = {Reps.name: "Nobody", "accounts": idle, "file": "nobody.csv" if idle else None}
    return pd.concat([rows, pd.DataFrame([last], index=pd.Index([NOBODY], name=rows.index.name))])


def hand_over_zip(asked: HandOver, progress: Progress = silent) -> bytes:
    """Return all packs as one zip with an index.csv; nobody.csv lists what nobody serves."""
    index = hand_over_index(asked)
    index = index.astype(dict.fromkeys([RepChanges.gained, RepChanges.lost, RepChanges.kept], "Int64"))
    contents = {"index.csv": csv_bytes(index.round({RepChanges.hours_after: 1, RepChanges.capacity: 1}))}
    vacant = _vacant(asked)
    if len(vacant):
        shown = [ChangesOfHands.account_id, ChangesOfHands.role, ChangesOfHands.name, ChangesOfHands.tier, ChangesOfHands.territory_after]
        contents["nobody.csv"] = csv_bytes(vacant[shown], index=False)
    for i, rep in enumerate(asked.people):
        progress(f"Pack of {asked.called(rep)}", i / len(asked.people))
        contents[_free_name(pack_name(asked, rep), contents)] = hand_over_pack(asked, rep)
    return zipped(contents)


def day_words(day: date | pd.Timestamp) -> str:
    """Return a day as 1 January 2027."""
    return f"{day.day} {day:%B %Y}"


def _free_name(name: str, taken: Mapping[str, bytes]) -> str:
    return name if name not in taken else _free_name(f"_{name}", taken)


def _vacant(asked: HandOver) -> pd.DataFrame:
    """Return the changes whose account is served by nobody afterwards."""
    return asked.changes[asked.changes[ChangesOfHands.rep_after].isna() & (asked.changes[ChangesOfHands.change] != CLOSED)]


def _tier_counts(asked: HandOver, rows: pd.DataFrame, was: pd.Series, now: pd.Series) -> list[tuple[str, int, int, int, int]]:
    """Return by tier how many are gained, lost, kept and held afterwards."""
    tier, was, now = rows[ChangesOfHands.tier], was[rows.index], now[rows.index]
    gone = was & ~now & (rows[ChangesOfHands.change] != CLOSED)
    others = sorted(set(tier) - set(asked.labels))
    counted = []
    for label in (*asked.labels, *others):
        here = tier == label
        counted.append((label, *(int((here & which).sum()) for which in (now & ~was, gone, was & now, now))))
    return counted


def _plan_lines(asked: HandOver, mine: pd.DataFrame) -> list[tuple[str, str, str, int, float, float]]:
    """Return the plan lines of a person's accounts: tier, channel, cadence, accounts, calls a year for one and for all."""
    by = [CallPlan.account_id, CallPlan.role]
    keys = mine[[ChangesOfHands.account_id, ChangesOfHands.role]].set_axis(by, axis=1)
    lines = asked.call_plan.merge(keys, on=by)
    lines = lines[lines[CallPlan.calls_per_year] > 0]
    order = {label: i for i, label in enumerate(asked.labels)}
    grouped = lines.groupby([CallPlan.tier, CallPlan.channel, CallPlan.cadence, CallPlan.calls_per_year], sort=True).size()
    told = [(tier, channel, cadence, int(n), float(calls), float(n * calls)) for (tier, channel, cadence, calls), n in grouped.items()]
    return sorted(told, key=lambda line: (order.get(line[0], len(order)), -line[4]))


def _ordered(asked: HandOver, rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows best tier first, then by value, then by account."""
    order = {label: i for i, label in enumerate(asked.labels)}
    keyed = rows.assign(place=[order.get(tier, len(order)) for tier in rows[ChangesOfHands.tier]])
    value = keyed[ChangesOfHands.value].fillna(-1.0)
    return keyed.assign(less=-value).sort_values(["place", "less", ChangesOfHands.account_id], kind="stable").reset_index(drop=True)


def _place(asked: HandOver, account: str) -> str:
    if account not in asked.accounts.index:
        return ""
    told = asked.accounts.loc[account]
    code = " ".join(str(told[name]) for name in (Accounts.state, Accounts.postal_code) if isinstance(told[name], str))
    return ", ".join(part for part in (told[Accounts.street], told[Accounts.city], code) if isinstance(part, str) and part)


def _phone(asked: HandOver, account: str) -> str:
    phone = asked.accounts[Accounts.phone].get(account) if Accounts.phone in asked.accounts else None
    return phone if isinstance(phone, str) else ""


def _gained(asked: HandOver, rows: pd.DataFrame) -> list[dict[str, object]]:
    """Return the accounts that come, best first: where, from whom, last call, next due, value, why."""
    told = []
    for facts in _due(asked, rows):
        row = facts["row"]
        account, before = str(facts["id"]), row[ChangesOfHands.rep_before]
        called = asked.last_calls.loc[account] if account in asked.last_calls.index else None
        more = {
            "phone": _phone(asked, account),
            "value": row[ChangesOfHands.value],
            "from": asked.called(before) if isinstance(before, str) else "new",
            "last": None if called is None else (called[Calls.date], called[Calls.channel], asked.called(called[Calls.rep_id])),
        }
        told.append(facts | more)
    return told


def _due(asked: HandOver, rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Return accounts best first with when they are due: by the line that comes first, late where that is before the publication."""
    by = [LineCadence.account_id, LineCadence.role]
    keys = rows[[ChangesOfHands.account_id, ChangesOfHands.role]].set_axis(by, axis=1)
    first = asked.due.merge(keys, on=by).sort_values([*by, LineCadence.due_date], na_position="first", kind="stable").drop_duplicates(by)
    due = {(account, role): day for account, role, day in zip(*(first[name] for name in (*by, LineCadence.due_date)), strict=True)}
    told = []
    for row in _ordered(asked, rows).to_dict("records"):
        key = (row[ChangesOfHands.account_id], row[ChangesOfHands.role])
        day = due.get(key, pd.NaT)
        late = bool(day < pd.Timestamp(asked.valid_from))
        told.append({**_told(asked, row), "row": row, "planned": key in due, "due": day, "late": late, "town": _town(asked, key[0])})
    return told


def _town(asked: HandOver, account: str) -> str:
    town = asked.accounts[Accounts.city].get(account)
    return town if isinstance(town, str) else ""


def _lost(asked: HandOver, rows: pd.DataFrame) -> list[dict[str, object]]:
    """Return the accounts that go: name, place, to whom and why, in the order of their names, and nothing else."""
    told = [{**_told(asked, row), "to": asked.called(row[ChangesOfHands.rep_after])} for row in rows.to_dict("records")]
    return sorted(told, key=lambda row: (str(row["to"]), str(row["name"]), str(row["id"])))


def _told(asked: HandOver, row: Mapping[str, object]) -> dict[str, object]:
    account = str(row[ChangesOfHands.account_id])
    name = row[ChangesOfHands.name]
    facts = {"id": account, "name": name if isinstance(name, str) else account, "place": _place(asked, account)}
    return facts | {"tier": row[ChangesOfHands.tier], "why": row[ChangesOfHands.reason] or ""}


def _picture(asked: HandOver, rows: pd.DataFrame, rep_id: str) -> str:
    """Return the map of a person's territories with what comes, goes and stays; "" without shapes and places."""
    now, was = rows[ChangesOfHands.rep_after] == rep_id, rows[ChangesOfHands.rep_before] == rep_id
    held = rows.loc[now, ChangesOfHands.territory_after].dropna().unique()
    none = gpd.GeoSeries([], crs="EPSG:4326")
    shapes = none if asked.shapes is None else asked.shapes.geometry[asked.shapes.index.isin(held)]
    rows = rows[rows[ChangesOfHands.change] != CLOSED]
    kind = pd.Series(KEPT, index=rows.index, dtype="str").mask(~was, GAINED).mask(~now, LOST)
    places = asked.accounts[[Accounts.lat, Accounts.lon]].reindex(rows[ChangesOfHands.account_id])
    return territory_picture(shapes, places.assign(**{ChangesOfHands.change: kind.to_numpy(object)}))
