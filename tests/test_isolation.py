"""One rep tries to get at another rep's accounts, by every way there is: not a byte of them comes out.

The leader was here before in the same process, so all that is kept for everybody is warm.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from geo_territory import desk, feed, logbook, maps
from geo_territory.errors import TerritoryError
from geo_territory.people_tables import WRONG_OWNER, WRONG_TIER
from geo_territory.publish.offline import offline_copy
from geo_territory.rights import APP_ROLES, REP, Viewer
from geo_territory.tables import Accounts, Calls, Reps
from geo_territory.ui import cached
from geo_territory.workspace import URL_VARIABLE, Workspace
from tests.day_company import LEA, ONE, TWO, accounts_of, calls_of, publish_company
from tests.test_desk_routes import ask
from tests.ui.conftest import MAIN

TODAY = date.today()
NOW = datetime.now(UTC).replace(tzinfo=None)
PAGES = ("start", "accounts", "attention", "design", "redraw", "compare", "publish", "export", "people", "my_territory")


@dataclass(frozen=True)
class World:
    """What the attempts are made with: R1 asks, R2 is asked about."""

    workspace: Workspace
    url: str
    own: list[str]
    foreign: list[str]
    secrets: re.Pattern[str]

    @property
    def one(self) -> Viewer:
        return self.workspace.people.viewer(ONE)

    @property
    def two(self) -> Viewer:
        return self.workspace.people.viewer(TWO)

    @property
    def sight(self):
        return self.workspace.seen_by(self.one, TODAY)

    def day(self, viewer: Viewer | None = None, rep_id: str = "R1") -> str:
        return feed.local().day_grant(self.url, rep_id, viewer or self.one, None)


def of_rep(workspace: Workspace, rep_id: str, others: list[str]) -> re.Pattern[str]:
    """Return what gives a rep's accounts away: ids, names, values, places and notes that none of `others` has."""
    ids = accounts_of(workspace, rep_id)
    known = workspace.accounts()
    found = [rf"\b{account}\b" for account in ids] + [re.escape(name) for name in known.loc[ids, Accounts.name]]
    for column in (Accounts.annual_value, Accounts.lat, Accounts.lon):
        values = {f"{value:g}" if value == int(value) else str(value) for value in known.loc[ids, column].dropna()}
        values -= {str(value) for value in known.loc[others, column].dropna()}
        found += [rf"\b{re.escape(value.lstrip('-'))}\b" for value in values if len(value) > 5]
    return re.compile("|".join([*found, f"A note of {rep_id}"]))


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    url = f"sqlite:///{tmp_path_factory.mktemp('isolation')}/work.db"
    publish_company(url)
    workspace = desk.workspace_at(url)
    own, foreign = accounts_of(workspace, "R1"), accounts_of(workspace, "R2")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(URL_VARIABLE, url)
        workspace.people.ask(foreign[0], WRONG_TIER, "A", f"Look at {foreign[0]} again", workspace.people.viewer(TWO))
        workspace.drafts.begin(1, f"Draft about {foreign[1]}", "ann")
        for page in ("start", "design", "redraw", "export", "publish", "my_territory"):
            assert not open_page(page, "").exception
        yield World(workspace, url, own, foreign, of_rep(workspace, "R2", own))
    desk.close(url)
    cached.workspace.clear()


def open_page(page: str, seen_as: str, **parameters: str) -> AppTest:
    """Open a page at this computer as the leader, and stay on it as a user; `parameters` are of its address."""
    app = AppTest.from_file(MAIN, default_timeout=60)
    for name, value in parameters.items():
        app.query_params[name] = value
    app.run()
    if page != "start":
        app.switch_page(str(MAIN.parent / "screens" / f"{page}.py")).run()
    if seen_as:
        app.session_state["seen_as"] = f"user {seen_as}"
        app.run()
    return app


