"""A Mastodon server, on loopback."""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

from bot.domain.lengths import MASTODON_LENGTH, mastodon_length
from bot.sandbox.heard import mentions, named_index, notification
from bot.sandbox.markup import TAG, Markup
from bot.sandbox.record import Accepted, Boosted, Shown
from bot.sandbox.server import Platform, Reply, Request, as_json
from bot.sandbox.uploads import MOST, Shelf, mime_of, parts_of

EPOCH_SHIFT = 16  # a status id holds milliseconds above these bits
LARGEST_PAGE, USUAL_PAGE = 40, 20
LONGEST_ALT = 1500
SCOPES = ["profile", "read:notifications", "read:statuses", "write:media", "write:statuses"]


_SAID_WITH_IT = {"language": "language", "warning": "spoiler_text"}


@dataclass(slots=True)
class Settings:
    """How this server behaves."""

    idempotency: str = "kept"  # "ignored" by many servers, "replay_500" by some versions of 2026
    key_life: timedelta = timedelta(hours=1)
    max_characters: int = MASTODON_LENGTH
    stale_reads: timedelta = timedelta()
    scopes: list[str] = field(default_factory=lambda: list(SCOPES))
    tells_scopes: bool = True
    bot: bool = True
    has_sources: bool = True
    disabled: bool = False
    questions_until_ready: int = 0  # after an upload; 0: it is ready at once
    breaks_pictures: bool = False
    boosts_twice: bool = False  # as some servers do that speak its language
    shows_as: str = "public"  # who may read what supporters post


@dataclass(frozen=True, slots=True)
class Account:
    """Our account here, and what a configuration needs to speak for it."""

    id: str = "109000000000000001"
    handle: str = "campaign"
    token: str = "sandbox-mastodon-token"  # noqa: S105  # it opens nothing but this


