"""X as its API behaves towards a paying app, on loopback."""

import base64
import hashlib
import html
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.domain.lengths import X_LENGTH, weigh, x_links
from bot.sandbox.oauth1 import is_signed
from bot.sandbox.record import Accepted, Boosted, Shown
from bot.sandbox.server import Platform, Reply, Request, as_json
from bot.sandbox.uploads import MOST, Shelf, mime_of

EPOCH_MS = 1_288_834_974_657  # from which X counts its ids
PRICE = {"post": 0.015, "link": 0.200, "read": 0.001, "delete": 0.010, "repost": 0.015, "describe": 0.005}
LARGEST_IMAGE, LONGEST_ALT = 5 << 20, 1000
MOST_PER_PAGE, LEAST_PER_PAGE = 100, 5

_HANDLE = re.compile(r"(?<![\w@])@(\w{1,15})")


@dataclass(slots=True)
class Settings:
    """How this X behaves; tests and rehearsals turn the switches."""

    duplicate_filter: timedelta | None = timedelta(hours=12)
    vocabulary: str = "tweet"  # or "post": what the newest description calls its fields
    stale_reads: timedelta = timedelta()  # how long a new post is hidden from timelines
    credit: float | None = None  # None: unlimited
    may_reply_to_itself: bool = True
    shut_out: str = ""  # "suspended", "locked", "not-enrolled"
    access_level: str = "read-write"
    loses_mention: str = ""  # an id that since_id passes over


@dataclass(frozen=True, slots=True)
class Account:
    """Our account here, and what a configuration needs to speak for it."""

    id: str = "1700000000000000001"
    handle: str = "campaignexample"
    secrets: Mapping[str, str] = field(
        default_factory=lambda: {
            "consumer_key": "sandbox-consumer-key",
            "consumer_secret": "sandbox-consumer-secret",
            "access_token": "1700000000000000001-sandbox",
            "access_token_secret": "sandbox-access-token-secret",
        }
    )


