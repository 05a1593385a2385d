"""What is logged is a line of ours; of a library's words, and of an exception's, nothing is repeated."""

import logging

import pytest

from bot.cli import FAULT, call, logs

LIBRARY, OURS = logging.getLogger("urllib3.connectionpool"), logging.getLogger("bot.somewhere")


@pytest.fixture(autouse=True)
def _as_before():
    root = logging.getLogger()
    level, own, handlers = root.level, LIBRARY.level, root.handlers[:]
    LIBRARY.setLevel(logging.DEBUG)
    yield
    root.setLevel(level)
    LIBRARY.setLevel(own)
    root.handlers[:] = handlers


def broken(logger):
    try:
        {}["zebrafish"]
    except KeyError:
        logger.exception("something broke")


def test_our_lines_are_written_from_their_level_on(capsys):
    logs.begin("info")
    OURS.debug("not this")
    OURS.info("delivery %s: sent", "may-day")

    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith("INFO    delivery may-day: sent")


def test_begun_twice_a_line_is_written_once(capsys):
    logs.begin("info")
    logs.begin("info")
    OURS.info("once")

    assert capsys.readouterr().err.count("once") == 1


def test_at_debug_level_no_library_is_heard(capsys):
    logs.begin("debug")
    LIBRARY.debug("GET /api/v1/notifications?min_id=zebrafish")
    LIBRARY.info("zebrafish")

    assert capsys.readouterr().err == ""


def test_a_library_that_warns_is_named_with_its_place_and_not_quoted(capsys):
    logs.begin("debug")
    LIBRARY.warning("Failed to parse headers (url=%s)", "http://mastodon.example/statuses/zebrafish")

    written = capsys.readouterr().err
    assert "WARNING urllib3.connectionpool: its words are not repeated: test_logs.py:" in written
    assert "zebrafish" not in written


@pytest.mark.parametrize("logger", [OURS, LIBRARY])
def test_where_something_broke_is_told_and_not_with_which_words(logger, capsys):
    logs.begin("info")
    broken(logger)

    written = capsys.readouterr().err
    assert "  KeyError at test_logs.py:" in written
    assert "zebrafish" not in written


def test_a_traceback_that_another_handler_spelt_out_is_not_repeated(capsys):
    logs.begin("info")
    logging.getLogger().handlers.insert(0, logging.StreamHandler(stream := _Sink()))
    broken(OURS)

    assert "zebrafish" in "".join(stream.said)
    assert "zebrafish" not in capsys.readouterr().err


class _Sink:
    def __init__(self):
        self.said = []

    def write(self, words):
        self.said.append(words)

    def flush(self):
        """Nothing is kept back."""


def test_a_fault_of_the_program_is_told_without_the_words_it_broke_on(monkeypatch, capsys):
    def break_off(**_):
        raise ValueError("zebrafish")

    monkeypatch.setattr("bot.cli.cli.main", break_off)

    assert call(["status"]) == FAULT
    written = capsys.readouterr().err
    assert "ValueError at" in written
    assert "zebrafish" not in written
