"""The rest of the outbox: what is asked of it, and the changes that no request stands behind."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Text,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    select,
    text,
)

from bot.domain.delivery import Delivery, Key, State
from bot.domain.errors import LostClaimError
from bot.domain.post import PostId
from bot.ports import Patiences
from bot.ports.records import Decision
from bot.store import rows, rules
from bot.store.base import Base, put_in_doubt, write_decisions
from bot.store.erasing import erase
from bot.store.guarding import spent
from bot.store.rows import BEGUN, IN_ORDER, READ
from bot.store.sending import SHUT_OUT, STARTED, TAKES_BACK, UNPAUSED, open_next, owner
from bot.store.tables import FRESH, WAITING, accounts, is_in, outbox, renditions
from bot.store.types import Instant

_NOW = bindparam("now", type_=Instant)
_LABEL = bindparam("label", type_=Text)
_AFTER = bindparam("after", type_=Instant)
_DUE = (outbox.c.account == _LABEL, outbox.c.next_at <= _NOW)
_LONGEST_DUE = (outbox.c.next_at, outbox.c.rendition, outbox.c.part)
_IN_DOUBT = READ.where(is_in(State.IN_DOUBT), *_DUE).order_by(*_LONGEST_DUE)
_UNVERIFIED = READ.where(FRESH, *_DUE).order_by(*_LONGEST_DUE)
_EXPIRED = READ.where(is_in(State.SCHEDULED), outbox.c.expires_at < _NOW, ~BEGUN).order_by(*IN_ORDER)
_ONE_EXPIRED = _EXPIRED.limit(literal_column("1"))
_RELYING = READ.where(text("delivery.reliance <> ''"), ~TAKES_BACK)
_ATTENTION = READ.where(outbox.c.attention.is_not(None)).order_by(*IN_ORDER)


class Outbox(Base):
    """What is owed, as everybody but its sender and the queue sees it."""

    def in_doubt(self, account: str, now: datetime) -> list[Delivery]:
        """Deliveries in doubt whose next look is due, the longest due first."""
        with self._database.reading() as connection:
            return rows.read(connection, _IN_DOUBT, {"label": account, "now": now})

    def unverified(self, account: str, now: datetime) -> list[Delivery]:
        """Sent deliveries that are due to be read back, the longest due first."""
        with self._database.reading() as connection:
            return rows.read(connection, _UNVERIFIED, {"label": account, "now": now})

    def save(self, delivery: Delivery, was: Delivery, decision: Decision | None = None) -> None:
        """Write a delivery that a look, a reading back or a person has changed, and who decided it."""
        rules.check_move(delivery, was)
        with self._database.writing() as connection:
            if taken := owner(connection, delivery):
                raise LostClaimError(f"{delivery.key}: what was found is already the id of {taken}")
            rows.exchange(connection, [(was, delivery)], rows.WHOLE)
            if delivery.state is State.SENT and was.state is not State.SENT:
                # It left when it was claimed, whenever we came to know of it.
                open_next(connection, delivery, delivery.claimed_at or delivery.planned_at)
            erase(connection, delivery)
            write_decisions(connection, [decision] if decision else [])

    def bound(self, account: str, remote_ids: Collection[str]) -> frozenset[str]:
        """Those of these platform ids that already belong to a delivery of the account."""
        query = select(outbox.c.remote_id).where(
            outbox.c.account == account, outbox.c.remote_id.in_(list(remote_ids))
        )
        with self._database.reading() as connection:
            return frozenset(connection.scalars(query))

    def park(self, now: datetime, patience: Patiences, account: str | None = None) -> list[Key]:
        """Put everything that is `sending` in doubt: nobody is left who could know."""
        with self._database.writing() as connection:
            self._fence(connection)
            return put_in_doubt(connection, now, patience, rules.NOBODY_LEFT, account)

    def expire(self, now: datetime) -> list[Delivery]:
        """Expire scheduled deliveries past their last useful moment whose rendition has no part out."""
        with self._database.reading() as connection:
            if not connection.execute(_ONE_EXPIRED, {"now": now}).first():
                return []
        with self._database.writing() as connection:
            changes = [(was, rules.expired(was)) for was in rows.read(connection, _EXPIRED, {"now": now})]
            rows.exchange(connection, changes, rows.AT_REST)
            for _, one in changes:
                erase(connection, one)
            write_decisions(connection, [rules.expiry(one, now) for _, one in changes])
            return [one for _, one in changes]

    def next_instant(self, account: str, after: datetime) -> datetime | None:
        """The earliest moment later than `after` at which an account has something to do."""
        with self._database.reading() as connection:
            found = connection.execute(_NEXT, {"label": account, "after": after}).first()
        if found is None:
            return None
        claimable = max(found.claimable, found.busy_until or found.claimable) if found.claimable else None
        return min((one for one in (claimable, found.look, found.reading) if one), default=None)

    def find(self, key_start: str) -> Delivery:
        """The delivery whose key starts so."""
        query = READ.where(outbox.c.key >= key_start, outbox.c.key < key_start + "\x7f").limit(2)
        with self._database.reading() as connection:
            return rules.the_one(rows.read(connection, query), key_start)

    def deliveries(
        self, *, since: datetime, until: datetime, states: Collection[State] | None = None
    ) -> list[Delivery]:
        """Deliveries planned between two instants, in the order they go out."""
        query = READ.where(outbox.c.planned_at >= since, outbox.c.planned_at < until).order_by(*IN_ORDER)
        if states is not None:
            query = query.where(outbox.c.state.in_(sorted(state.value for state in states)))
        with self._database.reading() as connection:
            return rows.read(connection, query)

    def of_post(self, post: PostId) -> list[Delivery]:
        """Every delivery of a post, in the order they go out."""
        query = READ.where(renditions.c.post == post).order_by(*IN_ORDER)
        with self._database.reading() as connection:
            return rows.read(connection, query)

    def relying(self, states: Collection[State]) -> list[Delivery]:
        """Deliveries of posts in these states that rest on a case or a fact, in the order they go out."""
        chosen = outbox.c.state.in_(sorted(state.value for state in states))
        with self._database.reading() as connection:
            return rows.read(connection, _RELYING.where(chosen).order_by(*IN_ORDER))

    def spent(self, account: str, since: datetime) -> int:
        """What requests begun since then on an account cost, in millionths of a dollar."""
        with self._database.reading() as connection:
            return spent(connection, account, since)

    def needing_attention(self) -> list[Delivery]:
        """Deliveries that wait for a person."""
        with self._database.reading() as connection:
            return rows.read(connection, _ATTENTION)

    def counts(self) -> Mapping[State, int]:
        """How many deliveries are in each state."""
        query = select(outbox.c.state, func.count().label("number")).group_by(outbox.c.state)
        with self._database.reading() as connection:
            found = {row.state: row.number for row in connection.execute(query)}
        return {state: found.get(state.value, 0) for state in State}


def _withdrawing(*conditions: ColumnElement[bool]) -> ScalarSelect[Any]:
    """As `_earliest`, of withdrawals. Asked only of a paused account: posts may be many."""
    of_account = (
        select(func.min(outbox.c.next_at, type_=Instant))
        .join(renditions, renditions.c.id == outbox.c.rendition)
        .where(outbox.c.account == _LABEL, WAITING, TAKES_BACK, *conditions)
    )
    return of_account.scalar_subquery()


def _earliest(*conditions: ColumnElement[bool]) -> ScalarSelect[Any]:
    of_account = select(func.min(outbox.c.next_at, type_=Instant)).where(
        outbox.c.account == _LABEL, *conditions
    )
    return of_account.scalar_subquery()


_NEXT = select(
    accounts.c.busy_until,
    case(
        (
            and_(accounts.c.own_id.is_not(None), UNPAUSED, STARTED),
            # While the account is busy, what is due already becomes possible when that ends.
            case(
                (accounts.c.busy_until > _AFTER, _earliest(WAITING)),
                else_=_earliest(WAITING, outbox.c.next_at > _AFTER),
            ),
        ),
        (
            and_(accounts.c.own_id.is_not(None), ~SHUT_OUT, STARTED),
            case(
                (accounts.c.busy_until > _AFTER, _withdrawing()),
                else_=_withdrawing(outbox.c.next_at > _AFTER),
            ),
        ),
    ).label("claimable"),
    _earliest(is_in(State.IN_DOUBT), outbox.c.next_at > _AFTER).label("look"),
    _earliest(FRESH, outbox.c.next_at > _AFTER).label("reading"),
).where(accounts.c.label == _LABEL)
