"""Under which keyed hashes a message, its writer and the writer's handle are known. Every part uses these."""

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from urllib.parse import urlsplit

from bot.domain.lengths import PlatformName

Hashes = Callable[..., str]
"""Turns parts into a short text that is the same for the same parts, and tells nothing of them."""


_X = ("x.com", "twitter.com", "mobile.twitter.com")
_MESSAGES = (
    (PlatformName.X, re.compile(r"https?://[^/]+/[^/]+(?:/web)?/status/(\d+)(?:[/?#].*)?"), r"\1"),
    (PlatformName.MASTODON, re.compile(r"(https?://[^/]+)/@([^/@]+)/(\d+)"), r"\1/users/\2/statuses/\3"),
    (
        PlatformName.BLUESKY,
        re.compile(r"https?://[^/]+/profile/(did:[^/]+)/post/([^/?#]+)"),
        r"at://\1/app.bsky.feed.post/\2",
    ),
)


def mark_of(hashes: Hashes, platform: PlatformName, remote_id: str) -> str:
    """What a message is recognised by."""
    return hashes("message", platform.value, remote_id)


def refused_mark(hashes: Hashes, platform: PlatformName, name: str) -> str:
    """What an item that could not be understood is recognised by, so that it is counted once."""
    return hashes("refused", platform.value, name)


def author_of(hashes: Hashes, platform: PlatformName, author_id: str) -> str:
    """What a writer is recognised by, under whatever handle."""
    return hashes("author", platform.value, author_id)


def alias_of(hashes: Hashes, platform: PlatformName, handle: str) -> str:
    """What a writer is found by who asks under the handle of that time, once we hold the handle no more."""
    return hashes("handle", platform.value, bare(handle))


def author_of_day(hashes: Hashes, author_id: str, day: datetime) -> str:
    """What a writer on X is recognised by for a day: no one's history can be put together from it."""
    return hashes("author of a day", PlatformName.X.value, author_id, f"{day:%Y-%m-%d}")


def names_of(hashes: Hashes, name: str, days: Iterable[datetime] = ()) -> frozenset[str]:
    """Every hash under which whoever bears a handle, platform's id or address may be known on these days."""
    said = {name, handle_in(name) or name}
    said |= {bare(one) for one in said}
    names = {
        kind(hashes, platform, one)
        for one in said
        for platform in PlatformName
        for kind in (author_of, alias_of)
    }
    return frozenset(
        names | {author_of_day(hashes, one, day) for day in days for one in said if one.isdigit()}
    )


def messages_of(hashes: Hashes, address: str) -> frozenset[str]:
    """Every mark under which the message at an address may be known, as each platform writes addresses."""
    names = {(platform, address) for platform in PlatformName}
    for platform, form, wanted in _MESSAGES:
        if found := form.fullmatch(address.strip()):
            names.add((platform, found.expand(wanted)))
    return frozenset(mark_of(hashes, platform, name) for platform, name in names)


def bare(handle: str) -> str:
    """A handle as all its spellings have it in common."""
    return handle.strip().lstrip("@").casefold()


def handle_in(url: str) -> str | None:
    """The handle that a profile's or a message's address names; None where it names none."""
    try:
        address = urlsplit(url.strip())
        host = (address.hostname or "").removeprefix("www.")
    except ValueError:
        return None
    parts = [part for part in address.path.split("/") if part]
    if address.scheme not in ("http", "https") or not host or not parts:
        return None
    if host in _X:
        return bare(parts[0])
    if parts[0] in ("profile", "users") and len(parts) > 1:
        return parts[1] if parts[0] == "profile" else f"{parts[1]}@{host}"
    if not parts[0].startswith("@"):
        return None
    name = bare(parts[0])
    return name if "@" in name else f"{name}@{host}"
