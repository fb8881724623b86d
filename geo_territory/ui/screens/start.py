"""Start: the five steps, how far they are, and what comes next."""

import streamlit as st

from geo_territory.ui import session, wording
from geo_territory.workspace import State, load_sample

STEPS = (
    ("Prioritise", "accounts", "Your accounts and prospects fall into tiers: A must-have, B really want, C nice-to-have."),
    ("Decide attention", "attention", "Who calls which tier how often. Calls, hours and people follow at once."),
    ("Balance", "design", "Contiguous territories with equal workload, on a map. Redraw them by hand where you know better."),
    ("Execute", "export", "Territories, tiers and hours leave as files for your map, your CRM and your reps."),
    ("Measure and repeat", None, "Calls made against calls planned. This version has no screen for it yet."),
)


def progress_of(state: State) -> tuple[tuple[bool, str], ...]:
    """Return, per step, whether it is done and where it stands."""
    return (
        (state.accounts > 0, wording.count(state.accounts, "account") if state.accounts else "No account list yet"),
        (state.attention_decided, "Call patterns saved" if state.attention_decided else "The default call patterns apply"),
        (state.designs > 0, wording.count(state.designs, "saved design") if state.designs else "No design yet"),
        (state.exports > 0, f"Exported {wording.count(state.exports, 'time')}" if state.exports else "Nothing exported yet"),
        (False, f"{wording.count(state.calls, 'call')} logged" if state.calls else "No calls logged yet"),
    )


def load() -> None:
    """Load the sample before the page is drawn: a rerun asked for afterwards would undo a click on another screen meanwhile."""
    with session.errors_shown(), st.spinner("Loading the sample company. This takes a few seconds.", show_time=True):
        session.tell(load_sample(session.workspace()))


state = session.workspace().state()
progress = progress_of(state)
following = next((i for i, (done, _) in enumerate(progress) if not done and STEPS[i][1] is not None), None)

st.title("Do your sellers spend their hours where the money is?")
st.write("Five steps from a list of accounts to territories that people can see, work and measure.")

if not state.accounts:
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
            if page is not None:
                st.page_link(f"screens/{page}.py", label=f"Go to {page.capitalize()}", icon=":material/arrow_forward:")
            if page == "design" and done:
                st.page_link("screens/redraw.py", label="Go to Redraw", icon=":material/edit:")

st.caption(
    ":material/lock: Everything stays on this machine: the list, the plan and the map. Nothing is asked of or sent to anybody else. "
    f"The workspace is the file {wording.plain(session.workspace().path)}."
)
