"""Packs of three people over one realignment: each says what is theirs, nothing of anybody else, and together they are everything."""

import base64
import hashlib
import html
import io
import re
import zipfile
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_territory.cycle_tables import CLOSED, GAINED, KEPT, LOST, MOVED, NEW
from geo_territory.errors import TableError
from geo_territory.maps.territory_picture import COLORS, territory_picture
from geo_territory.publish.hand_over_pack import HandOver, hand_over_index, hand_over_pack, hand_over_zip, pack_name
from geo_territory.tables import Accounts, CallPlan, Calls, ChangesOfHands, RepChanges, Reps, Territories, Workload

BAD = "<script>alert(1)</script>"
FORMULA = '=HYPERLINK("http://example.org","x")'
# account: name, rep before, rep after, tier, what becomes of it; value is 1000 x its number
STORY = {
    "k1": ("Kept Mill", "R1", "R1", "A", KEPT),
    "k2": ("Kept Yard", "R1", "R1", "C", KEPT),
    "g1": (f"Gained {BAD}", "R2", "R1", "A", MOVED),
    "g2": (FORMULA, None, "R1", "B", NEW),
    "l1": ("Lost Bakery", "R1", "R2", "B", MOVED),
    "l2": ("Lost Foundry", "R1", None, "C", MOVED),
    "c1": ("Closed Cannery", "R1", None, "C", CLOSED),
    "o1": ("Other Clinic", "R2", "R2", "A", KEPT),
    "o2": ("Other Depot", "R3", "R3", "C", KEPT),
}
VALUE = {name: 1000.0 * i + 7 for i, name in enumerate(STORY, 1)}


def accounts():
    names = list(STORY)
    rows = {
        Accounts.name: [told[0] for told in STORY.values()],
        Accounts.status: ["closed" if told[4] == CLOSED else "customer" for told in STORY.values()],
        Accounts.street: [f"{i} Street of {name}" for i, name in enumerate(names)],
        Accounts.city: [f"Town {name}" for name in names],
        Accounts.state: "OH",
        Accounts.postal_code: [f"04{i:03d}" for i in range(len(names))],
        Accounts.lat: [40.0 + i / 10 for i in range(len(names))],
        Accounts.lon: [-83.0 - i / 10 for i in range(len(names))],
        Accounts.phone: [f"(614) 555-01{i:02d}" for i in range(len(names))],
        Accounts.geocode_precision: "given",
    }
    frame = pd.DataFrame(rows, index=pd.Index(names, name=Accounts.account_id, dtype="str"))
    return Accounts.check(frame.reindex(columns=[*dict.fromkeys([*Accounts.columns(), *frame.columns])]))


def changes():
    rows = [
        (a, "outside", name, tier, VALUE[a], was, now, was and "T1", now and "T1", None if what == KEPT else f"Reason of {a} & co.", what)
        for a, (name, was, now, tier, what) in STORY.items()
    ]
    return ChangesOfHands.check(pd.DataFrame(rows, columns=ChangesOfHands.columns()))


def call(account, rep, day, outcome="met"):
    return {
        Calls.account_id: account, Calls.rep_id: rep, Calls.role: "outside", Calls.date: pd.Timestamp(day), Calls.channel: "visit",
        Calls.outcome: outcome, Calls.duration_min: 30.0, Calls.note: f"secret of {account}",
    }  # fmt: skip


@pytest.fixture(scope="module")
def asked():
    names = {"R1": "Ada Voss", "R2": f"Bo {BAD}", "R3": "Cy Marsh"}
    reps = {Reps.name: list(names.values()), Reps.email: None, Reps.role: "outside", Reps.fte: 1.0, Reps.lat: None, Reps.lon: None}
    reps |= {Reps.leave_days: 0.0, Reps.territory_id: None}
    made = [call("g1", "R2", "2026-06-01"), call("g1", "R2", "2026-06-20", "voicemail"), call("o1", "R2", "2026-06-02")]
    made += [call("l1", "R1", "2026-05-17")]
    planned = [(a, t[3], {"A": 52.0, "B": 12.0}[t[3]]) for a, t in STORY.items() if t[3] != "C"]
    plan = pd.DataFrame({CallPlan.account_id: [a for a, _, _ in planned], CallPlan.tier: [t for _, t, _ in planned]})
    plan = plan.assign(**{CallPlan.role: "outside", CallPlan.channel: "visit", CallPlan.calls_per_year: [n for _, _, n in planned]})
    plan[CallPlan.cadence] = ["weekly" if n == 52 else "monthly" for _, _, n in planned]
    plan = plan.assign(**{CallPlan.minutes_per_call: 60.0, CallPlan.travel_min: None})
    hours = {Workload.account_id: list(STORY), Workload.role: "outside", Workload.calls_per_year: 1.0, Workload.call_hours: 100.0}
    shape = {Territories.name: ["Ohio"], Territories.color: ["#0072B2"]}
    return HandOver(
        name="Spring plan", valid_from=date(2026, 7, 1), cycle="2026 Q3", as_of=date(2026, 6, 30), changes=changes(), accounts=accounts(),
        reps=Reps.check(pd.DataFrame(reps, index=pd.Index(list(names), name=Reps.rep_id, dtype="str"))),
        call_plan=CallPlan.check(plan),
        calls=Calls.check(pd.DataFrame(made, index=pd.Index([f"c{i}" for i in range(len(made))], name=Calls.call_id, dtype="str"))),
        hours=Workload.check(pd.DataFrame(hours | {Workload.travel_hours: 0.0, Workload.hours: 100.0})),
        shapes=gpd.GeoDataFrame(shape, geometry=[shapely.box(-84, 39.5, -82, 41)], index=pd.Index(["T1"], dtype="str"), crs="EPSG:4326"),
        capacity=pd.Series({"R1": 300.0, "R2": 1000.0}), role_labels={"outside": "Outside rep"},
        note=f"Questions to me. {BAD}", notes={"R1": "Ada, thank you."}, approved_by="Mara Lind",
    )  # fmt: skip


