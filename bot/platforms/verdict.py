"""What an exchange on the wire means: a receipt, or one of the three errors."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from bot.domain.delivery import WAIT_LONGEST, WAIT_SHORTEST, Receipt
from bot.domain.errors import Concern, InDoubtError, RefusedError, TryLaterError
from bot.domain.lengths import PlatformName
from bot.platforms.wire import Exchange

OK, REDIRECT = range(200, 300), range(300, 400)
BAD_REQUEST, SHUT_OUT, NO_CREDIT, FORBIDDEN, NOT_FOUND, GONE = 400, 401, 402, 403, 404, 410
SLOW_DOWN = 429
REFUSED = frozenset({BAD_REQUEST, FORBIDDEN, NOT_FOUND, 413, 415, 422})

Answer = Mapping[str, Any]
"""The JSON object of an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How one platform's answers are read."""

    platform: PlatformName
    words: Callable[[Answer], str]  # what the server says in an error
    shuts_out: Callable[[int, Answer], bool]  # of a 400 or 403: it is about the account, not about the post
    may_be_there: Callable[[Answer], bool]  # a refusal that may mean "already published"
    resets: tuple[tuple[str, str], ...]  # headers: until when to wait, and how much was left before


def verdict(
    exchange: Exchange, rules: Rules, receipt: Callable[[Any], Receipt | None], now: datetime
) -> Receipt:
    """The receipt of a published part. Raises one of the three errors for everything else."""
    name = rules.platform.shown
    if not exchange.left:
        raise TryLaterError(f"{name} could not be reached: {exchange.trouble or 'nothing was sent'}")
    answer = exchange.json()
    if exchange.status in OK and exchange.body is not None:
        found = receipt(answer)
        if found is None:
            raise InDoubtError(f"{name} answered {exchange.status}, but not with the post it made")
        return found
    raise_if_not_sent(exchange, answer, rules, now)
    raise InDoubtError(f"{name} did not answer clearly: {unclear(exchange)}")


def answer_of(exchange: Exchange, rules: Rules, now: datetime) -> Any:
    """The JSON that a reading request brought. TryLaterError where it brought none."""
    name = rules.platform.shown
    answer = exchange.json()
    if exchange.status in OK and exchange.body is not None:
        if isinstance(answer, dict | list):
            return answer
        raise TryLaterError(f"{name} gave an answer that cannot be read; is `base_url` right?")
    if exchange.status is None:
        raise TryLaterError(f"{name} could not be reached: {exchange.trouble or 'nothing was sent'}")
    try:
        raise_if_not_sent(exchange, answer, rules, now)
    except (RefusedError, InDoubtError) as error:
        raise TryLaterError(
            f"{name} does not answer the question ({words_of(exchange, answer, rules)})"
        ) from error
    raise TryLaterError(f"{name} did not answer: {unclear(exchange)}")


def raise_if_not_sent(exchange: Exchange, answer: Any, rules: Rules, now: datetime) -> None:
    """Raise what a clear refusal means. An answer that is not the platform's own JSON proves nothing."""
    if not isinstance(answer, dict) or exchange.status is None or exchange.status in OK:
        return
    name, status = rules.platform.shown, exchange.status
    said = words_of(exchange, answer, rules)
    if rules.may_be_there(answer):
        raise InDoubtError(f"{name} says that it has this post already ({said})")
    if _is_about_the_account(status, answer, rules):
        words = f"{name} does not let this account publish ({said})"
        raise TryLaterError(words, concern=Concern.ACCOUNT_BLOCKED)
    if status == SLOW_DOWN:
        wait = wait_of(exchange, rules, now)
        raise TryLaterError(f"{name} asks us to slow down ({said})", wait=wait, concern=Concern.ACCOUNT_BUSY)
    if status in REFUSED:
        raise RefusedError(f"{name} refuses this post ({said})")


def _is_about_the_account(status: int, answer: Answer, rules: Rules) -> bool:
    if status in {SHUT_OUT, NO_CREDIT}:
        return True
    return status in {BAD_REQUEST, FORBIDDEN} and rules.shuts_out(status, answer)


def words_of(exchange: Exchange, answer: Any, rules: Rules) -> str:
    """A refusal in a server's own words."""
    return f"{exchange.status}: {exchange.quoted(rules.words(answer))}".rstrip(": ")


def unclear(exchange: Exchange) -> str:
    """Why an answer proves nothing."""
    if exchange.status in REDIRECT:
        return f"it sent us elsewhere ({exchange.status}); is `base_url` right?"
    if exchange.body is None:
        return exchange.trouble or "the connection was cut"
    return f"it answered {exchange.status}"


def wait_of(exchange: Exchange, rules: Rules, now: datetime) -> timedelta | None:
    """How long the answer asks us to wait; None where it does not say, or says something odd."""
    there = _time_there(exchange) or now
    waits = (
        _wait(exchange.header(reset), there)
        for reset, remaining in rules.resets
        if _used_up(exchange.header(remaining))
    )
    believed = (wait for wait in waits if wait is not None and WAIT_SHORTEST <= wait <= WAIT_LONGEST)
    return max(believed, default=None)


def _used_up(remaining: str) -> bool:
    """Whether a limit is used up, which is also believed where the answer does not say."""
    return not (remaining.isascii() and remaining.isdigit() and remaining.strip("0"))


def _wait(text: str, now: datetime) -> timedelta | None:
    """A reset as it comes: seconds from now, seconds since 1970, or a date."""
    try:
        if text.isascii() and text.isdigit():
            number = int(text)
            longest = int(WAIT_LONGEST.total_seconds())
            return (
                timedelta(seconds=number) if number <= longest else datetime.fromtimestamp(number, UTC) - now
            )
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)) - now
    except (ValueError, OverflowError, OSError):
        return None


def clock_ahead(exchange: Exchange, now: datetime) -> timedelta | None:
    """Our clock minus the server's, None where it does not show one."""
    there = _time_there(exchange)
    return now - there if there else None


def _time_there(exchange: Exchange) -> datetime | None:
    try:
        at = parsedate_to_datetime(exchange.header("date"))
    except (ValueError, TypeError):
        return None
    return at if at.tzinfo else None
