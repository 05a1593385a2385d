import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import sqlalchemy

from bot.domain.lengths import PlatformName
from bot.store import migrate, open_store, triggers
from bot.store.tables import metadata
from tests.builders import NOON, US

STORE_URL = os.environ.get("STORE_URL")
ROOT = Path(__file__).parent.parent.parent
MOST_STEPS = 2_000


@contextmanager
def killed_before(what, path, other):
    """Does a piece of work again and again, killed before a step: what came of it. See kills.py."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.store.kills", what, str(path), str(other)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as program:

        def outcome(step):
            program.stdin.write(f"{step}\n")
            program.stdin.flush()
            return program.stdout.readline().strip()

        try:
            yield outcome
        finally:
            program.kill()


def whole(path):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    path = tmp_path_factory.mktemp("template") / "bot.sqlite"
    open_store(path).close()
    return path


@pytest.fixture
def path(template, tmp_path):
    """The file of a store in which nothing has happened yet."""
    return shutil.copy(template, tmp_path / "bot.sqlite")


@pytest.fixture
def open_file(path):
    """Opens the store in the file, as often as asked, and closes them all."""
    stores = []

    def open_one(**how):
        stores.append(open_store(path, **how))
        return stores[-1]

    yield open_one
    for store in stores:
        store.close()


@pytest.fixture
def store(open_file):
    """A store with an account that may publish."""
    store = open_file()
    store.enroll("mastodon", PlatformName.MASTODON, NOON)
    store.identified("mastodon", US, NOON)
    store.start("anna", NOON)
    return store


@pytest.fixture
def older(tmp_path):
    """The file of a store that an earlier version of the program made."""
    from alembic import command
    from alembic.config import Config

    path = tmp_path / "older.sqlite"
    config = Config()
    config.set_main_option("script_location", str(migrate._SCRIPTS))
    engine = sqlalchemy.create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, migrate.REVISIONS[0])
    engine.dispose()
    return path


@pytest.fixture
def raw(path):
    """The file as any other program may open it."""
    connection = sqlite3.connect(path, isolation_level=None)
    yield connection
    connection.close()


@pytest.fixture
def fresh(tmp_path):
    """A file with the tables as the program describes them, made without migrations."""
    engine = sqlalchemy.create_engine(f"sqlite:///{tmp_path / 'fresh.sqlite'}")
    with engine.begin() as connection:
        metadata.create_all(connection)
        triggers.install(connection)
    engine.dispose()
    connection = sqlite3.connect(tmp_path / "fresh.sqlite")
    yield connection
    connection.close()
