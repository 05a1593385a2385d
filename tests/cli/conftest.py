"""The command line called in this process, in a folder of its own."""

import contextlib
import json
from datetime import UTC, datetime, timedelta

import pytest

from bot.cli import call


class Shell:
    """A terminal in a folder with a queue; without a configuration unless one is made."""

    def __init__(self, folder):
        self.folder = folder
        self.posts = folder / "posts"
        self.posts.mkdir()

    def write(self, name, text="March with us.", more="", when=None):
        when = when or f"{datetime.now(UTC) + timedelta(days=2):%Y-%m-%d %H:%M} UTC"
        path = self.posts / f"{name}.yaml"
        path.write_text(f"id: {name}\nwhen: {when}\ntext:\n  en: |\n    {text}\n{more}", encoding="utf-8")
        return path

    def configure(self, more=""):
        """An account on Mastodon that nobody answers for."""
        (self.folder / "token").touch(mode=0o600)
        (self.folder / "token").write_text("secret-token", encoding="utf-8")
        (self.folder / "config.yaml").write_text(
            "campaign: test\ntimezone: UTC\naccounts:\n"
            '  mastodon:\n    handle: "@campaign@mastodon.example"\n'
            f"    base_url: http://127.0.0.1:9\n    access_token: {{file: token}}\n{more}",
            encoding="utf-8",
        )

    def record(self, status="jailed", checked=None, name="anna", surname="Exemplar"):
        """The record of a person."""
        folder = self.posts / "cases"
        folder.mkdir(exist_ok=True)
        checked = checked or datetime.now(UTC).date()
        (folder / f"{name}.yaml").write_text(
            f"id: {name}\nname: Anna Example\nspellings: [{surname}]\nstatus: {status}\n"
            f"source: https://union.example/anna\nverified_on: {checked}\n",
            encoding="utf-8",
        )

    def call(self, *arguments, answer=""):
        """Call a command; its exit code and all it said."""
        from click.testing import CliRunner

        with CliRunner().isolation(input=answer) as streams, contextlib.chdir(self.folder):
            code = call(list(arguments))
            said = streams[0].getvalue() + streams[1].getvalue()
        return code, said.decode()

    def json(self, *arguments):
        """Call a command for its JSON."""
        code, said = self.call(*arguments, "--json")
        return code, json.loads(said)


@pytest.fixture
def shell(tmp_path):
    return Shell(tmp_path)


@pytest.fixture
def store(shell):
    """The store of the shell's configuration, with its account known and publishing allowed."""
    from bot.app import open_store
    from bot.config import load_config
    from bot.domain.account import Identity
    from bot.domain.lengths import PlatformName

    shell.configure()
    store = open_store(load_config(shell.folder / "config.yaml"))
    now = datetime.now(UTC) - timedelta(days=1)
    store.enroll("mastodon", PlatformName.MASTODON, now)
    us = Identity(own_id="1", handle="@campaign@mastodon.example", url="https://mastodon.example/@campaign")
    store.identified("mastodon", us, now)
    store.start("a test", now)
    yield store
    store.close()
