"""Pictures on X: each is uploaded, then described, before the post that shows them is made."""

import base64
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from bot.domain.picture import Attachment
from bot.platforms.media import bytes_of, uploaded
from bot.platforms.wire import Wire
from bot.platforms.x.answers import RULES, id_in
from bot.ports import Clock

UPLOAD = "/2/media/upload"
METADATA = "/2/media/metadata"


def upload(
    client: Any, wire: Wire, pictures: Sequence[Attachment], folder: Path | None, clock: Clock
) -> list[str]:
    """The ids of pictures that X has taken. RefusedError or TryLaterError where it has not."""
    found = [(picture, bytes_of(picture, number, folder)) for number, picture in enumerate(pictures, start=1)]
    ids = []
    for number, (picture, data) in enumerate(found, start=1):
        body = {"media": base64.b64encode(data).decode(), "media_category": "tweet_image"}
        exchange = wire.ask(
            "POST", UPLOAD, partial(client.request, "POST", UPLOAD, json=body, user_auth=True)
        )
        media_id = uploaded(exchange, RULES, number, id_in, clock.now())
        if picture.alt:
            _describe(client, wire, media_id, picture.alt, number=number, clock=clock)
        ids.append(media_id)
    return ids


def _describe(client: Any, wire: Wire, media_id: str, alt: str, *, number: int, clock: Clock) -> None:
    body = {"id": media_id, "metadata": {"alt_text": {"text": alt}}}
    exchange = wire.ask(
        "POST", METADATA, partial(client.request, "POST", METADATA, json=body, user_auth=True), text=alt
    )
    uploaded(exchange, RULES, number, id_in, clock.now())
