"""A rep's day on a phone of 360 pixels: calls in three taps, taken back, kept through a dead server, and the same as an offline copy."""

import re
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from geo_territory.publish.offline import offline_copy, read_calls
from geo_territory.workspace import URL_VARIABLE, Workspace
from tests.browser.redraw_desk import keep_picture
from tests.day_company import ONE, accounts_of, publish_company
from tests.day_world import MADE_AT, TIERS, day_sheet, shapes
from tests.serving import OWN, ROOT, Server

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
SMALL = """box => [...box.querySelectorAll('button, select, a.gt-way, summary, textarea, input')]
  .filter(part => part.getClientRects().length && getComputedStyle(part).visibility === 'visible' && !part.closest('.leaflet-control'))
  .map(part => [part, part.getBoundingClientRect()])
  .filter(([part, r]) => r.width < 43.5 || r.height < 43.5)
  .map(([part, r]) => `${part.dataset.gt || part.className} ${Math.round(r.width)}x${Math.round(r.height)}`)"""


@contextmanager
def watched(chromium, **options):
    """Open a page of its own; at the end it may have asked no other host and thrown no error."""
    context = chromium.new_context(**options)
    page = context.new_page()
    page.set_default_timeout(10_000)
    wrong: list[str] = []
    page.on("request", lambda request: None if request.url.startswith(OWN) else wrong.append(request.url))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    try:
        yield page
    finally:
        context.close()
    assert wrong == []


class Company:
    """The app over the published small company."""

    def __init__(self, folder: Path) -> None:
        self.url = f"sqlite:///{folder}/work.db"
        publish_company(self.url)
        self.server = Server(ROOT / "app.py", environment={URL_VARIABLE: self.url})
        self.server.start()

    def calls(self, *, fresh: bool = True) -> list[dict]:
        """Return the stored calls of R1, those that were not there from the start."""
        workspace = Workspace.open(self.url)
        try:
            found = workspace.calls_made.calls(rep_ids=["R1"])
            return [row for row in found.reset_index().to_dict("records") if not fresh or row["call_id"].startswith("day-")]
        finally:
            workspace.close()


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    made = Company(tmp_path_factory.mktemp("company"))
    yield made
    made.server.stop()


@pytest.fixture
def phone(chromium, company):
    with watched(chromium, **PHONE) as page:
        yield open_day(page, company)


def open_day(page: Page, company: Company) -> Page:
    """Open the app as Rep 1, who begins with My territory."""
    page.goto(company.server.address)
    page.get_by_role("button", name="View as").click()
    page.get_by_test_id("stSelectbox").locator("input").first.click()
    page.get_by_role("option", name=re.compile("One")).click()
    page.locator("[data-gt=account]").first.wait_for()
    return page


def part(page: Page, name: str):
    return page.locator(f"[data-gt={name}]")


def log_call(page: Page, nth: int, outcome: str = "met") -> str:
    """Log a call in three taps and return the account."""
    row = part(page, "account").nth(nth)
    account = row.get_attribute("data-account")
    row.tap()
    part(page, f"outcome-{outcome}").tap()
    part(page, "save").tap()
    return account


def all_sent(page: Page) -> None:
    expect(part(page, "status")).to_have_attribute("data-status", "saved")


def test_three_taps_log_a_call_that_is_stored_and_undone(phone, company):
    before = len(company.calls())
    account = log_call(phone, 1)
    expect(part(phone, "toast")).to_contain_text("Logged")
    all_sent(phone)
    made = company.calls()
    assert len(made) == before + 1
    call = next(row for row in made if row["account_id"] == account)
    assert (call["rep_id"], call["channel"], call["outcome"], call["date"].date()) == ("R1", "visit", "met", date.today())
    part(phone, "undo").tap()
    all_sent(phone)
    expect(part(phone, "toast")).to_contain_text("Taken back")
    phone.wait_for_timeout(300)
    assert len(company.calls()) == before


def test_two_quick_taps_on_save_count_once(phone, company):
    before = len(company.calls())
    part(phone, "account").nth(2).tap()
    part(phone, "outcome-met").tap()
    part(phone, "save").evaluate("save => (save.click(), save.click())")
    all_sent(phone)
    phone.wait_for_timeout(300)
    assert len(company.calls()) == before + 1


