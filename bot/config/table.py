"""Which keys the configuration has, and what each may hold."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bot.config.alarm import LOOPBACK, fault_of_url
from bot.config.collect import COLLECT, PRIVACY
from bot.config.model import CREDENTIALS, DEFAULT_TAG
from bot.config.secret import Secret
from bot.domain.case import AGE
from bot.domain.lengths import PlatformName
from bot.domain.terms import MILLIONTHS
from bot.strictyaml.fields import (
    INVALID,
    Field,
    Flag,
    ListOf,
    MapOf,
    OneOf,
    Row,
    Table,
    Whole,
    Word,
    Wrong,
    shortened,
)
from bot.strictyaml.nodes import Node, Reading, key_place_of, place_of
from bot.strictyaml.words import address, clock, language, length, shown_length, slug, weekday, zone

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LEVELS = ("debug", "info", "warning", "error")
_ANY_HANDLE = (r"@[^\s/#]+", "@campaign@mastodon.example")
_HANDLES: dict[PlatformName | None, tuple[str, str]] = {
    PlatformName.X: (r"@[A-Za-z0-9_]{1,15}", "@union_example"),
    PlatformName.MASTODON: (r"@[\w.-]+@[\w-]+(\.[\w-]+)*(:\d+)?", "@campaign@mastodon.example"),
    PlatformName.BLUESKY: (r"@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", "@campaign.bsky.social"),
}
_VISIBILITIES = ("public", "unlisted", "private")


class SecretField:
    """Where a secret is kept: {env: NAME} or {file: PATH}. The secret itself is refused, unseen."""

    def __init__(self, name: str) -> None:
        self._name = name

    def read(self, node: Node, reading: Reading) -> Any:
        """A Secret; its path is still relative to the configuration."""
        where = node[0] if isinstance(node[0], dict) else {}
        if len(where) != 1 or not {"env", "file"} & set(where):
            message = f"`{self._name}` must say where the secret is kept, not what it is"
            fix = f"write `{self._name}: {{file: secrets/{self._name}}}` or `{self._name}: {{env: NAME}}`"
            reading.add(key_place_of(node), message, fix)
            return INVALID
        ((kind, place),) = where.items()
        name = place[0].strip() if isinstance(place[0], str) else ""
        if kind == "env" and _VARIABLE.fullmatch(name):
            return Secret(env=name)
        if kind == "file" and name:
            return Secret(file=Path(name))
        # What stands here may be the secret itself: it is not repeated.
        meant = "the name of a variable, such as X_ACCESS_TOKEN" if kind == "env" else "the path of a file"
        reading.add(
            key_place_of(place), f"`{kind}:` must be {meant}", "the secret itself does not belong here"
        )
        return INVALID

    def schema(self) -> dict[str, Any]:
        """One of two ways to name a place."""
        text = {"type": "string"}
        ways = ({"properties": {way: text}, "required": [way]} for way in ("env", "file"))
        return {"oneOf": [{"type": "object", "additionalProperties": False, **way} for way in ways]}


class Either:
    """A plain value, or (where a group of keys stands) another field."""

    def __init__(self, plain: Field, group: Field) -> None:
        self._plain = plain
        self._group = group

    def read(self, node: Node, reading: Reading) -> Any:
        """What the one or the other reads."""
        field = self._group if isinstance(node[0], dict) else self._plain
        return field.read(node, reading)

    def schema(self) -> dict[str, Any]:
        """Either's."""
        return {"anyOf": [self._plain.schema(), self._group.schema()]}


class Unseen:
    """A group of keys; what stands there instead may be a secret, and is not repeated."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def read(self, node: Node, reading: Reading) -> Any:
        """What the table reads."""
        if isinstance(node[0], dict):
            return self._table.read(node, reading)
        fix = f"write it like `{self._table.example}`"
        reading.add_once(key_place_of(node), f"{self._table.name} must be a group of keys", fix)
        return INVALID

    def schema(self) -> dict[str, Any]:
        """The table's."""
        return self._table.schema()


