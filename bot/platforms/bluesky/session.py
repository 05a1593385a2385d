"""The login: one for weeks, kept in a file, because a server allows few of them."""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from bot.domain.errors import Concern, TryLaterError
from bot.platforms.bluesky.kept import Kept
from bot.platforms.own import Secret, revealed
from bot.platforms.verdict import BAD_REQUEST, SHUT_OUT, Rules, answer_of
from bot.platforms.wire import Exchange, Wire
from bot.ports import Clock

LOGIN = "/xrpc/com.atproto.server.createSession"
REFRESH = "/xrpc/com.atproto.server.refreshSession"
BETWEEN_LOGINS = timedelta(minutes=15)  # after one that failed; a server may allow a hundred a day
RAN_OUT = frozenset({"ExpiredToken", "InvalidToken", "AuthMissing"})

_SEPARATOR = ":::"  # of the library's own form of a session, which is what the file keeps


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """An open session: who we are, and the two tokens that prove it."""

    handle: str
    did: str
    access: str
    refresh: str
    server: str

    @classmethod
    def read(cls, written: str) -> Self | None:
        """A session in the library's form, None where it is none."""
        pieces = written.split(_SEPARATOR)
        names = ("handle", "did", "access", "refresh", "server")
        return cls(**dict(zip(names, pieces, strict=True))) if len(pieces) == len(names) else None

    def written(self) -> str:
        """The session in the library's form."""
        return _SEPARATOR.join((self.handle, self.did, self.access, self.refresh, self.server))

    @property
    def scope(self) -> str:
        """What the access token allows, empty where it does not say."""
        try:
            part = self.access.split(".")[1]
            claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        except (ValueError, IndexError):
            return ""
        return str(claims.get("scope", "")) if isinstance(claims, dict) else ""


class Sessions:
    """The sessions of one account: from the file, renewed, or from its app password."""

    def __init__(
        self,
        *,
        base_url: str,
        handle: str,
        app_password: Secret,
        kept: Kept,
        wire: Wire,
        clock: Clock,
        rules: Rules,
    ) -> None:
        self._base_url = base_url
        self._handle = handle
        self._app_password = app_password
        self._kept = kept
        self._wire = wire
        self._clock = clock
        self._rules = rules
        self._password = ""
        self._client: Any = None

    @property
    def current(self) -> Session:
        """The session in use; opens one where there is none."""
        session = _session_of(self.client())
        if session is None:
            raise TryLaterError("Bluesky's library keeps sessions in a form that this program does not know")
        return session

    def client(self) -> Any:
        """A client that is logged in. TryLaterError where the server does not let us in."""
        if self._client is None:
            self._client = self._restored(str(self._kept.get("session") or "")) or self._logged_in()
        return self._client

    def renew(self) -> None:
        """Replace a session that the server no longer knows: by its refresh token, else by the password."""
        session = self.current
        headers = {"Authorization": f"Bearer {session.refresh}"}
        client = self._client
        exchange = self._wire.ask(
            "POST",
            REFRESH,
            lambda: client.invoke_procedure(
                REFRESH.rpartition("/")[2], headers=headers, ignore_session_check=True
            ),
        )
        self._client = None
        if exchange.status in {BAD_REQUEST, SHUT_OUT} and isinstance(exchange.json(), dict):
            self._kept.put("session", "")
            return
        answer = answer_of(exchange, self._rules, self._clock.now())
        self._kept.put("session", _renewed(session, answer).written())

    def ran_out(self, exchange: Exchange) -> bool:
        """Whether a request was not carried out because its session is no longer known."""
        if exchange.left:
            error = exchange.json()
            unknown = isinstance(error, dict) and error.get("error") in RAN_OUT
            return unknown and exchange.status in {BAD_REQUEST, SHUT_OUT}
        # The library renews a session ahead of its end, before it makes the request.
        refresh = self._wire.made("POST", REFRESH)
        return refresh is not None and refresh.status in {BAD_REQUEST, SHUT_OUT}

    def _restored(self, written: str) -> Any:
        if Session.read(written) is None:
            return None
        client = self._make()
        try:
            client.login(session_string=written, fetch_bsky_profile=False)
        except Exception:  # noqa: BLE001  # whatever is wrong with the file, the password still works
            return None
        return client

    def _logged_in(self) -> Any:
        (password,) = revealed([self._app_password], self._rules.platform)
        self._password = password
        self._wire.keep_secret(password)
        tried = _fingerprint(self._handle, password)
        self._wait_after_failure(tried)
        client = self._make()
        exchange = self._wire.ask(
            "POST", LOGIN, lambda: client.login(self._handle, password, fetch_bsky_profile=False)
        )
        if _session_of(client):
            self._kept.put("failed", None)
            return client
        if exchange.status is not None:
            self._kept.put("failed", {"of": tried, "at": self._clock.now().isoformat()})
        answer_of(exchange, self._rules, self._clock.now())
        raise TryLaterError("Bluesky did not log us in; is `base_url` right?")

    def _wait_after_failure(self, tried: str) -> None:
        """Refuse to spend another login on what has just failed; a corrected password is another matter."""
        failed = self._kept.get("failed")
        if not isinstance(failed, dict) or failed.get("of") != tried:
            return
        since = self._clock.now() - _read_time(failed.get("at"))
        if timedelta() <= since < BETWEEN_LOGINS:
            raise TryLaterError(
                "Bluesky did not let us log in a moment ago; the next try waits, because logins are counted",
                wait=BETWEEN_LOGINS - since,
                concern=Concern.ACCOUNT_BUSY,
            )

    def _make(self) -> Any:
        from atproto_client import Client  # half a second and 60 MiB that only this adapter needs
        from atproto_client.request import Request

        from bot.platforms.transports import httpx_client_options, quieten

        quieten("httpx", "httpcore", "atproto_client")
        client = Client(self._base_url, request=Request(**httpx_client_options(self._wire)))
        client.on_session_change(lambda _, session: self._opened(session.export()))
        return client

    def _opened(self, written: str) -> None:
        self._kept.put("session", written)
        if session := Session.read(written):
            self._wire.keep_secret(self._password, session.access, session.refresh)


def _session_of(client: Any) -> Session | None:
    """The session of a client, None where it has none that we can read."""
    from atproto_client.exceptions import LoginRequiredError

    try:
        return Session.read(str(client.export_session_string()))
    except LoginRequiredError:
        return None


def _renewed(session: Session, answer: Mapping[str, Any]) -> Session:
    access, refresh = answer.get("accessJwt"), answer.get("refreshJwt")
    if answer.get("did") != session.did or not isinstance(access, str) or not isinstance(refresh, str):
        raise TryLaterError("Bluesky did not renew our session as it should")
    return Session(
        handle=session.handle, did=session.did, access=access, refresh=refresh, server=session.server
    )


def _read_time(written: object) -> datetime:
    try:
        return datetime.fromisoformat(str(written)).astimezone(UTC)
    except (ValueError, OverflowError):
        return datetime.min.replace(tzinfo=UTC)


def _fingerprint(handle: str, password: str) -> str:
    return hashlib.sha256(f"{handle}\x1f{password}".encode()).hexdigest()[:16]
