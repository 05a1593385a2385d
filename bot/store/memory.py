"""The store in plain dictionaries: for previews, for tests of flows, and for simulated years."""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import RLock

from bot.domain.account import Account, Identity, Pause
from bot.domain.delivery import LEFT, PATIENCE, Delivery, Key, Receipt, State, claim, doubt, move
from bot.domain.errors import (
    Concern,
    LostClaimError,
    NotFoundError,
    PlatformError,
    StoreBusyError,
    StoreError,
    TryLaterError,
)
from bot.domain.lengths import PlatformName
from bot.domain.post import Language, PostId
from bot.ports import Attempt, Decision, Known, Own, Patiences, Plan, Planned
from bot.store import replan

SHORTEST_KEY_START = 4


@dataclass(slots=True)
class _Rendition:
    planned: Planned
    keys: list[Key]
    absent: bool = False


@dataclass(slots=True)
class _Agenda:
    """What an account has to do and when, in order."""

    entries: list[tuple[datetime, Key]] = field(default_factory=list)

    def put(self, at: datetime | None, key: Key) -> None:
        if at is not None:
            insort(self.entries, (at, key))

    def drop(self, at: datetime | None, key: Key) -> None:
        if at is not None:
            del self.entries[bisect_left(self.entries, (at, key))]

    def due(self, now: datetime) -> list[Key]:
        return [key for _, key in self.entries[: bisect_left(self.entries, (now, Key("\x7f")))]]

    def after(self, moment: datetime) -> datetime | None:
        place = bisect_left(self.entries, (moment, Key("\x7f")))
        return self.entries[place][0] if place < len(self.entries) else None


