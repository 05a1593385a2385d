import pytest

from tests.files.conftest import a_post, messages, read, the_post

BOTH = "text:\n  en: |\n    One.\n  fr: |\n    Un.\n"


def test_a_warning_is_read_in_each_language():
    more = "warning:\n  en: Describes torture\n  fr: |\n    Décrit la\n    torture\n"

    assert the_post(a_post(text=BOTH, more=more)).warning == {
        "en": "Describes torture",
        "fr": "Décrit la torture",
    }


def test_a_post_without_a_warning_has_none():
    assert the_post(a_post()).warning == {}


def test_a_warning_in_a_language_that_the_text_lacks_is_an_error():
    found = read(a_post(more="warning: {en: Torture, fr: Torture}\n"))

    assert messages(found) == [(6, "the warning is written in `fr`, but the text is not")]
    assert found.problems[0].fix == "add `fr: |` to the text, or take it out here"
    assert found.posts == ()


def test_a_text_that_goes_out_without_its_warning_is_told():
    found = read(a_post(text=BOTH, more="warning: {en: Torture}\n"))

    said = "the text is written in `fr`, but the warning is not: there it goes out without"
    assert messages(found) == [(8, said)]
    assert [problem.severity for problem in found.problems] == ["warning"]
    assert len(found.posts) == 1


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Torture", "this must be a warning for each language"),
        ("{en: ''}", "this is empty"),
        ("{en: 'see {link}'}", "a warning is shown as it stands"),
        ("{xx: Torture}", "`xx`"),
        ("[Torture]", "this must be a warning for each language"),
    ],
)
def test_a_warning_that_cannot_be_used_says_why(written, said):
    found = read(a_post(more=f"warning: {written}\n"))

    assert found.posts == ()
    assert [said in message for _, message in messages(found)] == [True]


@pytest.mark.parametrize("key", ["cw", "spoiler_text", "content_warning"])
def test_other_words_for_a_warning_lead_to_it(key):
    (problem,) = read(a_post(more=f"{key}: Torture\n")).problems

    assert problem.fix == "write `warning:`, and under it `en: …`"
