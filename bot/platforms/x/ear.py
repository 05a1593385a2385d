"""What is said to us on X: mentions of our own account, at most the latest 800, which is all that X shows."""

import html
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from bot.domain.errors import TryLaterError
from bot.domain.lengths import PlatformName
from bot.domain.mention import Mention, Page
from bot.platforms.own import Secret, revealed
from bot.platforms.plain import LONGEST_ADDRESS, any_name_of, clean, group_in, language_in, list_in, name_in
from bot.platforms.verdict import BAD_REQUEST, answer_of
from bot.platforms.walk import Walk
from bot.platforms.wire import Exchange, Wire, within_deadline
from bot.platforms.x.answers import FIELD_WORDS, RULES, id_in, made_at
from bot.platforms.x.client import client_on
from bot.ports import Clock
from bot.ports.inbox import MENTIONS

PUBLIC_HOST = "api.x.com"
PAGE, MOST_POSTS = 100, 100

UNQUOTED = replace(RULES, words=lambda _: "")  # a server's own words may name a message or its writer


class XEar:
    """The mentions of one account on X; ports.Ear is its contract.

    Of their writers nothing is asked but the number that X has for them: no name, no profile. X does not put
    new posts among old ones, so there is no sweep, which would cost money.
    """

    platform = PlatformName.X
    streams: tuple[str, ...] = (MENTIONS,)

    def __init__(
        self,
        *,
        label: str,
        own_id: str,
        consumer_key: Secret,
        consumer_secret: Secret,
        access_token: Secret,
        access_token_secret: Secret,
        clock: Clock,
        deadline: timedelta,
        base_url: str = f"https://{PUBLIC_HOST}",
    ) -> None:
        self._label = label
        self._own_id = own_id
        self._secrets = (consumer_key, consumer_secret, access_token, access_token_secret)
        self._base_url = base_url.rstrip("/")
        self._clock = clock
        self._wire = Wire(clock, deadline)
        self._made: Any = None
        self._word = FIELD_WORDS[0]

    @within_deadline
    def read(self, stream: str, cursor: str | None, since: datetime) -> Page:
        """One page of the walk down."""
        walk = Walk.read(cursor, since)
        floor = walk.floor(since)
        wanted = {"start_time": f"{floor.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}", "max_results": str(PAGE)}
        if walk.at:
            wanted["pagination_token"] = walk.at
        path = f"/2/users/{self._own_id}/mentions"
        exchange = self._asked(path, wanted)
        if exchange.status == BAD_REQUEST and walk.at:
            # X forgets where a page begins: the walk begins anew, and knows what it has seen.
            return Page(mentions=(), cursor=Walk(walk.to).written(), more=True)
        answer = answer_of(exchange, UNQUOTED, self._clock.now())
        if not isinstance(answer, dict):
            raise TryLaterError("X gave an answer that cannot be read; is `base_url` right?")
        return self._page(walk, answer, floor)

    @within_deadline
    def still_there(self, remote_ids: Sequence[str]) -> Mapping[str, str | None]:
        """Ask for all of them; X says of each that it is there, or that it is not."""
        texts: dict[str, str | None] = {}
        for start in range(0, len(remote_ids), MOST_POSTS):
            wanted = list(remote_ids[start : start + MOST_POSTS])
            exchange = self._asked("/2/tweets", {"ids": ",".join(wanted)})
            answer = answer_of(exchange, UNQUOTED, self._clock.now())
            shown = {name_in(one, "id"): _text_of(one) for one in list_in(answer, "data")}
            denied = {name_in(one, "value") for one in list_in(answer, "errors")}
            if any(one not in shown and one not in denied for one in wanted):
                raise TryLaterError("X did not say whether messages are still there")
            texts |= {one: shown.get(one) for one in wanted}
        return texts

    def _page(self, walk: Walk, answer: Mapping[str, Any], floor: datetime) -> Page:
        posts = list_in(answer, "data")
        onward = name_in(answer.get("meta"), "next_token")
        times = [made_at(found) for one in posts if (found := id_in({"data": one}))]
        top = max(times, default=None)
        enough = walk.done(top, self._clock.now()).written()
        more = bool(onward) and onward != walk.at
        # What is older than was asked for has a number that is not X's.
        start = floor.replace(microsecond=0)
        read = [(self._mention(one), one) for one in reversed(posts)]
        mentions = tuple(found for found, _ in read if found and found.created_at >= start)
        refused = tuple(
            any_name_of(one, "id") for found, one in read if found is None or found.created_at < start
        )
        return Page(
            mentions=mentions,
            cursor=walk.onward(onward, top).written() if more else enough,
            more=more,
            enough=enough,
            refused=refused,
        )

    def _mention(self, post: Any) -> Mention | None:
        """A mention, None where something is missing without which it is none."""
        remote_id, author_id = id_in({"data": post}), name_in(post, "author_id")
        if not remote_id or not author_id or not isinstance(post.get("text"), str):
            return None
        return Mention(
            account=self._label,
            platform=self.platform,
            remote_id=remote_id,
            url=f"{self._shown_at()}/i/status/{remote_id}",
            author_id=author_id,
            handle="",
            text=_text_of(post),
            language=language_in(post.get("lang")),
            created_at=made_at(remote_id),
        )

    def _shown_at(self) -> str:
        return "https://x.com" if urlsplit(self._base_url).hostname == PUBLIC_HOST else self._base_url

    def _asked(self, path: str, wanted: Mapping[str, str]) -> Exchange:
        """Ask in the word for a post that X knows: it is renaming them, and may refuse the other one."""
        for word in sorted(FIELD_WORDS, key=lambda word: word != self._word):
            exchange = self._get(path, {**wanted, **_fields(word)})
            if exchange.status == BAD_REQUEST or _says_too_little(exchange.json()):
                continue
            self._word = word
            return exchange
        return exchange

    def _get(self, path: str, wanted: Mapping[str, str]) -> Exchange:
        client = self._client()
        return self._wire.ask(
            "GET", path, lambda: client.request("GET", path, params=dict(wanted), user_auth=True)
        )

    def _client(self) -> Any:
        if self._made is None:
            secrets = revealed(self._secrets, self.platform)
            self._wire.keep_secret(*secrets)
            self._made = client_on(self._wire, self._base_url, secrets)
        return self._made


def _fields(word: str) -> dict[str, str]:
    """What is asked about each post; in the newer words, its writer's number is no field any more."""
    wanted = {f"{word}.fields": f"author_id,entities,lang,note_{word}"}
    if word == "post":
        wanted = {"post.fields": "entities,lang,note_post", "expansions": "author_id"}
    return wanted


def _says_too_little(answer: Any) -> bool:
    """Whether X left out of every post what was asked for, as it may where it does not know the words."""
    posts = list_in(answer, "data")
    return bool(posts) and not any(isinstance(one, dict) and "author_id" in one for one in posts)


def _text_of(post: Any) -> str:
    """The words of a post, the long form where it has one: unescaped, and with its short links put back."""
    notes = [group_in(post, f"note_{word}") for word in FIELD_WORDS]
    whole = next((one for one in notes if isinstance(one.get("text"), str)), post)
    text = html.unescape(clean(whole.get("text") if isinstance(whole, dict) else ""))
    for short, there in _links(whole):
        text = text.replace(short, there)
    return clean(text)


def _links(post: Any) -> Iterator[tuple[str, str]]:
    for one in list_in(group_in(post, "entities"), "urls"):
        short, there = name_in(one, "url"), one.get("expanded_url") if isinstance(one, dict) else None
        if short and isinstance(there, str) and len(there) <= LONGEST_ADDRESS:
            yield short, there
