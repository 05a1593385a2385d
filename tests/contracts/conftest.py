"""Every store and platform under the same tests; PostgreSQL where STORE_URL names a database to empty."""

import os
import shutil
from contextlib import ExitStack

import pytest

from bot.domain.lengths import PlatformName
from bot.store import open_store
from bot.store.memory import MemoryStore
from tests.builders import NOON, US
from tests.contracts.stages import (
    STAGES,
    mastodon_mock_stage,
    memory_stage,
    real_bluesky_stage,
    sandbox_stage,
)
from tests.servers.bluesky import require

STORE_URL = os.environ.get("STORE_URL")


class MemoryWorld:
    """Programs that share a memory."""

    def __init__(self, first=None):
        self._first = first or MemoryStore()
        self._opened = False

    def open(self):
        if self._opened:
            return self._first.another()
        self._opened = True
        return self._first

    def lose_lock(self):
        """What nothing should bring about: the lock is free although its holder lives."""
        self._first._memory.holder = None


class FileWorld:
    """Programs that have the same file open."""

    def __init__(self, path):
        self._path = path
        self._open = ExitStack()

    def open(self):
        store = open_store(self._path)
        self._open.callback(store.close)
        return store

    def lose_lock(self):
        self._path.with_name(f"{self._path.name}.lock").unlink()

    def end(self):
        self._open.close()


class ServerWorld(FileWorld):
    """Programs that are connected to the same server."""

    def lose_lock(self):
        import sqlalchemy

        engine = sqlalchemy.create_engine(self._path)
        with engine.connect() as connection:
            connection.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted"
            )
        engine.dispose()


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    path = tmp_path_factory.mktemp("template") / "bot.sqlite"
    open_store(path).close()
    return path


@pytest.fixture(params=["memory", "sqlite", *(["postgresql"] if STORE_URL else [])])
def world(request, tmp_path):
    if request.param == "memory":
        yield MemoryWorld()
        return
    if request.param == "sqlite":
        path = tmp_path / "bot.sqlite"
        shutil.copy(request.getfixturevalue("template"), path)
        world = FileWorld(path)
    else:
        empty(STORE_URL)
        world = ServerWorld(STORE_URL)
    yield world
    world.end()


def empty(url):
    """Forget everything in a test database, whatever its triggers say."""
    import sqlalchemy

    from bot.store.tables import metadata

    open_store(url).close()
    engine = sqlalchemy.create_engine(url)
    with engine.begin() as connection:
        names = ", ".join(table.name for table in metadata.sorted_tables)
        connection.exec_driver_sql(f"TRUNCATE {names} RESTART IDENTITY")
    engine.dispose()


@pytest.fixture
def bare(world):
    """A store in which nothing has happened yet."""
    return world.open()


@pytest.fixture
def store(bare):
    """A store with an account on Mastodon that may publish, and one on X."""
    bare.enroll("mastodon", PlatformName.MASTODON, NOON)
    bare.identified("mastodon", US, NOON)
    bare.enroll("x", PlatformName.X, NOON)
    bare.identified("x", US, NOON)
    bare.start("anna", NOON)
    return bare


@pytest.fixture
def holder(store):
    """The same, with the right to send."""
    with store.hold(NOON, {}):
        yield store


@pytest.fixture
def taken_over(holder, world):
    """A holder whose lock was lost to another program, which holds the store now."""
    world.lose_lock()
    other = world.open()
    with other.hold(NOON, {}):
        yield holder, other


@pytest.fixture(params=STAGES)
def stage(request, tmp_path):
    if request.param == "memory":
        return memory_stage()
    if request.param == "mastodon-mock":
        return mastodon_mock_stage(request.getfixturevalue("mastodon_mock"), tmp_path)
    if request.param == "real-bluesky":
        require()
        return real_bluesky_stage(request.getfixturevalue("bluesky_server"), tmp_path)
    sandbox = request.getfixturevalue("sandbox")
    return sandbox_stage(sandbox, request.param.removeprefix("sandbox-"), tmp_path)
