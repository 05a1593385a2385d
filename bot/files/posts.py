"""One post: its table of fields, and what its words may hold."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.domain.calendar import Every, Fixed, NextSlot
from bot.domain.lengths import PlatformName
from bot.domain.post import Kind, Language, Post, PostId, Source, Words
from bot.domain.problem import Severity
from bot.domain.rendition import PLACEHOLDERS
from bot.files.times import EVERY, WHEN, fixed, instant_of, recurrence
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
    at,
    at_key,
    did_you_mean,
    kind_of,
    warn,
)
from bot.strictyaml.reader import Node, Reading
from bot.strictyaml.words import address, language, languages, slug

_BLANKS = "\u200b\ufeff\u2060"  # no width, no meaning: they come along when text is copied
_PLACEHOLDER = re.compile(r"\{([^{}\n]*)\}")
_OPENS, _CLOSES = "\u202a\u202b\u202d\u202e\u2066\u2067\u2068", "\u202c\u2069"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueSettings:
    """What reading a queue depends on. `labels` are the accounts' names, None where nobody knows them."""

    timezone: str | None = None
    labels: frozenset[str] | None = None


class TextField:
    """A message as an organiser writes it."""

    def read(self, node: Node, reading: Reading) -> Any:
        """The text, without blanks of no width."""
        if not isinstance(node.value, str):
            reading.add(at(node), f"this must be a text, not {kind_of(node)}")
            return INVALID
        text = node.value
        if any(blank in text for blank in _BLANKS):
            warn(reading, node, "there are invisible characters in this text; they are left out")
            text = "".join(character for character in text if character not in _BLANKS)
        if not text.strip():
            reading.add(at_key(node), "this text is empty", "write it under the bar: `en: |`, indented")
            return INVALID
        return text if _check_text(text, node, reading) else INVALID

    def schema(self) -> dict[str, Any]:
        """A string."""
        return {"type": "string", "description": "the message; {account} and {link} are filled in"}


def _check_text(text: str, node: Node, reading: Reading) -> bool:
    sound = True
    for word in _PLACEHOLDER.findall(text):
        if word not in PLACEHOLDERS:
            known = (f"{{{name}}}" for name in PLACEHOLDERS)
            fix = did_you_mean(f"{{{word}}}", known, "what can be filled in is")
            reading.add(at(node), f"`{{{word}}}` would be published as it stands", fix)
            sound = False
    if _unbalanced(text):
        reading.add(
            at(node), "this text turns the direction of reading without turning it back", "type it anew"
        )
        sound = False
    return sound


def _unbalanced(text: str) -> bool:
    depth = 0
    for character in text:
        if character in _OPENS:
            depth += 1
        elif character in _CLOSES:
            depth -= 1
            if depth < 0:
                return True
    return depth != 0


class TextsField:
    """A message in each of its languages; a bare text is answered with the lines to paste."""

    inner = MapOf(key=language, each=TextField(), name="a text for each language")

    def read(self, node: Node, reading: Reading) -> Any:
        """A dict of texts by language."""
        if isinstance(node.value, str) and node.value.strip():
            lines = [f"{'':4}{line}" for line in node.value.strip().splitlines()]
            reading.add(
                at(node),
                "this text does not say in which language it is",
                "\n".join(["text:", "  en: |", *lines]),
            )
            return INVALID
        return self.inner.read(node, reading)

    def schema(self) -> dict[str, Any]:
        """An object with language codes for keys."""
        return self.inner.schema() | {"propertyNames": {"enum": sorted(languages())}}


def _post_id(text: str) -> PostId:
    return PostId(slug(text))


def _link_or_none(text: str) -> str | None:
    return None if text.strip() == "none" else address(text)


def _reason(text: str) -> str:
    if text.strip() in {"true", "false"}:
        raise Wrong("`held:` says why, in words", "write `held: waiting for the lawyer`, or delete the line")
    return text.strip()


_LINK = Word(says="an address, such as https://example.org/page", parse=address)
_OWN_LINK = Word(says="an address, or none", parse=_link_or_none)
_MESSAGE = Table(name="a part of the thread", rows={"text": Row(field=TextsField(), required=True)})
_OWN_WORDS = {
    "text": Row(field=TextsField()),
    "thread": Row(field=ListOf(each=_MESSAGE, name="messages")),
    "link": Row(field=_OWN_LINK),
}

