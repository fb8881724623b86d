"""The only session state: who is here, what was said, which job runs and which design is looked at."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import streamlit as st

from geo_territory import desk, feed
from geo_territory.attention import Attention
from geo_territory.design import Design
from geo_territory.errors import RightsError, TerritoryError
from geo_territory.maps import Payload
from geo_territory.rights import PLAN, Viewer
from geo_territory.ui import cached, visitor
from geo_territory.ui.jobs import Job, Work
from geo_territory.workspace import DEFAULT_URL, URL_VARIABLE, DraftRecord, ImportRecord, Workspace

if TYPE_CHECKING:
    from geo_territory.workspace.sight import Sight

_MESSAGES = "messages"
_DESIGN = "design_id"
_CHOSEN = "alternative"
_JUST_CHOSEN = "just_chosen"
_DRAFT = "draft_id"
_TURN = "turn"
_PAGE = "rights_of_page"
DRAFT_IN_ADDRESS = "draft"  # /redraw?draft=7: a reload, a second page and a link to a colleague open the same draft
VIEW = "view"
TODAY, ALTERNATIVES, DESIGN = "Today", "Alternatives", "Design"


@dataclass(frozen=True)
class Shown:
    """A design on the screen; `design_id` is None until it is saved."""

    design: Design
    import_id: int
    design_id: int | None
    name: str
    token: str


@dataclass(frozen=True)
class Candidate:
    """A version or a draft that can be compared; `token` names its content."""

    key: str
    label: str
    token: str
    design_id: int
    draft: DraftRecord | None = None

    @property
    def design(self) -> Design:
        """What it is as a design; a draft's borders are drawn when they are first asked for."""
        if self.draft is None:
            return cached.saved_design(url(), self.design_id, workspace())
        return cached.draft_design(url(), self.draft.draft_id, self.draft.edits, desk_of(self.draft.draft_id))


def url() -> str:
    """Return the address of the workspace: GEO_TERRITORY_WORKSPACE, else a file in this folder."""
    return os.environ.get(URL_VARIABLE, DEFAULT_URL)


def workspace() -> Workspace:
    """Return the workspace."""
    return cached.workspace(url())


def viewer() -> Viewer:
    """Return who looks, with the role they have at this moment. Raises RightsError for somebody who may not come in."""
    return visitor.viewer(workspace())


def on_page(rights: Sequence[str]) -> None:
    """Remember which rights open the page a person is on: one of them is needed for everything they do there."""
    st.session_state[_PAGE] = tuple(rights)


def acting(right: str | None = None) -> Viewer:
    """Return who does something on the page they are on, read anew: a press may come long after the page was drawn.

    Raises RightsError unless the person may still open that page, and has `right`.
    """
    looking = viewer()
    needed = st.session_state.get(_PAGE, ())
    if needed and not any(looking.may(one) for one in needed):
        looking.require(needed[0])
    if right is not None:
        looking.require(right)
    return looking


def who() -> str:
    """Return who makes changes, for the audit. Raises RightsError when they may not any more."""
    return acting().email


