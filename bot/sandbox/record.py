"""What was accepted and what was asked: the judge's own memory. Nothing of the judged is asked about it."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Condition
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One picture that a platform was given; `data` are its bytes, as anybody could download them."""

    sha256: str
    mime: str
    alt: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What else a supporter's post carries. `fields` and `profile` are as the platform shows them.

    `at` backdates it. `twist` is the last to touch what is served of it among our mentions, and may return
    anything.
    """

    at: datetime | None = None
    language: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)
    profile: Mapping[str, Any] = field(default_factory=dict)
    twist: Callable[[dict[str, Any]], Any] = lambda served: served


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """One post that a platform stored. `key` is what names it for its author: header or record key."""

    platform: str
    id: str
    url: str
    text: str
    author: str
    ours: bool
    created_at: datetime
    language: str = ""
    warning: str = ""
    parent_id: str = ""
    key: str = ""
    seq: int = 0
    deleted: bool = False
    answer_lost: bool = False
    facets: tuple[Mapping[str, Any], ...] = ()
    media: tuple[Shown, ...] = ()
    said: Said = field(default_factory=Said)
    arrived_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Boosted:
    """One boost of a supporter's post by our account. `id` is what the platform calls the boost itself."""

    platform: str
    id: str
    post: str
    at: datetime
    undone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request, what was played on it, and what it was answered."""

    platform: str
    operation: str
    method: str
    path: str
    fault: str
    status: int | None
    at: datetime


@dataclass(slots=True)
class Record:
    """Everything that happened in the sandbox. May be used from any thread."""

    _posts: list[Accepted] = field(default_factory=list)
    _boosts: list[Boosted] = field(default_factory=list)
    requests: list[Asked] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)  # handlers that broke: tests want none
    changed: Condition = field(default_factory=Condition)
    version: int = 0  # goes up with every change of a post
    _places: dict[tuple[str, str], list[int]] = field(default_factory=dict)  # in _posts, by platform and id

    def accept(self, post: Accepted) -> Accepted:
        """Store a post."""
        with self.changed:
            stored = replace(post, seq=len(self._posts) + 1, arrived_at=post.created_at)
            self._places.setdefault((post.platform, post.id), []).append(len(self._posts))
            self._posts.append(stored)
            self.version += 1
            self.changed.notify_all()
            return stored

    def amend(self, platform: str, post_id: str, **changes: Any) -> None:
        """Note something about a stored post."""
        with self.changed:
            for place in self._places.get((platform, post_id), ()):
                self._posts[place] = replace(self._posts[place], **changes)
            self.version += 1
            self.changed.notify_all()

    def boost(self, boosted: Boosted) -> Boosted:
        """Store a boost by our account."""
        with self.changed:
            self._boosts.append(boosted)
            self.changed.notify_all()
            return boosted

    def unboost(self, platform: str, name: str) -> None:
        """Take back the boosts of a post, or the boost of this name."""
        with self.changed:
            self._boosts = [
                replace(one, undone=True) if one.platform == platform and name in {one.post, one.id} else one
                for one in self._boosts
            ]
            self.changed.notify_all()

    def boosts(self, platform: str | None = None, *, undone: bool = False) -> list[Boosted]:
        """Our account's boosts that still stand, in their order; with `undone`, all there ever were."""
        with self.changed:
            found = [one for one in self._boosts if platform in {None, one.platform}]
            return [one for one in found if undone or not one.undone]

    def ask(self, asked: Asked) -> None:
        """Store a request."""
        with self.changed:
            self.requests.append(asked)
            self.changed.notify_all()

    def posts(self, platform: str | None = None) -> list[Accepted]:
        """Our own account's posts that still stand, in the order they were stored."""
        return [post for post in self.everything(platform) if post.ours and not post.deleted]

    def everything(self, platform: str | None = None) -> list[Accepted]:
        """All posts, supporters' and deleted ones too."""
        with self.changed:
            return [post for post in self._posts if platform in {None, post.platform}]

    def find(self, platform: str, post_id: str) -> Accepted | None:
        """One post, None where it never was or was deleted."""
        with self.changed:
            found = (self._posts[place] for place in self._places.get((platform, post_id), ()))
            return next((post for post in found if not post.deleted), None)

    def asked(self, platform: str, operation: str) -> list[Asked]:
        """The requests of one kind."""
        with self.changed:
            return [one for one in self.requests if (one.platform, one.operation) == (platform, operation)]

    def wait_for(self, condition: Callable[[], bool], seconds: float = 10.0) -> bool:
        """Wait until something has happened; whether it has."""
        until = time.monotonic() + seconds
        with self.changed:
            while not condition():
                left = until - time.monotonic()
                if left <= 0:
                    return False
                self.changed.wait(left)
            return True

    def clear(self) -> None:
        """Forget everything."""
        with self.changed:
            self._posts.clear()
            self._places.clear()
            self.version += 1
            self._boosts.clear()
            self.requests.clear()
            self.errors.clear()
