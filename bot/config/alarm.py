"""How a person is reached when one is needed, as it is configured."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from bot.config.secret import Secret
from bot.domain.errors import ConfigError

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
SUBMISSION_PORT = 587
ENCRYPTED_PORT = 465  # the one on which a mail server expects no plain word


def fault_of_url(url: str) -> tuple[str, str] | None:
    """Why a web address cannot be used, and the way to mend it; None where it can. It is never repeated: it
    may be all that keeps a stranger from writing to us."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "this is not a web address", "write it like https://example.org/page"
    if parts.username or parts.password or "@" in parts.netloc:
        return "a web address must not hold a name or a password", "take out what stands before the @"
    odd = " " in url or not url.isascii() or not url.isprintable()
    if odd or parts.scheme not in {"http", "https"} or not host:
        return "this is not a web address", "write it like https://example.org/page"
    if parts.scheme == "http" and host not in LOOPBACK:
        return "this web address is not encrypted", "write https:// in front"
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class WebAddress:
    """A web address, written out or kept as a secret; either way it is not shown."""

    kept: Secret | None = None
    url: str = ""

    def __repr__(self) -> str:
        return f"WebAddress({self.kept or '••••'})"

    def problem(self) -> str | None:
        """Why it cannot be used, None where it can."""
        if self.kept is None:
            return None
        if problem := self.kept.problem():
            return problem
        fault = fault_of_url(self.kept.reveal())
        return f"{self.kept.origin}: {fault[0]}; {fault[1]}" if fault else None

    def reveal(self) -> str:
        """The address itself. Raises ConfigError where it cannot be used."""
        if problem := self.problem():
            raise ConfigError(problem)
        return self.kept.reveal() if self.kept else self.url


@dataclass(frozen=True, slots=True, kw_only=True)
class MailConfig:
    """How an e-mail is sent."""

    to: tuple[str, ...]
    sender: str
    server: str
    port: int = SUBMISSION_PORT
    user: str | None = None
    password: Secret | None = None

    @property
    def plain(self) -> bool:
        """Whether nothing is encrypted: only where nothing leaves this machine."""
        return self.server in LOOPBACK and not self.from_the_start

    @property
    def from_the_start(self) -> bool:
        """Whether the connection begins encrypted, instead of asking for it."""
        return self.port == ENCRYPTED_PORT


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmConfig:
    """Every way in which a person is reached."""

    mail: MailConfig | None = None
    webhook: WebAddress | None = None
    command: tuple[str, ...] = ()
    folder: Path = Path()  # where the command is run

    def problems(self) -> list[str]:
        """What keeps the secrets from being used."""
        found = {
            "email: password": self.mail.password.problem() if self.mail and self.mail.password else None,
            "webhook: url": self.webhook.problem() if self.webhook else None,
        }
        return [f"alarm: {name}: {problem}" for name, problem in found.items() if problem]