def everything_of(app: AppTest) -> str:
    """Return all that a page sends to the browser: every element as it is sent, tables and component payloads too."""
    parts = [str(getattr(element, "proto", "")) for element in app._tree]
    parts += [element.value.to_csv() for element in app.dataframe]
    return "\n".join(parts) + repr(app.exception)


def told(action: Callable[[], object]) -> str:
    """Return what an action gives, or the error it gives instead."""
    try:
        return str(action())
    except TerritoryError as error:
        return str(error)


def body(answer) -> str:
    content = (
        answer.json if answer.headers.get("content-type", "").startswith("application/json") else answer.body.decode("utf-8", "replace")
    )
    return json.dumps(content) + json.dumps(answer.headers)


def entry(kind: str, number: int = 1, **fields: str) -> dict:
    return {
        "entries": [
            {"id": f"isolation-{number:06d}", "kind": kind, "date": TODAY.isoformat(), "channel": "visit", "outcome": "met", **fields}
        ]
    }


def offline_of(world: World) -> str:
    sheet = logbook.sheet_of_rep(world.workspace, world.one, "R1", TODAY)
    return offline_copy(sheet, world.sight.shapes(), doc="doc", made_at=NOW, tiers=("A", "B", "C"), notes_months=24)


def payloads(world: World) -> str:
    """What the map of one's own day is drawn from, after the leader's."""
    sheet, shapes = logbook.sheet_of_rep(world.workspace, world.one, "R1", TODAY), world.sight.shapes()
    drawn = cached.day_map("one", sheet, shapes, ("A", "B", "C"))
    data = maps.day_data(sheet, shapes, doc="d", address=world.day(), may_log=True, made_at=NOW, tiers=("A", "B", "C"), notes_months=24)
    return drawn.html + drawn.script + "".join(p.content.decode("utf-8", "replace") for p in drawn.sources) + json.dumps(data, default=str)


def moved_signature(world: World) -> str:
    """The signature of one's own map data put behind the hash of somebody else's."""
    sheet = logbook.sheet_of_rep(world.workspace, world.two, "R2", TODAY)
    theirs = cached.day_map("two", sheet, world.workspace.seen_by(world.two, TODAY).shapes(), ("A", "B", "C")).sources[0]
    ours = cached.day_map(
        "one", logbook.sheet_of_rep(world.workspace, world.one, "R1", TODAY), world.sight.shapes(), ("A", "B", "C")
    ).sources[0]
    address = feed.local().publish(ours, world.url, world.one)
    feed.local().publish(theirs, world.url, world.two)
    signature = address.rsplit(".", 1)[1]
    return body(ask(f"/geo/data/{theirs.hash}.{signature}")) + body(ask(f"/geo/data/{theirs.hash}"))


def another(world: World, **changed: str) -> str:
    """One's own grant with another field, signed by oneself."""
    grant = logbook.claimed(world.day().rsplit("/", 1)[1])
    return "/geo/day/" + replace(grant, **changed).signed(b"a secret of one's own, long enough")


def bringing(world: World) -> str:
    theirs = calls_of(world.workspace, "R2", 3)
    return told(lambda: world.workspace.calls_made.log(theirs, world.one)) + told(
        lambda: world.workspace.calls_made.log(theirs.assign(**{Calls.rep_id: "R1"}), world.one)
    )