def fragment(run_every: str | None = None) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return a decorator like st.fragment for a part of a page that runs by itself: first it asks whether the person may still see it."""

    def decorated(part: Callable[..., None]) -> Callable[..., None]:
        @st.fragment(run_every=run_every)
        @functools.wraps(part)
        def checked(*args: Any, **options: Any) -> None:
            try:
                acting()
            except RightsError:
                st.rerun()  # the whole page says why
            part(*args, **options)

        return checked

    return decorated


def sight() -> Sight:
    """Return what the person may see as of the day the app is looked at: the only way to rows for managers and reps."""
    return workspace().seen_by(viewer(), today())


def today() -> date:
    """Return the day the app is looked at; overrides and what is due are judged on it."""
    return visitor.day(workspace())


def data_address(payload: Payload) -> str:
    """Hold map data and return the address at which whoever is here fetches it."""
    return feed.local(st.get_option("server.baseUrlPath")).publish(payload, url(), viewer())


@contextmanager
def errors_shown() -> Iterator[None]:
    """Show an error a person can act on, in its words; anything else is a bug and keeps its traceback."""
    try:
        yield
    except TerritoryError as error:
        st.error(str(error), title="This didn't work", icon=":material/error:")


def tell(message: str) -> None:
    """Keep a message for the top of the next page that is drawn."""
    st.session_state.setdefault(_MESSAGES, []).append(message)
    st.session_state[_TURN] = turn() + 1


def turn() -> int:
    """Return how often something was done and told: in the key of a menu it closes the menu when what it offers is done."""
    return st.session_state.get(_TURN, 0)


def told() -> None:
    """Show the messages kept, once."""
    for message in st.session_state.pop(_MESSAGES, []):
        st.success(message, icon=":material/check:")


def current_import() -> ImportRecord | None:
    """Return the account list in force, None without one."""
    known = workspace().imports()
    return known[0] if known else None


def attention(record: ImportRecord, policy_toml: str | None = None) -> Attention:
    """Return the attention of an account list, under the policy in force or another one."""
    here = workspace()
    toml = here.policy().to_toml() if policy_toml is None else policy_toml
    return cached.attention(url(), record.import_id, toml, here.overrides_revision(), today(), here)


def start_job(about: str, import_id: int, work: Work) -> Job:
    """Start making a design, or alternatives to choose from, in the background."""
    acting(PLAN)
    for key in (_DESIGN, _CHOSEN, VIEW):
        st.session_state.pop(key, None)
    return cached.jobs().start(_own(), about, import_id, work)


def job() -> Job | None:
    """Return the person's newest job in this workspace, running or not."""
    return cached.jobs().newest(_own())


def start_people_job(about: str, import_id: int, work: Work) -> Job:
    """Start trying other numbers of territories in the background; what the newest job made stays."""
    acting(PLAN)
    return cached.jobs().start(_people(), about, import_id, work)


def people_job() -> Job | None:
    """Return the person's newest job that tries other numbers of territories in this workspace, running or not."""
    return cached.jobs().newest(_people())


def _own() -> str:
    """Return what names the jobs of this person in this workspace."""
    looking = viewer()
    return url() if looking.here else f"{url()} {looking.email}"


def _people() -> str:
    return f"{_own()} people"


def forget_job() -> None:
    """Put the newest job away; a running one is asked to stop."""
    cached.jobs().forget(_own())


def look_at(design_id: int) -> None:
    """Show a saved design from now on."""
    st.session_state[_DESIGN] = design_id
    newest = job()
    if newest is not None and newest.proposals is not None:
        st.session_state[_CHOSEN] = (newest.token, None)  # the alternatives stay at hand
        newest.decided = True
    else:
        forget_job()


def saved_design_at_hand() -> int | None:
    """Return the saved design that is looked at, None for none in particular."""
    return st.session_state.get(_DESIGN)


def ready_part(key: str, part: str) -> None:
    """See to it that a screen shows a part: the one it showed, at first `part`; `key` is that of the control that chooses it."""
    st.session_state.setdefault(key, part)


def show_part(key: str, part: str) -> None:
    """Show a part of a screen from now on; `key` is that of the control that chooses it. Only before the control is drawn."""
    st.session_state[key] = part


def choose_alternative(number: int) -> None:
    """Look at alternative `number` (0 is the first) of the newest job as a design from now on."""
    newest = job()
    if newest is not None and newest.proposals is not None:
        st.session_state[_CHOSEN] = (newest.token, number)
        st.session_state[VIEW] = DESIGN
        st.session_state[_JUST_CHOSEN] = True


def just_chosen() -> bool:
    """Return, once, whether an alternative was chosen in this run."""
    return st.session_state.pop(_JUST_CHOSEN, False)


def chosen_alternative() -> int | None:
    """Return which alternative of the newest job is looked at as a design, None for none."""
    return _choice()[1]


