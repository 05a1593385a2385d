"""The page of the rehearsal, as a browser asks for it."""

import urllib.error
import urllib.parse
import urllib.request

import pytest

from bot.sandbox import Boosted
from tests.contracts.stages import sandbox_stage
from tests.pictures.samples import drawn, lying_in, saved


def get(sandbox, path="/"):
    with urllib.request.urlopen(sandbox.page.url + path) as answer:
        return answer.read().decode(), answer.headers


def speak(sandbox, origin=None, **form):
    data = urllib.parse.urlencode({"platform": "x", "handle": "one", "text": "We wrote.", **form}).encode()
    request = urllib.request.Request(f"{sandbox.page.url}/speak", data=data)
    request.add_header("Origin", origin or sandbox.page.url)
    with urllib.request.urlopen(request) as answer:
        return answer.read().decode()


def test_it_shows_three_timelines_and_says_that_nothing_leaves(sandbox):
    page, _ = get(sandbox)

    assert page.count("<section") == 3
    assert "Nothing you see here leaves it." in page


def test_nothing_that_was_posted_becomes_markup(sandbox):
    for platform in ("x", "mastodon", "bluesky"):
        sandbox.mention(platform, "<img>", '<script>alert(1)</script> "quoted" #<b>')

    page, headers = get(sandbox)

    assert "<script>alert" not in page
    assert "<img" not in page
    assert "script-src 'self'" in headers["Content-Security-Policy"]


def test_on_bluesky_exactly_what_the_facets_say_is_marked(sandbox, tmp_path):
    stage = sandbox_stage(sandbox, "bluesky", tmp_path)
    stage.platform.publish(stage.delivery("Прафсаюзы 👩‍👧 #IndustriALL, разам"))

    page, _ = get(sandbox, "/timelines")

    assert "👩‍👧 <mark>#IndustriALL</mark>, разам" in page
    assert '<p class="text" lang="en">' in page


def test_a_visitor_can_speak_as_a_supporter(sandbox):
    page = speak(sandbox, text="We wrote to the embassy. @campaignexample")

    assert "We wrote to the embassy." in page
    assert [post.author for post in sandbox.record.everything("x")] == ["one"]


@pytest.mark.parametrize("origin", ["http://elsewhere.example", "null"])
def test_no_other_page_can_speak(sandbox, origin):
    with pytest.raises(urllib.error.HTTPError, match="403"):
        speak(sandbox, origin=origin)

    assert sandbox.record.everything() == []


@pytest.mark.parametrize("form", [{"platform": "y"}, {"text": " "}, {"handle": "@ "}])
def test_a_form_without_its_words_is_answered_with_a_sentence(sandbox, form):
    with pytest.raises(urllib.error.HTTPError) as caught:
        speak(sandbox, **form)

    assert caught.value.code == 400
    assert b"write a handle and a text" in caught.value.read()


def test_a_thread_stands_together_under_its_first_part(sandbox, tmp_path):
    stage = sandbox_stage(sandbox, "mastodon", tmp_path)
    first = stage.platform.publish(stage.delivery("One. #IndustriALL"))
    stage.platform.publish(stage.delivery("Two.", part=2, parent=first, root=first))

    page, _ = get(sandbox, "/timelines")

    assert page.index('class="thread"') < page.index("One.") < page.index("Two.")


def test_a_picture_is_shown_with_its_words(sandbox, tmp_path):
    stage = sandbox_stage(sandbox, "mastodon", tmp_path)
    made = lying_in(stage.media, saved(drawn()), 'Four people, "free" <b>')
    stage.platform.publish(stage.delivery(media=(made,)))

    page, _ = get(sandbox, "/timelines")
    with urllib.request.urlopen(f"{sandbox.page.url}/media/{made.sha256}") as answer:
        found, kind = answer.read(), answer.headers["Content-Type"]

    assert f'<img src="/media/{made.sha256}" alt="Four people, &quot;free&quot; &lt;b&gt;">' in page
    assert (found, kind) == (saved(drawn()), "image/jpeg")


def test_a_boost_is_shown_and_that_it_was_taken_back(sandbox):
    said = sandbox.mention("mastodon", "one.example", "@campaign we wrote a letter")
    before, _ = get(sandbox, "/timelines")
    sandbox.record.boost(Boosted(platform="mastodon", id="9", post=said.id, at=said.created_at))
    boosted, _ = get(sandbox, "/timelines")
    sandbox.record.unboost("mastodon", said.id)
    after, _ = get(sandbox, "/timelines")

    assert "Boosted" not in before
    assert "Boosted by the campaign.</p>" in boosted
    assert "taken back since" in after
