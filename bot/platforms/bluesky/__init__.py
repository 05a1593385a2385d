"""Bluesky, through atproto: every record has a name of our choosing, so that none can come twice."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bot.domain.account import Identity
from bot.domain.delivery import Delivery, Receipt, Sighting
from bot.domain.errors import TryLaterError
from bot.domain.lengths import PlatformName
from bot.platforms.bluesky.record import (
    COLLECTION,
    address,
    content_id,
    freeze,
    make_record,
    record_key,
    with_reply,
)
from bot.platforms.bluesky.session import REFRESH, Sessions
from bot.platforms.wire import OK, Exchange, Rules, Wire, answer_of, clock_ahead, verdict
from bot.ports import Clock, Own

XRPC = "/xrpc"
PUT = "com.atproto.repo.putRecord"
GET_RECORD = "com.atproto.repo.getRecord"
GET_SESSION = "com.atproto.server.getSession"
RESOLVE = "com.atproto.identity.resolveHandle"
BAD_REQUEST = 400
NO_RECORD = "RecordNotFound"
_SHUT_OUT = re.compile(
    r"takendown|suspended|deactivated|accountinactive|invalidtoken|authmissing", re.IGNORECASE
)


def _words(answer: Mapping[str, Any]) -> str:
    return str(answer.get("message") or answer.get("error") or "")


def _dotted(wanted: Mapping[str, str]) -> Any:
    """Parameters in the one plain form that the library takes without loading its models."""
    from atproto_client.models.dot_dict import DotDict

    return DotDict(dict(wanted))


def _error(answer: Any) -> str:
    return str(answer.get("error", "")) if isinstance(answer, dict) else ""


RULES = Rules(
    platform=PlatformName.BLUESKY,
    words=_words,
    account_is_shut_out=lambda answer: bool(_SHUT_OUT.search(json.dumps(answer))),
    may_be_there=lambda answer: _error(answer) == "InvalidSwap",
    resets=("retry-after", "ratelimit-reset"),
)


class BlueskyPlatform:
    """One account on Bluesky; ports.Platform is its contract."""

    name = PlatformName.BLUESKY

    def __init__(
        self,
        *,
        handle: str,
        app_password: Callable[[], str],
        session_path: Path,
        clock: Clock,
        deadline: timedelta,
        base_url: str = "https://bsky.social",
        tag: str = "",
    ) -> None:
        self._base_url = base_url
        self._clock = clock
        self._wire = Wire(clock, deadline)
        self._mentioned = tag.lstrip("@") if tag.startswith("@") else ""
        self._sessions = Sessions(
            base_url=base_url,
            handle=handle,
            app_password=app_password,
            path=session_path,
            wire=self._wire,
            clock=clock,
            rules=RULES,
        )

    def identify(self) -> Identity:
        """Ask who we are, whether the bot label is there, and whom the tag names."""
        answer, exchange = self._query(GET_SESSION, {})
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
            clock_ahead=clock_ahead(exchange, self._clock.now()),
        )

    def freeze(self, delivery: Delivery, own: Own, now: datetime) -> bytes:
        """The record and its name; only what it answers is added when it is sent."""
        dids = {own.handle.lstrip("@").casefold(): own.own_id, **self._sessions.kept.get("tag", {})}
        return freeze(make_record(delivery, now, dids), record_key(delivery))

    def publish(self, delivery: Delivery) -> Receipt:
        """Put the frozen record where nothing may be yet; the same record there already is as good."""
        frozen = json.loads(delivery.payload or b"{}")
        record = with_reply(frozen["record"], delivery.root, delivery.parent)
        did = self._did()
        body = {
            "repo": did,
            "collection": COLLECTION,
            "rkey": frozen["rkey"],
            "swapRecord": None,  # the library would leave it out, and overwrite what is there
            "record": record,
        }
        uri, cid = address(did, frozen["rkey"]), content_id(record)

        def receipt(answer: Any) -> Receipt | None:
            same = isinstance(answer, dict) and answer.get("uri") == uri and answer.get("cid") == cid
            return self._receipt(uri, cid) if same else None

        exchange = self._put(body)
        return verdict(exchange, RULES, receipt, self._clock.now())

    def look(self, delivery: Delivery, own: Own) -> Sighting:
        """Ask for the record by its name."""
        frozen = json.loads(delivery.payload or b"{}")
        record = with_reply(frozen["record"], delivery.root, delivery.parent)
        uri, cid = address(own.own_id, frozen["rkey"]), content_id(record)
        there = self._record(own.own_id, frozen["rkey"])
        if there is None:
            return Sighting()
        if there != cid:
            return Sighting(puzzle=f"another text stands under this post's name: {self._url_of(uri)}")
        return Sighting(matches=(self._receipt(uri, cid),))

    def read_back(self, delivery: Delivery, own: Own) -> bool:
        """Whether the record is there."""
        uri = delivery.receipt.remote_id if delivery.receipt else ""
        return self._record(own.own_id, uri.rsplit("/", 1)[-1]) is not None

    def _put(self, body: Mapping[str, Any]) -> Exchange | None:
        content = json.dumps(body, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json"}
        return self._signed_in(
            "POST", PUT, lambda client: client.invoke_procedure(PUT, content=content, headers=headers)
        )

    def _query(self, method: str, wanted: Mapping[str, str]) -> tuple[dict[str, Any], Exchange]:
        """Ask the account's server a question; that there is no such record is an answer."""
        exchange = self._signed_in("GET", method, lambda client: client.invoke_query(method, _dotted(wanted)))
        if exchange and exchange.status == BAD_REQUEST and _error(exchange.json()) == NO_RECORD:
            return {"error": NO_RECORD}, exchange
        answer = answer_of(exchange, RULES, self._clock.now())
        if not isinstance(answer, dict) or exchange is None:
            raise TryLaterError("Bluesky gave an answer that cannot be read; is `base_url` right?")
        return answer, exchange

    def _signed_in(self, verb: str, method: str, call: Callable[[Any], object]) -> Exchange | None:
        """Make a request as ourselves, with a new session where the old one had run out."""
        path = f"{XRPC}/{method}"
        exchange = self._wire.ask(verb, path, partial(call, self._sessions.client()))
        if self._session_ran_out(exchange):
            self._sessions.forget()
            exchange = self._wire.ask(verb, path, partial(call, self._sessions.client()))
        return exchange

    def _session_ran_out(self, exchange: Exchange | None) -> bool:
        """Whether the server knows our session no longer, so that certainly nothing was stored."""
        if exchange is None:
            refresh = self._wire.last("POST", REFRESH)
            return refresh is not None and refresh.status in {BAD_REQUEST, 401}
        return exchange.status == BAD_REQUEST and _error(exchange.json()) == "ExpiredToken"

    def _record(self, did: str, key: str) -> str | None:
        """The content id of one of our records, None where there is none."""
        answer, exchange = self._query(GET_RECORD, {"repo": did, "collection": COLLECTION, "rkey": key})
        if answer.get("error") == NO_RECORD:
            return None
        if exchange.status not in OK or not answer.get("cid"):
            raise TryLaterError("Bluesky did not say whether the post is there")
        return str(answer["cid"])

    def _did(self) -> str:
        session = str(self._sessions.client().export_session_string())
        return session.split(":::")[1]

    def _is_labelled(self, did: str) -> bool | None:
        """Whether the profile carries the label of a bot, None where the server does not say."""
        wanted = {"repo": did, "collection": "app.bsky.actor.profile", "rkey": "self"}
        try:
            answer, _ = self._query(GET_RECORD, wanted)
        except TryLaterError:
            return None
        if answer.get("error"):
            return False
        value = answer.get("value")
        labels = value.get("labels") if isinstance(value, dict) else None
        values = labels.get("values") if isinstance(labels, dict) else None
        return any(isinstance(one, dict) and one.get("val") == "bot" for one in values or ())

    def _resolve_tag(self) -> None:
        """Find the DID of the handle that must stand in every post; without it nobody would be tagged."""
        answer, _ = self._query(RESOLVE, {"handle": self._mentioned})
        did = str(answer.get("did", ""))
        if not did.startswith("did:"):
            raise TryLaterError(f"Bluesky does not know @{self._mentioned}, which is our tag; correct `tag:`")
        self._sessions.keep("tag", {self._mentioned.casefold(): did})

    def _receipt(self, uri: str, cid: str) -> Receipt:
        return Receipt(remote_id=uri, url=self._url_of(uri), cid=cid)

    def _url_of(self, uri: str) -> str:
        did, key = uri.removeprefix("at://").split("/")[0::2]
        return f"{self._url(did)}/post/{key}"

    def _url(self, name: str) -> str:
        # What a reader opens is the app; a server on this machine shows its own page.
        local = urlsplit(self._base_url).scheme == "http"
        return f"{self._base_url if local else 'https://bsky.app'}/profile/{name}"
