"""A backup holds the whole workspace at one moment and comes back the same, on the other database as well, or not at all."""

import hashlib
import json
import zipfile

import pytest
from pandas.testing import assert_frame_equal
from sqlalchemy import select
from typer.testing import CliRunner

from geo_territory.cli import app
from geo_territory.errors import WorkspaceError
from geo_territory.policy import Policy
from geo_territory.redraw.edits import Edit
from geo_territory.workspace import Workspace, load_sample
from geo_territory.workspace.backup import restore_backup, write_backup
from geo_territory.workspace.schema import METADATA
from tests.test_workspace import CALLS, NOON, REPS, bring, save
from tests.test_workspace_databases import MOVED


@pytest.fixture
def workspace(url):
    """Something in most tables, with letters, moments and blanks that are easily lost."""
    opened = Workspace.open(url, clock=lambda: NOON.replace(microsecond=7))
    bring(opened)
    save(opened)
    opened.save_policy(Policy(), decides="tiers", who="Zoë\n<b>", why='"quoted"')
    opened.save_reps(REPS, "ann")
    opened.calls_made.add(CALLS, "ann")
    opened.set_override("007", "A", "ünïcode ☃ \U0001f5fa", "ann")
    draft = opened.drafts.begin(1, "North", "ann", [Edit(1, "move", MOVED, "bo", NOON, "t1", 1)])
    opened.drafts.close(draft, "ann")
    yield opened
    opened.close()


@pytest.fixture(params=["into SQLite", "into PostgreSQL"])
def empty(request, tmp_path):
    if request.param == "into SQLite":
        yield f"sqlite:///{tmp_path}/restored.db"
        return
    server = request.getfixturevalue("server")
    address = server.database()
    yield address
    server.drop(address)


def everything(workspace):
    """Return all rows of all tables as they are in the database."""
    with workspace._reading() as connection:
        return {t.name: connection.execute(select(t).order_by(*t.primary_key)).all() for t in METADATA.sorted_tables}


def test_a_backup_comes_back_the_same_on_either_database(workspace, empty, tmp_path):
    size = write_backup(workspace, tmp_path / "all.zip")
    assert size == (tmp_path / "all.zip").stat().st_size
    rows = restore_backup(tmp_path / "all.zip", empty)
    restored = Workspace.open(empty, clock=lambda: NOON)
    assert everything(restored) == everything(workspace)
    assert rows == sum(len(found) for name, found in everything(workspace).items() if name not in ("about", "content"))
    assert_frame_equal(restored.accounts(), workspace.accounts())
    restored.verify()
    restored.close()


def test_work_goes_on_in_a_restored_workspace(workspace, empty, tmp_path):
    write_backup(workspace, tmp_path / "all.zip")
    restore_backup(tmp_path / "all.zip", empty)
    restored = Workspace.open(empty, clock=lambda: NOON)
    assert bring(restored, file=b"more").import_id == 2 and save(restored) == 2
    assert restored.drafts.begin(2, "South", "ann") == 2
    restored.verify()
    assert restored.audit()["seq"].tolist() == list(range(1, len(workspace.audit()) + 4))
    restored.close()


def test_two_backups_of_the_same_state_hold_the_same(workspace, tmp_path):
    for name in ("one.zip", "two.zip"):
        write_backup(workspace, tmp_path / name)
    assert contents(tmp_path / "one.zip") == contents(tmp_path / "two.zip")


