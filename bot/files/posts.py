"""One post: its table of fields, and what its words may hold."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from sys import intern
from types import MappingProxyType
from typing import Any

from bot.domain.calendar import Fixed, When
from bot.domain.case import NOTHING
from bot.domain.lengths import PlatformName
from bot.domain.picture import Picture
from bot.domain.post import PLACEHOLDERS, Kind, Language, Post, PostId, Texts, Words
from bot.domain.problem import Source
from bot.domain.vocabulary import Vocabulary
from bot.files.declared import CASES, FACTS, READERS, read_by, reliance_of, unread_of
from bot.files.moments import AS_IT_COMES, EXAMPLE, UNTIL, WHEN, fixed, instant_of
from bot.files.pictures import EXAMPLE as PICTURE
from bot.files.pictures import PICTURES, pictures
from bot.files.recurrence import EVERY, recurrence
from bot.files.scripts import check_letters
from bot.files.slips import GLUED, forgive, outside_text, refuse_place, unglued
from bot.files.thanks import THANKS, check_numbers
from bot.files.warning import WARNING, warning_of
from bot.strictyaml.fields import (
    INVALID,
    Flag,
    Later,
    ListOf,
    MapOf,
    OneOf,
    Row,
    Table,
    Whole,
    Word,
    Wrong,
    did_you_mean,
    in_capitals,
    kind_of,
    shortened,
)
from bot.strictyaml.nodes import Node, Reading, key_place_of, place_of
from bot.strictyaml.words import address, language, languages, slug

NONE = "none"  # of a platform's own link or thread: it has none there
_TEXT = "text:\n  en: |\n    What it says, in English."
_PLACEHOLDER = r"\{([^{}\n]*)\}"
_NO_WORDS: Mapping[PlatformName, Words] = MappingProxyType({})  # most posts have none: one for all
_PLATFORMS = tuple(PlatformName)  # walking an Enum anew costs more than reading a field


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueSettings:
    """What reading a queue depends on. `labels` are the accounts' names, None where nobody knows them."""

    timezone: str | None = None
    labels: frozenset[str] | None = None
    vocabulary: Vocabulary | None = None  # without one, nobody asks what is said of whom


class TextField:
    """A message as an organiser writes it."""

    def read(self, node: Node, reading: Reading) -> Any:
        """The text, as written."""
        text = node[0]
        if type(text) is not str:
            said = f"this must be a text, not {kind_of(node)}"
            reading.add(place_of(node), said, _how_to_write(node))
            return INVALID
        if not text or text.isspace():
            reading.add_once(key_place_of(node), "this text is empty", _how_to_write(node))
            return INVALID
        filled = text.count("{account}") + text.count("{link}")
        if text.count("{") != filled and not _known_placeholders(text, node, reading):
            return INVALID
        return text

    def schema(self) -> dict[str, Any]:
        """A string."""
        said = "the message; {account}, {link} and the numbers of `thanks:` are filled in"
        return {"type": "string", "description": said}


def _how_to_write(node: Node) -> str:
    key = node[2].value if node[2] else "en"
    return f"write `{key}: |`, and the text below it, indented"


def _known_placeholders(text: str, node: Node, reading: Reading) -> bool:
    unknown = [word for word in re.findall(_PLACEHOLDER, text) if word not in PLACEHOLDERS]
    for word in unknown:
        known = [f"{{{name}}}" for name in PLACEHOLDERS]
        fix = did_you_mean(f"{{{word}}}", known, "what can be filled in is")
        said = f"`{{{shortened(word)}}}` would be published as it stands"
        reading.add(reading.find(f"{{{word}}}", node), said, fix)
    return not unknown


class TextsField:
    """A message in each of its languages; a bare text is answered with the lines to paste."""

    _inner = MapOf(key=language, each=TextField(), name="a text for each language", example=_TEXT)

    def read(self, node: Node, reading: Reading) -> Any:
        """A dict of texts by language."""
        text = node[0]
        if type(text) is str and text and not text.isspace():
            if glued := GLUED.match(text):
                reading.add_once(place_of(node), *unglued(glued))
                return INVALID
            lines = [f"{'':4}{line}".rstrip() for line in text.strip().splitlines()]
            fix = "\n".join(["text:", "  en: |", *lines])
            reading.add_once(place_of(node), "this text does not say in which language it is", fix)
            return INVALID
        found = self._inner.read(node, reading)
        if found is not INVALID:
            for code, one in node[0].items():
                check_letters(code, one, reading)
        return found

    def schema(self) -> dict[str, Any]:
        """An object with language codes for keys."""
        return self._inner.schema() | {"propertyNames": {"enum": sorted(languages())}}


class OrNone:
    """What a platform's own words may leave out by saying `none`."""

    def __init__(self, field: Any) -> None:
        self._field = field

    def read(self, node: Node, reading: Reading) -> Any:
        """NONE, or what the field reads."""
        return NONE if node[0] == NONE else self._field.read(node, reading)

    def schema(self) -> dict[str, Any]:
        """The field's, or the word."""
        return {"anyOf": [{"const": NONE}, self._field.schema()]}


