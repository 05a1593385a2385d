"""Our accounts, the posts we have met, the switches, and the ledger's lines."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from bot.domain.account import Account, Identity, Pause
from bot.domain.delivery import Key, State
from bot.domain.lengths import PlatformName
from bot.domain.post import PostId
from bot.ports.records import Attempt, Decision, Known
from bot.store import rules
from bot.store.base import Base, put_pause, write_decisions
from bot.store.rows import AnyRow, chunks
from bot.store.tables import accounts, attempts, decisions, findings, is_in, outbox, posts, switches

_ONE_ACCOUNT = select(accounts).where(accounts.c.label == bindparam("of"))


class Register(Base):
    """The part of the store that is not the outbox."""

    def enroll(self, label: str, platform: PlatformName, now: datetime) -> Account:
        """Remember an account of the configuration from the first time it is seen on."""
        with self._database.reading() as connection:
            found = _find_account(connection, label)
        if found is None:
            with self._database.writing() as connection:
                found = _find_account(connection, label) or _new_account(connection, label, platform, now)
        rules.check_platform(found, platform)
        return found

    def account(self, label: str) -> Account:
        """One account."""
        with self._database.reading() as connection:
            return read_account(connection, label)

    def accounts(self) -> list[Account]:
        """All accounts ever enrolled, by their label."""
        with self._database.reading() as connection:
            return sorted(read_accounts(connection), key=lambda account: account.label)

    def identified(self, label: str, identity: Identity, now: datetime) -> Account:
        """Remember what the platform says of an account, unless it speaks of another one."""
        with self._database.writing() as connection:
            before = read_account(connection, label)
            after = rules.identified(before, identity, read_accounts(connection))
            if after != before:
                values = {
                    "own_id": after.own_id,
                    "handle": after.handle,
                    "url": after.url,
                    "length": after.length,
                    "link_length": after.link_length,
                }
                connection.execute(update(accounts).where(accounts.c.label == label).values(values))
        return after

    def pause(self, label: str | None, reason: str, by: str, now: datetime, *, blocked: bool = False) -> None:
        """Stop claims on an account, or on all, until resumed."""
        with self._database.writing() as connection:
            if label is None:
                switch_on(connection, "paused", by, now, reason)
            elif not put_pause(connection, label, Pause(reason=reason, by=by, at=now, blocked=blocked)):
                raise rules.unknown_account(label)
            write_decisions(connection, [rules.line(now, by, "pause", label, reason)])

    def resume(self, label: str | None, by: str, now: datetime) -> None:
        """Allow claims again on an account, or on all."""
        with self._database.writing() as connection:
            if label is None:
                connection.execute(delete(switches).where(switches.c.name == "paused"))
            elif not put_pause(connection, label, None):
                raise rules.unknown_account(label)
            write_decisions(connection, [rules.line(now, by, "resume", label)])

    def paused(self) -> str | None:
        """Why everything is paused, None where it is not."""
        with self._database.reading() as connection:
            reason: str | None = connection.scalar(
                select(switches.c.reason).where(switches.c.name == "paused")
            )
        return reason

    def start(self, by: str, now: datetime) -> None:
        """Allow publishing for the first time on this store; again changes nothing."""
        with self._database.writing() as connection:
            if not _is_started(connection):
                switch_on(connection, "started", by, now, "")
                write_decisions(connection, [rules.line(now, by, "start", None)])

    def started(self) -> bool:
        """Whether publishing was ever allowed on this store."""
        with self._database.reading() as connection:
            return _is_started(connection)

    def put_back(self, since: datetime, by: str, now: datetime) -> None:
        """Remember that this is a backup, and since when what was sent may be missing."""
        with self._database.writing() as connection:
            put_back(connection, since, by, now)

    def restored(self) -> datetime | None:
        """Since when what was sent may be missing, None where this store never was a backup."""
        with self._database.reading() as connection:
            return _restored(connection)

    def meet(self, posts: Sequence[PostId], now: datetime) -> Mapping[PostId, Known]:
        """Remember posts from the first time they are seen on."""
        with self._database.reading() as connection:
            known = _known(connection, posts)
        if len(known) < len(set(posts)):
            with self._database.writing() as connection:
                meet_posts(connection, posts, now)
                known = _known(connection, posts)
        return known

    def take_slot(self, post: PostId, at: datetime) -> Known:
        """Give a post its slot; one it already has stays."""
        free = update(posts).where(posts.c.id == post, posts.c.slot_at.is_(None))
        with self._database.writing() as connection:
            connection.execute(free.values(slot_at=at))
            known = _known(connection, [post])
        if post not in known:
            raise rules.unknown_post(post)
        return known[post]

    def taken_slots(self, after: datetime) -> frozenset[datetime]:
        """Instants later than `after` at which a post already goes out."""
        slots = select(posts.c.slot_at).where(posts.c.slot_at > after)
        planned = (
            select(outbox.c.planned_at).distinct().where(outbox.c.planned_at > after, is_in(State.SCHEDULED))
        )
        with self._database.reading() as connection:
            return frozenset([*connection.scalars(slots), *connection.scalars(planned)])

    def decide(self, decision: Decision) -> None:
        """Add a line to the ledger."""
        with self._database.writing() as connection:
            write_decisions(connection, [decision])

    def decisions(self, about: str) -> list[Decision]:
        """The ledger's lines about something, oldest first."""
        query = select(decisions).where(decisions.c.about == about).order_by(decisions.c.id)
        with self._database.reading() as connection:
            return [
                Decision(at=row.at, by=row.by, what=row.what, about=row.about, note=row.note)
                for row in connection.execute(query)
            ]

    def attempts(self, key: Key) -> list[Attempt]:
        """The requests made for a delivery, oldest first."""
        query = select(attempts).where(attempts.c.key == key).order_by(attempts.c.number)
        with self._database.reading() as connection:
            return [_to_attempt(row) for row in connection.execute(query)]


