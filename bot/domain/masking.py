"""Hides what a text tells of other people: their handles, addresses and numbers.

It looks through full-width signs, signs that are not seen and odd spaces, but changes nothing else of what is
kept. Every pattern is bounded or begins only where none of its own signs stands before: each is linear.
"""

import unicodedata
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet

import regex

_GONE = "\0"  # in place of what is found, so that it is found once

_ADDRESS_ON_THE_WEB = regex.compile(
    r"(?<![\w.@/-])(?:https?://(?:[\w-]++\.)*+[\w-]++|(?:[\w-]++\.)++[a-z]{2,24}+)(?::\d{1,5}+)?+/\S++",
    regex.IGNORECASE,
)
_SOCIAL = regex.compile(
    r"(?:https?://)?(?:[\w-]{1,20}\.)?(?:x|twitter|facebook|fb|instagram|vk|t|telegram|wa|whatsapp|signal|bsky|linkedin"
    r"|tiktok|threads|ok|youtube|discord|mastodon|viber)\.(?:com|me|app|net|ru|social|gg)/",
    regex.IGNORECASE,
)
_PERSONAL = regex.compile(r"/(?:@|users?/|u/|profiles?/|people/|authors?/|in/|~)\S", regex.IGNORECASE)
_TRAILING = ".,;:!?)]}»”\"'"
_HANDLE = regex.compile(r"(?<![\w@])(?:@++[\w-]++(?:\.[\w-]++)*+(?::\d{2,5}+(?!\w))?+)++")
_DID = regex.compile(r"(?<!\w)did:[a-z]{2,10}:[\w.:%-]*\w")
_NAMED_HOST = regex.compile(r"(?<![\w.-])(?:[\w-]++\.){1,4}?bsky\.(?:social|team)(?![\w-])", regex.IGNORECASE)
_ON_REDDIT = regex.compile(r"(?<![\w/])/?u/[\w-]{3,30}+(?![\w/])")
_MESSENGER = regex.compile(
    r"(?<!\w)(?:telegram|tg|insta|instagram|ig|whatsapp|signal|viber|skype|threema|wire|телеграм|телеграмм|тэлеграм|тг)"
    r" ?[:=] ?(?=[\w.]{0,30}[\d_])([\w.]{2,31}\w)",
    regex.IGNORECASE,
)
_MAIL = regex.compile(
    r"(?<![\w.+-])[\w.+-]++(?:@| ?[\[({] ?(?:at|ät|a|собака) ?[\])}] ?)[\w-]++"
    r"(?:(?:\.| ?[\[({] ?(?:dot|punkt|point|punto|точка) ?[\])}] ?)[\w-]++)*+",
    regex.IGNORECASE,
)

