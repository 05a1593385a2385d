"""Claiming, settling and asking about deliveries; ports.Outbox is the contract."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, and_, case, exists, func, insert, or_, select, update
from sqlalchemy.sql.elements import ColumnElement

from bot.domain.delivery import PATIENCE, Delivery, Key, Receipt, State, claim, doubt, move
from bot.domain.errors import (
    Concern,
    LostClaimError,
    NotFoundError,
    PlatformError,
    StoreError,
    TryLaterError,
)
from bot.domain.lengths import PlatformName
from bot.domain.post import PostId
from bot.ports import Decision, Own, Patiences
from bot.store.base import NOT_HELD, Base
from bot.store.register import PAUSED, STARTED, pause_account, record, switch_value
from bot.store.rows import IN_ORDER, AnyRow, deliveries, delivery_values, receipt_of, to_delivery
from bot.store.tables import account, attempt, delivery, rendition

SHORTEST_KEY_START = 4

Freeze = Callable[[Delivery, Own], bytes]

_before = delivery.alias("before")
_out = delivery.alias("out")


class Outbox(Base):
    """The part of the store that publishing uses."""

    def claim(self, label: str, now: datetime, freeze: Freeze) -> Delivery | None:
        """Take the most urgent due delivery of an account and mark it sending."""
        if self._epoch == NOT_HELD:
            raise StoreError("only the holder of the store claims")
        with self._read() as db:
            if db.execute(_due(label, now).limit(1)).first() is None:
                return None
        with self._write() as db:
            own = _may_claim(db, label, now)
            if own is None:
                return None
            row = db.execute(_most_urgent(label, now)).first()
            if row is None:
                return None
            return self._claim(db, row, own, now, freeze)

    def _claim(self, db: Connection, row: AnyRow, own: Own, now: datetime, freeze: Freeze) -> Delivery:
        payload = _freeze_all(db, row, own, freeze) if row.payload is None else row.payload
        earlier = _earlier_parts(db, row)
        claimed = claim(
            replace(
                to_delivery(row),
                payload=payload,
                parent=earlier[-1] if earlier else None,
                root=earlier[0] if earlier else None,
            ),
            now,
        )
        _write(db, claimed, _as_read(to_delivery(row)), {"epoch": self._epoch})
        db.execute(insert(attempt).values(key=claimed.key, epoch=self._epoch, started_at=now))
        return claimed

    def settle(self, settled: Delivery, now: datetime, error: PlatformError | None = None) -> None:
        """Write what became of a claimed delivery, and of its account where the error concerns that."""
        with self._write() as db:
            mine = and_(
                delivery.c.state == State.SENDING,
                delivery.c.epoch == self._epoch,
                delivery.c.attempts == settled.attempts,
            )
            _write(db, settled, mine)
            _close_attempts(db, settled.key, now, settled.state, str(error or ""))
            if settled.state is State.SENT:
                _release_next_part(db, settled, now)
            if isinstance(error, TryLaterError):
                _concern_account(db, settled, error, now)

    def in_doubt(self, label: str, now: datetime) -> list[Delivery]:
        """Deliveries in doubt whose next look is due."""
        return self._acted_on(label, now, State.IN_DOUBT)

    def unverified(self, label: str, now: datetime) -> list[Delivery]:
        """Sent deliveries that are due to be read back."""
        return self._acted_on(label, now, State.SENT)

    def _acted_on(self, label: str, now: datetime, state: State) -> list[Delivery]:
        query = deliveries.where(
            delivery.c.account == label, delivery.c.next_at <= now, delivery.c.state == str(state)
        ).order_by(delivery.c.next_at)
        with self._read() as db:
            return [_with_earlier(db, row) for row in db.execute(query).all()]

    def save(self, changed: Delivery, was: Delivery, decision: Decision | None = None) -> None:
        """Write a delivery that a look, a reading back or a person has changed."""
        with self._write() as db:
            _write(db, changed, _as_read(was))
            if decision:
                record(db, decision)

    def bound(self, label: str, remote_ids: Collection[str]) -> frozenset[str]:
        """Those of these platform ids that already belong to a delivery of the account."""
        query = select(delivery.c.remote_id).where(
            delivery.c.account == label, delivery.c.remote_id.in_(list(remote_ids))
        )
        with self._read() as db:
            return frozenset(db.execute(query).scalars())

    def park(self, now: datetime, patience: Patiences, label: str | None = None) -> list[Key]:
        """Put everything that is `sending` in doubt."""
        with self._write() as db:
            return park(db, now, patience, label)

    def expire(self, now: datetime) -> list[Delivery]:
        """Expire scheduled deliveries past their last useful moment whose rendition has no part out."""
        late = deliveries.where(
            delivery.c.state == "scheduled",
            delivery.c.next_at <= now,
            delivery.c.expires_at < now,
            ~_has_left(),
        ).order_by(*IN_ORDER)
        with self._read() as db:
            if db.execute(late.limit(1)).first() is None:
                return []
        with self._write() as db:
            expired = []
            for row in db.execute(late).all():
                before = to_delivery(row)
                after = replace(
                    move(before, State.EXPIRED),
                    next_at=None,
                    attention=f"held: {before.held}" if before.held else "too late to be worth sending",
                )
                _write(db, after, _as_read(before))
                expired.append(after)
            return expired

    def next_instant(self, label: str, after: datetime) -> datetime | None:
        """The earliest moment later than `after` at which an account has something to do."""
        query = select(func.min(delivery.c.next_at)).where(
            delivery.c.account == label, delivery.c.next_at > after
        )
        with self._read() as db:
            return db.execute(query).scalar()

    def find(self, key_start: str) -> Delivery:
        """The delivery whose key starts so."""
        start = key_start.strip().lower()
        if len(start) < SHORTEST_KEY_START:
            raise NotFoundError(f"give at least {SHORTEST_KEY_START} characters of a key")
        following = start[:-1] + chr(ord(start[-1]) + 1)
        query = deliveries.where(delivery.c.key >= start, delivery.c.key < following).limit(2)
        with self._read() as db:
            rows = db.execute(query).all()
        if len(rows) != 1:
            raise NotFoundError(f"{'no' if not rows else 'more than one'} delivery's key starts with {start}")
        return to_delivery(rows[0])

    def deliveries(
        self, *, since: datetime, until: datetime, states: Collection[State] | None = None
    ) -> list[Delivery]:
        """Deliveries planned between two instants, in the order they go out."""
        query = deliveries.where(delivery.c.planned_at >= since, delivery.c.planned_at <= until)
        if states is not None:
            query = query.where(delivery.c.state.in_([str(state) for state in states]))
        return self._all(query.order_by(*IN_ORDER))

    def of_post(self, post: PostId) -> list[Delivery]:
        """Every delivery of a post, in the order they go out."""
        return self._all(deliveries.where(rendition.c.post == post).order_by(*IN_ORDER))

    def needing_attention(self) -> list[Delivery]:
        """Deliveries that wait for a person."""
        return self._all(deliveries.where(delivery.c.attention.is_not(None)).order_by(*IN_ORDER))

    def counts(self) -> Mapping[State, int]:
        """How many deliveries are in each state."""
        query = select(delivery.c.state, func.count()).group_by(delivery.c.state)
        with self._read() as db:
            found = {State(state): number for state, number in db.execute(query)}
        return {state: found.get(state, 0) for state in State}

    def _all(self, query: Select[Any]) -> list[Delivery]:
        with self._read() as db:
            return [to_delivery(row) for row in db.execute(query)]


def _due(label: str, now: datetime) -> Select[Any]:
    return select(delivery.c.key).where(
        delivery.c.account == label, delivery.c.state == "scheduled", delivery.c.next_at <= now
    )


def _may_claim(db: Connection, label: str, now: datetime) -> Own | None:
    """Who we are on an account, None where it must not publish now."""
    row = db.execute(select(account).where(account.c.label == label)).one_or_none()
    if row is None or row.own_id is None or row.paused_at is not None:
        return None
    if row.busy_until is not None and row.busy_until > now:
        return None
    if switch_value(db, STARTED) is None or switch_value(db, PAUSED) is not None:
        return None
    return Own(own_id=row.own_id, handle=row.handle)


def _most_urgent(label: str, now: datetime) -> Select[Any]:
    """The due delivery that goes first: a thread already begun, then by priority and hour."""
    before_is_sent = exists().where(
        _before.c.rendition == delivery.c.rendition,
        _before.c.part == delivery.c.part - 1,
        _before.c.state == "sent",
    )
    return (
        deliveries.where(
            delivery.c.account == label,
            delivery.c.state == "scheduled",
            delivery.c.next_at <= now,
            rendition.c.held.is_(None),
            or_(delivery.c.part == 1, before_is_sent),
            # A thread with one part out never expires.
            or_(delivery.c.expires_at >= now, delivery.c.part > 1),
        )
        .order_by(
            case((delivery.c.part > 1, 0), else_=1),
            rendition.c.priority,
            delivery.c.planned_at,
            delivery.c.key,
        )
        .limit(1)
        .with_for_update(skip_locked=True, of=delivery)
    )


def _has_left() -> ColumnElement[bool]:
    return exists().where(
        _out.c.rendition == delivery.c.rendition,
        or_(_out.c.state.in_(["sending", "in_doubt", "sent"]), _out.c.doubts > 0),
    )


def _freeze_all(db: Connection, row: AnyRow, own: Own, freeze: Freeze) -> bytes:
    """Freeze every part of a rendition that is not frozen yet; returns the bytes of the row's own."""
    query = deliveries.where(delivery.c.rendition == row.rendition, delivery.c.payload.is_(None))
    frozen = b""
    for part in db.execute(query).all():
        payload = freeze(to_delivery(part), own)
        if part.key == row.key:
            frozen = payload
        else:
            db.execute(update(delivery).where(delivery.c.key == part.key).values(payload=payload))
    return frozen


