"""Where sentences end, and where they only seem to."""

import pytest

from bot.domain.sentences import sentences


def _split(text: str) -> list[str]:
    return [text[start:end].strip() for start, end in sentences(text)]


@pytest.mark.parametrize(
    "text",
    [
        "A. Yarashuk was sentenced.",
        "Am 19. April 2022 wurde sie festgenommen.",
        "Dr. Areshka, Nr. 4, ul. Lenina",
        "Арестован 19 апреля 2022 г. в Минске.",
        "She waits… and waits.",
        "He is\nin prison.",
        "1.110 prisoners",
        "Colony No. 3 and Nos. 4",
        "On 5. January and 9. Dezember",
        "Read example.org today",
    ],
)
def test_what_only_looks_like_an_end_is_none(text):
    assert _split(text) == [text]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("“One.” Two", ["“One.”", "Two"]),
        ("She waits… He waits.", ["She waits…", "He waits."]),
        ("In 2022. Then came more.", ["In 2022.", "Then came more."]),
        ("Sentenced to 9. 2 were freed.", ["Sentenced to 9.", "2 were freed."]),
        ("A line\nAnother line", ["A line", "Another line"]),
        ("a line\n\nanother line", ["a line", "another line"]),
        ("A line\n🕊️ a dove", ["A line", "🕊️ a dove"]),
        ("Colony No. 3. Sentenced.", ["Colony No. 3.", "Sentenced."]),
        ("Free? No. In a cell.", ["Free?", "No.", "In a cell."]),
        ("Адно. Два.", ["Адно.", "Два."]),
        ("¡Uno! ¿Dos?", ["¡Uno!", "¿Dos?"]),
    ],
)
def test_a_sentence_ends_where_a_reader_would_stop(text, parts):
    assert _split(text) == parts


def test_no_word_is_lost_between_sentences():
    text = "One. Two…\n\nThree! 4. April."

    assert " ".join(_split(text)).split() == text.split()


def test_nothing_has_no_sentences():
    assert sentences("") == sentences(" \n ") == []
