"""What in a sound queue is probably not as meant."""

import pytest

from bot.domain.calendar import Every, Fixed, Frequency, Rule
from bot.domain.lengths import PlatformName, published_limits
from bot.domain.post import Words
from bot.flows.lint import lint
from tests.builders import DAY, HOUR, NOON
from tests.flows.conftest import EN, PLANNER, a_post, a_voice
from tests.tables import TLDS

SPEECH = "We march with the names of those who cannot march today"
X = a_voice("x", platform=PlatformName.X, handle="@campaign", limits=published_limits(PlatformName.X, TLDS))


def at(moment):
    return Fixed(at=moment, written="then", zone="UTC")


@pytest.fixture
def hints():
    """What lint says of posts that are planned on voices at an hour before any of them."""
    from bot.domain.account import Identity
    from bot.flows.plan import plan
    from bot.store.memory import MemoryStore

    def said(*posts, voices=(X,), now=NOON - HOUR, at=None):
        store = MemoryStore()
        for voice in voices:
            store.enroll(voice.label, voice.platform, now)
            store.identified(voice.label, Identity(own_id=voice.label, handle="@campaign", url=""), now)
        plan(posts, voices, store, PLANNER, now)
        return lint(posts, voices, store.deliveries(since=now, until=NOON + 900 * DAY), at or now)

    return said


def sentences(found):
    return [(hint.post.id, hint.message) for hint in found]


def test_an_ordinary_queue_has_no_hints(hints):
    assert hints(a_post(), a_post("other", "Write to the prison of #Belarus today.")) == []


def test_two_posts_that_are_nearly_equal_are_told_with_the_date_of_the_first(hints):
    found = hints(a_post(text=SPEECH), a_post("later", f"{SPEECH}!", when=at(NOON + 7 * DAY)))

    assert sentences(found) == [("later", "x, en: X may refuse it: too like may-day (1 May 2027)")]
    assert "x: text:" in found[0].fix


def test_likeness_is_no_matter_on_other_platforms(hints):
    assert hints(a_post(), a_post("later"), voices=[a_voice()]) == []


def test_a_post_that_comes_round_too_often_is_told_once(hints):
    weekly = Every(rules=(Rule(frequency=Frequency.WEEK, weekdays=((0, 0),)),), at=(NOON.time()), zone="UTC")

    found = hints(a_post(when=weekly))

    assert sentences(found) == [
        ("may-day", "x, en: X may refuse it: it comes round after 7 days with the same words")
    ]


def test_a_post_that_says_the_same_in_two_languages_is_told(hints):
    post = a_post(words=Words(text={EN: SPEECH, "fr": SPEECH}))

    found = hints(post, voices=[a_voice("x", **_x(), languages=(EN, "fr"))])

    assert sentences(found) == [("may-day", "x, fr: X may refuse it: too like its own `en`")]


def _x():
    return {"platform": X.platform, "handle": X.handle, "limits": X.limits}


def test_what_has_gone_out_is_compared_with_but_not_told(hints):
    posts = a_post(text=SPEECH), a_post("later", SPEECH, when=at(NOON + DAY))

    assert [hint.post.id for hint in hints(*posts, at=NOON + HOUR)] == ["later"]
    assert hints(*posts, at=NOON + 2 * DAY) == []


def test_a_link_on_x_is_told_with_its_price_and_the_way_round_it(hints):
    words = Words(text={EN: "Act now."}, link="https://example.org/act")

    [found] = hints(a_post(words=words))

    assert found.message == (
        "x: a message with a link costs $0.20 on X instead of $0.015: https://example.org/act"
    )
    assert (found.fix, found.word) == ("x:\n  link: none", "https://example.org/act")


def test_a_link_that_stands_in_the_text_is_not_mended_by_taking_it_away_alone(hints):
    [found] = hints(a_post(words=Words(text={EN: "See {link}"}, link="https://example.org/act")))

    assert found.fix.startswith("x:\n  text:\n")


def test_a_bare_domain_counts_as_a_link(hints):
    [found] = hints(a_post(text="Read example.org today"))

    assert "costs $0.20" in found.message
    assert found.word == "example.org"


def test_without_a_link_on_x_nothing_is_dear(hints):
    general = Words(text={EN: "Act now."}, link="https://example.org/act")
    post = a_post(words=general, own_words={PlatformName.X: Words(text={EN: "Act now."})})

    assert hints(post) == []
    assert hints(a_post(words=general, where=("mastodon",)), voices=[X, a_voice()]) == []


@pytest.mark.parametrize(
    ("text", "message", "fix"),
    [
        ("See #Free-Them", "`#Free-Them` is cut at the hyphen: the tag is only `#Free`", "write `#FreeThem`"),
        ("In #2022", "`#2022` is a tag on no platform: a tag needs a letter", "add a word to it"),
        ("On https://example.org/#IndustriALL", "`#IndustriALL` stands only inside a link", "put a space"),
    ],
)
def test_a_word_that_will_be_no_tag_is_told(hints, text, message, fix):
    [found] = hints(a_post(text=text), voices=[a_voice()])

    assert message in found.message
    assert fix in found.fix


@pytest.mark.parametrize(
    "text",
    [
        "An #IndustriALL-led march",
        "#Free_Them and #May2027 and #1May",
        "https://example.org/a#section-2 and https://example.org/#part",
        "#IndustriALL https://example.org/#IndustriALL",
        "Number 5#6, item &#39;",
    ],
)
def test_what_is_a_tag_or_was_never_meant_as_one_is_let_be(hints, text):
    assert hints(a_post(text=text), voices=[a_voice()]) == []
