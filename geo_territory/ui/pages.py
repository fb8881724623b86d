"""The pages of the app, and whose they are: a page that isn't a person's doesn't exist for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from geo_territory.rights import ADMIN, ANSWER, APPROVE, AUDIT, MANAGER, PEOPLE, PLAN, REP, RIGHTS, SEE_OWN, SEE_TEAM, Viewer
from geo_territory.ui import session, visitor

SCREENS = Path(__file__).parent / "screens"


@dataclass(frozen=True)
class Screen:
    """A page: `name` is its file and its address, one of the rights `may` opens it."""

    name: str
    title: str
    icon: str
    help: str
    may: tuple[str, ...]

    @property
    def file(self) -> Path:
        """The page's script."""
        return SCREENS / f"{self.name}.py"

    def open_to(self, viewer: Viewer) -> bool:
        """Return whether the page is one of the person's."""
        return any(viewer.may(right) for right in self.may)


ALL = (
    Screen("start", "Start", ":material/flag:", "The five steps and how far they are.", (PLAN, SEE_TEAM)),
    Screen("accounts", "Accounts", ":material/storefront:", "Bring the account list, set tiers.", (PLAN,)),
    Screen("attention", "Attention", ":material/call:", "Who calls whom how often, and who that takes.", (PLAN,)),
    Screen("design", "Design", ":material/map:", "Contiguous, balanced territories.", (PLAN,)),
    Screen("redraw", "Redraw", ":material/edit:", "Move borders by hand, with the numbers beside the map.", (PLAN,)),
    Screen("compare", "Compare", ":material/compare:", "Two to four versions or drafts side by side.", (PLAN,)),
    Screen("publish", "Publish", ":material/campaign:", "What changes, who approves it, from when.", (PLAN, APPROVE)),
    Screen("export", "Export", ":material/download:", "Territories, tags and maps as files.", (PLAN,)),
    Screen("my_territory", "My territory", ":material/person_pin_circle:", "Your accounts, calls and map.", (SEE_OWN, SEE_TEAM)),
    Screen("people", "People", ":material/group:", "Who may sign in, reps, days off, requests, and the audit.", (PEOPLE, AUDIT, ANSWER)),
)
FIRST = {MANAGER: "my_territory", REP: "my_territory", ADMIN: "people"}  # a leader and an analyst begin with Start
TITLES = {(MANAGER, "my_territory"): "My team", (MANAGER, "people"): "Requests"}


def there() -> list[Screen]:
    """Return the pages of this version."""
    return [screen for screen in ALL if screen.file.exists()]


def of(viewer: Viewer) -> list[Screen]:
    """Return a person's pages in their order; the one they begin with is the first to be drawn, wherever it stands."""
    return [screen for screen in there() if screen.open_to(viewer)]


def opened(name: str) -> bool:
    """Return whether a page is one of those of whoever is here: only then may another page lead there."""
    return any(screen.name == name for screen in of(session.viewer()))


def navigation(viewer: Viewer) -> Any:
    """Return the page to run: one of the person's, or why the address they asked for isn't one."""
    mine = of(viewer)
    if not mine:
        return st.navigation([_page(_nothing_yet, "start", "Start", default=True)], position="hidden")
    first = next((screen for screen in mine if screen.name == FIRST.get(viewer.app_role)), mine[0])
    pages = {screen.name: _shown(screen, viewer, default=screen is first) for screen in mine}
    hidden = [_page(_not_yours(screen, viewer, pages[first.name]), screen.name, screen.title) for screen in there() if screen not in mine]
    page = st.navigation([*pages.values(), *hidden], position="top")
    if visitor.moved():
        st.switch_page(pages[first.name])
    session.on_page(next((screen.may for screen in mine if pages[screen.name] == page), ()))
    return page


def doorway() -> Any:
    """Return the page of somebody who may not come in, which is at every address."""
    door = SCREENS / "sign_in.py"
    elsewhere = [st.Page(door, title="Sign in", url_path=screen.name, visibility="hidden") for screen in there()]
    return st.navigation([st.Page(door, title="Sign in", url_path="sign_in", default=True), *elsewhere], position="hidden")


def _shown(screen: Screen, viewer: Viewer, default: bool) -> Any:
    title = TITLES.get((viewer.app_role, screen.name), screen.title)
    return st.Page(screen.file, title=title, icon=screen.icon, default=default, help=screen.help)


def _page(script: Callable[[], None], name: str, title: str, default: bool = False) -> Any:
    return st.Page(script, title=title, url_path=name, default=default, visibility="visible" if default else "hidden")


def _not_yours(screen: Screen, viewer: Viewer, first: Any) -> Callable[[], None]:
    """Return a page that says whose page an address is, and leads back."""

    def page() -> None:
        st.title("This page isn't yours", anchor=False)
        st.write(f"{screen.title} is for {_those(screen.may)}. You are here as {_one(viewer.app_role)}.")
        st.page_link(first, label=f"Go to {first.title}", icon=":material/arrow_forward:")

    return page


def _those(may: Sequence[str]) -> str:
    """Return the roles that have one of some rights: leaders, managers and reps."""
    roles = [f"{role}s" for role, rights in RIGHTS.items() if rights & set(may)]
    return roles[0] if len(roles) == 1 else f"{', '.join(roles[:-1])} and {roles[-1]}"


def _one(role: str) -> str:
    """Return a role with its article."""
    return f"{'an' if role[0] in 'ai' else 'a'} {role}"


def _nothing_yet() -> None:
    st.title("Nothing here for you yet", anchor=False)
    st.write("This version has no page for your role. Ask a leader for another one.")
