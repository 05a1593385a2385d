"""Our accounts, the posts we have met, the switches and the ledger."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, Executable, Table, insert, select, union_all, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.domain.account import Account, Identity
from bot.domain.delivery import Key, State
from bot.domain.errors import NotFoundError, StoreError
from bot.domain.lengths import PlatformName
from bot.domain.post import PostId
from bot.ports import Attempt, Decision, Known
from bot.store.base import Base
from bot.store.rows import accounts, to_account
from bot.store.tables import account, attempt, decision, delivery, post, switch

STARTED = "started"
PAUSED = "paused"
AT_ONCE = 500  # names in one IN (...)


def insert_new(db: Connection, table: Table) -> Executable:
    """An INSERT that leaves rows alone that are already there."""
    if db.dialect.name == "sqlite":
        return sqlite.insert(table).on_conflict_do_nothing()
    return postgresql.insert(table).on_conflict_do_nothing()


class Register(Base):
    """The register part of the store; ports.Register is its contract."""

    def enroll(self, label: str, platform: PlatformName, now: datetime) -> Account:
        """Remember an account from the first time it is seen on."""
        with self._write() as db:
            row = {"label": label, "platform": str(platform), "enrolled_at": now}
            db.execute(insert_new(db, account), row)
            found = _account(db, label)
        if found.platform is not platform:
            raise StoreError(
                f"{label} was an account on {found.platform.shown}; "
                f"give the one on {platform.shown} another name in the configuration"
            )
        return found

    def account(self, label: str) -> Account:
        """One account."""
        with self._read() as db:
            return _account(db, label)

    def accounts(self) -> list[Account]:
        """All accounts ever enrolled."""
        with self._read() as db:
            return [to_account(row) for row in db.execute(accounts)]

    def identified(self, label: str, identity: Identity, now: datetime) -> Account:
        """Remember what the platform says of an account; the first own id stays."""
        with self._write() as db:
            known = _account(db, label)
            if known.own_id is not None and known.own_id != identity.own_id:
                raise StoreError(f"{label} is account {known.own_id}, not {identity.own_id}")
            db.execute(
                update(account)
                .where(account.c.label == label)
                .values(
                    own_id=identity.own_id,
                    handle=identity.handle,
                    url=identity.url,
                    length=identity.length,
                    link_length=identity.link_length,
                )
            )
            if known.own_id is None:
                record(db, Decision(at=now, by="the platform", what="identified", about=label))
            return _account(db, label)

    def pause(self, label: str | None, reason: str, by: str, now: datetime, *, blocked: bool = False) -> None:
        """Stop claims on an account, or on all."""
        with self._write() as db:
            if label is None:
                _set_switch(db, PAUSED, reason, by, now)
            else:
                pause_account(db, label, reason, by, now, blocked=blocked)
            record(db, Decision(at=now, by=by, what="pause", about=label or "", note=reason))

    def resume(self, label: str | None, by: str, now: datetime) -> None:
        """Allow claims again on an account, or on all."""
        with self._write() as db:
            change = update(account).values(
                paused_at=None, paused_by=None, paused_reason=None, blocked=0, busy_until=None
            )
            if label is None:
                db.execute(switch.delete().where(switch.c.name == PAUSED))
                db.execute(change)
            else:
                _account(db, label)
                db.execute(change.where(account.c.label == label))
            record(db, Decision(at=now, by=by, what="resume", about=label or ""))

    def paused(self) -> str | None:
        """Why everything is paused."""
        with self._read() as db:
            return switch_value(db, PAUSED)

    def start(self, by: str, now: datetime) -> None:
        """Allow publishing for the first time on this store."""
        with self._write() as db:
            if switch_value(db, STARTED) is None:
                _set_switch(db, STARTED, "yes", by, now)
                record(db, Decision(at=now, by=by, what="start", about=""))

    def started(self) -> bool:
        """Whether publishing was ever allowed on this store."""
        with self._read() as db:
            return switch_value(db, STARTED) is not None

    def meet(self, posts: Sequence[PostId], now: datetime) -> Mapping[PostId, Known]:
        """Remember posts from the first time they are seen on."""
        known: dict[PostId, Known] = {}
        with self._read() as db:
            for some in _some(posts):
                known |= _known(db, some)
        unknown = [name for name in posts if name not in known]
        if unknown:
            with self._write() as db:
                db.execute(insert_new(db, post), [{"id": name, "first_seen_at": now} for name in unknown])
                for some in _some(unknown):
                    known |= _known(db, some)
        return known

    def take_slot(self, name: PostId, at: datetime) -> Known:
        """Give a post its slot; one it already has stays."""
        with self._write() as db:
            db.execute(update(post).where(post.c.id == name, post.c.slot_at.is_(None)).values(slot_at=at))
            return _known(db, (name,))[name]

    def taken_slots(self, after: datetime) -> frozenset[datetime]:
        """Instants later than `after` at which a post already goes out."""
        slots = select(post.c.slot_at).where(post.c.slot_at > after)
        hours = select(delivery.c.planned_at).where(
            delivery.c.planned_at > after, delivery.c.state == State.SCHEDULED, delivery.c.part == 1
        )
        with self._read() as db:
            return frozenset(db.execute(union_all(slots, hours)).scalars())

    def decide(self, made: Decision) -> None:
        """Add a line to the ledger."""
        with self._write() as db:
            record(db, made)

    def decisions(self, about: str) -> list[Decision]:
        """The ledger's lines about something, oldest first."""
        query = select(decision).where(decision.c.about == about).order_by(decision.c.id)
        with self._read() as db:
            return [
                Decision(at=row.at, by=row.by, what=row.what, about=row.about, note=row.note)
                for row in db.execute(query)
            ]

    def attempts(self, key: Key) -> list[Attempt]:
        """The requests made for a delivery, oldest first."""
        query = select(attempt).where(attempt.c.key == key).order_by(attempt.c.id)
        with self._read() as db:
            return [
                Attempt(
                    key=Key(row.key),
                    started_at=row.started_at,
                    ended_at=row.ended_at,
                    outcome=row.outcome or "",
                    note=row.note or "",
                )
                for row in db.execute(query)
            ]


