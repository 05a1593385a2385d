from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.account import Voice
from bot.domain.calendar import Fixed
from bot.domain.errors import RenditionError
from bot.domain.lengths import PlatformName, graphemes, published_limits
from bot.domain.post import Language, Post, PostId, Words
from bot.domain.problem import Source
from bot.domain.rendition import MOST_PARTS, languages_for, render
from bot.domain.richtext import carries, spans
from tests.tables import TLDS

EN = Language("en")
FR = Language("fr")
NOON = Fixed(at=datetime(2027, 5, 1, 12, tzinfo=UTC), written="2027-05-01 12:00 UTC", zone="UTC")


def a_voice(platform=PlatformName.BLUESKY, **changes):
    voice = Voice(
        label=platform.value,
        platform=platform,
        handle="campaign.example",
        tag="#IndustriALL",
        languages=(EN,),
        limits=published_limits(platform, TLDS),
    )
    return replace(voice, **changes)


def a_post(text="March with us.", *, thread=(), link=None, own_words=None):
    words = Words(text={EN: text}, thread=tuple({EN: part} for part in thread), link=link)
    return Post(
        id=PostId("may-day"),
        when=NOON,
        words=words,
        own_words=own_words or {},
        source=Source(file="may.yaml", line=1),
    )


def texts(post, voice):
    return [part.text for part in render(post, EN, voice).parts]


def test_a_missing_tag_is_appended():
    assert texts(a_post(), a_voice()) == ["March with us.\n\n#IndustriALL"]


def test_a_tag_already_there_is_not_doubled():
    assert texts(a_post("March with #industriALL."), a_voice()) == ["March with #industriALL."]


def test_a_missing_tag_joins_a_line_of_tags():
    written = "March with us.\n\n#BKDP"

    assert texts(a_post(written), a_voice()) == ["March with us.\n\n#BKDP #IndustriALL"]


def test_a_tag_inside_another_word_does_not_count():
    assert texts(a_post("For #IndustriALLies."), a_voice()) == ["For #IndustriALLies.\n\n#IndustriALL"]


def test_the_handle_is_our_own_on_that_platform():
    voice = a_voice(PlatformName.MASTODON, handle="@campaign@mastodon.example")

    assert texts(a_post("Tag {account}. #IndustriALL"), voice) == [
        "Tag @campaign@mastodon.example. #IndustriALL"
    ]


def test_a_link_without_a_place_comes_after_the_text():
    post = a_post(link="https://example.org/act")

    assert texts(post, a_voice()) == ["March with us.\n\nhttps://example.org/act\n\n#IndustriALL"]


def test_a_link_stands_where_the_text_puts_it():
    post = a_post("Sign {link} today.", link="https://example.org/act")

    assert texts(post, a_voice()) == ["Sign https://example.org/act today.\n\n#IndustriALL"]


def test_a_platform_may_have_words_of_its_own():
    own = {PlatformName.X: Words(text={EN: "Short."})}
    post = a_post(link="https://example.org/act", own_words=own)

    assert texts(post, a_voice(PlatformName.X)) == ["Short.\n\n#IndustriALL"]


def test_a_post_goes_out_in_the_languages_that_account_and_post_share():
    post = replace(a_post(), words=Words(text={EN: "Yes.", FR: "Oui."}))
    voice = a_voice(languages=(FR, Language("be"), EN))

    assert languages_for(post, voice) == (FR, EN)


def test_a_written_thread_keeps_its_parts_and_tags_the_first():
    post = a_post("One.", thread=("Two.", "Three."))

    assert texts(post, a_voice()) == ["One.\n\n#IndustriALL", "Two.", "Three."]


def test_a_written_part_that_is_too_long_says_by_how_much():
    post = a_post("One.", thread=("a" * 310,))

    with pytest.raises(RenditionError) as caught:
        render(post, EN, a_voice())

    assert caught.value.message == "part 2 of the thread is too long for Bluesky: 310 of 300 characters"
    assert "take out 10" in caught.value.fix
    assert caught.value.part == 2


def test_a_long_text_is_cut_at_the_ends_of_sentences():
    sentences = [f"This is sentence number {n} of the long text." for n in range(12)]

    parts = texts(a_post(" ".join(sentences)), a_voice())

    assert len(parts) == 2
    assert parts[0].endswith("of the long text.\n\n#IndustriALL")
    assert " ".join([parts[0].removesuffix("\n\n#IndustriALL"), parts[1]]) == " ".join(sentences)


def test_a_long_text_is_rather_cut_between_paragraphs():
    first = "A sentence of the first paragraph. " * 3
    second = "Another one. " * 20

    parts = texts(a_post(f"{first.strip()}\n\n{second}"), a_voice())

    assert parts[0] == f"{first.strip()}\n\n#IndustriALL"


def test_threads_can_be_switched_off():
    post = a_post("One.", thread=("Two.",))

    with pytest.raises(RenditionError, match="threads are switched off for bluesky"):
        render(post, EN, a_voice(threads=False))


def test_a_text_beyond_the_longest_thread_is_refused():
    with pytest.raises(RenditionError, match=f"longer than {MOST_PARTS} messages"):
        render(a_post("word " * 2000), EN, a_voice())


def test_a_link_that_no_message_can_hold_is_refused_not_cut():
    with pytest.raises(RenditionError, match="one link, tag or handle alone is too long"):
        render(a_post("https://example.org/" + "a" * 300), EN, a_voice())


def test_a_tag_that_leaves_no_room_is_refused():
    with pytest.raises(RenditionError, match="leaves no room"):
        render(a_post(), EN, a_voice(tag="#" + "a" * 300))


def test_counted_lengths_are_those_of_the_final_text():
    rendition = render(a_post("✊" * 10 + " https://example.org/" + "a" * 90), EN, a_voice(PlatformName.X))

    (part,) = rendition.parts
    assert (part.length, part.limit) == (20 + 1 + 23 + 2 + 12, 280)


PIECES = ["за", "свабоду.", "\n\n", "✊🏾", "👩\u200d👩\u200d👧", "#Салідарнасць", "@a.example", "union!"]
WORDS = st.lists(
    st.sampled_from([*PIECES, "https://example.org/abc", "x" * 70]),
    min_size=1,
    max_size=160,
).map(" ".join)


@given(WORDS, st.sampled_from(list(PlatformName)))
def test_every_part_fits_and_no_link_tag_or_grapheme_is_cut(text, platform):
    voice = a_voice(platform)
    written = text.strip() or "x"

    parts = texts(a_post(written), voice)

    assert carries(parts[0], voice.tag)
    assert all(voice.limits.fits(part) for part in parts)
    said = " ".join(parts).replace(voice.tag, " ")
    assert said.split() == written.split()
    assert sorted(s.text for s in spans(said)) == sorted(s.text for s in spans(written))


@given(st.text(alphabet="аé👩\u200d👧🇧🇾\u0301x", min_size=500, max_size=1500))
def test_a_word_longer_than_a_message_is_cut_between_graphemes(word):
    parts = texts(a_post("w" + word), a_voice())

    said = "".join(part.removesuffix("\n\n#IndustriALL") for part in parts)
    assert said == "w" + word
    assert sum(len(graphemes(p.removesuffix("\n\n#IndustriALL"))) for p in parts) == len(graphemes(said))
