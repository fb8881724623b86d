"""What is put into a workspace comes out as it was, once, with a trace of who changed it."""

import signal
import sqlite3
import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path
from textwrap import dedent

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from geo_territory.errors import WorkspaceError
from geo_territory.policy import Policy, TierRule
from geo_territory.redraw.edits import Change, Edit
from geo_territory.tables import Accounts, AlignmentRows, Calls, ImportReport, Overrides, Reps, Territories
from geo_territory.workspace import Workspace, cycle_schema
from geo_territory.workspace.call_log import Added
from geo_territory.workspace.schema import IMMUTABLE, content

NOON = datetime(2026, 3, 1, 12, 0)


def table(declared, text):
    """Return CSV text as a declared table: ids and codes stay text, what is blank is missing."""
    index = declared.to_schema().index
    frame = pd.read_csv(StringIO(dedent(text).strip()), dtype="str", skipinitialspace=True)
    frame = frame if index is None else frame.set_index(index.name)
    types = {name: kind for name, kind in declared.empty().dtypes.items() if kind.kind in "fi" and name in frame}
    return declared.check(frame.astype(types).reindex(columns=declared.columns()))


def accounts(city="Boston"):
    return table(
        Accounts,
        f"""
        account_id,name,status,city,postal_code,country,lat,lon,geocode_precision,annual_value,opened,territory_id
        007,Café <b>Zoë</b>,customer,{city},02139,US,42.36,-71.1,given,1234.5,2019-05-01,T1
        A2,,prospect,,00501,US,,,none,,,
        """,
    )


REPORT = table(ImportReport, "row,account_id,outcome,reason\n2,007,accepted,\n3,A2,warned,no place\n4,,rejected,no id")
REPS = table(Reps, "rep_id,name,email,role,fte,lat,lon,leave_days,territory_id\nr1,Ann,,outside,0.5,42.1,-71.2,25,\nr2,Bo,b@x,vp,1,,,0,T1")
CALLS = table(
    Calls,
    """
    call_id,account_id,rep_id,role,date,channel,outcome,duration_min
    c1,007,r1,outside,2026-01-31,visit,met,45
    c2,A2,r1,outside,2026-02-01,phone,voicemail,
    """,
)
ALIGNMENT = table(AlignmentRows, "unit_id,territory_id\n01001,T1\n01002,T2")
TERRITORIES = table(Territories, "territory_id,name,color\nT1,North,#112233\nT2,South,#445566").assign(rep_id=["r1", None])


@pytest.fixture
def workspace(url):
    opened = Workspace.open(url, clock=lambda: NOON)
    yield opened
    opened.close()


def bring(workspace, file=b"some bytes", headings=None, frame=None, **more):
    frame = accounts() if frame is None else frame
    original = pd.DataFrame({"Cust No": ["007", "A2"], "Umsatz": ["1.234,50", None]}, index=frame.index).astype("str")
    given_headings = headings or {Accounts.name: "Name"}
    facts = {"file_name": "list.csv", "file": file, "headings": given_headings, "who": "ann"}
    return workspace.import_accounts(accounts=frame, report=REPORT, original=original, **facts | more)


def save(workspace, **more):
    facts = {"name": "Two by county", "policy": Policy(), "import_id": 1, "parts": b"\x00units", "alignment": ALIGNMENT}
    facts |= {"territories": TERRITORIES, "scorecard": {"imbalance": 0.031, "gap": None}, "stamp": "0.1", "who": "ann"}
    return workspace.save_design(**facts | more)


def test_accounts_come_back_as_they_were_imported(workspace):
    record = bring(workspace)
    assert_frame_equal(workspace.accounts(), accounts())
    assert workspace.accounts()[Accounts.postal_code].tolist() == ["02139", "00501"]
    assert pd.isna(workspace.accounts().loc["A2", Accounts.name])
    assert_frame_equal(workspace.import_report(), REPORT)
    assert workspace.original()["Umsatz"].iloc[0] == "1.234,50"
    assert (record.rows_in, record.rows_accepted, record.rows_warned, record.rows_rejected) == (3, 1, 1, 1)
    assert (record.accounts_total, record.imported_at) == (2, NOON)


def test_columns_a_person_brought_survive_even_when_their_values_are_of_mixed_kinds(workspace):
    bring(workspace, frame=accounts().assign(note=["x", None], mixed=[1, "two"]))
    assert workspace.accounts()[["note", "mixed"]].fillna("-").values.tolist() == [["x", "1"], ["-", "two"]]


