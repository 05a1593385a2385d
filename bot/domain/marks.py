"""Under which keyed hashes a message, its writer and the writer's handle are known. Every part uses these."""

from collections.abc import Callable
from urllib.parse import urlsplit

from bot.domain.lengths import PlatformName

Hashes = Callable[..., str]
"""Turns parts into a short text that is the same for the same parts, and tells nothing of them."""


_X = ("x.com", "twitter.com", "mobile.twitter.com")


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


def names_of(hashes: Hashes, name: str) -> frozenset[str]:
    """Every hash under which whoever bears this handle, platform's id or address may be known."""
    said = {name, handle_in(name) or name}
    return frozenset(
        kind(hashes, platform, one)
        for one in said
        for platform in PlatformName
        for kind in (author_of, alias_of)
    )


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
