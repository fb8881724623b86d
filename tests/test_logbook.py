"""The routes of a rep's day: only one's own day is written, each entry once, and nothing is told of what others have."""

from datetime import UTC, date, datetime, timedelta

import pytest

from geo_territory import desk, feed, logbook
from geo_territory.errors import GrantError, RightsError, TerritoryError
from geo_territory.publish.offline import offline_copy, read_calls
from geo_territory.rights import Viewer
from geo_territory.tables import Calls, Requests
from geo_territory.workspace import URL_VARIABLE
from tests.day_company import BOSS, LEA, ONE, TWO, accounts_of, publish_company
from tests.test_desk_routes import Answer, ask

TODAY = date.today()
SECRET = "a secret of this test's own"
NOW = datetime.now(UTC).replace(tzinfo=None)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def url(request, tmp_path_factory):
    """The published company in both databases."""
    folder = tmp_path_factory.mktemp("company")
    made = f"sqlite:///{folder}/work.db" if request.param == "sqlite" else request.getfixturevalue("server").database()
    publish_company(made)
    return made


@pytest.fixture
def workspace(url, monkeypatch):
    monkeypatch.setenv(URL_VARIABLE, url)
    monkeypatch.setenv(feed.SECRET_VARIABLE, SECRET)
    yield desk.workspace_at(url)


@pytest.fixture
def own(workspace):
    return accounts_of(workspace, "R1")


@pytest.fixture
def foreign(workspace):
    return accounts_of(workspace, "R2")


def address(workspace, url, email=ONE, rep_id="R1", day=None):
    return feed.local().day_grant(url, rep_id, workspace.people.viewer(email), day)


def call(number, account, **changed):
    entry = {"id": f"day-{number:024d}", "kind": "log", "account": account, "date": TODAY.isoformat(), "channel": "visit", "outcome": "met"}
    return {**entry, "note": "", "at": "2026-07-01T08:00:00.000Z", **changed}


def send(at, *entries) -> Answer:
    return ask(f"{at}/calls", {"entries": list(entries)})


def made_by(workspace, rep_id="R1"):
    return workspace.calls_made.calls(rep_ids=[rep_id])


def test_a_call_is_stored_before_it_is_acknowledged_and_sent_twice_counts_once(workspace, url, own):
    at = address(workspace, url)
    entry = call(1, own[6], note="They open a second site")
    answer = send(at, entry)
    assert answer.status == 200 and answer.json["done"] == [entry["id"]] and answer.json["refused"] == []
    stored = made_by(workspace).loc[entry["id"]]
    assert (stored[Calls.account_id], stored[Calls.note], stored[Calls.date].date()) == (own[6], "They open a second site", TODAY)
    count = len(made_by(workspace))
    assert send(at, entry, entry).json["done"] == [entry["id"]] * 2
    assert len(made_by(workspace)) == count


@pytest.mark.parametrize(
    ("number", "at"), [(100, ""), (101, "yesterday"), (102, "2999-01-01T00:00:00.000Z"), (103, "0001-01-01T00:00:00+14:00")]
)
def test_a_phone_whose_clock_is_wrong_loses_nothing(workspace, url, own, number, at):
    entry = call(number, own[5], at=at)
    assert send(address(workspace, url), entry).json["done"] == [entry["id"]]
    assert made_by(workspace).loc[entry["id"], Calls.logged_at] <= datetime.now(UTC).replace(tzinfo=None)


def test_what_was_taken_back_stays_so_when_it_is_sent_again(workspace, url, own):
    at = address(workspace, url)
    entry, back = call(2, own[6]), {"id": "day-back-0002", "kind": "retract", "call": "day-" + "2".rjust(24, "0")}
    assert send(at, entry, back).json["done"] == [entry["id"], back["id"]]
    assert entry["id"] not in made_by(workspace).index
    assert send(at, entry, back).json["refused"] == []
    assert entry["id"] not in made_by(workspace).index


