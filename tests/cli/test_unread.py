"""Translations that nobody has read: shown and checked, and never counted as going out."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.app import queue_settings, read_tlds, studio_of, voice_of
from bot.cli.numbers import Previewed
from bot.cli.outlook import outlook_of
from bot.cli.posts import _preview, _preview_json, _renditions
from bot.config import load_config
from bot.files.queue import read_queue

NOW = datetime(2027, 4, 20, 6, tzinfo=UTC)
LONG = "https://example.org/" + "a" * 600 + " " + "слова " * 2000


@pytest.fixture
def read(shell):
    """A post in English and Belarusian, of which nobody has read the Belarusian; and the configuration."""

    def make(belarusian="Іх асудзілі."):
        shell.configure("    languages: [be, en]\n")
        more = f"  be: |\n    {belarusian}\n"
        shell.write("one", more=more, when="2027-05-01 09:00 UTC")
        config = load_config(shell.folder / "config.yaml")
        queue = read_queue(config.queue, queue_settings(config))
        unread = tuple(replace(post, unread=frozenset({"be"})) for post in queue.posts)
        return config, replace(queue, posts=unread)

    return make


def test_check_finds_a_translation_too_long_before_anybody_has_read_it(read):
    config, queue = read(LONG)

    problems = outlook_of(queue, config, NOW, None).problems

    assert any("mastodon, be: this is longer than 12 messages" in one.message for one in problems)


def test_what_goes_out_is_told_apart_from_what_is_not_read_yet(read):
    config, queue = read()

    outlook = outlook_of(queue, config, NOW, None, ahead=timedelta(days=30))

    assert outlook.problems == ()
    assert [(one.language, one.planned_at.hour) for one in outlook.deliveries] == [("en", 9)]
    assert [one.language for one in outlook.waiting] == ["be"]


def test_preview_marks_what_is_not_read_yet(read, capsys):
    config, queue = read()
    voices = [voice_of(account, None, read_tlds()) for account in config.accounts]
    (post,) = queue.posts
    studio = studio_of(config, keeps=False)

    shown = Previewed(post=post, versions=list(_renditions(post, voices, studio)))
    _preview(shown, studio)

    said = capsys.readouterr().out
    assert "mastodon · be (not read yet: stays here until somebody has read it)\n" in said
    assert "mastodon · en\n" in said
    assert [one["unread"] for one in _preview_json(shown, studio, {})["versions"]] == [True, False]
