import pytest

from bot.domain.masking import masked

LONG = 200_000


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("with @someone\nsomeone@example.org", "with [handle]\n[e-mail]"),
        ("someone [at] example [dot] org", "[e-mail]"),
        ("thanks ＠someone", "thanks [handle]"),
        ("thanks @\u200bsomeone", "thanks [handle]"),
        ("thanks @some\u200bone@example.org", "thanks [handle]"),
        ("@@someone /@someone .@someone", "[handle] /[handle] .[handle]"),
        ("@someone_@other@third", "[handle]"),
        ("https://server/users/someone, there", "[profile], there"),
        ("see example.org/@someone.", "see [profile]."),
        ("someone.bsky.social came", "[handle] came"),
        ("did:plc:abcdefghij came", "[handle] came"),
        ("telegram: some_one", "telegram: [handle]"),
        ("with @someone@127.0.0.1:8080 today", "with [handle] today"),
        ("call +00\u00a0170\u00a0000\u00a00000", "call [telephone]"),
        ("tel 00\u201100\u201100\u201100", "tel [telephone]"),
        ("12 34 56 78 or 1234 5678", "[telephone] or [telephone]"),
        ("тел. 123-45-67", "тел. [telephone]"),
        ("вул. Прыкладная 5, кв. 3", "[address]"),
        ("вуліца прыкладная 5", "[address]"),
        ("vul. Prykladnaja 5", "[address]"),
        ("проспект Примеров, д. 95", "[address]"),
        ("Прыкладны завулак, 7", "[address]"),
        ("rue de l'Exemple 12", "[address]"),
    ],
)
def test_other_people_are_hidden_however_they_are_written(text, hidden):
    assert masked(text) == hidden


@pytest.mark.parametrize(
    "text",
    [
        "12 345 678 signatures",
        "2022 - 2023 - 2024",
        "01.05.2027 - 03.05.2027",
        "20270501",
        "20:00-22:00",
        "40 people blocked the street",
        "On August 12; Protest 15, Brigade 10, Agata 5",
        "На площади Победы 40 человек",
        "In der Musterstraße 12 Leute",
        "We met via Zoom with 30 people",
        "telegram: signed the letter",
        "https://www.example.org/news/1",
        "ⅷ ½ ﬁne ①\u200d, as it was\u00a0written",
    ],
)
def test_what_names_nobody_stays_letter_by_letter(text):
    assert masked(text) == text


@pytest.mark.parametrize("own", ["@campaign@127.0.0.1:8080", "campaign@127.0.0.1"])
def test_our_own_handle_stays_whole_with_the_port_of_its_server(own):
    text = "@Campaign@127.0.0.1:8080 letter sent, 30 of us"

    assert masked(text, {own}) == text


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "piece",
    [
        "a.",
        "@",
        "@a",
        "a@",
        "1",
        "1 ",
        "A ",
        "Aa-",
        "did:a:",
        "https://a.",
        "12 A ",
        "ул. ",
        "tel 1",
        "a.bsky.",
    ],
)
def test_a_long_text_takes_no_longer_than_its_length(piece):
    text = (piece * LONG)[:LONG]

    masked(text)  # ends; one more loop within a loop, and it takes minutes