SEARCHED = ("", " ", "%", "_", "*", "Site", "' OR '1'='1", "a0", ".", "note", "\\", '"')
ROWS = ("assignments", "accounts", "tiers", "reps", "names", "calls", "requests", "changes")
ATTEMPTS: dict[str, Callable[[World], str]] = {
    **{f"rows: {name}": lambda world, name=name: getattr(world.sight, name)().to_csv() for name in ROWS},
    "rows: shapes": lambda world: world.sight.shapes().drop(columns="geometry").to_csv(),
    **{f"search: {text!r}": lambda world, text=text: world.sight.search(text).to_csv() for text in SEARCHED},
    "search: an id of theirs": lambda world: world.sight.search(world.foreign[0]).to_csv(),
    "search: a name of theirs": lambda world: world.sight.search(f"Site {world.foreign[0][1:]}").to_csv(),
    **{f"page: {page}": lambda _, page=page: everything_of(open_page(page, ONE)) for page in PAGES},
    **{
        f"page: /{page}?rep=R2": lambda _, page=page: everything_of(open_page(page, ONE, rep="R2"))
        for page in ("my_territory", "start", "people")
    },
    **{
        f"page: /{page}?draft=1": lambda _, page=page: everything_of(open_page(page, ONE, draft="1"))
        for page in ("redraw", "compare", "my_territory")
    },
    "page: an account of theirs in the address": lambda _: everything_of(open_page("my_territory", ONE, account="a001", q="Site", id="1")),
    "sheet: my own": lambda world: body(ask(world.day())),
    "sheet: theirs, by the library": lambda world: told(lambda: logbook.sheet_of_rep(world.workspace, world.one, "R2", TODAY)),
    "sheet: theirs, by an address made for me": lambda world: body(ask(world.day(rep_id="R2"))),
    "sheet: of somebody who isn't there": lambda world: body(ask(world.day(rep_id="R2' OR 'a'='a"))),
    "sheet: their rep in my grant": lambda world: body(ask(another(world, rep_id="R2"))),
    "sheet: their name in my grant": lambda world: body(ask(another(world, who=TWO, rep_id="R2"))),
    "sheet: the leader's name in my grant": lambda world: body(ask(another(world, who=LEA.email, rep_id="R2"))),
    "sheet: without a signature": lambda world: body(ask(world.day(world.two, "R2").rsplit(".", 1)[0])),
    "sheet: their address, one letter changed": lambda world: body(ask(re.sub(r"\.(.)([^.]*)$", r".!\2", world.day(world.two, "R2")))),
    "sheet: my signature on their address": lambda world: body(
        ask(world.day(world.two, "R2").rsplit(".", 1)[0] + "." + world.day().rsplit(".", 1)[1])
    ),
    "sheet: another day": lambda world: body(ask(f"{world.day()}?day={TODAY + timedelta(days=1)}&rep=R2")),
    "sheet: long before": lambda world: told(lambda: logbook.sheet_of_rep(world.workspace, world.one, "R1", TODAY - timedelta(days=400))),
    "call: on their account": lambda world: body(ask(f"{world.day()}/calls", entry("log", 1, account=world.foreign[0]))),
    "call: on all their accounts by turns": lambda world: "".join(
        body(ask(f"{world.day()}/calls", entry("log", 10 + i, account=account))) for i, account in enumerate(world.foreign)
    ).replace("day-", ""),
    "call: on one that isn't there": lambda world: body(ask(f"{world.day()}/calls", entry("log", 2, account="a999"))),
    "call: take back theirs": lambda world: body(ask(f"{world.day()}/calls", entry("retract", 3, call="R2-call-0"))),
    "call: bring theirs": bringing,
    "call: write on their day": lambda world: body(ask(f"{world.day(rep_id='R2')}/calls", entry("log", 4, account=world.own[0]))),
    "request: about their account": lambda world: told(
        lambda: world.workspace.people.ask(world.foreign[0], WRONG_OWNER, "", "mine!", world.one)
    ),
    "request: by the address": lambda world: body(
        ask(f"{world.day()}/calls", entry("ask", 5, account=world.foreign[0], want="tier", wish="A", reason="so"))
    ),
    "draft: by an address made for me": lambda world: body(ask(f"{feed.local().redraw_grant(world.url, 1, world.one)}?tab=one")),
    "draft: its accounts": lambda world: body(ask(f"{feed.local().redraw_grant(world.url, 1, world.one)}/accounts?tab=one")),
    "draft: its ledger": lambda world: body(ask(f"{feed.local().redraw_grant(world.url, 1, world.one)}/ledger?before=9")),
    "draft: with my grant of a day": lambda world: body(ask(world.day().replace("/geo/day/", "/geo/redraw/") + "?tab=one")),
    "data: guessed": lambda _: "".join(body(ask(f"/geo/data/{guess}")) for guess in ("0" * 32, "1", "../../etc/passwd", "%2e%2e", "a.b.c")),
    "data: signatures moved": moved_signature,
    "route: unknown ones": lambda _: "".join(
        body(ask(path))
        for path in (
            "/geo/",
            "/geo/day",
            "/geo/accounts",
            "/geo/day/R2",
            "/geo/redraw/1",
            "/geo/assets/0/../store.py",
            "/geo/day/../data/1",
        )
    ),
    "route: other methods": lambda world: "".join(
        body(ask(world.day(world.two, "R2")[:-4], method=m)) for m in ("HEAD", "PUT", "DELETE", "OPTIONS")
    ),
    "file: offline copy": offline_of,
    "file: map and component": payloads,
    "error: their account by id": lambda world: told(lambda: world.workspace.calls_made.retract("R2-call-0", world.one)),
    "role: in capitals": lambda world: str(Viewer(ONE, "One", "LEADER", "R1").may("see the accounts of everybody")),
    "role: none at all": lambda world: world.workspace.seen_by(Viewer(ONE, "One", "", "R1"), TODAY).accounts().to_csv(),
    "role: a rep without a rep": lambda world: world.workspace.seen_by(Viewer(ONE, "One", REP, None), TODAY).accounts().to_csv(),
    "role: a manager of nobody": lambda world: world.workspace.seen_by(Viewer(ONE, "One", "manager", "R1"), TODAY).accounts().to_csv(),
    "role: an administrator": lambda world: world.workspace.seen_by(Viewer(ONE, "One", "admin", "R1"), TODAY).accounts().to_csv(),
    "role: a rep id with a wildcard": lambda world: world.workspace.seen_by(Viewer(ONE, "One", REP, "R%"), TODAY).accounts().to_csv(),
}


