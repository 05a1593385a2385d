"""E-mail: encrypted before anything is said, unless the server is on this machine."""

import logging
import smtplib
import socket
import ssl
from collections.abc import Sequence
from contextlib import suppress
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any
from uuid import uuid4

from bot.alarms.limit import SECONDS, Limit, Reveal, said_of
from bot.domain.errors import AlarmError, ConfigError
from bot.domain.spoken import count
from bot.ports import Clock

log = logging.getLogger(__name__)

_NAME = "[127.0.0.1]"  # how we call ourselves: the machine's own name is nobody's business


class Mail:
    """Hands the words to a mail server; what that does with them afterwards is not known here.

    `plain` encrypts nothing; `from_the_start` begins encrypted, otherwise it is asked for (STARTTLS) before
    anything is said.
    """

    name = "email"

    def __init__(
        self,
        *,
        to: Sequence[str],
        sender: str,
        server: str,
        port: int,
        clock: Clock,
        plain: bool = False,
        from_the_start: bool = False,
        user: str | None = None,
        password: Reveal | None = None,
        context: ssl.SSLContext | None = None,
        seconds: float = SECONDS,
    ) -> None:
        self._to = list(to)
        self._sender = sender
        self._server = server
        self._port = port
        self._clock = clock
        self._plain = plain
        self._from_the_start = from_the_start
        self._user = user
        self._password = password
        self._context = context
        self._seconds = seconds

    def tell(self, words: str) -> None:
        """Send an e-mail. AlarmError where the server took it for none of its addresses."""
        with Limit(self._seconds) as limit:
            try:
                server = self._connect(limit)
                try:
                    refused = self._send(server, words)
                finally:
                    _leave(server)
            except ConfigError as error:
                raise AlarmError(str(error)) from error
            except smtplib.SMTPException as error:
                raise AlarmError(_said_by_server(error, limit)) from error
            except (OSError, ValueError) as error:
                raise AlarmError(f"the mail server was not reached: {said_of(error, limit)}") from error
        if refused:
            # The others have it: were it sent again, they would be woken again.
            log.warning(
                "alarm: email: the mail server refuses %s", count(len(refused), "address", "addresses")
            )

    def _connect(self, limit: Limit) -> smtplib.SMTP:
        if self._from_the_start:
            return _Encrypted(self._server, self._port, limit, self._context or ssl.create_default_context())
        return _Watched(self._server, self._port, limit)

    def _send(self, server: smtplib.SMTP, words: str) -> dict[str, Any]:
        if not self._plain and not self._from_the_start:
            server.starttls(context=self._context or ssl.create_default_context())
        if self._user and self._password:
            server.login(self._user, self._password())
        return server.send_message(self._letter(words), self._sender, self._to)

    def _letter(self, words: str) -> EmailMessage:
        letter = EmailMessage()
        letter["Subject"] = words.splitlines()[0].rstrip(":")
        letter["From"] = self._sender
        letter["To"] = ", ".join(self._to)
        letter["Date"] = format_datetime(self._clock.now())
        letter["Message-ID"] = f"<{uuid4()}@{self._sender.rpartition('@')[2]}>"
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(words)
        return letter


def _leave(server: smtplib.SMTP) -> None:
    with suppress(smtplib.SMTPException, OSError):  # whatever it says now, it has the words or has not
        server.quit()
    server.close()


class _Watched(smtplib.SMTP):
    def __init__(self, host: str, port: int, limit: Limit) -> None:
        self._limit = limit
        super().__init__(host, port, _NAME, timeout=limit.seconds)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        found: socket.socket = super()._get_socket(host, port, timeout)  # type: ignore[misc]
        self._limit.watch(found)
        return found


class _Encrypted(smtplib.SMTP_SSL, _Watched):
    """Its handshake is watched too: SMTP_SSL wraps what _Watched has connected."""

    def __init__(self, host: str, port: int, limit: Limit, context: ssl.SSLContext) -> None:
        self._limit = limit
        smtplib.SMTP_SSL.__init__(self, host, port, _NAME, timeout=limit.seconds, context=context)


_SAID = {
    smtplib.SMTPAuthenticationError: "it does not accept the user and password",
    smtplib.SMTPRecipientsRefused: "it refuses every address under `to:`",
    smtplib.SMTPSenderRefused: "it refuses the address under `from:`",
    smtplib.SMTPNotSupportedError: "it offers no encryption (STARTTLS), or no way to give it a password",
    smtplib.SMTPServerDisconnected: "it broke off",
}


def _said_by_server(error: smtplib.SMTPException, limit: Limit) -> str:
    """What the server had against it: its number alone, for its words may repeat ours."""
    if limit.over:
        return f"the mail server was not reached: {said_of(error, limit)}"
    said = _SAID.get(type(error), "it says no")
    number = f" ({error.smtp_code})" if isinstance(error, smtplib.SMTPResponseException) else ""
    return f"the mail server: {said}{number}"
