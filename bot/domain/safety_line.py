"""The line that ends what we say in Belarusian and Russian: answering is a crime where many read it."""

import regex

from bot.domain.post import Language

SAFETY_LINES = {
    Language("be"): (
        "Калі вы ў Беларусі ці ў Расіі: не лайкайце, не адказвайце, не дзяліцеся і нікога не адзначайце."
    ),
    Language("ru"): (
        "Если вы в Беларуси или в России: не ставьте лайков, не отвечайте, не делитесь и никого не отмечайте."
    ),
}
"""In Belarus or Russia do not like, reply, share or tag."""

_NO_LETTER = regex.compile(r"[^\p{L}]+")


def safety_line(language: Language, written: str) -> str:
    """The line that a text still needs; "" where its language needs none, or its author wrote it."""
    line = SAFETY_LINES.get(Language(language.partition("-")[0]), "")
    return "" if not line or _letters(line) in _letters(written) else line


def with_line(text: str, line: str) -> str:
    """A last message with the line at its end."""
    return f"{text}\n\n{line}" if line else text


def _letters(text: str) -> str:
    """What a reader takes for the same words, however they are spaced and pointed."""
    return _NO_LETTER.sub("", text.casefold().replace("ё", "е"))
