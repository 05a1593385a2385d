"""Names in a text, however they are written."""

from pathlib import Path

import pytest

from bot.domain.naming import Named, Names
from tests.people import EVERYBODY, LAST_SEEN_JAILED, SPELLINGS, a_case

ORDINARY = Path(__file__).parent.parent / "data" / "ordinary_words.txt"

WRITTEN = {
    "yarashuk": "Yaroshuk Jaroschuk Jaraszuk Jarašuk Iarachouk Ярошук Ярашука Ярошуку Ярошуком Ярашуком "
    "Jaraszuka "
    "Jaraszukowi Jaraszukiem Yarashuks YARASHUK yarashuk Jarasjuk Ярощук Яро́шука",
    "fiadynich": "Fiadynitch Fyadynich Fedynich Fedinich Федынич Фядыніча Fiadyniczem Fiadynitsch "
    "Fiadynič Fjadynitsj Федыничу",
    "antusevich": "Antusewicz Antussewitsch Antusievič Антусевич Антусевіча Antusewiczowi Antousevitch "
    "Антусевичем",
    "berasneu": "Berasnieu Berasniou Bieraśnieŭ Beresnev Береснев Бераснева Берасневу Бераснеўым Bierasniewa",
    "senik": "Sienik Сеник Сеніка Сеніку Senika Senikowi Сеником",
    "sharenda-panasiuk": "Šarenda-Panasiuk Szarenda-Panasiuk Шаренда-Панасюк Шарэнды-Панасюк Sharenda "
    "Panasyuk",
    "mikhniuk": "Michniuk Mikhnyuk Michnjuk Михнюк Міхнюка Міхнюку Michniuka",
    "mishuk": "Mišuk Miszuk Mischuk Michouk Мишук Мішука Мишуку Miszukiem",
    "malash": "Małaš Malasz Malasch Malach Малаша Малашу",
    "kukharonak": "Kucharonak Kucharonek Kuharonak Кухаронка Кухаронку Kucharonka",
    "sharakh": "Szarach Šarach Scharach Шараха Шараху",
    "but-husaim": "But-Gusaim But‑Husaim Бут-Гусаим Бут-Гусаим ButHusaim Husaim",
    "charkasau": "Čarkasaŭ Tscharkasau Czarkasau Черкасов Чаркасава Чаркасаву Cherkasov",
    "puchenia": "Pučenia Puczenia Putschenja Пученя Пучэні Пучэню",
    "korzun": "Корзуна Корзуну Korzuna Korzunem",
    "bokun": "Бокуна Бокуну Bokunem",
    "lednik": "Lednika Ledniks Леднику Ледником",
    "areshka": "Areška Areszka Areschka Oreshko Арэшкі Арэшку Арэшцы Арэшкам Areszki Areszce Areszką "
    "Areshkas Areska Орешка",
    "brytsikava": "Brycikava Britikova Bryzikawa Бритикова Брыцікавай Бритиковой Brycikawej Брыцікаву",
    "kapshul": "Kapšul Kapschul Kapszul Kapchoul Капшуля Капшулю Капшулем",
    "shelest": "Šelest Szelest Schelest Chelest Шелест Шелеста Szelestowi Shelests",
    "paheryla": "Pahieryła Pogerilo Пагярылы Погерило Пагярылу",
    "ablab": "Abłab Аблабу Ablabs",
    "tseranevich": "Cieranievič Ceraniewicz Тераневич Цераневіча Tseranevitch",
    "zhurauka": "Žuraŭka Żurauka Журавка Жураўкі Жураўку Jourauka",
    "hashnikau": "Hašnikaŭ Haschnikau Гашников Гашнікава",
    "dziuba": "Dziouba Dzyuba Dsjuba Дзюбы Дзюбу",
    "mints": "Minc Mintz Мінца Минцу",
    "khanevich": "Chanievič Chaniewicz Hanevich Ханевич Ханевіча",
    "zharnak": "Žarnak Żarnak Jarnak Жарнака Жарнаку",
    "chaunakou": "Čaŭnakoŭ Czaunakou Чавнаков Чаўнакова",
    "khlus": "Chłus Chlus Хлуса Хлусу",
}


def _who(text: str, names: Names = EVERYBODY) -> list[str]:
    return [one.case for one in names.found(text)]


@pytest.mark.parametrize(("case", "written"), WRITTEN.items())
def test_a_name_is_found_in_every_spelling_and_case(case, written):
    missed = [word for word in written.split() if _who(f"We write of {word}.") != [case]]

    assert missed == []


@pytest.mark.parametrize(("case", "spellings"), (SPELLINGS | LAST_SEEN_JAILED).items())
def test_every_spelling_of_a_record_is_found(case, spellings):
    assert {tuple(_who(spelling)) for spelling in spellings} == {(case,)}


