"""Hides what a text tells of other people: their handles, addresses and numbers."""

from collections.abc import Set as AbstractSet

import regex

_HANDLE = regex.compile(r"(?<![\w@/.])@[\w-]+(?:\.[\w-]+)*(?:@[\w-]+(?:\.[\w-]+)+)?")
_MAIL = regex.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PROFILE = regex.compile(
    r"(?:https?://)?(?:www\.)?(?:(?:x|twitter|facebook|fb|instagram|vk|t|bsky|linkedin|tiktok|threads|ok)\."
    r"(?:com|me|app|net|ru)/\S+|[\w.-]+\.[a-z]{2,}/@\S+)",
    regex.IGNORECASE,
)
_TELEPHONE = regex.compile(r"(?<![\w.,])(?:\+|00)?\(?\d(?:[ ()./-]{0,2}\d){8,14}(?![\w])")
_STREET = (
    r"street|st|road|rd|avenue|ave|lane|drive|square|straße|strasse|str|gasse|weg|platz|allee|straat|laan|gatan|"
    r"vägen|gata|gade|vej|gate|veien"
)
_LEADING = (
    r"rue|avenue|boulevard|place|calle|avenida|plaza|via|viale|piazza|corso|rua|travessa|praça|ulica|ul|aleja|"
    r"улица|ул|проспект|пр|пр-т|переулок|площадь|вуліца|вул|праспект|завулак|вулиця|улице|вуліцы|проспекте"
)
_ADDRESS = regex.compile(
    rf"\b\d{{1,4}}[a-z]?,? (?:\p{{Lu}}[\p{{L}}'’.-]+ ){{1,3}}(?:{_STREET})\b\.?"
    rf"|\b\p{{Lu}}[\p{{L}}-]*?(?: ?)(?:{_STREET})\.? \d{{1,4}}[a-z]?\b"
    rf"|\b\d{{1,4}},? (?:{_LEADING})\.? (?:[\p{{L}}'’.-]+ ){{0,3}}[\p{{L}}'’-]+"
    rf"|\b(?:{_LEADING})\.? (?:[\p{{L}}'’.-]+ ){{0,3}}[\p{{L}}'’-]+,? "
    r"(?:д\. ?|дом |n\.? ?º? ?)?\d{1,4}[a-zа-я]?\b",
    regex.IGNORECASE,
)


def masked(text: str, own_handles: AbstractSet[str] = frozenset()) -> str:
    """A text without other people's handles, e-mail addresses, telephone numbers and street addresses.

    `own_handles` are ours, with or without an @; they stay.
    """
    ours = {handle.lstrip("@").casefold() for handle in own_handles}

    def hidden(found: regex.Match[str]) -> str:
        return found.group() if found.group()[1:].casefold() in ours else "[handle]"

    text = _PROFILE.sub("[profile]", text)
    text = _HANDLE.sub(hidden, text)
    text = " ".join(part if part[:1] == "@" else _MAIL.sub("[e-mail]", part) for part in text.split(" "))
    text = _ADDRESS.sub("[address]", text)
    return _TELEPHONE.sub("[telephone]", text)
