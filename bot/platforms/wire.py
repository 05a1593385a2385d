"""What the wire proved. The outcome of a request is decided here, never by the exception a library raised.

The transport under each library (transports.py) writes down whether a byte may have left, and what came back
whole. From that alone `verdict` decides: published, certainly not, refused, or in doubt.
"""

import json
import logging
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from threading import Lock, Timer
from typing import Any

from bot.domain.delivery import WAIT_LONGEST, WAIT_SHORTEST, Receipt
from bot.domain.errors import BotError, Concern, InDoubtError, RefusedError, TryLaterError
from bot.domain.lengths import PlatformName
from bot.ports import Clock

log = logging.getLogger(__name__)

CONNECT = 10.0  # seconds until a connection stands
READ = 30.0  # seconds between two pieces of an answer
FRESH = 10.0  # seconds of boot time between deciding to send and the first byte: a machine may have slept
LARGEST_ANSWER = 2 << 20
WORDS = 200  # characters of a server's own words that are passed on

OK, REDIRECT = range(200, 300), range(300, 400)
NO_CREDIT, FORBIDDEN, SLOW_DOWN = 402, 403, 429
SHUT_OUT = frozenset({401, NO_CREDIT})
REFUSED = frozenset({400, 404, 410, 413, 415, 422})


class WireError(OSError):
    """The transport gave up: the deadline passed, or the machine slept before the first byte."""


@dataclass(slots=True)
class Exchange:
    """What is known of one request and its answer."""

    method: str
    path: str
    left: bool = False  # a byte of the request may have left
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None  # None where it did not arrive whole
    trouble: str = ""

    def json(self) -> Any:
        """The answer's JSON, None where there is none that can be read."""
        if self.body is None:
            return None
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    def header(self, name: str) -> str:
        """A header of the answer, empty where it has none of that name."""
        return self.headers.get(name.lower(), "")


class Wire:
    """The requests of one account: what each proved, and a total deadline for every one of them.

    Library timeouts are per read, and a slow drip outlives them; so the socket is closed from outside.
    """

    def __init__(self, clock: Clock, deadline: timedelta) -> None:
        self.clock = clock
        self.deadline = deadline.total_seconds()
        self._exchanges: list[Exchange] = []
        self._current: Exchange | None = None
        self._began = clock.boot()
        self._sockets: list[socket.socket] = []
        self._late = False
        self._lock = Lock()

    def ask(self, method: str, path: str, call: Callable[[], object]) -> Exchange | None:
        """Call a library for a request it makes; what came of that request, None where it made none.

        Whatever the library raises about it is not believed: it raises the same for a post that was stored
        and for one that was not.
        """
        self._exchanges = []
        self._began = self.clock.boot()
        try:
            call()
        except BotError:
            raise
        except Exception as error:  # noqa: BLE001  # atproto raises bare ValueErrors, tweepy AttributeErrors ...
            log.debug("%s %s: the library raised %s", method, path, type(error).__name__)
        return self.last(method, path)

    def last(self, method: str, path: str) -> Exchange | None:
        """The last exchange of the latest call for this method and path."""
        wanted = (method, path.rstrip("/"))  # some libraries ask with a slash at the end
        found = (one for one in reversed(self._exchanges) if (one.method, one.path.rstrip("/")) == wanted)
        return next(found, None)

    # What the transports call, in this order.

    @contextmanager
    def exchange(self, method: str, path: str) -> Iterator[Exchange]:
        """One request, from before it connects until its answer is read."""
        current = self._current = Exchange(method, path)
        self._exchanges.append(current)
        self._late = False
        timer = Timer(self.deadline, self._close_sockets)
        timer.daemon = True
        timer.start()
        try:
            yield current
        except Exception as error:
            current.trouble = self._trouble(error)
            raise
        finally:
            timer.cancel()
            self._forget_sockets()
            self._current = None

    def connected(self, connection: socket.socket) -> None:
        """Note the socket of the current request. Its twin can be shut down whatever wraps the original."""
        with self._lock:
            self._sockets.append(connection.dup())
            if self._late:
                self._shut()

    def leaving(self) -> None:
        """Note that the next thing to happen is a byte on the wire. Raises WireError where it must not be."""
        if self._late:
            raise WireError("the time for the request was over before anything was sent")
        if self._current and not self._current.left:
            # What had to be asked before, such as a new session, had a deadline of its own.
            allowed = FRESH + self.deadline * (len(self._exchanges) - 1)
            if self.clock.boot() - self._began > allowed:
                raise WireError("the machine slept between deciding to send and sending")
            self._current.left = True

    def _close_sockets(self) -> None:
        with self._lock:
            self._late = True
            self._shut()

    def _shut(self) -> None:
        for twin in self._sockets:
            try:
                twin.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # the other side was faster

    def _forget_sockets(self) -> None:
        with self._lock:
            while self._sockets:
                self._sockets.pop().close()

    def _trouble(self, error: Exception) -> str:
        if self._late:
            return f"no whole answer within {self.deadline:.0f} s"
        ours = (str(one) for one in _causes(error) if isinstance(one, WireError))
        return next(ours, None) or _plain_trouble(error)


