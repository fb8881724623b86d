"""People who sign in: each sees what their role allows at this moment, and nothing once it is taken away."""

import contextlib
import re
import subprocess
import sys
from datetime import date

import pytest
from playwright.sync_api import expect

from geo_territory.rights import ADMIN, ANALYST, LEADER, REP
from geo_territory.workspace import URL_VARIABLE, Workspace, load_sample
from tests.browser.test_screens import PICTURES, idle
from tests.serving import ROOT, Server
from tests.signing_in import APP, LONG, behind_sign_in, free_port, sign_in

LEE, ANN, RAE, ADA, EVE = (f"{name}@larkstone.example" for name in ("lee", "ann", "rae", "ada", "eve"))


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    """The sample company with a leader, an analyst, a rep and an administrator, in a workspace of its own."""
    url = f"sqlite:///{tmp_path_factory.mktemp('signing_in')}/work.db"
    workspace = Workspace.open(url)
    load_sample(workspace)
    for email, name, role, rep_id in (
        (LEE, "Lee Ward", LEADER, None),
        (ANN, "Ann Poe", ANALYST, None),
        (RAE, "Rae Moss", REP, "R01"),
        (ADA, "Ada Quinn", ADMIN, None),
    ):
        workspace.people.save_user(email, name=name, app_role=role, rep_id=rep_id, who="test")
    yield url, workspace
    workspace.close()


@pytest.fixture(scope="module")
def address(company, provider, tmp_path_factory):
    """The app with sign-in."""
    with behind_sign_in(company[0], provider, tmp_path_factory.mktemp("secrets")) as server:
        yield server.address


@contextlib.contextmanager
def changed(company, email, back, **now):
    """Change a person for a while; `back` and `now` are the arguments of save_user."""
    people = company[1].people
    people.save_user(email, **(back | now), who="test")
    yield
    people.save_user(email, **back, who="test")


def sign_out(page):
    """Sign out here, and with whoever vouched for the person."""
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="End session").click(timeout=LONG)
    expect(page.get_by_role("button", name="Sign in")).to_be_visible(timeout=LONG)


def shows(page, heading):
    expect(page.get_by_role("heading", name=heading).first).to_be_visible(timeout=LONG)
    idle(page)


def links(page):
    """The pages offered in the top bar."""
    return {text.split("\n")[-1] for text in page.locator('[data-testid="stTopNavLink"]').all_inner_texts()}


def keep_picture(page, name):
    PICTURES.mkdir(exist_ok=True)
    page.wait_for_timeout(400)
    page.screenshot(path=PICTURES / f"{name}.png")


