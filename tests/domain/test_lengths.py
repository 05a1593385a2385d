import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.lengths import (
    Limits,
    PlatformName,
    graphemes,
    mastodon_length,
    published_limits,
    trim_link,
    weigh,
)
from tests.tables import TLDS


@pytest.mark.parametrize(
    ("text", "weight"),
    [
        ("", 0),
        ("solidarity", 10),
        ("Прафсаюзы", 9),
        ("Łódź Šiauliai", 13),
        ("Ł" + "o\u0301", 2),  # composed first, as X does
        ("“quoted” – dash", 15),
        ("№", 2),
        ("…", 2),
        ("連帯", 4),
        ("✊", 2),
        ("✊🏾", 2),
        ("👩‍👩‍👧‍👦", 2),
        ("🇧🇾🇵🇱", 4),
        ("🏴󠁧󠁢󠁥󠁮󠁧󠁿", 2),
        ("1️⃣", 2),
        ("© ®", 3),  # signs in the light range, not emoji until marked as such
        ("©️", 2),
        ("line\r\nline", 9),
    ],
)
def test_x_weighs_characters_as_it_publishes(text, weight):
    assert weigh(text, TLDS) == weight


@pytest.mark.parametrize(
    ("text", "weight"),
    [
        ("https://example.org/" + "a" * 300, 23),
        ("see https://example.org/a, then act", 4 + 23 + 10),
        ("(https://example.org/foo)", 25),
        ("https://example.org/a_(b)", 23),
        ("news.dev", 23),
        ("report.py", 23),
        ("report.txt", 10),  # not a top-level domain
        ("version 2.0", 11),
        ("name@example.org", 16),
        ("@name.example.org", 17),
        ("пример.рф", 9),  # other scripts link only behind https://
        ("https://пример.рф/мир", 23),
        ("a.b.example.org:8080/x?y=1#z", 23),
        ("example.org/путь", 23),
    ],
)
def test_x_counts_every_link_as_twenty_three(text, weight):
    assert weigh(text, TLDS) == weight


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0),
        ("https://example.org/" + "a" * 300, 23),
        ("example.org/aaa", 15),  # without a scheme it counts in full
        ("@campaign@mastodon.example hello", 15),
        ("@campaign hello", 15),
        ("name@mastodon.example", 21),
        ("👩‍👩‍👧‍👦🇧🇾", 2),
        ("й" + "и\u0306", 2),
    ],
)
def test_mastodon_counts_what_a_reader_sees(text, length):
    assert mastodon_length(text) == length


def test_a_server_may_count_links_differently():
    limits = Limits(platform=PlatformName.MASTODON, length=100, link_length=30)

    assert limits.measure("see https://example.org") == 34


@pytest.mark.parametrize(
    ("text", "excess"),
    [("a" * 300, 0), ("a" * 301, 1), ("👩‍👩‍👧‍👦" * 120, 0), ("👩‍👩‍👧‍👦" * 121, 25), ("🇧🇾" * 300, 0)],
)
def test_bluesky_counts_graphemes_and_bytes(text, excess):
    limits = published_limits(PlatformName.BLUESKY, TLDS)

    assert limits.excess(text) == excess
    assert limits.fits(text) is (excess == 0)


@pytest.mark.parametrize(
    ("written", "link"),
    [
        ("https://example.org/a.", "https://example.org/a"),
        ("https://example.org/a).", "https://example.org/a"),
        ("https://example.org/a_(b)", "https://example.org/a_(b)"),
        ("https://example.org/[x]]", "https://example.org/[x]"),
        ("https://example.org/»", "https://example.org/"),
    ],
)
def test_a_link_ends_before_the_sentence_does(written, link):
    assert trim_link(written) == link


@given(st.text(), st.text())
def test_graphemes_lose_nothing(one, other):
    assert "".join(graphemes(one + other)) == one + other


@given(st.text(max_size=80))
def test_no_text_breaks_the_counting(text):
    for platform in PlatformName:
        assert published_limits(platform, TLDS).measure(text) >= 0
