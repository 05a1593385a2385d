"""The letters of a text are those of its language."""

import pytest

from tests.files.conftest import a_post, read

MOJIBAKE = "Свободу им".encode("cp1251").decode("cp1252")


def said_of(code, text):
    problems = read(a_post(text=f"text:\n  {code}: |\n    {text}\n")).problems
    return [(one.place.line, one.severity.value, one.message) for one in problems]


@pytest.mark.parametrize("code", ["ru", "be", "uk", "bg"])
def test_a_text_without_a_letter_of_its_language_is_an_error(code):
    assert said_of(code, MOJIBAKE) == [(4, "error", f"this is under `{code}` and has no Cyrillic letter")]


@pytest.mark.parametrize("code", ["en", "fr", "de"])
def test_a_text_in_the_letters_of_another_language_is_an_error(code):
    assert said_of(code, "Свободу им. #BKDP") == [
        (4, "error", f"this is under `{code}` but is written in Cyrillic")
    ]


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("ru", "Свободу им"),
        ("be", "BKDP: волю!"),
        ("ru", "{account} #IndustriALL https://example.org"),
        ("en", "The union Белнафтахім was founded in 1995."),
        ("en", "It’s a “union”."),
        ("el", "Ελευθερία"),
    ],
)
def test_words_of_another_language_may_stand_in_a_text(code, text):
    assert said_of(code, text) == []


def test_the_words_of_a_platform_and_of_a_thread_are_looked_at_too():
    more = "x:\n  text:\n    en: |\n      Свободу\nthread:\n  - text:\n      en: |\n        Волю\n"

    problems = read(a_post(more=more)).problems

    assert [one.message for one in problems] == ["this is under `en` but is written in Cyrillic"] * 2
