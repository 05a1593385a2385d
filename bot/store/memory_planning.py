"""Planning in plain dicts."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from bot.domain.delivery import Delivery, DeliveryKind, State
from bot.domain.post import PostId
from bot.ports.records import NOT_EARLIER, Plan, Planned, Since
from bot.store import replan, rules
from bot.store.memory_register import MemoryRegister
from bot.store.replan import Owing
from bot.store.shelf import Rendition


class MemoryPlanning(MemoryRegister):
    """The part of the outbox that the queue fills."""

    def plan(
        self,
        planned: Iterable[Planned],
        posts: Collection[PostId],
        now: datetime,
        since: Since = NOT_EARLIER,
    ) -> Plan:
        """Owe renditions: add, replace, leave alone, cancel."""
        with self._memory.lock:
            wanted = {replan.identity_of(one): one for one in planned}
            for one in wanted.values():
                self.account(one.account)
            cancelled = self._cancel_surplus(wanted, posts, now, since)
            count: Counter[str] = Counter()
            too_late = [
                one.post
                for identity, one in wanted.items()
                if self._plan_one(self._memory.renditions.get(identity), one, now, count)
            ]
            return Plan(
                added=count["added"],
                changed=count["changed"],
                unchanged=count["unchanged"],
                too_late=tuple(dict.fromkeys(too_late)),
                cancelled=cancelled,
            )

    def cancel_posts(self, posts: Collection[PostId], now: datetime) -> int:
        """Cancel what is scheduled of posts that the queue no longer has; hold the rest of begun threads."""
        with self._memory.lock:
            gone = [one for identity, one in self._posts() if identity[0] in posts]
            for rendition in gone:
                if replan.begun(self._memory.shelf.parts(rendition)):
                    self._hold_back(rendition, replan.REST_OF_THREAD)
            return sum(self._cancel(rendition, now, later_than=None) for rendition in gone)

    def waiting_posts(self) -> frozenset[PostId]:
        """Posts of which something is scheduled."""
        with self._memory.lock:
            return frozenset(PostId(identity[0]) for identity, one in self._posts() if self._waiting(one))

    def hold_missing(self, posts: Collection[PostId], reason: str) -> int:
        """Hold what is scheduled of posts that the queue no longer has."""
        with self._memory.lock:
            return sum(
                self._hold_back(one, reason) for identity, one in self._posts() if identity[0] in posts
            )

    def missing_posts(self) -> frozenset[PostId]:
        """Posts that are held because the queue no longer has them."""
        with self._memory.lock:
            return frozenset(
                PostId(identity[0]) for identity, one in self._posts() if one.absent and self._waiting(one)
            )

    def _posts(self) -> list[tuple[Owing, Rendition]]:
        """Every rendition of a post; withdrawals are none of the queue's business."""
        found = self._memory.renditions.items()
        return [(identity, one) for identity, one in found if identity[-1] == DeliveryKind.POST.value]

    def _cancellable(self, rendition: Rendition) -> list[Delivery]:
        """What is scheduled of a rendition that has not begun."""
        return [] if replan.begun(self._memory.shelf.parts(rendition)) else self._waiting(rendition)

    def _waiting(self, rendition: Rendition) -> list[Delivery]:
        return [part for part in self._memory.shelf.parts(rendition) if part.state is State.SCHEDULED]

    def _hold_back(self, rendition: Rendition, reason: str) -> int:
        """Hold what is scheduled of a rendition until it is planned again; counts deliveries."""
        waiting = self._waiting(rendition)
        for part in waiting:
            self._memory.shelf.put(replace(part, held=reason))
            rendition.absent = True
        return len(waiting)

    def _plan_one(
        self, rendition: Rendition | None, planned: Planned, now: datetime, count: Counter[str]
    ) -> bool:
        """Plan one rendition; whether it came too late for something of it."""
        if rendition is None:
            count["added"] += self._owe(planned, now)
            return False
        shelf = self._memory.shelf
        if planned.digest == rendition.digest and not rendition.absent:
            count["unchanged"] += len(planned.keys)
            return False
        owed = replan.Owed(digest=rendition.digest, absent=rendition.absent, parts=shelf.parts(rendition))
        after = replan.replan(planned, owed, now)
        differing = replan.differing(owed, after)
        for surplus in owed.parts[len(after.parts) :]:
            shelf.remove(surplus.key)
        for part in differing:
            if part.part > len(owed.parts):
                shelf.add(part, rendition)
            else:
                shelf.put(part)
        rendition.priority, rendition.part_gap = planned.priority, planned.part_gap
        rendition.digest, rendition.absent = planned.digest, False
        count["changed"] += len(differing)
        count["unchanged"] += len(after.parts) - len(differing)
        return after.too_late

    def _owe(self, planned: Planned, now: datetime) -> int:
        self.meet([planned.post], now)
        rendition = Rendition(
            number=len(self._memory.renditions),
            priority=planned.priority,
            part_gap=planned.part_gap,
            digest=planned.digest,
        )
        self._memory.renditions[replan.identity_of(planned)] = rendition
        self._memory.of_post.setdefault(planned.post, {})[replan.identity_of(planned)] = rendition
        for part in replan.newly(planned):
            self._memory.shelf.add(part, rendition)
        return len(planned.texts)

    def _cancel_surplus(
        self, wanted: Mapping[Owing, Planned], posts: Collection[PostId], now: datetime, since: Since
    ) -> int:
        return sum(
            self._cancel(rendition, now, later_than=since.get((post, identity[1]), now))
            for post in dict.fromkeys(posts)
            for identity, rendition in self._memory.of_post.get(post, {}).items()
            if identity not in wanted and identity[-1] == DeliveryKind.POST.value
        )

    def _cancel(self, rendition: Rendition, now: datetime, later_than: datetime | None) -> int:
        """Cancel what is scheduled of a rendition that has not begun; counts deliveries."""
        gone = [
            part
            for part in self._cancellable(rendition)
            if later_than is None or part.planned_at > later_than
        ]
        for part in gone:
            self._memory.shelf.put(rules.cancelled(part))
            self.decide(rules.cancellation(part, now))
            rendition.absent = True
        return len(gone)
