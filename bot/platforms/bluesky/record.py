"""The record of a post: what is frozen, its name, and the content id the server must come to as well."""

import base64
import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.domain.delivery import Delivery, Receipt
from bot.domain.lengths import graphemes
from bot.domain.richtext import Span, SpanKind, octets, spans
from bot.platforms.compare import same_words

COLLECTION = "app.bsky.feed.post"
LONGEST_TAG, LONGEST_TAG_BYTES = 64, 640
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_LETTERS = "234567abcdefghijklmnopqrstuvwxyz"
_CLOCK_BITS = 10
_DAG_CBOR, _RAW, _SHA_256, _SHA_256_LENGTH = 0x71, 0x55, 0x12, 0x20


def record_key(delivery: Delivery) -> str:
    """The name of a delivery's record: a timestamp id that is the same however often it is made.

    The milliseconds are those of its hour, one more for each part, so that a server lists a thread in its
    order; what is finer comes from the delivery's key, so that posts of one instant have different names.
    """
    digest = int.from_bytes(hashlib.sha256(delivery.key.encode()).digest()[:8])
    milliseconds = (delivery.planned_at - _EPOCH) // _MILLISECOND + delivery.part - 1
    microseconds = milliseconds * 1000 + digest % 1000
    clock = digest // 1000 % (1 << _CLOCK_BITS)
    return timestamp_id((microseconds << _CLOCK_BITS) | clock)


def timestamp_id(number: int) -> str:
    """A number as atproto writes timestamp ids."""
    return "".join(_LETTERS[(number >> (5 * place)) & 31] for place in range(12, -1, -1))


def make_record(delivery: Delivery, now: datetime, dids: Mapping[str, str]) -> dict[str, Any]:
    """The record of a part, but for what it answers. `dids` are the handles that may become mentions."""
    # Every record of an account has an instant of its own, or they overwrite each other in its feed.
    made = now + _MILLISECOND * (delivery.part - 1)
    record: dict[str, Any] = {
        "$type": COLLECTION,
        "text": delivery.text,
        "createdAt": f"{made.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{made.microsecond // 1000:03d}Z",
        "langs": [str(delivery.language)],
    }
    facets = [facet for span in spans(delivery.text) if (facet := _facet(delivery.text, span, dids))]
    if facets:
        record["facets"] = facets
    return record


def _facet(text: str, span: Span, dids: Mapping[str, str]) -> dict[str, Any] | None:
    start, end = octets(text, span)
    feature: dict[str, Any]
    match span.kind:
        case SpanKind.LINK:
            feature = {"$type": "app.bsky.richtext.facet#link", "uri": span.text}
        case SpanKind.TAG:
            if len(graphemes(span.text)) > LONGEST_TAG or len(span.text.encode()) > LONGEST_TAG_BYTES:
                return None  # the server would refuse the whole post
            feature = {"$type": "app.bsky.richtext.facet#tag", "tag": span.text[1:]}
        case SpanKind.HANDLE:
            did = dids.get(span.text.lstrip("@").casefold())
            if did is None:
                return None
            feature = {"$type": "app.bsky.richtext.facet#mention", "did": did}
    return {"index": {"byteStart": start, "byteEnd": end}, "features": [feature]}


def with_reply(record: Mapping[str, Any], root: Receipt | None, parent: Receipt | None) -> dict[str, Any]:
    """A record as the answer to a part before it."""
    if root is None or parent is None:
        return dict(record)
    reply = {"root": _reference(root), "parent": _reference(parent)}
    return {**record, "reply": reply}


def _reference(receipt: Receipt) -> dict[str, str]:
    return {"uri": receipt.remote_id, "cid": receipt.cid}


def says_the_same(there: Any, ours: Mapping[str, Any]) -> bool:
    """Whether a record that stands on the server says what ours does, to whom ours does."""
    return (
        isinstance(there, Mapping)
        and same_words(str(there.get("text", "")), str(ours["text"]))
        and _answered(there) == _answered(ours)
    )


def _answered(record: Mapping[str, Any]) -> str:
    """The address of the post that a record answers, empty where it answers none."""
    reply: Any = record.get("reply")
    parent = reply.get("parent") if isinstance(reply, Mapping) else None
    return str(parent.get("uri", "")) if isinstance(parent, Mapping) else ""


def made_at(record: Any) -> datetime:
    """When a record says it was made; the earliest of all times where it does not say."""
    try:
        at = datetime.fromisoformat(str(record.get("createdAt", "")))
    except (AttributeError, ValueError):
        return datetime.min.replace(tzinfo=UTC)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def content_id(record: Mapping[str, Any]) -> str:
    """The content id of a record: what the server answers when it has stored exactly this."""
    import libipld  # comes with atproto

    return _named(hashlib.sha256(libipld.encode_dag_cbor(_linked(record))).digest(), _DAG_CBOR)


def blob_id(sha256: str) -> str:
    """The content id of bytes, from their hash: what the server answers when it has exactly these."""
    return _named(bytes.fromhex(sha256), _RAW)


def _named(digest: bytes, codec: int) -> str:
    multihash = bytes([1, codec, _SHA_256, _SHA_256_LENGTH]) + digest
    return "b" + base64.b32encode(multihash).decode().lower().rstrip("=")


def _linked(value: Any) -> Any:
    """A JSON value with its links as the library wants them: the bytes of the content id."""
    match value:
        case {"$link": str(link)} if len(value) == 1:
            padding = "=" * (-len(link[1:]) % 8)
            return base64.b32decode(link[1:].upper() + padding)
        case Mapping():
            return {key: _linked(one) for key, one in value.items()}
        case list():
            return [_linked(one) for one in value]
    return value


def address(did: str, key: str) -> str:
    """The at:// address of a post."""
    return f"at://{did}/{COLLECTION}/{key}"
