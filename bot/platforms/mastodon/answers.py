"""What Mastodon and its kin say: of errors, of themselves, and of posts."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from bot.domain.lengths import PlatformName
from bot.domain.richtext import SpanKind, spans
from bot.platforms.verdict import FORBIDDEN, Rules

NEEDED = ("read:accounts", "read:statuses", "write:statuses")
COVERED_BY = {
    "read:accounts": {"read:accounts", "profile", "read"},
    "read:statuses": {"read:statuses", "read"},
    "write:statuses": {"write:statuses", "write"},
}
USEFUL = {"profile", "read:accounts", "read:statuses", "read:notifications", "write:statuses", "write:media"}

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")  # a number on Mastodon, letters elsewhere
_SHUT_OUT = re.compile(r"disabled|suspended|scope|pending approval|not confirmed|moved", re.IGNORECASE)


def _words(answer: Mapping[str, Any]) -> str:
    return str(answer.get("error_description") or answer.get("error") or "")


RULES = Rules(
    platform=PlatformName.MASTODON,
    words=_words,
    shuts_out=lambda status, answer: status == FORBIDDEN and bool(_SHUT_OUT.search(_words(answer))),
    may_be_there=lambda _: False,
    resets=(("x-ratelimit-reset", "x-ratelimit-remaining"), ("retry-after", "")),
)


def may_write(scopes: frozenset[str] | None) -> bool | None:
    """Whether a token may post, None where the server did not tell its scopes."""
    return None if scopes is None else bool(scopes & COVERED_BY["write:statuses"])


def missing(scopes: frozenset[str] | None) -> tuple[str, ...]:
    """What we need and the token may not."""
    return tuple(one for one in NEEDED if scopes is not None and not scopes & COVERED_BY[one])


def needless(scopes: frozenset[str] | None) -> tuple[str, ...]:
    """What the token may and we do not need."""
    return tuple(sorted((scopes or frozenset()) - USEFUL))


def id_in(answer: Any) -> str:
    """The id that an answer carries, empty where it has none of Mastodon's form."""
    found = str(answer.get("id") or "") if isinstance(answer, dict) else ""
    return found if _ID.fullmatch(found) else ""


def link_in(answer: Mapping[str, Any]) -> str:
    """Where people see what an answer is about; only a link that a browser may be given."""
    found = (str(answer.get(key) or "") for key in ("url", "uri"))
    return next((link for link in found if urlsplit(link).scheme in {"http", "https"}), "")


def handle_in(me: Mapping[str, Any], server: Mapping[str, Any], base_url: str) -> str:
    """Our handle with the server's name, which may be another than its address."""
    acct = str(me["acct"])
    host = str(server.get("domain") or server.get("uri") or urlsplit(base_url).netloc)
    host = urlsplit(host).netloc or host
    return f"@{acct}" if "@" in acct else f"@{acct}@{host}"


def limits_in(server: Mapping[str, Any]) -> tuple[int | None, int | None]:
    """The longest post and what a link counts; older servers say the first in another place."""
    configuration = server.get("configuration")
    statuses = configuration.get("statuses") if isinstance(configuration, dict) else None
    found = statuses if isinstance(statuses, dict) else {}
    length = found.get("max_characters") or server.get("max_toot_chars")
    link = found.get("characters_reserved_per_url")
    return (
        length if isinstance(length, int) and length > 0 else None,
        link if isinstance(link, int) and link > 0 else None,
    )


def made_at(status: Mapping[str, Any]) -> datetime:
    """When a post was made; one that does not say is looked at, never passed over."""
    try:
        at = datetime.fromisoformat(str(status.get("created_at")))
    except ValueError:
        return datetime.max.replace(tzinfo=UTC)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def answers(status: Mapping[str, Any]) -> str | None:
    """The id of the post that a post answers."""
    parent = status.get("in_reply_to_id")
    return str(parent) if parent else None


def without_servers(text: str) -> str:
    """A text as Mastodon shows it: a handle has lost its server."""
    for span in reversed(spans(text)):
        if span.kind is SpanKind.HANDLE and span.text.count("@") > 1:
            local = span.text.rsplit("@", 1)[0]
            text = text[: span.start] + local + text[span.end :]
    return text
