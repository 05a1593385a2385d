"""X, through tweepy: OAuth 1.0a in the account's own name."""

import html
import json
import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from bot.domain.account import Identity
from bot.domain.delivery import Delivery, Receipt, Sighting
from bot.domain.errors import TryLaterError
from bot.domain.lengths import PlatformName
from bot.platforms.compare import not_before, same_words
from bot.platforms.wire import Exchange, Rules, Wire, answer_of, clock_ahead, verdict
from bot.ports import Clock, Own

LIBRARY_HOST = "https://api.twitter.com"  # what tweepy has built in
PUBLIC_HOST = "api.x.com"
MOST_PAGES = 5  # of our own timeline, in one look
PAGE = 100
TWEETS = "/2/tweets"
READ_ONLY = "read"
MORE_THAN_NEEDED = "read-write-directmessages"

_ID = re.compile(r"\d{1,20}")
_SHUT_OUT = re.compile(
    r"\b(suspended|locked|not permitted|authenticating with)\b|client-forbidden|unsupported-authentication"
    r"|user-not-enrolled|oauth1 app permissions",
    re.IGNORECASE,
)


def _words(answer: Mapping[str, Any]) -> str:
    """What X says in an error; it has three ways to say it."""
    said = [answer.get("detail"), answer.get("title")]
    errors = answer.get("errors")
    if isinstance(errors, list):
        said += [
            one.get(key) for one in errors if isinstance(one, dict) for key in ("message", "detail", "title")
        ]
    return next((str(one) for one in said if one), "")


def _everything_said(answer: Mapping[str, Any]) -> str:
    return json.dumps(answer, ensure_ascii=False)


RULES = Rules(
    platform=PlatformName.X,
    words=_words,
    account_is_shut_out=lambda answer: bool(_SHUT_OUT.search(_everything_said(answer))),
    may_be_there=lambda answer: "duplicate" in _everything_said(answer).lower(),
    resets=("x-rate-limit-reset", "x-user-limit-24hour-reset", "x-app-limit-24hour-reset"),
)