class MemoryStore:
    """Our memory for as long as the process lives; ports.Store is its contract."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._accounts: dict[str, Account] = {}
        self._posts: dict[PostId, Known] = {}
        self._renditions: dict[replan.Identity, _Rendition] = {}
        self._of_post: dict[PostId, dict[replan.Identity, _Rendition]] = defaultdict(dict)
        self._deliveries: dict[Key, Delivery] = {}
        self._rendition_of: dict[Key, _Rendition] = {}
        self._agendas: dict[str, _Agenda] = defaultdict(_Agenda)
        self._epoch_of: dict[Key, int] = {}
        self._remote_ids: dict[tuple[str, str], Key] = {}
        self._attempts: dict[Key, list[Attempt]] = defaultdict(list)
        self._decisions: list[Decision] = []
        self._paused: str | None = None
        self._started = False
        self._epoch = 0
        self._held = False
        self._beat_at: datetime | None = None

    # What is owed.

    def plan(self, planned: Iterable[Planned], posts: Collection[PostId], now: datetime) -> Plan:
        """Owe renditions, change those that changed, cancel those that are no longer among them."""
        with self._lock:
            wanted = {replan.identity(one): one for one in planned}
            added = changed = unchanged = 0
            too_late: list[PostId] = []
            for identity, one in wanted.items():
                owed = self._renditions.get(identity)
                if owed is None:
                    self._owe(identity, one)
                    added += 1
                elif owed.planned.digest == one.digest and not owed.absent:
                    unchanged += 1
                else:
                    changed += self._change(owed, one, now, too_late)
            cancelled = 0
            for post in posts:
                for identity, owed in self._of_post[post].items():
                    first = self._deliveries[owed.keys[0]]
                    if identity not in wanted and first.state is State.SCHEDULED and first.planned_at > now:
                        cancelled += self._cancel(owed)
            return Plan(
                added=added,
                changed=changed,
                unchanged=unchanged,
                cancelled=cancelled,
                too_late=tuple(dict.fromkeys(too_late)),
            )

    def _owe(self, identity: replan.Identity, one: Planned) -> None:
        rendition = _Rendition(planned=one, keys=list(one.keys))
        self._renditions[identity] = self._of_post[one.post][identity] = rendition
        for delivery in replan.fresh(one):
            self._put(delivery, rendition)

    def _change(self, owed: _Rendition, one: Planned, now: datetime, too_late: list[PostId]) -> int:
        old = [self._deliveries[key] for key in owed.keys]
        result: Sequence[Delivery] = old
        if owed.planned.digest != one.digest:
            change = replan.changed(old, one)
            result = change.deliveries
            if change.too_late:
                too_late.append(one.post)
        if owed.absent:
            result = replan.returned(result, now) or result
        for surplus in owed.keys[len(result) :]:
            self._drop(surplus)
        owed.planned, owed.absent, owed.keys = one, False, [delivery.key for delivery in result]
        for delivery in result:
            self._put(replace(delivery, parts=len(result)), owed)
        return int(list(result) != old)

    def cancel_absent(self, posts: Collection[PostId], now: datetime) -> int:
        """Cancel what has not begun of every post that is not among these."""
        with self._lock:
            gone = [owed for identity, owed in self._renditions.items() if identity[0] not in posts]
            return sum(self._cancel(owed) for owed in gone)

    def _cancel(self, owed: _Rendition) -> int:
        old = [self._deliveries[key] for key in owed.keys]
        new = replan.absent(old)
        changes = sum(before.state is not after.state for before, after in zip(old, new, strict=True))
        if changes:
            owed.absent = True
            for delivery in new:
                self._put(delivery, owed)
        return changes

    def _put(self, delivery: Delivery, rendition: _Rendition | None = None) -> None:
        key, before = delivery.key, self._deliveries.get(delivery.key)
        if delivery.receipt:
            owner = self._remote_ids.setdefault((delivery.account, delivery.receipt.remote_id), key)
            if owner != key:
                raise LostClaimError(f"{delivery.receipt.remote_id} belongs to another delivery")
        agenda = self._agendas[delivery.account]
        if before:
            agenda.drop(before.next_at, key)
        agenda.put(delivery.next_at, key)
        self._deliveries[key] = replace(delivery, parent=None, root=None)
        if rendition:
            self._rendition_of[key] = rendition

    def _drop(self, key: Key) -> None:
        gone = self._deliveries.pop(key)
        self._agendas[gone.account].drop(gone.next_at, key)
        del self._rendition_of[key]

    # Publishing.

    def claim(
        self, label: str, now: datetime, freeze: Callable[[Delivery, Own], bytes]
    ) -> Delivery | None:
        """Take the most urgent due delivery of an account and mark it sending."""
        with self._lock:
            if not self._held:
                raise StoreError("only the holder of the store claims")
            own = self._may_claim(label, now)
            if own is None:
                return None
            due = [self._deliveries[key] for key in self._agendas[label].due(now)]
            ready = [delivery for delivery in due if self._ready(delivery, now)]
            if not ready:
                return None
            chosen = min(ready, key=self._urgency)
            if chosen.payload is None:
                for key in self._rendition_of[chosen.key].keys:
                    part = self._deliveries[key]
                    if part.payload is None:
                        self._put(replace(part, payload=freeze(part, own)))
            claimed = claim(self._with_earlier(self._deliveries[chosen.key]), now)
            self._put(claimed)
            self._epoch_of[claimed.key] = self._epoch
            self._attempts[claimed.key].append(
                Attempt(key=claimed.key, started_at=now, ended_at=None, outcome="", note="")
            )
            return claimed

    def _may_claim(self, label: str, now: datetime) -> Own | None:
        account = self._accounts.get(label)
        if account is None or account.own_id is None or account.pause or self._paused or not self._started:
            return None
        if account.busy_until and account.busy_until > now:
            return None
        return Own(own_id=account.own_id, handle=account.handle)

    def _ready(self, delivery: Delivery, now: datetime) -> bool:
        if delivery.state is not State.SCHEDULED or delivery.held:
            return False
        if delivery.part == 1:
            return delivery.expires_at >= now
        return self._part(delivery, delivery.part - 1).state is State.SENT

    def _part(self, delivery: Delivery, number: int) -> Delivery:
        return self._deliveries[self._rendition_of[delivery.key].keys[number - 1]]

    def _urgency(self, delivery: Delivery) -> tuple[bool, int, datetime, Key]:
        priority = self._rendition_of[delivery.key].planned.priority
        return (delivery.part == 1, priority, delivery.planned_at, delivery.key)

    def _with_earlier(self, delivery: Delivery) -> Delivery:
        if delivery.part == 1:
            return delivery
        before, first = self._part(delivery, delivery.part - 1), self._part(delivery, 1)
        return replace(delivery, parent=before.receipt, root=first.receipt)

    def settle(self, settled: Delivery, now: datetime, error: PlatformError | None = None) -> None:
        """Write what became of a claimed delivery, and of its account where the error concerns that."""
        with self._lock:
            stored = self._deliveries.get(settled.key)
            mine = stored and stored.state is State.SENDING and stored.attempts == settled.attempts
            if not mine or not self._held or self._epoch_of[settled.key] != self._epoch:
                raise LostClaimError(f"delivery {settled.key} was changed by somebody else")
            self._put(settled)
            self._close_attempt(settled.key, now, settled.state, str(error or ""))
            if settled.state is State.SENT:
                self._release_next_part(settled, now)
            if isinstance(error, TryLaterError):
                self._concern_account(settled, error, now)

    def _close_attempt(self, key: Key, now: datetime, outcome: State, note: str) -> None:
        *earlier, last = self._attempts[key]
        closed = replace(last, ended_at=now, outcome=str(outcome), note=note)
        self._attempts[key] = [*earlier, closed]

    def _release_next_part(self, sent: Delivery, now: datetime) -> None:
        if sent.part == sent.parts:
            return
        following = self._part(sent, sent.part + 1)
        at = now + self._rendition_of[sent.key].planned.part_gap
        if following.state is State.SCHEDULED and following.next_at and following.next_at < at:
            self._put(replace(following, next_at=at))

    def _concern_account(self, settled: Delivery, error: TryLaterError, now: datetime) -> None:
        account = self._accounts[settled.account]
        if error.concern is Concern.ACCOUNT_BUSY:
            self._accounts[account.label] = replace(account, busy_until=settled.next_at)
        elif error.concern is Concern.ACCOUNT_BLOCKED:
            pause = Pause(reason=str(error), by="the platform", at=now, blocked=True)
            self._accounts[account.label] = replace(account, pause=pause)

    def in_doubt(self, label: str, now: datetime) -> list[Delivery]:
        """Deliveries in doubt whose next look is due."""
        return self._acted_on(label, now, State.IN_DOUBT)

    def unverified(self, label: str, now: datetime) -> list[Delivery]:
        """Sent deliveries that are due to be read back."""
        return self._acted_on(label, now, State.SENT)

    def _acted_on(self, label: str, now: datetime, state: State) -> list[Delivery]:
        with self._lock:
            due = (self._deliveries[key] for key in self._agendas[label].due(now))
            return [self._with_earlier(delivery) for delivery in due if delivery.state is state]

    def save(self, changed: Delivery, was: Delivery, decision: Decision | None = None) -> None:
        """Write a delivery that a look, a reading back or a person has changed."""
        with self._lock:
            stored = self._deliveries.get(changed.key)
            if stored is None or _as_read(stored) != _as_read(was):
                raise LostClaimError(f"delivery {changed.key} was changed by somebody else")
            self._put(changed)
            if decision:
                self._decisions.append(decision)

    def bound(self, label: str, remote_ids: Collection[str]) -> frozenset[str]:
        """Those of these platform ids that already belong to a delivery of the account."""
        with self._lock:
            return frozenset(one for one in remote_ids if (label, one) in self._remote_ids)

    def park(self, now: datetime, patience: Patiences, label: str | None = None) -> list[Key]:
        """Put everything that is `sending` in doubt."""
        with self._lock:
            parked = []
            for delivery in list(self._deliveries.values()):
                if delivery.state is State.SENDING and label in {None, delivery.account}:
                    usual = PATIENCE[self._accounts[delivery.account].platform]
                    self._put(doubt(delivery, now, patience.get(delivery.account, usual)))
                    words = "nobody was left to hear the answer"
                    self._close_attempt(delivery.key, now, State.IN_DOUBT, words)
                    parked.append(delivery.key)
            return parked

    def expire(self, now: datetime) -> list[Delivery]:
        """Expire scheduled deliveries past their last useful moment whose rendition has no part out."""
        with self._lock:
            due = [self._deliveries[key] for agenda in self._agendas.values() for key in agenda.due(now)]
            late = [one for one in due if one.state is State.SCHEDULED and one.expires_at < now]
            expired = []
            for before in sorted((one for one in late if not self._has_left(one)), key=_order):
                words = f"held: {before.held}" if before.held else "too late to be worth sending"
                after = replace(move(before, State.EXPIRED), next_at=None, attention=words)
                self._put(after)
                expired.append(after)
            return expired

    def _has_left(self, delivery: Delivery) -> bool:
        parts = (self._deliveries[key] for key in self._rendition_of[delivery.key].keys)
        return any(part.state in LEFT or part.doubts for part in parts)

    # Asking.

    def next_instant(self, label: str, after: datetime) -> datetime | None:
        """The earliest moment later than `after` at which an account has something to do."""
        with self._lock:
            return self._agendas[label].after(after)

    def find(self, key_start: str) -> Delivery:
        """The delivery whose key starts so."""
        start = key_start.strip().lower()
        if len(start) < SHORTEST_KEY_START:
            raise NotFoundError(f"give at least {SHORTEST_KEY_START} characters of a key")
        with self._lock:
            found = [one for key, one in self._deliveries.items() if key.startswith(start)]
        if len(found) != 1:
            raise NotFoundError(f"{'no' if not found else 'more than one'} delivery's key starts with {start}")
        return found[0]

    def deliveries(
        self, *, since: datetime, until: datetime, states: Collection[State] | None = None
    ) -> list[Delivery]:
        """Deliveries planned between two instants, in the order they go out."""
        return self._all(
            lambda one: since <= one.planned_at <= until and (states is None or one.state in states)
        )

    def of_post(self, post: PostId) -> list[Delivery]:
        """Every delivery of a post, in the order they go out."""
        return self._all(lambda one: one.post == post)

    def needing_attention(self) -> list[Delivery]:
        """Deliveries that wait for a person."""
        return self._all(lambda one: one.attention is not None)

    def _all(self, wanted: Callable[[Delivery], bool]) -> list[Delivery]:
        with self._lock:
            return sorted(filter(wanted, self._deliveries.values()), key=_order)

    def counts(self) -> Mapping[State, int]:
        """How many deliveries are in each state."""
        with self._lock:
            states = [delivery.state for delivery in self._deliveries.values()]
        return {state: states.count(state) for state in State}