def _earlier_parts(db: Connection, row: AnyRow) -> list[Receipt]:
    """The receipts of the parts before this one, in order."""
    if row.part == 1:
        return []
    query = (
        select(delivery.c.remote_id, delivery.c.url, delivery.c.cid)
        .where(delivery.c.rendition == row.rendition, delivery.c.part < row.part)
        .order_by(delivery.c.part)
    )
    receipts = [receipt_of(part) for part in db.execute(query)]
    return [receipt for receipt in receipts if receipt]


def _with_earlier(db: Connection, row: AnyRow) -> Delivery:
    earlier = _earlier_parts(db, row)
    if not earlier:
        return to_delivery(row)
    return to_delivery(row, parent=earlier[-1], root=earlier[0])


def _as_read(was: Delivery) -> ColumnElement[bool]:
    """The condition that a row is still as somebody read it."""
    return and_(
        delivery.c.state == str(was.state),
        delivery.c.attempts == was.attempts,
        delivery.c.looks == was.looks,
        delivery.c.next_at.is_not_distinct_from(was.next_at),
    )


def _write(
    db: Connection, changed: Delivery, still: ColumnElement[bool], more: Mapping[str, object] | None = None
) -> None:
    """Write a delivery where the row is still as believed; one row, or LostClaimError."""
    written = db.execute(
        update(delivery)
        .where(delivery.c.key == changed.key, still)
        .values(**delivery_values(changed), **(more or {}))
    )
    if written.rowcount != 1:
        raise LostClaimError(f"delivery {changed.key} was changed by somebody else")