class XPlatform:
    """One account on X; ports.Platform is its contract."""

    name = PlatformName.X

    def __init__(
        self,
        *,
        consumer_key: Callable[[], str],
        consumer_secret: Callable[[], str],
        access_token: Callable[[], str],
        access_token_secret: Callable[[], str],
        clock: Clock,
        deadline: timedelta,
        base_url: str = f"https://{PUBLIC_HOST}",
    ) -> None:
        self._secrets = (consumer_key, consumer_secret, access_token, access_token_secret)
        self._base_url = base_url
        self._clock = clock
        self._wire = Wire(clock, deadline)
        self._made: Any = None

    def identify(self) -> Identity:
        """Ask who we are."""
        answer, exchange = self._get("/2/users/me", {"user.fields": "username"})
        data = answer.get("data") if isinstance(answer, dict) else None
        if not isinstance(data, dict) or not data.get("id") or not data.get("username"):
            raise TryLaterError("X did not say which account this is; is `base_url` right?")
        level = exchange.header("x-access-level").replace(" ", "")
        return Identity(
            own_id=str(data["id"]),
            handle=f"@{data['username']}",
            url=self._url(str(data["username"])),
            may_write=level != READ_ONLY if level else None,
            scopes_excess=("direct messages",) if level == MORE_THAN_NEEDED else (),
            clock_ahead=clock_ahead(exchange, self._clock.now()),
        )

    def freeze(self, delivery: Delivery, own: Own, now: datetime) -> bytes:
        """The text as it is sent; X takes no language."""
        return json.dumps({"text": delivery.text}, ensure_ascii=False, sort_keys=True).encode()

    def publish(self, delivery: Delivery) -> Receipt:
        """Send the frozen text, as a reply where it has a parent."""
        frozen = json.loads(delivery.payload or b"{}")
        parent = delivery.parent.remote_id if delivery.parent else None
        client = self._client()
        exchange = self._wire.ask(
            "POST",
            TWEETS,
            lambda: client.create_tweet(text=frozen["text"], in_reply_to_tweet_id=parent, user_auth=True),
        )
        return verdict(exchange, RULES, self._receipt, self._clock.now())

    def look(self, delivery: Delivery, own: Own) -> Sighting:
        """Read our own timeline back to the claim."""
        since = not_before(delivery.claimed_at or delivery.planned_at)
        parent = delivery.parent.remote_id if delivery.parent else None
        matches = [
            Receipt(remote_id=str(post["id"]), url=self._url("i", str(post["id"])))
            for post in self._own_posts(own, since)
            if _parent(post) == parent and same_words(_text(post), delivery.text)
        ]
        return Sighting(matches=tuple(matches))

    def read_back(self, delivery: Delivery, own: Own) -> bool:
        """Whether the post is there."""
        remote_id = delivery.receipt.remote_id if delivery.receipt else ""
        answer, _ = self._get(f"{TWEETS}/{remote_id}", {})
        if isinstance(answer, dict) and isinstance(answer.get("data"), dict):
            return True
        if isinstance(answer, dict) and answer.get("errors"):
            return False
        raise TryLaterError("X did not say whether the post is there")

    def _own_posts(self, own: Own, since: datetime) -> Iterator[Mapping[str, Any]]:
        path = f"/2/users/{own.own_id}/tweets"
        start = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        wanted = {"start_time": start, "max_results": str(PAGE)}
        for _ in range(MOST_PAGES):
            answer = self._timeline(path, wanted)
            posts = answer.get("data") if isinstance(answer, dict) else None
            yield from (one for one in posts or () if isinstance(one, dict) and one.get("id"))
            following = (answer.get("meta") or {}).get("next_token") if isinstance(answer, dict) else None
            if not following:
                return
            wanted["pagination_token"] = following
        raise TryLaterError("our timeline on X is longer than we can read in one look")

    def _timeline(self, path: str, wanted: Mapping[str, str]) -> Any:
        """One page; X is renaming `tweet` to `post` in its fields, and may know only one of them."""
        try:
            fields = "created_at,entities,referenced_tweets"
            return self._get(path, {**wanted, "tweet.fields": fields})[0]
        except _UnknownFieldError:
            fields = "created_at,entities,referenced_posts"
            return self._get(path, {**wanted, "post.fields": fields})[0]

    def _get(self, path: str, wanted: Mapping[str, str]) -> tuple[Any, Exchange]:
        client = self._client()
        exchange = self._wire.ask(
            "GET", path, lambda: client.request("GET", path, params=dict(wanted), user_auth=True)
        )
        if exchange and exchange.status == 400 and "tweet.fields" in str(exchange.json()):  # noqa: PLR2004
            raise _UnknownFieldError("X does not know tweet.fields")
        answer = answer_of(exchange, RULES, self._clock.now())
        return answer, exchange or Exchange("GET", path)

    def _receipt(self, answer: Any) -> Receipt | None:
        data = answer.get("data") if isinstance(answer, dict) else None
        remote_id = str(data.get("id", "")) if isinstance(data, dict) else ""
        if not _ID.fullmatch(remote_id):
            return None
        return Receipt(remote_id=remote_id, url=self._url("i", remote_id))

    def _url(self, name: str, remote_id: str = "") -> str:
        host = "https://x.com" if urlsplit(self._base_url).hostname == PUBLIC_HOST else self._base_url
        return f"{host}/{name}/status/{remote_id}" if remote_id else f"{host}/{name}"

    def _client(self) -> Any:
        if self._made is None:
            self._made = _client(self._wire, self._base_url, [secret() for secret in self._secrets])
        return self._made


class _UnknownFieldError(TryLaterError):
    """X refuses a question for a field's name."""


def _client(wire: Wire, base_url: str, secrets: Sequence[str]) -> Any:
    """A tweepy client whose session is ours: our transport, our deadline, our host."""
    import tweepy

    from bot.platforms.transports import session

    # Its debug log holds headers and bodies.
    for name in ("tweepy", "oauthlib", "requests_oauthlib"):
        logging.getLogger(name).setLevel(logging.INFO)
    consumer_key, consumer_secret, access_token, access_token_secret = secrets
    client = tweepy.Client(
        consumer_key=consumer_key,
        consumer_secret=consumer_secret,
        access_token=access_token,
        access_token_secret=access_token_secret,
        return_type=dict,
        wait_on_rate_limit=False,
    )
    client.session = session(wire, built_in=LIBRARY_HOST, host=base_url)
    return client


def _text(post: Mapping[str, Any]) -> str:
    """The words of a post that X serves: unescaped, and with its short links put back."""
    text = html.unescape(str(post.get("text", "")))
    entities = post.get("entities")
    urls = entities.get("urls") if isinstance(entities, dict) else None
    for one in urls or ():
        if isinstance(one, dict) and one.get("url"):
            text = text.replace(str(one["url"]), str(one.get("expanded_url") or ""))
    return text


def _parent(post: Mapping[str, Any]) -> str | None:
    for key in ("referenced_tweets", "referenced_posts"):
        for one in post.get(key) or ():
            if isinstance(one, dict) and one.get("type") == "replied_to":
                return str(one.get("id"))
    return None
