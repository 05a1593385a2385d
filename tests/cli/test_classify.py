"""classify: one answer for each line, whatever the line."""

import io
import json

import pytest

from bot.cli.classify import answers


def lines(*mentions):
    return "".join(json.dumps(mention) + "\n" for mention in mentions)


def test_each_mention_is_answered_with_every_key(shell):
    text = "Twelve colleagues in Oslo signed the petition for the Belarusian unionists today."

    code, said = shell.call("classify", answer=lines({"id": "a", "text": text}))

    answer = json.loads(said)
    assert code == 0
    assert list(answer) == [
        "id", "is_report", "confidence", "kinds", "country", "participants", "at_risk", "why",
    ]  # fmt: skip
    assert (answer["id"], answer["is_report"], answer["country"]) == ("a", True, "NO")
    assert (answer["participants"], answer["at_risk"]) == (12, False)
    assert "petition" in answer["kinds"]


@pytest.mark.parametrize(
    "bad",
    [
        "no json",
        "[1]",
        '"text"',
        "{}",
        '{"id": 1}',
        '{"id": null, "text": "a"}',
        '{"id": true, "text": "a"}',
        '{"id": 1, "text": 2}',
        '{"id": 1, "text": "a", "lang": 3}',
        "[" * 100_000,
        '{"id": ' + "9" * 5000 + "}",
    ],
)
def test_a_bad_line_is_named_and_the_rest_goes_on(shell, bad):
    good = json.dumps({"id": 2, "text": "Hello"})

    code, said = shell.call("classify", answer=f"{bad}\n{good}\n")

    first, second = map(json.loads, said.splitlines())
    assert code == 1
    assert first["line"] == 1
    assert first["error"].startswith("line 1: ")
    assert second["id"] == 2


def test_a_line_that_is_no_text_is_named():
    (answer,) = answers([b"\xff\xfe{"])

    assert answer["line"] == 1


def test_the_words_of_a_bad_line_are_not_repeated(shell):
    _, said = shell.call("classify", answer="somebody at example.org\n")

    assert "somebody" not in said


def test_lines_are_answered_before_the_last_was_read():
    def endless():
        while True:
            yield b'{"id": 1, "text": "Letter sent"}\n'

    assert next(answers(endless()))["id"] == 1


def test_empty_lines_are_passed_over(shell):
    assert shell.call("classify", answer="\n  \n") == (0, "")


def test_a_writer_inside_is_at_risk(shell):
    mention = {"id": 1, "text": "Живу в Минске, подписал петицию.", "lang": "ru"}

    _, said = shell.call("classify", answer=lines(mention))

    answer = json.loads(said)
    assert answer["at_risk"] is True
    assert answer["country"] == "BY"


@pytest.mark.parametrize(
    ("text", "at_risk"),
    [("Наш профком отправил письмо послу Беларуси.", True), ("Я из Минска, давно живу в Праге.", False)],
)
def test_in_doubt_whoever_names_no_other_home_counts_as_at_risk(text, at_risk):
    (answer,) = answers([json.dumps({"id": 1, "text": text}).encode()])

    assert answer["at_risk"] is at_risk


@pytest.mark.parametrize(
    "text",
    [
        "letter " * 150_000,
        "letter\0 sent",
        "<b>" * 20_000,
        "\u202eletter",
        "ab \u0301" * 10_000,
        "9" * 100_000,
    ],
)
def test_hostile_words_are_answered_like_any_other(text):
    found = list(answers([json.dumps({"id": 1, "text": text}).encode(), b'{"id": 2, "text": "a"}']))

    assert [answer["id"] for answer in found] == [1, 2]


def test_broken_letters_do_not_end_it():
    found = list(answers(io.BytesIO(b'{"id": "\\ud800", "text": "\\udc00 signed"}\n')))

    assert found[0]["id"] == "\ud800"
