"""A workspace lies in a file or on a server: it is made, brought forward and opened, and refuses what it can't be, in words."""

import sqlite3
import sys
import threading
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from geo_territory.errors import WorkspaceError
from geo_territory.redraw.edits import Change, Edit, Handover
from geo_territory.workspace import Workspace, database
from geo_territory.workspace.ddl import refuse_changes
from geo_territory.workspace.schema import METADATA, SCHEMA_VERSION, about
from tests.test_workspace import NOON, bring, save

VERSION_1 = Path(__file__).parent / "workspace_version_1.sql"
DRAFTS = """
CREATE TABLE drafts (draft_id INTEGER NOT NULL, design_id INTEGER NOT NULL, name TEXT NOT NULL, created_at DATETIME NOT NULL,
    created_by TEXT NOT NULL, closed_at DATETIME, closed_as INTEGER, PRIMARY KEY (draft_id),
    FOREIGN KEY(design_id) REFERENCES designs (design_id), FOREIGN KEY(closed_as) REFERENCES designs (design_id));
CREATE TABLE draft_edits (draft_id INTEGER NOT NULL, rev INTEGER NOT NULL, kind TEXT NOT NULL, tab TEXT NOT NULL, seq INTEGER NOT NULL,
    who TEXT NOT NULL, at DATETIME NOT NULL, "of" INTEGER, reason TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (draft_id, rev),
    UNIQUE (draft_id, tab, seq), FOREIGN KEY(draft_id) REFERENCES drafts (draft_id));
CREATE TABLE draft_tabs (draft_id INTEGER NOT NULL, tab TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (draft_id, tab),
    FOREIGN KEY(draft_id) REFERENCES drafts (draft_id));
CREATE TRIGGER draft_edits_refuses_update BEFORE UPDATE ON draft_edits BEGIN SELECT RAISE(ABORT, 'draft_edits is append-only'); END;
CREATE TRIGGER draft_edits_refuses_delete BEFORE DELETE ON draft_edits BEGIN SELECT RAISE(ABORT, 'draft_edits is append-only'); END;
INSERT INTO content VALUES ('ab', x'00');
INSERT INTO imports VALUES (1, 1, 'a.csv', 'cd', '{}', '', '2026-01-02 03:04:05.000000', 'ann', 0, 0, 0, 0, 0, 0, 'ab', 'ab', 'ab');
INSERT INTO designs VALUES (1, 'Two', '2026-01-02 03:04:05.000000', 'bo', '', 1, 'ab', '{}', '0.1');
INSERT INTO drafts VALUES (1, 1, 'North', '2026-01-02 03:04:05.000000', 'ann', NULL, NULL);
INSERT INTO draft_edits VALUES (1, 1, 'move', 't1', 1, 'ann', '2026-01-02 03:04:05.000000', NULL, '', '{"units":[["T1","T2",["01001"]]]}');
"""
OTHER = "SELECT data FROM content WHERE sha256 = (SELECT max(sha256) FROM content)"
MOVED = Change((Handover(("01001",), "T1", "T2"),))


def earlier(path, version):
    """Write a workspace as an earlier version made it, with something in it."""
    with sqlite3.connect(path) as connection:
        connection.executescript(VERSION_1.read_text() + (DRAFTS if version == 2 else ""))
        connection.execute("INSERT INTO about VALUES (?, '2026-01-02 03:04:05.000000')", (version,))
        connection.execute("INSERT INTO reps VALUES ('r1', 'Ann', NULL, 'outside', 1.0, NULL, NULL, 25.0, 'T1')")
        connection.execute("INSERT INTO overrides VALUES ('007', 'A', 'opens in June', NULL, NULL)")
        line = "INSERT INTO audit VALUES (?, '2026-01-02 03:04:05.000000', ?, 'reps saved', 'reps', '0 reps', '1 reps', NULL)"
        connection.executemany(line, [(1, "ann"), (2, "zoe")])
    connection.close()
    return f"sqlite:///{path}"


def shape_of(url):
    """Return what a file's tables, indexes and triggers are, letter for letter but for blanks and quotes."""
    with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
        found = connection.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
    connection.close()
    return {(kind, name): "".join((sql or "").replace('"', "").split()) for kind, name, sql in found}


def test_what_the_migrations_make_is_what_the_program_reads_and_writes(url):
    workspace = Workspace.open(url)
    with workspace._reading() as connection:
        different = compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), METADATA)
    workspace.close()
    assert [entry for entry in different if not (isinstance(entry, list) and entry[0][0] == "modify_comment")] == []


