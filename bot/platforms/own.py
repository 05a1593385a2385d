"""What is ours: credentials, and the bytes that were frozen for a delivery."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bot.domain.delivery import Delivery
from bot.domain.errors import BotError, Concern, RefusedError, TryLaterError
from bot.domain.lengths import PlatformName

Secret = Callable[[], str]
"""Says a credential when it is needed. Raises a BotError where it cannot."""


def revealed(secrets: Sequence[Secret], platform: PlatformName) -> list[str]:
    """Our credentials. TryLaterError for the whole account where one cannot be read: then nothing is sent."""
    try:
        return [secret() for secret in secrets]
    except BotError as error:
        words = f"we cannot sign in to {platform.shown}: {error}"
        raise TryLaterError(words, concern=Concern.ACCOUNT_BLOCKED) from error


def frozen(content: Mapping[str, Any]) -> bytes:
    """Content as bytes that are the same however often they are made."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def thawed(delivery: Delivery, platform: PlatformName, *names: str) -> dict[str, Any]:
    """The content of frozen bytes. RefusedError where it is not ours: an organiser must act."""
    try:
        content = json.loads(delivery.payload or b"")
    except ValueError:
        content = None
    if not isinstance(content, dict) or any(name not in content for name in names):
        raise RefusedError(
            f"what was to be sent to {platform.shown} cannot be read any more; write a new post"
        )
    return content
