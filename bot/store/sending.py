"""Claiming and settling: the two transactions on either side of a request."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Select,
    Text,
    and_,
    bindparam,
    case,
    exists,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)

from bot.domain.boosting import DAY, free_from
from bot.domain.catch_up import HOUR, CatchUp
from bot.domain.delivery import LATE_AFTER, LEFT, TAKING_BACK, Delivery, DeliveryKind, Key, State
from bot.domain.delivery import claim as taken_in_hand
from bot.domain.errors import LostClaimError, PlatformError
from bot.domain.terms import USUAL_TERMS, Terms
from bot.ports.records import Own
from bot.store import rows, rules
from bot.store.base import Base, close_attempt, put_pause, write_decisions
from bot.store.erasing import erase
from bot.store.guarding import hold, objection
from bot.store.register import read_account
from bot.store.rows import IN_ORDER, READ, AnyRow, setting
from bot.store.seal import check_seal
from bot.store.tables import LATE, WAITING, accounts, attempts, is_in, outbox, renditions, switches
from bot.store.telling import tell
from bot.store.types import Instant

_NOW = bindparam("now", type_=Instant)
_LABEL = bindparam("label", type_=Text)
STARTED = exists(select(literal_column("1")).where(switches.c.name == literal_column("'started'")))
PAUSED = exists(select(literal_column("1")).where(switches.c.name == literal_column("'paused'")))

# A person's pause stops posts. What should not have gone out is taken back all the same.
UNPAUSED = and_(accounts.c.pause_at.is_(None), ~PAUSED)
SHUT_OUT = accounts.c.pause_blocked == literal_column("1")
TAKES_BACK = renditions.c.kind.in_([literal_column(f"'{kind.value}'") for kind in sorted(TAKING_BACK)])
_IS_POST = renditions.c.kind == literal_column(f"'{DeliveryKind.POST.value}'")
_IS_BOOST = renditions.c.kind == literal_column(f"'{DeliveryKind.BOOST.value}'")

_sibling = renditions.alias("sibling")
_begun = outbox.alias("begun")
_SPOKEN_OF = exists(
    select(literal_column("1"))
    .join(_begun, _begun.c.rendition == _sibling.c.id)
    .where(
        _sibling.c.post == renditions.c.post,
        _sibling.c.account == renditions.c.account,
        _sibling.c.occurrence == renditions.c.occurrence,
        _sibling.c.kind == renditions.c.kind,
        _begun.c.state.in_([literal_column(f"'{state.value}'") for state in sorted(LEFT)]),
    )
)
# What is not a late post, or is one in another language of a post that has begun.
_IN_TIME = or_(
    outbox.c.planned_at >= bindparam("late_before", type_=Instant),
    outbox.c.part > literal_column("1"),
    ~_IS_POST,
    _SPOKEN_OF,
)
# Late posts that went out lately, their languages as one; but for those that a look found there already.
_LEFT_LATE: Select[Any] = (
    select(func.min(outbox.c.claimed_at, type_=Instant).label("at"))
    .join(renditions, renditions.c.id == outbox.c.rendition)
    .where(
        LATE,
        outbox.c.account == _LABEL,
        outbox.c.claimed_at > bindparam("hour_ago", type_=Instant),
        outbox.c.state.in_([literal_column(f"'{state.value}'") for state in sorted(LEFT)]),
        or_(outbox.c.how.is_(None), outbox.c.how != literal_column("'found'"), outbox.c.doubts > 0),
        # Not a bare column: its index would lead through every rendition there ever was.
        func.coalesce(renditions.c.kind, "") == literal_column(f"'{DeliveryKind.POST.value}'"),
    )
    .group_by(renditions.c.post, renditions.c.occurrence)
)
_DOUBTS_SINCE = select(func.count()).where(
    is_in(State.IN_DOUBT), outbox.c.account == _LABEL, outbox.c.claimed_at > bindparam("since", type_=Instant)
)

_BOOSTED: Select[Any] = (
    select(outbox.c.first_claimed_at)
    .join(renditions, renditions.c.id == outbox.c.rendition)
    .where(
        _IS_BOOST,
        outbox.c.account == _LABEL,
        outbox.c.first_claimed_at > bindparam("since", type_=Instant),
        outbox.c.attempts > literal_column("0"),
    )
)

_DUE: Select[Any] = (
    select(
        outbox.c.key,
        outbox.c.rendition,
        outbox.c.account,
        outbox.c.reliance,
        outbox.c.cost,
        outbox.c.first_claimed_at,
        renditions.c.kind,
        renditions.c.digest,
        accounts.c.own_id,
        accounts.c.handle,
    )
    .join(accounts, accounts.c.label == outbox.c.account)
    .join(renditions, renditions.c.id == outbox.c.rendition)
    .where(
        WAITING,
        outbox.c.account == _LABEL,
        outbox.c.next_at <= _NOW,
        or_(outbox.c.expires_at >= _NOW, outbox.c.part > 1),
        accounts.c.own_id.is_not(None),
        or_(UNPAUSED, and_(TAKES_BACK, ~SHUT_OUT)),
        or_(accounts.c.busy_until.is_(None), accounts.c.busy_until <= _NOW),
        STARTED,
        or_(~_IS_BOOST, bindparam("may_boost") == literal_column("1")),
        or_(_IN_TIME, bindparam("may_catch_up") == literal_column("1")),
    )
    # A later part is ready only when something of its thread is public: that goes on first.
    .order_by((outbox.c.part > 1).desc(), renditions.c.priority, *IN_ORDER)
    .limit(literal_column("1"))
    .with_for_update(of=outbox, skip_locked=True)
)
_PARTS = READ.where(outbox.c.rendition == bindparam("of")).order_by(outbox.c.part)

_CLAIMING = (
    "state",
    "next_at",
    "attention",
    "attempts",
    "first_claimed_at",
    "claimed_at",
    "payload",
    "epoch",
)
_SETTLING = (
    "state",
    "next_at",
    "attention",
    "doubts",
    "looks",
    "remote_id",
    "url",
    "cid",
    "how",
    "verified_at",
)

_FREEZE = (
    update(outbox)
    .where(outbox.c.key == bindparam("was_key"), outbox.c.payload.is_(None))
    .values(setting(["payload"]))
)
_CLAIM = (
    update(outbox)
    .where(
        outbox.c.key == bindparam("was_key"),
        outbox.c.state == State.SCHEDULED.value,
        outbox.c.attempts == bindparam("was_attempts"),
    )
    .values(setting(_CLAIMING))
)
_SETTLE = (
    update(outbox)
    .where(
        outbox.c.key == bindparam("was_key"),
        outbox.c.state == State.SENDING.value,
        outbox.c.attempts == bindparam("was_attempts"),
        outbox.c.epoch == bindparam("was_epoch"),
    )
    .values(setting(_SETTLING))
)
_AFTER = select(outbox.c.rendition, outbox.c.part, renditions.c.part_gap).join(
    renditions, renditions.c.id == outbox.c.rendition
)
_OPEN = (
    update(outbox)
    .where(outbox.c.rendition == bindparam("of"), outbox.c.part == bindparam("number"))
    .values(
        ready=1,
        next_at=case(
            (
                (outbox.c.state == State.SCHEDULED.value)
                & (outbox.c.next_at < bindparam("from", type_=Instant)),
                bindparam("from", type_=Instant),
            ),
            else_=outbox.c.next_at,
        ),
    )
)


class Sending(Base):
    """The part of the outbox that only the holder uses, and whoever else says that something was sent."""

    def claim(
        self,
        account: str,
        now: datetime,
        freeze: Callable[[Delivery, Own], bytes],
        terms: Terms = USUAL_TERMS,
    ) -> Delivery | None:
        """Take the most urgent due delivery of an account and mark it sending."""
        self._held()
        with self._database.reading() as connection:
            due = _asking(connection, account, now, terms.catch_up)
            # Nothing due is the usual answer, and costs no transaction.
            if _most_urgent(connection, due, now) is None:
                return None
        with self._database.writing() as connection:
            epoch = self._fence(connection)
            while (row := _most_urgent(connection, due, now)) is not None:
                parts, reason = _sayable(connection, row, terms, now)
                if reason is None:
                    return _claim(connection, row, parts, now=now, freeze=freeze, epoch=epoch)
                hold(connection, row, reason, now)
        return None

    def settle(self, delivery: Delivery, now: datetime, error: PlatformError | None = None) -> None:
        """Write what became of a claimed delivery, and of its account where the error concerns that."""
        rules.check_settled(delivery)
        taken = None
        with self._database.writing() as connection:
            if taken := owner(connection, delivery):
                delivery = rules.not_ours(delivery, taken)
            _settle(connection, delivery, self._epoch)
            erase(connection, delivery)
            close_attempt(connection, delivery.key, delivery.state, rules.note_of(error), now)
            if delivery.state is State.SENT:
                open_next(connection, delivery, now)
            _settle_account(connection, delivery, error, now)
            if delivery.state is State.IN_DOUBT:
                _rest_after_doubts(connection, delivery, now)
        if taken:
            raise LostClaimError(f"{delivery.key}: {delivery.attention}")


def _asking(connection: Connection, account: str, now: datetime, catch_up: CatchUp) -> dict[str, Any]:
    """What is asked for what is due. Nobody but its one lane claims on an account, so this stays true."""
    late = connection.scalars(_LEFT_LATE, {"label": account, "hour_ago": now - HOUR})
    return {
        "label": account,
        "now": now,
        "late_before": now - LATE_AFTER,
        "may_boost": 1,
        "may_catch_up": int(catch_up.allows(list(late), now)),
    }


def _most_urgent(connection: Connection, due: dict[str, Any], now: datetime) -> AnyRow | None:
    """What is due first; a boost only while the account may make one more."""
    row = connection.execute(_DUE, due).first()
    if row is None or row.kind != DeliveryKind.BOOST or row.first_claimed_at is not None:
        return row
    begun = connection.scalars(_BOOSTED, {"label": row.account, "since": now - DAY})
    if free_from([at for at in begun if at], now) is None:
        return row
    due["may_boost"] = 0
    return connection.execute(_DUE, due).first()


def _sayable(
    connection: Connection, row: AnyRow, terms: Terms, now: datetime
) -> tuple[Sequence[Delivery], str | None]:
    """What is due as it goes out, or why it may not; the words are looked at before anything is filled in."""
    parts = list(rows.read(connection, _PARTS, {"of": row.rendition}))
    check_seal(row.digest, [part.text for part in parts], row.key)
    reason = objection(connection, row, terms, now)
    return (parts, reason) if reason else tell(connection, row, parts, now)


def _claim(
    connection: Connection,
    row: AnyRow,
    parts: Sequence[Delivery],
    *,
    now: datetime,
    freeze: Callable[[Delivery, Own], bytes],
    epoch: int,
) -> Delivery:
    own = Own(own_id=row.own_id, handle=row.handle)
    chosen = None
    for part in parts:
        payload = freeze(part, own) if rules.to_be_frozen(part) else part.payload
        if part.key == row.key:
            chosen = replace(part, payload=payload)
        elif payload is not part.payload:
            connection.execute(_FREEZE, {"was_key": part.key, "new_payload": payload})
    if chosen is None:
        raise LostClaimError(f"{row.key}: gone in the meantime")
    claimed = taken_in_hand(chosen, now)
    _write_claim(connection, chosen, claimed, epoch)
    return claimed


def _write_claim(connection: Connection, was: Delivery, claimed: Delivery, epoch: int) -> None:
    new = {**rows.columns(claimed), "epoch": epoch}
    changed = connection.execute(
        _CLAIM, {"was_key": was.key, "was_attempts": was.attempts, **rows.named("new", new)}
    )
    if changed.rowcount != 1:
        raise LostClaimError(f"{was.key}: claimed in the meantime")
    begun = {
        "key": claimed.key,
        "number": claimed.attempts,
        "epoch": epoch,
        "started_at": claimed.claimed_at,
        "outcome": State.SENDING.value,
        "note": "",
    }
    connection.execute(insert(attempts), begun)


def _settle(connection: Connection, settled: Delivery, epoch: int | None) -> None:
    was = {"was_key": settled.key, "was_attempts": settled.attempts, "was_epoch": epoch}
    changed = connection.execute(_SETTLE, {**was, **rows.named("new", rows.columns(settled))})
    if changed.rowcount != 1:
        raise LostClaimError(f"{settled.key}: no longer ours to settle")


def owner(connection: Connection, settled: Delivery) -> Key | None:
    """The other delivery to which a platform's id already belongs."""
    if settled.receipt is None:
        return None
    owner: Key | None = connection.scalar(
        select(outbox.c.key).where(
            outbox.c.account == settled.account,
            outbox.c.remote_id == settled.receipt.remote_id,
            outbox.c.key != settled.key,
        )
    )
    return owner


