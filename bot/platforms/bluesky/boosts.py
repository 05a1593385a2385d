"""Boosts on Bluesky: a record under a name that follows from the message, so that there is one at most."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC
from typing import Any

from bot.domain.delivery import Delivery
from bot.domain.errors import RefusedError, TryLaterError
from bot.platforms.bluesky.answers import RULES
from bot.platforms.bluesky.record import timestamp_id

COLLECTION = "app.bsky.feed.repost"
SILENT = replace(RULES, words=lambda _: "")  # the server's words may quote whose message it is
POSTS = "app.bsky.feed.getPosts"
_FOR_MEMBERS = "!no-unauthenticated"  # an author's wish not to be shown to the whole web
_BITS = 60  # a timestamp id from such a number is of the past, and of the right form


def subject_of(delivery: Delivery) -> tuple[str, str]:
    """The address of the message that a boost names, and its content id where that was given."""
    uri, _, cid = delivery.text.partition("|")
    if not uri.startswith("at://"):
        raise RefusedError("the message to be boosted cannot be found any more: its address is none")
    return uri, cid


def content_id_in(answer: Mapping[str, Any], uri: str) -> str:
    """The content id of a message that everybody may see. RefusedError where it is gone, or hidden."""
    posts = answer.get("posts")
    if not isinstance(posts, list):
        raise TryLaterError("Bluesky did not say whether the message is there")
    shown = next((one for one in posts if isinstance(one, dict) and one.get("uri") == uri), None)
    if shown is None or not shown.get("cid") or _FOR_MEMBERS in _labels(shown.get("author")):
        raise RefusedError("the message to be boosted is gone, or no longer public")
    return str(shown["cid"])


def _labels(author: Any) -> set[str]:
    labels: Any = author.get("labels") if isinstance(author, Mapping) else None
    return {str(one.get("val")) for one in labels or () if isinstance(one, Mapping)}


def name_of(delivery: Delivery) -> str:
    """The name of our boost of a message: the same for whoever boosts it or takes that back."""
    uri = delivery.text.partition("|")[0]
    number = int.from_bytes(hashlib.sha256(uri.encode()).digest()[:8]) % (1 << _BITS)
    return timestamp_id(number)


def record_of(delivery: Delivery, cid: str) -> dict[str, Any]:
    """The record of a boost; the same however often it is made."""
    made = delivery.planned_at.astimezone(UTC)
    return {
        "$type": COLLECTION,
        "subject": {"uri": subject_of(delivery)[0], "cid": cid},
        "createdAt": f"{made:%Y-%m-%dT%H:%M:%S}.{made.microsecond // 1000:03d}Z",
    }


def is_of(record: Any, delivery: Delivery) -> bool:
    """Whether a record that stands under the name boosts this message."""
    subject: Any = record.get("subject") if isinstance(record, Mapping) else None
    uri = delivery.text.partition("|")[0]
    return isinstance(subject, Mapping) and subject.get("uri") == uri
