"""Both databases a workspace may lie in: every test that takes `url` runs on an SQLite file and on a PostgreSQL of its own.

The PostgreSQL is Debian's, started once for each test process on a socket in a folder of its own, and gone with the process. It
sorts text as people do, so that a query that leaves the order to the database's language shows.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from geo_territory.workspace import Workspace

PROGRAMS = Path("/usr/lib/postgresql/15/bin")
NAME = "leader"
CALM = ("fsync=off", "full_page_writes=off", "shared_buffers=32MB", "max_connections=120", "listen_addresses=", "log_min_messages=panic")


class Server:
    """A running PostgreSQL: makes databases, each at an address of its own."""

    def __init__(self, folder):
        self.folder, self.made = folder, 0

    def address(self, database):
        return f"postgresql+psycopg://{NAME}@/{database}?host={self.folder}"

    def run(self, statement):
        with psycopg.connect(host=self.folder, user=NAME, dbname="postgres", autocommit=True) as connection:
            connection.execute(statement)

    def run_in(self, url, statement):
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(statement)

    def database(self, template="template0"):
        """Return the address of a new database, empty or a copy of another."""
        self.made += 1
        self.run(f"CREATE DATABASE w{self.made} TEMPLATE {template} STRATEGY FILE_COPY")
        return self.address(f"w{self.made}")

    def drop(self, url):
        self.run(f"DROP DATABASE IF EXISTS {url.split('@/')[1].split('?')[0]} WITH (FORCE)")


@contextmanager
def running():
    """Yield a Server; root starts it as the user `postgres`, as PostgreSQL asks."""
    person = pwd.getpwnam("postgres") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
    other = [f"--reuid={person.pw_uid}", f"--regid={person.pw_gid}", "--clear-groups"] if os.getuid() == 0 else []
    folder = tempfile.mkdtemp(prefix="gt-pg-", dir="/tmp")
    os.chown(folder, person.pw_uid, person.pw_gid)
    as_other = ["setpriv", *other, "--pdeathsig", "INT"]
    language = ["--encoding=UTF8", "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en-US"]
    made = [*as_other, PROGRAMS / "initdb", "-D", f"{folder}/data", "-U", NAME, "-A", "trust", "--no-sync", *language]
    subprocess.run(made, check=True, stdout=subprocess.DEVNULL, cwd="/")
    options = [part for word in (*CALM, f"unix_socket_directories={folder}") for part in ("-c", word)]
    process = subprocess.Popen([*as_other, PROGRAMS / "postgres", "-D", f"{folder}/data", *options], cwd="/")
    try:
        _wait(folder, process)
        yield Server(folder)
    finally:
        process.send_signal(signal.SIGQUIT)
        process.wait(timeout=20)
        shutil.rmtree(folder)


def _wait(folder, process):
    for _ in range(200):
        try:
            psycopg.connect(host=folder, user=NAME, dbname="postgres").close()
            return
        except psycopg.OperationalError:
            assert process.poll() is None, "PostgreSQL stopped at its start"
            time.sleep(0.05)
    raise AssertionError("PostgreSQL didn't answer within ten seconds")


@pytest.fixture(scope="session")
def server():
    """A PostgreSQL for this test process."""
    if not (PROGRAMS / "postgres").exists():
        told = "Debian's postgresql-15 isn't installed (.ci/database installs it): what is said of PostgreSQL wasn't tried"
        pytest.fail(told) if os.environ.get("CI") else pytest.skip(told)
    with running() as found:
        yield found


@pytest.fixture(scope="session")
def empty_workspace(server):
    """The name of a database with a workspace in it that nobody used."""
    Workspace.open(server.database()).close()
    return f"w{server.made}"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    """The address of a workspace of this test's own."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/work.db"
        return
    server, template = request.getfixturevalue("server"), request.getfixturevalue("empty_workspace")
    address = server.database(template)
    yield address
    server.drop(address)
