"""A Bluesky server (PDS), with as much of the app's view as a campaign asks for, on loopback."""

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.sandbox.cbor import blob_cid, cid
from bot.sandbox.heard import dated_index, walked_down, written
from bot.sandbox.lexicon import is_repost, missing_in, objection, shown_in
from bot.sandbox.record import Accepted, Boosted
from bot.sandbox.server import Platform, Reply, Request, as_json
from bot.sandbox.tokens import Tokens
from bot.sandbox.uploads import Shelf, mime_of

POST, REPOST = "app.bsky.feed.post", "app.bsky.feed.repost"
PROFILE = "app.bsky.actor.profile"
ACCESS_LIFE, REFRESH_LIFE = timedelta(hours=2), timedelta(days=90)
OLD_REFRESH_LIFE = timedelta(hours=2)  # a refresh token that was used still works so long
USUAL_PAGE = 50
LARGEST_BLOB = 5 << 20

_TID = re.compile(r"[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}")


@dataclass(slots=True)
class Settings:
    """How this server behaves."""

    stale_reads: timedelta = timedelta()  # for timelines and notifications; records are never stale
    bot: bool = True
    active: bool = True


@dataclass(frozen=True, slots=True)
class Account:
    """Our account here, and what a configuration needs to speak for it."""

    id: str = "did:plc:sandboxcampaign0000000000"
    handle: str = "campaign.example"
    app_password: str = "sand-boxa-pppa-ssword"  # noqa: S105  # it opens nothing but this


