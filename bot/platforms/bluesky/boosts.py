"""Boosts on Bluesky: a record under a name that follows from the message, so that there is one at most."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC
from typing import Any

from bot.domain.delivery import Delivery
from bot.domain.errors import RefusedError
from bot.platforms.bluesky.answers import RULES
from bot.platforms.bluesky.record import timestamp_id

COLLECTION = "app.bsky.feed.repost"
SILENT = replace(RULES, words=lambda _: "")  # the server's words may quote whose message it is
_BITS = 60  # a timestamp id from such a number is of the past, and of the right form


def subject_of(delivery: Delivery) -> dict[str, str]:
    """What a boost names: the message's address and content id. RefusedError where it is neither."""
    uri, bar, cid = delivery.text.partition("|")
    if not uri.startswith("at://") or not bar or not cid:
        raise RefusedError("the message to be boosted cannot be found any more: its address is not complete")
    return {"uri": uri, "cid": cid}


def name_of(delivery: Delivery) -> str:
    """The name of our boost of a message: the same for whoever boosts it or takes that back."""
    uri = delivery.text.partition("|")[0]
    number = int.from_bytes(hashlib.sha256(uri.encode()).digest()[:8]) % (1 << _BITS)
    return timestamp_id(number)


def record_of(delivery: Delivery) -> dict[str, Any]:
    """The record of a boost; the same however often it is made."""
    made = delivery.planned_at.astimezone(UTC)
    return {
        "$type": COLLECTION,
        "subject": subject_of(delivery),
        "createdAt": f"{made:%Y-%m-%dT%H:%M:%S}.{made.microsecond // 1000:03d}Z",
    }


def is_of(record: Any, delivery: Delivery) -> bool:
    """Whether a record that stands under the name boosts this message."""
    subject: Any = record.get("subject") if isinstance(record, Mapping) else None
    uri = delivery.text.partition("|")[0]
    return isinstance(subject, Mapping) and subject.get("uri") == uri
