"""Accounts: bring the list, see what became of every row, set tiers and say why."""

import dataclasses
from datetime import date

import streamlit as st

from geo_territory import maps
from geo_territory.attention import Attention
from geo_territory.publish.account_files import csv_bytes
from geo_territory.tables import ROW_OUTCOMES, Accounts, OffMap, Territories
from geo_territory.tiers import assign_tiers, moved_between, override_rate, tier_summary
from geo_territory.ui import cached, charts, grids, importing, session, territory_map, tiering, wording
from geo_territory.workspace import ImportRecord


def bring_a_list() -> None:
    """Upload, correct the heading map, import."""
    upload = importing.chosen_file()
    if upload is None:
        st.caption("CSV, XLSX, GeoJSON or Parquet, also as your CRM exports it. It stays on this machine.")
        return
    table = importing.read(upload)
    for fact in table.facts:
        st.caption(wording.plain(fact))
    st.write("Is every column where it belongs? Correct it here; blank means the file has no such column.")
    headings = importing.heading_map(table, key=f"headings_{upload.sha256[:12]}")
    value = importing.worth(table, headings)
    if value is not None:
        headings[Accounts.annual_value] = value
    unused = importing.unused_columns(table, headings)
    if unused:
        st.caption(f"Kept as they are: {wording.plain(', '.join(unused))}.")
    if st.button("Import", type="primary", icon=":material/upload:", key="import"):
        with st.spinner("Reading every row…"):
            record = importing.keep(upload, table, headings, value)
        session.tell(importing.said(record))
        st.rerun()


def choose_list(record: ImportRecord) -> None:
    """Go back to an earlier account list, or forth again."""
    known = {r.import_id: f"{r.file_name} · {r.imported_at:%Y-%m-%d %H:%M}" for r in session.workspace().imports()}
    if len(known) < 2:
        return
    chosen = st.selectbox("Account list in force", list(known), format_func=known.__getitem__, key=f"list_{record.import_id}", width=420)
    if chosen != record.import_id:
        session.workspace().use_import(chosen, session.who())
        session.tell("The account list is in force again.")
        st.rerun()


def show_map(attention: Attention, token: str) -> None:
    """The accounts by tier and value."""
    rows = attention.planned.join(attention.tiers)
    if rows[[Accounts.lat, Accounts.lon]].notna().all(axis=1).sum() == 0:
        st.info("No account has a place yet, so there is no map. The tab “Not on the map” says why.", icon=":material/wrong_location:")
        return
    shown = cached.account_map(token, rows, attention.policy.tier_rule.labels)
    territory_map.show(shown, maps.map_state(Territories.empty()), key="account_map")


def show_tiers(attention: Attention) -> None:
    """What the tiers hold, and the rule that makes them."""
    rule = attention.policy.tier_rule
    summary = tier_summary(attention.planned, attention.tiers, rule.labels)
    st.altair_chart(charts.tier_shares(summary), alt="Share of accounts and of value by tier")
    grids.show(summary, grids.TIERS, alt="What each tier holds", key="tier_summary")
    st.caption("Shares of value leave prospects out: they have a value of their own, what they might buy.")
    rate = override_rate(attention.tiers) or 0.0
    if rate > 0.10:
        st.warning(f"{wording.percent(rate)} of the tiers are set by hand. Above 10 % the rule deserves a look.", icon=":material/rule:")
    st.subheader("The rule", anchor=False)
    with session.errors_shown():
        wanted = tiering.rule_form(rule)
        if wanted == rule:
            st.caption("This rule is in force. Change it to see which accounts would move before you apply it.")
            return
        overrides = session.workspace().overrides()
        moves = moved_between(attention.tiers, assign_tiers(attention.planned, wanted, overrides, session.today()))
        st.write(f"**{wording.count(len(moves), 'account')}** would change tier." if len(moves) else "No account would change tier.")
        if len(moves):
            grids.show(moves.join(attention.planned[Accounts.name]), grids.MOVES, alt="Accounts that would change tier", key="moves")
        why = st.text_input("Why (optional)", key="rule_why")
        if st.button("Apply the rule", type="primary", icon=":material/check:", key="apply_rule"):
            policy = dataclasses.replace(session.workspace().policy(), tier_rule=wanted)
            session.workspace().save_policy(policy, decides="tiers", who=session.who(), why=why)
            session.tell(f"The rule is in force: {wording.count(len(moves), 'account')} changed tier.")
            st.rerun()


def show_list(attention: Attention) -> None:
    """Search, select, override."""
    left, right = st.columns([2, 1])
    words = left.text_input("Search", key="search", type="search", placeholder="name, place, industry")
    tiers = right.pills("Tier", attention.policy.tier_rule.labels, selection_mode="multi", key="search_tiers") or []
    rows = tiering.found(attention.planned.join(attention.tiers), words, tiers)
    st.caption(f"{wording.count(len(rows), 'account')}. Select rows to set their tier by hand.")
    event = grids.show(
        rows,
        grids.ACCOUNTS,
        alt="Accounts with their tier and why",
        key=f"account_list {words} {tiers}",  # another search is another list: what was selected in the old one is let go
        on_select="rerun",
        selection_mode="multi-row",
        height=420,
    )
    chosen = list(rows.index[[row for row in event.selection.rows if row < len(rows)]])
    everything = st.checkbox(f"Select all found ({len(rows):,})", key="select_found", disabled=not len(rows))
    override_form(list(rows.index) if everything else chosen, attention.policy.tier_rule.labels)
    show_overrides(attention)


