"""What is said to us on Bluesky: mentions, replies and quotes, walked back until nothing of it is new."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bot.domain.errors import TryLaterError
from bot.domain.lengths import PlatformName
from bot.domain.mention import Audience, Mention, Page
from bot.platforms.bluesky.answers import RULES
from bot.platforms.bluesky.kept import Kept
from bot.platforms.bluesky.session import REFRESH, Sessions
from bot.platforms.own import Secret
from bot.platforms.plain import any_name_of, clean, group_in, language_in, list_in, name_in, time_in, words_in
from bot.platforms.verdict import BAD_REQUEST, answer_of
from bot.platforms.walk import Walk
from bot.platforms.wire import Exchange, Wire, within_deadline
from bot.ports import Clock
from bot.ports.inbox import MENTIONS, SWEEP

NOTIFICATIONS = "app.bsky.notification.listNotifications"
POSTS = "app.bsky.feed.getPosts"
REASONS = ("mention", "reply", "quote")
PAGE, MOST_POSTS = 100, 25
NUDGE = timedelta(milliseconds=1)

_URI = re.compile(
    r"at://(did:[a-z]+:[A-Za-z0-9._:%-]{1,200})/app\.bsky\.feed\.post/([A-Za-z0-9._:~-]{1,512})"
)
_FOR_MEMBERS = "!no-unauthenticated"  # an author's wish not to be shown to the whole web

UNQUOTED = replace(RULES, words=lambda _: "")  # a server's own words may name a message or its writer


class BlueskyEar:
    """The mentions of one account on Bluesky; ports.Ear is its contract.

    Both streams walk down from the newest. The sweep goes further: a message that carries an old date stands
    far down, below what a poll reads.
    """

    platform = PlatformName.BLUESKY
    streams: tuple[str, ...] = (MENTIONS, SWEEP)

    def __init__(
        self,
        *,
        label: str,
        handle: str,
        app_password: Secret,
        session_path: Path,
        clock: Clock,
        deadline: timedelta,
        base_url: str = "https://bsky.social",
    ) -> None:
        self._label = label
        self._base_url = base_url.rstrip("/")
        self._clock = clock
        self._wire = Wire(clock, deadline)
        handle = handle.removeprefix("@")
        self._sessions = Sessions(
            base_url=self._base_url,
            handle=handle,
            app_password=app_password,
            kept=Kept(session_path, (self._base_url, handle)),
            wire=self._wire,
            clock=clock,
            rules=RULES,
        )

    @within_deadline
    def read(self, stream: str, cursor: str | None, since: datetime) -> Page:
        """One page of the walk down."""
        walk = Walk.read(cursor, since)
        floor = since if stream == SWEEP else walk.floor(since)
        wanted: dict[str, Any] = {"limit": PAGE, "reasons": list(REASONS)}
        exchange = self._asked(NOTIFICATIONS, {**wanted, **({"cursor": walk.at} if walk.at else {})})
        if exchange.status == BAD_REQUEST and walk.at:
            # A server that was updated may not know its old cursors: the walk begins anew.
            return Page(mentions=(), cursor=Walk(walk.to).written(), more=True)
        answer = self._answer(exchange)
        found = answer.get("notifications")
        if not isinstance(found, list):
            raise TryLaterError("Bluesky gave an answer that cannot be read; is `base_url` right?")
        times = [at for one in found if (at := time_in(one, "indexedAt"))]
        onward = self._onward(name_in(answer, "cursor"), walk.at)
        top = max(times, default=None)
        enough = walk.done(top, self._clock.now()).written()
        more = bool(onward) and not (times and min(times) < floor)
        return self._heard(
            [one for one in reversed(found) if not _older(one, floor)],
            cursor=walk.onward(onward, top).written() if more else enough,
            enough=enough,
            more=more,
        )

    @within_deadline
    def still_there(self, remote_ids: Sequence[str]) -> Mapping[str, str | None]:
        """Ask for all of them; what is not shown is gone, or hidden from us."""
        texts: dict[str, str | None] = dict.fromkeys(remote_ids)
        for start in range(0, len(remote_ids), MOST_POSTS):
            answer = self._answer(self._asked(POSTS, {"uris": list(remote_ids[start : start + MOST_POSTS])}))
            if not isinstance(answer.get("posts"), list):
                raise TryLaterError("Bluesky did not say whether messages are still there")
            for post in answer["posts"]:
                uri = name_in(post, "uri")
                if uri in texts:
                    texts[uri] = clean(group_in(post, "record").get("text"))
        return texts

    def _onward(self, cursor: str, asked: str) -> str:
        """Where the next page begins, empty after the last.

        The server's cursor is the bare time of the last message, and passes over others of that time: so we
        begin a moment above it, unless that would lead nowhere.
        """
        at = time_in({"at": cursor}, "at")
        if at is None:
            return cursor if cursor != asked else ""
        nudged = f"{at + NUDGE:%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"
        before = time_in({"at": asked}, "at")
        if before is None or at + NUDGE < before:
            return nudged
        return cursor if at < before else ""

    def _heard(self, found: Sequence[Any], *, cursor: str, enough: str, more: bool) -> Page:
        read = [(self._mention(one), one) for one in found]
        mentions = tuple(mention for mention, _ in read if mention)
        refused = tuple(any_name_of(one, "uri", "cid") for mention, one in read if mention is None)
        return Page(mentions=mentions, cursor=cursor, more=more, enough=enough, refused=refused)

    def _mention(self, notification: Any) -> Mention | None:
        """A mention, None where something is missing without which it is none."""
        author, record = group_in(notification, "author"), group_in(notification, "record")
        named = _URI.fullmatch(name_in(notification, "uri"))
        at = time_in(record, "createdAt") or time_in(notification, "indexedAt")
        if named is None or at is None or not isinstance(record.get("text"), str):
            return None
        if author.get("did") != named[1]:
            return None
        labels = {name_in(label, "val") for label in list_in(author, "labels")}
        about = (clean(author.get("displayName")), clean(author.get("description")))
        return Mention(
            account=self._label,
            platform=self.platform,
            remote_id=named[0],
            url=self._url(named[1], named[2]),
            author_id=named[1],
            handle=f"@{handle}" if (handle := name_in(author, "handle")) else "",
            text=clean(record["text"]),
            language=language_in(next(iter(list_in(record, "langs")), None)),
            created_at=at,
            audience=Audience.UNLISTED if _FOR_MEMBERS in labels else Audience.PUBLIC,
            about_author="\n".join(one for one in about if one),
            beside=_beside(group_in(record, "embed")),
            automated="bot" in labels,
        )

    def _url(self, did: str, key: str) -> str:
        local = urlsplit(self._base_url).scheme == "http"
        return f"{self._base_url if local else 'https://bsky.app'}/profile/{did}/post/{key}"

    def _asked(self, method: str, wanted: Mapping[str, Any]) -> Exchange:
        """Ask a question as ourselves, once more with a new session where the old one had run out."""

        def ask() -> Exchange:
            client = self._sessions.client()
            return self._wire.ask(
                "GET",
                f"/xrpc/{method}",
                lambda: client.invoke_query(method, _plain(wanted)),
                beside=(REFRESH,),
            )

        exchange = ask()
        if self._sessions.ran_out(exchange):
            self._sessions.renew()
            exchange = ask()
        return exchange

    def _answer(self, exchange: Exchange) -> Mapping[str, Any]:
        """The JSON itself: the library's models are strict, and break on what a server has added."""
        answer = answer_of(exchange, UNQUOTED, self._clock.now())
        if not isinstance(answer, dict):
            raise TryLaterError("Bluesky gave an answer that cannot be read; is `base_url` right?")
        return answer


def _beside(embed: Mapping[str, Any]) -> str:
    """What a message says of its pictures, or of its film, also where it quotes somebody with them."""
    shown = [embed, group_in(embed, "media")]
    return words_in([*shown, *(one for media in shown for one in list_in(media, "images"))], "alt")


def _older(notification: Any, floor: datetime) -> bool:
    at = time_in(notification, "indexedAt")
    return at is not None and at < floor


def _plain(wanted: Mapping[str, Any]) -> Any:
    """Parameters in the one form that the library takes without loading its models."""
    from atproto_client.models.dot_dict import DotDict

    return DotDict(dict(wanted))
