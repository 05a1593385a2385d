from datetime import UTC, datetime

import pytest

from bot.domain.calendar import Fixed
from bot.domain.lengths import PlatformName
from bot.domain.post import Kind, Post, Words
from bot.domain.problem import Source
from bot.files.posts import QueueSettings
from tests.files.conftest import a_post, messages, read, the_post

ALL = """\
id: decent-work-2027
when: 2027-10-07 09:00 Europe/Brussels
text:
  en: |
    Long, and tag {account}.
  fr: |
    Longue.
link: https://example.org/act
where: [mastodon, press]
x:
  text:
    en: Short.
  thread: none
  link: none
bluesky:
  link: https://example.org/other
thread:
  - text: {en: Two., fr: Deux.}
kind: call
expires: 2027-10-08
priority: 1
held: waiting for the lawyer
draft: true
"""


def test_every_key_of_a_post_is_read():
    thread = ({"en": "Two.", "fr": "Deux."},)
    long = {"en": "Long, and tag {account}.\n", "fr": "Longue.\n"}

    assert the_post(ALL) == Post(
        id="decent-work-2027",
        when=Fixed(
            at=datetime(2027, 10, 7, 7, tzinfo=UTC),
            written="2027-10-07 09:00 Europe/Brussels",
            zone="Europe/Brussels",
        ),
        words=Words(text=long, thread=thread, link="https://example.org/act"),
        own_words={
            PlatformName.X: Words(text={"en": "Short.", "fr": "Longue.\n"}),
            PlatformName.BLUESKY: Words(text=long, thread=thread, link="https://example.org/other"),
        },
        where=("mastodon", "press"),
        kind=Kind.CALL,
        priority=1,
        expires=datetime(2027, 10, 7, 22, tzinfo=UTC),
        held="waiting for the lawyer",
        draft=True,
        source=Source(file="a.yaml", line=1),
    )


def test_a_language_without_words_of_its_own_on_a_platform_has_those_of_the_post():
    post = the_post(a_post(text="text: {en: Long, fr: Longue}\n", more="x: {text: {en: Short}}\n"))

    assert post.words_for(PlatformName.X).text == {"en": "Short", "fr": "Longue"}
    assert post.words_for(PlatformName.MASTODON).text == {"en": "Long", "fr": "Longue"}


def test_a_platform_may_have_a_thread_of_its_own():
    more = "thread: [{text: {en: Two}}]\nx:\n  thread: [{text: {en: Zwei}}, {text: {en: Drei}}]\n"
    post = the_post(a_post(more=more))

    assert post.words_for(PlatformName.X).thread == ({"en": "Zwei"}, {"en": "Drei"})
    assert post.words_for(PlatformName.BLUESKY).thread == ({"en": "Two"},)


def test_a_thread_of_a_platform_has_each_language_of_the_post():
    more = "x:\n  thread: [{text: {en: Two}}]\n"
    found = read(a_post(text="text: {en: One, fr: Un}\n", more=more))

    assert messages(found) == [(5, "part 2 of the thread is not written in `fr`, but the first part is")]


def test_a_link_that_a_platform_leaves_out_is_not_filled_in_there():
    found = read(ALL.replace("Longue.", "Lisez {link}."))

    assert messages(found) == [(10, "the text says {link}, but there is no link")]
    assert found.posts == ()


def test_a_link_to_fill_in_may_be_a_platforms_own():
    more = "x: {text: {en: 'Read {link}'}, link: 'https://example.org'}\n"

    assert the_post(a_post(more=more)).words_for(PlatformName.X).link == "https://example.org"


@pytest.mark.parametrize(
    "link",
    [
        "https://example.org",
        "http://example.org:8080/a?b=c#d",
        "https://mastodon.example/@campaign/1",
        "https://пример.example/дзень",
    ],
)
def test_an_address_is_kept_as_it_is(link):
    assert the_post(a_post(more=f"link: {link}\n")).words.link == link


@pytest.mark.parametrize(
    "link",
    [
        "example.org", "ftp://example.org", "https://", "https:///a", "javascript:alert(1)",
        "https://a b.example",
        "https://[::1", '"https://example.org/\\u200e"', "//example.org", "https://user@example.org/", "''",
    ],
)  # fmt: skip
def test_what_is_no_plain_address_is_refused(link):
    found = read(a_post(more=f"link: {link}\n"))

    assert found.posts == ()
    assert [line for line, _ in messages(found)] == [6]


def test_texts_are_kept_letter_for_letter():
    decomposed = "Cafe\u0301 \u00a0\u202fnarrow"

    assert the_post(a_post(text=f"text:\n  en: {decomposed}\n")).words.text == {"en": decomposed}


@pytest.mark.parametrize("text", ["{account}", "{link}", "{account}{link}", "a } b", "a { b", "{", "{}"])
def test_braces_are_placeholders_or_stand_alone(text):
    found = read(a_post(text=f"text:\n  en: 'x {text}'\n", more="link: https://example.org\n"))

    assert (found.posts == ()) is (text == "{}")


@pytest.mark.parametrize("name", ["a", "may-day-2027", "7", "a" * 64])
def test_a_name_may_hold_small_letters_digits_and_hyphens(name):
    assert the_post(a_post(name)).id == name


@pytest.mark.parametrize(
    "name", ["A", "-a", "a-", "a_b", "a b", "é", "a" * 65, "'a\n'", '"a\\n"', "a/b", "[a]", ""]
)
def test_a_name_may_hold_nothing_else(name):
    assert read(a_post(name)).posts == ()


def test_a_post_goes_to_platforms_and_accounts_by_their_names():
    assert the_post(a_post(more="where: [press, x]\n")).where == ("press", "x")
    assert the_post(a_post(more="where: bluesky\n")).where == ("bluesky",)


def test_where_nobody_knows_the_accounts_any_name_will_do():
    settings = QueueSettings(timezone="UTC")

    assert the_post(a_post(more="where: [our-press]\n"), settings).where == ("our-press",)


def test_everything_that_is_wrong_with_a_post_is_told_at_once():
    found = read(
        "id: A\nwhen: 18:30\nevery: x\ntext: {en: '', xx: '{a}'}\nlink: x\nwhere: y\nkind: z\ndraft: no\n"
    )

    assert sorted(line for line, _ in messages(found)) == [1, 3, 4, 4, 4, 5, 6, 7, 8]


def test_what_is_wrong_with_its_yaml_keeps_a_post_from_being_used():
    assert read(a_post(more="kind: call\nkind: news\n")).posts == ()
    assert read(a_post(text="text:\n  en: Free them #IndustriALL\n")).posts == ()


def test_a_warning_keeps_no_post_from_being_used():
    found = read(a_post(text="text:\n  en: Free\u200b them\n"))

    assert [post.words.text for post in found.posts] == [{"en": "Free them"}]
    assert [problem.severity for problem in found.problems] == ["warning"]


def test_problems_name_the_post_they_are_about():
    unsound = "- id: a\n  when: x\n  text: {en: a}\n"
    without_text, without_name = "- id: b\n  when: next-slot\n", "- when: next-slot\n  text: {en: c}\n"

    found = read(unsound + without_text + without_name)

    assert [(problem.post, problem.place.line) for problem in found.problems] == [("a", 2), ("b", 4), ("", 6)]
