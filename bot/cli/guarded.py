"""What check and preview say of the guard: whom it knows, and the posts that it holds for what they say."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from bot.cli import show
from bot.cli.setting import meant
from bot.domain.calendar import Fixed
from bot.domain.case import Guard, standings
from bot.domain.delivery import Delivery
from bot.domain.draft import is_approved
from bot.domain.post import Language, Post, PostId
from bot.domain.problem import Place, Problem, Severity
from bot.files.queue import Queue
from bot.files.truth import MEND_FIRST
from bot.flows.plan import problem_of
from bot.ports import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBack:
    """A post that the guard holds. `untrue` where more is wrong than a check that is due."""

    post: PostId
    notice: Problem
    untrue: bool


def held_back(
    posts: Sequence[Post], found: Iterable[Delivery], guard: Guard, zone: str, now: datetime
) -> Iterator[HeldBack]:
    """The posts that are held for what they say, each once: about its first date, or today."""
    by_id = {post.id: post for post in posts if not post.held}
    told: set[PostId] = set()
    for one in found:
        post = by_id.get(one.post)
        if post and one.held and one.post not in told:
            told.add(one.post)
            yield _held(post, one.planned_at, one.held, guard, f"held on {show.local(one.planned_at, zone)}")
    for post in by_id.values():
        objection = guard.objection(post.reliance, now)
        if post.id in told or objection is None or objection.stale or _is_over(post, now):
            continue
        yield _held(post, now, objection.reason, guard, "held")


def _held(post: Post, at: datetime, reason: str, guard: Guard, words: str) -> HeldBack:
    objection = guard.objection(post.reliance, at)
    untrue = objection is not None and objection.subject is not None and not objection.stale
    fix = objection.mend if objection else ""
    notice = problem_of(post, f"{words}: {reason}", fix, Severity.NOTICE)
    return HeldBack(post=post.id, notice=notice, untrue=untrue)


def _is_over(post: Post, now: datetime) -> bool:
    return isinstance(post.when, Fixed) and post.when.at <= now


def without_cases(queue: Queue, folder: Path) -> list[Problem]:
    """That a folder of posts has no records of people: then no post is stopped for whom it names."""
    if not queue.posts or queue.cases or not folder.is_dir():
        return []
    fix = "copy `cases` and `facts` of the program's own `posts` into it: see posts/README.md"
    message = "this queue has no cases/: no name is recognised"
    place = Place(file=os.fspath(folder))
    return [Problem(place=place, message=message, fix=fix, severity=Severity.WARNING)]


def guard_with(queue: Queue, store: Store, age: timedelta, now: datetime) -> Guard:
    """What may be said by what the files say now, read by a daemon or not, and by the ledger."""
    said, kept = {one.subject: one for one in queue.findings}, store.findings()
    both = {one: (said.get(one), kept[one][1] if one in kept else ()) for one in {**said, **kept}}
    return Guard(known=standings(both, age), people_paused=store.people_paused(), now=now)


def in_the_way(post: PostId, queue: Queue, store: Store, guard: Guard, now: datetime) -> str:
    """Why a post of the queue cannot be published now, in a sentence; "" where it may be."""
    found = next((one for one in queue.posts if one.id == post), None)
    if found is None:
        if any(one.post == post and one.severity is Severity.ERROR for one in queue.problems):
            return f"{post} has errors: mend them first, `check` lists them"
        return "" if store.of_post(post) else no_such_post(post, queue)
    if found.held:
        mend = "" if found.held == MEND_FIRST else "; take `held:` out of its file first"
        return f"{post} is held: {found.held}{mend}"
    if objection := guard.objection(found.reliance, now):
        return f"{post} is held: {objection.reason}" + (f"; {objection.mend}" if objection.mend else "")
    if found.draft and not is_approved(found, store.approvals()):
        return f"{post} is a draft: `approve {post} --as NAME` lets it go"
    return ""


def no_such_post(post: str, queue: Queue) -> str:
    """That nothing has this name, and what was meant."""
    return f"there is no post {post} in the queue{meant(post, [one.id for one in queue.posts])}"


def marks(post: Post, store: Store | None) -> list[str]:
    """What is written behind a post's name: whether it is a draft, who approved it, whether it is held."""
    found = []
    if post.draft:
        found.append(f"approved by {name}" if (name := approved_by(post, store)) else "draft")
    return [*found, "held"] if post.held else found


def mark_of(post: Post, language: Language, store: Store | None) -> str:
    """What is written behind one translation of a post, as its file has it."""
    if name := approved_by(post, store, language):
        return f" (read by {name})"
    if language in post.unread or (post.draft and language in post.read_by):
        return " (not read yet: stays here until somebody has read it)"
    return ""


def approved_by(post: Post, store: Store | None, language: Language | None = None) -> str:
    """Who has approved a post, or one translation of it, as it stands; nobody: ""."""
    if store is None or not is_approved(post, store.approvals(), language):
        return ""
    lines = [one for one in store.decisions(post.id) if one.what == "approve"]
    return next((one.by for one in reversed(lines) if one.note == (language or "")), "")
