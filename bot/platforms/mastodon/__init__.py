"""Mastodon, and servers that speak its language, through Mastodon.py."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from bot.domain.account import Identity
from bot.domain.delivery import Delivery, Receipt, Sighting
from bot.domain.errors import TryLaterError
from bot.domain.lengths import PlatformName
from bot.domain.richtext import SpanKind, spans
from bot.platforms.compare import not_before, same_words, text_of_html
from bot.platforms.wire import Rules, Wire, answer_of, clock_ahead, verdict
from bot.ports import Clock, Own

STATUSES = "/api/v1/statuses"
PAGE = 40
MOST_PAGES = 5  # of our own timeline, in one look
SPOKEN_VERSION = "4.5.0"  # what Mastodon.py is told, so that it never asks before it posts
NOT_FOUND, GONE = 404, 410
NEEDED = ("read:accounts", "read:statuses", "write:statuses")
COVERED_BY = {
    "read:accounts": {"read:accounts", "profile", "read"},
    "read:statuses": {"read:statuses", "read"},
    "write:statuses": {"write:statuses", "write"},
}
USEFUL = {"profile", "read:accounts", "read:statuses", "read:notifications", "write:statuses", "write:media"}

_ID = re.compile(r"[\w-]{1,64}")  # a number on Mastodon, letters elsewhere
_SHUT_OUT = re.compile(r"disabled|suspended|scope|pending approval|not confirmed|moved", re.IGNORECASE)


def _words(answer: Mapping[str, Any]) -> str:
    return str(answer.get("error_description") or answer.get("error") or "")


RULES = Rules(
    platform=PlatformName.MASTODON,
    words=_words,
    account_is_shut_out=lambda answer: bool(_SHUT_OUT.search(_words(answer))),
    may_be_there=lambda _: False,
    resets=("x-ratelimit-reset", "retry-after"),
)


class MastodonPlatform:
    """One account on a Mastodon server; ports.Platform is its contract."""

    name = PlatformName.MASTODON

    def __init__(
        self,
        *,
        base_url: str,
        access_token: Callable[[], str],
        clock: Clock,
        deadline: timedelta,
        visibility: str = "public",
    ) -> None:
        self._base_url = base_url
        self._access_token = access_token
        self._visibility = visibility
        self._clock = clock
        self._wire = Wire(clock, deadline)
        self._made: Any = None

    def identify(self) -> Identity:
        """Ask who we are, what we may do, and how long a post may be here."""
        client = self._client()
        path = "/api/v1/accounts/verify_credentials"
        exchange = self._wire.ask("GET", path, client.account_verify_credentials)
        me = answer_of(exchange, RULES, self._clock.now())
        if not isinstance(me, dict) or not me.get("id") or not me.get("acct"):
            raise TryLaterError("this server did not say which account this is; is `base_url` right?")
        server = self._server()
        scopes = self._scopes()
        length, link_length = _limits(server)
        return Identity(
            own_id=str(me["id"]),
            handle=_handle(str(me["acct"]), server, self._base_url),
            url=str(me.get("url") or self._base_url),
            may_write=None if scopes is None else bool(scopes & COVERED_BY["write:statuses"]),
            bot_label=me["bot"] if isinstance(me.get("bot"), bool) else None,
            scopes_missing=_missing(scopes),
            scopes_excess=tuple(sorted((scopes or set()) - USEFUL)),
            clock_ahead=clock_ahead(exchange, self._clock.now()),
            length=length,
            link_length=link_length,
        )

    def freeze(self, delivery: Delivery, own: Own, now: datetime) -> bytes:
        """What is sent, but for the id of the post it answers."""
        frozen = {
            "status": delivery.text,
            "language": delivery.language,
            "visibility": self._visibility,
        }
        return json.dumps(frozen, ensure_ascii=False, sort_keys=True).encode()

    def publish(self, delivery: Delivery) -> Receipt:
        """Send the frozen bytes under the delivery's key, as a reply where it has a parent."""
        frozen = json.loads(delivery.payload or b"{}")
        parent = delivery.parent.remote_id if delivery.parent else None
        client = self._client()
        exchange = self._wire.ask(
            "POST",
            STATUSES,
            lambda: client.status_post(
                frozen["status"],
                in_reply_to_id=parent,
                visibility=frozen["visibility"],
                language=frozen["language"],
                idempotency_key=delivery.key,
            ),
        )
        return verdict(exchange, RULES, self._receipt, self._clock.now())

    def look(self, delivery: Delivery, own: Own) -> Sighting:
        """Read our own timeline back to the claim."""
        since = not_before(delivery.claimed_at or delivery.planned_at)
        parent = delivery.parent.remote_id if delivery.parent else None
        matches = []
        for one in self._own_statuses(own, since):
            answers = one.get("in_reply_to_id")
            if (str(answers) if answers else None) == parent and self._is_ours(one, delivery.text):
                receipt = self._receipt(one)
                matches += [receipt] if receipt else []
        return Sighting(matches=tuple(matches))

    def read_back(self, delivery: Delivery, own: Own) -> bool:
        """Whether the post is there."""
        remote_id = delivery.receipt.remote_id if delivery.receipt else ""
        client = self._client()
        exchange = self._wire.ask("GET", f"{STATUSES}/{remote_id}", lambda: client.status(remote_id))
        if exchange and exchange.status in {NOT_FOUND, GONE} and isinstance(exchange.json(), dict):
            return False
        return self._receipt(answer_of(exchange, RULES, self._clock.now())) is not None

    def _own_statuses(self, own: Own, since: datetime) -> Iterator[Mapping[str, Any]]:
        client = self._client()
        path = f"/api/v1/accounts/{own.own_id}/statuses"
        older_than: str | None = None
        for _ in range(MOST_PAGES):
            following = older_than

            def page(max_id: str | None = following) -> object:
                return client.account_statuses(own.own_id, limit=PAGE, exclude_reblogs=True, max_id=max_id)

            found = answer_of(self._wire.ask("GET", path, page), RULES, self._clock.now())
            statuses = [one for one in found if isinstance(one, dict) and one.get("id")]
            for one in statuses:
                if _made_at(one) < since:
                    return
                yield one
            if len(statuses) < PAGE:
                return
            older_than = str(statuses[-1]["id"])
        raise TryLaterError("our timeline on Mastodon is longer than we can read in one look")

    def _is_ours(self, one: Mapping[str, Any], text: str) -> bool:
        if not any(span.kind is SpanKind.HANDLE for span in spans(text)):
            return same_words(text_of_html(str(one.get("content", ""))), text)
        # Served as HTML, a handle has lost its server: the source still has it.
        client, remote_id = self._client(), str(one["id"])
        path = f"{STATUSES}/{remote_id}/source"
        exchange = self._wire.ask("GET", path, lambda: client.status_source(remote_id))
        if exchange and exchange.status == NOT_FOUND:
            # This server has no sources; compare what it does show.
            return same_words(text_of_html(str(one.get("content", ""))), _without_servers(text))
        source = answer_of(exchange, RULES, self._clock.now())
        return same_words(str(source.get("text", "")), text)

    def _server(self) -> Mapping[str, Any]:
        """What the server says of itself, nothing where it does not."""
        client = self._client()
        for path, ask in (
            ("/api/v2/instance", client.instance_v2),
            ("/api/v1/instance", client.instance_v1),
        ):
            exchange = self._wire.ask("GET", path, ask)
            answer = exchange.json() if exchange and exchange.status == 200 else None  # noqa: PLR2004
            if isinstance(answer, dict):
                return answer
        return {}

    def _scopes(self) -> set[str] | None:
        """What the token may do, None where the server does not say."""
        client = self._client()
        path = "/api/v1/apps/verify_credentials"
        exchange = self._wire.ask("GET", path, client.app_verify_credentials)
        answer = exchange.json() if exchange and exchange.status == 200 else None  # noqa: PLR2004
        scopes = answer.get("scopes") if isinstance(answer, dict) else None
        return {str(scope) for scope in scopes} if isinstance(scopes, list) else None

    def _receipt(self, answer: Any) -> Receipt | None:
        if not isinstance(answer, dict) or not _ID.fullmatch(str(answer.get("id") or "")):
            return None
        return Receipt(remote_id=str(answer["id"]), url=str(answer.get("url") or answer.get("uri") or ""))

    def _client(self) -> Any:
        if self._made is None:
            from mastodon import Mastodon

            from bot.platforms.transports import session

            self._made = Mastodon(
                access_token=self._access_token(),
                api_base_url=self._base_url,
                session=session(self._wire),
                request_timeout=self._wire.deadline,
                ratelimit_method="throw",
                mastodon_version=SPOKEN_VERSION,
                version_check_mode="created",
                user_agent="solidarity-bot",
            )
        return self._made