@pytest.mark.parametrize(
    "forge",
    [lambda at: at[:-3] + "AAA", lambda at: at.replace("/day/", "/day/x"), lambda at: "/geo/day/R1", lambda at: "/geo/day/" + "a" * 3000],
)
def test_a_forged_address_is_refused(workspace, url, own, forge):
    before = len(made_by(workspace))
    at = forge(address(workspace, url))
    assert ask(at).status == 403 and send(at, call(3, own[0])).status == 403
    assert len(made_by(workspace)) == before


def test_an_address_of_a_draft_opens_no_day(workspace, url):
    at = feed.local().redraw_grant(url, 1, LEA).replace("/redraw/", "/day/")
    assert ask(at).status == 403


def test_an_address_ends_after_some_days(workspace, url):
    word = address(workspace, url).rsplit("/", 1)[1]
    secret = SECRET.encode()
    assert logbook.checked(word, secret, TODAY).rep_id == "R1"
    with pytest.raises(GrantError, match="reload"):
        logbook.checked(word, secret, TODAY + timedelta(days=5))


def test_accounts_of_others_are_refused_in_the_same_words_as_ones_that_are_not_there(workspace, url, foreign):
    at = address(workspace, url)
    said = send(at, call(4, foreign[0]), call(5, "no such account")).json
    assert said["done"] == [] and len(said["refused"]) == 2
    first, second = (row["reason"] for row in said["refused"])
    assert first == second and foreign[0] not in first


def test_a_refused_entry_does_not_hold_up_the_others(workspace, url, own, foreign):
    said = send(address(workspace, url), call(6, foreign[0]), call(7, own[7])).json
    assert said["done"] == [call(7, own[7])["id"]] and len(said["refused"]) == 1


def test_a_call_of_another_rep_can_be_neither_taken_back_nor_overwritten(workspace, url, own):
    theirs = made_by(workspace, "R2")
    stolen = theirs.index[0]
    said = send(address(workspace, url), {"id": "day-steal-001", "kind": "retract", "call": stolen}, {**call(8, own[0]), "id": stolen}).json
    assert [row["id"] for row in said["refused"]] == [stolen]
    assert made_by(workspace, "R2").equals(theirs)


def test_a_day_still_to_come_is_refused_and_yesterday_is_not(workspace, url, own):
    ahead, yesterday = (TODAY + timedelta(days=3)).isoformat(), (TODAY - timedelta(days=1)).isoformat()
    said = send(address(workspace, url), call(9, own[1], date=ahead), call(10, own[1], date=yesterday)).json
    assert said["done"] == [call(10, "")["id"]] and "still to come" in said["refused"][0]["reason"]


def test_a_day_before_the_rep_served_the_account_is_refused(workspace, url, own):
    before = (TODAY - timedelta(days=200)).isoformat()
    assert send(address(workspace, url), call(11, own[1], date=before)).json["done"] == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"channel": "pigeon"},
        {"outcome": "bought"},
        {"date": "tomorrow"},
        {"account": ""},
        {"note": "x" * 501},
        {"note": "a\x00b"},
        {"note": "half \ud800 a sign"},
        {"kind": "delete"},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_what_cannot_be_a_call_is_refused_with_a_reason(workspace, url, own, wrong):
    said = send(address(workspace, url), {**call(12, own[0]), **wrong}).json
    assert said["done"] == [] and said["refused"][0]["reason"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"entries": []},
        {"entries": "x"},
        {"entries": [1]},
        {"entries": [{"id": "x"}]},
        {"entries": [{"id": 7}]},
        {"entries": [{}] * 101},
    ],
)
def test_what_is_no_list_of_entries_is_not_understood(workspace, url, body):
    assert ask(f"{address(workspace, url)}/calls", body).status == 400


