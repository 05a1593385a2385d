"""What Bluesky says: its errors, and what stands in a profile."""

from collections.abc import Mapping
from typing import Any

from bot.domain.lengths import PlatformName
from bot.platforms.verdict import Rules

NO_RECORD = "RecordNotFound"
# By name: what the server says in words may hold anything, our own handle included.
SHUT_OUT = frozenset(
    {
        "AccountTakedown", "AccountSuspended", "AccountDeactivated", "AccountInactive", "AccountNotFound",
        "RepoTakendown", "RepoSuspended", "RepoDeactivated", "RepoNotFound",
        "ExpiredToken", "InvalidToken", "AuthMissing", "AuthenticationRequired",
    }
)  # fmt: skip
MORE_THAN_NEEDED = {
    "com.atproto.access": "everything: this is the account's own password, not an app password",
    "com.atproto.appPassPrivileged": "direct messages",
}


def error_in(answer: Any) -> str:
    """The name of an error, empty where there is none."""
    return str(answer.get("error", "")) if isinstance(answer, dict) else ""


RULES = Rules(
    platform=PlatformName.BLUESKY,
    words=lambda answer: str(answer.get("message") or answer.get("error") or ""),
    shuts_out=lambda _, answer: error_in(answer) in SHUT_OUT,
    may_be_there=lambda answer: error_in(answer) == "InvalidSwap",
    resets=(("retry-after", ""), ("ratelimit-reset", "ratelimit-remaining")),
)


def needless(scope: str) -> tuple[str, ...]:
    """What a token may do and we do not need."""
    return (MORE_THAN_NEEDED[scope],) if scope in MORE_THAN_NEEDED else ()


def is_labelled(profile: Any) -> bool:
    """Whether a profile carries the label of a bot."""
    labels: Any = profile.get("labels") if isinstance(profile, Mapping) else None
    values = labels.get("values") if isinstance(labels, Mapping) else None
    return any(isinstance(one, Mapping) and one.get("val") == "bot" for one in values or ())
