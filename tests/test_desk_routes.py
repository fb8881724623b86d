"""The routes of the redraw editor: only who holds a grant edits, only from this host, only in JSON, and also after a restart."""

import asyncio
import base64
import gzip
import json
import re
import stat
import tracemalloc
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from starlette.applications import Starlette

from geo_territory import desk, feed, maps
from geo_territory.errors import GrantError, WorkspaceError
from geo_territory.rights import LEADER, Viewer
from geo_territory.workspace import URL_VARIABLE
from geo_territory.workspace.secret import signing_secret
from tests.redraw_saved import keep
from tests.redraw_world import small_design

HOST = "app.example:8501"
JSON = {"Content-Type": "application/json"}
ANN = Viewer("ann", "Ann", LEADER, here=True)


class Answer:
    def __init__(self, status: int, headers: dict, body: bytes):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        body = gzip.decompress(self.body) if self.headers.get("content-encoding") == "gzip" else self.body
        return json.loads(body)


def ask(path: str, body: object = None, *, method: str = "", headers: dict | None = None) -> Answer:
    """Send one request to the routes of a process, as a web server would; a body makes it a POST of JSON."""
    data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    said = {"Host": HOST, **({} if body is None else JSON), **(headers or {})}
    path, _, query = path.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method or ("GET" if body is None else "POST"),
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "scheme": "http",
        "server": ("127.0.0.1", 80),
        "headers": [(name.lower().encode(), value.encode()) for name, value in said.items()],
    }
    waiting = [{"type": "http.request", "body": data, "more_body": False}]
    sent: list = []

    async def receive():
        return waiting.pop() if waiting else await asyncio.Future()

    async def send(message):
        sent.append(message)

    with ThreadPoolExecutor(1) as thread:  # a loop of its own: browser tests in the same process keep one running
        thread.submit(lambda: asyncio.run(Starlette(routes=feed.routes(feed.local()))(scope, receive, send))).result()
    start = sent[0]
    headers = {name.decode(): value.decode() for name, value in start["headers"]}
    return Answer(start["status"], headers, b"".join(message.get("body", b"") for message in sent[1:]))


@pytest.fixture
def url(tmp_path, monkeypatch):
    monkeypatch.delenv(feed.SECRET_VARIABLE, raising=False)
    address, _ = keep(tmp_path, small_design())
    yield address
    desk.close(address)


@pytest.fixture
def draft(url) -> int:
    return desk.workspace_at(url).drafts.begin(1, "Draft", "ann")


@pytest.fixture
def address(url, draft) -> str:
    return feed.local().redraw_grant(url, draft, ANN)


def move(seq: int = 1, units=(0,), to: str = "T02", base: int = 0) -> dict:
    return {"tab": "one", "have": base, "ops": [{"seq": seq, "kind": "move", "base": base, "moves": [{"units": list(units), "to": to}]}]}


def test_a_grant_opens_the_draft_and_edits_it_as_the_person_it_names(url, draft, address):
    state = ask(f"{address}?tab=one")
    assert state.status == 200 and state.headers["cache-control"] == "no-store" and state.headers["content-type"] == "application/json"
    assert state.json["rev"] == 0 and state.json["name"] == "Draft"
    answer = ask(f"{address}/edits", move())
    assert answer.status == 200 and (answer.json["rev"], answer.json["ack"]) == (1, 1)
    [edit] = desk.workspace_at(url).drafts.edits(draft)
    assert edit.who == "ann"


def test_nothing_new_is_an_empty_answer_and_news_is_told(address):
    assert ask(f"{address}/since?rev=0&tab=two").status == 204
    ask(f"{address}/edits", move())
    news = ask(f"{address}/since?rev=0&tab=two")
    assert news.status == 200 and news.json["owners"]


def test_every_route_answers(address):
    ask(f"{address}/edits", move())
    assert ask(f"{address}/look", {"have": 1, "moves": [{"units": [1], "to": "T03"}]}).json["selection"]["units"] == 1
    assert "faults" in ask(f"{address}/advice", {"territory": None}).json
    assert ask(f"{address}/accounts?territory=T01&limit=2").json["accounts"]
    assert ask(f"{address}/solve", {"pinned": []}).json["job"]
    assert "fraction" in ask(f"{address}/solve").json
    assert "proposals" in ask(f"{address}/solve/cancel", {}).json


