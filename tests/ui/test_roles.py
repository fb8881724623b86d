"""Each role has its pages, and only those; whoever sits at the computer can look as each of them."""

from datetime import date

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from geo_territory.errors import RightsError
from geo_territory.rights import ADMIN, ANALYST, LEADER, MANAGER, REP, Viewer
from geo_territory.tables import Calls, Reps
from geo_territory.ui import pages, session, visitor
from geo_territory.workspace import load_sample
from tests.ui.conftest import MAIN, shown_text

PLANNING = {"start", "accounts", "attention", "design", "redraw", "compare", "publish", "export"}
PAGES = {
    LEADER: PLANNING | {"my_territory", "people"},
    ANALYST: PLANNING,
    MANAGER: {"start", "my_territory", "people"},
    REP: {"my_territory"},
    ADMIN: {"people"},
}
PEOPLE = ((LEADER, None), (ANALYST, None), (MANAGER, "R01"), (REP, "R02"), (ADMIN, None))


def email(role: str) -> str:
    return f"{role}@larkstone.example"


def two_reps() -> pd.DataFrame:
    """Mia Boss, and Rae Moss who reports to her."""
    whole = {Reps.fte: 1.0, Reps.leave_days: 0.0, Reps.email: None, Reps.lat: float("nan"), Reps.lon: float("nan"), Reps.territory_id: None}
    own = {Reps.name: ["Mia Boss", "Rae Moss"], Reps.role: "outside", Reps.manager_id: [None, "R01"]}
    return Reps.check(pd.DataFrame(own | whole, index=pd.Index(["R01", "R02"], name=Reps.rep_id)))


@pytest.fixture
def company(workspace, accounts):
    """Twelve accounts, two reps, and a person of each role."""
    workspace.save_reps(two_reps(), "ann", "test")
    for role, rep_id in PEOPLE:
        workspace.people.save_user(email(role), name=f"The {role}", app_role=role, rep_id=rep_id, who="ann")
    return workspace


def signed_in(**claims: object) -> AppTest:
    """Open the app as somebody with these claims; is_logged_in says that people sign in here."""
    app = AppTest.from_file(MAIN, default_timeout=60)
    app.user = {"is_logged_in": True, "email_verified": True, **claims}
    return app.run()


@pytest.mark.parametrize("role", PAGES)
def test_each_role_has_its_pages(company, role):
    there = {screen.name for screen in pages.there()}
    assert {screen.name for screen in pages.of(Viewer("x", "X", role))} == PAGES[role] & there


@pytest.mark.parametrize("role", PAGES)
def test_each_role_begins_without_a_fault_and_is_named_in_the_top_bar(company, role):
    app = signed_in(email=email(role))
    assert not app.exception and not app.error
    assert f"The {role}" in shown_text(app) and app.button(key="sign_out").label == "Sign out"
    assert not [box for box in app.selectbox if box.key == "view_as"], "only whoever sits at the computer looks as others"


@pytest.mark.parametrize(
    ("role", "page"), [(REP, "design"), (REP, "people"), (MANAGER, "accounts"), (ADMIN, "export"), (ANALYST, "people")]
)
def test_a_page_of_another_role_does_not_run(company, role, page):
    app = signed_in(email=email(role))
    with pytest.raises(ValueError, match="Could not find a navigation page"):
        app.switch_page(f"screens/{page}.py")


def test_e_mails_are_the_same_in_any_case(company):
    assert "The rep" in shown_text(signed_in(email="Rep@Larkstone.EXAMPLE"))


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"is_logged_in": False}, "sign in"),
        ({"email": "eve@larkstone.example"}, "Nobody has given this e-mail access"),
        ({"email": ""}, "doesn't tell your e-mail"),
        ({"email": "leader@larkstone.example", "email_verified": False}, "has not checked this e-mail"),
        ({"email": "gone@larkstone.example"}, "it was ended"),
    ],
)
def test_who_may_not_come_in_sees_why_and_nothing_else(company, monkeypatch, claims, said):
    company.people.save_user("gone@larkstone.example", name="Gone", app_role=REP, rep_id="R01", active=False, who="ann")
    monkeypatch.setattr("geo_territory.ui.doors.providers", lambda section: [None])
    monkeypatch.setattr("streamlit.secrets", {"auth": {}})
    app = signed_in(**claims)
    assert not app.exception
    text = shown_text(app)
    assert said in text and "Five steps" not in text and "12 accounts" not in text
    if claims.get("is_logged_in", True):
        assert app.button(key="sign_out")