POST = Table(
    name="a post",
    rows={
        "id": Row(
            field=Word(says="a name such as may-day-2027", parse=_post_id, examples=("may-day-2027",)),
            required=True,
        ),
        "when": Row(field=Later(field=WHEN)),
        "every": Row(field=Later(field=EVERY)),
        "text": Row(field=TextsField(), required=True),
        "link": Row(field=_LINK),
        "where": Row(field=ListOf(each=Word(says="a platform or the name of an account", parse=str.strip))),
        **{name.value: Row(field=Table(name=f"`{name}:`", rows=_OWN_WORDS)) for name in PlatformName},
        "thread": Row(field=ListOf(each=_MESSAGE, name="messages")),
        "kind": Row(field=OneOf(words={kind.value: kind for kind in Kind}, name="kind of post")),
        "expires": Row(field=Later(field=WHEN)),
        "priority": Row(field=Whole(least=1, most=9)),
        "held": Row(field=Word(says="the reason, in words", parse=_reason)),
        "draft": Row(field=Flag()),
        "dst": Row(field=OneOf(words={"shift": "shift"}, name="choice")),
        "fold": Row(field=OneOf(words={"first": "first", "second": "second"}, name="choice")),
        "media": Row(field=TextField(), not_yet="pictures come with a later version"),
        "cases": Row(field=TextField(), not_yet="cases come with a later version"),
        "facts": Row(field=TextField(), not_yet="facts come with a later version"),
    },
    hints={
        "date": f"write `when: {WHEN.examples[0]}`",
        "time": f"write `when: {WHEN.examples[0]}`",
        "at": f"write `when: {WHEN.examples[0]}`",
        "title": "name the post with `id:`",
        "lang": "the language stands before each text: `text:`, and under it `en: |`",
        "image": "pictures come with a later version; leave it out",
        "accounts": "write `where:`",
        "platforms": "write `where:`",
    },
)


def read_post(node: Node, reading: Reading, settings: QueueSettings) -> Post | None:
    """The post in a node, None where something in it must be mended first."""
    before = len(reading.problems)
    found = POST.read(node, reading)
    if found is INVALID:
        return None
    when = _when(node, found, reading, settings)
    words = _words(node, found, None, reading)
    own_words = {
        platform: _words(node.value[platform], found[platform], found, reading)
        for platform in PlatformName
        if isinstance(found.get(platform), dict)
    }
    expires = _expires(found, reading, settings)
    where = _where(node, found, reading, settings)
    if words is None or _has_error(reading, before):
        return None
    return Post(
        id=found["id"],
        when=when,
        words=words,
        own_words={platform: own for platform, own in own_words.items() if own},
        where=where,
        kind=found.get("kind", Kind.SOLIDARITY),
        priority=found.get("priority"),
        expires=expires,
        held=found.get("held"),
        draft=found.get("draft", False),
        source=Source(file=reading.file, line=node.line + 1),
    )


def _has_error(reading: Reading, before: int) -> bool:
    return any(problem.severity is Severity.ERROR for problem in reading.problems[before:])


def _when(
    node: Node, found: Mapping[str, Any], reading: Reading, settings: QueueSettings
) -> Fixed | Every | NextSlot | Any:
    there = [word for word in ("when", "every") if word in found]
    if len(there) != 1:
        said = "both `when:` and `every:`" if there else "neither `when:` nor `every:`"
        reading.add(at_key(node), f"the post has {said}", f"write one: `when: {WHEN.examples[0]}`")
        return INVALID
    read = fixed if there == ["when"] else recurrence
    return read(found[there[0]], reading, settings.timezone, found)


def _expires(found: Mapping[str, Any], reading: Reading, settings: QueueSettings) -> Any:
    if "expires" not in found:
        return None
    read = WHEN.read(found["expires"], reading)
    if read is INVALID:
        return INVALID
    return instant_of(read, found["expires"], reading, settings.timezone, found)


def _words(
    node: Node, found: Mapping[str, Any], general: Mapping[str, Any] | None, reading: Reading
) -> Words | None:
    """The words of a post, or (with `general`) those of one platform, which fall back on the post's."""
    texts = found.get("text", general["text"] if general else INVALID)
    own_text = general is None or "text" in found
    thread = found.get("thread", () if own_text or general is None else general.get("thread", ()))
    link = found["link"] if "link" in found else (general or {}).get("link")
    if INVALID in (texts, thread, link) or any(part["text"] is INVALID for part in thread):
        return None
    _check_thread(node, texts, thread, reading)
    messages = [texts, *(part["text"] for part in thread)]
    if link is None and any("{link}" in text for message in messages for text in message.values()):
        reading.add(at_key(node), "the text says {link}, but there is no link", "add `link: https://…`")
    return Words(text=texts, thread=tuple(part["text"] for part in thread), link=link)


def _check_thread(
    node: Node, texts: Mapping[Language, str], thread: tuple[Mapping[str, Any], ...], reading: Reading
) -> None:
    for number, part in enumerate(thread, start=2):
        for code in texts:
            if code not in part["text"]:
                reading.add(
                    at_key(node),
                    f"part {number} of the thread is not written in `{code}`, but the first part is",
                    f"add `{code}: |` to that part",
                )


def _where(
    node: Node, found: Mapping[str, Any], reading: Reading, settings: QueueSettings
) -> tuple[str, ...]:
    where = found.get("where", ())
    if where is INVALID:
        return ()
    known = {name.value for name in PlatformName} | (settings.labels or frozenset())
    for word in where:
        if word not in known:
            fix = did_you_mean(word, known, "these are known")
            reading.add(at(node.value["where"]), f"`{word}` is neither a platform nor an account", fix)
    return tuple(where)