@pytest.mark.parametrize("version", [1, 2])
def test_a_workspace_of_an_earlier_version_is_brought_forward_and_keeps_all_it_holds(tmp_path, version):
    old, new = earlier(tmp_path / "old.db", version), f"sqlite:///{tmp_path}/new.db"
    opened = Workspace.open(old, clock=lambda: NOON)
    assert opened.reps()["name"].tolist() == ["Ann"] and opened.overrides()["reason"].tolist() == ["opens in June"]
    assert opened.audit()["what"].tolist() == ["reps saved"] * 2 and opened.audit()["who"].tolist() == ["ann", "zoe"]
    if version == 2:
        assert opened.drafts.edits(1) == [Edit(1, "move", MOVED, "ann", opened.drafts.get(1).created_at, "t1", 1, "", None)]
        assert (opened.imports()[0].imported_by, opened.designs()[0].created_by, opened.drafts.get(1).created_by) == ("ann", "bo", "ann")
    with opened._reading() as connection:
        assert connection.execute(about.select()).one().schema_version == SCHEMA_VERSION
        names = connection.exec_driver_sql("SELECT who FROM audit").scalars().all()
    assert len(set(names)) == 2 and all(name.startswith("person-") for name in names), "keys are kept, not names"
    opened.close()
    Workspace.open(new).close()
    assert shape_of(old) == shape_of(new)


def test_many_who_open_an_old_workspace_at_once_bring_it_forward_once(tmp_path):
    old = earlier(tmp_path / "old.db", 1)
    assert at_once(6, lambda: Workspace.open(old).close()) == []
    Workspace.open(old).close()


def test_many_who_open_an_empty_server_database_at_once_make_it_once(server):
    url = server.database()
    assert at_once(6, lambda: Workspace.open(url).close()) == []
    server.drop(url)


