"""collect at the terminal: numbers, and never a word."""

import pytest

from bot.cli import DONE, PERSON_NEEDED, WRONG_USE
from bot.cli.collect import lines_of, taken_in
from bot.domain.errors import TryLaterError
from bot.domain.report import Intake
from tests.daemon.test_collector import HearingApp, Raising
from tests.hearing import a_mention


def test_without_a_word_about_collecting_nothing_is_collected(shell):
    shell.configure()

    code, said = shell.call("collect", "--once")

    assert code == PERSON_NEEDED
    assert "Nothing is collected" in said


def test_collecting_must_be_asked_for_once(shell):
    shell.configure()

    assert shell.call("collect")[0] == WRONG_USE


def test_numbers_are_printed_and_no_word(tmp_path, capsys):
    app = HearingApp(tmp_path)
    app.ears["mastodon"].mentions = [a_mention(1, text="zebrafish letter"), a_mention(2, text="in Minsk")]

    code = taken_in(app)

    said = capsys.readouterr().out
    assert code == DONE
    assert "mastodon:\n  1 stored, and waiting for a person\n" in said
    assert "1 dealt with, and not kept" in said
    assert "danger" not in said
    assert "bluesky:\n  nothing new\n" in said
    assert "zebrafish" not in said


def test_a_platform_that_does_not_answer_keeps_no_other_from_being_heard(tmp_path, capsys):
    app = HearingApp(tmp_path)
    app.ears["mastodon"] = Raising(TryLaterError("Mastodon did not answer"))

    code = taken_in(app)

    said = capsys.readouterr()
    assert code == PERSON_NEEDED
    assert "mastodon: Mastodon did not answer" in said.out + said.err
    assert "bluesky:" in said.out


def test_what_was_found_is_said_in_plain_numbers():
    assert lines_of(Intake()) == ["nothing new"]
    assert lines_of(Intake(stored=1, refused=2)) == [
        "1 stored, and waiting for a person",
        "2 beyond understanding",
    ]


@pytest.mark.parametrize("why", ["at_risk", "opted_out", "too_many"])
def test_why_something_was_not_kept_is_not_said(why):
    assert lines_of(Intake(**{why: 3})) == ["3 dealt with, and not kept"]