class Bluesky(Platform):
    """The part of XRPC that a campaign uses."""

    name = "bluesky"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.settings = Settings()
        self.account = Account()
        self._tokens = Tokens(self.account.id)
        self._records: dict[tuple[str, str, str], dict[str, Any]] = {}
        self._used_refresh: dict[str, datetime] = {}
        self._uploads = Shelf()
        self._serial = 0
        super().__init__(*args, **kwargs)
        self._dated = dated_index(self.record, self.name, self._reason)

    def add_routes(self) -> None:
        """The methods, by their names."""
        repo, server, app = "com.atproto.repo", "com.atproto.server", "app.bsky"
        for method, nsid, operation, handler in (
            ("POST", f"{server}.createSession", "login", self._log_in),
            ("POST", f"{server}.refreshSession", "refresh", self._refresh),
            ("GET", f"{server}.getSession", "identify", self._session),
            ("GET", f"{server}.describeServer", "describe", self._describe),
            ("GET", "com.atproto.identity.resolveHandle", "resolve", self._resolve),
            ("POST", f"{repo}.putRecord", "publish", self._put),
            ("POST", f"{repo}.createRecord", "create", self._create),
            ("POST", f"{repo}.deleteRecord", "delete", self._delete),
            ("GET", f"{repo}.getRecord", "look", self._get),
            ("GET", f"{repo}.listRecords", "list", self._list),
            ("GET", f"{app}.notification.listNotifications", "notifications", self._notifications),
            ("GET", f"{app}.feed.getPosts", "posts", self._posts),
            ("GET", f"{app}.feed.getAuthorFeed", "feed", self._feed),
            ("POST", f"{repo}.uploadBlob", "upload", self._upload),
        ):
            self.route(method, f"/xrpc/{nsid}", operation, handler)

    def reset(self) -> None:
        """Become as new."""
        self.settings = Settings()
        self._records.clear()
        self._uploads.clear()
        self._used_refresh.clear()

    def error(self, status: int, words: str, code: str = "InvalidRequest") -> Reply:
        """XRPC's form of an error."""
        return as_json({"error": code, "message": words}, status)

    def mention(self, handle: str, text: str, reply_to: str = "") -> Accepted:
        """Let a supporter post."""
        did = f"did:plc:{hashlib.sha256(handle.encode()).hexdigest()[:24]}"
        return self._accept(did, handle, self._tid(), self._record_of(text), parent=reply_to, ours=False)

    def post_by_hand(self, text: str) -> Accepted:
        """Let somebody post from our account without us."""
        key, record = self._tid(), self._record_of(text)
        self._records[self.account.id, POST, key] = record
        return self._accept(self.account.id, self.account.handle, key, record, ours=True)

    def delete_by_hand(self, uri: str) -> None:
        """Let somebody delete one of our posts in the app."""
        did, collection, key = uri.removeprefix("at://").split("/")
        self._records.pop((did, collection, key), None)
        self.record.amend(self.name, uri, deleted=True)

    def _record_of(self, text: str) -> dict[str, Any]:
        return {"$type": POST, "text": text, "createdAt": self.now().isoformat(), "langs": ["en"]}

    def _tid(self) -> str:
        letters = "234567abcdefghijklmnopqrstuvwxyz"
        with self.record.changed:
            self._serial += 1
            number = (int(self.now().timestamp() * 1_000_000) << 10) | self._serial & 1023
        return "".join(letters[(number >> (5 * place)) & 31] for place in range(12, -1, -1))

    # Sessions.

    def _claims(self, request: Request, kind: str) -> dict[str, Any] | Reply:
        """What a request's token says, or why it is refused."""
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        claims = self._tokens.claims(token, kind, self.now())
        return claims if isinstance(claims, dict) else self.error(*claims)

    def _refused(self, request: Request) -> Reply | None:
        claims = self._claims(request, "appPass")
        if isinstance(claims, Reply):
            return claims
        if not self.settings.active:
            return self.error(401, "Account has been taken down", "AccountTakedown")
        return None

    def _opened(self) -> Reply:
        return as_json(
            {
                "did": self.account.id,
                "handle": self.account.handle,
                "accessJwt": self._tokens.make("appPass", self.now(), ACCESS_LIFE),
                "refreshJwt": self._tokens.make("refresh", self.now(), REFRESH_LIFE),
                "active": self.settings.active,
            }
        )

    def _log_in(self, request: Request) -> Reply:
        form = request.form()
        if not {"identifier", "password"} <= set(form):
            return self.error(400, "Input must have the property password")
        known = {self.account.handle, self.account.id}
        if form.get("identifier") not in known or form.get("password") != self.account.app_password:
            return self.error(401, "Invalid identifier or password", "AuthenticationRequired")
        return self._opened()

    def _refresh(self, request: Request) -> Reply:
        claims = self._claims(request, "refresh")
        if isinstance(claims, Reply):
            return claims
        used = self._used_refresh.setdefault(claims["jti"], self.now())
        if self.now() - used > OLD_REFRESH_LIFE:
            return self.error(400, "Token has been revoked", "ExpiredToken")
        return self._opened()

    def _session(self, request: Request) -> Reply:
        if refused := self._refused(request):
            return refused
        found = {"did": self.account.id, "handle": self.account.handle, "active": self.settings.active}
        return as_json(found)

    def _describe(self, _: Request) -> Reply:
        return as_json({"did": "did:web:localhost", "availableUserDomains": [".example"]})

    def _resolve(self, request: Request) -> Reply:
        handle = request.query.get("handle", "")
        if handle == self.account.handle:
            return as_json({"did": self.account.id})
        known = {post.author for post in self.record.everything(self.name)}
        if handle in known:
            return as_json({"did": f"did:plc:{hashlib.sha256(handle.encode()).hexdigest()[:24]}"})
        return self.error(400, "Unable to resolve handle", "HandleNotFound")

    # Records.

    def _put(self, request: Request) -> Reply:
        if refused := self._refused(request):
            return refused
        body = json.loads(request.body)
        if wrong := self._wrong(body):
            return wrong
        name = (body["repo"], body["collection"], body["rkey"])
        record, before = body["record"], self._records.get(name)
        if "swapRecord" in body:
            expected = body["swapRecord"]
            found = cid(before) if before is not None else None
            if before is not None and found == cid(record):
                return as_json({"uri": _uri(name), "cid": found})
            if found != expected:
                return self.error(400, f"Record was at {found}", "InvalidSwap")
        elif before is not None and cid(before) == cid(record):
            return as_json({"uri": _uri(name), "cid": cid(before)})
        return self._stored(name, record)

    def _create(self, request: Request) -> Reply:
        if refused := self._refused(request):
            return refused
        body = json.loads(request.body)
        body.setdefault("rkey", self._tid())
        if wrong := self._wrong(body):
            return wrong
        name = (body["repo"], body["collection"], body["rkey"])
        if name in self._records:
            return self.error(500, "Internal Server Error", "InternalServerError")
        return self._stored(name, body["record"])

    def _stored(self, name: tuple[str, str, str], record: dict[str, Any]) -> Reply:
        self._records[name] = record
        answer = {
            "uri": _uri(name),
            "cid": cid(record),
            "commit": {"cid": cid({"of": cid(record)}), "rev": self._tid()},
            "validationStatus": "valid",
        }
        if name[1] == REPOST:
            boosted = record["subject"]["uri"]
            self._forget_older(name, boosted)
            self.record.boost(Boosted(platform=self.name, id=_uri(name), post=boosted, at=self.now()))
        if name[1] != POST:
            return as_json(answer)
        parent = record.get("reply", {}).get("parent", {}).get("uri", "")
        accepted = self._accept(
            self.account.id, self.account.handle, name[2], record, parent=parent, ours=True
        )
        return as_json(answer, stored=accepted.id)

    def _forget_older(self, name: tuple[str, str, str], boosted: str) -> None:
        """Delete an older boost of the same post, as the real server does."""
        for other, record in list(self._records.items()):
            if other[1] == REPOST and other != name and record["subject"]["uri"] == boosted:
                del self._records[other]
        self.record.unboost(self.name, boosted)

    def _accept(
        self,
        did: str,
        handle: str,
        key: str,
        record: dict[str, Any],
        *,
        ours: bool,
        parent: str = "",
    ) -> Accepted:
        return self.record.accept(
            Accepted(
                platform=self.name,
                id=_uri((did, POST, key)),
                url=f"{self.url}/profile/{did}/post/{key}",
                text=record["text"],
                author=handle,
                ours=ours,
                created_at=self.now(),
                language=(record.get("langs") or [""])[0],
                parent_id=parent,
                key=key,
                facets=tuple(record.get("facets", ())),
                media=shown_in(record, self._uploads),
            )
        )

    def _wrong(self, body: dict[str, Any]) -> Reply | None:
        """What is wrong with a record, in the words of the real server."""
        if body.get("repo") != self.account.id:
            return self.error(403, "Could not find account", "AccountNotFound")
        if body.get("collection") == REPOST and not is_repost(body.get("record")):
            return self.error(400, f"Invalid {REPOST} record")
        if body.get("collection") != POST:
            return None
        if not _TID.fullmatch(str(body.get("rkey"))):
            return self.error(400, "Invalid rkey: not a valid TID")
        record = body.get("record") or {}
        words = objection(record)
        if not words and (lost := missing_in(record, self._uploads)):
            return self.error(400, f"Could not find blob: {lost}", "BlobNotFound")
        return self.error(400, f"Invalid {POST} record: {words}") if words else None

    def _delete(self, request: Request) -> Reply:
        if refused := self._refused(request):
            return refused
        body = json.loads(request.body)
        name = (body["repo"], body["collection"], body["rkey"])
        if self._records.pop(name, None) is not None:
            self.record.amend(self.name, _uri(name), deleted=True)
            self.record.unboost(self.name, _uri(name))
        return as_json({})

    def _get(self, request: Request) -> Reply:
        query = request.query
        repo = self.account.id if query.get("repo") == self.account.handle else query.get("repo", "")
        name = (repo, query.get("collection", ""), query.get("rkey", ""))
        record = self._records.get(name)
        if record is None and name[1] == PROFILE:
            record = self._profile_record()
        if record is None:
            return self.error(400, f"Could not locate record: {_uri(name)}", "RecordNotFound")
        return as_json({"uri": _uri(name), "cid": cid(record), "value": record})

    def _profile_record(self) -> dict[str, Any]:
        profile: dict[str, Any] = {"$type": PROFILE, "displayName": "Campaign"}
        if self.settings.bot:
            labels = {"$type": "com.atproto.label.defs#selfLabels", "values": [{"val": "bot"}]}
            profile["labels"] = labels
        return profile

    def _list(self, request: Request) -> Reply:
        wanted = (request.query.get("repo", ""), request.query.get("collection", ""))
        found = sorted((name for name in self._records if name[:2] == wanted), reverse=True)
        if cursor := request.query.get("cursor"):
            found = [name for name in found if name[2] < cursor]
        limit = int(request.query.get("limit", USUAL_PAGE))
        page = found[:limit]
        records = [
            {"uri": _uri(name), "cid": cid(self._records[name]), "value": self._records[name]}
            for name in page
        ]
        more = {"cursor": page[-1][2]} if len(found) > limit else {}
        return as_json({"records": records, **more})

    # The app's view.

    def _feed(self, request: Request) -> Reply:
        visible_until = self.now() - self.settings.stale_reads
        own = [post for post in self.record.posts(self.name) if post.created_at <= visible_until]
        return as_json({"feed": [{"post": self._viewed(post)} for post in reversed(own)]})

    def _posts(self, request: Request) -> Reply:
        found = [self.record.find(self.name, uri) for uri in request.lists.get("uris", [])]
        return self._refused(request) or as_json({"posts": [self._viewed(post) for post in found if post]})

    def _viewed(self, post: Accepted) -> dict[str, Any]:
        return {
            "uri": post.id,
            "cid": cid({"text": post.text, "key": post.key}),
            "author": {"did": post.id.split("/")[2], "handle": post.author, **post.said.profile},
            "record": {
                "$type": POST,
                "text": post.text,
                "createdAt": post.created_at.isoformat(),
                **({"langs": [post.language]} if post.language else {}),
                **post.said.fields,
            },
            "indexedAt": written(post.created_at),
        }

    def _notifications(self, request: Request) -> Reply:
        if refused := self._refused(request):
            return refused
        visible_until = self.now() - self.settings.stale_reads
        shown = walked_down(self._dated, request, self._viewed, visible_until)
        return as_json({**shown, "seenAt": written(self.now())})

    def _reason(self, post: Accepted) -> str:
        """Why a post would be shown to us."""
        if post.ours or post.deleted:
            return ""
        if f"@{self.account.handle}" in post.text:
            return "mention"
        parent = self.record.find(self.name, post.parent_id) if post.parent_id else None
        return "reply" if parent and parent.ours else ""

    def _upload(self, request: Request) -> Reply:
        """A blob, stored byte for byte under its content id."""
        if refused := self._refused(request):
            return refused
        data, kind = request.body, request.headers.get("content-type", "")
        if len(data) > LARGEST_BLOB:
            return self.error(413, "request entity too large", "PayloadTooLarge")
        name = self._uploads.put(data, blob_cid(data))
        described = {
            "$type": "blob",
            "ref": {"$link": name},
            "mimeType": mime_of(data) or kind,
            "size": len(data),
        }
        return as_json({"blob": described})


def _uri(name: tuple[str, str, str]) -> str:
    return f"at://{'/'.join(name)}"