class X(Platform):
    """The part of X API v2 that a campaign uses."""

    name = "x"

    def __init__(self, *args: Any, tlds: frozenset[str], **kwargs: Any) -> None:
        self.tlds = tlds
        self.settings = Settings()
        self.account = Account()
        self.spent = 0.0
        self._uploads = Shelf()
        self._last_ms = 0
        self._serial = 0
        super().__init__(*args, **kwargs)

    def add_routes(self) -> None:
        """The paths of the API."""
        self.route("POST", "/2/tweets", "publish", self._publish)
        self.route("POST", "/2/media/upload", "upload", self._upload)
        self.route("POST", "/2/media/metadata", "describe", self._describe)
        self.route("GET", "/2/users/me", "identify", self._me)
        self.route("GET", "/2/users/{user}/tweets", "look", self._timeline)
        self.route("GET", "/2/users/{user}/mentions", "mentions", self._mentions)
        self.route("GET", "/2/tweets", "read_many", self._read_many)
        self.route("GET", "/2/tweets/{post}", "read_back", self._read)
        self.route("DELETE", "/2/tweets/{post}", "delete", self._delete)
        self.route("POST", "/2/users/{user}/retweets", "boost", self._boost)
        self.route("DELETE", "/2/users/{user}/retweets/{post}", "unboost", self._unboost)
        for path in ("likes", "following", "blocking"):
            self.route("POST", f"/2/users/{{user}}/{path}", path, self._not_for_sale)

    def reset(self) -> None:
        """Become as new."""
        self.settings = Settings()
        self.spent = 0.0
        self._uploads.clear()

    def error(self, status: int, words: str, code: str = "about:blank") -> Reply:
        """X's form of an error."""
        titles = {401: "Unauthorized", 402: "CreditsDepleted", 403: "Forbidden", 404: "Not Found Error"}
        body = {"title": titles.get(status, "Error"), "type": code, "status": status, "detail": words}
        return as_json(body, status)

    def mention(self, handle: str, text: str, reply_to: str = "") -> Accepted:
        """Let a supporter post."""
        return self._store(text, handle, parent=reply_to, ours=False)

    def post_by_hand(self, text: str) -> Accepted:
        """Let somebody post from our account without us."""
        return self._store(text, self.account.handle, ours=True)

    def _refused(self, request: Request) -> Reply | None:
        """Why a request is not even looked at."""
        secrets = self.account.secrets
        header = request.headers.get("authorization", "")
        if not is_signed(request.method, request.url, request.lists, header, secrets):
            return self.error(401, "Unauthorized")
        if self.settings.shut_out == "not-enrolled":
            words = "Client is not enrolled."
            code = "https://api.twitter.com/2/problems/client-forbidden"
            return self.error(403, f"{words} reason user-not-enrolled", code)
        if self.settings.shut_out:
            return self.error(403, f"Your account is {self.settings.shut_out}.")
        if self.settings.credit is not None and self.spent >= self.settings.credit:
            return self.error(402, "Your enrolled account does not have any credits.")
        return None

    def _publish(self, request: Request) -> Reply:
        if refused := self._refused(request):
            return refused
        body = json.loads(request.body)
        text = unicodedata.normalize("NFC", str(body.get("text") or ""))
        parent = str((body.get("reply") or {}).get("in_reply_to_tweet_id", ""))
        if objection := self._objection(body, text, parent):
            return objection
        self.spent += PRICE["link" if x_links(text, self.tlds) else "post"]
        ids = (body.get("media") or {}).get("media_ids", [])
        media = tuple(shown for one in ids if (shown := self._uploads.get(one)))
        stored = self._store(text, self.account.handle, parent=parent, ours=True, media=media)
        data = {"id": stored.id, "text": self._shown(stored)[0], "edit_history_tweet_ids": [stored.id]}
        return as_json({"data": data}, 201, stored=stored.id)

    def _objection(self, body: Mapping[str, Any], text: str, parent: str) -> Reply | None:
        """What is wrong with a post, None where X takes it."""
        unknown = set(body) - {"text", "reply", "media", "poll", "reply_settings", "for_super_followers_only"}
        if unknown or not text.strip():
            return self.error(400, "One or more parameters to your request was invalid.", "invalid-request")
        ids = (body.get("media") or {}).get("media_ids", [])
        if (
            "poll" in body
            or len(ids) > MOST
            or any(not isinstance(one, str) or not self._uploads.get(one) for one in ids)
        ):
            return self.error(400, "Your media IDs are invalid.", "invalid-request")
        if weigh(text, self.tlds) > X_LENGTH:
            return self.error(403, "Your Tweet text is too long.")
        if parent and (refused := self._refused_reply(parent)):
            return refused
        if self._is_duplicate(text, parent):
            return self.error(403, "You are not allowed to create a Tweet with duplicate content.")
        return None

    def _refused_reply(self, parent: str) -> Reply | None:
        found = self.record.find(self.name, parent)
        if found is None:
            words = "You attempted to reply to a Tweet that is deleted or not visible to you."
            return self.error(403, words)
        summoned = f"@{self.account.handle}".casefold() in found.text.casefold()
        if not summoned and not (found.ours and self.settings.may_reply_to_itself):
            words = "Reply to this conversation is not allowed because you have not been mentioned or"
            return self.error(
                403, f"{words} otherwise engaged by the author of the post you are replying to."
            )
        return None

    def _is_duplicate(self, text: str, parent: str) -> bool:
        window = self.settings.duplicate_filter
        if window is None:
            return False
        since = self.now() - window
        return any(
            post.ours and post.text == text and post.parent_id == parent and post.created_at >= since
            for post in self.record.everything(self.name)
        )

    def _upload(self, request: Request) -> Reply:
        """A picture in one request; it belongs to no post yet."""
        if refused := self._refused(request):
            return refused
        body = json.loads(request.body)
        data = base64.b64decode(body.get("media", ""))
        if set(body) != {"media", "media_category"} or body["media_category"] != "tweet_image":
            return self.error(400, "One or more parameters to your request was invalid.", "invalid-request")
        if not mime_of(data) or len(data) > LARGEST_IMAGE:
            return self.error(400, "media type unrecognized.", "invalid-request")
        media_id = self._uploads.put(data)
        described = {"id": media_id, "media_key": f"3_{media_id}", "size": len(data)}
        return as_json({"data": {**described, "expires_after_secs": 86400}})

    def _describe(self, request: Request) -> Reply:
        """The words for those who cannot see a picture."""
        if refused := self._refused(request):
            return refused
        body = json.loads(request.body)
        alt = body["metadata"]["alt_text"]["text"]
        if len(alt) > LONGEST_ALT or not self._uploads.describe(body["id"], alt):
            return self.error(400, "One or more parameters to your request was invalid.", "invalid-request")
        self.spent += PRICE["describe"]
        return as_json({"data": {"id": body["id"], "associated_metadata": body["metadata"]}})

    def _store(
        self, text: str, author: str, *, ours: bool, parent: str = "", media: tuple[Shown, ...] = ()
    ) -> Accepted:
        post_id = self._next_id()
        return self.record.accept(
            Accepted(
                platform=self.name,
                id=post_id,
                url=f"{self.url}/{author if not ours else 'i'}/status/{post_id}",
                text=text,
                author=author,
                ours=ours,
                created_at=self.now(),
                parent_id=parent,
                media=media,
            )
        )

    def _next_id(self) -> str:
        """A snowflake: milliseconds, and a serial number for those made in one."""
        milliseconds = int(self.now().timestamp() * 1000) - EPOCH_MS
        with self.record.changed:
            self._serial = self._serial + 1 if milliseconds == self._last_ms else 0
            self._last_ms = milliseconds
            return str(milliseconds << 22 | self._serial)

    def _shown(self, post: Accepted) -> tuple[str, list[dict[str, str]]]:
        """A text as X serves it: links shortened, then escaped; and what each link was."""
        text, urls = post.text, []
        for number, (start, end) in enumerate(reversed(x_links(text, self.tlds))):
            link = text[start:end]
            short = f"https://t.co/{int(post.id) % 10**8:08d}{number:02d}"
            urls.append({"url": short, "expanded_url": link if "://" in link else f"http://{link}"})
            text = text[:start] + short + text[end:]
        if post.media:
            short = f"https://t.co/{int(post.id) % 10**8:08d}pic"
            there = f"https://x.com/{post.author}/status/{post.id}/photo/1"
            urls.append({"url": short, "expanded_url": there})
            text = f"{text} {short}"
        return html.escape(text, quote=False), urls

    def _described(self, post: Accepted) -> dict[str, Any]:
        text, urls = self._shown(post)
        word = "tweet" if self.settings.vocabulary == "tweet" else "post"
        described: dict[str, Any] = {
            "id": post.id,
            "text": text,
            f"edit_history_{word}_ids": [post.id],
            "created_at": post.created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        }
        if not post.ours:
            # The newer words have no field for it: it is asked for in another way.
            digest = hashlib.sha256(post.author.encode()).hexdigest()
            described |= {"author_id": str(int(digest, 16) % 10**18), "lang": post.language or "und"}
        described |= post.said.fields
        if urls:
            described["entities"] = {"urls": urls}
        if post.key:
            described[f"referenced_{word}s"] = [{"type": "retweeted", "id": post.key}]
        if post.parent_id:
            described[f"referenced_{word}s"] = [{"type": "replied_to", "id": post.parent_id}]
        return described

    def _me(self, request: Request) -> Reply:
        if refused := self._refused(request):
            return refused
        data = {"id": self.account.id, "name": "Campaign", "username": self.account.handle}
        return as_json({"data": data}, x_access_level=self.settings.access_level)

    def _timeline(self, request: Request, user: str) -> Reply:
        if refused := self._refused(request):
            return refused
        if user != self.account.id:
            return self.error(404, "Could not find user")
        visible_until = self.now() - self.settings.stale_reads
        own = [
            post
            for post in [*self.record.posts(self.name), *self._reposts()]
            if post.author == self.account.handle and post.created_at <= visible_until
        ]
        return self._page(sorted(own, key=lambda post: int(post.id)), request)

    def _reposts(self) -> list[Accepted]:
        """Our boosts as they stand in our timeline; whose they are, their `key` says."""
        found = [(one, self.record.find(self.name, one.post)) for one in self.record.boosts(self.name)]
        return [
            replace(
                post,
                id=boost.id,
                text=f"RT @{post.author}: {post.text}",
                author=self.account.handle,
                created_at=boost.at,
                key=post.id,
            )
            for boost, post in found
            if post
        ]

    def _boost(self, request: Request, user: str) -> Reply:
        if refused := self._refused(request):
            return refused
        post = str(json.loads(request.body).get("tweet_id", ""))
        if user != self.account.id or self.record.find(self.name, post) is None:
            return self.error(404, f"Could not find tweet with id: [{post}].")
        self.spent += PRICE["repost"]
        if not any(one.post == post for one in self.record.boosts(self.name)):
            self.record.boost(Boosted(platform=self.name, id=self._next_id(), post=post, at=self.now()))
        return as_json({"data": {"retweeted": True}})

    def _unboost(self, request: Request, user: str, post: str) -> Reply:
        if refused := self._refused(request):
            return refused
        if user != self.account.id:
            return self.error(404, "Could not find user")
        self.spent += PRICE["repost"]
        self.record.unboost(self.name, post)
        return as_json({"data": {"retweeted": False}})

    def _mentions(self, request: Request, user: str) -> Reply:
        if refused := self._refused(request):
            return refused
        wanted = f"@{self.account.handle}".casefold()
        named = [
            post
            for post in self.record.everything(self.name)
            if not post.ours and not post.deleted and wanted in post.text.casefold()
        ]
        if request.query.get("since_id"):
            named = [post for post in named if post.id != self.settings.loses_mention]
        return self._page(named[-800:], request)

    def _page(self, posts: list[Accepted], request: Request) -> Reply:
        """One page, the newest first."""
        try:
            most = int(request.query.get("max_results", "10"))
        except ValueError:
            most = 0
        fields = "post.fields" if self.settings.vocabulary == "tweet" else "tweet.fields"
        if not LEAST_PER_PAGE <= most <= MOST_PER_PAGE or fields in request.query:
            words = (
                f"The query parameter [{fields if fields in request.query else 'max_results'}] is not valid"
            )
            return self.error(400, words, "invalid-request")
        start = request.query.get("start_time")
        since = datetime.fromisoformat(start) if start else None
        newest_first = [post for post in reversed(posts) if since is None or post.created_at >= since]
        if after := request.query.get("since_id"):
            newest_first = [post for post in newest_first if int(post.id) > int(after)]
        offset = int(request.query.get("pagination_token", "0"))
        shown = newest_first[offset : offset + most]
        self.spent += PRICE["read"] * len(shown)
        meta: dict[str, Any] = {"result_count": len(shown)}
        if offset + most < len(newest_first):
            meta["next_token"] = str(offset + most)
        body = {"data": [post.said.twist(self._described(post)) for post in shown]} if shown else {}
        return as_json({**body, "meta": meta})

    def _read(self, request: Request, post: str) -> Reply:
        if refused := self._refused(request):
            return refused
        found = self.record.find(self.name, post)
        if found is None:
            words = f"Could not find tweet with id: [{post}]."
            error = {"value": post, "detail": words, "title": "Not Found Error", "resource_type": "tweet"}
            return as_json({"errors": [error]})
        self.spent += PRICE["read"]
        return as_json({"data": self._described(found)})

    def _read_many(self, request: Request) -> Reply:
        ids = request.query.get("ids", "").split(",")
        answers = [json.loads(self._read(request, one).body) for one in ids]
        if refused := self._refused(request):
            return refused
        found = [one["data"] for one in answers if "data" in one]
        missing = [error for one in answers for error in one.get("errors", ())]
        return as_json({**({"data": found} if found else {}), **({"errors": missing} if missing else {})})

    def _delete(self, request: Request, post: str) -> Reply:
        if refused := self._refused(request):
            return refused
        found = self.record.find(self.name, post)
        if found and found.ours:
            self.spent += PRICE["delete"]
            self.record.amend(self.name, post, deleted=True)
        return as_json({"data": {"deleted": bool(found and found.ours)}})

    def _not_for_sale(self, request: Request, user: str) -> Reply:
        return self._refused(request) or self.error(403, "This endpoint is not part of your access level.")
