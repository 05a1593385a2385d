"""Bluesky, through atproto: every record has a name of our choosing, so that none can come twice."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bot.domain.account import Identity
from bot.domain.boosting import passed_on
from bot.domain.delivery import Delivery, Receipt, Sighting, withdrawn
from bot.domain.errors import RefusedError, TryLaterError
from bot.domain.lengths import PlatformName
from bot.domain.picture import Attachment
from bot.platforms.bluesky import boosts
from bot.platforms.bluesky.answers import NO_RECORD, RULES, error_in, is_labelled, needless
from bot.platforms.bluesky.blobs import blob_in, embed_of
from bot.platforms.bluesky.kept import Kept
from bot.platforms.bluesky.record import (
    COLLECTION,
    address,
    content_id,
    made_at,
    make_record,
    record_key,
    says_the_same,
    with_reply,
)
from bot.platforms.bluesky.session import REFRESH, Sessions
from bot.platforms.compare import not_before
from bot.platforms.media import bytes_of, media_frozen, media_thawed, uploaded
from bot.platforms.own import Secret, frozen, thawed
from bot.platforms.verdict import BAD_REQUEST, answer_of, clock_ahead, verdict
from bot.platforms.wire import Exchange, Moment, Wire, within_deadline
from bot.ports import Clock
from bot.ports.records import Own

JSON = "application/json"
UPLOAD = "com.atproto.repo.uploadBlob"
PUT = "com.atproto.repo.putRecord"
DELETE = "com.atproto.repo.deleteRecord"
GET_RECORD = "com.atproto.repo.getRecord"
LIST = "com.atproto.repo.listRecords"
MOST_PAGES, PAGE = 10, 100  # of our own records, in one look
GET_SESSION = "com.atproto.server.getSession"
RESOLVE = "com.atproto.identity.resolveHandle"
POST_URL = re.compile(r"/post/([A-Za-z0-9._~:-]{1,512})/?$")
PROFILE = "app.bsky.actor.profile"


class BlueskyPlatform:
    """One account on Bluesky; ports.Platform is its contract."""

    name = PlatformName.BLUESKY

    def __init__(
        self,
        *,
        handle: str,
        app_password: Secret,
        session_path: Path,
        clock: Clock,
        deadline: timedelta,
        base_url: str = "https://bsky.social",
        tag: str = "",
        media: Path | None = None,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._clock = clock
        self._media = media
        self._wire = Wire(clock, deadline)
        self._mentioned = tag.removeprefix("@").casefold() if tag.startswith("@") else ""
        handle = handle.removeprefix("@")
        self._kept = Kept(session_path, (self._base_url, handle))
        self._sessions = Sessions(
            base_url=self._base_url,
            handle=handle,
            app_password=app_password,
            kept=self._kept,
            wire=self._wire,
            clock=clock,
            rules=RULES,
        )

    @within_deadline
    def identify(self) -> Identity:
        """Ask who we are, whether the bot label is there, and whom the tag names."""
        exchange = self._query(GET_SESSION, {})
        answer = self._answer(exchange)
        did, handle = str(answer.get("did", "")), str(answer.get("handle", ""))
        if not did.startswith("did:") or not handle:
            raise TryLaterError("Bluesky did not say which account this is; is `base_url` right?")
        if self._mentioned:
            self._resolve_tag()
        return Identity(
            own_id=did,
            handle=f"@{handle}",
            url=self._url(handle),
            may_write=answer.get("active") is not False,
            bot_label=self._is_labelled(did),
            scopes_excess=needless(self._sessions.current.scope),
            clock_ahead=clock_ahead(exchange, self._clock.now()),
        )

    def freeze(self, delivery: Delivery, own: Own, now: datetime) -> bytes:
        """The record and its name; only what it answers is added when it is sent."""
        named = {own.handle.removeprefix("@").casefold(): own.own_id, **self._tag}
        record = {**make_record(delivery, now, named), **embed_of(delivery.media)}
        return frozen({"rkey": record_key(delivery), "record": record, **media_frozen(delivery)})

    @within_deadline
    def publish(self, delivery: Delivery) -> Receipt:
        """Put the frozen record where nothing may be yet; the same record there already is as good.

        Its pictures are uploaded first, which may be done any number of times.
        """
        since = self._wire.moment()
        key, record = self._frozen(delivery)
        self._upload(media_thawed(thawed(delivery, self.name)))
        did = self._sessions.current.did
        uri, cid = address(did, key), content_id(record)
        body = {
            "repo": did,
            "collection": COLLECTION,
            "rkey": key,
            "swapRecord": None,  # the library would leave it out, and overwrite what is there
            "record": record,
        }

        def receipt(answer: Any) -> Receipt | None:
            same = isinstance(answer, dict) and answer.get("uri") == uri and answer.get("cid") == cid
            return self._receipt(uri, cid) if same else None

        exchange = self._post(PUT, body, since, delivery.text)
        return verdict(exchange, RULES, receipt, self._clock.now())

    @within_deadline
    def withdraw(self, delivery: Delivery) -> Receipt:
        """Delete a record; deleting one that is not there is no error."""
        did, collection, key = delivery.text.removeprefix("at://").split("/")
        body = {"repo": did, "collection": collection, "rkey": key}
        exchange = self._post(DELETE, body)

        def receipt(answer: Any) -> Receipt | None:
            return withdrawn(delivery.text) if isinstance(answer, dict) else None

        return verdict(exchange, RULES, receipt, self._clock.now())

    @within_deadline
    def boost(self, delivery: Delivery, own: Own) -> Receipt:
        """Put our repost of a message where nothing may be yet; the same one there already is as good."""
        since = self._wire.moment()
        record = boosts.record_of(delivery, self._content_id_of(delivery))
        key = boosts.name_of(delivery)
        body = {
            "repo": own.own_id,
            "collection": boosts.COLLECTION,
            "rkey": key,
            "swapRecord": None,
            "record": record,
        }
        uri, cid = f"at://{own.own_id}/{boosts.COLLECTION}/{key}", content_id(record)

        def receipt(answer: Any) -> Receipt | None:
            same = isinstance(answer, dict) and answer.get("uri") == uri and answer.get("cid") == cid
            return passed_on(delivery) if same else None

        exchange = self._post(PUT, body, since, record["subject"]["uri"])
        return verdict(exchange, boosts.SILENT, receipt, self._clock.now())

    @within_deadline
    def unboost(self, delivery: Delivery, own: Own) -> Receipt:
        """Delete our repost of a message; deleting one that is not there is no error."""
        body = {"repo": own.own_id, "collection": boosts.COLLECTION, "rkey": boosts.name_of(delivery)}
        exchange = self._post(DELETE, body)

        def receipt(answer: Any) -> Receipt | None:
            return passed_on(delivery) if isinstance(answer, dict) else None

        return verdict(exchange, boosts.SILENT, receipt, self._clock.now())

    @within_deadline
    def is_boosted(self, delivery: Delivery, own: Own) -> bool:
        """Whether our repost of a message is there."""
        found = self._record(own.own_id, boosts.COLLECTION, boosts.name_of(delivery))
        return found is not None and boosts.is_of(found.get("value"), delivery)

    @within_deadline
    def receipt_at(self, url: str, own: Own) -> Receipt:
        """Our record whose name ends an address."""
        found = POST_URL.search(url)
        if not found:
            raise RefusedError(f"{url} is not the address of a post on Bluesky: it ends in /post/ and a name")
        record = self._record(own.own_id, COLLECTION, found[1])
        if record is None:
            raise RefusedError(f"our account on Bluesky has no post at {url}")
        return self._receipt(address(own.own_id, found[1]), str(record["cid"]))

    @within_deadline
    def look(self, delivery: Delivery, own: Own, since: datetime | None = None) -> Sighting:
        """Ask for the record by its name; with `since`, for others that say the same as well."""
        key, record = self._frozen(delivery)
        uri, cid = address(own.own_id, key), content_id(record)
        there = self._record(own.own_id, COLLECTION, key)
        if there is None:
            found = self._alike(own, record, not_before(delivery, since)) if since else ()
            return Sighting(matches=tuple(self._receipt(*one) for one in found))
        # Frozen anew after a backup was put back, it differs in the time it was made, and in nothing else.
        if there.get("cid") != cid and not (since and says_the_same(there.get("value"), record)):
            return Sighting(puzzle=f"another text stands under this post's name: {self._url_of(uri)}")
        return Sighting(matches=(self._receipt(uri, str(there["cid"])),))

    @within_deadline
    def read_back(self, delivery: Delivery, own: Own) -> bool:
        """Whether the record is there."""
        uri = delivery.receipt.remote_id if delivery.receipt else ""
        return self._record(own.own_id, COLLECTION, uri.rpartition("/")[2]) is not None

    def _content_id_of(self, delivery: Delivery) -> str:
        """The content id of a message that is to be boosted: as it was given, else as it is shown today."""
        uri, known = boosts.subject_of(delivery)
        return known or boosts.content_id_in(self._answer(self._query(boosts.POSTS, {"uris": [uri]})), uri)

    def _frozen(self, delivery: Delivery) -> tuple[str, dict[str, Any]]:
        content = thawed(delivery, self.name, "rkey", "record")
        return str(content["rkey"]), with_reply(content["record"], delivery.root, delivery.parent)

    def _upload(self, pictures: Sequence[Attachment]) -> None:
        """Give the server the pictures of a record. RefusedError or TryLaterError where it has them not."""
        found = [(one, bytes_of(one, number, self._media)) for number, one in enumerate(pictures, start=1)]
        for number, (one, data) in enumerate(found, start=1):
            exchange = self._send(UPLOAD, data, one.mime)
            uploaded(exchange, RULES, number, partial(blob_in, wanted=one), self._clock.now())

    def _post(
        self, method: str, body: Mapping[str, Any], since: Moment | None = None, text: str = ""
    ) -> Exchange:
        """Ask the account's server to do something."""
        return self._send(method, json.dumps(body, ensure_ascii=False).encode(), JSON, since, text)

    def _send(
        self, method: str, content: bytes, kind: str, since: Moment | None = None, text: str = ""
    ) -> Exchange:
        headers = {"Content-Type": kind}
        return self._signed_in(
            "POST",
            method,
            lambda client: client.invoke_procedure(method, content=content, headers=headers),
            since=since,
            text=text,
        )

    def _query(self, method: str, wanted: Mapping[str, Any]) -> Exchange:
        """Ask the account's server a question."""
        return self._signed_in("GET", method, lambda client: client.invoke_query(method, _plain(wanted)))

    def _signed_in(
        self,
        verb: str,
        method: str,
        call: Callable[[Any], object],
        since: Moment | None = None,
        text: str = "",
    ) -> Exchange:
        """Make a request as ourselves, once more with a new session where the old one had run out."""

        def ask() -> Exchange:
            once = partial(call, self._sessions.client())
            return self._wire.ask(verb, f"/xrpc/{method}", once, since=since, text=text, beside=(REFRESH,))

        exchange = ask()
        if self._sessions.ran_out(exchange):
            self._sessions.renew()
            exchange = ask()
        return exchange

    def _answer(self, exchange: Exchange) -> Mapping[str, Any]:
        answer = answer_of(exchange, RULES, self._clock.now())
        if not isinstance(answer, dict):
            raise TryLaterError("Bluesky gave an answer that cannot be read; is `base_url` right?")
        return answer

    def _record(self, did: str, collection: str, key: str) -> Mapping[str, Any] | None:
        """One of our records, None where there is none of that name."""
        exchange = self._query(GET_RECORD, {"repo": did, "collection": collection, "rkey": key})
        if exchange.status == BAD_REQUEST and error_in(exchange.json()) == NO_RECORD:
            return None
        answer = self._answer(exchange)
        if answer.get("uri") != f"at://{did}/{collection}/{key}" or not answer.get("cid"):
            raise TryLaterError("Bluesky did not say whether the post is there")
        return answer

    def _alike(self, own: Own, record: Mapping[str, Any], oldest: datetime) -> Iterator[tuple[str, str]]:
        """Our records since an instant that say the same as one of ours, whatever they are named."""
        wanted = {"repo": own.own_id, "collection": COLLECTION, "limit": str(PAGE)}
        for _ in range(MOST_PAGES):
            answer = self._answer(self._query(LIST, wanted))
            records = answer.get("records")
            if not isinstance(records, list):
                raise TryLaterError("Bluesky did not say which posts are there")
            for one in records:
                if says_the_same(one.get("value"), record) and made_at(one["value"]) >= oldest:
                    yield str(one.get("uri")), str(one.get("cid"))
            # In the order of their names, which need not be the order in which they were made.
            if not answer.get("cursor") or all(made_at(one.get("value")) < oldest for one in records):
                return
            wanted["cursor"] = str(answer["cursor"])
        raise TryLaterError("our posts on Bluesky are more than we can read in one look")

    def _is_labelled(self, did: str) -> bool | None:
        """Whether the profile carries the label of a bot, None where the server does not say."""
        try:
            profile = self._record(did, PROFILE, "self")
        except TryLaterError:
            return None
        return profile is not None and is_labelled(profile.get("value"))

    def _resolve_tag(self) -> None:
        """Find the DID of the handle that must stand in every post; without it nobody would be tagged."""
        exchange = self._query(RESOLVE, {"handle": self._mentioned})
        if exchange.status == BAD_REQUEST:
            raise TryLaterError(f"Bluesky does not know @{self._mentioned}, which is our tag; correct `tag:`")
        try:
            did = str(self._answer(exchange).get("did", ""))
        except TryLaterError:
            if self._tag:
                return  # whom it names does not change because nobody answers
            raise
        if not did.startswith("did:"):
            raise TryLaterError(f"Bluesky did not say who @{self._mentioned} is, which is our tag")
        self._kept.put("tag", {self._mentioned: did})

    @property
    def _tag(self) -> dict[str, str]:
        """The handle that the tag names, and its DID once it was resolved."""
        kept = self._kept.get("tag")
        did = kept.get(self._mentioned) if isinstance(kept, dict) else None
        return {self._mentioned: str(did)} if did else {}

    def _receipt(self, uri: str, cid: str) -> Receipt:
        return Receipt(remote_id=uri, url=self._url_of(uri), cid=cid)

    def _url_of(self, uri: str) -> str:
        did, key = uri.removeprefix("at://").split("/")[0::2]
        return f"{self._url(did)}/post/{key}"

    def _url(self, name: str) -> str:
        # What a reader opens is the app; a server on this machine shows its own page.
        local = urlsplit(self._base_url).scheme == "http"
        return f"{self._base_url if local else 'https://bsky.app'}/profile/{name}"


def _plain(wanted: Mapping[str, Any]) -> Any:
    """Parameters in the one form that the library takes without loading its models."""
    from atproto_client.models.dot_dict import DotDict

    return DotDict(dict(wanted))
