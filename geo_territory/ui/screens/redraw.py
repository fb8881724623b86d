"""Redraw: the map where a leader moves borders by hand, with the numbers beside it."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from geo_territory.tables import Scorecard
from geo_territory.ui import cached, redraw_editor, session, wording
from geo_territory.workspace import DesignRecord, DraftRecord

HEIGHT = 680  # px, of the map


def begin_form(saved: Sequence[DesignRecord], key: str) -> None:
    """Choose a saved design and begin to redraw it."""
    names = {r.design_id: f"{r.name} · {r.created_at:%Y-%m-%d %H:%M}" for r in saved}
    with st.form(f"begin_{key}", border=False):
        design_id = st.selectbox("Saved design", list(names), format_func=names.__getitem__, key=f"begin_from_{key}")
        name = st.text_input("Name of the draft", "", placeholder="Such as: North without Ohio", key=f"begin_name_{key}")
        if not st.form_submit_button("Begin", type="primary", icon=":material/edit:", key=f"begin_button_{key}"):
            return
    origin = next(r.name for r in saved if r.design_id == design_id)
    session.begin_draft(design_id, name.strip() or f"{origin}, redrawn")
    st.rerun()


def choose_draft(draft: DraftRecord, known: Sequence[DraftRecord]) -> None:
    """The drafts there are, and the one on the screen."""
    names = {r.draft_id: r.name for r in known}
    chosen = st.selectbox(
        "Draft",
        list(names),
        list(names).index(draft.draft_id),
        format_func=names.__getitem__,
        key=f"draft_{draft.draft_id}",
        label_visibility="collapsed",
        width=300,
    )
    if chosen != draft.draft_id:
        session.open_draft(chosen)
        st.rerun()


def shortfalls(whole: Mapping[str, Any]) -> list[str]:
    """Return what a leader should know before a draft with these figures is kept: one sentence each, none when all is well."""
    of, fits = whole["of"], whole["fits"]
    outside, short = of - whole[Scorecard.in_band], 0 if fits is None else of - fits
    all_of_them = wording.count(of, "territory")
    units, accounts = wording.count(whole["uncovered_units"], "unit"), wording.count(whole["uncovered_accounts"], "account")
    said = [
        (outside, f"{outside:,} of {all_of_them} outside the 85 to 115 band: imbalance {wording.percent(whole['imbalance'])}."),
        (whole["in_pieces"], f"{wording.count(whole['in_pieces'], 'territory')} in more than one piece."),
        (whole["with_holes"], f"{wording.count(whole['with_holes'], 'territory')} with a hole."),
        (whole["uncovered_units"], f"{units} that nobody covers, with {accounts}."),
        (short, f"{short:,} of {all_of_them} with more planned calls than the rep has hours for."),
    ]
    return [sentence for there, sentence in said if there]


def show_shortfalls(draft: DraftRecord) -> None:
    """Say what is still wrong with a draft; it can be saved as it is."""
    found = shortfalls(session.desk_of(draft.draft_id).figures())
    if found:
        st.warning("\n".join(["Before you save it, it has:", "", *(f"- {sentence}" for sentence in found)]), icon=":material/warning:")
    else:
        st.caption(":material/check: Every territory is in the band and in one piece, everything is covered, all planned calls fit.")


def save_form(draft: DraftRecord) -> None:
    """Keep what is drawn as a version that nothing changes any more."""
    show_shortfalls(draft)
    st.caption("A version is kept for good: you can compare it, export it, and begin another draft from it. This draft ends here.")
    with st.form("save_version", border=False):
        name = st.text_input("Name of the version", draft.name, key=f"version_name_{draft.draft_id}")
        if not st.form_submit_button("Save", type="primary", icon=":material/save:", key="save_version_button"):
            return
    with session.errors_shown():
        with st.spinner("Drawing the borders and saving…"):
            kept = session.desk_of(draft.draft_id).keep(name, session.who())
        session.look_at(kept.design_id)
        session.open_draft(kept.later_draft_id)
        after = f" Edits that came in while it was saved are in the draft {wording.plain(kept.later_name)}." if kept.later_draft_id else ""
        said = f"{wording.plain(name)} is saved as a version, with {wording.count(kept.edits, 'edit')}. Design, Compare and Export show it."
        session.tell(said + after)
        st.rerun()


def scenario_form(draft: DraftRecord) -> None:
    """Put a copy of the draft aside under a name."""
    st.caption("A scenario is a copy to compare with. This draft stays open and goes its own way.")
    with st.form("keep_scenario", border=False, clear_on_submit=True):
        name = st.text_input("Name of the scenario", "", placeholder="Such as: Ohio in two", key="scenario_name")
        if not st.form_submit_button("Keep", type="primary", icon=":material/content_copy:", key="keep_scenario_button"):
            return
    if not name.strip():
        st.warning("Give the scenario a name, so that you know it again.")
        return
    session.workspace().drafts.copy(draft.draft_id, name.strip(), session.who())
    session.open_draft(draft.draft_id)
    session.tell(f"{wording.plain(name)} is kept as a scenario. You find it on the Compare screen.")
    st.rerun()


def more_actions(draft: DraftRecord, saved: Sequence[DesignRecord]) -> None:
    """Rename, begin another one, discard."""
    origin = next(r for r in saved if r.design_id == draft.design_id)
    st.caption(f"Every edit is saved as you make it. Changes are counted from the version {wording.plain(origin.name)}.")
    with st.form("rename_draft", border=False):
        name = st.text_input("Name of this draft", draft.name, key=f"draft_name_{draft.draft_id}")
        if st.form_submit_button("Rename", icon=":material/edit:", key="rename_button") and name.strip() not in ("", draft.name):
            session.workspace().drafts.rename(draft.draft_id, name.strip(), session.who())
            session.tell(f"This draft is called {wording.plain(name.strip())} now.")
            st.rerun()
    st.divider()
    st.markdown("**Another draft**")
    begin_form(saved, "more")
    st.divider()
    sure = st.checkbox(f"Discard this draft and its {wording.count(draft.edits, 'edit')}", key=f"discard_sure_{draft.draft_id}")
    if st.button("Discard", icon=":material/delete:", key="discard_button", disabled=not sure):
        session.workspace().drafts.close(draft.draft_id, session.who())
        session.open_draft(None)
        session.tell(f"{wording.plain(draft.name)} is discarded. The version it began from is as it was.")
        st.rerun()


def bar(draft: DraftRecord, known: Sequence[DraftRecord], saved: Sequence[DesignRecord]) -> None:
    """Which draft, and what can be done with it as a whole."""
    with st.container(horizontal=True, vertical_alignment="center", key="redraw_bar"):
        st.title("Redraw", anchor=False, width="content")
        choose_draft(draft, known)
        if st.button("Compare", icon=":material/compare:", key="compare"):
            st.switch_page("screens/compare.py")
        menu = f"save_menu_{session.turn()}"
        with st.popover("Save as version", icon=":material/save:", type="primary", key=menu, on_change="rerun"):  # its warnings are of now
            save_form(draft)
        with st.popover("Keep as scenario", icon=":material/content_copy:", key=f"scenario_menu_{session.turn()}"):
            scenario_form(draft)
        with st.popover("More", icon=":material/more_horiz:", key=f"more_menu_{session.turn()}"):
            more_actions(draft, saved)


def editor(draft: DraftRecord) -> None:
    """The map and its tools. Its edits don't come through this page."""
    desk = session.desk_of(draft.draft_id)
    shown = cached.redraw_map(desk.token, desk.basis)
    address = session.redraw_address(draft.draft_id)
    redraw_editor.show(shown, address, doc=desk.doc, sources=[desk.facts], key=f"redraw_{draft.draft_id}", height=HEIGHT)


saved = session.workspace().designs()
if not saved:
    st.title("Redraw", anchor=False)
    st.info("There is no saved design yet, so there is nothing to redraw.", icon=":material/inbox:")
    st.page_link("screens/design.py", label="Make a design and save it", icon=":material/map:")
    st.stop()
draft = session.draft()
if draft is None:
    st.title("Redraw", anchor=False)
    st.write("Begin with a saved design. It stays as it is; what you draw is kept beside it.")
    begin_form(saved, "first")
    st.stop()
st.query_params[session.DRAFT_IN_ADDRESS] = str(draft.draft_id)
bar(draft, session.workspace().drafts.list(), saved)
editor(draft)