def test_what_is_typed_while_the_server_is_dead_arrives_after_a_reload(phone, company):
    before = len(company.calls())
    company.server.kill()
    account = log_call(phone, 3)
    expect(part(phone, "status")).to_have_attribute("data-status", "offline")
    expect(part(phone, "status")).to_contain_text("is kept here")
    company.server.start()
    assert len(company.calls()) == before
    open_day(phone, company)
    all_sent(phone)
    phone.wait_for_timeout(500)
    assert [row["account_id"] for row in company.calls()].count(account) == 1
    assert len(company.calls()) == before + 1


def test_a_page_that_stays_open_sends_by_itself_when_the_server_is_back(phone, company):
    before = len(company.calls())
    company.server.kill()
    log_call(phone, 4)
    log_call(phone, 5)
    expect(part(phone, "status")).to_contain_text("2 entries")
    company.server.start()
    expect(part(phone, "status")).to_have_attribute("data-status", "saved", timeout=30_000)
    assert len(company.calls()) == before + 2


def test_nothing_is_wider_than_the_phone_and_everything_can_be_touched(phone):
    def fits(place: str) -> None:
        assert phone.evaluate("document.scrollingElement.scrollWidth") <= 360, place
        assert phone.locator(".gt-day").evaluate(SMALL) == [], place

    fits("calls")
    keep_picture(phone, "day-360")
    part(phone, "account").first.tap()
    part(phone, "ask").locator("summary").tap()
    fits("card")
    keep_picture(phone, "day-360-card")
    part(phone, "close").tap()
    for name in ("progress", "changes"):
        part(phone, f"tab-{name}").tap()
        fits(name)


def test_a_request_is_sent_with_its_reason(phone, company):
    part(phone, "account").first.tap()
    part(phone, "ask").locator("summary").tap()
    expect(part(phone, "ask-send")).to_be_disabled()
    part(phone, "ask-wish").select_option("B")
    part(phone, "ask-reason").fill("They buy little")
    part(phone, "ask-send").tap()
    all_sent(phone)
    part(phone, "tab-progress").tap()
    expect(part(phone, "request").first).to_contain_text("waiting for an answer")
    workspace = Workspace.open(company.url)
    assert list(workspace.people.requests()["reason"]) == ["They buy little"]
    workspace.close()


def test_a_pin_and_its_row_are_chosen_together_and_the_keyboard_does_it_all(chromium, company):
    with watched(chromium, viewport={"width": 1280, "height": 900}) as page:
        open_day(page, company)
        keep_picture(page, "day-1280")
        first = part(page, "account").first
        account = first.get_attribute("data-account")
        page.locator(".gt-pin").first.focus()
        page.keyboard.press("Enter")
        expect(part(page, "card")).to_be_visible()
        expect(first).to_have_attribute("aria-current", "true")
        page.keyboard.press("Escape")
        expect(part(page, "card")).not_to_be_visible()
        focused = "account => (document.activeElement.shadowRoot?.activeElement ?? document.activeElement).dataset.account === account"
        page.wait_for_function(focused, arg=account)
        page.keyboard.press("Enter")
        part(page, "outcome-no_answer").focus()
        page.keyboard.press("Enter")
        part(page, "save").focus()
        page.keyboard.press("Enter")
        expect(part(page, "card")).not_to_be_visible()
        all_sent(page)


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_the_day_follows_the_theme(chromium, company, scheme):
    with watched(chromium, color_scheme=scheme, **PHONE) as page:
        open_day(page, company)
        assert page.locator(".gt-day").get_attribute("data-theme") == scheme
        keep_picture(page, f"day-360-{scheme}")


def test_another_rep_on_the_same_phone_sees_nothing_of_what_was_kept(phone, company):
    company.server.kill()
    log_call(phone, 2)
    expect(part(phone, "status")).to_have_attribute("data-status", "offline")
    keys = phone.evaluate("Object.keys(localStorage).filter(key => key.startsWith('gt-day'))")
    assert len(keys) == 1 and ONE not in keys[0]
    company.server.start()
    phone.goto(company.server.address)
    phone.get_by_role("button", name="View as").click()
    phone.get_by_test_id("stSelectbox").locator("input").first.click()
    phone.get_by_role("option", name=re.compile("Two")).click()
    part(phone, "account").first.wait_for()
    phone.wait_for_timeout(1500)
    expect(part(phone, "status")).to_have_attribute("data-status", "saved")
    assert phone.evaluate("Object.keys(localStorage).filter(key => key.startsWith('gt-day')).length") == 1
    open_day(phone, company)
    all_sent(phone)


