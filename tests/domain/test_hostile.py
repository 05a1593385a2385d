"""What readers are not asked where answering is a crime."""

import pytest

from bot.domain.post import Language, Words
from bot.domain.problem import Severity
from bot.domain.wording import slips
from tests.domain.test_wording import VOCABULARY, a_post, errors
from tests.people import EVERYBODY

REQUESTS = {
    "ru": "Тег {account}|Отметьте|Отмечайте|Расскажите нам|Сообщите нам|Напишите нам|Пришлите фото|Отправьте|"
    "Поделитесь|Сделайте репост|Подпишите петицию|Подпишитесь|Задонатьте|Бастуйте|Все на забастовку|"
    "Вступайте в профсоюз|Голосуйте|Подпишись на нас|Просим подписать обращение|Звоните нам|Напишем письма",
    "be": "Тэг {account}|Адзначце|Адзначайце|Раскажыце нам|Паведаміце нам|Напішыце нам|Дашліце фота|Адпраўце|"
    "Падзяліцеся|Зрабіце рэпост|Падпішыце петыцыю|Падпішыцеся|Задонацьце|Бастуйце|Усе на забастоўку|"
    "Уступайце ў прафсаюз|Ідзіце на плошчу|Просім падпісаць зварот|Тэлефануйце нам|Дапамажыце грашыма",
}


@pytest.mark.parametrize("language", REQUESTS)
def test_readers_whom_it_would_endanger_are_asked_for_nothing(language):
    asked = REQUESTS[language].split("|")

    assert [words for words in asked if not errors(a_post(f"1 мая. {words}!", language))] == []


@pytest.mark.parametrize(("language", "text"), [("ru", "Не отмечайте нас."), ("be", "Не адзначайце нас.")])
def test_readers_may_be_asked_not_to(language, text):
    assert errors(a_post(text, language)) == []


@pytest.mark.parametrize("language", ["ru", "be"])
@pytest.mark.parametrize(
    ("link", "severity"),
    [
        ("https://salidarnast.info/post", Severity.ERROR),
        ("https://www.salidarnast.org", Severity.ERROR),
        ("https://example.org/donate", Severity.ERROR),
        ("https://donate.example.org", Severity.ERROR),
        ("https://www.paypal.com/x", Severity.ERROR),
        ("https://example.org/news", Severity.WARNING),
        ("example.org", Severity.WARNING),
        ("t.example/channel", Severity.WARNING),
    ],
)
def test_links_are_weighed_where_having_one_is_a_danger(language, link, severity):
    in_text = slips(a_post(f"1 мая: {link}", language), EVERYBODY, VOCABULARY)
    words = Words(text={Language(language): "1 мая: {link}"}, link=link)
    beside = slips(a_post(words=words), EVERYBODY, VOCABULARY)

    assert [(one.written, one.severity) for one in in_text] == [(link, severity)]
    assert [(one.written, one.severity) for one in beside] == [(link, severity)]


def test_other_readers_may_be_asked_and_given_links():
    text = "Tag {account}, write to us, donate: https://salidarnast.info/donate"

    assert slips(a_post(text), EVERYBODY, VOCABULARY) == []


def test_news_for_readers_in_danger_passes():
    text = "5 января 2023 года суд вынес решение. Мы помним и не молчим."

    assert slips(a_post(text, "ru"), EVERYBODY, VOCABULARY) == []
