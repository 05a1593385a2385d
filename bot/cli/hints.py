"""What check warns of although it stops nothing, with the line each warning is about."""

from collections.abc import Sequence
from datetime import datetime

from bot.domain.account import Voice
from bot.domain.delivery import Delivery
from bot.domain.post import Post
from bot.domain.problem import Problem, Severity
from bot.files.places import Places
from bot.flows.lint import lint


def hints(
    posts: Sequence[Post], voices: Sequence[Voice], deliveries: Sequence[Delivery], now: datetime
) -> list[Problem]:
    """Warnings about posts, in the order in which they stand in their files."""
    places = Places()
    found = [
        Problem(
            place=places.of(hint.post.source, hint.word),
            message=f"{hint.post.id}: {hint.message}",
            fix=hint.fix,
            severity=Severity.WARNING,
            post=hint.post.id,
        )
        for hint in lint(posts, voices, deliveries, now)
    ]
    return sorted(found, key=lambda problem: (problem.place.file, problem.place.line, problem.place.column))