@pytest.fixture(scope="module")
def ada(asked):
    return hand_over_pack(asked, "R1").decode()


TAGS = frozenset(
    re.findall(
        r"\w+",
        "html head meta title style body header h1 h2 h3 p b dl div dt dd figure figcaption svg rect g path circle text span ol ul li "
        "section table thead tbody tr th td footer",
    )
)


class Words(HTMLParser):
    """The text of a page, a line for each piece, and its tags."""

    def __init__(self, page):
        super().__init__()
        self.words, self.tags = [], []
        self.feed(page)

    def handle_data(self, data):
        self.words.append(data.strip())

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


def rows_of(page, title):
    """The rows of the table under a heading: of each cell its pieces of text, parted by |."""
    part = page[page.index(f"<h2>{title}") :]
    body = re.search(r"<tbody>(.*?)</tbody>", part, re.S)[1]
    return [[pieces(cell) for cell in re.findall(r"<td.*?</td>", row)] for row in body.split("</tr>")[:-1]]


def pieces(cell):
    return html.unescape("|".join(filter(None, re.split("(?:<[^>]+>)+", cell))))


def test_a_pack_says_from_when_what_and_why(ada):
    words = " ".join(Words(ada).words)
    origin = "Spring plan · 2026 Q3 · approved by Mara Lind"
    for said in ("Your territory from 1 July 2026", "Ada Voss", "Outside rep", origin, "Ada, thank you."):
        assert said in words
    assert "about 400 hours a year, travel estimated; you have 300: 133\u00a0%" in words
    assert "Visit every week" in words and "Reason of g1 & co." in words


def test_what_comes_is_told_with_the_last_call_that_counts_and_when_the_next_is_due(ada):
    """g1: met on 1 June, the voicemail of 20 June doesn't count; weekly, so due on 8 June and late on 1 July. g2 was never called."""
    first, second = rows_of(ada, "Come to you")
    assert (first[0], first[1].split("|")[0], first[2]) == ("A", f"Gained {BAD}", "3,007")
    assert "Town g1, OH 04002" in first[1] and "(614) 555-0102" in first[1]
    assert first[3] == f"Bo {BAD}" and first[4].startswith("1\u00a0Jun\u00a02026|visit") and first[5] == "8\u00a0Jun\u00a02026|late"
    assert second[0] == "B" and second[3] == "new" and second[4] == "no call known" and second[5] == "first call"


def test_what_goes_is_told_by_name_place_and_whom_and_by_no_figure(ada):
    rows = rows_of(ada, "Go to others")
    assert [row[1] for row in rows] == [f"Bo {BAD}", "nobody"]
    assert rows[0][0] == "Lost Bakery|4 Street of l1, Town l1, OH 04004"
    words = " ".join(Words(ada).words)
    assert f"{VALUE['l1']:,.0f}" not in words and "555-0104" not in words and "17\u00a0May" not in words
    assert rows_of(ada, "Are no more")[0][0].startswith("Closed Cannery")


def test_what_stays_is_told_in_a_line_with_when_it_is_due(ada):
    lines = re.search(r'<ul class="stay">(.*?)</ul>', ada, re.S)[1].split("</li>")[:-1]
    assert [pieces(line) for line in lines] == ["A|Kept Mill |Town k1|first call", "C|Kept Yard |Town k2"]


def test_a_pack_holds_no_byte_of_anybody_elses_accounts(asked):
    for rep in asked.people:
        page = hand_over_pack(asked, rep).decode()
        for account, (name, was, now, *_) in STORY.items():
            assert (html.escape(name) in page) == (rep in (was, now))
            assert (f"Street of {account}," in page) == (rep in (was, now) and was != now)
            assert (f"{VALUE[account]:,.0f}<" in page) == (now == rep != was)
            assert f"secret of {account}" not in page


