"""What the wire proved. The outcome of a request is decided by this, never by the exception a library raised.

The transport under each library (transports.py) writes down whether a byte may have left, and what came back
whole. From that alone verdict.py decides: published, certainly not, refused, or in doubt.
"""

import json
import logging
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from difflib import SequenceMatcher
from functools import partial, wraps
from threading import Lock
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from bot.platforms.deadline import Deadline
from bot.ports import Clock

log = logging.getLogger(__name__)

CONNECT = 10.0  # seconds until a connection to one address stands
READ = 30.0  # seconds between two pieces of an answer
SLEPT = 10.0  # seconds; a machine that slept longer between deciding to send and the first byte does not send
LARGEST_ANSWER = 2 << 20
TOO_LONG = "the answer was too long"
TOO_LATE = "the time for the request was over before anything was sent"
WORDS = 200  # characters of a server's own words that are passed on
SECRET_AT_LEAST, ECHO_AT_LEAST = 8, 24  # characters that make a repetition one, and no coincidence


class WireError(OSError):
    """The transport gave up: the deadline passed, or the machine slept before the first byte."""


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant on the two clocks whose difference is the machine's sleep."""

    boot: float
    monotonic: float


@dataclass(slots=True)
class Exchange:
    """What is known of one request and its answer."""

    method: str
    path: str
    left: bool = False  # a byte of the request may have left
    late: bool = False  # its deadline passed
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None  # None where it did not arrive whole
    trouble: str = ""
    unsaid: tuple[str, ...] = field(default=(), repr=False)  # credentials and texts: never in a message

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

    def quoted(self, words: str) -> str:
        """A server's words in one short line; none where they repeat what must not be said."""
        line = " ".join(words.split())[:WORDS]
        return "" if any(_repeats(line, " ".join(one.split())) for one in self.unsaid) else line


def _repeats(line: str, unsaid: str) -> bool:
    if len(unsaid) >= SECRET_AT_LEAST and unsaid in line:
        return True
    same = SequenceMatcher(None, line, unsaid, autojunk=False).find_longest_match()
    return same.size >= ECHO_AT_LEAST


class _Wired(Protocol):
    _wire: "Wire"


W = TypeVar("W", bound=_Wired)
P = ParamSpec("P")
T = TypeVar("T")


def within_deadline(method: Callable[Concatenate[W, P], T]) -> Callable[Concatenate[W, P], T]:
    """Let all requests of a platform's method end within the deadline of one."""

    @wraps(method)
    def timed(self: W, /, *args: P.args, **kwargs: P.kwargs) -> T:
        with self._wire.one_deadline():
            return method(self, *args, **kwargs)

    return timed


