"""The tables of words, as they stand in a file."""

import pytest

from bot.domain.vocabulary import NAME, parse, plain

TABLES = """
# a comment
[en jailed]
prison*
behind bars
is/are held
serving ~ sentence
in the colony
[en plea]
demand ~~ released
[en demand]
free ~ NAME
release -of ~ NAME
[en now]
from DAY MONTH YEAR
[en months]
may/june
[danger]
bad.*
"""


def _says(section: str, sentence: str) -> bool:
    return parse(TABLES).tongues["en"].says(section, plain(sentence).replace("x", NAME)) is not None


@pytest.mark.parametrize(
    ("section", "sentence", "said"),
    [
        ("jailed", "Prisoners", True),
        ("jailed", "imprisoned", False),
        ("jailed", "behind  Bars", True),
        ("jailed", "behind-bars", True),
        ("jailed", "behind the bars", False),
        ("jailed", "are held", True),
        ("jailed", "were held", False),
        ("jailed", "serving a very long sentence", True),
        ("jailed", "serving a very long and bad sentence", False),
        ("jailed", "serving, a sentence", False),
        ("plea", "demand that, in May, all be released", True),
        ("demand", "Free X", True),
        ("demand", "free dear X", True),
        ("demand", "#freeX", True),
        ("demand", "Now free, X", False),
        ("demand", "release dear X", True),
        ("demand", "the release of X", False),
        ("now", "from 3 May 2022", True),
        ("now", "from 3 April 2022", False),
        ("now", "from 3 May 20222", False),
        ("freed", "anything", False),
    ],
)
def test_a_line_says_what_its_signs_mean(section, sentence, said):
    assert _says(section, sentence) is said


def test_a_section_without_language_belongs_to_all():
    assert parse(TABLES).danger.search("bad.example") is not None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("prison*", "line 1 stands before the first section"),
        ("[en jailed]\nprison\n[en joyful]", "line 3: there is no section joyful"),
        ("[jailed]", "line 1: there is no section jailed"),
    ],
)
def test_a_table_out_of_order_names_its_line(text, said):
    with pytest.raises(ValueError, match=said):
        parse(text)


def test_most_texts_are_known_to_say_nothing_of_prison():
    vocabulary = parse(TABLES)

    assert not vocabulary.may_speak_of_prison("en", "We march on May Day.")
    assert vocabulary.may_speak_of_prison("en", "We march past the PRISON.")
    assert not vocabulary.may_speak_of_prison("fr", "prison")
