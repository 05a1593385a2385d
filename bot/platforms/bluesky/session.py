"""The login: one for weeks, kept in a file, because a server allows few of them."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot.domain.errors import Concern, TryLaterError
from bot.platforms.wire import Rules, Wire, answer_of
from bot.ports import Clock

LOGIN = "/xrpc/com.atproto.server.createSession"
REFRESH = "/xrpc/com.atproto.server.refreshSession"
BETWEEN_LOGINS = 15 * 60.0  # seconds after one that failed; a server may allow a hundred a day
PRIVATE_FILE = 0o600


class Sessions:
    """The session of one account, from the file or from its app password."""

    def __init__(
        self,
        *,
        base_url: str,
        handle: str,
        app_password: Callable[[], str],
        path: Path,
        wire: Wire,
        clock: Clock,
        rules: Rules,
    ) -> None:
        self._base_url = base_url
        self._handle = handle.lstrip("@")
        self._app_password = app_password
        self._path = path
        self._wire = wire
        self._clock = clock
        self._rules = rules
        self._client: Any = None
        self._failed_at: float | None = None
        self.kept = self._read()

    def client(self) -> Any:
        """A client that is logged in. TryLaterError where the server does not let us in."""
        if self._client is None:
            client = self._make()
            if self._restore(client):
                self._client = client
            else:
                self._client = self._log_in(self._make())
        return self._client

    def forget(self) -> None:
        """Give up a session that the server no longer knows; the next one needs the password."""
        self._client = None
        self.keep("session", "")

    def keep(self, name: str, value: Any) -> None:
        """Remember something beside the session, for our eyes only."""
        if self.kept.get(name) == value:
            return
        self.kept[name] = value
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = self._path.with_suffix(".new")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(self.kept, file)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)

    def _read(self) -> dict[str, Any]:
        try:
            kept = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        ours = isinstance(kept, dict) and kept.get("for") == self._belongs_to
        return kept if ours else {}

    @property
    def _belongs_to(self) -> list[str]:
        """Which account on which server; what was kept for another is of no use."""
        return [self._base_url, self._handle]

    def _make(self) -> Any:
        from atproto_client import Client  # half a second and 60 MiB that only this adapter needs
        from atproto_client.request import Request

        from bot.platforms.transports import httpx_client_options

        client = Client(self._base_url, request=Request(**httpx_client_options(self._wire)))
        client.on_session_change(self._changed)
        return client

    def _changed(self, _: object, session: Any) -> None:
        self.keep("for", self._belongs_to)
        self.keep("session", session.export())

    def _restore(self, client: Any) -> bool:
        session = self.kept.get("session")
        if not session:
            return False
        try:
            client.login(session_string=session, fetch_bsky_profile=False)
        except Exception:  # noqa: BLE001  # whatever is wrong with the file, the password still works
            return False
        return True

    def _log_in(self, client: Any) -> Any:
        now = self._clock.boot()
        if self._failed_at is not None and now - self._failed_at < BETWEEN_LOGINS:
            raise TryLaterError(
                "Bluesky did not let us log in a moment ago; the next try waits, because logins are counted"
            )
        password = self._app_password()
        exchange = self._wire.ask(
            "POST",
            LOGIN,
            lambda: client.login(self._handle, password, fetch_bsky_profile=False),
        )
        if exchange is None or exchange.status is not None:
            self._failed_at = now
        answer = answer_of(exchange, self._rules, self._clock.now())
        if not isinstance(answer, dict) or not answer.get("did"):
            raise TryLaterError("Bluesky did not log us in; is `base_url` right?", concern=Concern.POST)
        self._failed_at = None
        return client
