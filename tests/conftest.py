"""Servers that tests share. Each is started once, on first use, and ends with the session."""

import pytest

from bot.sandbox import Sandbox
from tests.servers.bluesky import BlueskyServer
from tests.servers.mastodon import MastodonMock
from tests.tables import TLDS


@pytest.fixture(scope="session")
def _sandbox():
    with Sandbox(tlds=TLDS) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(_sandbox):
    """The sandbox, as new. A handler of it that broke fails the test."""
    _sandbox.reset()
    yield _sandbox
    assert _sandbox.record.errors == []


@pytest.fixture(scope="session")
def bluesky_server():
    """The real Bluesky server."""
    server = BlueskyServer()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def _mastodon_mock():
    server = MastodonMock()
    yield server
    server.stop()


@pytest.fixture
def mastodon_mock(_mastodon_mock):
    """mastodon-mock, as new."""
    _mastodon_mock.reset()
    return _mastodon_mock
