"""What Mastodon and Bluesky keep for us of what others say."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import islice
from threading import Lock
from typing import Any

from bot.sandbox.record import Accepted, Record
from bot.sandbox.server import Request

LARGEST_PAGE, USUAL_PAGE = 80, 40
LARGEST_WALK, USUAL_WALK = 100, 50
FIRST_NUMBER = 700_000_000  # so that a notification is never taken for a status


class Index:
    """Posts of one platform in an order, made anew only when one of them has changed."""

    def __init__(
        self,
        record: Record,
        platform: str,
        entry: Callable[[Accepted], tuple[Any, Any] | None],
        shown: Callable[[Any], Any] = lambda order: order,
    ) -> None:
        self._record = record
        self._platform = platform
        self._entry = entry
        self._shown = shown
        self._lock = Lock()
        self._version = -1
        self._found: Found = ([], [])

    def read(self) -> "Found":
        """What they are ordered by, from the lowest and as shown, and the posts with what goes with each.

        Of those that are equal in it, the last to arrive stands first.
        """
        with self._lock:
            if self._version != self._record.version:
                self._version = self._record.version
                self._found = self._made()
            return self._found

    def _made(self) -> "Found":
        posts = reversed(self._record.everything(self._platform))
        entries = [(entry, post) for post in posts if (entry := self._entry(post))]
        entries.sort(key=lambda one: one[0][0])
        return [self._shown(entry[0]) for entry, _ in entries], [(post, entry[1]) for entry, post in entries]


Found = tuple[list[Any], list[tuple[Accepted, Any]]]


def named_index(record: Record, platform: str, handle: str) -> Index:
    """Those who name us, by their notification's number; beside each, whether it is for us alone."""

    def entry(post: Accepted) -> tuple[int, bool] | None:
        if post.ours or post.deleted or handle not in post.text:
            return None
        return number(post), post.said.fields.get("visibility") == "direct"

    return Index(record, platform, entry)


def mentions(index: Index, request: Request) -> list[Accepted]:
    """One page of those who name us, the newest first.

    As the server comes, what strangers say to us alone is filtered: it is shown only to who asks for it.
    """
    asked = request.query
    numbers, named = index.read()
    filtered = asked.get("include_filtered") != "true"
    limit = min(int(asked.get("limit", USUAL_PAGE)), LARGEST_PAGE)
    first, end = 0, len(named)
    if "max_id" in asked:
        end = bisect_left(numbers, int(asked["max_id"]))
    for word in {"since_id", "min_id"} & asked.keys():
        first = max(first, bisect_right(numbers, int(asked[word])))
    # min_id gives the page right after; since_id, and no word at all, the newest above.
    places = range(first, end) if "min_id" in asked else range(end - 1, first - 1, -1)
    shown = (named[place] for place in places)
    page = list(islice((post for post, direct in shown if not (filtered and direct)), limit))
    return page[::-1] if "min_id" in asked else page


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


def dated_index(record: Record, platform: str, reason_of: Callable[[Accepted], str]) -> Index:
    """Those that concern us, by their own dates: what is backdated stands among the old. With the reason."""

    def entry(post: Accepted) -> tuple[datetime, str] | None:
        reason = reason_of(post)
        return (post.created_at, reason) if reason else None

    return Index(record, platform, entry, shown=written)


def walked_down(
    index: Index, request: Request, viewed: Callable[[Accepted], dict[str, Any]], visible_until: datetime
) -> dict[str, Any]:
    """A page on Bluesky, the newest first.

    Its cursor is the bare time of the last one, which passes over others of that time.
    """
    reasons, cursor = request.lists.get("reasons"), request.query.get("cursor")
    times, dated = index.read()
    limit = min(int(request.query.get("limit", USUAL_WALK)), LARGEST_WALK)
    places = range((bisect_left(times, cursor) if cursor else len(times)) - 1, -1, -1)
    below = (dated[place] for place in places)
    wanted = (one for one in below if one[0].created_at <= visible_until)
    found = list(islice((one for one in wanted if not reasons or one[1] in reasons), limit + 1))
    page = [
        post.said.twist({**viewed(post), "reason": reason, "isRead": False}) for post, reason in found[:limit]
    ]
    more = {"cursor": written(found[limit - 1][0].created_at)} if len(found) > limit else {}
    return {"notifications": page, **more}


def written(at: datetime) -> str:
    """A time as Bluesky writes it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
