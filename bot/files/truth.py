"""What the posts say, held against the records of people and facts.

Who is named depends on every record, so it is asked of the whole queue; what was answered about a post is
kept until the post or a record changes.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.domain.case import Case, CaseId, FactId
from bot.domain.naming import Names
from bot.domain.post import Post
from bot.domain.problem import Place, Problem, Severity
from bot.domain.slip import Slip
from bot.domain.vocabulary import Vocabulary
from bot.domain.wording import slips
from bot.strictyaml.fields import did_you_mean

if TYPE_CHECKING:
    from bot.files.queue import Queue


MOST_LISTED = 8  # names in a sentence
MEND_FIRST = "what it says must be mended first: see `check`"


class Truth:
    """The vocabulary, and what was found out about each post."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._cases: dict[CaseId, Case] = {}  # all that were ever seen: who has a record must be declared
        self._names = Names(())
        self._found: dict[int, tuple[Post, tuple[Slip, ...]]] = {}

    def checked(self, queue: "Queue") -> "Queue":
        """A queue in which every post is held that must not say what it says, and what is wrong with each."""
        cases = {**self._cases, **{case.id: case for case in queue.cases}}
        if cases != self._cases:
            self._cases, self._names, self._found = cases, Names(cases.values()), {}
        found = {id(post): self._slips(post) for post in queue.posts}
        self._found = found
        facts = {fact.id for fact in queue.facts}
        said: list[Problem] = []
        for post, slipped in found.values():
            problems = [*_unknown_facts(post, facts), *(_problem(post, slip) for slip in slipped)]
            said += _placed(post, problems) if problems else ()
        if not said:
            return queue
        wrong = {one.post for one in said if one.severity is Severity.ERROR}
        problems = sorted(
            (*queue.problems, *said), key=lambda one: (one.place.file, one.place.line, one.place.column)
        )
        return replace(
            queue,
            posts=tuple(_held(post) if post.id in wrong else post for post in queue.posts),
            problems=tuple(problems),
        )

    def _slips(self, post: Post) -> tuple[Post, tuple[Slip, ...]]:
        known = self._found.get(id(post))
        if known is not None and known[0] is post:
            return known
        return post, tuple(slips(post, self._names, self._vocabulary))


def _held(post: Post) -> Post:
    """A post that does not go out as it is, whatever was planned of it before."""
    return replace(post, held=post.held or MEND_FIRST)


def _unknown_facts(post: Post, facts: Iterable[FactId]) -> Iterator[Problem]:
    for fact in post.reliance.facts:
        if fact not in facts:
            fix = _nearest(fact, sorted(facts)) if facts else "write a record of it first"
            yield _of(post, fact, f"there is no fact `{fact}`", fix, Severity.ERROR)


def _nearest(fact: FactId, facts: Sequence[FactId]) -> str:
    if len(facts) <= MOST_LISTED:
        return did_you_mean(fact, facts, "the facts are")
    from difflib import get_close_matches  # the price of an error, not of every start

    near = get_close_matches(fact, facts, n=1, cutoff=0.6)
    listed = (
        f"the facts are {', '.join(facts[:MOST_LISTED])} and {len(facts) - MOST_LISTED} more: see `cases`"
    )
    return f"did you mean `{near[0]}`?" if near else listed


def _problem(post: Post, slip: Slip) -> Problem:
    return _of(post, slip.written, slip.message, slip.fix, slip.severity)


def _of(post: Post, written: str, message: str, fix: str, severity: Severity) -> Problem:
    place = Place(file=post.source.file, line=post.source.line, column=1, excerpt=written)
    return Problem(place=place, message=message, fix=fix, severity=severity, post=post.id)


def _placed(post: Post, problems: Iterable[Problem]) -> Iterator[Problem]:
    """Problems at the words they are about: the file is read again, which only a slip costs."""
    try:
        with open(post.source.file, encoding="utf-8", newline="\n") as file:  # noqa: PTH123  # as it was read
            lines = file.read().split("\n")
    except (OSError, ValueError):
        lines = []  # it has just gone, or changed: the post's first line must do
    for problem in problems:
        yield replace(problem, place=_place(post, problem.place.excerpt, lines))


def _place(post: Post, written: str, lines: list[str]) -> Place:
    """Where words of a post stand in its file; the post's first line where they are broken up there."""
    first = post.source.line - 1
    for number in range(first, len(lines)):
        column = lines[number].find(written) if written else -1
        if column >= 0:
            excerpt = lines[number].strip()[:120]
            return Place(file=post.source.file, line=number + 1, column=column + 1, excerpt=excerpt)
    excerpt = lines[first].strip()[:120] if first < len(lines) else ""
    return Place(file=post.source.file, line=post.source.line, column=1, excerpt=excerpt)
