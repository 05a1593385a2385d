"""Bringing the outbox in line with the queue: compared by reading, decided again under the lock, in bulk."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    select,
    update,
)

from bot.domain.delivery import Delivery, DeliveryKind, Key, State
from bot.domain.post import PostId
from bot.ports.records import NOT_EARLIER, Plan, Planned, Since
from bot.store import replan, rows, rules
from bot.store.base import Base, write_decisions
from bot.store.register import check_enrolled, meet_posts
from bot.store.replan import Owing
from bot.store.rows import BEGUN, READ, AnyRow, chunks, to_delivery
from bot.store.seal import sealed, unsealed
from bot.store.tables import is_in, outbox, renditions
from bot.store.types import Instant

_OF_THE_QUEUE = renditions.c.kind == literal_column(f"'{DeliveryKind.POST.value}'")
_WAITING = READ.where(is_in(State.SCHEDULED), _OF_THE_QUEUE)
_CANCELLABLE = _WAITING.where(~BEGUN)
_REST_OF_THREAD = _WAITING.where(BEGUN)
_RENDITIONS = select(
    renditions.c.id,
    renditions.c.post,
    renditions.c.account,
    renditions.c.occurrence,
    renditions.c.language,
    renditions.c.kind,
    renditions.c.digest,
    renditions.c.absent,
)
_UPDATE = (
    update(renditions)
    .where(renditions.c.id == bindparam("of"))
    .values(
        priority=bindparam("new_priority"),
        part_gap=bindparam("new_part_gap", type_=renditions.c.part_gap.type),
        # Also of an edit that came too late: it is reported once, not at every planning.
        digest=bindparam("new_digest"),
        absent=0,
    )
)


@dataclass(slots=True)
class _Difference:
    """What of a plan is not in the outbox as it should be."""

    unchanged: int = 0
    wanted: dict[Owing, Planned] = field(default_factory=dict)  # new, or another digest
    surplus: dict[datetime, list[int]] = field(default_factory=dict)
    """Renditions that may have to be cancelled, by the hour after which they are."""


class Planning(Base):
    """The part of the outbox that the queue fills."""

    def plan(
        self,
        planned: Iterable[Planned],
        posts: Collection[PostId],
        now: datetime,
        since: Since = NOT_EARLIER,
    ) -> Plan:
        """Owe renditions: add, replace, leave alone, cancel."""
        wanted = {replan.identity_of(one): one for one in planned}
        with self._database.reading() as connection:
            difference = _compare(connection, wanted, posts, now, since)
        if not difference.wanted and not difference.surplus:
            return Plan(unchanged=difference.unchanged)
        with self._database.writing() as connection:
            cancelled = _cancel(connection, _surplus(connection, difference.surplus), now)
            plan = _carry_out(connection, list(difference.wanted.values()), now)
        return Plan(
            added=plan.added,
            changed=plan.changed,
            unchanged=plan.unchanged + difference.unchanged,
            too_late=plan.too_late,
            cancelled=cancelled,
        )

    def cancel_posts(self, posts: Collection[PostId], now: datetime) -> int:
        """Cancel what is scheduled of posts that the queue no longer has; hold the rest of begun threads."""
        with self._database.writing() as connection:
            _hold(connection, _of_posts(connection, _REST_OF_THREAD, posts), replan.REST_OF_THREAD)
            return _cancel(connection, _of_posts(connection, _CANCELLABLE, posts), now)

    def waiting_posts(self) -> frozenset[PostId]:
        """Posts of which something is scheduled."""
        with self._database.reading() as connection:
            return frozenset(_waiting_posts(connection))

    def hold_missing(self, posts: Collection[PostId], reason: str) -> int:
        """Hold what is scheduled of posts that the queue no longer has."""
        with self._database.writing() as connection:
            return _hold(connection, _of_posts(connection, _WAITING, posts), reason)

    def missing_posts(self) -> frozenset[PostId]:
        """Posts that are held because the queue no longer has them."""
        with self._database.reading() as connection:
            return frozenset(_waiting_posts(connection, renditions.c.absent == literal_column("1")))


def _compare(
    connection: Connection,
    wanted: Mapping[Owing, Planned],
    posts: Collection[PostId],
    now: datetime,
    since: Since,
) -> _Difference:
    difference = _Difference(wanted=dict(wanted))
    complete = set(posts)
    surplus: dict[datetime, list[int]] = {}
    for row in _renditions_of(connection, {*complete, *(one.post for one in wanted.values())}):
        one = wanted.get(_identity(row))
        if one is None and row.post in complete and row.kind == DeliveryKind.POST:
            surplus.setdefault(since.get((row.post, row.account), now), []).append(row.id)
        elif one is not None and one.digest == unsealed(row.digest) and not row.absent:
            del difference.wanted[replan.identity_of(one)]
            difference.unchanged += len(one.keys)
    later = {at: [*_scheduled_later(connection, found, at)] for at, found in surplus.items()}
    difference.surplus = {at: found for at, found in later.items() if found}
    return difference


def _identity(row: AnyRow) -> Owing:
    return row.post, row.account, row.occurrence, row.language, row.kind


def _renditions_of(connection: Connection, posts: Collection[str]) -> Iterable[AnyRow]:
    for some in chunks(sorted(posts)):
        yield from connection.execute(_RENDITIONS.where(renditions.c.post.in_(some)))


def _scheduled_later(connection: Connection, found: Sequence[int], at: datetime) -> Iterable[int]:
    later = (
        select(outbox.c.rendition).distinct().where(is_in(State.SCHEDULED), outbox.c.planned_at > at, ~BEGUN)
    )
    for some in chunks(found):
        yield from connection.scalars(later.where(outbox.c.rendition.in_(some)))


def _surplus(connection: Connection, surplus: Mapping[datetime, Sequence[int]]) -> list[Delivery]:
    query = _CANCELLABLE.where(outbox.c.planned_at > bindparam("at", type_=Instant))
    return [
        one
        for at, found in surplus.items()
        for some in chunks(found)
        for one in rows.read(connection, query.where(outbox.c.rendition.in_(some)), {"at": at})
    ]


def _of_posts(connection: Connection, query: rows.Read, posts: Collection[PostId]) -> list[Delivery]:
    return [
        one
        for some in chunks(sorted(posts))
        for one in rows.read(connection, query.where(renditions.c.post.in_(some)))
    ]


def _waiting_posts(connection: Connection, *conditions: ColumnElement[bool]) -> set[PostId]:
    waiting = (
        select(renditions.c.post)
        .distinct()
        .join(outbox, outbox.c.rendition == renditions.c.id)
        .where(is_in(State.SCHEDULED), _OF_THE_QUEUE, *conditions)
    )
    return set(connection.scalars(waiting))


def _cancel(connection: Connection, found: Sequence[Delivery], now: datetime) -> int:
    """Cancel deliveries, and remember that it was for the absence of their post."""
    rows.exchange(connection, [(one, rules.cancelled(one)) for one in found], rows.AT_REST)
    _mark_absent(connection, found)
    write_decisions(connection, [rules.cancellation(one, now) for one in found])
    return len(found)


def _hold(connection: Connection, found: Sequence[Delivery], reason: str) -> int:
    """Hold deliveries until their post is planned again; counts them."""
    rows.exchange(connection, [(one, replace(one, held=reason)) for one in found], rows.AT_REST)
    _mark_absent(connection, found)
    return len(found)


def _mark_absent(connection: Connection, found: Sequence[Delivery]) -> None:
    for some in chunks([one.key for one in found]):
        of = select(outbox.c.rendition).where(outbox.c.key.in_(some))
        connection.execute(update(renditions).where(renditions.c.id.in_(of)).values(absent=1))


def _carry_out(connection: Connection, wanted: Sequence[Planned], now: datetime) -> Plan:
    """Write what is wanted; what is owed already is read again, now that nobody else can change it."""
    check_enrolled(connection, {one.account for one in wanted})
    found = _under_their_keys(wanted, _renditions_of(connection, {one.post for one in wanted}))
    parts = _parts(connection, [row.id for row in found.values()])
    changes = _Changes()
    for one in wanted:
        if row := found.get(one.keys[0]):
            owed = replan.Owed(digest=unsealed(row.digest), absent=bool(row.absent), parts=parts[row.id])
            changes.take(one, row.id, owed, replan.replan(one, owed, now))
    changes.write(connection)
    return Plan(
        added=_insert(connection, [one for one in wanted if one.keys[0] not in found], now),
        changed=changes.changed,
        unchanged=changes.unchanged,
        too_late=tuple(dict.fromkeys(changes.too_late)),
    )


def _under_their_keys(wanted: Sequence[Planned], found: Iterable[AnyRow]) -> dict[Key, AnyRow]:
    """Those of the renditions found that are wanted, under the key of their first part."""
    known = {_identity(row): row for row in found}
    return {one.keys[0]: known[identity] for one in wanted if (identity := replan.identity_of(one)) in known}


def _parts(connection: Connection, found: Sequence[int]) -> dict[int, tuple[Delivery, ...]]:
    query = READ.order_by(outbox.c.rendition, outbox.c.part).with_for_update(of=outbox)
    parts: dict[int, tuple[Delivery, ...]] = {}
    for some in chunks(found):
        for row in connection.execute(query.where(outbox.c.rendition.in_(some))):
            parts[row.rendition] = (*parts.get(row.rendition, ()), to_delivery(row))
    return parts


@dataclass(slots=True)
class _Changes:
    """What is to be written about renditions that are owed already."""

    renditions: list[dict[str, Any]] = field(default_factory=list)
    exchanged: list[tuple[Delivery, Delivery]] = field(default_factory=list)
    added: list[dict[str, Any]] = field(default_factory=list)
    removed: list[Key] = field(default_factory=list)
    too_late: list[PostId] = field(default_factory=list)
    changed: int = 0
    unchanged: int = 0

    def take(self, planned: Planned, rendition: int, owed: replan.Owed, after: replan.Replanned) -> None:
        """Note down what replanning a rendition has come to."""
        before = owed.parts
        differing = replan.differing(owed, after)
        self.changed += len(differing)
        self.unchanged += len(after.parts) - len(differing)
        self.renditions.append(_rendition_row(planned, rendition, [part.text for part in after.parts]))
        self.exchanged += [(before[part.part - 1], part) for part in differing if part.part <= len(before)]
        self.added += [_delivery_row(part, rendition) for part in after.parts[len(before) :]]
        self.removed += [part.key for part in before[len(after.parts) :]]
        if after.too_late:
            self.too_late.append(planned.post)

    def write(self, connection: Connection) -> None:
        """Write it all down."""
        if self.renditions:
            connection.execute(_UPDATE, self.renditions)
        for some in chunks(self.removed):
            connection.execute(delete(outbox).where(outbox.c.key.in_(some)))
        for pairs in chunks(self.exchanged):
            rows.exchange(connection, pairs, rows.AT_REST)
        if self.added:
            connection.execute(insert(outbox), self.added)


def _insert(connection: Connection, fresh: Sequence[Planned], now: datetime) -> int:
    """Owe renditions that were never owed before; counts deliveries."""
    added = 0
    meet_posts(connection, list(dict.fromkeys(one.post for one in fresh)), now)
    for some in chunks(fresh):
        last = connection.scalar(select(func.max(renditions.c.id))) or 0
        connection.execute(insert(renditions), [_new_rendition_row(one) for one in some])
        found = _under_their_keys(some, connection.execute(_RENDITIONS.where(renditions.c.id > last)))
        parts = [_delivery_row(part, found[one.keys[0]].id) for one in some for part in replan.newly(one)]
        connection.execute(insert(outbox), parts)
        added += len(parts)
    return added


def _new_rendition_row(planned: Planned) -> dict[str, Any]:
    return {
        "account": planned.account,
        "kind": planned.kind.value,
        "post": planned.post,
        "occurrence": planned.occurrence,
        "language": planned.language,
        "priority": planned.priority,
        "part_gap": planned.part_gap,
        "digest": sealed(planned.digest, planned.texts),
        "absent": 0,
    }


def _rendition_row(planned: Planned, rendition: int, texts: Sequence[str]) -> dict[str, Any]:
    return {
        "of": rendition,
        "new_priority": planned.priority,
        "new_part_gap": planned.part_gap,
        "new_digest": sealed(planned.digest, texts),
    }


def _delivery_row(part: Delivery, rendition: int) -> dict[str, Any]:
    return {
        **rows.columns(part),
        "key": part.key,
        "rendition": rendition,
        "account": part.account,
        "part": part.part,
        "ready": int(part.part == 1),
    }