def test_there_are_at_least_sixty_attempts():
    assert len(ATTEMPTS) >= 60 and set(APP_ROLES) >= {REP}


def test_what_is_looked_for_is_there_for_those_who_may_see_it(world):
    """Else the attempts below could not fail."""
    theirs = world.workspace.seen_by(world.two, TODAY)
    sheet = json.dumps(logbook.sheet_of_rep(world.workspace, world.two, "R2", TODAY))
    for text in (
        theirs.accounts().to_csv(),
        theirs.calls().to_csv(),
        theirs.requests().to_csv(),
        sheet,
        body(ask(world.day(world.two, "R2"))),
    ):
        assert world.secrets.search(text)
    assert world.secrets.search(everything_of(open_page("my_territory", TWO)))
    assert len(world.own) > 5 and len(world.foreign) > 5 and not set(world.own) & set(world.foreign)


@pytest.mark.parametrize("name", ATTEMPTS)
def test_no_byte_of_another_reps_accounts_comes_out(world, name):
    text = ATTEMPTS[name](world)
    asked = {world.foreign[0], f"Site {world.foreign[0][1:]}"} if name.startswith("search: a") else set()
    assert [found for found in world.secrets.findall(text) if found not in asked] == []


def test_an_account_of_others_and_one_that_is_not_there_are_refused_in_the_same_words(world):
    answers = [ask(f"{world.day()}/calls", entry("log", 7, account=account)) for account in (world.foreign[3], "a999")]
    assert answers[0].status == answers[1].status
    assert answers[0].json["refused"] == answers[1].json["refused"] != []


def test_the_base_of_another_rep_is_not_told(world):
    assert list(world.sight.reps().index) == ["R1"] and world.workspace.reps().loc["R1", Reps.lat] == 40.123456
    seen = world.workspace.seen_by(LEA, TODAY).reps().loc["R1", Reps.lat]
    assert seen == 40.12
