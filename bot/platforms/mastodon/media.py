"""Pictures on Mastodon: uploaded with their words, and waited for where the server still works on them."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

from bot.domain.errors import TryLaterError
from bot.domain.picture import Attachment, name_of
from bot.platforms.mastodon.answers import RULES, id_in
from bot.platforms.media import bytes_of, uploaded
from bot.platforms.wire import Wire
from bot.ports import Clock

UPLOAD = "/api/v2/media"
ACCEPTED, WORKING = 202, 206
FIRST_WAIT, LONGEST_WAIT = 0.2, 5.0  # seconds between two questions whether a picture is ready

# A token that may not upload stops posts with pictures only, not the account.
_RULES = replace(
    RULES,
    shuts_out=lambda status, answer: RULES.shuts_out(status, answer) and "scope" not in RULES.words(answer),
)


def upload(
    client: Any, wire: Wire, pictures: Sequence[Attachment], folder: Path | None, clock: Clock
) -> list[str]:
    """The ids of pictures that are ready on the server. RefusedError or TryLaterError where they are not."""
    found = [(picture, bytes_of(picture, number, folder)) for number, picture in enumerate(pictures, start=1)]
    ids = []
    for number, (picture, data) in enumerate(found, start=1):
        call = partial(
            client.media_post,
            data,
            mime_type=picture.mime,
            description=picture.alt or None,
            file_name=name_of(picture),
        )
        exchange = wire.ask("POST", UPLOAD, call, text=picture.alt)
        media_id = uploaded(exchange, _RULES, number, id_in, clock.now())
        if exchange.status == ACCEPTED:
            _wait_for(client, wire, media_id, number, clock)
        ids.append(media_id)
    return ids


def _wait_for(client: Any, wire: Wire, media_id: str, number: int, clock: Clock) -> None:
    """Ask until the server has worked on a picture: a post that names it earlier is refused."""
    wait = FIRST_WAIT
    while wire.remaining > wait:
        Event().wait(wait)
        wait = min(wait * 2, LONGEST_WAIT)
        exchange = wire.ask("GET", f"/api/v1/media/{media_id}", partial(client.media, media_id))
        uploaded(exchange, _RULES, number, id_in, clock.now())
        if exchange.status != WORKING:
            return
    raise TryLaterError(
        f"Mastodon was still working on picture {number} when the time for the request was over"
    )
