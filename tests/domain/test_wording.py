"""What a post may say beside a person's name."""

from itertools import product
from pathlib import Path

import pytest

from bot.app import read_vocabulary
from bot.domain.calendar import NextSlot
from bot.domain.case import CaseId, Claim, FactId, Reliance
from bot.domain.lengths import PlatformName
from bot.domain.picture import People, Picture
from bot.domain.post import Language, Post, PostId, Words
from bot.domain.problem import Severity, Source
from bot.domain.slip import Slip
from bot.domain.wording import slips
from tests.people import EVERYBODY, LAST_SEEN_JAILED, SPELLINGS

VOCABULARY = read_vocabulary()
SAID = Path(__file__).parent.parent / "data" / "said_of_people.txt"
LANGUAGES = ("en", "fr", "es", "de", "it", "pt", "pl", "ru", "be")
NOT_JAILED = (Claim.HISTORY, Claim.FREE, Claim.DIED)


def _said() -> dict[tuple[str, str], list[str]]:
    """The sentences about X, by language and by whether they may be said."""
    found: dict[tuple[str, str], list[str]] = {}
    for line in SAID.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            language, section = line.strip("[]").split()
            sentences = found.setdefault((language, section), [])
        elif line and not line.startswith("# "):
            sentences.append(line)
    return found


SENTENCES = _said()


def a_post(text: str = "", language: str = "en", *, cases=(), facts=(), texts=None, **changed) -> Post:
    """A post that says one text, or several by language."""
    said = texts or {language: text}
    words = changed.pop("words", None) or Words(text={Language(key): each for key, each in said.items()})
    cases = {CaseId(case): Claim(claim) for case, claim in dict(cases).items()}
    return Post(
        id=PostId("a-post"),
        when=NextSlot(),
        words=words,
        reliance=Reliance(cases=cases, facts=tuple(FactId(fact) for fact in facts)),
        source=Source(file="a-post.yaml", line=1),
        **changed,
    )


def errors(post: Post) -> list[Slip]:
    """What stops a post."""
    return [one for one in slips(post, EVERYBODY, VOCABULARY) if one.severity is Severity.ERROR]


def the_error(post: Post) -> Slip:
    """The one thing that stops a post."""
    [only] = errors(post)
    return only


def _name(case: str, language: str) -> str:
    latin, cyrillic, *_ = (SPELLINGS | LAST_SEEN_JAILED)[case]
    return cyrillic if language in {"ru", "be"} else latin


def test_every_language_has_its_sentences():
    assert {language for language, _ in SENTENCES} == set(LANGUAGES) == set(VOCABULARY.tongues)
    assert min(len(SENTENCES[language, "jailed"]) for language in LANGUAGES) >= 10
    assert min(len(SENTENCES[language, "passing"]) for language in LANGUAGES) >= 7


@pytest.mark.parametrize(("language", "case"), list(product(LANGUAGES, SPELLINGS)))
def test_nobody_who_is_free_or_dead_is_called_jailed(language, case):
    texts = [said.replace("X", _name(case, language)) for said in SENTENCES[language, "jailed"]]

    let_through = [
        text
        for text, claim in product(texts, NOT_JAILED)
        if not errors(a_post(text, language, cases={case: claim}))
    ]

    assert let_through == []


@pytest.mark.parametrize(("language", "case"), list(product(LANGUAGES, SPELLINGS)))
def test_what_was_may_be_said_of_anybody(language, case):
    texts = [said.replace("X", _name(case, language)) for said in SENTENCES[language, "passing"]]

    refused = [text for text in texts if errors(a_post(text, language, cases={case: "history"}))]

    assert refused == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_of_somebody_declared_jailed_everything_may_be_said_here(language):
    texts = [said.replace("X", _name("areshka", language)) for said in SENTENCES[language, "jailed"]]

    assert [text for text in texts if errors(a_post(text, language, cases={"areshka": "jailed"}))] == []