def _plain_trouble(error: BaseException) -> str:
    """What went wrong on the wire, in words; the text of a library's error may hold an address or more."""
    names = {type(one).__name__ for one in _causes(error)}
    for sign, words in (
        ("NameResolutionError", "its name is not known"),
        ("gaierror", "its name is not known"),
        ("ConnectTimeout", "nobody answered the door"),
        ("ConnectTimeoutError", "nobody answered the door"),
        ("ConnectionRefusedError", "the connection was refused"),
        ("SSLError", "no secure connection could be made"),
        ("SSLCertVerificationError", "its certificate is not valid"),
        ("ReadTimeout", "no answer came"),
        ("ReadTimeoutError", "no answer came"),
        ("ConnectError", "no connection could be made"),
        ("NewConnectionError", "no connection could be made"),
    ):
        if sign in names:
            return words
    return "the connection was cut"


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        one = waiting.pop()
        if isinstance(one, BaseException) and id(one) not in seen:
            seen.add(id(one))
            yield one
            waiting += [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How one platform's answers are read. Each gets the answer's JSON object."""

    platform: PlatformName
    words: Callable[[Mapping[str, Any]], str]  # what the server says in an error
    account_is_shut_out: Callable[[Mapping[str, Any]], bool]  # of a 403
    may_be_there: Callable[[Mapping[str, Any]], bool]  # a refusal that may mean "already published"
    resets: tuple[str, ...]  # headers that say until when to wait


def verdict(
    exchange: Exchange | None, rules: Rules, receipt: Callable[[Any], Receipt | None], now: datetime
) -> Receipt:
    """The receipt of a published part. Raises one of the three errors for everything else."""
    name = rules.platform.shown
    if exchange is None or not exchange.left:
        why = exchange.trouble if exchange else "no request was made"
        raise TryLaterError(f"{name} could not be reached: {why or 'nothing was sent'}")
    answer = exchange.json()
    if exchange.status in OK:
        found = receipt(answer)
        if found is None:
            raise InDoubtError(f"{name} answered {exchange.status}, but not with the post it made")
        return found
    _raise_if_not_sent(exchange, answer, rules, now)
    raise InDoubtError(f"{name} did not answer clearly: {_unclear(exchange)}")


def _raise_if_not_sent(exchange: Exchange, answer: Any, rules: Rules, now: datetime) -> None:
    """Raise what a clear refusal means. An answer that is not the platform's own JSON proves nothing."""
    if not isinstance(answer, dict) or exchange.status is None:
        return
    name, status = rules.platform.shown, exchange.status
    said = f"{status}: {rules.words(answer)[:WORDS]}".rstrip(": ")
    if status not in OK and rules.may_be_there(answer):
        raise InDoubtError(f"{name} says that it has this post already ({said})")
    if status in SHUT_OUT or (status == FORBIDDEN and rules.account_is_shut_out(answer)):
        raise TryLaterError(
            f"{name} does not let this account publish ({said})", concern=Concern.ACCOUNT_BLOCKED
        )
    if status == SLOW_DOWN:
        wait = wait_of(exchange, rules, now)
        raise TryLaterError(f"{name} asks us to slow down ({said})", wait=wait, concern=Concern.ACCOUNT_BUSY)
    if status in REFUSED or status == FORBIDDEN:
        raise RefusedError(f"{name} refuses this post ({said})")


def _unclear(exchange: Exchange) -> str:
    if exchange.status is None:
        return exchange.trouble or "the connection was cut"
    if exchange.status in REDIRECT:
        return f"it sent us elsewhere ({exchange.status}); is `base_url` right?"
    if exchange.body is None:
        return f"its answer ({exchange.status}) did not arrive whole"
    return f"it answered {exchange.status}"


def answer_of(exchange: Exchange | None, rules: Rules, now: datetime) -> Any:
    """The JSON that a reading request brought. TryLaterError where it brought none."""
    name = rules.platform.shown
    if exchange is not None and exchange.status in OK:
        answer = exchange.json()
        if isinstance(answer, dict | list):
            return answer
        raise TryLaterError(f"{name} gave an answer that cannot be read; is `base_url` right?")
    if exchange is None or exchange.status is None:
        why = exchange.trouble if exchange else "no request was made"
        raise TryLaterError(f"{name} could not be reached: {why}")
    try:
        _raise_if_not_sent(exchange, exchange.json(), rules, now)
    except RefusedError as error:
        raise TryLaterError(f"{name} does not answer the question ({error})") from error
    raise TryLaterError(f"{name} did not answer: {_unclear(exchange)}")


def wait_of(exchange: Exchange, rules: Rules, now: datetime) -> timedelta | None:
    """How long the answer asks us to wait; None where it does not say, or says something odd."""
    for header in rules.resets:
        wait = _wait(exchange.header(header), now)
        if wait is not None and WAIT_SHORTEST <= wait <= WAIT_LONGEST:
            return wait
    return None


def _wait(text: str, now: datetime) -> timedelta | None:
    """A reset as it comes: seconds from now, seconds since 1970, or a date."""
    try:
        if text.isascii() and text.isdigit():
            number = int(text)
            longest = int(WAIT_LONGEST.total_seconds())
            return timedelta(seconds=number) if number <= longest else _at(number) - now
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)) - now
    except (ValueError, OverflowError, OSError):
        return None


def _at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def clock_ahead(exchange: Exchange | None, now: datetime) -> timedelta | None:
    """Our clock minus the server's, None where it does not show one."""
    try:
        return now - parsedate_to_datetime(exchange.header("date")) if exchange else None
    except (ValueError, TypeError):
        return None