def test_whoever_has_not_signed_in_sees_the_way_in_at_every_address(page, address):
    for path in ("", "design", "my_territory", "people"):
        page.goto(f"{address}/{path}")
        shows(page, "Geo Territory")
        assert page.get_by_role("button", name="Sign in").is_visible()
        assert page.locator('[data-testid="stTopNavLink"]').count() == 0 and page.locator(".st-key-person").count() == 0
        assert page.get_by_text("Page not found").count() == 0


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_doors_fit_a_phone(new_page, address, company, width, scheme):
    page = new_page(viewport={"width": width, "height": 760}, color_scheme=scheme)
    page.goto(address)
    shows(page, "Geo Territory")
    keep_picture(page, f"sign-in-{width}-{scheme}")
    sign_in(page, address, EVE)
    shows(page, "No access yet")
    keep_picture(page, f"no-access-{width}-{scheme}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for button in page.get_by_role("button").all():
        assert button.bounding_box()["height"] >= 44


def test_a_leader_signs_in_and_out(page, address):
    sign_in(page, address, LEE)
    shows(page, "Do your sellers spend")
    assert {"Start", "Accounts", "Redraw"} <= links(page)
    person = page.locator(".st-key-person button:visible").first
    assert "Lee Ward" in person.inner_text()
    person.click()
    expect(page.get_by_text(LEE)).to_be_visible()
    assert page.get_by_label("View as").count() == 0, "only whoever sits at the computer itself looks as somebody else"
    sign_out(page)
    page.goto(f"{address}/accounts")
    shows(page, "Geo Territory")


def test_a_rep_has_one_page_and_the_others_say_whose_they_are(page, address):
    sign_in(page, address, RAE)
    expect(page.locator(".st-key-person")).to_be_visible(timeout=LONG)
    idle(page)
    assert links(page) == set()
    for path in ("start", "accounts", "redraw", "people", "publish"):
        page.goto(f"{address}/{path}")
        shows(page, "This page isn't yours")
        expect(page.get_by_text("You are here as a rep.")).to_be_visible()
    page.get_by_role("link", name="Go to My territory").click()
    expect(page.get_by_role("heading", name="This page isn't yours")).to_have_count(0)


def test_an_administrator_keeps_people_and_sees_no_accounts(page, address):
    sign_in(page, address, ADA)
    shows(page, "People")
    page.goto(f"{address}/accounts")
    shows(page, "This page isn't yours")


def test_somebody_unknown_learns_whom_to_ask_and_may_sign_out(page, address):
    sign_in(page, address, EVE.upper())
    shows(page, "No access yet")
    expect(page.get_by_text(EVE)).to_be_visible()
    sign_out(page)


def test_a_person_let_in_meanwhile_tries_again(page, address, company):
    sign_in(page, address, "new@larkstone.example")
    shows(page, "No access yet")
    company[1].people.save_user("new@larkstone.example", name="New Ness", app_role=ANALYST, who="test")
    page.get_by_role("button", name="Try again").click()
    shows(page, "Do your sellers spend")


def test_a_person_let_go_while_signed_in_sees_nothing_at_the_next_press(page, address, company):
    sign_in(page, address, ANN)
    shows(page, "Do your sellers spend")
    page.get_by_role("link", name="Accounts", exact=True).first.click()
    shows(page, "Accounts")
    with page.expect_request(re.compile("/geo/data/")) as fetched:
        page.reload()
    known = fetched.value.url
    assert page.request.get(known).status == 200
    with changed(company, ANN, {"name": "Ann Poe", "app_role": ANALYST}, active=False):
        assert page.request.get(known).status == 403, "what her pages fetched is closed too"
        page.get_by_role("link", name="Design", exact=True).first.click()
        shows(page, "No access any more")
        assert page.locator('[data-testid="stTopNavLink"]').count() == 0


def test_a_role_taken_away_while_signed_in_takes_its_pages_and_presses(page, address, company):
    back = {"name": "Ann Poe", "app_role": ANALYST}
    sign_in(page, address, ANN)
    page.goto(f"{address}/design")
    shows(page, "Design")
    with changed(company, ANN, back, app_role=REP, rep_id="R02"):
        page.get_by_role("button", name="Solve").click()
        shows(page, "This page isn't yours")
    page.goto(f"{address}/design")
    shows(page, "Design")
    assert page.get_by_role("button", name="Cancel").count() == 0, "nothing was begun"


def test_two_people_at_once_each_see_their_own(new_page, address):
    first, second = new_page(), new_page()
    sign_in(first, address, LEE)
    sign_in(second, address, RAE)
    shows(first, "Do your sellers spend")
    expect(second.locator(".st-key-person")).to_contain_text("Rae Moss", timeout=LONG)
    first.reload()
    shows(first, "Do your sellers spend")
    expect(first.locator(".st-key-person")).to_contain_text("Lee Ward")


@pytest.mark.parametrize("listen", ["0.0.0.0", "::"])
def test_without_sign_in_the_server_refuses_an_address_others_reach(listen, tmp_path):
    command = [sys.executable, "-m", "streamlit", "run", str(APP), "--server.port", str(free_port()), "--server.address", listen]
    ended = subprocess.run([*command, "--secrets.files", str(tmp_path / "none.toml")], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert ended.returncode != 0
    assert "Not started at" in ended.stderr and "configure sign-in" in ended.stderr and "Traceback" not in ended.stderr


def test_without_sign_in_nobody_comes_through_a_proxy_or_by_another_name(tmp_path, chromium):
    server = Server(APP, "--secrets.files", str(tmp_path / "none.toml"), environment={URL_VARIABLE: f"sqlite:///{tmp_path}/work.db"})
    server.start()
    try:
        context = chromium.new_context()
        ask = context.request.get
        assert ask(server.address).status == 200
        for headers in ({"Host": "evil.example"}, {"X-Forwarded-For": "203.0.113.5"}, {"X-Forwarded-Host": "plans.example"}):
            answer = ask(server.address, headers=headers)
            assert answer.status == 403 and "configure sign-in" in answer.text(), headers
        context.close()
    finally:
        server.stop()


def test_sign_in_that_can_not_work_is_told_at_the_start(tmp_path):
    secrets = tmp_path / "secrets.toml"
    for text, said in (
        ('[auth]\nredirect_uri = "x"\n', "lacks cookie_secret"),
        ('[auth]\nredirect_uri = "x"\ncookie_secret = "abc"\nclient_id = "a"\nclient_secret = "b"\nserver_metadata_url = "c"\n', "guessed"),
        ("[auth\n", "can't be read"),
    ):
        secrets.write_text(text)
        command = [sys.executable, "-m", "streamlit", "run", str(APP), "--server.port", str(free_port()), "--secrets.files", str(secrets)]
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
        assert ended.returncode != 0 and said in ended.stderr, ended.stderr


def test_view_as_really_restricts(page, tmp_path):
    url = f"sqlite:///{tmp_path}/work.db"
    here = Workspace.open(url)
    load_sample(here)
    here.close()
    server = Server(APP, "--secrets.files", str(tmp_path / "none.toml"), environment={URL_VARIABLE: url})
    server.start()
    try:
        page.goto(server.address)
        shows(page, "Do your sellers spend")
        page.locator(".st-key-person button:visible").first.click()
        expect(page.get_by_text("There is no sign-in here")).to_be_visible()
        page.locator('[data-testid="stPopoverBody"] .stSelectbox input').first.click()
        page.get_by_role("option", name=re.compile(r"\(rep\)")).first.click()
        expect(page.locator(".st-key-person")).to_contain_text("As ", timeout=LONG)
        idle(page)
        assert links(page) == set()
        assert page.get_by_role("heading", name="Do your sellers spend").count() == 0
        page.locator(".st-key-person button:visible").first.click()
        page.get_by_role("button", name="Back to yourself").click()
        shows(page, "Do your sellers spend")
        assert date.today().isoformat() not in page.locator(".st-key-person").inner_text()
    finally:
        server.stop()
