"""What becomes of deliveries whose posts have left the queue: cancelled, or held where many went at once."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from bot.domain.post import PostId
from bot.ports import Store

MOST_AT_ONCE = 5  # posts
LARGEST_SHARE = 5  # a fifth of those that wait


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """What was done about it: how many deliveries were cancelled, and the posts newly held."""

    cancelled: int = 0
    held: tuple[PostId, ...] = ()


def too_many(gone: int, waiting: int, standing: int) -> bool:
    """Whether so many posts are gone at once that it looks like an accident: a folder that was emptied."""
    if not standing:
        return gone > 0
    return gone > MOST_AT_ONCE or (gone > 1 and gone * LARGEST_SHARE > waiting)


def settle_missing(
    store: Store,
    standing: AbstractSet[PostId],
    now: datetime,
    held: AbstractSet[PostId] = frozenset(),
) -> Missing:
    """Cancel what is scheduled of posts that the queue no longer has, or hold it until a person confirms.

    `standing` are the posts that are there, with errors or without. What is held never goes out by itself,
    and is owed again when its post comes back. `held` are those that were held only until the whole queue
    could be read.
    """
    waiting, missing = store.waiting_posts(), store.missing_posts() - held
    gone = waiting - standing - missing
    if not gone:
        return Missing()
    if not too_many(len(gone), len(waiting - missing), len(standing)):
        return Missing(cancelled=store.cancel_posts(gone, now))
    reason = f"its post is gone from the queue, with {len(gone) - 1} others"
    if len(gone) == 1:
        reason = "its post is gone from the queue, which is empty now"
    store.hold_missing(gone, reason)
    return Missing(held=tuple(sorted(gone)))


def confirm_missing(store: Store, now: datetime) -> int:
    """Cancel what is held because its post is gone: a person says that this was meant. Counts deliveries."""
    return store.cancel_posts(store.missing_posts(), now)