def test_a_person_named_and_not_declared_is_an_error_with_the_line_to_add():
    slip = the_error(a_post("We remember Areshka."))

    assert (slip.where, slip.written) == ("the text in en", "Areshka")
    assert "names Areshka" in slip.message
    assert "`cases: {areshka: history}`" in slip.fix
    assert "not_a_name" not in slip.fix


def test_the_line_to_add_keeps_what_is_declared():
    slip = the_error(a_post("Yarashuk and Areshka", cases={"yarashuk": "free"}))

    assert "`cases: {yarashuk: free, areshka: history}`" in slip.fix


def test_a_person_not_declared_is_told_once_however_often_named():
    post = a_post(texts={"en": "Areshka! Areshka!", "fr": "Areshka !"})

    assert [one.where for one in errors(post)] == ["the text in en"]


@pytest.mark.parametrize(
    ("post", "where"),
    [
        (a_post("Nobody is named.", cases={"areshka": "free"}), "cases"),
        (a_post("Nobody is named.", not_a_name=("Senik",)), "not_a_name"),
    ],
)
def test_what_is_declared_and_not_needed_is_a_warning(post, where):
    [slip] = slips(post, EVERYBODY, VOCABULARY)

    assert (slip.where, slip.severity) == (where, Severity.WARNING)


def test_a_case_that_nobody_knows_is_an_error_that_offers_the_nearest():
    slip = the_error(a_post("Nobody is named.", cases={"arehska": "free"}))

    assert (slip.where, slip.written) == ("cases", "arehska")
    assert slip.fix.startswith("did you mean `areshka`?")


def test_every_place_where_words_stand_is_read_and_told():
    words = Words(text={"en": "May Day."}, thread=({"en": "Areshka is in prison."},))
    for_x = {PlatformName.X: Words(text={"en": "Free Areshka!"})}
    picture = Picture(file="a.jpg", alt={"en": "Areshka in a prison cell"}, people=People.NONE)
    post = a_post(
        words=words,
        own_words=for_x,
        media=(picture,),
        warning={"en": "Areshka behind bars"},
        cases={"areshka": "history"},
    )

    places = ["part 2 in en", "the text for x in en", "the warning in en", "the alt text of picture 1 in en"]

    assert [one.where for one in errors(post)] == places


def test_words_that_a_platform_repeats_are_told_once():
    words = Words(text={"en": "Free Areshka!"})
    post = a_post(words=words, own_words={PlatformName.X: words}, cases={"areshka": "free"})

    assert [one.where for one in errors(post)] == ["the text in en"]


def test_the_error_quotes_the_very_words_and_what_was_declared():
    slip = the_error(a_post("Areshka sits Behind Bars.", cases={"areshka": "history"}))

    assert slip.written == "Behind Bars"
    assert "as if Areshka were in prison today" in slip.message
    assert "`areshka: history`" in slip.message


@pytest.mark.parametrize(
    "text",
    [
        "Areshka is a union editor. He is in prison.",
        "Areshka is an editor.\nEight years in a penal colony.",
        "Areshka was sentenced in 2023. All of them are in prison.",
        "Eight years in a penal colony. That is what Areshka got.",
        "Areshka was sentenced in 2023, and is in prison.",
        "Areshka has been in\nprison since January 2023.",
        "Areshka still waits for his release from prison.",
        "Areshka was sentenced in 2023. Free him!",
    ],
)
def test_a_sentence_without_a_name_is_about_whoever_was_named(text):
    assert errors(a_post(text, cases={"areshka": "history"})) != []


@pytest.mark.parametrize(
    "text",
    [
        "Areshka is an editor. Release all political prisoners!",
        "Areshka is an editor.\nIn 2023 a court gave him eight years in a penal colony.",
        "A. Areshka was sentenced on 5. January 2023.",
        "Areshka was sentenced to prison\nin January 2023.",
        "Areshka: https://example.org/areshka-is-in-prison",
        "Areshka was jailed in 2022 and has been free since 2025.",
        "Areshka has been free since 2025, after three years in prison.",
        "Areshka led the union for free elections, free speech and a free press.",
    ],
)
def test_what_is_not_said_of_the_person_today_passes(text):
    assert errors(a_post(text, cases={"areshka": "history"})) == []


