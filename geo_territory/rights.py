"""Who looks, and what each of the app's roles may do (domain rule: deny unless a role is granted it)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from geo_territory.errors import RightsError

LEADER, MANAGER, REP, ANALYST, ADMIN = "leader", "manager", "rep", "analyst", "admin"
APP_ROLES = (LEADER, MANAGER, REP, ANALYST, ADMIN)

SEE_ALL = "see the accounts of everybody"
SEE_TEAM = "see the accounts of a team"
SEE_OWN = "see a territory of one's own"
PLAN = "plan territories"
APPROVE = "approve and publish"
ANSWER = "answer requests"
PEOPLE = "keep the list of people"
AUDIT = "read the audit"

RIGHTS = {
    LEADER: frozenset({SEE_ALL, SEE_OWN, PLAN, APPROVE, ANSWER, PEOPLE, AUDIT}),
    ANALYST: frozenset({SEE_ALL, PLAN}),
    MANAGER: frozenset({SEE_TEAM, SEE_OWN, ANSWER}),
    REP: frozenset({SEE_OWN}),
    ADMIN: frozenset({PEOPLE, AUDIT}),
}


@dataclass(frozen=True)
class Viewer:
    """Who looks: `email` in lower case names the person, `app_role` is one of APP_ROLES, `rep_id` the rep they are, None for none.

    `here` says they sit at this computer and didn't sign in; `email` is then the computer's user, whoever they view the app as.
    """

    email: str
    name: str
    app_role: str
    rep_id: str | None = None
    here: bool = False

    def may(self, right: str) -> bool:
        """Return whether the person's role has a right."""
        return right in RIGHTS.get(self.app_role, frozenset())

    def require(self, right: str) -> None:
        """Raise RightsError unless the person's role has a right."""
        if not self.may(right):
            raise RightsError(f"As {self.app_role} you may not {right}: ask a leader, or sign in as somebody who may.")


def holder(viewer: Viewer) -> str:
    """Return what a signed address says of the person it is made for; the same person always gives the same text."""
    facts = [viewer.email, viewer.app_role, viewer.rep_id] if viewer.here else [viewer.email]
    return json.dumps(facts, ensure_ascii=False)


def standing(word: str, signs_in: bool, known: Callable[[str], Viewer | None]) -> Viewer:
    """Return who holds an address, as they stand at this moment; `word` is from `holder`, `signs_in` says people sign in here.

    `known` gives the person of an e-mail, None when they may no longer sign in. Raises RightsError.
    """
    match json.loads(word):
        case [str(email)]:
            found = known(email)
            if found is not None:
                return found
        case [str(email), str(app_role), str() | None as rep_id] if not signs_in:
            return Viewer(email, email, app_role, rep_id, here=True)
    raise RightsError("You have no access any more: sign in again, or ask a leader.")