def test_a_workspace_without_accounts_gives_empty_tables(workspace):
    assert_frame_equal(workspace.accounts(), Accounts.empty())
    assert workspace.import_report().empty and workspace.original().empty and workspace.overrides().empty
    assert workspace.reps().empty and workspace.calls_made.calls().empty and workspace.audit().empty
    assert workspace.policy() == Policy() and workspace.designs() == []


def test_the_same_bytes_with_the_same_headings_add_nothing_and_say_so(workspace):
    first, again = bring(workspace), bring(workspace)
    assert first.is_new and not again.is_new and again.import_id == first.import_id
    assert len(workspace.imports()) == 1 and len(workspace.audit()) == 1


@pytest.mark.parametrize("change", [{"file": b"other"}, {"headings": {Accounts.name: "Firma"}}, {"value_column": "Umsatz"}])
def test_other_bytes_headings_or_value_column_are_another_import(workspace, change):
    bring(workspace)
    assert bring(workspace, **change).is_new
    assert [record.import_id for record in workspace.imports()] == [2, 1]


def test_the_newest_list_is_in_force_until_an_earlier_one_is_chosen(workspace):
    bring(workspace)
    bring(workspace, file=b"later", frame=accounts("Lynn"))
    assert workspace.accounts()[Accounts.city].iloc[0] == "Lynn"
    assert workspace.accounts(import_id=1)[Accounts.city].iloc[0] == "Boston"
    workspace.use_import(1, who="bo", why="the new list lacks Maine")
    assert workspace.accounts()[Accounts.city].iloc[0] == "Boston" and workspace.imports()[0].import_id == 1
    assert workspace.audit().iloc[-1][["who", "why"]].tolist() == ["bo", "the new list lacks Maine"]
    assert not bring(workspace, file=b"later").is_new
    assert workspace.imports()[0].import_id == 2, "importing a known file again puts it in force"


@pytest.mark.parametrize("call", ["accounts", "import_report", "original"])
def test_an_unknown_import_is_refused_in_words(workspace, call):
    bring(workspace)
    with pytest.raises(WorkspaceError, match="no import 9"):
        getattr(workspace, call)(9)


def test_a_list_that_breaks_its_declaration_leaves_no_trace(workspace):
    with pytest.raises(Exception, match="lat"):
        bring(workspace, frame=accounts().assign(lat=[99.0, 0.0]))
    assert workspace.imports() == [] and workspace.audit().empty


def test_policies_are_kept_with_their_history_and_reason(workspace):
    strict = replace(Policy(), tier_rule=TierRule(shares=(0.7, 0.9)))
    workspace.save_policy(strict, decides="tiers", who="ann", why="fewer A")
    workspace.save_policy(strict, decides="tiers", who="ann", why="again")
    workspace.save_policy(Policy(), decides="attention", who="bo")
    assert workspace.policy() == Policy()
    assert [(p.decides, p.saved_by, p.why) for p in workspace.policies()] == [("attention", "bo", ""), ("tiers", "ann", "fewer A")]
    last = workspace.audit().iloc[-1]
    assert Policy.from_toml(last["old"]) == strict and Policy.from_toml(last["new"]) == Policy()


def test_a_policy_for_an_unknown_step_is_refused(workspace):
    with pytest.raises(WorkspaceError, match="decides one of tiers"):
        workspace.save_policy(Policy(), decides="weather", who="ann")


def test_an_override_is_replaced_cleared_and_remembered(workspace):
    workspace.set_override("007", "A", "opens in June", "ann", date(2026, 12, 31))
    workspace.set_overrides(["007", "A2"], "B", "lost the tender", "bo")
    assert_frame_equal(
        workspace.overrides(),
        table(Overrides, "account_id,tier,reason,set_by,until\n007,B,lost the tender,bo,\nA2,B,lost the tender,bo,"),
    )
    assert workspace.clear_overrides(["007", "unknown"], "ann", "over") == 1
    assert workspace.overrides().index.tolist() == ["A2"]
    history = workspace.audit()[["what", "object", "old", "new"]].fillna("").values.tolist()
    assert history == [
        ["override set", "account 007", "", "A until 2026-12-31"],
        ["override set", "account 007", "A", "B"],
        ["override set", "account A2", "", "B"],
        ["override cleared", "account 007", "B", ""],
    ]


def test_an_override_without_a_reason_is_refused(workspace):
    with pytest.raises(Exception, match="reason"):
        workspace.set_override("007", "A", "  ", "ann")
    assert workspace.overrides().empty and workspace.audit().empty


words = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=12).filter(str.strip)
ends = st.none() | st.dates(date(1900, 1, 1), date(2200, 1, 1))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.dictionaries(words, st.tuples(words, words, words, ends), max_size=5))
def test_any_override_comes_back_as_it_was_set(url, wanted):
    workspace = Workspace.open(url)
    workspace.clear_overrides(workspace.overrides().index, "test")
    for account_id, (tier, reason, who, until) in wanted.items():
        workspace.set_override(account_id, tier, reason, who, until)
    found = workspace.overrides()
    workspace.close()
    assert found.index.tolist() == sorted(wanted, key=lambda text: text.encode())
    for account_id, row in zip(found.index, found.itertuples(index=False), strict=True):
        tier, reason, who, until = wanted[account_id]
        assert tuple(row)[:3] == (tier, reason.strip(), who)
        assert pd.isna(row.until) if until is None else row.until == pd.Timestamp(until)


def test_reps_come_back_and_a_new_list_replaces_the_old(workspace):
    workspace.save_reps(REPS, "ann")
    assert_frame_equal(workspace.reps(), REPS)
    workspace.save_reps(REPS.iloc[1:], "ann", "Ann left")
    assert_frame_equal(workspace.reps(), REPS.iloc[1:])


def test_calls_sent_twice_count_once(workspace):
    assert workspace.calls_made.add(CALLS.iloc[:1], "r1") == Added(1, 0, 0)
    assert workspace.calls_made.add(CALLS, "r1") == Added(1, 1, 0)
    assert workspace.calls_made.add(CALLS, "r1") == Added(0, 2, 0)
    assert_frame_equal(workspace.calls_made.calls(), CALLS)


def test_a_design_comes_back_whole(workspace):
    bring(workspace)
    policy = replace(Policy(), tier_rule=TierRule(shares=(0.7, 0.9)))
    found = workspace.design(save(workspace, policy=policy))
    assert_frame_equal(found.alignment, ALIGNMENT)
    assert_frame_equal(found.territories, TERRITORIES, check_dtype=False)
    assert (found.policy, found.parts, found.scorecard["imbalance"], found.stamp) == (policy, b"\x00units", 0.031, "0.1")
    assert (found.name, found.created_by, found.created_at, found.import_id) == ("Two by county", "ann", NOON, 1)


def test_designs_are_listed_newest_first_and_need_a_name(workspace):
    bring(workspace)
    save(workspace)
    save(workspace, name="Another")
    assert [d.name for d in workspace.designs()] == ["Another", "Two by county"]
    with pytest.raises(WorkspaceError, match="needs a name"):
        save(workspace, name=" ")
    with pytest.raises(WorkspaceError, match="no design 9"):
        workspace.design(9)


@pytest.mark.parametrize("name", [t.name for t in IMMUTABLE if t not in cycle_schema.IMMUTABLE])
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET {} = {}"])
def test_the_audit_designs_and_edits_refuse_update_and_delete(workspace, name, statement):
    bring(workspace)
    workspace.drafts.begin(save(workspace), "North", "ann", [Edit(1, "move", Change(), "ann", NOON)])
    column = next(t for t in IMMUTABLE if t.name == name).columns.keys()[-1]
    with pytest.raises(IntegrityError, match=f"{name} is append-only"), workspace._writing() as connection:
        connection.exec_driver_sql(statement.format(name, f'"{column}"', f'"{column}"'))


def test_every_change_stands_in_the_audit(workspace):
    bring(workspace, why="spring list")
    workspace.save_policy(Policy(), decides="everything", who="ann")
    workspace.save_reps(REPS, "ann")
    workspace.calls_made.add(CALLS, "ann")
    save(workspace)
    found = workspace.audit()
    assert found["what"].tolist() == ["accounts imported", "policy saved (everything)", "reps saved", "calls added", "design saved"]
    assert found["object"].tolist() == ["import 1", "policy 1", "reps", "calls", "design 1"]
    assert found["at"].eq(pd.Timestamp(NOON)).all() and found["why"].iloc[0] == "spring list"


def test_the_state_follows_the_work(workspace):
    assert workspace.state().accounts == 0
    bring(workspace)
    assert workspace.state().accounts == 2
    assert not workspace.state().tiers_decided and not workspace.state().attention_decided
    workspace.save_policy(Policy(), decides="tiers", who="ann")
    workspace.save_policy(Policy(), decides="attention", who="ann")
    workspace.calls_made.add(CALLS, "ann")
    save(workspace)
    state = workspace.state()
    assert state.tiers_decided and state.attention_decided and (state.designs, state.exports, state.calls) == (1, 0, 2)
    workspace.record_export("territories.geojson", "design 1", "ann")
    assert workspace.state().exports == 1 and workspace.audit().iloc[-1]["what"] == "exported"