class Wire:
    """The requests of one account: what each proved, and a total deadline for every one of them.

    Library timeouts are per read, and a slow drip outlives them; so the socket is closed from outside. What
    takes several requests has one deadline for all: a lane is not held up longer because it asks more often.
    """

    def __init__(self, clock: Clock, deadline: timedelta) -> None:
        self.clock = clock
        self.deadline = deadline.total_seconds()
        self._exchanges: list[Exchange] = []
        self._current: Exchange | None = None
        self._begun = self.moment()
        self._ends = 0.0  # in boot time: when the time of the current request is over
        self._until: float | None = None  # monotonic, while several requests share a deadline
        self._secrets: tuple[str, ...] = ()
        self._text = ""
        self._sockets: list[socket.socket] = []
        self._lock = Lock()
        self._timer = Deadline()

    def keep_secret(self, *secrets: str) -> None:
        """Name the credentials: what repeats one of them is never passed on."""
        self._secrets = secrets

    def moment(self) -> Moment:
        """This instant."""
        return Moment(self.clock.boot(), self.clock.monotonic())

    @contextmanager
    def one_deadline(self) -> Iterator[None]:
        """Let all requests made inside end within the deadline of one."""
        self._until = self.clock.monotonic() + self.deadline
        try:
            yield
        finally:
            self._until = None

    @property
    def remaining(self) -> float:
        """Seconds that the next request may take."""
        return self.deadline if self._until is None else max(0.0, self._until - self.clock.monotonic())

    def ask(
        self,
        method: str,
        path: str,
        call: Callable[[], object],
        *,
        since: Moment | None = None,
        text: str = "",
        beside: tuple[str, ...] = (),
    ) -> Exchange:
        """Call a library for a request it makes; what came of that, `left` being false where it made none.

        Whatever the library raises about it is not believed: it raises the same for a post that was stored
        and for one that was not. `since` is when it was decided to send, `text` what a message must not
        repeat, `beside` the paths of other requests that the library makes on the way.
        """
        self._exchanges = []
        self._begun = since or self.moment()
        self._text = text
        try:
            call()
        except Exception as error:  # noqa: BLE001  # atproto raises bare ValueErrors, tweepy AttributeErrors ...
            log.debug("%s: the library raised %s", method, type(error).__name__)  # a path may name a person
        return self._asked(method, path, beside)

    def made(self, method: str, path: str) -> Exchange | None:
        """The last exchange of the latest call for this method and path, None where it made none."""
        # A base_url may end with a path of its own, and some libraries ask with a slash at the end.
        end = path.rstrip("/")
        same = (one for one in reversed(self._exchanges) if one.method == method)
        return next((one for one in same if one.path.rstrip("/").endswith(end)), None)

    def _asked(self, method: str, path: str, beside: tuple[str, ...]) -> Exchange:
        if made := self.made(method, path):
            return made
        others = [one for one in self._exchanges if not one.path.endswith(beside)]
        # A request of this kind that went to a path we do not know may have been the one.
        astray = any(one.left and one.method == method for one in others)
        return Exchange(method, path, left=astray, trouble=self._why_not())

    def _why_not(self) -> str:
        """Why a library did not make the request it was called for."""
        if not self._exchanges:
            return "no request was made"
        before = self._exchanges[-1]
        return before.trouble or f"what had to be asked before was answered {before.status}"

    # What the transports call, in this order.

    @contextmanager
    def exchange(self, method: str, path: str) -> Iterator[Exchange]:
        """One request, from before it connects until its answer is read."""
        current = self._current = Exchange(method, path, unsaid=(*self._secrets, self._text))
        self._exchanges.append(current)
        seconds = self.remaining
        self._ends = self.clock.boot() + seconds
        self._timer.set(seconds, partial(self._end, current))
        try:
            _must_have_time(seconds)
            yield current
        except Exception as error:
            current.trouble = self._trouble(current, error)
            raise
        finally:
            self._timer.clear()
            self._forget_sockets()

    def connected(self, connection: socket.socket) -> None:
        """Note the socket of the current request. Its twin can be shut down whatever wraps the original."""
        with self._lock:
            self._sockets.append(connection.dup())
            if self._current and self._current.late:
                self._shut()

    def leaving(self) -> None:
        """Note that the next thing to happen is a byte on the wire. Raises WireError where it must not be."""
        current = self._current
        if current is None or current.left:
            return
        now = self.moment()
        elapsed = now.boot - self._begun.boot
        slept = elapsed - (now.monotonic - self._begun.monotonic)
        if slept > SLEPT:
            raise WireError("the machine slept between deciding to send and sending")
        with self._lock:
            # A process that was stopped and goes on may get here before its timer does.
            if current.late or now.boot > self._ends:
                raise WireError(TOO_LATE)
            current.left = True

    def _end(self, current: Exchange) -> None:
        with self._lock:
            current.late = True
            if current is self._current:
                self._shut()

    def _shut(self) -> None:
        for twin in self._sockets:
            try:
                twin.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # the other side was faster

    def _forget_sockets(self) -> None:
        with self._lock:
            self._current = None
            while self._sockets:
                self._sockets.pop().close()

    def _trouble(self, current: Exchange, error: Exception) -> str:
        if current.late:
            return f"no whole answer within {self.deadline:.0f} s"
        ours = (str(one) for one in _causes(error) if isinstance(one, WireError))
        return next(ours, None) or _plain_trouble(error)


def _must_have_time(seconds: float) -> None:
    if seconds <= 0:
        raise WireError(TOO_LATE)


def _plain_trouble(error: BaseException) -> str:
    """What went wrong on the wire, in words; the text of a library's error may hold an address or more."""
    names = {type(one).__name__ for one in _causes(error)}
    for sign, words in (
        ("NameResolutionError", "its name is not known"),
        ("gaierror", "its name is not known"),
        ("ConnectTimeout", "nobody answered the door"),
        ("ConnectTimeoutError", "nobody answered the door"),
        ("ConnectionRefusedError", "the connection was refused"),
        ("SSLCertVerificationError", "its certificate is not valid"),
        ("SSLError", "no secure connection could be made"),
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