_APART = r"(?i:street|st|road|rd|avenue|ave|lane|drive|square|terrace|close|gatvė|prospektas)"
_JOINED = (
    r"(?i:straße|strasse|str|gasse|weg|platz|allee|ufer|damm|straat|laan|plein|gracht|gatan|vägen|vej|veien|torget"
    r"|(?<!bri)gade|(?<!ele)gate|(?<!a)gata)"
)
_BEFORE = (
    r"(?i:rue|avenue|boulevard|place|quai|chemin|impasse|calle|avenida|plaza|paseo|via|viale|piazza|corso|vicolo|rua"
    r"|travessa|praça|largo|ulica|aleja|aleje|osiedle|vulica|vulitsa|ulitsa|prospekt|praspiekt|zavulak"
    r"|улиц[аеыу]|проспекте?|переулок|переулке|площадь|площади|бульваре?|набережная|шоссе|проезд"
    r"|вуліц[аыу]|праспекце?|завулак|завулку|плошч[аы]?|бульвары|вулиц[яіею]|проспекті|провулок|площа)"
)
_SHORT = r"(?i:ul|vul|prasp|ул|пр-т|пр|просп|прасп|пер|пл|бул|б-р|наб|вул|зав|пров)"
_SHORTER = r"(?i:al|os|pl|av|avda|c|bd)"
_HOUSE = (
    r"(?:(?i:д|дом|буд|будинок|dom|d|n|nº|no|nr|num|número)\b\.? ?º? ?)?\d{1,4}(?:[/-]\d{1,3})?[a-zа-я]?\b"
    r"(?:,? ?(?i:кв|корп|к|оф|kv|korp|m|apt|ap|app|lok)\.? ?\d{1,4}\b)?"
    r"(?! ?(?i:people|of us|persons|members|workers|letters|signatures|человек|людей|чалавек|людзей|осіб"
    r"|подпис|подпіс|osób|ludzi|personnes|personas|compañer|persone|pessoas|menschen|leute|kolleg|mensen|personer|žmon))"
)
_NAME = r"[\p{L}'’.-]{1,40}"
_PROPER = rf"(?:[ldLD]['’])?[\p{{Lu}}\d]{_NAME}"
_STREETS = (
    rf"\b\d{{1,4}}[a-z]?,? (?:\p{{Lu}}[\p{{L}}'’.-]{{0,40}} ){{1,3}}(?:{_APART}|{_JOINED})\b\.?",
    rf"\b\p{{Lu}}[\p{{L}}-]{{0,40}}(?: {_APART}|{_JOINED}| {_JOINED})\b\.? {_HOUSE}",
    rf"\b\d{{1,4}}(?:bis|ter)?,? (?i:rue|avenue|boulevard|place|quai|chemin|impasse|allée)"
    rf" (?:{_NAME} ){{0,3}}[\p{{L}}'’-]{{1,40}}",
    rf"\b{_BEFORE} (?:\p{{Ll}}[\p{{L}}'’]{{0,9}} ){{0,2}}{_PROPER}"
    rf"(?: (?:\p{{Ll}}{{1,3}} )?{_PROPER}){{0,2}},? {_HOUSE}",
    rf"\b(?i:улица|улице|вуліца|вуліцы|вулиця|вулиці|ulica|ulicy) \p{{Ll}}{{3,40}},? {_HOUSE}",
    rf"\b{_SHORT}\. ?(?:\d{{1,3}} )?(?:{_NAME} ){{0,2}}[\p{{L}}'’-]{{1,40}},? {_HOUSE}",
    rf"\b(?:{_SHORT}|{_SHORTER}\.) ?{_PROPER}(?: {_PROPER}){{0,2}},? {_HOUSE}",
    rf"\b\p{{Lu}}[\p{{L}}-]{{1,40}} (?:{_BEFORE}|{_SHORT}\.),? {_HOUSE}",
    r"\b(?i:д|дом|dom|d)\.? ?\d{1,4},? ?(?i:кв|kv|m)\.? ?\d{1,4}\b",
)
_ADDRESS = regex.compile("|".join(_STREETS))

_TELEPHONE = regex.compile(
    r"(?<!\w)(?<!\d[.,])(?:(?:\+|00)?\(?\d(?:[ ()./-]{0,3}\d){8,14}"  # nine digits and more
    r"|(?:\+|00)\(?\d(?:[ ()./-]{0,3}\d){6,14}"
    r"|\d\d([ .-])\d\d\1\d\d\1\d\d|\d{4}[ -]\d{4}|\d{3}[ -]\d\d[ -]\d{3}|\d{8})(?!\w)"
)
_CALLED = regex.compile(
    r"(?<!\w)(?:tel|téléphone|telefon[eo]?|phone|call|ring|mobile|handy|cell|тел|телефоне?|тэл|тэлефон|звоните)"
    r"[.:]{0,2} ?"
    r"(\(?\d(?:[ ()./-]{0,3}\d){5,14})(?!\w)",
    regex.IGNORECASE,
)
_DATE = regex.compile(r"(?:19|20)\d\d-?[01]\d-?[0-3]\d(?!\d)|\d{1,2}([./-])\d{1,2}\1\d{2,4}(?!\d)")
_YEARS = regex.compile(r"(?:19|20)\d\d(?:[ /-]{1,3}(?:19|20)\d\d)*")