def test_somebody_who_may_no_longer_sign_in_is_refused_at_once(workspace, url, own):
    at = address(workspace, url, TWO, "R2")
    assert ask(at).status == 200
    workspace.people.save_user(TWO, name="Two", app_role="rep", rep_id="R2", active=False, who=LEA.email)
    try:
        assert ask(at).status == 403 and send(at, call(13, own[0])).status == 403
    finally:
        workspace.people.save_user(TWO, name="Two", app_role="rep", rep_id="R2", who=LEA.email)


def test_a_manager_reads_the_day_of_their_rep_and_writes_nothing(workspace, url, own):
    at = address(workspace, url, BOSS, "R1")
    sheet = ask(at).json["sheet"]
    assert sheet["rep"]["id"] == "R1" and all(row["note"] is None for row in sheet["log"])
    assert send(at, call(14, own[0])).status == 403


def test_a_rep_cannot_open_the_day_of_another(workspace, url, foreign):
    answer = ask(address(workspace, url, ONE, "R2"))
    assert answer.status == 403 and "Rep 2" not in answer.json["error"]
    missing = ask(address(workspace, url, ONE, "R99"))
    assert missing.json == answer.json


def test_the_sheet_holds_own_accounts_only_and_notes_of_nobody_else(workspace, url, own, foreign):
    body = ask(address(workspace, url)).json
    sheet = body["sheet"]
    assert {account["id"] for account in sheet["accounts"]} == set(own)
    assert not any(name in str(body) for name in foreign) and "A note of R2" not in str(body)
    assert any(row["note"] == "A note of R1" for row in sheet["log"])


def test_a_base_is_rounded_for_everybody_but_the_rep(workspace):
    mine = logbook.sheet_of_rep(workspace, workspace.people.viewer(ONE), "R1", TODAY)
    seen = logbook.sheet_of_rep(workspace, workspace.people.viewer(BOSS), "R1", TODAY)
    exact, rounded = ({account["id"]: account["km"] for account in sheet["accounts"]} for sheet in (mine, seen))
    assert exact != rounded and all(abs(exact[name] - rounded[name]) < 1.2 for name in exact)


def test_the_day_of_the_phone_counts_near_midnight_but_no_other(workspace, url):
    at = address(workspace, url)
    tomorrow = (TODAY + timedelta(days=1)).isoformat()
    assert ask(f"{at}?day={tomorrow}").json["sheet"]["as_of"] == tomorrow
    assert ask(f"{at}?day={(TODAY + timedelta(days=9)).isoformat()}").json["sheet"]["as_of"] == TODAY.isoformat()
    fixed = address(workspace, url, day=TODAY - timedelta(days=5))
    assert ask(f"{fixed}?day={tomorrow}").json["sheet"]["as_of"] == (TODAY - timedelta(days=5)).isoformat()


def test_a_request_sent_twice_is_asked_once(workspace, url, own, foreign):
    at = address(workspace, url)
    asked = {"id": "day-request-1", "kind": "ask", "account": own[0], "want": "tier", "wish": "C", "reason": "They closed half the site"}
    assert send(at, asked, asked).json["done"] == [asked["id"]] * 2
    assert list(workspace.people.requests()[Requests.reason]) == [asked["reason"]]
    assert send(at, {**asked, "id": "day-request-2", "account": foreign[0]}).json["done"] == []
    assert send(at, {**asked, "id": "day-request-3", "wish": "Z"}).json["done"] == []
    assert ask(at).json["sheet"]["requests"][0]["state"] == "open"


def test_a_page_of_another_site_is_refused(workspace, url, own):
    at = address(workspace, url)
    answer = ask(f"{at}/calls", {"entries": [call(15, own[0])]}, headers={"Origin": "https://elsewhere.example"})
    assert answer.status == 403


def test_with_sign_in_on_an_address_made_without_it_opens_nothing(workspace, url):
    here = Viewer("pat", "Rep 1", "rep", "R1", here=True)
    at = feed.local().day_grant(url, "R1", here, None)
    assert ask(at).status == 200
    word = at.rsplit("/", 1)[1]
    with pytest.raises(RightsError):
        feed._day_seated(word, True)