@pytest.mark.parametrize(
    "text",
    [
        "Areshka in prison (2026)",
        "Areshka, sentenced in 2022, in prison.",
        "Arrested in 2022, Areshka sees the sky from a cell.",
        "Union members demand the release of Areshka, 2026",
    ],
)
def test_a_year_alone_does_not_make_it_the_past(text):
    assert errors(a_post(text, cases={"areshka": "history"})) != []


@pytest.mark.parametrize(
    "text",
    ["Areshka was in prison in 2023.", "Areshka edits, sentenced in 2022.", "In 2023 unions demanded that."],
)
def test_a_year_with_a_word_of_the_past_does(text):
    assert errors(a_post("Areshka. " + text, cases={"areshka": "history"})) == []


def test_a_number_of_people_who_wait_for_freedom_is_one_of_prisoners():
    assert errors(a_post("29 trade unionists are awaiting freedom.")) != []


def test_a_sentence_after_somebody_in_prison_is_about_them():
    text = "Yarashuk is free. Areshka edits a bulletin. He is in prison."

    assert errors(a_post(text, cases={"yarashuk": "free", "areshka": "jailed"})) == []


@pytest.mark.parametrize("claim", ["jailed", "free", "history"])
def test_a_name_in_a_language_without_tables_is_an_error(claim):
    slip = the_error(a_post("Areshka zit in de gevangenis.", "nl", cases={"areshka": claim}))

    assert slip.where == "the text in nl"
    assert "names Areshka" in slip.message
    assert "`reviewed_by: {nl: their name}`" in slip.fix


def test_a_language_without_tables_is_a_warning_where_nobody_is_named():
    [slip] = slips(a_post("Op 1 mei gaan we de straat op.", "nl"), EVERYBODY, VOCABULARY)

    assert (slip.where, slip.severity) == ("the text in nl", Severity.WARNING)


def test_a_language_without_tables_needs_a_reader():
    read_by = {Language("nl"): "someone"}

    assert (
        slips(
            a_post("Areshka is vrij.", "nl", cases={"areshka": "free"}, read_by=read_by),
            EVERYBODY,
            VOCABULARY,
        )
        == []
    )


def test_a_translation_that_nobody_has_read_is_no_excuse():
    post = a_post("Areshka is vrij.", "nl", cases={"areshka": "free"}, unread=frozenset({Language("nl")}))

    assert errors(post) != []


@pytest.mark.parametrize(
    "text",
    [
        "Write to Areshka in Colony No. 3. Sentenced in 2022.",
        "Areshka is in cell 12. Sentenced on 5 January 2023.",
        "Was Areshka freed in 2022? No. Areshka sits in a cell.",
    ],
)
def test_a_number_before_a_full_stop_ends_a_sentence(text):
    assert errors(a_post(text, cases={"areshka": "history"})) != []


