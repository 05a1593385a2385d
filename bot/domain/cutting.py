"""Where a text too long for one message is cut.

Best between paragraphs, else after a sentence, else between words. Never inside what a reader sees as one
character, and never inside a link, a tag or a handle.
"""

from collections.abc import Callable, Sequence

import regex

from bot.domain.lengths import Limits, PlatformName, graphemes, x_links
from bot.domain.richtext import spans

Fits = Callable[[str], bool]
"""Whether a text can be the message that is being made, with all that has to stand beside it."""

Full = Callable[[str], bool]
"""Whether a text is long enough for its message that a cut there is worth one."""

_KEPT_TOGETHER = "\u00a0\u202f\u2007\u2060"  # spaces that say: no line ends here
_PARAGRAPH_END = regex.compile(r"\n\s*\n\s*$")
_CLOSERS = r"[\"'\u00bb\u201d\u2019)\]]*\s+$"
_SENTENCE_END = regex.compile(r"[.!?\u2026\u3002\uff01\uff1f]" + _CLOSERS)
_LAST_WORD = regex.compile(r"(?<![\p{L}\p{M}\p{Nd}.])([\p{L}\p{M}\p{Nd}.]+)\." + _CLOSERS)
_INITIALS = regex.compile(r"\p{L}\p{M}*|(?:\p{L}{1,2}\.)+\p{L}{1,2}|\p{Nd}{1,2}")
_GOES_ON = regex.compile(r"[\"'\u00ab\u201c\u201e\u2018(\[]*\p{Ll}")
_LINK = regex.compile(r"https?://", regex.IGNORECASE)
_ABBREVIATIONS = frozenset(
    word
    for words in (
        "mr mrs ms dr prof st sr sra jr nr nos art abs vgl bzw ca cf al vs etc usw approx",
        "jan feb aug sept oct nov dec févr juil déc mme mlle env",
        "ул вул св сьв ст стст гг вв тыс млн млрд руб см напр пр др пер просп инш інш акад праф проф",
        "tzw np itd itp ks św pl tys mln mld",
    )
    for word in words.split()
)
"""What a sentence rarely ends with: titles, months, streets, numbers."""


def words_of(text: str) -> list[str]:
    """A text in pieces between which it may be cut: each a word and the space behind it."""
    pieces: list[str] = []
    ended = True
    for character in graphemes(text):
        space = character.isspace()
        if ended and not space:
            pieces.append(character)
        elif pieces:
            pieces[-1] += character
        ended = space and (ended or character not in _KEPT_TOGETHER)
    return pieces


def cut_after(pieces: Sequence[str], most: int, full: Full) -> int:
    """How many of the first `most` words a message takes that cannot take all."""
    return cut_well(pieces, most, full) or _last_end(pieces, most, full, _ends_no_abbreviation) or most


def cut_well(pieces: Sequence[str], most: int, full: Full) -> int:
    """How many of the first `most` words make whole paragraphs or sentences; 0 where none do."""
    return _last_end(pieces, most, full, _ends_paragraph) or _last_end(pieces, most, full, _ends_sentence)


def _last_end(
    pieces: Sequence[str], most: int, full: Full, ends: Callable[[Sequence[str], int], bool]
) -> int:
    counts = range(most, 0, -1)
    return next((one for one in counts if ends(pieces, one) and full("".join(pieces[:one]))), 0)


def _ends_paragraph(pieces: Sequence[str], count: int) -> bool:
    return _PARAGRAPH_END.search(pieces[count - 1]) is not None


def _ends_sentence(pieces: Sequence[str], count: int) -> bool:
    after = "".join(pieces[count : count + 1])
    goes_on = _GOES_ON.match(after) is not None and not _LINK.match(after)
    return (
        _SENTENCE_END.search(pieces[count - 1]) is not None
        and not goes_on
        and _ends_no_abbreviation(pieces, count)
    )


def _ends_no_abbreviation(pieces: Sequence[str], count: int) -> bool:
    """Whether what comes before is no initial, no abbreviation and no number such as that of a day."""
    word = _LAST_WORD.search(pieces[count - 1])
    if word is None:
        return True
    if word[1] in {"No", "no", "p", "pp"} and "".join(pieces[count : count + 1])[:1].isdecimal():
        return False
    return not _INITIALS.fullmatch(word[1]) and word[1].casefold() not in _ABBREVIATIONS


def most_that_fit(pieces: Sequence[str], fits: Fits) -> int:
    """How many words, from the first, one message can hold."""
    # Doubling first: no text is measured that is much longer than a message, however long the whole is.
    high = 1
    while high < len(pieces) and fits("".join(pieces[:high]).rstrip()):
        high *= 2
    low, high = high // 2, min(high, len(pieces))
    while low < high:
        middle = (low + high + 1) // 2
        if fits("".join(pieces[:middle]).rstrip()):
            low = middle
        else:
            high = middle - 1
    return low


def broken(word: str, fits: Fits, limits: Limits) -> tuple[str, str] | None:
    """A word too long for any message, in two; None where nothing of it can be cut off."""
    letters = graphemes(word)
    whole = _marked(word, limits)
    for count in range(most_that_fit(letters, fits), 0, -1):
        first, rest = "".join(letters[:count]), "".join(letters[count:])
        if not rest.strip():
            continue
        # A cut must neither part what belongs together nor make a tag or handle of what was none.
        shifted = [(start + len(first), end + len(first)) for start, end in _marked(rest, limits)]
        if _marked(first, limits) + shifted == whole:
            return first, rest
    return None


def _marked(text: str, limits: Limits) -> list[tuple[int, int]]:
    """Where links, tags and handles stand; on X, the links that X sees."""
    found = {(span.start, span.end) for span in spans(text)}
    if limits.platform is PlatformName.X:
        found.update(x_links(text, limits.tlds))
    return sorted(found)
