"""The routes beside the app hand out only what was published, only to signed addresses, and let browsers keep it."""

import asyncio
import gzip
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from starlette.applications import Starlette

from geo_territory import desk, feed, maps
from geo_territory.maps import Payload
from geo_territory.rights import ADMIN, LEADER, REP, Viewer
from geo_territory.workspace import Workspace

SECRET = b"a secret of the test, long enough"
UNITS = Payload(b"GT1\n" + b"units " * 1000)
ANN = Viewer("ann", "Ann", LEADER, here=True)
NOWHERE = "sqlite:///nothing/of/it/is/opened.db"


class Answer:
    def __init__(self, status: int, headers: dict, body: bytes):
        self.status, self.headers, self.body = status, headers, body


def ask(routes, path: str, **headers: str) -> Answer:
    """Send one GET to the routes, as a web server would."""
    sent, asked = [], [{"type": "http.request", "body": b"", "more_body": False}]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "server": ("127.0.0.1", 80),
        "headers": [(name.replace("_", "-").lower().encode(), value.encode()) for name, value in headers.items()],
    }

    async def receive():
        return asked.pop() if asked else await asyncio.Future()

    async def send(message):
        sent.append(message)

    with ThreadPoolExecutor(1) as thread:  # a loop of its own: browser tests in the same process keep one running
        thread.submit(lambda: asyncio.run(Starlette(routes=routes)(scope, receive, send))).result()
    start = sent[0]
    return Answer(
        start["status"], {k.decode().lower(): v.decode() for k, v in start["headers"]}, b"".join(m.get("body", b"") for m in sent[1:])
    )


@pytest.fixture
def place() -> feed.Feed:
    return feed.Feed(SECRET)


def test_what_is_published_is_served_at_its_address(place):
    answer = ask(feed.routes(place), place.publish(UNITS, NOWHERE, ANN))
    assert (answer.status, answer.body) == (200, UNITS.content)
    assert answer.headers["content-type"] == "application/octet-stream" and answer.headers["x-content-type-options"] == "nosniff"


def test_the_same_content_always_has_the_same_address(place):
    again = Payload(bytes(UNITS.content))
    assert place.publish(UNITS, NOWHERE, ANN) == place.publish(again, NOWHERE, ANN) == feed.Feed(SECRET).publish(UNITS, NOWHERE, ANN)
    assert feed.Feed(b"another secret of the test").publish(UNITS, NOWHERE, ANN) != place.publish(UNITS, NOWHERE, ANN)


def test_browsers_may_keep_map_data_but_nobody_between_may(place):
    answer = ask(feed.routes(place), place.publish(UNITS, NOWHERE, ANN))
    assert answer.headers["cache-control"] == "private, max-age=86400, immutable"
    again = ask(feed.routes(place), place.publish(UNITS, NOWHERE, ANN), If_None_Match=answer.headers["etag"])
    assert (again.status, again.body) == (304, b"")


def test_map_data_travels_compressed_to_those_who_can_read_it(place):
    answer = ask(feed.routes(place), place.publish(UNITS, NOWHERE, ANN), Accept_Encoding="gzip, br")
    assert answer.headers["content-encoding"] == "gzip" and gzip.decompress(answer.body) == UNITS.content
    assert len(answer.body) < len(UNITS.content) / 10 and answer.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    "forge",
    [
        lambda address: address[:-1] + ("A" if address[-1] != "A" else "B"),  # another signature
        lambda address: address.rsplit(".", 1)[0],  # none
        lambda address: address[:15] + ("A" if address[15] != "A" else "B") + address[16:],  # another content under this signature
        lambda address: "/geo/data/" + desk.Grant("place", 1, "ann").signed(SECRET),  # signed, for something else
        lambda address: feed.Feed(b"another secret of the test").publish(UNITS, NOWHERE, ANN),  # another app's
        lambda address: "/geo/data/é.x",
    ],
)
def test_a_forged_address_is_refused(place, forge):
    answer = ask(feed.routes(place), forge(place.publish(UNITS, NOWHERE, ANN)))
    assert answer.status == 403 and b"units" not in answer.body and answer.headers["cache-control"] == "no-store"


def test_data_no_longer_held_is_not_found_and_says_what_to_do(place):
    address = place.publish(UNITS, NOWHERE, ANN)
    answer = ask(feed.routes(feed.Feed(SECRET)), address)
    assert answer.status == 404 and b"reload the page" in answer.body


@pytest.mark.parametrize(
    "path", ["/geo/", "/geo/secrets", "/geo/data/", "/geo/assets/x/view.js", "/geo/assets/../feed.py", "/vendor/leaflet/__init__.py"]
)
def test_what_is_not_listed_is_not_found(place, path):
    assert ask(feed.routes(place), path).status in (403, 404)


def test_the_store_forgets_the_least_recently_used_first():
    store = feed.Store(limit=5_000)
    old, used, new = (Payload(bytes([65 + i]) * 2_000) for i in range(3))
    store.put(old)
    store.put(used)
    store.put(old)
    assert store.get(old.hash).payload is old
    store.put(new)
    assert store.get(used.hash) is None and store.get(old.hash) and store.get(new.hash)


def test_one_payload_larger_than_the_store_is_still_served():
    store = feed.Store(limit=10)
    store.put(UNITS)
    assert store.get(UNITS.hash).payload == UNITS


def test_many_threads_may_publish_at_once():
    place = feed.Feed(SECRET, store=feed.Store(limit=50_000))
    with ThreadPoolExecutor(8) as pool:
        addresses = list(pool.map(lambda i: place.publish(Payload(b"%d" % (i % 7) * 1_000), NOWHERE, ANN), range(300)))
    assert len(set(addresses)) == 7
    assert place.store._held == sum(place.store.get(h).size for h in list(place.store._items)) <= 50_000