def masked(text: str, own_handles: AbstractSet[str] = frozenset()) -> str:
    """A text without other people's handles, e-mail addresses, telephone numbers and street addresses.

    `own_handles` are ours, with or without an @; they stay.
    """
    view, places = _seen(text)
    hidden: list[tuple[int, int, str]] = []
    for finder in _finders({_plain(handle) for handle in own_handles}):
        found = list(finder(view))
        for begin, end, label in found:
            if label:
                hidden.append((places[begin], places[end - 1] + 1, label))
        view = _without(view, found)
    return _put(text, sorted(hidden))


_Found = tuple[int, int, str]
"""Where something begins and ends, and what is put there; empty where it stays."""


def _seen(text: str) -> tuple[str, list[int]]:
    """A text as a reader takes it in, and where each of its characters stands in the text."""
    signs, places = list[str](), list[int]()
    for place, written in enumerate(text):
        for sign in written if written.isascii() else _read_as(written):
            signs.append(sign)
            places.append(place)
    return "".join(signs), places


def _read_as(sign: str) -> str:
    """What a character is taken for: nothing, where it is not seen."""
    kind = unicodedata.category(sign)
    if kind == "Cf":
        return ""
    return "-" if kind == "Pd" else unicodedata.normalize("NFKC", sign)


def _finders(ours: AbstractSet[str]) -> Iterator[Callable[[str], Iterator[_Found]]]:
    """What looks for what, in this order: each sees only what those before it left."""
    yield _profiles

    def handles(view: str) -> Iterator[_Found]:
        for pattern in (_HANDLE, _NAMED_HOST):
            for match in pattern.finditer(view):
                yield match.start(), match.end(), "" if _plain(match.group()) in ours else "[handle]"

    yield handles
    yield _each(_DID, "[handle]")
    yield _each(_ON_REDDIT, "[handle]")
    yield _each(_MESSENGER, "[handle]", group=1)
    yield _each(_MAIL, "[e-mail]")
    yield _each(_ADDRESS, "[address]")
    yield _each(_CALLED, "[telephone]", group=1)
    yield _telephones


def _plain(handle: str) -> str:
    """A handle without its first @ and its server's port."""
    return regex.sub(r":\d{2,5}$", "", handle.lstrip("@").casefold())


def _each(pattern: regex.Pattern[str], label: str, group: int = 0) -> Callable[[str], Iterator[_Found]]:
    def found(view: str) -> Iterator[_Found]:
        return ((*match.span(group), label) for match in pattern.finditer(view))

    return found


def _profiles(view: str) -> Iterator[_Found]:
    """Pages that are somebody's own."""
    for match in _ADDRESS_ON_THE_WEB.finditer(view):
        if _SOCIAL.match(match.group()) or _PERSONAL.search(match.group()):
            yield match.start(), match.start() + len(match.group().rstrip(_TRAILING)), "[profile]"


def _telephones(view: str) -> Iterator[_Found]:
    """Numbers that can be called; years and dates are none."""
    for match in _TELEPHONE.finditer(view):
        number = match.group()
        if not _DATE.match(number) and not _YEARS.fullmatch(number):
            yield *match.span(), "[telephone]"


def _without(view: str, found: list[_Found]) -> str:
    """The view with nothing left of what was found, and of the same length."""
    pieces, last = list[str](), 0
    for begin, end, _ in sorted(found):
        pieces += view[last:begin], _GONE * (end - max(begin, last))
        last = max(last, end)
    return "".join([*pieces, view[last:]])


def _put(text: str, hidden: list[_Found]) -> str:
    """The text with a label in place of each that is hidden."""
    pieces, last = list[str](), 0
    for begin, end, label in hidden:
        if begin >= last:
            pieces += text[last:begin], label
            last = end
    return "".join([*pieces, text[last:]])
