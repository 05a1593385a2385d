from collections import Counter
from pathlib import Path

import pytest

from bot.domain.wishes import OptOut, opt_out
from tests.tables import MENTIONS

DATA = Path(__file__).parents[1] / "data"
LONG = 200_000
WORDS = (
    "стоп",
    "удалите",
    "выдаліце",
    "видаліть",
    "supprimez",
    "retirez",
    "borren",
    "eliminen",
    "löschen",
    "entfernen",
    "cancellate",
    "rimuovete",
    "apaguem",
    "removam",
    "verwijder",
    "slett",
    "fjern",
    "usuńcie",
    "ištrinkite",
    "stop",
    "basta",
    "sluta",
    "sair",
    "parar",
    "baja",
    "ta bort",
    "s t o p",
)


def said(name, *kinds):
    """The sentences of a table: kind, language and words; `maybe` must only not silence for ever."""
    lines = (line.split("|", 2) for line in (DATA / name).read_text(encoding="utf-8").splitlines())
    return [text for kind, _, text in lines if kind in kinds]


def heard(texts):
    return Counter(opt_out(text, MENTIONS) for text in texts)


@pytest.mark.parametrize("text", said("wishes-said.txt", "stop"))
def test_whoever_asks_to_be_left_alone_is_left_alone(text):
    assert opt_out(text, MENTIONS) is OptOut.STOP


@pytest.mark.parametrize("text", said("wishes-said.txt", "quiet"))
def test_what_is_not_to_be_passed_on_is_not_passed_on(text):
    assert opt_out(text, MENTIONS) is OptOut.NO_BOOST


@pytest.mark.parametrize("text", said("wishes-said.txt", "none"))
def test_what_others_are_told_is_no_wish(text):
    assert opt_out(text, MENTIONS) is OptOut.NONE


@pytest.mark.parametrize("text", said("wishes-said.txt", "maybe"))
def test_a_doubtful_wish_silences_nobody_for_ever(text):
    assert opt_out(text, MENTIONS) is OptOut.NO_BOOST


def test_of_sentences_that_no_word_was_chosen_for_few_wishes_are_missed():
    stops = heard(said("wishes-held-out.txt", "stop"))
    quiet = heard(said("wishes-held-out.txt", "quiet"))

    assert stops[OptOut.STOP] >= 58
    assert stops.total() == 59
    assert quiet[OptOut.NO_BOOST] >= 31
    assert quiet.total() == 32


def test_of_sentences_that_no_word_was_chosen_for_none_silences_somebody_who_did_not_ask():
    others = heard(said("wishes-held-out.txt", "none", "maybe"))

    assert others[OptOut.STOP] == 0
    assert others[OptOut.NO_BOOST] <= 3
    assert others.total() == 58


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("form", ["{}", "{}!", "{}!!!", "{}?!", "«{}»", "@campaign@example.org {}.", "#{}"])
def test_one_word_alone_is_enough_whatever_signs_stand_around_it(word, form):
    assert opt_out(form.format(word), MENTIONS) is OptOut.STOP
    assert opt_out(form.format(word.upper()), MENTIONS) is OptOut.STOP


@pytest.mark.parametrize(
    "text", ["d\u00adelete this", "ｄｅｌｅｔｅ this", "delete\u00a0this", "d\u200belete this"]
)
def test_odd_signs_hide_no_wish(text):
    assert opt_out(text, MENTIONS) is OptOut.STOP


def test_what_others_wanted_in_another_sentence_weakens_no_wish():
    assert opt_out("My boss asked us about it. Delete my post.", MENTIONS) is OptOut.STOP
    assert opt_out("My boss asked us to delete my post.", MENTIONS) is OptOut.NO_BOOST


def test_a_country_is_not_the_writers():
    assert opt_out("Remove US troops", MENTIONS) is OptOut.NONE
    assert opt_out("REMOVE US", MENTIONS) is OptOut.STOP


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "piece",
    ["@", "@a", "a.", "not ", "delete my ", "my delete ", "share not ", "stop tagging ", "don't contact me ",
     "no more messages ", "please, ", "delete it and ", "told delete my post ", "S "],
)  # fmt: skip
def test_a_long_text_takes_no_longer_than_its_length(piece):
    text = (piece * LONG)[:LONG]

    opt_out(text, MENTIONS)  # ends; one more loop within a loop, and it takes minutes