def _post_id(text: str) -> PostId:
    return PostId(slug(text))


def _label(text: str) -> str:
    return intern(text.strip())  # one text for thousands of posts


def _reason(text: str) -> str:
    if text.strip().lower() in {"true", "false", "yes", "no"}:
        fix = "write `held: waiting for the lawyer`, or delete the line"
        raise Wrong("`held:` says why, in words", fix)
    return text.strip()


_LINK = Word(says="an address", parse=address, examples=("https://example.org/page",))
_THREAD = ListOf(
    each=Table(
        name="a part of the thread",
        rows={"text": Row(field=TextsField(), required=True, example=_TEXT)},
        example="- text: {en: …}",
    ),
    name="parts",
)
_OWN_ROWS = {
    "text": Row(field=TextsField()),
    "thread": Row(field=OrNone(_THREAD)),
    "link": Row(field=OrNone(_LINK)),
}

POST = Table(
    name="a post",
    example="id: may-day-2027",
    rows={
        "id": Row(
            field=Word(says="a name", parse=_post_id, examples=("may-day-2027",)),
            required=True,
            example="add a name of your own for it, such as `id: may-day-2027`",
        ),
        "when": Row(field=Later(field=WHEN)),
        "every": Row(field=Later(field=EVERY)),
        "text": Row(field=TextsField(), required=True, example=_TEXT),
        "link": Row(field=_LINK),
        "where": Row(
            field=ListOf(
                each=Word(says="a platform or the name of an account", parse=_label), name="accounts"
            )
        ),
        **{name.value: Row(field=Table(name=f"`{name}:`", rows=_OWN_ROWS)) for name in PlatformName},
        "thread": Row(field=_THREAD),
        "warning": Row(field=WARNING),
        "thanks": Row(field=THANKS),
        "kind": Row(field=OneOf(words={kind.value: kind for kind in Kind}, name="kind of post")),
        "expires": Row(field=Later(field=UNTIL)),
        "priority": Row(field=Whole(least=1, most=9)),
        "held": Row(field=Word(says="the reason, in words", parse=_reason)),
        "draft": Row(field=Flag()),
        "dst": Row(field=OneOf(words={"shift": "shift"}, name="choice")),
        "fold": Row(field=OneOf(words={"first": "first", "second": "second"}, name="choice")),
        "media": Row(field=PICTURES),
        "cases": Row(field=CASES),
        "facts": Row(field=FACTS),
        "not_a_name": Row(field=ListOf(each=Word(says="a word of the text"), name="words")),
        "reviewed_by": Row(field=READERS),
    },
    hints={
        **dict.fromkeys(("date", "time", "at", "datetime", "schedule"), f"write `when: {EXAMPLE}`"),
        **dict.fromkeys(("accounts", "platforms", "platform", "account", "on"), "write `where:`"),
        **dict.fromkeys(("image", "images", "picture", "photo"), f"write `media: [{PICTURE}]`"),
        **dict.fromkeys(("lang", "language", "message", "body"), "write `text:`, and under it `en: |`"),
        **dict.fromkeys(
            ("cw", "spoiler", "spoiler_text", "content_warning"), "write `warning:`, and under it `en: …`"
        ),
        "twitter": "write `x:`",
        "title": "name the post with `id:`",
        "url": "write `link:`",
        "timezone": f"the zone stands behind the time: `when: {EXAMPLE}`",
        "zone": f"the zone stands behind the time: `when: {EXAMPLE}`",
        "media_alt": "write `alt:` in `media:`",
    },
    hint=outside_text,
)


def read_post(node: Node, reading: Reading, settings: QueueSettings, errors: int) -> Post | None:
    """The post in a node, None where something in it must be mended first.

    `errors` is how many the reading had before the node was built: what was wrong with its YAML counts too.
    """
    found = POST.read(node, reading)
    if found is INVALID:
        return None
    if reading.errors > errors:
        forgive(node, reading)
    when = _when(node, found, reading, settings)
    words = _words(node, found, reading)
    own_words = _own_words(node, found, words, reading)
    expires = _expires(found, when, reading, settings) if "expires" in found else None
    where = _where(node, found, reading, settings) if "where" in found else ()
    unread = unread_of(node, found, reading) if "reviewed_by" in found else frozenset()
    reliance = reliance_of(found) if "cases" in found or "facts" in found else NOTHING
    warning = warning_of(node, found, words, reading)
    media = _media(node, found, words, own_words, reading) if "media" in found else ()
    check_numbers(node, found.get("thanks"), (words, *own_words.values()), reading)
    if reading.errors > errors or words is None:
        return None
    return Post(
        id=found["id"],
        when=when,
        words=words,
        own_words=own_words,
        where=where,
        kind=found.get("kind", Kind.SOLIDARITY),
        priority=found.get("priority"),
        expires=expires,
        held=found.get("held"),
        draft=found.get("draft", False),
        reliance=reliance,
        not_a_name=found.get("not_a_name", ()),
        unread=unread,
        read_by=read_by(found, unread),
        warning=warning,
        media=media,
        thanks=found.get("thanks"),
        source=Source(file=reading.file, line=place_of(node).line + 1),
    )


