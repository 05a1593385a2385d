"""The queue's way into the outbox: what has changed is planned at once, the rest where it may have moved.

Planning all posts of a large queue takes minutes. It is done in small batches, those next to be published
first, so that a post that is added meanwhile need not wait for the others.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from threading import Lock

from bot.app import App
from bot.daemon.lane import EARLIEST
from bot.domain.account import Voice
from bot.domain.calendar import Fixed, NextSlot
from bot.domain.case import Finding
from bot.domain.delivery import State
from bot.domain.draft import Approvals, lifted
from bot.domain.errors import StoreError
from bot.domain.post import Post, PostId
from bot.domain.problem import Problem, Severity
from bot.files.queue import Queue
from bot.flows.missing import settle_missing
from bot.flows.plan import fixed_hours, movable, plan

log = logging.getLogger(__name__)

HELD_FOR = timedelta(days=40)  # longer than any post is still useful
PLAN_AGAIN = timedelta(hours=1)  # recurrences reach a little further each time
BATCH = 100  # posts planned in one transaction
TWICE = "its id stands twice in the queue: see `check`"
GONE = "its post is gone from the queue, of which not every file could be read yet"
PATIENCE = 0.7  # seconds after which the next look has its turn, however much is still to be planned


@dataclass(slots=True)
class _Done:
    """What was changed in the outbox at one look, in deliveries."""

    added: int = 0
    changed: int = 0
    cancelled: int = 0


class Intake:
    """Takes the queue into the outbox. Only `plan_all` and `plan_again` may be called from other threads."""

    def __init__(self, app: App, report: Callable[[Sequence[Problem]], None] | None = None) -> None:
        self._app = app
        self._store = app.store
        self._report = report or _report
        self.drafts: Sequence[Post] = ()  # what waits for approval, or has done so
        self._file_errors = 0
        self._plan_errors: dict[PostId, int] = {}
        self._posts: Mapping[PostId, Post] = {}
        self._standing: AbstractSet[PostId] = frozenset()  # posts that are there
        self._unsettled = False  # whether what is gone is still to be taken back
        self._complete = False
        self._to_hold: dict[PostId, str] = {}  # and why, until the store has held it
        self._withheld: set[PostId] = set()  # what was held so
        self._perhaps_owed: set[PostId] | None = None  # None: the store may hold what we know nothing of
        self._unmet: set[PostId] = set()
        self._wanted: dict[PostId, None] = {}  # to be planned at once, in the order of the queue
        self._rest: dict[PostId, None] = {}  # to be planned when there is nothing else to do
        self._all = True  # whether all posts are to be planned
        self._due = EARLIEST
        self._situation: object = None  # what all posts were last planned for
        self._findings: Sequence[Finding] | None = None  # of the files, until the store knows them
        self._mark: str | None = None  # of what the store knows of people and drafts, when last asked
        self._approvals: Approvals = {}
        self._asking = Lock()

    @property
    def errors(self) -> int:
        """How many things are wrong with the posts, in the files and in planning them."""
        return self._file_errors + sum(self._plan_errors.values())

    @property
    def in_line(self) -> bool:
        """Whether what is owed was compared with all that the queue says now."""
        return self._planned_all and self._app.watch.resting is not None

    @property
    def _planned_all(self) -> bool:
        waits = self._all or self._wanted or self._rest or self._unsettled
        return not waits and self._findings is None and not self._to_hold

    def plan_all(self) -> None:
        """Plan every post again, in its turn: something has changed that may concern all."""
        self._all = True

    def plan_again(self, posts: Iterable[PostId] = ()) -> None:
        """Plan these posts at once, and look at once whether others have to be."""
        with self._asking:
            self._wanted.update(dict.fromkeys(posts))
        self._due = EARLIEST

    def look(self, now: datetime, *, sure: bool) -> bool:
        """Take what has changed in the files; plan what has to be, if we are `sure` what time it is.

        Whether anything was planned.
        """
        queue = self._app.watch.look(self._app.clock.monotonic(), now)
        if queue is not None:
            self._take(queue)
        self._prepare(now)
        return sure and self._plan(now)

    def take_whole(self, queue: Queue, now: datetime, *, sure: bool) -> None:
        """Take a queue that was just read, and plan all of it, if we are `sure` what time it is."""
        self._take(replace(queue, changed=queue.twice | {post.id for post in queue.posts}))
        self._prepare(now)
        while sure and (self._all or self._wanted or self._rest):
            self._plan(now)

    def _prepare(self, now: datetime) -> None:
        self._learn(now)
        self._hold()
        self._meet(now)

    def _take(self, queue: Queue) -> None:
        self._posts = {post.id: post for post in queue.posts}
        self.drafts = [post for post in queue.posts if post.draft or post.unread]
        self._findings = queue.findings
        self._standing, self._complete, self._unsettled = queue.standing, queue.complete, True
        self._to_hold.update(dict.fromkeys(queue.twice & queue.changed, TWICE))
        if not queue.complete:
            self._to_hold.update(dict.fromkeys(queue.gone, GONE))
        self._to_hold = {name: why for name, why in self._to_hold.items() if name not in self._posts}
        self._plan_errors = {name: n for name, n in self._plan_errors.items() if name in self._posts}
        self._unmet |= queue.changed
        with self._asking:
            self._wanted.update((name, None) for name in self._posts if name in queue.changed)
        self._file_errors = sum(one.severity is Severity.ERROR for one in queue.problems)
        self._report(queue.problems)

    def _hold(self) -> None:
        """Hold what must not go out as it was planned; planning its post again lifts it."""
        for why in set(self._to_hold.values()):
            names = [name for name, reason in self._to_hold.items() if reason == why]
            self._store.hold_missing(names, why)
            self._withheld.update(names)
        self._to_hold = {}

    def _learn(self, now: datetime) -> None:
        """Tell the store what the files say of people; plan again what anything new concerns."""
        if self._findings is not None:
            if self._store.know(self._findings, now):
                self._mark = None
            self._findings = None
        mark = self._store.mark()
        if mark == self._mark:
            return
        self._mark, self._approvals = mark, self._store.approvals()
        concerned = [post for post in self._posts.values() if post.reliance or post.draft or post.unread]
        self._unmet.update(post.id for post in concerned)
        self.plan_again(post.id for post in concerned)

    def _live(self) -> list[Post]:
        """The posts that are no drafts, or were lifted."""
        return lifted(list(self._posts.values()), self._approvals)

    def _meet(self, now: datetime) -> None:
        """What falls due before a platform first answers was not late when it was written."""
        posts = [self._posts[name] for name in self._unmet if name in self._posts]
        if live := lifted(posts, self._approvals):
            self._store.meet([post.id for post in live], now)
        self._unmet.clear()

    def _plan(self, now: datetime) -> bool:
        voices = self._arranged(now)
        until = self._app.clock.monotonic() + PATIENCE
        done, planned = _Done(), False
        while batch := self._batch():
            try:
                self._plan_some(batch, voices, now, done)
            except StoreError:
                self.plan_again(batch)
                raise
            planned = True
            if self._app.clock.monotonic() > until:
                break
        planned |= self._settle(now, done)
        if done != _Done():
            log.info(
                "queue: %s posts; deliveries: %s new, %s changed, %s cancelled",
                len(self._posts),
                done.added,
                done.changed,
                done.cancelled,
            )
        return planned

    def _arranged(self, now: datetime) -> Sequence[Voice]:
        """Decide what is to be planned besides what has changed; the voices to plan it for."""
        due = now >= self._due and not self._rest
        if not (due or self._all or self._wanted or self._rest):
            return ()
        voices = self._app.voices()
        situation = self._situation_of(voices)
        if self._all or situation != self._situation:
            self._all = False
            with self._asking:
                self._wanted.clear()  # all of them are among the rest
            self._rest = dict.fromkeys(
                sorted(self._posts, key=lambda name: _nearness(self._posts[name], now))
            )
            self._situation, self._due = situation, now + PLAN_AGAIN
        elif due:
            self._rest = {post.id: None for post in movable(self._live(), self._store, now)}
            self._rest.update(dict.fromkeys(self._overdue(now)))
            self._due = now + PLAN_AGAIN
        return voices

    def _overdue(self, now: datetime) -> Iterator[PostId]:
        """The posts that are held past their hour: a new month may have room for them."""
        due = self._store.deliveries(since=now - HELD_FOR, until=now, states={State.SCHEDULED})
        return (one.post for one in due if one.held and one.post in self._posts)

    def _situation_of(self, voices: Sequence[Voice]) -> object:
        named = [(account.label, account.own_id) for account in self._store.accounts()]
        return voices, named, self._app.planner

    def _batch(self) -> Sequence[PostId]:
        with self._asking:
            batch = list(islice(self._wanted or self._rest, BATCH))
            for name in batch:
                self._wanted.pop(name, None)
                self._rest.pop(name, None)
        return batch

    def _plan_some(
        self, batch: Sequence[PostId], voices: Sequence[Voice], now: datetime, done: _Done
    ) -> None:
        posts = [self._posts[name] for name in batch if name in self._posts]
        slotted = any(isinstance(post.when, NextSlot) for post in posts)
        fixed = fixed_hours(self._live()) if slotted else frozenset()
        if self._perhaps_owed is not None:
            self._perhaps_owed.update(batch)
        planning = plan(posts, voices, self._store, self._app.planner, now, fixed=fixed)
        self._report(planning.problems)
        for name in batch:
            self._plan_errors.pop(name, None)
        for one in planning.problems:
            if one.severity is Severity.ERROR and one.post is not None:
                self._plan_errors[PostId(one.post)] = self._plan_errors.get(PostId(one.post), 0) + 1
        done.added += planning.plan.added
        done.changed += planning.plan.changed
        done.cancelled += planning.plan.cancelled

    def _settle(self, now: datetime, done: _Done) -> bool:
        """Take back what is owed of posts that are gone; the store is only asked where any can be."""
        if not self._unsettled:
            return False
        standing = self._standing | {post.id for post in self._live()}
        if not self._complete:
            self._unsettled = not self._hold_unseen(standing)
            return False
        if gone := self._perhaps_owed is None or bool(self._perhaps_owed - standing):
            missing = settle_missing(self._store, standing, now, self._withheld)
            self._withheld &= standing
            self._perhaps_owed = set(standing)
            done.cancelled += missing.cancelled
            if missing.held:
                log.error(
                    "queue: %s posts are gone at once: what is owed of them is held; put them back, or say "
                    "`cancel --missing`",
                    len(missing.held),
                )
        self._unsettled = False
        return gone

    def _hold_unseen(self, standing: AbstractSet[PostId]) -> bool:
        """Hold what went from the queue while we were off, though a file rests before it is taken.

        Whether that is done: not before every file was read.
        """
        if self._perhaps_owed is not None:
            return True
        resting = self._app.watch.resting
        if resting is None:
            return False
        unseen = self._store.waiting_posts() - standing - resting - self._store.missing_posts()
        self._to_hold.update(dict.fromkeys(unseen, GONE))
        self._hold()
        return True


def _nearness(post: Post, now: datetime) -> timedelta:
    """How far its hour is; what comes round or takes the next slot may be due at any time."""
    return abs(post.when.at - now) if isinstance(post.when, Fixed) else timedelta()


def _report(problems: Sequence[Problem]) -> None:
    levels = {Severity.ERROR: logging.ERROR, Severity.WARNING: logging.WARNING, Severity.NOTICE: logging.INFO}
    for problem in problems:
        log.log(levels[problem.severity], "queue: %s: %s", problem.place, problem.message)
