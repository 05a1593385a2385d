"""Builds everything; the only module that knows all rooms."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache, cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.clock import SystemClock
from bot.config import AccountConfig, BackupConfig, Config
from bot.domain.account import Account, Voice
from bot.domain.classify.tables import Tables, read_tables
from bot.domain.errors import NotFoundError, StoreError
from bot.domain.lengths import Limits, PlatformName, published_limits
from bot.domain.report import Report
from bot.domain.terms import Terms
from bot.domain.vocabulary import Vocabulary, parse
from bot.files.posts import QueueSettings
from bot.files.watch import Watch
from bot.flows.collect import Listener
from bot.flows.forget import Forgetting
from bot.flows.plan import Planner
from bot.flows.recheck import BeforeBoost, is_kept_nowhere, look_again
from bot.pictures import Studio
from bot.ports import Clock, Patiences, Platform, Speaker, Store, Way
from bot.ports.inbox import Ear
from bot.ports.judging import Judge

if TYPE_CHECKING:
    from bot.alarms import Pulse

TLD_FILE = Path(__file__).parent / "data" / "tlds.txt"
WORDING_FILE = Path(__file__).parent / "data" / "wording.txt"
CLASSIFY_FOLDER = Path(__file__).parent / "data" / "classify"


def read_tlds(path: Path = TLD_FILE) -> frozenset[str]:
    """The top-level domains, by which X tells a link from a word with a dot in it."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))


@cache
def read_vocabulary(path: Path = WORDING_FILE) -> Vocabulary:
    """The words by which texts about people are judged."""
    return parse(path.read_text(encoding="utf-8"))


