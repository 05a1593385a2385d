import pytest

from bot.domain.errors import RenditionError
from bot.domain.lengths import PlatformName
from bot.domain.post import Language, Words
from bot.domain.rendition import render
from bot.domain.richtext import carries
from bot.domain.safety_line import SAFETY_LINES, safety_line
from tests.domain.test_lengths_properties import a_post, a_voice

BE, RU, EN, UK = map(Language, ("be", "ru", "en", "uk"))


def texts(text, language, platform=PlatformName.BLUESKY, thread=(), **changes):
    words = Words(text={language: text}, thread=tuple({language: part} for part in thread))
    post = a_post(text, language, words=words)
    return [part.text for part in render(post, language, a_voice(platform, **changes)).parts]


@pytest.mark.parametrize("platform", PlatformName)
@pytest.mark.parametrize("language", [BE, RU])
def test_what_is_said_in_belarusian_and_russian_ends_with_the_line(language, platform):
    line = SAFETY_LINES[language]

    assert texts("Пішыце ім.", language, platform) == [f"Пішыце ім.\n\n#IndustriALL\n\n{line}"]


def test_other_languages_have_no_line():
    assert [safety_line(language, "") for language in (EN, UK)] == ["", ""]


def test_a_variety_of_a_language_has_its_line():
    assert safety_line(Language("be-tarask"), "") == SAFETY_LINES[BE]


@pytest.mark.parametrize("language", [BE, RU])
@pytest.mark.parametrize("change", [str, str.upper, lambda line: line.replace(" ", "\n").rstrip(".") + "!"])
def test_a_line_that_its_author_wrote_is_not_doubled(language, change):
    written = f"Пішыце.\n\n{change(SAFETY_LINES[language])}"

    assert texts(written, language) == [f"{written}\n\n#IndustriALL"]


def test_a_line_that_stands_in_a_later_part_is_not_doubled():
    parts = texts("Пішыце.", BE, thread=(f"Яны чакаюць.\n\n{SAFETY_LINES[BE]}",))

    assert "".join(parts).count(SAFETY_LINES[BE]) == 1


def test_the_line_of_another_language_does_not_stand_in_for_it():
    (text,) = texts(f"Пішыце.\n\n{SAFETY_LINES[RU]}", BE)

    assert text.endswith(SAFETY_LINES[BE])


def test_in_a_thread_the_line_ends_the_last_part_and_the_tag_stays_in_the_first():
    parts = texts("Адно.", BE, thread=("Два.", "Тры."))

    assert parts == ["Адно.\n\n#IndustriALL", "Два.", f"Тры.\n\n{SAFETY_LINES[BE]}"]


@pytest.mark.parametrize("platform", PlatformName)
@pytest.mark.parametrize("length", range(130, 520, 3))
def test_whatever_the_length_the_tag_is_first_the_line_last_and_all_fits(platform, length):
    text = ("Яны ў турме. Пішыце ім лісты. " * 20)[:length].strip()

    parts = texts(text, BE, platform)

    assert carries(parts[0], "#IndustriALL")
    assert parts[-1].endswith(SAFETY_LINES[BE])
    assert all(a_voice(platform).limits.fits(part) for part in parts)
    assert sum(part.count(SAFETY_LINES[BE]) for part in parts) == 1
    assert len(parts[-1]) > len(SAFETY_LINES[BE])  # never alone where it can have company


def test_the_line_counts_in_a_part_that_its_author_cut():
    last = "а" * 190

    with pytest.raises(RenditionError, match=r"part 2 .*the line on safety that ends it counts") as caught:
        texts("Адно.", BE, PlatformName.X, thread=(last,))

    excess = 190 + 2 + len(SAFETY_LINES[BE]) - 280
    assert f"take out {excess}" in caught.value.fix
    assert texts("Адно.", BE, PlatformName.X, thread=(last[excess:],))[1].endswith(SAFETY_LINES[BE])


def test_where_threads_are_off_it_is_said_that_the_line_counts():
    with pytest.raises(RenditionError, match=r"2 messages \(the line on safety at its end counts\)"):
        texts("Пішыце ім. " * 20, BE, PlatformName.X, threads=False)


def test_a_word_that_fills_a_message_leaves_the_line_one_of_its_own():
    parts = texts("а" * 280, BE, threads=True)

    assert parts == [f"{'а' * 280}\n\n#IndustriALL", SAFETY_LINES[BE]]
