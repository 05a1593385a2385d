"""Words in a cell of a spreadsheet, which must never run as a formula."""

import unicodedata

_FORMULA = frozenset("=+-@|%\t\r\n\0＝＋－＠")
_JOINERS = "\u200c\u200d"  # Persian and some emoji need them; they do nothing else


def inert(text: str) -> str:
    """A cell's text as a spreadsheet shows it and runs nothing; control characters become visible."""
    seen = next((one for one in text if not _is_unseen(one)), "")
    mark = "'" if seen in _FORMULA and seen else ""
    return mark + "".join(one if _is_shown(one) else f"\\u{ord(one):04x}" for one in text)


def _is_unseen(character: str) -> bool:
    return unicodedata.category(character) in {"Zs", "Cf"}


def _is_shown(character: str) -> bool:
    return character in _JOINERS or unicodedata.category(character) not in {"Cc", "Cf", "Zl", "Zp", "Cs"}