def contents(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_backup_restores_only_into_an_empty_workspace(workspace, url, tmp_path):
    write_backup(workspace, tmp_path / "all.zip")
    before = everything(workspace)
    with pytest.raises(WorkspaceError, match="isn't empty: restore into a new one"):
        restore_backup(tmp_path / "all.zip", url)
    assert everything(workspace) == before


def test_a_backup_overwrites_no_file(workspace, tmp_path):
    (tmp_path / "all.zip").write_bytes(b"precious")
    with pytest.raises(WorkspaceError, match="there already: give the backup another name"):
        write_backup(workspace, tmp_path / "all.zip")
    with pytest.raises(WorkspaceError, match="can't be written: No such file.*another place"):
        write_backup(workspace, tmp_path / "nowhere" / "all.zip")
    assert (tmp_path / "all.zip").read_bytes() == b"precious" and len(list(tmp_path.glob("all.zip*"))) == 1


def line_changed(name, data):
    return data.replace(b"ann", b"eve") if name == "tables/persons.jsonl" else data


def audit_changed(name, data):
    return data.replace(b"accounts imported", b"accounts dropped") if name == "tables/audit.jsonl" else data


def of_tomorrow(name, data):
    return data.replace(b'"schema_version": 3', b'"schema_version": 9') if name == "manifest.json" else data


def bytes_changed(name, data):
    return b"\0" + data[1:] if name.startswith("content/") else data


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (line_changed, "is damaged: persons is not what was written"),
        (audit_changed, "is damaged: audit"),
        (bytes_changed, "no longer match their checksum"),
        (of_tomorrow, "schema 9.*restore it with that version"),
    ],
)
def test_a_damaged_backup_is_refused_and_leaves_an_empty_workspace(workspace, empty, tmp_path, harm, told):
    write_backup(workspace, tmp_path / "all.zip")
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as archive:
        for name, data in contents(tmp_path / "all.zip").items():
            archive.writestr(name, harm(name, data))
    with pytest.raises(WorkspaceError, match=told):
        restore_backup(tmp_path / "bad.zip", empty)
    restored = Workspace.open(empty)
    assert restored.imports() == [] and restored.audit().empty
    restored.close()


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_backup_whose_sums_were_made_to_fit_is_found_by_the_audits_seals(workspace, empty, tmp_path):
    write_backup(workspace, tmp_path / "all.zip")
    files = contents(tmp_path / "all.zip")
    files["tables/audit.jsonl"] = files["tables/audit.jsonl"].replace(b"accounts imported", b"accounts dropped")
    manifest = json.loads(files["manifest.json"])
    manifest["tables"]["audit"]["sha256"] = hashlib.sha256(files["tables/audit.jsonl"]).hexdigest()
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as archive:
        for name, data in (files | {"manifest.json": json.dumps(manifest)}).items():
            archive.writestr(name, data)
    with pytest.raises(WorkspaceError, match="Line 1 of the audit"):
        restore_backup(tmp_path / "bad.zip", empty)


@pytest.mark.parametrize("data", [b"", b"account_id,name\n1,Ann\n"])
def test_a_file_that_is_no_backup_is_refused_in_words(tmp_path, data):
    (tmp_path / "x.zip").write_bytes(data)
    with pytest.raises(WorkspaceError, match="x.zip is no backup of a workspace"):
        restore_backup(tmp_path / "x.zip", f"sqlite:///{tmp_path}/new.db")
    with pytest.raises(WorkspaceError, match="can't be read: No such file"):
        restore_backup(tmp_path / "y.zip", f"sqlite:///{tmp_path}/new.db")
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as archive:
        archive.writestr("letter.txt", "hello")
    with pytest.raises(WorkspaceError, match="z.zip is no backup"):
        restore_backup(tmp_path / "z.zip", f"sqlite:///{tmp_path}/new.db")
    assert not (tmp_path / "new.db").exists()


def test_the_commands_move_the_sample_company_from_a_file_to_a_server(server, tmp_path, monkeypatch):
    old, new = f"sqlite:///{tmp_path}/work.db", server.database()
    workspace = Workspace.open(old)
    load_sample(workspace)
    monkeypatch.chdir(tmp_path)
    for words in (["backup", "--workspace", old, "--out", "all.zip"], ["restore", "all.zip", "--workspace", new]):
        said = CliRunner().invoke(app, words)
        assert said.exit_code == 0 and "all.zip" in said.stdout
    restored = Workspace.open(new)
    assert everything(restored) == everything(workspace)
    for name in ("accounts", "reps", "audit"):
        assert_frame_equal(getattr(restored, name)(), getattr(workspace, name)())
    restored.close()
    workspace.close()