def test_a_large_answer_travels_compressed_to_those_who_can_read_it(address):
    plain, packed = ask(f"{address}?tab=one"), ask(f"{address}?tab=one", headers={"Accept-Encoding": "gzip, br"})
    assert packed.headers["content-encoding"] == "gzip" and packed.json == plain.json
    assert len(packed.body) < len(plain.body) / 2 and packed.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    "forge",
    [
        # another signature: its first letter, since the last one carries bits that no decoder reads
        lambda address: re.sub(r"\.(.)([^.]*)$", lambda sign: "." + ("A" if sign[1] != "A" else "B") + sign[2], address),
        lambda address: address.rsplit(".", 1)[0],  # none
        lambda address: (
            "/geo/redraw/" + desk.Grant(desk.place_of("sqlite:///elsewhere"), 1, "eve").signed(b"a secret of hers, long enough")
        ),
        lambda address: "/geo/redraw/x",
        lambda address: "/geo/redraw/é",
    ],
)
def test_a_forged_grant_is_refused(url, draft, address, forge):
    for answer in (ask(f"{forge(address)}?tab=one"), ask(f"{forge(address)}/edits", move())):
        assert answer.status == 403 and "Redraw screen" in answer.json["error"]
    assert desk.workspace_at(url).drafts.edits(draft) == []


def test_a_grant_for_one_draft_opens_no_other(url, draft, address):
    word = desk.checked(address.rsplit("/", 1)[1], desk.workspace_at(url).signing_secret())
    other = desk.Grant(word.place, draft + 1, word.who).signed(b"not the secret, but as long")
    assert ask(f"/geo/redraw/{other}?tab=one").status == 403


def test_the_same_person_has_the_same_address_and_another_one_another(url, draft, address):
    assert feed.local().redraw_grant(url, draft, ANN) == address
    assert feed.local().redraw_grant(url, draft, Viewer("ben", "Ben", LEADER, here=True)) != address
    assert feed.local("maps").redraw_grant(url, draft, ANN) == f"/maps{address}"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", f"http://{HOST}.evil.example", "http://app.example:9999", "http://["])
def test_a_page_of_another_site_is_refused(url, draft, address, origin):
    assert ask(f"{address}/edits", move(), headers={"Origin": origin}).status == 403
    assert ask(f"{address}?tab=one", headers={"Origin": origin}).status == 403
    assert desk.workspace_at(url).drafts.edits(draft) == []


def test_a_page_of_this_host_is_heard_also_behind_a_proxy(address):
    assert ask(f"{address}/edits", move(), headers={"Origin": f"http://{HOST}"}).status == 200
    proxied = {"Origin": "https://plan.example", "X-Forwarded-Host": "plan.example"}
    assert ask(f"{address}?tab=one", headers=proxied).status == 200
    twice = {"Origin": "https://plan.example", "X-Forwarded-Host": "plan.example, inner.example"}
    assert ask(f"{address}?tab=one", headers=twice).status == 200


@pytest.mark.parametrize(
    ("path", "body", "headers"),
    [
        ("/edits", move(), {"Content-Type": "text/plain"}),  # what a form of another site can send
        ("/edits", b"{", {}),
        ("/edits", b"[]", {}),
        ("/edits", b"[" * 100_000, {}),
        ("/edits", {**move(), "ops": [{"seq": 2**53, "kind": "undo"}]}, {}),
        ("/edits", {**move(), "ops": [{"seq": 0, "kind": "undo"}]}, {}),
        ("/edits", {**move(), "tab": "../../x"}, {}),
        ("/edits", {**move(), "have": -1}, {}),
        ("/edits", {**move(), "have": "x"}, {}),
        ("/edits", {**move(), "ops": [{"kind": "move"}]}, {}),
        ("/edits", {**move(), "ops": "all"}, {}),
        ("/edits", b" " * (2 * 1024 * 1024 + 1), {}),
        ("/advice", {"territory": 7}, {}),
        ("/solve", {"pinned": ["a"]}, {}),
    ],
)
def test_what_can_not_be_understood_is_refused_with_a_reason(address, path, body, headers):
    answer = ask(address + path, body, headers=headers)
    assert answer.status == 400 and answer.json["error"].startswith("Expected")


