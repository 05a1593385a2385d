"""Names that a post says are none."""

import pytest

from bot.domain.naming import Names
from bot.domain.problem import Severity
from bot.domain.wording import slips
from tests.domain.test_wording import VOCABULARY, a_post
from tests.people import a_case

NAMESAKE = Names([a_case("senik", first_names=("Maksim",)), a_case("yarashuk"), a_case("lednik")])


@pytest.mark.parametrize(
    ("text", "language", "word"),
    [
        ("The painter Maksim Senik was born in Minsk.", "en", "Senik"),
        ("The painter Maksim Senik was born in Minsk.", "en", "SENIK"),
        ("Леднік растае.", "be", "Леднік"),
    ],
)
def test_a_word_that_may_be_no_name_is_lifted_with_a_notice(text, language, word):
    [slip] = slips(a_post(text, language, not_a_name=(word,)), NAMESAKE, VOCABULARY)

    assert (slip.where, slip.written, slip.severity) == ("not_a_name", word, Severity.NOTICE)
    assert f"`not_a_name` lifts {word}: nobody checks what is said of them" in slip.message


@pytest.mark.parametrize(
    ("text", "language"),
    [("The painter Maksim Senik was born in Minsk.", "en"), ("Леднік растае.", "be")],
)
def test_what_may_be_no_name_is_offered_to_be_lifted(text, language):
    [slip] = slips(a_post(text, language), NAMESAKE, VOCABULARY)

    assert "If this is nobody's name, write `not_a_name: [" in slip.fix


@pytest.mark.parametrize("cases", [{}, {"yarashuk": "free"}])
def test_a_name_that_is_no_ordinary_word_cannot_be_lifted(cases):
    post = a_post("Free Yarashuk! Yarashuk is in prison.", cases=cases, not_a_name=("Yarashuk",))

    found = slips(post, NAMESAKE, VOCABULARY)

    assert {one.severity for one in found} == {Severity.ERROR}
    [refused] = [one for one in found if one.where == "not_a_name"]
    assert "declare in `cases` what the post says of Yarashuk" in refused.fix
    assert "the text in en" in {one.where for one in found}