class TagsField:
    """One tag for everything, or one for each platform."""

    def read(self, node: Node, reading: Reading) -> Any:
        """A tag for each platform, or INVALID."""
        if not isinstance(node[0], dict):
            tag = _TAG.read(node, reading)
            return INVALID if tag is INVALID else dict.fromkeys(PlatformName, tag)
        found = _TAGS.read(node, reading)
        if not node[0]:
            reading.add(place_of(node), "this names no tag", f'write `tag: "{DEFAULT_TAG}"`, or delete it')
            return INVALID
        return INVALID if INVALID in found.values() else dict.fromkeys(PlatformName, DEFAULT_TAG) | found

    def schema(self) -> dict[str, Any]:
        """A string, or an object of strings."""
        return {"anyOf": [_TAG.schema(), _TAGS.schema()]}


def _tag(text: str) -> str:
    from bot.domain.richtext import spans  # its patterns are dear, and most tags are the default

    tag = text.strip()
    if [span.text for span in spans(tag)] != [tag] or tag[0] not in "#@":
        fix = f'write one tag, in quotes: "{DEFAULT_TAG}"'
        if tag.isalnum():
            fix = f'write "#{tag}", in quotes'
        raise Wrong(f"`{tag}` is not a tag", fix)
    return tag


def parse_base_url(text: str) -> str:
    """The address of a server, encrypted unless it is on this machine."""
    url = address(text).rstrip("/")
    parts = urlsplit(url)
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise Wrong("this address is not encrypted", f"write `https://{parts.netloc}`")
    if parts.path or parts.query or parts.fragment:
        raise Wrong(
            "this address has more than the server's name", f"write `{parts.scheme}://{parts.netloc}`"
        )
    return url


def parse_handle(text: str, platform: PlatformName | None = None) -> str:
    """A handle with its @; where the platform is known, whole as it is written there."""
    handle = f"@{text.strip().lstrip('@')}"
    form, example = _HANDLES.get(platform, _ANY_HANDLE)
    if not re.fullmatch(form, handle):
        where = f"is not a whole handle on {platform.shown}" if platform else "is not a handle"
        raise Wrong(f"`{shortened(text)}` {where}", f'write it like "{example}"')
    return handle


def _store(text: str) -> str:
    place = text.strip()
    if "://" in place and "@" in place.partition("://")[2].partition("/")[0]:
        secret = place.partition("://")[2].partition("@")[0]
        if ":" in secret:
            fix = "put the whole address into a file and write `store: {file: secrets/store}`"
            raise Wrong("a password must not stand in the configuration", fix)
    return place


def _between(least: timedelta, most: timedelta) -> Callable[[str], timedelta]:
    def parse(text: str) -> timedelta:
        found = length(text)
        if not least <= found <= most:
            said = f"from {shown_length(least)} to {shown_length(most)}"
            raise Wrong(f"`{text.strip()}` is out of the ordinary", f"write a length of time {said}")
        return found

    return parse


def _span(least: timedelta, most: timedelta, example: str) -> Word:
    return Word(says="a length of time", parse=_between(least, most), examples=(example,))


def _dollars(text: str) -> int:
    found = re.fullmatch(r"\$? *(\d{1,6})(?:\.(\d{1,3}))?", text.strip())
    if not found or not (amount := int(found[1]) * 1000 + int((found[2] or "").ljust(3, "0"))):
        raise Wrong(f"`{shortened(text)}` is not an amount in dollars", "write it like 20 or 12.50")
    return amount * MILLIONTHS // 1000


def _web_address(text: str) -> str:
    if fault := fault_of_url(text.strip()):
        raise Wrong(*fault)
    return text.strip()


def _mail_address(text: str) -> str:
    if not re.fullmatch(r"[!-?A-~]+@[!-?A-~]+", text.strip()) or re.search(r'[<>,;:"()\\]', text):
        raise Wrong(f"`{shortened(text)}` is not an e-mail address", "write it like organiser@example.org")
    return text.strip()


