"""What a writer asks of us: to be left alone, or not to be passed on."""

from enum import StrEnum

import regex

from bot.domain.classify.tables import Tables, fold, tokens

_NAMES = regex.compile(r"(?<!\w)@[\w.@-]*\w|https?://\S+")
_AFTER, _BEFORE = 4, 3  # words between a verb and what it is about, and between a verb and its "not"
_SHORT = 8  # words; a wish of one word stands alone, or among polite ones


class OptOut(StrEnum):
    """What a writer asks of us."""

    NONE = "none"
    NO_BOOST = "no_boost"  # count it, and pass it on to nobody
    STOP = "stop"  # keep nothing, and never write again


def opt_out(text: str, tables: Tables) -> OptOut:
    """The strongest wish in a text."""
    words = [fold(word) for word in tokens(_NAMES.sub(" ", text)) if word != "#"]
    said = [dict(tables.wishes.at(words, place)) for place in range(len(words))]
    if any("stop" in here for here in said) or _erased(said) or _only_stop(said):
        return OptOut.STOP
    if any("quiet" in here for here in said) or _withheld(said):
        return OptOut.NO_BOOST
    return OptOut.NONE


def _erased(said: list[dict[str, int]]) -> bool:
    """Whether something of the writer is to be erased: "delete ... my name", "мой пост удалите"."""
    for place, here in enumerate(said):
        if "erase" not in here or _any("not", said[max(0, place - _BEFORE) : place]):
            continue
        size = here["erase"]
        after = said[place + size : place + size + _AFTER]
        if _any("mine", after) or _any("mine", said[max(0, place - _BEFORE) : place]):
            return True
    return False


def _withheld(said: list[dict[str, int]]) -> bool:
    """Whether something is not to be passed on: "do not repost", "bitte nicht teilen", "teilt das nicht"."""
    for place, here in enumerate(said):
        if "pass_on" not in here:
            continue
        if _any("not", said[max(0, place - _BEFORE) : place]) or _any("not", said[place + 1 : place + 4]):
            return True
    return False


def _only_stop(said: list[dict[str, int]]) -> bool:
    """Whether a text is nothing but a word such as "stop"."""
    covered = sum(bool({"alone", "polite", "mine"} & here.keys()) for here in said)
    return 0 < covered == len(said) <= _SHORT and _any("alone", said)


def _any(kind: str, said: list[dict[str, int]]) -> bool:
    return any(kind in here for here in said)
