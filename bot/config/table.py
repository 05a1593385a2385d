"""Which keys the configuration has, and what each may hold."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bot.config.model import CREDENTIALS, LOOPBACK, Secret
from bot.domain.lengths import PlatformName
from bot.domain.richtext import carries
from bot.strictyaml.fields import (
    INVALID,
    Flag,
    ListOf,
    MapOf,
    OneOf,
    Row,
    Table,
    Word,
    Wrong,
    at,
    at_key,
    kind_of,
)
from bot.strictyaml.reader import Node, Reading
from bot.strictyaml.words import address, clock, language, length, slug, weekday, zone


class SecretField:
    """Where a secret is kept: {env: NAME} or {file: PATH}. The secret itself is refused, unseen."""

    def __init__(self, name: str) -> None:
        self._name = name

    def read(self, node: Node, reading: Reading) -> Any:
        """A Secret; its path is still relative to the configuration."""
        where = node.value if isinstance(node.value, dict) else {}
        if len(where) != 1 or not {"env", "file"} & set(where):
            reading.add(
                at_key(node),
                f"`{self._name}` must say where the secret is kept, not what it is",
                f"write `{self._name}: {{file: secrets/{self._name}}}` or `{{env: NAME}}`",
            )
            return INVALID
        ((kind, place),) = where.items()
        if not isinstance(place.value, str) or not place.value.strip():
            reading.add(at(place), f"this must name the {kind}, not {kind_of(place)}")
            return INVALID
        name = place.value.strip()
        return Secret(env=name) if kind == "env" else Secret(file=Path(name))

    def schema(self) -> dict[str, Any]:
        """One of two ways to name a place."""
        text = {"type": "string"}
        ways = ({"properties": {way: text}, "required": [way]} for way in ("env", "file"))
        return {"oneOf": [{"type": "object", "additionalProperties": False, **way} for way in ways]}


class TagField:
    """One tag for everything, or one for each platform."""

    def read(self, node: Node, reading: Reading) -> Any:
        """A tag for each platform, or INVALID."""
        if isinstance(node.value, dict):
            found = _TAGS.read(node, reading)
            return INVALID if found is INVALID or INVALID in found.values() else found
        tag = _TAG.read(node, reading)
        return INVALID if tag is INVALID else {platform.value: tag for platform in PlatformName}

    def schema(self) -> dict[str, Any]:
        """A string, or an object of strings."""
        return {"anyOf": [_TAG.schema(), _TAGS.schema()]}


def _tag(text: str) -> str:
    tag = text.strip()
    if not carries(tag, tag):
        raise Wrong(f"`{tag}` is not a tag", 'write "#IndustriALL", in quotes, or a handle')
    return tag


def parse_base_url(text: str) -> str:
    """The address of a server, encrypted unless it is on this machine."""
    url = address(text).rstrip("/")
    parts = urlsplit(url)
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise Wrong(f"`{url}` is not encrypted", f"write `https://{parts.netloc}`")
    if parts.path or parts.query:
        raise Wrong(f"`{url}` has more than the server's name", f"write `{parts.scheme}://{parts.netloc}`")
    return url


def parse_handle(text: str) -> str:
    """A handle with its @."""
    handle = text.strip().lstrip("@")
    if not handle or " " in handle or "/" in handle:
        raise Wrong(f"`{text.strip()}` is not a handle", 'write it like "@campaign@mastodon.example"')
    return f"@{handle}"


def _store(text: str) -> str:
    place = text.strip()
    if "://" in place and urlsplit(place).password:
        raise Wrong("a password must not stand in the configuration", "use a .pgpass file, or peer login")
    return place


_TAG = Word(says='a tag, such as "#IndustriALL"', parse=_tag)
_TAGS = Table(name="`tag:`", rows={name.value: Row(field=_TAG, required=True) for name in PlatformName})
_ZONE = Word(says="a time zone, such as Europe/Brussels", parse=zone)
_LENGTH = Word(says="a length of time, such as 20 minutes", parse=length)
_VISIBILITIES = {word: word for word in ("public", "unlisted", "private")}
_LEVELS = {word: word for word in ("debug", "info", "warning", "error")}

ACCOUNT = Table(
    name="an account",
    rows={
        "platform": Row(field=OneOf(words={name.value: name for name in PlatformName}, name="platform")),
        "handle": Row(field=Word(says="our own handle there", parse=parse_handle), required=True),
        "base_url": Row(field=Word(says="the address of the server", parse=parse_base_url)),
        "languages": Row(field=ListOf(each=Word(says="a language's code", parse=language), name="languages")),
        "tag": Row(field=_TAG),
        "threads": Row(field=Flag()),
        "part_gap": Row(field=_LENGTH),
        "settle": Row(field=_LENGTH),
        "deadline": Row(field=_LENGTH),
        "visibility": Row(field=OneOf(words=_VISIBILITIES, name="visibility")),
        **{
            name: Row(field=SecretField(name))
            for names in CREDENTIALS.values()
            for name in names
        },
    },
    hints={"token": "write `access_token:`", "password": "write `app_password:`, made for this program"},
)  # fmt: skip

_SLOT = Table(
    name="a slot",
    rows={
        "days": Row(field=ListOf(each=Word(says="a weekday", parse=weekday), name="days"), required=True),
        "at": Row(field=Word(says='a time of day, such as "09:00"', parse=clock), required=True),
        "zone": Row(field=_ZONE),
    },
)

CONFIG = Table(
    name="the configuration",
    rows={
        "campaign": Row(field=Word(says="a short name for the campaign", parse=slug), required=True),
        "timezone": Row(field=_ZONE),
        "queue": Row(field=Word(says="the folder of posts")),
        "store": Row(field=Word(says="a file name, or a database's address", parse=_store)),
        "tag": Row(field=TagField()),
        "slots": Row(field=ListOf(each=_SLOT, name="slots")),
        "language_gap": Row(field=_LENGTH),
        "plan_ahead": Row(field=_LENGTH),
        "log_level": Row(field=OneOf(words=_LEVELS, name="log level")),
        "accounts": Row(field=MapOf(key=slug, each=ACCOUNT, name="a group of accounts"), required=True),
    },
    hints={"posts": "write `queue:`", "database": "write `store:`", "zone": "write `timezone:`"},
)