def test_names_never_become_markup_and_the_page_asks_nothing(asked):
    for rep in asked.people:
        page = hand_over_pack(asked, rep).decode()
        read = Words(page)
        assert BAD not in page and not {"script", "iframe", "object", "img", "link", "a", "form", "base"} & {tag for tag, _ in read.tags}
        assert not any(name.startswith("on") or name in ("style", "src", "href") for _, attrs in read.tags for name in attrs)
        policy = next(attrs["content"] for tag, attrs in read.tags if attrs.get("http-equiv") == "Content-Security-Policy")
        style = re.search(r"<style>(.*?)</style>", page, re.S)[1]
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
        assert "url(" not in style and "@import" not in style
        assert set(re.findall(r"https?://[^\s\"'<&]+", page)) <= {"http://www.w3.org/2000/svg", "http://example.org"}


def test_it_prints_on_a4_with_headings_on_every_page_and_no_row_in_two(ada):
    for rule in ("@page { size: A4", "thead { display: table-header-group", "tr { break-inside: avoid", "h2 {", "color-scheme: light"):
        assert rule in ada


def test_the_packs_together_are_all_active_assignments(asked):
    """Check 13: gained and kept of all people, and what nobody serves, are all that is assigned."""
    index = hand_over_index(asked)
    active = (asked.changes[ChangesOfHands.change] != CLOSED).sum()
    assert index["accounts"].sum() == active == 8
    assert index.loc["", "accounts"] == 1
    gained = index[RepChanges.gained].dropna()
    pages = {rep: hand_over_pack(asked, rep).decode() for rep in asked.people}
    assert [len(rows_of(pages[rep], "Come to you")) if n else 0 for rep, n in gained.items()] == gained.tolist() == [2, 1, 0]
    assert [page.count("<li dir=") for page in pages.values()] == index[RepChanges.kept].dropna().tolist() == [2, 1, 1]


def test_the_zip_has_a_pack_for_everybody_an_index_and_what_nobody_serves(asked):
    content = hand_over_zip(asked)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
        assert names[:2] == ["index.csv", "nobody.csv"] and len(names) == 5
        index = pd.read_csv(archive.open("index.csv"), dtype="str", keep_default_na=False)
        assert [name in names for name in index["file"]] == [True] * 4
        assert archive.read("nobody.csv").decode().splitlines()[1] == "l2,outside,Lost Foundry,C,"
        assert archive.read("R1 Ada Voss.html") == hand_over_pack(asked, "R1")
        assert all(re.fullmatch(r"[\w .-]+", name) for name in names)
    assert hand_over_zip(asked) == content


def test_a_name_like_a_path_is_no_path(asked):
    reps = asked.reps.assign(**{Reps.name: ["../../etc/passwd", "CON:", ""]})
    assert pack_name(replace(asked, reps=reps), "R1") == "R1 .._.._etc_passwd.html"


def test_who_has_nothing_to_do_with_it_gets_no_pack(asked):
    with pytest.raises(TableError, match="serves no account"):
        hand_over_pack(asked, "R9")


def test_a_publication_without_shapes_places_calls_or_plan_still_gives_packs(asked):
    bare = replace(
        asked, shapes=None, calls=Calls.empty(), call_plan=CallPlan.empty(), capacity=None, note="", notes={}, approved_by="",
        accounts=asked.accounts.assign(**{Accounts.lat: None, Accounts.lon: None}),
    )  # fmt: skip
    page = hand_over_pack(bare, "R1").decode()
    assert "<figure>" not in page and "No calls are planned on these accounts." in page and "no call known" in page
    assert "nan" not in " ".join(Words(page).words).lower().split()


def test_the_picture_tells_what_comes_from_what_goes_without_colour():
    """A triangle, a cross and a dot; the land of the state around them."""
    told = {Accounts.lat: [40.0, 40.1, 40.2], Accounts.lon: [-83.0, -83.1, -83.2], ChangesOfHands.change: [GAINED, LOST, KEPT]}
    drawn = territory_picture(gpd.GeoSeries([shapely.box(-84, 39.5, -82, 41)], crs="EPSG:4326"), pd.DataFrame(told))
    assert all(drawn.count(color) == 1 for color in COLORS.values())
    assert drawn.count("<circle") == 1 and "Columbus" in drawn
    assert territory_picture(gpd.GeoSeries([], crs="EPSG:4326"), pd.DataFrame(told).iloc[:0]) == ""


@settings(max_examples=15, deadline=None)
@given(st.text(max_size=20), st.text(max_size=20), st.sampled_from(["R1", "R2", "R3"]))
def test_whatever_a_name_or_note_says_it_is_text(asked, name, note, rep):
    rows = asked.changes.assign(**{ChangesOfHands.name: f"{name}<b onclick=x>", ChangesOfHands.reason: note})
    page = hand_over_pack(replace(asked, changes=rows, note=f"</div>{note}", shapes=None), rep).decode()
    known = {
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "header",
        "h1",
        "p",
        "b",
        "dl",
        "div",
        "dt",
        "dd",
        "figure",
        "figcaption",
        "svg",
    }
    known |= {
        "rect",
        "g",
        "path",
        "circle",
        "text",
        "span",
        "section",
        "h2",
        "h3",
        "ol",
        "li",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "footer",
    }
    tags = Words(page).tags
    assert {tag for tag, _ in tags} <= TAGS
    assert not any("onclick" in attrs for _, attrs in tags)