@pytest.mark.parametrize("op", [{"kind": "\ud800"}, {"kind": "move", "moves": [{"units": [0], "to": "\ud800"}]}])
def test_half_a_letter_is_refused_and_does_not_stop_what_follows(address, op):
    answer = ask(f"{address}/edits", {"tab": "one", "have": 0, "ops": [{"seq": 1, "base": 0, **op}]})
    assert answer.status == 200 and [refusal["seq"] for refusal in answer.json["refused"]] == [1]
    assert ask(f"{address}/edits", move(2)).json["ack"] == 2


def test_a_forged_grant_is_not_unpacked_when_it_is_long(address):
    bomb = base64.urlsafe_b64encode(zlib.compress(b"[" + b" " * 20_000_000 + b"]", 9)).decode().rstrip("=")
    tracemalloc.start()
    try:
        with pytest.raises(GrantError):
            desk.claimed(f".{bomb}.signature")
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_a_closed_draft_is_told_from_one_that_is_busy(url, draft, address):
    desk.workspace_at(url).drafts.close(draft, "ann")
    answer = ask(f"{address}?tab=one")
    assert answer.status == 404 and "discarded" in answer.json["error"]


def test_what_the_workspace_refuses_is_worth_another_try(address, monkeypatch):
    def busy(*_):
        raise WorkspaceError("The workspace is busy.")

    monkeypatch.setattr(desk.Desk, "take", busy)
    answer = ask(f"{address}/edits", move())
    assert answer.status == 503 and answer.json == {"error": "The workspace is busy."}  # 409 would stop the browser for good


def test_a_browser_goes_on_at_the_same_address_after_a_restart(url, address, monkeypatch):
    ask(f"{address}/edits", move())
    desk.close(url)
    monkeypatch.setattr(feed, "_WORKSPACES", {})
    monkeypatch.setattr(feed, "_PROCESS_SECRET", b"another process has another one!")
    monkeypatch.setenv(URL_VARIABLE, url)
    answer = ask(f"{address}/edits", move(2, (1,), base=1))
    assert answer.status == 200 and answer.json["rev"] == 2


def test_another_process_of_another_workspace_knows_nothing_of_a_grant(address, monkeypatch, tmp_path):
    monkeypatch.setattr(feed, "_WORKSPACES", {})
    monkeypatch.setenv(URL_VARIABLE, f"sqlite:///{tmp_path}/another.db")
    assert ask(f"{address}?tab=one").status == 403
    assert not (tmp_path / "another.db").exists()


def test_a_secret_of_the_environment_signs_for_several_servers(url, draft, monkeypatch):
    own = feed.local().redraw_grant(url, draft, ANN)
    monkeypatch.setenv(feed.SECRET_VARIABLE, "the same secret on every server")
    address = feed.local().redraw_grant(url, draft, ANN)
    assert address != own and ask(f"{address}?tab=one").status == 200 and ask(f"{own}?tab=one").status == 403


def test_the_secret_is_for_its_owner_only_and_beside_the_workspace(url):
    path = Path(desk.workspace_at(url).path)
    secret = signing_secret(path)
    assert len(secret) == 32 and signing_secret(path) == secret
    assert stat.S_IMODE(Path(f"{path}.secret").stat().st_mode) == 0o600
    assert secret not in path.read_bytes()


def test_many_processes_agree_on_one_secret(tmp_path):
    with ThreadPoolExecutor(8) as threads:
        made = set(threads.map(lambda _: signing_secret(tmp_path / "work.db"), range(32)))
    assert len(made) == 1 and [path.name for path in tmp_path.iterdir()] == ["work.db.secret"]


def test_a_damaged_secret_says_what_to_do(tmp_path):
    (tmp_path / "work.db.secret").write_bytes(b"short")
    with pytest.raises(WorkspaceError, match="delete it"):
        signing_secret(tmp_path / "work.db")
    with pytest.raises(WorkspaceError, match="let the app write"):
        signing_secret(tmp_path / "work.db.secret" / "work.db")


def test_the_editor_s_scripts_are_served_for_good_in_their_order():
    addresses = feed.local().redraw_scripts()
    assert [address.split("/", 4)[4] for address in addresses] == list(maps.REDRAW_SCRIPTS)
    for address in addresses:
        answer = ask(address)
        assert answer.status == 200 and "immutable" in answer.headers["cache-control"]
