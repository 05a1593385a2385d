"""What check warns of although it stops nothing, with the line each warning is about."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from bot.domain.account import Voice
from bot.domain.delivery import Delivery, DeliveryKind, State
from bot.domain.post import Post
from bot.domain.problem import Problem, Severity
from bot.domain.rendition import languages_for
from bot.files.places import Places
from bot.flows.likeness import APART
from bot.flows.lint import lint
from bot.ports import Store


def hints(
    posts: Sequence[Post],
    voices: Sequence[Voice],
    deliveries: Sequence[Delivery],
    store: Store | None,
    now: datetime,
) -> list[Problem]:
    """Warnings about posts and what they come to, as they stand in their files."""
    sent = store.deliveries(since=now - APART, until=now, states={State.SENT}) if store else []
    gone = [one for one in sent if one.kind is DeliveryKind.POST]
    places = Places()
    found = [
        Problem(
            place=places.of(hint.post.source, hint.word),
            message=f"{hint.post.id}: {hint.message}",
            fix=hint.fix,
            severity=Severity.WARNING,
            post=hint.post.id,
        )
        for hint in lint(posts, voices, [*gone, *deliveries], now)
    ]
    found += _nowhere(posts, voices, places)
    return sorted(found, key=lambda problem: (problem.place.file, problem.place.line, problem.place.column))


def _nowhere(posts: Sequence[Post], voices: Sequence[Voice], places: Places) -> Iterator[Problem]:
    """Posts of which nothing goes out, whoever approves them."""
    for post in posts:
        meant = [voice for voice in voices if post.goes_to(voice.label, voice.platform)]
        if any(languages_for(post, voice, unread=True) for voice in meant):
            continue
        written = ", ".join(post.words.text)
        said = f"goes nowhere: no account publishes in {written}" if meant else "goes nowhere"
        yield Problem(
            place=places.of(post.source, "text:" if meant else "where:"),
            message=f"{post.id}: {said}",
            fix="write it in a language of an account as well" if meant else "name an account in `where:`",
            severity=Severity.WARNING,
            post=post.id,
        )
