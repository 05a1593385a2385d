"""Whether a text is written in the letters of its language: an encoding gone wrong is no text at all."""

import re

from bot.strictyaml.nodes import Node, Reading, place_of

CYRILLIC = frozenset({"be", "bg", "ru", "uk"})
LATIN = frozenset({
    "ca", "cs", "cy", "da", "de", "en", "es", "et", "eu", "fi", "fr", "ga", "gl", "hr", "hu", "is", "it",
    "lt", "lv", "mt", "nb", "nl", "nn", "no", "pl", "pt", "ro", "sk", "sl", "sq", "sv", "tr",
})  # fmt: skip
_CYRILLIC_LETTER = re.compile("[\u0400-\u052f]")
_LETTER = re.compile(r"[^\W\d_]")
_NO_WORDS = re.compile(r"\{[^{}]*\}|https?://\S+|[#@][\w.@-]+")  # the same in every language


def check_letters(code: str, node: Node, reading: Reading) -> None:
    """Write down where a text in Russian has no Cyrillic letter, or one in English has little else."""
    text = node[0]
    if code in CYRILLIC:
        if not _CYRILLIC_LETTER.search(text) and _LETTER.search(_NO_WORDS.sub("", text)):
            said = f"this is under `{code}` and has no Cyrillic letter"
            fix = "write it anew; one that came from a spreadsheet was not saved as `CSV UTF-8`"
            reading.add(place_of(node), said, fix)
    elif code in LATIN and not text.isascii() and is_cyrillic(text):
        fix = "put it under the code of its language, such as `be` or `ru`"
        reading.add(place_of(node), f"this is under `{code}` but is written in Cyrillic", fix)


def is_cyrillic(text: str) -> bool:
    """Whether a text is mostly in Cyrillic letters."""
    cyrillic = len(_CYRILLIC_LETTER.findall(text))
    return cyrillic > 0 and 2 * cyrillic > len(_LETTER.findall(_NO_WORDS.sub("", text)))
