"""A rep who signed in walks through every address: nothing that reaches the browser, by any way, is of another rep's accounts."""

import gzip
import re
import zlib

import pytest

from geo_territory.workspace import Workspace
from tests.browser.test_screens import idle
from tests.day_company import LEA, ONE, TWO, accounts_of, publish_company
from tests.signing_in import LONG, behind_sign_in, sign_in
from tests.test_isolation import of_rep

ADDRESSES = (
    *("", "start", "accounts", "attention", "design", "redraw", "compare", "publish", "export", "people", "my_territory"),
    *("my_territory?rep=R2", "my_territory?rep=R3", "redraw?draft=1", "compare?draft=1", "people?who=R2", "sign_in", "nowhere"),
)
FETCHED = (
    "geo/data/1",
    "geo/day/1",
    "geo/redraw/1",
    "geo/",
    "media/1.csv",
    "component/1",
    "_stcore/host-config",
    "vendor/leaflet/../../app.py",
)


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    url = f"sqlite:///{tmp_path_factory.mktemp('apart')}/work.db"
    publish_company(url)
    workspace = Workspace.open(url)
    workspace.drafts.begin(1, "Draft of the leader", "ann")
    yield url, workspace
    workspace.close()


@pytest.fixture(scope="module")
def address(company, provider, tmp_path_factory):
    with behind_sign_in(company[0], provider, tmp_path_factory.mktemp("secrets")) as server:
        yield server.address


class Heard:
    """All of the company that reaches a page: answers of the app's routes, and every message of its websocket, unpacked."""

    def __init__(self, page, address):
        self.parts: list[str] = []
        page.route(re.compile(f"^{re.escape(address)}/(geo|media|component)/"), self._answer)
        page.on("websocket", lambda socket: socket.on("framereceived", self._frame))

    def _answer(self, route):
        answer = route.fetch(max_redirects=0)
        self.parts.append(f"{answer.headers} {self._text(answer.body())}")
        route.fulfill(response=answer)

    def _frame(self, message):
        self.parts.append(message if isinstance(message, str) else self._text(message))

    @staticmethod
    def _text(content: bytes) -> str:
        for unpack in (gzip.decompress, lambda data: zlib.decompress(data, -zlib.MAX_WBITS)):
            try:
                return unpack(content).decode("utf-8", "replace")
            except (OSError, zlib.error, EOFError):
                continue
        return content.decode("utf-8", "replace")


def walk(page, address, email, addresses=ADDRESSES):
    heard = Heard(page, address)
    sign_in(page, address, email)
    page.locator("[data-gt=account]").first.wait_for(timeout=LONG)
    for path in addresses:
        page.goto(f"{address}/{path}")
        page.get_by_role("heading").first.wait_for(timeout=LONG)
        idle(page)
    for path in FETCHED:
        heard.parts.append(page.evaluate("path => fetch(path).then(answer => answer.text())", f"/{path}"))
    return "\n".join(heard.parts)


def test_a_rep_who_walks_through_every_address_receives_nothing_of_anothers(new_page, address, company):
    workspace = company[1]
    own, foreign = accounts_of(workspace, "R1"), accounts_of(workspace, "R2")
    leader = new_page()
    sign_in(leader, address, LEA.email)
    leader.get_by_role("heading").first.wait_for(timeout=LONG)
    leader.goto(f"{address}/my_territory?rep=R2")  # what is kept for everybody is warm
    leader.locator("[data-gt=account]").first.wait_for(timeout=LONG)
    theirs = walk(new_page(), address, TWO, ("my_territory", "nowhere"))
    assert of_rep(workspace, "R2", own).search(theirs)  # else what follows could not fail
    assert of_rep(workspace, "R1", foreign).findall(theirs) == []
    assert of_rep(workspace, "R2", own).findall(walk(new_page(), address, ONE)) == []