def at_once(count, act):
    faults = []

    def attempt():
        try:
            act()
        except Exception as error:
            faults.append(error)

    threads = [threading.Thread(target=attempt) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return faults


def test_a_file_with_odd_letters_in_a_new_folder_is_made(tmp_path):
    workspace = Workspace.open(f"sqlite:///{tmp_path}/new folder/work%20space.db")
    bring(workspace)
    workspace.close()
    assert list(tmp_path.glob("new folder/*space.db"))


def test_text_is_sorted_by_its_letters_codes_whatever_language_the_database_speaks(url):
    workspace = Workspace.open(url)
    workspace.set_overrides(["a1", "B1", "é", "_", "Z"], "A", "x", "ann")
    assert workspace.overrides().index.tolist() == ["B1", "Z", "_", "a1", "é"]
    workspace.close()


def test_a_reader_sees_one_state_while_somebody_writes(url):
    workspace = Workspace.open(url)
    bring(workspace)
    with workspace._reading() as connection:
        before = connection.exec_driver_sql("SELECT count(*) FROM audit").scalar_one()
        save(workspace)
        assert connection.exec_driver_sql("SELECT count(*) FROM audit").scalar_one() == before
    workspace.close()


def test_one_writes_at_a_time_and_who_waits_too_long_is_told(url, monkeypatch):
    monkeypatch.setattr(database, "PRAGMAS", ("busy_timeout=200", *database.PRAGMAS[1:]))
    monkeypatch.setattr(database, "WAIT", 1)
    first, second = Workspace.open(url), Workspace.open(url)
    with first._writing(), pytest.raises(WorkspaceError, match="been writing in the workspace"):
        second.set_override("a", "A", "x", "bo")
    second.set_override("a", "A", "x", "bo")
    first.close()
    second.close()


def test_a_server_that_is_away_is_named_with_what_to_do_and_without_its_password(server, tmp_path):
    for url in (
        f"postgresql+psycopg://ann:sesame@/plans?host={tmp_path}",
        "postgresql://ann:sesame@127.0.0.1:9/plans",
        f"postgresql://ann:sesame@/nowhere?host={server.folder}",
    ):
        with pytest.raises(WorkspaceError, match="can't be reached .*start it, or check the address") as told:
            Workspace.open(url)
        assert "sesame" not in str(told.value)


@pytest.mark.parametrize(
    "address", ["postgres//ann:sesame@host", "oracle://ann:sesame@host/x", "postgresql://ann:sesame@host?password=sesame"]
)
def test_an_address_that_is_none_is_told_without_its_password(address):
    with pytest.raises(WorkspaceError, match="postgresql") as told:
        Workspace.open(address)
    assert "sesame" not in str(told.value)


def test_a_server_without_its_driver_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(WorkspaceError, match=r"pip install 'geo-territory\[team\]'"):
        Workspace.open("postgresql://db/plans")


def test_a_workspace_on_a_server_is_named_without_person_or_password(server):
    url = server.database().replace("leader@", "leader:sesame@")
    workspace = Workspace.open(url)
    assert workspace.path.endswith(url.split("@/")[1].split("?")[0]) and "sesame" not in workspace.path and "leader" not in workspace.path
    workspace.close()
    server.drop(server.address(url.split("@/")[1].split("?")[0]))


def test_the_secret_of_a_workspace_on_a_server_is_a_file_here_and_never_there(server, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    url = server.database()
    workspace = Workspace.open(url)
    secret = workspace.signing_secret()
    (place,) = (tmp_path / ".workspace").iterdir()
    name = url.split("@/")[1].split("?")[0]
    assert place.name.endswith(f"-{name}.secret") and place.read_bytes() == secret == workspace.signing_secret()
    assert place.stat().st_mode & 0o077 == 0
    workspace.close()
    server.drop(url)


def test_a_server_that_comes_back_is_used_again(server):
    url = server.database()
    workspace = Workspace.open(url)
    workspace.set_override("a", "A", "x", "ann")
    name = url.split("@/")[1].split("?")[0]
    server.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    assert len(workspace.overrides()) == 1
    workspace.close()
    server.drop(url)


def test_a_server_database_of_another_program_is_refused_and_left_alone(server):
    url = server.database()
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute("CREATE TABLE photos (id int)")
    with pytest.raises(WorkspaceError, match="another program"):
        Workspace.open(url)
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        assert connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (1,)
    server.drop(url)


def test_who_may_not_make_tables_is_told_what_to_ask_for(server):
    url = server.database()
    server.run("CREATE ROLE guest LOGIN")
    with pytest.raises(WorkspaceError, match="permission denied.*owner grant this"):
        Workspace.open(url.replace("leader@", "guest@"))
    server.run("DROP ROLE guest")
    server.drop(url)


def test_a_database_that_lacks_letters_is_refused(server):
    server.run("CREATE DATABASE plain TEMPLATE template0 ENCODING SQL_ASCII LOCALE_PROVIDER libc LOCALE 'C'")
    with pytest.raises(WorkspaceError, match="encoding UTF8"):
        Workspace.open(server.address("plain"))
    server.drop(server.address("plain"))


def test_append_only_tables_refuse_being_emptied_on_a_server(server):
    url = server.database()
    workspace = Workspace.open(url)
    with pytest.raises(Exception, match="audit is append-only"), workspace._writing() as connection:
        connection.exec_driver_sql("TRUNCATE audit")
    with workspace._writing() as connection:
        connection.exec_driver_sql("CREATE TABLE more (id int)")
        refuse_changes(connection, "more")
    workspace.close()
    server.drop(url)


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        ("UPDATE audit SET why = 'nothing' WHERE seq = 2", "Line 2 of the audit .*override set.* was changed by something other"),
        ("UPDATE audit SET at = '2026-03-01 12:00:00.000001' WHERE seq = 1", "Line 1 of the audit"),
        ("DELETE FROM audit WHERE seq = 2", "Line 2 of the audit is missing"),
        ("DELETE FROM audit WHERE seq = 1", "Line 1 of the audit is missing"),
        ("UPDATE audit SET seq = seq + 10 WHERE seq > 2", "Line 3 of the audit is missing"),
        (f"UPDATE content SET data = ({OTHER}) WHERE sha256 = (SELECT min(sha256) FROM content)", "no longer match their checksum"),
    ],
)
def test_what_was_changed_behind_the_programs_back_is_found_and_named(url, harm, told):
    workspace = Workspace.open(url, clock=lambda: NOON)
    bring(workspace)
    workspace.set_overrides(["a", "b", "c"], "A", "because", "ann")
    workspace.verify()
    with workspace._writing() as connection:
        for verb in ("update", "delete"):
            on = " ON audit" if connection.dialect.name == "postgresql" else ""
            connection.exec_driver_sql(f"DROP TRIGGER audit_refuses_{verb}{on}")
        connection.exec_driver_sql(harm)
    with pytest.raises(WorkspaceError, match=f"{told}.*restore the workspace from a backup"):
        workspace.verify()
    workspace.close()


def test_lines_of_an_earlier_version_are_sealed_when_it_is_brought_forward(tmp_path):
    workspace = Workspace.open(earlier(tmp_path / "old.db", 2), clock=lambda: NOON)
    workspace.set_override("a", "A", "x", "ann")
    with workspace._reading() as connection:
        hashes = connection.exec_driver_sql("SELECT hash FROM audit ORDER BY seq").scalars().all()
    workspace.close()
    assert len(set(hashes)) == 3 and all(len(found) == 64 for found in hashes)
