"""How one surname may be written: in two scripts, by five countries' habits, declined, disguised by accident.

Everything is compared in one plain Latin alphabet: case, accents and invisible signs are taken off, Cyrillic
is written in Latin letters, and look-alike letters of the other script inside a word are read both ways.
"""

import re
import unicodedata

_MARKED = str.maketrans(
    {
        "š": "sh",
        "č": "ch",
        "ž": "zh",
        "ż": "zh",
        "ş": "sh",
        "ł": "l",
        "đ": "d",
        "ø": "o",
        "æ": "ae",
        "œ": "oe",
    }
    | {"ı": "i", "ħ": "h", "ґ": "г"}
)
"""Letters whose mark tells the sound, and letters that do not come apart."""

_SOUNDS = str.maketrans(
    dict(zip("абвгдезиіклмнопрстуфыэѕј", "abvhdeziiklmnoprstufiezj", strict=True))
    | {"ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ю": "yu", "я": "ya", "є": "e"}
    | {"ь": "", "ъ": "", "'": "", "’": "", "ʼ": "", "`": "", "´": "", "‘": "", "ʹ": "", "′": ""}
)

_LOOKS_LATIN = str.maketrans("авеѕіјкмнорстухьһԁԛԝαοεικνρτυχβ", "abesijkmhopctyxbhdqwaoeiknptuxb")
_LOOKS_CYRILLIC = str.maketrans("abcehijkmopstxyαοεικρτχ", "авсеніјкморѕтхуаоеикртх")

APOSTROPHES = "'’ʼ`´‘ʹ′"
UNSEEN = "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff"
"""Signs nobody sees; as they stand in a character class."""

_LATIN = re.compile("[a-z]")
_OTHER = re.compile("[α-ωЀ-ӿԀ-ԯ]")


def bare(word: str) -> str:
    """A word without case, accents and unseen signs; its script is kept."""
    if word.isascii():
        return word.lower()
    plain = unicodedata.normalize("NFKC", word).casefold().translate(_MARKED)
    apart = unicodedata.normalize("NFKD", plain)
    return "".join(letter for letter in apart if unicodedata.category(letter)[0] != "M" and _seen(letter))


def _seen(letter: str) -> bool:
    return unicodedata.category(letter) != "Cf"


def readings(word: str) -> tuple[str, ...]:
    """A word in plain Latin letters, in each way in which it may be read."""
    plain = bare(word)
    if plain.isascii():
        return (plain.translate(_SOUNDS),)
    if not (_LATIN.search(plain) and _OTHER.search(plain)):
        return (plain.translate(_SOUNDS),)
    as_seen = (plain.translate(_LOOKS_LATIN), plain.translate(_LOOKS_CYRILLIC), plain)
    return tuple(dict.fromkeys(way.translate(_SOUNDS) for way in as_seen))


_LONG, _LONGER = 7, 8  # letters from which a name bears looser readings without meeting ordinary words

_A, _E, _I, _O = "[ao]", "(?:i?e|[yj][aeo]|i[ao])", "(?:i[ij]?|yi?|j|ee)", "(?:[oa]|oh)"
_ALIKE = (
    ("shch", "(?:shch|sch?|szcz|schtsch|chtch)"),
    ("schtsch", "(?:shch|sch?|szcz|schtsch|chtch)"),
    ("szcz", "(?:shch|sch?|szcz|schtsch|chtch)"),
    ("tsch", "(?:t?s?ch|cz|ts?j|tsh|c)"),
    ("sch", "(?:sc?h|sz|c?h)"),
    ("tch", "(?:t?s?ch|cz|ts?j|tsh|c)"),
    ("dsch", "(?:dzh?|dsch|dj)"),
    ("iou", "(?:[iyj]?o?u)"),
    ("sh", "(?:sc?h|shch|s[zj]|ch|x)"),
    ("sz", "(?:sc?h|shch|s[zj]|ch|x)"),
    ("cz", "(?:t?s?ch|cz|ts?j|tsh|c)"),
    ("ch", "(?:t?s?ch|cz|ts?j|tsh|c|k?h)"),
    ("zh", "(?:zh?|j|rz|sc?h|g)"),
    ("kh", "(?:k?h|ch|j)"),
    ("dz", "(?:dz|ds|dj)"),
    ("ts", "(?:t[sz]|c)"),
    ("tz", "(?:t[sz]|c)"),
    ("ya", "(?:[yji]?[ae]|[yj]o)"),
    ("ja", "(?:[yji]?[ae]|[yj]o)"),
    ("ia", "(?:[yji]?[ae]|[yj]o)"),
    ("yu", "(?:[yji]?o?u)"),
    ("ju", "(?:[yji]?o?u)"),
    ("iu", "(?:[yji]?o?u)"),
    ("ye", _E),
    ("je", _E),
    ("ie", _E),
    ("yo", _E),
    ("jo", _E),
    ("io", _E),
    ("ou", "(?:o?u|[oa][vwu]|off?)"),
    ("ck", "c?k"),
    ("a", _A),
    ("e", _E),
    ("i", _I),
    ("y", _I),
    ("o", _O),
    ("u", "(?:o?u|oo)"),
    ("c", "(?:[cz]|t[sz]|ch|k)"),
    ("h", "(?:g?h|gu?|k?h)"),
    ("g", "(?:g?h|gu?)"),
    ("j", "(?:[jyi]|zh)?"),
    ("k", "(?:c?k|c|qu?)"),
    ("s", "(?:ss?)"),
    ("v", "(?:[vwu]|ff?)"),
    ("w", "(?:[vwu]|ff?)"),
    ("f", "(?:ff?|ph|w)"),
    ("z", "[zs]"),
    ("x", "(?:x|ks)"),
)
"""What a group of letters is also written as, the longest groups first."""