def test_what_was_saved_is_there_after_closing(url):
    first = Workspace.open(url)
    bring(first)
    first.close()
    again = Workspace.open(url)
    assert_frame_equal(again.accounts(), accounts())
    age = datetime.now(UTC).replace(tzinfo=None) - again.imports()[0].imported_at
    again.close()
    assert 0 <= age.total_seconds() < 60


def test_two_threads_and_two_openings_write_without_losing_anything(workspace, url):
    second, faults = Workspace.open(url), []

    def write(target, letter):
        try:
            for number in range(40):
                target.set_override(f"{letter}{number}", "A", "because", letter)
        except Exception as error:
            faults.append(error)

    threads = [threading.Thread(target=write, args=pair) for pair in [(workspace, "a"), (workspace, "b"), (second, "c"), (second, "d")]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    second.close()
    assert not faults
    assert len(workspace.overrides()) == 160 and workspace.audit()["seq"].tolist() == list(range(1, 161))


WRITER = """
import sys, itertools, pandas as pd
from geo_territory.tables import Accounts, ImportReport
from geo_territory.workspace import Workspace, cycle_schema
workspace = Workspace.open(sys.argv[1])
ids = pd.Index([f"{i:06d}" for i in range(5000)], dtype="str", name="account_id")
frame = pd.DataFrame({name: None for name in Accounts.columns()}, index=ids).assign(status="customer", geocode_precision="none")
frame = Accounts.check(frame)
for number in itertools.count():
    workspace.import_accounts(accounts=frame.assign(name=str(number)), report=ImportReport.empty(), original=frame[[]],
                              file_name="a.csv", file=str(number).encode(), headings={}, who="child")
    workspace.set_overrides(ids[:300], "A", f"round {number}", "child")
    print(number, flush=True)
"""


@pytest.mark.parametrize("wait", [0.0, 0.037, 0.11])
def test_a_workspace_is_whole_after_its_writer_was_killed(url, wait):
    child = subprocess.Popen([sys.executable, "-c", WRITER, url], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1])
    child.stdout.readline()
    time.sleep(wait)
    child.send_signal(signal.SIGKILL)
    child.communicate()
    workspace = Workspace.open(url)
    workspace.verify()
    audit, records = workspace.audit(), workspace.imports()
    assert len(records) == (audit["what"] == "accounts imported").sum() >= 1
    assert all(len(workspace.accounts(record.import_id)) == 5000 for record in records)
    assert (audit["what"] == "override set").sum() % 300 == 0
    assert len(set(workspace.overrides()[Overrides.reason])) == 1, "never half a round"
    workspace.close()


def test_a_newer_workspace_is_refused_and_left_alone(workspace, url):
    with workspace._writing() as connection:
        connection.exec_driver_sql("UPDATE about SET schema_version = 99")
    workspace.close()
    with pytest.raises(WorkspaceError, match=r"newer Geo Territory \(schema 99.*update Geo Territory"):
        Workspace.open(url)


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "accounts.csv"
    path.write_text("account_id,name\n1,Ann\n" * 100)
    before = path.read_bytes()
    with pytest.raises(WorkspaceError, match="accounts.csv is not a workspace.*Choose another file"):
        Workspace.open(f"sqlite:///{path}")
    assert path.read_bytes() == before


def test_a_database_of_another_program_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "photos.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE photos (id INTEGER)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(WorkspaceError, match="another program"):
        Workspace.open(f"sqlite:///{path}")
    assert path.read_bytes() == before


@pytest.mark.parametrize("address", ["mysql://team/plans", "postgresql://team", "sqlite://", "sqlite:///:memory:", "nonsense"])
def test_an_address_that_is_no_file_is_refused_in_words(address):
    with pytest.raises(WorkspaceError, match="sqlite:///path"):
        Workspace.open(address)


def test_a_folder_is_refused_in_words(tmp_path):
    with pytest.raises(WorkspaceError, match="is a folder: name the file"):
        Workspace.open(f"sqlite:///{tmp_path}")


def test_damaged_bytes_are_noticed(workspace):
    bring(workspace)
    with workspace._writing() as connection:
        connection.execute(update(content).values(data=b"0"))
    with pytest.raises(WorkspaceError, match="damaged.*backup"):
        workspace.accounts()