def _missing(scopes: set[str] | None) -> tuple[str, ...]:
    if scopes is None:
        return ()
    return tuple(scope for scope in NEEDED if not scopes & COVERED_BY[scope])


def _handle(acct: str, server: Mapping[str, Any], base_url: str) -> str:
    host = str(server.get("domain") or server.get("uri") or urlsplit(base_url).netloc)
    host = urlsplit(host).netloc or host
    return f"@{acct}" if "@" in acct else f"@{acct}@{host}"


def _limits(server: Mapping[str, Any]) -> tuple[int | None, int | None]:
    """The longest post and what a link counts; older servers say the first in another place."""
    configuration = server.get("configuration")
    statuses = configuration.get("statuses") if isinstance(configuration, dict) else None
    found = statuses if isinstance(statuses, dict) else {}
    length = found.get("max_characters") or server.get("max_toot_chars")
    link = found.get("characters_reserved_per_url")
    return (
        length if isinstance(length, int) and length > 0 else None,
        link if isinstance(link, int) and link > 0 else None,
    )


def _made_at(one: Mapping[str, Any]) -> datetime:
    """When a post was made; one that does not say is looked at, never passed over."""
    try:
        at = datetime.fromisoformat(str(one.get("created_at")))
    except ValueError:
        return datetime.max.replace(tzinfo=UTC)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _without_servers(text: str) -> str:
    for span in reversed(spans(text)):
        if span.kind is SpanKind.HANDLE and span.text.count("@") > 1:
            local = span.text.rsplit("@", 1)[0]
            text = text[: span.start] + local + text[span.end :]
    return text
