"""Where the sentences of a text begin and end."""

import regex

_END = regex.compile(
    r"(?P<stop>[.!?…]+[\"'”’»“)\]]*)(?=\s)|\n[^\S\n]*\n\s*|\n(?=[^\S\n]*[^\s\p{Ll}])"
)  # a line that goes on in small letters is one that was folded
_SHORTENED = (
    "mr mrs ms dr prof st nr vs ca bzw usw art abs sr sra srta núm núms pág d.h z.b u.a inż im "
    "św ul al "
    "tzw np tel гр проф им ул тыс млн др см ім вул вял праф e.g i.e p pp m mm mme n dott sig avv"
)
_WORD = regex.compile(r"\s*(?P<word>\p{L}+)")
_CAPITAL_MONTHS = (
    "January February March April May June July August September October November December "
    "Januar Jänner Februar März Mai Juni Juli Oktober Dezember "
    "Janeiro Fevereiro Março Abril Maio Junho Julho Agosto Setembro Outubro Novembro Dezembro"
)
_MONTHS = frozenset(_CAPITAL_MONTHS.split())
"""Months that are written with a capital: 19. April is no end of a sentence."""
_BEFORE_NUMBERS = frozenset({"no", "nos"})  # "No. 3" goes on, and "No. He is" does not
_SHORT = frozenset(_SHORTENED.split())
"""Words that are shortened with a full stop, after which the sentence goes on."""


def sentences(text: str) -> list[tuple[int, int]]:
    """Each sentence of a text as (start, end) in code points; dates and initials do not end one."""
    found, start = [], 0
    for match in _END.finditer(text):
        if match["stop"] is not None and _goes_on(text, match.start(), match.end()):
            continue
        found.append((start, match.end()))
        start = match.end()
    found.append((start, len(text)))
    return [(one, two) for one, two in found if not text[one:two].isspace() and one < two]


def _goes_on(text: str, at: int, after: int) -> bool:
    following = text[after:].lstrip()[:1]
    if following.islower():
        return True
    if text[at:after] != ".":
        return False
    word = text[max(0, at - 12) : at].split()[-1:] or [""]
    before = word[0].lstrip("(\"'«„“").lower()
    if before.isdigit():
        month = _WORD.match(text, after)
        return len(before) <= 2 and month is not None and month["word"] in _MONTHS  # noqa: PLR2004  # no year
    if before in _BEFORE_NUMBERS:
        return following.isdigit()
    return (len(before) == 1 and before.isalpha()) or before in _SHORT
