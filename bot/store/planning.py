"""Owing renditions: what the queue says becomes rows, and what it no longer says is cancelled."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from bot.domain.delivery import Delivery, State
from bot.domain.post import PostId
from bot.ports import Plan, Planned
from bot.store import replan
from bot.store.base import Base
from bot.store.rows import deliveries, delivery_values, new_delivery_values, to_delivery
from bot.store.tables import delivery, rendition

AT_ONCE = 200  # posts in one transaction: others get their turn in between

Identity = tuple[str, str, str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Owed:
    """A rendition that is in the table."""

    id: int
    digest: str
    absent: bool


class Planning(Base):
    """The planning part of the store; ports.Outbox is its contract."""

    def plan(self, planned: Iterable[Planned], posts: Collection[PostId], now: datetime) -> Plan:
        """Owe renditions, change those that changed, cancel those that are no longer among them."""
        by_post: dict[PostId, list[Planned]] = defaultdict(list)
        for one in planned:
            by_post[one.post].append(one)
        count: Counter[str] = Counter()
        too_late: list[PostId] = []
        names = list({*posts, *by_post})
        for start in range(0, len(names), AT_ONCE):
            some = {name: by_post.get(name, []) for name in names[start : start + AT_ONCE]}
            self._plan_some(some, frozenset(posts), now, count, too_late)
        return Plan(
            added=count["added"],
            changed=count["changed"],
            unchanged=count["unchanged"],
            cancelled=count["cancelled"],
            too_late=tuple(dict.fromkeys(too_late)),
        )

    def _plan_some(
        self,
        by_post: Mapping[PostId, Sequence[Planned]],
        complete: Collection[PostId],
        now: datetime,
        count: Counter[str],
        too_late: list[PostId],
    ) -> None:
        with self._read() as db:
            owed = _owed(db, by_post)
            ahead = _still_ahead(db, [name for name in by_post if name in complete], now)
        wanted = {_identity(one): one for several in by_post.values() for one in several}
        new = [one for identity, one in wanted.items() if identity not in owed]
        differ = [
            (owed[identity], one)
            for identity, one in wanted.items()
            if identity in owed and (owed[identity].digest != one.digest or owed[identity].absent)
        ]
        gone = [one.id for identity, one in owed.items() if one.id in ahead and identity not in wanted]
        count["unchanged"] += len(wanted) - len(new) - len(differ)
        if not (new or differ or gone):
            return
        with self._write() as db:
            count["added"] += _insert(db, new)
            for old, one in differ:
                count["changed"] += _change(db, old, one, now, too_late)
            count["cancelled"] += _cancel(db, gone)

    def cancel_absent(self, posts: Collection[PostId], now: datetime) -> int:
        """Cancel what has not begun of every post that is not among these."""
        there = (
            select(rendition.c.id, rendition.c.post)
            .join(delivery, delivery.c.rendition == rendition.c.id)
            .where(delivery.c.state == State.SCHEDULED, delivery.c.part == 1)
        )
        with self._read() as db:
            gone = [row.id for row in db.execute(there) if row.post not in posts]
        if not gone:
            return 0
        with self._write() as db:
            return _cancel(db, gone)


def _still_ahead(db: Connection, posts: Collection[PostId], now: datetime) -> frozenset[int]:
    """Renditions of these posts whose hour is still to come."""
    query = (
        select(delivery.c.rendition)
        .join(rendition, rendition.c.id == delivery.c.rendition)
        .where(rendition.c.post.in_(list(posts)))
        .where(delivery.c.part == 1, delivery.c.state == State.SCHEDULED, delivery.c.planned_at > now)
    )
    return frozenset(db.execute(query).scalars())


def _identity(one: Any) -> Identity:
    return (str(one.post), one.account, str(one.kind), one.occurrence, str(one.language))


def _owed(db: Connection, posts: Collection[PostId]) -> dict[Identity, _Owed]:
    query = select(
        rendition.c.id,
        rendition.c.post,
        rendition.c.account,
        rendition.c.kind,
        rendition.c.occurrence,
        rendition.c.language,
        rendition.c.digest,
        rendition.c.absent,
    ).where(rendition.c.post.in_(list(posts)))
    return {
        _identity(row): _Owed(id=row.id, digest=row.digest, absent=bool(row.absent))
        for row in db.execute(query)
    }


def _insert(db: Connection, new: Sequence[Planned]) -> int:
    if not new:
        return 0
    rows = [
        {
            "account": one.account,
            "kind": str(one.kind),
            "post": one.post,
            "occurrence": one.occurrence,
            "language": one.language,
            "parts": len(one.texts),
            **_shared(one),
        }
        for one in new
    ]
    returning = insert(rendition).returning(rendition.c.id, sort_by_parameter_order=True)
    ids = db.execute(returning, rows).scalars().all()
    db.execute(
        insert(delivery),
        [
            new_delivery_values(owed, number)
            for number, one in zip(ids, new, strict=True)
            for owed in replan.fresh(one)
        ],
    )
    return len(new)


def _shared(one: Planned) -> dict[str, object]:
    return {
        "priority": one.priority,
        "held": one.held,
        "part_gap": one.part_gap,
        "digest": one.digest,
        "absent": 0,
    }


def _change(db: Connection, owed: _Owed, one: Planned, now: datetime, too_late: list[PostId]) -> int:
    old = _deliveries(db, owed.id)
    result: Sequence[Delivery] = old
    if owed.digest != one.digest:
        change = replan.changed(old, one)
        result = change.deliveries
        if change.too_late:
            too_late.append(one.post)
    if owed.absent:
        result = replan.returned(result, now) or result
    _replace(db, owed.id, old, result)
    db.execute(update(rendition).where(rendition.c.id == owed.id).values(parts=len(result), **_shared(one)))
    return int(list(result) != old)


def _deliveries(db: Connection, rendition_id: int) -> list[Delivery]:
    query = deliveries.where(delivery.c.rendition == rendition_id).order_by(delivery.c.part)
    return [to_delivery(row) for row in db.execute(query)]


def _replace(db: Connection, rendition_id: int, old: Sequence[Delivery], new: Sequence[Delivery]) -> None:
    """Write the deliveries of a rendition that is at rest anew."""
    for before, after in zip(old, new, strict=False):
        if _changed(before, after):
            written = (
                update(delivery)
                .where(delivery.c.key == before.key, delivery.c.state == str(before.state))
                .values(**delivery_values(after))
            )
            db.execute(written)
    for surplus in old[len(new) :]:
        db.execute(delete(delivery).where(delivery.c.key == surplus.key))
    fresh = [new_delivery_values(one, rendition_id) for one in new[len(old) :]]
    if fresh:
        db.execute(insert(delivery), fresh)


def _changed(before: Delivery, after: Delivery) -> bool:
    return replace(before, parts=after.parts, held=after.held) != after


def _cancel(db: Connection, ids: Iterable[int]) -> int:
    """Cancel renditions of which nothing has left; counts deliveries."""
    cancelled = 0
    for rendition_id in ids:
        old = _deliveries(db, rendition_id)
        new = replan.absent(old)
        changes = sum(before.state is not after.state for before, after in zip(old, new, strict=True))
        if changes:
            _replace(db, rendition_id, old, new)
            gone = update(rendition).where(rendition.c.id == rendition_id).values(absent=1)
            db.execute(gone)
        cancelled += changes
    return cancelled