def test_a_leader_looks_and_cannot_log(chromium, company):
    with watched(chromium, **PHONE) as page:
        page.goto(f"{company.server.address}/my_territory?rep=R2")
        part(page, "account").first.wait_for()
        expect(part(page, "read-only")).to_contain_text("Rep 2")
        part(page, "account").first.tap()
        assert part(page, "save").count() == 0 and part(page, "ask").count() == 0 and part(page, "undo-call").count() == 0


# the offline copy


@pytest.fixture
def copy(chromium, tmp_path):
    """Open the hand-written day from a file, on a phone without any connection."""
    path = tmp_path / "day.html"
    path.write_text(offline_copy(day_sheet(), shapes(), doc="demo R01", made_at=MADE_AT, notes_months=24, tiers=TIERS))
    with watched(chromium, accept_downloads=True, **PHONE) as page:
        page.context.set_offline(True)
        page.goto(path.as_uri())
        part(page, "account").first.wait_for()
        yield page


def saved(page: Page, kind: str) -> bytes:
    with page.expect_download() as download:
        part(page, f"save-{kind}").tap()
    return Path(download.value.path()).read_bytes()


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_calls_logged_in_the_file_leave_it_as_a_file(copy, kind):
    part(copy, "account").nth(1).tap()
    part(copy, "outcome-met").tap()
    part(copy, "note").fill('=HYPERLINK("x"), said "yes"\nSecond line')
    part(copy, "save").tap()
    log_call(copy, 2)
    part(copy, "undo").tap()
    copy.reload()
    part(copy, "account").first.wait_for()
    expect(part(copy, "status")).to_contain_text("1 call")
    found = read_calls(saved(copy, kind))
    assert found.unusable == () and found.back == () and found.rep_ids == {"R01"}
    assert list(found.calls["account_id"]) == ["A0001"]
    assert found.calls["note"].iloc[0] == '=HYPERLINK("x"), said "yes"\nSecond line'
    part(copy, "tab-progress").tap()
    part(copy, "undo-call").first.tap()
    later = read_calls(saved(copy, kind))
    assert list(later.back) == list(found.calls.index) and later.calls.empty


def test_a_copy_offers_no_request_because_it_could_not_send_it(copy):
    part(copy, "account").first.tap()
    expect(part(copy, "outcome-met")).to_be_visible()
    expect(part(copy, "ask")).to_have_count(0)


def test_the_file_can_open_no_connection(chromium, tmp_path):
    path = tmp_path / "day.html"
    path.write_text(offline_copy(day_sheet(), shapes(), doc="demo R01", made_at=MADE_AT, notes_months=24, tiers=TIERS))
    context = chromium.new_context(**PHONE)
    page = context.new_page()
    page.goto(path.as_uri())
    part(page, "account").first.wait_for()
    assert page.evaluate("performance.getEntriesByType('resource').map(entry => entry.name)") == []
    refused = page.evaluate(
        """async () => {
          const refused = [];
          document.addEventListener('securitypolicyviolation', event => refused.push(event.effectiveDirective));
          const picture = new Image(); picture.src = 'https://example.org/x.png';
          await fetch('https://example.org/').catch(() => null);
          const script = document.createElement('script'); script.textContent = 'window.ran = true'; document.body.append(script);
          await new Promise(done => setTimeout(done, 200));
          return [window.ran === true, ...refused.sort()];
        }"""
    )
    context.close()
    assert refused[0] is False and {"img-src", "connect-src"} <= set(refused[1:])


def test_names_of_the_sheet_are_text_in_the_file(copy):
    expect(part(copy, "account").nth(1)).to_contain_text("<b>Ltd</b>")
    assert copy.locator(".gt-day b", has_text="Ltd").count() == 0


def test_all_calls_done_says_so_and_offers_the_others(chromium, tmp_path):
    done = [account | {"standing": "not_due"} for account in day_sheet()["accounts"]]
    path = tmp_path / "done.html"
    sheet = day_sheet(accounts=done, day_off="vacation", published=None, changes={"date": None, "kept": 0, "gained": [], "lost": []})
    path.write_text(offline_copy(sheet, shapes(), doc="demo R01", made_at=MADE_AT, notes_months=24, tiers=TIERS))
    with watched(chromium, **PHONE) as page:
        page.goto(path.as_uri())
        expect(part(page, "empty")).to_contain_text("All calls that are due are made")
        expect(part(page, "day-off")).to_contain_text("vacation")
        part(page, "show-all").tap()
        expect(part(page, "account")).to_have_count(14)
        part(page, "search").fill("kestrel 5")
        expect(part(page, "account")).to_have_count(1)


