"""When two texts are one post, and since when it may be."""

from datetime import timedelta

import pytest

from bot.platforms.compare import not_before, same_words, text_of_html
from tests.builders import MINUTE, NOON, a_delivery


@pytest.mark.parametrize(
    ("there", "ours"),
    [
        ("March with us.", "March with us."),
        ("March\n\nwith  us. ", "March with us."),
        ("И\u0306", "Й"),
        ("See http://example.org/ now", "See https://example.org now"),
        ("See https://EXAMPLE.org", "See https://example.org"),
    ],
)
def test_what_platforms_do_to_words_makes_no_difference(there, ours):
    assert same_words(there, ours)


@pytest.mark.parametrize(
    ("there", "ours"),
    [
        ("March with us!", "March with us."),
        ("March with us. 2", "March with us. 1"),
        ("See https://example.org/a", "See https://example.org/b"),
        ("March &amp; sing", "March & sing"),
        ("", "March"),
    ],
)
def test_other_words_are_another_post(there, ours):
    assert not same_words(there, ours)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("<p>One</p><p>Two<br>three<br/>four</p>", "One\nTwo\nthree\nfour"),
        ("<p>a &lt;b&gt; &amp;amp; c</p>", "a <b> &amp; c"),
        ('<p>x <a href="#"><span class="invisible">https://</span>a.example</a></p>', "x https://a.example"),
        ("no markup", "no markup"),
        ("<p>unclosed <b>tag", "unclosed tag"),
    ],
)
def test_html_is_read_as_the_words_people_see(content, text):
    assert text_of_html(content) == text


CLAIMED, FIRST = NOON, NOON - 20 * MINUTE


@pytest.mark.parametrize(
    ("changes", "since"),
    [
        ({"claimed_at": CLAIMED}, CLAIMED),
        ({"claimed_at": CLAIMED, "first_claimed_at": FIRST, "doubts": 1}, CLAIMED),
        ({"claimed_at": CLAIMED, "first_claimed_at": FIRST, "doubts": 2}, FIRST),
        ({"claimed_at": CLAIMED, "doubts": 2}, CLAIMED),
    ],
)
def test_a_post_may_be_as_old_as_the_first_request_in_doubt_and_seven_minutes(changes, since):
    assert not_before(a_delivery(**changes)) == since - timedelta(minutes=7)


@pytest.mark.parametrize(("ahead", "before"), [(-4, 7), (4, 7), (20, 22)])
def test_a_clock_that_was_set_otherwise_when_we_claimed_hides_nothing(ahead, before):
    found = not_before(a_delivery(claimed_at=NOON), ahead=timedelta(minutes=ahead))

    assert found == NOON - timedelta(minutes=before)


def test_a_look_may_reach_back_further_than_the_claim():
    assert not_before(a_delivery(claimed_at=NOON), FIRST) == FIRST - timedelta(minutes=7)