def _server(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9.-]+|::1", text.strip()):
        fix = "write it like smtp.example.org; another port than 587 has a key of its own, `port:`"
        raise Wrong(f"`{shortened(text)}` is not the name of a server", fix)
    return text.strip()


_NONE, _SECOND, _HOUR, _DAY = timedelta(), timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
_TAG = Word(says="a tag", parse=_tag, examples=(f'"{DEFAULT_TAG}"',))
_TAGS = Table(name="`tag:`", rows={name.value: Row(field=_TAG) for name in PlatformName})
_ZONE = Word(says="a time zone", parse=zone, examples=("Europe/Brussels",))
_STORE = Word(says="a file name, or a database's address", parse=_store)
_SECRETS = {name: Row(field=SecretField(name)) for names in CREDENTIALS.values() for name in names}

ACCOUNT = Table(
    name="an account",
    rows={
        "platform": Row(field=OneOf(words={name.value: name for name in PlatformName}, name="platform")),
        "handle": Row(
            field=Word(
                says="our own handle there", parse=parse_handle, examples=('"@campaign@mastodon.example"',)
            ),
            required=True,
            example='add `handle: "@campaign@mastodon.example"`, our own handle there',
        ),
        "base_url": Row(
            field=Word(
                says="the server's address", parse=parse_base_url, examples=("https://mastodon.example",)
            )
        ),
        "languages": Row(field=ListOf(each=Word(says="a language's code", parse=language), name="languages")),
        "tag": Row(field=_TAG),
        "threads": Row(field=Flag()),
        "part_gap": Row(field=_span(_NONE, _HOUR, "5 seconds")),
        "settle": Row(field=_span(_NONE, _HOUR, "90 seconds")),
        "deadline": Row(field=_span(_SECOND, timedelta(minutes=5), "60 seconds")),
        "monthly_budget": Row(
            field=Word(says="an amount in dollars", parse=_dollars, examples=("20", "12.50"))
        ),
        "visibility": Row(field=OneOf(words={word: word for word in _VISIBILITIES}, name="visibility")),
        **_SECRETS,
    },
    hints={
        "token": "write `access_token:`",
        "password": "write `app_password:`, made for this program",
        "url": "write `base_url:`",
        "server": "write `base_url:`",
        "language": "write `languages:`",
    },
)

_SEE = "write our accounts under `accounts:`; config.example.yaml shows how"
_SLOT = Table(
    name="a slot",
    example='- {days: [monday, thursday], at: "09:00"}',
    rows={
        "days": Row(field=ListOf(each=Word(says="a weekday", parse=weekday), name="days"), required=True),
        "at": Row(
            field=ListOf(each=Word(says="a time of day", parse=clock, examples=('"09:00"',)), name="times"),
            required=True,
            example='add `at: "09:00"`',
        ),
        "zone": Row(field=_ZONE),
    },
)

_CATCH_UP = Table(
    name="`catch_up:`",
    example="catch_up: {every: 10 minutes, hourly: 4}",
    rows={
        "every": Row(field=_span(_SECOND, _HOUR, "10 minutes")),
        "hourly": Row(field=Whole(least=1, most=1_000)),
    },
)