_SOUND_OF = dict(_ALIKE)
_GROUP = re.compile("|".join(group for group, _ in _ALIKE) + "|.")
_FIRST = {"ya": "(?:[yji]a)", "ja": "(?:[yji]a)", "ia": "(?:[yji]a)", "e": "[ea]"}  # fewer ways to begin
_AFTER_VOWEL = "(?:o?u|[vw]|ff?)"  # the Belarusian short u, which Russian writes as v

_ENDS = (
    "(?:[auyies]|i?e|[yij][aue]|[oeiy]m|iem|[yij]?ami?|[yij]?akh|[yij]?ach|o[vwui]|ow?i|[oe]vi|au|es|iu|iou)?"
)
_VOWEL_ENDS = (
    "(?:[aoyieu]|ie|[aeio][yij]?[aue]m?|[yij][aue]|[oeaiy][ijy]|[oeaiy][ijy]?u|[ao]m|ami|akh|ach|o[vwu]|au|"
    "o[wv]i|[aoe]s)"
)
_SOFTENED = (("k", "(?:ts|c)"), ("h", "z"), ("t", "c"), ("d", "dz"), ("r", "rz"))
"""What the last consonant turns into before an e or y in Belarusian and Polish."""


def pattern(spelling: str) -> str:
    """The regular expression of everything a surname may be written as, in plain Latin letters."""
    name = readings(spelling)[0]
    if not name:
        return "(?!)"
    if name[-1] not in "aoeiy":
        stem = _stem(name)
        return f"{stem}{_fleeting(name)}{_ENDS}|{_softened(name)}i?e" if _softened(name) else stem + _ENDS
    stem = name.rstrip("aoeiy") or name
    soft = _softened(stem)
    return _stem(stem, len(name)) + _VOWEL_ENDS + (f"|{soft}(?:i?e|y|i)" if soft else "")


def _stem(name: str, length: int = 0) -> str:
    """What a name, or what is left of one that had more letters, may be written as."""
    groups = _GROUP.findall(name)
    return "".join(_written(groups, at, length or len(name)) for at in range(len(groups)))


def _written(groups: list[str], at: int, length: int) -> str:
    group = groups[at]
    if at == 0 and group in _FIRST:
        return _FIRST[group]
    if group in {"u", "v", "w"} and at and groups[at - 1][-1] in "aeio":
        return _AFTER_VOWEL
    ways = _SOUND_OF.get(group, re.escape(group))
    if group in {"sh", "sz", "sch"} and _bears_plain_s(groups, at, length):
        return f"(?:{ways}|s)"
    if length >= _LONG and at and ways in {_A, _E, _O}:  # Belarusian writes an unstressed o and e as a
        return f"(?:{ways}|[aoe])"
    if length >= _LONG and group in {"ts", "tz"}:  # Russian keeps the t
        return f"(?:{ways}|t|z)"
    return ways


def _bears_plain_s(groups: list[str], at: int, length: int) -> bool:
    """Whether s may stand for sh, as typed on a keyboard without the accent."""
    before_consonant = at + 1 < len(groups) and groups[at + 1][0] not in "aeiouyj"
    return length >= (_LONG if before_consonant else _LONGER)


def _fleeting(name: str) -> str:
    """Nothing, or the stem again without a vowel that leaves when the name is declined."""
    if len(name) > 4 and re.search("[^aeiouyj][aeo]k$", name):  # noqa: PLR2004  # a shorter one leaves too little
        return f"{_ENDS}|{_stem(name[:-2])}{_stem('k')}"
    return ""


def _softened(name: str) -> str:
    for last, soft in _SOFTENED:
        if name.endswith(last) and not name.endswith(("sh", "ch", "zh")):
            return _stem(name[: -len(last)]) + soft
    return ""
