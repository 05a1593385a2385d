"""The store in plain dicts, for tests and simulated years; the contract is the same."""

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

from bot.domain.boosting import erased, free_from
from bot.domain.catch_up import CatchUp
from bot.domain.delivery import (
    LATE_AFTER,
    LEFT,
    PATIENCE,
    TAKING_BACK,
    Delivery,
    DeliveryKind,
    Key,
    State,
    doubt,
)
from bot.domain.delivery import claim as taken_in_hand
from bot.domain.errors import LostClaimError, PlatformError, StoreBusyError
from bot.domain.post import PostId
from bot.domain.terms import USUAL_TERMS, Terms
from bot.ports import Patiences
from bot.ports.records import Attempt, Decision, Own
from bot.store import replan, rules
from bot.store.memory_guarding import MemoryGuarding
from bot.store.memory_planning import MemoryPlanning
from bot.store.shelf import Agenda

LAST = datetime.max.replace(tzinfo=UTC)


class MemoryStore(MemoryPlanning, MemoryGuarding):
    """Our memory, as ports.Store promises it, for as long as the process lives."""

    def another(self) -> "MemoryStore":
        """The same memory as another program has it open."""
        return MemoryStore(self._memory)

    def die(self) -> None:
        """Let go of the right to send as the system does for a process that was killed."""
        if self._memory.holder is self:
            self._memory.holder = None
        self._epoch = None

    @contextmanager
    def hold(self, now: datetime, patience: Patiences) -> Iterator[None]:
        """Hold the right to send; what an earlier holder left `sending` is in doubt before anything else."""
        with self._memory.lock:
            if self._memory.holder is not None:
                raise StoreBusyError(
                    f"process {os.getpid()} already publishes from this store: end that one first"
                )
            self._memory.holder = self
            self._memory.epoch += 1
            self._epoch = self._memory.epoch
            self._memory.beat_at = now
            self._put_in_doubt(now, patience)
        try:
            yield
        finally:
            self.die()

    def beat(self, now: datetime) -> None:
        """Show that the holder is alive."""
        with self._memory.lock:
            self._fence()
            self._memory.beat_at = now

    def last_beat(self) -> datetime | None:
        """When a holder was last seen alive, None where none ever was."""
        return self._memory.beat_at

    def close(self) -> None:
        """Nothing is held that would have to be let go."""

    def claim(
        self,
        account: str,
        now: datetime,
        freeze: Callable[[Delivery, Own], bytes],
        terms: Terms = USUAL_TERMS,
    ) -> Delivery | None:
        """Take the most urgent due delivery of an account and mark it sending."""
        self._held()
        with self._memory.lock:
            own = self._speaking_as(account, now)
            if own is None:
                return None
            chosen = self._most_urgent(account, now, terms.catch_up)
            while chosen is not None and (reason := self._stands_in_the_way(chosen, terms, now)):
                self._fence()
                self._hold(chosen, reason, now)
                chosen = self._most_urgent(account, now, terms.catch_up)
            if chosen is None:
                return None
            self._fence()
            parts = self._memory.shelf.parts(self._memory.shelf.rendition(chosen.key))
            frozen = {part.key: freeze(part, own) for part in parts if rules.to_be_frozen(part)}
            for part in parts:
                if part.key in frozen:
                    self._memory.shelf.put(replace(part, payload=frozen[part.key]))
            claimed = taken_in_hand(self._memory.shelf.get(chosen.key), now)
            self._memory.shelf.put(claimed)
            self._memory.epochs[claimed.key] = self._memory.epoch
            if claimed.part == 1 and now - claimed.planned_at > LATE_AFTER:
                self._memory.late[account].append(claimed.key)
            attempt = Attempt(
                key=claimed.key, started_at=now, ended_at=None, outcome=State.SENDING.value, note=""
            )
            self._memory.attempts[claimed.key].append(attempt)
            return claimed

    def settle(self, delivery: Delivery, now: datetime, error: PlatformError | None = None) -> None:
        """Write what became of a claimed delivery, and of its account where the error concerns that."""
        rules.check_settled(delivery)
        with self._memory.lock:
            self._check_ours(delivery)
            owner = self._owner(delivery)
            settled = rules.not_ours(delivery, owner) if owner else delivery
            self._memory.shelf.put(erased(rules.outcome(self._memory.shelf.get(delivery.key), settled)))
            self._close_attempt(settled, rules.note_of(error), now)
            if settled.state is State.SENT:
                self._open_next(settled, now)
            self._settle_account(settled, error, now)
            if owner:
                raise LostClaimError(f"{settled.key}: {settled.attention}")

    def in_doubt(self, account: str, now: datetime) -> list[Delivery]:
        """Deliveries in doubt whose next look is due, the longest due first."""
        with self._memory.lock:
            return [self._memory.shelf.get(key) for key in self._memory.shelf.in_doubt[account].until(now)]

    def unverified(self, account: str, now: datetime) -> list[Delivery]:
        """Sent deliveries that are due to be read back, the longest due first."""
        with self._memory.lock:
            return [self._memory.shelf.get(key) for key in self._memory.shelf.fresh[account].until(now)]

    def save(self, delivery: Delivery, was: Delivery, decision: Decision | None = None) -> None:
        """Write a delivery that a look, a reading back or a person has changed, and who decided it."""
        rules.check_move(delivery, was)
        with self._memory.lock:
            if owner := self._owner(delivery):
                raise LostClaimError(f"{delivery.key}: what was found is already the id of {owner}")
            if was.key not in self._memory.shelf or not rules.same_row(self._memory.shelf.get(was.key), was):
                raise LostClaimError(f"{was.key}: changed in the meantime")
            self._memory.shelf.put(erased(delivery))
            if delivery.state is State.SENT and was.state is not State.SENT:
                self._open_next(delivery, delivery.claimed_at or delivery.planned_at)
            self._memory.decisions += [decision] if decision else []

    def bound(self, account: str, remote_ids: Collection[str]) -> frozenset[str]:
        """Those of these platform ids that already belong to a delivery of the account."""
        with self._memory.lock:
            return frozenset(one for one in remote_ids if (account, one) in self._memory.shelf.owners)

    def park(self, now: datetime, patience: Patiences, account: str | None = None) -> list[Key]:
        """Put everything that is `sending` in doubt: nobody is left who could know."""
        with self._memory.lock:
            self._fence()
            return self._put_in_doubt(now, patience, account)

    def expire(self, now: datetime) -> list[Delivery]:
        """Expire scheduled deliveries past their last useful moment whose rendition has no part out."""
        shelf = self._memory.shelf
        with self._memory.lock:
            late = [
                one
                for one in shelf.in_order(shelf.expiring.until(now, inclusive=False))
                if not replan.begun(shelf.parts(shelf.rendition(one.key)))
            ]
            gone = [rules.expired(one) for one in late]
            for one in gone:
                shelf.put(erased(one))
                self.decide(rules.expiry(one, now))
            return gone

    def next_instant(self, account: str, after: datetime) -> datetime | None:
        """The earliest moment later than `after` at which an account has something to do."""
        with self._memory.lock:
            agendas = (self._memory.shelf.in_doubt[account], self._memory.shelf.fresh[account])
            instants = [agenda.after(after) for agenda in agendas]
            instants.append(self._next_claim(account, after))
            return min((instant for instant in instants if instant), default=None)

    def find(self, key_start: str) -> Delivery:
        """The delivery whose key starts so."""
        with self._memory.lock:
            found = [key for key in self._memory.shelf if key.startswith(key_start)]
            return rules.the_one([self._memory.shelf.get(key) for key in found[:2]], key_start)

    def deliveries(
        self, *, since: datetime, until: datetime, states: Collection[State] | None = None
    ) -> list[Delivery]:
        """Deliveries planned between two instants, in the order they go out."""
        with self._memory.lock:
            return self._memory.shelf.among(
                lambda one: since <= one.planned_at < until and (states is None or one.state in states)
            )

    def of_post(self, post: PostId) -> list[Delivery]:
        """Every delivery of a post, in the order they go out."""
        with self._memory.lock:
            owed = self._memory.of_post.get(post, {}).values()
            return self._memory.shelf.in_order(key for rendition in owed for key in rendition.keys)

    def relying(self, states: Collection[State]) -> list[Delivery]:
        """Deliveries of posts in these states that rest on a case or a fact, in the order they go out."""
        with self._memory.lock:
            return self._memory.shelf.among(
                lambda one: bool(one.reliance) and one.state in states and one.kind not in TAKING_BACK
            )

    def needing_attention(self) -> list[Delivery]:
        """Deliveries that wait for a person."""
        with self._memory.lock:
            return self._memory.shelf.among(lambda one: one.attention is not None)

    def counts(self) -> Mapping[State, int]:
        """How many deliveries are in each state."""
        with self._memory.lock:
            found = self._memory.shelf.counts()
        return {state: found[state] for state in State}

    def _speaking_as(self, account: str, now: datetime) -> Own | None:
        """Who publishes on an account, None where it may not."""
        known = self._memory.accounts.get(account)
        if known is None or known.own_id is None or not self._kinds(account):
            return None
        if known.busy_until and known.busy_until > now:
            return None
        return Own(own_id=known.own_id, handle=known.handle)

    def _kinds(self, account: str) -> frozenset[DeliveryKind]:
        """What may be claimed on an account: all, nothing, or withdrawals alone where a person paused it."""
        known = self._memory.accounts.get(account)
        if known is None or known.own_id is None or not self._memory.started:
            return frozenset()
        if known.pause is None and self._memory.paused is None:
            return frozenset(DeliveryKind)
        shut_out = known.pause is not None and known.pause.blocked
        return frozenset() if shut_out else TAKING_BACK

    def _most_urgent(self, account: str, now: datetime, catch_up: CatchUp) -> Delivery | None:
        shelf = self._memory.shelf
        due = [shelf.get(key) for key in shelf.waiting[account].until(now)]
        kinds = self._kinds(account)
        useful = [one for one in due if one.kind in kinds and (one.part > 1 or one.expires_at >= now)]
        if not catch_up.allows(self._left_late(account, now), now):
            useful = [one for one in useful if self._is_in_time(one, now)]
        if not self._may_boost(account, now):
            useful = [one for one in useful if one.kind is not DeliveryKind.BOOST or one.first_claimed_at]
        return min(useful, key=self._urgency, default=None)

    def _may_boost(self, account: str, now: datetime) -> bool:
        boosts = self._memory.shelf.among(lambda one: one.kind is DeliveryKind.BOOST)
        begun = [one.first_claimed_at for one in boosts if one.account == account and one.first_claimed_at]
        return free_from(begun, now) is None

    def _left_late(self, account: str, now: datetime) -> list[datetime]:
        """When late posts went out lately, the languages of one as one."""
        firsts: dict[tuple[str, str], datetime] = {}
        for key in self._memory.late[account]:
            row = self._memory.shelf.get(key)
            if rules.left_late(row, now) and row.claimed_at:
                post = (row.post, row.occurrence)
                firsts[post] = min(firsts.get(post, row.claimed_at), row.claimed_at)
        return list(firsts.values())

    def _is_in_time(self, one: Delivery, now: datetime) -> bool:
        """Whether a delivery is no late post, or one in another language of a post that has begun."""
        if one.part > 1 or one.kind is not DeliveryKind.POST or now - one.planned_at <= LATE_AFTER:
            return True
        return any(
            other.state in LEFT
            for other in self.of_post(one.post)
            if (other.account, other.occurrence, other.kind) == (one.account, one.occurrence, one.kind)
        )

    def _urgency(self, delivery: Delivery) -> tuple[bool, int, datetime, int, int]:
        rendition = self._memory.shelf.rendition(delivery.key)
        # A later part waits only when something of its thread is public: that goes on first.
        return delivery.part == 1, rendition.priority, delivery.planned_at, rendition.number, delivery.part

    def _next_claim(self, account: str, after: datetime) -> datetime | None:
        known = self._memory.accounts.get(account)
        kinds = self._kinds(account)
        if known is None or not kinds:
            return None
        waiting = self._memory.shelf.waiting[account]
        if kinds != frozenset(DeliveryKind):
            rows = map(self._memory.shelf.get, waiting.until(LAST))
            instants = [one.next_at for one in rows if one.kind in kinds and one.next_at]
            waiting = Agenda.of(instants)
        if known.busy_until and known.busy_until > after:
            first = waiting.first()
            return max(first, known.busy_until) if first else None
        return waiting.after(after)

    def _check_ours(self, settled: Delivery) -> None:
        key = settled.key
        was = self._memory.shelf.get(key) if key in self._memory.shelf else None
        ours = was is not None and (was.state, was.attempts) == (State.SENDING, settled.attempts)
        if not ours or self._memory.epochs[key] != self._epoch:
            raise LostClaimError(f"{key}: no longer ours to settle")

    def _owner(self, delivery: Delivery) -> Key | None:
        """The other delivery to which a platform's id already belongs."""
        if delivery.receipt is None:
            return None
        owner = self._memory.shelf.owners.get((delivery.account, delivery.receipt.remote_id))
        return None if owner == delivery.key else owner

    def _open_next(self, sent: Delivery, at: datetime) -> None:
        rendition = self._memory.shelf.rendition(sent.key)
        if sent.part < len(rendition.keys):
            following = self._memory.shelf.get(rendition.keys[sent.part])
            if following.next_at and following.state is State.SCHEDULED:
                earliest = max(following.next_at, at + rendition.part_gap)
                self._memory.shelf.put(replace(following, next_at=earliest))

    def _close_attempt(self, settled: Delivery, note: str, now: datetime) -> None:
        *earlier, last = self._memory.attempts[settled.key]
        closed = replace(last, ended_at=now, outcome=settled.state.value, note=note)
        self._memory.attempts[settled.key] = [*earlier, closed]

    def _settle_account(self, settled: Delivery, error: PlatformError | None, now: datetime) -> None:
        account = self.account(settled.account)
        if until := rules.busy_until(settled, error):
            account = replace(account, busy_until=until)
        if pause := rules.shut_out(account.pause, error, now):
            account = replace(account, pause=pause)
            self.decide(rules.line(now, pause.by, "pause", account.label, pause.reason))
        if settled.state is State.IN_DOUBT and self._doubts(settled.account, now) >= rules.MOST_DOUBTS:
            account = replace(account, busy_until=now + rules.REST)
            self.decide(rules.rest(account.label, now))
        self._memory.accounts[account.label] = account

    def _doubts(self, account: str, now: datetime) -> int:
        """How many of an account's recent requests are in doubt."""
        shelf = self._memory.shelf
        recent = now - rules.DOUBTS_WITHIN
        return len(
            shelf.among(
                lambda one: (
                    one.account == account
                    and one.state is State.IN_DOUBT
                    and one.claimed_at is not None
                    and one.claimed_at > recent
                )
            )
        )

    def _put_in_doubt(self, now: datetime, patience: Patiences, account: str | None = None) -> list[Key]:
        parked = []
        for was in self._memory.shelf.in_order(self._memory.shelf.sending):
            if account in {None, was.account}:
                usual = PATIENCE[self.account(was.account).platform]
                after = doubt(was, now, patience.get(was.account, usual))
                self._memory.shelf.put(after)
                self._close_attempt(after, rules.NOBODY_LEFT, now)
                parked.append(was.key)
        return parked
