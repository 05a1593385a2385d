"""The script of faults: what goes wrong, on which request, and whether the request was carried out first."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Event, Lock


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """The connection ends: after nothing, the headers or half the body of the answer; by FIN or by RST."""

    store: bool
    after: str = "nothing"  # nothing | headers | half
    reset: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay:
    """The answer comes late; with `after_store`, the request is carried out before the wait."""

    seconds: float
    after_store: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Another answer than the true one. A body may be longer or shorter than its Content-Length says."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    store: bool = False
    says_length: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Drip:
    """The true answer, a byte at a time."""

    seconds_per_byte: float


@dataclass(slots=True)
class Gate:
    """A place where a request is held until a test lets it go."""

    reached: Event = field(default_factory=Event)
    released: Event = field(default_factory=Event)

    def wait_reached(self, seconds: float = 10.0) -> bool:
        """Wait until a request stands at the gate; whether one does."""
        return self.reached.wait(seconds)

    def release(self) -> None:
        """Let it go."""
        self.released.set()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """The request waits at a gate: after it was carried out, or before."""

    gate: Gate
    store: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Twice:
    """The request arrives twice, as a network between us may repeat it; one of the answers comes back."""

    answer: str = "first"  # first | second


Action = Cut | Delay | Answer | Drip | Hold | Twice


@dataclass(slots=True, kw_only=True)
class Fault:
    """An action for one kind of request; it lets `skip` of them pass and is then played `times` times."""

    platform: str
    operation: str
    action: Action
    skip: int = 0
    times: int = 1


class Faults:
    """Faults in the order they were added."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: list[Fault] = []

    def add(self, *faults: Fault) -> None:
        """Put faults on the script."""
        with self._lock:
            self._waiting += faults

    def take(self, platform: str, operation: str) -> Action | None:
        """What to play on a request that has just come in."""
        with self._lock:
            for fault in self._waiting:
                if (fault.platform, fault.operation) != (platform, operation):
                    continue
                if fault.skip:
                    fault.skip -= 1
                    return None
                fault.times -= 1
                if fault.times <= 0:
                    self._waiting.remove(fault)
                return fault.action
        return None

    @property
    def unplayed(self) -> tuple[Fault, ...]:
        """What the script still holds."""
        with self._lock:
            return tuple(self._waiting)

    def clear(self) -> None:
        """Tear up the script."""
        with self._lock:
            self._waiting.clear()
