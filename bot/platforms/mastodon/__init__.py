"""Mastodon, and servers that speak its language, through Mastodon.py."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from bot.domain.account import Identity
from bot.domain.delivery import Delivery, Receipt, Sighting, withdrawn
from bot.domain.errors import RefusedError, TryLaterError
from bot.domain.lengths import PlatformName
from bot.domain.richtext import SpanKind, spans
from bot.platforms.compare import not_before, parent_of, same_words, text_of_html
from bot.platforms.mastodon import boosts
from bot.platforms.mastodon.answers import (
    RULES,
    answers,
    handle_in,
    id_in,
    limits_in,
    link_in,
    made_at,
    may_write,
    missing,
    needless,
    without_servers,
)
from bot.platforms.mastodon.media import upload
from bot.platforms.media import media_frozen, media_thawed
from bot.platforms.own import Secret, frozen, revealed, thawed
from bot.platforms.verdict import GONE, NOT_FOUND, OK, answer_of, clock_ahead, verdict
from bot.platforms.wire import Exchange, Wire, within_deadline
from bot.ports import Clock
from bot.ports.records import Own

STATUSES = "/api/v1/statuses"
STATUS_URL = re.compile(r"/([0-9]{1,20})/?$")
PAGE = 40
MOST_PAGES = 25  # of our own timeline, in one look
SPOKEN_VERSION = "4.5.0"  # what Mastodon.py is told, so that it never asks before it posts


class MastodonPlatform:
    """One account on a Mastodon server; ports.Platform is its contract."""

    name = PlatformName.MASTODON

    def __init__(
        self,
        *,
        base_url: str,
        access_token: Secret,
        clock: Clock,
        deadline: timedelta,
        visibility: str = "public",
        media: Path | None = None,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._access_token = access_token
        self._visibility = visibility
        self._media = media
        self._clock = clock
        self._wire = Wire(clock, deadline)
        self._made: Any = None

    @within_deadline
    def identify(self) -> Identity:
        """Ask who we are, what we may do, and how long a post may be here."""
        self._made = None  # the token may have been put right since
        client = self._client()
        exchange = self._get("/api/v1/accounts/verify_credentials", client.account_verify_credentials)
        me = answer_of(exchange, RULES, self._clock.now())
        if not isinstance(me, dict) or not me.get("id") or not me.get("acct"):
            raise TryLaterError(
                "this Mastodon server did not say which account this is; is `base_url` right?"
            )
        server, scopes = self._server(), self._scopes()
        length, link_length = limits_in(server)
        return Identity(
            own_id=str(me["id"]),
            handle=handle_in(me, server, self._base_url),
            url=link_in(me) or self._base_url,
            may_write=may_write(scopes),
            bot_label=me["bot"] if isinstance(me.get("bot"), bool) else None,
            scopes_missing=missing(scopes),
            scopes_excess=needless(scopes),
            clock_ahead=clock_ahead(exchange, self._clock.now()),
            length=length,
            link_length=link_length,
        )

    def freeze(self, delivery: Delivery, own: Own, now: datetime) -> bytes:
        """What is sent, but for the id of the post it answers."""
        content = {"status": delivery.text, "language": delivery.language, "visibility": self._visibility}
        warned = {"spoiler_text": delivery.warning} if delivery.warning else {}
        return frozen({**content, **warned, **media_frozen(delivery)})

    @within_deadline
    def publish(self, delivery: Delivery) -> Receipt:
        """Send the frozen bytes under the delivery's key, as a reply where it has a parent.

        Their pictures are uploaded first. A key that the server remembers lets those of a repetition lie.
        """
        since = self._wire.moment()
        content = thawed(delivery, self.name, "status", "language", "visibility")
        client = self._client()
        media_ids = upload(client, self._wire, media_thawed(content), self._media, self._clock) or None
        exchange = self._wire.ask(
            "POST",
            STATUSES,
            lambda: client.status_post(
                content["status"],
                in_reply_to_id=parent_of(delivery),
                media_ids=media_ids,
                visibility=content["visibility"],
                language=content["language"],
                spoiler_text=content.get("spoiler_text"),
                idempotency_key=delivery.key,
            ),
            since=since,
            text=content["status"],
        )
        return verdict(exchange, RULES, self._receipt, self._clock.now())

    @within_deadline
    def withdraw(self, delivery: Delivery) -> Receipt:
        """Delete a status; one that the server does not find is gone."""
        remote_id = delivery.text
        path = f"{STATUSES}/{remote_id}"
        exchange = self._wire.ask("DELETE", path, partial(self._client().status_delete, remote_id))
        if exchange.status in {NOT_FOUND, GONE} and isinstance(exchange.json(), dict):
            return withdrawn(remote_id)

        def receipt(answer: Any) -> Receipt | None:
            return withdrawn(remote_id) if id_in(answer) == remote_id else None

        return verdict(exchange, RULES, receipt, self._clock.now())

    @within_deadline
    def boost(self, delivery: Delivery, own: Own) -> Receipt:
        """Boost a status that is still there and public."""
        return boosts.boost(self._client(), self._wire, self._clock, delivery)

    @within_deadline
    def unboost(self, delivery: Delivery, own: Own) -> Receipt:
        """Take a boost back; of a status that the server does not find, none is left."""
        return boosts.unboost(self._client(), self._wire, self._clock, delivery)

    @within_deadline
    def is_boosted(self, delivery: Delivery, own: Own) -> bool:
        """Whether the server says that we boost a status."""
        return boosts.is_boosted(self._client(), self._wire, self._clock, delivery)

    @within_deadline
    def receipt_at(self, url: str, own: Own) -> Receipt:
        """The status whose number ends an address."""
        found = STATUS_URL.search(url)
        if not found:
            raise RefusedError(f"{url} is not the address of a post on our server: it ends in a number")
        exchange = self._get(f"{STATUSES}/{found[1]}", partial(self._client().status, found[1]))
        if exchange.status in {NOT_FOUND, GONE} and isinstance(exchange.json(), dict):
            raise RefusedError(f"our server has no post at {url}")
        status = answer_of(exchange, RULES, self._clock.now())
        receipt = self._receipt(status)
        if receipt is None or not isinstance(status, dict):
            raise TryLaterError("Mastodon did not say whether the post is there")
        if str((status.get("account") or {}).get("id")) != own.own_id:
            raise RefusedError(f"the post at {url} is not ours")
        return receipt

    @within_deadline
    def look(self, delivery: Delivery, own: Own, since: datetime | None = None) -> Sighting:
        """Read our own timeline back to the claim, or to `since`."""
        text, parent = str(thawed(delivery, self.name, "status")["status"]), parent_of(delivery)
        found = [
            self._receipt(status)
            for status in self._own_statuses(own, delivery, since)
            if answers(status) == parent and self._is_ours(status, text)
        ]
        return Sighting(matches=tuple(receipt for receipt in found if receipt))

    @within_deadline
    def read_back(self, delivery: Delivery, own: Own) -> bool:
        """Whether the post is there."""
        remote_id = delivery.receipt.remote_id if delivery.receipt else ""
        exchange = self._get(f"{STATUSES}/{remote_id}", partial(self._client().status, remote_id))
        if exchange.status in {NOT_FOUND, GONE} and isinstance(exchange.json(), dict):
            return False
        if id_in(answer_of(exchange, RULES, self._clock.now())) == remote_id:
            return True
        raise TryLaterError("Mastodon did not say whether the post is there")

    def _own_statuses(
        self, own: Own, delivery: Delivery, since: datetime | None
    ) -> Iterator[Mapping[str, Any]]:
        """Our own statuses, the newest first, back to the claim (or `since`) on the server's own clock."""
        page = partial(self._client().account_statuses, own.own_id, limit=PAGE, exclude_reblogs=True)
        path = f"/api/v1/accounts/{own.own_id}/statuses"
        older_than: str | None = None
        for _ in range(MOST_PAGES):
            exchange = self._get(path, partial(page, max_id=older_than))
            found = answer_of(exchange, RULES, self._clock.now())
            if not isinstance(found, list):
                raise TryLaterError("Mastodon gave an answer that cannot be read; is `base_url` right?")
            oldest = not_before(delivery, since, clock_ahead(exchange, self._clock.now()))
            statuses = [one for one in found if id_in(one)]
            # A server may give shorter pages than asked for: only one that holds nothing new is the last.
            last = id_in(statuses[-1]) if statuses else older_than
            if last == older_than:
                return
            yield from (status for status in statuses if made_at(status) >= oldest)
            if made_at(statuses[-1]) < oldest:
                return
            older_than = last
        raise TryLaterError("our timeline on Mastodon is longer than we can read in one look")

    def _is_ours(self, status: Mapping[str, Any], text: str) -> bool:
        shown = text_of_html(str(status.get("content", "")))
        if not same_words(without_servers(shown), without_servers(text)):
            return False
        if not any(span.kind is SpanKind.HANDLE for span in spans(text)):
            return True
        # Served as HTML, a handle has lost its server: the source still has it.
        remote_id = id_in(status)
        path = f"{STATUSES}/{remote_id}/source"
        exchange = self._get(path, partial(self._client().status_source, remote_id))
        if exchange.status == NOT_FOUND:
            return True  # this server has no sources: what it shows is the same
        source = answer_of(exchange, RULES, self._clock.now())
        return isinstance(source, dict) and same_words(str(source.get("text", "")), text)

    def _server(self) -> Mapping[str, Any]:
        """What the server says of itself, nothing where it does not."""
        client = self._client()
        for path, ask in (
            ("/api/v2/instance", client.instance_v2),
            ("/api/v1/instance", client.instance_v1),
        ):
            exchange = self._get(path, ask)
            answer = exchange.json()
            if exchange.status in OK and isinstance(answer, dict):
                return answer
        return {}

    def _scopes(self) -> frozenset[str] | None:
        """What the token may do, None where the server does not say."""
        exchange = self._get("/api/v1/apps/verify_credentials", self._client().app_verify_credentials)
        answer = exchange.json()
        scopes = answer.get("scopes") if exchange.status in OK and isinstance(answer, dict) else None
        return frozenset(map(str, scopes)) if isinstance(scopes, list) else None

    def _get(self, path: str, call: Callable[[], object]) -> Exchange:
        return self._wire.ask("GET", path, call)

    def _receipt(self, answer: Any) -> Receipt | None:
        remote_id = id_in(answer)
        return Receipt(remote_id=remote_id, url=link_in(answer) or self._base_url) if remote_id else None

    def _client(self) -> Any:
        if self._made is None:
            (token,) = revealed([self._access_token], self.name)
            self._wire.keep_secret(token)
            self._made = _client(self._wire, self._base_url, token)
        return self._made


def _client(wire: Wire, base_url: str, token: str) -> Any:
    """A Mastodon.py client on our transport, which asks nothing but what it is asked to."""
    from mastodon import Mastodon

    from bot.platforms.transports import quieten, session

    quieten("mastodon", "urllib3")
    client = Mastodon(
        api_base_url=base_url,
        session=session(wire),
        request_timeout=wire.deadline,
        ratelimit_method="throw",
        mastodon_version=SPOKEN_VERSION,
        version_check_mode="created",
        user_agent="solidarity-bot",
    )
    client.access_token = token  # given to the constructor, it would be read as the name of a file
    return client