class Mastodon(Platform):
    """The part of Mastodon's API that a campaign uses."""

    name = "mastodon"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.settings = Settings()
        self.account = Account()
        self._uploads = Shelf()
        self._works_on: dict[str, int] = {}  # how often it must be asked about until it is ready
        self._keys: dict[str, tuple[str, datetime]] = {}
        self._last = 0
        super().__init__(*args, **kwargs)
        self._named = named_index(self.record, self.name, f"@{self.account.handle}")

    @property
    def host(self) -> str:
        """The name of this server as it stands in handles; like many servers, it is reached by another."""
        return "mastodon.example"

    def add_routes(self) -> None:
        """The paths of the API."""
        self.route("POST", "/api/v1/statuses", "publish", self._publish)
        self.route("GET", "/api/v1/accounts/verify_credentials", "identify", self._me)
        self.route("GET", "/api/v1/apps/verify_credentials", "scopes", self._application)
        self.route("GET", "/api/v1/accounts/{user}/statuses", "look", self._timeline)
        self.route("GET", "/api/v1/statuses/{post}", "read_back", self._read)
        self.route("GET", "/api/v1/statuses/{post}/source", "source", self._source)
        self.route("DELETE", "/api/v1/statuses/{post}", "delete", self._delete)
        self.route("POST", "/api/v1/statuses/{post}/reblog", "boost", self._boost)
        self.route("POST", "/api/v1/statuses/{post}/unreblog", "unboost", self._unboost)
        self.route("GET", "/api/v1/notifications", "notifications", self._notifications)
        self.route("GET", "/api/v2/instance", "limits", self._instance)
        self.route("GET", "/api/v1/instance", "limits", self._instance_v1)
        self.route("POST", "/api/v2/media", "upload", self._upload)
        self.route("GET", "/api/v1/media/{media}", "media", self._media)

    def reset(self) -> None:
        """Become as new."""
        self.settings = Settings()
        self._keys.clear()
        self._uploads.clear()
        self._works_on.clear()

    def error(self, status: int, words: str, code: str = "") -> Reply:
        """Mastodon's form of an error."""
        return as_json({"error": words}, status)

    def mention(self, handle: str, text: str, reply_to: str = "") -> Accepted:
        """Let a supporter post."""
        return self._store(text, handle, parent=reply_to, ours=False)

    def post_by_hand(self, text: str) -> Accepted:
        """Let somebody post from our account without us."""
        return self._store(text, self.account.handle, ours=True)

    def _refused(self, request: Request, *needed: str) -> Reply | None:
        """Why a request is not even looked at. `needed` are scopes of which one must be there."""
        if request.headers.get("authorization") != f"Bearer {self.account.token}":
            return self.error(401, "The access token is invalid")
        if self.settings.disabled:
            return self.error(403, "Your login is currently disabled")
        if needed and not set(needed) & set(self.settings.scopes):
            return self.error(403, "This action is outside the authorized scopes")
        return None

    def _publish(self, request: Request) -> Reply:
        if refused := self._refused(request, "write:statuses", "write"):
            return refused
        key = request.headers.get("idempotency-key", "")
        if earlier := self._earlier(key):
            if self.settings.idempotency == "replay_500":
                return self.error(500, "Internal Server Error")
            return as_json(self._described(earlier), stored=earlier.id)
        form = request.form()
        text, parent = str(form.get("status", "")), str(form.get("in_reply_to_id") or "")
        said = {name: str(form.get(field) or "") for name, field in _SAID_WITH_IT.items()}
        ids = parse_qs(request.body.decode()).get("media_ids[]", [])
        if objection := self._objection(text, parent, said["warning"]) or self._objection_to(ids):
            return objection
        media = tuple(shown for one in ids if (shown := self._uploads.get(one)))
        stored = self._store(
            text, self.account.handle, parent=parent, ours=True, key=key, media=media, **said
        )
        if key and self.settings.idempotency != "ignored":
            self._keys[key] = (stored.id, self.now())
        return as_json(
            self._described(stored),
            stored=stored.id,
            X_RateLimit_Limit="300",
            X_RateLimit_Remaining="299",
            X_RateLimit_Reset=f"{(self.now() + timedelta(hours=3)).isoformat()}",
        )

    def _objection(self, text: str, parent: str, warning: str) -> Reply | None:
        """What is wrong with a post, None where the server takes it."""
        limit = self.settings.max_characters
        if not text.strip():
            return self.error(422, "Validation failed: Text can't be blank")
        if mastodon_length(text, warning=warning) > limit:
            return self.error(422, f"Validation failed: Text character limit of {limit} exceeded")
        if parent and self.record.find(self.name, parent) is None:
            return self.error(404, "The post you are trying to reply to does not appear to exist.")
        return None

    def _objection_to(self, ids: list[str]) -> Reply | None:
        """What is wrong with the pictures of a post."""
        if len(ids) > MOST or any(self._uploads.get(one) is None for one in ids):
            return self.error(422, "Validation failed: Media attachments are invalid")
        if any(self._works_on[one] for one in ids):
            words = "Cannot attach files that have not finished processing. Try again in a moment!"
            return self.error(422, words)
        return None

    def _earlier(self, key: str) -> Accepted | None:
        """The status that a key has already made, while the key is remembered."""
        found = self._keys.get(key)
        if not found or self.now() - found[1] > self.settings.key_life:
            return None
        return self.record.find(self.name, found[0])

    def _store(
        self,
        text: str,
        author: str,
        *,
        ours: bool,
        parent: str = "",
        language: str = "",
        warning: str = "",
        key: str = "",
        media: tuple[Shown, ...] = (),
    ) -> Accepted:
        post_id = self._next_id()
        return self.record.accept(
            Accepted(
                platform=self.name,
                id=post_id,
                url=f"{self.url}/@{author}/{post_id}",
                text=text,
                author=author,
                ours=ours,
                created_at=self.now(),
                language=language,
                warning=warning,
                parent_id=parent,
                key=key,
                media=media,
            )
        )

    def _next_id(self) -> str:
        with self.record.changed:
            self._last = max(self._last + 1, int(self.now().timestamp() * 1000) << EPOCH_SHIFT)
            return str(self._last)

    def _described(self, post: Accepted) -> dict[str, Any]:
        return {
            "id": post.id,
            "created_at": post.created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z",
            "in_reply_to_id": post.parent_id or None,
            "visibility": "public" if post.ours else self.settings.shows_as,
            "reblogged": any(one.post == post.id for one in self.record.boosts(self.name)),
            "language": post.language or None,
            "sensitive": bool(post.warning),
            "spoiler_text": post.warning,
            "uri": f"{self.url}/users/{post.author}/statuses/{post.id}",
            "url": post.url,
            "content": Markup(self.url).as_html(post.text),
            "account": {**self._profile(post.author, ours=post.ours), **post.said.profile},
            "media_attachments": [{"type": "image", "description": one.alt} for one in post.media],
            "mentions": [],
            "tags": [{"name": name.lower(), "url": ""} for name in TAG.findall(post.text)],
            "emojis": [],
            "reblog": None,
            **post.said.fields,
        }

    def _profile(self, handle: str, *, ours: bool) -> dict[str, Any]:
        own_id = (
            self.account.id if ours else str(int(hashlib.sha256(handle.encode()).hexdigest(), 16) % 10**17)
        )
        return {
            "id": own_id,
            "username": handle.partition("@")[0],
            "acct": handle,
            "display_name": handle,
            "url": f"{self.url}/@{handle}",
            "bot": self.settings.bot if ours else False,
            "locked": False,
            "note": "",
        }

    def _me(self, request: Request) -> Reply:
        if refused := self._refused(request, "profile", "read:accounts", "read"):
            return refused
        return as_json({**self._profile(self.account.handle, ours=True), "source": {"privacy": "public"}})

    def _application(self, request: Request) -> Reply:
        if refused := self._refused(request):
            return refused
        scopes = {"scopes": self.settings.scopes} if self.settings.tells_scopes else {}
        return as_json({"id": "1", "name": "sandbox", "website": None, **scopes})

    def _timeline(self, request: Request, user: str) -> Reply:
        if refused := self._refused(request, "read:statuses", "read"):
            return refused
        if user != self.account.id:
            return self.error(404, "Record not found")
        visible_until = self.now() - self.settings.stale_reads
        own = [post for post in self.record.posts(self.name) if post.created_at <= visible_until]
        return as_json([self._described(post) for post in _page(own, request, LARGEST_PAGE)])

    def _read(self, request: Request, post: str) -> Reply:
        if refused := self._refused(request, "read:statuses", "read"):
            return refused
        found = self.record.find(self.name, post)
        return as_json(self._described(found)) if found else self.error(404, "Record not found")

    def _source(self, request: Request, post: str) -> Reply:
        if refused := self._refused(request, "read:statuses", "read"):
            return refused
        found = self.record.find(self.name, post)
        if found is None or not found.ours or not self.settings.has_sources:
            return self.error(404, "Record not found")
        return as_json({"id": found.id, "text": found.text, "spoiler_text": found.warning})

    def _delete(self, request: Request, post: str) -> Reply:
        if refused := self._refused(request, "write:statuses", "write"):
            return refused
        found = self.record.find(self.name, post)
        if found is None or not found.ours:
            return self.error(404, "Record not found")
        self.record.amend(self.name, post, deleted=True)
        return as_json({**self._described(found), "text": found.text})

    def _boost(self, request: Request, post: str) -> Reply:
        if refused := self._refused(request, "write:statuses", "write"):
            return refused
        found = self.record.find(self.name, post)
        if found is None:
            return self.error(404, "Record not found")
        known = [one for one in self.record.boosts(self.name) if one.post == post]
        if known and not self.settings.boosts_twice:
            boost = known[0]
        else:
            named = Boosted(platform=self.name, id=self._next_id(), post=post, at=self.now())
            boost = self.record.boost(named)
        url = f"{self.url}/@{self.account.handle}/{boost.id}"
        said = {"id": boost.id, "url": url, "content": "", "reblog": self._described(found)}
        return as_json({**self._described(found), **said})

    def _unboost(self, request: Request, post: str) -> Reply:
        if refused := self._refused(request, "write:statuses", "write"):
            return refused
        found = self.record.find(self.name, post)
        if found is None:
            return self.error(404, "Record not found")
        self.record.unboost(self.name, post)
        return as_json(self._described(found))

    def _notifications(self, request: Request) -> Reply:
        if refused := self._refused(request, "read:notifications", "read"):
            return refused
        named = mentions(self._named, request)
        return as_json([notification(post, self._described(post)) for post in named])

    def _instance(self, _: Request) -> Reply:
        statuses = {
            "max_characters": self.settings.max_characters,
            "max_media_attachments": 4,
            "characters_reserved_per_url": 23,
        }
        body = {"domain": self.host, "title": "Sandbox", "version": "4.5.0"}
        return as_json({**body, "configuration": {"statuses": statuses}})

    def _instance_v1(self, request: Request) -> Reply:
        body = json.loads(self._instance(request).body)
        return as_json({"uri": self.host, "version": "4.5.0", "configuration": body["configuration"]})

    def _upload(self, request: Request) -> Reply:
        """A picture; a busy server answers before it has worked on it."""
        if refused := self._refused(request, "write:media", "write"):
            return refused
        parts = parts_of(request.headers.get("content-type", ""), request.body)
        data, alt = parts.get("file", b""), parts.get("description", b"").decode()
        if not mime_of(data):
            return self.error(422, "Validation failed: File content type is invalid")
        if len(alt) > LONGEST_ALT:
            return self.error(422, "Validation failed: Description is too long")
        media = self._uploads.put(data, alt=alt)
        self._works_on[media] = self.settings.questions_until_ready
        return self._attachment(media, 202)

    def _media(self, request: Request, media: str) -> Reply:
        if refused := self._refused(request, "write:media", "write"):
            return refused
        if self._uploads.get(media) is None:
            return self.error(404, "Record not found")
        if self.settings.breaks_pictures:
            return self.error(422, "Error processing thumbnail for uploaded media")
        self._works_on[media] = max(0, self._works_on[media] - 1)
        return self._attachment(media, 206)

    def _attachment(self, media: str, unready: int) -> Reply:
        shown, ready = self._uploads.get(media), not self._works_on[media]
        body = {"id": media, "type": "image", "description": shown.alt if shown else ""}
        return as_json(
            {**body, "url": f"{self.url}/media/{media}" if ready else None}, 200 if ready else unready
        )


def _page(posts: list[Accepted], request: Request, largest: int) -> list[Accepted]:
    """One page, the newest first; min_id means the page right after, since_id the newest above."""
    limit = min(int(request.query.get("limit", USUAL_PAGE)), largest)
    query = request.query
    chosen = posts
    if query.get("max_id"):
        chosen = [post for post in chosen if int(post.id) < int(query["max_id"])]
    if query.get("since_id"):
        chosen = [post for post in chosen if int(post.id) > int(query["since_id"])]
    if query.get("min_id"):
        chosen = [post for post in chosen if int(post.id) > int(query["min_id"])][:limit]
    return list(reversed(chosen[-limit:])) if chosen else []