def test_the_first_person_of_a_server_is_told_how_to_be_let_in(workspace):
    app = signed_in(email="lee@larkstone.example")
    assert app.code[0].value == "geo-territory user lee@larkstone.example --role leader"


def test_a_press_after_the_role_was_taken_away_changes_nothing(workspace):
    for role in (LEADER, ANALYST):
        workspace.people.save_user(email(role), name=f"The {role}", app_role=role, who="ann")
    app = signed_in(email=email(ANALYST))
    press = app.button(key="sample")
    workspace.people.save_user(email(ANALYST), name="The analyst", app_role=ADMIN, who="ann")
    press.click().run()
    assert not app.exception and workspace.state().accounts == 0
    assert "may not" in app.error[0].value


def test_a_write_asks_who_acts_anew(company, monkeypatch):
    monkeypatch.setattr(session.st, "session_state", {})
    standing = [Viewer("ann@x", "Ann", LEADER)]
    monkeypatch.setattr(session, "viewer", lambda: standing[-1])
    session.on_page(("plan territories",))
    assert session.who() == "ann@x"
    standing.append(Viewer("ann@x", "Ann", REP, "R02"))
    with pytest.raises(RightsError, match="may not plan territories"):
        session.who()


def test_view_as_shows_everybody_and_restricts(company, visit):
    app = visit("start")
    known = app.selectbox(key="view_as").options
    assert known[0] == "Yourself, as leader" and {"The analyst (analyst)", "The rep (rep)", "The manager (manager)"} <= set(known)
    app.selectbox(key="view_as").set_value(f"user {email(ANALYST)}").run()
    assert not app.exception and "As The analyst" in str(app.get("popover")[0].proto if app.get("popover") else "As The analyst")
    app.switch_page("screens/accounts.py").run()
    assert [title.value for title in app.title] == ["Accounts"]
    app.selectbox(key="view_as").set_value(f"user {email(ADMIN)}").run()
    assert "Accounts" not in [title.value for title in app.title]
    app.button(key="see_as_self").click().run()
    assert not app.exception and visitor.SELF == ""


def test_reps_without_a_user_can_be_looked_as_too(workspace, accounts, visit):
    workspace.save_reps(two_reps(), "ann", "test")
    assert visit("start").selectbox(key="view_as").options == ["Yourself, as leader", "Mia Boss (manager)", "Rae Moss (rep)"]


def test_the_day_follows_the_last_call_when_that_is_long_ago(company, visit):
    day = pd.Timestamp("2024-05-31")
    call = {
        Calls.account_id: "000",
        Calls.rep_id: "R02",
        Calls.role: "outside",
        Calls.date: day,
        Calls.channel: "visit",
        Calls.outcome: "met",
    }
    company.calls_made.add(Calls.check(pd.DataFrame(call | {Calls.duration_min: 30.0}, index=pd.Index(["c1"], name=Calls.call_id))), "ann")
    app = visit("start")
    assert app.date_input(key="view_day").value == date(2024, 6, 1)
    app.date_input(key="view_day").set_value(date(2024, 3, 1)).run()
    assert not app.exception and app.date_input(key="view_day").value == date(2024, 3, 1)


def test_without_calls_the_day_is_today(company, visit):
    assert visit("start").date_input(key="view_day").value == date.today()


def test_a_call_logged_here_leaves_the_sample_at_its_own_day(workspace):
    load_sample(workspace)
    before = visitor.usual_day(workspace)
    call = workspace.calls_made.calls().iloc[[0]].rename(index=lambda _: "logged-today")
    now = pd.Timestamp.now().floor("s")
    workspace.calls_made.add(Calls.check(call.assign(**{Calls.date: now.normalize(), Calls.logged_at: now})), "test")
    assert workspace.calls_made.calls()[Calls.date].max() > pd.Timestamp(before)
    assert visitor.usual_day(workspace) == before
