from dataclasses import replace

import pytest

from bot.domain.errors import RenditionError
from bot.domain.lengths import PlatformName
from bot.domain.post import Language, Words
from bot.domain.rendition import languages_for, render
from tests.domain.test_lengths_properties import a_post, a_voice

EN, FR, BE = map(Language, ("en", "fr", "be"))
WITHOUT_WARNINGS = [PlatformName.X, PlatformName.BLUESKY]


def rendered(text, platform, warning="Describes torture", **changes):
    voice = a_voice(platform)
    length = changes.pop("length", voice.limits.length)
    voice = replace(voice, limits=replace(voice.limits, length=length))
    return render(a_post(text, warning={EN: warning}, **changes), EN, voice)


def test_mastodon_has_the_warning_beside_each_part_and_counts_it():
    found = rendered("They were beaten.", PlatformName.MASTODON)

    (part,) = found.parts
    assert (found.warning, part.text) == ("Describes torture", "They were beaten.\n\n#IndustriALL")
    assert part.length == len("Describes torture" + part.text)


@pytest.mark.parametrize("platform", WITHOUT_WARNINGS)
def test_elsewhere_the_warning_is_the_first_line_and_counts(platform):
    found = rendered("They were beaten.", platform)

    (part,) = found.parts
    assert (found.warning, part.text) == ("", "Describes torture\n\nThey were beaten.\n\n#IndustriALL")
    assert part.length == len(part.text)


@pytest.mark.parametrize("platform", WITHOUT_WARNINGS)
def test_a_thread_is_warned_of_once_where_it_begins(platform):
    words = Words(text={EN: "One."}, thread=({EN: "Two."},))

    found = rendered("", platform, words=words)

    assert [part.text for part in found.parts] == ["Describes torture\n\nOne.\n\n#IndustriALL", "Two."]


def test_a_warning_that_already_begins_the_text_is_not_doubled():
    found = rendered("Describes torture\n\nThey were beaten.", PlatformName.X)

    assert found.parts[0].text.count("Describes torture") == 1


@pytest.mark.parametrize(("length", "parts"), [(48, 1), (47, 2)])
def test_one_character_of_warning_too_many_makes_a_thread(length, parts):
    found = rendered("They were beaten.", PlatformName.MASTODON, length=length)

    assert len(found.parts) == parts
    assert all(part.length <= length for part in found.parts)


def test_a_warning_that_leaves_no_room_is_refused():
    with pytest.raises(RenditionError, match="the warning leaves no room on Mastodon"):
        rendered("They were beaten.", PlatformName.MASTODON, warning="w" * 500)


def test_a_warning_that_leaves_the_line_on_safety_no_room_is_refused():
    post = a_post("Іх білі.", BE, warning={BE: "к" * 420})

    with pytest.raises(RenditionError, match="the warning leaves no room on Mastodon"):
        render(post, BE, a_voice(PlatformName.MASTODON))


def test_a_language_without_a_warning_has_none():
    post = a_post("", words=Words(text={EN: "Beaten.", FR: "Battus."}), warning={FR: "Torture"})

    assert render(post, EN, a_voice(PlatformName.MASTODON)).warning == ""


def test_a_translation_that_nobody_has_read_stays_here_unless_asked_for():
    words = Words(text={EN: "Yes.", BE: "Так."})
    post = a_post("", words=words, unread=frozenset({BE}))
    voice = a_voice(PlatformName.X)

    assert languages_for(post, voice) == (EN,)
    assert languages_for(post, voice, unread=True) == (EN, BE)