def _some(names: Sequence[PostId]) -> Iterator[Sequence[PostId]]:
    return (names[start : start + AT_ONCE] for start in range(0, len(names), AT_ONCE))


def _account(db: Connection, label: str) -> Account:
    row = db.execute(select(account).where(account.c.label == label)).one_or_none()
    if row is None:
        raise NotFoundError(f"there is no account named {label}")
    return to_account(row)


def _known(db: Connection, names: Sequence[PostId]) -> dict[PostId, Known]:
    rows = db.execute(select(post).where(post.c.id.in_(names)))
    return {
        PostId(row.id): Known(id=PostId(row.id), first_seen_at=row.first_seen_at, slot_at=row.slot_at)
        for row in rows
    }


def pause_account(db: Connection, label: str, reason: str, by: str, now: datetime, *, blocked: bool) -> None:
    """Stop claims on one account."""
    _account(db, label)
    db.execute(
        update(account)
        .where(account.c.label == label)
        .values(paused_at=now, paused_by=by, paused_reason=reason, blocked=int(blocked))
    )


def switch_value(db: Connection, name: str) -> str | None:
    """What a switch is set to, None where it was never thrown."""
    return db.execute(select(switch.c.value).where(switch.c.name == name)).scalar()


def _set_switch(db: Connection, name: str, value: str, by: str, now: datetime) -> None:
    db.execute(switch.delete().where(switch.c.name == name))
    db.execute(insert(switch).values(name=name, value=value, at=now, by=by))


def record(db: Connection, made: Decision) -> None:
    """Add a line to the ledger, in a transaction that does more."""
    db.execute(
        insert(decision).values(at=made.at, by=made.by, what=made.what, about=made.about, note=made.note)
    )
