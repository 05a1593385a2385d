"""Where the sentences of a text begin and end."""

import regex

_END = regex.compile(
    r"(?P<stop>[.!?…]+[\"'”’»“)\]]*)(?=\s)|\n[^\S\n]*\n\s*|\n(?=[^\S\n]*[^\s\p{Ll}])"
)  # a line that goes on in small letters is one that was folded
_SHORTENED = (
    "mr mrs ms dr prof st no nos nr vs ca bzw usw art abs sr sra srta núm núms pág d.h z.b u.a inż im "
    "św ul al "
    "tzw np tel гр проф им ул тыс млн др см ім вул вял праф e.g i.e p pp m mm mme n dott sig avv"
)
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
        return len(before) <= 2 and following.isalpha()  # noqa: PLR2004  # 19. April, and no year
    return (len(before) == 1 and before.isalpha()) or before in _SHORT