def open_next(connection: Connection, sent: Delivery, at: datetime) -> None:
    """Let the part after a sent one be claimed, not before the gap between parts has passed."""
    if sent.part < sent.parts:
        here = connection.execute(_AFTER.where(outbox.c.key == sent.key)).one()
        connection.execute(_OPEN, {"of": here.rendition, "number": here.part + 1, "from": at + here.part_gap})


def _settle_account(
    connection: Connection, settled: Delivery, error: PlatformError | None, now: datetime
) -> None:
    if error is None:
        return
    if until := rules.busy_until(settled, error):
        busy = update(accounts).where(accounts.c.label == settled.account).values(busy_until=until)
        connection.execute(busy)
    pause = rules.shut_out(read_account(connection, settled.account).pause, error, now)
    if pause:
        put_pause(connection, settled.account, pause)
        write_decisions(connection, [rules.line(now, pause.by, "pause", settled.account, pause.reason)])


def _rest_after_doubts(connection: Connection, settled: Delivery, now: datetime) -> None:
    """Let an account rest that gives one unclear answer after another; looking goes on."""
    recent = {"label": settled.account, "since": now - rules.DOUBTS_WITHIN}
    if (connection.scalar(_DOUBTS_SINCE, recent) or 0) >= rules.MOST_DOUBTS:
        rest = update(accounts).where(accounts.c.label == settled.account)
        connection.execute(rest.values(busy_until=now + rules.REST))
        write_decisions(connection, [rules.rest(settled.account, now)])
