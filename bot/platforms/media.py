"""Pictures on their way: their frozen description, their bytes from the folder, and what an upload proved."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.domain.delivery import Delivery
from bot.domain.errors import InDoubtError, RefusedError, TryLaterError
from bot.domain.picture import Attachment, name_of
from bot.platforms.verdict import OK, REFUSED, Rules, raise_if_not_sent, unclear, words_of
from bot.platforms.wire import Exchange


def media_frozen(delivery: Delivery) -> dict[str, Any]:
    """What of a delivery's pictures belongs to the frozen bytes; nothing where it has none."""
    return {"media": [asdict(one) for one in delivery.media]} if delivery.media else {}


def media_thawed(content: Mapping[str, Any]) -> tuple[Attachment, ...]:
    """The pictures of frozen bytes. RefusedError where they cannot be read."""
    try:
        return tuple(Attachment(**one) for one in content.get("media", ()))
    except TypeError as error:
        raise RefusedError("the pictures of this post cannot be read any more; write a new post") from error


def bytes_of(attachment: Attachment, number: int, folder: Path | None) -> bytes:
    """The bytes of a picture, exactly those that were meant. RefusedError where they are not there."""
    name = name_of(attachment)
    try:
        data = (folder / name).read_bytes() if folder else b""
    except OSError:
        data = b""
    if hashlib.sha256(data).hexdigest() != attachment.sha256:
        words = "is damaged" if data else "is gone"
        raise RefusedError(
            f"picture {number} of this post {words} ({name}): publish the post anew, with the picture"
        )
    return data


def uploaded(
    exchange: Exchange, rules: Rules, number: int, found: Callable[[Any], str], now: datetime
) -> str:
    """What a server calls a picture that it took.

    An upload publishes nothing, so nothing about it is in doubt: RefusedError where the server will not have
    the picture, TryLaterError for all else.
    """
    name, answer = rules.platform.shown, exchange.json()
    if exchange.status in OK and exchange.body is not None:
        if remote := found(answer):
            return remote
        raise TryLaterError(f"{name} answered {exchange.status}, but not with picture {number}")
    if exchange.status is None:
        raise TryLaterError(
            f"picture {number} did not reach {name}: {exchange.trouble or 'nothing was sent'}"
        )
    if (
        exchange.status in REFUSED
        and isinstance(answer, dict)
        and not rules.shuts_out(exchange.status, answer)
    ):
        raise RefusedError(f"{name} refuses picture {number} ({words_of(exchange, answer, rules)})")
    try:
        raise_if_not_sent(exchange, answer, rules, now)
    except (RefusedError, InDoubtError) as error:
        raise TryLaterError(
            f"{name} did not take picture {number} ({words_of(exchange, answer, rules)})"
        ) from error
    raise TryLaterError(f"{name} did not take picture {number}: {unclear(exchange)}")