_MAIL_ADDRESS = Word(says="an e-mail address", parse=_mail_address, examples=("organiser@example.org",))
_URL = Word(says="a web address", parse=_web_address, examples=("https://example.org/page",))
EMAIL = Table(
    name="`email:`",
    example="email: {to: [organiser@example.org], from: bot@example.org, server: smtp.example.org}",
    rows={
        "to": Row(
            field=ListOf(each=_MAIL_ADDRESS, name="addresses"),
            required=True,
            example="add `to: [organiser@example.org]`",
        ),
        "from": Row(field=_MAIL_ADDRESS, required=True, example="add `from: bot@example.org`"),
        "server": Row(
            field=Word(says="the name of a mail server", parse=_server, examples=("smtp.example.org",)),
            required=True,
            example="add `server: smtp.example.org`",
        ),
        "port": Row(field=Whole(least=1, most=65_535)),
        "user": Row(field=Word(says="our name at the mail server")),
        "password": Row(field=SecretField("password")),
    },
    hints={"host": "write `server:`", "smtp": "write `server:`", "username": "write `user:`"},
)
WEBHOOK = Table(
    name="`webhook:`",
    example="webhook: {url: {file: secrets/webhook}}",
    rows={
        "url": Row(
            field=Either(_URL, SecretField("url")),
            required=True,
            example="add `url: {file: secrets/webhook}`",
        )
    },
)
ALARM = Table(
    name="`alarm:`",
    example="alarm: {command: [./wake-us.sh]}",
    rows={
        "email": Row(field=Unseen(EMAIL)),
        "webhook": Row(field=Unseen(WEBHOOK)),
        "command": Row(field=ListOf(each=Word(says="a word of the command"), name="words")),
    },
    hints={"mail": "write `email:`", "smtp": "write `email:`", "url": "write `webhook:`"},
)

_MOST_BACKUPS = 10_000
_BACKUP = Table(
    name="`backup:`",
    example='backup: {keep: 14, at: "03:30"}',
    rows={
        "folder": Row(field=Word(says="the folder of backups")),
        "key_folder": Row(field=Word(says="a folder for the copy of the key, or `by hand`")),
        "keep": Row(field=Whole(least=1, most=_MOST_BACKUPS)),
        "at": Row(field=Word(says="a time of day", parse=clock, examples=('"03:30"',))),
    },
)

CONFIG = Table(
    name="the configuration",
    rows={
        "campaign": Row(
            field=Word(says="a short name for the campaign", parse=slug),
            required=True,
            example="add a short name for the campaign, such as `campaign: belarus-unionists`",
        ),
        "timezone": Row(field=_ZONE),
        "queue": Row(field=Word(says="the folder of posts")),
        "store": Row(field=Either(_STORE, SecretField("store"))),
        "backup": Row(field=_BACKUP),
        "tag": Row(field=TagsField()),
        "slots": Row(field=ListOf(each=_SLOT, name="slots")),
        "language_gap": Row(field=_span(_NONE, _DAY, "20 minutes")),
        "catch_up": Row(field=_CATCH_UP),
        "case_age": Row(field=_span(_DAY, AGE, "14 days")),
        "plan_ahead": Row(field=_span(_DAY, 366 * _DAY, "60 days")),
        "log_level": Row(field=OneOf(words={word: word for word in _LEVELS}, name="log level")),
        "alarm": Row(field=Unseen(ALARM)),
        "heartbeat_url": Row(field=Either(_URL, SecretField("heartbeat_url"))),
        "privacy": Row(field=PRIVACY),
        "collect": Row(field=COLLECT),
        "accounts": Row(
            field=MapOf(key=slug, each=ACCOUNT, name="a group of accounts", example=_SEE),
            required=True,
            example=_SEE,
        ),
    },
    hints={
        "posts": "write `queue:`",
        "database": "write `store:`",
        "backups": "write `backup:`",
        "zone": "write `timezone:`",
        "account": "write `accounts:`",
        "heartbeat": "write `heartbeat_url:`",
        "email": "it belongs under `alarm:`, indented",
        "webhook": "it belongs under `alarm:`, indented",
        **{name: f"it belongs under `accounts:`, indented: `  {name}:`" for name in PlatformName},
    },
)

_MAY_BE_SECRET = frozenset({*_SECRETS, *ALARM.rows, *WEBHOOK.rows, "alarm", "password", "heartbeat_url"})
_PLAIN_TABLES = (CONFIG, ACCOUNT, _SLOT, _CATCH_UP, _BACKUP, EMAIL)
PLAIN_KEYS = frozenset(key for table in _PLAIN_TABLES for key in table.rows) - _MAY_BE_SECRET
"""The keys beside which no secret can stand, so that their lines may be shown."""
