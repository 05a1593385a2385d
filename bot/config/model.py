"""The configuration as it is used: frozen, valid, and with secrets that hide themselves."""

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from bot.domain.calendar import Slot
from bot.domain.delivery import PATIENCE, Patience
from bot.domain.errors import ConfigError
from bot.domain.lengths import PlatformName
from bot.domain.post import Language

DEFAULT_TAG = "#IndustriALL"
DEFAULT_LANGUAGES = (Language("en"),)
DEFAULT_STORE = "state/bot.sqlite"
DEFAULT_QUEUE = "posts"
LANGUAGE_GAP = timedelta(minutes=20)
PLAN_AHEAD = timedelta(days=60)
DEADLINE = timedelta(seconds=60)
PART_GAP = {
    PlatformName.X: timedelta(seconds=5),  # a reply that follows faster may be refused
    PlatformName.MASTODON: timedelta(seconds=1),
    PlatformName.BLUESKY: timedelta(seconds=1),
}
BASE_URL = {PlatformName.X: "https://api.x.com", PlatformName.BLUESKY: "https://bsky.social"}
CREDENTIALS = {
    PlatformName.X: ("consumer_key", "consumer_secret", "access_token", "access_token_secret"),
    PlatformName.MASTODON: ("access_token",),
    PlatformName.BLUESKY: ("app_password",),
}
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
OTHERS_MAY_READ = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Secret:
    """Where a secret is kept. It is read when it is used, and never shown."""

    env: str = ""
    file: Path | None = None

    def __repr__(self) -> str:
        return f"Secret({self.origin}, ••••)"

    @property
    def origin(self) -> str:
        """Where it is kept, in words."""
        return f"the file {self.file}" if self.file else f"the environment variable {self.env}"

    def problem(self) -> str | None:
        """Why it cannot be used, None where it can; never what it says."""
        if self.file is None:
            return None if os.environ.get(self.env, "").strip() else f"{self.origin} is not set, or empty"
        try:
            mode = self.file.stat().st_mode
            empty = not self.file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "not a text"
            return f"{self.origin} cannot be read: {why}"
        if mode & OTHERS_MAY_READ:
            return f"{self.origin} can be read by others; run: chmod 600 {self.file}"
        return f"{self.origin} is empty" if empty else None

    def reveal(self) -> str:
        """The secret itself. Raises ConfigError where it cannot be used."""
        if problem := self.problem():
            raise ConfigError(problem)
        text = self.file.read_text(encoding="utf-8") if self.file else os.environ[self.env]
        return text.strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountConfig:
    """One of our accounts."""

    label: str
    platform: PlatformName
    handle: str
    base_url: str
    languages: tuple[Language, ...] = DEFAULT_LANGUAGES
    tag: str = DEFAULT_TAG
    threads: bool = True
    part_gap: timedelta
    patience: Patience
    deadline: timedelta = DEADLINE
    visibility: str = "public"
    credentials: Mapping[str, Secret] = field(default_factory=dict)

    def problems(self) -> list[str]:
        """What keeps its credentials from being used."""
        found = ((name, secret.problem()) for name, secret in self.credentials.items())
        return [f"{self.label}: {name}: {problem}" for name, problem in found if problem]


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The whole configuration. If you hold one, it is valid."""

    campaign: str = "campaign"
    timezone: str | None = None
    queue: Path
    store: str
    state: Path  # the folder for sessions, beside the store
    slots: tuple[Slot, ...] = ()
    language_gap: timedelta = LANGUAGE_GAP
    plan_ahead: timedelta = PLAN_AHEAD
    log_level: str = "info"
    accounts: tuple[AccountConfig, ...]

    @property
    def labels(self) -> frozenset[str]:
        """The names of our accounts."""
        return frozenset(account.label for account in self.accounts)

    def problems(self) -> list[str]:
        """What keeps any account's credentials from being used."""
        return [problem for account in self.accounts for problem in account.problems()]


def default_config(folder: Path) -> Config:
    """What `check`, `preview` and `queue` go by without a configuration: one plain account a platform."""
    handles = {
        PlatformName.X: "@our_account",
        PlatformName.MASTODON: "@our_account@our.server.example",
        PlatformName.BLUESKY: "@our-account.example",
    }
    return Config(
        queue=folder,
        store="",
        state=folder,
        accounts=tuple(
            AccountConfig(
                label=platform.value,
                platform=platform,
                handle=handle,
                base_url="",
                part_gap=PART_GAP[platform],
                patience=PATIENCE[platform],
            )
            for platform, handle in handles.items()
        ),
    )
