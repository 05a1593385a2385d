"""What the flows need from the world. Each docstring is a contract, and each sentence has a test."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from bot.domain.account import Account, Identity
from bot.domain.case import Finding, Subject
from bot.domain.delivery import Delivery, Key, Patience, Receipt, Sighting, State
from bot.domain.draft import Approvals
from bot.domain.errors import PlatformError
from bot.domain.lengths import PlatformName
from bot.domain.picture import Attachment, Picture
from bot.domain.post import PostId
from bot.domain.terms import USUAL_TERMS, Terms
from bot.ports.inbox import Inbox
from bot.ports.records import NOT_EARLIER, Alarm, Attempt, Decision, Known, Own, Plan, Planned, Since


class Clock(Protocol):
    """The three times. Nothing else in the program asks for the time."""

    def now(self) -> datetime:
        """The wall clock in UTC; it can be set, and so can jump."""

    def monotonic(self) -> float:
        """Seconds that only ever run forward; they stand still while the machine sleeps."""

    def boot(self) -> float:
        """Seconds since the machine started, sleep included; they cannot be set."""


class Platform(Protocol):
    """One account on one platform. Used by one lane only, so it need not be safe for threads.

    No method retries, sleeps or waits for a rate limit, though one may wait until a server has worked on a
    picture; each ends within the request deadline it was built with. A method that raises raises a
    PlatformError.
    """

    name: PlatformName

    def identify(self) -> Identity:
        """Ask who we are; publishes nothing. TryLaterError where the platform cannot or will not say."""

    def freeze(self, delivery: Delivery, own: Own, now: datetime) -> bytes:
        """Make the bytes that are sent for a delivery, however often. No network; same input, same bytes."""

    def publish(self, delivery: Delivery) -> Receipt:
        """Send a claimed delivery's frozen bytes, as a reply where it has a parent.

        Returns a Receipt only for a 2xx without redirect that carries an id of the platform's form.
        RefusedError and TryLaterError only on proof that nothing was stored; InDoubtError for all else.
        """

    def withdraw(self, delivery: Delivery) -> Receipt:
        """Take away the published part that a claimed withdrawal names (its text is the part's id).

        What is gone already is as good. Raises as `publish` does.
        """

    def boost(self, delivery: Delivery, own: Own) -> Receipt:
        """Pass on, as it is, the message that a claimed boost names (its text).

        Boosting twice is boosting once. The receipt holds nothing of the message, and no error quotes the
        platform. Raises as `publish` does; RefusedError too where the message is gone or no longer public.
        """

    def unboost(self, delivery: Delivery, own: Own) -> Receipt:
        """Take back our boost of the message that a claimed delivery names; none there is as good."""

    def is_boosted(self, delivery: Delivery, own: Own) -> bool:
        """Whether we boost the message that a delivery names. TryLaterError where that is not known."""

    def receipt_at(self, url: str, own: Own) -> Receipt:
        """The receipt of a post of ours at an address that a person gives.

        RefusedError where no post of ours is there, TryLaterError where that cannot be known now.
        """

    def look(self, delivery: Delivery, own: Own, since: datetime | None = None) -> Sighting:
        """Look whether a delivery went out.

        Matches are our own posts with the same words and parent, not older than seven minutes before `since`
        (clocks differ); where that is None, before the claim, or before the first claim where an earlier
        request is in doubt too. Raises TryLaterError where looking was not possible: then nothing is known.
        """

    def read_back(self, delivery: Delivery, own: Own) -> bool:
        """Whether a sent delivery is to be seen on the platform. TryLaterError where that is not known."""


class Pictures(Protocol):
    """Whoever makes pictures ready to be sent, and keeps their bytes."""

    def ready(self, picture: Picture, folder: Path, platform: PlatformName) -> Attachment:
        """A picture of a post whose file is in `folder`, as a platform takes it; its alt is still empty.

        RenditionError where it cannot be published. The same file gives the same bytes.
        """


Patiences = Mapping[str, Patience]
"""How each account is looked at, by its label; its platform's usual patience where it is not named."""


class Outbox(Protocol):
    """What is owed. Each method is one transaction; all may be called from any thread.

    Every change of state is a compare-and-set: LostClaimError where the row is no longer as the caller
    believed. StoreError where the store itself cannot be read or written.
    """

    def plan(
        self,
        planned: Iterable[Planned],
        posts: Collection[PostId],
        now: datetime,
        since: Since = NOT_EARLIER,
    ) -> Plan:
        """Owe renditions. One already owed with the same digest is left alone, one with another digest is
        replaced unless something of it has left or may have left.

        `posts` are those whose plan is complete: what is scheduled of them for later than now, has not begun
        and is not among `planned` is cancelled. Where the plan of a post covers more than what is to come
        on an account, `since` says after which hour.
        """

    def waiting_posts(self) -> frozenset[PostId]:
        """Posts of which something is scheduled."""

    def hold_missing(self, posts: Collection[PostId], reason: str) -> int:
        """Hold what is scheduled of posts that the queue no longer has.

        Counts deliveries. Planning a post again lifts it.
        """

    def missing_posts(self) -> frozenset[PostId]:
        """Posts that are held because the queue no longer has them."""

    def cancel_posts(self, posts: Collection[PostId], now: datetime) -> int:
        """Cancel what is scheduled, and has not begun, of posts that the queue no longer has.

        The rest of a thread that has begun is held. Counts the deliveries that are cancelled. Planning a
        post again owes it again.
        """

    def claim(
        self,
        account: str,
        now: datetime,
        freeze: Callable[[Delivery, Own], bytes],
        terms: Terms = USUAL_TERMS,
    ) -> Delivery | None:
        """Take the most urgent due delivery of an account and mark it sending.

        None where nothing is due, the account is paused, busy, unknown to its platform, or publishing has
        not been started; a person's pause does not stop withdrawals. A late post waits until `terms`
        allows it, but for another language of one that has begun. All parts of a rendition are frozen when
        its first is claimed; a part is claimed only when the one before it is sent, and then carries it as
        parent. Never gives one out twice.

        What may not be said at this hour (`objection` of domain/case.py, over what the files and the ledger
        say in this very transaction), or costs more than the month's budget has left, is held with the
        reason instead, until it is planned again.
        """

    def settle(self, delivery: Delivery, now: datetime, error: PlatformError | None = None) -> None:
        """Write what became of a claimed delivery, and of its account where the error concerns that."""

    def in_doubt(self, account: str, now: datetime) -> list[Delivery]:
        """Deliveries in doubt whose next look is due."""

    def unverified(self, account: str, now: datetime) -> list[Delivery]:
        """Sent deliveries that are due to be read back."""

    def save(self, delivery: Delivery, was: Delivery, decision: Decision | None = None) -> None:
        """Write a delivery that a look, a reading back or a person has changed, and who decided it."""

    def bound(self, account: str, remote_ids: Collection[str]) -> frozenset[str]:
        """Those of these platform ids that already belong to a delivery of the account."""

    def park(self, now: datetime, patience: Patiences, account: str | None = None) -> list[Key]:
        """Put everything that is `sending` in doubt: nobody is left who could know."""

    def expire(self, now: datetime) -> list[Delivery]:
        """Expire scheduled deliveries past their last useful moment whose rendition has no part out."""

    def next_instant(self, account: str, after: datetime) -> datetime | None:
        """The earliest moment later than `after` at which an account has something to do."""

    def relying(self, states: Collection[State]) -> list[Delivery]:
        """Deliveries of posts in these states that rest on a case or a fact, in the order they go out."""

    def spent(self, account: str, since: datetime) -> int:
        """What requests begun since then on an account cost, in millionths of a dollar.

        One that proved that nothing was stored costs nothing.
        """

    def find(self, key_start: str) -> Delivery:
        """The delivery whose key starts so. NotFoundError where there is none, or more than one."""

    def deliveries(
        self, *, since: datetime, until: datetime, states: Collection[State] | None = None
    ) -> list[Delivery]:
        """Deliveries planned between two instants, in the order they go out."""

    def of_post(self, post: PostId) -> list[Delivery]:
        """Every delivery of a post, in the order they go out."""

    def needing_attention(self) -> list[Delivery]:
        """Deliveries that wait for a person."""

    def counts(self) -> Mapping[State, int]:
        """How many deliveries are in each state."""


class Register(Protocol):
    """Our accounts, the posts we have met, and the switches. Each method is one transaction."""

    def enroll(self, label: str, platform: PlatformName, now: datetime) -> Account:
        """Remember an account of the configuration from the first time it is seen on."""

    def account(self, label: str) -> Account:
        """One account. NotFoundError where it was never enrolled."""

    def accounts(self) -> list[Account]:
        """All accounts ever enrolled."""

    def identified(self, label: str, identity: Identity, now: datetime) -> Account:
        """Remember what the platform says of an account. The first own id stays for ever: StoreError for
        another one, and for one that another account of ours has."""

    def pause(self, label: str | None, reason: str, by: str, now: datetime, *, blocked: bool = False) -> None:
        """Stop claims on an account, or (None) on all, until resumed."""

    def resume(self, label: str | None, by: str, now: datetime) -> None:
        """Allow claims again on an account, or (None) on all."""

    def paused(self) -> str | None:
        """Why everything is paused, None where it is not."""

    def start(self, by: str, now: datetime) -> None:
        """Allow publishing for the first time on this store."""

    def started(self) -> bool:
        """Whether publishing was ever allowed on this store."""

    def put_back(self, since: datetime, by: str, now: datetime) -> None:
        """Remember that this is a backup: what was sent since may be missing. The earliest counts."""

    def restored(self) -> datetime | None:
        """Since when what was sent may be missing, None where this store never was a backup."""

    def meet(self, posts: Sequence[PostId], now: datetime) -> Mapping[PostId, Known]:
        """Remember posts from the first time they are seen on."""

    def take_slot(self, post: PostId, at: datetime) -> Known:
        """Give a post its slot; one it already has stays."""

    def taken_slots(self, after: datetime) -> frozenset[datetime]:
        """Instants later than `after` at which a post already goes out."""

    def decide(self, decision: Decision) -> None:
        """Add a line to the ledger."""

    def decisions(self, about: str) -> list[Decision]:
        """The ledger's lines about something, oldest first."""

    def attempts(self, key: Key) -> list[Attempt]:
        """The requests made for a delivery, oldest first."""

    def alarms(self) -> list[Alarm]:
        """Every problem that goes on or whose end is still to be told, oldest first."""

    def open_alarms(self, begun: Mapping[str, str], now: datetime) -> None:
        """Remember problems, each with its words. One that is known stays as it is, and is no longer over."""

    def alarms_told(self, problems: Collection[str], now: datetime) -> None:
        """Remember that a person was told of these problems; the first time counts."""

    def alarms_over(self, problems: Collection[str], now: datetime) -> None:
        """Remember that these problems are over. One that nobody was told of is forgotten."""

    def forget_alarms(self, problems: Collection[str]) -> None:
        """Forget problems whose end was told. One that is not over, or goes on again, is kept."""


class Knowledge(Protocol):
    """What is known of people and facts, and which drafts were approved. Each method is one transaction."""

    def know(self, findings: Sequence[Finding], now: datetime) -> bool:
        """Take what the files say now in place of what they said before; whether anything changed."""

    def find_out(self, finding: Finding, now: datetime) -> None:
        """Add a person's check to the ledger."""

    def findings(self) -> Mapping[Subject, tuple[Finding | None, tuple[Finding, ...]]]:
        """What the file says of each subject, and the ledger's checks, oldest first."""

    def pause_people(self, reason: str, by: str, now: datetime) -> None:
        """Let nothing that names a person be claimed, until lifted by hand."""

    def resume_people(self, by: str, now: datetime) -> None:
        """Allow what names people again."""

    def people_paused(self) -> str | None:
        """Why what names people is paused, None where it is not."""

    def approve(self, lifted: Approvals, by: str, now: datetime) -> None:
        """Remember that a person lifts these drafts, each as its digest names it."""

    def approvals(self) -> Approvals:
        """The digests of what was approved last."""

    def mark(self) -> str:
        """Another text whenever a finding, an approval or the pause of people has changed."""


class Store(Outbox, Register, Knowledge, Inbox, Protocol):
    """Our memory, and the only truth about what was sent."""

    def hold(self, now: datetime, patience: Patiences) -> AbstractContextManager[None]:
        """Hold the right to send for as long as the context lasts; StoreBusyError where another does.

        Released by the operating system when the process dies, however it dies. Everything that an earlier
        holder left `sending` is in doubt before the context begins.
        """

    def beat(self, now: datetime) -> None:
        """Show that the holder is alive; StoreError where the store was replaced under it."""

    def last_beat(self) -> datetime | None:
        """When a holder was last seen alive, None where none ever was."""

    def close(self) -> None:
        """Let go of files and connections."""


class Way(Protocol):
    """One way in which an alarm leaves the machine. Used by one thread only."""

    name: str

    def tell(self, words: str) -> None:
        """Hand words over within 30 s. AlarmError, in words without secrets, where they did not arrive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """One account with all it takes to publish on it; lives on that account's lane."""

    label: str
    platform: Platform
    patience: Patience
    store: Store
    clock: Clock
    terms: Terms = USUAL_TERMS
    recheck: Callable[[Delivery], None] = lambda _: None  # looks at what a boost passes on once more