def read_account(connection: Connection, label: str) -> Account:
    """One account. NotFoundError where it was never enrolled."""
    found = _find_account(connection, label)
    if found is None:
        raise rules.unknown_account(label)
    return found


def read_accounts(connection: Connection) -> list[Account]:
    """All accounts ever enrolled."""
    return [_to_account(row) for row in connection.execute(select(accounts))]


def check_enrolled(connection: Connection, labels: Collection[str]) -> None:
    """NotFoundError where one of these accounts was never enrolled."""
    known = set(connection.scalars(select(accounts.c.label)))
    for label in sorted(set(labels) - known):
        raise rules.unknown_account(label)


def meet_posts(connection: Connection, met: Sequence[PostId], now: datetime) -> None:
    """Remember posts that were never seen before."""
    known = _known(connection, met)
    new = [{"id": post, "first_seen_at": now} for post in dict.fromkeys(met) if post not in known]
    if new:
        connection.execute(insert(posts), new)


def _known(connection: Connection, met: Sequence[PostId]) -> dict[PostId, Known]:
    found = {}
    for some in chunks(met):
        for row in connection.execute(select(posts).where(posts.c.id.in_(some))):
            found[PostId(row.id)] = Known(
                id=PostId(row.id), first_seen_at=row.first_seen_at, slot_at=row.slot_at
            )
    return found


def _find_account(connection: Connection, label: str) -> Account | None:
    row = connection.execute(_ONE_ACCOUNT, {"of": label}).first()
    return None if row is None else _to_account(row)


def _new_account(connection: Connection, label: str, platform: PlatformName, now: datetime) -> Account:
    values = {"label": label, "platform": platform.value, "enrolled_at": now, "handle": "", "url": ""}
    connection.execute(insert(accounts).values(pause_blocked=0, **values))
    return Account(label=label, platform=platform, enrolled_at=now)


def _to_account(row: AnyRow) -> Account:
    pause = None
    if row.pause_at is not None:
        pause = Pause(
            reason=row.pause_reason, by=row.pause_by, at=row.pause_at, blocked=bool(row.pause_blocked)
        )
    return Account(
        label=row.label,
        platform=PlatformName(row.platform),
        enrolled_at=row.enrolled_at,
        own_id=row.own_id,
        handle=row.handle,
        url=row.url,
        length=row.length,
        link_length=row.link_length,
        pause=pause,
        busy_until=row.busy_until,
    )


def _to_attempt(row: AnyRow) -> Attempt:
    return Attempt(
        key=Key(row.key),
        started_at=row.started_at,
        ended_at=row.ended_at,
        outcome=row.outcome,
        note=row.note,
    )


def _is_started(connection: Connection) -> bool:
    return connection.scalar(select(switches.c.at).where(switches.c.name == "started")) is not None


def put_back(connection: Connection, since: datetime, by: str, now: datetime) -> None:
    """Write down that this is a backup; the earliest time since when something may be missing stays."""
    known = _restored(connection)
    if known is None or since < known:
        switch_on(connection, "restored", by, since, "")
    if connection.scalar(select(findings.c.id).limit(1)) is not None:
        # Who was found free since is called jailed again by what this copy knows.
        switch_on(connection, rules.PEOPLE, by, now, rules.RECHECK_PEOPLE)
    write_decisions(connection, [rules.put_back(since, by, now)])


def _restored(connection: Connection) -> datetime | None:
    at: datetime | None = connection.scalar(select(switches.c.at).where(switches.c.name == "restored"))
    return at


def switch_on(connection: Connection, name: str, by: str, at: datetime, reason: str) -> None:
    """Turn a switch on, or give one that is on another reason."""
    connection.execute(delete(switches).where(switches.c.name == name))
    connection.execute(insert(switches).values(name=name, at=at, by=by, reason=reason))
