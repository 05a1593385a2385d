"""Posts, folders of posts and configurations that tests start from."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.config import load_config
from bot.files.posts import QueueSettings
from bot.files.queue import read_bytes
from bot.files.watch import Watch

SETTINGS = QueueSettings(timezone="Europe/Brussels", labels=frozenset({"x", "mastodon", "bluesky", "press"}))
NOW = datetime(2027, 4, 1, 12, tzinfo=UTC)
SECRET = "hunter2-hunter2"
LEAST = """\
campaign: rehearsal
accounts:
  mastodon:
    handle: "@campaign@mastodon.example"
    base_url: https://mastodon.example
    access_token: {file: token}
  bluesky:
    handle: campaign.example
    app_password: {env: EXAMPLE_PASSWORD}
  press:
    platform: x
    handle: "@union_example"
    consumer_key: {env: EXAMPLE_KEY}
    consumer_secret: {env: EXAMPLE_SECRET}
    access_token: {env: EXAMPLE_TOKEN}
    access_token_secret: {env: EXAMPLE_TOKEN_SECRET}
"""
TEXT = "text:\n  en: |\n    March with us.\n"


def a_post(name="may-day", when="when: 2027-05-01 09:00 Europe/Brussels", text=TEXT, more=""):
    """A post as an organiser writes it."""
    return f"id: {name}\n{when}\n{text}{more}"


def read(text, settings=SETTINGS):
    """What the reader makes of a file, given as text or bytes."""
    data = text if isinstance(text, bytes) else text.encode()
    return read_bytes(data, "a.yaml", settings)


def the_post(text, settings=SETTINGS):
    """The one post of a file in which nothing is wrong."""
    found = read(text, settings)
    assert found.problems == ()
    (post,) = found.posts
    return post


def messages(found):
    """What is wrong, in short: line and sentence."""
    return [(problem.place.line, problem.message) for problem in found.problems]


class Folder:
    """A folder of posts on which the hands of a clock can be set."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, name, text, age=3600.0):
        """Write a file as if it had been left alone for so many seconds (before NOW)."""
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        changed = NOW.timestamp() - age
        os.utime(file, (changed, changed))
        return file


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path)


@pytest.fixture
def config_of(tmp_path):
    """Load a configuration that is given as text."""

    def load(text):
        path = tmp_path / "config.yaml"
        path.write_text(text, encoding="utf-8")
        return load_config(path)

    return load


@pytest.fixture
def token(tmp_path):
    """The file of a secret that is as it should be."""
    file = tmp_path / "token"
    file.write_text(f"{SECRET}\n", encoding="utf-8")
    file.chmod(0o600)
    return file


class Clocked:
    """A watch and the clock it is looked at by."""

    def __init__(self, folder):
        self.watch = Watch(folder.path, SETTINGS)
        self.seconds = 0.0

    def look(self, after=0.0):
        """The ids of the posts after so many more seconds, None where nothing has changed."""
        queue = self.queue(after)
        return queue and {post.id for post in queue.posts}

    def queue(self, after=0.0):
        self.seconds += after
        return self.watch.look(1000 + self.seconds, NOW + timedelta(seconds=self.seconds))


@pytest.fixture
def watch(folder):
    return Clocked(folder)