def _when(node: Node, found: Mapping[str, Any], reading: Reading, settings: QueueSettings) -> When | Any:
    when, every = found.get("when"), found.get("every")
    if when and not every:
        return fixed(when, reading, settings.timezone, found)
    if every and not when:
        return recurrence(every, reading, settings.timezone, found)
    if in_capitals("when", node[0]) or in_capitals("every", node[0]):
        return INVALID
    said = "both `when:` and `every:`" if when else "neither `when:` nor `every:`"
    fix = "delete one of them" if when else f"write `when: {EXAMPLE}`, or `when: next-slot`"
    reading.add(key_place_of(every or node), f"the post has {said}", fix)
    return INVALID


def _expires(
    found: Mapping[str, Any], when: When | Any, reading: Reading, settings: QueueSettings
) -> datetime | None:
    node = found["expires"]
    if found.get("every"):
        reading.add(
            key_place_of(node), "a post that comes round has no `expires:`", "write `until:` in `every:`"
        )
        return None
    moment = UNTIL.read(node, reading)
    if moment is INVALID:
        return None
    place = when.zone if isinstance(when, Fixed) else settings.timezone
    at = instant_of(moment, node, reading, place, AS_IT_COMES)
    if at is INVALID:
        return None
    if isinstance(when, Fixed) and at <= when.at:
        reading.add(place_of(node), "the post expires before its time comes", "correct `expires:` or `when:`")
    instant: datetime = at
    return instant


def _words(node: Node, found: Mapping[str, Any], reading: Reading) -> Words | None:
    texts, link = found["text"], found.get("link")
    thread = _parts(found["thread"]) if "thread" in found else ()
    if texts is INVALID or thread is None or link is INVALID:
        return None
    return _checked(Words(text=texts, thread=thread, link=link), node, reading)


def _own_words(
    node: Node, found: Mapping[str, Any], general: Words | None, reading: Reading
) -> Mapping[PlatformName, Words]:
    """The words of the platforms that have some of their own; what they leave out is the post's.

    A language they leave out is the post's too: other words in English take no French away.
    """
    own_words: dict[PlatformName, Words] = {}
    for platform in _PLATFORMS:
        own = found.get(platform)
        if own is None or own is INVALID or general is None or INVALID in own.values():
            continue
        thread = own.get("thread", general.thread)
        link = own.get("link", general.link)
        words = Words(
            text={**general.text, **own.get("text", {})},
            thread=() if thread == NONE else thread if "thread" not in own else _parts(thread) or (),
            link=None if link == NONE else link,
        )
        if checked := _checked(words, node[0][platform], reading):
            own_words[platform] = checked
    return own_words or _NO_WORDS


def _media(
    node: Node,
    found: Mapping[str, Any],
    words: Words | None,
    own_words: Mapping[PlatformName, Words],
    reading: Reading,
) -> tuple[Picture, ...]:
    written = {code for one in (words, *own_words.values()) if one for code in one.text}
    return pictures(node[0]["media"], found["media"], written, reading)


def _parts(thread: Any) -> tuple[Texts, ...] | None:
    if thread is INVALID or any(part["text"] is INVALID for part in thread):
        return None
    return tuple(part["text"] for part in thread)


def _checked(words: Words, node: Node, reading: Reading) -> Words | None:
    before = reading.errors
    for number, part in enumerate(words.thread, start=2):
        for code in words.text:
            if code not in part:
                said = f"part {number} of the thread is not written in `{code}`, but the first part is"
                reading.add(_place_of_part(node, number), said, f"add `{code}: |` to that part")
        _check_spare(words.text, part, number, node, reading)
    if words.link is None:
        for texts in (words.text, *words.thread):
            if any("{link}" in text for text in texts.values()):
                fix = "add `link: https://…`, or take {link} out of the text"
                reading.add(key_place_of(node), "the text says {link}, but there is no link", fix)
                break
    return words if reading.errors == before else None


def _check_spare(texts: Texts, part: Texts, number: int, node: Node, reading: Reading) -> None:
    spare: list[Language] = [code for code in part if code not in texts]
    for code in spare:
        said = f"part {number} of the thread is written in `{code}`, but the first part is not"
        reading.add(
            _place_of_part(node, number), said, f"add `{code}: |` to the first part, or take it out here"
        )


def _place_of_part(node: Node, number: int) -> Any:
    thread = node[0].get("thread")
    parts = thread[0] if thread and isinstance(thread[0], list) else []
    return place_of(parts[number - 2]) if len(parts) > number - 2 else key_place_of(thread or node)


def _where(
    node: Node, found: Mapping[str, Any], reading: Reading, settings: QueueSettings
) -> tuple[str, ...]:
    where: Any = found["where"]
    if where is INVALID:
        return ()
    if settings.labels is not None:
        for number, word in enumerate(where):
            if word not in _PLATFORMS and word not in settings.labels:
                refuse_place(node[0]["where"], number, word, settings.labels, reading)
    return tuple(where)
