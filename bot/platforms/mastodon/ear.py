"""What is said to us on Mastodon and its kin, read upward, so that no page is ever passed over."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from bot.domain.errors import TryLaterError
from bot.domain.lengths import PlatformName
from bot.domain.marks import bare
from bot.domain.mention import Audience, Mention, Page
from bot.platforms.mastodon.answers import RULES, id_in
from bot.platforms.own import Secret, revealed
from bot.platforms.plain import (
    address_in,
    any_name_of,
    clean,
    group_in,
    language_in,
    list_in,
    name_in,
    plain_text,
    time_in,
    words_in,
)
from bot.platforms.verdict import GONE, NOT_FOUND, answer_of
from bot.platforms.wire import TOO_LONG, Exchange, Wire, within_deadline
from bot.ports import Clock
from bot.ports.inbox import MENTIONS, SWEEP

NOTIFICATIONS = "/api/v1/notifications"
STATUSES = "/api/v1/statuses"
PAGES = (80, 8, 1)  # the fewer, where so many are more than we read at once
BEGINNING = "0"  # an id below all others
DOWN = "down:"  # before the id of a cursor that still goes down, to where reading begins

_AUDIENCES = {"public": Audience.PUBLIC, "unlisted": Audience.UNLISTED}

UNQUOTED = replace(RULES, words=lambda _: "")  # a server's own words may name a message or its writer


class MastodonEar:
    """The mentions of one account on a Mastodon server; ports.Ear is its contract.

    What the account's settings filter, such as a private mention by somebody new, is asked for as well: a
    supporter who writes to us alone is heard.
    """

    platform = PlatformName.MASTODON
    streams: tuple[str, ...] = (MENTIONS, SWEEP)

    def __init__(
        self, *, label: str, base_url: str, access_token: Secret, clock: Clock, deadline: timedelta
    ) -> None:
        self._label = label
        self._base_url = base_url.rstrip("/")
        self._access_token = access_token
        self._clock = clock
        self._wire = Wire(clock, deadline)
        self._session: Any = None

    @within_deadline
    def read(self, stream: str, cursor: str | None, since: datetime) -> Page:
        """One page: upward from the cursor; the sweep goes down, from the newest to `since`."""
        if stream == SWEEP:
            return self._swept(cursor, since)
        if cursor is None or cursor.startswith(DOWN):
            return self._beginning(cursor, since)
        found, refused = self._page({"min_id": cursor})
        newest = id_in(found[0]) if found else cursor
        if newest == cursor:
            return Page(mentions=(), cursor=cursor, more=False, refused=refused)
        return self._heard(found, newest, more=True, since=since, refused=refused)

    @within_deadline
    def still_there(self, remote_ids: Sequence[str]) -> Mapping[str, str | None]:
        """Ask for each; who may see a status never changes here, so one that is shown is as it was."""
        return {remote_id: self._text_now(remote_id) for remote_id in remote_ids}

    def _beginning(self, cursor: str | None, since: datetime) -> Page:
        """Look for the last notification before `since`; nothing is taken on the way."""
        found, _ = self._page({"max_id": cursor.removeprefix(DOWN)} if cursor else {})
        before = next((id_in(one) for one in found if _older(one, since)), None)
        if before or not found:
            return Page(mentions=(), cursor=before or BEGINNING, more=bool(cursor) or bool(found))
        return Page(mentions=(), cursor=DOWN + id_in(found[-1]), more=True)

    def _swept(self, cursor: str | None, since: datetime) -> Page:
        found, refused = self._page({"max_id": cursor} if cursor else {})
        oldest = id_in(found[-1]) if found else cursor
        more = oldest != cursor and not _older(found[-1], since)
        return self._heard(found, oldest, more=more, since=since, refused=refused)

    def _page(self, wanted: Mapping[str, str]) -> tuple[list[Any], tuple[str, ...]]:
        """Notifications with an id, the newest first, and what others are recognised by that have none."""
        asked = {"types[]": "mention", "include_filtered": "true", **wanted}
        for page in PAGES:
            exchange = self._get(NOTIFICATIONS, {**asked, "limit": str(page)})
            if exchange.trouble != TOO_LONG:
                break
        found = answer_of(exchange, UNQUOTED, self._clock.now())
        if not isinstance(found, list):
            raise TryLaterError("Mastodon gave an answer that cannot be read; is `base_url` right?")
        named = [one for one in found if id_in(one)]
        return named, tuple(any_name_of(one) for one in found if not id_in(one))

    def _heard(
        self,
        found: Sequence[Any],
        cursor: str | None,
        *,
        more: bool,
        since: datetime,
        refused: tuple[str, ...],
    ) -> Page:
        wanted = [one for one in reversed(found) if one.get("type") == "mention" and not _older(one, since)]
        read = [(self._mention(one), one) for one in wanted]
        mentions = tuple(mention for mention, _ in read if mention)
        lost = tuple(any_name_of(one, "id") for mention, one in read if mention is None)
        return Page(mentions=mentions, cursor=cursor, more=more, refused=(*refused, *lost))

    def _mention(self, notification: Any) -> Mention | None:
        """A mention, None where something is missing without which it is none."""
        status, author = group_in(notification, "status"), group_in(notification, "account")
        remote_id, author_id, at = id_in(status), id_in(author), time_in(status, "created_at")
        if not remote_id or not author_id or at is None or not isinstance(status.get("content"), str):
            return None
        return Mention(
            account=self._label,
            platform=self.platform,
            remote_id=remote_id,
            url=address_in(status, "url") or address_in(status, "uri"),
            author_id=author_id,
            handle=_handle_of(author),
            text=_text_of(status),
            language=language_in(status.get("language")),
            created_at=at,
            # An audience that we do not know is taken for the smallest.
            audience=_AUDIENCES.get(str(status.get("visibility")), Audience.PRIVATE),
            about_author=_about(author),
            beside=_beside(status),
            # Numbers are each server's own: 42 here is somebody else there, who may have wished otherwise.
            uri=address_in(status, "uri") or address_in(status, "url"),
            author_uri=bare(_handle_of(author)),
            automated=author.get("bot") is True,
        )

    def _text_now(self, remote_id: str) -> str | None:
        path = f"{STATUSES}/{remote_id}"
        exchange = self._get(path, {})
        if exchange.status in {NOT_FOUND, GONE} and isinstance(exchange.json(), dict):
            return None
        status = answer_of(exchange, UNQUOTED, self._clock.now())
        if id_in(status) != remote_id:
            raise TryLaterError("Mastodon did not say whether a message is still there")
        return _text_of(status)

    def _get(self, path: str, wanted: Mapping[str, str]) -> Exchange:
        # Asked without Mastodon.py, whose notifications() knows nothing of what is filtered.
        session = self._open()
        url = f"{self._base_url}{path}"
        return self._wire.ask("GET", path, lambda: session.get(url, params=dict(wanted)))

    def _open(self) -> Any:
        if self._session is None:
            from bot.platforms.transports import quieten, session

            (token,) = revealed([self._access_token], self.platform)
            quieten("urllib3")
            self._wire.keep_secret(token)
            opened = session(self._wire)
            opened.headers.update({"Authorization": f"Bearer {token}", "User-Agent": "solidarity-bot"})
            self._session = opened
        return self._session


def _older(notification: Any, since: datetime) -> bool:
    """Whether a notification was made before an instant; one that does not say is not."""
    at = time_in(notification, "created_at")
    return at is not None and at < since


def _handle_of(author: Mapping[str, Any]) -> str:
    """A whole handle: our server leaves its own name out of its people's. Empty where there is none."""
    acct, server = name_in(author, "acct"), urlsplit(address_in(author, "url")).netloc
    if not acct or " " in acct:
        return ""
    return f"@{acct}" if "@" in acct or not server else f"@{acct}@{server}"


def _text_of(status: Mapping[str, Any]) -> str:
    """What a status says, its warning first."""
    warning, words = clean(status.get("spoiler_text")), plain_text(status.get("content"))
    return f"{warning}\n{words}".strip() if warning else words


def _beside(status: Mapping[str, Any]) -> str:
    """What a message says outside its text: of its pictures, and in the choices of its poll."""
    pictures, choices = list_in(status, "media_attachments"), list_in(group_in(status, "poll"), "options")
    said = words_in(pictures, "description"), words_in(choices, "title")
    return "\n".join(one for one in said if one)


def _about(author: Mapping[str, Any]) -> str:
    """What a profile says of its owner: name, description, and the table beside it."""
    fields = [one for one in list_in(author, "fields") if isinstance(one, dict)]
    said = (
        clean(author.get("display_name")),
        plain_text(author.get("note")),
        *(f"{clean(one.get('name'))}: {plain_text(one.get('value'))}" for one in fields),
    )
    return clean("\n".join(one for one in said if one))
