import time
from pathlib import Path

import pytest

from bot.alarms import Command
from bot.domain.errors import AlarmError

WORDS = "1 new problem:\n- may-day on mastodon is late"


@pytest.fixture
def script(tmp_path):
    """Write a command into the configuration's folder."""

    def write(text):
        path = tmp_path / "wake-us.sh"
        path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        path.chmod(0o700)
        return ["./wake-us.sh"]

    return write


def test_a_command_runs_in_the_folder_of_the_configuration_and_reads_the_words(script, tmp_path):
    Command([*script('cat > heard; echo "$1" > option'), "--loud; touch broken"], tmp_path).tell(WORDS)

    assert (tmp_path / "heard").read_text() == WORDS
    assert (tmp_path / "option").read_text() == "--loud; touch broken\n"
    assert not (tmp_path / "broken").exists()


def test_a_command_that_reads_nothing_has_arrived(script, tmp_path):
    Command(script("exit 0"), tmp_path).tell(WORDS * 10_000)

    assert sorted(path.name for path in tmp_path.iterdir()) == ["wake-us.sh"]


def test_a_command_that_says_no_has_not_arrived(script, tmp_path):
    with pytest.raises(AlarmError, match="the command ended with 3"):
        Command(script("exit 3"), tmp_path).tell(WORDS)


def test_a_command_that_is_not_there_is_one_sentence(tmp_path):
    with pytest.raises(AlarmError, match="the command cannot be run: No such file or directory"):
        Command(["./wake-us.sh"], tmp_path).tell(WORDS)


def test_a_command_that_does_not_end_is_ended_with_all_it_has_started(script, tmp_path):
    command = Command(script("sleep 60 & echo $! > child; wait"), tmp_path, seconds=0.5)

    began = time.monotonic()
    with pytest.raises(AlarmError, match="did not end"):
        command.tell(WORDS)

    assert time.monotonic() - began < 5
    child = int((tmp_path / "child").read_text())
    until = time.monotonic() + 5
    while is_alive(child):
        assert time.monotonic() < until


def is_alive(process):
    """Whether a process runs; one that has ended and was not yet collected does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