def test_near_me_asks_only_on_a_tap_and_sorts_by_the_distance(chromium, tmp_path, company):
    here = day_sheet()["accounts"][8]
    with watched(chromium, geolocation={"latitude": here["lat"], "longitude": here["lon"]}, permissions=["geolocation"], **PHONE) as page:
        page.add_init_script(
            "window.asked = 0; const get = navigator.geolocation.getCurrentPosition.bind(navigator.geolocation);"
            "navigator.geolocation.getCurrentPosition = (...all) => (window.asked++, get(...all));"
        )
        sent: list[str] = []
        page.on("request", lambda request: sent.append(request.url + (request.post_data or "")))
        open_day(page, company)
        assert page.evaluate("window.asked") == 0
        part(page, "near").tap()
        expect(part(page, "near")).to_have_attribute("aria-pressed", "true")
        expect(part(page, "account").first).to_contain_text("from you")
        assert page.evaluate("window.asked") == 1
        assert not any(str(here["lat"]) in one for one in sent)
        away = [float(re.sub(r"[^0-9.]", "", text)) for text in page.locator(".gt-row .gt-why", has_text="from you").all_inner_texts()]
        assert away == sorted(away)


def test_accounts_of_the_company_are_the_reps_own(phone, company):
    workspace = Workspace.open(company.url)
    own = set(accounts_of(workspace, "R1"))
    workspace.close()
    part(phone, "show").select_option("all")
    shown = phone.locator("[data-gt=account]").evaluate_all("rows => rows.map(row => row.dataset.account)")
    assert shown and set(shown) <= own


def test_a_copy_taken_from_the_app_brings_its_calls_back_once(chromium, company, tmp_path):
    with watched(chromium, accept_downloads=True, **PHONE) as page:
        open_day(page, company)
        with page.expect_download() as download:
            page.get_by_role("button", name="Offline copy").tap()
        path = tmp_path / download.value.suggested_filename
        download.value.save_as(path)
        before = len(company.calls())
        away = page.context.new_page()
        away.goto(path.as_uri())
        part(away, "account").first.wait_for()
        part(away, "show").select_option("all")
        account = log_call(away, 8)
        assert len(company.calls()) == before
        file = tmp_path / "calls.csv"
        file.write_bytes(saved(away, "csv"))
        away.close()
        for told in ("1 call added, 0 known before", "0 calls added, 1 known before"):
            page.get_by_role("button", name="Bring logged calls").tap()
            page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(file)
            page.get_by_role("button", name="Bring", exact=True).tap()
            expect(page.get_by_text(told)).to_be_visible()
            part(page, "account").first.wait_for()
        assert len(company.calls()) == before + 1
        assert [row["account_id"] for row in company.calls()].count(account) >= 1


def test_what_the_workspace_does_not_take_stays_on_the_page_with_the_reason(phone, company):
    with_others = """(box, day) => {
      const call = { id: 'day-not-mine-1', kind: 'log', account: 'nobody', name: 'Far Mill', date: day };
      box.gtDay.book.add({ ...call, channel: 'visit', outcome: 'met', note: 'kept' });
      box.gtDay._changed();
    }"""
    phone.locator(".gt-day").evaluate(with_others, date.today().isoformat())
    refused = phone.locator(".gt-refused")
    expect(refused).to_contain_text("Far Mill")
    expect(refused).to_contain_text("kept")
    expect(refused).to_contain_text("one's own accounts only")
    assert "day-not-mine-1" not in {row["call_id"] for row in company.calls()}
    open_day(phone, company)
    expect(refused).to_contain_text("Far Mill")
    part(phone, "let-go").tap()
    expect(refused).to_be_hidden()


def test_a_browser_that_keeps_nothing_says_so_and_still_saves_the_calls_as_a_file(chromium, tmp_path):
    path = tmp_path / "day.html"
    path.write_text(offline_copy(day_sheet(), shapes(), doc="demo R01", made_at=MADE_AT, notes_months=24, tiers=TIERS))
    with watched(chromium, accept_downloads=True, **PHONE) as page:
        page.add_init_script("Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };")
        page.goto(path.as_uri())
        log_call(page, 1)
        expect(part(page, "status")).to_contain_text("keeps nothing")
        assert len(read_calls(saved(page, "json")).calls) == 1