def test_scripts_and_leaflet_come_from_this_server_with_their_types(place):
    for address in place.scripts():
        answer = ask(feed.routes(place), address)
        assert (answer.status, answer.headers["content-type"]) == (200, "text/javascript; charset=utf-8"), address
    style = ask(feed.routes(place), place.leaflet_style())
    assert style.headers["content-type"] == "text/css; charset=utf-8" and b".leaflet-pane" in style.body
    assert len(place.scripts()) == 1 + len(maps.SCRIPTS)


def test_a_base_path_leads_every_address(place):
    below = feed.Feed(SECRET, "/terr/")
    addresses = [below.publish(UNITS, NOWHERE, ANN), below.leaflet_style(), *below.scripts()]
    assert all(address.startswith("/terr/") for address in addresses)
    assert {ask(feed.routes(below), address).status for address in addresses} == {200}
    assert ask(feed.routes(below), place.publish(UNITS, NOWHERE, ANN)).status == 404


def test_one_process_has_one_feed():
    address = feed.local("terr").publish(UNITS, NOWHERE, ANN)
    assert ask(feed.routes(feed.local()), address.removeprefix("/terr")).status == 200


def test_a_secret_from_the_environment_is_the_same_in_every_process(monkeypatch):
    monkeypatch.setenv(feed.SECRET_VARIABLE, SECRET.decode())
    assert feed.local().publish(UNITS, NOWHERE, ANN) == feed.Feed(SECRET).publish(UNITS, NOWHERE, ANN)


def test_a_secret_that_can_be_guessed_is_refused():
    with pytest.raises(ValueError, match="at least 16 bytes"):
        feed.Feed(b"short")


def test_a_secret_is_not_shown_when_a_feed_is_printed(place):
    assert "secret" not in repr(place)


@pytest.fixture
def served(tmp_path):
    """A workspace with a leader, a rep and an administrator, on a server where people sign in."""
    url = f"sqlite:///{tmp_path}/work.db"
    with_people = Workspace.open(url)
    for email, role in (("lee@larkstone.example", LEADER), ("ana@larkstone.example", ADMIN)):
        with_people.people.save_user(email, name=email, app_role=role, who="ann")
    yield url, with_people
    with_people.close()
    desk.close(url)


LEE = Viewer("lee@larkstone.example", "Lee", LEADER)
ANA = Viewer("ana@larkstone.example", "Ana", ADMIN)


def test_an_address_is_of_one_person_and_the_same_all_day(served):
    url, _ = served
    place = feed.Feed(SECRET)
    assert place.publish(UNITS, url, LEE) == feed.Feed(SECRET).publish(UNITS, url, LEE)
    assert len({place.publish(UNITS, url, viewer) for viewer in (LEE, ANA, ANN)}) == 3


def test_an_address_ends_with_the_day_after(served):
    url, _ = served
    days = [date(2026, 11, 23)]
    place = feed.Feed(SECRET, today=lambda: days[-1])
    address = place.publish(UNITS, url, LEE)
    for later, status in ((0, 200), (1, 200), (2, 403)):
        days.append(date(2026, 11, 23) + timedelta(days=later))
        assert ask(feed.routes(place, signs_in=True), address).status == status, later
    assert place.publish(UNITS, url, LEE) != address


def test_who_may_no_longer_sign_in_fetches_nothing(served):
    url, workspace = served
    place = feed.Feed(SECRET)
    address = place.publish(UNITS, url, ANA)
    assert ask(feed.routes(place, signs_in=True), address).status == 200
    workspace.people.save_user(ANA.email, name="Ana", app_role=ADMIN, active=False, who=LEE.email)
    answer = ask(feed.routes(place, signs_in=True), address)
    assert answer.status == 403 and b"units" not in answer.body and ANA.email.encode() not in answer.body
    stranger = place.publish(UNITS, url, Viewer("eve@larkstone.example", "Eve", LEADER))
    assert ask(feed.routes(place, signs_in=True), stranger).status == 403


def test_an_address_made_without_sign_in_is_worth_nothing_where_people_sign_in(served):
    url, workspace = served
    place = feed.Feed(SECRET)
    draft = place.redraw_grant(url, 1, ANN)
    for address in (place.publish(UNITS, url, ANN), f"{draft}?tab=one"):
        assert ask(feed.routes(place, signs_in=True), address.split("?")[0]).status == 403
    assert ask(feed.routes(place), place.publish(UNITS, url, ANN)).status == 200


@pytest.mark.parametrize("viewer", [ANA, Viewer("ann", "Ann", REP, "R01", here=True)], ids=["administrator", "seen as a rep"])
def test_only_who_may_plan_edits_a_draft(served, viewer):
    url, _ = served
    answer = ask(feed.routes(feed.Feed(SECRET)), feed.Feed(SECRET).redraw_grant(url, 1, viewer))
    assert answer.status == 403 and b"may not plan" in answer.body


def test_a_role_taken_away_ends_the_address_of_a_draft_at_once(served):
    url, workspace = served
    workspace.people.save_user("max@larkstone.example", name="Max", app_role=LEADER, who="ann")
    address = feed.Feed(SECRET).redraw_grant(url, 99, LEE)
    assert ask(feed.routes(feed.Feed(SECRET), signs_in=True), address).status == 404, "there is no such draft"
    workspace.people.save_user(LEE.email, name="Lee", app_role=ADMIN, who="ann")
    assert ask(feed.routes(feed.Feed(SECRET), signs_in=True), address).status == 403
