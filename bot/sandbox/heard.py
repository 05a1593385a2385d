"""What Mastodon and Bluesky keep for us of what others say."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from bot.sandbox.record import Accepted
from bot.sandbox.server import Request

LARGEST_PAGE, USUAL_PAGE = 80, 40
LARGEST_WALK, USUAL_WALK = 100, 50
FIRST_NUMBER = 700_000_000  # so that a notification is never taken for a status


def mentions(everything: Sequence[Accepted], request: Request, handle: str) -> list[Accepted]:
    """One page of those who name us, the newest first.

    As the server comes, what strangers say to us alone is filtered: it is shown only to who asks for it.
    """
    asked = request.query
    filtered = asked.get("include_filtered") != "true"
    found = [
        post
        for post in everything
        if not post.ours and not post.deleted and handle in post.text
        if not (filtered and post.said.fields.get("visibility") == "direct")
    ]
    limit = min(int(asked.get("limit", USUAL_PAGE)), LARGEST_PAGE)
    if "max_id" in asked:
        found = [post for post in found if number(post) < int(asked["max_id"])]
    if "since_id" in asked:
        found = [post for post in found if number(post) > int(asked["since_id"])]
    if "min_id" in asked:  # the page right after; since_id gives the newest above
        found = [post for post in found if number(post) > int(asked["min_id"])][:limit]
    return found[-limit:][::-1]


def number(post: Accepted) -> int:
    """The notification's own number, in the order of arrival, whatever a message says of its date."""
    return FIRST_NUMBER + post.seq


def notification(post: Accepted, status: dict[str, Any]) -> Any:
    """A mention as the server gives it."""
    return post.said.twist(
        {
            "id": str(number(post)),
            "type": "mention",
            "created_at": post.arrived_at.astimezone(UTC).isoformat() if post.arrived_at else None,
            "account": status["account"],
            "status": status,
        }
    )


def walked_down(
    everything: Sequence[Accepted],
    request: Request,
    reason_of: Callable[[Accepted], str],
    viewed: Callable[[Accepted], dict[str, Any]],
    visible_until: datetime,
) -> dict[str, Any]:
    """A page on Bluesky, in the order of their own dates: what is backdated stands among the old.

    Its cursor is the bare time of the last one, which passes over others of that time.
    """
    reasons, cursor = request.lists.get("reasons"), request.query.get("cursor")
    found = []
    for post in sorted(everything, key=lambda post: post.created_at, reverse=True):
        at, reason = post.created_at, reason_of(post)
        below = not cursor or written(at) < cursor
        if reason and at <= visible_until and below and (not reasons or reason in reasons):
            found.append((post, reason))
    limit = min(int(request.query.get("limit", USUAL_WALK)), LARGEST_WALK)
    page = [
        post.said.twist({**viewed(post), "reason": reason, "isRead": False}) for post, reason in found[:limit]
    ]
    more = {"cursor": written(found[limit - 1][0].created_at)} if len(found) > limit else {}
    return {"notifications": page, **more}


def written(at: datetime) -> str:
    """A time as Bluesky writes it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
