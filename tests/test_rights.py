"""Roles grant rights, everything else is denied; an address names its holder, who is looked up again each time."""

import json

import pytest

from geo_territory.errors import RightsError
from geo_territory.rights import (
    ADMIN,
    ANALYST,
    ANSWER,
    APP_ROLES,
    APPROVE,
    AUDIT,
    LEADER,
    MANAGER,
    PEOPLE,
    PLAN,
    REP,
    RIGHTS,
    SEE_ALL,
    SEE_OWN,
    SEE_TEAM,
    Viewer,
    holder,
    standing,
)

ANN = Viewer("ann@larkstone.example", "Ann", LEADER)


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (LEADER, {SEE_ALL, SEE_OWN, PLAN, APPROVE, ANSWER, PEOPLE, AUDIT}),
        (ANALYST, {SEE_ALL, PLAN}),
        (MANAGER, {SEE_TEAM, SEE_OWN, ANSWER}),
        (REP, {SEE_OWN}),
        (ADMIN, {PEOPLE, AUDIT}),
        ("owner", set()),
    ],
)
def test_a_role_may_what_is_granted_and_nothing_else(role, may):
    viewer = Viewer("ann", "Ann", role)
    every = frozenset().union(*RIGHTS.values())
    assert {right for right in every if viewer.may(right)} == may
    for right in every - may:
        with pytest.raises(RightsError, match=f"As {role} you may not {right}"):
            viewer.require(right)


def test_the_holder_of_an_address_is_who_they_are_now():
    now = Viewer(ANN.email, "Ann", REP, "R01")
    assert standing(holder(ANN), True, {ANN.email: now}.get) == now
    with pytest.raises(RightsError, match="no access any more"):
        standing(holder(ANN), True, {}.get)


@pytest.mark.parametrize("role", APP_ROLES)
def test_who_sits_at_the_computer_holds_an_address_only_where_nobody_signs_in(role):
    here = Viewer("ann", "Somebody", role, "R01", here=True)
    found = standing(holder(here), False, {}.get)
    assert (found.email, found.app_role, found.rep_id, found.here) == ("ann", role, "R01", True)
    with pytest.raises(RightsError):
        standing(holder(here), True, {"ann": ANN}.get)


def test_an_odd_e_mail_is_not_taken_for_somebody_at_the_computer():
    odd = json.dumps(["ann", LEADER, None])
    assert holder(Viewer(odd, "Eve", REP)) != holder(Viewer("ann", "Ann", LEADER, here=True))
    with pytest.raises(RightsError):
        standing(holder(Viewer(odd, "Eve", REP)), False, {}.get)


@pytest.mark.parametrize("word", ["[]", "{}", '["a","leader"]', '["a","leader",7]', "7"])
def test_an_unknown_holder_is_refused(word):
    with pytest.raises(RightsError):
        standing(word, False, {}.get)
