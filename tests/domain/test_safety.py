"""Who may be where speaking to us is a crime, what writers ask of us, and what is hidden of others."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.domain.lengths import PlatformName
from bot.domain.mention import Mention
from bot.domain.report import Risk
from bot.domain.safety import OptOut, masked, opt_out, risk_in, risk_of
from tests.tables import MENTIONS

PLACES = Path(__file__).parents[1] / "data" / "writers-places.txt"
DATA = Path(__file__).parents[1] / "data"


def texts(where):
    lines = (line.split("|", 1) for line in PLACES.read_text(encoding="utf-8").splitlines())
    return [text for place, text in lines if place == where]


def held_out():
    """Kinds, where its writer is, and text of each sentence kept back."""
    for path in sorted(DATA.glob("mentions-held-out*.txt")):
        for line in path.read_text(encoding="utf-8").splitlines():
            _, kinds, _, _, where, text = line.split("|", 5)
            yield kinds, where, text


def a_mention(text="Letter sent!", handle="someone@example.org", about=""):
    return Mention(
        account="mastodon",
        platform=PlatformName.MASTODON,
        remote_id="1",
        url="https://example.org/1",
        author_id="1",
        handle=handle,
        text=text,
        language=None,
        created_at=datetime(2027, 5, 1, tzinfo=UTC),
        about_author=about,
    )


def risk(**change):
    return risk_of(a_mention(**change), MENTIONS)[0]


@pytest.mark.parametrize("text", [text for _, where, text in held_out() if where == "inside"])
def test_nobody_inside_is_missed_among_sentences_kept_back(text):
    assert risk_in(text, None, MENTIONS).risk is Risk.AT_RISK


@pytest.mark.parametrize(
    ("text", "settled"),
    [
        ("Я из Минска, давно живу в Праге.", True),
        ("I was born in Minsk and now live in Warsaw, I signed.", True),
        ("Наш профком отправил письмо послу Беларуси.", False),
    ],
)
def test_a_doubt_tells_whether_the_writer_names_another_home(text, settled):
    hint = risk_in(text, None, MENTIONS)

    assert (hint.risk, hint.settled) == (Risk.UNSURE, settled)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Night shift at Naftan, and we all watched your video.", Risk.AT_RISK),
        ("Voice message from our shop floor to the Naftan workers.", Risk.NONE),
        ("In Grodno they jailed him, in Gdansk we sang for him.", Risk.NONE),
        ("Собрали 70 подписей на заводе за политзаключённых.", Risk.UNSURE),
    ],
)
def test_what_stands_around_a_workplace_tells_whose_it_is(text, expected):
    assert risk_in(text, None, MENTIONS).risk is expected


def test_the_embassy_of_a_country_is_no_home_elsewhere():
    text = "Je vis à Minsk, j'ai écrit à l'ambassade de France."

    assert risk_in(text, None, MENTIONS).risk is Risk.AT_RISK


@pytest.mark.parametrize("text", texts("inside"))
def test_whoever_writes_from_inside_is_at_risk(text):
    assert risk_in(text, None, MENTIONS).risk is Risk.AT_RISK


@pytest.mark.parametrize("text", texts("outside"))
def test_naming_a_place_inside_endangers_nobody_outside(text):
    assert risk_in(text, None, MENTIONS).risk is not Risk.AT_RISK


@pytest.mark.parametrize("text", texts("away"))
def test_whoever_tells_of_having_left_is_looked_at_by_a_person(text):
    assert risk_in(text, None, MENTIONS).risk is Risk.UNSURE


def test_at_most_one_report_from_elsewhere_in_twenty_is_taken_for_one_from_inside():
    reports = [text for kinds, where, text in held_out() if kinds != "-" and where != "inside"]
    flagged = [text for text in reports if risk_in(text, None, MENTIONS).risk is Risk.AT_RISK]

    assert len(flagged) / len(reports) <= 0.05


@pytest.mark.parametrize(
    "about",
    [
        "Minsk",
        "Someone\nМинск, Беларусь\nчитаю",
        "Belarus 🇧🇾",
        "Nurse | Гомель",
        "Hrodna",
        "Москва",
        "see someone.by",
        "https://example.ru/about",
        "tel +375 29 000 00 00",
    ],
)
def test_a_profile_inside_puts_its_owner_at_risk(about):
    assert risk(about=about) is Risk.AT_RISK


@pytest.mark.parametrize("about", ["From Minsk, living in Warsaw", "🇧🇾", "Free Belarus!", "Минск → Вильнюс"])
def test_a_profile_that_leaves_it_open_is_looked_at_by_a_person(about):
    assert risk(about=about) is Risk.UNSURE


@pytest.mark.parametrize("about", ["", "Lisbon 🇵🇹", "Union organiser in Leeds", "Oslo | example.org"])
def test_a_profile_elsewhere_endangers_nobody(about):
    assert risk(about=about) is Risk.NONE


@pytest.mark.parametrize("handle", ["@someone@example.by", "someone.example.ru", "a@пример.рф"])
def test_a_handle_under_a_domain_inside_puts_its_owner_at_risk(handle):
    assert risk(handle=handle) is Risk.AT_RISK


@pytest.mark.parametrize("handle", ["@ru@example.org", "by.example.org", "@someone_by"])
def test_letters_of_a_handle_are_no_domain(handle):
    assert risk(handle=handle) is Risk.NONE


def test_the_worst_hint_counts():
    assert risk(text="Letter sent from Oslo", about="Minsk") is Risk.AT_RISK


def test_a_text_too_long_to_read_is_looked_at_by_a_person():
    assert risk(text="la " * 10_000) is Risk.UNSURE


def test_what_shows_the_risk_is_said():
    found, why = risk_of(a_mention("We here in Homiel can only watch."), MENTIONS)

    assert found is Risk.AT_RISK
    assert "Homiel" in why


@pytest.mark.parametrize(
    "text",
    [
        "STOP",
        "stop please",
        "@campaign@example.org stop",
        "unsubscribe",
        "Please remove me from your list.",
        "Nice work, but please delete my post from your page",
        "opt out",
        "stop writing to me",
        "Arrêt",
        "arrêtez svp",
        "Merci de supprimer mon message.",
        "désinscrire",
        "Retirez mon nom de la liste",
        "baja",
        "Borren mi mensaje por favor",
        "Por favor eliminen mis datos",
        "Stopp",
        "Bitte löscht mich aus der Liste",
        "Entfernt meinen Namen bitte",
        "abmelden",
        "basta",
        "Cancellatemi dalla lista",
        "Rimuovete il mio nome",
        "parar",
        "Apaguem o meu nome",
        "removam meus dados",
        "afmelden",
        "Verwijder mijn naam",
        "sluta",
        "Ta bort mitt namn",
        "slett meg",
        "fjern mit navn",
        "Wypiszcie mnie",
        "Usuńcie mój wpis",
        "стоп",
        "Отпишите меня",
        "Удалите, пожалуйста, мой пост",
        "отписаться",
        "адпісацца",
        "Выдаліце мяне са спісу",
        "Прашу, выдаліце маё паведамленне",
        "видаліть мене",
        "Ištrinkite mano",
    ],
)
def test_a_wish_to_be_left_alone_is_heard_in_every_language(text):
    assert opt_out(text, MENTIONS) is OptOut.STOP


@pytest.mark.parametrize(
    "text",
    [
        "We signed, but please don't repost.",
        "Do not share my picture",
        "no names please",
        "not for publication",
        "Ne partagez pas ma photo",
        "sans noms svp",
        "No publiquen mi nombre",
        "sin nombres",
        "Bitte nicht teilen",
        "teilt das nicht",
        "Non pubblicate la foto",
        "senza nomi",
        "não publiquem",
        "Не публикуйте",
        "пожалуйста, не репостите",
        "имя не светите",
        "не публікуйце і не паказвайце",
        "без імёнаў",
        "не публікуйте",
        "niet delen aub",
        "inte dela",
    ],
)
def test_a_wish_not_to_be_passed_on_is_heard(text):
    assert opt_out(text, MENTIONS) is OptOut.NO_BOOST


@pytest.mark.parametrize(
    "text",
    [
        "Stop the repression!",
        "Don't stop!",
        "We won't stop until they are free",
        "Remove the ban on unions now",
        "Delete the law",
        "Stop torture in Belarus",
        "Basta repressione!",
        "Stoppt die Gewalt",
        "Стоп репрессиям",
        "Petition signed, please share!",
        "Share and sign",
        "Liberté maintenant",
        "Удалите этот закон",
        "Спыніце рэпрэсіі",
        "They never stop",
        "We handed in 40 names",
        "",
    ],
)
def test_a_demand_to_others_is_no_wish_to_be_left_alone(text):
    assert opt_out(text, MENTIONS) is OptOut.NONE


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("with @someone@example.org today", "with [handle] today"),
        ("with @someone.example.org today", "with [handle] today"),
        ("write to someone@example.org now", "write to [e-mail] now"),
        ("call +32 2 000 00 00 today", "call [telephone] today"),
        ("at 12 Example Street, Leeds", "at [address], Leeds"),
        ("Musterstraße 12, Köln", "[address], Köln"),
        ("12 rue de l'Exemple, Paris", "[address], Paris"),
        ("see https://t.me/someone", "see [profile]"),
        ("ул. Примерная, д. 5", "[address]"),
    ],
)
def test_other_people_are_hidden(text, hidden):
    assert masked(text) == hidden


@pytest.mark.parametrize(
    "text",
    ["1,340 names on 1 May 2027", "2020-2023", "4 000 letters", "Article 33", "We stood in the street"],
)
def test_numbers_and_dates_stay(text):
    assert masked(text) == text


def test_our_own_handle_stays():
    text = "@Campaign@example.org letter sent with @someone@example.org"

    assert masked(text, {"@campaign@example.org"}) == "@Campaign@example.org letter sent with [handle]"
