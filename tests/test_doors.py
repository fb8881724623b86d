"""Who may come in: with sign-in everybody who signs in, without it only this computer, by its own names and without a proxy."""

import pytest
import streamlit as st

from geo_territory.errors import TerritoryError
from geo_territory.ui import doors

WHOLE = {"redirect_uri": "https://x/oauth2callback", "cookie_secret": "0123456789abcdef" * 2}
ONE = {"client_id": "a", "client_secret": "b", "server_metadata_url": "c"}


class Secrets(dict):
    def load_if_toml_exists(self):
        return bool(self)


@pytest.fixture
def secrets(monkeypatch):
    def put(**sections):
        monkeypatch.setattr(st, "secrets", Secrets(sections))

    put()
    yield put
    monkeypatch.setattr(doors, "_required", False)


@pytest.mark.parametrize("address", ["127.0.0.1", "localhost", "::1", "[::1]", "127.8.8.8", "app.localhost"])
def test_this_computer_is_answered_without_sign_in(secrets, address):
    guards = doors.open_doors(address)
    assert [guard.cls for guard in guards] == [doors.OnlyHere] and not doors.signs_in()


@pytest.mark.parametrize(
    "address", [None, "", "0.0.0.0", "::", "192.168.1.4", "territory.example", "127.0.0.1.example", "localhost.example"]
)
def test_an_address_others_reach_is_refused_without_sign_in(secrets, address):
    with pytest.raises(TerritoryError, match="configure sign-in"):
        doors.open_doors(address)


def test_with_sign_in_every_address_is_served(secrets):
    secrets(auth=WHOLE | ONE)
    assert doors.open_doors("0.0.0.0") == [] and doors.signs_in()


def test_secrets_taken_away_later_open_nothing(secrets):
    secrets(auth=WHOLE | ONE)
    doors.open_doors("0.0.0.0")
    secrets()
    assert doors.signs_in()


@pytest.mark.parametrize("lacking", [*WHOLE, *ONE])
def test_an_incomplete_sign_in_says_what_is_lacking(secrets, lacking):
    secrets(auth={name: value for name, value in (WHOLE | ONE).items() if name != lacking})
    with pytest.raises(TerritoryError, match=f"lacks .*{lacking}"):
        doors.open_doors("127.0.0.1")


def test_a_secret_that_can_be_guessed_is_refused(secrets):
    secrets(auth=WHOLE | ONE | {"cookie_secret": "secret"})
    with pytest.raises(TerritoryError, match="guessed"):
        doors.open_doors("0.0.0.0")


def test_secrets_of_other_things_are_no_sign_in(secrets):
    secrets(database={"host": "x"})
    assert len(doors.open_doors("127.0.0.1")) == 1
    with pytest.raises(TerritoryError):
        doors.open_doors("0.0.0.0")


def test_several_vouch_for_people_each_by_name(secrets):
    section = WHOLE | ONE | {"okta": ONE, "half": {"client_id": "a"}}
    assert doors.providers(section) == [None, "okta"]
    assert doors.providers(WHOLE | {"okta": ONE}) == ["okta"]


def scope(host="127.0.0.1:8501", server=("127.0.0.1", 8501), **headers):
    named = {"host": host, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return {"type": "http", "server": server, "headers": [(name.encode(), value.encode()) for name, value in named.items()]}


@pytest.mark.parametrize("host", ["127.0.0.1:8501", "localhost:8501", "localhost", "[::1]:8501", "[::1]"])
def test_a_page_of_this_computer_is_from_here(host):
    assert doors.asked_from_here(scope(host))


@pytest.mark.parametrize(
    "asked",
    [
        scope("evil.example"),  # a name that was changed to 127.0.0.1 in between
        scope("evil.example:8501"),
        scope(""),
        scope(server=("192.168.1.4", 8501)),
        scope(server=None),
        scope(x_forwarded_for="203.0.113.5"),
        scope(x_real_ip="203.0.113.5"),
        scope(forwarded="for=203.0.113.5"),
        scope(x_forwarded_host="plans.example"),
    ],
)
def test_what_comes_from_elsewhere_is_told_apart(asked):
    assert not doors.asked_from_here(asked)
