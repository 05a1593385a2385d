"""X, through tweepy: OAuth 1.0a in the account's own name."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bot.domain.account import Identity
from bot.domain.delivery import Delivery, Receipt, Sighting, withdrawn
from bot.domain.errors import RefusedError, TryLaterError
from bot.domain.lengths import PlatformName
from bot.platforms.compare import not_before, parent_of
from bot.platforms.media import media_frozen, media_thawed
from bot.platforms.own import Secret, frozen, revealed, thawed
from bot.platforms.verdict import BAD_REQUEST, NOT_FOUND, OK, answer_of, clock_ahead, verdict
from bot.platforms.wire import Exchange, Wire, within_deadline
from bot.platforms.x import boosts
from bot.platforms.x.answers import (
    FIELD_WORDS,
    RULES,
    answers,
    id_in,
    made_at,
    page_of,
    same_post,
    says_deleted,
    says_not_found,
)
from bot.platforms.x.client import client_on
from bot.platforms.x.media import upload
from bot.ports import Clock
from bot.ports.records import Own

PUBLIC_HOST = "api.x.com"
MOST_PAGES = 10  # of our own timeline, in one look
PAGE = 100
A_MOMENT = timedelta(seconds=1)
CLOCKS_DIFFER = timedelta(minutes=5)  # what is asked for more than needed: we learn X's time by asking
TWEETS = "/2/tweets"
STATUS_URL = re.compile(r"/status(?:es)?/([0-9]{1,20})(?![0-9])")
READ_ONLY = "read"
MORE_THAN_NEEDED = "read-write-directmessages"


class XPlatform:
    """One account on X; ports.Platform is its contract."""

    name = PlatformName.X

    def __init__(
        self,
        *,
        consumer_key: Secret,
        consumer_secret: Secret,
        access_token: Secret,
        access_token_secret: Secret,
        clock: Clock,
        deadline: timedelta,
        base_url: str = f"https://{PUBLIC_HOST}",
        media: Path | None = None,
    ) -> None:
        self._secrets = (consumer_key, consumer_secret, access_token, access_token_secret)
        self._base_url = base_url.rstrip("/")
        self._clock = clock
        self._media = media
        self._wire = Wire(clock, deadline)
        self._made: Any = None
        self._field_word = FIELD_WORDS[0]

    @within_deadline
    def identify(self) -> Identity:
        """Ask who we are."""
        self._made = None  # the credentials may have been put right since
        exchange = self._get("/2/users/me", {"user.fields": "username"})
        answer = answer_of(exchange, RULES, self._clock.now())
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
        return frozen({"text": delivery.text, **media_frozen(delivery)})

    @within_deadline
    def publish(self, delivery: Delivery) -> Receipt:
        """Send the frozen text with its pictures, as a reply where it has a parent."""
        since = self._wire.moment()
        text, parent = self._text_of(delivery), parent_of(delivery)
        client = self._client()
        pictures = media_thawed(thawed(delivery, self.name))
        media_ids = upload(client, self._wire, pictures, self._media, self._clock) or None
        exchange = self._wire.ask(
            "POST",
            TWEETS,
            lambda: client.create_tweet(
                text=text, in_reply_to_tweet_id=parent, media_ids=media_ids, user_auth=True
            ),
            since=since,
            text=text,
        )
        return verdict(exchange, RULES, self._receipt, self._clock.now())

    @within_deadline
    def withdraw(self, delivery: Delivery) -> Receipt:
        """Delete a post; one that X does not find is gone."""
        remote_id, client = delivery.text, self._client()
        path = f"{TWEETS}/{remote_id}"
        exchange = self._wire.ask("DELETE", path, lambda: client.delete_tweet(remote_id, user_auth=True))
        answer = exchange.json()
        if exchange.status in {*OK, NOT_FOUND} and says_not_found(answer):
            return withdrawn(remote_id)
        if exchange.status in OK and says_deleted(answer) is False and not self._stands(remote_id):
            return withdrawn(remote_id)

        def receipt(answer: Any) -> Receipt | None:
            return withdrawn(remote_id) if says_deleted(answer) else None

        return verdict(exchange, RULES, receipt, self._clock.now())

    @within_deadline
    def boost(self, delivery: Delivery, own: Own) -> Receipt:
        """Repost a post as it is."""
        path, body, client = boosts.PATH.format(own.own_id), {"tweet_id": delivery.text}, self._client()
        exchange = self._wire.ask(
            "POST",
            path,
            lambda: client.request("POST", path, json=body, user_auth=True),
            text=delivery.text,
        )
        return boosts.boosted(exchange, delivery, self._clock.now())

    @within_deadline
    def unboost(self, delivery: Delivery, own: Own) -> Receipt:
        """Take a repost back; where there is none, X says the same."""
        path, client = f"{boosts.PATH.format(own.own_id)}/{delivery.text}", self._client()
        exchange = self._wire.ask(
            "DELETE",
            path,
            lambda: client.request("DELETE", path, user_auth=True),
            text=delivery.text,
        )
        return boosts.unboosted(exchange, delivery, self._clock.now())

    @within_deadline
    def is_boosted(self, delivery: Delivery, own: Own) -> bool:
        """Whether our own timeline has our repost of a post."""
        posts = self._own_posts(own, delivery, boosts.reach(delivery))
        return any(boosts.is_of(post, delivery.text) for post in posts)

    @within_deadline
    def receipt_at(self, url: str, own: Own) -> Receipt:
        """The post whose number stands in an address, where our own timeline has it."""
        found = STATUS_URL.search(url)
        if not found:
            raise RefusedError(f"{url} is not the address of a post on X: it ends in /status/ and a number")
        remote_id = found[1]
        for _, posts in self._timeline(own, made_at(remote_id) - A_MOMENT):
            if any(str(post["id"]) == remote_id for post in posts):
                return Receipt(remote_id=remote_id, url=self._url("i", remote_id))
        raise RefusedError(f"our account on X has no post at {url}")

    @within_deadline
    def look(self, delivery: Delivery, own: Own, since: datetime | None = None) -> Sighting:
        """Read our own timeline back to the claim, or to `since`."""
        text, parent = self._text_of(delivery), parent_of(delivery)
        found = [
            self._receipt({"data": post})
            for post in self._own_posts(own, delivery, since)
            if answers(post) == parent and same_post(post, text)
        ]
        return Sighting(matches=tuple(receipt for receipt in found if receipt))

    @within_deadline
    def read_back(self, delivery: Delivery, own: Own) -> bool:
        """Whether the post is there."""
        return self._stands(delivery.receipt.remote_id if delivery.receipt else "")

    def _stands(self, remote_id: str) -> bool:
        exchange = self._get(f"{TWEETS}/{remote_id}", {})
        answer = exchange.json()
        if exchange.status in {*OK, NOT_FOUND} and says_not_found(answer):
            return False
        if id_in(answer_of(exchange, RULES, self._clock.now())) == remote_id:
            return True
        raise TryLaterError("X did not say whether the post is there")

    def _text_of(self, delivery: Delivery) -> str:
        return str(thawed(delivery, self.name, "text")["text"])

    def _own_posts(self, own: Own, delivery: Delivery, since: datetime | None) -> Iterator[Mapping[str, Any]]:
        """Our own posts, the newest first, back to the claim (or `since`) on X's own clock."""
        for exchange, posts in self._timeline(own, not_before(delivery, since) - CLOCKS_DIFFER):
            oldest = not_before(delivery, since, clock_ahead(exchange, self._clock.now()))
            yield from (post for post in posts if made_at(str(post["id"])) >= oldest)

    def _timeline(self, own: Own, start: datetime) -> Iterator[tuple[Exchange, Sequence[Mapping[str, Any]]]]:
        """The pages of our own timeline, the newest first, back to an instant."""
        path = f"/2/users/{own.own_id}/tweets"
        wanted = {"start_time": f"{start.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}", "max_results": str(PAGE)}
        for _ in range(MOST_PAGES):
            exchange, posts, following = self._page(path, wanted)
            yield exchange, posts
            if not following:
                return
            wanted["pagination_token"] = following
        raise TryLaterError("our timeline on X is longer than we can read in one look")

    def _page(
        self, path: str, wanted: Mapping[str, str]
    ) -> tuple[Exchange, Sequence[Mapping[str, Any]], str]:
        """One page, and where the next begins.

        X is renaming `tweet` to `post` in the names of fields. It may refuse the word that it does not know,
        or leave the fields out as if they had not been asked for.
        """
        for word in sorted(FIELD_WORDS, key=lambda word: word != self._field_word):
            fields = f"created_at,entities,referenced_{word}s"
            exchange = self._get(path, {**wanted, f"{word}.fields": fields})
            if exchange.status == BAD_REQUEST:
                continue
            page = page_of(answer_of(exchange, RULES, self._clock.now()))
            if page:
                self._field_word = word
                return exchange, *page
        answer_of(exchange, RULES, self._clock.now())
        raise TryLaterError("X does not say enough about our posts to tell them apart")

    def _get(self, path: str, wanted: Mapping[str, str]) -> Exchange:
        client = self._client()
        return self._wire.ask(
            "GET", path, lambda: client.request("GET", path, params=dict(wanted), user_auth=True)
        )

    def _receipt(self, answer: Any) -> Receipt | None:
        remote_id = id_in(answer)
        return Receipt(remote_id=remote_id, url=self._url("i", remote_id)) if remote_id else None

    def _url(self, name: str, remote_id: str = "") -> str:
        host = "https://x.com" if urlsplit(self._base_url).hostname == PUBLIC_HOST else self._base_url
        return f"{host}/{name}/status/{remote_id}" if remote_id else f"{host}/{name}"

    def _client(self) -> Any:
        if self._made is None:
            secrets = revealed(self._secrets, self.name)
            self._wire.keep_secret(*secrets)
            self._made = client_on(self._wire, self._base_url, secrets)
        return self._made
