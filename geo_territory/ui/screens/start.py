"""Start: the five steps, how far they are, and what comes next."""

import streamlit as st

from geo_territory.rights import PLAN
from geo_territory.ui import pages, publish_versions, session, wording
from geo_territory.workspace import State, load_sample

STEPS = (
    ("Prioritise", "accounts", "Your accounts and prospects fall into tiers: A must-have, B really want, C nice-to-have."),
    ("Decide attention", "attention", "Who calls which tier how often. Calls, hours and people follow at once."),
    ("Balance", "design", "Contiguous territories with equal workload, on a map. Redraw them by hand where you know better."),
    ("Execute", "publish", "A leader approves it with a day. Every rep sees what is gained, lost and kept; the CRM gets its files."),
    ("Measure and repeat", None, "Calls made against calls planned. This version has no screen for it yet."),
)


def progress_of(state: State) -> tuple[tuple[bool, str], ...]:
    """Return, per step, whether it is done and where it stands."""
    return (
        (state.accounts > 0, wording.count(state.accounts, "account") if state.accounts else "No account list yet"),
        (state.attention_decided, "Call patterns saved" if state.attention_decided else "The default call patterns apply"),
        (state.designs > 0, wording.count(state.designs, "saved design") if state.designs else "No design yet"),
        published(),
        (False, f"{wording.count(state.calls, 'call')} logged" if state.calls else "No calls logged yet"),
    )


def published() -> tuple[bool, str]:
    """Return whether something is in force today, and what, or what is on its way."""
    today, known = session.today(), session.workspace().cycles.publications()
    for state, said in (
        (publish_versions.ACTIVE, "{name} is active since {day}"),
        (publish_versions.SCHEDULED, "{name} is scheduled for {day}"),
        (publish_versions.REVIEW, "{name} waits for approval"),
    ):
        found = next((one for one in known if one.state_on(today) == state), None)
        if found is not None:
            return state == publish_versions.ACTIVE, said.format(name=wording.plain(found.name), day=found.valid_from)
    return False, "Nothing is published yet"


def load() -> None:
    """Load the sample before the page is drawn: a rerun asked for afterwards would undo a click on another screen meanwhile."""
    with session.errors_shown(), st.spinner("Loading the sample company. This takes a few seconds.", show_time=True):
        session.acting(PLAN)
        session.tell(load_sample(session.workspace()))


state, plans = session.workspace().state(), session.viewer().may(PLAN)
progress = progress_of(state)
following = next((i for i, (done, _) in enumerate(progress) if not done and STEPS[i][1] is not None), None)

st.title("Do your sellers spend their hours where the money is?")
st.write("Five steps from a list of accounts to territories that people can see, work and measure.")

if not plans:
    st.page_link("screens/my_territory.py", label="Go to your territory", icon=":material/person_pin_circle:")

elif not state.accounts:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Load the sample", type="primary", icon=":material/science:", key="sample", on_click=load)
        st.page_link("screens/accounts.py", label="Bring your own list", icon=":material/upload_file:")
    st.caption("The sample is Larkstone Supply: invented accounts at real places, with the faults real companies have.")

elif following is not None and st.button(f"Next: {STEPS[following][0]}", type="primary", icon=":material/arrow_forward:", key="next"):
    st.switch_page(f"screens/{STEPS[following][1]}.py")

with st.grid(5, min_column_width=190):
    for i, ((name, page, gives), (done, stands)) in enumerate(zip(STEPS, progress, strict=True)):
        with st.container(border=True, height="stretch"):
            icon = ":material/check_circle:" if done else ":material/radio_button_unchecked:"
            st.markdown(f"**{i + 1}. {name}**")
            if page is None:
                st.badge("Not in this version", icon=":material/block:", color="gray")
            elif i == following:
                st.badge("Next", icon=":material/arrow_circle_right:", color="blue")
            else:
                st.badge("Done" if done else "Not done", icon=icon, color="green" if done else "gray")
            st.write(gives)
            st.caption(stands)
            if page is not None and pages.opened(page):
                st.page_link(f"screens/{page}.py", label=f"Go to {page.capitalize()}", icon=":material/arrow_forward:")
            if page == "design" and done and plans:
                st.page_link("screens/redraw.py", label="Go to Redraw", icon=":material/edit:")
            if page == "publish" and state.designs and plans:
                st.page_link("screens/export.py", label="Go to Export", icon=":material/download:")

st.caption(
    ":material/lock: Everything stays on this machine: the list, the plan and the map. Nothing is asked of or sent to anybody else. "
    f"The workspace is the file {wording.plain(session.workspace().path)}."
)
