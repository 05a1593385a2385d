"""What an organiser may write of a picture, and what is said of what they may not."""

from dataclasses import replace

import pytest

from bot.domain.picture import People, Picture
from bot.files.queue import read_file
from tests.files.conftest import NOW, SETTINGS, TEXT, a_post

GOOD = '{file: march.jpg, alt: {en: "A march"}, people: none}'
TWO_LANGUAGES = "text: {en: March with us., fr: Marchez.}\n"


@pytest.fixture
def media(folder):
    """Read a post with this `media:`, a picture lying beside it."""
    folder.write("march.jpg", b"any bytes")

    def read(written, text=TEXT):
        return read_file(str(folder.write("a.yaml", a_post(text=text, more=f"media: {written}\n"))), SETTINGS)

    return read


def said(found):
    return [problem.message for problem in found.problems]


def test_a_picture_is_read_with_its_words_and_its_people(media):
    (post,) = media(f"[{GOOD}]").posts

    (picture,) = post.media
    assert picture.content
    assert replace(picture, content="") == Picture(
        file="march.jpg", alt={"en": "A march"}, people=People.NONE
    )


def test_one_picture_needs_no_list(media):
    assert len(media(GOOD).posts[0].media) == 1


def test_who_was_asked_stands_with_the_picture(media):
    (post,) = media('{file: march.jpg, alt: {en: "Anna"}, consent: "the branch asked her, 3 May"}').posts

    assert (post.media[0].people, post.media[0].consent) == (People.CONSENT, "the branch asked her, 3 May")


def test_a_decorative_picture_needs_no_words(media):
    (post,) = media("{file: march.jpg, decorative: true, people: none}").posts

    assert (post.media[0].alt, post.media[0].decorative) == ({}, True)


def test_a_picture_may_lie_in_a_folder_below(media, folder):
    folder.write("2027/may.png", b"any bytes")

    (post,) = media('{file: 2027/may.png, alt: {en: "A march"}, people: blurred}').posts

    assert post.media[0].file == "2027/may.png"


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ('{file: march.jpg, alt: {en: "A"}}', "march.jpg has neither `people:` nor `consent:`"),
        (
            '{file: march.jpg, alt: {en: "A"}, people: none, consent: "Anna, 3 May"}',
            "march.jpg has both `people:` and `consent:`",
        ),
        ("{file: march.jpg, people: none}", "march.jpg is not described in `en`"),
        ('{file: march.jpg, alt: {en: ""}, people: none}', "this is empty, and must be what the picture"),
        ('{file: march.jpg, alt: {en: "A"}, decorative: true, people: none}', "march.jpg is decorative, and"),
        ('{file: march.jpg, alt: {en: "A"}, consent: "yes"}', "`consent:` says who asked, and when"),
        ('{file: other.jpg, alt: {en: "A"}, people: none}', "there is no file other.jpg beside this post"),
        ('{file: ../march.jpg, alt: {en: "A"}, people: none}', "this leads out of the post's folder"),
        ('{file: a/../../b.jpg, alt: {en: "A"}, people: none}', "this leads out of the post's folder"),
        ('{file: /etc/passwd, alt: {en: "A"}, people: none}', "this is not the name of a file beside"),
        ('{file: ~/a.jpg, alt: {en: "A"}, people: none}', "this is not the name of a file beside"),
        ("{file: 'C:\\a.jpg', alt: {en: A}, people: none}", "this is not the name of a file beside"),
        ("{file: 'a\\b.jpg', alt: {en: A}, people: none}", "this is not the name of a file beside"),
        ('{file: a.HEIC, alt: {en: "A"}, people: none}', "a HEIC file cannot be published"),
        ('{file: a.mp4, alt: {en: "A"}, people: none}', "a.mp4 is a video"),
        (f"[{', '.join([GOOD] * 5)}]", "a post has at most 4 pictures, and these are 5"),
    ],
)
def test_what_cannot_be_published_is_said_in_one_sentence(media, written, sentence):
    found = media(written)

    assert found.posts == ()
    (message,) = said(found)
    assert message.startswith(sentence)
    assert all(problem.fix for problem in found.problems)


def test_each_language_of_the_post_is_asked_for_until_it_describes_the_picture(media):
    found = media(GOOD, TWO_LANGUAGES)

    assert said(found) == ["march.jpg is not described in `fr`"]
    assert 'alt: {en: "…", fr: "…"}' in found.problems[0].fix
    described = GOOD.replace('"A march"', '"A march", fr: "Une marche"')
    assert len(media(described, TWO_LANGUAGES).posts) == 1


def test_a_picture_that_is_nearly_named_is_found(media):
    found = media('{file: marhc.jpg, alt: {en: "A"}, people: none}')

    assert "did you mean `march.jpg`?" in found.problems[0].fix


def test_a_link_that_leads_out_of_the_folder_is_refused(media, folder, tmp_path_factory):
    private = tmp_path_factory.mktemp("elsewhere") / "private.jpg"
    private.write_bytes(b"any bytes")
    (folder.path / "out.jpg").symlink_to(private)

    found = media('{file: out.jpg, alt: {en: "A"}, people: none}')

    assert said(found) == ["out.jpg is a link that leads out of the post's folder"]


def test_a_folder_is_no_picture(media, folder):
    (folder.path / "march.png").mkdir()

    assert said(media('{file: march.png, alt: {en: "A"}, people: none}')) == ["march.png is not a file"]


def test_a_post_is_read_again_when_its_picture_comes_later(folder, watch):
    folder.write("a.yaml", a_post("a", more=f"media: {GOOD}\n"))
    assert watch.look() == set()

    folder.write("march.jpg", b"any bytes")

    assert watch.look(1) is None
    assert watch.look(2) == {"a"}
    assert watch.look(2) is None


def test_a_picture_that_changes_is_a_change_of_its_post(folder, watch):
    folder.write("march.jpg", b"any bytes")
    folder.write("a.yaml", a_post("a", more=f"media: {GOOD}\n"))
    watch.look()
    assert watch.look(2) is None

    folder.write("march.jpg", b"other bytes than before", age=-NOW.timestamp() % 7)

    watch.look(1)
    assert watch.look(2) == {"a"}
