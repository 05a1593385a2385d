"""Pictures on Bluesky: a record names them by their content ids, which are known before they are sent."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.domain.picture import Attachment
from bot.platforms.bluesky.record import blob_id


def embed_of(pictures: Sequence[Attachment]) -> Mapping[str, Any]:
    """What a record says of its pictures; nothing where it has none."""
    if not pictures:
        return {}
    images = [
        {
            "alt": one.alt,
            "image": {
                "$type": "blob",
                "ref": {"$link": blob_id(one.sha256)},
                "mimeType": one.mime,
                "size": one.size,
            },
            "aspectRatio": {"width": one.width, "height": one.height},
        }
        for one in pictures
    ]
    return {"embed": {"$type": "app.bsky.embed.images", "images": images}}


def blob_in(answer: Any, *, wanted: Attachment) -> str:
    """The content id of an uploaded picture, empty where the server has something else than we sent."""
    blob = answer.get("blob") if isinstance(answer, dict) else None
    ref = blob.get("ref") if isinstance(blob, dict) else None
    found = str(ref.get("$link", "")) if isinstance(ref, dict) else ""
    same = found == blob_id(wanted.sha256) and blob and blob.get("mimeType") == wanted.mime
    return found if same else ""