@cache
def read_mention_tables(folder: Path = CLASSIFY_FOLDER) -> Tables:
    """The words, places and weights by which mentions are read."""
    return read_tables({path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.txt"))})


def limits_of(config: AccountConfig, account: Account | None, tlds: frozenset[str]) -> Limits:
    """How long a post may be on an account: what its server told us, else what the platform publishes."""
    limits = published_limits(config.platform, tlds)
    if account is None:
        return limits
    return replace(
        limits,
        length=account.length or limits.length,
        link_length=account.link_length or limits.link_length,
    )


def voice_of(config: AccountConfig, account: Account | None, tlds: frozenset[str]) -> Voice:
    """How we speak on an account."""
    return Voice(
        label=config.label,
        platform=config.platform,
        handle=config.handle,
        tag=config.tag,
        languages=config.languages,
        limits=limits_of(config, account, tlds),
        threads=config.threads,
        part_gap=config.part_gap,
    )


def media_folder(state: Path) -> Path:
    """Where pictures lie as they are sent."""
    return state / "media"


def studio_of(config: Config, *, keeps: bool = True) -> Studio:
    """Who makes pictures ready. Who only asks keeps none."""
    return Studio(media_folder(config.state), keeps=keeps)


def planner_of(config: Config, *, keeps_pictures: bool = True) -> Planner:
    """What planning depends on. Who only asks what would come of it keeps no pictures."""
    return Planner(
        pictures=studio_of(config, keeps=keeps_pictures),
        campaign=config.campaign,
        language_gap=config.language_gap,
        ahead=config.plan_ahead,
        slots=config.slots,
        age=config.case_age,
    )


def queue_settings(config: Config) -> QueueSettings:
    """What reading the queue depends on."""
    return QueueSettings(timezone=config.timezone, labels=config.labels, vocabulary=read_vocabulary())


def open_store(config: Config, *, read_only: bool = False) -> Store:
    """The store that the configuration names."""
    from bot.store import open_store as open_at  # SQLAlchemy: `check` and `--help` do without

    def before_migration(store: Path) -> None:
        copy_store(store, config.backup, datetime.now(UTC))

    return open_at(config.store, read_only=read_only, before_migration=before_migration)


def store_file(config: Config) -> Path | None:
    """The file in which the store is, None where a server keeps it."""
    from bot.store import file_of

    return file_of(config.store) if config.store else None


def own_file(config: Config) -> Path:
    """The file in which the store is. StoreError where a server keeps it."""
    store = store_file(config)
    if store is None:
        raise StoreError(
            "this store is in PostgreSQL, which has its own backups: pg_dump makes one, pg_restore puts it "
            "back, and `restore --since TIME` then tells the program when it was made"
        )
    return store


def copy_store(store: Path, where: BackupConfig, now: datetime) -> Path:
    """Copy a store's file into the folder of backups, and remove all but the newest there."""
    from bot.store.backup import back_up as copy

    return copy(store, where.folder, now, where.keep)


def forgetting_of(config: Config, store: Store) -> Forgetting:
    """What forgetting depends on."""
    from bot.flows.acknowledge import unboost
    from bot.store.hasher import ErasedFile

    def take_back(report: Report, by: str, now: datetime) -> None:
        unboost(store, report, campaign=config.campaign, by=by, now=now)

    return Forgetting(inbox=store, erasures=ErasedFile(config.state), unboost=take_back)


class App:
    """Everything a daemon needs, built from a configuration."""

    def __init__(
        self, config: Config, store: Store, clock: Clock | None = None, judge: Judge | None = None
    ) -> None:
        self.config = config
        self._judge = judge
        self.store = store
        self.clock: Clock = clock or SystemClock()
        self.planner = planner_of(config)
        self.watch = Watch(config.queue, queue_settings(config))
        self._listeners: dict[str, Listener | None] = {}
        self._configs = {account.label: account for account in config.accounts}
        self._enroll()

    def _enroll(self) -> None:
        now = self.clock.now()
        for account in self.config.accounts:
            self.store.enroll(account.label, account.platform, now)

    @cached_property
    def tlds(self) -> frozenset[str]:
        """The table of top-level domains."""
        return read_tlds()

    @property
    def patience(self) -> Patiences:
        """How each account is looked at."""
        return {account.label: account.patience for account in self.config.accounts}

    @property
    def labels(self) -> tuple[str, ...]:
        """The names of our accounts."""
        return tuple(self._configs)

    def voice(self, label: str) -> Voice:
        """How we speak on one account."""
        return voice_of(self._configs[label], self.store.account(label), self.tlds)

    def voices(self) -> list[Voice]:
        """How we speak on all."""
        return [self.voice(label) for label in self._configs]

    def speaker(self, label: str) -> Speaker:
        """One account with all it takes to publish on it; to be built on its own lane."""
        if label not in self._configs:
            raise NotFoundError(f"there is no account named {label} in the configuration")
        config = self._configs[label]
        return Speaker(
            label=label,
            platform=build_platform(config, self.clock, self.config.state),
            patience=config.patience,
            store=self.store,
            clock=self.clock,
            terms=self._terms(config),
            recheck=BeforeBoost(
                partial(self.listener, label), self.store, forgetting_of(self.config, self.store)
            ),
        )

    def _terms(self, config: AccountConfig) -> Terms:
        return Terms(catch_up=self.config.catch_up, age=self.config.case_age, budget=config.budget)

    def looked_at(self, report: Report) -> str | None:
        """What a report's message says today, None where it is gone; the report is made to fit that."""
        listener = self._listener_of(report)
        if listener is None or report.remote_id is None:
            return None
        return look_again(listener, forgetting_of(self.config, self.store), [report]).get(report.remote_id)

    def words(self, report: Report) -> str | None:
        """What a report says: as it is kept, or read once more from where nothing may be kept of it."""
        return self.looked_at(report) if is_kept_nowhere(report) else report.text

    def _listener_of(self, report: Report) -> Listener | None:
        if report.account not in self._configs:
            raise NotFoundError(f"there is no account named {report.account} in the configuration")
        if report.account not in self._listeners:
            self._listeners[report.account] = self.listener(report.account)
        return self._listeners[report.account]

    @cached_property
    def judge(self) -> Judge:
        """What is made of mentions; its tables are read when the first is heard."""
        from bot.judge import TableJudge

        handles = frozenset(account.handle for account in self.config.accounts)
        return self._judge or TableJudge(read_mention_tables(), handles)

    @property
    def hears(self) -> tuple[str, ...]:
        """The accounts on which what is said to us is collected; none unless the configuration says so."""
        collect = self.config.collect
        return collect.accounts if collect and self.config.privacy else ()

    def listener(self, label: str) -> Listener | None:
        """One account with all it takes to hear on it, to be built on its own thread.

        None where its platform has not told us yet who we are. StoreError where the key of hashes is gone.
        """
        from bot.flows.spare import Spared
        from bot.store.hasher import ErasedFile, open_hashes
        from bot.store.passing import PassingKeys

        config, account = self._configs[label], self.store.account(label)
        if account.own_id is None:
            return None
        return Listener(
            label=label,
            own_id=account.own_id,
            ear=build_ear(config, account.own_id, self.clock, self.config.state),
            inbox=self.store,
            hasher=open_hashes(self.config.state, self.store),
            passing=PassingKeys(self.config.state).hashes,
            erasures=ErasedFile(self.config.state),
            judge=self.judge,
            sparing=Spared(what=forgetting_of(self.config, self.store), clock=self.clock),
            clock=self.clock,
            budget=config.budget,
            spent=partial(self.store.spent, label),
        )

    def ways(self) -> list[Way]:
        """Every way in which an alarm leaves the machine."""
        return ways_of(self.config, self.clock)

    def pulse(self) -> "Pulse | None":
        """Whoever hears that we are alive."""
        return pulse_of(self.config)


def ways_of(config: Config, clock: Clock) -> list[Way]:
    """Every way in which an alarm leaves the machine, as configured."""
    from bot.alarms import Command, Mail, Webhook  # most commands tell nobody

    alarm, ways = config.alarm, list[Way]()
    if mail := alarm.mail:
        ways.append(
            Mail(
                to=mail.to,
                sender=mail.sender,
                server=mail.server,
                port=mail.port,
                plain=mail.plain,
                from_the_start=mail.from_the_start,
                user=mail.user,
                password=mail.password.reveal if mail.password else None,
                clock=clock,
            )
        )
    if alarm.webhook:
        ways.append(Webhook(alarm.webhook.reveal))
    if alarm.command:
        ways.append(Command(alarm.command, alarm.folder))
    return ways


def pulse_of(config: Config) -> "Pulse | None":
    """Whoever hears that we are alive, as configured."""
    from bot.alarms import Pulse

    return Pulse(config.heartbeat.reveal) if config.heartbeat else None


def build_platform(config: AccountConfig, clock: Clock, state: Path) -> Platform:
    """The adapter of an account; its library is loaded when it is first used."""
    secrets = {name: secret.reveal for name, secret in config.credentials.items()}
    media = media_folder(state)
    match config.platform:
        case PlatformName.X:
            from bot.platforms.x import XPlatform

            return XPlatform(
                **secrets, base_url=config.base_url, clock=clock, deadline=config.deadline, media=media
            )
        case PlatformName.MASTODON:
            from bot.platforms.mastodon import MastodonPlatform

            return MastodonPlatform(
                **secrets,
                base_url=config.base_url,
                clock=clock,
                deadline=config.deadline,
                visibility=config.visibility,
                media=media,
            )
        case PlatformName.BLUESKY:
            from bot.platforms.bluesky import BlueskyPlatform

            return BlueskyPlatform(
                **secrets,
                handle=config.handle,
                base_url=config.base_url,
                session_path=state / f"{config.label}-session.json",
                clock=clock,
                deadline=config.deadline,
                media=media,
                tag=config.tag,
            )


def build_ear(config: AccountConfig, own_id: str, clock: Clock, state: Path) -> Ear:
    """The ear of an account; its library is loaded when it is first used."""
    secrets = {name: secret.reveal for name, secret in config.credentials.items()}
    common: dict[str, Any] = {
        **secrets,
        "label": config.label,
        "base_url": config.base_url,
        "clock": clock,
        "deadline": config.deadline,
    }
    match config.platform:
        case PlatformName.X:
            from bot.platforms.x.ear import XEar

            return XEar(**common, own_id=own_id)
        case PlatformName.MASTODON:
            from bot.platforms.mastodon.ear import MastodonEar

            return MastodonEar(**common)
        case PlatformName.BLUESKY:
            from bot.platforms.bluesky.ear import BlueskyEar

            # A session of its own: two threads that renew one would put each other out.
            path = state / f"{config.label}-ear-session.json"
            return BlueskyEar(**common, handle=config.handle, session_path=path)
