"""What strangers write becomes plain text, whatever it is, and soon."""

import time

import pytest

from bot.platforms.plain import (
    LONGEST_TEXT,
    MOST_MARKUP,
    address_in,
    language_in,
    name_in,
    plain_text,
    time_in,
)


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>one<br>two</p><p>three</p>", "one\ntwo\nthree"),
        ("a<script>evil()</script>b<style>p {}</style>c", "abc"),
        ("fish &amp; chips &lt;b&gt;", "fish & chips <b>"),
        ("<a href='https://m.example/@ann' class='u-url mention'>@<span>ann</span></a>", "@ann@m.example"),
        ("<a href='https://m.example/@ann' class='mention'>@ann@m.example</a>", "@ann@m.example"),
        ("<a href='http://Me@M.example:8080/@ann' class='mention'>@ann</a> STOP", "@ann@m.example STOP"),
        ("<a href='https://m.example/tags/May' class='mention hashtag'>#<span>May</span></a>", "#May"),
        (
            "<a href='https://a.example/b'><span>https://</span><span>a.example/b</span></a>",
            "https://a.example/b",
        ),
        ("1 < 2 and <3", "1 < 2 and <3"),
        ("<script>never closed", ""),
        (None, ""),
    ],
)
def test_markup_becomes_the_words_that_people_read(markup, text):
    assert plain_text(markup) == text


@pytest.mark.parametrize(
    "broken", ["<a", "</", "<!--", "<![CDATA[", "<a b='", "<div>", "&", "<a b=c ", "<p title='>"]
)
def test_markup_that_is_broken_without_end_takes_no_time(broken):
    start = time.process_time()

    text = plain_text(broken * (MOST_MARKUP // len(broken)))

    assert time.process_time() - start < 3
    assert len(text) <= LONGEST_TEXT


@pytest.mark.parametrize("value", [None, True, 1.5, [], {}, "", " x", "a\nb", "a\x1bb", "\u202ea", "x" * 601])
def test_what_is_no_name_is_none(value):
    assert name_in({"id": value}, "id") == ""


@pytest.mark.parametrize(
    "value", [None, 5, "javascript:alert(1)", "http://", "https://[x", "https://a b", "data:x"]
)
def test_what_a_browser_may_not_be_given_is_no_address(value):
    assert address_in({"url": value}, "url") == ""


@pytest.mark.parametrize(
    ("code", "language"), [("be", "be"), ("pt-BR", "pt"), ("und", None), ("zebrafish", None)]
)
def test_a_language_is_its_code(code, language):
    assert language_in(code) == language


@pytest.mark.parametrize("value", [None, 5, "soon", "9999-99-99", "0001-01-01T00:00:00+14:00"])
def test_what_is_no_time_is_none(value):
    assert time_in({"at": value}, "at") is None
