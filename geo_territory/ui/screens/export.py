"""Export: the plan as files."""

from collections.abc import Callable

import streamlit as st

from geo_territory.publish.account_files import aligned_accounts, csv_bytes
from geo_territory.publish.plan_files import design_map, territories_geojson, units_geojson
from geo_territory.publish.summary import summary_bytes
from geo_territory.ui import session, wording

GEOJSON, CSV, TOML, JSON, HTML = "application/geo+json", "text/csv", "application/toml", "application/json", "text/html"


def offer(title: str, gives: str, file_name: str, kind: str, make: Callable[[], bytes]) -> None:
    """One file: what it is for, and the button that makes it."""
    with st.container(border=True, height="stretch"):
        st.markdown(f"**{title}**")
        st.caption(gives)
        st.download_button(
            file_name,
            make,
            file_name,
            kind,
            key=f"get_{file_name}",
            icon=":material/download:",
            on_click=session.exported,
            args=(file_name, thing),
        )


st.title("Export")
shown = session.shown()
if shown is None:
    st.info("There is no design yet, so there is nothing to hand over.", icon=":material/inbox:")
    st.page_link("screens/design.py", label="Make a design", icon=":material/map:")
    st.stop()

made = shown.design
thing = "a design that is not saved" if shown.design_id is None else f"design {shown.design_id}"
original = session.workspace().original(shown.import_id)
size = f"{wording.count(len(made.scorecard), 'territory')}, {wording.count(len(made.unit_map.units), 'unit')}"
st.write(f"**{wording.plain(shown.name)}**: {size}.")
if shown.design_id is None:
    st.warning("This design is not saved yet. Save it on the Design screen, so that you can come back to it.", icon=":material/save:")

with st.grid(3):
    offer(
        "Territories",
        "Their shapes, names and measures, for any map program.",
        "territories.geojson",
        GEOJSON,
        lambda: territories_geojson(made),
    )
    offer("Units", "The basic units and the territory of each.", "units.geojson", GEOJSON, lambda: units_geojson(made))
    offer(
        "Accounts",
        "Your own columns, plus tier, why, hours, unit and territory.",
        "accounts.csv",
        CSV,
        lambda: csv_bytes(aligned_accounts(made, original)),
    )
    offer("Map", "One file that opens without internet.", "map.html", HTML, lambda: design_map(made))
    offer("Scorecard", "What was asked, what was reached, what is proved.", "scorecard.json", JSON, lambda: summary_bytes(made))
    offer(
        "Settings",
        "With the account list, they make this plan again.",
        "policy.toml",
        TOML,
        lambda: made.attention.policy.to_toml().encode(),
    )

st.caption(
    ":material/lock: Files are made on this machine when you press. Accounts and map hold names and addresses: "
    "share them with those who may see them."
)