def override_form(account_ids: list[str], labels: tuple[str, ...]) -> None:
    """One tier and one reason for the chosen accounts, until a day or for good."""
    with st.form("override", border=True):
        st.write(f"**{wording.count(len(account_ids), 'account')} selected**")
        left, middle, right = st.columns([1, 3, 1])
        tier = left.selectbox("Tier", labels, key="override_tier")
        reason = middle.text_input("Why", key="override_reason", placeholder="opens two sites in June")
        until: date | None = right.date_input("Until (optional)", None, key="override_until", min_value=session.today())
        if not st.form_submit_button("Set the tier", icon=":material/edit:", key="override_set"):
            return
    if not account_ids or not reason.strip():
        st.warning("Select at least one account and say why: an override without a reason is not kept.", icon=":material/edit_note:")
        return
    session.workspace().set_overrides(account_ids, tier, reason, session.who(), until)
    session.tell(f"{wording.count(len(account_ids), 'account')} set to tier {wording.plain(tier)}.")
    st.rerun()


def show_overrides(attention: Attention) -> None:
    """The tiers set by hand, and the way back."""
    overrides = session.workspace().overrides()
    if overrides.empty:
        return
    with st.expander(f"Tiers set by hand ({len(overrides):,})"):
        grids.show(overrides.join(attention.accounts[Accounts.name]), grids.OVERRIDES, alt="Tiers set by hand", key="overrides")
        gone = st.multiselect("Let the rule decide again about", list(overrides.index), key="override_gone")
        if st.button("Clear", key="override_clear", icon=":material/undo:", disabled=not gone):
            session.workspace().clear_overrides(gone, session.who())
            session.tell(f"The rule decides again about {wording.count(len(gone), 'account')}.")
            st.rerun()


def show_report(record: ImportRecord) -> None:
    """What became of every row."""
    report = session.workspace().import_report(record.import_id)
    names = {f"{wording.OUTCOMES[o]} {getattr(record, f'rows_{o}'):,}": o for o in ROW_OUTCOMES}
    wanted = st.pills("Outcome", list(names), selection_mode="multi", key="report_outcomes") or []
    grids.show(importing.filtered(report, [names[name] for name in wanted]), grids.REPORT, alt="What became of every row", key="report")
    st.download_button(
        "Download the row report",
        lambda: csv_bytes(report, index=False),
        "import_report.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
        key="report_file",
    )


def show_off_map(attention: Attention) -> None:
    """The accounts without a place: planned, and in no territory."""
    rows = attention.planned
    off = rows[rows[[Accounts.lat, Accounts.lon]].isna().any(axis=1)]
    if off.empty:
        st.success("Every account has a place.", icon=":material/location_on:")
        return
    st.write(
        f"{wording.count(len(off), 'account')} without a place. They stay in the call plan and are in no territory until they have one."
    )
    reason = off[Accounts.geocode_source].fillna("its address and postal code name no place that is known offline")
    grids.show(off.assign(**{OffMap.reason: reason}), grids.OFF_MAP, alt="Accounts that are not on the map", key="off_map")


st.title("Accounts")
record = session.current_import()
with st.expander("Bring an account list", expanded=record is None, icon=":material/upload_file:"), session.errors_shown():
    bring_a_list()

if record is None:
    st.info("There is no account list yet. Bring one above, or load the sample on the Start screen.", icon=":material/inbox:")
    st.page_link("screens/start.py", label="Go to Start", icon=":material/flag:")
    st.stop()

choose_list(record)
attention = session.attention(record)
planned = attention.planned
on_map = int(planned[[Accounts.lat, Accounts.lon]].notna().all(axis=1).sum())
closed = record.accounts_total - len(planned)
with st.grid(4, min_column_width=130):
    grids.figure("Accounts", record.accounts_total, f"{len(planned):,} planned, {closed:,} closed")
    grids.figure("On the map", on_map, f"of {len(planned):,} planned")
    grids.figure("Fixed or warned", record.rows_fixed + record.rows_warned, f"of {wording.count(record.rows_in, 'row')}")
    grids.figure("Rejected", record.rows_rejected, f"of {wording.count(record.rows_in, 'row')}")
st.caption(f"{wording.plain(record.file_name)}, imported {record.imported_at:%Y-%m-%d %H:%M} UTC: {importing.outcomes(record)}.")

if on_map < len(planned):
    st.warning(
        f"{len(planned) - on_map:,} of {wording.count(len(planned), 'planned account')} have no place, so they can't be in a territory. "
        "“Not on the map” lists them with the reason.",
        icon=":material/wrong_location:",
    )

token = (
    f"{session.url()} {record.import_id} {session.workspace().overrides_revision()} {hash(attention.policy.tier_rule)} {session.today()}"
)
parts = {"Map": "map", "Tiers": "tiers", "List": "list", "Row report": "report", "Not on the map": "off"}
part = st.segmented_control("Show", list(parts), default="Map", key="accounts_part", label_visibility="collapsed", required=True)
match parts[part or "Map"]:
    case "map":
        show_map(attention, token)
    case "tiers":
        show_tiers(attention)
    case "list":
        show_list(attention)
    case "report":
        show_report(record)
    case "off":
        show_off_map(attention)