# the offline copy and the way back


def copy_of(workspace, email=ONE, rep_id="R1"):
    viewer = workspace.people.viewer(email)
    sheet = logbook.sheet_of_rep(workspace, viewer, rep_id, TODAY)
    shapes = logbook.sight_of_rep(workspace, viewer, rep_id, TODAY).shapes()
    return offline_copy(sheet, shapes, doc="demo", made_at=NOW, notes_months=24, tiers=logbook.tiers_of(workspace, TODAY))


def test_the_file_holds_nothing_of_others(workspace, own, foreign):
    text = copy_of(workspace)
    assert all(f'"{name}"' in text for name in own)
    assert not any(f'"{name}"' in text for name in foreign)
    assert TWO not in text and BOSS not in text and "A note of R2" not in text
    assert "default-src 'none'" in text and "connect-src" not in text and "unsafe-eval" not in text


def file_of(*rows):
    columns = ["call_id", "account_id", "name", "rep_id", "role", "date", "channel", "outcome", "note", "logged_at", "retracted"]
    lines = [",".join(columns)]
    for row in rows:
        values = {"name": "", "rep_id": "R1", "role": "outside", "date": TODAY.isoformat(), "channel": "visit", "outcome": "met"}
        values |= {"note": "", "logged_at": "2026-07-01T08:00:00Z", "retracted": "no"} | row
        lines.append(",".join(f'"{values[name]}"' for name in columns))
    return ("\ufeff" + "\r\n".join(lines) + "\r\n").encode()


def test_a_file_brought_twice_counts_its_calls_once_and_takes_back_what_was_undone(workspace, own, foreign):
    viewer = workspace.people.viewer(ONE)
    content = file_of(
        {"call_id": "day-copy-1", "account_id": own[8]},
        {"call_id": "day-copy-2", "account_id": own[9]},
        {"call_id": "day-copy-3", "account_id": foreign[0]},
    )
    first = logbook.merge(workspace, viewer, read_calls(content), NOW)
    assert (first.new, first.known, first.taken_back, len(first.refused)) == (2, 0, 0, 1)
    count = len(made_by(workspace))
    again = logbook.merge(workspace, viewer, read_calls(content), NOW)
    assert (again.new, again.known, len(made_by(workspace))) == (0, 2, count)
    undone = file_of({"call_id": "day-copy-1", "account_id": own[8], "retracted": "yes"}, {"call_id": "day-copy-2", "account_id": own[9]})
    last = logbook.merge(workspace, viewer, read_calls(undone), NOW)
    assert (last.new, last.known, last.taken_back) == (0, 1, 1) and "day-copy-1" not in made_by(workspace).index
    assert logbook.merge(workspace, viewer, read_calls(content), NOW).new == 0
    assert "day-copy-1" not in made_by(workspace).index


def test_the_file_of_another_rep_is_not_taken(workspace, own):
    content = file_of({"call_id": "day-copy-9", "account_id": own[8]})
    with pytest.raises(RightsError, match="another rep"):
        logbook.merge(workspace, workspace.people.viewer(TWO), read_calls(content), NOW)


def test_rows_that_cannot_be_used_are_told(workspace, own):
    content = file_of(
        {"call_id": "", "account_id": own[0]},
        {"call_id": "x1", "account_id": own[0], "channel": "pigeon"},
        {"call_id": "x2", "account_id": own[0], "retracted": "maybe"},
    )
    found = read_calls(content)
    assert found.calls.empty and [line[:5] for line in found.unusable] == ["Row 1", "Row 2", "Row 3"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00",
        b"{",
        b"{}",
        b'{"format": "geo-territory calls", "calls": [1]}',
        b"a,b\n1,2\n",
        b"[" * 100_000,
        b"x" * 6_000_000,
    ],
)
def test_another_file_is_refused_with_the_remedy(content):
    with pytest.raises(TerritoryError, match="file"):
        read_calls(content)