COUNTS = [
    ("en", "29 trade unionists are in prison."),
    ("en", "More than 20 still jailed."),
    ("en", "Dozens behind bars."),
    ("en", "There are 1200 political prisoners in Belarus."),
    ("fr", "Il y a 1200 prisonniers politiques au Bélarus."),
    ("es", "Hay 1200 presos políticos en Belarús."),
    ("de", "Es gibt 1200 politische Gefangene in Belarus."),
    ("it", "Ci sono 1200 prigionieri politici in Bielorussia."),
    ("pt", "Há 1200 presos políticos na Bielorrússia."),
    ("pl", "Na Białorusi jest 1200 więźniów politycznych."),
    ("ru", "В Беларуси 1200 политзаключённых."),
    ("be", "У Беларусі 1200 палітвязняў."),
    ("en", "As of March, 29 trade unionists in prison."),
    ("en", "More than 1,100 political prisoners remain."),
    ("fr", "29 syndicalistes sont en prison."),
    ("fr", "Une trentaine de syndicalistes derrière les barreaux."),
    ("fr", "Plus de vingt sont encore emprisonnés."),
    ("es", "29 sindicalistas están en la cárcel."),
    ("es", "Decenas de sindicalistas siguen presos."),
    ("es", "Más de veinte personas tras las rejas."),
    ("de", "29 Gewerkschafter sind in Haft."),
    ("de", "Mehr als zwanzig sitzen noch im Gefängnis."),
    ("de", "Dutzende Gewerkschafterinnen hinter Gittern."),
    ("it", "29 sindacalisti sono in carcere."),
    ("it", "Decine di sindacalisti dietro le sbarre."),
    ("it", "Più di venti sono ancora detenuti."),
    ("pt", "29 sindicalistas estão na prisão."),
    ("pt", "Dezenas de sindicalistas atrás das grades."),
    ("pt", "Mais de vinte continuam presos."),
    ("pl", "29 związkowców siedzi w więzieniu."),
    ("pl", "Dziesiątki związkowców za kratami."),
    ("pl", "Ponad dwudziestu wciąż w więzieniu."),
    ("ru", "29 профсоюзных активистов в тюрьме."),
    ("ru", "Десятки профсоюзников за решёткой."),
    ("ru", "Более двадцати до сих пор в колониях."),
    ("be", "29 прафсаюзных актывістаў у турме."),
    ("be", "Дзясяткі прафсаюзнікаў за кратамі."),
    ("be", "Больш за дваццаць дагэтуль у калоніях."),
]


@pytest.mark.parametrize(("language", "text"), COUNTS)
def test_a_number_of_prisoners_needs_its_date_and_its_source(language, text):
    dated = text.rstrip(".") + ", 2025."

    assert errors(a_post(text, language)) != []
    assert errors(a_post(text, language, facts=["count"])) != []
    assert errors(a_post(dated, language, facts=["count"])) == []


def test_a_year_that_is_not_the_counts_does_not_date_it():
    assert errors(a_post("Arrested in 2022, thirty union leaders are in prison.")) != []


PAST = [
    ("en", "On 17 February 2023 ten people were sentenced to 11 to 15 years in prison."),
    ("en", "On 19 April 2022 more than twenty union leaders were detained."),
    ("en", "52 prisoners were freed."),
    ("en", "Write to two embassies. Prison will not silence us."),
    ("fr", "Le 17 février 2023, dix personnes ont été condamnées à des peines de 11 à 15 ans de prison."),
    ("es", "El 17 de febrero de 2023 diez personas fueron condenadas a entre 11 y 15 años de prisión."),
    ("de", "Am 17. Februar 2023 wurden zehn Menschen zu 11 bis 15 Jahren Haft verurteilt."),
    ("it", "Il 17 febbraio 2023 dieci persone sono state condannate a pene da 11 a 15 anni di carcere."),
    ("pt", "Em 17 de fevereiro de 2023 dez pessoas foram condenadas a penas de 11 a 15 anos de prisão."),
    ("pl", "17 lutego 2023 roku dziesięć osób zostało skazanych na od 11 do 15 lat więzienia."),
    ("ru", "17 февраля 2023 года десять человек были приговорены к срокам от 11 до 15 лет колонии."),
    ("be", "17 лютага 2023 года дзесяць чалавек былі асуджаны на тэрміны ад 11 да 15 гадоў калоніі."),
]


@pytest.mark.parametrize(("language", "text"), PAST)
def test_a_number_of_the_past_needs_only_its_year(language, text):
    assert errors(a_post(text, language)) == []


def test_a_number_of_sentences_counts_nobody():
    assert errors(a_post("This is sentence number 2 of our long text about workers.")) == []
