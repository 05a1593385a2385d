"""Texts that X may take for the same, found without comparing each with each."""

from dataclasses import replace
from datetime import timedelta
from random import Random
from time import process_time

import pytest

from bot.flows.likeness import APART, folded, too_alike
from tests.builders import DAY, NOON, a_delivery
from tests.tables import TLDS

WORDS = "On the first of May we march with the names of those who cannot march because they are in prison"


def said(post, text=WORDS, after=timedelta(), **changes):
    return replace(a_delivery(post=post, planned_at=NOON + after), text=text, **changes)


def pairs(*deliveries):
    return [(found.later.post, found.earlier.post) for found in too_alike(deliveries, TLDS)]


def test_the_same_words_within_thirty_days_are_alike():
    assert pairs(said("one"), said("two", after=29 * DAY)) == [("two", "one")]


def test_the_same_words_after_thirty_days_are_not():
    assert pairs(said("one"), said("two", after=APART)) == []


@pytest.mark.parametrize(
    "text",
    [
        WORDS.upper() + "!!!",
        WORDS + " https://example.org/act",
        WORDS + " example.org",
        WORDS.replace("first of May", "first of May,"),
        WORDS.replace("prison", "jail"),
    ],
)
def test_capitals_punctuation_links_and_one_word_make_no_difference(text):
    assert pairs(said("one"), said("two", text, DAY)) == [("two", "one")]


@pytest.mark.parametrize(
    "text", [WORDS.replace("march", "sing").replace("names", "songs"), "Day 12 of our picket", ""]
)
def test_other_words_are_not_alike(text):
    assert pairs(said("one"), said("two", text, DAY)) == []


def test_a_number_tells_two_short_texts_apart():
    assert pairs(said("one", "Day 12 of our picket"), said("two", "Day 13 of our picket", DAY)) == []
    assert folded("Day 12!", TLDS) == ("day", "12")


def test_the_nearest_of_several_is_named():
    found = pairs(said("one"), said("two", after=DAY), said("three", after=2 * DAY))

    assert found == [("two", "one"), ("three", "two")]


def test_the_parts_of_one_thread_are_not_compared():
    assert pairs(said("one", part=1, parts=2), said("one", part=2, parts=2)) == []


def test_two_occurrences_of_one_post_are():
    assert pairs(said("one", occurrence="a"), said("one", after=7 * DAY, occurrence="b")) == [("one", "one")]


def test_two_texts_that_share_just_enough_are_found():
    assert pairs(said("one", "a b c d e f g h"), said("two", "a b x b c d e f g h", DAY)) == [("two", "one")]


def test_rare_pairs_find_what_comparing_each_with_each_finds():
    random = Random(7)
    vocabulary = [f"w{number}" for number in range(30)]
    texts = []
    for _ in range(40):
        words = random.choices(vocabulary, k=random.randint(6, 30))
        texts.append(" ".join(words))
        for _ in range(3):
            changed = list(words)
            for _ in range(random.randint(0, 2)):
                changed[random.randrange(len(changed))] = random.choice(vocabulary)
            texts.append(" ".join(changed))
    deliveries = [
        said(f"p{number:03}", text, number * timedelta(hours=1)) for number, text in enumerate(texts)
    ]

    found = {later for later, _ in pairs(*deliveries)}

    assert found == {f"p{number:03}" for number in range(len(texts)) if _like_any(texts, number)}
    assert 30 < len(found) < 120


def _like_any(texts, number):
    return any(_ratio(texts[number], texts[other]) for other in range(number))


def _ratio(one, other):
    """Nine tenths of the pairs of neighbouring words, counted the slow way."""
    first, second = ([*zip(("", *text.split()), (*text.split(), ""), strict=True)] for text in (one, other))
    common, rest = 0, list(second)
    for pair in first:
        if pair in rest:
            rest.remove(pair)
            common += 1
    return 2 * common >= 0.9 * (len(first) + len(second))


@pytest.mark.parametrize("shape", ["all different", "one number differs", "all the same"])
def test_ten_thousand_posts_take_seconds(shape):
    random = Random(3)
    vocabulary = [f"word{number}" for number in range(2000)]
    texts = {
        "all different": [" ".join(random.choices(vocabulary, k=30)) for _ in range(10_000)],
        "one number differs": [f"{WORDS} {number} {WORDS}" for number in range(10_000)],
        "all the same": [WORDS] * 10_000,
    }[shape]
    deliveries = [
        said(f"p{number}", text, number * timedelta(minutes=4)) for number, text in enumerate(texts)
    ]

    begun = process_time()
    found = len(list(too_alike(deliveries, TLDS)))

    assert process_time() - begun < 8
    assert found == (0 if shape == "all different" else 9_999)
