"""Claiming and settling: the two transactions on either side of a request."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Select,
    Text,
    bindparam,
    case,
    exists,
    insert,
    literal_column,
    or_,
    select,
    update,
)

from bot.domain.delivery import Delivery, Key, State
from bot.domain.delivery import claim as taken_in_hand
from bot.domain.errors import LostClaimError, PlatformError
from bot.ports import Own
from bot.store import rows, rules
from bot.store.base import Base, close_attempt, put_pause, write_decisions
from bot.store.register import read_account
from bot.store.rows import IN_ORDER, READ, AnyRow, setting
from bot.store.seal import check_seal
from bot.store.tables import WAITING, accounts, attempts, outbox, renditions, switches
from bot.store.types import Instant

_NOW = bindparam("now", type_=Instant)
_LABEL = bindparam("label", type_=Text)
STARTED = exists(select(literal_column("1")).where(switches.c.name == literal_column("'started'")))
PAUSED = exists(select(literal_column("1")).where(switches.c.name == literal_column("'paused'")))

_DUE: Select[Any] = (
    select(outbox.c.key, outbox.c.rendition, renditions.c.digest, accounts.c.own_id, accounts.c.handle)
    .join(accounts, accounts.c.label == outbox.c.account)
    .join(renditions, renditions.c.id == outbox.c.rendition)
    .where(
        WAITING,
        outbox.c.account == _LABEL,
        outbox.c.next_at <= _NOW,
        or_(outbox.c.expires_at >= _NOW, outbox.c.part > 1),
        accounts.c.own_id.is_not(None),
        accounts.c.pause_at.is_(None),
        or_(accounts.c.busy_until.is_(None), accounts.c.busy_until <= _NOW),
        STARTED,
        ~PAUSED,
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

    def claim(self, account: str, now: datetime, freeze: Callable[[Delivery, Own], bytes]) -> Delivery | None:
        """Take the most urgent due delivery of an account and mark it sending."""
        self._held()
        due = {"label": account, "now": now}
        with self._database.reading() as connection:
            # Nothing due is the usual answer, and costs no transaction.
            if connection.execute(_DUE, due).first() is None:
                return None
        with self._database.writing() as connection:
            epoch = self._fence(connection)
            row = connection.execute(_DUE, due).first()
            return None if row is None else _claim(connection, row, now, freeze, epoch)

    def settle(self, delivery: Delivery, now: datetime, error: PlatformError | None = None) -> None:
        """Write what became of a claimed delivery, and of its account where the error concerns that."""
        rules.check_settled(delivery)
        taken = None
        with self._database.writing() as connection:
            if taken := owner(connection, delivery):
                delivery = rules.not_ours(delivery, taken)
            _settle(connection, delivery, self._epoch)
            close_attempt(connection, delivery.key, delivery.state, rules.note_of(error), now)
            if delivery.state is State.SENT:
                open_next(connection, delivery, now)
            _settle_account(connection, delivery, error, now)
        if taken:
            raise LostClaimError(f"{delivery.key}: {delivery.attention}")


def _claim(
    connection: Connection,
    row: AnyRow,
    now: datetime,
    freeze: Callable[[Delivery, Own], bytes],
    epoch: int,
) -> Delivery:
    own = Own(own_id=row.own_id, handle=row.handle)
    chosen = None
    parts = list(rows.read(connection, _PARTS, {"of": row.rendition}))
    check_seal(row.digest, [part.text for part in parts], row.key)
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
