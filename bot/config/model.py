"""The configuration as it is used: frozen, valid, and with secrets that hide themselves."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from pathlib import Path

from bot.config.alarm import AlarmConfig, WebAddress
from bot.config.collect import CollectConfig, PrivacyConfig
from bot.config.secret import Secret
from bot.domain.calendar import Slot
from bot.domain.case import AGE
from bot.domain.catch_up import CatchUp
from bot.domain.delivery import PATIENCE, Patience
from bot.domain.lengths import PlatformName
from bot.domain.post import Language

DEFAULT_TAG = "#IndustriALL"
DEFAULT_LANGUAGES = (Language("en"),)
DEFAULT_STORE = "state/bot.sqlite"
DEFAULT_QUEUE = "posts"
DEFAULT_VISIBILITY = "public"
DEFAULT_LOG_LEVEL = "info"
DEFAULT_BACKUPS = "backups"  # a folder beside the store
BY_HAND = "by hand"  # in place of a folder: a person keeps the copy of the key
BACKUPS_KEPT = 14
BACKUP_AT = time(3, 30)
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
    visibility: str = DEFAULT_VISIBILITY
    budget: int | None = None  # for a calendar month, in millionths of a dollar
    credentials: Mapping[str, Secret] = field(default_factory=dict)

    def problems(self) -> list[str]:
        """What keeps its credentials from being used."""
        found = ((name, secret.problem()) for name, secret in self.credentials.items())
        return [f"{self.label}: {name}: {problem}" for name, problem in found if problem]


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupConfig:
    """Where backups of the store go, how many are kept, and at what hour one is made each night.

    The copy of the key of hashes goes to a folder of its own: beside a backup it would open it.
    """

    folder: Path
    key_folder: Path | None = None
    key_by_hand: bool = False  # a person keeps the copy of the key where we do not look
    keep: int = BACKUPS_KEPT
    at: time = BACKUP_AT


def lies_in(path: Path, folder: Path) -> bool:
    """Whether a path is a folder or lies inside it, by whatever names they are reached."""
    return path.resolve().is_relative_to(folder.resolve())


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The whole configuration. If you hold one, its form is valid; `problems` tells what it cannot reach."""

    campaign: str = "campaign"
    timezone: str | None = None
    queue: Path
    store_at: str | Secret
    state: Path  # the folder for sessions, beside the store
    backup: BackupConfig
    slots: tuple[Slot, ...] = ()
    language_gap: timedelta = LANGUAGE_GAP
    catch_up: CatchUp = field(default_factory=CatchUp)
    case_age: timedelta = AGE  # how long a check of a person's status counts
    plan_ahead: timedelta = PLAN_AHEAD
    log_level: str = DEFAULT_LOG_LEVEL
    accounts: tuple[AccountConfig, ...]
    alarm: AlarmConfig = field(default_factory=AlarmConfig)
    heartbeat: WebAddress | None = None
    privacy: PrivacyConfig | None = None
    collect: CollectConfig | None = None  # None: nothing is collected

    @property
    def store(self) -> str:
        """The store's file or address. Raises ConfigError where that is a secret that cannot be read."""
        return self.store_at.reveal() if isinstance(self.store_at, Secret) else self.store_at

    @property
    def labels(self) -> frozenset[str]:
        """The names of our accounts."""
        return frozenset(account.label for account in self.accounts)

    def problems(self) -> list[str]:
        """What keeps the secrets from being used; commands that need none may ignore it."""
        store = self.store_at.problem() if isinstance(self.store_at, Secret) else None
        own = [f"store: {store}"] if store else []
        own += self.alarm.problems()
        if self.heartbeat and (problem := self.heartbeat.problem()):
            own.append(f"heartbeat_url: {problem}")
        return own + [problem for account in self.accounts for problem in account.problems()]


def default_config(folder: Path) -> Config:
    """What `check`, `preview` and `queue` go by without a configuration: one plain account a platform."""
    handles = {
        PlatformName.X: "@our_account",
        PlatformName.MASTODON: "@our_account@our.server.example",
        PlatformName.BLUESKY: "@our-account.example",
    }
    return Config(
        queue=folder,
        slots=tuple(Slot(weekday, time(9), "UTC") for weekday in range(5)),  # so that every post has an hour
        store_at="",
        state=folder,
        backup=BackupConfig(folder=folder / DEFAULT_BACKUPS),
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
