from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.calendar import NextSlot
from bot.domain.lengths import PlatformName
from bot.domain.post import GRACE, PRIORITY, Kind, Post, PostId, Words, digest
from bot.domain.problem import Source

SHORT, LONG = Words(text={"en": "Short."}), Words(text={"en": "Long.", "fr": "Longue."})


def a_post(**changes):
    return Post(
        **{
            "id": PostId("may-day"),
            "when": NextSlot(),
            "words": LONG,
            "source": Source(file="posts/may-day.yaml", line=3),
            **changes,
        }
    )


def test_messages_are_those_of_one_language_in_order():
    words = Words(text={"en": "One", "fr": "Un"}, thread=({"en": "Two", "fr": "Deux"}, {"en": "Three"}))

    assert words.messages("en") == ("One", "Two", "Three")
    assert words.messages("fr") == ("Un", "Deux")
    assert words.messages("be") == ()


def test_a_platform_has_the_words_of_the_post_unless_it_has_its_own():
    post = a_post(own_words={PlatformName.X: SHORT})

    assert post.words_for(PlatformName.X) == SHORT
    assert post.words_for(PlatformName.BLUESKY) == LONG


@pytest.mark.parametrize(
    ("where", "goes"), [((), True), (("x",), True), (("press",), True), (("mastodon", "other"), False)]
)
def test_a_post_goes_where_its_platforms_and_accounts_are(where, goes):
    assert a_post(where=where).goes_to("press", PlatformName.X) is goes


@pytest.mark.parametrize("kind", Kind)
def test_a_kind_says_how_late_a_post_may_be_and_who_goes_first(kind):
    post = a_post(kind=kind)

    assert (post.grace, post.rank) == (GRACE[kind], PRIORITY[kind])


def test_news_is_old_first_and_goes_first():
    assert (
        sorted(Kind, key=GRACE.get)
        == sorted(Kind, key=PRIORITY.get)
        == ["news", "call", "reminder", "solidarity"]
    )


def test_a_priority_of_its_own_goes_before_that_of_its_kind():
    assert a_post(kind=Kind.SOLIDARITY, priority=1).rank == 1


def test_a_source_shows_as_file_and_line():
    assert str(a_post().source) == "posts/may-day.yaml:3"


def test_a_digest_is_equal_for_equal_content_and_for_no_other():
    at = datetime(2027, 5, 1, 9, tzinfo=UTC)

    assert digest("a", at, {"b": 1, "c": 2}) == digest("a", at, {"c": 2, "b": 1})
    assert (
        len({digest("a", at), digest("b", at), digest("a", at + timedelta(seconds=1)), digest("a"), digest()})
        == 5
    )


def test_a_digest_is_the_same_in_every_version():
    assert digest("may-day", 1, None) == "88877a7e56f9aa72c88153d35f6ecca6"