def _close_attempts(db: Connection, key: Key, now: datetime, outcome: State, note: str) -> None:
    db.execute(
        update(attempt)
        .where(attempt.c.key == key, attempt.c.ended_at.is_(None))
        .values(ended_at=now, outcome=str(outcome), note=note)
    )


def _release_next_part(db: Connection, sent: Delivery, now: datetime) -> None:
    """Let the part after a sent one follow, at the distance its account keeps."""
    if sent.part == sent.parts:
        return
    me = select(delivery.c.rendition).where(delivery.c.key == sent.key).scalar_subquery()
    gap = select(rendition.c.part_gap).where(rendition.c.id == me)
    wait: timedelta = db.execute(gap).scalar_one()
    db.execute(
        update(delivery)
        .where(delivery.c.rendition == me, delivery.c.part == sent.part + 1)
        .where(delivery.c.state == "scheduled", delivery.c.next_at < now + wait)
        .values(next_at=now + wait)
    )


def _concern_account(db: Connection, settled: Delivery, error: TryLaterError, now: datetime) -> None:
    if error.concern is Concern.ACCOUNT_BUSY:
        busy = update(account).where(account.c.label == settled.account)
        db.execute(busy.values(busy_until=settled.next_at))
    elif error.concern is Concern.ACCOUNT_BLOCKED:
        pause_account(db, settled.account, str(error), "the platform", now, blocked=True)


def park(db: Connection, now: datetime, patience: Patiences, label: str | None = None) -> list[Key]:
    """Put everything that is `sending` in doubt, in a transaction that may do more."""
    query = (
        select(*deliveries.selected_columns, account.c.platform)
        .join(rendition, rendition.c.id == delivery.c.rendition)
        .join(account, account.c.label == delivery.c.account)
        .where(delivery.c.state == "sending")
    )
    if label is not None:
        query = query.where(delivery.c.account == label)
    parked = []
    for row in db.execute(query).all():
        usual = PATIENCE[PlatformName(row.platform)]
        before = to_delivery(row)
        after = doubt(before, now, patience.get(row.account, usual))
        _write(db, after, _as_read(before))
        _close_attempts(db, after.key, now, after.state, "nobody was left to hear the answer")
        parked.append(after.key)
    return parked