def ready_view(possible: Sequence[str]) -> None:
    """See to it that the view asked for is a possible one: alternatives until one is chosen, then the design."""
    if st.session_state.get(VIEW) in possible:
        return
    newest = job()
    undecided = newest is not None and newest.proposals is not None and not newest.decided and _choice()[0] != newest.token
    wanted = ALTERNATIVES if undecided else DESIGN
    st.session_state[VIEW] = wanted if wanted in possible else possible[-1]


def _choice() -> tuple[str, int | None]:
    """Return the job whose alternatives were decided on, and which one is looked at; blank and None without a decision."""
    token, number = st.session_state.get(_CHOSEN, ("", None))
    newest = job()
    return (token, number) if newest is not None and newest.token == token else ("", None)


def has_design() -> bool:
    """Return whether there is a design to show."""
    newest = job()
    return (newest is not None and isinstance(newest.made, Design)) or chosen_alternative() is not None or bool(workspace().designs())


def shown() -> Shown | None:
    """Return the design to show: the one just made or the alternative chosen, else the saved one chosen, else the newest saved one."""
    newest = job()
    if newest is not None and isinstance(newest.made, Design):
        return Shown(newest.made, newest.import_id, None, newest.about, newest.token)
    number = chosen_alternative()
    if newest is not None and newest.proposals is not None and number is not None:
        label = newest.proposals.alternatives[number].label
        made = cached.alternative(newest.token, number, newest.proposals)
        return Shown(made, newest.import_id, None, f"{newest.about}, {label}", f"{newest.token} {number}")
    saved = {record.design_id: record for record in workspace().designs()}
    if not saved:
        return None
    chosen = st.session_state.get(_DESIGN)
    record = saved[chosen] if chosen in saved else next(iter(saved.values()))
    design = cached.saved_design(url(), record.design_id, workspace())
    return Shown(design, record.import_id, record.design_id, record.name, f"{url()} {record.design_id}")


def exported(file_name: str, thing: str) -> None:
    """Write down that a file left the workspace."""
    workspace().record_export(file_name, thing, who())


def begin_draft(design_id: int, name: str) -> None:
    """Begin to redraw a saved design, and have its draft before one from now on."""
    open_draft(workspace().drafts.begin(design_id, name, who()))


def open_draft(draft_id: int | None) -> None:
    """Have a draft before one from now on, or none in particular."""
    st.session_state[_DRAFT] = draft_id
    st.query_params.pop(DRAFT_IN_ADDRESS, None)


def draft() -> DraftRecord | None:
    """Return the draft the address names, else the one at hand here, else the one this person edited last; None without any."""
    known = workspace().drafts.list()
    asked = st.query_params.get(DRAFT_IN_ADDRESS, "")
    if asked in {str(record.draft_id) for record in known}:
        st.session_state[_DRAFT] = int(asked)
    chosen = next((record for record in known if record.draft_id == st.session_state.get(_DRAFT)), None)
    return chosen or workspace().drafts.at_hand(who())


def desk_of(draft_id: int) -> desk.Desk:
    """Return the desk of an open draft."""
    return desk.opened(url(), draft_id)


def redraw_address(draft_id: int) -> str:
    """Return the address at which whoever is here edits a draft."""
    return feed.local(st.get_option("server.baseUrlPath")).redraw_grant(url(), draft_id, acting(PLAN))


def candidates() -> dict[str, Candidate]:
    """Return what can be compared by a key of its own: the open drafts, then the saved versions, the newest first."""
    found = [
        Candidate(f"draft {r.draft_id}", f"{r.name} (draft)", f"{url()} draft {r.draft_id} {r.edits}", r.design_id, r)
        for r in workspace().drafts.list()
    ]
    found += [
        Candidate(f"version {r.design_id}", f"{r.name} (version {r.design_id})", f"{url()} {r.design_id}", r.design_id)
        for r in workspace().designs()
    ]
    return {one.key: one for one in found}


def usual_comparison(known: Mapping[str, Candidate]) -> list[str]:
    """Return what is compared unless a person chooses: the draft at hand and the version it begins from, else the newest two."""
    at_hand = draft()
    if at_hand is None:
        return list(known)[1::-1]
    return [f"version {at_hand.design_id}", f"draft {at_hand.draft_id}"]