@pytest.mark.parametrize("case", SPELLINGS | LAST_SEEN_JAILED)
def test_one_script_is_enough_to_find_the_other(case):
    latin, *others = (SPELLINGS | LAST_SEEN_JAILED)[case]
    cyrillic = others[0]

    assert _who(latin, Names([a_case(case, spellings=(cyrillic,))])) == [case]
    assert _who(cyrillic, Names([a_case(case, spellings=(latin,))])) == [case]


@pytest.mark.parametrize(
    "written",
    [
        "Аreshka",  # a Cyrillic А
        "Arеshkа",  # a Cyrillic е and а
        "Apэшкa",  # Latin A, p and a in a Cyrillic word
        "Αreshka",  # a Greek Α
        "Are\u200bsh\u00adka",
        "Ａｒｅｓｈｋａ",
        "𝐀𝐫𝐞𝐬𝐡𝐤𝐚",
        "Арэ\u0301шка",
        "Ares\u030cka",
    ],
)
def test_letters_that_only_look_right_hide_no_name(written):
    assert _who(f"({written})") == ["areshka"]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("#FreeYarashuk", "Yarashuk"),
        ("#FREEYarashuk", "Yarashuk"),
        ("#YarashukIsFree", "Yarashuk"),
        ("#freeyarashuk", "yarashuk"),
        ("#yarashukfree", "yarashuk"),
        ("#Free_Yarashuk", "Yarashuk"),
        ("#Ярошук", "Ярошук"),
        ("#СвободуЯрошуку", "Ярошуку"),
        ("#свободуярошуку", "ярошуку"),
        ("#свабодуярашуку", "ярашуку"),
        ("#Yarashuk2026", "Yarashuk"),
        ("Yarashuk's friends", "Yarashuk"),
        ("l’appel d’Yarashuk", "Yarashuk"),
        ("BKDP-Yarashuk", "Yarashuk"),
        ("(Yarashuk)", "Yarashuk"),
    ],
)
def test_a_name_is_cut_out_of_what_it_stands_in(text, written):
    start = text.index(written)

    found = EVERYBODY.found(text)

    assert found == [Named(case="yarashuk", written=written, start=start, end=start + len(written))]


@pytest.mark.parametrize("written", ["But-Husaim", "But Husaim", "But‑Husaim", "Бут-Гусаім", "Бут – Гусаім"])
def test_a_double_name_is_found_as_one(written):
    assert [one.written for one in EVERYBODY.found(f"Iryna {written} spoke.")] == [written]


def test_positions_are_code_points_of_the_text_as_it_stands():
    text = "🕊️ Ｗe remember Ярошука and Areszki."

    assert [text[one.start : one.end] for one in EVERYBODY.found(text)] == ["Ярошука", "Areszki"]


def test_ordinary_words_name_nobody():
    lines = [line for line in ORDINARY.read_text(encoding="utf-8").splitlines() if line[0] != "#"]
    words = [word for line in lines for word in line.split(":")[1].split()]

    assert len(words) >= 500
    assert [word for word in words if EVERYBODY.found(word)] == []


@pytest.mark.parametrize("word", ["shelestel", "Shelesteltown", "Ablabber", "Kapshulman", "Preareshka"])
def test_a_name_inside_another_word_is_none(word):
    assert EVERYBODY.found(word) == []


def test_a_word_written_small_is_the_word_and_written_large_the_name():
    assert _who("чуть слышный шелест листьев") == []
    assert _who("Шелест вышел на связь") == ["shelest"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Shelest spoke", False),
        ("Siarhei Shelest spoke", True),
        ("Shelest, first name Sergey", True),
        ("Shelest, and far away from it Siarhei", False),
        ("S. Shelest spoke", True),
        ("A. Shelest spoke", False),
        ("#SiarheiShelest", True),
        ("письмо Сергея Шелеста", True),
        ("Сяргею Шэлесту", True),
        ("Andrei Shelest", False),
    ],
)
def test_a_common_surname_needs_a_first_name_near_it(text, found):
    first_names = ("Siarhei", "Sergey", "Сергей", "Сяргей")
    names = Names([a_case("shelest", first_names=first_names)])

    assert bool(names.found(text)) is found


def test_two_people_of_one_surname_are_both_found():
    names = Names([a_case("one", spellings=("Mishuk",)), a_case("two", spellings=("Мішук",))])

    assert _who("Мішука", names) == ["one", "two"]


def test_nobody_is_found_where_there_are_no_records():
    assert Names([]).found("Yarashuk") == []


def test_a_text_read_twice_says_the_same():
    text = "Yarashuk and Areshka"

    assert EVERYBODY.found(text) == EVERYBODY.found(text) != []


def test_a_spelling_without_letters_names_nobody():
    assert Names([a_case("areshka", spellings=("?", "ь"))]).found("? ь Yarashuk") == []
